"""The final numbers of a recording: as plain data, as JSON, and as a short table."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gandyn.app.numbers import measured
from gandyn.core.replacing import written_by
from gandyn.distributions.units import unit_of

if TYPE_CHECKING:
    from rich.table import Table

    from gandyn.core.errors import DamageError
    from gandyn.recording.store.contents import Contents
    from gandyn.recording.store.recording import Recording

__all__ = [
    "MEASURES",
    "comparison_table",
    "damage_as_dicts",
    "final_table",
    "percent_of",
    "rate_name",
    "short_number",
    "summary",
    "to_json",
    "variable_order",
]

MEASURES = {
    "kl": "KL(data||generator)",
    "reverse_kl": "KL(generator||data)",
    "js": "JS",
    "w1": "W1",
    "sliced_w1": "sliced W1",
    "modes_found": "modes found",
    "modes_captured": "modes captured",
    "high_quality_fraction": "high quality",
    "mode_reverse_kl": "reverse KL over modes",
    "frechet_distance": "FD-LeNet",
    "class_kl": "KL(classes||data's)",
    "precision": "precision",
    "recall": "recall",
}
_UNITS = dict.fromkeys(("kl", "reverse_kl", "js", "mode_reverse_kl", "class_kl"), "nats")
_JUDGED = ("frechet_distance", "class_kl", "precision", "recall")
"""What is measured at some records only, and told from the last of these."""
_COUNTS = ("modes_found", "modes_captured")
_LIMITED = ("kl", "reverse_kl", "js")
"""What a grid too coarse for the data's modes makes smaller than it is."""
# Data mass that is not resolved, from which on that is worth saying.
_WORTH_SAYING = 0.001
_BESIDE = ("kl_skew", "reverse_kl_skew", "unreached_mass", "unresolved_mass", "generator_loss", "discriminator_loss")


def summary(recording: Recording) -> dict[str, Any]:
    """Return what a recording holds and where it ended, as plain values; numbers may be infinite or NaN.

    `final` maps each measure to its values at the last committed step, one a seed (NaN for a seed that diverged), with
    median, lowest and highest over the seeds that did not.
    """
    data = recording.contents
    steps = recording.steps()
    final = {}
    for name in (*MEASURES, *_BESIDE, "tv", "hellinger"):
        values = measured(recording, name) if len(steps) else None
        if values is not None:
            final[name] = _spread(values[:, _last_measured(values) if name in _JUDGED else -1])
    modes = int(data.sizes.get("mode", 0))
    whole: int | None = None
    if modes and "modes_found" in final:
        whole = sum(value == modes for value in final["modes_found"]["per_seed"])
    return {
        "name": str(data.attrs.get("name", recording.path.name)),
        "title": str(data.attrs.get("title", "")),
        "recording": os.fspath(recording.path),
        "seeds": [int(seed) for seed in data["seed"].values],
        "last_step": int(steps[-1]) if len(steps) else None,
        "steps_planned": int((recording.scenario.get("train") or {}).get("steps", steps[-1] if len(steps) else 0)),
        "complete": bool(recording.complete),
        "written_by": None if recording.complete else written_by(recording.path),
        "final": final,
        "modes": modes,
        "seeds_with_all_modes": whole,
        "lower_bound": next((str(data[name].attrs["lower_bound"]) for name in _LIMITED if _limited(data, name)), None),
        "warnings": [str(one) for one in data.attrs.get("warnings") or ()],
        "unit": unit_of(data.attrs.get("axis_labels") or ()),
        "smoothing_std": _number(data["js"].attrs.get("smoothing_std")) if "js" in data else None,
        "kl_floor": _number(data["js"].attrs.get("kl_floor")) if "js" in data else None,
        "view": data["js"].attrs.get("view") if "js" in data else None,
        "quality": _judged(data),
        "diverged": {str(seed): int(step) for seed, step in recording.diverged.items()},
        "damage": damage_as_dicts(recording.damage),
        "seed_steps_per_second": _number(data.attrs.get("steps_per_second")),
    }


