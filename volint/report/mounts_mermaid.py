"""`volint mounts --format mermaid`: a flowchart that GitHub and GitLab draw in Markdown.

Mermaid reads Markdown, HTML and its own signs in a label; `#NN;` stands for any sign without being read as
more. GitHub draws neither more than 500 edges nor more than 50,000 characters (Mermaid's `maxEdges` and
`maxTextSize`), and no file can raise that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.report.graph import Access, NodeKind

if TYPE_CHECKING:
    from volint.report import Options
    from volint.report.graph import Edge, Graph, Node, StorageMap

__all__ = ["MOST_CHARACTERS", "MOST_EDGES", "label", "render"]

MOST_EDGES = 500
MOST_CHARACTERS = 50_000

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 /,()=-.:?")
_SHAPES = {
    NodeKind.CONTAINER: ("[", "]"),
    NodeKind.VOLUME: ("[(", ")]"),
    NodeKind.UNNAMED: ("[(", ")]"),
    NodeKind.HOST: ("[/", "/]"),
    NodeKind.TMPFS: ("([", "])"),
    NodeKind.DEVICE: ("([", "])"),
    NodeKind.SECRET: ("{{", "}}"),
    NodeKind.CONFIG: ("{{", "}}"),
    NodeKind.IMAGE: ("[[", "]]"),
    NodeKind.DONOR: ("[[", "]]"),
}
_ARROWS = {Access.READ_ONLY: "-.->", Access.READ_WRITE: "<-->", Access.UNKNOWN: "---"}
_SIGNS = {"error": "🛑", "warning": "⚠️", "note": "ℹ️"}
_COLORS = {
    "error": "fill:#ffe3e3,stroke:#c92a2a,color:#5c0f0f,stroke-width:2px",
    "warning": "fill:#fff3bf,stroke:#b35900,color:#4d2b00,stroke-width:2px",
    "note": "fill:#dbeafe,stroke:#1d4ed8,color:#0b2a6b,stroke-width:2px",
}
_LINES = {"error": "#c92a2a", "warning": "#b35900", "note": "#1d4ed8"}


def label(text: str) -> str:
    """Return a text as a label shows it, whatever is in it.

    A digit, dash or dot in front could make a list of it, which Mermaid refuses to draw.
    """
    # A word joiner: a backslash and an n next to each other would break the line, however they are written.
    text = text.replace("\\n", "\\\u2060n")
    return "".join(
        char if char in _PLAIN and (at or char.isalpha()) else f"#{ord(char)};"
        for at, char in enumerate(text)
    )


def _marks(shown: StorageMap, marks: tuple[int, ...]) -> str:
    level = shown.worst(marks)
    if level is None:
        return ""
    return f"<br>{_SIGNS[level.value]} {label(' '.join(shown.codes(marks)))}"


def _node(graph: Graph, node: Node, shown: StorageMap) -> str:
    begin, end = _SHAPES[node.kind]
    words = label(node.label) + (f"<br>{label(node.about)}" if node.about else "")
    return f'    {graph.id}{node.id}{begin}"{words}{_marks(shown, node.marks)}"{end}'


def _edge(graph: Graph, edge: Edge, shown: StorageMap) -> str:
    words = " ".join(filter(None, (edge.access.value, edge.target)))
    text = label(words) + (f"<br>{label(edge.detail)}" if edge.detail else "")
    # What is read only flows from the storage to the container; arrows keep containers on the left.
    arrow = _ARROWS[edge.access]
    ends = (f"{graph.id}{edge.container}", f"{graph.id}{edge.storage}")
    if edge.access is Access.READ_ONLY:
        ends = (ends[1], ends[0])
    return f'    {ends[0]} {arrow}|"{text}{_marks(shown, edge.marks)}"| {ends[1]}'


def render(shown: StorageMap, options: Options) -> str:
    """Return a flowchart with a subgraph for each project."""
    lines = [
        "flowchart LR",
        "  accTitle: What containers mount",
        "  accDescr: Containers, what they mount, read-only (ro) or read-write (rw), and findings",
    ]
    classes: dict[str, list[str]] = {}
    strokes: dict[str, list[str]] = {}
    edges = 0
    for graph in shown.graphs:
        title = ": ".join(filter(None, (graph.title, graph.described())))
        lines.append(f'  subgraph {graph.id}["{label(title)}"]')
        lines.append("    direction LR")
        for node in graph.nodes:
            lines.append(_node(graph, node, shown))
            level = shown.worst(node.marks)
            name = level.value if level else "off" if node.off else ""
            if name:
                classes.setdefault(name, []).append(graph.id + node.id)
        for edge in graph.edges:
            lines.append(_edge(graph, edge, shown))
            level = shown.worst(edge.marks)
            if level:
                strokes.setdefault(level.value, []).append(str(edges))
            edges += 1
        lines.append("  end")
    for level_name, style in _COLORS.items():
        if level_name in classes:
            lines.append(f"  classDef {level_name} {style}")
            lines.append(f"  class {','.join(classes[level_name])} {level_name}")
    if "off" in classes:
        lines.append("  classDef off stroke-dasharray:4 4,opacity:0.7")
        lines.append(f"  class {','.join(classes['off'])} off")
    lines += [
        f"  linkStyle {','.join(numbers)} stroke:{_LINES[level_name]},stroke-width:2px"
        for level_name, numbers in strokes.items()
    ]
    return "\n".join(lines) + "\n"
