"""Snapshots of one generator and discriminator on samples of any shape, seen through a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy import ndarray
from torch import Tensor

from gandyn.recording.probes.base import Snapshot
from gandyn.recording.samples import Latents, as_bytes
from gandyn.recording.spaces.sampled import SampledSpace

__all__ = ["AT_ONCE", "SampledSnapshot"]

AT_ONCE = 256
"""Samples that are computed at once, where nothing else is said."""

_MIXED = 256


@dataclass
class SampledSnapshot(Snapshot):
    """The two players at one step.

    Attributes:
        space: the surroundings.
        generator: latents, as the space's `draw` makes them -> samples (batch, *event).
        discriminator: samples, and what it is told of them in a conditional game -> logits (batch,) or (batch, 1);
            None where it is not looked at, and nobody asks for what it says.
        device: where the players are; None if they see to that themselves.
        judging: holds the measuring of quality; None where that is not due at this step.
        in_batches: lets the discriminator, for the while, say of samples what it says in training, where that depends
            on the batch.
        settled: lets it, for the while, be normalised by a batch of samples, given with their classes if it knows them.
        at_once: samples that are computed at once.
    """

    space: SampledSpace
    generator: Callable[..., Tensor]
    discriminator: Callable[..., Tensor] | None
    device: torch.device | None
    judging: Callable[[], AbstractContextManager[None]] | None
    in_batches: Callable[[], AbstractContextManager[None]] = nullcontext
    settled: Callable[[Tensor, Tensor | None], AbstractContextManager[None]] = lambda samples, labels: nullcontext()
    at_once: int = AT_ONCE

    def draw(self, latents: Latents) -> Float[Tensor, " sample *event"]:
        """Return G at latents."""
        batches = latents.batches(self.at_once)
        return torch.cat([self.generator(*self._placed(batch)).detach().float().cpu() for batch in batches])

    def ask(self, samples: Float[Tensor, " sample *event"], told: Tensor | None) -> Float[ndarray, " sample"]:
        """Return the discriminator's response to samples."""
        assert self.discriminator is not None
        batches: Iterable[tuple[Tensor, ...]] = ((part,) for part in samples.split(self.at_once))
        if told is not None:
            batches = zip(samples.split(self.at_once), told.split(self.at_once), strict=True)
        found = [self.discriminator(*self._placed(batch)) for batch in batches]
        return np.concatenate(
            [self.space.respond(one.detach().float().reshape(len(one), -1)).mean(1).cpu().numpy() for one in found]
        )

    def _placed(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return batch if self.device is None else tuple(part.to(self.device) for part in batch)

    @cached_property
    def generated(self) -> Float[Tensor, " sample *event"]:
        """The samples that make the generator's density."""
        return self.draw(self.space.latent_points)

    @cached_property
    def places(self) -> Float[ndarray, "sample axis"]:
        """Where they lie in the view."""
        return self.space.view.project(self.generated.flatten(1).numpy())

    def generate(self, latent: Latents) -> Float[ndarray, "1 sample axis"]:  # noqa: D102
        assert latent is self.space.latent_points  # all densities are made of the same samples
        return self.places[None]

    @cached_property
    def responses(self) -> Float[ndarray, "1 cell"]:
        """The response in the middle of every cell, asked for at as many places as the space says."""
        return self.space.slice.everywhere(self.respond(self.space.slice.points))

    def respond(self, points: Float[ndarray, "point axis"]) -> Float[ndarray, "1 point"]:  # noqa: D102
        told, view, event = self.space.slice_told, self.space.view, self.space.event
        samples, known = self._mixture
        (samples,) = self._placed((samples,))
        with self.settled(samples, None if known is None else self._placed((known,))[0]):
            # Lifted a few at a time: a grid of large images would fill memory.
            parts = [slice(at, at + AT_ONCE) for at in range(0, len(points), AT_ONCE)]
            found = [
                self.ask(
                    torch.from_numpy(view.lift(points[part])).float().unflatten(1, event),
                    None if told is None else told[part],
                )
                for part in parts
            ]
        return np.concatenate(found)[None]

    @property
    def _mixture(self) -> tuple[Tensor, Tensor | None]:
        """As many real samples as generated ones, and what is told of them."""
        space, every = self.space, max(len(self.space.kept) // _MIXED, 1)
        chosen = space.kept[::every][:_MIXED]
        known, asked = space.told(chosen), space.latent_points.told
        samples = torch.cat([space.reals.tensor(chosen), self.generated[: len(chosen)]])
        return samples, None if known is None or asked is None else torch.cat([known, asked[: len(chosen)]])

    def push(self, points: Float[ndarray, "1 point axis"]) -> Float[ndarray, "1 point axis"]:
        """Never asked for: forces between images are no arrows on a plane."""
        raise NotImplementedError

    @cached_property
    def on_real(self) -> Float[ndarray, " sample"]:
        """The responses to the real samples that are kept."""
        with self.in_batches():
            return self.ask(self.space.reals.tensor(self.space.kept), self.space.told(self.space.kept))

    @cached_property
    def on_generated(self) -> Float[ndarray, " sample"]:
        """The responses to the generated samples."""
        with self.in_batches():
            return self.ask(self.generated, self.space.latent_points.told)

    def pictures(self) -> UInt8[ndarray, "sample channel row column"]:
        """Return the images that are drawn."""
        assert self.space.image is not None
        return as_bytes(self.draw(self.space.picture_latents), *self.space.scale).reshape(-1, *self.space.image)

    def judged(self) -> dict[str, ndarray] | None:
        """Return what the judge of digits measures, if that is due and the generator still draws anything."""
        judge = self.space.judge
        if judge is None or self.judging is None or not torch.isfinite(self.generated).all():
            return None
        with self.judging():
            images = self.generated[: judge.n]
            if len(images) < judge.n:
                images = torch.cat([images, self.draw(self.space.judged_latents)])
            return judge.measure(as_bytes(images, *self.space.scale))
