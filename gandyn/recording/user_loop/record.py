"""Anybody's loop: the public `record`, which watches two models that somebody else trains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import ValidationError

from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.core.replacing import followed
from gandyn.objectives.base import Objective
from gandyn.recording.options import GridOptions, RecordOptions
from gandyn.recording.spaces.grids import PlaneWindow
from gandyn.recording.spaces.sampled_spaces import sampled_space
from gandyn.recording.user_loop.first_look import Look
from gandyn.recording.user_loop.folder import BEGINNING, writable
from gandyn.recording.user_loop.inputs import Condition, Inputs
from gandyn.recording.user_loop.isolation import same_random_numbers
from gandyn.recording.user_loop.models import check_models
from gandyn.recording.user_loop.players import Models, players_of
from gandyn.recording.user_loop.reachability import reach
from gandyn.recording.user_loop.recorder import LoopRecorder
from gandyn.recording.user_loop.responses import Response, check_response
from gandyn.recording.user_loop.samples import class_names, picture_shape, real_samples, value_range
from gandyn.recording.views.base import View
from gandyn.recording.views.identity import Identity
from gandyn.recording.views.pca import PCA

__all__ = ["record"]

_OPTIONS = {"latent_points": "points", "grid": "cells"}
"""What the options of a scenario are called here."""


def record(
    generator: Models,
    discriminator: Models,
    *,
    data: Any,
    latent: Callable[[int], Any] | None = None,
    view: View | None = None,
    out: str | Path = "runs/mine",
    every: int | Literal["auto"] = "auto",
    response: Response = "auto",
    objective: Objective | str | None = None,
    conditional: bool = False,
    condition: Condition = None,
    look_at: str | tuple[str, str] | None = None,
    image_shape: tuple[int, int, int] | tuple[()] | None = None,
    samples: int | None = None,
    points: int | None = None,
    cells: int | None = None,
    evaluation: bool = True,
    title: str = "",
    caption: str = "",
    force: bool = False,
) -> LoopRecorder:
    """Record the training of any generator and discriminator, in any loop; training is the same, bit for bit.

    Use it as a context manager around the loop, or call its `start` before and `close` after it, and `step` after each
    update of the generator. At some steps the two models are looked at, in evaluation mode and without gradients;
    afterwards their weights, modes, buffers and all random numbers are as they were. Where the loop is one of several
    processes, the first records. What the models take and return is found out by asking them once; what was taken for
    what, and what cannot be seen, is said in one warning, and stands in the recording's attributes as `notes`.

    Args:
        generator: takes what `latent` returns to samples of the shape of the data, or to several things of which the
            first such is taken. A module, wrapped or not in `DistributedDataParallel` or `torch.compile`, a function of
            modules, or several of either by name.
        discriminator: takes samples to one number each; of several things that it returns the first that is one number
            a sample is taken. Of maps of patches, or several numbers a sample, the mean of the responses is taken; of
            an autoencoder's images minus the error of each. If it cannot be asked, it is left out.
        data: real samples, in the range the discriminator is shown: a tensor or array of shape (n, ...) or a data set
            of such samples. Where something goes with each, pairs (samples, classes) of tensors, or a data set of
            pairs, or either as a mapping: classes are whole numbers or one-hot vectors, other conditions have any
            shape. Bytes stand for -1 to 1. Very many are thinned out evenly.
        latent: n -> the generator's input for n samples: a tensor, a tuple of its arguments, or a mapping of its
            keyword arguments. Called at the start, from when on the latents are fixed. Unless given, data are pairs
            (inputs, targets), and their inputs are the generator's.
        view: how samples are looked at: as they are, if they have one or two coordinates, else `gandyn.PCA(2)`.
        out: the recording's folder.
        every: steps between two records; `auto` records all steps at first and then ever fewer, 400 at most, however
            long the loop is. That takes a twentieth of its time, after ten records and three seconds.
        response: what the discriminator returns: "logit", "probability" (it ends in a sigmoid), "critic", or
            "reconstruction" (the samples, by an autoencoder). Seen by asking it unless said; the recording says why.
        objective: the pair of losses, its name or itself, for the optimal discriminator and for what they should look
            like, where the discriminator's is the sum of its real and its fake part.
        conditional: whether the discriminator is told the class that the generator is asked for, in the same way. A
            discriminator whose second argument has no default is told it in any case.
        condition: what it is told instead: the part of what `latent` returns, by number or key, or a function of all
            the parts. Of real samples it is what goes with them in `data`.
        look_at: where models are given by name, the generator to look at, or (generator, discriminator); the first with
            its discriminator unless given.
        image_shape: (channel, height, width) of samples that are images but are passed around as vectors or matrices;
            () where samples are no images. Unless given, those are images that are bytes or have three axes, the first
            of them one channel or three.
        samples: images recorded of the same latents at every record; 25 unless given.
        points: generated samples that each density is estimated from; unless given 1024, or down to 256 where models
            are slow, and then the discriminator is asked at fewer places too. The recording says how many they were.
        cells: of the grid, along a side; 48 on the plane, 512 on the line.
        evaluation: whether to look at the models in evaluation mode; else each stays in the mode it is in.
        title: stands on every picture; made from the folder's name unless given.
        caption: one sentence under it.
        force: replace the recording that is in the folder.

    Returns:
        The context manager. Its `path` is the folder that the recording lies in, its `recording` what is in there, also
        while it grows; `gandyn.animate(recorder.path, "mine.gif")`, or `gandyn animate` of that folder, draws it.

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
        >>> recorder  # doctest: +ELLIPSIS
        LoopRecorder('.../mine', 1 step, closed)
    """
    players = players_of(generator, discriminator, look_at)
    check_models((players.generator, players.discriminator), evaluation=evaluation)
    if latent is not None and not callable(latent):
        raise UsageError(f"latent: a function that returns the generator's input for n samples, not {shown(latent)}")
    if view is not None and not isinstance(view, View):
        raise UsageError(f"view: a view of gandyn's, such as gandyn.PCA(2), not {type(view).__name__}")
    if image_shape and (len(image_shape) != 3 or image_shape[0] not in (1, 3)):
        raise UsageError(f"image_shape: (channel, height, width) with one channel or three, not {image_shape}")
    if isinstance(objective, str):
        from gandyn.core.catalog import create

        objective = create(Objective, {"type": objective})
    check_response(response, objective)
    with same_random_numbers(reach(data).streams):  # reading a data set may draw, to augment its samples
        reals = real_samples(data, conditional=conditional or condition is not None, pairs=latent is None)
    event, names = tuple(reals.values.shape[1:]), class_names(reals)
    looked = view or (Identity() if int(np.prod(event)) <= 2 else PCA(2))
    options = _options(every=every, samples=samples, latent_points=points, grid={"cells": cells})
    space = sampled_space(
        lambda: reals,
        event,
        looked,
        draw=Inputs(latent, reals),
        reading=None,
        options=options,
        scale=value_range(reals),
        picture=picture_shape(reals) if image_shape is None else image_shape,
        class_names=names,
    )
    if cells is not None and len(space.axes) == 2 and cells > PlaneWindow.most_cells:
        raise UsageError(f"record(cells={cells}): at most {PlaneWindow.most_cells} make sense on the plane")
    folder = Path(out).expanduser()
    with writable(folder, BEGINNING):
        name = followed(folder).name
    words = name.replace("_", " ")
    about: dict[str, Any] = {"title": title or words[:1].upper() + words[1:], "caption": caption, "name": name}
    if objective is not None:
        about |= {"objective": objective.model_dump(mode="json"), "objective_label": objective.label()}
    look = Look(players, latent, condition, conditional, response, objective)
    return LoopRecorder(look, space, folder, about, evaluation=evaluation, force=force)


def _options(**given: Any) -> RecordOptions:
    """Return the options of a recording; complaints name the arguments of `record`."""
    try:
        return RecordOptions(**{**given, "grid": GridOptions(**given["grid"])})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise UsageError(f"record({_OPTIONS.get(name, name)}={first['input']!r}): {first['msg']}") from None
