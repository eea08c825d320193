"""How the command line behaves: errors as one message and an exit code, signals, progress bars on stderr."""

from __future__ import annotations

import errno
import functools
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from gandyn.core.errors import GandynError, SettingsWarning
from gandyn.core.messages import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = [
    "Followed",
    "Stopped",
    "Terminated",
    "Tick",
    "complain",
    "display",
    "greet",
    "guarded",
    "in_a_terminal",
    "labelled",
    "prefixed",
    "progress",
    "tell",
    "terminable",
    "warn_plainly",
]

P = ParamSpec("P")
R = TypeVar("R")
Tick = Callable[[int, int, str], None]
"""Takes what is done, out of how much, and what is going on."""

TRACEBACK_VARIABLE = "GANDYN_TRACEBACK"


class Terminated(KeyboardInterrupt):
    """SIGTERM came (a job scheduler's way of saying stop): everything is committed as on Ctrl-C."""

    exit_code = 143


class Followed(SystemExit):
    """This process has followed another, which records, draws and prints: a command ends here, and well."""

    def __init__(self) -> None:
        super().__init__(0)


class Stopped(KeyboardInterrupt):
    """Work was interrupted; what had been done is kept. The text says where, and how to go on.

    Attributes:
        exit_code: 130 after Ctrl-C, 143 after SIGTERM.
    """

    def __init__(self, message: str, cause: KeyboardInterrupt | None = None) -> None:
        super().__init__(message)
        self.exit_code = int(getattr(cause, "exit_code", 130))


def labelled(tick: Tick | None, label: str) -> Tick | None:
    """Return a progress function that tells of everything under one label."""
    return None if tick is None else lambda done, total, what: tick(done, total, label)


def prefixed(tick: Tick | None, prefix: str) -> Tick | None:
    """Return a progress function that puts a prefix before what is going on."""
    return None if tick is None else lambda done, total, what: tick(done, total, f"{prefix}: {what}")


def complain(message: str) -> None:
    """Print one message to stderr, as text that no markup or line width touches."""
    print(printable(f"gandyn: {message}"), file=sys.stderr, flush=True)


def warn_plainly() -> None:
    """Print what is warned of to stderr as messages are, without the line of the program that it came from."""
    usual = warnings.formatwarning

    def formatted(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
    ) -> str:
        if category is UserWarning:
            return printable(f"gandyn: {message}\n")
        return usual(message, category, filename, lineno, line)

    warnings.formatwarning = formatted


def in_a_terminal() -> bool:
    """Say whether somebody is there who reads and can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def greet() -> None:
    """Tell what to do first."""
    first, own = "scenarios/line/two_modes.yaml", "mine.yaml"
    picture = ("a first picture: two_modes.gif, in some ten seconds", f"gandyn animate {first}")
    if not os.path.exists(first):
        picture = ("a first picture: ring.gif", "gandyn new ring.yaml --data ring && gandyn animate ring.yaml")
    todo = [picture, ("a scenario of your own, from a few questions", f"gandyn new {own}")]
    todo.append(("everything else", "gandyn --help"))
    tell("gandyn shows how GANs learn. To begin:\n")
    tell("\n".join(f"  {command}\n      {what}" for what, command in todo))


def tell(text: str) -> None:
    """Print text to stdout, without what a terminal would obey."""
    print(printable(text), flush=True)


def display(parts: Iterable[RenderableType]) -> None:
    """Print tables and styled text to stdout; what a terminal obeys is their styles alone."""
    import shutil

    from rich.console import Console

    # Into a pipe or file a table keeps its full width: 80 columns would cut it for no reader's good.
    width = None if Console().is_terminal else max(shutil.get_terminal_size((140, 0)).columns, 140)
    console = _careful()(width=width, highlight=False, markup=False, emoji=False)
    for part in parts:
        console.print(part)


def _careful() -> type[Console]:
    """Return the class of consoles that take no orders from the text they print."""
    from rich.console import Console, ConsoleOptions
    from rich.segment import Segment

    class Careful(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(printable(segment.text), segment.style)

    return Careful


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with one message and an exit code instead of a traceback.

    2: usage or scenario; 1: the run; 130: Ctrl-C; 143: SIGTERM. With GANDYN_TRACEBACK=1 in the environment the
    traceback is shown as well.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with terminable(), _warnings_told():
                return command(*args, **kwargs)
        except GandynError as error:
            code = error.exit_code
            message = str(error)
            raised: BaseException = error
        except KeyboardInterrupt as error:
            code = int(getattr(error, "exit_code", 130))
            message = str(error) or "interrupted"
            raised = error
        except OSError as error:
            if error.errno == errno.EPIPE:  # `gandyn catalog | head`: the reader has seen enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(0)
            code, message, raised = 1, _os_error(error), error
        except MemoryError as error:
            code, message, raised = 1, "out of memory; fewer seeds, a smaller batch or a coarser grid need less", error
        except ModuleNotFoundError as error:
            code, message, raised = 1, _not_installed(error), error
        except Exception as error:
            if _is_exit(error):
                raise
            code, message, raised = 1, _defect(error), error
        if os.environ.get(TRACEBACK_VARIABLE):
            import traceback

            traceback.print_exception(raised)
        complain(message)
        sys.exit(code)

    return run


@contextmanager
def _warnings_told() -> Iterator[None]:
    """Print warnings about settings as messages, without the line of a program that nobody wrote."""
    with warnings.catch_warnings():
        warnings.filterwarnings("always", category=SettingsWarning)
        shown = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, SettingsWarning):
                complain(f"warning: {message}")
            else:
                shown(message, category, *place, **more)

        warnings.showwarning = show
        yield


_HOW = f"{TRACEBACK_VARIABLE}=1 in the environment shows the traceback"


def _is_exit(error: Exception) -> bool:
    """Tell typer's own ways of ending a command, which it turns into exit codes itself."""
    import typer

    return isinstance(error, typer.Exit | typer.Abort | typer.BadParameter)


