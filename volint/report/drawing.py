"""A project's storage as SVG: containers, the mounts on the edges, what is mounted.

Positions along a column are the layout's, sizes are made of the widths of the texts: they stand in a font whose
signs are all of one width, so that nobody has to measure them.
"""

from __future__ import annotations

from html import escape as quote
from typing import TYPE_CHECKING

from volint.record import NamedTuple
from volint.report.graph import Access, NodeKind
from volint.report.layout import rows
from volint.report.summary import counted
from volint.report.terminal import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.report.graph import Edge, Graph, Node, StorageMap

__all__ = ["ACCESS_WORDS", "SIGNS", "Drawing", "draw", "marked"]

ACCESS_WORDS = {
    Access.READ_ONLY: "read-only",
    Access.READ_WRITE: "read-write",
    Access.UNKNOWN: "access not known",
}
SIGNS = {"error": "×", "warning": "!", "note": "i"}
"""Signs of the levels, so that colour is not all that tells them apart."""

_ROW = 50
_CARD = 38
_PILL = 24
_GAP = 36
_PAD = 14
_LABEL, _DETAIL, _TARGET, _BADGE = 7.6, 6.5, 6.9, 6.3
"""Widths of a sign in the sizes of the style sheet: 12.5, 10.5, 11 and 10 pixels."""
_FAR = 10
"""Rows over which no line is drawn, since many such lines show nothing any more: the mount names its storage instead."""
_MOST_LABEL, _MOST_DETAIL, _MOST_TARGET, _MOST_NAME = 28, 33, 30, 20


class Drawing(NamedTuple):
    """An SVG without its root element."""

    body: str
    width: int
    """Pixels."""
    height: int


class _Box(NamedTuple):
    x: int
    y: int
    """Its middle."""
    width: int

    @property
    def right(self) -> int:
        return self.x + self.width


def fit(text: str, columns: int) -> str:
    """Return a text cut in its middle to a number of columns."""
    if width(text) <= columns:
        return text
    # The end of a path tells more than its beginning.
    first = columns // 3
    head, tail = "", ""
    for char in text:
        if width(head + char) > first:
            break
        head += char
    for char in reversed(text):
        if width(tail + char) > columns - first - 1:
            break
        tail = char + tail
    return f"{head}…{tail}"


def marked(shown: StorageMap, marks: tuple[int, ...]) -> str:
    """Return what findings there are in words; empty if there are none."""
    level = shown.worst(marks)
    if level is None:
        return ""
    return f"{counted(len(marks), 'finding')}: {level.value}, {', '.join(shown.codes(marks))}"


def _badge_text(shown: StorageMap, marks: tuple[int, ...]) -> str:
    level = shown.worst(marks)
    if level is None:
        return ""
    first, *others = shown.codes(marks)
    return f"{SIGNS[level.value]} {first}" + (f" +{len(others)}" if others else "")


def _badge_width(shown: StorageMap, marks: tuple[int, ...]) -> int:
    text = _badge_text(shown, marks)
    return round(len(text) * _BADGE) + 12 if text else 0


def _badge(shown: StorageMap, marks: tuple[int, ...], right: int, middle: int) -> str:
    level = shown.worst(marks)
    if level is None:
        return ""
    wide = _badge_width(shown, marks)
    x = right - wide
    return (
        f'<g class="badge {level.value}">'
        f'<rect x="{x}" y="{middle - 8}" width="{wide}" height="16" rx="8"/>'
        f'<text x="{x + wide / 2:g}" y="{middle + 4}" text-anchor="middle">'
        f"{quote(_badge_text(shown, marks))}</text></g>"
    )


