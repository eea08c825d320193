"""What a recording holds, as a scenario says it."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveInt, field_validator, model_validator

__all__ = ["GridOptions", "RecordOptions"]


class GridOptions(BaseModel):
    """The grid that densities and the discriminator are recorded on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cells: PositiveInt = Field(512, ge=8, le=65536, description="number of equal cells")
    low: FiniteFloat | None = Field(None, description="left end; chosen from the data if left out")
    high: FiniteFloat | None = Field(None, description="right end; chosen from the data if left out")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low must be less than high, not {self.low} and {self.high}")
        return self


class RecordOptions(BaseModel):
    """How often and how finely to record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: PositiveInt = Field(1, description="record every so many steps, beginning with step 0")
    grid: GridOptions = Field(default_factory=GridOptions)
    latent_cells: PositiveInt = Field(512, ge=96, le=16384, description="cells of a one-dimensional latent lattice")
    latent_points: PositiveInt = Field(4096, ge=16, le=65536, description="Sobol points of a larger latent")

    @field_validator("latent_points")
    @classmethod
    def _power_of_two(cls, points: int) -> int:
        if points & (points - 1):
            raise ValueError(f"must be a power of two (Sobol sets are balanced only then), not {points}")
        return points
