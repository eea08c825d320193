"""What people get wrong when they record their own loop is named: the argument, what was got, and what to do."""

from __future__ import annotations

import resource

import pytest
import torch
from loops import SMALL, conditional, mlp, plane, seeded, simple
from torch import nn

import gandyn
from gandyn.core.errors import RecordingError, UsageError
from gandyn.recording.store.journal import append


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def images(count=64):
    return torch.rand(count, 1, 8, 8)


def latent(n):
    return torch.randn(n, 4)


def holed():
    data = plane()
    data[5, 1] = float("nan")
    return data


class Named(torch.utils.data.Dataset):
    def __len__(self):
        return 100

    def __getitem__(self, index):
        return {"path": f"{index}.png"}


class Loader:
    dataset = plane()

    def __iter__(self):
        return iter(())


WRONG = {
    "data of NaN": ({"data": holed()}, "data: some real samples are not finite"),
    "too few data": ({"data": plane(20)}, "data: 20 real samples are too few"),
    "constant data": ({"data": torch.ones(100, 2)}, "data: all real samples are the same number, 1"),
    "data of names": ({"data": Named()}, "data: its items hold no samples"),
    "a loader": ({"data": Loader()}, "not Loader: give loader.dataset"),
    "no data": ({"data": 7}, "not int"),
    "ragged data": ({"data": [torch.zeros(2), torch.zeros(3)] * 20}, "of one shape"),
    "classes that lack": ({"conditional": True}, r"data=\(samples, classes\)"),
    "pairs that lack": ({"latent": None}, r"data: without latent, data are pairs \(inputs, targets\)"),
    "too few inputs": ({"latent": None, "data": (plane(), plane(100))}, "100 samples have 200 inputs"),
    "too few classes": ({"data": (plane(), torch.zeros(7))}, "200 samples have 7 classes"),
    "classes of NaN": ({"data": (holed(), holed())}, "data: some real samples are not finite"),
    "conditions of NaN": ({"data": (plane(), holed())}, "data: some classes are not finite"),
    "latents too few": ({"latent": lambda n: torch.randn(n - 1, 4)}, r"latent\(256\) must .* 256 samples"),
    "latents of names": ({"latent": lambda n: "abc"}, r"latent\(256\) must return a tensor.*not str"),
    "no function": ({"latent": torch.randn(5, 4)}, "latent: a function"),
    "latents too narrow": ({"latent": lambda n: torch.randn(n, 3)}, r"generator: it failed .* shape \(256, 3\)"),
    "samples too wide": ({"G": mlp(4, 3)}, r"generator: it returns shape \(256, 3\), not \(256, 2\)"),
    "inputs too few": ({"G": lambda z, label: z}, r"generator: it takes 2 inputs, and latent\(n\) returns 1"),
    "no samples": ({"G": lambda z: {"mean": z, "of": 7}}, r"generator: it returns shape \(256, 4\), not \(256, 2\)"),
    "nothing": ({"G": lambda z: None}, "generator: it returns NoneType, not"),
    "no models": ({"D": "critic"}, "discriminator: a module or a function, not str"),
    "no such part": ({"condition": 3, "data": (plane(), torch.arange(200) % 3)}, "condition=3: latent returns 1 parts"),
    "no such key": ({"condition": "y", "data": (plane(), plane())}, "condition='y': latent returns 1 parts"),
    "a condition that fits none": (
        {"condition": lambda z: z.sum(), "data": (plane(), plane())}, "condition: it must return a tensor of 256 rows",
    ),
    "conditions of another shape": (
        {"condition": 0, "data": (plane(), plane())}, r"conditions of shape \(256, 4\), .* of shape \(200, 2\)",
    ),
    "no such name": ({"look_at": "b", "G": {"a": mlp(4, 2)}}, "look_at: there is no generator 'b'; there are a"),
    "one name too many": ({"look_at": "ab"}, "look_at='ab': there is but one generator"),
    "no models of any name": ({"D": {}}, "discriminator: there is none in the mapping"),
    "weights that lack": ({"D": nn.LazyLinear(1)}, "call the model once before"),
    "no probabilities": ({"response": "probability"}, r"response='probability', but .* from -.* say 'logit'"),
    "hidden probabilities": (
        {"D": mlp(2, 1, last=[nn.Sigmoid()]), "response": "logit"}, "ends in a sigmoid: say response='probability'",
    ),
    "no such response": ({"response": "sigmoid"}, "'logit', 'probability', .* not 'sigmoid'"),
    "another response": ({"response": "probability", "objective": "wasserstein"}, "wasserstein objective .* critic"),
    "no such objective": ({"objective": "vanilla"}, "vanilla"),
    "never": ({"every": 0}, r"record\(every=0\): .*greater than"),
    "often": ({"every": "often"}, r"record\(every='often'\): .*a whole number .* or auto, got 'often'"),
    "few points": ({"points": 8}, r"record\(points=8\): .*16"),
    "few cells": ({"cells": 2}, r"record\(cells=2\)"),
    "many cells": ({"cells": 4096}, r"record\(cells=4096\): at most 1024"),
    "directions that lack": ({"view": gandyn.PCA(3)}, r"PCA\(3\): samples of 2 coordinates"),
    "a view of theirs": ({"view": "pca"}, "view: a view of gandyn's, such as gandyn.PCA"),
    "another image": ({"image_shape": (1, 8, 9)}, r"image_shape \(1, 8, 9\)"),
    "channels last": ({"image_shape": (8, 8, 1)}, "image_shape: .channel, height, width. with one channel or three"),
    "statistics of all": ({"G": nn.SyncBatchNorm(2), "evaluation": False}, "SyncBatchNorm"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "message"), WRONG.values(), ids=WRONG)
