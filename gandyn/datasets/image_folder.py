"""A user's own images: the files of a folder, whose subfolders are classes."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from pydantic import Field, ValidationInfo, field_validator, model_validator

from gandyn.datasets.base import ImageDataset, Images, Split
from gandyn.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["ImageFolder"]

_SUFFIXES = {".png", ".jpg", ".jpeg"}


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
    def _exists(cls, folder: Path, info: ValidationInfo) -> Path:
        path = ((info.context or {}).get("folder", Path()) / folder.expanduser()).resolve()
        if not path.is_dir():
            raise ValueError(f"{path} is not a folder" if path.exists() else f"there is no folder {path}")
        return path

    @model_validator(mode="after")
    def _same(self) -> Self:
        # Filled in here, so that a resolved scenario names the very images it was run on.
        digest = self._fingerprint()
        if self.sha256 not in (None, digest):
            raise ValueError(f"the images in {self.folder} have changed: their SHA-256 is {digest}")
        self.__dict__["sha256"] = digest
        return self

    @property
    def shape(self) -> tuple[int, int, int]:  # noqa: D102
        return 3 if self.colour else 1, self.size, self.size

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the subfolders, in alphabetical order; empty where the images lie in the folder itself."""
        return tuple(sorted({name.parts[0] for name in self._names if len(name.parts) > 1}))

    @cached_property
    def _names(self) -> list[Path]:
        """The images, relative to the folder, in an order that is the same on every machine."""
        # Subfolders may be links, which a search of the folder itself would not enter.
        places = [self.folder, *(path for path in self.folder.iterdir() if path.is_dir())]
        found = [path for path in places[0].iterdir() if path.is_file()]
        found += [path for place in places[1:] for path in place.rglob("*") if path.is_file()]
        names = [path.relative_to(self.folder) for path in found if path.suffix.lower() in _SUFFIXES]
        names = [name for name in names if not any(part.startswith(".") for part in name.parts)]
        if not names:
            raise ValueError(f"there is no .png or .jpg in {self.folder}")
        loose = [name for name in names if len(name.parts) == 1]
        if loose and len(loose) < len(names):
            raise ValueError(
                f"{self.folder} has images in itself ({loose[0]}, ...) and in subfolders: it is not clear which class "
                "the former belong to; move them into one"
            )
        return sorted(names, key=Path.as_posix)

    def _fingerprint(self) -> str:
        whole = hashlib.sha256()
        for name in self._names:
            try:
                with (self.folder / name).open("rb") as file:
                    content = hashlib.file_digest(file, "sha256")
            except OSError as error:
                raise ValueError(f"cannot read {self.folder / name}: {error.strerror}") from None
            whole.update(f"{content.hexdigest()} {name.as_posix()}\n".encode())
        return whole.hexdigest()

    def _read(self, split: Split) -> Images:
        pixels = np.empty((len(self._names), *self.shape), np.uint8)
        for target, name in zip(pixels, self._names, strict=True):
            target[:] = _opened(self.folder / name, self.size, self.colour)
        classes = self.class_names
        if not classes:
            return Images(pixels, None)
        return Images(pixels, np.array([classes.index(name.parts[0]) for name in self._names], np.int64))


def _opened(path: Path, size: int, colour: bool) -> UInt8[ndarray, "channel {size} {size}"]:
    """Return one image, its middle square resized.

    Raises:
        DataError: it is damaged or no image.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            picture.draft(None, (2 * size, 2 * size))  # large JPEGs are shrunk while they are unpacked
            square = ImageOps.fit(_flat(ImageOps.exif_transpose(picture)), (size, size), Image.Resampling.BICUBIC)
    except UnidentifiedImageError:
        raise DataError(f"{path} is not an image that can be read") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as an image: {error}") from None
    return np.asarray(square.convert("RGB")).transpose(2, 0, 1) if colour else np.asarray(square.convert("L"))[None]


def _flat(picture: Image.Image) -> Image.Image:
    """Return an image of 8 bits a channel, without transparency or palette, in grey or colour."""
    from PIL import Image

    if picture.mode.startswith("I;16"):  # a conversion would clip what is deeper than 8 bits
        return Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
    if picture.has_transparency_data:
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")
