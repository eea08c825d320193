"""Somebody else's two models, called with what they take where they are, and checked in what they give."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from gandyn.errors import UsageError
from gandyn.messages import warn
from gandyn.recording.reaching import bare, reach

__all__ = ["GuestDiscriminator", "GuestGenerator", "check_models", "check_responses", "doubt_logits"]

_SHARDED = ("FullyShardedDataParallel", "FSDPModule")
_FAR = 1e3
"""Times the real samples: so far out a logit leaves 0 to 1, a probability never."""


class GuestGenerator:
    """A generator as a function of its latents.

    Attributes:
        last: a sample it has made, of which device and type count; None before the first.
    """

    def __init__(self, model: Callable[..., Any], event: tuple[int, ...]) -> None:
        """Call a model whose samples are to have the shape of the data's."""
        self._model, self._event = bare(model), event
        self.last: Tensor | None = None

    def __call__(self, *latents: Tensor) -> Float[Tensor, " sample *event"]:
        """Return its samples at latents.

        Raises:
            UsageError: it fails, or returns something else.
        """
        like = _like(self._model)
        found = _call("generator", self._model, [part if like is None else part.to(like.device) for part in latents])
        if not isinstance(found, Tensor):
            raise UsageError(
                f"generator: it must return a tensor of samples, not {type(found).__name__}; wrap it: "
                "generator=lambda *z: G(*z)[0]"
            )
        shape, expected = tuple(found.shape), (len(latents[0]), *self._event)
        if shape != expected:
            raise UsageError(
                f"generator: it returns shape {shape}, not {expected}, and data has samples of shape {self._event}; "
                "reshape data to what the generator makes and the discriminator takes (where those are images as "
                "vectors, say image_shape=(channel, height, width))"
            )
        self.last = found[:1]
        return found


class GuestDiscriminator:
    """A discriminator as a function of samples, and of their classes in a conditional game.

    Attributes:
        reached: the least and the greatest number it has returned; NaN once one of them was.
    """

    def __init__(
        self, model: Callable[..., Any], generator: GuestGenerator, tell: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        """Call a model.

        Args:
            model: what is called.
            generator: where its samples are is where a plain function is asked.
            tell: class numbers -> what the model takes for them in a conditional game.
        """
        self._model, self._generator, self._tell = bare(model), generator, tell
        self.reached = (math.inf, -math.inf)

    def __call__(self, samples: Tensor, labels: Tensor | None = None) -> Float[Tensor, "sample ..."]:
        """Return what it says of samples.

        Raises:
            UsageError: it fails, or returns something else.
        """
        like = _like(self._model)
        like = self._generator.last if like is None else like
        parts = [samples]
        if labels is not None:
            parts.append(labels if self._tell is None else self._tell(labels))
        if like is not None:
            parts = [part.to(like if part.is_floating_point() else like.device) for part in parts]
        found = _call("discriminator", self._model, parts)
        if not isinstance(found, Tensor):
            raise UsageError(
                f"discriminator: it must return a tensor, not {type(found).__name__}; wrap it: "
                "discriminator=lambda x: D(x)[0]"
            )
        if not found.ndim or len(found) != len(samples):
            raise UsageError(
                f"discriminator: {len(samples)} samples must give as many rows of responses, not a tensor of shape "
                f"{tuple(found.shape)}; several numbers of one sample belong into one row"
            )
        low, high = (float(bound) for bound in found.detach().aminmax())
        spoilt = math.isnan(low) or math.isnan(self.reached[0])  # min and max may lose a NaN
        self.reached = (math.nan, math.nan) if spoilt else (min(low, self.reached[0]), max(high, self.reached[1]))
        return found


def check_models(models: tuple[Any, Any], *, evaluation: bool) -> None:
    """Refuse what cannot be looked at by one process without changing it.

    Raises:
        UsageError: weights are spread over processes or not made yet, or batch statistics are gathered from all.
    """
    for role, model in zip(("generator", "discriminator"), models, strict=True):
        if not callable(model):
            raise UsageError(f"{role}: a module or a function, not {type(model).__name__}")
        for part in (part for module in reach(model).modules for part in module.modules()):
            if any(base.__name__ in _SHARDED for base in type(part).__mro__):
                raise UsageError(f"{role}: its weights are spread over processes (FSDP); one process cannot look at it")
            if any(is_lazy(tensor) for tensor in part.parameters(recurse=False)):
                raise UsageError(f"{role}: {type(part).__name__} has no weights yet; call the model once before")
            if not evaluation and isinstance(part, nn.SyncBatchNorm):
                raise UsageError(f"{role}: SyncBatchNorm waits for all processes unless evaluation=True")


def check_responses(
    reached: tuple[float, float], response: Literal["logit", "probability", "critic"], discriminator: Any
) -> None:
    """Refuse what the discriminator is said to return, by what it said of the first samples.

    Args:
        reached: the least and the greatest number it returned.
        response: what these are said to be.
        discriminator: the model.

    Raises:
        UsageError: probabilities are none, or logits come out of a sigmoid.
    """
    low, high = reached
    if response == "probability" and (low < 0 or high > 1):
        raise UsageError(
            f"response='probability', but the discriminator returns values from {low:.4g} to {high:.4g}: say 'logit' "
            "if a sigmoid is to be applied to them, 'critic' if they are a critic's values"
        )
    if response == "logit" and low >= 0 and high <= 1:
        parts = [part for module in reach(discriminator).modules[:1] for part in module.modules()]
        if parts and isinstance(parts[-1], nn.Sigmoid):
            raise UsageError("response='logit', but the discriminator ends in a Sigmoid: say response='probability'")


def doubt_logits(discriminator: GuestDiscriminator, samples: Tensor, labels: Tensor | None) -> None:
    """Warn where all that was returned so far, and far away from the data as well, could be probabilities.

    Args:
        discriminator: it has been asked of everything that two records hold.
        samples: real ones.
        labels: their classes in a conditional game.
    """
    low, high = discriminator.reached
    if not 0 <= low <= high <= 1:
        return
    with contextlib.suppress(UsageError):  # it may refuse what is so far away
        for sign in (1.0, -1.0):
            discriminator(sign * _FAR * samples, labels)
    least, most = discriminator.reached
    if least >= 0 and most <= 1:
        warn(
            f"gandyn.record: all that the discriminator returns lies between 0 and 1 ({low:.3g} to {high:.3g}), like "
            "probabilities, but is read as logits: if its forward ends in a sigmoid, say response='probability', or "
            "every picture of it is wrong",
        )


def _call(role: str, model: Callable[..., Any], parts: list[Tensor]) -> Any:
    try:
        return model(*parts)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        shapes = " and ".join(f"{tuple(part.shape)} ({part.dtype}, {part.device})" for part in parts)
        raise UsageError(f"{role}: it failed on a batch of shape {shapes}: {type(error).__name__}: {error}") from error


def _like(model: Any) -> Tensor | None:
    """Return a tensor of a model that is where it is and of its type: a parameter, or else a buffer."""
    for module in reach(model).modules:
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                return tensor
    return None
