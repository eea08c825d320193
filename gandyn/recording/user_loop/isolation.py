"""Looking at somebody else's modules without leaving a trace."""

from __future__ import annotations

import random
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gandyn.recording.user_loop.reachability import Stream, reach

__all__ = ["same_random_numbers", "uninterrupted", "watching"]

_SEED = 0


@contextmanager
def watching(models: Sequence[Any], *, evaluation: bool = True) -> Iterator[None]:
    """Apply models for a while, after which everything is as it was.

    There are no gradients meanwhile, no autocasting, no compiled code (other batch sizes would compile anew), and the
    models are in evaluation mode. Afterwards parameters, buffers and all other attributes of each module, its mode too,
    are what they were, and so are random numbers (see `same_random_numbers`).

    Args:
        models: modules, or functions; of these the modules that they reach are meant.
        evaluation: whether to switch to evaluation mode; otherwise each module stays in its own.
    """
    reached = reach(*models)
    states = [_State(part) for part in {part: None for module in reached.modules for part in module.modules()}]
    kinds = {tensor.device.type for state in states for tensor, _ in state.tensors} | {"cpu"}
    with ExitStack() as stack:
        stack.enter_context(same_random_numbers(reached.streams))
        stack.enter_context(torch.no_grad())
        for kind in kinds:
            stack.enter_context(torch.autocast(kind, enabled=False))
        if "torch._dynamo" in sys.modules:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        try:
            if evaluation:
                for state in states:
                    state.part.training = False
            yield
        finally:
            for state in states:
                state.restore()


class _State:
    """A module as it was: its attributes, what lists and dictionaries among them hold, and the values of its tensors.

    The latter are copied, parameters as well: spectral normalisations from before PyTorch had one keep their vectors in
    parameters that they change in every forward pass, whatever the mode.
    """

    def __init__(self, part: nn.Module) -> None:
        self.part, self._mode = part, part.training
        self._attributes = dict(vars(part))
        held = list(self._attributes.values())
        self._dicts = [(value, dict(value)) for value in held if isinstance(value, dict)]
        self._lists = [(value, list(value)) for value in held if isinstance(value, list)]
        own = (*part.parameters(recurse=False), *part.buffers(recurse=False))
        self.tensors = [(tensor, tensor.detach().clone()) for tensor in (*own, *held) if isinstance(tensor, Tensor)]

    def restore(self) -> None:
        """Write back what has changed, and nothing else: what autograd has seen of the rest stays valid."""
        attributes = vars(self.part)
        if not _same(attributes, self._attributes):
            attributes.clear()
            attributes.update(self._attributes)
        for mapping, kept in self._dicts:
            if not _same(mapping, kept):
                mapping.clear()
                mapping.update(kept)
        for items, before in self._lists:
            if len(items) != len(before) or any(a is not b for a, b in zip(items, before, strict=True)):
                items[:] = before
        for tensor, values in self.tensors:
            if not torch.equal(tensor, values):
                tensor.data.copy_(values)
        if self.part.training != self._mode:  # modules of TorchScript keep it elsewhere
            self.part.training = self._mode


def _same(mapping: dict[Any, Any], kept: dict[Any, Any]) -> bool:
    """Return whether a dictionary holds the very objects it held."""
    return len(mapping) == len(kept) and all(name in mapping and mapping[name] is kept[name] for name in kept)


@contextmanager
def same_random_numbers(streams: Sequence[Stream] = ()) -> Iterator[None]:
    """Draw random numbers that are the same at every call, after which those of torch, numpy and Python go on as ever.

    Args:
        streams: other generators that go on where they were; they are not seeded.
    """
    cpu, pythons = torch.default_generator.get_state(), random.getstate()
    numpys = np.random.get_state()  # noqa: NPY002 - somebody's latents may come from it
    # Before the first use of a GPU it has no state to keep, and asking for one would begin its use.
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    cudas = [torch.cuda.get_rng_state(gpu) for gpu in gpus]
    apple = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    owns = [(stream, _position(stream)) for stream in streams]
    try:
        torch.default_generator.manual_seed(_SEED)
        np.random.seed(_SEED)  # noqa: NPY002
        random.seed(_SEED)
        if gpus:
            torch.cuda.manual_seed_all(_SEED)
        if apple is not None:
            torch.mps.manual_seed(_SEED)
        yield
    finally:
        torch.default_generator.set_state(cpu)
        random.setstate(pythons)
        np.random.set_state(numpys)  # noqa: NPY002
        for gpu, state in zip(gpus, cudas, strict=True):
            torch.cuda.set_rng_state(state, gpu)
        if apple is not None:
            torch.mps.set_rng_state(apple)
        for stream, position in owns:
            _put_back(stream, position)


def _position(stream: Stream) -> Any:
    if isinstance(stream, np.random.Generator):
        return stream.bit_generator.state
    if isinstance(stream, random.Random):
        return stream.getstate()
    return stream.get_state()


def _put_back(stream: Stream, position: Any) -> None:
    if isinstance(stream, np.random.Generator):
        stream.bit_generator.state = position
    elif isinstance(stream, random.Random):
        stream.setstate(position)
    else:
        stream.set_state(position)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let the first Ctrl-C wait for the end of this block, where models and records are whole; a second does not.

    Outside the main thread, where no interrupt arrives, and under handlers that are not Python's this does nothing.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    arrived: list[tuple[int, FrameType | None]] = []

    def wait(number: int, frame: FrameType | None) -> None:
        if arrived:
            handler(number, frame)
        arrived.append((number, frame))

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if arrived:
            handler(*arrived[0])
