"""Loops as people write them, small, and everything that recording them must not change."""

# ruff: noqa: NPY002 - numpy's global generator is what people draw from

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import gandyn

SMALL = {"cells": 16, "points": 256}


class Noisy(nn.Module):
    """Draws at every call, whatever the mode, and counts and keeps what it did."""

    def __init__(self, own=False):
        super().__init__()
        self.calls, self.kept, self.last = 0, [], None
        self.own = torch.Generator().manual_seed(3) if own else None

    def forward(self, x):
        self.calls += 1
        self.last = x.detach().mean()
        self.kept.append(self.last)
        shift = float(np.random.rand()) + random.random()
        return x + 0.01 * torch.randn(x.shape, generator=self.own) + 0.01 * shift


class OldNormalisation(nn.Module):
    """A spectral normalisation as people wrote them: a vector that is a parameter and moves in every forward pass."""

    def __init__(self, wide):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(wide, wide) / wide**0.5)
        self.vector = nn.Parameter(torch.randn(wide), requires_grad=False)

    def forward(self, x):
        found = self.weight.data @ self.vector.data
        self.vector.data = found / found.norm()
        return x @ (self.weight / (self.weight @ self.vector).norm()).T


def mlp(into, out, *middle, last=()):
    return nn.Sequential(nn.Linear(into, 16), *middle, nn.LeakyReLU(0.2), nn.Linear(16, out), *last)


@dataclass
class Game:
    """Somebody's models, data and latents, and how they are recorded."""

    G: Any
    D: Any
    data: Any
    latent: Any
    options: dict[str, Any] = field(default_factory=dict)
    loss: str = "logit"
    autocast: bool = False
    evaluating: bool = False
    seen: Any = None  # the modules, where G and D are functions
    shown: Any = None  # what the loop draws from, where it is not data

    @property
    def modules(self):
        return self.seen or (self.G, self.D)

    def train(self, recorder=None, steps=5):
        """The loop; `recorder` is all that may be added to it."""
        own = [list(module.parameters()) for module in self.modules]
        optimizers = [torch.optim.Adam([p for p in one if p.requires_grad], 1e-3, betas=(0.5, 0.9)) for one in own]
        scaler = torch.amp.GradScaler("cpu", enabled=self.autocast, init_scale=4.0)
        real = self.data if self.shown is None else self.shown
        for _ in range(steps):
            for module in self.modules:
                module.train(not self.evaluating)
            x = real[torch.randint(len(real), (32,))].float()
            with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
                z = self.latent(32)
                labels = z[1:2] if self.options.get("conditional") else ()
                fake = self.G(*z) if isinstance(z, tuple) else self.G(z)
                on_real, on_fake = self.D(x, *labels), self.D(fake.detach(), *labels)
                loss_d = self._loss(on_real, 1) + self._loss(on_fake, 0)
            scaler.scale(loss_d).backward()
            scaler.step(optimizers[1])
            optimizers[1].zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
                loss_g = self._loss(self.D(fake, *labels), 1)
                if recorder is not None:  # between forward and backward, and under autocast: the worst moment
                    recorder.note(generator_loss=loss_g, discriminator_loss=loss_d, noted=1.0)
                    if not self.autocast:
                        recorder.step()
            scaler.scale(loss_g).backward()
            scaler.step(optimizers[0])
            if recorder is not None and self.autocast:
                recorder.step()
            optimizers[0].zero_grad(set_to_none=False)
            scaler.update()
        return optimizers

    def _loss(self, response, real):
        if self.loss == "critic":
            return response.mean() * (1 - 2 * real)
        target = torch.full_like(response.float(), float(real))
        if self.loss == "probability":
            return functional.binary_cross_entropy(response.float(), target)
        return functional.binary_cross_entropy_with_logits(response.float(), target)


def plane(count=200):
    return torch.randn(count, 2) * torch.tensor([1.0, 0.5]) + torch.tensor([0.5, 0.0])


def simple():
    return Game(mlp(4, 2), mlp(2, 1), plane(), lambda n: torch.randn(n, 4))


def line():
    return Game(mlp(1, 1), mlp(1, 1), torch.randn(200, 1), lambda n: torch.rand(n, 1), {"objective": "non_saturating"})


