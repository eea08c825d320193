"""Recordings of every kind a picture can meet."""

from __future__ import annotations

import pytest

from rendering.stand_in import make

_MADE: dict[str, object] = {}
KINDS = {
    "one seed": {"steps": 60},
    "many seeds": {"steps": 40, "seeds": 6, "diverged": {4: 25}},
    "more seeds than fit": {"steps": 8, "seeds": 20, "infinite": False},
    "critic": {"steps": 50, "critic": True},
    "diverged": {"steps": 50, "diverged": {0: 30}},
    "wild losses": {"steps": 80, "wild": True},
    "nothing trained": {"steps": 0},
    "large latent": {"steps": 30, "latent_dim": 8},
    "out of range": {"steps": 40, "outside": 4.0},
    "diverged at once": {"steps": 20, "diverged": {0: 0}},
}


def recording_of(kind):
    if kind not in _MADE:
        _MADE[kind] = make(**KINDS[kind], cells=256)
    return _MADE[kind]


@pytest.fixture
def recording():
    """One seed, 61 recorded steps."""
    return recording_of("one seed")


@pytest.fixture(params=list(KINDS))
def any_recording(request):
    """Each kind of recording in turn."""
    return recording_of(request.param)
