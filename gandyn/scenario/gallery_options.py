"""What a scenario says of itself for the gallery: the `gallery:` part of a scenario."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["QUESTIONS", "GalleryOptions", "Question"]

Question = Literal["it_works", "it_collapses", "the_cure", "why", "on_images", "for_slides", "more"]

_HEADINGS: tuple[str, ...] = (
    "It works",
    "It collapses",
    "The cure",
    "Why",
    "On images",
    "For your slides",
    "More",
)

QUESTIONS: dict[Question, str] = dict(zip(get_args(Question), _HEADINGS, strict=True))
"""The gallery's sections, in their order, and what stands above each."""


class GalleryOptions(BaseModel):
    """Where a scenario stands in the gallery, and what is said of its picture there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shown: bool = Field(True, description="whether a gallery of the scenario's whole folder shows it")
    question: Question = Field(
        "more",
        description="what the picture answers, and so the section it stands in: it_works, it_collapses, the_cure, why, "
        "on_images, for_slides or more",
    )
    order: int = Field(
        100,
        ge=0,
        le=10_000,
        description="place among the pictures of its section, the lowest first; the gallery's very first "
        "is shown large",
    )
    say: str = Field(
        "", max_length=500, description="one sentence to say while the picture is shown; the caption unless given"
    )
