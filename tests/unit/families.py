"""The families of published GANs as short loops on images of 8 by 8: models, losses and steps as people write them.

Each returns the modules, what `gandyn.record` is given on the first try, and a function that makes one training step on
a batch and returns its losses.
"""

# ruff: noqa: N803 - G and D are the field's names for the players

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import torch
from torch import autograd, nn, optim
from torch.nn import functional

Z, CLASSES, BATCH, SIDE = 6, 4, 16, 8


def images(count=96, channels=1, seed=5):
    """Return images of a bright quarter each, of which class they are, and their negatives."""
    stream = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % CLASSES
    found = 0.2 * torch.randn(count, channels, SIDE, SIDE, generator=stream) - 0.5
    for k in range(CLASSES):
        row, column = divmod(k, 2)
        found[labels == k, :, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] += 1.0
    return found.clamp(-1, 1), labels, -found.clamp(-1, 1)


def noise(n):
    return torch.randn(n, Z)


@dataclass
class Family:
    modules: list[nn.Module]
    given: dict[str, Any]
    step: Callable[[torch.Tensor], dict[str, Any]]
    warns: tuple[str, ...] = ()
    holds: dict[str, Any] = field(default_factory=dict)


def adam(*modules, lr=1e-3):
    return optim.Adam(chain.from_iterable(module.parameters() for module in modules), lr, betas=(0.5, 0.999))


def descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def dense(into, out, *last):
    return nn.Sequential(nn.Linear(into, 32), nn.LeakyReLU(0.2), nn.Linear(32, out), *last)


def convolved(into=1, *last):
    """Return a small convolutional discriminator: one number an image, of shape (n, 1, 1, 1)."""
    return nn.Sequential(
        nn.Conv2d(into, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4),
        nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 4), *last,
    )  # fmt: skip


def deconvolved():
    return nn.Sequential(
        nn.ConvTranspose2d(Z, 8, 4), nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh()
    )


class Maker(nn.Module):
    """A dense generator of images."""

    def __init__(self, into=Z):
        super().__init__()
        self.model = dense(into, SIDE * SIDE, nn.Tanh())

    def forward(self, z):
        return self.model(z).view(-1, 1, SIDE, SIDE)


class Judge(nn.Module):
    """A dense discriminator of images, flattened inside."""

    def __init__(self, *last):
        super().__init__()
        self.model = dense(SIDE * SIDE, 1, *last)

    def forward(self, image):
        return self.model(image.flatten(1))


def plain(G, D, given, loss_d, loss_g, *, latent=noise, opt=adam, **more):
    """Return a family of two models that are told nothing but latents and samples."""
    real, _, _ = images()
    optimizer_g, optimizer_d = opt(G), opt(D)

    def step(chosen):
        fake = G(latent(BATCH))
        d = descend(optimizer_d, loss_d(D, real[chosen], fake.detach()))
        g = descend(optimizer_g, loss_g(D, fake, real[chosen]))
        return {"generator_loss": g, "discriminator_loss": d}

    return Family([G, D], {"generator": G, "discriminator": D, "data": real, "latent": latent, **given}, step, **more)


def target(response, value):
    return torch.full_like(response, value)


def entropy(D, real, fake):
    on_real, on_fake = D(real), D(fake)
    return functional.binary_cross_entropy(on_real, target(on_real, 1.0)) + functional.binary_cross_entropy(
        on_fake, target(on_fake, 0.0)
    )


def fooled(D, fake, _):
    response = D(fake)
    return functional.binary_cross_entropy(response, target(response, 1.0))


def vanilla():
    """Images as vectors in both models, a sigmoid at the end; data as images."""
    G, D = dense(Z, SIDE * SIDE, nn.Tanh()), dense(SIDE * SIDE, 1, nn.Sigmoid())
    return plain(
        G, D, {},
        lambda D, real, fake: entropy(D, real.flatten(1), fake), fooled,
        warns=("data are reshaped to (64,)",), holds={"response": "probability"},
    )  # fmt: skip


def dcgan():
    class Critic(nn.Module):
        def __init__(self):
            super().__init__()
            self.main = convolved(1, nn.Sigmoid())

        def forward(self, x):
            return self.main(x).view(-1, 1).squeeze(1)

    latent = lambda n: torch.randn(n, Z, 1, 1)  # noqa: E731
    return plain(deconvolved(), Critic(), {}, entropy, fooled, latent=latent, holds={"response": "probability"})


