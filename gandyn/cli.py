"""The command line. Each command says what it takes; the work is done in `gandyn.scenario`, imported when it runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from gandyn.app.console import guarded, tell, warn_plainly

__all__ = ["app", "main"]

app = typer.Typer(
    name="gandyn",
    help="A microscope for GAN training: exact densities, divergences and animations at every step.",
    epilog="Begin with:  gandyn animate scenarios/line/two_modes.yaml",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _offered(words: str, key: str = "") -> Callable[[str], list[str]]:
    """Return what offers words at the tab key, or the values of a scenario's key; they are looked up at that moment."""

    def offer(incomplete: str) -> list[str]:
        from gandyn.app import completion as completing

        return completing.offered(words, key, incomplete)

    return offer


ScenarioFile = Annotated[
    Path, typer.Argument(metavar="SCENARIO", help="a scenario file", autocompletion=_offered("scenarios"))
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="set one value, e.g. train.steps=500 (repeatable)",
        autocompletion=_offered("settings"),
    ),
]
Force = Annotated[bool, typer.Option("--force", help="train from the start, over the recording that is there")]
AsJson = Annotated[
    bool, typer.Option("--json", help='print one JSON object instead (infinities as "inf", undefined numbers as null)')
]
Salvage = Annotated[bool, typer.Option("--salvage", help="leave out what is damaged of a recording, and draw the rest")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="print nothing but errors")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="the seed to draw; trained alone if it is not yet")]
ThemeName = Annotated[
    str | None,
    typer.Option(
        "--theme", help="talk-light, talk-dark or paper", autocompletion=_offered("values", "animation.theme")
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="WIDTHxHEIGHT",
        help="size in pixels, e.g. 1280x720",
        autocompletion=_offered("values", "animation.size"),
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        from gandyn import __version__

        typer.echo(f"gandyn {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        from gandyn.app.console import greet, in_a_terminal

        if in_a_terminal():
            greet()
            raise typer.Exit
        typer.echo(context.get_help())
        raise typer.Exit(2)


@app.command()
@guarded
def animate(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SCENARIO|RECORDING",
            help="a scenario file, or a folder runs/<name>; several are drawn side by side",
            autocompletion=_offered("sources"),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="FILE.gif, .mp4, .webp, .apng; stills: .png, .pdf, .svg (default: <name>.gif)",
            autocompletion=_offered("pictures"),
        ),
    ] = None,
    set_: Set = None,
    seed: Seed = None,
    theme: ThemeName = None,
    size: Size = None,
    layout: Annotated[
        str | None,
        typer.Option(
            "--layout",
            help="talk: one large picture; lab: all panels, for study",
            autocompletion=_offered("values", "animation.layout"),
        ),
    ] = None,
    panels: Annotated[
        str | None,
        typer.Option(
            "--panels",
            metavar="A,B,...",
            help="the panels shown, main picture first",
            autocompletion=_offered("values", "animation.panels"),
        ),
    ] = None,
    story: Annotated[
        str | None,
        typer.Option(
            "--story",
            help="what is told: training, or one of the stories",
            autocompletion=_offered("values", "animation.story"),
        ),
    ] = None,
    big: Annotated[bool, typer.Option("--big", help="larger type, for the back row")] = False,
    fps: Annotated[float | None, typer.Option("--fps", help="frames a second")] = None,
    pace: Annotated[
        str | None,
        typer.Option(
            "--pace",
            help="what frames are spread over: change, even or log",
            autocompletion=_offered("values", "animation.pace"),
        ),
    ] = None,
    hold_first: Annotated[float | None, typer.Option("--hold-first", help="seconds the first frame stays")] = None,
    hold: Annotated[float | None, typer.Option("--hold", help="seconds the last frame stays")] = None,
    poster: Annotated[
        Path | None,
        typer.Option(
            "--poster",
            metavar="FILE",
            help="also write the poster: the last frame, as .png, .pdf or .svg",
            autocompletion=_offered("figures"),
        ),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option("--frames", help="number of frames; for a still: numbered files, not the poster alone"),
    ] = None,
    transparent: Annotated[
        bool, typer.Option("--transparent", help="no ground: .webp, .apng, .png, .svg, .pdf; of .gif whole pixels")
    ] = False,
    force: Force = False,
    salvage: Salvage = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train a scenario (or take its recording, if it has one) and draw it as an animation.

    The recording goes to runs/<name>; a second call with the same training part only draws. Two to four scenarios or
    recordings are drawn side by side, with one clock and common scales; the options hold for each of them.
    """
    from gandyn.app.commands import animate as work

    look = {"theme": theme, "size": size, "fps": fps, "frames": frames, "layout": layout, "panels": panels}
    look |= {"story": story, "big": big or None, "transparent": transparent or None}
    look |= {"pace": pace, "hold_first": hold_first, "hold": hold}
    work(
        sources, out, set_ or [], seed=seed, look=look, poster=poster,
        force=force, salvage=salvage, as_json=as_json, quiet=quiet,
    )  # fmt: skip


@app.command()
@guarded
def new(
    out: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="the scenario to write, mine.yaml (default: <data>.yaml)")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="TYPE|FILE",
            help="ring, say, or a .csv, .npy or picture, or a folder of images",
            autocompletion=_offered("data"),
        ),
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", metavar="A[,B]", help="which of the file's columns; two are a plane")
    ] = None,
    modes: Annotated[int | None, typer.Option("--modes", min=1, help="how many, of ring, grid and the like")] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            "--objective",
            metavar="TYPE",
            help="the pair of losses",
            autocompletion=_offered("values", "objective.type"),
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=0, help="of training")] = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="write over the file that is there")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a commented scenario to begin with: from a few questions in a terminal, or from options."""
    from gandyn.app.asking import new as work

    answers = {"data": data, "column": column, "modes": modes, "objective": objective, "steps": steps}
    work(out, {**answers, "overrides": set_ or []}, force=force, quiet=quiet)


@app.command()
@guarded
def train(
    scenario: ScenarioFile,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="the recording's folder (default: runs/<name>)")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on where an interrupted run stopped, or fail")] = False,
    set_: Set = None,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train and record a scenario, without pictures. A run that was interrupted is gone on with, bit for bit."""
    from gandyn.app.commands import train as work

    work(scenario, out, set_ or [], resume=resume, force=force, as_json=as_json, quiet=quiet)


@app.command()
@guarded
def plot(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SCENARIO|RECORDING",
            help="a scenario file, or a folder runs/<name>; of two to four each is a line in every panel",
            autocompletion=_offered("sources"),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="FILE.png, .svg or .pdf (default: <name>.png)", autocompletion=_offered("figures")
        ),
    ] = None,
    filmstrip: Annotated[
        bool, typer.Option("--filmstrip", help="the density panel (or that of --panels) at chosen steps, for papers")
    ] = False,
    steps: Annotated[
        str | None, typer.Option("--steps", metavar="A,B,...", help="the filmstrip's steps, e.g. 0,100,500")
    ] = None,
    panels: Annotated[
        str | None,
        typer.Option(
            "--panels",
            metavar="A,B,...",
            help="the figure's panels (default: losses,divergences); of several recordings numbers such as js,kl",
            autocompletion=_offered("values", "animation.panels"),
        ),
    ] = None,
    width: Annotated[
        str | None,
        typer.Option(
            "--width",
            metavar="LENGTH",
            help="width in print, with type of 8 points: 3.3in, 17cm, 84mm, 505pt (1/72 inch), 1000px (1/300 inch)",
        ),
    ] = None,
    height: Annotated[
        str | None,
        typer.Option("--height", metavar="LENGTH", help="with --width, if it should not follow from what is drawn"),
    ] = None,
    title: Annotated[
        bool, typer.Option("--title/--no-title", help="title and caption above the panels", show_default=False)
    ] = True,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="write the numbers at every step: .csv, .json or .parquet"),
    ] = None,
    set_: Set = None,
    seed: Seed = None,
    theme: ThemeName = None,
    size: Size = None,
    force: Force = False,
    salvage: Salvage = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw losses and divergences against the step, or a filmstrip; --csv writes the numbers (alone, without -o).

    Two to four scenarios or recordings are drawn in one figure: a panel a quantity, a line a recording.
    """
    from gandyn.app.commands import plot as work

    look = {"theme": theme, "size": size}
    work(
        sources, out, set_ or [], seed=seed, look=look, filmstrip=filmstrip, steps=steps, panels=panels,
        width=width, height=height, title=title, csv=csv, force=force, salvage=salvage, as_json=as_json, quiet=quiet,
    )  # fmt: skip


@app.command()
@guarded
def sample(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="a folder runs/<name>", autocompletion=_offered("recordings"))
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="FILE.png (a sheet of images) or .npy (images from -1 to 1)"),
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="how many")] = 25,
    label: Annotated[
        str | None, typer.Option("--class", metavar="NAME", help="the class to draw, of a conditional generator")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="whose generator, of a recording of several")
    ] = None,
    rng: Annotated[int, typer.Option("--rng", min=0, help="seeds the latents: other numbers, other samples")] = 0,
    quiet: Quiet = False,
) -> None:
    """Draw new samples from the generator of a recording, as it was when training ended."""
    from gandyn.app.sampling import write

    path, step = write(recording, out, count=count, label=label, seed=seed, rng=rng)
    if not quiet:
        tell(f"{path}  ({count} sample{'s' * (count > 1)} at step {step})")