def test_the_message_says_what_is_wrong_and_nothing_is_written(changed, message, tmp_path):
    game = seeded(simple)
    given = {
        "G": game.G,
        "D": game.D,
        "data": game.data,
        "latent": latent,
        "out": tmp_path / "mine",
        **SMALL,
        **changed,
    }
    numbers = torch.get_rng_state()
    with pytest.raises(UsageError, match=message), gandyn.record(given.pop("G"), given.pop("D"), **given):
        pass
    assert list(tmp_path.iterdir()) == []
    assert torch.equal(torch.get_rng_state(), numbers)


def test_classes_that_the_data_lack(tmp_path):
    game = conditional()
    options = {"data": game.data, "out": tmp_path / "mine", **SMALL, **game.options}
    for wrong, message in (
        (latent, r"must return \(z, classes\)"),
        (lambda n: (latent(n), torch.full((n,), 3)), "classes 3 to 3; the data's are 0 to 2"),
        (lambda n: (latent(n), torch.eye(5)[torch.arange(n) % 3]), r"shape \(256, 5\): .* shape \(256, 3\)"),
    ):
        with pytest.raises(UsageError, match=message), gandyn.record(game.G, game.D, latent=wrong, **options):
            pass


TAKEN = [
    "js",
    "JS",
    "samples",
    "step",
    "seed",
    "x",
    "side",
    "row",
    "generated",
    "precision",
    "diverged_step",
    "Generator_Loss",
]
IMPOSSIBLE = ["loss/G", "two words", "", "1st", "_hidden", "__private", "a" * 200, "a.b", "..", "zarr.json"]


@pytest.mark.parametrize("name", TAKEN + IMPOSSIBLE, ids=lambda name: name[:12] or "none")
def test_names_that_are_taken_or_impossible_are_refused(name, tmp_path):
    game = seeded(simple)
    with gandyn.record(
        game.G, game.D, data=game.data, latent=latent, every=1, out=tmp_path / "mine", **SMALL
    ) as recorder:
        with pytest.raises(UsageError, match="is taken" if name in TAKEN else "letters, digits and _"):
            recorder.step(**{name: 1.0})
        recorder.step(fid=1.0)
        with pytest.raises(UsageError, match="taken"):
            recorder.note(FID=1.0)
    assert recorder.recording.dataset.js.dims == ("seed", "step")
    assert recorder.recording.steps().tolist() == [0, 1]


