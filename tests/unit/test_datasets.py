"""Laws of every set of images of the catalogue, and what becomes of files that are not what they should be.

Nothing here reaches beyond this machine.
"""

from __future__ import annotations

import gzip
import hashlib
import http.server
import os
import re
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pooch
import pytest
from PIL import Image
from pydantic import ValidationError

from gandyn.core.catalog import create, members
from gandyn.core.errors import DataError, UsageError
from gandyn.datasets import base, fetching, image_folder, mnist
from gandyn.datasets.base import ImageDataset
from gandyn.datasets.digits import Digits
from gandyn.datasets.fetching import Collection, fetch
from gandyn.datasets.idx import read_idx
from gandyn.datasets.image_folder import ImageFolder
from gandyn.datasets.mnist import Mnist
from gandyn.datasets.resizing import resized

VARIANTS = {
    "mnist": [{"size": 32}, {"size": 10}, {"digits": [7, 1]}, {"digits": [3], "size": 64}],
    "digits": [{"size": 28}],
    "image_folder": [{"size": 16, "colour": False}, {"folder": "classes", "size": 8}],
}
CASES = [(name, fields) for name in members(ImageDataset) for fields in [{}, *VARIANTS.get(name, [])]]
CLOSED = ("http://127.0.0.1:9/mnist",)
"""No mirror: nothing listens there."""
REAL = os.environ.get("GANDYN_DATA", "")


@pytest.fixture(autouse=True)
def this_machine(monkeypatch, tmp_path):
    """Let no test reach the network, the user's cache, or what another test has loaded."""
    connect = socket.socket.connect

    def local(self, address):
        assert address[0] in ("127.0.0.1", "::1"), f"a test asked for {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr(mnist, "FILES", mnist.FILES._replace(mirrors=CLOSED))
    yield
    base._loaded.cache_clear()
    mnist._whole.cache_clear()


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """A folder like MNIST's with few images: digits of blocks, in the places and under hashes of the real ones."""
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    sha256 = {}
    for start, count in (("train", 60), ("t10k", 30)):
        blocks = np.repeat(np.repeat(rng.integers(0, 256, (count, 14, 14), np.uint8), 2, 1), 2, 2)
        labels = np.arange(count, dtype=np.uint8) % 10
        for name, array in (("images-idx3", blocks), ("labels-idx1", labels)):
            (folder / f"{start}-{name}-ubyte.gz").write_bytes(gzip.compress(idx(array)))
            sha256[f"{start}-{name}-ubyte.gz"] = hashlib.sha256(idx(array)).hexdigest()
    assert sha256.keys() == mnist.FILES.sha256.keys()
    monkeypatch.setattr(mnist, "FILES", mnist.FILES._replace(sha256=sha256))
    monkeypatch.setenv("GANDYN_DATA", str(tmp_path / "data"))
    return folder


@pytest.fixture
def pictures(tmp_path):
    """The folders `images` (without classes) and `classes` (two) with pictures of coloured blocks."""
    rng = np.random.default_rng(1)
    places = {"images": ["a.png", "b.jpg", "c.JPEG"], "classes": ["cat/1.png", "dog/2.png", "dog/young/3.jpg"]}
    for folder, names in places.items():
        for name in names:
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            blocks = rng.integers(0, 256, (4, 3, 3), np.uint8)
            Image.fromarray(blocks.repeat(10, 0).repeat(10, 1)).save(path)
    return tmp_path


@pytest.fixture(params=CASES, ids=[f"{name}-{i}" for i, (name, _) in enumerate(CASES)])
def dataset(request, small_mnist, pictures, monkeypatch):
    name, fields = request.param
    monkeypatch.chdir(pictures)
    return create(ImageDataset, {"type": name, **fields})


def test_images_are_as_the_set_says(dataset):
    for split in ("train", "test") if dataset.has_test else ("train",):
        pixels, labels = dataset.load(split)
        assert pixels.shape[1:] == dataset.shape
        assert pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous
        assert np.ptp(pixels.astype(int)) > 200
        if labels is None:
            assert dataset.class_names == ()
            continue
        assert labels.dtype == np.int64
        assert labels.shape == pixels.shape[:1]
        assert set(labels.tolist()) <= set(range(len(dataset.class_names)))


