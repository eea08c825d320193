"""The moving average of a player's weights: what a generator that circles round its goal draws on the average."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor

from gandyn.networks.player import Player

__all__ = ["MovingAverage"]


class MovingAverage:
    """An exponential moving average of a player's weights, and of its buffers, which belong to the weights.

    The first steps weigh more than `decay` would let them: initial weights are not to linger for thousands of steps.

    Attributes:
        flat: the averaged weights, shape (seed, parameter).

    References:
        Yazici, Foo, Winkler, Yap, Piliouras and Chandrasekhar, "The Unusual Effectiveness of Averaging in GAN
        Training", 2019.
    """

    def __init__(self, player: Player, decay: float) -> None:
        """Begin with the player as it is."""
        self._player, self._decay = player, decay
        self.flat = player.flat.clone()
        self._buffers = {name: buffer.clone() for name, buffer in player.buffers().items()}

    def follow(self, step: int) -> None:
        """Take the player as it is after a step, counted from 1, into the average."""
        new = 1 - min(self._decay, step / (9 + step))
        self.flat.lerp_(self._player.flat, new)
        for name, buffer in self._player.buffers().items():
            if buffer.is_floating_point():
                self._buffers[name].lerp_(buffer, new)
            else:
                self._buffers[name].copy_(buffer)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the player have the averaged weights for the while."""
        held = {"flat": self._player.flat, **self._player.buffers()}
        own = {name: tensor.clone() for name, tensor in held.items()}
        try:
            for name, tensor in held.items():
                tensor.copy_(self.flat if name == "flat" else self._buffers[name])
            yield
        finally:
            for name, tensor in held.items():
                tensor.copy_(own[name])

    def tensors(self, name: str) -> dict[str, Tensor]:
        """Return what a checkpoint has to hold, by names that begin with one; the tensors themselves."""
        return {name: self.flat, **{f"{name}.buffer.{key}": one for key, one in self._buffers.items()}}
