"""Snapshots of networks of one seed that are measured where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from torch import Tensor

from gandyn.networks.base import Apply, WeightedNetwork
from gandyn.recording.cadence import Cadence
from gandyn.recording.commit_buffer import CommitBuffer, ProbeRunner
from gandyn.recording.snapshots.sampled import SampledSnapshot
from gandyn.recording.spaces.sampled import SampledSpace
from gandyn.training.trainer import Trainer

__all__ = ["TrainedSnapshots"]


class TrainedSnapshots:
    """Measures each record at once."""

    def __init__(self, space: SampledSpace, buffer: CommitBuffer, cadence: Cadence) -> None:
        """Measure in a space; the cadence says when quality is due as well."""
        self._space, self._buffer, self._cadence = space, buffer, cadence
        self._probe_runner = ProbeRunner(space)

    def keep(self, trainer: Trainer, numbers: Mapping[str, Tensor]) -> None:
        """Measure the players as they are, averaged where they have an average."""
        with ExitStack() as stack:
            for average in trainer.averages.values():
                stack.enter_context(average.applied())
            for player in trainer.players.values():
                stack.enter_context(player.inference())
            maps = trainer.game.maps(trainer.players)
            judged = maps["respond"]
            assert isinstance(judged, WeightedNetwork)
            snapshot = SampledSnapshot(
                self._space,
                _single(maps["generate"]),
                _single(judged),
                next(iter(trainer.players.values())).flat.device,
                self._cadence.judging if self._cadence.quality_due(trainer.step) else None,
                judged.batch_statistics,
                lambda x, label: judged.virtual_batch_norm(x[None], None if label is None else label[None]),
            )
            rows = self._probe_runner.measure(snapshot)
        rows.update({name: value.double().cpu().numpy() for name, value in numbers.items()})
        self._buffer.add({name: values[None] for name, values in rows.items()})
        self._buffer.next += 1

    def measure(self) -> None:
        """Do nothing: it is done."""


def _single(network: Apply) -> Apply:
    """Return a network of one seed as a function of batches without the seed axis."""

    def apply(x: Tensor, label: Tensor | None = None) -> Tensor:
        return network(x[None], None if label is None else label[None])[0]

    return apply
