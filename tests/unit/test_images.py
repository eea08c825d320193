"""Image GANs: networks are those of the papers, training is what a plain loop does, watching changes nothing."""

from __future__ import annotations

import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gans import ALTERNATING, alone, trainer_of
from safetensors.torch import load_file
from torch import nn

from gandyn.app.training import train
from gandyn.core.catalog import create, members
from gandyn.core.errors import UsageError
from gandyn.core.streams import BLOCK, stream
from gandyn.datasets.base import Images
from gandyn.datasets.digits import Digits
from gandyn.distributions.latent import NormalLatent
from gandyn.dynamics.base import Dynamics
from gandyn.games.gan import Gan
from gandyn.networks.base import Network
from gandyn.networks.dcgan import DCGAN
from gandyn.networks.mlp import MLP
from gandyn.objectives.base import Objective
from gandyn.objectives.minimax import NonSaturating
from gandyn.optimizers.adam import Adam
from gandyn.optimizers.sgd import SGD
from gandyn.recording.samples import as_bytes
from gandyn.regularizers.base import Regularizer
from gandyn.scenario.schema import Scenario
from gandyn.training.ema import MovingAverage
from gandyn.training.shuffles import Shuffles, scaled
from gandyn.training.trainer import Trainer

CPU = torch.device("cpu")
NEVER = threading.Event()
GREY, COLOUR = (1, 28, 28), (3, 32, 32)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def unjudged(monkeypatch):
    """Digits that nobody measures the quality of: faster."""
    monkeypatch.setattr("gandyn.recording.spaces.images.DIGITS", ())


class Nobody:
    def observe(self, trainer):
        pass


def generator(network, image=GREY, latent=64, classes=0, **more):
    return network.weighted([np.random.default_rng(0)], (latent,), image, CPU, classes=classes, **more)


def discriminator(network, image=GREY, classes=0, **more):
    return network.weighted([np.random.default_rng(1)], image, (1,), CPU, classes=classes, **more)


def digits_game(network=None, conditional=False, objective=None, regularizers=(), latent=8):
    network = network or DCGAN(channels=4)
    return Gan(
        latent=NormalLatent(dim=latent),
        generator=network,
        discriminator=network,
        objective=objective or NonSaturating(),
        regularizers=regularizers,
        conditional=conditional,
    )


def trainer(game, optimizer=None, batch=16, seed=0, device=CPU, **more):
    optimizer = optimizer or Adam(lr=2e-4)
    dynamics, data = more.pop("dynamics", ALTERNATING()), more.pop("data", Digits())
    return trainer_of(game, data, dynamics, (optimizer, optimizer), [seed], batch, device, **more)


def loaded(images):
    return SimpleNamespace(load=lambda: images)


def weights(one):
    return torch.cat([one.players["generator"].flat, one.players["discriminator"].flat], dim=1)


# The networks.


def shapes_through(module, x):
    """Return the shape after each layer of a sequence."""
    found = []
    for layer in module.layers:
        x = layer(x)
        found.append(tuple(x.shape[1:]))
    return found


def test_the_generator_is_the_reference_layer_by_layer():
    player = generator(DCGAN())
    assert player.flat.numel() == 2_691_713
    layers = list(player.module.layers)
    names = [type(layer).__name__ for layer in layers]
    assert names == ["ConvTranspose2d", "BatchNorm2d", "ReLU"] * 3 + ["ConvTranspose2d", "Tanh"]
    convolutions = [layer for layer in layers if isinstance(layer, nn.ConvTranspose2d)]
    told = [(c.in_channels, c.out_channels, c.kernel_size, c.stride, c.padding) for c in convolutions]
    assert told == [
        (64, 512, (3, 3), (2, 2), (0, 0)),
        (512, 256, (4, 4), (1, 1), (0, 0)),
        (256, 128, (3, 3), (2, 2), (0, 0)),
        (128, 1, (4, 4), (2, 2), (0, 0)),
    ]
    sides = [shape[1] for shape in shapes_through(player.module, torch.randn(2, 64, 1, 1))]
    assert sides == [3, 3, 3, 6, 6, 6, 13, 13, 13, 28, 28]


