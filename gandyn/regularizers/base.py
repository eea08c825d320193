"""What a regularizer is: a penalty added to the discriminator's loss, or a projection after its step, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from gandyn.core.catalog import Component

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Regularizer", "input_gradient"]


class Regularizer(Component):
    """Something that keeps the discriminator in bounds; both hooks do nothing unless overridden.

    Attributes:
        mixes: whether the penalty depends on `mix`: it is then an expectation even between two points.
        of_each: whether the penalty asks every sample's own gradient for a certain length.
    """

    mixes: ClassVar[bool] = False
    of_each: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """What its term of the loss is called."""
        return str(getattr(self, self.tag))

    @property
    def penalises(self) -> bool:
        """Whether it adds something to the loss."""
        return type(self).penalty is not Regularizer.penalty

    @property
    def idle(self) -> bool:
        """Whether it has no effect as it is set."""
        return False

    @property
    def bounds(self) -> bool:
        """Whether it keeps the discriminator's slope from growing without end."""
        return False

    @property
    def curvature(self) -> float | None:
        """Second derivative of its penalty in the slope of a straight line, at slope 0; None where there is none."""
        return 0.0

    def penalty(
        self,
        discriminator: Callable[[Tensor], Tensor],
        real: Float[Tensor, "seed batch *event"],
        fake: Float[Tensor, "seed batch *event"],
        mix: Float[Tensor, "seed batch"] | None,
    ) -> Float[Tensor, " seed"] | None:
        """Return what is added to the discriminator's loss of each seed.

        Args:
            discriminator: x -> logit (seed, batch, 1), differentiable.
            real: data samples.
            fake: generated samples, detached.
            mix: uniform numbers on [0, 1], one a sample, from the seed's own stream; None unless it `mixes`.
        """
        return None

    def project(self, weights: Sequence[Float[Tensor, "seed ..."]]) -> None:
        """Change the discriminator's weights in place after its step."""


def input_gradient(
    discriminator: Callable[[Tensor], Tensor], x: Float[Tensor, "seed batch *event"]
) -> Float[Tensor, "seed batch event"]:
    """Return the gradient of the logit in the input at x, differentiable in the weights, the event flattened."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return gradient.flatten(2)
