"""The table of final numbers: how each of them is written."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from gandyn.app.csv_export import write_table
from gandyn.app.report import final_table, summary


def told(unreached: float) -> str:
    """Return the table of a recording whose KL is infinite, with a share of the data out of reach."""

    def one(value: float) -> dict[str, Any]:
        return {"median": value, "lowest": value, "highest": value, "per_seed": [value]}

    final = {"kl": one(math.inf), "kl_skew": one(1.0), "unreached_mass": one(unreached)}
    found = {"seeds": [0], "last_step": 9, "modes": 0, "final": final}
    console = Console(width=140, color_system=None)
    with console.capture() as captured:
        console.print(final_table(found, {}))
    return captured.get()


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.9962, "100 %"), (0.43, "43 %"), (0.004, "0.4 %"), (4e-4, "<0.1 %"), (1e-9, "<0.1 %")],
)
def test_a_share_is_written_as_in_the_picture(share: float, text: str) -> None:
    assert f"; {text} of the data out of reach" in told(share)


def test_writing_a_share_waits_for_no_plotting_library() -> None:
    program = "import sys, gandyn.rendering.ticks; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def recorded(mass: list[float], captured: float) -> Any:
    """Return as much of a recording on the plane as is looked at, of one seed and one step."""
    dims = ("seed", "step")
    held = xr.Dataset(
        {
            "mode_mass": ((*dims, "mode"), np.array([[mass]])),
            "mode_weight": (("mode",), np.full(len(mass), 1 / len(mass))),
            "modes_captured": (dims, np.array([[captured]])),
        },
        {"seed": [0], "step": [0]},
    )
    return SimpleNamespace(
        contents=held, steps=lambda: held["step"].values, scalars=lambda name: held[name].values,
        scenario={}, complete=True, damage=(), diverged={}, path=Path("ring"),
    )  # fmt: skip


def test_modes_are_counted_as_pictures_count_them_and_what_is_published_stands_beside(tmp_path: Path) -> None:
    recording = recorded([0.5, 0.001, 0.05, 0.0], captured=3.0)
    found = summary(recording)
    assert found["final"]["modes_found"]["median"] == 1
    console = Console(width=140, color_system=None)
    with console.capture() as captured:
        console.print(final_table(found, {}))
    (row,) = (line for line in captured.get().splitlines() if "mode" in line)
    assert row.split("  ")[0] == "modes found"
    assert "1 of 4" in row
    assert "3 captured: by a single sample" in row
    write_table(recording, tmp_path / "ring.csv")
    names, values = (line.split(",") for line in (tmp_path / "ring.csv").read_text().splitlines())
    assert dict(zip(names, values, strict=True)) == {
        "seed": "0", "step": "0", "modes_found": "1.0", "modes_captured": "3.0"
    }  # fmt: skip


def test_without_masses_at_the_modes_what_is_published_is_told() -> None:
    recording = recorded([0.5, 0.001], captured=2.0)
    recording.contents = recording.contents.drop_vars("mode_mass")
    assert "modes_found" not in summary(recording)["final"]