def test_the_discriminator_is_the_reference_layer_by_layer():
    player = discriminator(DCGAN())
    assert player.flat.numel() == 9_105
    layers = list(player.module.layers)
    names = [type(layer).__name__ for layer in layers]
    assert names == ["Conv2d", "BatchNorm2d", "LeakyReLU"] * 2 + ["Conv2d"]
    told = [(c.in_channels, c.out_channels, c.kernel_size, c.stride, c.padding) for c in layers[::3]]
    assert told == [(a, b, (4, 4), (2, 2), (0, 0)) for a, b in ((1, 16), (16, 32), (32, 1))]
    assert [layer.negative_slope for layer in layers[2::3]] == [0.2, 0.2]
    shapes = shapes_through(player.module, torch.randn(2, 1, 28, 28))
    assert [shape[1] for shape in shapes] == [13, 13, 13, 5, 5, 5, 1]
    assert shapes[-1] == (1, 1, 1)


@pytest.mark.parametrize("player", [generator(DCGAN()), discriminator(DCGAN(channels=64))], ids=["G", "D"])
def test_initial_weights_are_those_of_the_paper(player):
    drawn = []
    for layer in player.module.layers:
        if isinstance(layer, nn.BatchNorm2d):
            assert not layer.bias.any()
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
            drawn.append(layer.weight.detach().flatten())
            assert layer.weight.detach().std() == pytest.approx(0.02, rel=0.35)
    drawn = torch.cat(drawn)
    assert drawn.std() == pytest.approx(0.02, rel=0.02)
    assert abs(float(drawn.mean())) < 4 * 0.02 / len(drawn) ** 0.5


def test_weights_depend_on_the_seed_alone_and_leave_torchs_random_numbers_be():
    before = torch.get_rng_state()
    one, same = generator(DCGAN(channels=4)), generator(DCGAN(channels=4))
    other = DCGAN(channels=4).weighted([np.random.default_rng(7)], (64,), GREY, CPU)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(one.flat, same.flat)
    assert not torch.equal(one.flat, other.flat)


@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
@pytest.mark.parametrize("image", [(1, 8, 8), (1, 16, 16), GREY, COLOUR, (3, 64, 64), (1, 12, 12), (3, 40, 40)])
@pytest.mark.parametrize("classes", [0, 10])
def test_any_usual_side_is_reached_in_grey_and_colour(norm, image, classes):
    network = DCGAN(channels=2, norm=norm)
    draws, judges = generator(network, image, 5, classes), discriminator(network, image, classes)
    label = torch.arange(3)[None] if classes else None
    images = draws(torch.randn(1, 3, 5) * 50, label)
    assert images.shape == (1, 3, *image)
    assert float(images.detach().abs().max()) <= 1
    assert judges(images, label).shape == (1, 3, 1)


def test_depth_and_channels_are_what_they_say():
    network = DCGAN(depth=5, channels=3)
    kinds = [layer for layer in generator(network, (3, 64, 64)).module.layers if isinstance(layer, nn.ConvTranspose2d)]
    assert [layer.out_channels for layer in kinds] == [24, 12, 6, 3, 3]
    kinds = [layer for layer in discriminator(network, (3, 64, 64)).module.layers if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in kinds] == [3, 6, 12, 24, 1]
    assert discriminator(DCGAN(depth=3), (1, 28, 28)).flat.numel() == 9_105


@pytest.mark.parametrize(
    ("network", "inputs", "outputs", "words"),
    [
        (DCGAN(), (64,), (1, 28, 20), "square"),
        (DCGAN(), (64,), (2,), "use mlp"),
        (DCGAN(), (64,), (1, 27, 27), "a side of 27; resize the images to 20, 24, 28 or 32 "),
        (DCGAN(depth=7), (64,), (1, 64, 64), "^depth: 7 convolutions do not lead to a side of 64; 4, 5 or 6 do$"),
        (DCGAN(depth=2), (1, 64, 64), (1,), "4, 5 or 6 do"),
        (DCGAN(depth=5), (64,), (1, 28, 28), "3 or 4 do"),
        (DCGAN(depth=4), (1, 28, 28), (1,), "; 3 do"),
        (DCGAN(norm="spectral"), (64,), (1, 28, 28), "for discriminators"),
    ],
)
def test_impossible_networks_are_refused(network, inputs, outputs, words):
    with pytest.raises(ValueError, match=words):
        network.fits(inputs, outputs)