def _defect(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [""])[0]
    return f"unexpected {type(error).__name__}: {first} (this is a defect in gandyn; {_HOW})"


def _not_installed(error: ModuleNotFoundError) -> str:
    """Say what to install, where it is one of the packages that gandyn, or an extra of it, asks for."""
    import importlib.metadata
    import re

    package = (error.name or "").partition(".")[0]
    asked = (re.split(r"[ ;]", one)[0] for one in importlib.metadata.requires("gandyn") or ())
    wanted = next((one for one in asked if re.split(r"[<>=!~\[]", one)[0].replace("-", "_") == package), None)
    if wanted is None:
        return _defect(error)
    without = "; the folder of a recording is drawn without it" if package == "torch" else ""
    return f"this needs {package}, which is not installed here: pip install '{wanted}'{without}"


def _os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{where}no space left on the disk; what was committed before is kept"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where}cannot be written or read ({error.strerror})"
    return f"{where}{error.strerror or error}"


@contextmanager
def terminable() -> Iterator[None]:
    """Within this block SIGTERM interrupts as Ctrl-C does, so that training commits before it ends."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: leave signals alone
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tick | None]:
    """Show progress bars on stderr, where it is a terminal, for whatever takes longer than a glance.

    Yields:
        A function to call with (done, total, what); a new `what` begins a new bar, a total of 0 means that it is not
        known. None if nothing is to be shown.
    """
    log = logging.getLogger("gandyn")
    before = log.level
    if quiet:
        log.setLevel(logging.ERROR)
    try:
        with _bars(quiet=quiet) as tick:
            yield tick
    finally:
        log.setLevel(before)


_STARTING = "starting"
_GLANCE = 0.25
"""Seconds before anything is shown: what is drawn from a small recording would flash by."""


@contextmanager
def _bars(*, quiet: bool) -> Iterator[Tick | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    import time

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    bars = Progress(*columns, console=_careful()(stderr=True), transient=True)
    started: dict[str, tuple[float, int]] = {}
    tasks = {}
    # By the clock, not by the first tick: to import torch takes a second or two, and tells of nothing on its way.
    tasks[_STARTING] = bars.add_task(_STARTING, total=None, rate="")
    timer = threading.Timer(_GLANCE, bars.start)
    timer.daemon = True

    def tick(done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if (starting := tasks.pop(_STARTING, None)) is not None:
            bars.remove_task(starting)
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total or None, rate="")
            started[what] = (now, done)
        since, first = started[what]
        rate = f"{(done - first) / (now - since):,.0f}/s" if now - since > 0.5 and done > first else ""
        bars.update(tasks[what], completed=done, total=total or None, rate=rate)

    timer.start()
    try:
        yield tick
    finally:
        timer.cancel()
        timer.join()
        bars.stop()
