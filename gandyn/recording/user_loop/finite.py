"""Numbers that somebody notes: each is one number, and the first that is not finite is told of."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gandyn.core.errors import UsageError
from gandyn.core.messages import shown, warn

__all__ = ["RESPONSES", "SAMPLES", "Finite", "one_number"]

SAMPLES, RESPONSES = "the generator's samples", "the discriminator's responses"
_VITAL = ("generator_loss", "discriminator_loss", SAMPLES, RESPONSES)
"""What no training goes on from once it is not finite; of one's own numbers nobody knows."""


def one_number(name: str, value: Tensor | float) -> Tensor | float:
    """Return a number as it is, or as Python's if it is no tensor.

    Raises:
        UsageError: it is not one number.
    """
    if isinstance(value, Tensor | np.ndarray):
        if math.prod(value.shape) == 1:
            return value if isinstance(value, Tensor) else float(value.item())
        got = f"values of shape {tuple(value.shape)}"
    elif isinstance(value, str | bytes):  # of which float() would take some
        got = f"the text {shown(value)}"
    else:
        try:
            return float(value)
        except (TypeError, ValueError):
            got = shown(value)
    raise UsageError(f"{name}: one number, not {got}; take its mean, say")


class Finite:
    """Watches numbers by name, and warns of the first of each that is NaN or infinite.

    Attributes:
        diverged: the first step at which a player's loss, its samples or responses were not finite; None if never.
    """

    def __init__(self) -> None:
        self.diverged: int | None = None
        self._told: set[str] = set()
        self._waiting: dict[str, Tensor] = {}

    def look(self, name: str, value: Tensor | float, step: int) -> None:
        """Look at a number of some step.

        One on a GPU is not waited for: there the step is kept since which it is not finite, until `settle` asks.
        """
        if name in self._told:
            return
        if isinstance(value, Tensor) and value.device.type != "cpu":
            at = torch.where(torch.isfinite(value.detach().reshape(())), math.inf, float(step))
            before = self._waiting.get(name)
            self._waiting[name] = at if before is None else torch.minimum(before.to(at.device), at)
            return
        number = value.item() if isinstance(value, Tensor) else value
        if not math.isfinite(number):
            self._tell(name, step, str(number))

    def settle(self) -> None:
        """Ask for what was not waited for."""
        steps = {name: float(at) for name, at in self._waiting.items()}
        self._waiting = {}
        for name, at in steps.items():
            if math.isfinite(at):
                self._tell(name, int(at), "not finite")

    def _tell(self, name: str, step: int, what: str) -> None:
        self._told.add(name)
        text = f"gandyn.record: {name}: {what} at step {step}"
        if name in _VITAL:
            self.diverged = step if self.diverged is None else min(step, self.diverged)
            text += "; the recording has diverged there"
        warn(text)
