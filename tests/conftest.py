"""What all tests share: no screen, no surprises from the environment, and examples that are the same every time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["MPLBACKEND"] = "Agg"
os.environ.pop("GANDYN_TRACEBACK", None)

settings.register_profile("gandyn", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("gandyn")

ROOT = Path(__file__).parents[1]


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT
