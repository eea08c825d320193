"""Anybody's loop: the public `record`, which watches two models that somebody else trains."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import torch
from torch import Tensor, distributed, nn

from gandyn.errors import RecordingError, UsageError
from gandyn.objectives.base import Objective
from gandyn.recording.ledger import Ledger, Probing, recorded_variables
from gandyn.recording.looking import SampledSnapshot
from gandyn.recording.material import fixed_latents, reading_of, real_samples, value_range
from gandyn.recording.means import Means
from gandyn.recording.options import GridOptions, RecordOptions
from gandyn.recording.probes.base import Variable
from gandyn.recording.scenes.sampled import SampledScene, sampled_scene
from gandyn.recording.store import Recording, open_recording
from gandyn.recording.views.base import View
from gandyn.recording.views.identity import Identity
from gandyn.recording.views.pca import PCA
from gandyn.recording.watching import bare, watching
from gandyn.recording.writer import Writer

__all__ = ["LoopRecorder", "record"]

# Room on the step axis of a recording whose end nobody knows: it costs nothing, for chunks come as they are written.
_RECORDS = 1 << 20
_CHUNK = 16


def record(
    generator: Callable[..., Tensor],
    discriminator: Callable[..., Tensor],
    *,
    data: Any,
    latent: Callable[[int], Any],
    view: View | None = None,
    out: str | Path = "runs/mine",
    every: int = 100,
    response: Literal["logit", "probability", "critic"] = "logit",
    objective: Objective | str | None = None,
    conditional: bool = False,
    image_shape: tuple[int, int, int] | None = None,
    samples: int | None = None,
    points: int = 1024,
    cells: int | None = None,
    evaluation: bool = True,
    title: str = "",
    caption: str = "",
    force: bool = False,
) -> LoopRecorder:
    """Record the training of any generator and discriminator, in any loop; training is the same, bit for bit.

    Use it as a context manager around the loop, and call `step` after each update of the generator. Every so many steps
    the two models are looked at, in evaluation mode and without gradients; afterwards their modes, buffers and all
    random numbers are as they were. Where the loop is one of several processes, the first records.

    Args:
        generator: takes what `latent` returns to samples of the shape of the data. A module, wrapped or not in
            `DistributedDataParallel` or `torch.compile`; a plain function is called as it is.
        discriminator: takes samples to one number each, or to several, whose mean is taken.
        data: real samples, in the range the discriminator is shown: a tensor or array of shape (n, ...), a data set
            of such samples (or of pairs whose first is one), or a pair (samples, classes) where `conditional`.
        latent: n -> the generator's input for n samples, a tensor, or a tuple of its arguments.
        view: how samples are looked at: as they are, if they have one or two coordinates, else `gandyn.PCA(2)`.
        out: the recording's folder.
        every: steps between two records.
        response: what the discriminator returns: a logit, a probability (it ends in a sigmoid), or a critic's value.
        objective: the pair of losses, for what they should look like and the optimal discriminator; its name or itself.
        conditional: whether the generator's second argument is the class, which the discriminator is told as well.
        image_shape: (channel, height, width) of samples that are images but are passed around as vectors.
        samples: images recorded of the same latents at every record; 25 unless given.
        points: generated samples that each density is estimated from.
        cells: of the grid, along a side; 48 on the plane, 512 on the line.
        evaluation: whether to look at the models in evaluation mode; else each stays in the mode it is in.
        title: stands on every picture; made from the folder's name unless given.
        caption: one sentence under it.
        force: replace the recording that is in the folder.

    Raises:
        UsageError: the data, the latents or an option make no sense together.
        RecordingError: the folder holds something already, or cannot be written.

    Example:
        >>> import torch, tempfile
        >>> G, D = torch.nn.Linear(4, 2), torch.nn.Linear(2, 1)
        >>> folder = tempfile.mkdtemp() + "/mine"
        >>> real, latent = torch.randn(500, 2), lambda n: torch.randn(n, 4)
        >>> with record(G, D, data=real, latent=latent, every=1, out=folder) as recorder:
        ...     recorder.step(generator_loss=0.7, discriminator_loss=1.4)  # after your own training step
        >>> recorder.recording.steps().tolist()
        [0, 1]
    """
    if isinstance(objective, str):
        from gandyn.catalog import create

        objective = create(Objective, {"type": objective})
    reals = real_samples(data, conditional)
    event = tuple(reals.values.shape[1:])
    looked = view or (Identity() if int(np.prod(event)) <= 2 else PCA(2))
    try:
        options = RecordOptions(every=every, samples=samples, latent_points=points, grid=GridOptions(cells=cells))
    except ValueError as error:
        raise UsageError(f"record(): {error}") from None
    scene = sampled_scene(
        lambda: reals,
        event,
        looked,
        draw=fixed_latents(latent, conditional),
        reading=reading_of(response, objective),
        options=options,
        scale=value_range(reals),
        picture=image_shape,
        class_names=() if reals.labels is None else tuple(map(str, range(int(reals.labels.max()) + 1))),
        conditional=conditional,
    )
    folder = Path(out)
    about: dict[str, Any] = {"title": title or folder.name.replace("_", " ").capitalize(), "caption": caption}
    about |= {"name": folder.name}
    if objective is not None:
        about |= {"objective": objective.model_dump(mode="json"), "objective_label": objective.label()}
    return LoopRecorder(generator, discriminator, scene, folder, about, evaluation=evaluation, force=force)


class LoopRecorder:
    """What `record` returns: a context manager that is told of every step.

    Attributes:
        path: the recording's folder.
        steps: how many steps it was told of.
    """

    def __init__(
        self,
        generator: Callable[..., Tensor],
        discriminator: Callable[..., Tensor],
        scene: SampledScene,
        path: Path,
        about: Mapping[str, Any],
        *,
        evaluation: bool = True,
        force: bool = False,
    ) -> None:
        """Use `record`."""
        self.path, self.steps = path, 0
        self._models, self._scene, self._about = (generator, discriminator), scene, about
        self._evaluation, self._force = evaluation, force
        self._idle = distributed.is_available() and distributed.is_initialized() and distributed.get_rank() > 0
        self._means = Means()
        self._handles: list[Any] = []
        self._writer: Writer | None = None
        self._waiting: list[int] = []

    def __enter__(self) -> Self:
        """Begin the recording with the models as they are: step 0.

        Raises:
            RecordingError: the folder holds something already, or cannot be written.
        """
        if self._idle:
            return self
        if (self.path / "journal.jsonl").exists() and not self._force:
            raise RecordingError(f"{self.path} holds a recording already: force=True replaces it, another out keeps it")
        scene, every = self._scene, self._scene.options.every
        with self._watching():  # latents are drawn now: the random numbers they take are given back
            coords = {"seed": (("seed",), np.zeros(1, dtype=np.int64), {}), **scene.coords}
            variables = recorded_variables(scene, norms=False, averaged=True)
        self._known = {variable.name for variable in variables}
        self._writer = Writer.create(
            self.path,
            scenario=None,
            attrs=dict(self._about),
            coords=coords,
            variables=variables,
            groups=[(0, 1)],
            records=_RECORDS,
            chunk=_CHUNK,
            every=every,
            steps=0,
        )
        self._ledger, self._probing = Ledger(self._writer, 0, 0), Probing(scene)
        self._began = time.perf_counter()
        self._record()
        return self

    def note(self, **scalars: Tensor | float) -> None:
        """Note numbers of the step that is being made; tensors stay where they are until a record is due.

        Args:
            **scalars: `generator_loss`, `discriminator_loss`, and any others under names of your own.

        Raises:
            UsageError: a tensor holds more than one number, or a name is that of something else recorded.
        """
        if self._idle:
            return
        for name, value in scalars.items():
            if isinstance(value, Tensor) and value.numel() != 1:
                raise UsageError(f"{name} must be one number, not a tensor of shape {tuple(value.shape)}")
            self._means.add(name, value)

    def step(self, **scalars: Tensor | float) -> None:
        """Say that a step was made: an update of the generator, and what came with it.

        Args:
            **scalars: as `note` takes them.

        Raises:
            RecordingError: the recording is not open (see the `with` statement).
        """
        if self._idle:
            return
        if self._writer is None:
            raise RecordingError("the recording is not open: use `with gandyn.record(...) as recorder:`")
        self.note(**scalars)
        self.steps += 1
        if self.steps % self._scene.options.every == 0:
            self._record()

    def attach(self, optimizer: torch.optim.Optimizer) -> Self:
        """Count each step of an optimizer, the generator's, as a step; the hook is taken off at the end."""
        self._handles.append(optimizer.register_step_post_hook(lambda *_: self.step()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Record the last step and close; after an exception or Ctrl-C, keep what was recorded before."""
        for handle in self._handles:
            handle.remove()
        if self._idle or self._writer is None:
            return
        if kind is None and self.steps % self._scene.options.every:
            self._record()
        self._commit()
        self._writer.finish(time.perf_counter() - self._began, self.steps, complete=kind is None)
        self._writer = None

    @property
    def recording(self) -> Recording:
        """The recording, as far as it is committed.

        Raises:
            RecordingError: nothing is, or another process records.
        """
        return open_recording(self.path)

    def _watching(self) -> Any:
        return watching(self._models, evaluation=self._evaluation)

    def _record(self) -> None:
        """Look at the models."""
        assert self._writer is not None
        rows = self._means.take()
        for name in sorted(rows.keys() - self._known):
            self._writer.extend(Variable(name, attrs={"long_name": name.replace("_", " "), "user": True}))
            self._known.add(name)
        generator, discriminator = map(bare, self._models)
        with self._watching():
            snapshot = SampledSnapshot(self._scene, generator, discriminator, self._device(), due=True)
            rows |= self._probing.measure(snapshot)
        found = {name: values[None] for name, values in rows.items()}
        lacking = {name: np.full((1, 1), np.nan) for name in self._known - found.keys()}
        self._ledger.add({**found, **lacking})
        self._ledger.next += 1
        self._waiting.append(self.steps)
        if self._ledger.due:
            self._commit()

    def _commit(self) -> None:
        self._ledger.commit({}, steps=self._waiting)
        self._waiting = []

    def _device(self) -> torch.device:
        for model in map(bare, self._models):
            if isinstance(model, nn.Module):
                for tensor in (*model.parameters(), *model.buffers()):
                    return tensor.device
        return torch.device("cpu")
