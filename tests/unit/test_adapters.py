"""Adapters: a recording made under Lightning is that of the same loop, and TensorBoard reads what was recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
import torch
from loops import SMALL, mlp, plane
from torch.utils.data import DataLoader, TensorDataset

from gandyn.adapters import tensorboard
from gandyn.adapters.tensorboard import export
from gandyn.core.errors import RecordingError, UsageError
from gandyn.recording.store.recording import open_recording
from gandyn.recording.user_loop.record import record

# Lightning's advice on loaders, for a loop of ten steps, and what it uses that PyTorch calls deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec.. is deprecated:FutureWarning"),
]


@pytest.fixture(scope="module")
def pl():
    """Lightning, which takes seconds to import: not when tests are gathered."""
    return pytest.importorskip("lightning.pytorch")


@cache
def gan(pl):
    """Return the type of a GAN as Lightning's own example writes it, with names of its own for the two models."""

    class GAN(pl.LightningModule):
        def __init__(self, fail_at=None):
            super().__init__()
            self.automatic_optimization = False
            self.nets = torch.nn.ModuleDict({"gen": mlp(4, 2), "critic": mlp(2, 1)})
            self.fail_at = fail_at

        def configure_optimizers(self):
            return [torch.optim.Adam(self.nets[name].parameters(), 1e-3) for name in ("gen", "critic")]

        def training_step(self, batch, batch_idx):
            if batch_idx == self.fail_at:
                raise ZeroDivisionError
            on_g, on_d = self.optimizers()
            (real,) = batch
            fake = self.nets["gen"](torch.randn(len(real), 4))
            loss_d = torch.nn.functional.softplus(-self.nets["critic"](real)).mean()
            loss_d = loss_d + torch.nn.functional.softplus(self.nets["critic"](fake.detach())).mean()
            on_d.zero_grad()
            self.manual_backward(loss_d)
            on_d.step()
            loss_g = torch.nn.functional.softplus(-self.nets["critic"](fake)).mean()
            on_g.zero_grad()
            self.manual_backward(loss_g)
            on_g.step()
            self.log_dict({"g_loss": loss_g, "d_loss": loss_d})

    return GAN


def fit(pl, callbacks, folder, **options):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    data = plane(160)
    module = gan(pl)(**options)
    trainer = pl.Trainer(
        max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=[one(data) for one in callbacks], default_root_dir=folder,
    )  # fmt: skip
    trainer.fit(module, DataLoader(TensorDataset(data), 32, shuffle=True))
    return module, trainer


def callback(folder, **more):
    from gandyn.adapters.lightning import GandynCallback

    given = {
        "latent": lambda n: torch.randn(n, 4), "generator": "nets.gen", "discriminator": "nets.critic", "every": 1,
        "losses": {"generator_loss": "g_loss", "discriminator_loss": "d_loss"}, "out": folder, **SMALL, **more,
    }  # fmt: skip
    return lambda data: GandynCallback(data=data, **given)


@pytest.mark.slow
def test_lightning_trains_the_same_and_is_recorded(pl, tmp_path):
    plain, _ = fit(pl, [], tmp_path)
    watched, trainer = fit(pl, [callback(tmp_path / "mine")], tmp_path)
    for a, b in zip(plain.parameters(), watched.parameters(), strict=True):
        assert torch.equal(a, b)
    recording = open_recording(tmp_path / "mine")
    assert recording.complete
    assert recording.steps().tolist() == list(range(11))
    assert trainer.callbacks[0].recorder.steps == 10
    losses = recording.scalars("discriminator_loss")[0, 1:]
    assert losses[-1] == pytest.approx(float(trainer.callback_metrics["d_loss"]))
    assert len(set(losses)) == 10


def test_lightning_keeps_what_was_recorded_before_an_exception(pl, tmp_path):
    with pytest.raises(ZeroDivisionError):
        fit(pl, [callback(tmp_path / "mine")], tmp_path, fail_at=3)
    recording = open_recording(tmp_path / "mine")
    assert recording.steps().tolist() == [0, 1, 2, 3]
    assert not recording.complete


def test_lightning_names_what_is_wrong(pl, tmp_path):
    with pytest.raises(UsageError, match=r"no attribute 'generator'.*its modules are nets"):
        fit(pl, [callback(tmp_path / "mine", generator="generator")], tmp_path)
    with pytest.raises(UsageError, match=r"does not log 'loss_G'; it logs d_loss, g_loss"):
        fit(pl, [callback(tmp_path / "mine", losses={"generator_loss": "loss_G"})], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lightning.pytorch", "pytorch_lightning"])
def test_the_lightning_that_is_in_use_is_taken(pl, forks, tmp_path, name):
    code = f"import {name}; from gandyn.adapters.lightning import GandynCallback as C; print(C.__mro__[1].__module__)"
    process = forks.start(["-c", code], tmp_path, os.environ)  # which has imported neither
    said, complaints = process.communicate(timeout=60)
    assert said.startswith(name), complaints


@pytest.mark.slow
def test_adapters_are_imported_by_nobody_else():
    code = (
        "import sys, gandyn, gandyn.recording.user_loop.record, gandyn.app.api; "
        "print([name for name in sys.modules if name.partition('.')[0] in "
        "('lightning', 'pytorch_lightning', 'tensorboardX', 'tensorboard') or name.startswith('gandyn.adapters')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A recording of images, with numbers that are missing and infinite."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("runs") / "mine"
    G = mlp(4, 64, last=[torch.nn.Tanh(), torch.nn.Unflatten(1, (1, 8, 8))])
    D = torch.nn.Sequential(torch.nn.Flatten(), mlp(64, 1))
    with record(
        G, D, data=torch.rand(100, 1, 8, 8), latent=lambda n: torch.randn(n, 4), out=folder, every=2, samples=7, **SMALL
    ) as recorder:
        with pytest.warns(UserWarning, match="mine: inf at step 1"):
            recorder.step(generator_loss=0, mine=float("inf"))
        for number in range(1, 4):
            recorder.step(generator_loss=number, mine=float("inf"))
    return recorder.recording


def events(folder):
    """Return what is in the event files of a folder: tag -> [(step, value)]."""
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    for file in folder.glob("events*"):
        raw, at = file.read_bytes(), 0
        while at < len(raw):
            length = int.from_bytes(raw[at : at + 8], "little")
            event = Event.FromString(raw[at + 12 : at + 12 + length])
            at += 16 + length
            for value in event.summary.value:
                kind = value.WhichOneof("value")
                found.setdefault(value.tag, []).append((event.step, getattr(value, kind)))
    return found


def test_tensorboard_reads_numbers_and_images(images, tmp_path):
    pytest.importorskip("tensorboardX")
    (run,) = export(images.path, tmp_path / "logs")
    assert run == tmp_path / "logs" / "mine"
    found = events(run)
    assert found["js"] == [
        (step, np.float32(value)) for step, value in zip([0, 2, 4], images.scalars("js")[0], strict=True)
    ]
    assert found["generator_loss"] == [(2, 0.5), (4, 2.5)]
    assert found["mine"] == [(2, float("inf")), (4, float("inf"))]
    assert [(step, image.height, image.width) for step, image in found["samples"]] == [(n, 26, 26) for n in (0, 2, 4)]
    assert [step for step, _ in found["real_samples"]] == [0]


def test_tensorboard_says_what_to_install(images, tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "_WRITERS", ("no_such_module",))
    with pytest.raises(UsageError, match=r"gandyn\[tensorboard\]"):
        export(images, tmp_path)
    with pytest.raises(RecordingError):
        export(tmp_path, tmp_path / "logs")
