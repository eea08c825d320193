"""Laws of pictures that explain layers: their numbers are torch's, and everything in them can be read."""

from __future__ import annotations

import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from PIL import Image
from rendering.test_type import basis, lawful
from torch.nn import functional
from typer.testing import CliRunner

from gandyn.cli import app
from gandyn.core.catalog import create, members
from gandyn.core.errors import UsageError
from gandyn.networks.mlp import ACTIVATIONS, MLP
from gandyn.rendering.explain.explanation import Explanation
from gandyn.rendering.explain.sliding import Sliding
from gandyn.rendering.explain.sliding_page import SlidingFigure
from gandyn.rendering.marks.marks import Line, Mesh, Region, Text
from gandyn.rendering.pace import Timing
from gandyn.rendering.theme import THEMES
from gandyn.scenario.explanations import load_layer
from gandyn.scenario.layers.base import Layer
from gandyn.scenario.layers.convolutions import Convolution, TransposedConvolution
from gandyn.scenario.overrides import as_overrides

LIGHT = THEMES["talk-light"]
SIZES = [((960, 540), False), ((1280, 720), False), ((960, 720), False), ((960, 540), True), ((1920, 1080), True)]
TRANSPOSED = [
    TransposedConvolution(input=n, kernel=k, stride=s, padding=p, output_padding=op)
    for n, k, s, p, op in itertools.product((1, 2, 3, 4), (1, 2, 3, 4, 5), (1, 2, 3), (0, 1, 2), (0, 1, 2))
    if op < s and (n - 1) * s - 2 * p + k + op > 0
]
ORDINARY = [
    Convolution(input=n, kernel=k, stride=s, padding=p)
    for n, k, s, p in itertools.product((1, 3, 5, 6), (1, 2, 3, 4), (1, 2, 3), (0, 1, 2))
    if n + 2 * p >= k
]


def layer(name: str, **settings: float) -> Any:
    return create(Layer, {"type": name, **settings})


@cache
def activation(name: str):
    return layer(name).picture()


def fitting(name: str, size: tuple[int, int], big: bool, **settings: float) -> Explanation | None:
    """Return the picture of a layer; None where it finds no room."""
    try:
        return layer(name, **settings).page(size, LIGHT, big)
    except UsageError:
        return None


def own(shown: Sliding) -> np.ndarray:
    """Return the numbers of the output that are kept."""
    first, end = shown.target.kept
    return shown.target.values[first:end, first:end]


def four(numbers: torch.Tensor) -> torch.Tensor:
    return numbers[None, None]


def numbers_in(page: SlidingFigure, frame: int, number: int) -> list[list[str]]:
    """Return what is written in one of the three squares."""
    left, bottom, right, top = page.boxes[number]
    side = page._grids[number].side
    found = [[""] * side for _ in range(side)]
    for mark in page.marks(frame):
        if isinstance(mark, Text) and left < mark.x < right and bottom < mark.y < top:
            found[int((top - mark.y) / page.cell)][int((mark.x - left) / page.cell)] = mark.text
    return found


def words(values: np.ndarray) -> list[list[str]]:
    return [[f"{value:g}" for value in row] for row in values]


def test_what_a_transposed_convolution_gives_is_torchs() -> None:
    for one in TRANSPOSED:
        shown = one.picture()
        expected = functional.conv_transpose2d(
            four(one.numbers), four(one.weights), stride=one.stride, padding=one.padding,
            output_padding=one.output_padding,
        )[0, 0].numpy()  # fmt: skip
        np.testing.assert_allclose(own(shown), expected)
        np.testing.assert_allclose(shown.sums[-1], shown.target.values)
        assert shown.formula.endswith(f"= {len(expected)}")


def test_what_a_convolution_gives_is_torchs() -> None:
    for one in ORDINARY:
        shown = one.picture()
        expected = functional.conv2d(four(one.numbers), four(one.weights), stride=one.stride, padding=one.padding)
        np.testing.assert_allclose(own(shown), expected[0, 0].numpy())
        np.testing.assert_allclose(shown.sums[-1], shown.target.values)
        assert shown.formula.endswith(f"= {expected.shape[-1]}")
        if one.kernel <= 3:
            for move in shown.moves:
                products, total = move.caption.split(" = ")
                assert sum(int(a) * int(b) for a, b in (pair.split("·") for pair in products.split(" + "))) == int(
                    total
                )
                assert int(total) == move.added.item()


