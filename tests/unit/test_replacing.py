"""What stands under a name is whole, whoever is killed when, and one at a time writes it."""

from __future__ import annotations

import _thread
import logging
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gandyn.core.locks import HeldError
from gandyn.core.replacing import alone, replaced, restored, swept

KILLED = """
import os, shutil, sys
from pathlib import Path
from gandyn.core.replacing import alone, replaced

left = int(sys.argv[2])

def deadly(act):
    def step(*args, **kwargs):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        act(*args, **kwargs)
        if left == 0:
            os._exit(9)
        left -= 1
    return step

os.rename, os.replace, shutil.rmtree = map(deadly, (os.rename, os.replace, shutil.rmtree))
target = Path(sys.argv[1])
with alone(target), replaced(target) as part:
    if target.is_dir():
        part.mkdir()
        (part / "a").write_text("new")
        (part / "b").write_text("new")
    else:
        part.write_text("new")
"""
HOLDER = """
import sys
from pathlib import Path
from gandyn.core.replacing import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def killed(target, step):
    """Return whether a process that replaces a target died at a step of it: before or after a renaming or deleting."""
    code = subprocess.run([sys.executable, "-c", KILLED, str(target), str(step)], check=False).returncode
    assert code in (0, 9)
    return code == 9


def content(folder):
    return {file.name: file.read_text() for file in folder.iterdir()}


@pytest.mark.parametrize("step", range(9))
def test_a_folder_is_the_old_one_or_the_new_one_whenever_its_writer_was_killed(tmp_path, step):
    folder = tmp_path / "r"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text("old")
    assert killed(folder, step) == (step < 8)  # three renamings and one deletion, each before and after
    restored(folder)
    assert content(folder) == (dict.fromkeys("ab", "new") if step > 2 else dict.fromkeys("abc", "old"))
    swept(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize("step", range(3))
def test_a_file_is_the_old_one_or_the_new_one_whenever_its_writer_was_killed(tmp_path, step):
    (tmp_path / "a.csv").write_text("old")
    assert killed(tmp_path / "a.csv", step) == (step < 2)
    assert (tmp_path / "a.csv").read_text() == ("new" if step else "old")
    with alone(tmp_path / "a.csv"):  # the next that writes there clears away what is left
        assert sorted(entry.name for entry in tmp_path.iterdir()) == [".a.csv.gandyn.lock", "a.csv"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def test_what_a_living_process_makes_is_not_swept_and_its_number_is_told(tmp_path):
    place = tmp_path / "r"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(place)], stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        (tmp_path / ".r.gandyn.tmp").write_text("half")
        swept(tmp_path)
        with pytest.raises(HeldError, match=f"^process {holder.pid}$"), alone(place, lambda waited: False):
            pass
        assert (tmp_path / ".r.gandyn.tmp").read_text() == "half"
        holder.kill()
    with alone(place, lambda waited: False):  # no lock outlives the process that held it
        assert not (tmp_path / ".r.gandyn.tmp").exists()
    assert list(tmp_path.iterdir()) == []


def test_threads_take_turns(tmp_path):
    place, inside, most, done = tmp_path / "r", [], [], []

    def work(number):
        for _ in range(5):
            with alone(place):
                inside.append(number)
                most.append(len(inside))
                done.append(number)
                inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(list(range(4)) * 5)
    assert max(most) == 1
    assert list(tmp_path.iterdir()) == []


def test_nobody_waits_for_himself(tmp_path):
    with alone(tmp_path / "r"), pytest.raises(HeldError, match="this process"), alone(tmp_path / "r"):
        pass


def test_ctrl_c_ends_waiting_which_the_user_was_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.core.locks._UNSAID", 0.0)
    told, before = [], signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have jobs ignore it

    class Impatient(logging.Handler):
        def emit(self, record):
            told.append(record.getMessage())
            _thread.interrupt_main()

    held, over = threading.Event(), threading.Event()

    def hold():
        with alone(tmp_path / "r"):
            held.set()
            over.wait()

    handler, other = Impatient(), threading.Thread(target=hold)
    logging.getLogger("gandyn").addHandler(handler)
    other.start()
    held.wait()
    try:
        with pytest.raises(KeyboardInterrupt), alone(tmp_path / "r"):
            pass
    finally:
        signal.signal(signal.SIGINT, before)
        logging.getLogger("gandyn").removeHandler(handler)
        over.set()
        other.join()
    assert told == [f"gandyn: {tmp_path / 'r'} is being written by this process; waiting for it (Ctrl-C gives up)"]


@pytest.mark.parametrize("there", [True, False])
def test_what_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path, there):
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "r", tmp_path / "r"
    link.symlink_to(target)
    if there:
        target.mkdir()
    with alone(link) as found, replaced(found) as part:
        part.mkdir()
        (part / "a").write_text("new")
    assert link.is_symlink()
    assert content(target) == {"a": "new"}
    assert [entry.name for entry in (tmp_path / "real").iterdir()] == ["r"]


def test_an_error_leaves_what_was_there(tmp_path):
    def fail(target):
        with replaced(target) as part:
            part.write_text("new")
            raise ZeroDivisionError

    (tmp_path / "a").write_text("old")
    with alone(tmp_path / "a") as target, pytest.raises(ZeroDivisionError):
        fail(target)
    assert content(tmp_path) == {"a": "old"}


def test_a_folder_that_takes_no_files_is_not_waited_for():
    with pytest.raises(OSError, match="No such file"), alone(Path("/proc/r")):
        pass