def normed():
    G = mlp(4, 2, nn.BatchNorm1d(16), nn.Dropout(0.2))
    D = nn.Sequential(
        nn.utils.parametrizations.spectral_norm(nn.Linear(2, 16)), nn.BatchNorm1d(16), nn.Dropout(0.5), nn.Linear(16, 1)
    )
    return Game(G, D, plane(), lambda n: torch.randn(n, 4))


def evaluating():
    game = normed()
    game.evaluating = True
    return game


def as_they_are():
    game = normed()
    game.options = {"evaluation": False}
    return game


def old_norms():
    D = nn.Sequential(nn.utils.spectral_norm(nn.Linear(2, 16)), OldNormalisation(16), nn.Linear(16, 1))
    return Game(mlp(4, 2), D, plane(), lambda n: torch.randn(n, 4))


def noisy():
    return Game(mlp(4, 2, Noisy()), mlp(2, 1, Noisy(own=True)), plane(), lambda n: torch.randn(n, 4))


def own_stream():
    torchs, numpys, pythons = torch.Generator().manual_seed(1), np.random.default_rng(2), random.Random(3)

    def latent(n):
        z = torch.randn(n, 3, generator=torchs) + float(numpys.random())
        return torch.cat([z, torch.full((n, 1), pythons.random())], 1) + np.random.rand() + random.random()

    return Game(mlp(4, 2), mlp(2, 1), plane(), latent)


class Two(nn.Module):
    """Takes two latents."""

    def __init__(self):
        super().__init__()
        self.inner = mlp(4, 2)

    def forward(self, z, style):
        return self.inner(torch.cat([z, style], 1))


def tuples():
    return Game(Two(), mlp(2, 1), plane(), lambda n: (torch.randn(n, 3), torch.rand(n, 1)))


class Told(nn.Module):
    """Takes a class, as a number, also in a column, or as a one-hot vector; of no other shape or type."""

    def __init__(self, into, out, kind):
        super().__init__()
        self.kind = kind
        self.inner = mlp(into + 3, out)

    def forward(self, x, label):
        assert label.shape == (len(x), *TOLD[self.kind][0]), label.shape
        assert label.dtype == TOLD[self.kind][1], label.dtype
        label = label if self.kind == "one_hot" else functional.one_hot(label.reshape(-1), 3)
        return self.inner(torch.cat([x.flatten(1), label.to(x.dtype)], 1))


TOLD = {"number": ((), torch.int64), "column": ((1,), torch.int64), "one_hot": ((3,), torch.float32)}
"""How classes are told: the shape of one, and the type."""


def conditional(kind="number"):
    def told(labels):
        labels = functional.one_hot(labels, 3) if kind == "one_hot" else labels.reshape(-1, *TOLD[kind][0])
        return labels.to(TOLD[kind][1])

    def latent(n):
        drawn = torch.randint(3, (n,))
        return torch.randn(n, 4), told(drawn)

    data = plane()
    game = Game(Told(4, 2, kind), Told(2, 1, kind), (data, told(torch.arange(200) % 3)), latent, {"conditional": True})
    game.shown = data
    return game


def one_hot():
    return conditional("one_hot")


def column():
    return conditional("column")


def vectors():
    data = torch.rand(100, 64) * 2 - 1
    return Game(mlp(4, 64, last=[nn.Tanh()]), mlp(64, 1), data, lambda n: torch.randn(n, 4), {"image_shape": (1, 8, 8)})


def colours():
    G = mlp(4, 3 * 64, last=[nn.Tanh(), nn.Unflatten(1, (3, 8, 8))])
    D = nn.Sequential(nn.Conv2d(3, 4, 4, 2), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 2))  # a patch critic: (n, 1, 2, 2)
    data = torch.rand(100, 3, 8, 8) * 2 - 1
    return Game(G, D, data, lambda n: torch.randn(n, 4), {"response": "critic"}, loss="critic")


