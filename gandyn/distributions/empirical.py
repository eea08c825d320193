"""A user's own numbers as a distribution: a column of a file, smoothed by a stated Gaussian kernel."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field, ValidationInfo, model_validator
from scipy import special

from gandyn.catalog import PositiveFinite
from gandyn.distributions.base import LineDistribution, Modes

__all__ = ["Empirical"]

# Kernel centres after binning: fine enough that moving a point to its bin shifts it by at most a tenth of a bandwidth.
_BINS_PER_BANDWIDTH = 5


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


class Empirical(LineDistribution):
    """The numbers in a .npy or .csv file, each spread by a Gaussian kernel.

    The density is the kernel density estimate, and samples are drawn from exactly that density (a number picked at
    random plus kernel noise), so the data density in the picture is the one the discriminator is shown.

    References:
        Silverman, "Density Estimation for Statistics and Data Analysis", 1986 (rule of thumb for the bandwidth).
    """

    type: Literal["empirical"] = "empirical"
    file: Path = Field(Path("data.csv"), description=".npy or .csv, relative to the scenario's folder")
    column: int | str = Field(0, description="column number from 0, or its name in the header of a .csv")
    bandwidth: PositiveFinite | None = Field(None, description="kernel std; Silverman's rule of thumb if left out")
    sha256: str | None = Field(None, description="hash of the file; filled in when it is read, checked when given")

    @model_validator(mode="before")
    @classmethod
    def _relative_to_scenario(cls, fields: dict[str, object], info: ValidationInfo) -> dict[str, object]:
        folder = (info.context or {}).get("folder")
        if folder is not None and isinstance(fields, dict) and isinstance(fields.get("file"), str):
            fields = {**fields, "file": Path(folder) / str(fields["file"])}
        return fields

    @model_validator(mode="after")
    def _readable(self) -> Self:
        path = self.file.expanduser().resolve()
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            values = _read(path, self.column)
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror}") from None
        if self.sha256 not in (None, digest):
            raise ValueError(f"{path} has changed: its SHA-256 is {digest}")
        # A frozen model fills itself in once, so that a resolved scenario names the very bytes it was run on.
        self.__dict__.update(file=path, sha256=digest)
        self.__dict__["values"] = values
        return self

    @cached_property
    def values(self) -> Float[ndarray, " sample"]:
        """The numbers of the column."""
        return _read(self.file, self.column)

    @cached_property
    def kernel_std(self) -> float:
        """The bandwidth in use, in the units of the data."""
        if self.bandwidth is not None:
            return self.bandwidth
        quartiles = np.subtract(*np.quantile(self.values, [0.75, 0.25])) / 1.349
        spread = min(self.values.std(), quartiles) if quartiles > 0 else self.values.std()
        return float(0.9 * spread * len(self.values) ** -0.2)

    @cached_property
    def _kernels(self) -> tuple[Float[ndarray, " kernel"], Float[ndarray, " kernel"]]:
        centres, counts = np.unique(self._binned, return_counts=True)
        return centres, counts / len(self.values)

    @cached_property
    def _binned(self) -> Float[ndarray, " sample"]:
        width = self.kernel_std / _BINS_PER_BANDWIDTH
        return np.round(self.values / width) * width

    def _sum(self, function: object, x: Float[ndarray, "*batch"], sign: int = 1) -> Float[ndarray, "*batch"]:
        centres, weights = self._kernels
        t = sign * (np.asarray(x)[..., None] - centres) / self.kernel_std
        return function(t) @ weights  # type: ignore[operator]

    def pdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        norm = self.kernel_std * np.sqrt(2 * np.pi)
        return self._sum(lambda t: np.exp(-0.5 * t**2), x) / norm

    def cdf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._sum(special.ndtr, x)

    def sf(self, x: Float[ndarray, "*batch"]) -> Float[ndarray, "*batch"]:  # noqa: D102
        return self._sum(special.ndtr, x, sign=-1)

    def quantile(self, u: Float[ndarray, "*batch"], upper: bool = False) -> Float[ndarray, "*batch"]:
        """Return the quantile by bisection."""
        centres, _ = self._kernels
        reach = 40 * self.kernel_std  # float64's normal tail ends before 38.5
        low, high = np.full_like(u, centres.min() - reach), np.full_like(u, centres.max() + reach)
        return self.bisect(u, upper, low, high)

    def sample(self, rng: np.random.Generator, count: int) -> Float[ndarray, "count 1"]:
        """Draw numbers of the column with replacement, with the kernel's noise added."""
        picked = self._binned[rng.integers(len(self._binned), size=count)]
        return (picked + self.kernel_std * rng.standard_normal(count)).astype(np.float32)[:, None]

    def modes(self) -> Modes:
        """Return none: the bumps of an estimate depend on its bandwidth."""
        return Modes.none(1)
