"""What a panel is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from gandyn.core.errors import UsageError
from gandyn.rendering.marks.guides import Key, LegendEntry
from gandyn.rendering.marks.marks import Axes, Mark
from gandyn.rendering.quantities import Quantity
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.turns import Turns

__all__ = ["FOOT", "SIDE", "TITLE", "WIDE_TICKS", "Panel"]

TITLE = 1.75
"""Height of the row above a panel's axes that its title or legend is written in, in em."""

FOOT = 3.7
"""Height below the axes of a square panel: its ticks and its key, in em."""

SIDE = 1.6
"""Width left of the axes of a square panel, for its ticks, in em."""


WIDE_TICKS = ("2 ln 2", "−0.75")
"""Values that room is left for at the left of all axes over the steps, so that those in one column begin together."""


_NUMBERS_ALONE = "it is made with record.fields: false (train it with --set record.fields=true)"


class Panel(ABC):
    """One picture of a recording in one place.

    A panel is made once for an animation: the constructor looks at the whole recording, and at those of its view's
    group, and fixes `axes` and `background`. After that `marks` depends on the step alone, so axes never jump.

    Attributes:
        name: what scenarios call it; a class without one is a base of others.
        lead: whether it is a main picture (large, at the left) rather than a trajectory beside it.
        aspect: width over height at which it looks best.
        dim: dimension of the recordings it draws: 1 (on the line), 2 (on the plane, or on that of two principal
            components), or None (any).
        images: whether it draws what recordings of images, or of somebody's own loop, hold and others do not.
        tones: whether it shows images, in colours of their own.
        square: whether it is given a place of the window's own shape: a unit is as long in x as in y.
        strip: height in em at which it may stand under square panels, low and wide; 0 where it is not made for that.
        explained: whether it has a legend.
        side: height in em that it asks for beside the main picture of a talk; 0 where it needs no more than others.
        readout: height in em at which it stands beside the main picture of a talk; 0 where it is not made for that.
        quantity: the number it shows, where that can be shared by several recordings; None where it has none.
        numbers: whether it names the data's modes by number, so that maps beside it must number them.
        over_steps: whether it shows all steps up to one, so that no single step need be named above it.
        tints: whether it gives the data's modes tints, so that the numbers on maps beside it stand on these.
        every_seed: whether it shows all seeds of a recording, and not the chosen one.
        needs: what a recording must hold for it, by name.
        absent: why a recording of images may lack that.
        records: options of `record` that a scenario which asks for the panel has unless it says otherwise.
        turns: what explains the moves of one player while the other waits; None where the panel explains none.
        morphs: what it must hold for the latent space to be shown on its way (`morph`); None where the panel cannot.
        axes: the coordinate systems its marks are in.
        background: what does not change with the step.
    """

    name: ClassVar[str]
    lead: ClassVar[bool] = False
    aspect: ClassVar[float] = 2.4
    dim: ClassVar[int | None] = None
    images: ClassVar[bool] = False
    tones: ClassVar[bool] = False
    square: ClassVar[bool] = False
    strip: ClassVar[float] = 0.0
    explained: ClassVar[bool] = True
    side: ClassVar[float] = 0.0
    readout: ClassVar[float] = 0.0
    quantity: ClassVar[Quantity | None] = None
    numbers: ClassVar[bool] = False
    over_steps: ClassVar[bool] = False
    tints: ClassVar[bool] = False
    every_seed: ClassVar[bool] = False
    needs: ClassVar[tuple[str, ...]] = ()
    absent: ClassVar[str] = "nothing of the kind was measured"
    records: ClassVar[Mapping[str, Any]] = {}
    turns: ClassVar[type[Turns] | None] = None
    morphs: ClassVar[tuple[str, ...] | None] = None

    axes: dict[str, Axes]
    background: list[Mark]

    def __init__(self, view: RecordingView, slot: PanelSlot) -> None:
        refusal = self.refusal(view.has)
        if refusal is not None:
            raise UsageError(refusal)
        self.view, self.slot = view, slot
        self.axes, self.background = {}, []

    @classmethod
    def refusal(cls, has: Callable[[str], bool]) -> str | None:
        """Return why a recording cannot be drawn, or None if it can; `has` says what it holds, by name."""
        refusal = cls._missing(cls.needs, has)
        if refusal is None or not refusal.endswith(_NUMBERS_ALONE):
            return refusal
        # Imported late: the catalogue imports this file.
        from gandyn.rendering.panels import find, names

        kinds = [find(name, cls.dim) for name in names(cls.dim, images=True)]
        able = [
            kind.name for kind in kinds if all(has(need) for need in kind.needs) and (kind.needs or not kind.images)
        ]
        return f"{refusal}; panels that need numbers alone: {', '.join(able)}"

    @classmethod
    def silent(cls, view: RecordingView) -> bool:
        """Say whether it would draw a recording and have nothing to show: what it draws was never measured there."""
        return False

    @classmethod
    def turns_refusal(cls, has: Callable[[str], bool]) -> str | None:
        """Return why single updates of a recording cannot be explained, or None if they can."""
        if cls.turns is None:
            return f"the {cls.name} panel does not explain single updates"
        return cls._missing((*cls.needs, *cls.turns.needs), has)

    @classmethod
    def morph_refusal(cls, has: Callable[[str], bool]) -> str | None:
        """Return why a recording's latent space cannot be shown on its way to data space, or None if it can."""
        if cls.morphs is None:
            return f"the {cls.name} panel does not show the latent space on its way"
        return cls._missing((*cls.needs, *cls.morphs), has)

    @classmethod
    def _missing(cls, needs: Sequence[str], has: Callable[[str], bool]) -> str | None:
        missing = next((name for name in needs if not has(name)), None)
        if missing is None:
            return None
        if missing in (cls.morphs or ()) and has("generator_density"):
            return f"the {cls.name} panel shows latents of as many dimensions as the data on their way, and no others"
        why = _NUMBERS_ALONE
        if missing == "mode_mass":
            why = "its data have no modes"
        elif any(map(has, ("real_response", "samples"))) if cls.images else has("generator_density"):
            why = cls.absent
        elif cls.images:
            why = "it is not of images"
        return f"the {cls.name} panel draws {missing}, which this recording does not hold: {why}"

    @classmethod
    def widest(cls, view: RecordingView, brief: bool = False) -> str:
        """Return the widest text it writes right of its axes, if it writes any; `brief` as in `PanelSlot`."""
        return ""

    def entries(self) -> list[LegendEntry]:
        """Return what its legend explains: written by the panel itself, or above a row of such panels for them all."""
        return []

    def remarks(self) -> list[str]:
        """Return ways to say in words what its ground or ink means, the longest first, for a legend in plain words."""
        return []

    @classmethod
    def courses(cls, view: RecordingView) -> dict[str, Float[np.ndarray, "seed step"]]:
        """Return the curves over the steps that it draws of a recording, by name; none where it draws none."""
        return {}

    def key(self) -> Key | None:
        """Return what its bands mean: drawn under it by the panel itself, or once for a row of such panels."""
        return None

    def morph(self, step_index: int, t: float) -> list[Mark]:
        """Return the latent space on its way to data space: (1 - t) z + t G(z), for t from 0 to 1.

        Drawn over nothing but the header, so these are all marks there are, in coordinates of the panel's axes. Only
        asked of panels that declare `morphs`, in a bare room, and of recordings that hold what is named there.
        """
        raise NotImplementedError

    @abstractmethod
    def marks(self, step_index: int) -> list[Mark]:
        """Return what is to be seen at a recorded step (its index, not its number)."""
