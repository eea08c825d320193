"""Ordinary torch modules with weights for one seed: image networks behind the shape rule."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gandyn.networks.base import Network, Shape, WeightedNetwork, weights_in

__all__ = ["ModuleNetwork", "ModuleWeights"]


class ModuleNetwork(Network):
    """An architecture that is built as a torch module, for one seed at a time."""

    @abstractmethod
    def module(self, inputs: Shape, outputs: Shape, classes: int, generator: torch.Generator) -> nn.Module:
        """Build the module, its initial weights drawn from a generator (torch's own initialisation is seeded as well).

        Its forward takes x (batch, *inputs), and labels (batch,) where there are classes, and returns (batch,
        *outputs).
        """

    def weighted(  # noqa: D102 - as in the base
        self,
        streams: Sequence[np.random.Generator],
        inputs: Shape,
        outputs: Shape,
        device: torch.device,
        *,
        classes: int = 0,
        precision: torch.dtype = torch.float32,
    ) -> ModuleWeights:
        (stream,) = streams
        seed = int(stream.integers(2**62))
        with torch.random.fork_rng(devices=[]):  # modules draw their first weights from the global generator
            torch.default_generator.manual_seed(seed)
            module = self.module(inputs, outputs, classes, torch.Generator().manual_seed(seed))
        return ModuleWeights(module, device, precision)


class ModuleWeights(WeightedNetwork):
    """A module whose parameters are views into one flat array; convolutions' are laid out channels last.

    Attributes:
        module: the module, in training mode.
    """

    def __init__(self, module: nn.Module, device: torch.device, precision: torch.dtype = torch.float32) -> None:
        """Move the module's parameters into a flat array."""
        self.module = module.to(device, weights_in(precision)).train()
        self.batchwise = any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in module.modules())
        self._precision, self._device = precision, device
        self._parameters = list(self.module.parameters())
        size = sum(parameter.numel() for parameter in self._parameters)
        self.move_to(torch.empty((1, size), dtype=weights_in(precision), device=device))

    def move_to(self, flat: Float[Tensor, "1 parameter"]) -> None:  # noqa: D102
        self.flat = flat
        for parameter, part in zip(self._parameters, self._cut(flat), strict=True):
            part.copy_(parameter.detach())
            parameter.data = part

    @property
    def variables(self) -> Sequence[Tensor]:  # noqa: D102
        return self._parameters

    def gather(self, parts: Sequence[Tensor], out: Float[Tensor, "1 parameter"]) -> None:  # noqa: D102
        torch._foreach_copy_(self._cut(out), list(parts))

    def _cut(self, flat: Float[Tensor, "1 parameter"]) -> list[Tensor]:
        """Return each parameter's part of a flat array."""
        found = []
        sizes = [parameter.numel() for parameter in self._parameters]
        for parameter, part in zip(self._parameters, flat[0].split(sizes), strict=True):
            shape = tuple(parameter.shape)
            if len(shape) == 4:
                first, second, *sides = shape
                found.append(part.view(first, *sides, second).permute(0, 3, 1, 2))
            else:
                found.append(part.view(shape))
        return found

    @property
    def trainable(self) -> Sequence[Float[Tensor, "1 ..."]]:  # noqa: D102
        return [parameter.detach()[None] for parameter in self._parameters]

    def __call__(  # noqa: D102
        self, x: Float[Tensor, "1 batch *event"], label: Int[Tensor, "1 batch"] | None = None
    ) -> Float[Tensor, "1 batch *event"]:
        inputs = x[0].to(self.flat.dtype)
        if inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, self._precision, enabled=self._precision != self.flat.dtype):
            out = self.module(inputs) if label is None else self.module(inputs, label[0])
        return cast(Tensor, out).to(self.flat.dtype)[None]

    def buffers(self) -> dict[str, Tensor]:  # noqa: D102
        return dict(self.module.named_buffers())

    @contextmanager
    def batch_statistics(self) -> Iterator[None]:  # noqa: D102
        if not self.batchwise:
            yield
            return
        with self.preserved():
            self.module.train()
            try:
                yield
            finally:
                self.module.eval()

    @contextmanager
    def virtual_batch_norm(  # noqa: D102
        self, x: Float[Tensor, "1 batch *event"], label: Int[Tensor, "1 batch"] | None = None
    ) -> Iterator[None]:
        if not self.batchwise:
            yield
            return
        norms = [part for part in self.module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
        momenta = [part.momentum for part in norms]
        with self.preserved():
            try:
                for part in norms:
                    part.momentum = 1.0  # running statistics are then this batch's own
                self.module.train()
                self(x, label)
            finally:
                self.module.eval()
                for part, momentum in zip(norms, momenta, strict=True):
                    part.momentum = momentum
            yield

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        self.module.eval()
        try:
            yield
        finally:
            self.module.train()