@pytest.mark.parametrize("network", [DCGAN(channels=4), MLP(hidden=[16])])
def test_the_class_changes_what_both_players_say(network):
    draws, judges = generator(network, (1, 8, 8), 5, 10), discriminator(network, (1, 8, 8), 10)
    z = torch.randn(1, 1, 5).expand(1, 10, 5)
    with draws.inference(), judges.inference():
        images = draws(z, torch.arange(10)[None])
        logits = judges(images[:, :1].expand(1, 10, 1, 8, 8), torch.arange(10)[None])
    assert len(torch.unique(images[0].flatten(1), dim=0)) == 10
    assert len(torch.unique(logits)) == 10


def test_classes_come_one_hot_as_constant_channels_and_beside_the_latent():
    judges, draws = discriminator(DCGAN(channels=2), (1, 8, 8), 3), generator(DCGAN(channels=2), (1, 8, 8), 5, 3)
    seen = []
    for player in (judges, draws):
        player.module.layers.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    x, z, label = torch.randn(1, 2, 1, 8, 8), torch.randn(1, 2, 5), torch.tensor([[2, 0]])
    judges(x, label), draws(z, label)
    torch.testing.assert_close(seen[0][:, :1], x[0])
    assert seen[0][:, 1:].flatten(2).unique(dim=2).squeeze(2).tolist() == [[0, 0, 1], [1, 0, 0]]
    torch.testing.assert_close(seen[1][:, :5, 0, 0], z[0])
    assert seen[1][:, 5:, 0, 0].tolist() == [[0, 0, 1], [1, 0, 0]]


def test_spectral_layers_have_norm_one_after_some_steps():
    spectral = DCGAN(channels=4, norm="spectral")
    game = Gan(latent=NormalLatent(dim=8), generator=DCGAN(channels=4), discriminator=spectral)
    one = trainer(game, Adam(lr=2e-3))
    one.run(40, Nobody(), NEVER)
    module = one.players["discriminator"]["discriminator"].module.eval()
    for layer in module.layers:
        if isinstance(layer, nn.Conv2d):
            top = torch.linalg.svdvals(layer.weight.detach().flatten(1))[0]
            assert float(top) == pytest.approx(1, rel=0.05)


# Players: one flat array.


@pytest.mark.parametrize("norm", ["batch", "spectral"])
def test_the_flat_array_is_the_modules_memory(norm):
    player = discriminator(DCGAN(channels=3, norm=norm))
    low, high = player.flat.data_ptr(), player.flat.data_ptr() + player.flat.nbytes
    assert all(low <= parameter.data_ptr() < high for parameter in player.module.parameters())
    assert sum(parameter.numel() for parameter in player.module.parameters()) == player.flat.numel()
    player.flat.fill_(0.5)
    assert all(bool((parameter == 0.5).all()) for parameter in player.module.parameters())
    with torch.no_grad():
        next(iter(player.trainable)).fill_(0.25)
    assert int((player.flat == 0.25).sum()) == next(player.module.parameters()).numel()


@pytest.mark.parametrize("norm", ["batch", "instance", "spectral", "none"])
def test_the_gradient_is_that_of_backward(norm):
    player, x = discriminator(DCGAN(channels=3, norm=norm), (3, 16, 16)), torch.randn(1, 6, 3, 16, 16)
    holder = alone(player)
    kept = {name: buffer.clone() for name, buffer in player.buffers().items()}
    holder.backward(player(x).square().mean()[None].reshape(1))
    for name, buffer in player.buffers().items():
        buffer.copy_(kept[name])
    player(x).square().mean().backward()
    lost = holder.gradient[0].clone()
    for parameter, part in zip(
        player.module.parameters(), lost.split([p.numel() for p in player.trainable]), strict=True
    ):
        laid = parameter.grad.permute(0, 2, 3, 1) if parameter.ndim == 4 else parameter.grad
        torch.testing.assert_close(part, laid.flatten(), rtol=1e-4, atol=1e-7)


