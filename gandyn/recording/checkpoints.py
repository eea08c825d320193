"""Checkpoints on disk: one file of tensors for each group of seeds, which the journal knows by its checksum."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gandyn.core.errors import DamageError
from gandyn.recording.store.checksums import CHANGED, checksum
from gandyn.recording.store.files import read_file
from gandyn.recording.store.journal import Journal

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["CHECKPOINTS", "MOST_CHECKPOINT_BYTES", "checkpoint_file", "fitting", "load_checkpoint", "read_checkpoint"]

CHECKPOINTS = "checkpoints"
MOST_CHECKPOINT_BYTES = 1 << 33
_LOST = "the weights to go on from and to draw samples from"


def checkpoint_file(group: int) -> str:
    """Return the path of a group's checkpoint in the recording's folder."""
    return f"{CHECKPOINTS}/{group}.safetensors"


def read_checkpoint(folder: Path, journal: Journal, group: int) -> bytes | None:
    """Return what the file of a group's last checkpoint holds; None if none was ever put there.

    A checkpoint is noted in the journal and then put in place: after a crash the one before it may be there.

    Raises:
        DamageError: it is missing, or is none of those that were noted.
    """
    noted, file = journal.checkpoints[group], folder / checkpoint_file(group)
    try:
        data = read_file(folder, checkpoint_file(group), MOST_CHECKPOINT_BYTES, _LOST)
    except FileNotFoundError:
        if len(noted) > 1 or (noted and journal.complete):
            raise DamageError(file, "it is missing", _LOST) from None
        return None
    if checksum(data) not in noted:
        raise DamageError(file, CHANGED, _LOST)
    return data


def load_checkpoint(folder: Path, journal: Journal, group: int) -> dict[str, Tensor] | None:
    """Return the tensors of a group's last checkpoint; None if none was ever put there.

    Raises:
        DamageError: it is missing, or is none of those that were noted.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    data = read_checkpoint(folder, journal, group)
    try:
        return None if data is None else load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise DamageError(folder / checkpoint_file(group), f"it holds no tensors ({error})") from None


@contextmanager
def fitting(folder: Path, group: int) -> Iterator[None]:
    """Put the tensors of a group's checkpoint in their places.

    Raises:
        DamageError: they are those of other networks.
    """
    try:
        yield
    except (KeyError, RuntimeError):
        why = "its tensors are not those of the scenario's networks"
        raise DamageError(folder / checkpoint_file(group), why, _LOST) from None
