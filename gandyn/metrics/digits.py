"""The judge: what generated digits are measured by, against the real ones."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from jaxtyping import Float64, Int, UInt8
from numpy import ndarray

from gandyn.core.errors import UsageError
from gandyn.divergences.entropic import kl
from gandyn.metrics.framing import box
from gandyn.metrics.frechet import frechet_distance, moments
from gandyn.metrics.lenet import WEIGHTS_SHA256, Reading, read
from gandyn.metrics.neighbours import NEIGHBOURS, Manifold

__all__ = ["CLASSES", "DigitJudge"]

CLASSES = 10
"""The ten digits."""

Pixels = UInt8[ndarray, "image 1 height width"]
Histogram = Float64[ndarray, " class"]
Measures = dict[str, Float64[ndarray, " *class"]]


class DigitJudge:
    """Measures generated digits through the eyes of a small classifier, against real ones.

    All it knows of the real images it learns when it is first asked, and keeps. It draws none of the caller's random
    numbers and changes no setting of torch.

    Attributes:
        network: the classifier's name.
        weights_sha256: hash of its weights: figures from others do not compare.
        n: number of images that are measured, and of the real ones they are measured against.

    References:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", 2017 (the
        Fréchet distance); Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models",
        2019; Krichevsky and Trofimov, "The performance of universal encoding", 1981 (the half counts).

    Example:
        >>> from gandyn.datasets.digits import Digits
        >>> pixels, labels = Digits().load()
        >>> judge = DigitJudge(pixels, labels, samples=500)
        >>> ones = pixels[labels == 1]
        >>> float(judge.measure(np.resize(ones, (500, 1, 8, 8)))["class_kl"]) > 1.5
        True
    """

    network = "LeNet"
    weights_sha256 = WEIGHTS_SHA256

    def __init__(
        self,
        images: Pixels,
        labels: Int[ndarray, " image"] | None = None,
        *,
        samples: int = 5000,
    ) -> None:
        """Choose the real images to measure against, and as many others of the same kind for the floor.

        Args:
            images: the images that are trained on, grey, white digits on black. A perfect generator draws from these:
                images set apart for testing have other writers, and stand further off.
            labels: the digit on each, if that is known.
            samples: images to measure at a time; half of the images where there are fewer than twice as many.

        Raises:
            UsageError: these are not grey images of one size, or too few.
        """
        self._shape = images.shape[1:]
        self._check(images)
        order = np.random.default_rng(0).permutation(len(images))
        self.n = min(samples, len(images) // 2)
        if self.n <= NEIGHBOURS:
            raise UsageError(f"generated digits are measured {NEIGHBOURS + 1} or more at a time, not {self.n}")
        others = order[self.n : 2 * self.n]
        self._known, self._unseen = images[order[: self.n]], images[others]
        self._truth = None if labels is None else labels[others]
        self._box = box(self._known)

    def measure(self, images: Pixels) -> Measures:
        """Return what n generated images are like.

        Args:
            images: generated images, as many as `n`, of the size of the real ones.

        Returns:
            By name, in float64:

            - class_histogram: share of the images that the classifier takes for each digit, shape (10,);
            - class_kl: KL(class_histogram || the data's) in nats; each digit counts half an image more than was found
              among the real ones, so that one misread image makes nothing infinite;
            - frechet_distance: between the classifier's features of these images and of n real ones;
            - precision: share of these images that lie among the real ones; images that are no digits at all may have
              some of it, but are far off by the Fréchet distance;
            - recall: share of the real images that lie among these.

        Raises:
            UsageError: images of another number, size or type.
        """
        self._check(images)
        if len(images) != self.n:
            raise UsageError(f"{self.n} images are measured at a time, not {len(images)}: figures depend on how many")
        return self._measure(self._read(images))

    @property
    def floor(self) -> float:
        """The Fréchet distance of n real images from n others: what a perfect generator would measure."""
        return float(self.real["frechet_distance"])

    @cached_property
    def real(self) -> Measures:
        """What `measure` says of n real images that are not measured against: the limits of every measure."""
        return self._measure(self._unseen_reading)

    @cached_property
    def data_histogram(self) -> Histogram:
        """Share of the real images that the classifier takes for each digit."""
        return _histogram(self._known_reading)

    @cached_property
    def accuracy(self) -> float | None:
        """Share of n real images, those that `real` measures, that are classified rightly; None without labels."""
        return None if self._truth is None else float((self._unseen_reading.classes == self._truth).mean())

    def _measure(self, reading: Reading) -> Measures:
        histogram = _histogram(reading)
        return {
            "class_histogram": histogram,
            "class_kl": np.array(kl(histogram, self._expected)),
            "frechet_distance": np.array(frechet_distance(*self._moments, *moments(reading.features))),
            "precision": np.array(self._manifold.share(reading.features)),
            "recall": np.array(Manifold(reading.features).share(self._known_reading.features)),
        }

    @cached_property
    def _expected(self) -> Histogram:
        counts = self.data_histogram * self.n + 0.5
        return counts / counts.sum()

    @cached_property
    def _known_reading(self) -> Reading:
        return self._read(self._known)

    @cached_property
    def _unseen_reading(self) -> Reading:
        return self._read(self._unseen)

    @cached_property
    def _moments(self) -> tuple[ndarray, ndarray]:
        return moments(self._known_reading.features)

    @cached_property
    def _manifold(self) -> Manifold:
        return Manifold(self._known_reading.features)

    def _read(self, images: Pixels) -> Reading:
        return read(images, self._box)

    def _check(self, images: Pixels) -> None:
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1] != 1 or images.shape[1:] != self._shape:
            size = " x ".join(str(side) for side in self._shape[1:]) or "height x width"
            found = f"{images.dtype} of shape {images.shape}"
            raise UsageError(f"digits are judged on grey images, uint8 of shape (n, 1, {size}), not {found}")


def _histogram(reading: Reading) -> Histogram:
    return np.bincount(reading.classes, minlength=CLASSES) / len(reading.classes)
