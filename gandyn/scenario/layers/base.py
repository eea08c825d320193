"""What a layer is that can be explained."""

from __future__ import annotations

from abc import ABC, abstractmethod

from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.theme import Theme

__all__ = ["Layer"]


class Layer(ABC):
    """What can be explained in a picture."""

    @abstractmethod
    def page(self, size: tuple[int, int], theme: Theme, big: bool = False) -> Explanation:
        """Return the picture of it.

        Raises:
            UsageError: it has no room for all that is to be seen.
        """