def functional_sigmoid():
    class Last(Judge):
        def forward(self, image):
            return torch.sigmoid(super().forward(image))

    return plain(Maker(), Last(), {}, entropy, fooled, holds={"response": "probability"})


def logits():
    def loss_d(D, real, fake):
        return functional.softplus(-D(real)).mean() + functional.softplus(D(fake)).mean()

    return plain(
        Maker(), Judge(), {"objective": "non_saturating"}, loss_d,
        lambda D, fake, _: functional.softplus(-D(fake)).mean(), holds={"response": "probability"},
    )  # fmt: skip


def lsgan():
    return plain(
        Maker(), Judge(), {"objective": "least_squares"},
        lambda D, real, fake: ((D(real) - 1) ** 2).mean() + (D(fake) ** 2).mean(),
        lambda D, fake, _: ((D(fake) - 1) ** 2).mean(), holds={"response": "critic"},
    )  # fmt: skip


def wgan():
    """Weights are clipped, and the critic returns the mean over the batch, as the first implementation did."""

    class Critic(nn.Module):
        def __init__(self):
            super().__init__()
            self.main = nn.Sequential(nn.Conv2d(1, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 4))

        def forward(self, x):
            return self.main(x).mean(0).view(1)

    def loss_d(D, real, fake):
        with torch.no_grad():
            for weight in D.parameters():
                weight.clamp_(-0.1, 0.1)
        return D(fake) - D(real)

    return plain(
        Maker(), Critic(), {"objective": "wasserstein"}, loss_d, lambda D, fake, _: -D(fake),
        warns=("one number a batch",), holds={"response": "critic"},
    )  # fmt: skip


def wgan_gp():
    def loss_d(D, real, fake):
        part = torch.rand(len(real), 1, 1, 1)
        between = (part * real + (1 - part) * fake).requires_grad_()
        slope = autograd.grad(D(between).sum(), between, create_graph=True)[0].flatten(1).norm(2, 1)
        return D(fake).mean() - D(real).mean() + 10 * ((slope - 1) ** 2).mean()

    return plain(
        Maker(), Judge(), {"objective": "wasserstein"}, loss_d, lambda D, fake, _: -D(fake).mean(),
        holds={"response": "critic"},
    )  # fmt: skip


def began():
    auto = nn.Sequential(nn.Flatten(), dense(64, 8), nn.ReLU(), dense(8, 64), nn.Unflatten(1, (1, 8, 8)))
    k = torch.tensor(0.1)

    def error(D, x):
        return (D(x) - x).abs().mean()

    return plain(
        Maker(), auto, {}, lambda D, real, fake: error(D, real) - k * error(D, fake), lambda D, fake, _: error(D, fake),
        warns=("samples rebuilt",), holds={"response": "critic"},
    )  # fmt: skip


def ebgan():
    class Energy(nn.Module):
        def __init__(self):
            super().__init__()
            self.down, self.up = nn.Conv2d(1, 4, 3, 2, 1), nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(4, 1, 4, 2, 1))

        def forward(self, image):
            code = self.down(image)
            return self.up(code), code.flatten(1)

    def energy(D, x):
        return ((D(x)[0] - x) ** 2).mean()

    return plain(
        Maker(), Energy(), {},
        lambda D, real, fake: energy(D, real) + functional.relu(0.5 - energy(D, fake)),
        lambda D, fake, _: energy(D, fake),
        warns=("of the 2 tensors that the discriminator returns, [0]", "samples rebuilt"), holds={"response": "critic"},
    )  # fmt: skip


class Told(nn.Module):
    """A model of images or latents that is told a class: as a number, which it embeds, or one-hot."""

    def __init__(self, into, out, embedded, *last):
        super().__init__()
        self.embed = nn.Embedding(CLASSES, CLASSES) if embedded else None
        self.model = dense(into + CLASSES, out, *last)

    def forward(self, x, labels):
        told = labels if self.embed is None else self.embed(labels)
        return self.model(torch.cat([x.flatten(1), told], 1))


class ToldMaker(Told):
    def forward(self, x, labels):
        return super().forward(x, labels).view(-1, 1, SIDE, SIDE)


