"""Files that explain a layer: what they may say, and how they are read."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from gandyn.core.catalog import members, union
from gandyn.core.errors import ScenarioError, UsageError
from gandyn.core.messages import shown
from gandyn.core.suggestions import hint
from gandyn.rendering.options import PictureOptions
from gandyn.scenario.layers.base import Layer
from gandyn.scenario.loading import is_yaml, read_document
from gandyn.scenario.validation import Overrides, validate
from gandyn.scenario.yaml12 import Document

__all__ = ["ExplainedLayer", "load_layer"]

if TYPE_CHECKING:
    AnyLayer = Layer
else:
    AnyLayer = union(Layer)


class ExplainedLayer(BaseModel):
    """A picture of what a layer does to numbers; nothing is trained.

    Example:
        >>> ExplainedLayer.model_validate({"layer": {"type": "conv", "kernel": 2}}).layer.kernel
        2
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    title: str = Field("", max_length=500, description="stands above the picture; what the layer is if left out")
    layer: AnyLayer = Field(description="the layer to be explained")
    animation: PictureOptions = Field(PictureOptions(), description="how it is drawn")


def load_layer(wanted: str | Path, overrides: Overrides = ()) -> ExplainedLayer:
    """Return what explains a layer, from its name or from a file.

    Args:
        wanted: the type of a layer, or a YAML file.
        overrides: values laid over it, as "layer.kernel=4" or {"layer.kernel": 4}.

    Raises:
        UsageError: there is no such layer.
        ScenarioError: the file cannot be read, is not YAML, or says something it cannot say; told as of scenarios.

    Example:
        >>> load_layer("conv", {"layer.padding": 1}).layer.padding
        1
    """
    name, path, known = str(wanted), Path(wanted), members(Layer)
    if name in known:
        document = Document({"layer": {"type": name}})
    elif is_yaml(path) or os.path.exists(path):
        document = read_document(path)
        if "data" in document.values and "layer" not in document.values:
            animate = shlex.join(["gandyn", "animate", name])
            raise ScenarioError(f"{name}: this is a scenario, and explains no layer; to draw it: {animate}")
    else:
        raise UsageError(f"no layer {shown(name)}{hint(name, known)}")
    return validate(ExplainedLayer, document, name, overrides, folder=path.parent)
