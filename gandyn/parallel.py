"""Several processes that train one network, each on its part of every batch (started by torchrun)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed

__all__ = ["agreed", "average", "following", "joined", "part", "rank", "share", "world"]


def _started_together() -> bool:
    """Say whether this process is one of several that torchrun has started."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def following() -> bool:
    """Say whether another process leads this one: checks, records and draws."""
    return _started_together() and int(os.environ.get("RANK", "0")) > 0


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Join the other processes, for the while, if there are others."""
    if not _started_together() or distributed.is_initialized():
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def world() -> int:
    """Return the number of processes that train together."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def rank() -> int:
    """Return the number of this process among them; the first, 0, records."""
    return distributed.get_rank() if world() > 1 else 0


def part(batch: Tensor, dim: int) -> Tensor:
    """Return this process's part of a batch along a dimension."""
    return batch.tensor_split(world(), dim)[rank()] if world() > 1 else batch


def average(values: Tensor) -> Tensor:
    """Replace values by their mean over the processes, and return them.

    All players' gradients pass through here, as one flat array each: what `DistributedDataParallel` does bucket by
    bucket, without its wrapper, which fails where a batch-normalised discriminator is applied twice before one
    backward pass.

    References:
        Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", 2020.
    """
    if world() > 1:
        distributed.all_reduce(values)
        values /= world()
    return values


def agreed(flag: bool) -> bool:
    """Say whether any process has raised a flag: all of them then stop at the same step."""
    if world() == 1:
        return flag
    raised = torch.tensor(float(flag), device="cuda" if distributed.get_backend() == "nccl" else "cpu")
    distributed.all_reduce(raised)
    return bool(raised > 0)


def share(tensors: Iterable[Tensor]) -> None:
    """Give every process what the first one has."""
    if world() > 1:
        for tensor in tensors:
            held = tensor if tensor.is_cuda or distributed.get_backend() != "nccl" else tensor.cuda()
            distributed.broadcast(held, 0)
            if held is not tensor:
                tensor.copy_(held)
