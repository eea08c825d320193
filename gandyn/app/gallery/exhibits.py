"""One scenario in the gallery: its files, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gandyn.app.notes import divergence_note
from gandyn.app.report import percent_of, short_number
from gandyn.scenario.gallery_options import QUESTIONS, Question

__all__ = ["Exhibit", "Media", "arranged", "in_words"]


@dataclass(frozen=True)
class Media:
    """The files of one picture.

    Attributes:
        picture: the GIF, which plays everywhere.
        video: the MP4, which can be paused and scrubbed.
        poster: what is seen of the video before it plays.
        dark_video: the video for dark pages.
        dark_poster: and its poster.
        width: of all of them, pixels.
        height: of all of them, pixels.
    """

    picture: Path
    video: Path
    poster: Path
    dark_video: Path
    dark_poster: Path
    width: int
    height: int

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return self.picture, self.video, self.poster, self.dark_video, self.dark_poster

    @property
    def bytes(self) -> int:
        """Their size on disk, together."""
        return sum(file.stat().st_size for file in self.files)


@dataclass(frozen=True)
class Exhibit:
    """One scenario in the gallery.

    Attributes:
        name: the scenario's name.
        title: its title.
        say: one sentence to say while it is shown.
        scenario: its file, relative to the gallery.
        media: its picture, as GIF and as videos.
        numbers: the final numbers, in words.
        question: the section it stands in.
        order: its place there.
    """

    name: str
    title: str
    say: str
    scenario: str
    media: Media
    numbers: str
    question: Question
    order: int

    @property
    def alt(self) -> str:
        """What is said to those who do not see the picture."""
        return f"{self.title}: {self.say}" if self.say else self.title

    def as_dict(self) -> dict[str, Any]:
        """Return the exhibit as plain values."""
        return {**asdict(self), "bytes": self.media.bytes}


def arranged(exhibits: Sequence[Exhibit]) -> dict[str, list[Exhibit]]:
    """Return exhibits by the heading they stand under, in the gallery's order, but for empty ones."""
    found = {
        heading: sorted((one for one in exhibits if one.question == question), key=lambda one: (one.order, one.name))
        for question, heading in QUESTIONS.items()
    }
    return {heading: members for heading, members in found.items() if members}


def in_words(found: dict[str, Any], named: bool = False) -> str:
    """Return the final numbers of a recording as one line of plain words.

    Args:
        found: what `summary` returned.
        named: begin with the recording's name, as one of several.
    """
    final = found["final"]
    parts = [divergence_note(found) or ""]
    judged = found["quality"] is not None and "frechet_distance" in final
    if judged:
        floor = short_number(float(found["quality"]["floor"]))
        distance = short_number(final["frechet_distance"]["median"])
        parts.append(f"generated digits are {distance} from real ones (Fréchet), real ones {floor} from each other")
    elif "js" in final:
        distance = short_number(final["js"]["median"])
        parts.append(f"distance to the data {distance} (Jensen-Shannon: 0 is identical, 0.693 disjoint)")
    if found["modes"] > 1 and "high_quality_fraction" in final:
        parts.append(f"{percent_of(final['high_quality_fraction']['median'])} of the samples on a mode")
    told = f"after {found['last_step']:,} steps: " + ", ".join(filter(None, parts))
    return f"{found['name']}, {told}" if named else told
