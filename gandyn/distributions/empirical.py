"""A user's own numbers as a distribution: columns of a file, smoothed by a stated Gaussian kernel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, model_validator

from gandyn.core.catalog import PositiveFinite
from gandyn.core.files import MOST_DATA_BYTES, open_regular
from gandyn.core.messages import listed, shortened, shown
from gandyn.distributions.base import (
    LONGEST_LABEL,
    Distribution,
    EitherDistribution,
    LineDistribution,
    PlaneDistribution,
)
from gandyn.distributions.files import FromFile
from gandyn.distributions.kernels import LineKernels, PlaneKernels, robust_spread
from gandyn.distributions.units import OWN, Units

__all__ = ["Empirical"]

_LONGEST_LINE = 100_000
"""Characters at the head of a .csv: thousands of columns, for the two that are looked at."""


class Empirical(FromFile, EitherDistribution):
    """The numbers in a .npy or .csv file, each spread by a Gaussian kernel: one column of them, or two for the plane.

    The density is the kernel density estimate, and samples are drawn from exactly that density (a number picked at
    random plus kernel noise), so the data density in the picture is the one the discriminator is shown.

    Networks are trained on the numbers less their mean, divided by their standard deviation; all that is recorded and
    drawn is in the numbers' own units. Axes are called what the file calls the columns, unless `axis` says otherwise.

    References:
        Silverman, "Density Estimation for Statistics and Data Analysis", 1986 (rules of thumb for the bandwidth).
    """

    nearer: ClassVar[str] = "--set data.standardize=true"

    type: Literal["empirical"] = "empirical"
    file: Path = Field(Path("data.csv"), description=".npy or .csv, relative to the scenario's folder")
    column: int | str | None = Field(
        None, description="column number from 0, or its name in the header of a .csv; not needed where there is but one"
    )
    columns: tuple[int | str, int | str] | None = Field(
        None, description="the columns of x and y, for a distribution on the plane"
    )
    bandwidth: PositiveFinite | None = Field(None, description="kernel std; Silverman's rule of thumb if left out")

    standardize: bool = Field(
        True, description="train on mean 0 and standard deviation 1, each column by itself; pictures keep its own units"
    )

    @model_validator(mode="before")
    @classmethod
    def _named_by_columns(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or given.get("axis") is not None:
            return given
        names = given.get("columns") or given.get("column")
        listed = names if isinstance(names, list | tuple) else [names]
        labels = [_shortened(name) for name in listed if isinstance(name, str)]
        if len(labels) < len(listed):
            return given
        return {**given, "axis": labels if listed is names else labels[0]}

    @classmethod
    def made_of(cls, path: Path) -> list[dict[str, Any]]:  # noqa: D102
        if path.suffix not in _READERS:
            return []
        table, names = _READERS[path.suffix](path, False)
        _check_layout(table, path)
        number = [k for k in range(table.shape[1]) if _can_be_learnt(table[:, k])]
        if not number:
            raise ValueError(f"file {path} has no column of at least two different finite numbers")
        named = [names[k] if names and names[k] and names.count(names[k]) == 1 else k for k in number]
        if table.shape[1] == 1:
            return [{"file": path}]
        ways: list[dict[str, Any]] = [{"file": path, "column": column} for column in named]
        return [*ways, *([{"file": path, "columns": named[:2]}] if len(named) > 1 else [])]

    def _read(self) -> tuple[Float[ndarray, " sample"], ...]:
        if self.column is not None and self.columns is not None:
            raise ValueError("give column (on the line) or columns (on the plane), not both")
        wanted = [self.column or 0] if self.columns is None else list(self.columns)
        named = any(isinstance(column, str) for column in wanted)
        read = _READERS.get(self.file.suffix)
        if read is None:
            raise ValueError(f"file {self.file} must end in .npy or .csv")
        table, names = read(self.file, named)
        _check_layout(table, self.file)
        count = table.shape[1]
        if self.column is None and self.columns is None and count > 1:
            raise ValueError(
                f"file {self.file} has {count} columns: say column: 0 for one of them (the line)"
                " or columns: [0, 1] for two (the plane)"
            )
        found = tuple(table[:, _number(column, count, names, self.file)] for column in wanted)
        for column, values in zip(wanted, found, strict=True):
            if not _can_be_learnt(values):
                raise ValueError(
                    f"column {column} of file {self.file} must hold at least two different finite numbers, nothing else"
                )
            if self.bandwidth is not None and self.bandwidth < np.finfo(np.float32).eps * np.abs(values).max():
                raise ValueError(f"bandwidth {self.bandwidth:g} is finer than single precision tells the values apart")
        return found

    @cached_property
    def values(self) -> Float[ndarray, "sample ..."]:
        """The numbers, shape (sample,) on the line and (sample, 2) on the plane."""
        return self.content[0] if self.columns is None else np.stack(self.content, axis=1)

    @cached_property
    def law(self) -> LineDistribution | PlaneDistribution:
        """The kernel density in the dimension that the columns ask for."""
        return _kernels(self._points, self._bandwidths, self.units.scale)

    @cached_property
    def standard(self) -> Distribution:
        """The same of the standardised numbers, if they are to be."""
        units = self.units
        return _kernels(units.standard(self._points), self._bandwidths / units.scale) if units.scale else self.law

    @cached_property
    def units(self) -> Units:
        """Mean and standard deviation of each column, if the numbers are to be standardised."""
        if not self.standardize:
            return OWN
        return Units(tuple(self._points.mean(0).tolist()), tuple(self._points.std(0).tolist()))

    @property
    def _points(self) -> Float[ndarray, "sample dim"]:
        return np.stack(self.content, axis=1)

    @property
    def _bandwidths(self) -> Float[ndarray, " dim"]:
        count = len(self.content[0])
        rule = 0.9 * count**-0.2 if self.columns is None else count ** (-1 / 6)
        return np.array([self.bandwidth or rule * robust_spread(values) for values in self.content])


def _kernels(
    points: Float[ndarray, "sample dim"], stds: Float[ndarray, " dim"], lengths: tuple[float, ...] = ()
) -> LineDistribution | PlaneDistribution:
    """Return the kernel density of points; `lengths` of their coordinates count as equally long."""
    if points.shape[1] == 1:
        return LineKernels(values=points[:, 0], kernel_std=float(stds[0]))
    x, y = stds.tolist()
    return PlaneKernels(values=points, kernel_stds=(x, y), scales=lengths or (1.0, 1.0))


def _load(path: Path) -> ndarray:
    try:
        # Mapped, so that the header is checked against the size of the file before memory is asked for.
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a header is a piece of Python, in which anything may be wrong
        raise ValueError(f"file {path} holds no array that NumPy can read ({shortened(error)})") from None
    if not isinstance(table, ndarray):
        table.close()
        several = f"file {path} must hold one array of real numbers, not several arrays"
        raise ValueError(several)  # noqa: TRY004 - of a file, not of an argument
    if table.dtype.kind not in "biuf":
        raise ValueError(f"file {path} must hold one array of real numbers, not {shortened(table.dtype)}")
    return table


def _from_npy(path: Path, named: bool) -> tuple[Float[ndarray, "row column"], list[str]]:
    """Return a table and no names; `named` as for a .csv, but an array has no header."""
    table = _load(path)
    if table.size < 2:
        raise ValueError(f"file {path} must hold at least two different numbers")
    with np.errstate(over="ignore"):  # what is infinite then is refused
        return np.array(table.reshape(len(table), -1), dtype=np.float64), []


def _from_csv(path: Path, named: bool) -> tuple[Float[ndarray, "row column"], list[str]]:
    """Return a table and its columns' names; its first line is a header if any is `named`, or if it looks like one.

    It does where a column is all numbers but for its first entry, which is a word: not `nan` or `1e400`, which are
    numbers (if none that can be learnt), nor what stands for a number that is missing.
    """
    import pandas as pd

    _check_lines(path)
    try:
        with open_regular(path, MOST_DATA_BYTES) as file:
            first = pd.read_csv(file, header=None, nrows=1, dtype=str).iloc[0]
            file.seek(0)
            frame = pd.read_csv(file, header=None, low_memory=False)
    except ValueError as error:
        text = shortened(str(error).strip())
        raise ValueError(f"file {path} is no table of columns separated by commas ({text})") from None
    numbers = np.stack([pd.to_numeric(frame[key], errors="coerce").to_numpy(np.float64) for key in frame], axis=1)
    words = np.array([isinstance(entry, str) and not _is_number(entry) for entry in first])
    looks_like_header = len(numbers) > 1 and bool((words & np.isfinite(numbers[1:]).all(axis=0)).any())
    if looks_like_header or named:
        return numbers[1:], ["" if pd.isna(name) else name.strip() for name in first]
    return numbers, []


_READERS = {".npy": _from_npy, ".csv": _from_csv}


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"


def _can_be_learnt(values: Float[ndarray, " sample"]) -> bool:
    return bool(len(values) >= 2 and np.isfinite(values).all() and values.min() != values.max())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_layout(table: Float[ndarray, "row column"], path: Path) -> None:
    """Raise ValueError where samples seem to lie along the rows: one or two rows of more than a hundred numbers."""
    rows, columns = table.shape
    if rows <= 2 and columns > 100:
        raise ValueError(
            f"file {path} has {rows} rows of {columns} numbers and looks transposed: write a sample a row (array.T)"
        )


def _check_lines(path: Path) -> None:
    """Raise ValueError where numbers are separated by semicolons or tabs, or all stand in one line."""
    with open_regular(path, MOST_DATA_BYTES) as file:
        start = [file.readline(_LONGEST_LINE).decode("utf-8", "replace") for _ in range(2)]
    if max(map(len, start)) >= _LONGEST_LINE:
        raise ValueError(f"file {path} has a line of {_LONGEST_LINE:,} characters or more: write a sample a line")
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if re.search(rf'[\d"]\s*{sign}\s*["\d.+-]', start[1] or start[0]):
            raise ValueError(f"file {path} has its columns separated by {name}; separate them by commas")


def _number(column: int | str, count: int, names: list[str], path: Path) -> int:
    """Return the number of a column that was asked for by number or by name."""
    if isinstance(column, int):
        if column < 0:
            raise ValueError(f"column {column}: columns count from 0")
        if column >= count:
            raise ValueError(f"{path} has {count} columns, so no column {column} (they count from 0)")
        return column
    if path.suffix == ".npy":
        raise ValueError(f"{path} has no named columns; give column as a number")
    if column not in names:
        raise ValueError(f"{path} has no column {shown(column)}; it has {listed(names)}")
    return names.index(column)
