"""The GAN: a generator, and a discriminator that tells its samples from the data's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field, ValidationInfo, field_validator
from torch import Tensor

from gandyn.core.catalog import union
from gandyn.core.streams import Purpose
from gandyn.distributions.data import Data
from gandyn.distributions.latent import Latent
from gandyn.games.base import Batch, Draw, Game, LossInfo, NetworkShape, Terms
from gandyn.networks.base import Apply, Network
from gandyn.networks.player import Networks
from gandyn.objectives.base import Objective
from gandyn.regularizers.base import Regularizer

__all__ = ["Gan"]

if TYPE_CHECKING:
    AnyLatent = Latent
    AnyNetwork = Network
    AnyObjective = Objective
    AnyRegularizer = Regularizer
else:
    AnyLatent, AnyNetwork, AnyObjective, AnyRegularizer = map(union, (Latent, Network, Objective, Regularizer))

NORMAL: Any = {"type": "normal"}
MLP: Any = {"type": "mlp", "hidden": [32, 32], "activation": "silu"}
NON_SATURATING: Any = {"type": "non_saturating"}


class Gan(Game):
    """Two players: the generator maps latents to samples, the discriminator gives a logit (a critic's value) to each.

    References:
        Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville and Bengio, "Generative Adversarial Nets",
        2014.
    """

    players: ClassVar[tuple[str, ...]] = ("discriminator", "generator")
    usual_types: ClassVar[Mapping[str, str]] = {
        "latent": "normal",
        "generator": "mlp",
        "discriminator": "mlp",
        "objective": "non_saturating",
    }
    for_finite: ClassVar[Mapping[str, Any]] = {
        "latent": {"dim": 64},
        "generator": {"type": "dcgan"},
        "discriminator": {"type": "dcgan"},
        "optimizers": {"generator": {"lr": 2e-4}, "discriminator": {"lr": 2e-4}},
    }

    game: Literal["gan"] = Field("gan", description="what is played")
    conditional: bool = Field(
        default=False, description="tell both players each sample's class, of images with classes"
    )
    latent: AnyLatent = Field(default=NORMAL, description="what the generator is fed; as many coordinates as the data")
    generator: AnyNetwork = Field(default=MLP, description="maps latents to samples")
    discriminator: AnyNetwork = Field(default=MLP, description="maps samples to one logit (or critic value)")
    objective: AnyObjective = Field(default=NON_SATURATING, description="the pair of losses")
    regularizers: tuple[AnyRegularizer, ...] = Field(default=(), description="penalties and constraints, any number")

    @field_validator("conditional", mode="after")
    @classmethod
    def _has_classes(cls, conditional: bool, info: ValidationInfo) -> bool:
        data = info.data.get("data")
        if conditional and data is not None and not data.class_names:
            raise ValueError("conditional needs classes: use mnist, or put the images into subfolders, one a class")
        return conditional

    @field_validator("latent", mode="before")
    @classmethod
    def _as_many_coordinates(cls, latent: Any, info: ValidationInfo) -> Any:
        data = info.data.get("data")
        usual = {} if data is None or len(data.shape) > 1 else {"dim": data.shape[0]}
        return {**usual, **latent} if isinstance(latent, Mapping) else latent

    @field_validator("generator", "discriminator", mode="after")
    @classmethod
    def _fits_between(cls, network: Network, info: ValidationInfo) -> Network:
        data, latent = info.data.get("data"), info.data.get("latent")
        if data is not None and latent is not None:
            draws = info.field_name == "generator"
            network.fits((latent.dim,) if draws else data.shape, data.shape if draws else (1,))
        return network

    def networks(self, data: Data) -> Mapping[str, Mapping[str, NetworkShape]]:
        """Return one a player; the generator's weights are drawn first."""
        classes = len(data.class_names) if self.conditional else 0
        generator = NetworkShape(self.generator, (self.latent.dim,), data.shape, classes)
        discriminator = NetworkShape(self.discriminator, data.shape, (1,), classes)
        return {"generator": {"generator": generator}, "discriminator": {"discriminator": discriminator}}

    def draws(self) -> Mapping[str, Draw]:
        """Return latents, and uniform numbers on [0, 1] for regularizers that mix real samples with generated ones."""
        found = {"latent": Draw(Purpose.LATENT, self.latent.sample, self.latent.constant)}
        if any(regularizer.mixes for regularizer in self.regularizers):
            found["mix"] = Draw(Purpose.MIX, _uniform)
        return found

    @property
    def averaged(self) -> tuple[str, ...]:
        """The generator."""
        return ("generator",)

    @property
    def fed(self) -> Latent:
        """The latent."""
        return self.latent

    @property
    def judged_by(self) -> Objective:
        """The objective."""
        return self.objective

    def about(self) -> dict[str, Any]:
        """Return the objective, and how pictures call it and the rest."""
        return {
            "objective": self.objective.model_dump(mode="json"),
            "objective_label": self.objective.label(),
            "latent_label": self.latent.label(),
            "regularizer_label": ", ".join(regularizer.label() for regularizer in self.regularizers),
        }

    @property
    def told_classes(self) -> bool:
        """Whether it is conditional."""
        return self.conditional

    def outputs(self, player: str, networks: Networks, batch: Batch) -> Batch:
        """Return what the generator makes of the latents."""
        if player != "generator":
            return {}
        return {"fake": networks["generator"](batch["latent"], batch.get("label"))}

    def loss(self, player: str, players: Mapping[str, Networks], batch: Batch) -> Terms:
        """Return the objective, and for the discriminator the penalties."""
        discriminator, label = players["discriminator"]["discriminator"], batch.get("label")
        if player == "generator":
            return {"objective": self.objective.generator_loss(discriminator(batch["fake"], label)[..., 0]).mean(1)}
        on_real, on_fake = self._judged(discriminator, batch)
        terms = {"objective": self.objective.real_loss(on_real).mean(1) + self.objective.fake_loss(on_fake).mean(1)}
        judge: Callable[[Tensor], Tensor] = discriminator if label is None else partial(discriminator, label=label)
        for regularizer in self.regularizers:
            penalty = regularizer.penalty(judge, batch["real"], batch["fake"], batch.get("mix"))
            if penalty is not None:
                terms[regularizer.name] = terms[regularizer.name] + penalty if regularizer.name in terms else penalty
        return terms

    def _judged(self, discriminator: Apply, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the discriminator's logits on real and on generated samples."""
        real, fake, label = batch["real"], batch["fake"], batch.get("label")
        if getattr(discriminator, "batchwise", False):
            return discriminator(real, label)[..., 0], discriminator(fake, label)[..., 0]
        twice = None if label is None else torch.cat([label, label], dim=1)  # one pass over both halves
        logits = discriminator(torch.cat([real, fake], dim=1), twice)[..., 0]
        return logits[:, : real.shape[1]], logits[:, real.shape[1] :]

    def project(self, player: str, weights: Sequence[Float[Tensor, "seed ..."]]) -> None:
        """Let the regularizers put the discriminator back in bounds."""
        if player == "discriminator":
            for regularizer in self.regularizers:
                regularizer.project(weights)

    def maps(self, players: Mapping[str, Networks]) -> Mapping[str, Apply]:
        """Return `generate` and `respond`."""
        return {"generate": players["generator"]["generator"], "respond": players["discriminator"]["discriminator"]}

    def losses(self) -> Mapping[str, LossInfo]:
        """Return both losses, and the discriminator's terms where there are penalties."""
        known = self.objective.equilibrium
        value = {name: known.get(f"{name}_loss", (None, "")) for name in ("generator", "discriminator")}
        penalties = [regularizer for regularizer in self.regularizers if regularizer.penalises]
        found = {
            "generator_loss": LossInfo("the generator's loss, as optimised", "generator", *value["generator"]),
            "discriminator_loss": LossInfo(
                "the discriminator's loss (real + fake + penalties), as optimised",
                "discriminator",
                *((None, "") if penalties else value["discriminator"]),
            ),
        }
        if penalties:
            found["discriminator_objective"] = LossInfo(
                "the discriminator's loss without penalties (real + fake)", "discriminator", *value["discriminator"]
            )
        for one in penalties:
            found[f"discriminator_{one.name}"] = LossInfo(f"{one.label()} penalty", "discriminator", 0.0, "0")
        return found


def _uniform(rng: np.random.Generator, count: int) -> Float[np.ndarray, " sample"]:
    return rng.random(count, dtype=np.float32)
