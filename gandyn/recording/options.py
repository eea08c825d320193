"""What a recording holds, as a scenario says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    PositiveInt,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from gandyn.core.catalog import union
from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.distributions.windows import check_window
from gandyn.recording.views.base import View

__all__ = ["GridOptions", "RecordOptions"]

if TYPE_CHECKING:
    AnyView = View
else:
    AnyView = union(View)

End = FiniteFloat | Annotated[list[FiniteFloat], Field(min_length=1, max_length=2)] | None


def _both(end: End, dim: int) -> list[float | None]:
    """Return an end of the window for each coordinate."""
    return [*end] if isinstance(end, list) else [end] * dim


class GridOptions(BaseModel):
    """The grid that densities and the discriminator are recorded on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cells: PositiveInt | None = Field(
        None, ge=8, le=65536, description="number of equal cells along a side; 512 on the line, 64 on the plane"
    )
    low: End = Field(None, description="left end, or [x, y] of the lower left corner; chosen from the data if left out")
    high: End = Field(None, description="right end, or [x, y] of the upper right corner; chosen likewise")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        dim = max(len(_both(self.low, 1)), len(_both(self.high, 1)))
        lows, highs = _both(self.low, dim), _both(self.high, dim)
        if len(lows) != len(highs):
            raise ValueError(f"low and high must have as many coordinates, not {self.low} and {self.high}")
        for low, high in zip(lows, highs, strict=True):
            if low is not None and high is not None and not low < high:
                raise ValueError(f"low must be less than high, not {self.low} and {self.high}")
        return self

    def window(self, extent: Float[ndarray, "dim 2"]) -> list[tuple[float, float]]:
        """Return the window's ends along each coordinate; those left open are the data's extent.

        Raises:
            UsageError: a coordinate too few or too many, an end beyond the other, or a window that single precision
                does not resolve.
        """
        dim, found = len(extent), []
        lows, highs = _both(self.low, dim), _both(self.high, dim)
        if len(lows) != dim or len(highs) != dim:
            raise UsageError(f"record.grid: low and high take one number or {dim} here, not {self.low} and {self.high}")
        for (least, most), low, high in zip(extent.tolist(), lows, highs, strict=True):
            ends = least if low is None else low, most if high is None else high
            if not ends[0] < ends[1]:
                raise UsageError(
                    f"record.grid: low ({ends[0]:g}) must be less than high ({ends[1]:g}); one of them is the data's"
                )
            found.append(ends)
        if self.low is not None or self.high is not None:
            try:
                check_window(np.array(found), "the window")
            except ValueError as error:
                raise UsageError(f"record.grid: {error}") from None
        return found


_MOST_RECORDS = 10_000_000


def _number_or_auto(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Say of both what is allowed what is wrong with either."""
    try:
        return validate(value)
    except ValidationError:
        raise ValueError(
            f"expected a whole number greater than 0 and up to a billion, or auto, got {shown(value)}"
        ) from None


class RecordOptions(BaseModel):
    """How often and how finely to record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Annotated[Annotated[int, Field(gt=0, le=10**9)] | Literal["auto"], WrapValidator(_number_or_auto)] = Field(
        1,
        description="record every so many steps, beginning with step 0; auto, usual for images and for them alone: all "
        "at first, then ever fewer, as many as cost a twentieth of the time (400 at most)",
    )
    fields: bool = Field(
        True, description="densities, responses and maps for pictures; false records numbers alone, faster and smaller"
    )
    gradients: bool = Field(
        False,
        description="also the gradient that a generated sample would receive at each x of the line, for the panel "
        "`gradients`, which asks for it; on the plane it is known at the generated points",
    )
    sub_steps: int = Field(
        0,
        ge=0,
        le=10_000,
        description="first steps of training within which every single update is recorded too; on toys",
    )
    grid: GridOptions = Field(default_factory=GridOptions)
    latent_cells: PositiveInt | None = Field(
        None,
        ge=8,
        le=16384,
        description="cells along a side of the latent lattice: 512 on the line (at least 96), 36 on the plane",
    )
    latent_points: PositiveInt | None = Field(
        None,
        ge=16,
        le=65536,
        description="Sobol points of a latent with more coordinates than the data, 4096; of images, 1024 samples",
    )
    view: AnyView | None = Field(None, description="how images are looked at; by their first two principal components")
    samples: PositiveInt | None = Field(
        None,
        le=400,
        description="images that are recorded of the same latents at every step; 25, or a row of each class",
    )
    quality_every: PositiveInt | None = Field(
        None, le=10**9, description="steps between two measurements of digits' quality; ten records unless given"
    )
    quality_samples: PositiveInt = Field(5000, ge=100, le=60000, description="images that quality is measured on")

    def check_steps(self, steps: int) -> None:
        """Check that a run of so many steps makes no more records than find room.

        Raises:
            UsageError: it does.
        """
        if self.every != "auto" and steps // self.every > _MOST_RECORDS:
            least = -(-steps // _MOST_RECORDS)
            raise UsageError(f"every: {steps:,} steps make more than {_MOST_RECORDS:,} records; {least} is the least")
