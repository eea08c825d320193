"""The table of final numbers: how each of them is written."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
from rich.console import Console

from gandyn.scenario.report import final_table


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
