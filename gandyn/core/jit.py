"""Loops that have to run at machine speed: compiled by numba at their first call, and kept for the next time.

Modules that use this are imported where they are needed, not before: numba takes a fifth of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a loop over arrays and numbers; other threads run while it does."""
    try:
        return cast(F, njit(nogil=True, cache=True, error_model="numpy")(function))
    except RuntimeError:  # no folder to keep the machine code in, neither beside the source nor at home
        return cast(F, njit(nogil=True, error_model="numpy")(function))
