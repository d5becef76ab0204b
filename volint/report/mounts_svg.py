"""`volint mounts --format svg`: the drawing of every project in one picture, environments of one thing side by side."""

from __future__ import annotations

from html import escape as quote
from typing import TYPE_CHECKING

from volint.report.drawing import draw
from volint.report.style import drawing_css
from volint.report.terminal import width

if TYPE_CHECKING:
    from volint.report import Options
    from volint.report.graph import Graph, StorageMap

__all__ = ["render"]

_PAD = 20
_HEAD = 52
_TITLE, _FILES = 9.1, 6.5
"""Widths of a sign in the sizes of the style sheet: 15 and 10.5 pixels."""


def _panel(shown: StorageMap, graph: Graph, x: int, y: int) -> tuple[str, int, int]:
    """Return a project's part at a place, its width and its height."""
    drawing = draw(shown, graph, links=False)
    files = graph.listed()
    wide = max(
        drawing.width, round(width(graph.title) * _TITLE) + 28, round(width(files) * _FILES) + 28
    )
    tall = drawing.height + _HEAD
    text = (
        f'<g transform="translate({x},{y})" role="group" aria-label="{quote(graph.title)}">'
        f'<rect class="frame" width="{wide}" height="{tall}" rx="10"/>'
        f'<text class="title" x="14" y="26">{quote(graph.title)}</text>'
        f'<text class="detail" x="14" y="43">{quote(files)}</text>'
        f'<g transform="translate(0,{_HEAD})">\n{drawing.body}\n</g></g>\n'
    )
    return text, wide, tall


def render(shown: StorageMap, options: Options) -> str:
    """Return an SVG document. Raises LayoutError."""
    parts = []
    y, right = _PAD, 400
    for family in shown.families():
        x, tallest = _PAD, 0
        for graph in family:
            text, wide, tall = _panel(shown, graph, x, y)
            parts.append(text)
            x += wide + _PAD
            tallest = max(tallest, tall)
        right = max(right, x)
        y += tallest + _PAD
    words = "Containers, what they mount, read-only (ro) or read-write (rw), and findings"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="{right}" height="{y}" '
        f'viewBox="0 0 {right} {y}" role="group" aria-labelledby="title" aria-describedby="description">\n'
        f'<title id="title">What containers mount</title>\n<desc id="description">{words}</desc>\n'
        f"<style>\n{drawing_css()}.paper {{ fill: #f6f7f9 }}\n"
        "@media (prefers-color-scheme: dark) { .paper { fill: #10141b } }\n</style>\n"
        f'<rect class="paper" width="{right}" height="{y}"/>\n{"".join(parts)}</svg>\n'
    )