def test_images_are_shared_by_equal_sets_and_cannot_be_written_to(dataset):
    images = dataset.load()
    again = type(dataset).model_validate_json(dataset.model_dump_json())
    assert again == dataset
    assert again.load() is images
    for array in images:
        if array is not None:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_a_split_that_is_not_there_is_complained_of(dataset):
    with pytest.raises(UsageError, match="'train' and 'test'"):
        dataset.load("validation")
    if not dataset.has_test:
        with pytest.raises(UsageError, match=re.escape(dataset.label())):
            dataset.load("test")


def test_the_catalogue_imports_nothing_that_only_loading_needs():
    code = (
        "import sys; from gandyn.core.catalog import members; from gandyn.datasets.base import ImageDataset;"
        "members(ImageDataset); print({'torch', 'PIL', 'pooch', 'requests', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_resized_images_keep_tones_means_and_places():
    rng = np.random.default_rng(2)
    flat = np.full((2, 3, 28, 28), 137, np.uint8)
    assert (resized(flat, 9) == 137).all()
    noise = rng.integers(0, 256, (50, 1, 28, 28), np.uint8)
    assert resized(noise, 28) is noise
    shrunk = resized(noise, 7).astype(float)
    # Antialiased: each pixel averages about 16, so their spread falls accordingly; picked ones would keep theirs.
    assert shrunk.std() < noise.std() / 2
    np.testing.assert_allclose(shrunk.mean((2, 3)), noise.mean((2, 3)), atol=5)
    corner = np.zeros((1, 1, 8, 8), np.uint8)
    corner[0, 0, 0, 7] = 255
    assert np.unravel_index(resized(corner, 32).argmax(), (1, 1, 32, 32))[2:] < (4, 32)
    assert resized(corner, 32)[0, 0, :4, 28:].mean() > 100


def test_scikit_learns_digits_reach_from_black_to_white():
    pixels, labels = Digits().load()
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert len(np.unique(pixels)) == 17
    assert np.bincount(labels).min() > 170


def test_mnist_keeps_digits_and_pads_to_32(small_mnist):
    pixels, labels = Mnist().load()
    kept = Mnist(digits=[7, 1, 7])
    assert kept == Mnist(digits=[1, 7])
    assert kept.class_names == tuple("0123456789")
    assert set(kept.load().labels) == {1, 7}
    np.testing.assert_array_equal(kept.load().pixels, pixels[np.isin(labels, (1, 7))])
    padded = Mnist(size=32).load().pixels
    np.testing.assert_array_equal(padded[..., 2:30, 2:30], pixels)
    assert padded.sum() == pixels.sum()
    for digits in ([], [10], [-1]):
        with pytest.raises(ValidationError):
            Mnist(digits=digits)


@pytest.mark.skipif(not (Path(REAL) / "mnist").is_dir(), reason="GANDYN_DATA has no MNIST")
def test_the_real_mnist(monkeypatch):
    monkeypatch.setenv("GANDYN_DATA", REAL)
    pixels, labels = Mnist().load()
    assert pixels.shape == (60000, 1, 28, 28)
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert pixels.mean() / 255 == pytest.approx(0.1307, abs=5e-5)  # as is well known
    assert pixels.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    assert np.bincount(Mnist().load("test").labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "begins with nothing"),
        (b"\x89PNG\r\n", "begins with 89 50 4e 47"),
        (b"\0\0\x0d\1\0\0\0\1\0\0\0\0", "no IDX file of unsigned bytes"),
        (b"\0\0\x08\0", "no IDX file"),
        (b"\0\0\x08\2\0\0\0\1\0\0", "cut short"),
        (idx(np.zeros((2, 3), np.uint8))[:-1], "has 17 bytes; an array of 2 x 3 bytes would make 18"),
        (idx(np.zeros((2, 3), np.uint8)) + b"\0", "has 19 bytes"),
    ],
)
def test_what_is_no_idx_file_is_refused(content, complaint):
    with pytest.raises(DataError, match=complaint) as refusal:
        read_idx(content, "labels.gz")
    assert "labels.gz" in str(refusal.value)


