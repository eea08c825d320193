"""A recording in a notebook: its last densities as a small picture, and its last numbers in a table."""

from __future__ import annotations

import io
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from PIL import Image

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording

__all__ = ["card", "page"]

_WIDTH, _HEIGHT, _SIDE = 420, 150, 240
_DATA, _GENERATOR = "#2b6cb8", "#e5532a"
_NUMBERS = {
    "discriminator_loss": "discriminator loss",
    "generator_loss": "generator loss",
    "kl": "KL (nats)",
    "reverse_kl": "reverse KL (nats)",
    "js": "JS (nats)",
    "w1": "W1",
    "sliced_w1": "sliced W1",
    "frechet_distance": "Fréchet distance",
    "modes_captured": "modes captured",
    "high_quality_fraction": "high quality",
}


def card(recording: Recording) -> str:
    """Return a recording as HTML: what it is, a picture of its last step, and the median of its numbers there.

    Ranges over the seeds stand beside the medians where there are several; seeds that diverged are counted, not drawn.
    """
    dataset, steps = recording.contents, recording.steps()
    title = str(dataset.attrs.get("title") or dataset.attrs.get("name") or recording.path.name)
    state = "complete" if recording.complete else "unfinished"
    seeds = [int(seed) for seed in dataset["seed"].values]
    rows = [("recording", f"{recording.path} ({state})"), ("seeds", _several(seeds))]
    if recording.diverged:
        rows.append(("diverged", ", ".join(f"seed {s} at step {at}" for s, at in sorted(recording.diverged.items()))))
    if not len(steps):
        return page(title, "", [*rows, ("steps", "none yet")])
    rows.append(("steps", f"{steps[0]} to {steps[-1]}, {len(steps)} recorded"))
    for name, text in _NUMBERS.items():
        if name in dataset:
            rows.append((text, _last(np.asarray(recording.scalars(name), dtype=float), steps)))
    going = [index for index, seed in enumerate(seeds) if seed not in recording.diverged]
    return page(title, _picture(recording, going[0]) if going else "", rows)


def page(title: str, picture: str, rows: list[tuple[str, str]]) -> str:
    """Return a title, a picture in HTML and a table of names and values; all text is escaped."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
        for name, value in rows
    )
    return f"<div><b>{escape(title)}</b><br>{picture}<table>{cells}</table></div>"


def _several(seeds: list[int]) -> str:
    return f"{len(seeds)} ({seeds[0]} to {seeds[-1]})" if len(seeds) > 1 else str(seeds[0])


def _last(values: Float[ndarray, "seed step"], steps: Int[ndarray, " step"]) -> str:
    """Return the values at the last step at which there are any, and which that is if not the last of all."""
    there = ~np.isnan(values)
    if not there.any():
        return "none"
    at = int(np.flatnonzero(there.any(axis=0))[-1])
    found = _spread(values[there[:, at], at])
    return found if at == len(steps) - 1 else f"{found} at step {steps[at]}"


def _spread(values: Float[ndarray, " seed"]) -> str:
    middle, low, high = np.median(values), values.min(), values.max()
    return f"{middle:.4g}" if low == high else f"{middle:.4g} (from {low:.4g} to {high:.4g})"


def _picture(recording: Recording, seed_index: int) -> str:
    """Return the densities at the last step, cut at twice the data's peak: on the line as SVG, on a plane as PNG."""
    dataset = recording.contents
    if "generator_density" not in dataset or "data_density" not in dataset:
        return ""
    data = np.asarray(dataset["data_density"].values, dtype=float)
    generator = np.asarray(recording.field("generator_density", seed_index, len(recording.steps()) - 1), dtype=float)
    top = 2.0 * max(float(data.max(initial=0.0)), 1e-300)
    seed = int(dataset["seed"].values[seed_index])
    whose = f"densities of seed {seed} at step {recording.steps()[-1]}"
    if data.ndim > 1:
        image = b64encode(_stain(data / top, np.nan_to_num(generator) / top)).decode("ascii")
        words = f"{whose}: data blue, generator red"
        return f"<img width='{_SIDE}' alt='{words}' title='{words}' src='data:image/png;base64,{image}'><br>"
    return (
        f"<svg width='{_WIDTH}' height='{_HEIGHT}' viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img'>"
        f"<title>{whose}: data filled, generator as a line</title>"
        f"<polygon points='0,{_HEIGHT} {_curve(data, top)} {_WIDTH},{_HEIGHT}' fill='{_DATA}' fill-opacity='0.3'/>"
        f"<polyline points='{_curve(generator, top)}' fill='none' stroke='{_GENERATOR}' stroke-width='2'/></svg><br>"
    )


def _stain(data: Float[ndarray, "cell other"], generator: Float[ndarray, "cell other"]) -> bytes:
    """Return two densities on the plane, 1 where they are cut, as inks over each other: a PNG file."""
    paper = np.full((*data.shape, 3), 255.0)
    for density, ink in ((data, _DATA), (generator, _GENERATOR)):
        # The root shows what is thin.
        share = 0.8 * np.sqrt(np.clip(density, 0.0, 1.0))[..., None]
        paper = paper * (1.0 - share * (1.0 - np.array(list(bytes.fromhex(ink[1:]))) / 255.0))
    out = io.BytesIO()
    Image.fromarray(np.round(paper.transpose(1, 0, 2)[::-1]).astype(np.uint8)).save(out, format="PNG")
    return out.getvalue()


def _curve(density: Float[ndarray, " cell"], top: float) -> str:
    across = np.linspace(0.0, _WIDTH, len(density))
    up = _HEIGHT - 2.0 - (_HEIGHT - 2.0) * np.minimum(density / top, 1.0)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True) if np.isfinite(y))
