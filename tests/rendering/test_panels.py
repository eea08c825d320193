"""Laws of every panel, over every kind of recording: marks are finite, inside limits, and axes never jump."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gandyn.core.errors import UsageError
from gandyn.rendering import panels
from gandyn.rendering.figures.recording_figure import RecordingFigure
from gandyn.rendering.marks.marks import Area, Arrows, Cells, Dots, Line, Segments, Text
from gandyn.rendering.recording_view import PanelSlot, RecordingView
from gandyn.rendering.theme import THEMES
from rendering.stand_in import make

ROOM = PanelSlot((20.0, 20.0, 520.0, 420.0), 13.5)


def points(mark):
    if isinstance(mark, Line | Dots):
        return [(mark.x, mark.y)]
    if isinstance(mark, Area):
        return [(mark.x, mark.low), (mark.x, mark.high)]
    if isinstance(mark, Segments | Arrows):
        return [(mark.x0, mark.y0), (mark.x1, mark.y1)]
    if isinstance(mark, Text):
        return [(np.array([mark.x]), np.array([mark.y]))]
    if isinstance(mark, Cells):
        return [(np.array(mark.x), np.array(mark.y))]
    return [(np.array([label.x]), np.array([label.y])) for label in mark.labels]


def shown(recording, name, slot=ROOM):
    return panels.find(name, 1)(RecordingView(recording), slot)


def drawn(recording, name):
    """Return the panel of a recording that it can draw; of others it says why it cannot."""
    refusal = panels.find(name, 1).refusal(RecordingView(recording).has)
    if refusal is not None:
        pytest.skip(refusal)
    return shown(recording, name)


@pytest.mark.parametrize("name", panels.names(1))
def test_marks_have_known_axes_and_roles_and_no_wild_coordinates(any_recording, name):
    panel = drawn(any_recording, name)
    for index in {0, len(any_recording.steps()) // 2, len(any_recording.steps()) - 1}:
        for mark in [*panel.background, *panel.marks(index)]:
            assert mark.axes == "" or mark.axes in panel.axes
            roles = [role for role, _ in mark.fills] if isinstance(mark, Cells) else [getattr(mark, "role", "ink")]
            assert all(theme.style(role) for theme in THEMES.values() for role in roles)
            for x, y in points(mark):
                x, y = panel.axes[mark.axes].pixels(x, y) if mark.axes else (np.asarray(x), np.asarray(y))
                good = np.isfinite(x) & np.isfinite(y)
                assert not np.isinf(x).any()
                # Agg's coordinates are 24 bit: nothing may be more than some pictures away.
                assert (np.abs(x[good]) < 5e3).all()
                assert (np.abs(y[good]) < 1e5).all()


@pytest.mark.parametrize("name", panels.names(1))
def test_axes_lie_in_the_room_and_do_not_depend_on_the_step(any_recording, name):
    panel = drawn(any_recording, name)
    before = {key: (axes.box, axes.x, axes.y) for key, axes in panel.axes.items()}
    for index in range(len(any_recording.steps())):
        panel.marks(index)
    assert before == {key: (axes.box, axes.x, axes.y) for key, axes in panel.axes.items()}
    for axes in panel.axes.values():
        left, bottom, right, top = axes.box
        assert ROOM.box[0] <= left < right <= ROOM.box[2]
        assert ROOM.box[1] <= bottom < top <= ROOM.box[3]


@pytest.mark.parametrize("name", panels.names(1))
def test_marks_depend_on_the_step_alone(recording, name):
    panel = shown(recording, name)
    there = repr(panel.marks(40))
    panel.marks(3)
    assert repr(panel.marks(40)) == there


def test_spikes_run_off_the_top_at_twice_the_datas_peak(recording):
    panel = shown(recording, "density")
    peak = float(recording.dataset["data_density"].max())
    assert panel.axes["density"].y.high == pytest.approx(2 * peak)
    curve = next(m for m in panel.marks(60) if isinstance(m, Line) and m.role == "generator")
    true = recording.field("generator_density", 0, 60)
    assert true.max() > 2 * peak
    assert curve.y.max() > 2 * peak  # so that the line is cut by the axes, not rounded off under it
    assert np.allclose(curve.y[curve.y < 2 * peak], true[true < 2 * peak])


def test_notes_stay_in_the_picture_where_a_density_is_damaged():
    damaged = make(20, cells=64, outside=6.0)
    damaged.dataset["generator_density"][:, 10] = np.nan
    texts = [mark for mark in shown(damaged, "density").marks(10) if isinstance(mark, Text)]
    assert texts
    assert all(np.isfinite(mark.y) for mark in texts)


def test_the_optimal_discriminator_is_that_of_the_objective(recording):
    marks = shown(recording, "density").marks(30)
    optimum = next(m for m in marks if isinstance(m, Line) and m.role == "optimum")
    p, q = recording.dataset["data_density"].values.astype(float), recording.field("generator_density", 0, 30)
    seen = np.isfinite(optimum.y)
    assert np.allclose(optimum.y[seen], (p / (p + q))[seen])
    assert ((p + q)[~seen] <= 1e-3 * p.max()).all()  # where there is next to nothing, no value is the best
    assert ((p + q)[seen] > 1e-3 * p.max()).all()
    assert 0 < (~seen).sum() < seen.sum()


def test_the_discriminators_axis_runs_from_0_to_1_and_a_critics_over_what_it_reaches(recording):
    assert shown(recording, "density").axes["response"].y.high == pytest.approx(1.04)
    critic = make(30, critic=True, cells=256)
    scale = shown(critic, "density").axes["response"].y
    data = critic.dataset["data_density"].values
    seen = critic.dataset["discriminator"].values[..., data > 1e-3 * data.max()]
    assert ((seen >= scale.low) & (seen <= scale.high)).mean() > 0.95


def test_a_wild_first_step_does_not_squash_a_critics_axis_and_targets_are_on_it():
    critic = make(47, critic=True, cells=256)
    critic.objective = SimpleNamespace(**{**vars(critic.objective), "real": 9.0, "fake": -9.0, "target": 9.0})
    critic.dataset["discriminator"][:] = np.clip(critic.dataset["discriminator"], -1, 1)
    critic.dataset["discriminator"][:, 0] = 1e4
    scale = shown(critic, "density").axes["response"].y
    assert -15 < scale.low < -9 < 9 < scale.high < 15


def test_a_critics_range_is_read_once_for_all_panels_and_is_that_of_every_seed_shown(monkeypatch):
    critic = make(30, critic=True, cells=256, seeds=3)
    critic.dataset["discriminator"][2] *= 10
    read, field = [], critic.field
    monkeypatch.setattr(critic, "field", lambda *key: read.append(key) or field(*key))
    view = RecordingView(critic)
    for _ in range(3):
        panels.find("density")(view, ROOM)
        small = panels.find("seeds")(view, ROOM)
    assert len(read) == (1 + 3) * len(view.sampled)
    data = critic.dataset["data_density"].values
    seen = critic.dataset["discriminator"].values[..., data > 1e-3 * data.max()]
    scale = small.axes["response 0"].y
    assert ((seen >= scale.low) & (seen <= scale.high)).mean() > 0.95


def test_arrows_lead_from_latents_to_their_images_as_opaque_as_the_latent_is_likely(recording):
    panel = shown(recording, "density")
    arrows = next(m for m in panel.marks(60) if isinstance(m, Segments))
    images = recording.field("generator_map", 0, 60)
    assert np.isin(arrows.x1, images.astype(float)).all()
    assert (np.diff(arrows.x0) > 0).all()
    middle = len(arrows.opacity) // 2
    assert arrows.opacity.argmax() == middle
    assert np.allclose(arrows.opacity, arrows.opacity[::-1])


def test_without_a_latent_line_the_densities_use_its_room():
    line, large = make(5, cells=256), make(5, cells=256, latent_dim=8)
    assert shown(large, "density").axes["density"].height > shown(line, "density").axes["density"].height
    words = [m.text for m in shown(large, "density").background if isinstance(m, Text)]
    assert any("8 dimensions" in word and "quasi-Monte-Carlo" in word for word in words)


def test_mass_out_of_range_is_told_at_its_edge():
    away = make(20, cells=256, outside=8.0)
    share = away.dataset["outside_mass"].values[0, -1, 1]
    assert share > 0.5
    texts = [m for m in shown(away, "density").marks(20) if isinstance(m, Text)]
    assert [t.text for t in texts if t.halo] == [f"{100 * share:.0f} % →"]
    assert all(t.x > np.mean(shown(away, "density").axes["density"].box[::2]) for t in texts if t.halo)


def test_equilibrium_values_and_the_ceiling_of_js_are_drawn(recording):
    losses = shown(recording, "losses")
    assert {"2 ln 2", "ln 2"} <= {m.text for m in losses.background if isinstance(m, Text)}
    assert losses.axes["losses"].y.low <= np.log(2) < 2 * np.log(2) <= losses.axes["losses"].y.high
    rules = [m for m in shown(recording, "divergences").background if isinstance(m, Line) and m.role == "js"]
    assert np.allclose(rules[0].y, np.log(2))


def test_the_heading_of_the_losses_says_that_their_values_are_running_means(any_recording):
    said = [m for m in shown(any_recording, "losses").background if isinstance(m, Text) and m.role == "muted"]
    assert any(m.text.startswith("running mean") for m in said)


def test_a_few_wild_losses_do_not_squash_the_rest():
    calm, wild = make(80, cells=64), make(80, cells=64, wild=True)
    a, b = shown(calm, "losses").axes["losses"].y, shown(wild, "losses").axes["losses"].y
    assert b.high - b.low < 1.5 * (a.high - a.low)


def test_where_kl_is_infinite_the_skew_divergence_is_drawn_by_name_with_the_mass_out_of_reach(recording):
    assert np.isinf(recording.scalars("kl")).all()
    panel = shown(recording, "divergences")
    ends = panel.marks(20)[-1].labels
    kl = next(label for label in ends if label.role == "kl")
    assert kl.text == f"KL (skew) {recording.scalars('kl_skew')[0, 20]:.2f}"
    assert kl.note == ()
    for index, mass in enumerate(recording.scalars("unreached_mass")[0]):
        said = [m for m in panel.marks(index) if isinstance(m, Text)]
        assert len(said) == (mass >= 0.001)
        assert all((m.x, m.align) == (ROOM.box[2], "right") and "out of reach" in m.text for m in said)
    reached = make(20, cells=256, infinite=False)
    finite = shown(reached, "divergences").marks(20)[-1].labels
    kl = next(label for label in finite if label.role == "kl")
    assert (kl.text, kl.note) == (f"KL {reached.scalars('kl')[0, 20]:.2f}", ())


def test_a_bound_that_left_the_axes_keeps_its_name_while_its_curve_is_in_sight():
    made = make(40, cells=64)
    bound = made.dataset["js_bound"]
    bound[:] = -0.5 * np.log(2)
    panel = shown(made, "divergences")
    assert not any(label.role == "js_bound" for label in panel.marks(40)[-1].labels)
    bound[:, 10:20] = 0.5 * np.log(2)
    panel = shown(made, "divergences")
    assert not any(label.role == "js_bound" for label in panel.marks(9)[-1].labels)
    for index in (15, 40):
        assert any(label.role == "js_bound" for label in panel.marks(index)[-1].labels)


def test_a_bound_is_named_while_its_band_alone_is_in_sight():
    made = make(40, seeds=5, cells=64)
    bound = made.dataset["js_bound"]
    bound[:] = -0.5 * np.log(2)
    bound[3:, 10:20] = 0.5 * np.log(2)
    panel = shown(made, "divergences")
    low = panel.axes["divergences"].y.low
    marks = panel.marks(15)
    assert max(m.high.max() for m in marks if isinstance(m, Area) and m.role == "js_bound") > low
    assert any(label.role == "js_bound" for label in marks[-1].labels)
    assert not any(label.role == "js_bound" for label in panel.marks(9)[-1].labels)


def test_the_values_written_are_those_of_the_recording(recording):
    for label in shown(recording, "divergences").marks(35)[-1].labels:
        if label.role in ("js", "w1", "reverse_kl"):
            number = float(label.text.split()[-1])
            assert number == pytest.approx(recording.scalars(label.role)[0, 35], abs=0.006, rel=0.02)


def test_several_seeds_are_a_median_with_a_band_and_the_shown_seed_thin():
    many = make(20, seeds=5, cells=64)
    marks = shown(many, "losses").marks(20)
    areas = [m for m in marks if isinstance(m, Area)]
    lines = [m for m in marks if isinstance(m, Line) and m.role == "generator"]
    assert len(areas) == 2
    assert sorted(line.weight for line in lines)[0] < 0.5 < sorted(line.weight for line in lines)[1]
    median = np.median(many.scalars("generator_loss")[:, 20])
    assert lines[-1].y[-1] == pytest.approx(median, abs=1e-9)


def test_a_diverged_seed_is_said_to_be_and_the_rest_is_drawn():
    lost = make(30, cells=256, diverged={0: 10})
    words = [m.text for m in shown(lost, "density").marks(20) if isinstance(m, Text)]
    assert words == ["diverged at step 10"]
    assert not [m for m in shown(lost, "density").marks(9) if isinstance(m, Text) and "diverged" in m.text]
    assert shown(lost, "losses").marks(20)[-1].labels == ()


def test_small_multiples_say_the_modes_captured_and_how_many_seeds_are_left_out():
    many = make(4, seeds=20, cells=64)
    panel = shown(many, "seeds")
    assert "16 of 20 seeds" in " ".join(m.text for m in panel.background if isinstance(m, Text))
    counts = [m.text for m in panel.marks(4) if isinstance(m, Text) and "/" in m.text]
    assert len(counts) == 16
    assert counts[0].startswith("2/2")
    assert counts[1].startswith("1/2")


def test_axes_over_the_steps_end_together_one_above_the_other(any_recording):
    picture = RecordingFigure(
        RecordingView(any_recording), ["density", "losses", "divergences"], (960, 540), THEMES["paper"]
    )
    losses, divergences = (panel.axes[panel.name].box for panel in picture.panels[1:])
    assert (losses[0], losses[2]) == (divergences[0], divergences[2])


def test_only_a_wasserstein_game_has_a_critic(recording):
    words = {m.text for m in shown(recording, "density").background if isinstance(m, Text)}
    assert {"discriminator D", "optimal D*"} <= words
    words = {m.text for m in shown(make(3, critic=True, cells=64), "density").background if isinstance(m, Text)}
    assert {"critic", "optimal critic"} <= words


def test_an_unknown_panel_is_named_with_the_nearest_one():
    with pytest.raises(UsageError, match=r"no panel 'loses'; did you mean 'losses'\?"):
        panels.find("loses")


def test_small_multiples_keep_room_under_their_headings_in_a_low_panel():
    panel = shown(make(2, seeds=16, cells=64), "seeds", PanelSlot((0.0, 0.0, 230.0, 135.0), 13.5))
    assert all(place.height > 13.5 for place in panel.axes.values())
