"""Pictures of recordings: animations, figures and stills. Reads recordings and never imports torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gandyn.rendering.animation import Rendered, animate
    from gandyn.rendering.figures import filmstrip, plot, still
    from gandyn.rendering.options import AnimationOptions
    from gandyn.rendering.output import check_suffix

__all__ = ["AnimationOptions", "Rendered", "animate", "check_suffix", "filmstrip", "plot", "still"]

_HOMES = {
    "AnimationOptions": "options",
    "Rendered": "animation",
    "animate": "animation",
    "check_suffix": "output",
    "filmstrip": "figures",
    "plot": "figures",
    "still": "figures",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: matplotlib takes half a second."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
