"""A player: the networks that learn together, over one flat array of weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from jaxtyping import Float
from torch import Tensor

from gandyn.networks.base import Apply, WeightedNetwork

__all__ = ["Networks", "Player"]

Networks = Mapping[str, Apply]
"""A player's networks by name, as functions of inputs."""


class Player(Mapping[str, WeightedNetwork]):
    """Networks by name, and their weights one after another in an array that optimizers, checkpoints and norms see.

    Attributes:
        flat: the weights of all networks; update them in place, the layers follow.
        gradient: the last gradient of this player's loss in its weights, same shape; zero at first.
        step: makes one step along `gradient`; set by whoever trains.
        constant: the same networks with their weights as constants: only inputs carry a graph.
    """

    flat: Float[Tensor, "seed parameter"]
    gradient: Float[Tensor, "seed parameter"]

    def __init__(self, networks: Mapping[str, WeightedNetwork]) -> None:
        """Move the networks into one array."""
        self._networks = dict(networks)
        parts = list(self._networks.values())
        sizes = [part.flat.shape[1] for part in parts]
        if len(parts) == 1:
            self.flat = parts[0].flat
        else:
            self.flat = parts[0].flat.new_empty((len(parts[0].flat), sum(sizes)))
            for part, place in zip(parts, self.flat.split(sizes, dim=1), strict=True):
                part.move_to(place)
        self.gradient = torch.zeros_like(self.flat)
        self._sizes, self._places = sizes, self.gradient.split(sizes, dim=1)
        self.constant: Networks = {name: part.constant for name, part in self._networks.items()}
        self.step: Callable[[], object] = lambda: None

    def __getitem__(self, name: str) -> WeightedNetwork:
        """Return a network."""
        return self._networks[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the networks' names."""
        return iter(self._networks)

    def __len__(self) -> int:
        """Return how many networks it has."""
        return len(self._networks)

    def backward(self, loss: Float[Tensor, " seed"]) -> None:
        """Set `gradient` to that of each seed's own loss; frozen weights get zero."""
        variables = [list(part.variables) for part in self._networks.values()]
        found = iter(
            torch.autograd.grad(loss.sum(), [one for part in variables for one in part], materialize_grads=True)
        )
        for part, own, place in zip(self._networks.values(), variables, self._places, strict=True):
            part.gather([next(found) for _ in own], place)

    def at(self, flat: Float[Tensor, "row parameter"]) -> Networks:
        """Return the networks as functions of inputs, with other weights, of any number of rows."""
        places = flat.split(self._sizes, dim=1)
        return {name: part.at(own) for (name, part), own in zip(self._networks.items(), places, strict=True)}

    def buffers(self) -> dict[str, Tensor]:
        """Return what the networks carry from step to step besides weights, by name; the tensors themselves."""
        if len(self._networks) == 1:
            (alone,) = self._networks.values()
            return alone.buffers()
        return {f"{name}.{key}": one for name, part in self._networks.items() for key, one in part.buffers().items()}

    @contextmanager
    def preserved(self) -> Iterator[None]:
        """Keep the buffers as they are, whatever the networks are applied to for the while."""
        with ExitStack() as stack:
            for part in self._networks.values():
                stack.enter_context(part.preserved())
            yield

    @contextmanager
    def inference(self) -> Iterator[None]:
        """Look at the networks without changing them: no gradients, evaluation mode."""
        with ExitStack() as stack:
            for part in self._networks.values():
                stack.enter_context(part.inference())
            yield
