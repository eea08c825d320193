"""The same work from Python: `gandyn.train`, `animate`, `plot`, `filmstrip`, `explain_layer`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gandyn.app.console import Followed
from gandyn.app.console import progress as bars
from gandyn.app.notes import unseen_note
from gandyn.app.output_paths import FIGURE_SUFFIXES, check_output, figure_look, still_path
from gandyn.app.runs import record
from gandyn.app.walking import walk_of
from gandyn.core.errors import UsageError
from gandyn.core.messages import warn

if TYPE_CHECKING:
    from gandyn.recording.store.recording import Recording
    from gandyn.rendering.options import AnimationOptions
    from gandyn.scenario.schema import Scenario

__all__ = ["animate", "explain_layer", "filmstrip", "plot", "train"]


def train(
    scenario: Scenario | str | Path | Mapping[str, Any],
    out: str | Path | None = None,
    *,
    force: bool = False,
    progress: bool = True,
) -> Recording | None:
    """Train and record a scenario, or return its recording if it has been trained already.

    In a program that torchrun has started every process calls this, and they train networks of images together, each on
    its part of every batch: once, unless the program has a process group of its own. The first process records.

    Args:
        scenario: a scenario, the path of its file, or the mapping such a file would hold.
        out: the recording's folder; unless given `runs/<name>`, or one beside it if that has other settings.
        force: train from the start, over the recording that is there.
        progress: show a bar on stderr, if that is a terminal and it takes over a second.

    Returns:
        The complete recording. After Ctrl-C (KeyboardInterrupt) the same call goes on where it stopped. None
        only in a process that torchrun has started to follow the first one (its `RANK` is above 0), as soon as its own
        part is done: the recording may not be complete yet, or not on this machine.

    Raises:
        ScenarioError: the scenario says something it cannot say.
        RecordingError: the folder holds something else or cannot be written.

    Example:
        >>> recording = train({"name": "toy", "data": {"type": "gaussian"}}, "runs/toy")  # doctest: +SKIP
        >>> recording.dataset["js"]  # doctest: +SKIP
    """
    from gandyn.scenario.loading import load_scenario, parse_scenario

    if isinstance(scenario, Mapping):
        scenario = parse_scenario(scenario)
    elif isinstance(scenario, str | Path):
        scenario = load_scenario(scenario)
    try:
        with bars(quiet=not progress) as tick:
            return record(scenario, None if out is None else Path(out), force=force, progress=tick).recording
    except Followed:
        return None


def animate(
    recording: Recording | str | Path | Sequence[Recording | str | Path],
    out: str | Path,
    *,
    beside: Sequence[Recording | str | Path] = (),
    poster: str | Path | None = None,
    **animation: Any,
) -> Path:
    """Draw a recording as an animation; the suffix of `out` chooses the format (.gif, .mp4, .webp, .apng, .png).

    Args:
        recording: a recording or its folder; several of them, in a list, are drawn side by side.
        out: the file to write.
        beside: recordings or their folders to be drawn at its right, as if they were in the list.
        poster: a file to write the poster to as well: by default the last step, as .png, .pdf or .svg.
        **animation: fields of the scenario's `animation` section to change: frames, fps, pace, hold_first, hold, notes,
            size, theme, panels, seed, story. With .png, `frames` writes a numbered sequence; without it the file shows
            the poster.

    Returns:
        The path of the file (of the first, for a sequence).

    Raises:
        UsageError: the suffix or one of the fields is not known, or the recordings cannot be drawn side by side.
        RenderError: the picture could not be written.

    Example:
        >>> animate("runs/two_modes", "two_modes.mp4", theme="talk-dark", fps=30)  # doctest: +SKIP
        >>> animate(["runs/ring_collapse", "runs/ring_packed"], "cure.gif")  # doctest: +SKIP
    """
    from gandyn.app.comparing import compared
    from gandyn.rendering import animate as draw
    from gandyn.rendering import check_suffix

    path = Path(out)
    check_suffix(path)
    check_output(path)
    if poster is not None:
        still_path(poster)
    stills = "frames" in animation and path.suffix.lower() in FIGURE_SUFFIXES
    opened = [_open(one) for one in (*_listed(recording), *_listed(beside))]
    if not opened:
        raise UsageError("there is no recording to draw")
    options = [_options(one, animation, "animate") for one in opened]
    shown = opened[0] if len(opened) == 1 else compared(opened, [one.seed for one in options])
    drawn = draw(shown, path, options[0], stills=stills, poster=poster, walk=walk_of(shown, options[0]))
    if drawn.unseen_notes:
        warn(unseen_note(drawn.unseen_notes))
    return drawn.path


def plot(
    recording: Recording | str | Path | Sequence[Recording | str | Path],
    out: str | Path,
    *,
    width: str | None = None,
    height: str | None = None,
    title: bool = True,
    **look: Any,
) -> Path:
    """Draw losses and divergences against the step, as .png, .svg or .pdf.

    Args:
        recording: a recording or its folder; several of them, in a list, share a panel a quantity, with a line each.
        out: the file to write.
        width: width in print, such as "3.3in", "17cm", "84mm", "505pt" (of 1/72 inch) or "1000px" (of 1/300 inch), with
            type of 8 points.
        height: in print, where it should not follow from what is drawn.
        title: whether title and caption stand above.
        **look: theme, size (pixels), seed, panels (names; of several recordings those of numbers, such as js).

    Returns:
        The path of the file.

    Raises:
        UsageError: the suffix, a length or one of the fields is not known, or the recordings cannot be compared.

    Example:
        >>> plot("runs/two_modes", "two_modes.pdf", width="3.3in", title=False)  # doctest: +SKIP
        >>> plot(["runs/ring_collapse", "runs/ring_cure"], "js.pdf", width="84mm", panels=["js"])  # doctest: +SKIP
    """
    from gandyn.app.comparing import compared
    from gandyn.rendering import plot as draw

    path = still_path(out)
    opened = [_open(one) for one in _listed(recording)]
    if not opened:
        raise UsageError("there is no recording to draw")
    seed = look.get("seed")
    shown = opened[0] if len(opened) == 1 else compared(opened, [seed] * len(opened))
    how = _figure(opened[0], {name: value for name, value in look.items() if name != "panels"}, "plot")
    draw(shown, path, **how, panels=look.get("panels"), width=width, height=height, title=title)
    return path


def filmstrip(
    recording: Recording | str | Path,
    out: str | Path,
    *,
    steps: Sequence[int] | None = None,
    panel: str | None = None,
    width: str | None = None,
    height: str | None = None,
    title: bool = True,
    **look: Any,
) -> Path:
    """Draw a recording's density, or another main picture, at some steps side by side, as .png, .svg or .pdf.

    Args:
        recording: a recording or its folder.
        out: the file to write.
        steps: the steps shown (the nearest recorded ones); by default five that tell most.
        panel: which picture; of images their samples, else the density, unless given.
        width: width in print, as for `plot`; where it is too narrow for all in one row, there are more.
        height: in print, where it should not follow from what is drawn.
        title: whether title and caption stand above.
        **look: theme, size (pixels), seed.

    Returns:
        The path of the file.

    Raises:
        UsageError: the suffix, a length or one of the fields is not known.

    Example:
        >>> filmstrip("runs/ring", "ring.pdf", steps=[0, 500, 3000], width="17cm")  # doctest: +SKIP
    """
    from gandyn.rendering import filmstrip as draw

    path, opened = still_path(out), _open(recording)
    how = _figure(opened, look, "filmstrip")
    draw(opened, path, steps=steps, panel=panel, width=width, height=height, title=title, **how)
    return path


def explain_layer(
    layer: str | Path,
    out: str | Path,
    *,
    poster: str | Path | None = None,
    animation: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Path:
    """Draw what a layer does to numbers; the suffix of `out` chooses the format, as for `animate`. Trains nothing.

    Args:
        layer: conv_transpose, conv or an activation such as leaky_relu; or a file that says `layer: {type: conv}`.
        out: the file to write.
        poster: a file to write the last frame to as well, as .png, .pdf or .svg.
        animation: fps, hold, size, theme, big.
        **settings: fields of the layer to change, such as kernel, stride, padding.

    Returns:
        The path of the file.

    Raises:
        UsageError: there is no such layer, or it has no such field or value, or the suffix is not known.
        RenderError: the picture could not be written.

    Example:
        >>> explain_layer("conv_transpose", "up.gif", kernel=4, animation={"theme": "talk-dark"})  # doctest: +SKIP
    """
    from gandyn.app.explaining import draw_layer
    from gandyn.rendering import check_suffix
    from gandyn.scenario.explanations import load_layer

    path = Path(out)
    check_suffix(path)
    check_output(path)
    if poster is not None:
        still_path(poster)
    given: dict[str, Any] = {f"layer.{name}": value for name, value in settings.items()}
    for name, value in (animation or {}).items():
        given[f"animation.{name}"] = list(value) if isinstance(value, tuple) else value
    explained = load_layer(layer, given)
    return draw_layer(explained, path, None if poster is None else Path(poster)).path


def _figure(recording: Recording, look: Mapping[str, Any], function: str) -> dict[str, Any]:
    options = _options(recording, look, function)
    return figure_look(options, theme="theme" in look, size="size" in look)


def _listed(given: Any) -> Sequence[Any]:
    return given if isinstance(given, Sequence) and not isinstance(given, str) else [given]


def _open(recording: Recording | str | Path) -> Recording:
    if isinstance(recording, str | Path):
        from gandyn.recording.store.recording import open_recording

        return open_recording(Path(recording))
    return recording


def _options(recording: Recording, changes: Mapping[str, Any], function: str) -> AnimationOptions:
    from gandyn.rendering.options import AnimationOptions
    from gandyn.scenario.overrides import as_overrides
    from gandyn.scenario.validation import validate
    from gandyn.scenario.yaml12 import Document

    values = dict(recording.scenario.get("animation") or {})
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in changes.items()}
    overrides = [
        one for name in given for one in as_overrides("animation", {name: given[name]}, f"{function}({name}=...)")
    ]
    return validate(
        AnimationOptions, Document(values), "animation", overrides, folder=Path(), prefix=("animation",)
    )  # fmt: skip