def numbers_of_bytes():
    data = torch.randint(0, 256, (100, 1, 8, 8), dtype=torch.uint8)
    G, D = mlp(4, 64, last=[nn.Tanh(), nn.Unflatten(1, (1, 8, 8))]), nn.Sequential(nn.Flatten(), mlp(64, 1))
    return Game(G, D, data, lambda n: torch.randn(n, 4))


def probabilities():
    return Game(
        mlp(4, 2), mlp(2, 1, last=[nn.Sigmoid()]), plane(), lambda n: torch.randn(n, 4), {"response": "probability"},
        loss="probability",
    )  # fmt: skip


class Augmented(torch.utils.data.Dataset):
    """Draws whenever it is read."""

    def __init__(self, data):
        self.data = data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self.data[index] + 0.01 * torch.randn(2) + 0.01 * random.random(), int(index % 3)


def data_set():
    game = simple()
    game.shown = game.data
    game.data = Augmented(game.shown)
    return game


def compiled():
    game = normed()
    game.seen = (game.G, game.D)
    game.G, game.D = torch.compile(game.G, backend="eager"), torch.compile(game.D, backend="eager")
    return game


def compiled_in_place():
    game = normed()
    for model in (game.G, game.D):
        model.compile(backend="eager")
    return game


def mixed_precision():
    game = normed()
    game.autocast = True
    return game


def doubles():
    game = normed()
    game.seen = game.G.double(), game.D.double()
    game.latent = lambda n: torch.randn(n, 4, dtype=torch.float64)
    game.D = lambda x: game.seen[1](x.double())
    return game


def functions():
    game = normed()
    G, D = game.seen = game.G, game.D
    game.G, game.D = lambda z: G(z), lambda x: D(x)
    return game


GAMES = [
    simple, line, normed, evaluating, as_they_are, old_norms, noisy, own_stream, tuples, conditional, one_hot, vectors,
    colours, numbers_of_bytes, probabilities, data_set, compiled, compiled_in_place, mixed_precision, doubles,
    functions, column,
]  # fmt: skip


def everything(game, optimizers):
    """Return all that training leaves: weights, gradients, buffers, modes, attributes, optimizers, random numbers."""
    found = {}
    for number, module in enumerate(game.modules):
        for name, part in module.named_modules():
            place = f"{number}.{name}"
            for key, value in vars(part).items():
                if key in ("_parameters", "_buffers"):
                    for inner, tensor in value.items():
                        found[f"{place}.{inner}"] = tensor
                        found[f"{place}.{inner}.grad"] = None if tensor is None else tensor.grad
                elif isinstance(value, torch.Tensor | int | float | list):
                    found[f"{place}.{key}"] = value
                elif isinstance(value, dict):
                    found[f"{place}.{key}"] = len(value)
                elif isinstance(value, torch.Generator):
                    found[f"{place}.{key}"] = value.get_state()
                else:
                    found[f"{place}.{key}"] = type(value)
        found[f"{number}.names"] = [(name, sorted(vars(part))) for name, part in module.named_modules()]
        found[f"{number}.optimizer"] = [list(one.values()) for one in optimizers[number].state.values()]
        found[f"{number}.hooks"] = len(optimizers[number]._optimizer_step_post_hooks)
    found["torch"] = torch.get_rng_state()
    found["numpy"] = np.random.get_state()[1:]
    found["python"] = random.getstate()
    found["latent"] = game.latent(3)
    return found


def same(a, b):
    """Return whether two such things are the same to the last bit."""
    if isinstance(a, torch.Tensor):
        return (
            a.dtype == b.dtype and a.shape == b.shape and a.detach().numpy().tobytes() == b.detach().numpy().tobytes()
        )
    if isinstance(a, np.ndarray):
        return a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def seeded(make):
    """Return a game made at fixed seeds."""
    torch.manual_seed(11)
    np.random.seed(12)
    random.seed(13)
    return make()


def start(game, folder, **more):
    return gandyn.record(
        game.G, game.D, data=game.data, latent=game.latent, out=folder, **SMALL, **game.options, **more
    )


def recorded(make, folder, **more):
    """Return all that is left of a loop that was recorded."""
    game = seeded(make)
    with start(game, folder, **more) as recorder:
        optimizers = game.train(recorder)
    return everything(game, optimizers)
