"""Laws of training and recording: seeds never mix, watching changes nothing, a resumed run is the same run."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from gans import ALTERNATING, trainer_of

from gandyn.app import training as run
from gandyn.app.training import train
from gandyn.core.catalog import members
from gandyn.core.errors import RecordingError, UsageError
from gandyn.core.streams import BLOCK
from gandyn.distributions.mixture import GaussianMixture
from gandyn.games.gan import Gan
from gandyn.networks.mlp import MLP
from gandyn.objectives.base import Objective
from gandyn.optimizers.adam import Adam
from gandyn.optimizers.sgd import SGD
from gandyn.recording.probes.base import Probe
from gandyn.recording.snapshots.stacked import StackedSnapshot
from gandyn.recording.spaces import space_of
from gandyn.recording.store.recording import open_recording
from gandyn.scenario.schema import Scenario
from gandyn.training.trainer import Trainer

CPU = torch.device("cpu")
NEVER = threading.Event()
DATA = {"type": "gaussian_mixture"}


class Nobody:
    def observe(self, trainer):
        pass


def trainer(seeds, optimizer=None, batch=32):
    game, optimizer = Gan(generator=MLP(hidden=[8, 8]), discriminator=MLP(hidden=[8, 8])), optimizer or Adam()
    return trainer_of(game, GaussianMixture(), ALTERNATING(), (optimizer, optimizer), seeds, batch)


def scenario(**changes):
    spec = {
        "name": "t",
        "data": DATA,
        "generator": {"type": "mlp", "hidden": [8]},
        "discriminator": {"type": "mlp", "hidden": [8]},
        "train": {"steps": 60, "batch_size": 16},
        "record": {"grid": {"cells": 64}, "latent_cells": 96},
    }
    for key, value in changes.items():
        merged = isinstance(value, dict) and "type" not in value
        spec[key] = {**spec.get(key, {}), **value} if merged else value
    return Scenario.model_validate(spec)


def test_seed_alone_and_among_others_are_the_same_run():
    among, alone = trainer(range(9)), trainer([7])
    for each in (among, alone):
        each.run(200, Nobody(), NEVER)
    torch.testing.assert_close(
        among.players["generator"].flat[7], alone.players["generator"].flat[0], rtol=1e-3, atol=1e-4
    )


def test_seeds_differ_and_repeat():
    a, b = trainer([0, 1]), trainer([0, 1])
    for each in (a, b):
        each.run(BLOCK + 5, Nobody(), NEVER)
    assert torch.equal(a.players["generator"].flat, b.players["generator"].flat)
    assert not torch.allclose(a.players["generator"].flat[0], a.players["generator"].flat[1])


@pytest.mark.parametrize("every", [1, 10, None])
def test_weights_are_bit_identical_with_and_without_recording(tmp_path, every, monkeypatch):
    kept = {}
    original = Trainer.run

    def remember(self, steps, observer, stop):
        original(self, steps, Nobody() if every is None else observer, stop)
        kept["weights"] = self.players["generator"].flat.clone(), self.players["discriminator"].flat.clone()

    monkeypatch.setattr(Trainer, "run", remember)
    spec = scenario(train={"steps": 300, "seeds": [3, 5]}, record={"every": every or 1})
    if every is None:
        monkeypatch.setattr(run, "open_recording", lambda out: None)
    train(spec, tmp_path / "r")
    reference = Trainer(spec.played, spec.data, spec.dynamics, spec.optimizers.by_player(), [3, 5], 16, CPU)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    original(reference, 300, Nobody(), NEVER)
    torch.set_num_threads(before)
    assert torch.equal(kept["weights"][0], reference.players["generator"].flat)
    assert torch.equal(kept["weights"][1], reference.players["discriminator"].flat)


def test_records_of_every_tenth_step_are_those_of_every_step(tmp_path):
    fine = train(scenario(train={"steps": 100}), tmp_path / "fine").dataset
    coarse = train(scenario(train={"steps": 100}, record={"every": 10}), tmp_path / "coarse").dataset
    assert coarse.step.values.tolist() == list(range(0, 101, 10))
    for name in ("generator_density", "discriminator", "js", "generator_loss", "generator_gradient_norm"):
        np.testing.assert_allclose(coarse[name].values, fine[name].values[:, ::10], rtol=1e-5, atol=1e-6)


def test_a_recording_holds_what_design_says(tmp_path):
    recording = train(scenario(train={"steps": 20, "seeds": 3}), tmp_path / "r")
    data = recording.dataset
    assert recording.complete
    assert data.sizes["seed"] == 3
    assert data.step.values.tolist() == list(range(21))
    promised = """
        generator_density discriminator generator_map kl reverse_kl js tv hellinger w1 kl_skew reverse_kl_skew
        unreached_mass unresolved_mass js_bound generator_loss discriminator_loss modes_captured
        high_quality_fraction mode_mass generator_gradient_norm discriminator_gradient_norm outside_mass
    """
    for name in promised.split():
        assert data[name].dims[:2] == ("seed", "step"), name
    assert data.generator_density.dtype == np.float32
    assert data.kl.dtype == np.float64
    assert data.generator_density.attrs["method"] == "exact"
    assert data.js.attrs["units"] == "nats"
    mass = data.generator_density.sum("x") * (data.x[1] - data.x[0]) + data.outside_mass.sum("side")
    np.testing.assert_allclose(mass.values, 1.0, atol=1e-5)
    assert np.isfinite(data.generator_loss.values).all()
    assert (data.generator_gradient_norm.values > 0).all()
    assert (data.js_bound.values <= data.js.values + 1e-9).all()
    assert (np.abs(data.js_bound.values[:, 0]) < 0.1).all()  # at the start it knows nothing
    np.testing.assert_array_equal(recording.field("generator_density", 1, 7), data.generator_density.values[1, 7])
    np.testing.assert_array_equal(recording.scalars("js"), data.js.values)


@pytest.mark.parametrize(
    "data",
    [{"type": "gaussian_mixture", "means": [-0.2, 0.2], "stds": [0.1, 0.1]}, {"type": "ring", "std": 0.15}],
    ids=["line", "plane"],
)
def test_what_counts_as_captured_stands_in_the_recording(tmp_path, data):
    found = train(scenario(data=data, train={"steps": 30, "seeds": 2}), tmp_path / "r").dataset
    counted = (found.mode_mass >= found.mode_least).sum("mode")
    np.testing.assert_array_equal(counted.values, found.modes_captured.values)
    assert found.modes_captured.max() > 0


def test_zero_steps_record_the_initial_state(tmp_path):
    data = train(scenario(train={"steps": 0}), tmp_path / "r").dataset
    assert data.step.values.tolist() == [0]
    assert np.isfinite(data.generator_loss.values).all()


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 7])
@pytest.mark.parametrize("optimizer", [{"type": "adam"}, {"type": "sgd", "momentum": 0.9}, {"type": "rmsprop"}])
def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(tmp_path, monkeypatch, every, optimizer):
    spec = scenario(
        train={"steps": 200, "seeds": 20},
        record={"every": every, "grid": {"cells": 16}},
        optimizers={"generator": optimizer, "discriminator": optimizer},
    )
    whole = train(spec, tmp_path / "whole").dataset.load()
    original = Trainer.advance

    def stop_here(self):
        if self.step == 133 and self.seeds[0] == 0:
            raise KeyboardInterrupt
        original(self)

    monkeypatch.setattr(Trainer, "advance", stop_here)
    with pytest.raises(KeyboardInterrupt):
        train(spec, tmp_path / "parts")
    monkeypatch.setattr(Trainer, "advance", original)
    resumed = train(spec, tmp_path / "parts", resume=True)
    assert resumed.complete
    for name, values in whole.data_vars.items():
        np.testing.assert_array_equal(resumed.dataset[name].values, values.values, err_msg=str(name))


def test_a_diverging_seed_stops_alone_and_says_when(tmp_path):
    spec = scenario(
        objective={"type": "least_squares"},
        optimizers={"generator": {"type": "sgd", "lr": 1e-3}, "discriminator": {"type": "sgd", "lr": 0.9}},
        discriminator={"type": "affine", "powers": [1, 2, 3], "scale": [0.0, 0.1, 0.0]},
        train={"steps": 300, "seeds": 2},
    )
    recording = train(spec, tmp_path / "r")
    assert set(recording.diverged) == {0, 1}
    assert recording.complete
    data = recording.dataset
    for index, seed in enumerate(data.seed.values):
        at = recording.diverged[int(seed)]
        assert data.diverged_step.values[index] == at
        assert 0 < at < 300
        assert np.isfinite(data.js.values[index, : at - 1]).all()
        assert np.isnan(data.js.values[index, at:]).all()


def test_one_diverged_seed_leaves_the_others_finite():
    three = trainer([0, 1, 2], SGD(lr=0.01))
    three.run(5, Nobody(), NEVER)
    with torch.no_grad():
        three.players["generator"].flat[1] = 1e38
    three.run(40, Nobody(), NEVER)
    assert list(three.diverged) == [1]
    assert three.diverged[1] == 6
    assert torch.isfinite(three.players["generator"].flat[[0, 2]]).all()
    assert torch.isnan(three.players["generator"].flat[1]).all()


def test_probes_see_stacked_steps_as_they_would_see_each_alone(tmp_path):
    spec = scenario(train={"steps": 40, "seeds": 2})
    one = train(spec, tmp_path / "a").dataset.load()
    monkey = pytest.MonkeyPatch()
    monkey.setattr("gandyn.recording.slices._POINTS_AT_ONCE", 1)  # one row at a time
    two = train(spec, tmp_path / "b").dataset.load()
    monkey.undo()
    for name in one.data_vars:
        np.testing.assert_allclose(one[name].values, two[name].values, rtol=2e-3, atol=1e-5, err_msg=str(name))


RING = {"type": "ring", "radius": 2.0, "std": 0.2}
LINE_SIZES = {"x": 64, "z": 41, "mode": 2, "side": 2}
PLANE_SIZES = {"x": 16, "y": 16, "z1": 25, "z2": 25, "axis": 2, "point": 200, "mode": 8, "side": 1}


def plane(**changes):
    record = {"grid": {"cells": 16}, "latent_cells": 12, "latent_points": 256, **changes.pop("record", {})}
    return scenario(data=RING, record=record, **changes)


@pytest.mark.parametrize("name", members(Probe))
@pytest.mark.parametrize("latent_dim", [1, 2, 3])
@pytest.mark.parametrize(("spec", "sizes"), [(scenario, LINE_SIZES), (plane, PLANE_SIZES)])
def test_every_probe_measures_exactly_what_it_announces(name, latent_dim, spec, sizes):
    spec = spec(latent={"dim": latent_dim}, record={"latent_points": 64})
    space = space_of(spec.data, spec.played, spec.record)
    maps = spec.played.maps(spec.played.build(spec.data, [np.random.default_rng(s) for s in range(3)], CPU))
    if "latent_cells" in spec.record.model_fields_set and spec.record.grid.cells == 16:
        sizes = {**sizes, "x": 16}
    probe = members(Probe)[name]()
    state = torch.get_rng_state()
    with torch.no_grad():
        measured = probe.measure(StackedSnapshot(space, maps, 3, CPU))
    assert torch.equal(state, torch.get_rng_state())
    assert set(measured) == {v.name for v in probe.variables(space)}
    for variable in probe.variables(space):
        assert measured[variable.name].shape == (3, *(sizes[d] for d in variable.dims))
        assert variable.attrs["long_name"]
        place = "line" if spec.record.grid.cells != 16 else "plane"
        assert any(place in one.places for one in probe.measures if one.name == variable.name)


@pytest.mark.parametrize("latent_dim", [1, 2, 3])
def test_a_recording_of_the_plane_holds_what_was_measured(tmp_path, latent_dim):
    spec = plane(latent={"dim": latent_dim}, train={"steps": 6, "seeds": 2})
    data = train(spec, tmp_path / "r").dataset.load()
    assert data.generator_density.dims == ("seed", "step", "x", "y")
    cell = float(data.x[1] - data.x[0]) * float(data.y[1] - data.y[0])
    total = data.generator_density.sum(("x", "y")) * cell + data.outside_mass.sum("side")
    np.testing.assert_allclose(total, 1.0, atol=2e-3)  # fields keep ten bits
    assert float(data.data_density.sum()) * cell == pytest.approx(1.0, abs=0.01)
    assert data.discriminator.shape == (2, 7, 16, 16)
    assert ("generator_map" in data) == (latent_dim == 2)
    expected = "pushforward_of_cells" if latent_dim == 2 else "quasi_monte_carlo"
    assert data.generator_density.attrs["method"] == data.js.attrs["method"] == expected
    for name in ("kl_skew", "js", "tv", "sliced_w1", "modes_captured", "high_quality_fraction", "mode_mass"):
        assert np.isfinite(data[name]).all()


def test_forces_are_the_way_down_the_generators_loss(tmp_path):
    """One small step along the recorded force lowers the generator's loss at that point, by its squared length."""
    spec = plane(train={"steps": 3})
    space = space_of(spec.data, spec.played, spec.record)
    maps = spec.played.maps(spec.played.build(spec.data, [np.random.default_rng(4)], CPU))
    with torch.no_grad():
        found = members(Probe)["generated"]().measure(StackedSnapshot(space, maps, 1, CPU))
        points, force = (torch.as_tensor(found[name]).double() for name in ("generated", "force"))
        step = 1e-2

        def loss(at):
            return spec.objective.generator_loss(maps["respond"](at.float())[..., 0]).double()

        drop = loss(points) - loss(points + step * force / force.norm(dim=-1, keepdim=True))
    np.testing.assert_allclose(drop, step * force.norm(dim=-1), rtol=0.2)


