"""An activation and its derivative, and where gradients die in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["WEAK", "Activation"]

WEAK = 0.05
"""Below this a derivative lets next to nothing through."""


@dataclass(frozen=True)
class Activation:
    """A function and its derivative at places that rise.

    Attributes:
        title: what it is called.
        x: the places.
        value: of the function there.
        slope: of the function there: what a gradient is multiplied by on its way back.
    """

    title: str
    x: Float[np.ndarray, " place"]
    value: Float[np.ndarray, " place"]
    slope: Float[np.ndarray, " place"]

    @property
    def weak(self) -> Bool[np.ndarray, " place"]:
        """Where next to nothing of a gradient passes."""
        return np.abs(self.slope) < WEAK

    def said(self, place: int) -> str:
        """Return what is said of a place."""
        slope = self.slope[place]
        if slope == 0:
            return "Here the gradient is 0: what comes back is lost, and a unit that stays here learns nothing"
        if self.weak[place]:
            return "Here the gradient dies: next to nothing comes back"
        if np.isclose(slope, 1.0, atol=0.005):
            return "Here a gradient passes back whole"
        return f"Here a gradient passes back times {slope:.2f}".replace("-", "−")

    @property
    def closing(self) -> str:
        """What is said of the whole of it."""
        if not self.weak.any():
            return f"A gradient of at least {np.abs(self.slope).min():.2g} passes everywhere: nothing dies"
        part = f"{round(100 * self.weak.mean())} %"
        zero = (self.slope == 0).mean() > 0.5 * self.weak.mean()
        return f"Red, {part} of what is shown: the gradient {'is 0' if zero else f'is below {WEAK}'}, and dies"
