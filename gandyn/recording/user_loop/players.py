"""Which of somebody's generators and discriminators is looked at, where there are several of them by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from gandyn.core.errors import UsageError
from gandyn.core.messages import listed, shown
from gandyn.recording.user_loop.reachability import reach

__all__ = ["Models", "Players", "players_of"]

Models = Callable[..., Any] | Mapping[str, Callable[..., Any]] | nn.ModuleDict
"""One model, or several by name."""

_SEVERAL = (Mapping, nn.ModuleDict)


@dataclass(frozen=True)
class Players:
    """The pair of models that is looked at.

    Attributes:
        generator: that which makes the samples.
        discriminator: that which judges them.
        about: what a reader should know, as attributes.
        notes: what was chosen, in words.
    """

    generator: Callable[..., Any]
    discriminator: Callable[..., Any]
    about: dict[str, Any]
    notes: tuple[str, ...] = ()


def players_of(generators: Models, discriminators: Models, look_at: str | tuple[str, str] | None) -> Players:
    """Return the pair that is looked at: what is named, else the first generator with the discriminator of its samples.

    That is the discriminator of the generator's name, else one that the generator's name ends in (`b` of `a_to_b`, `ab`
    or `G_B`), else the first.

    Args:
        generators: one, or several by name.
        discriminators: likewise.
        look_at: the name of a generator, or of both.

    Raises:
        UsageError: there is none of such a name.
    """
    wanted = (look_at, None) if isinstance(look_at, str) or look_at is None else look_at
    if len(wanted) != 2:
        raise UsageError(f"look_at: the name of a generator, or of a generator and a discriminator, not {look_at!r}")
    if not isinstance(generators, _SEVERAL) and not isinstance(discriminators, _SEVERAL):
        if look_at is not None:
            raise UsageError(
                f"look_at={shown(look_at)}: there is but one generator and one discriminator; leave it out"
            )
        return Players(generators, discriminators, {})
    makers, judges = _by_name(generators, "generator"), _by_name(discriminators, "discriminator")
    maker = _named(makers, wanted[0], "generator") or next(iter(makers))
    judge = _named(judges, wanted[1], "discriminator") or _judging(maker, list(judges))
    sizes = [{name: _size(model) for name, model in models.items()} for models in (makers, judges)]
    about = {"looked_at": [maker, judge], "parameters": {"generator": sizes[0], "discriminator": sizes[1]}}
    note = (
        f"of the generators {listed(makers)} and discriminators {listed(judges)} the picture shows {maker!r} and "
        f"{judge!r}: look_at=({maker!r}, {judge!r}) says so, or others"
    )
    return Players(makers[maker], judges[judge], about, () if wanted[0] and wanted[1] else (note,))


def _by_name(models: Models, role: str) -> dict[str, Callable[..., Any]]:
    found = {str(name): model for name, model in models.items()} if isinstance(models, _SEVERAL) else {role: models}
    if not found:
        raise UsageError(f"{role}: there is none in the mapping")
    return found


def _named(models: Mapping[str, Any], name: str | None, role: str) -> str | None:
    if name is not None and name not in models:
        raise UsageError(f"look_at: there is no {role} {shown(name)}; there are {listed(models)}")
    return name


def _judging(generator: str, discriminators: list[str]) -> str:
    """Return the discriminator of what a generator makes."""
    suffixes = (generator[at:].casefold() for at in range(len(generator)))  # the longest first
    by_end = {_end(name): name for name in reversed(discriminators)}
    return next((by_end[suffix] for suffix in suffixes if suffix in by_end), discriminators[0])


def _end(name: str) -> str:
    """Return what a discriminator's name ends in: `b` of `D_B`."""
    return name.rpartition("_")[2].casefold()


def _size(model: Any) -> int:
    return sum(weight.numel() for module in reach(model).modules for weight in module.parameters())
