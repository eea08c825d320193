"""Scenes of data known by samples alone: images through their principal components, and points of anybody's loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from gandyn.core.errors import DataError, UsageError
from gandyn.densities.cells import CellMasses
from gandyn.densities.estimators import kernel_estimate
from gandyn.metrics.digits import DigitJudge
from gandyn.recording.options import RecordOptions
from gandyn.recording.samples import Latents, RealSamples, as_bytes
from gandyn.recording.spaces.bandwidth import REACH, Bandwidth, bandwidth
from gandyn.recording.spaces.base import Coord, Generate
from gandyn.recording.spaces.coarse import Coarse
from gandyn.recording.spaces.grids import Window
from gandyn.recording.views.base import Projection, View

__all__ = ["LATENT_POINTS", "Draw", "Reading", "SampledSpace"]

M = TypeVar("M", bound=CellMasses)

Draw = Callable[[int, str], Latents]
"""(number, what for) -> fixed latents: others for "density", "samples" and "quality", always the same for each."""

LATENT_POINTS = 1024
"""Samples that make the generator's density, where the options say nothing."""
_SAMPLES, _MOST_SAMPLES = 25, 400
_NEIGHBOURS = 15
# Real samples that the view is fitted to: enough, and no more than memory holds (a few of 256 MB).
_MOST_FITTED, _FEWEST_FITTED, _MOST_VALUES = 20_000, 1000, 1 << 26
_AT_ONCE = 1024
# Shares of the data on either side of the window, before room is added around it, and that room.
_BEYOND, _ROOM = 0.001, 0.15