def cgan(embedded=True, as_keywords=False):
    real, labels, _ = images()
    labels = labels if embedded else functional.one_hot(labels, CLASSES).float()
    G, D = ToldMaker(Z, 64, embedded, nn.Tanh()), Told(64, 1, embedded, nn.Sigmoid())
    optimizer_g, optimizer_d = adam(G), adam(D)

    def latent(n):
        asked = torch.randint(CLASSES, (n,))
        asked = asked if embedded else functional.one_hot(asked, CLASSES).float()
        return {"labels": asked, "x": noise(n)} if as_keywords else (noise(n), asked)

    def step(chosen):
        told = labels[chosen]
        fake = G(noise(len(told)), told)
        d = descend(optimizer_d, entropy(lambda x: D(x, told), real[chosen], fake.detach()))
        g = descend(optimizer_g, fooled(lambda x: D(x, told), fake, None))
        return {"generator_loss": g.item(), "discriminator_loss": d.detach().numpy()}

    given = {"generator": G, "discriminator": D, "data": (real, labels), "latent": latent}
    held = {"response": "probability", "discriminator_told": "classes", "rows": CLASSES}
    return Family([G, D], given, step, ("it is told classes as its second",), held)


def cgan_one_hot():
    return cgan(embedded=False)


def cgan_keywords():
    return cgan(as_keywords=True)


def cgan_said():
    """The same where a class has a default, and that it is told is said."""
    family = cgan()
    _, D = family.modules
    family.given |= {"discriminator": lambda x, labels=None: D(x, labels), "conditional": True}
    family.warns = ()
    return family


class Both(nn.Module):
    """A discriminator with several heads."""

    def __init__(self, *heads):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.LeakyReLU(0.2))
        self.heads = nn.ModuleList(heads)

    def forward(self, image):
        found = self.body(image)
        return tuple(head(found) for head in self.heads)


def acgan():
    real, labels, _ = images()
    G = ToldMaker(Z, 64, True, nn.Tanh())
    D = Both(nn.Sequential(nn.Linear(16, 1), nn.Sigmoid()), nn.Sequential(nn.Linear(16, CLASSES), nn.LogSoftmax(1)))
    optimizer_g, optimizer_d = adam(G), adam(D)

    def both(image, value, told):
        valid, found = D(image)
        return functional.binary_cross_entropy(valid, target(valid, value)) + functional.nll_loss(found, told)

    def step(chosen):
        told = torch.randint(CLASSES, (len(chosen),))
        fake = G(noise(len(told)), told)
        d = descend(optimizer_d, both(real[chosen], 1.0, labels[chosen]) + both(fake.detach(), 0.0, told))
        return {"generator_loss": descend(optimizer_g, both(fake, 1.0, told)), "discriminator_loss": d}

    given = {
        "generator": G, "discriminator": D, "data": torch.utils.data.TensorDataset(real, labels),
        "latent": lambda n: (noise(n), torch.randint(CLASSES, (n,))),
    }  # fmt: skip
    held = {"response": "probability", "discriminator_part": "[0]", "rows": CLASSES}
    return Family([G, D], given, step, ("of the 2 tensors that the discriminator returns, [0]",), held)


def infogan():
    class Coded(Maker):
        def forward(self, z, label, code):
            return super().forward(torch.cat([z, label, code], 1))

    real, _, _ = images()
    G, D = Coded(Z + CLASSES + 2), Both(nn.Linear(16, 1), nn.Linear(16, CLASSES), nn.Linear(16, 2))
    optimizer_g, optimizer_d, optimizer_info = adam(G), adam(D), adam(G, D)

    def latent(n):
        return noise(n), functional.one_hot(torch.randint(CLASSES, (n,)), CLASSES).float(), torch.rand(n, 2) * 2 - 1

    def step(chosen):
        z, label, code = latent(len(chosen))
        fake = G(z, label, code)
        d = descend(optimizer_d, ((D(real[chosen])[0] - 1) ** 2).mean() + (D(fake.detach())[0] ** 2).mean())
        g = descend(optimizer_g, ((D(fake)[0] - 1) ** 2).mean())
        _, found, near = D(G(z, label, code))
        info = functional.cross_entropy(found, label.argmax(1)) + functional.mse_loss(near, code)
        return {"generator_loss": g, "discriminator_loss": d, "information": descend(optimizer_info, info)}

    given = {
        "generator": G, "discriminator": D, "data": real, "latent": latent, "objective": "least_squares",
    }  # fmt: skip
    held = {"response": "critic", "discriminator_part": "[0]", "rows": CLASSES}
    return Family([G, D], given, step, ("of the 3 tensors that the discriminator returns, [0]",), held)


