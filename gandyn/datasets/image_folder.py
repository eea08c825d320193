"""A user's own images: the files of a folder, whose subfolders are classes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from pydantic import Field, ValidationInfo, field_validator

from gandyn.core.errors import DataError
from gandyn.core.files import MOST_DATA_BYTES, located, open_picture, open_regular
from gandyn.core.messages import shortened
from gandyn.datasets.base import ImageDataset, Images, Split

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["ImageFolder"]

_SUFFIXES = (".png", ".jpg", ".jpeg")
_MOST_FILES = 2_000_000
"""Of any kind: a folder with more, such as that of the whole disk, would be searched for ever."""


class ImageFolder(ImageDataset):
    """Every PNG and JPEG in a folder, cut to the square in its middle and resized.

    Where the images lie in subfolders, at whatever depth, each subfolder of the folder is a class. What is transparent
    becomes white. Hidden files and folders are passed over.
    """

    type: Literal["image_folder"] = "image_folder"
    folder: Path = Field(Path("images"), description="relative to the scenario's folder")
    size: int = Field(64, ge=4, le=1024, description="height and width in pixels, to which all are resized")
    colour: bool = Field(True, description="three channels; grey otherwise")
    sha256: str | None = Field(None, description="hash of names and files; filled in when read, checked when given")

    @field_validator("folder")
    @classmethod
    def _has_images(cls, folder: Path, info: ValidationInfo) -> Path:
        try:
            path = located(folder, (info.context or {}).get("folder", Path()))
            _listed(path)
        except OSError as error:
            raise ValueError(f"cannot read folder {shortened(error.filename or folder)}: {error.strerror}") from None
        return path

    @field_validator("sha256")
    @classmethod
    def _same(cls, expected: str | None, info: ValidationInfo) -> str | None:
        # Filled in here, so that a resolved scenario names the very images it was run on.
        if "folder" not in info.data:  # complained of by itself
            return expected
        digest = _fingerprint(info.data["folder"])
        if expected not in (None, digest):
            raise ValueError(f"the images in {info.data['folder']} have changed: their SHA-256 is {digest}")
        return digest

    @classmethod
    def made_of(cls, path: Path) -> list[dict[str, Any]]:  # noqa: D102
        try:
            return [{"folder": path}] if _listed(path) else []
        except (OSError, ValueError):
            return []

    @property
    def shape(self) -> tuple[int, int, int]:  # noqa: D102
        return 3 if self.colour else 1, self.size, self.size

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the subfolders, in alphabetical order; empty where the images lie in the folder itself."""
        return tuple(sorted({name.parts[0] for name in self.names if len(name.parts) > 1}))

    @cached_property
    def names(self) -> list[Path]:
        """The images in their order, relative to the folder."""
        return _listed(self.folder)

    def check_batch(self, size: int) -> None:  # noqa: D102
        if size > len(self.names):
            raise ValueError(f"a batch_size of {size} is more than the {len(self.names)} images there are")

    def _read(self, split: Split) -> Images:
        pixels = np.empty((len(self.names), *self.shape), np.uint8)
        for target, name in zip(pixels, self.names, strict=True):
            target[:] = _opened(self.folder / name, self.size, self.colour)
        if not self.class_names:
            return Images(pixels, None)
        index = {name: label for label, name in enumerate(self.class_names)}
        return Images(pixels, np.array([index[name.parts[0]] for name in self.names], np.int64))


def _listed(folder: Path) -> list[Path]:
    """Return the images of a folder, relative to it, in an order that is the same on every machine.

    Raises:
        OSError: the folder cannot be read.
        ValueError: it has no images, or has them both in itself and in subfolders.
    """
    names = []
    for number, path in enumerate(_below(folder)):
        if number == _MOST_FILES:
            raise ValueError(f"folder {folder} holds more than {_MOST_FILES:,} files")
        name = path.relative_to(folder)
        if path.suffix.lower() in _SUFFIXES and not any(part.startswith(".") for part in name.parts) and path.is_file():
            names.append(name)
    loose = [name for name in names if len(name.parts) == 1]
    if not names:
        raise ValueError(f"there is no {', '.join(_SUFFIXES)} in folder {folder}")
    if loose and len(loose) < len(names):
        raise ValueError(
            f"folder {folder} has images both in itself ({min(loose)}, ...) and in subfolders, which are classes: "
            "move the former into one of them"
        )
    return sorted(names, key=Path.as_posix)


def _below(folder: Path) -> Iterator[Path]:
    """Yield what lies in a folder and, at whatever depth, in its subfolders."""
    for entry in folder.iterdir():
        yield entry
        # One by one, since a subfolder may be a link, which a search of the folder itself would not enter.
        if not entry.name.startswith("."):
            yield from entry.rglob("*")


def _fingerprint(folder: Path) -> str:
    """Return a hash of the images and their names.

    Raises:
        ValueError: a file cannot be read.
    """
    whole = hashlib.sha256()
    for name in _listed(folder):
        try:
            with open_regular(folder / name, MOST_DATA_BYTES) as file:
                content = hashlib.file_digest(file, "sha256")
        except OSError as error:
            raise ValueError(f"cannot read {folder / name}: {error.strerror}") from None
        whole.update(f"{content.hexdigest()} {name.as_posix()}\n".encode())
    return whole.hexdigest()


def _opened(path: Path, size: int, colour: bool) -> UInt8[ndarray, "channel {size} {size}"]:
    """Return one image, its middle square resized.

    Raises:
        DataError: it is damaged or no image.
    """
    from PIL import Image, ImageOps

    try:
        with open_picture(path) as picture:
            picture.draft(None, (2 * size, 2 * size))  # large JPEGs are shrunk while they are unpacked
            square = ImageOps.fit(_flat(ImageOps.exif_transpose(picture)), (size, size), Image.Resampling.BICUBIC)
    except ValueError as error:
        raise DataError(f"{path} {error}") from None
    return np.asarray(square.convert("RGB")).transpose(2, 0, 1) if colour else np.asarray(square.convert("L"))[None]


def _flat(picture: Image.Image) -> Image.Image:
    """Return an image of 8 bits a channel, without transparency or palette, in grey or colour."""
    from PIL import Image

    if picture.mode.startswith("I;16"):  # a conversion would clip what is deeper than 8 bits
        return Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
    if picture.has_transparency_data:
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")