def test_overlaps_are_counted_as_ones_stamped_on_ones() -> None:
    for one in TRANSPOSED:
        shown = one.picture()
        ones = torch.ones((1, 1, one.input, one.input)), torch.ones((1, 1, one.kernel, one.kernel))
        expected = functional.conv_transpose2d(*ones, stride=one.stride)[0, 0].numpy()
        counts = shown.counts[-1]
        assert np.array_equal(counts[: len(expected), : len(expected)], expected)
        assert not counts[len(expected) :].any()
        assert not counts[:, len(expected) :].any()


def test_the_overlaps_are_even_inside_where_the_stride_divides_the_kernel() -> None:
    for one in TRANSPOSED:
        shown = one.picture()
        if one.input < 4 or (one.input - 1) * one.stride <= 2 * one.kernel:
            continue
        inside = shown.counts[-1][one.kernel : (one.input - 1) * one.stride, one.kernel : (one.input - 1) * one.stride]
        assert (len(np.unique(inside)) == 1) == (one.kernel % one.stride == 0)
        assert ("a checkerboard" in shown.closing) == (one.kernel % one.stride > 0 and one.kernel > one.stride)


@pytest.mark.parametrize("name", ["conv_transpose", "conv"])
def test_the_numbers_that_are_seen_are_those(name: str) -> None:
    settings = {"output_padding": 1} if name == "conv_transpose" else {"input": 4, "kernel": 2, "stride": 2}
    page = layer(name, padding=1, **settings).page((960, 540), LIGHT)
    shown = page.shown
    last = len(page._moments) - 1
    assert numbers_in(page, last, 0) == words(shown.source.values)
    assert numbers_in(page, last, 1) == words(shown.kernel.values)
    assert numbers_in(page, last, 2) == words(shown.target.values)
    for frame, moment in enumerate(page._moments[:-1]):
        written = numbers_in(page, frame, 2)
        place = shown.moves[int(moment.at)] if moment.fresh else None
        for i, j in np.ndindex(*shown.target.values.shape):
            inside = place and all(
                0 <= at - start < shown.writes for at, start in zip((i, j), place.target, strict=True)
            )
            if inside:
                added = place.added[i - place.target[0], j - place.target[1]]
                assert written[i][j] == f"{'+' if shown.stamps else ''}{added:g}"
            else:
                count = shown.counts[moment.done][i, j]
                assert written[i][j] == (f"{shown.sums[moment.done][i, j]:g}" if count else "")


def test_cells_are_the_deeper_in_colour_the_more_often_they_are_stamped() -> None:
    page = TransposedConvolution().page((960, 540), LIGHT)
    last = len(page._moments) - 1
    (mesh,) = [mark for mark in page.marks(last) if isinstance(mark, Mesh) and mark.role == "series_3"]
    once, twice, four_times = (set(mesh.opacity[page.shown.counts[-1] == count].tolist()) for count in (1, 2, 4))
    assert [len(found) for found in (once, twice, four_times)] == [1, 1, 1]
    assert 0.0 < once.pop() < twice.pop() < four_times.pop()


@pytest.mark.parametrize("name", ["conv_transpose", "conv"])
def test_what_moves_stays_in_its_square(name: str) -> None:
    page = layer(name, padding=1).page((960, 540), LIGHT)
    left, bottom, right, top = page.area
    for frame in range(len(page._moments)):
        for mark in page.marks(frame):
            if isinstance(mark, Line | Mesh | Region):
                x, y = np.asarray(mark.x), np.asarray(mark.y)
                assert np.isfinite(x).all()
                assert np.isfinite(y).all()
                assert left - 0.01 <= x.min() <= x.max() <= right + 0.01
                assert bottom - 0.01 <= y.min() <= y.max() <= top + 0.01
            if isinstance(mark, Region):  # no number lies under a beam
                assert not any(box[0] + 1 < at < box[2] - 1 for box in page.boxes for at in mark.x)


@pytest.mark.parametrize("name", members(Layer))
def test_words_of_explanations_stand_apart_large_and_whole(name: str) -> None:
    ways = [{}] if name in ACTIVATIONS else [{}, {"kernel": 4, "stride": 2, "padding": 1}, {"input": 4, "kernel": 2}]
    for (size, big), settings in itertools.product(SIZES, ways):
        page = fitting(name, size, big, **settings)
        if page is None:
            assert big or size == (960, 720)
        else:
            lawful(page, least=basis(size) / 36)


def test_all_that_is_looked_at_is_among_the_frames() -> None:
    page = Convolution(input=6, padding=1).page((960, 540), LIGHT)
    shots = page.shots(Timing(120, 20.0, hold_first=1.5, hold=3.0))
    assert {shot.frame for shot in shots} >= set(page._pauses) | {0, len(page._moments) - 1}
    assert [shot.frame for shot in shots] == sorted({shot.frame for shot in shots})
    assert shots[-1].seconds == 3.0
    assert 8.0 < sum(shot.seconds for shot in shots) < 30.0
    assert page.frames(1) == [len(page._moments) - 1]