@pytest.mark.parametrize("name", members(Objective))
def test_the_gradient_at_every_x_is_that_of_the_generators_loss(name):
    """Of an affine discriminator, by the closed form; far out, where the response is one to the last bit, as well."""
    spec = scenario(objective={"type": name}, record={"gradients": True, "grid": {"low": -90.0, "high": 90.0}})
    space = space_of(spec.data, spec.played, spec.record)
    logit = torch.from_numpy(space.points[:, 0] * 0.9 + 3.0).requires_grad_()
    (slope,) = torch.autograd.grad(spec.objective.generator_loss(logit).sum(), logit)

    def discriminator(x):
        return 0.9 * x + 3.0

    (found,) = (
        members(Probe)["gradients"]().measure(StackedSnapshot(space, {"respond": discriminator}, 1, CPU)).values()
    )
    expected = -0.9 * slope.detach().numpy()
    np.testing.assert_allclose(found[0], expected, rtol=2e-5)
    if name == "saturating":
        assert 0 < found.min() < 1e-33  # a sigmoid in single precision would have been 0 or 1 long ago
    if name == "non_saturating":
        assert found.min() > 0


def test_gradients_at_every_x_are_recorded_where_they_are_asked_for(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(Trainer, "share", lambda self: kept.append(self))
    found = train(scenario(train={"steps": 4, "seeds": 2}, record={"gradients": True}), tmp_path / "a").dataset.load()
    bare = train(scenario(train={"steps": 4, "seeds": 2}), tmp_path / "b").dataset.load()
    assert "force" not in bare
    assert found.force.dims == ("seed", "step", "x")
    assert torch.equal(kept[0].players["generator"].flat, kept[1].players["generator"].flat)
    for name in bare.data_vars:
        np.testing.assert_array_equal(bare[name].values, found[name].values, err_msg=str(name))
    # D = 1 / (1 + e^-logit), and the force of a non-saturating generator is (1 - D) dlogit/dx = D' / D
    response = found.discriminator.values.astype(float)
    slope = np.gradient(response, found.x.values, axis=2) / response
    np.testing.assert_allclose(found.force.values[..., 1:-1], slope[..., 1:-1], atol=2e-3)


def test_numbers_alone_are_the_same_numbers(tmp_path):
    whole = train(plane(train={"steps": 8}), tmp_path / "a").dataset.load()
    bare = train(plane(train={"steps": 8}, record={"fields": False}), tmp_path / "b").dataset.load()
    assert "generator_density" not in bare
    assert "discriminator" not in bare
    for name in bare.data_vars:
        np.testing.assert_allclose(bare[name].values, whole[name].values, rtol=1e-6, err_msg=str(name))


def test_densities_of_the_plane_keep_ten_bits_and_positions_all(tmp_path):
    data = train(plane(train={"steps": 2}), tmp_path / "a").dataset.load()
    for name in ("generator_density", "discriminator", "generated", "generator_map"):
        packed = np.ascontiguousarray(data[name].values).view(np.uint32)
        assert bool((packed & 0x1FFF).any()) == ("mantissa_bits" not in data[name].attrs)
    assert data.generator_density.attrs["mantissa_bits"] == 10
    assert "mantissa_bits" not in data.generated.attrs
    exact = train(scenario(train={"steps": 2}), tmp_path / "b").dataset.load()
    assert not any("mantissa_bits" in exact[name].attrs for name in exact.data_vars)


def test_rounding_is_to_the_nearest_and_leaves_range_and_nan_alone():
    from gandyn.recording.commit_buffer import _rounded

    values = np.array([1.0, 1.00049, 1.00048, -3.3e38, 1e-40, np.nan, np.inf, 0.0], np.float32)
    found = _rounded(values, 10)
    np.testing.assert_allclose(found[:4], values[:4], rtol=2.0**-11)
    assert np.isnan(found[5])
    assert np.isinf(found[6])
    assert found[7] == 0


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"grid": {"low": [0.0], "high": [1.0, 2.0]}}, "as many coordinates"),
        ({"grid": {"low": [0.0, 0.0], "high": [1.0, -2.0]}}, "less than"),
        ({"latent_cells": 5000}, "8 to 1024"),
    ],
)
def test_nonsense_on_the_plane_is_refused(record, words):
    with pytest.raises(ValueError, match=words):
        plane(record=record)


