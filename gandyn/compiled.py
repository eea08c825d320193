"""Loops that have to run at machine speed: compiled by numba at their first call, and kept for the next time.

Modules that use this are imported where they are needed, not before: numba takes a fifth of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a loop over arrays and numbers; other threads run while it does."""
    try:
        return njit(nogil=True, cache=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder to keep the machine code in, neither beside the source nor at home
        return njit(nogil=True)(function)  # type: ignore[no-any-return]
