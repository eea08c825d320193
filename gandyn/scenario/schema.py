"""What a scenario may say: one typed model for the whole file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gandyn.core.catalog import Component, choice, members, union
from gandyn.core.errors import UsageError
from gandyn.datasets.base import ImageDataset
from gandyn.distributions.base import Distribution
from gandyn.distributions.latent import Latent
from gandyn.dynamics.base import Dynamics
from gandyn.games.base import Game
from gandyn.networks.base import Network
from gandyn.objectives.base import Objective
from gandyn.optimizers.base import Optimizer
from gandyn.recording.cadence import cadence_of
from gandyn.recording.commit_buffer import recorded_variables
from gandyn.recording.options import RecordOptions
from gandyn.recording.spaces import Space, space_of
from gandyn.recording.sub_steps import sub_step_count
from gandyn.recording.views.base import View
from gandyn.regularizers.base import Regularizer
from gandyn.rendering.options import AnimationOptions
from gandyn.rendering.panels import find, teller
from gandyn.scenario.defaults import ADAM, ALTERNATING, GAME, filled_in, with_type
from gandyn.scenario.gallery_options import GalleryOptions
from gandyn.scenario.layers.base import Layer
from gandyn.scenario.names import folder_name
from gandyn.scenario.writing import type_first, written
from gandyn.scenario.yaml12 import Key
from gandyn.training.options import TrainOptions

__all__ = ["KINDS", "Optimizers", "Scenario", "scenario_type", "types_of"]

KINDS: dict[str, type[Component]] = {
    "data": Distribution,
    "images": ImageDataset,
    "latent": Latent,
    "network": Network,
    "objective": Objective,
    "regularizer": Regularizer,
    "dynamics": Dynamics,
    "optimizer": Optimizer,
    "view": View,
    "layer": Layer,
}
"""Every kind of the catalogue that a scenario chooses from (or, of layers, a file that explains one), by the word
`gandyn catalog` knows it by."""

if TYPE_CHECKING:
    AnyData = Distribution | ImageDataset
    AnyDynamics = Dynamics
    AnyOptimizer = Optimizer
else:
    AnyData, AnyDynamics, AnyOptimizer = union(Distribution, ImageDataset), union(Dynamics), union(Optimizer)

_NOT_TRAINING: Any = {
    "name": True,
    "title": True,
    "caption": True,
    "animation": True,
    "gallery": True,
    "train": {"device"},
    "data": {"file", "folder", "axis"},  # bytes count, by their hash, not the place they lie at
}

_ADDED: Any = {
    ("dynamics", "generator_steps"): 1,
    ("record", "gradients"): False,
    ("record", "sub_steps"): 0,
    ("data", "standardize"): False,
}
"""Options that came later, and what they are where nothing is said: older recordings have a hash without them."""


class Optimizers(BaseModel):
    """How each player moves along its gradient."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def by_player(self) -> dict[str, Optimizer]:
        """Return each player's optimizer."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @model_validator(mode="before")
    @classmethod
    def _usual_types(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {player: with_type(section, "adam") for player, section in given.items() if section is not None}


class Scenario(BaseModel):
    """One experiment: what is learnt, who plays, by which rules, for how long, and how it is drawn.

    Only `data` has to be given. A section may leave out its `type` where there is a usual one.

    Example:
        >>> Scenario.model_validate({"data": {"type": "gaussian", "mean": 3.0}}).train.steps
        2000
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, ser_json_inf_nan="constants")

    name: Annotated[str, AfterValidator(folder_name)] = Field(
        default="untitled",
        description="names the recording, runs/<name>; the stem of the scenario's file unless given",
    )
    title: str = Field(
        default="", max_length=500, description="stands on every picture; made from the name if left out"
    )
    caption: str = Field(
        default="", max_length=2000, description="a sentence under the title, until a note comes (animation.notes)"
    )
    data: AnyData = Field(description="the distribution to be learnt")

    if TYPE_CHECKING:  # declared by `_Rest`, behind the fields of the game
        dynamics: AnyDynamics
        optimizers: Optimizers
        train: TrainOptions
        record: RecordOptions
        animation: AnimationOptions
        gallery: GalleryOptions

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        filled = filled_in(given)
        if "title" not in filled and isinstance(filled.get("name"), str):
            filled["title"] = filled["name"].replace("_", " ").capitalize()
        return filled

    @field_validator("data", mode="after")
    @classmethod
    def _can_be_told_apart(cls, data: Distribution | ImageDataset) -> Distribution | ImageDataset:
        if isinstance(data, Distribution):
            data.check_resolution()
            _ = data.axis_labels
        return data

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Return the scenario that values describe, of the type that has the fields of the game they name."""
        if cls is not Scenario:
            return super().model_validate(obj, **options)
        named = obj.get("game", GAME) if isinstance(obj, Mapping) else GAME
        found = scenario_type(named if isinstance(named, str) else GAME).model_validate(obj, **options)
        return cast(Self, found)

    @cached_property
    def played(self) -> Game:
        """The game."""
        kind = _kind(type(self))
        return kind.model_construct(**{name: getattr(self, name) for name in kind.model_fields})

    def check_drawing(self) -> None:
        """Find out before training that a recording of numbers alone holds too little for what is to be drawn.

        Raises:
            UsageError: a panel, or the story, needs what will not be recorded.
        """
        refused = _undrawable(self.animation, self.space(pretended=True), self.played)
        if refused is not None:
            raise UsageError(f"animation.{refused[0][0]}: {refused[1]}")

    def space(self, *, pretended: bool = False) -> Space:
        """Return the space that is recorded; `pretended` where it is enough to know what will be (see `space_of`)."""
        return space_of(self.data, self.played, self.record, pretended=pretended)

    def fingerprint(self) -> str:
        """Return a hash of all that training and recording depend on; two equal ones give equal recordings."""
        part = self.model_dump(mode="json", exclude=_NOT_TRAINING)
        if part["game"] == GAME:
            part.pop("game")
        for (section, option), usual in _ADDED.items():
            if part[section].get(option) == usual:
                part[section].pop(option)
        return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]

    def resolved(self) -> dict[str, Any]:
        """Return the scenario as plain values with every default written out; it loads back equal."""
        ordered: dict[str, Any] = type_first(self.model_dump(mode="json"))
        return ordered

    def to_yaml(self) -> str:
        """Return the resolved scenario as YAML, one section a line where it fits."""
        return written(self.resolved())


class _Rest(BaseModel):
    """What stands behind a game's own fields."""

    dynamics: AnyDynamics = Field(default=ALTERNATING, description="who moves when")
    optimizers: Optimizers = Field(default=Optimizers(), description="one optimizer for each player")
    train: TrainOptions = Field(default=TrainOptions(), description="how long, how large, which seeds")
    record: RecordOptions = Field(default=RecordOptions(), description="how often, and on which grid")
    animation: AnimationOptions = Field(default=AnimationOptions(), description="how it is drawn")
    gallery: GalleryOptions = Field(
        default=GalleryOptions(), description="where it stands in the gallery, and what is said there"
    )

    @field_validator("record", mode="after")
    @classmethod
    def _fits_the_data(cls, record: RecordOptions, info: ValidationInfo) -> RecordOptions:
        try:
            if (train := info.data.get("train")) is not None:
                record.check_steps(train.steps)
            if (dynamics := info.data.get("dynamics")) is not None and train is not None:
                sub_step_count(dynamics, _kind(cls).players, record.sub_steps, train.steps)
            if (game := _game(cls, info)) is not None:
                space_of(info.data["data"], game, record, pretended=True)
        except UsageError as error:
            # Such complaints begin with the option they are about.
            option, _, text = str(error).removeprefix("record.").partition(": ")
            raise _wrong(tuple(option.split(".")), text) from None
        return record

    @field_validator("train", mode="after")
    @classmethod
    def _a_batch_is_there(cls, train: TrainOptions, info: ValidationInfo) -> TrainOptions:
        if (data := info.data.get("data")) is not None:
            data.check_batch(train.batch_size)
        return train

    @field_validator("animation", mode="after")
    @classmethod
    def _drawn_seed_is_trained(cls, animation: AnimationOptions, info: ValidationInfo) -> AnimationOptions:
        train = info.data.get("train")
        if train is not None and animation.seed is not None and animation.seed not in train.seeds:
            trained = ", ".join(map(str, train.seeds[:8])) + (", ..." if len(train.seeds) > 8 else "")
            raise ValueError(f"seed {animation.seed} is to be drawn but not trained (train.seeds: {trained})")
        return animation

    @field_validator("animation", mode="after")
    @classmethod
    def _begins_within_the_run(cls, animation: AnimationOptions, info: ValidationInfo) -> AnimationOptions:
        train, record = info.data.get("train"), info.data.get("record")
        if train is None or record is None or animation.first_step is None:
            return animation
        last = train.steps if animation.last_step is None else min(animation.last_step, train.steps)
        planned = cadence_of(record.every, train.steps).planned
        reached = last if planned is None else int(planned[planned <= last][-1])
        if animation.first_step > reached:
            end = "train.steps" if last == train.steps else "animation.last_step"
            raise _wrong(
                ("first_step",), f"{animation.first_step} lies beyond the last step drawn, {reached} (see {end})"
            )
        return animation

    @field_validator("animation", mode="after")
    @classmethod
    def _panels_draw_such_data(cls, animation: AnimationOptions, info: ValidationInfo) -> AnimationOptions:
        record = info.data.get("record")
        # Recordings of numbers alone are for studies: what they cannot draw is said when they are to be drawn.
        game = _game(cls, info)
        if record is None or game is None:
            return animation
        space = space_of(info.data["data"], game, record.model_copy(update={"fields": True}), pretended=True)
        refused = _undrawable(animation, space, game)
        if refused is not None:
            raise _wrong(*refused)
        return animation


