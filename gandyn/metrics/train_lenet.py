"""Trains the classifier of digits on MNIST and writes its weights: `python -m gandyn.metrics.train_lenet`.

Each digit is seen twice an epoch: as it is, and shrunk to 8x8 pixels of 17 greys and grown again, as scikit-learn's
digits come. Both are turned, scaled, sheared and shifted a little. Takes some three minutes on two cores.
The rounding of another processor gives other weights of much the same accuracy; they are read only when the constants
printed at the end stand in `lenet.py`.
"""

from __future__ import annotations

import hashlib
import math

import torch
from jaxtyping import Float, Int, UInt8
from numpy import ndarray
from safetensors.torch import save
from torch import Tensor
from torch.nn import functional

from gandyn.datasets.mnist import Mnist
from gandyn.metrics.framing import framed
from gandyn.metrics.lenet import WEIGHTS, LeNet

__all__ = ["main"]

SEED = 0
EPOCHS = 8
BATCH = 256
LEARNING_RATE = 3e-3

BOX = 20
"""Side of the box that MNIST's digits lie in."""


def shrunk(images: UInt8[ndarray, "image 1 28 28"]) -> UInt8[ndarray, "image 1 8 8"]:
    """Return the digits much as scikit-learn's were made: fitted to a frame of 32x32, its ink counted by 4x4 pixels.

    There digits are narrower than MNIST's, but for the slim ones, which are stretched, and strokes are thicker: here by
    an amount that differs from image to image.
    """
    draw = torch.Generator().manual_seed(SEED)
    slimmest = 0.4 + 0.6 * torch.rand(len(images), generator=draw)
    faintest = 0.02 + 0.3 * torch.rand(len(images), 1, 1, 1, generator=draw)
    x = torch.tensor(images).float() / 255
    height, width = _extent(x.amax((1, 3))), _extent(x.amax((1, 2)))
    theta = torch.zeros(len(x), 2, 3)
    theta[:, 0, 0], theta[:, 0, 2] = 1.2 * torch.maximum(width[:, 1], slimmest * height[:, 1]), width[:, 0]
    theta[:, 1, 1], theta[:, 1, 2] = height[:, 1], height[:, 0]
    grid = functional.affine_grid(theta, [len(x), 1, 32, 32], align_corners=False)
    ink = (functional.grid_sample(x, grid, align_corners=False) > faintest).float()
    return (functional.avg_pool2d(ink, 4) * 255).round().to(torch.uint8).numpy()


def _extent(ink: Float[Tensor, "image line"]) -> Float[Tensor, "image 2"]:
    """Return middle and half length of the ink on an axis that runs from -1 to 1."""
    lines = ink.shape[1]
    lit = (ink > 0.5).float()
    first, last = lit.argmax(1), lines - 1 - lit.flip(1).argmax(1)
    return torch.stack([first + last + 1 - lines, last - first + 1], 1) / lines


def moved(x: Float[Tensor, "image 1 28 28"], draw: torch.Generator) -> Float[Tensor, "image 1 28 28"]:
    """Turn each image by up to 12 degrees, scale each axis by up to 15 %, shear, and shift by up to two pixels."""

    def uniform(limit: float) -> Float[Tensor, " image"]:
        return (2 * torch.rand(len(x), generator=draw) - 1) * limit

    angle, shear, wide, high = uniform(math.radians(12)), uniform(0.2), uniform(0.15).exp(), uniform(0.15).exp()
    cosine, sine = angle.cos(), angle.sin()
    rows = [
        torch.stack([wide * cosine, -high * sine + shear, uniform(2 / 14)], 1),
        torch.stack([wide * sine, high * cosine, uniform(2 / 14)], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def train(images: Float[Tensor, "image 1 28 28"], labels: Int[Tensor, " image"]) -> LeNet:
    """Return a classifier trained with the one-cycle schedule."""
    torch.manual_seed(SEED)
    draw = torch.Generator().manual_seed(SEED)
    net = LeNet()
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.05, fused=True)
    batches = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=EPOCHS * batches)
    for epoch in range(EPOCHS):
        total = 0.0
        for chosen in torch.randperm(len(images), generator=draw)[: batches * BATCH].split(BATCH):
            optimizer.zero_grad()
            logits = net(moved(images[chosen], draw))
            loss = functional.cross_entropy(logits, labels[chosen], label_smoothing=0.05)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / batches:.4f}", flush=True)
    return net


def accuracy(net: LeNet, images: Float[Tensor, "image 1 28 28"], labels: ndarray | None) -> float:
    """Return the share of images that are classified rightly."""
    with torch.inference_mode():
        guesses = torch.cat([net(part).argmax(1) for part in images.split(1000)])
    return float((guesses.numpy() == labels).mean())


def main() -> None:
    """Train, write the weights in half precision, and print what `lenet.py` states about them."""
    train_set, test_set = Mnist().load("train"), Mnist().load("test")
    images = torch.cat([framed(train_set.pixels, None), framed(shrunk(train_set.pixels), BOX)])
    net = train(images, torch.tensor(train_set.labels).repeat(2))
    weights = {name: values.detach().half() for name, values in net.state_dict().items()}
    content = save(weights)
    WEIGHTS.write_bytes(content)
    net.load_state_dict(weights)
    print(f'WEIGHTS_SHA256 = "{hashlib.sha256(content).hexdigest()}"')
    print(f"TEST_ACCURACY = {accuracy(net, framed(test_set.pixels, None), test_set.labels)}")
    small = framed(shrunk(test_set.pixels), BOX)
    print(f"accuracy on the test images shrunk to 8x8: {accuracy(net, small, test_set.labels)}")


if __name__ == "__main__":
    main()