def test_frozen_copies_of_a_player_are_looked_at_without_a_trace():
    game = digits_game()
    one = trainer(game, average=0.9)
    one.run(3, Nobody(), NEVER)
    before = {name: tensor.clone() for name, tensor in one.state().items()}
    generator, discriminator = (one.players[name] for name in ("generator", "discriminator"))
    draws, judges = generator["generator"], discriminator["discriminator"]
    with one.averages["generator"].applied(), generator.inference(), discriminator.inference():
        assert torch.equal(generator.flat, one.averages["generator"].flat)
        assert not draws.module.training
        assert not judges(draws(torch.randn(1, 4, 8))).requires_grad
    assert draws.module.training
    assert judges.module.training
    for name, tensor in one.state().items():
        assert torch.equal(tensor, before[name]), name


def test_the_average_is_a_weighted_mean_of_the_steps():
    player = alone(generator(DCGAN(channels=2), (1, 8, 8), 3))
    average, expected = MovingAverage(player, 0.8), player.flat.clone().double()
    for step in range(1, 60):
        player.flat.normal_()
        average.follow(step)
        decay = min(0.8, step / (9 + step))
        expected = decay * expected + (1 - decay) * player.flat.double()
    torch.testing.assert_close(average.flat.double(), expected, rtol=1e-5, atol=1e-6)
    still = MovingAverage(player, 0.999)
    still.follow(1)
    torch.testing.assert_close(still.flat, player.flat)
    assert set(average.tensors("average")) == {"average", *(f"average.buffer.{name}" for name in player.buffers())}


# Batches.


def test_every_image_comes_at_most_once_an_epoch_and_any_step_can_be_asked_again():
    pixels = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1)
    game = digits_game()
    shuffles = Shuffles(game, loaded(Images(pixels, None)), [3], 7, 1, CPU, torch.float32)
    found = [
        ((shuffles.batches(step)[0]["real"] + 1) * 127.5).round().int().flatten().tolist() for step in range(1, 29)
    ]
    epochs = np.reshape(found, (4, 49)).tolist()
    for epoch in epochs:
        assert len(epoch) == len(set(epoch)) == 49
    assert len({tuple(epoch) for epoch in epochs}) == 4
    for step in (17, 3, 28, 1):  # whatever was asked before, and by whomever
        asked_anew = Shuffles(game, loaded(Images(pixels, None)), [3], 7, 1, CPU, torch.float32)
        for one in (shuffles, asked_anew):
            (batch,) = one.batches(step)
            assert ((batch["real"] + 1) * 127.5).round().int().flatten().tolist() == found[step - 1]


def test_seeds_share_the_images_while_somebody_trains_on_them():
    game, images = digits_game(), Images(Digits().load().pixels.copy(), None)
    one, other = (Shuffles(game, loaded(images), [seed], 16, 1, CPU, torch.float32) for seed in range(2))
    assert one._pixels is other._pixels
    kept = weakref.ref(one._pixels)
    del one, other
    assert kept() is None


def test_latents_and_classes_belong_to_the_step():
    game, images = digits_game(conditional=True), Digits().load()
    one, other = (Shuffles(game, loaded(images), [5], 16, 2, CPU, torch.float32) for _ in range(2))
    other.batches(3)
    for step in (0, 1, BLOCK - 1, BLOCK, 5 * BLOCK + 1, 2):
        for left, right in zip(one.batches(step), other.batches(step), strict=True):
            assert all(torch.equal(left[name], right[name]) for name in left)
    first, second = one.batches(2)
    assert not torch.equal(first["latent"], second["latent"])
    pixels = {tuple(image.ravel().tolist()): int(label) for image, label in zip(*images, strict=True)}
    for image, label in zip(first["real"][0], first["label"][0], strict=True):
        assert pixels[tuple(((image + 1) * 127.5).round().int().flatten().tolist())] == int(label)


def test_pixels_fill_the_range_of_tanh():
    assert scaled(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1.0, 1.0]


def test_a_batch_larger_than_the_data_is_refused():
    with pytest.raises(UsageError, match="more than the 1797 images"):
        trainer(digits_game(), batch=2000)


