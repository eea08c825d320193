"""How long, on what, and for which seeds to train, as a scenario says it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, PositiveInt

from gandyn.core.messages import listed, shown

__all__ = ["MOST_STEPS", "Seed", "TrainOptions"]

MOST_SEEDS = 4096
MOST_STEPS = 10**9
_LARGEST_SEED = 2**63 - 1  # recordings keep seeds in 64 bits

Seed = Annotated[int, Field(ge=0, le=_LARGEST_SEED)]


def _different(seeds: list[int]) -> list[int]:
    if twice := sorted(seed for seed, count in Counter(seeds).items() if count > 1):
        raise ValueError(f"seeds must differ; {listed(twice)} stands there more than once")
    return seeds


def _count_or_list(value: object) -> object:
    count = len(value) if isinstance(value, list) else value if type(value) is int else 0
    if count > MOST_SEEDS:
        told = f"{count:,}" if count < 10**18 else shown(count)
        raise ValueError(f"seeds: {told} are too many (at most {MOST_SEEDS:,}); train them in several runs")
    if type(value) is int and value < 1:
        raise ValueError(f"must be at least 1, got {shown(value)}")
    return list(range(value)) if type(value) is int else value


class TrainOptions(BaseModel):
    """How long, on what, and for which seeds to train."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: NonNegativeInt = Field(
        2000, le=MOST_STEPS, description="steps, in each of which both players move; 0 records the initial state alone"
    )
    batch_size: PositiveInt = Field(256, le=1_000_000, description="samples of each kind in one update")
    seeds: Annotated[
        list[Seed],
        AfterValidator(_different),
        BeforeValidator(_count_or_list, json_schema_input_type=list[Seed] | PositiveInt),
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
