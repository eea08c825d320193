"""Stories: what the frames of an animation tell, by the names that `animation.story` takes."""

from __future__ import annotations

from collections.abc import Mapping

from gandyn.rendering.before_after import BeforeAfter
from gandyn.rendering.morph import Morph
from gandyn.rendering.page import Page
from gandyn.rendering.slow_motion import SlowMotion
from gandyn.rendering.talk import TalkFigure
from gandyn.rendering.walk import WalkFigure

__all__ = ["STORIES"]

STORIES: Mapping[str, type[Page]] = {
    "training": TalkFigure,
    "step": SlowMotion,
    "before_after": BeforeAfter,
    "morph": Morph,
    "walk": WalkFigure,
}
"""The page that tells each story; in the lab layout training is told by another with more panels."""