# Training.


def plain_dcgan(network):
    """Return the layers of one of our players as a plain sequence with the same weights."""
    layers = nn.Sequential()
    for layer in network.module.layers:
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            copy = type(layer)(layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride, layer.padding)
        elif isinstance(layer, nn.BatchNorm2d):
            copy = nn.BatchNorm2d(layer.num_features)
        else:
            copy = {"ReLU": nn.ReLU(), "LeakyReLU": nn.LeakyReLU(0.2), "Tanh": nn.Tanh()}[type(layer).__name__]
        copy.load_state_dict(layer.state_dict())
        layers.append(copy)
    return layers


def test_training_is_what_a_plain_loop_does():
    """The tutorials' loop on the same weights and batches, its discriminator loss the mean of real and fake."""
    game = Gan(latent=NormalLatent(dim=16), generator=DCGAN(channels=4), discriminator=DCGAN(channels=4))
    data = Digits(size=28)
    ours = trainer(game, Adam(lr=2e-4, betas=(0.5, 0.999)), batch=32, data=data)
    generator, discriminator = (ours.players[name][name] for name in ("generator", "discriminator"))
    for player in ours.players.values():
        player.flat.mul_(10)  # at the paper's initial weights gradients are so small that rounding has a say in them
    draws, judges = plain_dcgan(generator), plain_dcgan(discriminator)
    began = {id(p): p.detach().clone() for p in (*draws.parameters(), *judges.parameters())}
    g_optimizer = torch.optim.Adam(draws.parameters(), lr=2e-4, betas=(0.5, 0.999))
    # Adam does not care about a factor on the loss, but for its eps.
    d_optimizer = torch.optim.Adam(judges.parameters(), lr=2e-4, betas=(0.5, 0.999), eps=0.5e-8)
    criterion, batches = nn.BCEWithLogitsLoss(), Shuffles(game, data, [0], 32, 1, CPU, torch.float32)
    for step in range(1, 21):
        (batch,) = batches.batches(step)
        fake = draws(batch["latent"][0][:, :, None, None])
        d_optimizer.zero_grad()
        real_logit, fake_logit = judges(batch["real"][0]).flatten(), judges(fake.detach()).flatten()
        d_loss = (
            criterion(real_logit, torch.ones_like(real_logit)) + criterion(fake_logit, torch.zeros_like(fake_logit))
        ) / 2
        d_loss.backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        logit = judges(fake).flatten()
        g_loss = criterion(logit, torch.ones_like(logit))
        g_loss.backward()
        g_optimizer.step()
        ours.advance()
        assert float(ours.losses["discriminator_loss"]) == pytest.approx(2 * float(d_loss.detach()), rel=2e-3)
        assert float(ours.losses["generator_loss"]) == pytest.approx(float(g_loss.detach()), rel=2e-3)
    for plain, player in ((draws, generator), (judges, discriminator)):
        layers = list(plain)
        theirs = [(parameter, layer, index) for index, layer in enumerate(layers) for parameter in layer.parameters()]
        for (parameter, layer, index), mine in zip(theirs, player.trainable, strict=True):
            normed = index + 1 < len(layers) and isinstance(layers[index + 1], nn.BatchNorm2d)
            if normed and parameter is layer.bias:
                continue  # normalisation takes it off again: its gradient is rounding alone
            moved = (parameter.detach() - began[id(parameter)]).norm()
            assert float((parameter.detach() - mine[0]).norm()) < 0.08 * float(moved)
        for name, buffer in plain.named_buffers():
            if name.endswith("running_var"):  # means move with the biases that do not matter
                torch.testing.assert_close(player.buffers()[f"layers.{name}"], buffer, rtol=1e-2, atol=1e-6)


@pytest.mark.parametrize("objective", members(Objective))
@pytest.mark.parametrize("regularizer", [None, *members(Regularizer)])
def test_every_objective_and_regularizer_trains_images(objective, regularizer):
    regularizers = () if regularizer is None else (create(Regularizer, {"type": regularizer}),)
    game = digits_game(objective=create(Objective, {"type": objective}), regularizers=regularizers, conditional=True)
    one = trainer(game)
    began = weights(one).clone()
    one.run(3, Nobody(), NEVER)
    assert one.step == 3
    assert not one.diverged
    assert torch.isfinite(weights(one)).all()
    assert not torch.equal(weights(one), began)


