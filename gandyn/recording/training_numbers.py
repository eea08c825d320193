"""What training itself says at each step: losses and gradients, which no probe has to measure."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from gandyn.recording.probes.base import Measure, Variable
from gandyn.recording.store.contents import DIVERGED_STEP

__all__ = ["TrainingNumbers"]

_LOSSES = (
    Measure("generator_loss", "the generator's loss, as optimised"),
    Measure("discriminator_loss", "the discriminator's loss (real + fake + penalties), as optimised"),
)
_NORMS = (
    Measure("generator_gradient_norm", "norm of the generator's gradient"),
    Measure("discriminator_gradient_norm", "norm of the discriminator's gradient"),
)


class TrainingNumbers:
    """The losses as they are optimised, the norms of both players' gradients, and where training diverged.

    `generator_loss`, `discriminator_loss`: Their values at equilibrium, where the generator is perfect and the
    discriminator can do no more than guess, stand in pictures as thin lines: 2 ln 2 for the discriminator (real +
    fake), ln 2 for a non-saturating generator. On toys losses in pictures are running means, drawn over the raw values;
    tables and `--csv` hold the raw values. Of images they are means over the steps since the record before. Those of a
    loop of your own are what it notes under these names.

    `generator_gradient_norm`, `discriminator_gradient_norm`: Over all the player's weights, of the gradient of its own
    loss. A loop of your own records none.

    `diverged_step`: A seed whose loss stops being finite is reported as *diverged at step k*, and -1 stands where none
    did. It is one number a seed, not one a step.

    Attributes:
        measures: all that may be recorded of this.
    """

    measures: ClassVar[tuple[Measure, ...]] = (*_LOSSES, *_NORMS, Measure(*DIVERGED_STEP))

    @staticmethod
    def variables(*, norms: bool = True, averaged: bool = False) -> list[Variable]:
        """Return what is recorded at every step.

        Args:
            norms: whether gradients are known.
            averaged: whether losses are means over all the steps since the record before.
        """
        over = {"mean_over": "the steps since the record before"} if averaged else {}
        found = [measure.variable(**over) for measure in _LOSSES]
        if norms:
            return found + [measure.variable() for measure in _NORMS]
        # Somebody else's losses, which may be sums or means of their parts.
        return [replace(one, attrs={**one.attrs, "noted": True}) for one in found]
