"""Looking at somebody else's modules without leaving a trace."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

__all__ = ["bare", "watching"]


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


@contextmanager
def watching(models: Sequence[Any], *, evaluation: bool = True) -> Iterator[None]:
    """Apply models for a while, after which everything is as it was.

    There are no gradients meanwhile, no autocasting, no compiled code (other batch sizes would compile anew), and the
    models are in evaluation mode. Afterwards each module is in the mode it was in, buffers hold what they held, and the
    random numbers of torch (on every device in use), numpy and Python go on where they were.

    Args:
        models: modules, or any other functions, whose insides are not known and so not restored.
        evaluation: whether to switch to evaluation mode; otherwise each module stays in its own.
    """
    modules = [model for model in map(bare, models) if isinstance(model, nn.Module)]
    parts = [(part, part.training) for module in modules for part in module.modules()]
    buffers = [(buffer, buffer.clone()) for module in modules for buffer in module.buffers()]
    devices = {tensor.device for module in modules for tensor in (*module.parameters(), *module.buffers())}
    gpus = sorted(device.index for device in devices if device.type == "cuda")
    pythons, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002 - somebody's latents may come from it
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=gpus))
        stack.enter_context(torch.no_grad())
        for kind in {device.type for device in devices}:
            stack.enter_context(torch.autocast(kind, enabled=False))
        if any(getattr(part, "_compiled_call_impl", None) is not None for part, _ in parts):
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        try:
            if evaluation:
                for module in modules:
                    module.eval()
            yield
        finally:
            for part, training in parts:
                part.training = training
            for buffer, kept in buffers:
                buffer.copy_(kept)
            random.setstate(pythons)
            np.random.set_state(numpys)  # noqa: NPY002
