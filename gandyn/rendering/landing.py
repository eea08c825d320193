"""Where latents land: the generator's map made fine between the latents it was recorded at, and the mode each is at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int
from scipy import interpolate, ndimage

from gandyn.divergences.finding import HIGH_QUALITY
from gandyn.rendering import ticks
from gandyn.rendering.canvas.typeface import measure
from gandyn.rendering.marks.marks import Cells
from gandyn.rendering.recording_view import RecordingView
from gandyn.rendering.tints import assigned

__all__ = ["NOWHERE", "TINTS", "astray", "between", "field", "landed", "regions", "weights"]

Ends = tuple[float, float]

TINTS = 8
"""Tints there are for modes; where there are more modes, those of one tint lie far apart."""

NOWHERE = -1
"""Stands for latents that land in no mode."""

_STRIPE = 4
"""Fine cells that a stripe is wide, measured along an axis."""


def between(latents: Float[np.ndarray, " knot"], points: int) -> Float[np.ndarray, "point knot"]:
    """Return the weights that take values at some latents to the middles of `points` equal cells over them."""
    edges = np.linspace(latents[0], latents[-1], points + 1)
    return weights(latents, (edges[1:] + edges[:-1]) / 2)


def weights(latents: Float[np.ndarray, " knot"], at: Float[np.ndarray, " point"]) -> Float[np.ndarray, "point knot"]:
    """Return the weights that take values at some latents to other places among them.

    They are those of the cubic spline through the values, so a map is made fine by one product along each axis.
    """
    degree = min(3, len(latents) - 1)
    return np.asarray(interpolate.make_interp_spline(latents, np.eye(len(latents)), k=degree)(at))


def landed(view: RecordingView, images: Float[np.ndarray, "*latent axis"]) -> Int[np.ndarray, "*latent"]:
    """Return the mode that each image of a latent is nearest to, from 0 on, or `NOWHERE`.

    That is where it is further than 3 standard deviations from its nearest mode, or not a number.
    """
    modes = np.asarray(view.dataset["mode_position"].values, dtype=np.float32)
    reach = HIGH_QUALITY * np.asarray(view.dataset["mode_std"].values, dtype=np.float32)
    along = [np.ascontiguousarray(images[..., axis], dtype=np.float32) for axis in range(images.shape[-1])]
    # One mode after the other: an array of all distances would not stay in the processor's cache.
    nearest = np.full(images.shape[:-1], NOWHERE)
    least = np.full(images.shape[:-1], np.inf, np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        for number, mode in enumerate(modes):
            away = sum((part - at) ** 2 for part, at in zip(along, mode, strict=True))
            closer = away < least
            np.copyto(least, away, where=closer)
            np.copyto(nearest, number, where=closer)
        return np.where(least <= reach[nearest] ** 2, nearest, NOWHERE)


def field(
    axes: str, view: RecordingView, modes: Int[np.ndarray, "column row"], ends: tuple[Ends, Ends], opacity: float = 1.0
) -> Cells:
    """Return fine cells in the tints of the modes they land in, striped where they land in none.

    Args:
        axes: name of the axes they are drawn in.
        view: the recording.
        modes: what `landed` says of each cell.
        ends: of the window they fill, along x and along y.
        opacity: of the tints.
    """
    tints = ((f"tint {tint}", opacity) for tint in range(1, TINTS + 1))
    levels = tuple(k + 0.5 for k in range(TINTS))
    return Cells(axes, *ends, _striped(view, modes), levels, (("muted", 0.3), *tints))


def astray(view: RecordingView, step_index: int, width: float, em: float) -> str:
    """Return what the stripes mean, and what part of the samples they are, in no more than a width in pixels."""
    quality = view.scalars("high_quality_fraction")[view.seed_index, step_index]
    share = ticks.percent(1.0 - float(quality)) if np.isfinite(quality) else ""
    forms = ("striped: in no mode, {} of the samples", "striped: in no mode, {}", "striped: in no mode")
    # As long as fits at its widest, so that it does not change from step to step.
    form = next((form for form in forms if measure(form.format("99.9 %"), em) <= width), "")
    return form.format(share) if share or "{" not in form else forms[-1]


def _striped(view: RecordingView, modes: Int[np.ndarray, "column row"]) -> Float[np.ndarray, "column row"]:
    """Return the tints of cells by the modes they land in; where they land in none, stripes of 0 and NaN."""
    places = np.asarray(view.dataset["mode_position"].values, dtype=float)
    tints = np.append(assigned(places, TINTS), 0).astype(float)
    column, row = np.ogrid[: modes.shape[0], : modes.shape[1]]
    stripe = np.where((column + row) % (3 * _STRIPE) < _STRIPE, 0.0, np.nan)
    return np.where(modes == NOWHERE, stripe, tints[modes])


def regions(modes: Int[np.ndarray, "column row"]) -> Iterator[tuple[int, int, int, float]]:
    """Yield every connected region of a mode: the mode, the column and row of the cell deepest inside, and how deep.

    Depth is the distance in cells to the nearest cell of another region, or to the edge.
    """
    padded = np.pad(modes, 1, constant_values=NOWHERE - 1)
    other = np.zeros(padded.shape, dtype=bool)
    for axis in (0, 1):
        differ = np.diff(padded, axis=axis) != 0
        other[(slice(1, None), slice(None))[:: 1 if axis == 0 else -1]] |= differ
        other[(slice(None, -1), slice(None))[:: 1 if axis == 0 else -1]] |= differ
    depth = ndimage.distance_transform_edt(~other)[1:-1, 1:-1]
    for mode in np.unique(modes[modes != NOWHERE]).tolist():
        labels, count = ndimage.label(modes == mode)
        for column, row in np.array(ndimage.maximum_position(depth, labels, range(1, count + 1)), dtype=int).tolist():
            yield mode, column, row, float(depth[column, row])
