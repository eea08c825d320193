"""Real processes without the wait: forked from one that has imported what they would, told to run a module or a file.

They have their own folder, environment, output, signals and exit, as processes that are started have; what they lack is
the seconds that Python takes for imports. What is about a start from nothing takes `subprocess` as anybody would.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["Forked", "Forks"]

_WAIT = 0.005


class Forked:
    """A process that was forked, with what tests use of `subprocess.Popen`."""

    def __init__(self, pid: int, status: int, stdout: Path, stderr: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout, self.stderr = stdout, stderr
        self._status = status
        os.set_blocking(status, False)

    def poll(self) -> int | None:
        """Return how it ended, as `Popen` does; None while it runs."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                self.returncode = os.waitstatus_to_exitcode(int(os.read(self._status, 32)))
                os.close(self._status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait until it ends."""
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a forked process", timeout)
            time.sleep(_WAIT)
        assert self.returncode is not None
        return self.returncode

    def communicate(self, timeout: float = 60.0) -> tuple[str, str]:
        """Wait until it ends, and return what it wrote; that is read from files, so nothing has to be emptied."""
        self.wait(timeout)
        return self.stdout.read_text(), self.stderr.read_text()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it has ended, and wait until it is gone."""
        self.send_signal(signal.SIGKILL)
        self.wait(10.0)


class Forks:
    """A process that has imported some modules, and forks others."""

    def __init__(self, modules: Sequence[str], folder: Path) -> None:
        """Start it; what its children write goes to files in a folder."""
        here, there = socket.socketpair()
        self._folder, self._count, self._asking = folder, 0, here
        command = [sys.executable, __file__, str(there.fileno()), *modules]
        self._parent = subprocess.Popen(command, pass_fds=[there.fileno()])
        there.close()

    def start(self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Forked:
        """Fork a process that runs `python ARGUMENTS`, of which the first is a file, `-m` or `-c`."""
        self._count += 1
        paths = [self._folder / f"{self._count}.{name}" for name in ("out", "err")]
        reading, writing = os.pipe()
        request = {"arguments": [*arguments], "cwd": str(cwd), "environment": {**environment}, "to": [*map(str, paths)]}
        for path in paths:
            path.touch()
        socket.send_fds(self._asking, [json.dumps(request).encode()], [writing])
        os.close(writing)
        pid = int(self._asking.recv(32))
        return Forked(pid, reading, *paths)

    def close(self) -> None:
        """End it."""
        self._asking.close()
        self._parent.wait()


def _serve(asking: socket.socket) -> None:
    """Fork a process for every request, and tell its end to whoever asked; in a child, run what was asked for."""
    while True:
        told, descriptors, _, _ = socket.recv_fds(asking, 1 << 20, 1)
        if not told:
            return
        (status,) = descriptors
        ready, begun = os.pipe()
        if os.fork():  # this one goes on; another minds the child
            os.close(begun)
            asking.send(os.read(ready, 32))
            os.close(ready)
            os.close(status)
            os.wait()
            continue
        if os.fork():  # its own parent is to have no child but this one, which ends at once
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            for one in (asking.fileno(), status, ready, begun):
                os.close(one)
            asking.detach()
            _run(json.loads(told))
            return
        os.write(begun, str(pid).encode())
        os.write(status, str(os.waitpid(pid, 0)[1]).encode())
        os._exit(0)


def _run(request: dict[str, Any]) -> None:
    """Be the process that was asked for."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, path in enumerate(request["to"], start=1):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    what, *rest = request["arguments"]
    if what == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif what == "-c":
        sys.argv = [what, *rest[1:]]
        sys.path.insert(0, request["cwd"])
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = [what, *rest]
        sys.path.insert(0, request["cwd"])
        runpy.run_path(what, run_name="__main__")


if __name__ == "__main__":
    for _module in sys.argv[2:]:
        __import__(_module)
    gc.collect()
    gc.freeze()  # what was imported is nothing that a child has to look through, and copy
    _serve(socket.socket(fileno=int(sys.argv[1])))
