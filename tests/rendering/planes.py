"""Recordings on the plane of every kind a panel can meet, and how tests look at what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest

from gandyn.rendering import panels
from gandyn.rendering.marks.marks import Area, Arrows, Bands, Cells, Dots, Line, Mesh, Region, Segments, Text
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from rendering import stand_in
from rendering.stand_in_plane import make

ROOM = PanelSlot((20.0, 20.0, 520.0, 420.0), 13.5)


SMALL = {"steps": 12, "cells": 24, "lattice": 40}


KINDS = {
    "one seed": {},
    "many seeds": {"seeds": 5, "diverged": {3: 6}},
    "critic": {"critic": True},
    "diverged at once": {"diverged": {0: 0}},
    "latent of three dimensions": {"latent_dim": 3},
    "one mode": {"modes": 1},
    "twenty-five modes": {"modes": 25, "std": 0.05},
    "narrow modes": {"std": 0.01},
    "collapsed": {"collapsed": True},
    "nothing trained": {"steps": 0},
}


_MADE: dict[str, stand_in.StandIn] = {}


def of(kind):
    if kind not in _MADE:
        _MADE[kind] = make(**{**SMALL, **KINDS[kind]})
    return _MADE[kind]


def shown(recording, name, slot=ROOM):
    view = RecordingView(recording)
    return panels.find(name, len(view.dims))(view, slot)


def drawn(recording, name, slot=ROOM):
    """Return the panel of a recording that it can draw; of others it says why it cannot."""
    view = RecordingView(recording)
    refusal = panels.find(name, len(view.dims)).refusal(view.has)
    if refusal is not None:
        pytest.skip(refusal)
    return shown(recording, name, slot)


def points(mark):
    if isinstance(mark, Line | Dots | Region):
        return [(mark.x, mark.y)]
    if isinstance(mark, Area):
        return [(mark.x, mark.low), (mark.x, mark.high)]
    if isinstance(mark, Segments | Arrows):
        return [(mark.x0, mark.y0), (mark.x1, mark.y1)]
    if isinstance(mark, Text):
        return [(np.array([mark.x]), np.array([mark.y]))]
    if isinstance(mark, Bands | Cells):
        return [(np.array(mark.x), np.array(mark.y))]
    if isinstance(mark, Mesh):
        return [(mark.x.ravel(), mark.y.ravel())]
    return [(np.array([label.x]), np.array([label.y])) for label in mark.labels]


def find(marks, kind, role=None):
    return [mark for mark in marks if isinstance(mark, kind) and (role is None or mark.role == role)]
