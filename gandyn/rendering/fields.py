"""Fields on the plane: made smooth between their cells, cut in bands of colour, and their isolines."""

from __future__ import annotations

from functools import lru_cache

import contourpy
import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

__all__ = ["band_colors", "blend_bands", "isolines", "region", "smooth", "spline"]

_FINER = 4
"""Points a cell at which isolines are looked for: between them they are straight."""

_OUTER, _INNER, _GREEN, _SOLID = (np.uint32(mask) for mask in (0x00FF00FF, 0xFF, 0x0000FF00, 0xFF000000))
"""Of a pixel packed in 32 bits its red and blue, green alone in the lowest byte and where it is, and its opacity."""

_STRIP = 32
"""Rows blended at once: their numbers stay in the processor's cache."""

_HALF_OUTER, _HALF = np.uint32(0x00800080), np.uint32(0x80)
"""A half of the last place, so that shares are rounded."""


@lru_cache(maxsize=128)
def _weights(cells: int, points: int) -> tuple[Int[np.ndarray, " point"], Float[np.ndarray, "3 point"]]:
    """Return, of equally spaced points over the cells, the nearest cell and the weights of it and its neighbours."""
    at = (np.arange(points) + 0.5) / points * cells - 0.5
    near = np.round(at).astype(np.intp)
    off = at - near
    left, right = 0.5 * (0.5 - off) ** 2, 0.5 * (0.5 + off) ** 2
    return near, np.stack([left, 1.0 - left - right, right]).astype(np.float32)


def _stretch(values: Float[np.ndarray, "cell other"], points: int) -> Float[np.ndarray, "point other"]:
    near, weights = _weights(len(values), points)
    # Beyond the ends the field goes on in a straight line. Sums of rows, because a threaded matrix product waits for
    # whoever else uses the machine.
    second, last_but_one = values[min(1, len(values) - 1)], values[max(len(values) - 2, 0)]
    padded = np.concatenate([[2 * values[0] - second], values, [2 * values[-1] - last_but_one]])
    found = padded[near] * weights[0][:, None]
    for k in (1, 2):
        found += padded[near + k] * weights[k][:, None]
    return np.asarray(found)


def spline(
    values: Float[np.ndarray, "row column"], rows: int, columns: int
) -> Float[np.ndarray, "fine_row fine_column"]:
    """Return a field at the centres of smaller (or larger) cells: its quadratic B-spline.

    The values are its coefficients. It is smooth and never goes beyond the values around it; a linear field comes out
    exact.

    Args:
        values: one a cell.
        rows: how many cells there are to be instead, along the first index.
        columns: and along the second.
    """
    narrow = _stretch(np.ascontiguousarray(values.T, dtype=np.float32), columns)
    return _stretch(np.ascontiguousarray(narrow.T), rows)


def smooth(values: Float[np.ndarray, "x y"], finer: int = _FINER) -> Float[np.ndarray, "fine_x fine_y"]:
    """Return a field at `finer` times as many points each way, the centres of cells that much smaller."""
    return spline(values, finer * values.shape[0], finer * values.shape[1])


def isolines(
    values: Float[np.ndarray, "x y"], x: tuple[float, float], y: tuple[float, float], level: float, finer: int = _FINER
) -> tuple[Float[np.ndarray, " point"], Float[np.ndarray, " point"]]:
    """Return the lines on which a field takes a level, as x and y with a NaN between one line and the next.

    Args:
        values: one a cell, first index along x.
        x: ends of the window along x.
        y: its ends along y.
        level: what the field is there.
        finer: points looked at, a cell.
    """
    fine = smooth(values, finer)
    across, up = _centres(fine, x, y)
    found = contourpy.contour_generator(across, up, fine.T, line_type="ChunkCombinedNan").lines(level)[0][0]
    return (found[:, 0], found[:, 1]) if found is not None else (np.zeros(0), np.zeros(0))


def region(
    values: Float[np.ndarray, "x y"], x: tuple[float, float], y: tuple[float, float], level: float, finer: int = _FINER
) -> tuple[Float[np.ndarray, " point"], Float[np.ndarray, " point"]]:
    """Return the outlines of where a field is above a level, as x and y with a NaN between one outline and the next.

    Each is closed; holes run the other way round. The arguments are those of `isolines`.
    """
    fine = smooth(values, finer)
    across, up = _centres(fine, x, y)
    generator = contourpy.contour_generator(across, up, fine.T, fill_type="ChunkCombinedOffset")
    points, starts = (part[0] for part in generator.filled(level, np.inf))
    if points is None or starts is None:
        return np.zeros(0), np.zeros(0)
    outlines = np.insert(np.asarray(points), np.asarray(starts[1:-1], dtype=np.intp), np.nan, axis=0)
    return outlines[:, 0], outlines[:, 1]


def _centres(
    fine: Float[np.ndarray, "x y"], x: tuple[float, float], y: tuple[float, float]
) -> tuple[Float[np.ndarray, " x"], Float[np.ndarray, " y"]]:
    across, up = (
        low + (high - low) / points * (np.arange(points) + 0.5)
        for (low, high), points in zip((x, y), fine.shape, strict=True)
    )
    return across, up