def damage_as_dicts(damage: Sequence[DamageError]) -> list[dict[str, str]]:
    """Return what is damaged as plain values."""
    return [{"file": os.fspath(one.file), "reason": one.reason, "lost": one.lost} for one in damage]


def _judged(data: Contents) -> dict[str, Any] | None:
    """Return how the quality of images was measured: figures from another network, or of another n, do not compare."""
    if "frechet_distance" not in data:
        return None
    attrs = data["frechet_distance"].attrs
    found = {name: attrs.get(name) for name in ("network", "weights_sha256", "n", "floor")}
    shares = np.asarray(data["class_histogram"].values, dtype=np.float64)
    last = _last_measured(shares.sum(2))
    classes = zip(data["class"].values, shares[:, last].mean(0), strict=True)
    return {
        **found,
        "step": int(data["step"].values[last]),
        "classes": {str(name): float(share) for name, share in classes},
    }


def _last_measured(values: np.ndarray) -> int:
    """Return the index of the last step at which any seed has a number; of the last step where there is none."""
    there = np.flatnonzero(np.isfinite(values).any(axis=0))
    return int(there[-1]) if len(there) else -1


def _limited(data: Contents, name: str) -> bool:
    return name in data and "lower_bound" in data[name].attrs


def _spread(values: np.ndarray) -> dict[str, Any]:
    alive = values[~np.isnan(values)]
    # Sorting puts infinities last, so the median is right with them; np.median would make NaN of inf - inf.
    ordered = np.sort(alive)
    count = len(ordered)
    low, high = (ordered[(count - 1) // 2], ordered[count // 2]) if count else (math.nan, math.nan)
    median = float(low) if low == high else float((low + high) / 2)
    return {
        "median": median,
        "lowest": float(ordered[0]) if count else math.nan,
        "highest": float(ordered[-1]) if count else math.nan,
        "per_seed": [float(value) for value in values],
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def to_json(value: Any) -> str:
    """Return strict JSON on one line per top-level key: infinities become the texts "inf" and "-inf", NaN null."""
    return json.dumps(_strict(value), indent=2, allow_nan=False, ensure_ascii=False)


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _strict(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(part) for part in value]
    if isinstance(value, np.generic):
        return _strict(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return os.fspath(value) if isinstance(value, Path) else value


def final_table(found: dict[str, Any], rates: dict[str, float | None]) -> Table:
    """Return the short table that ends `animate` and `train`.

    Args:
        found: what `summary` returned.
        rates: further rows, name to number a second (steps, frames).
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    several = len(found["seeds"]) > 1
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(f"at step {found['last_step']}", no_wrap=True)
    table.add_column("median" if several else "", justify="right", no_wrap=True)
    if several:
        table.add_column("lowest .. highest", justify="right", no_wrap=True)
    table.add_column("", style="dim")
    for name, title in MEASURES.items():
        if not _told(name, found):
            continue
        numbers = found["final"][name]
        row = [title, _value(name, numbers["median"], found)]
        if several:
            ends = [_in_units(name, numbers["lowest"]), _in_units(name, numbers["highest"])]
            row.append(" .. ".join(dict.fromkeys(ends)))
        table.add_row(*row, _remark(name, found))
    for title, rate in rates.items():
        if rate:
            table.add_row(title, f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}", *([""] if several else []), "")
    return table


def comparison_table(found: Sequence[dict[str, Any]], headings: Sequence[str]) -> Table:
    """Return the table that ends a comparison: rows are measures, a column each recording.

    Args:
        found: what `summary` returned of each.
        headings: what stands above each.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("")
    for heading in headings:
        table.add_column(heading, justify="right")
    table.add_row("at step", *(str(one["last_step"]) for one in found))
    for name, title in MEASURES.items():
        if any(_told(name, one) for one in found):
            unit = next(filter(None, (_unit(name, one) for one in found)), "")
            table.add_row(
                f"{title}, {unit}" if unit else title, *(_cell(name, one) if _told(name, one) else "-" for one in found)
            )
    return table


def _cell(name: str, found: dict[str, Any]) -> str:
    """Return a number with, of several seeds, its range, and of an infinite one how bad it is."""
    numbers = found["final"][name]
    value = _value(name, numbers["median"], found)
    skew = found["final"].get(f"{name}_skew")
    if math.isinf(numbers["median"]) and skew is not None:
        return f"{value} (skew {short_number(skew['median'])})"
    ends = dict.fromkeys(_in_units(name, numbers[end]) for end in ("lowest", "highest"))
    return f"{value} ({' .. '.join(ends)})" if len(found["seeds"]) > 1 else value


def _unit(name: str, found: dict[str, Any]) -> str:
    return found["unit"] if name in ("w1", "sliced_w1") else _UNITS.get(name, "")


def _told(name: str, found: dict[str, Any]) -> bool:
    if name == "modes_captured" and "modes_found" in found["final"]:
        return False  # said beside what pictures count
    return name in found["final"] and (name not in _COUNTS or bool(found["modes"]))


def rate_name(found: dict[str, Any]) -> str:
    """Name the rate of training: steps of all seeds together."""
    return "training steps/s" if len(found["seeds"]) == 1 else "training seed-steps/s"


def _value(name: str, value: float, found: dict[str, Any]) -> str:
    return f"{value:g} of {found['modes']}" if name in _COUNTS else _in_units(name, value)


def _in_units(name: str, value: float) -> str:
    if name == "high_quality_fraction" and not math.isnan(value):
        return f"{100 * value:.1f} %"
    return short_number(value)


def _remark(name: str, found: dict[str, Any]) -> str:
    """Say beside an infinite divergence how bad it is, and beside several seeds how many succeeded."""
    final = found["final"]
    unit = _unit(name, found)
    if name in ("kl", "reverse_kl") and math.isinf(final[name]["median"]) and f"{name}_skew" in final:
        parts = [f"skew {short_number(final[f'{name}_skew']['median'])}"]
        if name == "kl" and "unreached_mass" in final:
            parts.append(f"{percent_of(final['unreached_mass']['median'])} of the data out of reach")
        return f"{unit} ({'; '.join(parts)})"
    if name == "kl" and final.get("unresolved_mass", {"median": 0.0})["median"] >= _WORTH_SAYING:
        return f"{unit} at least ({percent_of(final['unresolved_mass']['median'])} of the data unresolved)"
    if name in ("kl", "reverse_kl") and math.isinf(final[name]["highest"]):
        return f"{unit} (infinite in {sum(map(math.isinf, final[name]['per_seed']))} of {len(found['seeds'])} seeds)"
    if name == "js":
        return "nats (at most ln 2 = 0.693)"
    if name == "frechet_distance" and found["quality"] is not None:
        judged = found["quality"]
        when = "" if judged["step"] == found["last_step"] else f" (step {judged['step']})"
        return f"real against real {short_number(float(judged['floor']))}, n = {judged['n']}{when}"
    if name == "modes_found" and len(found["seeds"]) > 1:
        return f"all {found['modes']} in {found['seeds_with_all_modes']} of {len(found['seeds'])} seeds"
    captured = final.get("modes_captured", {"median": math.nan})["median"]
    if name == "modes_found" and not math.isnan(captured) and captured != final[name]["median"]:
        return f"with a quarter of their share ({captured:g} captured: by a single sample)"
    return unit


def short_number(value: float) -> str:
    """Return a number to three digits, "inf", or "-" where there is none."""
    if math.isnan(value):
        return "-"
    return "inf" if math.isinf(value) else f"{value:.3g}"


def percent_of(value: float) -> str:
    """Write a share in the words of the picture."""
    from gandyn.rendering.ticks import percent

    return "-" if math.isnan(value) else percent(value)


def variable_order(data: Contents) -> list[str]:
    """Return a recording's variables in the order people look for them: losses, measures, the rest, the fields."""
    known = ["generator_loss", "discriminator_loss", *MEASURES, *_BESIDE]
    names = [str(name) for name in data.data_vars]
    return sorted(names, key=lambda name: (len(data[name].dims) > 2, known.index(name) if name in known else 99, name))
