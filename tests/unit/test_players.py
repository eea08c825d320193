"""Networks with the seed axis, and regularizers against closed forms on affine discriminators."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from gans import alone as playing
from torch import nn

from gandyn.core.catalog import create, members
from gandyn.games.base import total
from gandyn.games.gan import Gan
from gandyn.networks.affine import Affine
from gandyn.networks.base import Network
from gandyn.networks.fourier import Fourier
from gandyn.networks.mlp import ACTIVATIONS, MLP, linear
from gandyn.networks.player import Player
from gandyn.networks.stacked import StackedNetwork, StackedWeights
from gandyn.regularizers.base import Regularizer
from gandyn.regularizers.clipping import WeightClipping
from gandyn.regularizers.gradient import R1, R2, GradientPenalty

CPU = torch.device("cpu")


def player(network, seeds, inputs=1, outputs=1):
    initial = [network.parameters(np.random.default_rng(seed), inputs, outputs) for seed in seeds]
    return StackedWeights(network, initial, CPU)


STACKED = [name for name, kind in members(Network).items() if issubclass(kind, StackedNetwork)]


@pytest.mark.parametrize("name", STACKED)
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 2), (2, 1), (1, 4)])
def test_seed_k_of_a_stack_equals_the_same_network_alone(name, inputs, outputs):
    network = create(Network, {"type": name})
    x = torch.randn(5, 7, inputs)
    stack = playing(player(network, range(5), inputs, outputs))
    together = stack["network"](x)
    assert together.shape == (5, 7, outputs)
    stack.backward((together**2).sum((1, 2)))
    for seed in range(5):
        alone = playing(player(network, [seed], inputs, outputs))
        out = alone["network"](x[seed : seed + 1])
        torch.testing.assert_close(out[0], together[seed], rtol=1e-5, atol=1e-6)
        alone.backward((out**2).sum((1, 2)))
        torch.testing.assert_close(alone.gradient[0], stack.gradient[seed], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mlp_equals_torch_layers(activation):
    network = MLP(hidden=[5, 4], activation=activation)
    ours = player(network, [3], 2, 1)
    layers = []
    for index in range(0, 6, 2):
        weight, bias = ours.variables[index][0], ours.variables[index + 1][0]
        layer = nn.Linear(*weight.shape)
        layer.weight.data, layer.bias.data = weight.detach().T.clone(), bias.detach()[0].clone()
        layers.append(layer)
    x = torch.randn(1, 9, 2)
    expected = x[0]
    for index, layer in enumerate(layers):
        expected = layer(expected) if index == 2 else ACTIVATIONS[activation](layer(expected))
    torch.testing.assert_close(ours(x)[0], expected)


@pytest.mark.parametrize(
    ("init", "std"),
    [
        ("uniform", 1 / np.sqrt(3 * 64)),
        ("xavier", np.sqrt(2 / 128)),
        ("he", np.sqrt(2 / 64)),
        ("normal", 1.0),
        ("orthogonal", 1 / 8),
    ],
)
def test_initial_weights_have_the_stated_spread(init, std):
    weight = MLP(hidden=[64], init=init).parameters(np.random.default_rng(0), 64, 1)[0].value
    assert weight.std() == pytest.approx(std, rel=0.05)
    if init == "orthogonal":
        np.testing.assert_allclose(weight @ weight.T, np.eye(64), atol=1e-10)
    scaled = MLP(hidden=[64], init=init, gain=0.1).parameters(np.random.default_rng(0), 64, 1)[0].value
    np.testing.assert_allclose(scaled, 0.1 * weight)


def test_affine_with_powers_is_the_optimal_logit_between_gaussians():
    # ln N(x; 0, 1) / N(x; 1, 2) = a x + b x^2 + c
    a, b, c = -0.25, -0.375, 0.125 + np.log(2)
    quadratic = player(Affine(scale=[a, b], bias=c, powers=[1, 2]), [0])
    x = torch.linspace(-3, 3, 9)[None, :, None]
    expected = torch.distributions.Normal(0, 1).log_prob(x) - torch.distributions.Normal(1, 2).log_prob(x)
    torch.testing.assert_close(quadratic(x), expected, rtol=1e-4, atol=1e-5)


def test_frozen_weights_get_no_gradient():
    dirac = playing(player(Affine(scale=2.0, learns=["bias"]), [0, 1]))
    dirac.backward(dirac["network"](torch.ones(2, 4, 1)).sum((1, 2)))
    assert dirac.gradient[:, 0].tolist() == [0.0, 0.0]
    assert dirac.gradient[:, 1].tolist() == [4.0, 4.0]


def test_fourier_features_bend_everywhere_alike():
    # Between two inputs at a distance r the features agree by exp(-(frequency r)^2 / 2), wherever the inputs are.
    network = player(Fourier(hidden=[], waves=20_000, frequency=1.5), [0], 2)
    ours = network.variables
    a, r = torch.tensor([[0.0, 0.0], [3.0, -7.0]]), torch.tensor([0.3, 0.4])
    features = [torch.cos(x @ ours[0][0] + ours[1][0]) for x in (a, a + r)]
    agreement = 2 * (features[0] * features[1]).mean(1)
    torch.testing.assert_close(agreement, torch.full((2,), float(np.exp(-0.5 * (1.5 * 0.5) ** 2))), rtol=0, atol=0.03)
    expected = features[0] @ ours[2][0] + ours[3][0]
    torch.testing.assert_close(network(a[None])[0], expected)


def test_frequencies_and_phases_are_not_learnt():
    network = playing(player(Fourier(hidden=[4], waves=6), [0], 2))
    network.backward(network["network"](torch.ones(1, 5, 2)).sum((1, 2)))
    assert [weight.shape[1:] for weight in network["network"].trainable] == [(6, 4), (1, 4), (4, 1), (1, 1)]
    assert torch.count_nonzero(network.gradient[:, : 2 * 6 + 6]) == 0
    assert torch.count_nonzero(network.gradient[:, 2 * 6 + 6 :]) > 0


def slopes(*values):
    affine = player(Affine(), range(len(values)))
    affine.flat[:, 0] = torch.tensor(values)
    return affine


@pytest.mark.parametrize(
    ("regularizer", "closed_form"),
    [
        (GradientPenalty(weight=10.0), lambda a: 10 * (abs(a) - 1) ** 2),
        (GradientPenalty(weight=2.0, target=0.0), lambda a: 2 * a**2),
        (R1(weight=3.0), lambda a: 1.5 * a**2),
        (R2(weight=3.0), lambda a: 1.5 * a**2),
        (WeightClipping(), lambda a: 0.0),
    ],
)
def test_penalty_on_an_affine_discriminator_is_the_closed_form(regularizer, closed_form):
    values = [-2.0, 0.5, 3.0]
    discriminator = slopes(*values)
    real, fake, mix = torch.randn(3, 6, 1), torch.randn(3, 6, 1), torch.rand(3, 6)
    penalty = regularizer.penalty(discriminator, real, fake, mix)
    expected = torch.tensor([closed_form(a) for a in values])
    torch.testing.assert_close(torch.zeros(3) if penalty is None else penalty, expected)


def test_each_penalty_looks_where_it_says():
    quadratic = player(Affine(scale=[0.0, 0.5], powers=[1, 2]), [0])  # slope x
    real, fake = torch.full((1, 4, 1), 2.0), torch.full((1, 4, 1), -1.0)
    mix = torch.full((1, 4), 0.25)
    assert float(R1(weight=2.0).penalty(quadratic, real, fake, mix).detach()) == pytest.approx(4.0)
    assert float(R2(weight=2.0).penalty(quadratic, real, fake, mix).detach()) == pytest.approx(1.0)
    between = -1.0 + 0.25 * 3.0
    expected = 10 * (abs(between) - 1) ** 2
    assert float(GradientPenalty().penalty(quadratic, real, fake, mix).detach()) == pytest.approx(expected)


@pytest.mark.parametrize("name", members(Regularizer))
def test_regularizers_leave_finite_gradients_and_seeds_apart(name):
    regularizer = create(Regularizer, {"type": name})
    game = Gan(regularizers=(regularizer,))
    (real, fake), mix = torch.randn(2, 2, 8, 1), torch.rand(2, 8)

    def gradient(seeds):
        network, rows = player(MLP(), seeds), slice(min(seeds), None)
        discriminator, batch = Player({"discriminator": network}), {"real": real, "fake": fake, "mix": mix}
        own = {name: values[rows] for name, values in batch.items()}
        discriminator.backward(total(game.loss("discriminator", {"discriminator": discriminator}, own)))
        game.project("discriminator", network.trainable)
        assert torch.isfinite(discriminator.flat).all()
        return discriminator.gradient

    both = gradient([0, 1])
    assert torch.isfinite(both).all()
    torch.testing.assert_close(gradient([1])[0], both[1], rtol=1e-4, atol=1e-6)


def test_a_constant_discriminator_has_a_finite_gradient_penalty():
    flat = playing(slopes(0.0))
    flat.backward(
        GradientPenalty().penalty(flat["network"], torch.ones(1, 4, 1), torch.zeros(1, 4, 1), torch.rand(1, 4))
    )
    assert torch.isfinite(flat.gradient).all()


def test_clipping_leaves_frozen_weights_alone():
    game = Gan(regularizers=(WeightClipping(limit=0.1),))
    discriminator = player(Affine(scale=2.0, bias=3.0, learns=["scale"]), [0])
    game.project("discriminator", discriminator.trainable)
    assert discriminator.flat[0].tolist() == pytest.approx([0.1, 3.0])


def test_clipping_holds_every_weight_in_its_box():
    discriminator = slopes(-2.0, 0.05)
    WeightClipping(limit=0.1).project(discriminator.trainable)
    assert discriminator.flat[:, 0].tolist() == pytest.approx([-0.1, 0.05])


def test_narrow_layers_have_the_gradients_of_a_product_twice_over():
    """Gradient penalties differentiate a gradient."""
    x = torch.randn(3, 5, 4, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(3, 1, 2, dtype=torch.float64, requires_grad=True)
    torch.testing.assert_close(linear(weight, bias, x), torch.baddbmm(bias, x, weight))
    assert torch.autograd.gradcheck(linear, (weight, bias, x))
    assert torch.autograd.gradgradcheck(linear, (weight, bias, x))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_without_gradients_a_network_gives_the_same_and_leaves_its_input_alone(activation):
    network = MLP(hidden=[8, 8], activation=activation)
    stack, x = player(network, range(3), 2, 2), torch.randn(3, 5, 2)
    before, with_gradients = x.clone(), stack(x)
    with torch.no_grad():
        torch.testing.assert_close(stack(x), with_gradients)
    assert torch.equal(x, before)