class _Drawer:
    """Draws one graph."""

    def __init__(self, shown: StorageMap, graph: Graph, links: bool) -> None:
        self._shown = shown
        self._graph = graph
        self._links = links
        self._nodes = {node.id: node for node in graph.nodes}
        self._used: dict[str, list[Edge]] = {}
        for edge in graph.edges:
            self._used.setdefault(edge.container, []).append(edge)
            self._used.setdefault(edge.storage, []).append(edge)
        self._boxes = self._placed()

    def _placed(self) -> dict[str, _Box]:
        graph = self._graph
        containers = [node for node in graph.nodes if node.kind is NodeKind.CONTAINER]
        storage = [node for node in graph.nodes if node.kind is not NodeKind.CONTAINER]
        columns: tuple[Sequence[Node | Edge], ...] = (containers, graph.edges, storage)
        left = {node.id: number for number, node in enumerate(containers)}
        right = {node.id: number for number, node in enumerate(storage)}
        lines = [(left[edge.container], right[edge.storage]) for edge in graph.edges]
        found = {
            part.id: row
            for column, its in zip(columns, rows(len(left), len(right), lines), strict=True)
            for part, row in zip(column, its, strict=True)
        }
        self._far = {
            edge.id for edge in graph.edges if abs(found[edge.id] - found[edge.storage]) > _FAR
        }
        widths = (
            max(map(self._card_width, containers), default=0),
            max(map(self._pill_width, graph.edges), default=0),
            max(map(self._card_width, storage), default=0),
        )
        own = {edge.id: self._pill_width(edge) for edge in graph.edges}
        boxes: dict[str, _Box] = {}
        x = _PAD
        # Lines bend between the columns only, so that none runs over a mount.
        self._lane = 0
        for column, wide in zip(columns, widths, strict=True):
            for part in column:
                y = _PAD + _ROW // 2 + round(found[part.id] * _ROW)
                narrow = own.get(part.id, wide)
                boxes[part.id] = _Box(x, y, narrow)
            if column is graph.edges:
                self._lane = x + wide
            if column:
                x += wide + _GAP
        self._width = x - _GAP + _PAD
        self._height = max(box.y for box in boxes.values()) + _ROW // 2 + _PAD
        return boxes

    def _card_width(self, node: Node) -> int:
        badge = _badge_width(self._shown, node.marks)
        label = min(width(node.label), _MOST_LABEL) * _LABEL + (badge + 2 if badge else 0)
        return round(max(label, min(width(node.about), _MOST_DETAIL) * _DETAIL, 60)) + 24

    def _pill_width(self, edge: Edge) -> int:
        columns = width(self._pill_text(edge))
        badge = _badge_width(self._shown, edge.marks)
        text = round((columns + 1 + len(edge.access.value)) * _TARGET) + 22
        return text + badge - (2 if badge else 0)

    def _pill_text(self, edge: Edge) -> str:
        text = fit(edge.target or edge.detail, _MOST_TARGET)
        if edge.id in self._far:
            text += f" → {fit(self._nodes[edge.storage].label, _MOST_NAME)}"
        return text

    def draw(self) -> Drawing:
        """Return all of it; what stands beside each other comes after each other."""
        boxes = self._boxes
        parts = []
        for node in sorted(self._graph.nodes, key=lambda node: boxes[node.id].y):
            if node.kind is not NodeKind.CONTAINER:
                continue
            parts.append(self._card(node, 0))
            edges = self._used.get(node.id, ())
            parts += [self._edge(edge) for edge in sorted(edges, key=lambda e: boxes[e.id].y)]
        others = (node for node in self._graph.nodes if node.kind is not NodeKind.CONTAINER)
        parts += [self._card(node, 2) for node in sorted(others, key=lambda n: boxes[n.id].y)]
        return Drawing("\n".join(parts), self._width, self._height)

    def _linked(self, part: Node | Edge, column: int, words: str, body: str, texts: str) -> str:
        """Return something that has words, and in a page leads to its row of the table.

        The texts stand on the link, not in it: they may be cut, and its name says all of them.
        """
        said = quote(", ".join(filter(None, (words, marked(self._shown, part.marks)))))
        if not self._links:
            return f"<g><title>{said}</title>{body}{texts}</g>"
        place = f"{self._graph.id}-{part.id}"
        return (
            f'<a href="#row-{place}" id="at-{place}" aria-label="{said}" data-column="{column}">'
            f'{body}<title>{said}</title></a><g class="texts" aria-hidden="true">{texts}</g>'
        )

    def _card(self, node: Node, column: int) -> str:
        box = self._boxes[node.id]
        top = box.y - _CARD // 2
        name = node.kind.name.lower()
        about = quote(fit(node.about, _MOST_DETAIL))
        body = f'<rect class="body" x="{box.x}" y="{top}" width="{box.width}" height="{_CARD}" rx="6"/>'
        texts = (
            f'<rect class="kind" x="{box.x}" y="{top + 5}" width="4" height="{_CARD - 10}" rx="2"/>'
            f'<text class="label" x="{box.x + 12}" y="{box.y - (2 if about else -4)}">'
            f"{quote(fit(node.label, _MOST_LABEL))}</text>"
        )
        if about:
            texts += f'<text class="detail" x="{box.x + 12}" y="{box.y + 12}">{about}</text>'
        texts += _badge(self._shown, node.marks, box.right - 6, box.y - (6 if about else 0))
        linked = self._linked(node, column, self._words(node), body, texts)
        classes = f"card {name}" + (" off" if node.off else "")
        data = f' data-node="{node.id}"' if self._links else ""
        return f'<g class="{classes}"{data}>{linked}</g>'

    def _words(self, node: Node) -> str:
        used = self._used.get(node.id, ())
        if node.kind is NodeKind.CONTAINER:
            mounts = counted(len(used), "mount") if used else "no mounts"
            return ", ".join(filter(None, (node.label, node.about, f"container with {mounts}")))
        names = dict.fromkeys(self._nodes[edge.container].label for edge in used)
        users = f"mounted by {', '.join(names)}" if names else "mounted by nothing"
        return ", ".join(filter(None, (node.label, node.about, users)))

    def _edge(self, edge: Edge) -> str:
        pill, ends = (
            self._boxes[edge.id],
            (self._boxes[edge.container], self._boxes[edge.storage]),
        )
        level = self._shown.worst(edge.marks)
        access = edge.access.name.lower().replace("_", "-")
        classes = " ".join(filter(None, ("mount", access, level.value if level else "")))
        lines = _curve(ends[0].right, ends[0].y, pill.x, pill.y)
        if edge.access is not Access.UNKNOWN:
            lines += _arrow(ends[0].right, ends[0].y, 8)
        behind = _curve(pill.right, pill.y, ends[1].x, ends[1].y, self._lane)
        if edge.access is Access.READ_WRITE:
            behind += _arrow(ends[1].x, ends[1].y, -8)
        lines += f'<g class="far">{behind}</g>' if edge.id in self._far else behind
        data = (
            f' data-container="{edge.container}" data-storage="{edge.storage}"'
            if self._links
            else ""
        )
        return f'<g class="{classes}"{data}>{lines}{self._pill(edge, pill)}</g>'

    def _pill(self, edge: Edge, box: _Box) -> str:
        top = box.y - _PILL // 2
        target = quote(self._pill_text(edge))
        body = f'<rect class="body" x="{box.x}" y="{top}" width="{box.width}" height="{_PILL}" rx="12"/>'
        texts = (
            f'<text class="target" x="{box.x + 10}" y="{box.y + 4}">'
            f'<tspan class="access">{edge.access.value}</tspan> {target}</text>'
        )
        texts += _badge(self._shown, edge.marks, box.right - 4, box.y)
        storage = self._nodes[edge.storage]
        # What is written on it comes first: people who speak to their computer say that.
        words = (
            f"{edge.access.value} {edge.target or edge.detail}",
            f"{self._nodes[edge.container].label} mounts {storage.label}",
            ACCESS_WORDS[edge.access],
            edge.detail if edge.target else "",
        )
        return self._linked(edge, 1, ", ".join(filter(None, words)), body, texts)


def _curve(x: int, y: int, to_x: int, to_y: int, lane: int | None = None) -> str:
    """Return a line that is straight up to `lane`."""
    bend = x if lane is None else lane
    middle = (bend + to_x) // 2
    return f'<path class="line" d="M{x},{y}H{bend}C{middle},{y} {middle},{to_y} {to_x},{to_y}"/>'


def _arrow(x: int, y: int, back: int) -> str:
    return f'<path class="arrow" d="M{x},{y}l{back},-4v8z"/>'


def draw(shown: StorageMap, graph: Graph, *, links: bool) -> Drawing:
    """Return the drawing of a graph; with `links`, for a page that has a row for each thing drawn.

    Raises LayoutError.
    """
    return _Drawer(shown, graph, links).draw()
