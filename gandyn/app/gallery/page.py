"""The gallery's page for the browser: videos by question, in the reader's light or dark; one file, no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from gandyn.app.gallery.exhibits import Exhibit, arranged
from gandyn.app.gallery.readme import escaped

__all__ = ["page"]


def page(exhibits: Sequence[Exhibit]) -> str:
    """Return the page: by question, the first picture of all of them large."""
    sections = arranged(exhibits)
    parts = [_section(heading, members, first=k == 0) for k, (heading, members) in enumerate(sections.items())]
    links = " ".join(f'<a href="#{_anchor(heading)}">{escaped(heading)}</a>' for heading in sections)
    return _PAGE.format(style=_STYLE, script=_SCRIPT, links=links, sections="\n".join(parts))


def _section(heading: str, members: Sequence[Exhibit], *, first: bool) -> str:
    cards = [_card(exhibit, hero=first and k == 0) for k, exhibit in enumerate(members)]
    anchor = _anchor(heading)
    lines = [
        f'<section id="{anchor}" aria-labelledby="{anchor}-heading">',
        f'<h2 id="{anchor}-heading">{escaped(heading)}</h2>',
        '<div class="wall">',
        *cards,
        "</div>",
        "</section>",
    ]
    return "\n".join(lines)


def _card(exhibit: Exhibit, *, hero: bool) -> str:
    media, source = exhibit.media, quote(exhibit.scenario)
    said = f'<p class="say">{escaped(exhibit.say)}</p>\n' if exhibit.say else ""
    return (
        f"<figure{' class=hero' if hero else ''}>\n"
        f"{_video(exhibit, media.video, media.poster, 'light')}\n"
        f"{_video(exhibit, media.dark_video, media.dark_poster, 'dark')}\n"
        f"<figcaption><h3>{escaped(exhibit.title)}</h3>\n{said}"
        f'<p class="small">{escaped(exhibit.numbers)}<br>'
        f'<a href="{source}">{escaped(Path(exhibit.scenario).name)}</a> · '
        f'<a href="{quote(media.picture.name)}">GIF</a> · '
        f'<a href="{quote(media.video.name)}">MP4</a> · <a href="{quote(media.dark_video.name)}">MP4, dark</a></p>\n'
        "</figcaption>\n</figure>"
    )


def _video(exhibit: Exhibit, video: Path, poster: Path, shade: str) -> str:
    """Return a video, in which those that play none find the GIF."""
    media, alt = exhibit.media, escaped(exhibit.alt)
    size = f'width="{media.width}" height="{media.height}"'
    return (
        f'<video class="{shade}" {size} controls loop muted playsinline preload="none" '
        f'poster="{quote(poster.name)}" aria-label="{alt}">'
        f'<source src="{quote(video.name)}" type="video/mp4">'
        f'<img src="{quote(media.picture.name)}" {size} loading="lazy" alt="{alt}"></video>'
    )


def _anchor(heading: str) -> str:
    return re.sub(r"\W+", "-", heading.lower()).strip("-")


_STYLE = """
:root { color-scheme: light dark; --ink: #1a1d21; --soft: #5b6470; --page: #fff; --line: #dfe3e8; --mark: #1f5fb4; }
.dark { display: none; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 2.5rem clamp(1rem, 4vw, 2.5rem) 4rem; }
h1 { font-size: clamp(2rem, 5vw, 2.75rem); letter-spacing: -.03em; line-height: 1.1; margin: 0; }
header p { color: var(--soft); margin: .4rem 0 1rem; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; }
nav a { padding: .25rem 0; }
h2 { font-size: 1.6rem; letter-spacing: -.01em; margin: 3rem 0 1rem; scroll-margin-top: 1rem; }
.wall { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(28rem, 100%), 1fr)); gap: 2.5rem 2rem; }
figure { margin: 0; min-width: 0; }
figure.hero { grid-column: 1 / -1; max-width: 60rem; }
figure.hero h3 { font-size: 1.5rem; }
figure.hero .say { font-size: 1.2rem; }
video { width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
.bar { align-items: center; gap: .6rem; margin-top: .35rem; }
.bar.light { display: flex; }
.bar input { flex: 1; min-width: 0; accent-color: var(--mark); }
.bar button { width: 2.6rem; height: 2rem; font-size: .85rem; color: var(--ink); background: none; cursor: pointer;
  border: 1px solid var(--line); border-radius: 6px; }
video.light { background: #fff; }
video.dark { background: #0f1116; }
video img { width: 100%; height: auto; }
h3 { margin: .6rem 0 0; font-size: 1.2rem; line-height: 1.3; }
.say { margin: .2rem 0 0; overflow-wrap: anywhere; }
.small { color: var(--soft); font-size: .82rem; margin: .4rem 0 0; overflow-wrap: anywhere; }
a { color: var(--mark); }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceff3; --soft: #a3adba; --page: #0f1116; --line: #2a3038; --mark: #7ab0f5; }
  .light, .bar.light { display: none; }
  .dark { display: block; }
  .bar.dark { display: flex; }
}
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
"""

_SCRIPT = """
// Controls go under the picture: over it they would hide the numbers. Without this script there are the browser's own.
const controls = video => {
  const bar = document.createElement("div"), button = document.createElement("button");
  const slider = document.createElement("input"), title = video.getAttribute("aria-label");
  bar.className = `bar ${video.className}`;
  button.type = "button";
  Object.assign(slider, { type: "range", min: 0, max: 200, value: 0 });
  slider.setAttribute("aria-label", `Time: ${title}`);
  const show = () => {
    button.textContent = video.paused ? "▶" : "❚❚";
    button.setAttribute("aria-label", `${video.paused ? "Play" : "Pause"}: ${title}`);
  };
  button.onclick = () => (video.paused ? video.play() : video.pause());
  video.onclick = button.onclick;
  const seek = () => { if (video.duration) video.currentTime = video.duration * slider.value / slider.max; };
  slider.oninput = () => {
    video.pause();
    if (video.duration) { seek(); return; }
    video.preload = "auto";
    video.addEventListener("loadedmetadata", seek, { once: true });
    video.load();
  };
  for (const event of ["play", "pause"]) video.addEventListener(event, show);
  const follow = () => {
    if (!video.paused && video.duration) slider.value = slider.max * video.currentTime / video.duration;
    if (!video.paused) requestAnimationFrame(follow);
  };
  video.addEventListener("play", follow);
  video.controls = false;
  show();
  bar.append(button, slider);
  video.after(bar);
};

// A video plays while it is in sight, unless the reader has stopped it or wants things to keep still.
const still = matchMedia("(prefers-reduced-motion: reduce)");
const stopped = new WeakSet(), ours = new WeakSet();
const watch = new IntersectionObserver(seen => {
  for (const { target, isIntersecting } of seen) {
    if (isIntersecting && !still.matches && !stopped.has(target)) target.play().catch(() => {});
    if (!isIntersecting && !target.paused) { ours.add(target); target.pause(); }
  }
}, { threshold: 0.7 });
for (const video of document.querySelectorAll("video")) {
  watch.observe(video);
  video.addEventListener("play", () => stopped.delete(video));
  video.addEventListener("pause", () => { ours.has(video) ? ours.delete(video) : stopped.add(video); });
  controls(video);
}
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gandyn gallery</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1>gandyn</h1>
<p>A microscope for GAN training. Each picture comes from one scenario file.
Pause it, or scrub with the slider or the arrow keys.</p>
<nav aria-label="Questions">{links}</nav>
</header>
{sections}
</main>
<script>{script}</script>
</body>
</html>
"""