def test_it_is_opened_once_and_told_of_steps_while_it_is_open(tmp_path):
    game = seeded(simple)
    recorder = gandyn.record(game.G, game.D, data=game.data, latent=latent, out=tmp_path / "mine", **SMALL)
    with pytest.raises(RecordingError, match=r"with gandyn\.record"):
        recorder.step()
    with recorder:
        recorder.step()
        with pytest.raises(RecordingError, match="used once"), recorder:
            pass
    with pytest.raises(RecordingError, match=r"with gandyn\.record"):
        recorder.step()
    with pytest.raises(RecordingError, match="used once"), recorder:
        pass


def test_folders_are_left_alone(tmp_path):
    game = seeded(simple)

    def start(folder, **more):
        with gandyn.record(game.G, game.D, data=game.data, latent=latent, out=folder, **SMALL, **more) as recorder:
            recorder.step(mine=1.0)
        return recorder

    start(tmp_path / "mine")
    with pytest.raises(RecordingError, match="force=True replaces it"):
        start(tmp_path / "mine")
    assert "mine" in start(tmp_path / "mine", force=True).recording.dataset
    begun = (tmp_path / "mine" / "journal.jsonl").read_bytes()
    for harmed in (b'{"format": 1}\n', b"\0" + begun):
        (tmp_path / "mine" / "journal.jsonl").write_bytes(harmed)
        with pytest.raises(RecordingError, match="force=True replaces it"):
            start(tmp_path / "mine")
    for nowhere in ("/", "no\0name"):
        with pytest.raises(RecordingError, match="cannot be written: not a place"):
            start(nowhere)
    strange = tmp_path / "other"
    strange.mkdir()
    (strange / "thesis.tex").write_text("precious")
    for force in (False, True):
        with pytest.raises(RecordingError, match=r"thesis\.tex"):
            start(strange, force=force)
    with pytest.raises(RecordingError, match="is a file"):
        start(strange / "thesis.tex")
    with pytest.raises(RecordingError, match="cannot be written"):
        start(strange / "thesis.tex" / "deeper")
    assert (strange / "thesis.tex").read_text() == "precious"
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_two_recorders_in_one_folder_at_once_are_refused_and_spoil_nothing(tmp_path):
    game = seeded(simple)

    def recorder():
        return gandyn.record(
            game.G, game.D, data=game.data, latent=latent, out=tmp_path / "mine", every=1, force=True, **SMALL
        )

    with recorder() as first:
        first.step(mine=1.0)
        with (
            pytest.raises(RecordingError, match="being written by this process: close that recorder first"),
            recorder(),
        ):
            pass
        first.step(mine=2.0)
    assert first.recording.dataset["mine"][0, 1:].values.tolist() == [1.0, 2.0]
    with recorder() as second:  # after the first one was closed, and after an error
        second.step()
    with pytest.raises(ZeroDivisionError), recorder():
        raise ZeroDivisionError
    with recorder() as last:
        last.step()
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("noted", [{}, {"late": 1.0}])
def test_a_disk_that_fills_up_meanwhile_is_told_of_and_keeps_what_was_committed(noted, tmp_path):
    game, before = seeded(simple), resource.getrlimit(resource.RLIMIT_FSIZE)

    def train():
        with gandyn.record(game.G, game.D, data=game.data, latent=latent, out=tmp_path / "mine", **SMALL) as recorder:
            recorder.step()
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
            recorder.step(**noted)

    try:
        with pytest.raises(
            RecordingError, match=r"mine cannot be written any more: it would be larger than a file may be"
        ):
            train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert gandyn.open_recording(tmp_path / "mine").steps().tolist() == [0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_a_recording_without_a_record_is_no_loss(tmp_path):
    game = seeded(simple)
    begun = tmp_path / "mine"
    begun.mkdir()
    head = {"format": 2, "groups": [[0, 1]], "every": 1, "steps": 0, "scenario": False, "variables": []}
    append(begun, "begin", **head, attributes="0" * 8, arrays={})
    with gandyn.record(game.G, game.D, data=game.data, latent=latent, out=begun, **SMALL) as recorder:
        recorder.step()
    assert recorder.recording.steps().tolist() == [0, 1]
