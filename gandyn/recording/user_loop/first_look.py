"""The first look at somebody's models: what of their inputs and outputs is recorded, found out by asking them once."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from gandyn.core.errors import UsageError
from gandyn.core.messages import warn
from gandyn.objectives.base import Objective
from gandyn.recording.spaces.sampled import SampledSpace
from gandyn.recording.user_loop.inputs import Condition, Inputs, arguments
from gandyn.recording.user_loop.models import UserDiscriminator, UserGenerator
from gandyn.recording.user_loop.outputs import Taken
from gandyn.recording.user_loop.players import Players
from gandyn.recording.user_loop.responses import Asked, Response, forms_of, reading_of
from gandyn.recording.user_loop.unseen import UnseenError, UntoldError

__all__ = ["Look", "Seen"]

_FIRST, _TRACED = 256, 4
"""Samples that the models are asked about first, and those by which the end of the discriminator is traced."""

_FAR = 1e3
"""Times real samples: so far out a logit leaves 0 to 1, a probability never."""


@dataclass
class Seen:
    """What the first look found.

    Attributes:
        space: the surroundings, with what the look decided.
        generator: as a function of its latents.
        discriminator: as a function of samples and what it is told of them; None where it cannot be asked.
        about: what a reader should know, as attributes.
        notes: what was taken for what, and what is not seen, in words for whoever trains.
        doubted: whether responses were taken for probabilities by their values alone.
    """

    space: SampledSpace
    generator: UserGenerator
    discriminator: UserDiscriminator | None = None
    about: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    doubted: bool = False

    @property
    def attributes(self) -> dict[str, Any]:
        """All that a reader should know, notes among it."""
        return self.about | ({"notes": self.notes} if self.notes else {})

    @property
    def reached(self) -> tuple[float, float]:
        """The least and the greatest number that the discriminator has returned; zeros where it is not seen."""
        return (0.0, 0.0) if self.discriminator is None else self.discriminator.reached

    def check(self, step: int) -> None:
        """Warn, once, where what was taken for probabilities turns out to be none."""
        low, high = self.reached
        if self.doubted and (low < 0 or high > 1):
            self.doubted = False
            value = low if low < 0 else high
            warn(
                f"gandyn.record: the discriminator returned {value:.4g} by step {step}: its answers, read as "
                "probabilities, are none; record anew with response='logit'"
            )


@dataclass(frozen=True)
class Look:
    """Whom to look at, and what somebody said of them.

    Attributes:
        players: the two models.
        latent: n -> the generator's inputs; None where these are the inputs of the data's pairs.
        condition: which of these the discriminator is told besides samples.
        conditional: whether it is told anything, however it may look.
        response: what it returns.
        objective: the pair of losses, if known.
    """

    players: Players
    latent: Callable[[int], Any] | None
    condition: Condition = None
    conditional: bool = False
    response: Response = "auto"
    objective: Objective | None = None

    @property
    def models(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Generator and discriminator."""
        return self.players.generator, self.players.discriminator

    @property
    def reached(self) -> tuple[Any, ...]:
        """All that runs code of somebody's, and is to be left as it was."""
        return (*self.models, self.latent, self.condition)

    def at(self, space: SampledSpace) -> Seen:
        """Return what is found in a space that knows nothing of the models yet.

        Raises:
            UsageError: the generator makes no samples like the data, or what was said is not so.
        """
        needs, most = arguments(self.players.discriminator)
        explicit = self.condition is not None or (self.conditional and most > 1)
        told = explicit or needs > 1

        def inputs(told: bool) -> Inputs:
            return Inputs(self.latent, space.reals, self.condition, told=told, explicit=explicit)

        try:
            seen, given = self._made(space, inputs(told))
            if self.conditional and not told:
                seen.notes.append("the discriminator takes samples alone: it is told no classes, conditional or not")
            if told and not explicit:
                seen.notes.append(f"the discriminator takes {needs} inputs: it is told {given.what} as its second")
        except UntoldError as error:
            seen, given = self._made(space, inputs(False))
            _leave_out(seen, error, given.remedy)
            return seen
        try:
            self._ask(seen, given)
        except UnseenError as error:
            _leave_out(seen, error, given.remedy)
        return seen

    def _made(self, space: SampledSpace, inputs: Inputs) -> tuple[Seen, Inputs]:
        """Return what is seen of the generator: its inputs, and the shape that it makes samples in."""
        space = replace(space, draw=inputs, conditional=inputs.told)
        points, needs = space.latent_points, arguments(self.players.generator)[0]
        if needs > len(points.parts):
            raise UsageError(
                f"generator: it takes {needs} inputs, and latent(n) returns {len(points.parts)}: let it return all of "
                "them, as in latent=lambda n: (torch.randn(n, 64), torch.randint(10, (n,)))"
            )
        generator = UserGenerator(self.players.generator, space.event, inputs.names)
        generator(*(part[:_FIRST] for part in points.parts))
        seen = Seen(space, generator, about=dict(self.players.about), notes=list(self.players.notes))
        _tell_part(seen, "generator", generator.taken)
        if generator.event != space.event:
            seen.space = _reshaped(space, generator.event)
            seen.notes.append(f"data are reshaped to {generator.event}, the shape that the generator makes")
        if inputs.classes:
            seen.space = replace(seen.space, class_names=tuple(map(str, range(inputs.classes))), by_class=True)
            seen.about["classes_asked_for"] = f"latent(n){inputs.place}"
        return seen, inputs

    def _ask(self, seen: Seen, inputs: Inputs) -> None:
        """Ask the discriminator of real and of generated samples, and decide how its answers are read."""
        space, few = seen.space, slice(None, _FIRST)
        points, kept = space.latent_points, space.kept[few]
        discriminator = UserDiscriminator(
            self.players.discriminator, seen.generator, inputs.tell if inputs.told else None, forms_of(self.response)
        )
        real, told = space.reals.tensor(kept), space.told(kept)
        discriminator(real, told)
        made = seen.generator(*(part[few] for part in points.parts))
        discriminator(made, None if points.told is None else points.told[few])
        near = discriminator.reached
        last = discriminator.traced(real[:_TRACED], None if told is None else told[:_TRACED])
        found = reading_of(
            self.response,
            self.objective,
            Asked(discriminator.form, near, lambda: _far(discriminator, real, told), last),
        )
        discriminator.reached = near
        seen.discriminator, seen.doubted = discriminator, found.guessed
        seen.space = replace(space, reading=found.reading)
        seen.about |= {"response": found.reading.kind, "response_because": found.because}
        if inputs.told:
            seen.about["discriminator_told"] = inputs.what
        _tell_part(seen, "discriminator", discriminator.taken)
        if discriminator.alone:
            seen.notes.append("the discriminator returns one number a batch: it is asked of one sample at a time")
        if discriminator.form.told:
            seen.notes.append(f"the discriminator returns {discriminator.form.name}")
        if found.guessed:
            seen.notes.append(
                f"the discriminator's answers are read as probabilities, for {found.because}: say response='logit' if "
                "they are none"
            )


