"""Sizes that suffice: panels too small to be read are refused, and a size is named at which they are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gandyn.core.errors import UsageError
from gandyn.rendering.panels.base import Panel
from gandyn.rendering.readout import beside
from gandyn.rendering.recording_view import PanelSlot

__all__ = ["check_slots", "larger"]

_SIZES = ((960, 540), (1280, 720), (1920, 1080))
"""Sizes of pictures that are named where one is too small."""

_LEAST_MAIN, _LEAST = (7.0, 8.0), (12.0, 4.9)
"""Width and height under which a main picture and any other panel cannot be read, in em."""


_PRESSED = 0.76
"""Part of the height that a readout asks for at which it can still be read, with its number above its course."""


def larger(size: tuple[int, int], fits: Callable[[tuple[int, int]], bool]) -> str:
    """Return the least of some usual sizes, wider than the one there is, at which everything fits; or fewer panels."""
    found = next((one for one in _SIZES if one[0] > size[0] and fits(one)), None)
    return f"at least {found[0]}x{found[1]} pixels (animation.size, or --size)" if found else "fewer in one picture"


def too_small(kinds: Sequence[type[Panel]], slots: Sequence[PanelSlot]) -> tuple[str, PanelSlot] | None:
    """Return the name of the first panel whose room is too small to be read, and that room; None if all can be."""
    for kind, slot in zip(kinds, slots, strict=True):
        wide, high = _LEAST_MAIN if kind.lead else _LEAST
        high = max(high, 0.0 if beside(slot) else _PRESSED * kind.readout)
        if slot.width < wide * slot.em or slot.height < high * slot.em:
            return kind.name, slot
    return None


def check_slots(
    kinds: Sequence[type[Panel]],
    slots: Sequence[PanelSlot],
    size: tuple[int, int],
    at: Callable[[tuple[int, int]], Sequence[PanelSlot]],
) -> None:
    """Check that all panels can be read.

    Args:
        kinds: the panels.
        slots: theirs.
        size: of the picture, in pixels.
        at: gives the rooms in a picture of another size.

    Raises:
        UsageError: one of them is too small; it says at what size none is.
    """
    found = too_small(kinds, slots)
    if found is None:
        return
    name, slot = found
    need = larger(size, lambda one: too_small(kinds, at(one)) is None)
    raise UsageError(
        f"{len(kinds)} panels are too many for {size[0]}x{size[1]} pixels: {name} would be {max(slot.width, 0):.0f} x "
        f"{max(slot.height, 0):.0f}; they need {need}"
    )
