"""Pictures and tables as distributions on the plane: what is read, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image as Pillow
from pydantic import ValidationError

import gandyn.core.files
from gandyn.distributions import files, image
from gandyn.distributions.empirical import Empirical
from gandyn.distributions.image import Image


def _saved(tmp_path, picture):
    picture.save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_a_picture_stands_upright_and_keeps_its_shape(tmp_path):
    tones = np.full((20, 10), 255, np.uint8)
    tones[:5, :5] = 0  # top left
    tones[15:, 5:] = 128  # bottom right, half the ink
    law = Image(file=_saved(tmp_path, Pillow.fromarray(tones)), width=2.0)
    masses = law.masses(np.array([-1, 0, 1.0]), np.array([-2, 0, 2.0]))
    np.testing.assert_allclose(masses, [[0, 255 / 382], [127 / 382, 0]], atol=1e-12)
    light = Image(file=tmp_path / "picture.png", ink="light", width=2.0)
    assert light.density(np.array([-0.9, 1.9])) == 0
    assert light.density(np.array([0.9, 1.9])) > 0


def test_transparent_pixels_and_deep_greys_count_as_they_look(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2, :, 3] = 255  # black ink above, nothing below
    law = Image(file=_saved(tmp_path, Pillow.fromarray(pixels)))
    np.testing.assert_allclose(law.masses(np.array([-2, 2.0]), np.array([-2, 0, 2.0])), [[0, 1]], atol=1e-12)
    deep = np.full((4, 4), 65535, np.uint16)
    deep[:, 0], deep[:, 1] = 0, 32768
    law = Image(file=_saved(tmp_path, Pillow.fromarray(deep)))
    np.testing.assert_allclose(
        law.masses(np.array([-2, -1, 0, 2]), np.array([-2, 2])).ravel(), [2 / 3, 1 / 3, 0], atol=1e-4
    )


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 65535), (-1000, 3_000_000)])
def test_pictures_of_32_bits_reach_from_their_least_to_their_greatest_value(tmp_path, dtype, low, high):
    values = np.full((4, 4), high, dtype)
    values[0, 0] = low
    Pillow.fromarray(values).save(tmp_path / "picture.tif")
    law = Image(file=tmp_path / "picture.tif")
    np.testing.assert_allclose(law.masses(np.array([-2, -1, 2]), np.array([-2, 1, 2])), [[0, 1], [0, 0]], atol=1e-12)
    Pillow.fromarray(np.full((4, 4), high, dtype)).save(tmp_path / "flat.tif")
    with pytest.raises(ValidationError, match="all one tone"):
        Image(file=tmp_path / "flat.tif")


@pytest.mark.parametrize("kind", [Image, Empirical])
def test_a_missing_file_is_complained_of_at_its_key(kind, tmp_path):
    for fields in ({}, {"file": "nowhere.png"}, {"file": tmp_path}):
        with pytest.raises(ValidationError, match="cannot read") as refusal:
            kind.model_validate(fields, context={"folder": tmp_path})
        assert [error["loc"] for error in refusal.value.errors()] == [("file",)]


def test_a_large_picture_is_averaged_down(tmp_path):
    tones = np.full((300, 1000), 255, np.uint8)
    tones[:, :500] = 0
    law = Image(file=_saved(tmp_path, Pillow.fromarray(tones)))
    assert max(law.shares.shape) == 256
    assert law.masses(np.array([-2, 0.0]), np.array([-2, 2.0])) == pytest.approx(1.0, abs=1e-6)


def test_two_columns_are_read_by_number_and_by_name(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,c\n" + "\n".join(f"{i},{i * i},{i % 7}" for i in range(50)))
    by_number = Empirical.model_validate({"file": "t.csv", "columns": [2, 1]}, context={"folder": tmp_path})
    by_name = Empirical(file=tmp_path / "t.csv", columns=("c", "b"))
    np.testing.assert_array_equal(by_number.values, np.stack([np.arange(50) % 7, np.arange(50) ** 2], axis=1))
    np.testing.assert_array_equal(by_name.values, by_number.values)
    assert by_name.dim == 2
    assert Empirical(file=tmp_path / "t.csv", column="c").dim == 1


def test_one_column_needs_no_naming_whatever_its_shape(tmp_path):
    numbers = np.arange(9.0)
    np.savetxt(tmp_path / "t.csv", numbers)
    np.save(tmp_path / "flat.npy", numbers)
    np.save(tmp_path / "tall.npy", numbers[:, None])
    for name in ("t.csv", "flat.npy", "tall.npy"):
        np.testing.assert_array_equal(Empirical(file=tmp_path / name).values, numbers)


@pytest.mark.parametrize(
    ("first", "header"),
    [("x", True), ("-", True), ("nan", False), ("1e400", False), ("inf", False), ("", False), ("NA", False)],
)
def test_a_header_is_a_word_and_what_is_no_number_to_learn_is_not_passed_over(tmp_path, first, header):
    (tmp_path / "t.csv").write_text(f"{first},7\n" + "".join(f"{i},7\n" for i in range(9)))
    if header:
        np.testing.assert_array_equal(Empirical(file=tmp_path / "t.csv", column=0).values, np.arange(9.0))
    else:
        with pytest.raises(ValidationError, match="two different finite numbers"):
            Empirical(file=tmp_path / "t.csv", column=0)


_HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': %s}"


@pytest.mark.parametrize(
    "header",
    [
        _HEADER % "(1000000000000,)",
        _HEADER % "(-3,)",
        _HEADER % f"({10**300},)",
        _HEADER % "(2, 3",
        _HEADER % "10**30",
        _HEADER.replace("<f8", "|S9999999999") % "(1,)",
        _HEADER.replace("<f8", "|O") % "(2,)",
        "(" * 900,
        "{" + "1: 1, " * 3000 + "}",
    ],
)
def test_headers_of_arrays_are_held_against_the_file(tmp_path, header):
    text = header.encode() + b"\n"
    (tmp_path / "t.npy").write_bytes(b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text + bytes(80))
    with pytest.raises(ValidationError, match="holds no array that NumPy can read") as refusal:
        Empirical(file=tmp_path / "t.npy")
    assert len(refusal.value.errors()[0]["msg"]) < 400


def test_numbers_as_large_as_there_are_are_read_without_a_warning(tmp_path):
    np.save(tmp_path / "t.npy", np.array([1e308, -1e308, 0.0]))
    assert Empirical(file=tmp_path / "t.npy").values[0] == 1e308
    np.save(tmp_path / "t.npy", np.array([np.longdouble("1e4000"), 1, 2]))
    with pytest.raises(ValidationError, match="finite"):
        Empirical(file=tmp_path / "t.npy")


def test_what_a_file_holds_is_told_of_briefly(tmp_path):
    (tmp_path / "t.csv").write_text(",".join("Q" * 900 for _ in range(90)) + "\n" + ",".join("1" * 90) + "\n")
    with pytest.raises(ValidationError, match="has no column 'x'; it has Q") as refusal:
        Empirical(file=tmp_path / "t.csv", column="x")
    assert "Q" * 201 not in refusal.value.errors()[0]["msg"]
    (tmp_path / "t.csv").write_text("1," * 60_000 + "1\n" + "1," * 60_000 + "2\n")
    with pytest.raises(ValidationError, match="100,000 characters or more: write a sample a line"):
        Empirical(file=tmp_path / "t.csv")


def test_data_files_may_be_of_some_size(tmp_path, monkeypatch):
    np.save(tmp_path / "t.npy", np.arange(90.0))
    monkeypatch.setattr(files, "MOST_DATA_BYTES", 100)
    with pytest.raises(ValidationError, match="it has 848 bytes, and at most 100 are read"):
        Empirical(file=tmp_path / "t.npy")


def test_pictures_may_have_some_pixels_and_large_ones_are_averaged_as_small_ones_are(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    blocks = np.kron(rng.integers(0, 256, (8, 8), np.uint8), np.ones((64, 64), np.uint8))
    file = _saved(tmp_path, Pillow.fromarray(blocks))
    whole = Image(file=file).shares
    monkeypatch.setattr(image, "_LARGE", 128)
    np.testing.assert_allclose(Image(file=file).shares[::16, ::16] * 256, whole[::32, ::32] * 1024, rtol=1e-6)
    monkeypatch.setattr(gandyn.core.files, "MOST_PIXELS", 500 * 500)
    with pytest.raises(ValidationError, match="it has 512 x 512 pixels, and at most 250,000 are read"):
        Image(file=file)
    monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", 1000)  # Pillow's own bound is told in our words
    with pytest.raises(ValidationError, match="it has more than 250,000 pixels"):
        Image(file=file)


def test_kernels_are_as_wide_along_each_axis_as_its_numbers_ask(tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "t.npy", rng.standard_normal((4000, 2)) * [1.0, 100.0])
    law = Empirical(file=tmp_path / "t.npy", columns=(0, 1)).law
    width = 4000 ** (-1 / 6)
    np.testing.assert_allclose(law.kernel_stds, [width, 100 * width], rtol=0.1)
    spread = law.sample(rng, 40_000).std(0)
    np.testing.assert_allclose(spread, np.sqrt(1 + width**2) * np.array([1, 100]), rtol=0.05)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda folder: Image(file=folder / "nowhere.png"), "cannot read"),
        (lambda folder: Image(file=folder / "text.png"), "not a picture"),
        (lambda folder: Image(file=folder / "white.png"), "all one tone, so it holds no density$"),
        (lambda folder: Image(file=folder / "white_on_nothing.png"), "with ink: light it would not be"),
        (lambda folder: Image(file=folder / "nan.tif"), "no finite numbers"),
        (lambda folder: Image(file=folder / "cut.png"), "cannot be read as a picture"),
        (lambda folder: Empirical(file=folder / "t.npy", column=0, columns=(0, 1)), "not both"),
        (lambda folder: Empirical(file=folder / "t.npy", columns=(0, 5)), "no column 5"),
        (
            lambda folder: Empirical(file=folder / "t.npy"),
            r"t.npy has 2 columns: say column: 0 .* columns: \[0, 1\]",
        ),
        (
            lambda folder: Empirical(file=folder / "t.csv"),
            r"t.csv has 3 columns: say column: 0 .* columns: \[0, 1\]",
        ),
        (lambda folder: Empirical(file=folder / "wide.npy", columns=(0, 1)), "2 rows of 101 .* looks transposed"),
        (lambda folder: Empirical(file=folder / "wide.npy"), "looks transposed"),
        (lambda folder: Empirical(file=folder / "t.npy", columns=(0, 1)), "column 1 of .* two different"),
    ],
)
def test_files_that_hold_no_distribution_are_refused(build, text, tmp_path):
    Pillow.fromarray(np.full((4, 4), np.nan, np.float32)).save(tmp_path / "nan.tif")
    (tmp_path / "text.png").write_text("not a picture")
    Pillow.new("L", (5, 5), 255).save(tmp_path / "white.png")
    pixels = np.full((4, 4, 4), 255, np.uint8)
    pixels[0, :, 3] = 0
    Pillow.fromarray(pixels).save(tmp_path / "white_on_nothing.png")
    noise = Pillow.fromarray(np.random.default_rng(0).integers(256, size=(50, 50), dtype=np.uint8))
    noise.save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:600])
    np.save(tmp_path / "t.npy", np.stack([np.arange(9.0), np.ones(9)], axis=1))
    np.save(tmp_path / "wide.npy", np.arange(202.0).reshape(2, 101))
    (tmp_path / "t.csv").write_text("a,b,c\n" + "\n".join(f"{i},{i * i},{i % 7}" for i in range(9)))
    with pytest.raises(ValidationError) as refusal:
        build(tmp_path)
    message = refusal.value.errors()[0]["msg"]
    assert re.search(text, message), message


def test_an_archive_under_the_name_of_an_array_is_closed(tmp_path, monkeypatch):
    opened, load = [], np.load
    monkeypatch.setattr(np, "load", lambda *given, **more: opened.append(load(*given, **more)) or opened[-1])
    np.savez(tmp_path / "two.npz", a=np.arange(3), b=np.arange(3))
    (tmp_path / "two.npz").rename(tmp_path / "two.npy")
    with pytest.raises(ValidationError, match="several arrays"):
        Empirical(file=tmp_path / "two.npy")
    assert [one.fid for one in opened] == [None]
