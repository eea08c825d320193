"""The classifier of digits that the quality measures look through, and its weights."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64, UInt8
from numpy import ndarray
from torch import Tensor, nn

from gandyn.core.errors import RunError
from gandyn.metrics.framing import framed

__all__ = ["FEATURES", "TEST_ACCURACY", "WEIGHTS", "WEIGHTS_SHA256", "LeNet", "Reading", "read", "trained"]

FEATURES = 84
"""Units of the layer before the last, whose values are the features of an image."""

BATCH = 100
"""Images that are read at a time."""

WEIGHTS = Path(__file__).with_name("lenet.safetensors")
"""The shipped weights, made by `python -m gandyn.metrics.train_lenet`."""

WEIGHTS_SHA256 = "cd729cb99a56cf13e75ec48720a44411d13053f473abbd72990f1a5c4ecc1ca0"
"""SHA-256 of the file of weights: figures from different weights do not compare."""

TEST_ACCURACY = 0.9945
"""Share of MNIST's 10,000 test images that the shipped weights classify rightly."""


class LeNet(nn.Module):
    """Two convolutions and two dense layers, ReLU, max pooling: 28x28 grey digits in [0, 1] to ten logits.

    References:
        LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998 (LeNet-5).
    """

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.hidden = nn.Linear(32 * 5 * 5, FEATURES)
        self.output = nn.Linear(FEATURES, 10)

    def features(self, x: Float[Tensor, "image 1 28 28"]) -> Float[Tensor, "image feature"]:
        """Return the values of the layer before the last, after its nonlinearity."""
        return torch.relu(self.hidden(self.convolutions(x).flatten(1)))

    def forward(self, x: Float[Tensor, "image 1 28 28"]) -> Float[Tensor, "image 10"]:
        """Return the logits of the ten digits."""
        return self.output(self.features(x))


@cache
def trained() -> LeNet:
    """Return the classifier with the shipped weights, on the CPU; read and verified once a process.

    Raises:
        RunError: the file of weights is missing or is not the one this version of gandyn was shipped with.
    """
    from safetensors.torch import load

    try:
        content = WEIGHTS.read_bytes()
    except OSError as error:
        raise RunError(f"cannot read {WEIGHTS}: {error.strerror}; install gandyn anew") from None
    found = hashlib.sha256(content).hexdigest()
    if found != WEIGHTS_SHA256:
        raise RunError(f"{WEIGHTS} is damaged: its SHA-256 is {found}, not {WEIGHTS_SHA256}; install gandyn anew")
    with torch.device("meta"):  # made without values, so that nothing is drawn from the caller's random numbers
        net = LeNet()
    net.load_state_dict({name: values.to("cpu", torch.float32) for name, values in load(content).items()}, assign=True)
    return net.requires_grad_(False).eval()


class Reading(NamedTuple):
    """What the classifier makes of images.

    Attributes:
        features: values of the layer before the last, shape (image, `FEATURES`).
        classes: the most likely digit, shape (image,).
    """

    features: Float64[ndarray, "image feature"]
    classes: Int64[ndarray, " image"]


def read(images: UInt8[ndarray, "image 1 height width"], box: int | None) -> Reading:
    """Return what the shipped classifier makes of images, some at a time, on the CPU.

    Args:
        images: grey images of one size.
        box: what they are scaled to (see `framing.box`).

    Raises:
        RunError: the shipped weights cannot be read.
    """
    net = trained()
    features, classes = [], []
    # The caller may be in mixed precision; what is measured may not depend on that.
    with torch.inference_mode(), torch.autocast("cpu", enabled=False):
        for start in range(0, len(images), BATCH):
            values = net.features(framed(images[start : start + BATCH], box))
            features.append(values.numpy().astype(np.float64))
            classes.append(net.output(values).argmax(1).numpy())
    return Reading(np.concatenate(features), np.concatenate(classes))