@pytest.mark.parametrize("dynamics", members(Dynamics))
@pytest.mark.parametrize("network", [n for n in members(Network) if n != "affine"])
def test_every_dynamics_moves_every_image_network(dynamics, network):
    spec = {"type": network, **({"channels": 4} if network == "dcgan" else {})}
    game = digits_game(create(Network, spec))
    one = trainer(game, dynamics=members(Dynamics)[dynamics].between(Gan.players)(discriminator_steps=2))
    one.run(3, Nobody(), NEVER)
    assert torch.isfinite(weights(one)).all()
    assert one.players["generator"]["generator"](torch.randn(1, 2, 8)).shape == (1, 2, 1, 8, 8)


@pytest.mark.parametrize("network", [DCGAN(channels=4), MLP(hidden=[8])])
def test_double_precision_trains_close_to_single_and_is_double_throughout(network):
    single, double = (trainer(digits_game(network), precision=dtype) for dtype in (torch.float32, torch.float64))
    for one in (single, double):
        one.run(3, Nobody(), NEVER)
    for a, b in zip(single.losses.values(), double.losses.values(), strict=True):
        torch.testing.assert_close(a.double(), b, rtol=1e-3, atol=1e-4)
        assert a.double() != b
    floats = {name: one for name, one in double.state().items() if one.is_floating_point()}
    assert {one.dtype for name, one in floats.items() if not name.endswith(".steps")} == {torch.float64}


def test_bfloat16_trains_close_to_single_precision():
    full, half = trainer(digits_game()), trainer(digits_game(), precision=torch.bfloat16)
    for one in (full, half):
        one.run(10, Nobody(), NEVER)
        assert one.players["generator"].flat.dtype == torch.float32
    assert not torch.equal(weights(full), weights(half))
    for a, b in zip(full.losses.values(), half.losses.values(), strict=True):
        torch.testing.assert_close(a, b, rtol=0.05, atol=0.02)


@pytest.mark.parametrize("patience", [1, 4])
def test_a_diverged_run_says_when_however_rarely_it_is_asked(patience):
    one = trainer(digits_game(), SGD(lr=1e-3))
    one._patience = patience
    one.run(5, Nobody(), NEVER)
    one.players["discriminator"].flat.fill_(torch.inf)
    while not one.diverged:
        one.advance()
        again = trainer(digits_game(), SGD(lr=1e-3))
        again._patience = patience
        again.restore(one.state())
        assert again.diverged == one.diverged
    assert one.diverged == {0: 6}
    assert one.step == (8 if patience == 4 else 6)
    assert torch.isnan(weights(one)).all()


# Recordings.


def scenario(**changes):
    spec = {
        "name": "t",
        "data": {"type": "digits"},
        "latent": {"dim": 8},
        "generator": {"type": "dcgan", "channels": 4},
        "discriminator": {"type": "dcgan", "channels": 4},
        "train": {"steps": 24, "batch_size": 16, "device": "cpu"},
        "record": {"every": 5, "latent_points": 64, "quality_samples": 100, "grid": {"cells": 16}},
    }
    for key, value in changes.items():
        merged = isinstance(value, dict) and "type" not in value
        spec[key] = {**spec.get(key, {}), **value} if merged else value
    return Scenario.model_validate(spec)


def trained(spec, steps):
    """Return a trainer that made these steps of a scenario with nobody looking on."""
    one = Trainer(
        spec.played,
        spec.data,
        spec.dynamics,
        spec.optimizers.by_player(),
        spec.train.seeds[:1],
        spec.train.batch_size,
        CPU,
        average=spec.train.average,
    )
    one.run(steps, Nobody(), NEVER)
    return one


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize(("every", "average"), [(1, None), (5, 0.9), (24, None)])
def test_weights_are_bit_identical_with_and_without_recording(tmp_path, every, average):
    spec = scenario(train={"average": average}, record={"every": every, "quality_every": 10})
    train(spec, tmp_path / "r")
    found, expected = load_file(tmp_path / "r/checkpoints/0.safetensors"), trained(spec, 24).state()
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name


