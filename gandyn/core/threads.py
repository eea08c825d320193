"""How training uses a machine: on toys many threads with one core each, never one operation on many cores."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

__all__ = ["one_core_each", "workers"]


def workers(count: int, name: str, cores: int = 1) -> ThreadPoolExecutor:
    """Return a pool of threads that compute on some cores each.

    Torch's number of threads belongs to the thread it is set in: a new one begins with all cores, and where those are
    busy its parallel regions spin for minutes.
    """
    return ThreadPoolExecutor(count, thread_name_prefix=name, initializer=torch.set_num_threads, initargs=(cores,))


@contextmanager
def one_core_each() -> Iterator[None]:
    """Compute on one core in this thread too, keep freed memory, and give the thread its cores back afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    _keep_freed_memory()
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _keep_freed_memory() -> None:
    """Tell glibc to keep what is freed.

    By default every layer's output is given back to the system and faulted in again at the next step, which halves the
    speed of two groups side by side.
    """
    if platform.libc_ver()[0] == "glibc":
        trim_threshold, top_pad, mmap_threshold = -1, -2, -3
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, 1 << 30)
        libc.mallopt(top_pad, 1 << 26)
