"""The scalars of a recording as a table for other programs."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gandyn.scenario.report import variable_order

if TYPE_CHECKING:
    from gandyn.recording.store import Recording

__all__ = ["write_csv"]


def write_csv(recording: Recording, path: Path) -> int:
    """Write every scalar of a recording, one row a seed and step; return the number of rows.

    Infinities are written `inf`; where a seed has diverged, cells are empty. The file appears whole or not at all.

    Raises:
        RenderError: it cannot be written.
    """
    from gandyn.rendering.output import atomic

    data = recording.contents
    names = [name for name in variable_order(data) if data[name].dims == ("seed", "step")]
    columns = {name: np.asarray(recording.scalars(name), dtype=np.float64) for name in names}
    steps, seeds = recording.steps(), data["seed"].values
    with atomic(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["seed", "step", *names])
        for i, seed in enumerate(seeds):
            for j, step in enumerate(steps):
                cells = (columns[name][i, j] for name in names)
                writer.writerow([int(seed), int(step), *("" if math.isnan(c) else repr(float(c)) for c in cells)])
    return len(seeds) * len(steps)
