"""Scenarios side by side, from files to a picture: what is trained, what is said to differ, what is refused."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scenario.conftest import TOY
from typer.testing import Result

import gandyn as package
from gandyn.app.comparing import compared, picture_of
from gandyn.app.runs import Source, record
from gandyn.core.errors import UsageError
from gandyn.rendering.figures.comparison import Compared
from gandyn.scenario.differences import caption, differences
from gandyn.scenario.loading import load_scenario, parse_scenario

Run = Callable[..., Result]
UNBOUNDED = pytest.mark.filterwarnings("ignore:nothing bounds:gandyn.core.errors.SettingsWarning")
"""The objective alone is to differ, and a Wasserstein critic without bounds is warned of."""


@pytest.fixture
def pair(workplace: Path) -> Path:
    """Two scenarios that differ in one knob: `toy.yaml` and `wass.yaml`."""
    (workplace / "wass.yaml").write_text(TOY + "objective: {type: wasserstein}\n")
    return workplace


def resolved(**values: Any) -> dict[str, Any]:
    return parse_scenario({"data": {"type": "gaussian"}, **values}).resolved()


def test_two_scenarios_end_to_end(gandyn: Run, pair: Path) -> None:
    done = gandyn("animate", "toy.yaml", "wass.yaml")
    assert done.exit_code == 0, done.stderr
    with Image.open("toy-vs-wass.gif") as picture:
        assert picture.size == (480, 270)
        assert getattr(picture, "n_frames", 1) == 3
    assert Path("runs/toy/recording.zarr").is_dir()
    assert Path("runs/wass/recording.zarr").is_dir()
    for word in ("toy-vs-wass.gif", "objective: non-saturating", "objective: wasserstein", "JS, nats", "runs/wass"):
        assert word in done.stdout
    header = next(line for line in done.stdout.splitlines() if "toy" in line and "wass" in line and "gif" not in line)
    assert header.index("toy") < header.index("wass")


def test_numbers_of_all_come_as_json(gandyn: Run, pair: Path) -> None:
    gandyn("train", "wass.yaml")
    found = json.loads(gandyn("animate", "wass.yaml", "toy.yaml", "--json", "-o", "both.png").stdout)
    assert found["picture"]["path"] == "both.png"
    assert [one["name"] for one in found["sources"]] == ["wass", "toy"]
    assert [one["how"] for one in found["sources"]] == ["reused", "trained"]
    assert all(one["final"]["js"]["median"] > 0 for one in found["sources"])


def test_options_hold_for_each(gandyn: Run, pair: Path) -> None:
    done = gandyn("animate", "toy.yaml", "wass.yaml", "--set", "train.steps=5", "--seed", "3", "--json")
    assert [(one["last_step"], one["seeds"]) for one in json.loads(done.stdout)["sources"]] == [(5, [3]), (5, [3])]


def test_recordings_and_scenarios_mix(gandyn: Run, pair: Path) -> None:
    gandyn("train", "toy.yaml")
    assert gandyn("animate", "runs/toy", "wass.yaml").exit_code == 0
    assert Path("toy-vs-wass.gif").exists()
    assert package.animate(["runs/toy", "runs/wass"], "again.png").exists()


@UNBOUNDED
def test_one_knob_apart_they_begin_alike(pair: Path) -> None:
    """The streams of chance depend on the seed alone, so what a knob does not touch is the same at step 0."""
    one, other = (package.train(name, progress=False).dataset.isel(step=0) for name in ("toy.yaml", "wass.yaml"))
    for name in ("generator_density", "generator_map", "js", "w1"):
        np.testing.assert_array_equal(one[name].values, other[name].values)


def test_a_scenario_brings_those_beside_it(gandyn: Run, pair: Path) -> None:
    (pair / "sub").mkdir()
    (pair / "sub" / "host.yaml").write_text(
        TOY.replace("A toy", "What the objective does").replace("frames: 3", "frames: 3, beside: [../wass.yaml]")
    )
    found = json.loads(gandyn("animate", "sub/host.yaml", "--json").stdout)
    assert [one["name"] for one in found["sources"]] == ["host", "wass"]
    assert found["picture"]["path"] == "host.gif"
    # Given together, scenarios are drawn as they are given; a recording is drawn as it is.
    assert len(json.loads(gandyn("animate", "sub/host.yaml", "toy.yaml", "--json").stdout)["sources"]) == 2
    assert "sources" not in json.loads(gandyn("animate", "runs/host", "--json").stdout)
    (pair / "wass.yaml").rename(pair / "sub" / "wass.yaml")
    assert "wass.yaml" in gandyn("animate", "sub/host.yaml").stderr


def test_the_gallery_draws_comparisons(gandyn: Run, pair: Path) -> None:
    (pair / "all").mkdir()
    (pair / "wass.yaml").rename(pair / "all" / "wass.yaml")
    (pair / "all" / "host.yaml").write_text(TOY.replace("frames: 3", "frames: 3, beside: wass.yaml"))
    quick = ("--set", "animation.hold=0", "--set", "animation.hold_first=0")
    assert gandyn("gallery", "all/host.yaml", "-o", "pictures", *quick).exit_code == 0
    assert Path("pictures/host.gif").exists()
    assert Path("pictures/README.md").read_text().count("after 20 steps:") == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["toy.yaml", "toy.yaml"], "given twice"),
        (["toy.yaml", "./toy.yaml"], "given twice"),
        (["toy.yaml", "a.yaml", "b.yaml", "c.yaml", "d.yaml"], "at most 4"),
        (["toy.yaml", "absent.yaml"], "absent.yaml"),
        (["toy.yaml", "same.yaml"], "beside itself"),
        (["toy.yaml", "wass.yaml", "--set", "animation.story=morph"], "morph"),
        (["toy.yaml", "wass.yaml", "--set", "train.stepz=5"], "did you mean 'steps'"),
    ],
)
def test_nonsense_is_refused(gandyn: Run, pair: Path, arguments: list[str], complaint: str) -> None:
    (pair / "same.yaml").write_text(TOY + "name: toy\n")
    done = gandyn("animate", *arguments)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert not list(pair.glob("*.gif"))
    assert Path("runs").exists() == (complaint == "beside itself")  # all else is found out before anything is trained


def test_a_panel_of_the_other_dimension_is_refused_before_training(gandyn: Run, workplace: Path) -> None:
    done = gandyn("animate", "toy.yaml", "--set", "animation.panels=[lattice]")
    assert done.exit_code == 2
    assert "lattice" in done.stderr
    assert "on the plane" in done.stderr
    assert not Path("runs").exists()


def test_what_shares_no_axes_is_refused_before_training(gandyn: Run, pair: Path) -> None:
    (pair / "ring.yaml").write_text("data: {type: ring}\nlatent: {dim: 2}\n")
    done = gandyn("animate", "toy.yaml", "ring.yaml")
    assert done.exit_code == 2
    assert "on the line" in done.stderr
    assert "on the plane" in done.stderr
    assert not Path("runs").exists()


KNOBS: list[tuple[list[dict[str, Any]], dict[str, list[str]]]] = [
    ([{}, {}], {}),
    ([{}, {"title": "Other", "caption": "Other", "animation": {"fps": 5}}], {}),
    ([{}, {"train": {"seeds": [1]}}], {}),
    ([{}, {"objective": {"type": "wasserstein"}}], {"objective": ["non-saturating", "wasserstein"]}),
    ([{}, {"regularizers": [{"type": "weight_clipping"}]}], {"regularizers": ["none", "weight-clipping"]}),
    (
        [{"regularizers": [{"type": "weight_clipping", "limit": limit}]} for limit in (0.1, 0.3)],
        {"weight-clipping limit": ["0.1", "0.3"]},
    ),
    ([{}, {"generator": {"hidden": [16]}}], {"generator hidden": ["32, 32", "16"]}),
    ([{}, {"generator": {"hidden": [16]}, "discriminator": {"hidden": [16]}}], {"hidden": ["32, 32", "16"]}),
    ([{}, {"optimizers": {"generator": {"lr": 1e-2}}}], {"generator lr": ["0.001", "0.01"]}),
    ([{}, {"optimizers": {"generator": {"lr": 1e-2}, "discriminator": {"lr": 1e-2}}}], {"lr": ["0.001", "0.01"]}),
    (
        [
            {"optimizers": {player: {"betas": [beta, 0.999]} for player in ("generator", "discriminator")}}
            for beta in (0.9, 0.5)
        ],
        {"Adam beta1": ["0.9", "0.5"]},
    ),
    ([{}, {"optimizers": {"generator": {"betas": [0.5, 0.9]}}}], {"generator Adam beta2": ["0.999", "0.9"]}),
    ([{}, {"train": {"batch_size": 64}}], {"batch size": ["256", "64"]}),
    (
        [{}, {"train": {"batch_size": 64}, "objective": {"type": "wasserstein"}}, {}],
        {
            "objective": ["non-saturating", "wasserstein", "non-saturating"],
            "batch size": ["256", "64", "256"],
        },
    ),
    ([{}, {"train": {"steps": 100}}], {"steps": ["2000", "100"]}),
    (
        [{}, {"train": {"steps": 100}}, {"dynamics": {"discriminator_steps": 5}}],
        {"discriminator steps": ["1", "1", "5"]},
    ),
]


@pytest.mark.parametrize(("scenarios", "expected"), KNOBS)
def test_the_knobs_that_differ_are_named(scenarios: list[dict[str, Any]], expected: dict[str, list[str]]) -> None:
    assert differences([resolved(**one) for one in scenarios]) == expected


@UNBOUNDED
def test_headings_name_one_knob_or_two_and_titles_where_there_are_more(pair: Path) -> None:
    base = load_scenario("toy.yaml")
    changes = ["objective.type=wasserstein", "optimizers.generator.lr=0.01", "data.means=[-1, 1]"]
    headings = []
    for count in (1, 2, 3):
        other = load_scenario("toy.yaml", ["name=other", "title=Other", *changes[:count]])
        recordings = [package.train(one, f"runs/{one.fingerprint()}", progress=False) for one in (base, other)]
        shown = compared(recordings, [0, 0])
        headings.append([column.heading for column in shown.columns])
        assert shown.caption.startswith("Only objective: non-saturating or" if count == 1 else "What differs: ")
        assert "same initial weights" in shown.caption
    assert headings[0] == ["objective: non-saturating", "objective: wasserstein"]
    assert headings[1] == ["non-saturating · generator lr 0.001", "wasserstein · generator lr 0.01"]
    assert headings[2] == ["A toy", "Other"]


def test_other_seeds_are_a_difference_too(pair: Path) -> None:
    base, other = load_scenario("toy.yaml"), load_scenario("toy.yaml", ["name=other", "train.steps=5"])
    recordings = [package.train(one, f"runs/{one.name}", progress=False) for one in (base, other)]
    assert compared(recordings, [0, 0]).caption.startswith("Only steps: ")
    assert compared(recordings, [0, 3]).caption == "What differs: steps, seed"


def image_game(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": data,
        "generator": {"type": "mlp"},
        "discriminator": {"type": "mlp"},
        "train": {"steps": 1},
        "record": {"every": 1, "latent_points": 64, "quality_samples": 100},
    }


def test_planes_of_different_images_are_not_compared(gandyn: Run, workplace: Path) -> None:
    rng = np.random.default_rng(0)
    for name in "ab":
        (workplace / name).mkdir()
        for number in range(150):
            pixels = rng.integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(workplace / name / f"{number}.png")
        data = {"type": "image_folder", "folder": name, "size": 8, "colour": False}
        (workplace / f"{name}.yaml").write_text(json.dumps(image_game(data)))
    done = gandyn("animate", "a.yaml", "b.yaml")
    assert done.exit_code == 2
    assert "principal components differ" in done.stderr
    assert not Path("runs").exists()
    recordings = [package.train(f"{name}.yaml", progress=False) for name in "ab"]
    with pytest.raises(UsageError, match="principal components differ"):
        compared(recordings, [0, 0])
    again = package.train("a.yaml", "runs/again", progress=False)
    assert compared([recordings[0], again], [0, 0]).caption == ""


def test_a_recording_is_not_put_beside_itself(gandyn: Run, pair: Path) -> None:
    gandyn("train", "toy.yaml")
    with pytest.raises(UsageError, match="beside itself"):
        package.animate(["runs/toy", Path("runs") / "toy"], "a.gif")


def test_a_list_of_one_is_drawn_alone_and_those_beside_at_its_right(gandyn: Run, pair: Path) -> None:
    for name in ("toy", "wass"):
        gandyn("train", f"{name}.yaml")
    package.animate(["runs/toy"], "one.png")
    package.animate("runs/toy", "same.png")
    assert Path("one.png").read_bytes() == Path("same.png").read_bytes()
    package.animate("runs/toy", "beside.png", beside=["runs/wass"])
    package.animate(["runs/toy", "runs/wass"], "both.png")
    assert Path("beside.png").read_bytes() == Path("both.png").read_bytes() != Path("one.png").read_bytes()
    with pytest.raises(UsageError, match="no recording"):
        package.animate([], "none.png")


def test_the_gallery_checks_what_is_beside_before_it_trains(gandyn: Run, pair: Path) -> None:
    (pair / "all").mkdir()
    (pair / "all" / "first.yaml").write_text(TOY)
    (pair / "all" / "second.yaml").write_text(TOY.replace("frames: 3", "frames: 3, beside: absent.yaml"))
    done = gandyn("gallery", "all", "-o", "pictures")
    assert done.exit_code == 2
    assert "absent.yaml" in done.stderr
    assert not Path("runs").exists()


def test_divergences_a_grid_is_too_coarse_for_are_called_lower_bounds(gandyn: Run, workplace: Path) -> None:
    narrow = ("--set", "data.stds=[0.02, 0.02]")
    assert "lower bounds" in gandyn("animate", "toy.yaml", *narrow).stdout
    assert "lower bounds" in gandyn("show", "runs/toy").stdout
    assert "lower bounds" not in gandyn("animate", "toy.yaml", "-o", "wide.gif").stdout


def test_headings_are_the_scenarios_own_where_each_has_one(pair: Path) -> None:
    first, second = load_scenario("toy.yaml"), load_scenario("toy.yaml", ["train.steps=5"])
    sources = [Source(record(one), one.animation, one.name) for one in (first, second)]
    for given, expected in (
        (("Left", "Right"), ["Left", "Right"]),
        (("Left", "Left"), ["steps: 20", "steps: 5"]),
        (("Left", ""), ["steps: 20", "steps: 5"]),
    ):
        shown = picture_of(
            [
                replace(one, animation=one.animation.model_copy(update={"heading": heading}))
                for one, heading in zip(sources, given, strict=True)
            ]
        )
        assert isinstance(shown, Compared)
        assert [column.heading for column in shown.columns] == expected


def test_of_what_differs_no_single_name_is_kept_back() -> None:
    found = {name: ["a", "b"] for name in ("data", "generator", "regularizers", "discriminator steps", "seed", "steps")}
    five = dict(itertools.islice(found.items(), 5))
    assert caption(five) == "What differs: data, generator, regularizers, discriminator steps, seed"
    assert caption(found).endswith(" and 2 more")