def test_every_activation_of_the_catalogue_is_explained() -> None:
    assert set(get_args(MLP.model_fields["activation"].annotation)) == set(ACTIVATIONS)
    assert set(ACTIVATIONS) < set(members(Layer))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_derivatives_of_activations(name: str) -> None:
    shown = activation(name)
    np.testing.assert_allclose(shown.value, ACTIVATIONS[name](torch.from_numpy(shown.x)).numpy())
    steps = (shown.value[2:] - shown.value[:-2]) / (shown.x[2:] - shown.x[:-2])
    away = np.abs(shown.x[1:-1]) > 0.03  # from the corner of those that have one
    np.testing.assert_allclose(shown.slope[1:-1][away], steps[away], atol=2e-4)
    page = layer(name).page((960, 540), LIGHT)
    for frame in (0, 17, 40, 66, 80):
        place = page._places[frame]
        texts = [mark.text for mark in page.marks(frame) if isinstance(mark, Text)]
        for value in (shown.x[place], shown.value[place], shown.slope[place]):
            assert f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−") in texts


def test_where_gradients_die_is_said() -> None:
    assert activation("relu").closing == "Red, 50 % of what is shown: the gradient is 0, and dies"
    assert "is below 0.05" in activation("sigmoid").closing
    assert activation("leaky_relu").closing == "A gradient of at least 0.2 passes everywhere: nothing dies"
    assert layer("leaky_relu", slope=0.0).picture().closing == activation("relu").closing
    np.testing.assert_array_equal(layer("leaky_relu", slope=0.3).picture().slope[:200], 0.3)
    assert {activation("relu").said(place) for place in (0, 199)} == {activation("relu").said(100)}


def test_every_kind_of_file_is_written_and_small(tmp_path: Path) -> None:
    run = CliRunner()
    for suffix, magic in ((".gif", b"GIF89a"), (".png", b"\x89PNG"), (".svg", b"<?xml"), (".mp4", b"\x00\x00")):
        out = tmp_path / f"up{suffix}"
        size = "960x540" if suffix == ".gif" else "480x270"
        told = run.invoke(app, ["explain-layer", "conv_transpose", "-o", str(out), "--size", size, "--json"])
        assert told.exit_code == 0, told.output
        assert json.loads(told.stdout)["picture"]["bytes"] == out.stat().st_size < 1_000_000
        assert out.read_bytes().startswith(magic)
    with Image.open(tmp_path / "up.gif") as picture:
        assert picture.n_frames == 44
    told = run.invoke(app, ["explain-layer", "leaky_relu", "--slope", "0.1", "-o", str(tmp_path / "leaky.pdf"), "-q"])
    assert (told.exit_code, told.stdout) == (0, "")


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("relu", {"kernel": 3}, r"^--kernel 3: layer.kernel: unknown key .* another type: conv, conv_transpose "),
        ("conv", {"output_padding": 1}, r"known here: input, kernel, stride, padding, type\)$"),
        ("leakyrelu", {}, r"^no layer 'leakyrelu'; did you mean 'leaky_relu'\?"),
        ("conv", {"kernel": 9}, r"^--kernel 9: layer.kernel: kernel 9 is larger than the input with its padding \(5\)"),
        ("conv_transpose", {"kernel": 0}, r"^--kernel 0: layer.kernel: must be at least 1, got 0$"),
        (
            "conv_transpose",
            {"output_padding": 2},
            r"^--output-padding 2: layer.output_padding: output_padding 2 must be less than the stride, 2$",
        ),
        (
            "conv_transpose",
            {"padding": 4},
            r"^--padding 4: layer.padding: padding 4 leaves nothing of an output of 7: take a smaller one$",
        ),
        ("leaky_relu", {"slope": 2.0}, r"^--slope 2.0: layer.slope: must be at most 1, got 2.0$"),
    ],
)
def test_what_does_not_go_together_is_refused(name: str, settings: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_layer(name, as_overrides("layer", settings))


def test_what_could_not_be_read_is_refused() -> None:
    with pytest.raises(UsageError, match="squares of 9 x 9, 5 x 5, 21 x 21 numbers find no room in 960x540 pixels"):
        layer("conv_transpose", input=9, kernel=5).page((960, 540), LIGHT)


def test_explanations_have_a_still_that_says_all() -> None:
    page = layer("conv_transpose").page((960, 540), LIGHT)
    assert isinstance(page, Explanation)
    shots = page.shots(Timing(2, 20.0))
    assert page.closing(shots) == len(page._moments) - 1