def _far(discriminator: UserDiscriminator, real: Tensor, told: Tensor | None) -> tuple[float, float] | None:
    """Return the least and the greatest answer to samples far away from all data; None if it refuses these."""
    discriminator.reached = (math.inf, -math.inf)
    with suppress(UsageError):
        for sign in (1.0, -1.0):
            discriminator(sign * _FAR * real, told)
        return discriminator.reached
    return None


def _leave_out(seen: Seen, error: UnseenError, remedy: str) -> None:
    """Leave the discriminator out, and say why and what to do."""
    seen.about["unseen"] = f"discriminator not seen: {error.why}"
    seen.notes.append(f"discriminator not seen, and nothing recorded of it: {error}; {remedy}")
    seen.space = replace(seen.space, reading=None, conditional=False)


def _tell_part(seen: Seen, role: str, taken: Taken | None) -> None:
    """Say which part of several things a model returns is looked at."""
    if taken is not None and taken.of > 1:
        seen.about[f"{role}_part"] = taken.place
        seen.notes.append(f"of the {taken.of} tensors that the {role} returns, {taken.place} is taken")


def _reshaped(space: SampledSpace, event: tuple[int, ...]) -> SampledSpace:
    """Return a space with samples of another shape; what were images are so still."""
    reals = replace(space.reals, values=space.reals.values.reshape(len(space.reals), *event))
    picture = space.image if space.picture is None else space.picture
    return replace(space, source=lambda: reals, event=event, picture=picture)
