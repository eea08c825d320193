"""Games of players of any names and number: who moves when, on what, and what is recorded of their losses."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch
from gans import alone

from gandyn.app.training import train
from gandyn.core.catalog import members
from gandyn.distributions.dirac import Dirac
from gandyn.dynamics.base import Dynamics
from gandyn.games.base import Game, LossInfo, NetworkShape
from gandyn.games.gan import Gan
from gandyn.networks.affine import Affine
from gandyn.networks.mlp import MLP
from gandyn.networks.player import Player
from gandyn.optimizers.sgd import SGD
from gandyn.scenario.loading import parse_scenario
from gandyn.scenario.schema import scenario_type
from gandyn.training.trainer import Trainer

CPU = torch.device("cpu")


class Circle(Game):
    """Three players in a circle, each of whom minimises its own number times the next one's."""

    players: ClassVar[tuple[str, ...]] = ("rock", "paper", "scissors")

    def networks(self, data):
        number = NetworkShape(Affine(scale=0.0, bias=1.0, learns=["bias"]), (1,), (1,))
        return {name: {"number": number} for name in self.players}

    def outputs(self, player, networks, batch):
        return {player: networks["number"](batch["real"])[..., 0].mean(1)}

    def loss(self, player, players, batch):
        following = self.players[(self.players.index(player) + 1) % 3]
        return {"product": batch[player] * batch[following]}

    def maps(self, players):
        return {}

    def losses(self):
        return {f"{name}_loss": LossInfo("a product", name) for name in self.players}


def circled(dynamics, rate=0.1):
    optimizers = {name: SGD(lr=rate) for name in Circle.players}
    return Trainer(Circle(), Dirac(), dynamics, optimizers, [0, 1], 4, CPU, torch.float64)


def numbers(trainer):
    return [player.flat[0, 1].item() for player in trainer.players.values()]


def test_three_players_alternate_each_against_what_it_then_meets():
    kind = members(Dynamics)["alternating"].between(Circle.players)
    for first in (0, 2):
        dynamics = kind(first=Circle.players[first], paper_steps=2)
        trainer, expected = circled(dynamics), [1.0, 1.0, 1.0]
        for _ in range(20):
            trainer.advance()
            for who in [(first + turn) % 3 for turn in range(3)]:
                for _ in range(2 if who == 1 else 1):
                    expected[who] -= 0.1 * expected[(who + 1) % 3]
        np.testing.assert_allclose(numbers(trainer), expected, rtol=1e-12)
        assert dynamics.batches(Circle.players) == 2
        assert len(dynamics.updates(Circle.players)) == 4


def test_three_players_move_at_once_after_those_that_move_more_often():
    dynamics = members(Dynamics)["simultaneous"].between(Circle.players)(scissors_steps=3)
    trainer, expected = circled(dynamics), np.ones(3)
    for _ in range(20):
        trainer.advance()
        for _ in range(2):
            expected[2] -= 0.1 * expected[0]
        expected = expected - 0.1 * np.roll(expected, -1)
    np.testing.assert_allclose(numbers(trainer), expected, rtol=1e-12)
    assert dynamics.updates(Circle.players)[-1] == Circle.players


def test_losses_are_those_before_the_own_last_update():
    trainer = circled(members(Dynamics)["alternating"].between(Circle.players)())
    trainer.advance()
    found = {name: loss[0].item() for name, loss in trainer.losses.items()}
    assert found == pytest.approx({"rock_loss": 1.0, "paper_loss": 1.0, "scissors_loss": 0.9})


def weighted(seeds, outputs):
    streams = [np.random.default_rng(seed) for seed in seeds]
    return MLP(hidden=[5]).weighted(streams, (2,), (outputs,), CPU)


def test_networks_of_one_player_share_an_array_and_learn_as_each_alone():
    both = Player({"a": weighted([0, 1], 3), "b": weighted([2, 3], 1)})
    single = alone(weighted([0, 1], 3)), alone(weighted([2, 3], 1))
    assert torch.equal(both.flat, torch.cat([one.flat for one in single], dim=1))
    x = torch.randn(2, 7, 2)
    both.backward(both["a"](x).square().mean((1, 2)) + both["b"](x).square().mean((1, 2)))
    for one in single:
        one.backward(one["network"](x).square().mean((1, 2)))
    torch.testing.assert_close(both.gradient, torch.cat([one.gradient for one in single], dim=1))
    with torch.no_grad():
        both.flat.mul_(2.0)
        single[1].flat.mul_(2.0)
    assert torch.equal(both["b"](x), single[1]["network"](x))
    assert torch.equal(both.at(both.flat)["b"](x), both["b"](x))
    assert both.constant["a"](x).requires_grad is False


def test_penalties_are_terms_of_their_own_beside_the_objective(tmp_path):
    scenario = parse_scenario(
        {
            "data": {"type": "gaussian"},
            "regularizers": [{"type": "r1"}, {"type": "gradient_penalty"}, {"type": "weight_clipping"}],
            "train": {"steps": 5, "batch_size": 16, "seeds": 2},
            "record": {"grid": {"cells": 32}, "latent_cells": 96},
        }
    )
    found = train(scenario, tmp_path / "r").dataset.load()
    terms = [found[f"discriminator_{name}"] for name in ("objective", "r1", "gradient_penalty")]
    np.testing.assert_allclose(sum(terms), found["discriminator_loss"], rtol=1e-6)
    assert "discriminator_weight_clipping" not in found
    assert "generator_objective" not in found
    assert found["discriminator_objective"].attrs["player"] == "discriminator"
    assert found["discriminator_objective"].attrs["equilibrium"] == pytest.approx(2 * np.log(2))
    assert "equilibrium" not in found["discriminator_loss"].attrs


def test_a_scenario_has_the_fields_of_its_game_between_data_and_dynamics():
    fields = list(scenario_type().model_fields)
    own = list(Gan.model_fields)
    start = fields.index("data") + 1
    assert fields[start : start + len(own)] == own
    assert fields[start + len(own)] == "dynamics"
    assert set(scenario_type().model_fields["optimizers"].annotation.model_fields) == set(Gan.players)
    assert members(Game)["gan"] is Gan


def test_recordings_of_before_are_known_again_by_their_fingerprint():
    """Of scenarios written out here, as version 3 of the recordings' format had them."""
    line = {"data": {"type": "gaussian"}, "train": {"steps": 10}}
    plane = {"data": {"type": "ring"}, "dynamics": {"type": "simultaneous", "discriminator_steps": 2}}
    assert [parse_scenario(one).fingerprint() for one in (line, plane)] == KNOWN


KNOWN = ["3aaa00b8b7125be6", "daead5f67403cf3f"]
