"""A microscope for GAN training: exact densities, divergences and animations at every step.

Example:
    >>> import gandyn
    >>> scenario = gandyn.load_scenario("scenarios/line/two_modes.yaml", ["train.steps=500"])  # doctest: +SKIP
    >>> recording = gandyn.train(scenario)  # doctest: +SKIP
    >>> gandyn.animate(recording, "two_modes.gif")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gandyn.app.api import animate, explain_layer, filmstrip, plot, train
    from gandyn.app.sampling import sample
    from gandyn.core import errors
    from gandyn.recording.store.recording import Recording, open_recording
    from gandyn.recording.store.verification import verify
    from gandyn.recording.user_loop.record import record
    from gandyn.recording.views.pca import PCA
    from gandyn.rendering.figures.paper import still
    from gandyn.scenario.loading import load_scenario
    from gandyn.scenario.schema import Scenario

    __version__: str

__all__ = [
    "PCA",
    "Recording",
    "Scenario",
    "__version__",
    "animate",
    "errors",
    "explain_layer",
    "filmstrip",
    "load_scenario",
    "open_recording",
    "plot",
    "record",
    "sample",
    "still",
    "train",
    "verify",
]

# Looked up when first used, so that `import gandyn` (and `gandyn --help`) loads neither torch nor matplotlib.
_HOMES = {
    "PCA": "gandyn.recording.views.pca",
    "Recording": "gandyn.recording.store.recording",
    "Scenario": "gandyn.scenario.schema",
    "animate": "gandyn.app.api",
    "explain_layer": "gandyn.app.api",
    "filmstrip": "gandyn.app.api",
    "load_scenario": "gandyn.scenario.loading",
    "open_recording": "gandyn.recording.store.recording",
    "plot": "gandyn.app.api",
    "record": "gandyn.recording.user_loop.record",
    "sample": "gandyn.app.sampling",
    "still": "gandyn.rendering.figures.paper",
    "train": "gandyn.app.api",
    "verify": "gandyn.recording.store.verification",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("gandyn")
    elif name == "errors":
        value = importlib.import_module("gandyn.core.errors")
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'gandyn' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
