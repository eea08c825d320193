"""The view: a recording as the panels see it, with one selected seed and a set of frames to come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int, UInt8

from gandyn.core.errors import RenderError, UsageError
from gandyn.distributions.units import unit_of
from gandyn.rendering import ticks
from gandyn.rendering.selection import find_seed
from gandyn.rendering.source import Source

__all__ = ["MOST", "OWN_SCALARS", "PLACES", "PanelSlot", "RecordingView", "comparable", "share_scales"]

MOST = 4
"""Recordings that find room side by side."""

OWN_SCALARS = "scalars of one's own"
"""What panels need that draw whatever a user's own loop noted under names that nobody knows beforehand."""

PLACES = {1: "the line", 2: "the plane"}
"""What a data space is called, by its dimension."""

_NEGLIGIBLE = 1e-3
"""Where both densities together are less than this part of the data's peak, no optimal discriminator is drawn."""

_SPACES = {("x",): PLACES[1], ("x", "y"): PLACES[2], ("pc1", "pc2"): "the plane of principal components"}
"""What a data space is called where several are told apart, by the names of its dimensions."""


@dataclass(frozen=True)
class PanelSlot:
    """The place a panel is given.

    Attributes:
        box: left, bottom, right and top in pixels.
        em: base font size in pixels.
        gutter: pixels to leave free right of an axes for end labels, so that axes one above the other end together.
        clock: whether this panel writes the steps under its axis (false where a panel below does).
        brief: whether names at the ends of curves are cut short for want of width.
        alone: whether the panel writes a legend of its own; not so in the filmstrip, a row of like panels under one.
        first: whether it stands at the left end of its row and names the latent.
        last: whether it stands at the right end of its row and writes the values of the axis there.
        numbered: whether the data's modes are numbered on a map, because a panel beside it names them by number.
        tinted: whether these numbers stand on discs in the tints that such a panel gives the modes.
        bare: whether there is nothing but what moves: no legend, ticks, key or frame, and the axes fill the box.
        plain: whether it is for an audience rather than for study: plain words, no more ticks than the eye needs.
    """

    box: tuple[float, float, float, float]
    em: float
    gutter: float = 0.0
    clock: bool = True
    brief: bool = False
    alone: bool = True
    first: bool = True
    last: bool = True
    numbered: bool = False
    tinted: bool = False
    bare: bool = False
    plain: bool = False

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.box[3] - self.box[1]


