"""The catalogue as people read it: every type that YAML can name, with its fields, their defaults and limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from gandyn.app.docstrings import first_line, paragraphs
from gandyn.core.catalog import Component, members
from gandyn.core.errors import UsageError
from gandyn.core.suggestions import nearest
from gandyn.games.base import Game
from gandyn.scenario.schema import KINDS, scenario_type, types_of

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Entry", "FieldEntry", "entries", "json_schema", "render"]

_SECTIONS = ("train", "record", "animation", "gallery")
_DIMENSIONS = {"line": 1, "plane": 2}
_NAMED = re.compile(r"((?:`\w+`(?:, )?)+): ")
"""Names of measures that a paragraph is about, at its beginning."""
_SYNONYMS = {"fid": "quality", "frechet": "fréchet"}
"""What people look for -> how it is written here."""


@dataclass(frozen=True)
class FieldEntry:
    """One field of a type: its name, default as YAML writes it (None if it must be given), and what it means."""

    name: str
    default: str | None
    values: str
    description: str


@dataclass(frozen=True)
class Entry:
    """One type of the catalogue.

    Attributes:
        kind: data, latent, network, ... or `section` for train, record, animation and gallery, or
            `panel`, `story`, `theme`, `measure`.
        name: what `type:` says.
        summary: one line.
        fields: its fields.
        text: its whole explanation behind that line, in paragraphs with a blank line between them.
        places: of panels and measures, where they are: line, plane, images.
    """

    kind: str
    name: str
    summary: str
    fields: tuple[FieldEntry, ...]
    text: str = ""
    places: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain values."""
        return asdict(self)


def entries(wanted: str | None = None) -> list[Entry]:
    """Return the catalogue, or the part of it that a word names: a kind, a type, or a section of the scenario.

    Where it names none of these, types are returned that have it in the name, the values or the description of fields,
    with these fields alone, or in their summary; and where there are none either, those that explain it.

    Raises:
        UsageError: there is no such word.
    """
    everything = list(_all())
    if wanted is None:
        return everything
    found = [entry for entry in everything if wanted in (entry.kind, f"{entry.kind}s")]
    found = found or [entry for entry in everything if entry.name == wanted]
    found = found or list(_mentioning(wanted, everything))
    found = found or [replace(entry, fields=()) for entry in everything if wanted.lower() in entry.text.lower()]
    if not found:
        kinds = dict.fromkeys(entry.kind for entry in everything)
        names = dict.fromkeys([*kinds, *(entry.name for entry in everything)])
        near = nearest(wanted, names)
        guess = "" if near is None else f"; did you mean {near!r}?"
        raise UsageError(f"the catalogue has no kind or type {wanted!r}{guess} (kinds: {', '.join(kinds)})")
    return found


def _mentioning(word: str, everything: Iterable[Entry]) -> Iterable[Entry]:
    """Yield the entries that speak of a word, with the fields that do."""
    told = {field.name for entry in everything if entry.kind == "game" for field in entry.fields}
    own = (one for one in _fields(scenario_type()) if "." not in one.name and one.name not in told)
    whole = Entry("section", "scenario", "", tuple(own))
    plain = _SYNONYMS.get(word.lower(), word.lower())
    for entry in (whole, *everything):
        fields = tuple(
            field for field in entry.fields if plain in f"{field.name} {field.values} {field.description}".lower()
        )
        if fields or plain in f"{entry.name} {entry.summary}".lower():
            yield replace(entry, fields=fields)


def _all() -> Iterable[Entry]:
    kinds: dict[str, type[Component]] = {"game": Game, **KINDS}
    for kind, base in kinds.items():
        for name, cls in types_of(base).items():
            yield Entry(kind, name, first_line(cls), tuple(_fields(cls)), _text(cls))
    for section in _SECTIONS:
        annotation = scenario_type().model_fields[section].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield Entry("section", section, first_line(annotation), tuple(_fields(annotation)), _text(annotation))
    yield from _pictures()
    yield from _measures()


def _pictures() -> Iterable[Entry]:
    from gandyn.rendering import panels
    from gandyn.rendering.figures.stories import STORIES
    from gandyn.rendering.theme import THEMES

    for name in panels.names():
        kinds = {panels.find(name, dim): place for place, dim in _DIMENSIONS.items() if name in panels.names(dim, True)}
        text = [_text(kind) for kind in kinds]
        if len(kinds) > 1:  # another panel of the same name on the plane
            text = [f"On the {place}: {first_line(kind)}\n\n{_text(kind)}".strip() for kind, place in kinds.items()]
        yield Entry("panel", name, first_line(panels.find(name)), (), "\n\n".join(text), _places_of(name))
    for name, page in STORIES.items():
        yield Entry("story", name, first_line(page), (), _text(page))
    for name in THEMES:
        yield Entry("theme", name, "", ())


def _places_of(panel: str) -> tuple[str, ...]:
    """Return where a panel has something to draw: what it needs is measured there."""
    from gandyn.rendering import panels

    found = []
    for place, dim in {**_DIMENSIONS, "images": 2}.items():
        if panel not in panels.names(dim, True) or (panels.find(panel, dim).images and place != "images"):
            continue
        needs = panels.find(panel, dim).needs
        if all(place in _measured().get(need, (place,)) for need in needs):
            found.append(place)
    return tuple(found)


