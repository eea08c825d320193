"""What a function can reach: the modules it applies and the streams of random numbers it draws from."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

__all__ = ["Reached", "Stream", "bare", "reach"]

Stream = torch.Generator | np.random.Generator | np.random.RandomState | random.Random

_STREAMS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
_LIBRARIES = ("torch", "numpy", "scipy", "sklearn", "builtins")

# Somebody's objects may hold the world; what a function draws from lies near it.
_MOST, _MOST_ELEMENTS = 2000, 100


@dataclass
class Reached:
    """What was found.

    Attributes:
        modules: without wrappers; modules inside others are not listed by themselves unless they are reached so.
        streams: random number generators of somebody's own, as opposed to the global ones.
    """

    modules: list[nn.Module] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)


def bare(model: Any) -> Any:
    """Return what a model is without the wrappers of data-parallel training and compilation; weights are the same."""
    while isinstance(model, nn.Module):
        inner = getattr(model, "_orig_mod", None)
        if inner is None and isinstance(model, nn.parallel.DistributedDataParallel | nn.DataParallel):
            inner = model.module
        if inner is None:
            break
        model = inner
    return model


def reach(*things: Any) -> Reached:
    """Return what modules, functions and other callables can reach, without calling them.

    Functions are followed into their closures, defaults and the globals they name, methods and other objects into their
    attributes, modules into the generators they hold; the libraries' own functions and objects are not.

    Example:
        >>> stream = torch.Generator()
        >>> found = reach(lambda n: torch.randn(n, 64, generator=stream))
        >>> found.streams == [stream]
        True
    """
    found, seen, waiting = Reached(), dict[int, Any](), deque(things)
    while waiting and len(seen) < _MOST:
        thing = bare(waiting.popleft())
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing  # which also keeps it, and so its identity, for as long as this takes
        if isinstance(thing, nn.Module):
            found.modules.append(thing)
            held = chain.from_iterable(vars(part).values() for part in thing.modules())
            waiting.extend(value for value in held if isinstance(value, _STREAMS))
        elif isinstance(thing, _STREAMS):
            found.streams.append(thing)
        else:
            waiting.extend(_neighbours(thing))
    return found


def _neighbours(thing: Any) -> Iterable[Any]:
    """Return what something that is neither a module nor a stream refers to."""
    if isinstance(thing, FunctionType):
        return _of_function(thing)
    if isinstance(thing, MethodType):
        return (thing.__self__, thing.__func__)
    if isinstance(thing, partial):
        return (thing.func, *thing.args, *thing.keywords.values())
    if isinstance(thing, list | tuple | set | frozenset):
        return islice(list(thing), _MOST_ELEMENTS)
    if isinstance(thing, dict):
        return islice(list(thing.values()), _MOST_ELEMENTS)
    if isinstance(thing, type | ModuleType) or _of_library(type(thing)):
        return ()
    return getattr(thing, "__dict__", {}).values()


def _of_function(function: FunctionType) -> Iterator[Any]:
    if _of_library(function):
        return
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            continue
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for name in _names(function.__code__):
        if name in function.__globals__:
            yield function.__globals__[name]


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that code, and functions defined in it, look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _of_library(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).partition(".")[0] in _LIBRARIES
