"""The gallery's page for GitHub: one picture a row, a sentence, and the numbers in small print."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from gandyn.app.gallery.exhibits import Exhibit, arranged
from gandyn.core.messages import printable

__all__ = ["escaped", "readme"]

_HEAD = """# Gallery

Every picture is drawn by `gandyn gallery` from one scenario file; click it for that file.
[index.html](index.html), opened in a browser, has them as videos to pause and scrub, in light and in dark.
"""


def readme(exhibits: Sequence[Exhibit]) -> str:
    """Return the page, by question, the first picture first."""
    parts = [_HEAD]
    for heading, members in arranged(exhibits).items():
        parts.append(f"## {heading}\n")
        parts += [_row(exhibit) for exhibit in members]
    return "\n".join(parts)


def escaped(text: str) -> str:
    """Return text for HTML on one line: an empty line would end a block of HTML within Markdown."""
    return html.escape(" ".join(printable(text).split()))


def _row(exhibit: Exhibit) -> str:
    picture, source = quote(exhibit.media.picture.name), quote(exhibit.scenario)
    file = escaped(Path(exhibit.scenario).name)
    said = f"<p>{escaped(exhibit.say)}</p>\n" if exhibit.say else ""
    return (
        f"<h3>{escaped(exhibit.title)}</h3>\n"
        f"{said}"
        f'<p><a href="{source}"><img src="{picture}" width="100%" alt="{escaped(exhibit.alt)}"></a></p>\n'
        f'<p><sub>{escaped(exhibit.numbers)} · <a href="{source}">{file}</a></sub></p>\n'
    )