@cache
def scenario_type(game: str = GAME) -> type[Scenario]:
    """Return the model of scenarios in which a game is played: its own fields stand between `data` and `dynamics`.

    Args:
        game: its name; of one that there is not, the usual one's, which refuses it.
    """
    games = members(Game)
    kind = games.get(game, games[GAME])
    players: Any = {name: (AnyOptimizer, Field(ADAM, description=f"the {name}'s optimizer")) for name in kind.players}
    optimizers: Any = create_model("Optimizers", __base__=Optimizers, __doc__=Optimizers.__doc__, **players)
    usual = Field(default=optimizers(), description="one optimizer for each player")
    dynamics: Any = choice(*(one.between(kind.players) for one in members(Dynamics).values()))
    bases: Any = (_Rest, kind, Scenario)
    fields: Any = {
        "dynamics": (dynamics, Field(default=ALTERNATING, description="who moves when")),
        "optimizers": (optimizers, usual),
    }
    made = cast(Any, create_model("Scenario", __base__=bases, __doc__=Scenario.__doc__, **fields))
    made.catalogued = False
    return cast(type[Scenario], made)


def types_of(base: type[Component]) -> dict[str, type[Component]]:
    """Return the types that a kind has in a scenario, with the fields that they have there, by name."""
    if base is not Dynamics:
        return dict(members(base))
    players = _kind(scenario_type()).players
    return {name: kind.between(players) for name, kind in members(Dynamics).items()}


