"""What a layer is that can be explained."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from gandyn.core.catalog import Component

if TYPE_CHECKING:  # what draws them takes half a second to import
    from gandyn.rendering.explain.explanation import Explanation
    from gandyn.rendering.theme import Theme

__all__ = ["Layer"]


class Layer(Component):
    """What can be explained in a picture."""

    @abstractmethod
    def page(self, size: tuple[int, int], theme: Theme, big: bool = False, title: str = "") -> Explanation:
        """Return the picture of it.

        Args:
            size: width and height in pixels.
            theme: how it looks.
            big: larger type, for the back row.
            title: stands above it; what the layer is unless given.

        Raises:
            UsageError: it has no room for all that is to be seen.
        """
