"""Where files are written to, and what becomes of them where that fails."""

from __future__ import annotations

import os
import resource
import stat
import threading
from contextlib import contextmanager

import numpy as np
import pytest

from gandyn.app.csv_export import write_table
from gandyn.core.errors import RenderError
from gandyn.rendering import AnimationOptions, animate, plot
from gandyn.rendering.encoders.output import ANIMATED, STILL, atomic

SMALL = AnimationOptions(frames=4, size=(480, 270))


def csv(recording, path):
    write_table(recording, path)


def array(recording, path):
    with atomic(path) as part, part.open("wb") as file:
        np.save(file, np.zeros(10_000))


WRITERS = {
    **{suffix: lambda recording, path: animate(recording, path, SMALL) for suffix in (*ANIMATED, *STILL)},
    ".csv": csv,
    ".npy": array,
}


@contextmanager
def no_room():
    """Let files end after 2,000 bytes, as on a full disk; not for longer, for tests may print to a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_writer_that_runs_out_of_room_says_so_and_leaves_what_was_there(recording, tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"the old one")
    said = f"^{path}: (it would be larger than a file may be here|could not be written)"
    with pytest.raises(RenderError, match=said), no_room():
        WRITERS[suffix](recording, path)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"the old one"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_written(recording, tmp_path, there):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "b.png", tmp_path / "a.png"
    link.symlink_to("far/b.png")
    if there:
        target.write_bytes(b"the old one")
    plot(recording, link)
    assert os.readlink(link) == "far/b.png"
    assert target.read_bytes()[:4] == b"\x89PNG"
    assert [entry.name for entry in (tmp_path / "far").iterdir()] == ["b.png"]


def test_links_that_lead_to_each_other_are_told_of(recording, tmp_path):
    one, two = tmp_path / "a.png", tmp_path / "b.png"
    one.symlink_to(two)
    two.symlink_to(one)
    with pytest.raises(RenderError, match="a link that leads back to itself"):
        plot(recording, one)
    assert one.is_symlink()


def test_devices_and_pipes_are_written_to_and_stay(recording, tmp_path):
    link = tmp_path / "a.png"
    link.symlink_to("/dev/null")
    plot(recording, link)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    link.unlink()
    link.symlink_to("/dev/full")
    with pytest.raises(RenderError, match="the disk is full"):
        plot(recording, link)
    fifo, read = tmp_path / "b.png", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    plot(recording, fifo)
    reader.join()
    assert read[0][:4] == b"\x89PNG"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_a_file_that_is_open_is_gone_on_with(recording, tmp_path):
    with (tmp_path / "log").open("w+") as file:
        file.write("before\n")
        file.flush()
        with atomic(tmp_path.joinpath(f"/dev/fd/{file.fileno()}")) as part:
            part.write_text("numbers\n")
        file.write("after\n")
    assert (tmp_path / "log").read_text() == "before\nnumbers\nafter\n"


def test_a_folder_that_takes_no_files_is_named(recording):
    with pytest.raises(RenderError, match=r"^/proc/a\.png: no file can be made in the folder /proc$"):
        plot(recording, "/proc/a.png")


def test_two_that_write_one_picture_do_so_one_after_the_other(recording, tmp_path):
    path, begun, order = tmp_path / "a.gif", threading.Event(), []

    def second():
        begun.wait()
        animate(recording, path, AnimationOptions(frames=2, size=(480, 270)))
        order.append("second")

    def tick(done, of):
        begun.set()
        if done == of:
            order.append("first")

    other = threading.Thread(target=second)
    other.start()
    animate(recording, path, SMALL, progress=tick)
    other.join()
    assert order == ["first", "second"]
    assert path.read_bytes().count(b"\x21\xf9\x04") == 2  # frames
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gif"]


def test_an_interrupted_sequence_leaves_the_one_that_was_there(recording, tmp_path):
    animate(recording, tmp_path / "a.png", SMALL, stills=True)
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}

    def stop(done, _of):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        animate(recording, tmp_path / "a.png", AnimationOptions(frames=4, size=(640, 360)), progress=stop, stills=True)
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before


def test_of_a_sequence_all_names_are_taken_or_none(recording, tmp_path):
    (tmp_path / "a-0003.png").mkdir()
    with pytest.raises(RenderError, match=r"a-0003\.png: not a place a file can be written to"):
        animate(recording, tmp_path / "a.png", SMALL, stills=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a-0003.png"]