KINDS = {
    "batch norm": {},
    "average": {"train": {"average": 0.95}},
    "spectral": {"discriminator": {"type": "dcgan", "channels": 4, "norm": "spectral"}},
    "conditional mlp": {
        "conditional": True,
        "generator": {"type": "mlp"},
        "discriminator": {"type": "mlp"},
        "train": {"seeds": [1, 2]},
    },
}


@pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)
def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(tmp_path, monkeypatch, changes):
    spec = scenario(**changes)
    whole = train(spec, tmp_path / "whole").dataset.load()
    original = Trainer.advance

    def stop_here(self):
        if self.step == 13 and self.seeds[0] in (0, 2):
            raise KeyboardInterrupt
        original(self)

    monkeypatch.setattr("gandyn.recording.commit_buffer._SECONDS_BETWEEN_COMMITS", 0.0)
    monkeypatch.setattr(Trainer, "advance", stop_here)
    with pytest.raises(KeyboardInterrupt):
        train(spec, tmp_path / "parts")
    monkeypatch.setattr(Trainer, "advance", original)
    resumed = train(spec, tmp_path / "parts", resume=True)
    assert resumed.complete
    for name, values in whole.data_vars.items():
        np.testing.assert_array_equal(resumed.dataset[name].values, values.values, err_msg=str(name))
    for group in range(len(spec.train.seeds)):
        left, right = (load_file(tmp_path / f / f"checkpoints/{group}.safetensors") for f in ("whole", "parts"))
        assert left.keys() == right.keys()
        for name, tensor in left.items():
            assert torch.equal(tensor, right[name]), name


def test_losses_are_means_over_the_steps_since_the_record_before(tmp_path):
    fine = train(scenario(record={"every": 1, "quality_every": 50}), tmp_path / "a").dataset
    coarse = train(scenario(record={"every": 10, "quality_every": 50}), tmp_path / "b").dataset
    for name in ("generator_loss", "discriminator_loss"):
        each = fine[name].values[0]
        expected = [each[0], each[1:11].mean(), each[11:21].mean(), each[21:25].mean()]
        np.testing.assert_allclose(coarse[name].values[0], expected, rtol=1e-12)
        assert coarse[name].attrs["mean_over"]
    for name in ("js", "samples", "real_response", "generator_gradient_norm", "frechet_distance"):
        np.testing.assert_array_equal(coarse[name].values[0], fine[name].values[0][[0, 10, 20, 24]], err_msg=name)


@pytest.mark.usefixtures("unjudged")
def test_the_average_is_what_is_recorded(tmp_path):
    spec = scenario(train={"average": 0.9})
    data = train(spec, tmp_path / "r").dataset
    one, space = trained(spec, 24), spec.space()
    (z,) = space.picture_latents.parts
    generator = one.players["generator"]
    with one.averages["generator"].applied(), generator.inference():
        averaged = as_bytes(generator["generator"](z[None])[0])
    with generator.inference():
        plain = as_bytes(generator["generator"](z[None])[0])
    np.testing.assert_array_equal(data.samples.values[0, -1], averaged)
    assert (data.samples.values[0, -1] != plain).any()


def test_quality_comes_at_its_own_cadence(tmp_path):
    data = train(scenario(record={"every": 4, "quality_every": 10}), tmp_path / "r").dataset
    measured = np.isfinite(data.frechet_distance.values[0])
    assert data.step.values[measured].tolist() == [0, 12, 20, 24]
    assert (np.isfinite(data.class_histogram.values[0]).all(1) == measured).all()


@pytest.mark.usefixtures("unjudged")
def test_several_seeds_are_trained_one_after_another_and_alike(tmp_path):
    mlp = {"type": "mlp", "hidden": [16]}
    both = train(scenario(generator=mlp, discriminator=mlp, train={"seeds": [3, 4]}), tmp_path / "both").dataset
    alone = train(scenario(generator=mlp, discriminator=mlp, train={"seeds": [4]}), tmp_path / "alone").dataset
    for name in ("js", "samples", "generator_loss"):
        np.testing.assert_array_equal(both[name].values[1], alone[name].values[0], err_msg=name)
    assert (both.samples.values[0] != both.samples.values[1]).any()


