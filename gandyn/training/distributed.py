"""Several processes that train one network, each on its part of every batch (started by torchrun).

The first of them leads: it checks, records, draws and prints. The others follow: they wait to be told whether there is
anything to train, train their part, and leave.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed

__all__ = [
    "agreed",
    "average",
    "expect",
    "expected",
    "following",
    "gpu",
    "joined",
    "part",
    "rank",
    "share",
    "tell",
    "told",
    "world",
]

_met = False
"""Whether the processes have been joined here already: they are once, for those that follow a command leave then."""
_joined = False
"""Whether they are now; a process group of somebody's own is otherwise none of ours."""
_expected = False
"""Whether those that follow still wait to be told."""
_home = torch.device("cpu")
"""Where this process keeps what it exchanges; each thread has a current GPU of its own, so that will not do."""


def _together() -> bool:
    """Say whether torchrun has started others beside this process, and they are not known to have left."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and not _met


def following() -> bool:
    """Say whether another process leads this one."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and int(os.environ.get("RANK", "0")) > 0


def gpu() -> int:
    """Return the number of this process's own GPU."""
    return int(os.environ.get("LOCAL_RANK", "0")) if _together() else 0


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Join the other processes, for the while, if there are others; where somebody has joined them, that will do."""
    global _joined, _met, _home
    if not _together():
        yield
        return
    ours = not distributed.is_initialized()
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if ours:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    _joined, _met, _home = True, ours, device
    try:
        yield
    finally:
        _joined = False
        if ours:
            distributed.destroy_process_group()


def tell(go: bool) -> None:
    """Tell those that follow, who listen with `told`, whether there is something to train."""
    global _expected
    share([torch.tensor(go)])
    _expected = False


def expect() -> None:
    """Note that those that follow wait to be told."""
    global _expected
    _expected = True


def expected() -> bool:
    """Say whether they still do: what they are told twice would be taken for something else."""
    return _expected


def told() -> bool:
    """Wait for the process that leads to `tell`, and return what it says."""
    share([go := torch.tensor(False)])
    return bool(go)


def world() -> int:
    """Return the number of processes that train together."""
    return distributed.get_world_size() if _joined else 1


def rank() -> int:
    """Return the number of this process among them; the first, 0, leads."""
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


def agreed(flag: bool, asked: bool = True) -> bool:
    """Say whether any process has raised a flag: all of them then stop at the same step.

    Args:
        flag: this process's own.
        asked: whether this is a step at which they ask each other; between those, nobody does anything.
    """
    if world() == 1:
        return flag
    if not asked:
        return False
    raised = torch.tensor(float(flag), device=_home)
    distributed.all_reduce(raised)
    return bool(raised > 0)


def share(tensors: Iterable[Tensor]) -> None:
    """Give every process what the first one has."""
    if world() > 1:
        for tensor in tensors:
            held = tensor.to(_home)
            distributed.broadcast(held, 0)
            tensor.copy_(held)
