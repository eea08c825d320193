"""Convolutions and transposed convolutions of whole numbers, by torch."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor
from torch.nn import functional

from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.explain.sliding import Grid, Move, Sliding
from gandyn.rendering.explain.sliding_page import SlidingFigure
from gandyn.rendering.theme import Theme
from gandyn.scenario.layers.base import Layer

__all__ = ["Convolution", "TransposedConvolution"]

_NUMBERS = (1, 3, 2, 2, 1, 1, 3, 1, 2, 3, 2)
"""What inputs are filled with, row by row."""

_MOST = 12
"""No picture has room for more rows, or for a stride or padding of more."""


class _Sliding(Layer):
    """A convolution of one channel with a square kernel."""

    input: int = Field(3, ge=1, le=_MOST, description="side of the input, in numbers")
    kernel: int = Field(3, ge=1, le=_MOST, description="side of the kernel")
    stride: int = Field(1, ge=1, le=_MOST, description="how far apart the kernel's places are")
    padding: int = Field(0, ge=0, le=_MOST, description="rows and columns added on each side of the input")

    @abstractmethod
    def picture(self) -> Sliding:
        """Return its numbers, to be drawn."""

    def page(self, size: tuple[int, int], theme: Theme, big: bool = False, title: str = "") -> Explanation:
        """Return the picture of it."""
        shown = self.picture()
        return SlidingFigure(replace(shown, title=title or shown.title), size, theme, big)

    @property
    def numbers(self) -> Float[Tensor, "row column"]:
        """The input: whole numbers from 1 to 3."""
        cells = torch.arange(self.input**2).reshape(self.input, self.input)
        return torch.tensor(_NUMBERS, dtype=torch.float64)[cells % len(_NUMBERS)]

    @property
    def weights(self) -> Float[Tensor, "row column"]:
        """The kernel: whole numbers from 1 to 3, without symmetry, so that a turn or a flip would be seen."""
        row, column = torch.meshgrid(torch.arange(self.kernel), torch.arange(self.kernel), indexing="ij")
        return (1 + (row + 2 * column) % 3).double()

    @property
    def square(self) -> Grid:
        """The kernel, to be drawn."""
        return Grid(f"kernel {_sides(self.kernel)}", self.weights.numpy())

    @property
    def setting(self) -> str:
        """Kernel, stride and what else is set, in words."""
        parts = [(name, value) for name, value in self if name not in ("type", "input")]
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parts if value or name == "stride")


class Convolution(_Sliding):
    """The kernel slides over the input; each place of it gives one number of the output.

    References:
        A guide to convolution arithmetic for deep learning. V. Dumoulin, F. Visin, 2016.
    """

    type: Literal["conv"] = "conv"
    input: int = Field(5, ge=1, le=_MOST, description="side of the input, in numbers")

    @model_validator(mode="after")
    def _fits(self) -> Convolution:
        side = self.input + 2 * self.padding
        if side < self.kernel:
            raise ValueError(
                f"kernel {self.kernel} is larger than the input with its padding ({side}): take a smaller one"
            )
        return self

    def picture(self) -> Sliding:  # noqa: D102 - as in the base
        n, k, s, p = self.input, self.kernel, self.stride, self.padding
        padded = functional.pad(self.numbers, (p,) * 4)
        out = functional.conv2d(padded[None, None], self.weights[None, None], stride=s)[0, 0].numpy()
        moves = []
        for i, j in np.ndindex(*out.shape):
            patch = padded[i * s : i * s + k, j * s : j * s + k]
            moves.append(
                Move((i * s, j * s), (i, j), out[i : i + 1, j : j + 1], self._products(patch, float(out[i, j])))
            )
        return Sliding(
            title=f"Convolution: {self.setting}",
            opening=f"The kernel slides over the input, {_cells(s)} at a time; each place gives one number",
            closing="Each number says how strongly the kernel answers to one patch of the input",
            formula=f"side of the output: ⌊(n + 2p − k) / s⌋ + 1 = ⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {len(out)}",
            source=Grid(
                f"input {_sides(n)}", padded.numpy(), p, p + n, f"around the frame: padding {p}, of zeros" if p else ""
            ),
            kernel=self.square,
            target=Grid(f"output {_sides(len(out))}", out),
            moves=tuple(moves),
            reads=k,
            stamps=False,
        )

    def _products(self, patch: Float[Tensor, "row column"], total: float) -> str:
        if self.kernel > 3:
            return f"{self.kernel**2} products are added up: {total:g}"
        pairs = zip(patch.ravel().tolist(), self.weights.ravel().tolist(), strict=True)
        return " + ".join(f"{value:g}·{weight:g}" for value, weight in pairs) + f" = {total:g}"


class TransposedConvolution(_Sliding):
    """Each number of the input, times the kernel, is added to the output; the places lie the stride apart.

    Where the stride does not divide the kernel, some numbers of the output are added to more often than others.

    References:
        Deconvolution and Checkerboard Artifacts. A. Odena, V. Dumoulin, C. Olah, 2016.
    """

    type: Literal["conv_transpose"] = "conv_transpose"
    stride: int = Field(2, ge=1, le=_MOST, description="how far apart the kernel's places are")
    padding: int = Field(0, ge=0, le=_MOST, description="rows and columns cut off on each side of the output")
    output_padding: int = Field(0, ge=0, description="rows and columns added at the end; fewer than the stride")

    @model_validator(mode="after")
    def _leaves_an_output(self) -> TransposedConvolution:
        if self.output_padding >= self.stride:
            raise ValueError(f"output_padding {self.output_padding} must be less than the stride, {self.stride}")
        if self.side < 1:
            whole = self.side + 2 * self.padding
            raise ValueError(f"padding {self.padding} leaves nothing of an output of {whole}: take a smaller one")
        return self

    @property
    def side(self) -> int:
        """The output's side."""
        return (self.input - 1) * self.stride - 2 * self.padding + self.kernel + self.output_padding

    def picture(self) -> Sliding:  # noqa: D102 - as in the base
        n, k, s, p = self.input, self.kernel, self.stride, self.padding
        extra, side = self.output_padding, self.side
        whole = functional.conv_transpose2d(self.numbers[None, None], self.weights[None, None], stride=s)[0, 0].numpy()
        end = p + side
        values = np.pad(whole, (0, max(end - len(whole), 0)))
        moves = tuple(
            Move((i, j), (i * s, j * s), value * self.weights.numpy(), f"{value:g} × the kernel is added to the output")
            for (i, j), value in np.ndenumerate(self.numbers.numpy())
        )
        around = f"outside the frame: cut off by padding {p}" if p else ""
        drawn = Sliding(
            title=f"Transposed convolution: {self.setting}",
            opening=f"Each number of the input stamps the kernel into the output, {_cells(s)} apart",
            closing="",
            formula=f"side of the output: (n − 1)·s − 2p + k + op = ({n} − 1)·{s} − 2·{p} + {k} + {extra} = {side}",
            source=Grid(f"input {_sides(n)}", self.numbers.numpy()),
            kernel=self.square,
            target=Grid(f"output {_sides(side)}", values, p, end, around),
            moves=moves,
            reads=1,
            stamps=True,
        )
        return _closed(drawn, k, s)


def _closed(drawn: Sliding, kernel: int, stride: int) -> Sliding:
    """Say in the end how evenly a transposed convolution covers its output."""
    first, end = drawn.target.kept
    told = np.unique(drawn.counts[-1][first:end, first:end]).tolist()
    times = " or ".join(filter(None, [", ".join(map(str, told[:-1])), str(told[-1])]))
    if kernel < stride and told[0] == 0:
        said = f"Kernel {kernel} leaves gaps when its stamps lie {stride} apart: a grid of zeros"
    elif told[-1] <= 1:
        said = "No stamps overlap, so there is no checkerboard"
    elif kernel % stride and len(told) > 1:
        said = f"Overlaps add up, {times} times: a checkerboard, as stride {stride} does not divide kernel {kernel}"
    else:
        said = f"As stride {stride} divides kernel {kernel}, overlaps are even but at the edge: no checkerboard"
    return replace(drawn, closing=said)


def _cells(number: int) -> str:
    return f"{number} cell{'s' * (number > 1)}"


def _sides(number: int) -> str:
    return f"{number} × {number}"
