"""What all tests share: no screen, no surprises from the environment, and examples that are the same every time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from processes import Forks

os.environ["MPLBACKEND"] = "Agg"
# Workers share the machine: threads of one wait busily for cores that another one has.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.pop("GANDYN_TRACEBACK", None)

settings.register_profile("gandyn", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("gandyn")

ROOT = Path(__file__).parents[1]


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """What starts processes that have imported all that a command needs."""
    files = [file.relative_to(ROOT).with_suffix("") for file in sorted((ROOT / "gandyn").rglob("*.py"))]
    modules = [".".join(file.parts) for file in files if file.stem not in ("__init__", "__main__", "train_lenet")]
    modules = [name for name in modules if not name.startswith("gandyn.adapters")]  # what those need may be missing
    modules += ["sklearn.decomposition", "scipy.spatial"]  # which gandyn imports late
    with closing(Forks(modules, tmp_path_factory.mktemp("said"))) as forks:
        yield forks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests: a file is run by one worker, and none should wait for the last."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
