"""How long, on what, and for which seeds to train, as a scenario says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, PositiveInt

__all__ = ["TrainOptions"]

MOST_SEEDS = 4096


def _count_or_list(value: object) -> object:
    count = len(value) if isinstance(value, list) else value if type(value) is int else 0
    if count > MOST_SEEDS:
        raise ValueError(f"seeds: {count:,} are too many (at most {MOST_SEEDS:,}); train them in several runs")
    if type(value) is int and value < 1:
        raise ValueError(f"must be at least 1, got {value}")
    return list(range(value)) if type(value) is int else value


class TrainOptions(BaseModel):
    """How long, on what, and for which seeds to train."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: NonNegativeInt = Field(2000, description="updates of the generator; 0 records the initial state alone")
    batch_size: PositiveInt = Field(256, description="samples of each kind in one update")
    seeds: Annotated[
        list[NonNegativeInt],
        BeforeValidator(_count_or_list, json_schema_input_type=list[NonNegativeInt] | PositiveInt),
    ] = Field(
        [0], min_length=1, max_length=MOST_SEEDS, description="a list of seeds, or their number n for seeds 0 to n - 1"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="auto: a GPU for images where there is one; the CPU is faster on toys"
    )
    precision: Literal["auto", "float32", "bfloat16", "float64"] = Field(
        "auto",
        description="bfloat16: of convolutions alone; float64: of everything, to compare with theory to 12 digits; "
        "auto: bfloat16 on GPUs that have it, single precision elsewhere",
    )
    average: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="decay of a moving average over the generator's weights; the average is what is recorded"
    )