@app.command()
@guarded
def show(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="a folder runs/<name>", autocompletion=_offered("recordings"))
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="read all of it first and name what is damaged; exit code 1 if anything is")
    ] = False,
    salvage: Salvage = False,
    as_json: AsJson = False,
) -> None:
    """Show what is in a recording: seeds, steps, variables, final numbers, and whether it is complete."""
    from gandyn.app.commands import show as work

    work(recording, verify=verify, salvage=salvage, as_json=as_json)


@app.command()
@guarded
def catalog(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND|TYPE|WORD]", help="e.g. data, mlp, panel, spectral", autocompletion=_offered("catalogue")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every type a scenario can name, with its fields and their defaults; also panels and themes."""
    from gandyn.app.commands import catalog as work

    work(name, as_json=as_json)


@app.command()
@guarded
def schema(
    layer: Annotated[bool, typer.Option("--layer", help="of a file for gandyn explain-layer")] = False,
) -> None:
    """Print the JSON Schema of a scenario file, for completion and checks in editors."""
    from gandyn.app.commands import schema as work

    work(layer=layer)


@app.command()
@guarded
def gallery(
    scenarios: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="the scenarios to draw")] = Path("scenarios"),
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="where pictures and index go")] = Path(
        "gallery"
    ),
    set_: Set = None,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw the scenarios of a folder and write an index page of them all (README.md and index.html)."""
    from gandyn.app.commands import gallery as work

    work(scenarios, out, set_ or [], force=force, as_json=as_json, quiet=quiet)


@app.command("explain-layer")
@guarded
def explain_layer(
    layer: Annotated[
        str,
        typer.Argument(
            metavar="LAYER|FILE",
            help="conv_transpose, conv, or an activation such as leaky_relu (all: gandyn catalog layer); "
            "or a file such as scenarios/explain/checkerboard.yaml",
            autocompletion=_offered("layers"),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="FILE.gif, .mp4, .webp, .apng; stills: .png, .pdf, .svg (default: <layer>.gif)",
            autocompletion=_offered("pictures"),
        ),
    ] = None,
    input_: Annotated[int | None, typer.Option("--input", help="side of the input, in numbers")] = None,
    kernel: Annotated[int | None, typer.Option("--kernel", help="side of the kernel")] = None,
    stride: Annotated[int | None, typer.Option("--stride", help="how far apart the kernel's places are")] = None,
    padding: Annotated[int | None, typer.Option("--padding", help="rows added around, or cut off (transposed)")] = None,
    output_padding: Annotated[
        int | None, typer.Option("--output-padding", help="rows added at the end of the output (transposed)")
    ] = None,
    slope: Annotated[float | None, typer.Option("--slope", help="of leaky_relu, left of 0")] = None,
    theme: ThemeName = None,
    size: Size = None,
    big: Annotated[bool, typer.Option("--big", help="larger type, for the back row")] = False,
    fps: Annotated[float | None, typer.Option("--fps", help="frames a second")] = None,
    hold: Annotated[float | None, typer.Option("--hold", help="seconds the last frame stays")] = None,
    poster: Annotated[
        Path | None,
        typer.Option(
            "--poster",
            metavar="FILE",
            help="also write the last frame, as .png, .pdf or .svg",
            autocompletion=_offered("figures"),
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw what a layer does to numbers: how a kernel slides, what it stamps, where gradients die. Trains nothing."""
    from gandyn.app.explaining import explain_layer as work
    from gandyn.app.output_paths import pixels
    from gandyn.scenario.overrides import as_overrides

    settings: dict[str, float | None] = {"input": input_, "kernel": kernel, "stride": stride, "padding": padding}
    settings |= {"output_padding": output_padding, "slope": slope}
    look = {"theme": theme, "size": None if size is None else pixels(size), "big": big or None}
    given = [*as_overrides("layer", settings), *as_overrides("animation", {**look, "fps": fps, "hold": hold})]
    work(layer, out, given, poster=poster, as_json=as_json, quiet=quiet)


def main() -> None:
    """Run the command line."""
    warn_plainly()
    if "_GANDYN_COMPLETE" in os.environ:
        from gandyn.app.completion import mend

        mend()
    app(prog_name="gandyn")
