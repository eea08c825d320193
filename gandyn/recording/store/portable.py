"""Datasets that other programs can be given: `to_netcdf` takes them as they are (and `to_zarr`, with zarr)."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["make_portable"]


def make_portable(dataset: xr.Dataset) -> None:
    """Make attributes and encodings such that files of netCDF can hold them, in version 3 as in version 4.

    Attributes other than text, numbers and lists of numbers become JSON text. Pixels, which are bytes without a sign,
    are written with twice as many, as version 3 knows no others that hold them.

    Args:
        dataset: is changed.
    """
    for attributes in (dataset.attrs, *(variable.attrs for variable in dataset.variables.values())):
        _make_plain(attributes)
    for variable in dataset.variables.values():
        if variable.dtype == np.uint8:
            variable.encoding["dtype"] = np.dtype(np.int16)


def _make_plain(attributes: MutableMapping[Any, Any]) -> None:
    for name, value in attributes.items():
        numbers = isinstance(value, list | tuple) and len(value) > 0 and all(map(_is_number, value))
        if not (numbers or isinstance(value, str) or _is_number(value)):
            attributes[name] = json.dumps(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
