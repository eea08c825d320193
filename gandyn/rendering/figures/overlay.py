"""Several recordings in one figure: a panel a number, in each of them a line a recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.core.suggestions import hint
from gandyn.rendering import panels as catalogue
from gandyn.rendering.canvas.painter import Painter
from gandyn.rendering.canvas.sheet import Sheet
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.figures.comparison import Compared
from gandyn.rendering.figures.headings import Heading
from gandyn.rendering.figures.panels_figure import SheetFigure, room_for
from gandyn.rendering.layout.rows import Cell
from gandyn.rendering.lines import CURVES, Curves, Label, Series, legend_rows, with_curves
from gandyn.rendering.marks.marks import Mark
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.recording_view import MOST, RecordingView, share_scales
from gandyn.rendering.theme import Theme

__all__ = ["Overlay", "check_curves"]

_DISTANCES = ("frechet_distance", "js", "w1", "sliced_w1")
_COUNTS = ("modes_captured",)
"""What recordings are compared by where nothing is named: the first distance and the first count they all hold."""

_TITLES = {
    "kl": "KL(data, generator)",
    "reverse_kl": "KL(generator, data)",
    "kl_skew": "KL(data, generator), skew",
    "reverse_kl_skew": "KL(generator, data), skew",
}
"""What numbers are called whose names in a recording are formulas."""

_BESIDE = 0.34
"""Part of a panel's width that the names of recordings may take at the ends of their curves; else they have rows."""


class Overlay(SheetFigure):
    """A panel a number, in each of them a line a recording; the lines are named at their ends or in rows above.

    Args:
        compared: the recordings and how they differ.
        names: of numbers, or of panels that draw some; a distance and the modes where none are given.
        sheet: its height is found where it is not given.
        title: whether title and caption stand above.

    Raises:
        UsageError: there are too few or too many recordings, or they do not hold what is named.
    """

    def __init__(
        self, compared: Compared, names: Sequence[str] | None, sheet: Sheet, theme: Theme, title: bool = True
    ) -> None:
        columns = compared.columns
        if not 2 <= len(columns) <= MOST:
            raise UsageError(f"two to {MOST} recordings find room in a figure, not {len(columns)}")
        views = [RecordingView(one.recording, one.seed) for one in columns]
        share_scales(views)
        found = [one for name in names or usual_numbers(views) for one in series(name, views)]
        full = [one.heading or view.name for one, view in zip(columns, views, strict=True)]
        short = [one.label or text for one, text in zip(columns, full, strict=True)]
        until = ["" if one.last_step == one.clock[1] else f" (to {one.last_step})" for one in views]
        full, short = ([text + end for text, end in zip(texts, until, strict=True)] for texts in (full, short))
        em, edge = sheet.em, sheet.margin * sheet.em
        wide = sheet.width - 2 * edge
        titles = list(dict.fromkeys(view.name for view in views))
        heading = Heading(compared.title or " vs ".join(titles), compared.caption) if title else Heading()
        cells = [Cell(False, 2.2, low=11.0, high=16.0) for _ in found]
        _, _, slots, _ = room_for(sheet, heading, cells)
        widest = max(measure(text, em, bold=True) for text in short)
        ended = widest <= _BESIDE * min(slot.width for slot in slots)
        rise = 0.0 if ended else legend_rows(_labels(full), edge, 0.0, wide, em)[1]
        sheet, marks, slots, top = room_for(sheet, heading, cells, rise)
        named: list[Mark] = [] if ended else legend_rows(_labels(full), edge, top, wide, em)[0]
        labels = _labels(short if ended else [""] * len(short))
        alone = any(one.seed is not None for one in columns)
        what = compared.knob if ended else ""
        panels = [
            Curves(views, one, replace(slot, gutter=0.0), labels, what, alone)
            for one, slot in zip(found, slots, strict=True)
        ]
        super().__init__(sheet, with_curves(theme), panels, [*marks, *named])

    def paint_frame(self, painter: Painter, frame: int) -> None:
        """Paint all curves."""
        for panel in self.panels:
            painter.paint(panel.marks(0), panel.axes)


