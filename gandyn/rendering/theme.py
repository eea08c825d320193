"""Themes: what a role looks like. One role has one colour everywhere, and a width that tells it apart without colour.

Roles are what is drawn, not how: the data and the generator with its `points`, the `force` on them, the discriminator
and its `optimum`, each divergence; `series_1` to `series_6` are numbers of no role of their own. Ink, muted and faint
are for words, axes and rules, and warning says what went wrong.

Roles that are drawn in one panel differ by 20 and more (CIE 1976) for trichromats, deuteranopes and protanopes, in
every theme; against the ground, curves have a contrast of 3 and words of 4.5, as the first four series have, which
are headings too. `tests/rendering/test_colours.py` says how that is measured, over what panels really draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gandyn.core.errors import UsageError
from gandyn.core.messages import shown
from gandyn.core.suggestions import hint
from gandyn.rendering.tints import TINTS_ON_DARK, TINTS_ON_LIGHT

__all__ = ["THEMES", "Style", "Theme", "theme"]

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Style:
    """Colour ("#rrggbb"), line width in px at 1280x720, and dash pattern in multiples of the line width."""

    color: str
    width: float = 3.0
    dash: tuple[float, ...] = ()

    @cached_property
    def rgb(self) -> RGB:
        """Colour as three fractions."""
        return rgb(self.color)


def rgb(color: str) -> RGB:
    """Return "#rrggbb" as three fractions."""
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


@dataclass(frozen=True)
class Theme:
    """A named set of styles.

    Attributes:
        lift: power that opacities of bands are raised to; below 1 on a dark ground, where a little colour is mud.
        scale: multiplies every line width.
        study: whether it is for those who read, and know the field, rather than for those who listen.
        tints: colours of areas that are told apart by number and have no role; they go as `tint 1`, `tint 2`, ...
    """

    name: str
    background: str
    roles: dict[str, Style]
    lift: float = 1.0
    scale: float = 1.0
    study: bool = False
    tints: tuple[str, ...] = TINTS_ON_LIGHT

    def style(self, role: str) -> Style:
        """Return a role's style, its width scaled.

        Raises:
            KeyError: the theme has no such role.
        """
        return self._scaled[role]

    @cached_property
    def _scaled(self) -> dict[str, Style]:
        styles = self.roles | {f"tint {number}": Style(color) for number, color in enumerate(self.tints, 1)}
        return {role: replace(style, width=style.width * self.scale) for role, style in styles.items()}


_LOOKS: dict[str, tuple[float, tuple[float, ...]]] = {
    "ink": (1.2, ()),
    "muted": (1.2, ()),
    "faint": (1.2, ()),
    "warning": (3.0, ()),
    "data": (2.4, ()),
    "generator": (3.4, ()),
    "points": (3.4, ()),
    "force": (1.2, ()),
    "discriminator": (4.2, ()),
    "optimum": (2.0, (1.3, 1.7)),
    "kl": (2.8, ()),
    "reverse_kl": (2.0, ()),
    "js": (4.0, ()),
    "js_bound": (1.4, ()),
    "w1": (2.8, ()),
    "series_1": (3.4, ()),
    "series_2": (2.6, ()),
    "series_3": (3.4, ()),
    "series_4": (2.6, ()),
    "series_5": (3.4, ()),
    "series_6": (2.6, ()),
}
"""Width and dash of each role. Curves over the steps are never dashed: where they are steep, gaps look like lost data.

Widths differ where curves share an axis, so that they are told apart without colour as well: the discriminator is
thick and its optimum a thin row of dots, JS is thick and what is proved of it thin.
"""


def _roles(**colors: str) -> dict[str, Style]:
    return {role: Style(colors[role], *look) for role, look in _LOOKS.items()}


_LIGHT = _roles(
    ink="#1b1f27",
    muted="#565c69",
    faint="#dfe2e8",
    warning="#a80e2c",
    data="#1f60bb",
    generator="#e64c18",
    points="#b83b08",
    force="#1b1f27",
    discriminator="#2a9a72",
    optimum="#868fa1",
    kl="#ba850d",
    reverse_kl="#e864a6",
    js="#7d1783",
    js_bound="#9581ea",
    w1="#605b00",
    series_1="#b806a1",
    series_2="#867503",
    series_3="#0f0846",
    series_4="#4800ff",
    series_5="#2b375a",
    series_6="#8d6d5f",
)
_DARK = _roles(
    ink="#eef1f5",
    muted="#a9b1c1",
    faint="#2b323d",
    warning="#f96771",
    data="#5aa2fe",
    generator="#fa7e23",
    points="#ffffff",
    force="#ffea6b",
    discriminator="#42e0a7",
    optimum="#717c8b",
    kl="#f0cf61",
    reverse_kl="#f2548d",
    js="#d58bff",
    js_bound="#815fa2",
    w1="#96902c",
    series_1="#ea06b9",
    series_2="#c4f628",
    series_3="#4dec61",
    series_4="#9064f2",
    series_5="#bec9ff",
    series_6="#ab5d83",
)
_PRINT = _LIGHT | {
    role: replace(_LIGHT[role], color=color)
    for role, color in {"ink": "#000000", "faint": "#d9dbe0", "force": "#000000"}.items()
}

THEMES = {
    "talk-light": Theme("talk-light", "#ffffff", _LIGHT),
    "talk-dark": Theme("talk-dark", "#0e1217", _DARK, lift=0.6, tints=TINTS_ON_DARK),
    "paper": Theme("paper", "#ffffff", _PRINT, scale=0.62, study=True),
}


def theme(name: str) -> Theme:
    """Return a theme by name.

    Raises:
        UsageError: there is no theme of this name.
    """
    if name not in THEMES:
        raise UsageError(f"no theme {shown(name)}{hint(name, THEMES)}")
    return THEMES[name]
