"""A user's own numbers as a distribution: columns of a file, smoothed by a stated Gaussian kernel."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field

from gandyn.catalog import PositiveFinite
from gandyn.distributions.base import EitherDistribution, LineDistribution, PlaneDistribution
from gandyn.distributions.files import FromFile
from gandyn.distributions.kernels import LineKernels, PlaneKernels, robust_spread

__all__ = ["Empirical"]


class Empirical(FromFile, EitherDistribution):
    """The numbers in a .npy or .csv file, each spread by a Gaussian kernel: one column of them, or two for the plane.

    The density is the kernel density estimate, and samples are drawn from exactly that density (a number picked at
    random plus kernel noise), so the data density in the picture is the one the discriminator is shown.

    References:
        Silverman, "Density Estimation for Statistics and Data Analysis", 1986 (rules of thumb for the bandwidth).
    """

    type: Literal["empirical"] = "empirical"
    file: Path = Field(Path("data.csv"), description=".npy or .csv, relative to the scenario's folder")
    column: int | str | None = Field(
        None, description="column number from 0, or its name in the header of a .csv; 0 if no columns are given"
    )
    columns: tuple[int | str, int | str] | None = Field(
        None, description="the columns of x and y, for a distribution on the plane"
    )
    bandwidth: PositiveFinite | None = Field(None, description="kernel std; Silverman's rule of thumb if left out")

    def _read(self) -> tuple[Float[ndarray, " sample"], ...]:
        if self.column is not None and self.columns is not None:
            raise ValueError("give column (on the line) or columns (on the plane), not both")
        wanted = [self.column or 0] if self.columns is None else self.columns
        found = tuple(_read(self.file, column) for column in wanted)
        if len({len(values) for values in found}) > 1:
            raise ValueError(f"columns {wanted[0]} and {wanted[-1]} of {self.file} are not equally long")
        return found

    @cached_property
    def values(self) -> Float[ndarray, "sample ..."]:
        """The numbers, shape (sample,) on the line and (sample, 2) on the plane."""
        return self.content[0] if self.columns is None else np.stack(self.content, axis=1)

    @cached_property
    def law(self) -> LineDistribution | PlaneDistribution:
        """The kernel density in the dimension that the columns ask for."""
        count = len(self.values)
        if self.columns is None:
            std = self.bandwidth or 0.9 * robust_spread(self.values) * count**-0.2
            return LineKernels(values=self.values, kernel_std=std)
        x, y = (self.bandwidth or robust_spread(values) * count ** (-1 / 6) for values in self.content)
        return PlaneKernels(values=self.values, kernel_stds=(x, y))


def _load(path: Path) -> ndarray:
    try:
        table = np.load(path, allow_pickle=False)
    except (EOFError, ValueError, BadZipFile) as error:
        raise ValueError(f"file {path} holds no array that NumPy can read ({error})") from None
    if not isinstance(table, ndarray) or table.dtype.kind not in "biuf":
        kind = str(table.dtype) if isinstance(table, ndarray) else "several arrays"
        raise ValueError(f"file {path} must hold one array of real numbers, not {kind}")
    return table


def _read(path: Path, column: int | str) -> Float[ndarray, " sample"]:
    if isinstance(column, int) and column < 0:
        raise ValueError(f"column {column}: columns count from 0")
    if path.suffix == ".npy":
        table = _load(path)
        if isinstance(column, str):
            raise ValueError(f"{path} has no named columns; give column as a number")
        if table.size < 2:
            raise ValueError(f"file {path} must hold at least two different numbers")
        table = table.reshape(len(table), -1)
        if column >= table.shape[1]:
            raise ValueError(f"{path} has {table.shape[1]} columns, so no column {column} (they count from 0)")
        values = table[:, column]
    elif path.suffix == ".csv":
        import pandas as pd

        frame = pd.read_csv(path, header=0 if isinstance(column, str) else None)
        if isinstance(column, str) and column not in frame.columns:
            raise ValueError(f"{path} has no column {column!r}; it has {', '.join(map(str, frame.columns))}")
        if isinstance(column, int) and column >= frame.shape[1]:
            raise ValueError(f"{path} has {frame.shape[1]} columns, so no column {column} (they count from 0)")
        chosen = frame[column] if isinstance(column, str) else frame.iloc[:, column]
        values = pd.to_numeric(chosen, errors="coerce").to_numpy()
        if isinstance(column, int) and len(values) and not np.isfinite(values[0]):
            values = values[1:]  # a header line
    else:
        raise ValueError(f"{path} must end in .npy or .csv")
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2 or not np.isfinite(values).all() or values.std() == 0:
        raise ValueError(f"column {column} of {path} must hold at least two different finite numbers and nothing else")
    return values
