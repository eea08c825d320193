"""Sentences about a recording that stand beside its numbers, or under them."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from gandyn.app.report import percent_of

__all__ = [
    "cadence_note",
    "class_note",
    "divergence_note",
    "resolution_note",
    "salvage_note",
    "stop_note",
    "unseen_note",
]

_TOLD = 5
"""Damages that are told one by one."""


def divergence_note(found: dict[str, Any]) -> str | None:
    """Return a sentence about seeds whose loss stopped being finite, or None."""
    diverged = found["diverged"]
    if not diverged:
        return None
    if len(found["seeds"]) == 1:
        return f"diverged at step {next(iter(diverged.values()))}"
    first = ", ".join(f"seed {seed} at step {step}" for seed, step in list(diverged.items())[:5])
    more = ", ..." if len(diverged) > 5 else ""
    return f"{len(diverged)} of {len(found['seeds'])} seeds diverged: {first}{more}"


def resolution_note(found: dict[str, Any]) -> str | None:
    """Return a sentence about divergences that are no exact ones, or None.

    Between exact masses of cells they are lower bounds. Between densities estimated from points they are not: smoothing
    makes them smaller, sampling larger.
    """
    reasons = [found["lower_bound"]] if found["lower_bound"] else []
    if found["view"] is not None:
        reasons.append("they are those of projections onto principal components")
    what = "lower bounds" if found["smoothing_std"] is None else "estimates, no bounds"
    if found["smoothing_std"] is not None:
        smoothed = f"both densities are smoothed by a Gaussian of std {found['smoothing_std']:.3g}"
        reasons.append(f"{smoothed}, so they do not compare with unsmoothed ones")
    if found["kl_floor"] is not None:
        reasons.append(f"a perfect generator reads a KL of up to {found['kl_floor']:.2g} nats")
    return f"divergences are {what}: {'; '.join(reasons)}" if reasons else None


def cadence_note(steps: Sequence[int]) -> str | None:
    """Return how often was recorded, None of one step alone; the last is recorded however the others fall.

    Example:
        >>> cadence_note([0, 20, 40, 45])
        'every 20 steps'
        >>> cadence_note([0, 1, 2, 3, 5, 9, 15])
        'every step up to 3, then ever fewer'
    """
    gaps = [after - before for before, after in pairwise(steps)]
    if not gaps:
        return None
    first = gaps[0]
    usual = "every step" if first == 1 else f"every {first} steps"
    if all(gap == first for gap in gaps[:-1]) and gaps[-1] <= first:
        return usual
    even = next(number for number, gap in enumerate([*gaps, 0]) if gap != first)
    return f"{usual} up to {steps[even]}, then ever fewer"


def class_note(found: dict[str, Any]) -> str | None:
    """Return a sentence about the shares of the classes among generated images, or None where they are not measured."""
    shares = (found["quality"] or {}).get("classes") or {}
    if not shares or any(math.isnan(share) for share in shares.values()):
        return None
    rarest, commonest = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
    return (
        f"of {found['quality']['n']} generated images {percent_of(shares[rarest])} are of the rarest class ({rarest}), "
        f"{percent_of(shares[commonest])} of the commonest ({commonest})"
    )


def salvage_note(found: dict[str, Any]) -> str | None:
    """Return what was left out of a damaged recording, None where all is whole."""
    damage = found["damage"]
    if not damage:
        return None
    lost = list(dict.fromkeys(one["lost"] or one["reason"] for one in damage))
    more = f"; and {len(lost) - _TOLD} more (gandyn show --verify names all)" if len(lost) > _TOLD else ""
    files = f"{len(damage)} file{'s are' if len(damage) > 1 else ' is'}"
    return f"{files} damaged; left out: {'; '.join(lost[:_TOLD])}{more}"


def unseen_note(steps: Sequence[int]) -> str:
    """Return which of a picture's notes never come, for it ends before their steps."""
    several = len(steps) > 1
    named = ", ".join(map(str, steps))
    return (
        f"animation.notes: the note{'s' if several else ''} at step{'s' if several else ''} {named} "
        f"never come{'' if several else 's'}: the picture ends before"
    )


def stop_note(found: dict[str, Any]) -> str | None:
    """Return how far a recording goes that is not complete, and how it is gone on with; None for a complete one.

    What counts is what is on disk: training may have gone further before it was killed, or may be going on.
    """
    if found["complete"]:
        return None
    reached = "its beginning" if found["last_step"] is None else f"step {found['last_step']}"
    stored = Path(found["recording"]) / "scenario.yaml"
    planned = f" of {found['steps_planned']}" if stored.is_file() else ""
    if found["written_by"] is not None:
        return f"being recorded by {found['written_by']}; up to {reached}{planned} so far"
    if not planned:
        return f"unfinished, recorded up to {reached} by another program"
    command = ["gandyn", "train", str(stored), "-o", found["recording"], "--resume"]
    return f"unfinished, recorded up to {reached}{planned}; go on with: {shlex.join(command)}"
