"""What is written in a picture and where: every line of text of a frame with its box, as the painter would set it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from gandyn.rendering.canvas.painter import place_labels
from gandyn.rendering.canvas.typeface import face, measure
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.marks.marks import Axes, EndLabels, Mark, Text
from gandyn.rendering.panels.base import Panel

Box = tuple[float, float, float, float]

_RISE = {"baseline": 0.0, "middle": 0.36, "top": 0.74, "bottom": -0.22}
_START = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True)
class Words:
    """One line of text in its place.

    Attributes:
        text: what is written.
        size: its type in pixels.
        box: left, bottom, right and top in pixels, as high as its letters are.
        panel: which of the page's panels wrote it; None of what stands around them.
        ground: whether what lies under it is dimmed, so that it may stand on a picture.
        role: its colour.
    """

    text: str
    size: float
    box: Box
    panel: int | None = None
    ground: bool = False
    role: str = ""


class _Listener:
    """Stands in for a painter, and keeps what it is told to paint."""

    def __init__(self) -> None:
        self.heard: list[tuple[Mark, Mapping[str, Axes]]] = []

    def paint(self, marks: Iterable[Mark], axes: Mapping[str, Axes]) -> None:
        """Keep marks with the axes they are in."""
        self.heard += [(mark, axes) for mark in marks]


def drawn(page: Figure, frame: int) -> list[tuple[Mark, Mapping[str, Axes]]]:
    """Return all marks of a frame, with the axes they are in."""
    listener = _Listener()
    listener.paint(page.background(), {})
    for panel in page.panels:
        listener.paint(panel.background, panel.axes)
    page.paint_frame(listener, frame)  # type: ignore[arg-type]
    return listener.heard


def written(page: Figure, frame: int) -> list[Words]:
    """Return every line of text of a frame."""
    owners = {id(panel.axes): number for number, panel in enumerate(page.panels)}
    found: list[Words] = []
    for mark, axes in drawn(page, frame):
        found += words(mark, axes, page.layout.em, owners.get(id(axes)))
    return found


def words(mark: Mark, axes: Mapping[str, Axes], em: float, panel: int | None = None) -> list[Words]:
    """Return the lines of text that a mark is painted as."""
    if isinstance(mark, Text) and mark.text:
        size = mark.size * em
        x, y = (mark.x, mark.y) if not mark.axes else (float(v) for v in axes[mark.axes].pixels(mark.x, mark.y))
        wide = measure(mark.text, size, mark.bold, mark.mono)
        x += mark.dx * em - _START[mark.align] * wide
        y += mark.dy * em - _RISE[mark.valign] * size
        low, high = _rows(mark.text, y, size, mark.bold, mark.mono)
        return [Words(mark.text, size, (x, low, x + wide, high), panel, mark.ground, mark.role)]
    if isinstance(mark, EndLabels):
        placed = place_labels(mark, axes[mark.axes], em)
        found = []
        for one in placed:
            low, high = _rows(one.text, one.y - 0.36 * em, em, one.bold, False)
            box = (one.x, low, one.x + measure(one.text, em, one.bold), high)
            # What lies under them is dimmed: they may stand on the curve whose end they name.
            found.append(Words(one.text, em, box, panel, True, one.role))
        return found
    return []


@cache
def _ink(text: str, size: float, bold: bool, mono: bool) -> tuple[int, int]:
    """Return how far letters reach below and above their baseline, in pixels."""
    rows = [(top, top + mask.shape[0]) for mask, _, top in face(size, bold, mono).masks(text)]
    return -max((low for _, low in rows), default=0), -min((high for high, _ in rows), default=0)


def _rows(text: str, baseline: float, size: float, bold: bool, mono: bool) -> tuple[float, float]:
    low, high = _ink(text, round(size * 4) / 4, bold, mono)
    return baseline + low, baseline + high


def common(one: Box, other: Box, slack: float = 1.0) -> bool:
    """Say whether two boxes share more than a few pixels each way."""
    across, up = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return across > slack and up > slack


def overlaps(found: Sequence[Words]) -> list[tuple[str, str]]:
    """Return the pairs of texts that are written over each other."""
    boxes = np.array([one.box for one in found]).reshape(-1, 4)
    across, up = (
        np.minimum(boxes[:, None, k + 2], boxes[None, :, k + 2]) - np.maximum(boxes[:, None, k], boxes[None, :, k])
        for k in (0, 1)
    )
    pairs = np.argwhere(np.triu((across > 1.0) & (up > 1.0), k=1))
    return [(found[a].text, found[b].text) for a, b in pairs]


def outside(found: Iterable[Words], size: tuple[int, int]) -> list[str]:
    """Return the texts that leave the picture."""
    return [
        one.text
        for one in found
        if one.box[0] < -1 or one.box[1] < 0 or one.box[2] > size[0] + 1 or one.box[3] > size[1]
    ]


def intruders(found: Iterable[Words], panels: Sequence[Panel]) -> list[tuple[str, str]]:
    """Return the texts that stand on the axes of a panel they are no part of, with its name."""
    places = [(k, panel.name, place.box) for k, panel in enumerate(panels) for place in panel.axes.values()]
    return [
        (one.text, name)
        for one, (number, name, box) in itertools.product(found, places)
        if one.panel != number and common(one.box, box)
    ]
