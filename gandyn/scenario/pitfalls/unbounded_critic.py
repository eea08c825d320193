"""A Wasserstein critic that nothing keeps Lipschitz."""

from __future__ import annotations

from typing import Literal

from gandyn.scenario.pitfalls.base import Pitfall
from gandyn.scenario.schema import Scenario

__all__ = ["UnboundedCritic"]


class UnboundedCritic(Pitfall):
    """The critic's loss has no least value unless its slope is bounded: it grows steeper for ever.

    References:
        Arjovsky, Chintala and Bottou, "Wasserstein Generative Adversarial Networks", 2017.
    """

    type: Literal["unbounded_critic"] = "unbounded_critic"

    def check(self, scenario: Scenario) -> str | None:  # noqa: D102
        bounded = scenario.discriminator.bounded or any(one.bounds for one in scenario.regularizers)
        if bounded or not scenario.objective.needs_bounds:
            return None
        return (
            f"nothing bounds the critic's slope, and the {scenario.objective.label()} objective asks it to be ever "
            "steeper: --set 'regularizers=[{type: gradient_penalty}]'"
        )
