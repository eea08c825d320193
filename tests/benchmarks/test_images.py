"""Training image GANs, against the loop of the tutorials; and what recording costs. The reference configuration."""

from __future__ import annotations

import statistics
import threading
import time

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gandyn.app.training import train
from gandyn.core.threads import workers
from gandyn.recording.recorder import Recorder
from gandyn.scenario.schema import Scenario
from gandyn.training.trainer import Trainer

pytestmark = pytest.mark.benchmark

BATCH = 128
STEPS, ROUNDS = 10, 5
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# MNIST's size and weight without its files: it is the arithmetic that is measured.
REFERENCE = {
    "name": "speed",
    "data": {"type": "digits", "size": 28},
    "latent": {"dim": 64},
    "generator": {"type": "dcgan", "channels": 128},
    "discriminator": {"type": "dcgan", "channels": 16},
}


class Nobody:
    def observe(self, trainer):
        pass


def plain_players():
    """Return generator and discriminator as a tutorial writes them, with the paper's initial weights."""
    generator = nn.Sequential(
        nn.ConvTranspose2d(64, 512, 3, 2), nn.BatchNorm2d(512), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(512, 256, 4, 1), nn.BatchNorm2d(256), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(256, 128, 3, 2), nn.BatchNorm2d(128), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(128, 1, 4, 2), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, 16, 4, 2), nn.BatchNorm2d(16), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(16, 32, 4, 2), nn.BatchNorm2d(32), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(32, 1, 4, 2), nn.Flatten(0),
    )  # fmt: skip
    for player in (generator, discriminator):
        for layer in player:
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
                nn.init.normal_(layer.weight, 0.0, 0.02)
    return generator.to(DEVICE), discriminator.to(DEVICE)


def plain_loop(images, *, loader):
    """Return a function that makes some steps of the tutorials' loop, on slices of a tensor or with a loader."""
    generator, discriminator = plain_players()
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    ones, zeros = torch.ones(BATCH, device=DEVICE), torch.zeros(BATCH, device=DEVICE)

    def batches():
        while True:
            if loader:
                for (real,) in DataLoader(TensorDataset(images), BATCH, shuffle=True, drop_last=True):
                    yield real
            else:
                for part in torch.randperm(len(images)).split(BATCH):
                    if len(part) == BATCH:
                        yield images[part]

    source = batches()

    def steps(count):
        for _ in range(count):
            real = next(source).to(DEVICE)
            fake = generator(torch.randn(BATCH, 64, 1, 1, device=DEVICE))
            d_optimizer.zero_grad()
            d_loss = (criterion(discriminator(real), ones) + criterion(discriminator(fake.detach()), zeros)) / 2
            d_loss.backward()
            d_optimizer.step()
            g_optimizer.zero_grad()
            g_loss = criterion(discriminator(fake), ones)
            g_loss.backward()
            g_optimizer.step()

    return steps


def our_loop():
    """Return a function that makes some of our steps, in a thread of its own as `gandyn train` makes them."""
    spec = Scenario.model_validate(REFERENCE)
    precision = torch.bfloat16 if DEVICE.type == "cuda" else torch.float32
    trainer = Trainer(spec.played, spec.data, spec.dynamics, spec.optimizers.by_player(), [0], BATCH, DEVICE, precision)
    pool = workers(1, "benchmark", torch.get_num_threads())
    never = threading.Event()
    return lambda count: pool.submit(trainer.run, trainer.step + count, Nobody(), never).result()


def seconds(steps, count):
    began = time.perf_counter()
    steps(count)
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - began) / count


@pytest.mark.parametrize("loader", [False, True], ids=["tensor", "DataLoader"])
def test_a_step_is_no_slower_than_the_plain_loop(loader):
    images = torch.tensor(Scenario.model_validate(REFERENCE).data.load().pixels).float() / 127.5 - 1
    ours, plain = our_loop(), plain_loop(images, loader=loader)
    seconds(ours, 3), seconds(plain, 3)
    pairs = [(seconds(ours, STEPS), seconds(plain, STEPS)) for _ in range(ROUNDS)]
    ratio = statistics.median(b / a for a, b in pairs)
    us, them = (BATCH / statistics.median(times) for times in zip(*pairs, strict=True))
    where = "GPU" if DEVICE.type == "cuda" else "CPU"
    print(f"\nreference DCGAN, {where}: {us:.0f} images/s; plain loop {them:.0f} images/s; ratio {ratio:.2f}")
    assert ratio >= (2.0 if DEVICE.type == "cuda" else 1.0)


def test_recording_every_hundredth_step_costs_a_twentieth_at_most(tmp_path, monkeypatch):
    """A run that records often shows what each record costs; `every: auto` sees to its cost itself."""
    spent = {"step": [], "looked": [], "record": [], "quality": []}
    advance, observe = Trainer.advance, Recorder.observe

    def timed(call, name, *arguments):
        began = time.perf_counter()
        call(*arguments)
        spent[name(arguments) if callable(name) else name].append(time.perf_counter() - began)

    def kind(arguments):
        step = arguments[1].step
        return "quality" if step % 20 == 0 else "record" if step % 5 == 0 else "looked"

    monkeypatch.setattr(Trainer, "advance", lambda self: timed(advance, "step", self))
    monkeypatch.setattr(Recorder, "observe", lambda self, trainer: timed(observe, kind, self, trainer))
    spec = {**REFERENCE, "train": {"steps": 60}, "record": {"every": 5, "quality_every": 20}}
    spec["data"] = {"type": "mnist"}
    train(Scenario.model_validate(spec), tmp_path / "speed")
    every, rarely = 100, 1000
    step, looked, record, quality = (statistics.median(times) for times in spent.values())
    training = rarely * step
    whole = training + rarely * looked + (rarely / every - 1) * record + quality
    print(
        f"\nrecords every {every} steps, quality every {rarely}: a step {step * 1e3:.0f} ms, a record "
        f"{record * 1e3:.0f} ms, one with quality {quality * 1e3:.0f} ms; "
        f"{BATCH * rarely / whole:.0f} images/s with, {BATCH / step:.0f} without; ratio {training / whole:.3f}"
    )
    assert training / whole >= 0.95
