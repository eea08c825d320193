"""On what a scenario is trained: which device, in what precision, in how many threads and groups of seeds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
import torch

from gandyn.core.errors import UsageError
from gandyn.core.threads import workers
from gandyn.recording.measuring import Measuring
from gandyn.scenario.schema import Scenario
from gandyn.training import distributed

__all__ = ["at_once", "device_of", "groups_of", "measuring_of", "pool_of", "precision_of", "repeatable"]

GROUP = (8, 32)
"""Fewest and most seeds in one batch on a CPU: below, calls cost more than arithmetic; above, nothing is won."""


def device_of(scenario: Scenario) -> torch.device:
    """Return where to train.

    Raises:
        UsageError: it is not there.
    """
    name, there = scenario.train.device, torch.cuda.is_available()
    if name == "cuda" and not there:
        raise UsageError("train.device is cuda, but torch sees no GPU here (use cpu or auto)")
    images = scenario.data.finite
    if name == "cuda" or (name == "auto" and images and there):
        return torch.device("cuda", distributed.gpu())
    return torch.device("cpu")


def precision_of(name: str, device: torch.device) -> torch.dtype:
    """Return the precision of a run (see `gandyn.networks.base.weights_in`).

    Half of single precision pays on GPUs, and needs no scaling of losses in bfloat16.
    """
    if name == "auto":
        name = "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float64": torch.float64}[name]


def groups_of(scenario: Scenario, device: torch.device) -> list[tuple[int, int]]:
    """Split the seed axis: a group for each core, within `GROUP`; a GPU takes all seeds at once, images come singly."""
    seeds = len(scenario.train.seeds)
    size = seeds if device.type != "cpu" else int(np.clip(-(-seeds // (os.cpu_count() or 1)), *GROUP))
    if scenario.data.finite:
        size = 1
    return [(first, min(first + size, seeds)) for first in range(0, seeds, size)]


def at_once(scenario: Scenario) -> int:
    """Return how many groups are trained at once: of toys one a core, of images one."""
    return 1 if scenario.data.finite else os.cpu_count() or 1


def pool_of(scenario: Scenario, threads: int) -> ThreadPoolExecutor:
    """Return threads to train in: those of toys compute on one core each, that of images on as many as torch has."""
    return workers(at_once(scenario), "gandyn-train", threads if scenario.data.finite else 1)


_MEASURERS = 3
"""More would wait for training."""


def measuring_of(groups: int, device: torch.device) -> AbstractContextManager[Measuring | None]:
    """Return what measures beside the training of so many groups; None where no core is left for that.

    To measure a step on the plane takes two to three times as long as to make it, so training often waits, and leaves
    its core to those that measure.
    """
    cores = os.cpu_count() or 1
    return nullcontext() if device.type != "cpu" or groups >= cores else Measuring(min(cores, _MEASURERS))


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Have convolutions repeat bit for bit on a GPU, as they do on a CPU: a resumed run is the uninterrupted one."""
    if device.type == "cuda":
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=True):
            yield
    else:
        yield
