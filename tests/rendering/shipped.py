"""Stand-ins for recordings of all scenarios that come with gandyn: their words and windows over made-up fields."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from gandyn.rendering.options import AnimationOptions
from gandyn.scenario.loading import load_scenario, scenario_files
from gandyn.scenario.schema import Scenario
from rendering import stand_in, stand_in_images, stand_in_plane
from rendering.stand_in import StandIn

FILES = {file.stem: file for file in scenario_files(Path(__file__).parents[2] / "scenarios")}

_RECORDS = 4
_MODAL = (
    "mode_mass",
    "modes_captured",
    "high_quality_fraction",
    "mode_position",
    "mode_std",
    "mode_weight",
    "mode_least",
)


@cache
def scenario(name: str) -> Scenario:
    """Return a scenario by the name of its file."""
    return load_scenario(FILES[name])


def options(name: str) -> AnimationOptions:
    """Return how a scenario asks to be drawn."""
    return scenario(name).animation


@cache
def recording(name: str) -> StandIn:
    """Return what a scenario might have recorded: its title, seeds, steps, window and modes, but not its densities."""
    asked = scenario(name)
    space = asked.space(pretended=True)
    critic = asked.objective.response_kind == "critic"
    if "pc1" in space.axes:
        found = _images(critic, asked.conditional)
    elif len(space.axes) == 1:
        found = _line(critic, asked.latent.dim)
    else:
        found = _plane(critic, asked.latent.dim)
    last = asked.train.steps // asked.record.every * asked.record.every
    steps = (
        np.round(np.linspace(0, last / asked.record.every, found.dataset.sizes["step"])).astype(int)
        * asked.record.every
    )
    dataset = found.dataset.assign_coords(step=steps, seed=[asked.train.seeds[0]])
    if "pc1" not in space.axes:
        window = asked.record.grid.window(asked.data.extent())
        dataset = dataset.assign_coords(
            {axis: _cells(dataset.sizes[axis], *ends) for axis, ends in zip(space.axes, window, strict=True)}
        )
        dataset = _with_modes(dataset, asked.data.modes())
    labels = {
        "objective_label": asked.objective.label(),
        "optimizer_label": " / ".join(
            dict.fromkeys(one.label() for one in (asked.optimizers.generator, asked.optimizers.discriminator))
        ),
        "latent_label": asked.latent.label(),
    }
    dataset.attrs = {"title": asked.title, "caption": asked.caption, "name": name, **labels}
    objective = SimpleNamespace(**{**vars(found.objective), "type": asked.objective.type})
    if asked.record.gradients and "force" not in dataset:
        slope = np.gradient(dataset["generator_density"].values, axis=-1)
        dataset["force"] = (("seed", "step", "x"), slope.astype(np.float32))
    whole = StandIn(dataset, objective)
    if asked.record.sub_steps:
        whole.sub_steps = stand_in.updates_of(
            whole, asked.dynamics.updates(asked.played.players), asked.record.sub_steps
        )
    return whole


@cache
def _line(critic: bool, latent_dim: int) -> StandIn:
    return stand_in.make(steps=_RECORDS, cells=64, critic=critic, latent_dim=latent_dim)


@cache
def _plane(critic: bool, latent_dim: int) -> StandIn:
    return stand_in_plane.make(steps=_RECORDS, cells=24, lattice=40, critic=critic, latent_dim=latent_dim)


@cache
def _images(critic: bool, conditional: bool) -> StandIn:
    number = 100 if conditional else 25  # a row of ten for each class
    found = stand_in_images.make(steps=6, every=3, critic=critic, conditional=conditional, samples=number)
    if conditional:
        found.dataset["sample_class"] = (("sample",), np.arange(number) // 10)
    return found


def _cells(number: int, low: float, high: float) -> np.ndarray:
    edges = np.linspace(low, high, number + 1)
    return (edges[1:] + edges[:-1]) / 2


def _with_modes(dataset: Any, modes: Any) -> Any:
    """Return a data set with a distribution's modes, all of them captured by the end; without where it has none."""
    number, steps = len(modes.points), dataset.sizes["step"]
    dataset = dataset.drop_vars(
        [name for name in _MODAL if name in dataset] + (["mode"] if "mode" in dataset.coords else [])
    )
    if not number:
        return dataset
    share = np.linspace(0.1, 1.0, steps)[None, :, None] * modes.weights
    return dataset.assign(
        mode_mass=(("seed", "step", "mode"), share),
        modes_captured=(("seed", "step"), np.round(np.linspace(0, number, steps))[None]),
        high_quality_fraction=(("seed", "step"), share.sum(-1)),
        mode_position=(("mode", "axis"), modes.points),
        mode_std=("mode", modes.stds),
        mode_weight=("mode", modes.weights),
        mode_least=("mode", 0.25 * modes.weights),
    )