def _labels(texts: Sequence[str]) -> list[Label]:
    return [Label(role, text) for role, text in zip(CURVES, texts, strict=False)]


def usual_numbers(views: Sequence[RecordingView]) -> list[str]:
    """Return the names of what recordings are compared by where nothing is named.

    Raises:
        UsageError: they have nothing of the kind in common.
    """
    held = [[name for name in names if all(one.has(name) for one in views)][:1] for names in (_DISTANCES, _COUNTS)]
    if not any(held):
        raise UsageError(f"the recordings have no distance in common ({', '.join(_DISTANCES)}): name what to draw")
    return [name for names in held for name in names]


def series(name: str, views: Sequence[RecordingView]) -> list[Series]:
    """Return what a name stands for: a variable of the recordings, or all that a panel of that name draws.

    A divergence that is infinite anywhere gives way to its skew one, and says so.

    Raises:
        UsageError: not all of the recordings have it.
    """
    dim = len(views[0].dims)
    for one in views:
        scalars = [str(key) for key, value in one.dataset.data_vars.items() if value.dims == ("seed", "step")]
        try:
            check_curves(name, dim, one.has, scalars)
        except UsageError as error:
            raise UsageError(f"{one.name}: {error}") from None
    if _is_panel(name, dim):
        drawn = [catalogue.find(name, dim).courses(one) for one in views]
        common = [label for label in drawn[0] if all(label in other for other in drawn)]
        if not common:
            raise UsageError(f"the {name} panel draws no curves that all of these recordings have")
        return [Series(f"{name}: {label}", "", tuple(one[label] for one in drawn)) for label in common]
    skew = f"{name}_skew"
    if any(np.isposinf(one.scalars(name)).any() for one in views) and all(one.has(skew) for one in views):
        name = skew
    attrs = views[0].dataset[name].attrs
    units = str(attrs.get("units", ""))
    units = views[0].unit or units if units == "x" else units
    most = [float(one.dataset[name].attrs.get("of", np.nan)) for one in views]
    return [
        Series(
            _TITLES.get(name) or str(attrs.get("long_name") or name.replace("_", " ")),
            "" if units == "1" else units,
            tuple(one.scalars(name) for one in views),
            max(most) if np.isfinite(most).all() else float("nan"),
        )
    ]


def check_curves(name: str, dim: int, has: Callable[[str], bool], scalars: Sequence[str]) -> None:
    """Check that a recording holds what a name stands for.

    Args:
        name: of a number, or of a panel that draws some.
        dim: dimension of the recording, 1 or 2.
        has: says what it holds, by name.
        scalars: the numbers it holds at every step.

    Raises:
        UsageError: it does not, or the panel draws no curves over the steps.
    """
    panels = catalogue.names(dim, images=True)
    if name in scalars and not _is_panel(name, dim):
        return
    if name not in panels:
        drawing = [one for one in panels if _draws_curves(catalogue.find(one, dim))]
        raise UsageError(f"there is no number {shown(name)} at every step{hint(name, [*scalars, *drawing])}")
    kind = catalogue.find(name, dim)
    refusal = kind.refusal(has)
    if refusal is not None:
        raise UsageError(refusal)
    if not _draws_curves(kind):
        able = ", ".join(one for one in panels if _draws_curves(catalogue.find(one, dim)))
        raise UsageError(
            f"the {name} panel draws no curves over the steps that several recordings could share (those that do: "
            f"{able}); a number such as js is a panel of its own"
        )


def _is_panel(name: str, dim: int) -> bool:
    """Say whether a name is that of a panel whose curves are drawn; other panels of a number's name are that number."""
    return name in catalogue.names(dim, images=True) and _draws_curves(catalogue.find(name, dim))


def _draws_curves(kind: type[Panel]) -> bool:
    return kind.courses.__func__ is not Panel.courses.__func__  # type: ignore[attr-defined]