class RecordingView:
    """A recording with the seed that single-seed panels show.

    Args:
        first: the first step shown; `last`: the last one (both default to what was recorded).

    Attributes:
        group: the views it is drawn beside, itself among them, from left to right; itself alone unless `share_scales`
            brought others. Whatever fixes a scale (windows, density tops, limits of axes) looks at all of the group
            and not at its own view alone: that is what makes pictures side by side comparable.
    """

    def __init__(
        self, recording: Source, seed: int | None = None, first: int | None = None, last: int | None = None
    ) -> None:
        self.recording = recording
        self.group: tuple[RecordingView, ...] = (self,)
        self._reached: dict[tuple[str, tuple[int, ...], bool], tuple[float, float]] = {}
        self.dataset = recording.contents
        self.steps: Int[np.ndarray, " step"] = np.asarray(recording.steps())
        if not len(self.steps):
            raise RenderError(f"{getattr(recording, 'path', 'the recording')}: no step was committed, nothing to draw")
        self.seeds = [int(s) for s in self.dataset["seed"].values] if "seed" in self.dataset.coords else [0]
        self.seed_index = find_seed(self.seeds, seed)
        self.begin = 0 if first is None else int(np.searchsorted(self.steps, first))
        self.end = len(self.steps) if last is None else int(np.searchsorted(self.steps, last, side="right"))
        if self.begin >= self.end:
            wanted = (
                f"lies between {first} and {last}"
                if None not in (first, last)
                else (f"is {last} or earlier" if first is None else f"is {first} or later")
            )
            raise UsageError(f"no recorded step {wanted} (recorded: {self.steps[0]} to {self.steps[-1]})")

    @property
    def name(self) -> str:
        """What the recording is called: its title."""
        return self.attribute("title", "gandyn")

    @property
    def seed(self) -> int:
        """The selected seed."""
        return self.seeds[self.seed_index]

    @property
    def first_step(self) -> int:
        """The first step shown."""
        return int(self.steps[self.begin])

    @property
    def last_step(self) -> int:
        """The last step shown."""
        return int(self.steps[self.end - 1])

    @property
    def clock(self) -> tuple[int, int]:
        """The first and the last step shown by any of the group: what an axis of steps reaches over."""
        return min(one.first_step for one in self.group), max(one.last_step for one in self.group)

    def frames(self, count: int) -> list[int]:
        """Return `count` step indices, evenly spread, first and last among them; fewer where fewer were recorded."""
        count = min(count, self.end - self.begin)
        if count == 1:
            return [self.end - 1]
        return [int(i) for i in np.round(np.linspace(self.begin, self.end - 1, count))]

    def has(self, name: str) -> bool:
        """Say whether the recording holds a variable, or any of the user's own scalars for `OWN_SCALARS`."""
        return bool(self.own_scalars) if name == OWN_SCALARS else name in self.dataset

    @cached_property
    def own_scalars(self) -> list[str]:
        """Names of what the user's own loop noted, in the order in which it was given."""
        variables = self.dataset.data_vars.items()
        return [str(name) for name, one in variables if one.attrs.get("user") and one.dims == ("seed", "step")]

    def scalars(self, name: str) -> Float[np.ndarray, "seed step"]:
        """Return all values of a scalar; NaN where the recording has none of that name."""
        if not self.has(name):
            return np.full((len(self.seeds), len(self.steps)), np.nan)
        return np.asarray(self.recording.scalars(name), dtype=float)

    def field(self, name: str, step_index: int, seed_index: int | None = None) -> Float[np.ndarray, ...]:
        """Return one row of a field, of the selected seed unless another is named."""
        index = self.seed_index if seed_index is None else seed_index
        return np.asarray(self.recording.field(name, index, step_index), dtype=float)

    def images(self, step_index: int) -> UInt8[np.ndarray, "sample channel row column"]:
        """Return the images generated from the fixed latents at a step, of the selected seed."""
        return np.asarray(self.recording.field("samples", self.seed_index, step_index))

    def diverged(self, step_index: int, seed_index: int | None = None) -> int | None:
        """Return the step at which the seed diverged, if that is now or past."""
        index = self.seed_index if seed_index is None else seed_index
        at = self.recording.diverged.get(self.seeds[index])
        return at if at is not None and self.steps[step_index] >= at else None

    def attribute(self, name: str, default: str = "") -> str:
        """Return a text attribute of the recording."""
        return str(self.dataset.attrs.get(name) or default)

    @cached_property
    def dims(self) -> tuple[str, ...]:
        """Names of the data space's dimensions: `x` on the line, `x`, `y` on the plane, `pc1`, `pc2` of images."""
        return tuple(str(name) for name in self.dataset["data_density"].dims)

    def centres(self, axis: int) -> Float[np.ndarray, " cell"]:
        """Return the cell centres along a dimension."""
        return np.asarray(self.dataset[self.dims[axis]].values, dtype=float)

    def window(self, axis: int) -> tuple[float, float]:
        """Return the ends of the window along a dimension, wide enough for all of the group."""
        lows, highs = zip(*(one.own_window(axis) for one in self.group), strict=True)
        return min(lows), max(highs)

    @cached_property
    def projected(self) -> bool:
        """Whether the data space is a plane that something of more dimensions was projected to."""
        return not {"x", "y"}.issuperset(self.dims)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What the scenario calls the axes, one text a dimension, with units in brackets; none where it does not."""
        given = tuple(str(one) for one in self.dataset.attrs.get("axis_labels") or ())
        return given if len(given) == len(self.dims) else ()

    @property
    def named(self) -> bool:
        """Whether it has to be written what the axes are: it cannot be seen."""
        return self.projected or bool(self.labels)

    @property
    def unit(self) -> str:
        """The unit of lengths, where it is known and all axes have the same."""
        return unit_of(self.labels)

    @cached_property
    def lengths(self) -> tuple[float, ...]:
        """What counts as equally long along each dimension, that along the first being 1; of the first of the group.

        Different quantities have no length in common: where training has standardised them, a standard deviation is as
        long along each.
        """
        first = self.group[0]
        found = [float(first.dataset[name].attrs.get("scale", 1.0)) for name in first.dims]
        return tuple(one / found[0] for one in found)

    def axis_name(self, axis: int) -> str:
        """Return what a dimension is called: a principal component with its part of the data's variance."""
        if self.labels:
            return self.labels[axis]
        name = self.dims[axis]
        part = self.dataset[name].attrs.get("explained_variance_ratio")
        return name if part is None or not self.projected else f"{name}, {ticks.percent(float(part))}"

    @property
    def aspect(self) -> float:
        """Width over height of the window on the plane; 1 on the line."""
        if len(self.dims) < 2:
            return 1.0
        (x0, x1), (y0, y1) = self.window(0), self.window(1)
        return (x1 - x0) / (y1 - y0) * self.lengths[1]

    def own_window(self, axis: int) -> tuple[float, float]:
        """Return the ends of the recording's own cells along a dimension, without its group's."""
        centres = self.centres(axis)
        half = (centres[1] - centres[0]) / 2 if len(centres) > 1 else 0.5
        return float(centres[0] - half), float(centres[-1] + half)

    @cached_property
    def x(self) -> Float[np.ndarray, " x"]:
        """Cell centres along the first dimension, on the line the only one."""
        return self.centres(0)

    @cached_property
    def cell(self) -> float:
        """What a cell measures: its length on the line, its area on the plane."""
        sides = [np.diff(self.centres(axis)[:2]) for axis in range(len(self.dims))]
        return float(np.prod([side[0] if side.size else 1.0 for side in sides]))

    @cached_property
    def data(self) -> Float[np.ndarray, " *cell"]:
        """Data density on the cells."""
        return np.asarray(self.dataset["data_density"].values, dtype=float)

    @cached_property
    def critic(self) -> bool:
        """Whether the discriminator is a critic: raw values, any range."""
        return self.has("discriminator") and self.dataset["discriminator"].attrs.get("kind") == "critic"

    @cached_property
    def player(self) -> str:
        """What the discriminator is called: a critic in a Wasserstein game, and where the game is not known."""
        objective = self.recording.objective
        critic = self.critic if objective is None else str(getattr(objective, "type", "")).startswith("wasserstein")
        return "critic" if critic else "discriminator"

    def reached(self, name: str, seed_indices: tuple[int, ...], everywhere: bool = False) -> tuple[float, float]:
        """Return what a field of some seeds reaches where the data lies, or `everywhere`, over the steps shown.

        Data that lies in one cell says nothing of a field's reach: the whole window does.

        Least and greatest value of each step, but for the wildest fiftieth of the steps at either end. Every field is
        read from disk once, however often and by however many panels this is asked.
        """
        key = (name, seed_indices, everywhere)
        if key not in self._reached:
            inside = self.data > 1e-3 * float(self.data.max(initial=0.0))
            inside |= everywhere or inside.sum() == 1
            rows = [self.field(name, step, seed)[inside] for step in self.sampled for seed in seed_indices]
            rows = [row[np.isfinite(row)] for row in rows if np.isfinite(row).any()]
            low = np.quantile([row.min() for row in rows], 0.02, method="nearest") if rows else -1.0
            high = np.quantile([row.max() for row in rows], 0.98, method="nearest") if rows else 1.0
            self._reached[key] = (float(low), float(high))
        return self._reached[key]

    @cached_property
    def sampled(self) -> list[int]:
        """At most 48 step indices over the steps shown, for limits that must hold throughout."""
        return [int(i) for i in np.unique(np.round(np.linspace(self.begin, self.end - 1, 48)))]

    def optimum(self, generator: Float[np.ndarray, " *cell"]) -> Float[np.ndarray, " *cell"] | None:
        """Return the optimal discriminator between the data and a generator density; NaN where both are negligible.

        No loss depends on the discriminator there, so it has no reason to be anywhere near.
        """
        objective = self.recording.objective
        if objective is None or not np.isfinite(generator).all():
            return None
        with np.errstate(all="ignore"):
            found = objective.optimal_response(self.data, generator, self.cell)
        if found is None:
            return None
        floor = _NEGLIGIBLE * max(float(self.data.max(initial=0.0)), 1e-300)
        return np.where(self.data + generator > floor, np.asarray(found, dtype=float), np.nan)


def comparable(dims: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Check that what is to be drawn side by side has the same axes.

    Args:
        dims: what each is called, and the names of its data space's dimensions.

    Raises:
        UsageError: they are of several spaces.
    """
    first: dict[tuple[str, ...], str] = {}
    for name, names in dims:
        first.setdefault(tuple(names), name)
    if len(first) > 1:
        there = " and ".join(f"{name} is on {_SPACES.get(space, ', '.join(space))}" for space, name in first.items())
        raise UsageError(f"what is drawn side by side shares its axes, but {there}")


def share_scales(views: Sequence[RecordingView]) -> None:
    """Make views each other's group, from left to right: from then on they have windows, scales and clock in common.

    Raises:
        UsageError: their recordings are of different data spaces.
    """
    comparable((repr(one.name), one.dims) for one in views)
    for one in views:
        one.group = tuple(views)
