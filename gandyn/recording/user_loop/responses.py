"""How a discriminator's answers are to be read: as logits, probabilities, a critic's values or samples rebuilt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from gandyn.core.errors import UsageError
from gandyn.objectives.base import Objective
from gandyn.recording.spaces.sampled import Reading
from gandyn.recording.user_loop.outputs import FORMS, REBUILT, SEVERAL, Form
from gandyn.recording.user_loop.unseen import UnseenError

__all__ = ["Asked", "Found", "Response", "check_response", "forms_of", "reading_of"]

Response = Literal["auto", "logit", "probability", "critic", "reconstruction"]

_SHAPING = (
    *("Alias", "AsStrided", "Cat", "Clamp", "Clone", "Copy", "Expand", "Index", "Mean", "Permute", "Reshape", "Select"),
    *("Slice", "Split", "Squeeze", "Stack", "TBackward", "ToCopy", "Transpose", "Unbind", "UnsafeView", "Unsqueeze"),
    *("View", "AvgPool"),
)
"""Beginnings of the names that autograd gives to what moves, picks and averages numbers and leaves their range."""

_BOUNDED = ("Sigmoid", "Softmax", "Hardsigmoid")
_AFFINE = ("Addmm", "Mm", "Addmv", "Mv", "Bmm", "Baddbmm", "Convolution", "MkldnnConvolution")
"""Of what ends in 0 to 1, and of what a layer ends in without a function of its own."""

_REBUILT = {
    "long_name": "minus the mean absolute error with which it rebuilds a sample",
    "high": "well rebuilt",
    "low": "badly rebuilt",
}


@dataclass(frozen=True)
class Asked:
    """What a discriminator said when it was first asked.

    Attributes:
        form: of its answers.
        reached: the least and the greatest number among them.
        far: asks it for the same of samples far away from all data; None where it cannot be asked of these.
        last: the answer to a few samples, with what autograd knows of it.
    """

    form: Form
    reached: tuple[float, float]
    far: Callable[[], tuple[float, float] | None]
    last: Tensor


@dataclass(frozen=True)
class Found:
    """A reading, and where it comes from.

    Attributes:
        reading: how responses are read.
        because: why, in words.
        guessed: whether that is but likely, from the numbers seen so far.
    """

    reading: Reading
    because: str
    guessed: bool = False


def check_response(response: Response, objective: Objective | None) -> None:
    """Check that there is such a response, and that it goes with the objective.

    Raises:
        UsageError: there is none, or the objective asks for another.
    """
    if response not in get_args(Response):
        raise UsageError(f"response: {', '.join(map(repr, get_args(Response)))}, not {response!r}")
    if objective is not None and response not in ("auto", "logit", objective.response_kind):
        raise UsageError(
            f"response={response!r}: under the {objective.label()} objective the discriminator's is a "
            f"{objective.response_kind}"
        )


def forms_of(response: Response) -> tuple[Form, ...]:
    """Return the forms in which a discriminator of this response may answer."""
    if response == "reconstruction":
        return (REBUILT,)
    return FORMS if response == "auto" else tuple(form for form in FORMS if form is not REBUILT)


def reading_of(response: Response, objective: Objective | None, asked: Asked) -> Found:
    """Return how a discriminator is read that has been asked once.

    A sigmoid at its end is seen, whether a module or a function. Where the end is neither that nor affine, it returns
    probabilities if nothing that it said, of samples far away either, leaves 0 to 1.

    Raises:
        UsageError: what is said of it is not so.
    """
    if response == "auto":
        return _seen(objective, asked)
    low, high = asked.reached
    if response == "probability" and (low < 0 or high > 1):
        raise UsageError(
            f"response='probability', but the discriminator returns values from {low:.4g} to {high:.4g}: say 'logit' "
            "if a sigmoid is to be applied to them, 'critic' if they are a critic's values"
        )
    if response == "logit" and _last_operation(asked.last).startswith(_BOUNDED):
        raise UsageError("response='logit', but the discriminator ends in a sigmoid: say response='probability'")
    readings = {
        "logit": _of_logits(objective),
        "probability": _plain("probability"),
        "critic": _plain("critic"),
        "reconstruction": Reading("critic", _as_it_is, _REBUILT),
    }
    return Found(readings[response], "so said")


def _seen(objective: Objective | None, asked: Asked) -> Found:
    """Return the reading that the form, the end and the numbers of what was answered speak for."""
    if asked.form is REBUILT:
        return Found(Reading("critic", _as_it_is, _REBUILT), f"it returns {REBUILT.name}")
    last = _last_operation(asked.last)
    if last.startswith("Softmax") and asked.form is SEVERAL:
        raise UnseenError(
            "discriminator: it ends in a softmax, and which of its shares says 'real' is not known: give "
            "discriminator=lambda x: D(x)[:, 1], say"
        )
    if objective is not None and objective.response_kind == "critic":
        return Found(Reading("critic", objective.response), f"that is what the {objective.label()} objective asks for")
    low, high = asked.reached
    if last.startswith(_BOUNDED):
        return Found(_plain("probability"), "it ends in a sigmoid")
    if 0 <= low <= high <= 1 and not last.startswith(_AFFINE) and _within(asked.far()):
        return Found(_plain("probability"), f"all of them lie between 0 and 1 ({low:.3g} to {high:.3g})", True)
    return Found(_of_logits(objective), "it ends in no sigmoid")


def _within(reached: tuple[float, float] | None) -> bool:
    return reached is not None and reached[0] >= 0 and reached[1] <= 1


def _of_logits(objective: Objective | None) -> Reading:
    return (
        Reading("probability", torch.sigmoid)
        if objective is None
        else Reading(objective.response_kind, objective.response)
    )


def _plain(kind: Literal["probability", "critic"]) -> Reading:
    return Reading(kind, _as_it_is)


def _as_it_is(value: Tensor) -> Tensor:
    return value


def _last_operation(answer: Tensor) -> str:
    """Return autograd's name of what made an answer, but for what only moved, picked or averaged; empty if unknown."""
    node = answer.grad_fn
    while node is not None and node.name().startswith(_SHAPING):
        node = next((before for before, _ in node.next_functions if before is not None), None)
    return "" if node is None else node.name()
