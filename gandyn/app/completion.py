"""What a shell offers at the tab key. Everything here is light: it runs at every press of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from gandyn.app.vocabulary import vocabulary

__all__ = ["mend", "offered"]

_BEFORE = "_GANDYN_BEFORE"
"""What bash has cut off the word that is completed: it takes `key=value` for three words."""
_DEEPEST, _MOST = 3, 2000
_SIZES = ("1280x720", "1920x1080", "960x540")


def offered(words: str, key: str, incomplete: str) -> list[str]:
    """Return what completes a word.

    Args:
        words: what is to be completed, by the name of the function here that knows about it.
        key: of a scenario, whose `values` are asked for.
        incomplete: what is typed of it.
    """
    with suppress(Exception):  # at the tab key nobody wants to read of a defect
        return values(key, incomplete) if words == "values" else _WORDS[words](incomplete)
    return []


def values(key: str, incomplete: str) -> list[str]:
    """Return the values of a key; where several can be given, after a comma, those that are not there yet."""
    known = list(_SIZES) if key == "animation.size" else vocabulary().keys.get(key, [])
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{value}" for value in known if value.startswith(last) and value not in taken]


def settings(incomplete: str) -> list[str]:
    """Return keys that can be set, section by section, and the values of one that is whole."""
    before = os.environ.get(_BEFORE, "")
    word = before + incomplete
    keys = vocabulary().keys
    name, equals, _ = word.partition("=")
    if equals:
        found = [f"{name}={value}" for value in keys.get(name, ())]
    else:
        found = list(_next(word, [key for key in keys if key.startswith(word)]))
        if len(found) == 1 and found[0] in keys:  # a shell would put a space behind the only one
            found = [f"{found[0]}={value}" for value in keys[found[0]] or [""]]
    return [one.removeprefix(before) for one in found if one.startswith(word)]


def _next(word: str, keys: Sequence[str]) -> Iterable[str]:
    """Return what keys come to up to their next dot; up to a later one where they agree to there."""
    depth = word.count(".") + 1
    while True:
        found = dict.fromkeys(key if key.count(".") < depth else f"{'.'.join(key.split('.')[:depth])}." for key in keys)
        if len(found) != 1 or not next(iter(found)).endswith("."):
            return found
        depth += 1


def sources(incomplete: str) -> list[str]:
    """Return scenario files and recordings."""
    return [*scenarios(incomplete), *recordings(incomplete)]


def scenarios(incomplete: str) -> list[str]:
    """Return scenario files here and in folders below."""
    return sorted(os.fspath(path) for path in _below(_folder(incomplete), _DEEPEST) if path.suffix in (".yaml", ".yml"))


def layers(incomplete: str) -> list[str]:
    """Return layers that can be explained, and files."""
    return [*(name for name in vocabulary().layers if name.startswith(incomplete)), *scenarios(incomplete)]


def recordings(incomplete: str) -> list[str]:
    """Return recordings here and in folders below."""
    return sorted(os.fspath(path) for path in _below(_folder(incomplete), _DEEPEST) if _is_recording(path))


def data(incomplete: str) -> list[str]:
    """Return types of data; files are what a shell knows itself."""
    return vocabulary().data


def catalogue(incomplete: str) -> list[str]:
    """Return the words that `gandyn catalog` knows."""
    return vocabulary().kinds


def pictures(incomplete: str) -> list[str]:
    """Return names of pictures, a suffix each."""
    words = vocabulary()
    return _named(incomplete, [*words.animated, *words.still])


def figures(incomplete: str) -> list[str]:
    """Return names of figures, a suffix each."""
    return _named(incomplete, vocabulary().still)


_WORDS: dict[str, Callable[[str], list[str]]] = {
    "settings": settings,
    "sources": sources,
    "scenarios": scenarios,
    "layers": layers,
    "recordings": recordings,
    "data": data,
    "catalogue": catalogue,
    "pictures": pictures,
    "figures": figures,
}


def _named(incomplete: str, suffixes: Iterable[str]) -> list[str]:
    """Return what is written, with each suffix."""
    folder, name = os.path.split(incomplete)
    stem = name.partition(".")[0]
    return [os.path.join(folder, f"{stem}{suffix}") for suffix in suffixes] if stem else []


def _folder(incomplete: str) -> Path:
    return Path(os.path.dirname(incomplete) or ".")


def _is_recording(path: Path) -> bool:
    return (path / "journal.jsonl").is_file()


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Yield what lies in a folder and in those below, but for what is hidden and what lies in recordings."""
    waiting, seen = [(folder, depth)], 0
    while waiting and seen < _MOST:
        here, left = waiting.pop(0)
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            seen += 1
            path = Path(here, entry.name)
            yield path
            if left > 1 and entry.is_dir() and not _is_recording(path):
                waiting.append((path, left - 1))


def mend() -> None:
    """Put words together again that bash has taken apart at `=`, before they are read from the environment.

    Of the word that is completed bash replaces only what stands behind the sign; what stands before is kept apart.
    """
    if not os.environ.get("_GANDYN_COMPLETE", "").endswith("_bash"):
        return
    text, at = os.environ.get("COMP_WORDS", ""), int(os.environ.get("COMP_CWORD", "0"))
    words = text.split("\n" if "\n" in text else " ")
    words += [""] * (at + 1 - len(words))
    whole: list[str] = []
    for number, word in enumerate(words[: at + 1]):
        if number and "=" in (word, words[number - 1]):
            whole[-1] += word
        else:
            whole.append(word)
    before, equals, value = whole[-1].partition("=")
    if equals and not before.startswith("-"):
        os.environ[_BEFORE], whole[-1] = f"{before}=", value
    os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "\n".join(whole), str(len(whole) - 1)