def _wrong(key: Key, text: str) -> ValidationError:
    """Return a complaint about a value inside the section that is being read, which is told with the value's place."""
    # The text is no template: its braces stay as they are.
    error = PydanticCustomError("value_error", "{text}", {"text": text})
    return ValidationError.from_exception_data("section", [{"type": error, "loc": key, "input": None}])


def _kind(model: type[BaseModel]) -> type[Game]:
    """Return the game that a type of scenarios is about."""
    kinds = set(members(Game).values())
    return next(base for base in model.__mro__ if base in kinds)


def _game(model: type[BaseModel], info: ValidationInfo) -> Game | None:
    """Return the game of a scenario that is being read; None where a part of it is wrong, which is told by itself."""
    kind = _kind(model)
    if not {"data", *kind.model_fields} <= info.data.keys():
        return None
    return kind.model_construct(**{name: info.data[name] for name in kind.model_fields})


def _undrawable(animation: AnimationOptions, space: Space, game: Game) -> tuple[Key, str] | None:
    """Return what of an animation recordings made in a space hold too little for, and why; None if there is nothing."""
    held = {*space.coords, *(variable.name for variable in recorded_variables(space, game))}
    dim = len(space.axes)
    for number, name in enumerate(animation.panels or ()):
        try:
            refusal = find(name, dim).refusal(held.__contains__)
        except UsageError as error:
            refusal = str(error)
        if refusal is not None:
            return ("panels", number), refusal
    if animation.story == "walk" and "samples" not in held:
        return ("story",), "walk shows one image, and these data are no images"
    if animation.story == "step" and not space.options.sub_steps:
        return ("story",), "step shows single updates, and record.sub_steps is 0: 3 records those of the first 3 steps"
    if animation.story == "step" and "force" not in held:
        return ("story",), "step shows where the generator is pushed: record.gradients: true"
    if animation.story == "morph":
        try:
            teller(animation.panels, dim, held.__contains__)
        except UsageError as error:
            return ("story",), str(error).removeprefix("story: ")
    return None
