"""Divergences as plain numbers of the talk layout, each under the name that it has in the recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.rendering import ticks
from gandyn.rendering.marks.marks import Scale
from gandyn.rendering.quantities import Distance, EarthMover, Quantity, Rule
from gandyn.rendering.recording_view import RecordingView

__all__ = ["JS", "KL", "REVERSE_KL", "SLICED_W1", "TV", "W1", "infinite", "infinite_steps"]

_LEAST = 1e-3
"""Nats below which an audience is shown no difference: where a logarithmic axis ends."""

_DECADES = 30.0
"""Greatest over least value from which on an axis is logarithmic."""


def infinite_steps(view: RecordingView, name: str) -> float:
    """Return at what part of the steps shown a divergence is infinite, of any of the group's seeds."""
    parts = [np.isposinf(one.scalars(name)[:, one.begin : one.end]).mean() for one in view.group]
    return float(max(parts))


def infinite(view: RecordingView, name: str) -> bool:
    """Say whether a divergence is infinite at any step shown by the group, all of which have its skew one."""
    return infinite_steps(view, name) > 0 and all(one.has(f"{name}_skew") for one in view.group)


class _Entropic(Quantity):
    """A KL divergence in nats; its skew divergence all along, and named so, where it is infinite at any step.

    Attributes:
        key: its name in the recording.
        tells: what makes it large.
    """

    key: ClassVar[str]
    tells: ClassVar[str]

    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return the divergence, or the skew one."""
        return view.scalars(f"{self.key}_skew" if infinite(view, self.key) else self.key)

    def scale(self, views: Sequence[RecordingView]) -> Scale:
        """Return an axis from 0 to the largest value, or a logarithmic one where there are several decades."""
        seen = np.concatenate([self.values(one)[:, one.begin : one.end].ravel() for one in views])
        seen = seen[np.isfinite(seen) & (seen > 0)]
        high, low = (float(seen.max()), max(float(seen.min()), _LEAST)) if seen.size else (1.0, 1.0)
        return Scale(low, 1.1 * high, log=True) if high > _DECADES * low else Scale(0.0, 1.05 * high)

    def headline(self, view: RecordingView, value: float) -> str:
        """Return name and value; the name says where it is the skew divergence."""
        skew = "skew " if infinite(view, self.key) else ""
        return f"{skew}{self.name} {self.short(view, value)}"

    def short(self, view: RecordingView, value: float) -> str:
        """Return its value."""
        return ticks.value(value)

    def subline(self, view: RecordingView) -> str:
        """Return what makes it large, and whether what is drawn stands for an infinite one."""
        told = f"estimated; {self.tells}" if view.projected else self.tells
        if not infinite(view, self.key):
            return told
        always = infinite_steps(view, self.key) == 1
        return f"{told} ({self.name}: {'∞' if always else '∞ at times'})"

    def rules(self, view: RecordingView) -> list[Rule]:
        """Return powers of ten, or where the axis is linear 0 and its largest round value."""
        axis = self.scale(view.group)
        if axis.log:
            return [(at, ticks.clean(at)) for at in ticks.decades(axis.low, axis.high, 4)]
        top = ticks.several(axis.low, axis.high, 4)[-1:]
        return [(0.0, "identical"), *((at, ticks.clean(at)) for at in top if at > 0)]


class _Kl(_Entropic):
    """KL(data, generator): large where data is and the generator is not."""

    role = "kl"
    name = "KL"
    needs = ("kl",)
    key = "kl"
    tells = "data missed"


class _ReverseKl(_Entropic):
    """KL(generator, data): large where the generator is and data is not."""

    role = "reverse_kl"
    name = "reverse KL"
    needs = ("reverse_kl",)
    key = "reverse_kl"
    tells = "samples made up"


class _Js(Distance):
    """The Jensen-Shannon divergence under its own name."""

    name = "JS"

    def headline(self, view: RecordingView, value: float) -> str:
        """Return name and value."""
        return f"JS {self.short(view, value)}"

    def subline(self, view: RecordingView) -> str:
        """Return the name in full."""
        return "estimated Jensen–Shannon" if view.projected else "Jensen–Shannon"


class _Tv(Distance):
    """The total variation distance, from 0 (identical) to 1 (disjoint)."""

    name = "TV"
    needs = ("tv",)

    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return TV."""
        return view.scalars("tv")

    def scale(self, views: Sequence[RecordingView]) -> Scale:
        """Return the axis from 0 to 1."""
        return Scale(0.0, 1.0)

    def headline(self, view: RecordingView, value: float) -> str:
        """Return name and value."""
        return f"TV {self.short(view, value)}"

    def subline(self, view: RecordingView) -> str:
        """Return the name in full."""
        return "estimated total variation" if view.projected else "total variation"

    def rules(self, view: RecordingView) -> list[Rule]:
        """Return both ends."""
        return [(0.0, "identical"), (1.0, "disjoint")]


class _W1(EarthMover):
    """The earth mover's distance under the name of the field."""

    name = "W1"

    def headline(self, view: RecordingView, value: float) -> str:
        """Return name and value."""
        return f"{self.name} {self.short(view, value)}"

    def subline(self, view: RecordingView) -> str:
        """Return what it is."""
        return "earth mover’s distance"


class _SlicedW1(_W1):
    """W1 on the plane: the mean over directions."""

    name = "sliced W1"
    needs = ("sliced_w1",)

    def values(self, view: RecordingView) -> Float[np.ndarray, "seed step"]:
        """Return sliced W1."""
        return view.scalars("sliced_w1")


KL, REVERSE_KL, JS, TV, W1, SLICED_W1 = _Kl(), _ReverseKl(), _Js(), _Tv(), _W1(), _SlicedW1()