@cache
def _measured() -> dict[str, tuple[str, ...]]:
    """Return where each measure is found, by name."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in _measures():
        found[entry.name] = (*found.get(entry.name, ()), *entry.places)
    return found


def _measures() -> Iterable[Entry]:
    from gandyn.recording.probes.base import Probe
    from gandyn.recording.training_numbers import TrainingNumbers

    sources: list[type[TrainingNumbers] | type[Probe]] = [TrainingNumbers, *members(Probe).values()]
    for source in sources:
        for measure in source.measures:
            unit = f" [{measure.units}]" if measure.units not in ("", "1") else ""
            text = "\n\n".join(_said_of(measure.name, paragraphs(source)))
            yield Entry("measure", measure.name, f"{measure.about}{unit}", (), text, measure.places)


def _said_of(name: str, told: Iterable[str]) -> Iterable[str]:
    """Yield what is said of a measure: paragraphs that begin with its name, among others, and those with no name."""
    for paragraph in told:
        named = _NAMED.match(paragraph)
        if named is None:
            yield paragraph
        elif f"`{name}`" in named[1]:
            yield paragraph[named.end() :]


def _text(cls: type) -> str:
    return "\n\n".join(paragraphs(cls))


def _fields(model: type[BaseModel], prefix: str = "") -> Iterable[FieldEntry]:
    properties = model.model_json_schema()
    for name, field in model.model_fields.items():
        if name == "type":
            continue
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _fields(annotation, f"{prefix}{name}.")
            continue
        schema = properties["properties"].get(name, {})
        default = None if field.default is PydanticUndefined else _yaml(field.default)
        yield FieldEntry(f"{prefix}{name}", default, _values(schema), field.description or "")


def _values(schema: dict[str, Any]) -> str:
    """Say which values a JSON Schema allows, briefly."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_values(choice) for choice in schema["anyOf"]))
    kind = schema.get("type", "")
    if kind == "array":
        inner = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        return f"list of {_values(inner)}" if isinstance(inner, dict) and inner else "list"
    words = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "true | false",
        "null": "null",
        "object": "mapping",
    }
    limits = [
        f"{sign} {schema[key]:g}"
        for key, sign in (("exclusiveMinimum", ">"), ("minimum", ">="), ("exclusiveMaximum", "<"), ("maximum", "<="))
        if key in schema
    ]
    return " ".join([str(words.get(kind, kind)), ", ".join(limits)]).strip()


def _yaml(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_yaml(item) for item in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def json_schema(model: type[BaseModel] | None = None, title: str = "gandyn scenario") -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, or of another, for completion and checks in editors.

    Args:
        model: what the file holds; a scenario unless given.
        title: what it is called.
    """
    schema = (model or scenario_type()).model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = title
    # A section with a usual type may leave `type` out.
    for name, part in schema.get("$defs", {}).items():
        part.pop("title", None)
        if "type" in part.get("properties", {}) and name not in _without_usual_type():
            part["required"] = [key for key in part.get("required", []) if key != "type"]
    return schema


def _without_usual_type() -> set[str]:
    return {cls.__name__ for kind in ("data", "layer") for cls in members(KINDS[kind]).values()}


def render(found: list[Entry], wanted: str | None = None) -> Iterable[RenderableType]:
    """Yield what `gandyn catalog` prints: one line a type if there are many, all fields if there are few.

    Args:
        found: what `entries` returned.
        wanted: the word it was asked for; where that is neither a kind nor a type, one line a field that mentions it.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    listed = wanted is None or any(wanted in (one.kind, f"{one.kind}s") for one in found)
    if not listed and not any(wanted == one.name for one in found):
        yield from _places(found)
        return
    if wanted is None:
        for kind in dict.fromkeys(entry.kind for entry in found):
            table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
            table.add_column(style="bold", no_wrap=True, min_width=18)
            table.add_column()
            for entry in found:
                if entry.kind == kind:
                    table.add_row(entry.name, _one_line(entry))
            yield Text(f"\n{kind}", style="bold cyan")
            yield table
        yield Text(
            "\ngandyn catalog KIND or TYPE tells more, for example: gandyn catalog gaussian_mixture", style="dim"
        )
        return
    for entry in found:
        place = f" ({', '.join(entry.places)})" if entry.places else ""
        yield Text.assemble((f"\n{entry.name}", "bold"), f"  ({entry.kind})  {entry.summary}", (place, "dim"))
        if entry.text and not listed:
            yield Text(f"\n{entry.text}\n")
        if entry.fields:
            table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
            for title in ("field", "default", "values", ""):
                table.add_column(title, overflow="fold")
            for field in entry.fields:
                table.add_row(field.name, field.default or "(to be given)", field.values, field.description)
            yield table


def _places(found: list[Entry]) -> Iterable[RenderableType]:
    """Yield one line for each field, or type, that mentions a word."""
    from rich.text import Text

    for entry in found:
        place = "" if entry.name == "scenario" else f"{entry.name}." if entry.kind == "section" else f"{entry.name}: "
        kind = "" if entry.kind == "section" else f"{entry.kind} "
        for field in entry.fields:
            about = f"  {field.values}" + (f"  {field.description}" if field.description else "")
            yield Text.assemble(kind, (f"{place}{field.name}", "bold"), (about, "dim"))
        if not entry.fields:
            yield Text.assemble(kind, (entry.name, "bold"), (f"  {entry.summary}", "dim"))


def _one_line(entry: Entry) -> Any:
    from rich.text import Text

    fields = ", ".join(f"{f.name}={f.default}" if f.default is not None else f.name for f in entry.fields)
    parts = [entry.summary, ("\n" if entry.summary and fields else ""), (fields, "dim")]
    return Text.assemble(*[part for part in parts if part])