def test_a_window_for_the_line_does_not_fit_the_plane():
    with pytest.raises(ValueError, match="take one number or 2"):
        plane(record={"grid": {"low": [0.0]}})


def test_a_larger_latent_states_its_method(tmp_path):
    data = train(scenario(latent={"dim": 3}, train={"steps": 3}), tmp_path / "r").dataset
    assert data.generator_density.attrs["method"] == "quasi_monte_carlo"
    assert data.generator_density.attrs["smoothing_std"] > 0
    assert "generator_map" not in data


def test_threads_are_given_back(tmp_path):
    before = torch.get_num_threads()
    train(scenario(train={"steps": 1}), tmp_path / "r")
    assert torch.get_num_threads() == before


def test_a_missing_gpu_is_said(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(UsageError, match="no GPU"):
        train(scenario(train={"device": "cuda"}), tmp_path / "r")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_trains_the_same_scenario(tmp_path):
    spec = scenario(train={"steps": 50, "seeds": 4})
    cpu = train(spec, tmp_path / "cpu").dataset
    gpu = train(scenario(train={"steps": 50, "seeds": 4, "device": "cuda"}), tmp_path / "gpu").dataset
    np.testing.assert_allclose(gpu.js.values[:, :20], cpu.js.values[:, :20], atol=0.02)


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("precious")
    with pytest.raises(RecordingError, match="left alone"):
        train(scenario(), tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "precious"


def test_own_files_in_a_recording_are_not_deleted(tmp_path):
    train(scenario(train={"steps": 1}), tmp_path / "r")
    (tmp_path / "r" / "notes.txt").write_text("precious")
    with pytest.raises(RecordingError, match=r"notes\.txt"):
        train(scenario(train={"steps": 2}), tmp_path / "r")
    assert (tmp_path / "r" / "notes.txt").exists()
    assert open_recording(tmp_path / "r").complete


@pytest.mark.parametrize(("steps", "every"), [(25, 10), (7, 100), (30, 10)])
def test_the_last_step_is_always_recorded(tmp_path, steps, every):
    spec = scenario(train={"steps": steps}, record={"every": every})
    data = train(spec, tmp_path / "r").dataset
    assert data.step.values.tolist() == sorted({*range(0, steps + 1, every), steps})
    assert np.isfinite(data.js.values).all()
    fine = train(scenario(train={"steps": steps}), tmp_path / "fine").dataset
    np.testing.assert_allclose(data.js.values[:, -1], fine.js.values[:, -1], rtol=1e-5)


@pytest.mark.slow
def test_speed_counts_only_the_steps_made_in_the_time_taken(tmp_path, monkeypatch):
    import _thread

    original = Trainer.advance

    def ctrl_c(self):
        if self.step == 40:
            _thread.interrupt_main()
        original(self)

    monkeypatch.setattr(Trainer, "advance", ctrl_c)
    spec = scenario(train={"steps": 1500})
    with pytest.raises(KeyboardInterrupt):
        train(spec, tmp_path / "r")
    interrupted = open_recording(tmp_path / "r")
    assert 40 <= interrupted.journal.trained == interrupted.steps()[-1] < 1500
    assert not interrupted.complete
    monkeypatch.setattr(Trainer, "advance", original)
    journal = train(spec, tmp_path / "r", resume=True).journal
    assert (journal.trained, journal.complete) == (1500, True)


@pytest.mark.slow
def test_slow_runs_commit_by_the_clock(tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.recording.commit_buffer._SECONDS_BETWEEN_COMMITS", 0.0)
    data = train(scenario(train={"steps": 30}), tmp_path / "r").dataset
    lines = (tmp_path / "r" / "journal.jsonl").read_text().count("records")
    assert lines > 30
    reference = train(scenario(train={"steps": 30}), tmp_path / "s").dataset
    np.testing.assert_array_equal(data.js.values, reference.js.values)


def test_an_impossible_window_is_said():
    with pytest.raises(ValueError, match="must be less than"):
        scenario(record={"grid": {"low": 100.0}})


def test_a_missing_array_is_said(tmp_path):
    import shutil

    train(scenario(train={"steps": 3}), tmp_path / "r")
    shutil.rmtree(tmp_path / "r" / "recording.zarr" / "scalars")
    with pytest.raises(RecordingError, match="it is missing; lost: scalars"):
        open_recording(tmp_path / "r")


def test_damage_is_said(tmp_path):
    train(scenario(train={"steps": 3}), tmp_path / "r")
    chunk = next((tmp_path / "r" / "recording.zarr" / "scalars").rglob("c/*/*/*"))
    chunk.write_bytes(chunk.read_bytes()[:7])
    with pytest.raises(RecordingError, match="damaged"):
        open_recording(tmp_path / "r").scalars("js")
    (tmp_path / "r" / "recording.zarr" / "zarr.json").write_text('{"zarr_form')
    with pytest.raises(RecordingError, match="damaged"):
        open_recording(tmp_path / "r")
    (tmp_path / "r" / "journal.jsonl").write_text("nonsense\n")
    with pytest.raises(RecordingError, match="damaged"):
        open_recording(tmp_path / "r")
    with pytest.raises(RecordingError, match="no recording at"):
        open_recording(tmp_path / "nowhere")
    with pytest.raises(RecordingError, match="not a recording"):
        open_recording(tmp_path)
