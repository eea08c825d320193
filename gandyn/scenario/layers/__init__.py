"""Layers that can be explained in a picture: their numbers are torch's."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial

from gandyn.errors import UsageError
from gandyn.messages import shown
from gandyn.nearest import hint
from gandyn.networks.mlp import ACTIVATIONS
from gandyn.scenario.layers.activations import ActivationLayer, LeakyRelu
from gandyn.scenario.layers.base import Layer
from gandyn.scenario.layers.convolutions import Convolution, TransposedConvolution

__all__ = ["LAYERS", "Layer", "layer"]

LAYERS: Mapping[str, Callable[..., Layer]] = {
    "conv_transpose": TransposedConvolution,
    "conv": Convolution,
    **{name: partial(ActivationLayer, name) for name in ACTIVATIONS},
    "leaky_relu": partial(LeakyRelu, "leaky_relu"),
}
"""What can be explained, by name."""


def layer(name: str, **given: float | None) -> Layer:
    """Return a layer by name, with what is given of its settings; None is the default.

    Raises:
        UsageError: there is no such layer, it has no such setting, or a setting has no such value.
    """
    if name not in LAYERS:
        raise UsageError(f"no layer {shown(name)}{hint(name, LAYERS)}")
    made = LAYERS[name]
    takes = [one for one in inspect.signature(made).parameters if one != "name"]
    settings = {key: value for key, value in given.items() if value is not None}
    for key in settings:
        if key not in takes:
            flags = ", ".join(_flag(one) for one in takes)
            raise UsageError(f"{name} has no {_flag(key)}: {f'it has {flags}' if flags else 'it has no settings'}")
    return made(**settings)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
