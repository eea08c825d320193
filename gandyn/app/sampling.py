"""New samples from the generator of a recording, as its last checkpoint has it."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy import ndarray
from pydantic import ValidationError
from torch import Tensor

from gandyn.app.output_paths import picture_path
from gandyn.app.run_folders import refuse_other
from gandyn.core.errors import RecordingError, UsageError
from gandyn.core.streams import Purpose, stream
from gandyn.core.suggestions import hint
from gandyn.recording.checkpoints import fitting, load_checkpoint
from gandyn.recording.samples import as_bytes
from gandyn.recording.store.recording import Recording, open_recording
from gandyn.recording.tiling import tiled
from gandyn.rendering.encoders.output import atomic
from gandyn.scenario.schema import Scenario
from gandyn.training.trainer import average_name

__all__ = ["generator_of", "sample", "scenario_of", "write"]

_AT_ONCE = 512
_MOST = 1 << 20
_GAP = 2
_SHEET = 600
"""Pixels that a sheet of small images is about as wide as."""


def sample(
    recording: Recording | str | Path,
    count: int = 25,
    *,
    label: str | None = None,
    seed: int | None = None,
    rng: int = 0,
) -> Float[ndarray, " sample *event"]:
    """Return new samples of a trained generator.

    Args:
        recording: the recording of a scenario, or its folder.
        count: how many.
        label: the class they are to be of, by its name, from a conditional generator; the classes in turn unless given.
        seed: whose generator, the first unless given.
        rng: seeds the latents; equal ones give equal samples.

    Returns:
        Points (count, dim), or images (count, channel, row, column) from -1 (black) to 1.

    Raises:
        UsageError: there is no such seed or class, or none can be asked for.
        RecordingError: this is somebody's own loop, which keeps no weights, or nothing was committed.

    Example:
        >>> sample("runs/mnist_cgan", 16, label="7").shape  # doctest: +SKIP
        (16, 1, 28, 28)
    """
    opened = recording if isinstance(recording, Recording) else open_recording(recording)
    if not 1 <= count <= _MOST:
        raise UsageError(f"count: 1 to {_MOST:,} samples can be drawn at a time, not {count}")
    scenario = scenario_of(opened)
    generate = generator_of(opened, scenario, seed)
    game = scenario.played
    assert game.fed is not None
    latents = torch.from_numpy(game.fed.sample(stream(rng, Purpose.LOOKING), count))
    labels = _labels(opened, scenario, label, count)
    parts = [
        generate(latents[at : at + _AT_ONCE], None if labels is None else labels[at : at + _AT_ONCE])
        for at in range(0, count, _AT_ONCE)
    ]
    made: ndarray = torch.cat(parts).numpy()
    return scenario.data.units.own(made).astype(made.dtype)


def scenario_of(opened: Recording) -> Scenario:
    """Return the scenario that a recording's networks can be made again by.

    Raises:
        RecordingError: this is somebody's own loop, which keeps no weights, or the scenario is of another version.
    """
    if not opened.scenario:
        raise RecordingError(f"{opened.path} was recorded from somebody's own loop: it holds no weights")
    try:
        return Scenario.model_validate(opened.scenario, context={"folder": opened.path})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][:2])
        raise RecordingError(f"{opened.path}: its networks cannot be made again: {where}: {first['msg']}") from None


def generator_of(opened: Recording, scenario: Scenario, seed: int | None) -> Callable[[Tensor, Tensor | None], Tensor]:
    """Return the generator of a recording's last checkpoint, from latents and classes to samples.

    Args:
        opened: the recording.
        scenario: its own.
        seed: whose generator, the first unless given.

    Raises:
        UsageError: there is no such seed.
        RecordingError: no weights were committed.
    """
    seeds = scenario.train.seeds
    chosen = seeds[0] if seed is None else seed
    if chosen not in seeds:
        raise UsageError(f"seed {chosen} is not in {opened.path}")
    place = seeds.index(chosen)
    groups = opened.journal.groups
    if len(seeds) != groups[-1][1]:
        raise RecordingError(f"{opened.path}: its scenario has {len(seeds)} seeds, its weights are of {groups[-1][1]}")
    group, (first, last) = next((k, ends) for k, ends in enumerate(groups) if ends[0] <= place < ends[1])
    state = load_checkpoint(opened.path, opened.journal, group)
    if state is None:
        raise RecordingError(f"{opened.path} holds no weights: its first checkpoint was never written")
    game = scenario.played
    with fitting(opened.path, group):
        dtype = state[next(iter(game.players))].dtype
        streams = [stream(one) for one in seeds[first:last]]
        players = game.build(scenario.data.standard, streams, torch.device("cpu"), dtype)
        for name, player in players.items():
            averaged = average_name(game, name)
            kept = averaged if averaged in state and name in game.averaged else name
            player.flat.copy_(state[kept])
            for key, buffer in player.buffers().items():
                buffer.copy_(state[f"{kept}.buffer.{key}"])
    row = place - first

    def generate(z: Tensor, labels: Tensor | None) -> Tensor:
        with ExitStack() as stack:
            for player in players.values():
                stack.enter_context(player.inference())
            # Stacked seeds are all fed the same latents; only one row is looked at.
            wide = z.expand(last - first, *z.shape)
            given = None if labels is None else labels.expand(last - first, *labels.shape)
            return game.maps(players)["generate"](wide, given)[row].float()

    return generate


def _labels(opened: Recording, scenario: Scenario, label: str | None, count: int) -> Tensor | None:
    if not scenario.played.told_classes:
        if label is not None:
            raise UsageError(f"class {label}: this generator is not told classes (conditional: true)")
        return None
    names = scenario.data.class_names
    # Of all digits perhaps a few were learnt.
    learnt = np.flatnonzero(opened.contents["data_class_histogram"].values > 0)
    if label is None:
        return torch.from_numpy(learnt[np.arange(count) % len(learnt)])
    known = [names[k] for k in learnt]
    if label not in known:
        raise UsageError(f"there is no class {label!r}{hint(label, known)}")
    return torch.full((count,), names.index(label))


def write(
    folder: Path, out: Path | None, *, count: int, label: str | None, seed: int | None, rng: int
) -> tuple[Path, int]:
    """Write new samples as a sheet of images (.png), or as an array (.npy) of whatever shape, images from -1 to 1.

    Args:
        folder: the recording's.
        out: the file; in a folder, or without one, it is named after the recording, and points are an array.
        count: how many, and `label`, `seed` and `rng`, as in `sample`.
        label: see there.
        seed: see there.
        rng: see there.

    Returns:
        The file, and the step whose generator was asked.

    Raises:
        UsageError: the suffix is another, or the samples are no images.
        RenderError: the file cannot be written.
    """
    refuse_other(folder)
    opened = open_recording(folder)
    usual = ".png" if "samples" in opened.contents else ".npy"
    path = picture_path(out, f"{opened.path.resolve().name}_samples", usual)
    if path.suffix not in (".png", ".npy"):
        raise UsageError(f"{path}: samples are written as .png (a sheet of images) or .npy (an array)")
    samples = sample(opened, count, label=label, seed=seed, rng=rng)
    if path.suffix == ".png" and samples.ndim != 4:
        raise UsageError(f"{path}: these samples are points, not images; write them as .npy")
    with atomic(path) as part, part.open("wb") as file:
        if path.suffix == ".npy":
            np.save(file, samples)
        else:
            from PIL import Image

            Image.fromarray(_sheet(samples)).save(file, format="PNG")
    return path, int(opened.steps()[-1])


def _sheet(samples: Float[ndarray, "sample channel row column"]) -> UInt8[ndarray, "height width *colour"]:
    """Return images side by side, nearly as many rows as columns, with a thin gap between them.

    Small ones are enlarged by a whole factor, pixel by pixel.
    """
    pixels = as_bytes(torch.from_numpy(samples))
    columns = math.ceil(math.sqrt(len(pixels)))
    factor = max(round(_SHEET / (columns * pixels.shape[3])), 1)
    sheet = tiled(pixels.repeat(factor, 2).repeat(factor, 3), _GAP, 128)
    return sheet[0] if len(sheet) == 1 else np.moveaxis(sheet, 0, -1).copy()
