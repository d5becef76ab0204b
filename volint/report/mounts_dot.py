"""`volint mounts --format dot`: a graph for Graphviz, e.g. `dot -Tsvg`.

Inside of quotes Graphviz reads backslashes (`\\n`, `\\N`) and HTML entities; both are written so that they stand
for themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.report.graph import Access, NodeKind

if TYPE_CHECKING:
    from volint.report import Options
    from volint.report.graph import Edge, Graph, Node, StorageMap

__all__ = ["quoted", "render"]

_SHAPES = {
    NodeKind.CONTAINER: "box",
    NodeKind.VOLUME: "cylinder",
    NodeKind.UNNAMED: "cylinder",
    NodeKind.HOST: "folder",
    NodeKind.TMPFS: "box3d",
    NodeKind.DEVICE: "box3d",
    NodeKind.SECRET: "octagon",
    NodeKind.CONFIG: "note",
    NodeKind.IMAGE: "component",
    NodeKind.DONOR: "component",
}
_ENDS = {
    Access.READ_ONLY: "dir=back, style=dashed",
    Access.READ_WRITE: "dir=both",
    Access.UNKNOWN: "dir=none, style=dotted",
}
_COLORS = {
    "error": ("#c92a2a", "#ffe3e3"),
    "warning": ("#b35900", "#fff3bf"),
    "note": ("#1d4ed8", "#dbeafe"),
}


def quoted(*lines: str) -> str:
    """Return lines as one string of DOT."""
    shown = (line.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(filter(None, shown)) + '"'


def _marks(shown: StorageMap, marks: tuple[int, ...]) -> str:
    level = shown.worst(marks)
    return f"{level.value}: {' '.join(shown.codes(marks))}" if level else ""


def _node(graph: Graph, node: Node, shown: StorageMap) -> str:
    attributes = [
        f"label={quoted(node.label, node.about, _marks(shown, node.marks))}",
        f"shape={_SHAPES[node.kind]}",
    ]
    level = shown.worst(node.marks)
    if level:
        stroke, fill = _COLORS[level.value]
        attributes.append(f'style=filled, color="{stroke}", fillcolor="{fill}", penwidth=2')
    elif node.off:
        attributes.append("style=dashed")
    if node.place:
        attributes.append(f"tooltip={quoted(node.place)}")
    return f"    {graph.id}{node.id} [{', '.join(attributes)}]"


def _edge(graph: Graph, edge: Edge, shown: StorageMap) -> str:
    words = " ".join(filter(None, (edge.access.value, edge.target)))
    attributes = [
        f"label={quoted(words, edge.detail, _marks(shown, edge.marks))}",
        _ENDS[edge.access],
    ]
    level = shown.worst(edge.marks)
    if level:
        stroke = _COLORS[level.value][0]
        attributes.append(f'color="{stroke}", fontcolor="{stroke}", penwidth=2')
    attributes.append(f"tooltip={quoted(edge.place)}")
    ends = f"{graph.id}{edge.container} -> {graph.id}{edge.storage}"
    return f"    {ends} [{', '.join(attributes)}]"


def render(shown: StorageMap, options: Options) -> str:
    """Return a directed graph with a cluster for each project."""
    lines = [
        "digraph storage {",
        "  rankdir=LR",
        '  graph [fontname="sans-serif", fontsize=12]',
        '  node [fontname="sans-serif", fontsize=11]',
        '  edge [fontname="sans-serif", fontsize=10]',
    ]
    for graph in shown.graphs:
        lines.append(f"  subgraph cluster_{graph.id} {{")
        lines.append(f"    label={quoted(graph.title, graph.described())}")
        lines += [_node(graph, node, shown) for node in graph.nodes]
        lines += [_edge(graph, edge, shown) for edge in graph.edges]
        lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"
