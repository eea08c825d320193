"""Coverage of the data's modes."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.divergences.finding import HIGH_QUALITY
from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["ModeCoverage"]

_PLACES = ("line", "plane")
_NEAR = f"within {HIGH_QUALITY:g} stds of"
_UNEVEN = "KL(generator over modes || data over modes), of the mass near modes"

_CAPTURED = Measure("modes_captured", "modes captured", places=_PLACES)
_QUALITY = Measure("high_quality_fraction", f"generator mass {_NEAR} a mode", places=_PLACES)
_MASS = Measure("mode_mass", f"generator mass {_NEAR} each mode", places=_PLACES)
_SPREAD = Measure("mode_reverse_kl", _UNEVEN, "nats", _PLACES)


class ModeCoverage(Probe):
    """Modes captured, high-quality fraction, the mass at each mode and its unevenness, where the data has modes.

    `modes_captured`: On the line, the modes at which the generator puts at least a quarter of the mass that the data
    has there. On the plane the rule is that of the literature: 2,500 samples are drawn, and a mode is captured by one
    of them within three standard deviations of it. Pictures in plain words, the final numbers and `modes_found` in
    tables count otherwise: there a mode is found from a quarter of its share on, on the plane too.

    `high_quality_fraction`: On the line the generator's mass within three standard deviations of a mode. On the plane
    the part of the same 2,500 samples that lie within three standard deviations of their nearest mode; a perfect
    generator has 0.989 there. A generator that covers everything captures all modes, and few of its samples are of high
    quality: the two go together.

    `mode_mass`: The same for each mode by itself. Those of a perfect generator are nearly the data's own shares.

    `mode_reverse_kl`: How unevenly that mass is spread over the modes, compared with the data's; 0 where each has its
    share.

    Only data with modes have these: mixtures, rings, grids and the like.

    References:
        Srivastava, Valkov, Russell, Gutmann, Sutton, "VEEGAN: reducing mode collapse in GANs using implicit variational
        learning", 2017.
        Lin, Khetan, Fanti, Oh, "PacGAN: the power of two samples in generative adversarial networks", 2018.
    """

    type: Literal["coverage"] = "coverage"
    measures: ClassVar[tuple[Measure, ...]] = (_CAPTURED, _QUALITY, _MASS, _SPREAD)

    def variables(self, space: Space) -> list[Variable]:
        """Return the four quantities."""
        if not len(space.modes.points):
            return []
        return [
            _CAPTURED.variable(of=len(space.modes.points), rule=space.capture_rule),
            _QUALITY.variable(),
            _MASS.variable(("mode",)),
            _SPREAD.variable(),
        ]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return counts (row,), fractions (row,), masses (row, mode) and divergences (row,)."""
        return snapshot.coverage._asdict() if len(snapshot.space.modes.points) else {}
