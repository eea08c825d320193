"""What somebody's models take and return is found out: which part is looked at, and what a discriminator is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from loops import SMALL, mlp, seeded, simple
from torch import nn
from torch.nn import functional
from typer.testing import CliRunner

import gandyn
from gandyn.cli import app
from gandyn.core.errors import RecordingError
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.marks.marks import Text
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import THEMES

pytestmark = pytest.mark.filterwarnings("ignore:gandyn.record")


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def latent(n):
    return torch.randn(n, 4)


def looked_at(folder, **given):
    """Return the recording of two models that stay as they are."""
    game = seeded(simple)
    given = {"generator": game.G, "discriminator": game.D, "data": game.data, "latent": latent, **SMALL, **given}
    with gandyn.record(out=folder, every=1, **given) as recorder:
        recorder.step()
    return recorder.recording


ANSWERS = {
    "a row": lambda x: x[:, 0],
    "a column": lambda x: x[:, :1],
    "squeezed": lambda x: x[:, :1].squeeze(),
    "the second of two": lambda x: (x.repeat(1, 3), x[:, :1]),
    "by name": lambda x: {"features": x.repeat(1, 3), "none": None, "validity": x[:, 0]},
    "deep in it": lambda x: [{"heads": (x[:, 0], x.repeat(1, 3))}],
    "patches": lambda x: x[:, :1, None, None].expand(-1, 1, 3, 2),
    "several": lambda x: x[:, :1].repeat(1, 5),
    "all patches in a row": lambda x: x[:, :1].repeat(1, 6).reshape(-1),
    "the mean of a batch": lambda x: x[:, 0].mean(),
    "the mean of a batch, of one": lambda x: x[:, 0].mean(0).view(1),
}


def test_in_whatever_form_it_answers_the_response_is_the_same(tmp_path):
    found = {}
    for number, (name, answer) in enumerate(ANSWERS.items()):
        recording = looked_at(tmp_path / str(number), discriminator=answer, response="logit")
        found[name] = (recording.scalars("real_response"), recording.field("discriminator", 0, 1))
    for name, (mean, field) in found.items():
        np.testing.assert_allclose(mean, found["a row"][0], rtol=1e-6, err_msg=name)
        np.testing.assert_allclose(field, found["a row"][1], rtol=1e-6, err_msg=name)


def test_which_part_was_taken_is_said_once_and_recorded(tmp_path):
    with pytest.warns(
        UserWarning, match=r"generator returns, \['image'\] is .*discriminator returns, \[1\] is"
    ) as told:
        recording = looked_at(
            tmp_path,
            generator=lambda z: {"latent": z, "image": z[:, :2]},
            discriminator=lambda x: (x.repeat(1, 3), x.sum(1)),
        )
    assert len(told) == 1
    assert told[0].filename == __file__
    about = recording.contents.attrs
    assert (about["generator_part"], about["discriminator_part"]) == ("['image']", "[1]")
    assert " ".join(about["notes"]) in str(told[0].message).replace(";", "")


def test_what_an_autoencoder_rebuilds_well_stands_high(tmp_path):
    recording = looked_at(tmp_path, discriminator=lambda x: x * 0.5)
    response = recording.dataset["discriminator"]
    assert response.attrs["kind"] == "critic"
    assert "error" in response.attrs["long_name"]
    x, y = np.meshgrid(recording.dataset.x, recording.dataset.y, indexing="ij")
    np.testing.assert_allclose(response[0, 0], -0.25 * (abs(x) + abs(y)), atol=1e-5)


def kept(relation):
    """Return a discriminator that is sure where what it is told stands in a relation to the sample, and only there."""

    def judge(x, told):
        return relation(x, told).reshape(len(x), -1).all(1, keepdim=True).float()

    return judge


def quarter(x):
    return 2 * (x[:, 0] > 0).long() + (x[:, 1] > 0).long()


def of_class(labels):
    """Return points in the quarter of the plane that is a class's."""
    return torch.stack([(labels // 2) * 2 - 1, (labels % 2) * 2 - 1], 1) * (torch.rand(len(labels), 2) + 0.1)


POINTS = torch.randn(200, 2, generator=torch.Generator().manual_seed(1))


def one_hot(labels):
    return functional.one_hot(labels, 4).float()


def drawn(n):
    return torch.randint(4, (n,))


def seeing(n):
    return torch.randn(n, 3)


CONDITIONS = {
    "classes": {
        "data": (POINTS, quarter(POINTS)), "latent": lambda n: (latent(n), drawn(n)),
        "generator": lambda z, c: of_class(c), "discriminator": kept(lambda x, c: quarter(x) == c),
    },
    "one-hot, by key": {
        "data": {"x": POINTS, "y": quarter(POINTS)}, "latent": lambda n: {"c": one_hot(drawn(n)), "z": latent(n)},
        "generator": lambda z, c: of_class(c.argmax(1)), "discriminator": kept(lambda x, c: one_hot(quarter(x)) == c),
    },
    "of three parts one, said by key": {
        "data": (POINTS, one_hot(quarter(POINTS))), "condition": "c",
        "latent": lambda n: {"z": latent(n), "other": drawn(n), "c": drawn(n)},
        "generator": lambda z, other, c: of_class(c), "discriminator": kept(lambda x, c: quarter(x) == c),
    },
    "of three parts one, by number": {
        "data": (POINTS, quarter(POINTS)), "condition": -1, "latent": lambda n: (latent(n), drawn(n), drawn(n)),
        "generator": lambda z, other, c: of_class(c), "discriminator": kept(lambda x, c: quarter(x) == c),
    },
    "made of the latents": {
        "data": (POINTS, quarter(POINTS)), "condition": lambda z, c: one_hot(c),
        "latent": lambda n: (latent(n), drawn(n)),
        "generator": lambda z, c: of_class(c), "discriminator": kept(lambda x, c: one_hot(quarter(x)) == c),
    },
    "any numbers": {
        "data": (POINTS, POINTS.repeat(1, 2) * 2), "latent": lambda n: (latent(n), torch.randn(n, 4)),
        "generator": lambda z, c: c[:, :2] / 2, "discriminator": kept(lambda x, c: c[:, :2] == 2 * x),
    },
    "inputs of pairs": {
        "data": (POINTS * 2, POINTS), "latent": None,
        "generator": lambda x: x / 2, "discriminator": kept(lambda y, x: x == 2 * y),
    },
}  # fmt: skip


@pytest.mark.parametrize("given", CONDITIONS.values(), ids=CONDITIONS)
def test_it_is_told_of_each_sample_what_belongs_to_it(given, tmp_path):
    recording = looked_at(tmp_path, response="probability", **given)
    for name in ("real_response", "generated_response"):
        np.testing.assert_array_equal(recording.scalars(name), 1.0)
    assert "discriminator_told" in recording.contents.attrs


def test_what_belongs_to_samples_is_told_of_as_many_as_usual(tmp_path):
    recording = looked_at(tmp_path, response="probability", points=None, **CONDITIONS["any numbers"])
    np.testing.assert_array_equal(recording.scalars("generated_response"), 1.0)


def faces(n=96):
    return torch.rand(n, 1, 8, 8, generator=torch.Generator().manual_seed(2)) * 2 - 1


@pytest.mark.parametrize("samples", [None, 9, 2])
def test_of_classes_the_samples_are_a_row_each(samples, tmp_path):
    """Also where nobody but the generator is told, and one class is rare."""

    def rare(n):
        return latent(n), torch.where(torch.rand(n) < 0.02, 2, torch.arange(n) % 2)

    def paint(z, c):
        return (c.float() - 1).reshape(-1, 1, 1, 1).expand(-1, 1, 8, 8)

    recording = looked_at(
        tmp_path, generator=paint, discriminator=nn.Flatten(), data=faces(), latent=rare, samples=samples
    )
    classes = recording.dataset.sample_class.values
    assert classes.tolist() == sorted(classes)
    assert len(classes) == {None: 15, 9: 9, 2: 2}[samples]
    assert set(np.bincount(classes, minlength=3)) <= ({len(classes) // 3} if samples != 2 else {0, 1})
    shown = recording.dataset.samples[0, 0].mean(("channel", "row", "column")).values
    np.testing.assert_array_equal(shown, np.array([0, 128, 255])[classes])


def test_images_of_pairs_stand_beside_their_targets(tmp_path):
    goal = faces()
    recording = looked_at(tmp_path, generator=lambda x: -x, discriminator=nn.Flatten(), data=(-goal, goal), latent=None)
    np.testing.assert_array_equal(recording.dataset.samples[0, 0], recording.dataset.real_samples)


def test_of_pairs_that_are_judged_as_one_the_message_says_how(tmp_path):
    goal, joined = faces(), nn.Conv2d(2, 1, 3)
    with pytest.warns(UserWarning, match=r"lambda y, x: D\(torch\.cat\(\[x, y\], 1\)\)"):
        looked_at(tmp_path / "one", generator=nn.Tanh(), discriminator=joined, data=(-goal, goal), latent=None)
    recording = looked_at(
        tmp_path / "two",
        generator=nn.Tanh(),
        discriminator=lambda y, x: joined(torch.cat([x, y], 1)),
        data=(-goal, goal),
        latent=None,
    )
    assert "unseen" not in recording.contents.attrs


UNSEEN = {
    "it fails": (lambda x: 1 / 0, "it fails when asked"),
    "it takes more": (lambda x, y: x, "it takes more than samples"),
    "it returns nothing": (lambda x: None, "its answers are no responses"),
    "rows of others": (lambda x: x[:7], "its answers are no responses"),
    "which share is not known": (lambda x: x.repeat(1, 2).softmax(1), "its answers are no responses"),
}


@pytest.mark.parametrize(("judge", "why"), UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_is_named_once_and_the_rest_recorded(judge, why, tmp_path):
    with pytest.warns(UserWarning, match="discriminator not seen, and nothing recorded of it") as told:
        recording = looked_at(tmp_path / "mine", discriminator=judge)
    assert len(told) == 1
    words = f"discriminator not seen: {why}"
    assert recording.contents.attrs["unseen"] == words
    assert not {"discriminator", "real_response", "js_bound"} & set(recording.dataset)
    assert np.isfinite(recording.scalars("js")).all()
    assert "discriminator not seen" in CliRunner().invoke(app, ["show", str(tmp_path / "mine")]).output
    view = RecordingView(recording)
    for picture, names in ((TalkFigure, ["map", "distance"]), (RecordingFigure, ["density", "divergences"])):
        figure = picture(view, names, (960, 540), THEMES["talk-light"])
        texts = [mark.text for mark in figure.marks(view.end - 1) if isinstance(mark, Text)]
        assert any(words in text for text in texts)
    assert gandyn.animate(recording, tmp_path / "mine.png", size=[480, 270]).stat().st_size > 1000


def test_models_may_change_what_they_are_given(tmp_path):
    def spoiling(model):
        return lambda x: model(x.mul_(0.5).add_(1.0))

    torch.manual_seed(0)
    G, D = mlp(4, 2), mlp(2, 1)
    spoilt = looked_at(tmp_path / "spoilt", generator=spoiling(G), discriminator=spoiling(D))
    whole = looked_at(
        tmp_path / "whole", generator=lambda z: G(z * 0.5 + 1.0), discriminator=lambda x: D(x * 0.5 + 1.0)
    )
    for name in ("generated", "discriminator", "real_response", "generated_response"):
        np.testing.assert_array_equal(spoilt.dataset[name], whole.dataset[name], err_msg=name)


def test_latents_may_be_arrays(tmp_path):
    def drawn(n):
        return np.random.normal(size=(n, 4)), np.arange(n) % 3  # noqa: NPY002

    recording = looked_at(
        tmp_path, generator=lambda z, c: nn.functional.linear(z, torch.ones(2, 4)) * c[:, None], latent=drawn
    )
    assert recording.contents.attrs["classes_asked_for"] == "latent(n)[1]"


def test_a_discriminator_of_samples_alone_is_told_nothing(tmp_path):
    with pytest.warns(UserWarning, match="takes samples alone: it is told no classes") as told:
        recording = looked_at(
            tmp_path,
            generator=lambda z, c: of_class(c),
            discriminator=mlp(2, 1),
            data=(POINTS, quarter(POINTS)),
            latent=lambda n: (latent(n), drawn(n)),
            conditional=True,
        )
    assert len(told) == 1
    assert not {"unseen", "discriminator_told"} & set(recording.contents.attrs)


def test_models_by_name(tmp_path):
    makers = {"a_to_b": mlp(4, 2), "b_to_a": mlp(4, 2)}
    judges = nn.ModuleDict({"D_A": mlp(2, 1), "D_B": mlp(2, 1)})
    for number, (look_at, pair) in enumerate(
        {None: ["a_to_b", "D_B"], "b_to_a": ["b_to_a", "D_A"], ("b_to_a", "D_B"): ["b_to_a", "D_B"]}.items()
    ):
        recording = looked_at(
            tmp_path / str(number), generator=makers, discriminator=judges, look_at=look_at, evaluation=False
        )
        about = recording.contents.attrs
        assert about["looked_at"] == pair
        sizes = {"a_to_b": 114, "b_to_a": 114}, {"D_A": 65, "D_B": 65}
        assert about["parameters"] == dict(zip(("generator", "discriminator"), sizes, strict=True))
        with torch.no_grad():
            expected = judges[pair[1]](seeded(simple).data).sigmoid().mean()
        assert recording.scalars("real_response")[0, 0] == pytest.approx(float(expected), rel=1e-5)


def test_a_loop_in_pieces_begins_and_ends_by_hand(tmp_path):
    game = seeded(simple)
    recorder = gandyn.record(game.G, game.D, data=game.data, latent=latent, every=2, out=tmp_path / "<b>", **SMALL)
    recorder.close()  # not begun: nothing to close
    assert "not begun" in recorder._repr_html_()
    with pytest.raises(RecordingError, match=r"recorder\.start\(\)"):
        recorder.step()
    assert recorder.start() is recorder
    for number in range(3):
        recorder.step(generator_loss=torch.tensor([float(number)]), fid=np.float32(1.5))
    page = recorder._repr_html_()
    assert "&lt;b&gt;" in page
    for text in ("recording", "3, 2 recorded", "generator loss", "0.5", "fid", "1.5", "it ends in no sigmoid"):
        assert text in page, text
    recorder.close()
    recorder.close()
    assert "closed" in recorder._repr_html_()
    assert recorder.recording.steps().tolist() == [0, 2, 3]
    assert recorder.recording.complete
    with pytest.raises(RecordingError, match="used once"):
        recorder.start()
