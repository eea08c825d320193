"""Pictures of recordings: animations, figures and stills. Reads recordings and never imports torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gandyn.rendering.encoders.output import check_suffix
    from gandyn.rendering.figures.animation import Rendered, animate
    from gandyn.rendering.figures.paper import filmstrip, plot, still
    from gandyn.rendering.options import AnimationOptions

__all__ = ["AnimationOptions", "Rendered", "animate", "check_suffix", "filmstrip", "plot", "still"]

_HOMES = {
    "AnimationOptions": "options",
    "Rendered": "figures.animation",
    "animate": "figures.animation",
    "check_suffix": "encoders.output",
    "filmstrip": "figures.paper",
    "plot": "figures.paper",
    "still": "figures.paper",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: matplotlib takes half a second."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
