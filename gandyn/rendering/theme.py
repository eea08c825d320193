"""Themes: what a role looks like. One colour a role everywhere, and a dash that tells it apart without colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gandyn.errors import UsageError
from gandyn.messages import shown
from gandyn.nearest import hint

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
    """

    name: str
    background: str
    roles: dict[str, Style]
    lift: float = 1.0
    scale: float = 1.0

    def style(self, role: str) -> Style:
        """Return a role's style, its width scaled.

        Raises:
            KeyError: the theme has no such role.
        """
        return self._scaled[role]

    @cached_property
    def _scaled(self) -> dict[str, Style]:
        return {role: replace(style, width=style.width * self.scale) for role, style in self.roles.items()}


_DASHES: dict[str, tuple[float, tuple[float, ...]]] = {
    "ink": (1.2, ()),
    "muted": (1.2, ()),
    "faint": (1.2, ()),
    "warning": (3.0, ()),
    "data": (2.4, ()),
    "generator": (3.4, ()),
    "discriminator": (3.4, (9.0, 2.2)),
    "optimum": (2.4, (3.2, 2.4)),
    "kl": (3.2, ()),
    "reverse_kl": (3.2, (5.0, 2.2)),
    "js": (3.2, ()),
    "js_bound": (2.2, (2.0, 2.0)),
    "w1": (2.8, (7.0, 2.2, 1.6, 2.2)),
}


def _roles(**colors: str) -> dict[str, Style]:
    return {role: Style(colors[role], *look) for role, look in _DASHES.items()}


_LIGHT = _roles(
    ink="#1b1f27",
    muted="#616877",
    faint="#dfe2e8",
    warning="#b3261e",
    data="#2b6cb8",
    generator="#e5532a",
    discriminator="#0b8f78",
    optimum="#8d919b",
    kl="#2b6cb8",
    reverse_kl="#e5532a",
    js="#8f1a74",
    js_bound="#8f1a74",
    w1="#94690c",
)
_DARK = _roles(
    ink="#eef1f5",
    muted="#9aa3b2",
    faint="#2b323d",
    warning="#ff8a80",
    data="#69b1ff",
    generator="#ff8552",
    discriminator="#43d9ac",
    optimum="#8f98a6",
    kl="#69b1ff",
    reverse_kl="#ff8552",
    js="#d463ad",
    js_bound="#d463ad",
    w1="#e9c46a",
)
_PRINT = _roles(
    ink="#000000",
    muted="#4d525c",
    faint="#d9dbe0",
    warning="#a01812",
    data="#2b6cb8",
    generator="#dd4a20",
    discriminator="#0b8f78",
    optimum="#7c808a",
    kl="#2b6cb8",
    reverse_kl="#dd4a20",
    js="#8f1a74",
    js_bound="#8f1a74",
    w1="#80590a",
)

THEMES = {
    "talk-light": Theme("talk-light", "#ffffff", _LIGHT),
    "talk-dark": Theme("talk-dark", "#0e1217", _DARK, lift=0.6),
    "paper": Theme("paper", "#ffffff", _PRINT, scale=0.62),
}


def theme(name: str) -> Theme:
    """Return a theme by name.

    Raises:
        UsageError: there is no theme of this name.
    """
    if name not in THEMES:
        raise UsageError(f"no theme {shown(name)}{hint(name, THEMES)}")
    return THEMES[name]
