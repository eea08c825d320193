"""What an animation can be told: the `animation:` part of a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gandyn.core.errors import UsageError
from gandyn.core.files import located
from gandyn.core.messages import shortened, shown
from gandyn.rendering import panels as panel_catalogue
from gandyn.rendering.notes import NoteTexts
from gandyn.rendering.theme import theme

__all__ = ["STORY_RECORDS", "AnimationOptions", "PictureOptions"]


def _known_theme(name: str) -> str:
    try:
        return theme(name).name
    except UsageError as error:
        raise ValueError(str(error)) from None


def _known_panel(name: str) -> str:
    try:
        return panel_catalogue.known(name)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _fits(size: tuple[int, int]) -> tuple[int, int]:
    width, height = size
    if not (320 <= width <= 3840 and 180 <= height <= 2160):
        raise ValueError(f"{width} x {height} pixels is outside what can be drawn (320 x 180 to 3840 x 2160)")
    return size


def _pixels(value: Any) -> Any:
    if isinstance(value, str) and value.count("x") == 1:
        return [part.strip() for part in value.split("x")]
    return value


def _step_or_end(value: Any) -> Any:
    step = type(value) is int and 0 <= value <= 10**9
    if not step and value not in ("first", "end"):
        raise ValueError(f"expected a step such as 170, or first, or end, got {shown(value)}")
    return value


_PANELS = (
    "pictures shown, by name; unless given those that show the recording best. layout: talk takes one or two main "
    "pictures and up to two panels beside them, layout: lab up to nine"
)


STORY_RECORDS: Mapping[str, Mapping[str, Any]] = {"step": {"sub_steps": 3, "gradients": True}}
"""Options of `record` that a scenario which asks for a story has unless it says otherwise."""

_LOOPS = ("morph", "walk")
"""Stories that can end where they began."""


class PictureOptions(BaseModel):
    """How any animation is drawn: pace, size and theme."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fps: float = Field(20.0, gt=0, le=100, description="frames per second")
    hold: float = Field(3.0, ge=0, le=60, description="how long the last frame stays, in seconds")
    size: Annotated[tuple[int, int], BeforeValidator(_pixels), AfterValidator(_fits)] = Field(
        (960, 540), description="width and height in pixels, 320 x 180 to 3840 x 2160"
    )
    theme: Annotated[str, AfterValidator(_known_theme)] = Field(
        "talk-light", description="look of the picture: talk-light, talk-dark or paper"
    )
    big: bool = Field(False, description="still larger type, for the back row")


class AnimationOptions(PictureOptions):
    """How a recording is drawn: length, size, theme and panels."""

    frames: int = Field(120, ge=1, le=100_000, description="number of pictures")
    pace: Literal["change", "even", "log"] = Field(
        "change",
        description="which steps are shown: change, so that each frame brings about the same amount of it; even, "
        "spread evenly over training; log, closer together at its beginning",
    )
    hold_first: float = Field(1.5, ge=0, le=60, description="how long the first frame stays, in seconds")
    notes: NoteTexts = Field(
        {},
        description="captions by the step at which they come, with a short pause; each stays until the next, in place "
        "of the scenario's caption: {0: text, 170: text, end: text}",
    )
    poster_step: Annotated[int | Literal["first", "end"], BeforeValidator(_step_or_end)] = Field(
        "end", description="the step that a still and the poster show: a step, first, or end"
    )
    layout: Literal["talk", "lab"] = Field(
        "talk",
        description="talk: one main picture and at most two plain numbers, in large type; lab: all panels, for study",
    )
    big: bool = Field(False, description="still larger type, for the back row (layout: talk)")
    panels: Annotated[
        Annotated[Sequence[Annotated[str, AfterValidator(_known_panel)]], Field(min_length=1, max_length=9)] | None,
        BeforeValidator(_as_list),
    ] = Field(None, description=_PANELS)
    story: Literal["training", "step", "morph", "before_after", "walk"] = Field(
        "training",
        description="what the frames tell: training, step by step; step, the first steps update by update, in slow "
        "motion, and then the rest, fast; morph, the last generator carrying the latent "
        "space to the data; before_after, the first and the last step beside each other; walk, one image that grows up "
        "and then walks between the latents of others",
    )
    loop: bool = Field(
        False,
        description="whether the way goes there and back, so that the last frame is the first (story: morph), or "
        "whether the walk is all there is (story: walk)",
    )
    header: bool = Field(True, description="whether there are title and caption (story: morph and walk, layout: lab)")
    transparent: bool = Field(
        False,
        description="no ground, for a slide with a colour of its own: .webp and .apng, of .gif whole pixels alone; "
        "choose the theme that is as light or dark as the slide",
    )
    beside: Annotated[tuple[Path, ...], BeforeValidator(_as_list)] = Field(
        (), max_length=3, description="other scenarios drawn beside this one, relative to the scenario's folder"
    )
    heading: str = Field(
        "",
        max_length=60,
        description="what stands above this one where several are drawn side by side; what differs unless all have one",
    )
    seed: int | None = Field(None, description="which seed the single-seed panels show; the first where none is named")
    first_step: int | None = Field(
        None, ge=0, le=10**9, description="step the animation begins at; the first recorded one by default"
    )
    last_step: int | None = Field(
        None, ge=0, le=10**9, description="step the animation ends at; the last recorded one by default"
    )

    @field_validator("beside", mode="after")
    @classmethod
    def _beside_the_scenario(cls, files: tuple[Path, ...], info: ValidationInfo) -> tuple[Path, ...]:
        folder = (info.context or {}).get("folder")
        if folder is None:
            return files
        try:
            return tuple(located(file, Path(folder)) for file in files)
        except OSError as error:
            raise ValueError(f"cannot find {shortened(error.filename)}: {error.strerror}") from None

    @model_validator(mode="after")
    def _in_order(self) -> AnimationOptions:
        if self.first_step is not None and self.last_step is not None and self.first_step > self.last_step:
            raise ValueError(f"first_step ({self.first_step}) comes after last_step ({self.last_step})")
        return self

    @model_validator(mode="after")
    def _a_loop_has_a_way(self) -> AnimationOptions:
        if self.loop and self.story not in _LOOPS:
            raise ValueError(f"loop: story: {self.story} has no way back (those that have: {', '.join(_LOOPS)})")
        return self
