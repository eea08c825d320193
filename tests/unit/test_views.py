"""Views of images: principal components, kernel densities, and the discriminator through them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gandyn.app.training import train
from gandyn.core.errors import UsageError
from gandyn.datasets.base import Images
from gandyn.datasets.digits import Digits
from gandyn.recording.probes.density import Density
from gandyn.recording.probes.divergences import Divergences
from gandyn.recording.probes.mean_response import MeanResponse, MeanResponseField
from gandyn.recording.probes.pictures import Pictures
from gandyn.recording.probes.response import Response
from gandyn.recording.samples import Latents, RealSamples, as_bytes
from gandyn.recording.snapshots.sampled import SampledSnapshot
from gandyn.recording.snapshots.trained import _single
from gandyn.recording.views.identity import Identity
from gandyn.recording.views.pca import PCA
from gandyn.scenario.schema import Scenario
from gandyn.training.shuffles import scaled

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def stretched(count=400, dim=6):
    """Points spread most along a few directions, off the origin."""
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    return (rng.normal(size=(count, dim)) * [5, 3, 1, 0.5, 0.2, 0.1][:dim]) @ turn + 7


def scenario(**changes):
    spec = {
        "name": "t",
        "data": {"type": "digits"},
        "latent": {"dim": 8},
        "generator": {"type": "dcgan", "channels": 4},
        "discriminator": {"type": "dcgan", "channels": 4},
        "train": {"steps": 4, "batch_size": 16, "device": "cpu"},
        "record": {"every": 2, "quality_samples": 100, "grid": {"cells": 16}},
    }
    for key, value in changes.items():
        merged = isinstance(value, dict) and "type" not in value
        spec[key] = {**spec.get(key, {}), **value} if merged else value
    return Scenario.model_validate(spec)


def snapshot(spec, **more):
    """Return the space of a scenario and its players as they begin, looked at."""
    players = spec.played.build(spec.data, [np.random.default_rng(0)], CPU)
    generator, discriminator = (players[name][name] for name in ("generator", "discriminator"))
    for network in (generator, discriminator):
        network.flat.mul_(20)  # the paper's initial weights draw and say almost nothing
        network.module.eval()
    space = spec.space()
    return space, SampledSnapshot(space, _single(generator), _single(discriminator), CPU, judging=None)


# Views.


@pytest.mark.parametrize("components", [1, 2, 4])
def test_principal_components_are_eigenvectors_of_the_covariance(components):
    data = stretched()
    found = PCA(components).fit(data)
    values, vectors = np.linalg.eigh(np.cov(data.T))
    np.testing.assert_allclose(found.variance, values[::-1][:components], rtol=1e-6)
    np.testing.assert_allclose(found.ratio, (values[::-1] / values.sum())[:components], rtol=1e-6)
    np.testing.assert_allclose(np.abs(found.basis @ vectors[:, ::-1][:, :components]), np.eye(components), atol=1e-6)
    np.testing.assert_allclose(found.mean, data.mean(0))
    assert found.axes == ("pc1", "pc2")[:components]


def test_images_in_single_precision_have_the_same_components():
    pixels = RealSamples(*Digits().load()).flat(slice(None))
    found = PCA(2).fit(pixels)
    values, vectors = np.linalg.eigh(np.cov(pixels.T.astype(np.float64)))
    np.testing.assert_allclose(found.variance, values[::-1][:2], rtol=1e-4)
    np.testing.assert_allclose(np.abs(np.diag(found.basis @ vectors[:, ::-1][:, :2])), 1, atol=1e-5)


def test_projecting_and_lifting_undo_each_other_in_the_plane():
    data, rng = stretched(), np.random.default_rng(1)
    view = PCA(2).fit(data)
    points = rng.normal(size=(50, 2))
    np.testing.assert_allclose(view.project(view.lift(points)), points, atol=1e-9)
    lifted = view.lift(view.project(data))
    np.testing.assert_allclose(view.lift(view.project(lifted)), lifted, atol=1e-9)
    assert np.linalg.norm(data - lifted, axis=1).mean() < np.linalg.norm(data - data.mean(0), axis=1).mean()
    assert not view.whole


def test_a_view_of_all_coordinates_is_whole():
    data = stretched(dim=2)
    for kind in (PCA(2), Identity()):
        view = kind.fit(data)
        assert view.whole
        np.testing.assert_allclose(view.lift(view.project(data)), data, atol=1e-9)
    np.testing.assert_array_equal(Identity().fit(data).project(data), data)


def test_impossible_views_are_refused():
    with pytest.raises(UsageError, match="fewer directions"):
        PCA(5).axes(3)
    with pytest.raises(UsageError, match="needs more than 3 samples"):
        PCA(5).fit(stretched(3))
    with pytest.raises(UsageError, match="use PCA"):
        Identity().axes(64)


def test_the_view_is_fitted_to_all_classes_of_sorted_data(monkeypatch):
    pixels, labels = Digits().load()
    order = np.argsort(labels, kind="stable")
    monkeypatch.setattr("gandyn.recording.spaces.sampled._MOST_FITTED", 600)
    monkeypatch.setattr(Digits, "load", lambda self, split="train": Images(pixels[order], labels[order]))
    few = scenario().space().view
    every = PCA(2).fit(RealSamples(pixels).flat(slice(None)))
    overlap = np.linalg.svd(few.basis @ every.basis.T)[1]  # cosines of the angles between the planes
    assert overlap.min() > 0.98


def test_nothing_is_loaded_to_validate_a_scenario(monkeypatch):
    def load(self, split="train"):
        raise AssertionError("loaded")

    monkeypatch.setattr(Digits, "load", load)
    spec = scenario(conditional=True, animation={"panels": ["density", "samples"]})
    spec.check_drawing()
    space = spec.space()
    assert space.axes == ("pc1", "pc2")
    assert space.pictures % 10 == 0
    with pytest.raises(AssertionError, match="loaded"):
        space.coords  # noqa: B018


# Densities.


def test_both_densities_are_kernel_estimates_of_one_bandwidth():
    """Where the data stand for the generator, point by point, nothing is left of any divergence."""
    space = scenario(record={"grid": {"cells": 48}}).space()
    every = space.view.project(space.reals.flat(slice(None)))
    alike = space.compared(space.histogram(every[None])).row(0)
    np.testing.assert_allclose(alike.total, space.compared_data.total, atol=1e-12)
    # The estimate is a sum of Gaussians of that width, one for each sample.
    offset = space.points[:, None, :] - every[None, :, :]
    kernel = np.exp(-(offset**2).sum(-1) / (2 * space.bandwidth.std**2)) / (2 * np.pi * space.bandwidth.std**2)
    density = space.compared_data.total.ravel() / space.cell
    assert np.abs(density - kernel.mean(1)).sum() * space.cell < 0.02


# The discriminator.


def test_the_mean_response_in_a_cell_is_a_plain_mean():
    space, looked = snapshot(scenario(record={"latent_points": 256}))
    found = MeanResponseField().measure(looked)["discriminator_mean"][0]
    images = torch.cat([space.reals.tensor(space.kept), looked.generated])
    with torch.no_grad():
        responses = looked.discriminator(images)[:, 0].sigmoid().numpy()
    places = space.view.project(images.flatten(1).numpy())
    (left, right), (bottom, top) = space.grid.low, space.grid.high
    (left, bottom), (right, top) = space.grid.low, space.grid.high
    hits = 0
    for i in range(16):
        for j in range(16):
            x, y = left + i * (right - left) / 16, bottom + j * (top - bottom) / 16
            inside = (places[:, 0] >= x) & (places[:, 0] < x + space.widths[0])
            inside &= (places[:, 1] >= y) & (places[:, 1] < y + space.widths[1])
            if inside.any():
                assert found[i, j] == pytest.approx(responses[inside].mean(), abs=1e-6)
                hits += 1
            else:
                assert np.isnan(found[i, j])
    assert hits > 30
    means = MeanResponse().measure(looked)
    assert means["real_response"] == pytest.approx(responses[:256].mean(), abs=1e-6)
    assert means["generated_response"] == pytest.approx(responses[256:].mean(), abs=1e-6)


def test_the_slice_is_the_discriminator_on_lifted_points():
    space, looked = snapshot(scenario())
    found = Response().measure(looked)["discriminator"][0]
    grid = np.stack(np.meshgrid(*space.grid.middles, indexing="ij"), -1)
    lifted = torch.from_numpy(space.view.lift(grid.reshape(-1, 2))).float().reshape(-1, 1, 8, 8)
    with torch.no_grad():
        expected = looked.discriminator(lifted)[:, 0].sigmoid().reshape(16, 16)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert expected.std() > 0


def test_the_slice_of_a_conditional_game_tells_the_commonest_class_nearby():
    space, looked = snapshot(scenario(conditional=True))
    labels, places = space.reals.labels, space.view.project(space.reals.flat(slice(None)))
    told = space.slice_told.numpy()
    for index in (0, 100, 137, 255):
        near = np.argsort(((places - space.points[index]) ** 2).sum(1))[:15]
        counts = np.bincount(labels[near], minlength=10)
        assert counts[told[index]] == counts.max()
        assert told[index] == next(label for label in labels[near] if counts[label] == counts.max())  # the nearest
    assert np.isfinite(Response().measure(looked)["discriminator"]).all()


def test_pictures_are_of_the_same_latents_and_classes():
    space, looked = snapshot(scenario(conditional=True))
    found = Pictures().measure(looked)["samples"][0]
    z, labels = space.picture_latents.parts
    assert labels.tolist() == sorted(list(range(10)) * (space.pictures // 10))  # a class a row
    with torch.no_grad():
        np.testing.assert_array_equal(found, as_bytes(looked.generator(z, labels)))
    real = space.coords["real_samples"][1]
    known = {tuple(p.ravel().tolist()): int(k) for p, k in zip(space.reals.values, space.reals.labels, strict=True)}
    assert [known[tuple(image.ravel().tolist())] for image in real] == labels.tolist()
    assert len(np.unique(real.reshape(space.pictures, -1), axis=0)) == space.pictures


def test_bytes_and_numbers_undo_each_other():
    pixels = torch.arange(256, dtype=torch.uint8)
    np.testing.assert_array_equal(as_bytes(scaled(pixels)), pixels)
    assert as_bytes(torch.tensor([-9.0, 9.0, np.nan])).tolist() == [0, 255, 0]


def test_divergences_say_how_they_were_estimated():
    space = scenario().space()
    for variable in Divergences().variables(space):
        if variable.name != "outside_mass":
            assert variable.attrs["view"] == "in PCA space: an estimate"
            assert variable.attrs["method"] == "kernel"
            assert variable.attrs["smoothing_std"] == space.bandwidth.std
            assert 0 < variable.attrs["kl_floor"] < 0.02
    (density,) = Density().variables(space)
    assert space.method.items() <= density.attrs.items()
    assert space.method.items() <= space.coords["data_density"][2].items()


def test_latents_are_the_same_for_ever_and_others_for_each_use():
    one, again = scenario().space(), scenario().space()
    assert torch.equal(one.latent_points.parts[0], again.latent_points.parts[0])
    assert not torch.equal(one.latent_points.parts[0][:25], one.picture_latents.parts[0])
    assert isinstance(one.picture_latents, Latents)


# What a recording holds.


@pytest.mark.parametrize("conditional", [False, True])
def test_a_recording_of_images_holds_what_it_should(tmp_path, conditional):
    spec = scenario(conditional=conditional, record={"quality_every": 4})
    recording = train(spec, tmp_path / "r")
    data = recording.dataset.load()
    seed_step = ("seed", "step")
    samples = spec.space().pictures if conditional else 25
    assert data.sizes["step"] == 3
    assert data.samples.dims == (*seed_step, "sample", "channel", "row", "column")
    assert data.samples.shape == (1, 3, samples, 1, 8, 8)
    assert data.samples.dtype == data.real_samples.dtype == np.uint8
    assert data.real_samples.shape == (samples, 1, 8, 8)
    assert ("sample_class" in data) == conditional
    for name in ("generator_density", "discriminator", "discriminator_mean"):
        assert data[name].dims == (*seed_step, "pc1", "pc2")
    assert data.data_density.dims == ("pc1", "pc2")
    assert data.generated.shape == (1, 3, 200, 2)
    for name in ("force", "generator_map", "modes_captured", "mode_mass", "w1"):
        assert name not in data
    scalars = """
        kl reverse_kl kl_skew reverse_kl_skew unreached_mass js tv hellinger sliced_w1 real_response
        generated_response generator_loss discriminator_loss generator_gradient_norm discriminator_gradient_norm
    """
    for name in scalars.split():
        assert data[name].dims == seed_step
        assert not np.isnan(data[name]).any(), name
    assert data.class_histogram.dims == (*seed_step, "class")
    assert data["class"].values.tolist() == list("0123456789")
    np.testing.assert_allclose(data.class_histogram.values[0, [0, 2]].sum(1), 1)
    assert float(data.data_class_histogram.sum()) == pytest.approx(1)
    about = data.frechet_distance.attrs
    assert about["n"] == 100
    assert len(about["weights_sha256"]) == 64
    assert 0 < about["floor"] < float(data.frechet_distance[0, -1])
    assert data.generator_density.attrs["smoothing_std"] == data.kl.attrs["smoothing_std"]
    assert data.discriminator.attrs["view"] == "slice"
    assert data.discriminator.attrs["kind"] == "probability"
    ratio = data.explained_variance_ratio.values
    assert [data[axis].attrs["explained_variance_ratio"] for axis in ("pc1", "pc2")] == ratio.tolist()
    assert 0 < ratio[1] <= ratio[0] < 1
    basis = data.view_basis.values.reshape(2, -1)
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-6)
    cell = np.prod([float(data[axis][1] - data[axis][0]) for axis in ("pc1", "pc2")])
    mass = data.generator_density.sum(("pc1", "pc2")) * cell + data.outside_mass.sum("side")
    np.testing.assert_allclose(mass, 1, atol=2e-3)
    places = (data.samples.values[0, -1].reshape(samples, -1) / 127.5 - 1 - data.view_mean.values.ravel()) @ basis.T
    assert np.isfinite(places).all()


def test_numbers_alone_hold_no_pictures(tmp_path):
    data = train(scenario(record={"fields": False}), tmp_path / "r").dataset
    for name in ("generator_density", "discriminator", "discriminator_mean", "samples", "generated"):
        assert name not in data
    assert np.isfinite(data.js.values).all()


def test_fewer_samples_than_usual_are_drawn_as_points_all_of_them(tmp_path):
    data = train(scenario(record={"latent_points": 64, "samples": 3}), tmp_path / "r").dataset
    assert data.generated.shape == (1, 3, 64, 2)
    assert data.samples.shape[2] == 3
