"""The story of one image: it grows up with the generator, and then walks through the latent space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float, UInt8

from gandyn.core.errors import UsageError
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.typeface import ellipsize, measure, wrap
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.layout.layout import Layout
from gandyn.rendering.layout.talk import talk_font
from gandyn.rendering.marks.marks import Axes, Dots, Line, Mark, Raster, Scale, Text
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.theme import Theme

__all__ = ["Walk", "WalkFigure", "Walker", "slerp"]

Box = tuple[float, float, float, float]

_SMALL = 0.3
"""Side of a small image, in parts of the diameter of the round way they stand on."""

_INNER = 0.62
"""Radius of the round way the place is shown on, inside of the small images."""

_GROWING = 2.0
"""Power of the law by which steps are shown: closer together at the beginning, where most happens."""


@dataclass(frozen=True)
class Walk:
    """What a trained generator makes of latents on a closed way through some of the fixed ones.

    Attributes:
        images: one a place, from the first latent on and back to it; the last place lies just before the first.
        places: where each of them is on the way, from 0 to 1.
        anchors: images of the latents that the way leads through, which lie on it equally far apart.
        sample: the first of these latents' number among the fixed ones.
    """

    images: UInt8[np.ndarray, "frame channel row column"]
    places: Float[np.ndarray, " frame"]
    anchors: UInt8[np.ndarray, "anchor channel row column"]
    sample: int = 0


class Walker(Protocol):
    """Whoever has the generator: makes a walk of a number of frames."""

    def __call__(self, frames: int) -> Walk:
        """Return the walk."""
        ...


class WalkFigure(Figure):
    """One image, as large as the picture is high; beside it the latents it walks through, on a round way.

    The image of the first latent grows up from step to step; then the last generator's walk begins there and ends
    there: spherically (Tom White, "Sampling Generative Networks", 2016), between the latents of others and back. With
    `loop: true` it is the walk alone, without a seam.

    Raises:
        UsageError: the recording is not of images.
    """

    def __init__(
        self,
        view: RecordingView,
        walk: Walk,
        size: tuple[int, int],
        theme: Theme,
        header: bool = True,
        loop: bool = False,
    ) -> None:
        if not view.has("samples"):
            raise UsageError("story: walk shows one image, and this recording is not of images")
        em = talk_font(size)
        margin = 1.2 * em
        super().__init__(size, theme, Layout(em, margin, (0.0, 0.0, float(size[0]), float(size[1])), ()), [])
        self.view, self.walk, self.header, self.loop = view, walk, header, loop
        rows, columns = walk.images.shape[2:]
        high = size[1] - 2 * margin
        wide = min(high * columns / rows, 0.7 * size[0] - 1.5 * margin)
        high = wide * rows / columns
        low = (size[1] - high) / 2
        self.place: Box = (margin, round(low), margin + round(wide), round(low) + round(high))
        self.side: Box = (self.place[2] + 1.6 * em, margin, size[0] - margin, size[1] - margin)
        self._axes = {
            "picture": Axes(
                (0.0, 0.0, float(size[0]), float(size[1])), Scale(0, size[0]), Scale(0, size[1]), clip=False
            )
        }
        self._lay_way(rows / columns)

    @property
    def tones(self) -> bool:
        """There are images in it."""
        return True

    def _lay_way(self, aspect: float) -> None:
        """Place the latents on a circle in what the words leave of the right side."""
        em, (left, bottom, right, top) = self.layout.em, self.side
        ceiling = top - (9.8 if self.header else 4.4) * em
        number = len(self.walk.anchors)
        diameter = max(min((right - left) / (1 + _SMALL), (ceiling - bottom) / (1 + _SMALL * aspect)), 1.0)
        half = (0.5 * _SMALL * diameter, 0.5 * _SMALL * diameter * aspect)
        self._radius = diameter / 2
        self._middle = ((left + right) / 2, (bottom + ceiling) / 2)
        self._small = [
            (x - half[0], y - half[1], x + half[0], y + half[1])
            for x, y in (self.on_way(k / number, 1.0) for k in range(number))
        ]
        x, y = np.array([self.on_way(k / 96) for k in range(97)]).T
        self._way: list[Mark] = [Line("", "faint", x, y, weight=1.6)]
        self._way += [_image(box, one) for box, one in zip(self._small, self.walk.anchors, strict=True)]

    def on_way(self, place: float, part: float = _INNER) -> tuple[float, float]:
        """Return where a place on the way, from 0 to 1, is drawn: clockwise from the top, at a part of the radius."""
        turn, radius = 2 * math.pi * place, part * self._radius
        return self._middle[0] + radius * math.sin(turn), self._middle[1] + radius * math.cos(turn)

    def frames(self, count: int) -> list[int]:
        """Return steps by index, closer together at first, and after them the places of the walk; of a loop these."""
        first = len(self.view.steps)
        steps = 0 if self.loop else max(count - len(self.walk.images), min(count, 2))
        walk = max(count - steps, 0)
        chosen = np.unique(np.linspace(0, len(self.walk.images) - 1, min(walk, len(self.walk.images))).round())
        shown = self.view.end - 1 - self.view.begin
        grown = sorted({self.view.begin + round(shown * (k / max(steps - 1, 1)) ** _GROWING) for k in range(steps)})
        return [*grown, *(first + int(k) for k in chosen)]

    @property
    def clock(self) -> tuple[int, int]:
        """The first and the last step shown."""
        return self.view.first_step, self.view.last_step

    def background(self) -> list[Mark]:
        """Return title and caption."""
        if not self.header:
            return []
        em, (left, _bottom, right, top) = self.layout.em, self.side
        title = ellipsize(self.view.name, right - left, 1.7 * em, bold=True)
        caption = wrap(self.view.attribute("caption"), right - left, em, 2)
        lines = [Text("", "muted", left, top - (3.0 + 1.3 * k) * em, line) for k, line in enumerate(caption)]
        return [Text("", "ink", left, top - 1.3 * em, title, size=1.7, bold=True), *lines]

    def marks(self, frame: int) -> list[Mark]:
        """Return the image, what it is, and on the walk the place on the way."""
        em, (left, _bottom, right, top) = self.layout.em, self.side
        place, y = frame - len(self.view.steps), top - (7.0 if self.header else 1.6) * em
        if place < 0:
            marks: list[Mark] = [_image(self.place, self.view.images(frame)[self.walk.sample])]
            words, below = f"step {int(self.view.steps[frame]):,}", "one latent, while the generator learns"
        else:
            u, v = self.on_way(float(self.walk.places[place]))
            dot = Dots("", "generator", np.array([u]), np.array([v]), 0.5, halo=0.16)
            marks = [_image(self.place, self.walk.images[place]), *self._way, dot]
            words, below = "a walk", f"between {len(self.walk.anchors)} latents, after {self.view.last_step:,} steps"
        size = min(1.8, (right - left) / measure(words, em, bold=True))
        return [
            *marks,
            Text("", "ink", left, y, words, size=size, bold=True),
            Text("", "muted", left, y - 1.6 * em, ellipsize(below, right - left, em)),
        ]

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint the image and its place."""
        painter.paint(self.marks(frame), self._axes)

    def _paint_background(self, painter: Painter) -> None:
        painter.paint(self.background(), self._axes)


def slerp(
    start: Float[np.ndarray, "*latent"], end: Float[np.ndarray, "*latent"], t: float
) -> Float[np.ndarray, "*latent"]:
    """Return the point at `t` (0 to 1) on the great circle between two latents, its length between theirs.

    On the straight line between two Gaussian latents of many dimensions lengths come up that none of them has.

    References:
        Sampling Generative Networks. T. White, 2016.
    """
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) < 1e-12:
        return (1 - t) * start + t * end
    first, last = start / lengths[0], end / lengths[1]
    angle = np.arccos(np.clip((first * last).sum(), -1.0, 1.0))
    if np.sin(angle) < 1e-6:
        return (1 - t) * start + t * end
    direction = (np.sin((1 - t) * angle) * first + np.sin(t * angle) * last) / np.sin(angle)
    return ((1 - t) * lengths[0] + t * lengths[1]) * direction


def _image(box: Box, image: UInt8[np.ndarray, "channel row column"]) -> Raster:
    pixels = np.moveaxis(image, 0, -1)
    return Raster("picture", (box[0], box[2]), (box[1], box[3]), pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