def test_idx_arrays_come_back_as_they_were():
    array = np.random.default_rng(3).integers(0, 256, (3, 4, 5), np.uint8)
    np.testing.assert_array_equal(read_idx(idx(array), "array"), array)


CONTENT = b"the bytes that were meant" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PACKED = gzip.compress(CONTENT)
DAMAGED = {
    "truncated": PACKED[: len(PACKED) // 2],
    "corrupt": PACKED[:30] + bytes([PACKED[30] ^ 255]) + PACKED[31:],
    "wrong": gzip.compress(b"other bytes"),
    "wrong-unpacked": b"<html>Please log in</html>",
    "empty": b"",
}


def meant(*mirrors):
    """Fetch the file that is meant from some mirrors."""
    return fetch(Collection("set", mirrors or CLOSED, {"meant.gz": SHA256}), "meant.gz")


damaged = pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())


@pytest.mark.parametrize("place", ["set/meant.gz", "set/meant", "meant.gz", "meant"])
@pytest.mark.parametrize("content", [PACKED, CONTENT], ids=["packed", "unpacked"])
def test_files_are_found_packed_or_unpacked_in_the_folder_of_the_environment(place, content, tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_DATA", str(tmp_path))
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    assert meant() == CONTENT
    assert not (tmp_path / "cache").exists()


def test_a_packed_file_is_not_unpacked_without_end(tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_DATA", str(tmp_path))
    monkeypatch.setattr(fetching, "MOST_DATA_BYTES", 1 << 20)
    (tmp_path / "meant.gz").write_bytes(gzip.compress(bytes(1 << 26)))
    cut = hashlib.sha256(bytes(1 << 20)).hexdigest()
    with pytest.raises(DataError, match=f"not the file it should be: SHA-256 of its unpacked bytes {cut}"):
        meant()


@damaged
def test_a_bad_file_in_the_folder_of_the_environment_is_an_error_and_stays(content, tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_DATA", str(tmp_path))
    path = tmp_path / "meant.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=SHA256) as refusal:
        meant()
    assert str(path) in str(refusal.value)
    if not content.startswith(b"\x1f\x8b"):  # else there are no unpacked bytes, or not all
        assert hashlib.sha256(content).hexdigest() in str(refusal.value)
    assert path.read_bytes() == content
    assert not (tmp_path / "cache").exists()


def test_without_a_network_the_error_says_where_to_put_the_file(tmp_path, monkeypatch):
    monkeypatch.delenv("GANDYN_DATA", raising=False)
    with pytest.raises(DataError, match=r"^could not get train-images-idx3-ubyte.gz: no network") as refusal:
        Mnist().load()
    text = str(refusal.value)
    assert "urllib" not in text
    assert "retries" not in text
    for part in (*mnist.FILES.sha256, str(tmp_path / "cache/gandyn/mnist"), CLOSED[0]):
        assert part in text
    assert list((tmp_path / "cache/gandyn/mnist").iterdir()) == []


def test_a_folder_of_the_environment_that_lacks_the_file_is_named_first(tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_DATA", str(tmp_path))
    with pytest.raises(DataError, match=rf"^GANDYN_DATA={tmp_path} holds no train-images"):
        Mnist().load()
    monkeypatch.setenv("GANDYN_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setattr(fetching, "_download", lambda *_: pytest.fail("nothing is downloaded"))
    with pytest.raises(DataError, match=rf"^GANDYN_DATA={tmp_path}/nowhere: there is no folder of that name"):
        Mnist().load()


def test_a_cache_that_cannot_be_written_to_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("GANDYN_DATA", raising=False)
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(DataError, match="cannot write to") as refusal:
        meant()
    assert str(tmp_path / "cache") in str(refusal.value)


@pytest.fixture
def mirror(monkeypatch):
    """A server of whatever its `content` holds by path; it promises `promised` bytes more than it sends."""
    monkeypatch.delenv("GANDYN_DATA", raising=False)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            content = server.content.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) + server.promised))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.content, server.asked, server.promised = {}, [], 0
        server.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def cached(tmp_path):
    return tmp_path / "cache" / "gandyn" / "set"


def test_a_download_is_kept(mirror, tmp_path):
    mirror.content["/good/meant.gz"] = PACKED
    assert meant(*CLOSED, f"{mirror.address}/bad", f"{mirror.address}/good/") == CONTENT
    assert mirror.asked == ["/bad/meant.gz", "/good/meant.gz"]
    assert meant() == CONTENT
    assert [path.name for path in cached(tmp_path).iterdir()] == ["meant.gz"]


@pytest.mark.parametrize(("name", "content"), [("meant.gz", PACKED), ("meant", CONTENT)], ids=["packed", "unpacked"])
def test_a_file_may_be_put_into_the_cache_by_hand(name, content, tmp_path, monkeypatch):
    monkeypatch.delenv("GANDYN_DATA", raising=False)
    cached(tmp_path).mkdir(parents=True)
    (cached(tmp_path) / name).write_bytes(content)
    assert meant() == CONTENT


@damaged
@pytest.mark.parametrize("promised", [0, 1000], ids=["as-promised", "cut-off"])
def test_a_bad_download_leaves_nothing(content, promised, mirror, tmp_path):
    mirror.content["/meant.gz"], mirror.promised = content, promised
    with pytest.raises(DataError, match=re.escape(mirror.address)) as refusal:
        meant(mirror.address)
    if not promised:
        assert SHA256 in str(refusal.value)
    assert list(cached(tmp_path).iterdir()) == []


@damaged
def test_a_bad_file_in_the_cache_is_fetched_again_once(content, mirror, tmp_path):
    cached(tmp_path).mkdir(parents=True)
    (cached(tmp_path) / "meant.gz").write_bytes(content)
    mirror.content["/meant.gz"] = content
    with pytest.raises(DataError):
        meant(mirror.address)
    assert len(mirror.asked) == 1
    mirror.content["/meant.gz"] = PACKED
    assert meant(mirror.address) == CONTENT
    assert (cached(tmp_path) / "meant.gz").read_bytes() == PACKED


def folder_of(tmp_path, **pictures):
    (tmp_path / "own").mkdir()
    for name, picture in pictures.items():
        picture.save(tmp_path / "own" / f"{name}.png")
    return tmp_path / "own"


def tones(folder, **fields):
    """Return the tones of each image, which is to be of one colour."""
    pixels = ImageFolder(folder=folder, **fields).load().pixels
    assert (pixels == pixels[:, :, :1, :1]).all()
    return pixels[:, :, 0, 0].tolist()


def test_pictures_of_every_mode_look_as_they_do_on_a_white_page(tmp_path):
    size = (20, 20)
    palette = Image.new("P", size, 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    see_through = palette.copy()
    see_through.info["transparency"] = 1
    folder = folder_of(
        tmp_path,
        a=Image.new("L", size, 77),
        b=Image.new("RGB", size, (255, 0, 0)),
        c=palette,
        d=see_through,
        e=Image.new("RGBA", size, (0, 0, 0, 0)),
        f=Image.new("LA", size, (0, 255)),
        g=Image.fromarray(np.full(size, 65535 // 5, np.uint16)),
        h=Image.new("1", size, 1),
    )
    red, white, black = [255, 0, 0], [255] * 3, [0] * 3
    assert tones(folder) == [[77] * 3, red, red, white, white, black, [51] * 3, white]
    assert tones(folder, colour=False) == [[77], [76], [76], [255], [255], [0], [51], [255]]


def test_the_middle_square_is_kept_and_stands_upright(tmp_path):
    wide = np.full((30, 90), 255, np.uint8)
    wide[:, 30:60] = 0
    wide[:10, 30:60] = 128
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held sideways
    folder = folder_of(tmp_path, a=Image.fromarray(wide), b=Image.fromarray(wide.T))
    Image.fromarray(np.rot90(wide)).save(folder / "c.png", exif=turned)
    plain, transposed, upright = ImageFolder(folder=folder, size=30, colour=False).load().pixels[:, 0]
    np.testing.assert_array_equal(plain, wide[:, 30:60])
    np.testing.assert_array_equal(transposed, plain.T)
    np.testing.assert_array_equal(upright, plain)


def test_large_jpegs_are_averages(tmp_path):
    tall = np.random.default_rng(4).integers(0, 256, (1600, 800), np.uint8)
    tall[400:1200] //= 2
    folder_of(tmp_path)
    Image.fromarray(tall).save(tmp_path / "own" / "noise.jpg", quality=95)
    pixels = ImageFolder(folder=tmp_path / "own", size=16, colour=False).load().pixels
    np.testing.assert_allclose(pixels, 63, atol=10)


def test_subfolders_are_classes(pictures):
    dataset = ImageFolder(folder=pictures / "classes", size=8)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.load().labels.tolist() == [0, 1, 1]
    (pictures / "classes" / ".hidden").mkdir()
    for name in ("notes.txt", "._1.png", ".hidden/1.png"):
        (pictures / "classes" / name).write_text("no picture")
    assert ImageFolder(folder=pictures / "classes", size=8) == dataset
    (pictures / "linked").mkdir()
    for name in ("cat", "dog"):
        (pictures / "linked" / name).symlink_to(pictures / "classes" / name)
    linked = ImageFolder(folder=pictures / "linked", size=8)
    assert linked.sha256 == dataset.sha256
    np.testing.assert_array_equal(linked.load().pixels, dataset.load().pixels)


def test_the_hash_tells_other_images_names_and_classes(pictures):
    folder = pictures / "classes"
    first = ImageFolder(folder=folder).sha256
    (folder / "cat/1.png").rename(folder / "cat/0.png")
    second = ImageFolder(folder=folder).sha256
    Image.new("L", (9, 9)).save(folder / "cat/0.png")
    third = ImageFolder(folder=folder).sha256
    (folder / "cat").rename(folder / "cow")
    assert len({first, second, third, ImageFolder(folder=folder).sha256}) == 4
    with pytest.raises(ValidationError, match="have changed") as refusal:
        ImageFolder(folder=folder, sha256=third)
    assert [error["loc"] for error in refusal.value.errors()] == [("sha256",)]


def test_a_folder_is_relative_to_the_scenario(pictures):
    dataset = ImageFolder.model_validate({"folder": "images"}, context={"folder": pictures})
    assert dataset.folder == pictures / "images"


def test_folders_without_images_are_complained_of_at_their_key(pictures):
    (pictures / "empty").mkdir()
    (pictures / "both" / "sub").mkdir(parents=True)
    for name in ("both/a.png", "both/sub/a.png"):
        Image.new("L", (9, 9)).save(pictures / name)
    complaints = {
        "empty": "there is no .png",
        "nowhere": "cannot read folder",
        "images/a.png": "cannot read folder",
        "both": "both in itself",
    }
    for folder, complaint in complaints.items():
        with pytest.raises(ValidationError, match=complaint) as refusal:
            ImageFolder(folder=pictures / folder)
        assert [error["loc"] for error in refusal.value.errors()] == [("folder",)]


def test_pictures_and_folders_may_be_of_some_size(pictures, monkeypatch):
    path = pictures / "images" / "huge.png"
    Image.new("1", (13_000, 13_000)).save(path)
    with pytest.raises(DataError, match=f"{re.escape(str(path))} .* 13,000 x 13,000 pixels, and at most 67,108,864"):
        ImageFolder(folder=pictures / "images").load()
    monkeypatch.setattr(image_folder, "_MOST_FILES", 2)
    with pytest.raises(ValidationError, match="holds more than 2 files"):
        ImageFolder(folder=pictures / "images")


def test_pipes_are_no_pictures(pictures):
    os.mkfifo(pictures / "images" / "pipe.png")
    assert Path("pipe.png") not in ImageFolder(folder=pictures / "images").names


@pytest.mark.parametrize("name", ["a.png", "b.jpg"])
@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b[:60] + bytes(len(b) - 60)])
def test_a_broken_picture_is_named(name, damage, pictures):
    path = pictures / "images" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=re.escape(str(path))):
        ImageFolder(folder=pictures / "images").load()
