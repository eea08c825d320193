"""Batch-normalised discriminators: recorded is what they say in training, not what lagging averages make of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gandyn.app import training as run
from gandyn.recording.cadence import Every
from gandyn.recording.snapshots.trained import TrainedSnapshots
from gandyn.scenario.schema import Scenario

CPU = torch.device("cpu")


@pytest.fixture
def trained():
    scenario = Scenario.model_validate(
        {
            "name": "d",
            "data": {"type": "digits"},
            "generator": {"type": "dcgan", "channels": 16},
            "discriminator": {"type": "dcgan", "channels": 16},
            "train": {"batch_size": 64, "steps": 30},
            "record": {"latent_points": 256, "quality_samples": 100},
        }
    )
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    trainer = run._trainer(scenario, [0], CPU)
    for _ in range(30):
        trainer.advance()
    yield trainer, scenario.space()
    torch.set_num_threads(before)


class _Buffer:
    """Takes one record."""

    next = 0

    def add(self, rows):
        self.rows = rows


def measured(trainer, space):
    buffer = _Buffer()
    TrainedSnapshots(space, buffer, Every(10, 30)).keep(trainer, {})
    return {name: values[0] for name, values in buffer.rows.items()}


def test_responses_are_those_of_training_batches(trained):
    trainer, space = trained
    rows = measured(trainer, space)
    module = trainer.players["discriminator"]["discriminator"].module
    kept = {name: buffer.clone() for name, buffer in module.named_buffers()}
    module.train()
    with torch.no_grad():
        logits = module(space.reals.tensor(space.kept))
    module.load_state_dict(kept, strict=False)
    assert rows["real_response"][0] == pytest.approx(float(logits.sigmoid().mean()), abs=1e-5)


def test_a_slice_does_not_hang_on_running_averages(trained):
    trainer, space = trained
    before = measured(trainer, space)
    for name, buffer in trainer.players["discriminator"].buffers().items():
        if "running" in name:
            buffer.mul_(3.0).add_(1.0)
    after = measured(trainer, space)
    for name in ("discriminator", "discriminator_mean", "real_response", "generated_response"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-5, err_msg=name)


def test_looking_leaves_everything_as_it_was(trained):
    trainer, space = trained
    state = {name: tensor.clone() for name, tensor in trainer.state().items()}
    momenta = [
        getattr(part, "momentum", None) for part in trainer.players["discriminator"]["discriminator"].module.modules()
    ]
    measured(trainer, space)
    assert all(torch.equal(tensor, state[name]) for name, tensor in trainer.state().items())
    assert [
        getattr(part, "momentum", None) for part in trainer.players["discriminator"]["discriminator"].module.modules()
    ] == momenta
    assert trainer.players["discriminator"]["discriminator"].module.training
    assert trainer.players["generator"]["generator"].module.training
