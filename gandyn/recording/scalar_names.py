"""The names under which somebody's own numbers may be recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gandyn.core.catalog import members
from gandyn.core.errors import UsageError
from gandyn.recording.probes.base import Probe, Variable
from gandyn.recording.spaces.base import Coord
from gandyn.recording.store.contents import DIVERGED_STEP, SCALARS

__all__ = ["Names"]

_LONGEST = 100

_PLACES = frozenset(
    (
        *("axis", "channel", "class", "column", "component", "coordinate", "latent", "point", "row", "sample", "side"),
        *("data_class_histogram", "latent_density", "mode_least", "mode_position", "mode_std", "mode_weight"),
        *("sample_class", "samples", "seed", "step", "x", "y", "z"),
    )
)
"""Dimensions and coordinates of other recordings, where pictures and tables would look for them."""


def _meant() -> set[str]:
    """Return the names that mean something in other recordings, or on disk."""
    measured = {measure.name for probe in members(Probe).values() for measure in probe.measures}
    return measured | _PLACES | {SCALARS, DIVERGED_STEP[0]}


class Names:
    """The names of numbers of one recording.

    Attributes:
        scalars: those that every record has a number for.
    """

    def __init__(self, variables: Sequence[Variable], coords: Mapping[str, Coord]) -> None:
        """Begin with those of a recording that has these variables and coordinates."""
        dims = {dim for variable in variables for dim in variable.dims}
        dims |= {dim for kept, _, _ in coords.values() for dim in kept}
        self._known = {name.casefold() for name in {v.name for v in variables} | coords.keys() | dims | _meant()}
        self.scalars = {"generator_loss", "discriminator_loss"}
        self._fresh: list[str] = []

    def __contains__(self, name: str) -> bool:
        """Return whether numbers under this name are accepted already."""
        return name in self.scalars

    def accept(self, name: str) -> None:
        """Accept numbers under a name from now on.

        Raises:
            UsageError: it is no identifier, or is taken.
        """
        if not name.isidentifier() or name.startswith("_") or len(name) > _LONGEST:
            raise UsageError(f"{name!r}: names of numbers consist of letters, digits and _, and begin with a letter")
        # Names become folders, which some file systems do not tell apart by case.
        if name.casefold() in self._known:
            raise UsageError(f"{name!r} is taken: a recording has something else of this name; call it my_{name}, say")
        self._known.add(name.casefold())
        self.scalars.add(name)
        self._fresh.append(name)

    def take_fresh(self) -> list[str]:
        """Return the names that were accepted since the last time."""
        fresh, self._fresh = self._fresh, []
        return fresh
