"""Stories: what the frames of an animation tell, by the names that `animation.story` takes."""

from __future__ import annotations

from collections.abc import Mapping

from gandyn.rendering.figures.before_after import BeforeAfter
from gandyn.rendering.figures.figure import Figure
from gandyn.rendering.figures.morph import Morph
from gandyn.rendering.figures.slow_motion import SlowMotion
from gandyn.rendering.figures.talk import TalkFigure
from gandyn.rendering.figures.walk import WalkFigure

__all__ = ["STORIES"]

STORIES: Mapping[str, type[Figure]] = {
    "training": TalkFigure,
    "step": SlowMotion,
    "before_after": BeforeAfter,
    "morph": Morph,
    "walk": WalkFigure,
}
"""The page that tells each story; in the lab layout training is told by another with more panels."""
