"""The samples panel: what the generator makes of the same latents, growing up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import UInt8

from gandyn.rendering.canvas.typeface import fitting, measure
from gandyn.rendering.marks.guides import diverged, title
from gandyn.rendering.marks.marks import Axes, Mark, Raster, Scale, Text
from gandyn.rendering.panels.base import TITLE, Panel
from gandyn.rendering.recording_view import PanelSlot, RecordingView

__all__ = ["Samples"]

_WHOLE = 0.87
"""Part of the side there is that an image takes at least when its pixels are grown by a whole factor."""

_CORNER = 0.36
"""Part of an image's side that the name of its class may take up in its corner."""

_NAME = 1.2
"""Height of the name of a class above an image, in em."""

_LOW = 0.75
"""Part of the height there is under which images stand in the middle of it and not under their title."""

_WORTH = 0.6
"""Part of the side images could have at which they are still set in rows of one class each."""

_HALF_FULL = 0.85
"""What an image's side counts for in a grid whose last row is not full."""


_ROW = 1.5
"""Type of a row's class for an audience, in em: it is what was asked for."""


class Samples(Panel):
    """The images of a few latents, fixed for the whole recording, in a grid; with their classes where latents have any.

    Images of the same latents, growing up; those of a conditional generator a row a class.

    Pixels are shown as they are and grown by a whole factor wherever that fills most of the room. Where all of a row
    are of one class it is written beside the row, else in a corner of each image, or above where it would cover it.

    Attributes:
        shows: what is drawn, by its name in the recording.
    """

    name = "samples"
    needs: ClassVar[tuple[str, ...]] = ("samples",)
    lead = True
    square = True
    images: ClassVar[bool] = True
    tones: ClassVar[bool] = True
    explained: ClassVar[bool] = False
    shows: ClassVar[str] = "samples"
    aspect: ClassVar[float] = 0.9

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        super().__init__(view, slot)
        em = slot.em
        left, bottom, right, top = slot.box
        head = 0.0 if slot.plain else TITLE * em
        foot = bottom + (0.0 if slot.plain else 0.3 if slot.alone else 1.4) * em
        sizes = view.dataset[self.shows].sizes
        number, shape = sizes["sample"], (sizes["row"], sizes["column"])
        classes = self.classes()
        widest = max((measure(text, em) for text in classes), default=0)
        room_size, aspect = (right - left, top - head - foot), shape[1] / shape[0]
        rows, columns = _by_class(classes, aspect, *room_size) or _grid(number, aspect, *room_size)
        covering = widest + 0.6 * em > _CORNER * min(room_size[0] / columns, room_size[1] / rows)
        uniform = _in_rows(classes, columns)
        if classes and covering and not uniform:
            rows, columns = _grid(number, aspect, *room_size, _NAME * em)
            uniform = _in_rows(classes, columns)
        size = float(np.clip(room_size[1] / rows / (1.2 * em), 1.0, _ROW)) if slot.plain else 1.0
        beside = size * widest + 0.8 * em if uniform else 0.0
        above = _NAME * em if classes and covering and not uniform else 0.0
        gap = max(round(0.14 * em), 2)
        wide = (right - left - beside + gap) / columns - gap
        high = (top - head - foot + gap) / rows - gap - above
        height = _side(shape, wide, high)
        width = max(round(height * shape[1] / shape[0]), 1)
        taken = rows * (height + gap + above) - gap
        # Under a legend of its own it stands at the left, like that; under another's in the middle.
        spare = right - left - beside - columns * (width + gap) + gap
        start = round(left + beside + (0.0 if slot.alone else max(spare, 0.0) / 2))
        ceiling = round(top - head)
        if slot.alone and taken < _LOW * (ceiling - foot):
            ceiling = round((ceiling + foot + taken) / 2)
        box = (start, ceiling - round(taken), start + columns * (width + gap) - gap, ceiling)
        self.axes[self.name] = Axes(box, Scale(box[0], box[2]), Scale(box[1], box[3]))
        self._corners: list[Mark] = []
        self._places: list[tuple[tuple[float, float], tuple[float, float]]] = []
        for k in range(number):
            row, column = divmod(k, columns)
            x, y = start + column * (width + gap), ceiling - round(row * (height + gap + above) + above)
            self._places.append(((x, x + width), (y - height, y)))
            if above:
                text = fitting([classes[k], classes[k][:4], classes[k][:1]], width + gap, em)
                self.background.append(Text("", "muted", x + width / 2, y + 0.25 * em, text, align="center"))
            elif uniform and column == 0:
                middle = y - height / 2
                role = "ink" if slot.plain else "muted"
                name = Text(
                    "", role, x - 0.5 * em, middle, classes[k], size, slot.plain, align="right", valign="middle"
                )
                self.background.append(name)
            elif classes and not uniform:
                corner = Text("", "ink", x, y, classes[k], valign="top", dx=0.22, dy=-0.22, ground=True)
                self._corners.append(corner)
        if slot.alone:
            which = (
                ""
                if not classes
                else "a class a row"
                if uniform
                else "classes above"
                if above
                else "classes in corners"
            )
            self.background += title(box[0] - beside, top - 0.8 * em, self.name, self.notes(number, which), em, right)

    def classes(self) -> list[str]:
        """Return the name of the class each sample was asked to be of; none where nothing was asked for."""
        view = self.view
        if not view.has("sample_class"):
            return []
        found = np.asarray(view.dataset["sample_class"].values, dtype=int)
        names = [str(one) for one in view.dataset["class"].values] if "class" in view.dataset.coords else []
        return [names[k] if k < len(names) else str(k) for k in found]

    def notes(self, number: int, which: str) -> list[str]:
        """Return what may be said behind the title of a number of images; `which` tells where their classes stand."""
        notes = [f"the same {number} latents at every step", "the same latents at every step", "the same latents"]
        return [f"the same latents at every step; {which}", which, *notes] if which else notes

    def marks(self, step_index: int) -> list[Mark]:
        """Return the images at a step."""
        at = self.view.diverged(step_index)
        if at is not None:
            return [diverged(at, self.axes[self.name].box, self.slot.em)]
        return [*self.tiles(self.view.images(step_index)), *self._corners]

    def tiles(self, images: UInt8[np.ndarray, "sample channel row column"]) -> list[Mark]:
        """Return images in their places."""
        return [
            Raster(self.name, x, y, image[..., 0] if image.shape[-1] == 1 else image)
            for (x, y), image in zip(self._places, np.moveaxis(images, 1, -1), strict=True)
        ]


