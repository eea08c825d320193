"""The divergences between data and generator, at every step."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.densities.plane import DIRECTIONS
from gandyn.divergences import entropic
from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["Divergences"]

_ENTROPIC = (
    Measure("kl", "KL(p_data || p_gen)", "nats"),
    Measure("reverse_kl", "KL(p_gen || p_data)", "nats"),
    Measure("kl_skew", "skew divergence of KL(p_data || p_gen)", "nats"),
    Measure("reverse_kl_skew", "skew divergence of KL(p_gen || p_data)", "nats"),
    Measure("unreached_mass", "data mass where the generator has none", "1"),
    Measure("unresolved_mass", "data mass where the method sees nothing of the generator, and could not", "1"),
    Measure("js", "Jensen-Shannon divergence", "nats"),
    Measure("tv", "total variation distance", "1"),
    Measure("hellinger", "Hellinger distance", "1"),
)
_TRANSPORT = {
    "w1": Measure("w1", "Wasserstein-1 distance", "x", ("line",)),
    "sliced_w1": Measure(
        "sliced_w1", f"sliced Wasserstein-1 distance: mean over {DIRECTIONS} directions", "x", ("plane", "images")
    ),
}
_OUTSIDE = Measure("outside_mass", "generator mass beyond the window")

_SHARED = ("method", "smoothing_std", "kl_floor")
"""What is said of the densities' method beside each divergence."""


class Divergences(Probe):
    """KL both ways, their skew forms, what is unreached and unresolved, JS, TV, Hellinger, W1 and the mass outside.

    `kl`, `reverse_kl`: KL is KL(data‖generator), reverse KL is KL(generator‖data). Where the generator's density is
    exactly zero and the data's is not, KL *is* infinite, there and nowhere else, and is stored and printed as `inf`.
    That is common: a smooth generator often folds both ends of the latent line to the same side, and beyond its
    outermost fold there is nothing. Heavy tails do it too: of Student's t with two degrees of freedom no Gaussian is a
    finite KL away.

    `kl_skew`, `reverse_kl_skew`: KL(p‖(1−α)q + αp) with α = 10⁻⁶ (Lee, 1999); never above 13.8 nats. It is what is
    drawn where KL is infinite, with the unreached mass beside it ("0.4 % of the data out of reach").

    `unreached_mass`: The data's mass where the generator's density is exactly zero: where there is any, KL is infinite.

    `unresolved_mass`: The data's mass where the method sees nothing of the generator, and could not: between points,
    say. Nothing is infinite for that; KL is then a lower bound, and said to be one.

    `js`: At most ln 2 = 0.693 nats, where nothing of the one is where the other is; 0 where they are identical.

    `tv`: Half of what the two densities differ by, in all: from 0 (identical) to 1 (disjoint).

    `hellinger`: The root of 1 − ∫√(pq): from 0 (identical) to 1 (disjoint).

    `w1`, `sliced_w1`: The earth mover's distance: how far, on average, the generator's mass has to be carried to lie as
    the data do, in the units of x. It tells near from far where the densities do not overlap at all. On the plane, and
    of images, it is sliced: the mean of W1 over 16 directions.

    `outside_mass`: The part of the generator's mass that the window does not show: on the line beyond either side, on
    the plane beyond any of them. Pictures call it "% outside" or "% beyond". Divergences count it all the same.

    On the line they are found in float64, of the exact densities: masses of cells, compared by their logarithms, and
    what the densities do within the cells. KL, reverse KL, JS, TV and W1 of a dozen laws and six affine generators are
    within 0.001 or 0.1 % of the truth, tails and all. What is narrower than a cell reads low, and so does what is
    hundreds of windows away; from about ten windows on it is right to 1 %. Of trained generators that fold, whose
    densities have caustics narrower than a cell, KL, JS and TV are right to 1 %, reverse KL to 3 %.

    On the plane tails are followed beyond the lattice and the window, so KL is infinite only beyond a fold or a bounded
    generator; between Gaussians it is right to 1 % or 0.003. A perfect generator reads a KL of 0.0003 where it is
    affine, 0.001 where it bends the plane onto a ring or folds it, and below 0.03 (JS below 0.01) where it tears it in
    two. Of the lattice tells `gandyn catalog generator_density`.

    Of images they are those between kernel estimates of their projections to a plane. Projections can agree where
    images do not: every divergence there is *an estimate* and no bound (projecting and smoothing make it smaller than
    that between the images, sampling on average larger), and the picture says so. A perfect generator reads below 0.02
    nats.

    Several seeds are summed up by median, lowest and highest.

    References:
        Lee, "Measures of Distributional Similarity", 1999.
    """

    type: Literal["divergences"] = "divergences"
    measures: ClassVar[tuple[Measure, ...]] = (*_ENTROPIC, *_TRANSPORT.values(), _OUTSIDE)

    def variables(self, space: Space) -> list[Variable]:
        """Return one scalar a divergence."""
        shared = {key: value for key, value in space.method.items() if key in _SHARED}
        shared |= space.remark
        variables = []
        for measure in _ENTROPIC:
            extra = {"alpha": entropic.SKEW} if measure.name.endswith("_skew") else {}
            variables.append(measure.variable(**shared, **extra))
        return [*variables, _TRANSPORT[space.transport].variable(**shared), _OUTSIDE.variable(("side",))]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return each divergence (row,), and the mass outside (row, side)."""
        space = snapshot.space
        found = entropic.divergences(space.data_partition, space.partition(snapshot.compared))
        return {
            **found._asdict(),
            space.transport: space.distance(snapshot.compared),
            "outside_mass": snapshot.masses.beyond,
        }
