"""Deep convolutional GANs: strided convolutions both ways, from a vector to an image and from an image to a logit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field, PositiveInt
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from gandyn.networks.base import Shape
from gandyn.networks.modules import ModuleNetwork

__all__ = ["DCGAN"]

Convolution = tuple[int, int, int]
"""Kernel, stride and padding of a square convolution."""

_PLAIN = 28
"""The side of MNIST, which is no power of two: its usual networks reach it without any padding."""
_UP_TO_28: tuple[Convolution, ...] = ((3, 2, 0), (4, 1, 0), (3, 2, 0), (4, 2, 0))  # 1, 3, 6, 13, 28
_DOWN_FROM_28: tuple[Convolution, ...] = ((4, 2, 0), (4, 2, 0), (4, 2, 0))  # 28, 13, 5, 1

_NEAR = 4
"""Sides that a complaint names."""

Norm = Literal["batch", "instance", "spectral", "none"]


class DCGAN(ModuleNetwork):
    """A DCGAN generator, where a vector goes in, or discriminator, where an image does.

    The discriminator takes images of 28 x 28 to one logit by convolutions 28, 13, 5, 1 alone, the generator draws them
    by transposed ones 1, 3, 6, 13, 28; other sides are halved and doubled from a small one on, as in the paper. A
    conditional one gets each sample's class one-hot: beside the latent, and as constant channels of the image.

    References:
        Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
        Networks", 2015; Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014; Miyato, Kataoka, Koyama
        and Yoshida, "Spectral Normalization for Generative Adversarial Networks", 2018.
    """

    type: Literal["dcgan"] = "dcgan"
    channels: PositiveInt | None = Field(
        None,
        le=65536,
        description="of the layer next to the image, doubled at each layer further in; 128 in a generator, else 16",
    )
    depth: PositiveInt | None = Field(
        None,
        ge=2,
        le=100,
        description="convolutions; unless given, as many as lead to a side of 4 to 7 and from there to 1",
    )
    norm: Norm = Field("batch", description="of the hidden layers; spectral is for discriminators")

    @property
    def bounded(self) -> bool:
        """With spectral normalisation, of every layer."""
        return self.norm == "spectral"

    @property
    def batchwise(self) -> bool:
        """With batch normalisation."""
        return self.norm == "batch"

    def fits(self, inputs: Shape, outputs: Shape) -> None:
        """Check that one side is a square image which convolutions of this depth lead to."""
        images = [shape for shape in (inputs, outputs) if len(shape) == 3]
        if not images:
            raise ValueError("dcgan draws and judges images; this data has none (use mlp)")
        _, height, width = images[0]
        if height != width:
            raise ValueError(f"dcgan takes square images, not {height} x {width}")
        if len(outputs) == 3 and self.norm == "spectral":
            raise ValueError("norm: spectral is for discriminators")
        _convolutions(height, self.depth, up=len(outputs) == 3)

    def module(self, inputs: Shape, outputs: Shape, classes: int, generator: torch.Generator) -> nn.Module:
        """Build a generator or a discriminator; convolutions and batch normalisation begin at N(0, 0.02^2)."""
        self.fits(inputs, outputs)
        if len(outputs) == 3:
            steps = _convolutions(outputs[1], self.depth, up=True)
            widths = _widths(self.channels or 128, len(steps))[::-1]
            sizes = [inputs[0] + classes, *widths, outputs[0]]
            layers = self._layers(steps, sizes, nn.ConvTranspose2d, nn.ReLU(inplace=True))
            network: nn.Module = _Generator(nn.Sequential(*layers, nn.Tanh()), classes)
        else:
            steps = _convolutions(inputs[1], self.depth, up=False)
            sizes = [inputs[0] + classes, *_widths(self.channels or 16, len(steps)), outputs[0]]
            layers = self._layers(steps, sizes, nn.Conv2d, nn.LeakyReLU(0.2, inplace=True))
            network = _Discriminator(nn.Sequential(*layers), classes)
        for part in network.modules():
            if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
                nn.init.normal_(part.weight, 0.0, 0.02, generator=generator)
        return self._spectral(network) if self.norm == "spectral" else network

    def _layers(
        self,
        steps: list[Convolution],
        sizes: list[int],
        kind: Callable[..., nn.Module],
        act: nn.Module,
    ) -> list[nn.Module]:
        layers: list[nn.Module] = []
        for number, (kernel, stride, padding) in enumerate(steps):
            layers.append(kind(sizes[number], sizes[number + 1], kernel, stride, padding))
            if number + 1 < len(steps):
                if self.norm == "batch":
                    layers.append(nn.BatchNorm2d(sizes[number + 1]))
                elif self.norm == "instance":
                    layers.append(nn.InstanceNorm2d(sizes[number + 1], affine=True))
                layers.append(act)
        return layers

    @staticmethod
    def _spectral(network: nn.Module) -> nn.Module:
        for part in list(network.modules()):
            if isinstance(part, nn.Conv2d):
                spectral_norm(part)
        return network

    def label(self) -> str:
        """Return the name as people write it."""
        return "DCGAN"


class _Generator(nn.Module):
    """Takes latents (batch, dim) to images."""

    def __init__(self, layers: nn.Sequential, classes: int) -> None:
        super().__init__()
        self.layers, self.classes = layers, classes

    def forward(
        self, z: Float[Tensor, "batch dim"], label: Int[Tensor, " batch"] | None = None
    ) -> Float[Tensor, "batch channel row column"]:
        """Draw images."""
        if label is not None:
            z = torch.cat([z, functional.one_hot(label, self.classes).to(z.dtype)], dim=1)
        images: Tensor = self.layers(z[:, :, None, None])
        return images


class _Discriminator(nn.Module):
    """Takes images to logits (batch, 1)."""

    def __init__(self, layers: nn.Sequential, classes: int) -> None:
        super().__init__()
        self.layers, self.classes = layers, classes

    def forward(
        self, x: Float[Tensor, "batch channel row column"], label: Int[Tensor, " batch"] | None = None
    ) -> Float[Tensor, "batch 1"]:
        """Judge images."""
        if label is not None:
            maps = functional.one_hot(label, self.classes).to(x.dtype)[:, :, None, None]
            x = torch.cat([x, maps.expand(-1, -1, *x.shape[2:])], dim=1)
        logits: Tensor = self.layers(x)
        return logits.flatten(1)


def _convolutions(side: int, depth: int | None, *, up: bool) -> list[Convolution]:
    """Return the convolutions between one place and an image, in the order they are applied.

    Raises:
        ValueError: no convolutions of that depth lead there.
    """
    plain = _UP_TO_28 if up else _DOWN_FROM_28
    if side == _PLAIN and depth in (None, len(plain)):
        return [*plain]
    fitting = _depths(side)
    if not fitting:
        others = (one for one in range(4, 2 * side + 8) if _depths(one))
        near = sorted(sorted(others, key=lambda one: abs(one - side))[:_NEAR])
        raise ValueError(
            f"dcgan: no convolutions lead to a side of {side}; resize the images to {_either(near)} (data.size)"
        )
    if depth is not None and depth not in fitting:
        known = sorted({*fitting, *([len(plain)] if side == _PLAIN else [])})
        raise ValueError(f"depth: {depth} convolutions do not lead to a side of {side}; {_either(known)} do")
    # Unless told, down to a side of 4 to 7, or as near as halving comes.
    chosen = depth or next((one for one in fitting if side >> (one - 1) <= 7), fitting[-1])
    found: list[Convolution] = [(side >> (chosen - 1), 1, 0), *[(4, 2, 1)] * (chosen - 1)]
    return found if up else found[::-1]


def _depths(side: int) -> list[int]:
    """Return how many convolutions can lead to a side: halved by all but one of them it is 2 to 8."""
    return [number + 1 for number in range(1, side.bit_length()) if side % 2**number == 0 and 2 <= side >> number <= 8]


def _either(numbers: list[int]) -> str:
    return " or ".join([", ".join(map(str, numbers[:-1])), str(numbers[-1])] if numbers[1:] else map(str, numbers))


def _widths(channels: int, depth: int) -> list[int]:
    """Return the channels of the hidden layers, from the image inwards."""
    return [channels * 2**layer for layer in range(depth - 1)]
