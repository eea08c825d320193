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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests: a file is run by one worker, and none should wait for the last."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