def _in_rows(classes: Sequence[str], columns: int) -> bool:
    """Say whether there are classes, and all of each row are of one."""
    rows = [set(classes[k : k + columns]) for k in range(0, len(classes), columns)]
    return bool(rows) and all(len(row) == 1 for row in rows)


def _grid(number: int, aspect: float, width: float, height: float, above: float = 0.0) -> tuple[int, int]:
    """Return the rows and columns in which images of an aspect are largest; best in a grid that is full.

    Args:
        number: of images.
        aspect: their width over their height.
        width: pixels there are for all of them.
        height: likewise.
        above: pixels kept free above each.
    """

    def worth(columns: int) -> float:
        rows = math.ceil(number / columns)
        side = max(min(width / columns / aspect, height / rows - above), 1e-3)
        return side * (1.0 if rows * columns == number else _HALF_FULL)

    columns = max(range(1, number + 1), key=worth)
    return math.ceil(number / columns), columns


def _by_class(classes: Sequence[str], aspect: float, width: float, height: float) -> tuple[int, int] | None:
    """Return the full grid, all of each row of one class, in which images are largest; None where they become small."""
    number = len(classes)
    full = [columns for columns in range(1, number + 1) if number % columns == 0 and _in_rows(classes, columns)]

    def side(columns: int) -> float:
        return min(width / columns / aspect, height * columns / number)

    if not full:
        return None
    best = max(full, key=side)
    any_side = max(side(columns) for columns in range(1, number + 1))
    return (number // best, best) if side(best) >= _WORTH * any_side else None


def _side(shape: Sequence[int], wide: float, high: float) -> int:
    """Return the height in pixels at which images of a shape (rows, columns) are shown in the room there is."""
    rows, columns = shape
    grown = min(high / rows, wide / columns)
    whole = math.floor(grown)
    return rows * whole if whole >= _WHOLE * grown else max(int(rows * grown), 1)
