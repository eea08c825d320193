"""Every word that a command line can hold, for completion: gathered once from the catalogue, and kept in the cache.

Gathering takes as long as importing torch; reading it again some milliseconds.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["Vocabulary", "vocabulary"]


class Vocabulary(NamedTuple):
    """The words there are.

    Attributes:
        keys: what `--set` takes, dotted, with the values that can be listed; else the one there is without it.
        kinds: of the catalogue, and the types, panels and themes in it.
        data: types of data.
        layers: types of layers.
        animated: suffixes of pictures that move.
        still: suffixes of those that do not.
    """

    keys: dict[str, list[str]]
    kinds: list[str]
    data: list[str]
    layers: list[str]
    animated: list[str]
    still: list[str]


def vocabulary() -> Vocabulary:
    """Return the words there are, as they were gathered since gandyn was last changed; none where it lacks packages."""
    stamp, file = _stamp(), _cache() / "vocabulary.json"
    with suppress(OSError, ValueError, TypeError):
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept.pop("stamp") == stamp:
            return Vocabulary(**kept)
    try:
        found = _gathered()
    except ImportError:
        return Vocabulary({}, [], [], [], [], [])
    with suppress(OSError):
        _keep(file, json.dumps({**found._asdict(), "stamp": stamp}))
    return found


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gandyn"


def _stamp() -> str:
    """Return what changes with any of the package's files."""
    package = Path(__file__).parents[1]
    found = [entry for folder, _, names in os.walk(package) for entry in (Path(folder, name) for name in names)]
    times = [entry.stat().st_mtime_ns for entry in found if entry.suffix == ".py"]
    return f"{package} {len(times)} {max(times)}"


def _keep(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as part:
        part.write(text)
    os.replace(part.name, file)


def _gathered() -> Vocabulary:
    from gandyn.app.new_scenario import data_types
    from gandyn.core.catalog import members
    from gandyn.recording.probes.base import Probe
    from gandyn.rendering import panels
    from gandyn.rendering.encoders.output import ANIMATED, STILL
    from gandyn.rendering.figures.stories import STORIES
    from gandyn.rendering.theme import THEMES
    from gandyn.scenario.schema import KINDS, scenario_type

    named = {kind: list(members(base)) for kind, base in KINDS.items()}
    named |= {"panel": panels.names(), "story": list(STORIES), "theme": list(THEMES)}
    named["measure"] = [measure.name for probe in members(Probe).values() for measure in probe.measures]
    keys = dict(_keys(scenario_type(), ()))
    keys |= {"animation.theme": named["theme"], "animation.panels": named["panel"]}
    kinds = list(dict.fromkeys([*named, *(name for names in named.values() for name in names)]))
    return Vocabulary(keys, kinds, list(data_types()), named["layer"], list(ANIMATED), list(STILL))


def _keys(model: type[BaseModel], prefix: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Yield every key of a model and its sections, of items of lists the first."""
    from gandyn.scenario.annotations import is_container, models_of, step_into, type_name

    for name, field in model.model_fields.items():
        place, inner = (*prefix, name), field.annotation
        if is_container(inner) and models_of(step_into(inner, 0)):
            place, inner = (*place, "0"), step_into(inner, 0)
        choices = models_of(inner)
        if any("type" in choice.model_fields for choice in choices):
            yield ".".join((*place, "type")), [type_name(choice) for choice in choices]
        for choice in choices:
            yield from ((key, values) for key, values in _keys(choice, place) if not key.endswith(".type"))
        if not choices and name != "type":
            yield ".".join(place), _values(inner, field.default)


def _values(annotation: Any, default: Any) -> list[str]:
    """Return the values that can be listed, or the one that holds where nothing is said, if it is a plain one."""
    from typing import Literal, get_args, get_origin

    if annotation is bool:
        return ["true", "false"]
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    return [f"{default:g}" if isinstance(default, float) else str(default)] if isinstance(default, int | float) else []