def band_colors(
    fills: tuple[tuple[tuple[float, float, float], float], ...], ground: tuple[float, float, float] | None
) -> Float[np.ndarray, "band 4"]:
    """Return red, green, blue (0..255) and opacity of bands; mixed with `ground` and opaque, where one is given."""
    table = np.array([(*(255.0 * c for c in color), opacity) for color, opacity in fills], dtype=np.float32)
    if ground is not None:
        share = table[:, 3:]
        table[:, :3] = share * table[:, :3] + (1 - share) * 255.0 * np.array(ground, dtype=np.float32)
        table[:, 3] = share[:, 0] > 0
    # A clear band takes its neighbour's colour, so that edges fade out and do not turn grey.
    for band in np.flatnonzero(table[:, 3] == 0):
        seen = np.flatnonzero(table[:, 3] > 0)
        if len(seen):
            table[band, :3] = table[seen[np.argmin(np.abs(seen - band))], :3]
    return table


def blend_bands(
    target: UInt8[np.ndarray, "row column 4"],
    values: Float[np.ndarray, "row column"],
    levels: tuple[float, ...],
    colors: Float[np.ndarray, "band 4"],
) -> None:
    """Paint a field's bands over pixels; where two bands meet in a pixel, their colours are mixed.

    Args:
        target: the pixels, changed in place.
        values: the field at the pixels' centres.
        levels: where the bands meet.
        colors: of the bands, as `band_colors` gives them.
    """
    band = np.zeros(values.shape, np.uint8)
    for level in levels:
        band += values > level
    rows, columns = _places(_meeting(band))
    under = target[rows, columns, :3].astype(np.float32)
    _fill(target, band, colors)
    if len(rows):
        lower, share = _shares(values, np.asarray(levels, dtype=np.float32), rows, columns)
        mixed = colors[lower] + (colors[lower + 1] - colors[lower]) * share[:, None]
        target[rows, columns, :3] = under + (mixed[:, :3] - under) * mixed[:, 3:] + np.float32(0.5)


def _fill(
    target: UInt8[np.ndarray, "row column 4"],
    band: UInt8[np.ndarray, "row column"],
    colors: Float[np.ndarray, "band 4"],
) -> None:
    opacity, packed = colors[:, 3], target.view(np.uint32)[..., 0]
    if ((opacity == 0) | (opacity == 1)).all():
        flat = np.column_stack([np.round(colors[:, :3]), np.full(len(colors), 255)]).astype(np.uint8).view(np.uint32)
        np.copyto(packed, flat[:, 0].take(band), where=True if opacity.all() else (opacity > 0).take(band))
        return
    # Two channels at once, in whole 256ths: an eighth of the time that floating point takes.
    share = np.round(256 * opacity).astype(np.uint32)
    red, green, blue = (np.round(colors[:, channel]).astype(np.uint32) for channel in range(3))
    keep, outside, inside = 256 - share, (red | blue << 16) * share + _HALF_OUTER, green * share + _HALF
    for top in range(0, len(band), _STRIP):
        here, pixels = band[top : top + _STRIP], packed[top : top + _STRIP]
        kept = keep.take(here)
        outer = (pixels & _OUTER) * kept + outside.take(here)
        inner = ((pixels >> 8) & _INNER) * kept + inside.take(here)
        pixels[...] = (outer >> 8) & _OUTER | inner & _GREEN | pixels & _SOLID


def _places(chosen: Bool[np.ndarray, "row column"]) -> tuple[Int[np.ndarray, " pixel"], Int[np.ndarray, " pixel"]]:
    """Return row and column of the chosen pixels; `np.nonzero` takes three times as long."""
    rows, columns = np.divmod(np.flatnonzero(chosen), chosen.shape[1])
    return rows, columns


def _meeting(band: UInt8[np.ndarray, "row column"]) -> Bool[np.ndarray, "row column"]:
    """Return which pixels have a neighbour of another band."""
    found = np.zeros(band.shape, bool)
    differ = band[1:] != band[:-1]
    found[1:] |= differ
    found[:-1] |= differ
    differ = band[:, 1:] != band[:, :-1]
    found[:, 1:] |= differ
    found[:, :-1] |= differ
    return found


def _shares(
    values: Float[np.ndarray, "row column"],
    levels: Float[np.ndarray, " level"],
    rows: Int[np.ndarray, " pixel"],
    columns: Int[np.ndarray, " pixel"],
) -> tuple[Int[np.ndarray, " pixel"], Float[np.ndarray, " pixel"]]:
    """Return, of pixels, the band below the level nearest to them, and what part of the pixel lies above it."""
    here = values[rows, columns]
    above, right = np.minimum(rows + 1, values.shape[0] - 1), np.minimum(columns + 1, values.shape[1] - 1)
    below, left = np.maximum(rows - 1, 0), np.maximum(columns - 1, 0)
    steep = 0.5 * np.hypot(values[above, columns] - values[below, columns], values[rows, right] - values[rows, left])
    nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, here)
    return nearest, np.clip((here - levels[nearest]) / np.maximum(steep, 1e-30) + np.float32(0.5), 0, 1)
