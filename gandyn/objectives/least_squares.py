"""The least-squares objective."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from jaxtyping import Float
from numpy import ndarray
from pydantic import FiniteFloat

from gandyn.objectives.base import Objective, share

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["LeastSquares"]


class LeastSquares(Objective):
    """D regresses to `real` on data and `fake` on generated samples; G wants D(G(z)) = `target`.

    Losses carry the paper's factor 1/2. With target = real = 1 and fake = 0 the losses at equilibrium are 1/4 and 1/8;
    with real - target = 1 and real - fake = 2 the generator descends half of Pearson's chi2(p + q || 2 q).

    References:
        Mao et al., "Least Squares Generative Adversarial Networks", 2017.
    """

    type: Literal["least_squares"] = "least_squares"
    response_kind: ClassVar[Literal["probability", "critic"]] = "critic"
    real: FiniteFloat = 1.0
    fake: FiniteFloat = 0.0
    target: FiniteFloat = 1.0

    @property
    def equilibrium(self) -> dict[str, tuple[float, str]]:  # type: ignore[override]
        """The losses where D = (real + fake) / 2 everywhere."""
        middle = (self.real + self.fake) / 2
        d_loss = ((middle - self.real) ** 2 + (middle - self.fake) ** 2) / 2
        g_loss = (middle - self.target) ** 2 / 2
        return {"discriminator_loss": (d_loss, f"{d_loss:g}"), "generator_loss": (g_loss, f"{g_loss:g}")}

    def real_loss(self, logit: Tensor) -> Tensor:
        """Return (D - real)^2 / 2."""
        return (logit - self.real).square() / 2

    def fake_loss(self, logit: Tensor) -> Tensor:
        """Return (D - fake)^2 / 2."""
        return (logit - self.fake).square() / 2

    def generator_loss(self, logit: Tensor) -> Tensor:
        """Return (D - target)^2 / 2."""
        return (logit - self.target).square() / 2

    def optimal_response(
        self, p: Float[ndarray, "*batch cell"], q: Float[ndarray, "*batch cell"], width: float = 1.0
    ) -> Float[ndarray, "*batch cell"]:
        """Return D* = (real p + fake q) / (p + q)."""
        return share(p, q, self.real, self.fake)
