"""The recorder of anybody's loop: looks at two models that somebody else trains, and leaves them as they were."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, distributed

from gandyn.core.errors import RecordingError, UsageError
from gandyn.core.messages import warn
from gandyn.games.gan import Gan
from gandyn.recording.cadence import cadence_of
from gandyn.recording.commit_buffer import CommitBuffer, ProbeRunner, recorded_variables
from gandyn.recording.means import Means
from gandyn.recording.probes.base import Variable
from gandyn.recording.scalar_names import Names
from gandyn.recording.snapshots.sampled import AT_ONCE, SampledSnapshot
from gandyn.recording.spaces.sampled import SampledSpace
from gandyn.recording.store.recording import Recording, open_recording
from gandyn.recording.store.writer import Writer
from gandyn.recording.user_loop.affordable import affordable, batch
from gandyn.recording.user_loop.card import recorder_card
from gandyn.recording.user_loop.finite import RESPONSES, SAMPLES, Finite, one_number
from gandyn.recording.user_loop.first_look import Look
from gandyn.recording.user_loop.folder import BEGINNING, GOING_ON, take_folder, writable
from gandyn.recording.user_loop.isolation import uninterrupted, watching

__all__ = ["LoopRecorder"]

# Room on the step axis of a recording whose end nobody knows: it costs nothing, for chunks come as they are written.
_RECORDS = 1 << 20
_CHUNK = 16


class LoopRecorder:
    """What `record` returns: a context manager that is told of every step, or between `start` and `close`.

    Attributes:
        path: the recording's folder.
        steps: how many steps it was told of.
    """

    def __init__(
        self,
        look: Look,
        space: SampledSpace,
        path: Path,
        about: Mapping[str, Any],
        *,
        evaluation: bool = True,
        force: bool = False,
    ) -> None:
        """Use `record`."""
        self.path, self.steps = path, 0
        self._look, self._space, self._about = look, space, dict(about)
        self._evaluation, self._force = evaluation, force
        self._cadence = cadence_of(space.options.every)
        self._records, self._last, self._recorded = 0, dict[str, float](), 0
        self._means, self._waiting = Means(), list[int]()
        self._finite = Finite()
        self._attached: list[torch.optim.Optimizer] = []
        self._handles: list[Any] = []
        self._began: float | None = None
        self._idle = False
        self._writer: Writer | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        """Begin, as `start` does."""
        return self.start()

    def start(self) -> Self:
        """Begin the recording with the models as they are: step 0. Where there is no `with` statement, call this.

        Raises:
            UsageError: the models do not go with the data, the latents or an option.
            RecordingError: the folder holds something already, is being written, or cannot be; or this was used before.
        """
        if self._began is not None:
            raise RecordingError(
                "a recorder is used once: call gandyn.record(...) again, with another out or force=True"
            )
        self._idle = distributed.is_available() and distributed.is_initialized() and distributed.get_rank() > 0
        self._began = time.perf_counter()
        if self._idle:
            return self
        with take_folder(self.path, force=self._force) as held:
            self._begin()
            self._held = held.pop_all()
        return self

    def _begin(self) -> None:
        """Write what is there before the first step."""
        with watching(self._look.reached, evaluation=self._evaluation):  # where the latents are drawn
            self._seen = self._look.at(self._space)
            self._space = space = affordable(self._seen.space, self._seen.generator, self._seen.discriminator)
            self._probe_runner = ProbeRunner(space)
            variables = recorded_variables(space, Gan(), norms=False, averaged=True)
            coords = {"seed": (("seed",), np.zeros(1, dtype=np.int64), {}), **space.coords}
        with self._cadence.recording(0), self._watching():
            first = self._probe_runner.measure(self._snapshot())
        self._about |= self._seen.attributes
        if self._seen.notes:
            warn(f"gandyn.record: {'; '.join(self._seen.notes)}")
        self._names = Names(variables, coords)
        with writable(self.path, BEGINNING):
            self._writer = Writer.create(
                self.path,
                scenario=None,
                attrs=self._about,
                coords=coords,
                variables=variables,
                groups=[(0, 1)],
                records=_RECORDS,
                chunk=_CHUNK,
                every=self._cadence.least,
                steps=0,
            )
        self._buffer = CommitBuffer(self._writer, 0, 0)
        self._add(first)
        self._commit()
        for optimizer in self._attached:
            self._listen(optimizer)

    def note(self, **scalars: Tensor | float) -> None:
        """Note numbers of the step that is being made; tensors stay where they are until a record is due.

        A record holds the mean of what was noted since the one before, NaN where that is nothing. Of the first number
        of a name that is NaN or infinite a warning tells, at once (of numbers on a GPU at the next record). If it is
        `generator_loss` or `discriminator_loss`, or what the models return, the recording has diverged there: so say
        its `diverged_step`, `gandyn show` and every picture.

        Args:
            **scalars: `generator_loss`, `discriminator_loss`, and any others under names of your own.

        Raises:
            UsageError: something is not one number, or a name is that of something else recorded.
            RecordingError: the recording is not open (see the `with` statement).
        """
        self._note(scalars)

    def step(self, **scalars: Tensor | float) -> None:
        """Say that a step was made: an update of the generator, and what came with it.

        Args:
            **scalars: as `note` takes them.

        Raises:
            UsageError: as for `note`; or an optimizer was attached, which counts the steps.
            RecordingError: the recording is not open (see the `with` statement), or cannot be written any more.
        """
        if self._attached:
            raise UsageError("the attached optimizer counts the steps: give numbers to note(), before its step")
        self._note(scalars)
        self._count()

    def attach(self, optimizer: torch.optim.Optimizer) -> Self:
        """Count each step of an optimizer, the generator's, as a step, in place of calls of `step`.

        Numbers go to `note`, before the optimizer's step. The hook is taken off at the end.

        Raises:
            UsageError: it is no optimizer.
        """
        if not hasattr(optimizer, "register_step_post_hook"):
            raise UsageError(f"attach: an optimizer of PyTorch, not {type(optimizer).__name__}")
        self._attached.append(optimizer)
        if self._writer is not None:
            self._listen(optimizer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Record the last step and close; after an exception or Ctrl-C, keep what was recorded before."""
        for handle in self._handles:
            handle.remove()
        if self._writer is None or self._began is None:
            return
        try:
            with uninterrupted():
                try:
                    if error is None and self.steps > self._recorded:
                        self._record()
                finally:
                    self._commit()
                    with writable(self.path, GOING_ON):
                        self._writer.finish(time.perf_counter() - self._began, self.steps, complete=error is None)
        except RecordingError as second:
            if error is None:
                raise
            error.add_note(f"the recording lacks its last steps: {second}")
        finally:
            self._writer = None
            self._held.close()
        if error is None and not self.steps and not self._attached:
            warn("gandyn.record: step() was never called: the recording holds the models before training alone")

    def close(self) -> None:
        """Record the last step and close, as the end of a `with` statement does; a second time it does nothing."""
        self.__exit__(None, None, None)

    @property
    def state(self) -> str:
        """Whether it records, in words."""
        if self._writer is not None:
            return "recording"
        return "another process records" if self._idle else "not begun" if self._began is None else "closed"

    def __repr__(self) -> str:
        """Say where the recording lies and how far it is."""
        steps = f"{self.steps} step{'' if self.steps == 1 else 's'}"
        return f"LoopRecorder({str(self.path)!r}, {steps}, {self.state})"

    def _repr_html_(self) -> str:
        """Return the same for a notebook, with the last losses and what is not seen."""
        return recorder_card(self._about, self.path, self.state, self.steps, self._records, self._last)

    @property
    def recording(self) -> Recording:
        """The recording, as far as it is committed.

        Raises:
            RecordingError: nothing is, or another process records.
        """
        return open_recording(self.path)

    def _note(self, scalars: Mapping[str, Tensor | float]) -> None:
        if self._idle:
            return
        if self._writer is None:
            raise RecordingError(
                "the recording is not open: use `with gandyn.record(...) as recorder:`, or call recorder.start() before"
            )
        for name, value in scalars.items():
            if name not in self._names:
                self._names.accept(name)
            number = one_number(name, value)
            self._means.add(name, number)
            self._finite.look(name, number, self.steps + 1)

    def _watching(self) -> AbstractContextManager[None]:
        return watching(self._look.models, evaluation=self._evaluation)

    def _snapshot(self) -> SampledSnapshot:
        # In training mode the samples of a batch may be normalised together: then it is not split further.
        at_once = batch(self._look.models, self._space.event) if self._evaluation else AT_ONCE
        return SampledSnapshot(
            self._space, self._seen.generator, self._seen.discriminator, device=None, judging=None, at_once=at_once
        )

    def _listen(self, optimizer: torch.optim.Optimizer) -> None:
        self._handles.append(optimizer.register_step_post_hook(lambda *_: self._count()))

    def _count(self) -> None:
        """Count a step, and record it if it is due."""
        if self._writer is None:
            return
        self.steps += 1
        if self._cadence.due(self.steps):
            with uninterrupted(), self._cadence.recording(self.steps):
                self._record()

    def _record(self) -> None:
        """Look at the models."""
        with self._watching():
            snapshot = self._snapshot()
            rows = self._probe_runner.measure(snapshot)
        self._seen.check(self.steps)
        self._finite.settle()
        self._finite.look(SAMPLES, float(snapshot.places.sum()), self.steps)
        self._finite.look(RESPONSES, sum(self._seen.reached), self.steps)
        self._add(rows)
        if self._buffer.due:
            self._commit()

    def _add(self, rows: dict[str, np.ndarray]) -> None:
        """Add what was measured, and the means of what was noted, as the next record."""
        assert self._writer is not None
        noted = {name: mean.numpy() for name, mean in self._means.take().items()}
        rows, self._last = rows | noted, {name: float(value[0]) for name, value in noted.items()} or self._last
        fresh = self._names.take_fresh()
        if fresh:
            self._commit()  # rows that wait know nothing of these
        with writable(self.path, GOING_ON):
            for name in fresh:
                self._writer.extend(Variable(name, attrs={"long_name": name.replace("_", " "), "user": True}))
            if self._buffer.next == self._writer.slot:
                self._commit()
                self._writer.grow()
        lacking = {name: np.full(1, np.nan) for name in self._names.scalars - rows.keys()}
        self._buffer.add({name: values[None] for name, values in (rows | lacking).items()})
        self._buffer.next += 1
        self._records = self._buffer.next
        self._waiting.append(self.steps)
        self._recorded = self.steps

    def _commit(self) -> None:
        at = self._finite.diverged
        with writable(self.path, GOING_ON):
            self._buffer.commit({} if at is None else {0: at}, steps=self._waiting)
        self._waiting = []
