"""A walk between the fixed latents of a recording, through the generator of its last checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gandyn.core.errors import UsageError

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording
    from gandyn.rendering.figures.comparison import Compared
    from gandyn.rendering.figures.walk import Walk
    from gandyn.rendering.options import AnimationOptions

__all__ = ["walk_of"]

_ANCHORS = 5
_WALKED = 0.65
"""Part of an animation's frames in which it walks, after the image has grown up."""

_AT_ONCE = 64


def walk_of(recording: Recording | Compared, options: AnimationOptions) -> Walk | None:
    """Return the walk that an animation asks for, or None where it asks for none.

    Between the latents it is spherical, and slow where it passes one of them. A conditional generator is told the class
    of the first of them all the way.

    Raises:
        UsageError: the recording is not of images, or the animation ends before the generator that was kept.
        RecordingError: there are no weights to make a generator of.
    """
    if options.story != "walk":
        return None
    # All other stories are drawn without torch.
    from gandyn.recording.store.recording import Recording

    return _walk(recording, options) if isinstance(recording, Recording) else None


def _walk(recording: Recording, options: AnimationOptions) -> Walk:
    import torch

    from gandyn.app.sampling import generator_of, scenario_of
    from gandyn.recording.samples import as_bytes
    from gandyn.rendering.figures.morph import ease
    from gandyn.rendering.figures.walk import Walk, slerp

    if "samples" not in recording.contents:
        raise UsageError("animation.story: walk shows one image, and this recording is not of images")
    last = int(recording.steps()[-1])
    if options.last_step is not None and options.last_step < last:
        raise UsageError(
            f"animation.last_step: {options.last_step} is gone: the generator that walks is that of step {last}"
        )
    scenario = scenario_of(recording)
    generate = generator_of(recording, scenario, options.seed)
    fixed = scenario.space().picture_latents  # type: ignore[attr-defined]
    latents = fixed.parts[0][:_ANCHORS].numpy()
    number = len(latents)
    frames = max(round(_WALKED * options.frames), 1) if not options.loop else options.frames
    places = np.arange(frames) / frames
    hops, parts = np.divmod(places * number, 1.0)
    way = [
        slerp(latents[int(hop) % number], latents[(int(hop) + 1) % number], ease(part))
        for hop, part in zip(hops, parts.tolist(), strict=True)
    ]
    z = torch.from_numpy(np.stack([*latents, *way]).astype(np.float32))
    label = None if fixed.labels is None else fixed.labels[:1].expand(len(z))
    images = [
        as_bytes(generate(z[k : k + _AT_ONCE], None if label is None else label[k : k + _AT_ONCE]))
        for k in range(0, len(z), _AT_ONCE)
    ]
    found = np.concatenate(images)
    return Walk(found[number:], (hops + np.vectorize(ease)(parts)) / number, found[:number])
