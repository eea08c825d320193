"""What training itself says at each step: losses and gradients, which no probe has to measure."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from gandyn.games.base import Game
from gandyn.games.gan import Gan
from gandyn.recording.probes.base import Measure, Variable
from gandyn.recording.store.contents import DIVERGED_STEP

__all__ = ["TrainingNumbers"]


class TrainingNumbers:
    """Losses as they are optimised, the norms of the players' gradients, and where training diverged.

    `generator_loss`, `discriminator_loss`: Their values at equilibrium, where the generator is perfect and the
    discriminator can do no more than guess, stand in pictures as thin lines: 2 ln 2 for the discriminator (real +
    fake), ln 2 for a non-saturating generator. On toys losses in pictures are running means, drawn over the raw values;
    tables and `--csv` hold the raw values. Of images they are means over the steps since the record before. Those of a
    loop of your own are what it notes under these names. Where a loss has penalties, its terms are recorded as well:
    `discriminator_objective`, and each penalty under its own name, as in `discriminator_r1`.

    `generator_gradient_norm`, `discriminator_gradient_norm`: Over all the player's weights, of the gradient of its own
    loss. A loop of your own records none.

    `diverged_step`: A seed whose loss stops being finite is reported as *diverged at step k*, and -1 stands where none
    did. It is one number a seed, not one a step.

    Attributes:
        measures: all that may be recorded of this, but for the terms of losses.
    """

    measures: ClassVar[tuple[Measure, ...]] = (
        *(Measure(name, info.about) for name, info in Gan().losses().items()),
        *(Measure(f"{name}_gradient_norm", f"norm of the {name}'s gradient") for name in reversed(Gan.players)),
        Measure(*DIVERGED_STEP),
    )

    @staticmethod
    def variables(game: Game, *, norms: bool = True, averaged: bool = False) -> list[Variable]:
        """Return what is recorded at every step.

        Args:
            game: what is played.
            norms: whether gradients are known.
            averaged: whether losses are means over all the steps since the record before.
        """
        over = {"mean_over": "the steps since the record before"} if averaged else {}
        found = []
        for name, info in game.losses().items():
            rest = {} if info.equilibrium is None else {"equilibrium": info.equilibrium, "written": info.written}
            found.append(Measure(name, info.about).variable(player=info.player, **rest, **over))
        if norms:
            return found + [
                Measure(f"{name}_gradient_norm", f"norm of the {name}'s gradient").variable(player=name)
                for name in reversed(game.players)
            ]
        # Somebody else's losses, which may be sums or means of their parts.
        return [replace(one, attrs={**one.attrs, "noted": True}) for one in found]