@dataclass(frozen=True)
class Reading:
    """How what a discriminator returns is read.

    Attributes:
        kind: what the response is.
        respond: what a discriminator returns -> the response.
        about: attributes of the response, where it is not what discriminators usually say.
    """

    kind: Literal["probability", "critic"]
    respond: Callable[[Tensor], Tensor]
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SampledSpace(Window):
    """The fixed surroundings of a recording of samples; nothing is loaded or fitted before it is asked for.

    Attributes:
        source: loads the real samples.
        event: shape of one sample.
        looked: how samples are looked at.
        draw: makes the fixed latents.
        reading: how the discriminator is read; None where it is not looked at.
        options: how often and how finely to record.
        scale: the values that are black and white in images.
        picture: shape (channel, height, width) of samples that are images but come in another; () where they are none.
        class_names: of the classes, where there are some.
        conditional: whether the discriminator is told each sample's class, or what else it goes with.
        by_class: whether the generator is asked for classes, and the images that are drawn are a row of each.
        judged_by: makes the judge of digits' quality from the real samples, where there is one.
        asked: places along each axis at which the discriminator is asked for its slice; every cell unless given.
    """

    forces: ClassVar[bool] = False

    source: Callable[[], RealSamples]
    event: tuple[int, ...]
    looked: View
    draw: Draw
    reading: Reading | None
    options: RecordOptions
    scale: tuple[float, float] = (-1.0, 1.0)
    picture: tuple[int, int, int] | tuple[()] | None = None
    class_names: tuple[str, ...] = ()
    conditional: bool = False
    by_class: bool = False
    judged_by: Callable[[RealSamples], DigitJudge] | None = None
    asked: int | None = None

    def __post_init__(self) -> None:
        """Refuse options that make no sense here.

        Raises:
            UsageError: a number is too large, or a lattice is asked for.
        """
        if self.options.latent_cells is not None:
            raise UsageError("latent_cells: the latents of images are sampled, not cut into cells: see latent_points")
        if self.picture and int(np.prod(self.picture)) != int(np.prod(self.event)):
            raise UsageError(f"image_shape {self.picture}: samples of shape {self.event} have another number of values")

    @property
    def image(self) -> tuple[int, int, int] | None:
        """Channels, height and width of a sample; None where samples are no images."""
        if self.picture is not None:
            return self.picture or None
        if len(self.event) != 3 or self.event[0] not in (1, 3):
            return None
        return self.event[0], self.event[1], self.event[2]

    @property
    def pictures(self) -> int:
        """Number of images recorded of the same latents at every step; 0 where samples are no images."""
        if self.image is None:
            return 0
        classes = len(self.class_names) if self.by_class else 0
        # A row of each class, as long as there are rows if that can be seen.
        usual = classes * min(max(classes, 5), 10) if classes else _SAMPLES
        found = self.options.samples or min(usual, _MOST_SAMPLES)
        return found - found % classes if 0 < classes <= found else found  # all rows whole

    @cached_property
    def axes(self) -> tuple[str, ...]:  # noqa: D102
        return self.looked.axes(int(np.prod(self.event)))

    @cached_property
    def reals(self) -> RealSamples:
        """The real samples."""
        return self.source()

    @cached_property
    def view(self) -> Projection:
        """The view, fitted."""
        most = max(_MOST_VALUES // int(np.prod(self.event)), _FEWEST_FITTED)
        return self.looked.fit(self.reals.flat(self.reals.spread(min(most, _MOST_FITTED))))

    @cached_property
    def _places(self) -> Float[ndarray, "sample axis"]:
        """Where the real samples lie in the view."""
        parts = range(0, len(self.reals), _AT_ONCE)
        return np.concatenate([self.view.project(self.reals.flat(slice(i, i + _AT_ONCE))) for i in parts])

    def extent(self) -> Float[ndarray, "axis 2"]:
        """Return nearly all of the data's range with room around it: on the plane a square.

        Raises:
            DataError: there is no such range, since the samples are identical.
        """
        low, high = np.quantile(self._places, [_BEYOND, 1 - _BEYOND], axis=0)
        # What is left of identical samples in a view is rounding.
        if np.max(high - low) <= np.finfo(np.float32).eps * np.abs(self.view.mean).max():
            same = bool((self.reals.values == self.reals.values[:1]).all())
            which = f"all {len(self.reals)}" if same else f"nearly all of the {len(self.reals)}"
            raise DataError(f"{which} samples are identical: there is nothing to learn")
        half = (0.5 + _ROOM) * float(np.max(high - low))
        return np.stack([(low + high) / 2 - half, (low + high) / 2 + half], axis=1)

    @property
    def remark(self) -> dict[str, str]:
        """Say so where something is lost in the view."""
        return {} if self.view.whole else {"view": "in PCA space: an estimate"}

    @property
    def seen_as(self) -> dict[str, str]:
        """As the slice of the view's plane through the data space."""
        nearby = "commonest class of the data nearby" if self.class_names else "that of the nearest sample"
        told = {"label": nearby} if self.conditional else {}
        if self.asked is not None:
            told["asked_at"] = " x ".join(str(min(self.asked, size)) for size in self.shape)
        return {} if self.view.whole else {"view": "slice", **told}

    @property
    def response_kind(self) -> Literal["probability", "critic"] | None:  # noqa: D102
        return None if self.reading is None else self.reading.kind

    @property
    def read_as(self) -> dict[str, str]:
        """As the reading has it."""
        return {} if self.reading is None else dict(self.reading.about)

    def respond(self, logit: Any) -> Any:  # noqa: D102
        assert self.reading is not None
        return self.reading.respond(logit)

    @cached_property
    def latent_points(self) -> Latents:
        """Latents whose images make the generator's density; the first of them are drawn as points."""
        return self.draw(self.options.latent_points or LATENT_POINTS, "density")

    @property
    def samples(self) -> Latents:
        """Of the points drawn."""
        return self.latent_points

    @cached_property
    def bandwidth(self) -> Bandwidth:
        """How widely both densities are smoothed; the same on every grid."""
        return bandwidth(self._places, len(self.latent_points), np.array(self.options.grid.window(self.extent())))

    @property
    def method(self) -> dict[str, str | float | int]:
        """A kernel density estimate, and what it reads of a perfect generator."""
        return {
            "method": "kernel",
            "latent_points": len(self.latent_points),
            "smoothing_std": self.bandwidth.std,
            "kl_floor": self.bandwidth.floor,
        }

    @property
    def resolution(self) -> float:
        """What less than one of the generator's points stands for."""
        return 1 / len(self.latent_points)

    @property
    def data_resolution(self) -> float:
        """What less than one of the data's points stands for."""
        return 1 / len(self._places)

    def masses(self, generate: Generate) -> CellMasses:  # noqa: D102
        return self.histogram(generate(self.latent_points))

    def compared(self, masses: M) -> M:  # noqa: D102
        stds = [self.bandwidth.std / width for width in self.widths]
        # What the kernel carries over the edge is beyond it, as samples there are: else these would make KL infinite.
        return self.spill(*kernel_estimate(masses, stds, REACH))

    @cached_property
    def compared_data(self) -> CellMasses:
        """The data's kernel estimate, of the generator's bandwidth."""
        one: CellMasses = self.compared(self.histogram(self._places[None]))
        return one.row(0)

    @property
    def data_masses(self) -> CellMasses:
        """The same estimate: nothing better is known."""
        return self.compared_data

    @cached_property
    def kept(self) -> Int[ndarray, " index"]:
        """Real samples that the discriminator is asked about at every record: as many as generated ones."""
        return self.reals.spread(len(self.latent_points))

    @cached_property
    def kept_places(self) -> Float[ndarray, "index axis"]:
        """Where those lie."""
        return self._places[self.kept]

    def told(self, chosen: Int[ndarray, " index"]) -> Int[Tensor, " index"] | None:
        """Return what the discriminator is told of real samples, as `RealSamples.told`; None if nothing."""
        return torch.from_numpy(self.reals.told[chosen]) if self.conditional else None

    @cached_property
    def slice(self) -> Coarse:
        """Where the discriminator is asked for its slice through the data space."""
        cells = self.points.reshape(*self.shape, -1)
        centres = tuple(
            np.moveaxis(cells[..., axis], axis, -1).reshape(-1, size)[0] for axis, size in enumerate(self.shape)
        )
        return Coarse(centres, self.asked or max(self.shape))

    @cached_property
    def slice_told(self) -> Int[Tensor, " place"] | None:
        """What the discriminator is told at each place of the slice: the commonest of the data near it, or nearest."""
        if not self.conditional:
            return None
        from scipy.spatial import KDTree

        points = self.slice.points
        _, near = KDTree(self._places).query(points, k=min(_NEIGHBOURS, len(self._places)))
        told = self.reals.told[near.reshape(len(points), -1)]  # the nearest first
        votes = np.stack([(told == one[:, None]).sum(1) for one in told.T], axis=1)
        return torch.from_numpy(np.take_along_axis(told, votes.argmax(1)[:, None], axis=1)[:, 0])

    @cached_property
    def picture_latents(self) -> Latents:
        """Latents of the images that are drawn."""
        return self.draw(self.pictures, "samples")

    @property
    def quality_every(self) -> int | None:
        """Steps between two measurements of quality; None where it is measured at some of the records."""
        every = self.options.every
        return self.options.quality_every or (None if every == "auto" else 10 * every)

    @cached_property
    def judge(self) -> DigitJudge | None:
        """Who measures the quality of digits, where there is somebody."""
        return None if self.judged_by is None else self.judged_by(self.reals)

    @cached_property
    def judged_latents(self) -> Latents:
        """Latents of the images that quality is measured on, beside those that make the density."""
        assert self.judge is not None
        return self.draw(self.judge.n - len(self.latent_points), "quality")

    @cached_property
    def coords(self) -> dict[str, Coord]:
        """The cells and the data, the fitted view, and the images that are compared with."""
        found = super().coords
        found["data_density"][2].update(self.method)
        view, shape = self.view, self.image or (int(np.prod(self.event)),)
        of = ("channel", "row", "column") if self.image else ("coordinate",)
        for axis, share in zip(self.axes, view.ratio, strict=False):
            found[axis][2]["explained_variance_ratio"] = float(share)
        found["component"] = (("component",), np.arange(len(view.basis)), {})
        found["view_mean"] = (of, view.mean.reshape(shape).astype(np.float32), {"long_name": "origin of the view"})
        basis = view.basis.reshape(-1, *shape).astype(np.float32)
        found["view_basis"] = (("component", *of), basis, {"long_name": "directions of the view"})
        found["explained_variance"] = (("component",), view.variance, {})
        found["explained_variance_ratio"] = (("component",), view.ratio, {})
        if self.pictures:
            count, labels = self.pictures, self.picture_latents.labels
            found["sample"] = (("sample",), np.arange(count), {"long_name": "images of the same latents"})
            shown = as_bytes(self.reals.tensor(self._alike(self.picture_latents)), *self.scale).reshape(-1, *shape)
            found["real_samples"] = (("sample", *of), shown, {"long_name": "real images"})
            if labels is not None:
                found["sample_class"] = (("sample",), labels.numpy(), {"long_name": "class of each image"})
        if self.class_names:
            found["class"] = (("class",), np.arange(len(self.class_names)), {"names": list(self.class_names)})
            if self.reals.labels is not None:
                shares = np.bincount(self.reals.labels, minlength=len(self.class_names)) / len(self.reals)
                found["data_class_histogram"] = (("class",), shares, {"long_name": "share of the data"})
        return found

    def _alike(self, latents: Latents) -> Int[ndarray, " index"]:
        """Return real samples to compare the drawn ones with: their targets, or some of the same classes, if known."""
        if latents.targets is not None:
            return latents.targets.numpy()
        labels = latents.labels
        order = np.random.default_rng(0).permutation(len(self.reals))
        if labels is None or self.reals.labels is None:
            return np.resize(order, self.pictures)  # of few images some are shown again
        known = self.reals.labels[order]
        of = {int(k): cycle(order[known == k] if (known == k).any() else order) for k in labels.unique()}
        return np.array([next(of[int(label)]) for label in labels])