@pytest.mark.usefixtures("unjudged")
def test_a_diverged_run_is_complete_and_says_when(tmp_path):
    wild = {"type": "sgd", "lr": 1e9}
    spec = scenario(optimizers={"generator": wild, "discriminator": wild}, objective={"type": "least_squares"})
    recording = train(spec, tmp_path / "r")
    assert recording.complete
    assert 0 < recording.diverged[0] < 24
    assert np.isnan(recording.dataset.js.values[0, -1])


def test_resumed_weights_reach_what_streams_gave():
    one, parts = trained(scenario(), 20), trained(scenario(), 9)
    again = trained(scenario(), 0)
    again.restore({name: tensor.clone() for name, tensor in parts.state().items()})
    again.run(20, Nobody(), NEVER)
    for name, tensor in one.state().items():
        assert torch.equal(tensor, again.state()[name]), name


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
class TestOnAGPU:
    GPU = torch.device("cuda", 0)

    def test_training_and_recording_obey_the_same_laws(self, tmp_path, monkeypatch):
        spec = scenario(train={"device": "cuda", "steps": 40, "average": 0.9}, record={"quality_every": 20})
        whole = train(spec, tmp_path / "whole").dataset.load()
        rarely = scenario(train={"device": "cuda", "steps": 40, "average": 0.9}, record={"every": 40})
        train(rarely, tmp_path / "rarely")
        original = Trainer.advance

        def stop_here(self):
            if self.step == 21:
                raise KeyboardInterrupt
            original(self)

        monkeypatch.setattr("gandyn.recording.commit_buffer._SECONDS_BETWEEN_COMMITS", 0.0)
        monkeypatch.setattr(Trainer, "advance", stop_here)
        with pytest.raises(KeyboardInterrupt):
            train(spec, tmp_path / "parts")
        monkeypatch.setattr(Trainer, "advance", original)
        resumed = train(spec, tmp_path / "parts", resume=True)
        for name, values in whole.data_vars.items():
            np.testing.assert_array_equal(resumed.dataset[name].values, values.values, err_msg=str(name))
        states = [load_file(tmp_path / f"{name}/checkpoints/0.safetensors") for name in ("whole", "parts", "rarely")]
        for name, tensor in trained(spec, 0).state().items():
            assert torch.equal(states[0][name], states[1][name]), name
            assert torch.equal(states[0][name], states[2][name]), name
            assert states[0][name].shape == tensor.shape

    def test_half_precision_trains_and_data_stays_there(self):
        one = trainer(digits_game(), device=self.GPU, precision=torch.bfloat16)
        one.run(20, Nobody(), NEVER)
        assert torch.isfinite(weights(one)).all()
        assert one._batches._pixels.is_cuda
        assert one._batches.batches(1)[0]["real"].is_cuda

    def test_pinned_batches_are_the_resident_ones(self, monkeypatch):
        game, images = digits_game(), Digits().load()
        resident = Shuffles(game, loaded(images), [0], 16, 2, self.GPU, torch.float32)
        monkeypatch.setattr("gandyn.training.shuffles._RESIDENT", 0.0)
        pinned = Shuffles(
            game, loaded(Images(images.pixels.copy(), images.labels)), [0], 16, 2, self.GPU, torch.float32
        )
        assert not pinned._pixels.is_cuda
        for step in range(1, 20):
            for a, b in zip(resident.batches(step), pinned.batches(step), strict=True):
                assert torch.equal(a["real"], b["real"])

    def test_the_device_agrees_with_the_cpu_for_some_steps(self):
        here, there = trainer(digits_game()), trainer(digits_game(), device=self.GPU)
        for one in (here, there):
            one.run(5, Nobody(), NEVER)
        torch.testing.assert_close(weights(here), weights(there).cpu(), rtol=1e-2, atol=2e-4)


def test_streams_of_weights_are_those_of_the_seed():
    game = digits_game()
    players = game.build(Digits(), [stream(4)], CPU)
    assert torch.equal(trainer(game, seed=4).players["generator"].flat, players["generator"].flat)
