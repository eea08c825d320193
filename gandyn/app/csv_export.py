"""The scalars of a recording as a table for other programs: CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from gandyn.app.numbers import measured
from gandyn.app.report import to_json, variable_order
from gandyn.core.errors import RenderError, UsageError
from gandyn.core.suggestions import nearest

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording

__all__ = ["check_table", "write_table"]

Columns = Mapping[str, Shaped[ndarray, " row"]]


def check_table(path: Path) -> None:
    """Find out before anything is trained that a table cannot be written so.

    Raises:
        UsageError: the suffix is none of a table.
        RenderError: the package that writes it is not installed.
    """
    from gandyn.rendering.encoders.output import is_stream

    suffix = path.suffix.lower()
    if suffix and suffix not in _WRITERS and not is_stream(path):
        near = nearest(suffix, _WRITERS)
        known = ", ".join(_WRITERS)
        raise UsageError(f"{path}: no suffix of a table{f'; did you mean {near}?' if near else ''} (known: {known})")
    if suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise RenderError(f"{path}: Parquet files need pyarrow: pip install 'gandyn[parquet]'") from None


def write_table(recording: Recording, path: Path) -> int:
    """Write every scalar of a recording, one row a seed and step; return the number of rows.

    The suffix chooses the format; what has none is written as CSV. Infinities are `inf` in CSV and Parquet and the text
    "inf" in JSON, which pandas reads as infinity; where a seed has diverged, cells are empty, or null. The file appears
    whole or not at all.

    Raises:
        UsageError: the suffix is none of a table.
        RenderError: it cannot be written.
    """
    from gandyn.rendering.encoders.output import atomic

    check_table(path)
    data = recording.contents
    steps, seeds = recording.steps(), data["seed"].values
    columns: dict[str, ndarray] = {"seed": np.repeat(seeds, len(steps)), "step": np.tile(steps, len(seeds))}
    for name in variable_order(data):
        if data[name].dims == ("seed", "step"):
            columns[name] = np.asarray(recording.scalars(name), dtype=np.float64).ravel()
    # What pictures and the final numbers count is told beside what is published.
    found = measured(recording, "modes_found")
    if found is not None:
        columns["modes_found"] = found.ravel()
    with atomic(path) as part:
        _WRITERS.get(path.suffix.lower(), _write_csv)(columns, part)
    return len(seeds) * len(steps)


def _write_csv(columns: Columns, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*(column.tolist() for column in columns.values()), strict=True):
            writer.writerow(["" if math.isnan(cell) else repr(cell) for cell in row])


def _write_json(columns: Columns, path: Path) -> None:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    path.write_text(to_json([dict(zip(columns, row, strict=True)) for row in rows]), encoding="utf-8")


def _write_parquet(columns: Columns, path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = {name: pyarrow.array(column, from_pandas=True) for name, column in columns.items()}
    pyarrow.parquet.write_table(pyarrow.table(table), path)


_WRITERS: dict[str, Callable[[Columns, Path], None]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".parquet": _write_parquet,
}
