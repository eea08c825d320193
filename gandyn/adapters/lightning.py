"""A callback that records a GAN trained by Lightning, under either of the names it is installed by.

Example:
    >>> from gandyn.adapters.lightning import GandynCallback  # doctest: +SKIP
    >>> latent = lambda n: torch.randn(n, 64)  # doctest: +SKIP
    >>> trainer = Trainer(callbacks=[GandynCallback(data=images, latent=latent, out="runs/mine")])  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from torch import Tensor

from gandyn.core.errors import UsageError
from gandyn.recording.user_loop.record import record
from gandyn.recording.user_loop.recorder import LoopRecorder

__all__ = ["GandynCallback"]

_NAMES = ("lightning.pytorch", "pytorch_lightning")


def _lightning() -> Any:
    """Return Lightning: the one that is in use already, else the one that is installed."""
    for name in sorted(_NAMES, key=lambda name: name not in sys.modules):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise UsageError('gandyn.adapters.lightning needs Lightning: pip install "gandyn[lightning]"')


_Callback: Any = _lightning().Callback


class GandynCallback(_Callback):  # type: ignore[misc] # known at run time alone
    """Records the two models of a LightningModule during `fit`; training batches are its steps."""

    def __init__(
        self,
        *,
        data: Any,
        latent: Callable[[int], Any] | None = None,
        generator: str = "generator",
        discriminator: str = "discriminator",
        losses: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        """Say what is to be recorded.

        Args:
            data: real samples, as `gandyn.record` takes them.
            latent: n -> the generator's input for n samples, likewise.
            generator: the module's attribute that is the generator, dotted where it lies deeper.
            discriminator: the attribute that is the discriminator.
            losses: the numbers to be recorded: name in the recording -> name under which the module logs it; unless
                given, `generator_loss` and `discriminator_loss`, where the module logs those.
            **options: the other arguments of `gandyn.record`: `out`, `every`, `view`, ...
        """
        super().__init__()
        self._names = (generator, discriminator)
        self._losses = dict(losses or {})
        self._given = {"data": data, "latent": latent, **options}
        self._recorder: LoopRecorder | None = None

    @property
    def recorder(self) -> LoopRecorder:
        """The recorder of the last `fit`.

        Raises:
            UsageError: there was none yet.
        """
        if self._recorder is None:
            raise UsageError("GandynCallback: nothing was recorded yet; give it to a Trainer's callbacks and fit")
        return self._recorder

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Begin the recording, with the models as they are."""
        players = [_attribute(pl_module, name) for name in self._names]
        self._recorder = record(players[0], players[1], **self._given).start()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Count a step, and take what the module has logged in it."""
        logged: Mapping[str, Tensor] = trainer.callback_metrics
        wanted = self._losses or {name: name for name in ("generator_loss", "discriminator_loss") if name in logged}
        lacking = [name for name in wanted.values() if name not in logged]
        if lacking:
            found = ", ".join(sorted(logged)) or "nothing"
            raise UsageError(f"GandynCallback(losses=...): the module does not log {lacking[0]!r}; it logs {found}")
        self.recorder.step(**{name: logged[wanted[name]] for name in wanted})

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Record the last step and close."""
        self.recorder.close()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Keep what was recorded before an exception or Ctrl-C."""
        if self._recorder is not None:
            self._recorder.__exit__(type(exception), exception, exception.__traceback__)


def _attribute(module: Any, name: str) -> Any:
    try:
        return reduce(getattr, name.split("."), module)
    except AttributeError:
        models = ", ".join(key for key, _ in module.named_children())
        raise UsageError(
            f"GandynCallback: {type(module).__name__} has no attribute {name!r}; say generator=... and "
            f"discriminator=...; its modules are {models}"
        ) from None
