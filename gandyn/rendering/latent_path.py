"""One latent followed: it goes round a circle of latents while the generator takes it from mode to mode."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gandyn.rendering.landing import NOWHERE, landed, weights
from gandyn.rendering.marks.guides import LegendEntry
from gandyn.rendering.marks.marks import Dots, Line, Mark
from gandyn.rendering.recording_view import RecordingView

__all__ = ["LatentPath"]

_ROLE = "force"
"""Ink on a light ground, and on a dark one, where points are as white as ink, the colour that stands out from them."""

_POINTS = 1440
"""Latents that the circle is made of: seams between modes are narrow, and a dot is to be seen on its way over them."""

_RADIUS, _HALO, _WEIGHT = 0.5, 0.16, 0.9
"""Of the dot and the ring around it, in em, and of the lines."""


class LatentPath:
    """A circle of latents with half of all latents inside, where the generator takes it, and a dot that goes round.

    The dot goes round once from the first step shown to the last, and ends on a bridge: as far from every mode as the
    circle's image gets by then.

    Args:
        view: a recording with a `generator_map` on the plane and modes of the data.

    Attributes:
        latents: the circle, closed: its last point is its first.
    """

    def __init__(self, view: RecordingView) -> None:
        self._view = view
        angle = np.linspace(0.0, 2 * np.pi, _POINTS + 1)
        self.latents = _median_radius(view) * np.column_stack([np.cos(angle), np.sin(angle)])
        self.latents[-1] = self.latents[0]
        self._weights = [
            weights(np.asarray(view.dataset[name].values, dtype=float), at)
            for name, at in zip(("z1", "z2"), self.latents.T, strict=True)
        ]
        last = self.images(view.end - 1)
        self._gone = _gone(self.latents, last)
        self._bridge = self._gone[self._farthest(last)]

    @staticmethod
    def entries() -> list[LegendEntry]:
        """Return what the dot is."""
        return [LegendEntry(_ROLE, "one noise value, and where it lands", "one noise value", dot=True)]

    def images(self, step_index: int) -> Float[np.ndarray, "point 2"]:
        """Return where the generator takes the circle at a step."""
        net = self._view.field("generator_map", step_index)
        first, second = self._weights
        return np.asarray(np.einsum("pi,ija,pj->pa", first, net, second, optimize=True))

    def at(self, step_index: int) -> int:
        """Return which of the circle's points the dot is at."""
        view = self._view
        turn = (step_index - view.begin) / max(view.end - 1 - view.begin, 1)
        left = 1.0 - turn if view.end - 1 > view.begin else 0.0
        return int(np.abs(self._gone - (self._bridge - left) % 1.0).argmin())

    def before(self, axes: str, step_index: int) -> list[Mark]:
        """Return the circle and the dot on it, in axes of the latent plane."""
        return self._marks(axes, self.latents, step_index)

    def after(self, axes: str, step_index: int) -> list[Mark]:
        """Return where the generator takes both at a step, in axes of the data's plane; nothing once it diverged."""
        images = self.images(step_index)
        return self._marks(axes, images, step_index) if np.isfinite(images).all() else []

    def _marks(self, axes: str, points: Float[np.ndarray, "point 2"], step_index: int) -> list[Mark]:
        dot = points[self.at(step_index)]
        return [
            Line(axes, _ROLE, points[:, 0], points[:, 1], weight=_WEIGHT),
            Dots(axes, _ROLE, dot[:1], dot[1:], _RADIUS, halo=_HALO),
        ]

    def _farthest(self, images: Float[np.ndarray, "point 2"]) -> int:
        """Return the point whose image is in no mode, in the picture, and the farthest from any; else the first."""
        modes = np.asarray(self._view.dataset["mode_position"].values, dtype=float)
        away = np.linalg.norm(images[:, None] - modes, axis=-1).min(axis=-1)
        seen = landed(self._view, images) == NOWHERE
        for axis, (low, high) in enumerate((self._view.window(0), self._view.window(1))):
            seen &= (images[:, axis] > low) & (images[:, axis] < high)
        return int(np.where(seen, away, 0.0).argmax())


def _median_radius(view: RecordingView) -> float:
    """Return the radius of the circle about the middle of the latent plane that half of the latents lie in."""
    first, second = (np.asarray(view.dataset[name].values, dtype=float) for name in ("z1", "z2"))
    middles = np.meshgrid((first[1:] + first[:-1]) / 2, (second[1:] + second[:-1]) / 2, indexing="ij")
    radii, mass = np.hypot(*middles).ravel(), np.asarray(view.dataset["latent_mass"].values, dtype=float).ravel()
    order = np.argsort(radii)
    held = np.cumsum(mass[order])
    return float(np.interp(0.5 * held[-1], held, radii[order]))


def _gone(*paths: Float[np.ndarray, "point 2"]) -> Float[np.ndarray, " point"]:
    """Return the part of some closed paths, of one length each, that is behind each of their points: from 0 to 1.

    By the lengths of both latents and images a dot goes slowly where the one or the other goes far, so that it is seen
    to cross a seam between modes, where a short way of noise is a long way of data.
    """
    steps = [np.hypot(*np.diff(path, axis=0).T) for path in paths if np.isfinite(path).all()]
    parts = [np.append(0.0, np.cumsum(step)) / step.sum() for step in steps if step.sum() > 0]
    return np.asarray(np.mean(parts, axis=0))
