"""The generator's pushforward density."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from gandyn.recording.probes.base import Measure, Probe, Snapshot, Variable
from gandyn.recording.spaces import Space

__all__ = ["Density"]

_DENSITY = Measure("generator_density", "pushforward density p_gen")


class Density(Probe):
    """The pushforward density, cell by cell; point masses are spread over their cell.

    On the line it is exact: cells of the latent line are pushed through the generator, folds add up, nothing is
    smoothed, and it is right to 1 %. Its spikes are *caustics*, places where the generator folds its noise over.

    On the plane a lattice of 40 x 40 latent cells, those torn widest cut finer, is pushed through the generator: each
    cell's mass is laid evenly over the parts of its image, of which there are as many as it bends. Folds add up,
    nothing is smoothed, and the mass is one to 10⁻¹². Tails are followed beyond the lattice and the window. A trained
    generator's density is within a total variation of 0.005 of that of 10⁷ samples with the default networks, 0.02 with
    steeper ones; `record.latent_cells` refines it.

    Latents of other dimensions than the data are seen through 4,096 Sobol points and a stated smoothing, the same for
    both densities.

    Of images it is a kernel estimate of 1,024 generated images' projections to the plane of two principal components,
    with the bandwidth of the data's: that of Scott (1992), widened until a perfect generator reads a KL below 0.02 nats
    (`smoothing_std` and `kl_floor` in the attributes).

    The window of toy data, where `record.grid` leaves its ends open, is the data's own with room around it, wider by up
    to a half where untrained generators begin elsewhere: whichever seeds are trained, it is the same. The unit is mass
    per length, or area.
    """

    type: Literal["density"] = "density"
    measures: ClassVar[tuple[Measure, ...]] = (_DENSITY,)
    field: ClassVar[bool] = True

    def variables(self, space: Space) -> list[Variable]:
        """Return the density."""
        return [_DENSITY.variable(space.axes, "float32", space.kept_bits, units=space.per_cell, **space.method)]

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Return the density (row, *axes)."""
        return {"generator_density": snapshot.compared.total / snapshot.space.cell}
