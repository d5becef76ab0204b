"""The colours and style sheets of pages and drawings."""

from __future__ import annotations

import os
import re

__all__ = ["asset", "drawing_css", "page_css"]

_COLORS = {
    "page": ("#f6f7f9", "#10141b"),
    "surface": ("#ffffff", "#181e28"),
    "text": ("#1b2230", "#e7ebf3"),
    "soft": ("#556074", "#a9b4c6"),
    "rule": ("#d3d9e4", "#333d4d"),
    "line": ("#6b778d", "#8995aa"),
    "link": ("#0b57a4", "#8ec1ff"),
    "focus": ("#0b57a4", "#8ec1ff"),
    "pill": ("#eef1f6", "#242c39"),
    "error": ("#b42318", "#ff9d94"),
    "warning": ("#8f4a00", "#f5c26b"),
    "note": ("#175cd3", "#93c0ff"),
    "on-level": ("#ffffff", "#10141b"),
    "warning-soft": ("#fdf2dc", "#362a14"),
    "note-soft": ("#e7f0fe", "#1a2b47"),
    "container": ("#44546f", "#9fb0cc"),
    "volume": ("#0f766e", "#4fd1c5"),
    "unnamed": ("#b45309", "#f6ad55"),
    "host": ("#7c3aed", "#b794f4"),
    "tmpfs": ("#0369a1", "#63b3ed"),
    "secret": ("#a21caf", "#ed80e9"),
    "config": ("#4d7c0f", "#a3d977"),
    "image": ("#475569", "#a9b4c6"),
}
"""(light, dark) by what they are for. Texts on what they stand on reach WCAG's AA."""


def asset(name: str) -> str:
    """Return the text of a file beside this one."""
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as stream:
        return stream.read()


def _variables(scheme: int) -> str:
    word = ("light", "dark")[scheme]
    colors = "; ".join(f"--{name}: {pair[scheme]}" for name, pair in _COLORS.items())
    return f"{{ color-scheme: {word}; {colors} }}"


def page_css() -> str:
    """Return the style of a page: light or dark as the reader's system is, or as `data-theme` says; light on paper."""
    light, dark = _variables(0), _variables(1)
    return "\n".join(
        (
            f":root {light}",
            f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {dark} }}",
            f"@media screen {{ :root[data-theme=dark] {dark} }}",
            asset("drawing.css"),
            asset("page.css"),
        )
    )


def drawing_css() -> str:
    """Return the style of a drawing that stands alone, without variables: few viewers of SVG know them."""
    css = asset("drawing.css")
    light, dark = (
        re.sub(r"var\(--([a-z-]+)\)", lambda found: _COLORS[found[1]][scheme], css)  # noqa: B023
        for scheme in (0, 1)
    )
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"
