"""The scenarios, README and checks that come with gandyn."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_args

import pytest

import gandyn
from gandyn.app import listing
from gandyn.app.docstrings import paragraphs
from gandyn.core.catalog import members
from gandyn.recording.probes.base import Probe
from gandyn.recording.training_numbers import TrainingNumbers
from gandyn.rendering.figures.stories import STORIES
from gandyn.rendering.options import AnimationOptions
from gandyn.rendering.panels import names
from gandyn.scenario.differences import differences
from gandyn.scenario.loading import load_scenario, parse_scenario, scenario_files

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SCENARIOS = scenario_files(ROOT / "scenarios")


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::gandyn.core.errors.SettingsWarning"
)  # some fail on purpose, which has its own test
@pytest.mark.parametrize("file", SCENARIOS, ids=[file.stem for file in SCENARIOS])
def test_a_scenario_is_told_trained_and_drawn(file: Path, tmp_path: Path) -> None:
    scenario = load_scenario(file)
    assert scenario.title
    assert scenario.caption
    again = tmp_path / "again.yaml"
    again.write_text(scenario.to_yaml())
    assert load_scenario(again).resolved() == scenario.resolved()
    assert load_scenario(again).fingerprint() == scenario.fingerprint()
    assert parse_scenario(scenario.resolved()).resolved() == scenario.resolved()
    if file.parent.name == "images":
        if scenario.data.type == "mnist" and "GANDYN_DATA" not in os.environ:
            pytest.skip("needs MNIST; GANDYN_DATA names a folder that has it")
        few = ["quality_samples=100", "latent_points=128", "grid.cells=16"]
        few = ["train.batch_size=16", *(f"record.{one}" for one in few)]
    else:
        few = []
    short = load_scenario(file, ["train.steps=3", "record.every=1", "animation.notes={}", *few])
    recording = gandyn.train(short, tmp_path / "run")
    assert recording.steps().tolist() == [0, 1, 2, 3]
    picture = gandyn.animate(recording, tmp_path / "two.gif", frames=2)
    assert picture.stat().st_size > 1000


def test_every_panel_story_and_measure_is_explained_in_the_catalogue() -> None:
    entries = {(one.kind, one.name): one for one in listing.entries()}
    stories = get_args(AnimationOptions.model_fields["story"].annotation)
    wanted = {("panel", name) for dim in (1, 2) for name in names(dim, images=True)}
    wanted |= {("story", name) for name in stories}
    wanted |= {("measure", one.name) for probe in members(Probe).values() for one in probe.measures}
    assert {key for key in entries if key[0] in ("panel", "story", "measure")} >= wanted
    assert set(STORIES) == set(stories)
    assert not [key for key in wanted if not entries[key].summary or not entries[key].text]
    assert all(entries[key].places for key in wanted if key[0] != "story")
    assert "infinite" in entries["measure", "kl"].text


def test_a_paragraph_about_measures_names_only_its_own() -> None:
    for source in (TrainingNumbers, *members(Probe).values()):
        own = {measure.name for measure in source.measures}
        for paragraph in paragraphs(source):
            named = re.match(r"((?:`\w+`(?:, )?)+): ", paragraph)
            assert named is None or set(re.findall(r"`(\w+)`", named[1])) <= own


def test_collapse_and_cure_differ_in_one_knob() -> None:
    pair = [load_scenario(ROOT / f"scenarios/plane/{name}.yaml") for name in ("ring_collapse", "ring_cure")]
    assert len(differences([scenario.resolved() for scenario in pair])) == 1
    assert [file.name for file in pair[0].animation.beside] == ["ring_cure.yaml"]
    assert pair[0].train == pair[1].train


def test_every_scenario_that_has_a_place_in_the_gallery_is_there_as_a_picture_fit_for_a_page() -> None:
    page = (ROOT / "gallery/README.md").read_text()
    for file in (one for one in SCENARIOS if load_scenario(one).gallery.shown):
        picture = ROOT / f"gallery/{file.stem}.gif"
        assert picture.stat().st_size < 1_000_000
        assert f"../{file.relative_to(ROOT)}" in page
        assert picture.name in page


def test_no_file_of_the_gallery_is_too_large_for_a_page() -> None:
    sizes = [file.stat().st_size for file in (ROOT / "gallery").iterdir()]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 40_000_000


def test_drawings_that_are_data_are_small() -> None:
    drawings = list((ROOT / "scenarios").rglob("*.png"))
    assert drawings
    assert all(file.stat().st_size < 20_000 for file in drawings)


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```bash\n(.+)\n```", README)
    assert found is not None
    return found[1]


def test_one_line_of_the_readme_does_the_main_job_and_another_the_tests() -> None:
    for name, last in (("animate", "gandyn animate scenarios/line/two_modes.yaml"), ("tests", "python -m pytest")):
        assert block(name).endswith(last)
        assert "-c .ci/constraints.txt" in block(name)


def test_the_checks_run_the_readmes_test_command() -> None:
    checks = (ROOT / ".ci/run").read_text()
    assert "readme tests" in checks
    assert 'eval "$setup"' in checks
    assert checks.rstrip().endswith('eval "$run"')
    for check in ("ruff check", "ruff format --check", "mypy", "lint-imports"):
        assert check in checks


def test_the_tested_versions_cover_every_dependency() -> None:
    pinned = dict(line.split("==") for line in (ROOT / ".ci/constraints.txt").read_text().splitlines() if "==" in line)
    assert pinned["torch"] == "2.13.0"
    wanted = re.findall(r'^\s*"([A-Za-z0-9-]+)[>=<]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert wanted
    assert not {name.lower() for name in wanted} - {name.lower() for name in pinned}
    assert all("+" not in version for version in pinned.values())


def test_the_readme_shows_the_picture_first_and_its_pictures_exist() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert README.index(pictures[0]) < README.index("```")
    assert pictures[0].endswith(".gif")
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_no_dependency_is_without_use() -> None:
    wanted = re.search(r"^dependencies = \[(.+?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)
    assert wanted is not None
    modules = {"google-crc32c": "google_crc32c", "pillow": "PIL", "pyyaml": "yaml", "scikit-learn": "sklearn"}
    source = "\n".join(file.read_text() for file in (ROOT / "gandyn").rglob("*.py"))
    for name in re.findall(r'"([A-Za-z0-9-]+)', wanted[1]):
        assert re.search(rf"^\s*(import|from) {modules.get(name, name)}\b", source, re.MULTILINE), name


def test_the_readmes_scenario_and_types_are_real() -> None:
    from gandyn.scenario.schema import KINDS
    from gandyn.scenario.yaml12 import parse_document

    found = re.search(r"```yaml\n(.+?)```", README, re.DOTALL)
    assert found is not None
    shown = parse_scenario(parse_document(found[1], "README.md").values)
    tried = load_scenario(ROOT / "scenarios/line/two_modes.yaml")
    for part in ("data", "latent", "generator", "discriminator", "objective", "regularizers", "dynamics", "optimizers"):
        assert shown.resolved()[part] == tried.resolved()[part]  # which is known to converge
    assert shown.train.steps == tried.train.steps
    note = re.search(r"# (regularizers: .+)", found[1])
    assert note is not None
    assert parse_scenario({"data": {"type": "gaussian"}, **parse_document(note[1], "README.md").values}).regularizers
    for kind in ("data", "images", "objective", "regularizer"):
        assert all(f"`{name}`" in README for name in members(KINDS[kind]))


def test_the_readmes_example_of_mistakes_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```text\n\$ gandyn animate mine.yaml\ngandyn: (.+?)\n```", README, re.DOTALL)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(
        "data: {std: -1, type: gaussian}\nobjective: {type: non-saturatng}\ntrain:\n  stepz: 400\n"
    )
    with pytest.raises(gandyn.core.errors.ScenarioError) as refused:
        load_scenario("mine.yaml")
    for told, shown in zip(str(refused.value).splitlines(), found[1].splitlines(), strict=True):
        assert told.startswith(shown.removesuffix("...)"))


def test_readme_and_help_name_every_format_of_an_animation() -> None:
    from gandyn.rendering.encoders.output import ANIMATED, STILL

    help_text = (ROOT / "gandyn/cli.py").read_text().split('"FILE.gif')[1].split('"')[0]
    for suffix in (*ANIMATED, *STILL):
        assert f"`{suffix}`" in README
        assert suffix in f".gif{help_text}"


def test_the_scenarios_the_readme_names_are_there() -> None:
    named = re.findall(r"gandyn (?:animate|train|plot) (\S+\.yaml)", README)
    assert len(named) >= 4
    assert all((ROOT / name).is_file() for name in named if name != "mine.yaml")


def test_completion_knows_every_theme() -> None:
    from gandyn.app.vocabulary import vocabulary
    from gandyn.rendering.theme import THEMES

    assert vocabulary().keys["animation.theme"] == list(THEMES)
