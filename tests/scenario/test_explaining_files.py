"""Files that explain a layer: those that come with gandyn, what is wrong in others, and every way to draw one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scenario.conftest import Run
from torch.nn import functional

import gandyn as package
from gandyn.core.errors import ScenarioError, UsageError
from gandyn.rendering.explain.activation_page import ActivationFigure
from gandyn.rendering.explain.sliding_page import SlidingFigure
from gandyn.rendering.marks.marks import Text
from gandyn.rendering.theme import THEMES
from gandyn.scenario.explanations import ExplainedLayer, load_layer
from gandyn.scenario.loading import load_scenario, scenario_files

SHIPPED = Path(__file__).parents[2] / "scenarios"
FILES = sorted((SHIPPED / "explain").glob("*.yaml"))

SMALL = "animation: {size: [480, 270]}\n"


def explained(name: str) -> ExplainedLayer:
    return load_layer(SHIPPED / f"explain/{name}.yaml")


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_each_that_is_shipped_is_drawn_with_its_title(file: Path, tmp_path: Path) -> None:
    shown = load_layer(file)
    look = shown.animation
    page = shown.layer.page(look.size, THEMES[look.theme], look.big, shown.title)
    texts = [mark.text for mark in page.background() if isinstance(mark, Text)]
    assert shown.title
    assert shown.title in texts
    picture = package.explain_layer(file, tmp_path / "still.png", animation={"size": (480, 270)})
    with Image.open(picture) as image:
        assert image.size == (480, 270)


def test_the_numbers_of_those_that_are_shipped_are_torchs() -> None:
    assert {file.stem for file in FILES} == {"checkerboard", "no_checkerboard", "convolution", "leaky_relu"}
    for name, kernel, closing in (
        ("checkerboard", 3, ": a checkerboard, as stride 2 does not divide kernel 3"),
        ("no_checkerboard", 4, ": no checkerboard"),
    ):
        layer = explained(name).layer
        page = layer.page((960, 540), THEMES["talk-light"])
        assert isinstance(page, SlidingFigure)
        found = functional.conv_transpose2d(layer.numbers[None, None], layer.weights[None, None], stride=2)[0, 0]
        assert layer.weights.shape == (kernel, kernel)
        np.testing.assert_array_equal(page.shown.target.values, found)
        assert page.shown.closing.endswith(closing)
    layer = explained("convolution").layer
    page = layer.page((960, 540), THEMES["talk-light"])
    assert isinstance(page, SlidingFigure)
    found = functional.conv2d(layer.numbers[None, None], layer.weights[None, None], padding=1)[0, 0]
    np.testing.assert_array_equal(page.shown.target.values, found)
    assert found.shape == layer.numbers.shape
    page = explained("leaky_relu").layer.page((960, 540), THEMES["talk-light"])
    assert isinstance(page, ActivationFigure)
    assert set(page.shown.slope) == {0.2, 1.0}


def test_they_are_no_scenarios(workplace: Path) -> None:
    games = scenario_files(SHIPPED)
    assert not set(games) & set(FILES)
    assert {*games, *FILES} == set(SHIPPED.rglob("*.yaml"))
    with pytest.raises(ScenarioError, match=r"trains nothing; to draw it: gandyn explain-layer .*convolution.yaml$"):
        load_scenario(SHIPPED / "explain/convolution.yaml")
    with pytest.raises(ScenarioError, match=r"^toy.yaml: this is a scenario, .*: gandyn animate toy.yaml$"):
        load_layer("toy.yaml")


def test_every_way_to_draw_one(gandyn: Run, workplace: Path) -> None:
    Path("up.yaml").write_text("layer: {type: conv_transpose, kernel: 2}\n" + SMALL)
    told = json.loads(gandyn("explain-layer", "up.yaml", "--json").stdout)["picture"]
    assert (told["path"], told["size"]) == ("up.gif", [480, 270])
    direct = Path("up.gif").read_bytes()
    assert gandyn("animate", "up.yaml", "-o", "same.gif").exit_code == 0
    assert Path("same.gif").read_bytes() == direct
    assert package.explain_layer("up.yaml", "python.gif").read_bytes() == direct
    options = ["--kernel", "2", "--size", "480x270"]
    assert gandyn("explain-layer", "conv_transpose", "-o", "named.gif", *options).exit_code == 0
    assert Path("named.gif").read_bytes() == direct
    # What is asked for is laid over what the file says.
    assert gandyn("animate", "up.yaml", "-o", "a.png", "--set", "layer.kernel=1", "--theme", "paper").exit_code == 0
    package.explain_layer("up.yaml", "b.png", kernel=1, animation={"theme": "paper"})
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "layer: {type: conv_transpos}\n",
            "mine.yaml:1:9: layer.type: unknown type 'conv_transpos'; did you mean 'conv_transpose'?",
        ),
        (
            "layer:\n  type: conv\n  kernl: 3\n",
            "mine.yaml:3:3: layer.kernl: unknown key 'kernl'; did you mean 'kernel'?",
        ),
        (
            "layer: {type: conv, kernel: 9}\n",
            "mine.yaml:1:21: layer.kernel: kernel 9 is larger than the input with its padding (5)",
        ),
        ("layer: relu\n", "mine.yaml:1:1: layer: expected a mapping such as {type: relu}, got 'relu'"),
        ("layer: {type: relu}\ntitel: A\n", "mine.yaml:2:1: titel: unknown key 'titel'; did you mean 'title'?"),
        (
            "layer: {type: relu}\nanimation: {story: step}\n",
            "mine.yaml:2:13: animation.story: unknown key 'story' (known: fps, hold, size, theme, big)",
        ),
        ("title: A\n", "mine.yaml: layer: this key is missing"),
    ],
)
def test_mistakes_are_told_as_those_of_scenarios(gandyn: Run, workplace: Path, text: str, told: str) -> None:
    Path("mine.yaml").write_text(text)
    refused = gandyn("explain-layer", "mine.yaml")
    assert refused.exit_code == 2
    assert refused.stderr.removeprefix("gandyn: ").startswith(told)


def test_options_that_explain_no_layer_are_refused(gandyn: Run, workplace: Path) -> None:
    Path("up.yaml").write_text("layer: {type: conv}\n")
    for options in (["--story", "step"], ["--seed", "3"], ["--pace", "even"]):
        refused = gandyn("animate", "up.yaml", *options)
        assert refused.exit_code == 2
        assert f"{' '.join(options)}: animation.{options[0][2:]}: unknown key" in refused.stderr
    refused = gandyn("animate", "up.yaml", "toy.yaml")
    assert refused.exit_code == 2
    assert "gandyn explain-layer up.yaml" in refused.stderr
    assert not Path("runs").exists()


def test_a_gallery_leaves_them_out(workplace: Path) -> None:
    from gandyn.app.gallery.building import build

    Path("mine").mkdir()
    Path("mine/up.yaml").write_text("layer: {type: conv}\n")
    with pytest.raises(UsageError, match="holds no scenario files"):
        build(Path("mine"), Path("out"))


def test_the_schema_of_such_files(gandyn: Run) -> None:
    schema = json.loads(gandyn("schema", "--layer").stdout)
    assert set(schema["properties"]) == set(ExplainedLayer.model_fields)
    assert schema["required"] == ["layer"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]["layer"]["discriminator"]["mapping"]) > {"conv", "leaky_relu"}


def test_layers_and_files_are_offered_at_the_tab_key(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gandyn.app.completion import offered

    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    assert offered("layers", "", "conv") == ["conv", "conv_transpose", "toy.yaml"]
