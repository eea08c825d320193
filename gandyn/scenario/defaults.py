"""What a scenario means where it says nothing: sections, and the types of those that name none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gandyn.core.catalog import members
from gandyn.datasets.base import ImageDataset
from gandyn.games.base import Game
from gandyn.rendering.options import STORY_RECORDS
from gandyn.rendering.panels import find, names

__all__ = ["ADAM", "ALTERNATING", "GAME", "filled_in", "with_type"]

GAME = "gan"
"""What is played where nothing is said."""

ALTERNATING: Any = {"type": "alternating"}
ADAM: Any = {"type": "adam", "lr": 1e-3, "betas": [0.5, 0.999]}
_FOR_FINITE: Any = {"train": {"batch_size": 128}, "record": {"every": "auto"}}
"""What stands in place of the other defaults where the data are images, beside what the game has for them."""


def filled_in(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario's values with usual types named, and with the defaults that images have laid beneath them."""
    # `train:` with nothing under it is how YAML writes an empty section: it means the defaults.
    filled = {key: value for key, value in given.items() if value is not None or key == "data"}
    data, games = filled.get("data"), members(Game)
    game = games.get(str(filled.get("game", GAME)), games[GAME])
    if isinstance(data, Mapping) and data.get("type") in list(members(ImageDataset)):
        filled = _beneath(filled, {**game.for_finite, **_FOR_FINITE})
    for key, usual in {**game.usual_types, "dynamics": "alternating"}.items():
        if key in filled:
            filled[key] = with_type(filled[key], usual)
    asked = _to_be_drawn(filled.get("animation"))
    return _beneath(filled, {"record": asked}) if asked else filled


def _to_be_drawn(animation: Any) -> dict[str, Any]:
    """Return the options of `record` that what is to be drawn asks for; what is wrong there is told of elsewhere."""
    if not isinstance(animation, Mapping):
        return {}
    given, story = animation.get("panels"), animation.get("story")
    found: dict[str, Any] = dict(STORY_RECORDS.get(story, {}) if isinstance(story, str) else {})
    for name in [given] if isinstance(given, str) else given if isinstance(given, Sequence) else []:
        if name in names():
            found.update(find(name).records)
    return found


def _beneath(given: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Lay values over usual ones, section by section; a section of another type is taken as it stands."""
    found = {**usual, **given}
    for key, value in usual.items():
        over = given.get(key)
        if isinstance(value, Mapping) and isinstance(over, Mapping):
            found[key] = {**over} if over.get("type", value.get("type")) != value.get("type") else _beneath(over, value)
    return found


def with_type(section: Any, usual: str) -> Any:
    """Name the usual type in a section that gives fields but no type (`generator: {hidden: [64]}`)."""
    return {"type": usual, **section} if isinstance(section, Mapping) and "type" not in section else section
