"""The command line from scenario to file: what is trained, what is reused, what is told."""

from __future__ import annotations

import csv
import json
import math
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import Result

import gandyn as package

Run = Callable[..., Result]


def strict_json(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def test_animate_trains_draws_and_tells(gandyn: Run, workplace: Path) -> None:
    done = gandyn("animate", "toy.yaml")
    assert done.exit_code == 0, done.stderr
    with Image.open("toy.gif") as picture:
        assert getattr(picture, "n_frames", 1) >= 2
    assert Path("runs/toy/recording.zarr").is_dir()
    for word in ("toy.gif", "480x270", "runs/toy", "KL(data||generator)", "JS", "W1", "modes found", "frames/s"):
        assert word in done.stdout
    assert done.stderr == ""


def test_a_recording_that_fits_is_only_drawn(gandyn: Run, workplace: Path) -> None:
    how = []
    for options in ([], ["--fps", "5"], ["--set", "title=Another"], ["--set", "train.steps=10"], [], ["--force"]):
        done = gandyn("animate", "toy.yaml", "--json", *options)
        assert done.exit_code == 0, done.stderr
        how.append(strict_json(done.stdout)["how"])
    assert how == ["trained", "reused", "reused", "trained", "reused", "trained"]


def test_only_where_a_scenario_is_named_training_again_is_offered(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml")
    assert "--force trains again" in gandyn("animate", "toy.yaml").stdout
    drawn = gandyn("animate", "runs/toy").stdout
    assert "runs/toy  (recording, drawn as it is)" in drawn
    assert "--force" not in drawn


@pytest.mark.parametrize("options", [["--seed", "7"], ["--set", "train.steps=10"]])
def test_a_finished_recording_is_kept_when_the_settings_change(
    gandyn: Run, workplace: Path, options: list[str]
) -> None:
    gandyn("train", "toy.yaml")
    journal = Path("runs/toy/journal.jsonl").read_bytes()
    done = gandyn("animate", "toy.yaml", *options)
    (apart,) = Path("runs").glob("toy-*")
    assert str(apart) in done.stdout
    assert "runs/toy was made with other settings and is kept" in done.stdout
    again = strict_json(gandyn("animate", "toy.yaml", "--json", *options).stdout)
    assert (again["how"], again["recording"]) == ("reused", str(apart))
    forced = strict_json(gandyn("animate", "toy.yaml", "--json", "--force", *options).stdout)
    assert (forced["how"], forced["recording"]) == ("trained", str(apart))
    assert Path("runs/toy/journal.jsonl").read_bytes() == journal
    assert strict_json(gandyn("train", "toy.yaml", "--json").stdout)["recording"] == "runs/toy"


def test_a_named_folder_is_replaced_only_when_asked(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml", "-o", "here")
    refused = gandyn("train", "toy.yaml", "-o", "here", "--set", "train.steps=10")
    assert refused.exit_code == 1
    assert "here: holds a recording of this scenario made with other settings; --force replaces it" in refused.stderr
    assert package.open_recording("here").steps()[-1] == 20
    done = gandyn("train", "toy.yaml", "-o", "here", "--set", "train.steps=10", "--force")
    assert "it replaces one made with other settings" in done.stdout
    assert package.open_recording("here").steps()[-1] == 10


def test_neither_the_device_nor_the_place_of_the_data_asks_for_training_again(workplace: Path) -> None:
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(folder, "numbers.csv").write_text("1\n2\n4\n")
        Path(folder, "toy.yaml").write_text("data: {type: empirical, file: numbers.csv}\n")
    first = package.load_scenario("a/toy.yaml")
    assert first.fingerprint() == package.load_scenario("b/toy.yaml", ["train.device=cpu"]).fingerprint()
    Path("b/numbers.csv").write_text("1\n2\n5\n")
    assert first.fingerprint() != package.load_scenario("b/toy.yaml").fingerprint()


def test_a_new_title_is_drawn_without_training_again(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml")
    assert strict_json(gandyn("train", "toy.yaml", "--set", "title=Another", "--json").stdout)["title"] == "Another"
    assert package.open_recording("runs/toy").scenario["title"] == "Another"
    assert strict_json(gandyn("animate", "runs/toy", "--json").stdout)["title"] == "Another"


def test_how_one_picture_looks_is_not_stored(gandyn: Run, workplace: Path) -> None:
    filed = package.load_scenario("toy.yaml").resolved()["animation"]
    for options in (["--theme", "paper"], ["--frames", 2], ["--size", "320x180", "--set", "animation.fps=3"], []):
        assert gandyn("animate", "toy.yaml", *options).exit_code == 0
        assert package.open_recording("runs/toy").scenario["animation"] == filed
    assert gandyn("plot", "toy.yaml", "--theme", "talk-dark").exit_code == 0
    assert package.open_recording("runs/toy").scenario["animation"] == filed
    Path("drawn.yaml").write_text(
        Path("toy.yaml")
        .read_text()
        .replace("frames: 3", "frames: 3, seed: 4")
        .replace("train: {", "train: {seeds: [4], ")
    )
    assert strict_json(gandyn("animate", "drawn.yaml", "--seed", 7, "--theme", "paper", "--json").stdout)["seeds"] == [
        7
    ]


def test_a_picture_that_needs_more_than_was_recorded_is_drawn_of_a_recording_beside_it(
    gandyn: Run, workplace: Path
) -> None:
    gandyn("train", "toy.yaml")
    asked = ("animate", "toy.yaml", "--set", "animation.panels=gradients", "--json")
    first, again = (strict_json(gandyn(*asked).stdout) for _ in range(2))
    assert (first["how"], again["how"]) == ("trained", "reused")
    assert first["recording"] == again["recording"] != "runs/toy"
    beside = package.open_recording(first["recording"])
    assert "force" in beside.dataset
    assert beside.scenario["animation"]["panels"] is None
    refused = gandyn("animate", "runs/toy", "--set", "animation.panels=gradients")
    assert "it is made without record.gradients: true" in refused.stderr


@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webp", ".apng", ".png", ".GIF"])
def test_the_suffix_chooses_the_format(gandyn: Run, workplace: Path, suffix: str) -> None:
    done = gandyn("animate", "toy.yaml", "-o", f"deep/down/picture{suffix}", "--json")
    assert done.exit_code == 0, done.stderr
    picture = strict_json(done.stdout)["picture"]
    assert Path(picture["path"]).stat().st_size == picture["bytes"]
    assert picture["size"] == [480, 270]
    assert [entry.name for entry in Path("deep/down").iterdir()] == [f"picture{suffix}"]


def test_png_with_frames_is_a_numbered_sequence(gandyn: Run, workplace: Path) -> None:
    assert gandyn("animate", "toy.yaml", "-o", "p.png", "--frames", 4).exit_code == 0
    assert len(list(Path().glob("p-*.png"))) == 4
    assert not Path("p.png").exists()
    told = gandyn("animate", "toy.yaml", "-o", "q.png", "--set", "animation.frames=2").stdout
    assert "q-0001.png to q-0002.png  (" in told


def test_the_lab_asked_for_shows_all_panels(gandyn: Run, workplace: Path) -> None:
    Path("own.yaml").write_text(Path("toy.yaml").read_text().replace("frames: 3", "panels: [density], frames: 3"))
    for options, whole in ((["--layout", "lab"], True), (["--layout", "lab", "--panels", "density"], False)):
        assert gandyn("animate", "own.yaml", "-o", "x.svg", *options).exit_code == 0
        assert ("KL" in Path("x.svg").read_text()) is whole


def test_notes_that_are_not_shown_are_told(gandyn: Run, workplace: Path) -> None:
    for name in ("one", "two"):
        text = Path("toy.yaml").read_text().replace("frames: 3", f"frames: 3, notes: {{0: of {name}}}")
        Path(f"{name}.yaml").write_text(f"objective: {{type: {'hinge' if name == 'one' else 'least_squares'}}}\n{text}")
    told = gandyn("animate", "one.yaml", "two.yaml", "--size", "960x540").stderr
    assert told == "gandyn: the notes (animation.notes) are those of one; those of two are not shown\n"


def test_options_of_the_picture(gandyn: Run, workplace: Path) -> None:
    time = ["--frames", 5, "--pace", "log", "--hold-first", 0.5, "--hold", 2, "--poster", "last.png"]
    notes = ["--set", "animation.notes={1: a start, 9999: never}"]
    done = gandyn(
        "animate", "toy.yaml", "--size", "640x360", "--theme", "talk-dark", *time, *notes, "--json", "-o", "."
    )
    told = strict_json(done.stdout)["picture"]
    assert told["size"] == [640, 360]
    assert (told["path"], told["poster"], told["unseen_notes"]) == ("toy.gif", "last.png", [9999])
    with Image.open("last.png") as poster:
        assert poster.size == (640, 360)
    refused = gandyn("animate", "toy.yaml", "--poster", "last.gif")
    assert (refused.exit_code, "last.gif: unsupported suffix" in refused.stderr) == (2, True)
    with Image.open("toy.gif") as picture:
        corner = picture.convert("RGB").getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert max(corner) < 64


def test_a_seed_that_is_not_trained_is_trained_alone(gandyn: Run, workplace: Path) -> None:
    assert strict_json(gandyn("animate", "toy.yaml", "--seed", 7, "--json").stdout)["seeds"] == [7]
    several = strict_json(gandyn("animate", "toy.yaml", "--set", "train.seeds=3", "--seed", 2, "--json").stdout)
    assert several["seeds"] == [0, 1, 2]
    assert gandyn("animate", several["recording"], "--seed", 1, "-o", "one.png").exit_code == 0
    refused = gandyn("animate", several["recording"], "--seed", 9)
    assert refused.exit_code == 2
    assert "0, 1, 2" in refused.stderr


def test_several_seeds_are_summed_up(gandyn: Run, workplace: Path) -> None:
    done = gandyn("train", "toy.yaml", "--set", "train.seeds=3")
    for word in ("3 seeds, 0 to 2", "median", "lowest .. highest", "of 3 seeds"):
        assert word in done.stdout
    final = strict_json(gandyn("train", "toy.yaml", "--set", "train.seeds=3", "--json").stdout)["final"]
    assert len(final["js"]["per_seed"]) == 3
    assert final["js"]["lowest"] <= final["js"]["median"] <= final["js"]["highest"] <= math.log(2)


def test_an_infinite_divergence_is_said_and_explained(gandyn: Run, workplace: Path) -> None:
    # A bounded latent has a bounded image, and the data has not.
    bounded = ["--set", "latent.type=uniform"]
    done = gandyn("train", "toy.yaml", *bounded)
    found = strict_json(gandyn("train", "toy.yaml", "--json", *bounded).stdout)
    assert found["final"]["kl"]["median"] == "inf"
    assert f"skew {found['final']['kl_skew']['median']:.3g}" in done.stdout
    assert "of the data out of reach" in done.stdout


def test_divergence_is_told_and_still_drawn(gandyn: Run, workplace: Path) -> None:
    wild = ["--set", "optimizers.generator={type: sgd, lr: 1e30}", "--set", "optimizers.discriminator.lr=1e30"]
    done = gandyn("animate", "toy.yaml", "--json", *wild)
    assert done.exit_code == 0, done.stderr
    found = strict_json(done.stdout)
    assert list(found["diverged"]) == ["0"]
    assert found["final"]["js"]["per_seed"] == [None]
    assert f"diverged at step {found['diverged']['0']}" in gandyn("animate", "toy.yaml", *wild).stdout
    assert Path("toy.gif").stat().st_size > 0


def test_zero_steps_record_the_initial_state(gandyn: Run, workplace: Path) -> None:
    found = strict_json(gandyn("animate", "toy.yaml", "--set", "train.steps=0", "--json").stdout)
    assert found["last_step"] == 0
    assert found["complete"]


def test_quiet_says_nothing(gandyn: Run, workplace: Path) -> None:
    for command in (["animate", "toy.yaml"], ["train", "toy.yaml"], ["plot", "runs/toy"]):
        done = gandyn(*command, "--quiet")
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_plot_writes_figures_and_numbers(gandyn: Run, workplace: Path) -> None:
    for name in ("a.png", "a.svg", "a.pdf"):
        assert gandyn("plot", "toy.yaml", "-o", name).exit_code == 0
        assert Path(name).stat().st_size > 1000
    assert gandyn("plot", "runs/toy", "-o", "s.png", "--filmstrip", "--steps", "0,10,20").exit_code == 0
    refused = gandyn("plot", "runs/toy", "-o", "s.png", "--filmstrip", "--steps", "0,99", "--width", "84mm")
    assert (refused.exit_code, "step 99: the run ends at step 20" in refused.stderr) == (2, True)
    gandyn("train", "toy.yaml", "-o", "sparse", "--set", "record.every=5")
    strip = gandyn("plot", "sparse", "-o", "s.svg", "--filmstrip", "--steps", "0,7,8,20")
    assert strip.stderr == "gandyn: the filmstrip shows steps 0, 5, 10, 20: the nearest recorded to 0, 7, 8, 20\n"
    assert re.findall(r">step (\d+)<", Path("s.svg").read_text()) == ["0", "5", "10", "20"]
    done = gandyn("plot", "runs/toy", "--csv", "n.csv", "--json")
    assert next(iter(strict_json(done.stdout))) == "csv"
    rows = list(csv.DictReader(Path("n.csv").read_text().splitlines()))
    recording = package.open_recording("runs/toy")
    assert [int(row["step"]) for row in rows] == list(range(21))
    assert [float(row["kl"]) for row in rows] == recording.dataset["kl"].values[0].tolist()


def test_plot_draws_several_recordings_in_one_figure(gandyn: Run, workplace: Path) -> None:
    for name in ("a", "b"):
        gandyn("train", "toy.yaml", "-o", name, "--set", f"optimizers.generator.lr={'1e-3' if name == 'a' else '1e-4'}")
    done = gandyn("plot", "a", "b", "-o", "both.svg", "--panels", "js", "--width", "3.3in", "--no-title", "--json")
    assert [one["recording"] for one in strict_json(done.stdout)["sources"]] == ["a", "b"]
    drawn = Path("both.svg").read_text()
    for text in ("Jensen-Shannon divergence", "in nats; generator lr", ">0.001<", ">0.0001<"):
        assert text in drawn
    assert "A toy" not in drawn
    package.plot(["a", "b"], "python.svg", width="3.3in", title=False, panels=["js"])
    assert Path("python.svg").read_text() == drawn
    assert package.filmstrip("a", "strip.png", steps=[0, 20], width="84mm") == Path("strip.png")


def test_show_tells_what_is_in_a_recording(gandyn: Run, workplace: Path) -> None:
    gandyn("train", "toy.yaml", "-o", "elsewhere")
    done = gandyn("show", "elsewhere")
    assert done.exit_code == 0
    for name in package.open_recording("elsewhere").dataset.data_vars:
        assert str(name) in done.stdout
    for word in ("A toy", "complete", "21 recorded, 0 to 20", "kB", "exact", "nats"):
        assert word in done.stdout
    found = strict_json(gandyn("show", "elsewhere", "--json").stdout)
    assert found["variables"]["generator_density"]["dims"] == ["seed: 1", "step: 21", "x: 64"]
    assert found["bytes_on_disk"] > 1000


def test_what_is_said_to_go_on_with_is_the_same_command(
    gandyn: Run, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gandyn.app import training as run

    train = run.train
    begun: list[object] = []

    def once(*arguments: Any, **options: Any) -> Any:
        done = train(*arguments, **options)
        if not begun:
            begun.append(done)
            journal = Path("runs/toy/journal.jsonl")
            journal.write_text(
                "".join(line for line in journal.read_text().splitlines(True) if '"complete"' not in line)
            )
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(run, "train", once)
    options = ["--filmstrip", "--steps", "0,10", "--csv", "my numbers.csv", "--json", "-o", "strip.svg"]
    stopped = gandyn("plot", "toy.yaml", *options)
    assert stopped.exit_code == 130
    Path("runs/toy").rename("runs/my toy")
    assert "gandyn train 'runs/my toy/scenario.yaml' -o 'runs/my toy' --resume" in gandyn("show", "runs/my toy").stdout
    Path("runs/my toy").rename("runs/toy")
    again = shlex.split(stopped.stderr.split("go on with: gandyn ")[1])
    found = strict_json(gandyn(*again).stdout)
    assert found["how"] == "resumed"
    assert found["figure"]["path"] == "strip.svg"
    assert found["csv"]["path"] == "my numbers.csv"


def test_how_far_a_recording_goes_is_told_as_it_is(gandyn: Run, workplace: Path) -> None:
    from gandyn.core.replacing import alone

    gandyn("train", "toy.yaml", "--set", "record.every=3")
    journal = Path("runs/toy/journal.jsonl")
    journal.write_text("".join(line for line in journal.read_text().splitlines(True) if '"complete"' not in line))
    shown = gandyn("show", "runs/toy").stdout
    # Killed after its last commit: all steps are there, and it does not count as stopped short of them.
    assert "unfinished, recorded up to step 20 of 20; go on with: gandyn train runs/toy/scenario.yaml" in shown
    with alone(Path("runs/toy")):
        shown = gandyn("show", "runs/toy").stdout
        assert "being recorded by this process; up to step 20 of 20 so far" in shown
        assert "go on with" not in shown
        assert strict_json(gandyn("animate", "runs/toy", "--json").stdout)["written_by"] == "this process"
    assert strict_json(gandyn("show", "runs/toy", "--json").stdout)["written_by"] is None


def test_the_catalogue_lists_every_field_of_every_type(gandyn: Run, workplace: Path) -> None:
    from gandyn.games.base import Game
    from gandyn.scenario.schema import KINDS, types_of

    everything = gandyn("catalog").stdout
    for kind, base in {"game": Game, **KINDS}.items():
        listing = gandyn("catalog", kind).stdout
        for name, cls in types_of(base).items():
            assert name in everything
            assert all(field in listing for field in cls.model_fields if field != "type")
    assert "talk-dark" in everything
    assert "density" in gandyn("catalog", "panels").stdout
    assert "means" in gandyn("catalog", "gaussian_mixture").stdout
    for word, place in {
        "spectral": "dcgan: norm",
        "conditional": "conditional",
        "average": "train.average",
        "fid": "record.quality_samples",
    }.items():
        lines = gandyn("catalog", word).stdout.splitlines()
        assert sum(place in line for line in lines) == 1, word
    refused = gandyn("catalog", "gausian")
    assert refused.exit_code == 2
    assert "did you mean 'gaussian'?" in refused.stderr
    assert "infinite" in gandyn("catalog", "kl").stdout
    told = strict_json(gandyn("catalog", "density", "--json").stdout)["entries"]
    assert "caustics" in told[0]["text"]
    assert told[0]["places"] == ["line", "plane", "images"]
    assert strict_json(gandyn("catalog", "--json").stdout)["entries"]


def test_the_schema_knows_every_key(gandyn: Run, workplace: Path) -> None:
    from gandyn.scenario.schema import scenario_type

    schema = strict_json(gandyn("schema").stdout)
    assert set(schema["properties"]) == set(scenario_type().model_fields)
    assert schema["required"] == ["data"]
    assert schema["additionalProperties"] is False


def test_the_gallery_draws_every_scenario(gandyn: Run, workplace: Path) -> None:
    folder = workplace / "scenarios" / "line"
    folder.mkdir(parents=True)
    (folder / "one.yaml").write_text((workplace / "toy.yaml").read_text())
    quick = ("--set", "animation.hold=0", "--set", "animation.hold_first=0")
    told = json.loads(gandyn("gallery", "--json", *quick).stdout)["exhibits"][0]
    assert told["media"]["picture"] == "gallery/one.gif"
    assert all(Path(told["media"][kind]).exists() for kind in ("picture", "video", "poster", "dark_video"))
    assert "../scenarios/line/one.yaml" in Path("gallery/README.md").read_text()
    (folder / "bad.yaml").write_text("data: {type: gausian}\n")
    refused = gandyn("gallery")
    assert refused.exit_code == 2
    assert "bad.yaml:1:8" in refused.stderr


@pytest.mark.parametrize(
    "command", [["train"], ["animate", "--frames", "2"], ["show"], ["show", "--json"], ["train", "--set", "x\x1b=1"]]
)
def test_a_terminal_is_given_no_orders(gandyn: Run, workplace: Path, command: list[str]) -> None:
    text = (workplace / "toy.yaml").read_text().replace("A toy", '"\\e]0;mine\\a \\e[2J\\x9b31m red"')
    (workplace / "toy.yaml").write_text(text + 'caption: "\\e[31m"\n')
    if command[0] == "show":
        assert gandyn("train", "toy.yaml").exit_code == 0
    done = gandyn(command[0], "runs/toy" if command[0] == "show" else "toy.yaml", *command[1:])
    assert all(sign == "\n" or sign.isprintable() for sign in done.stdout + done.stderr)


def test_the_same_from_python(workplace: Path) -> None:
    scenario = package.load_scenario("toy.yaml", ["train.steps=5"])
    recording = package.train(scenario)
    assert recording.path == Path("runs/toy")
    assert recording.dataset.sizes["step"] == 6
    assert package.animate(recording, "toy.gif", frames=3, theme="paper") == Path("toy.gif")
    assert package.plot("runs/toy", "deep/toy.svg") == Path("deep/toy.svg")
    again = package.train({"name": "other", "data": {"type": "gaussian"}, "train": {"steps": 1}}, "here")
    assert again.complete
    with pytest.warns(UserWarning, match="the note at step 9 never comes: the picture ends before"):
        package.animate(recording, "toy.png", poster="p.png", notes={9: "late", "end": "here"})
    assert Path("p.png").read_bytes() == Path("toy.png").read_bytes()
    with pytest.raises(package.errors.UsageError, match="fps"):
        package.animate(recording, "toy.gif", fsp=3)
    with pytest.raises(package.errors.UsageError, match=r"^plot\(theme=...\): animation.theme"):
        package.plot(recording, "toy.svg", theme="papr")
    assert set(package.__all__) <= set(dir(package))


@pytest.mark.parametrize(
    "command", ["animate", "new", "train", "plot", "sample", "show", "catalog", "schema", "gallery", "explain-layer"]
)
def test_every_command_has_help(gandyn: Run, command: str) -> None:
    assert gandyn(command, "--help").exit_code == 0
    assert command in gandyn("--help").stdout


def test_version(gandyn: Run) -> None:
    assert gandyn("--version").stdout == f"gandyn {package.__version__}\n"


def test_lists_are_printed_whole(gandyn: Run, workplace: Path) -> None:
    # Square brackets are markup to the library that draws tables.
    assert "[0.5, 0.999]" in gandyn("catalog", "adam").stdout
    assert "[scale, bias]" in gandyn("catalog", "affine").stdout
