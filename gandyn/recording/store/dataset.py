"""A recording as an `xarray.Dataset`, read lazily; xarray is imported by whoever asks for one."""

from __future__ import annotations

from typing import Any

import xarray as xr
from numpy import ndarray
from xarray.backends import BackendArray
from xarray.core import indexing

from gandyn.recording.store.contents import Contents, StoredArray
from gandyn.recording.store.portable import make_portable

__all__ = ["as_dataset"]


class _Lazy(BackendArray):
    """What xarray asks for parts of an array."""

    def __init__(self, array: StoredArray) -> None:
        self.shape, self.dtype, self._array = array.shape, array.dtype, array

    def __getitem__(self, key: indexing.ExplicitIndexer) -> ndarray[Any, Any]:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._array.read)


def as_dataset(contents: Contents) -> xr.Dataset:
    """Return what is in a recording as a lazy dataset with dimensions seed, step, x, ...

    Attributes that netCDF could not hold are JSON text.
    """
    found = xr.Dataset(
        {
            name: (array.dims, indexing.LazilyIndexedArray(_Lazy(array)), array.attrs)
            for name, array in contents.data_vars.items()
        },
        {name: (array.dims, array.values, array.attrs) for name, array in contents.coords.items()},
        contents.attrs,
    )
    make_portable(found)
    return found