def cogan():
    """Two domains: one generator makes a pair of images, one discriminator judges both of a pair."""

    class Coupled(nn.Module):
        def __init__(self):
            super().__init__()
            self.shared, self.one, self.two = nn.Linear(Z, 16), Maker(16), Maker(16)

        def forward(self, z):
            found = self.shared(z).relu()
            return self.one(found), self.two(found)

    class Judges(nn.Module):
        def __init__(self):
            super().__init__()
            self.shared, self.one, self.two = dense(16, 1), nn.Linear(64, 16), nn.Linear(64, 16)

        def forward(self, first, second):
            return self.shared(self.one(first.flatten(1))), self.shared(self.two(second.flatten(1)))

    real, _, other = images()
    G, D = Coupled(), Judges()
    optimizer_g, optimizer_d = adam(G), adam(D)

    def squares(pair, value):
        return sum(((found - value) ** 2).mean() for found in D(*pair))

    def step(chosen):
        fake = G(noise(len(chosen)))
        d = squares((real[chosen], other[chosen]), 1) + squares([one.detach() for one in fake], 0)
        d = descend(optimizer_d, d)
        return {"generator_loss": descend(optimizer_g, squares(fake, 1)), "discriminator_loss": d}

    given = {"generator": G, "discriminator": D, "data": real, "latent": noise}
    warns = ("of the 2 tensors that the generator returns, [0]", "discriminator not seen")
    held = {"unseen": "discriminator not seen: it takes more than samples", "generator_part": "[0]"}
    return Family([G, D], given, step, warns, held)


def pix2pix():
    """Pairs of images; the discriminator sees the input beside the output, and returns a map of patches."""

    class Beside(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = nn.Sequential(nn.Conv2d(2, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 3, padding=1))

        def forward(self, image, given):
            return self.model(torch.cat([image, given], 1))

    G = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.InstanceNorm2d(8), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))
    D = Beside()
    goal, _, given = images()
    optimizer_g, optimizer_d = adam(G), adam(D)

    def step(chosen):
        x, y = given[chosen], goal[chosen]
        fake = G(x)
        d = descend(optimizer_d, ((D(y, x) - 1) ** 2).mean() + (D(fake.detach(), x) ** 2).mean())
        g = descend(optimizer_g, ((D(fake, x) - 1) ** 2).mean() + (fake - y).abs().mean())
        return {"generator_loss": g, "discriminator_loss": d}

    class Pairs(torch.utils.data.Dataset):
        def __len__(self):
            return len(goal)

        def __getitem__(self, index):
            return {"A": given[index], "B": goal[index], "path": f"{index}.png"}

    told = {"generator": G, "discriminator": D, "data": Pairs(), "objective": "least_squares"}
    held = {"response": "critic", "discriminator_told": "the pairs' inputs"}
    return Family([G, D], told, step, ("it is told the pairs' inputs as its second",), held)


def cyclegan():
    def translator():
        return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1), nn.Tanh())

    def patches():
        return nn.Sequential(nn.Conv2d(1, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 3, padding=1))

    a, _, b = images()
    ab, ba, judge_a, judge_b = translator(), translator(), patches(), patches()
    optimizer_g, optimizer_d = adam(ab, ba), adam(judge_a, judge_b)

    def step(chosen):
        x, y = a[chosen], b[chosen.flip(0)]
        to_b, to_a = ab(x), ba(y)
        fool = ((judge_b(to_b) - 1) ** 2).mean() + ((judge_a(to_a) - 1) ** 2).mean()
        cycle = (ba(to_b) - x).abs().mean() + (ab(to_a) - y).abs().mean()
        g = descend(optimizer_g, fool + 10 * cycle)
        parts = [((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()
                 for D, real, fake in ((judge_a, x, to_a), (judge_b, y, to_b))]  # fmt: skip
        d = descend(optimizer_d, sum(parts))
        return {"generator_loss": g, "discriminator_loss": d, "cycle": cycle, "loss_a": parts[0], "loss_b": parts[1]}

    given = {
        "generator": {"ab": ab, "ba": ba}, "discriminator": {"a": judge_a, "b": judge_b}, "data": b,
        "latent": lambda n: a[torch.randint(len(a), (n,))], "objective": "least_squares",
    }  # fmt: skip
    held = {"response": "critic", "looked_at": ["ab", "b"]}
    return Family([ab, ba, judge_a, judge_b], given, step, ("the picture shows 'ab' and 'b'",), held)


FAMILIES = [
    vanilla, dcgan, functional_sigmoid, logits, lsgan, wgan, wgan_gp, began, ebgan, cgan, cgan_one_hot, cgan_keywords,
    cgan_said, acgan, infogan, cogan, pix2pix, cyclegan,
]  # fmt: skip
