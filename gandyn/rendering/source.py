"""What a picture needs of a recording."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from jaxtyping import Float, Int

from gandyn.recording.store.contents import Contents

__all__ = ["Source"]


class Source(Protocol):
    """What a picture needs of a recording; `gandyn.recording.store.recording.Recording` is one."""

    @property
    def contents(self) -> Contents:
        """Everything recorded, by name; an `xarray.Dataset` will do."""
        ...

    @property
    def diverged(self) -> dict[int, int]:
        """Step at which a seed's loss became non-finite, by seed."""
        ...

    @property
    def objective(self) -> Any | None:
        """The objective: its optimal response and equilibrium; None of somebody's own loop."""
        ...

    @property
    def sub_steps(self) -> Source | None:
        """The same of every single update within the first steps; None where these were not recorded."""
        ...

    def steps(self) -> Int[np.ndarray, " step"]:
        """Return the recorded steps."""
        ...

    def field(self, name: str, seed_index: int, step_index: int) -> Float[np.ndarray, ...]:
        """Return one row of a field."""
        ...

    def scalars(self, name: str) -> Float[np.ndarray, "seed step *extra"]:
        """Return all values of a scalar."""
        ...
