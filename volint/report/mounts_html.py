"""`volint mounts --format html`: the storage map as a page, every drawing with tables that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.common import rule_url
from volint.report.drawing import ACCESS_WORDS, draw
from volint.report.graph import Access, NodeKind
from volint.report.html_page import code, level, page, quote, table
from volint.report.layout import INSTALL, LayoutError
from volint.report.summary import counted
from volint.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.report import Options
    from volint.report.graph import Edge, Graph, Node, StorageMap
    from volint.rule import Finding

__all__ = [
    "NOTHING",
    "environment",
    "finding_item",
    "legend",
    "map_sections",
    "render",
    "rule_link",
    "tiles",
]


def _place(finding: Finding) -> str:
    """Return `file:line:column` of a finding."""
    line, column = finding.span.source.position(finding.span.start)
    return f"{escape(finding.span.source.path)}:{line}:{column}"


def rule_link(text: str) -> str:
    """Return a rule's code as HTML, linked to its page where it has one."""
    url = rule_url(text)
    return f'<a href="{quote(url)}">{quote(text)}</a>' if url else quote(text)


def tiles(entries: Sequence[tuple[str, int, str]]) -> str:
    """Return numbers to see at a glance: (class, number, what one of them is)."""
    shown = "".join(
        f'<li class="{name if number else ""}"><b>{number}</b> {quote(counted(number, what).partition(" ")[2])}</li>'
        for name, number, what in entries
    )
    return f'<ul class="tiles">{shown}</ul>\n'


def legend() -> str:
    """Return what the lines of a drawing mean."""
    samples = (
        ("read-write", "M0,6H44", "M0,6l8,-4v8z M44,6l-8,-4v8z", "read-write"),
        (
            "read-only",
            "M0,6H44",
            "M0,6l8,-4v8z",
            "read-only: the arrow points to the container alone",
        ),
        ("unknown", "M0,6H44", "", "access not known"),
    )
    items = "".join(
        f'<li><svg class="drawing" width="44" height="12" aria-hidden="true"><g class="mount {name}">'
        f'<path class="line" d="{line}"/><path class="arrow" d="{arrows}"/></g></svg>{quote(words)}</li>'
        for name, line, arrows, words in samples
    )
    return f'<ul class="legend" aria-label="Lines">{items}</ul>\n'


def _marks(shown: StorageMap, marks: tuple[int, ...]) -> str:
    """Return links to findings, the worst first."""
    ordered = sorted(marks, key=lambda mark: (-shown.findings[mark].level.rank, mark))
    return " ".join(
        f'<span class="mark">{level(shown.findings[mark].level.value)} <a href="#finding-{mark + 1}" '
        f'aria-label="{quote(shown.findings[mark].code)}, finding {mark + 1}">{quote(shown.findings[mark].code)}</a></span>'
        for mark in ordered
    )


def _row(part: Node | Edge, graph: Graph, kind: str, cells: str) -> str:
    """Return the row of something drawn."""
    flag = " data-marked" if part.marks else ""
    return (
        f'<tr id="row-{graph.id}-{part.id}" class="{kind}" data-part="{kind}"{flag}>{cells}</tr>\n'
    )


def _soft(text: str) -> str:
    return f' <span class="soft">{quote(text)}</span>' if text else ""


def _container_rows(shown: StorageMap, graph: Graph) -> str:
    nodes = {node.id: node for node in graph.nodes}
    edges: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        edges.setdefault(edge.container, []).append(edge)
    groups = []
    for node in graph.nodes:
        if node.kind is not NodeKind.CONTAINER:
            continue
        own = edges.get(node.id, ())
        about = ", ".join(filter(None, (node.about, "" if own else "mounts nothing")))
        head = (
            f'<th scope="rowgroup" colspan="2">{code(node.label)}{_soft(about)}</th>'
            f"<td>{_marks(shown, node.marks)}</td><td></td><td>{code(node.place)}</td>"
        )
        rows = [_row(node, graph, "container", head)]
        for edge in own:
            storage = nodes[edge.storage]
            target = (code(edge.target) if edge.target else "") + _soft(edge.detail)
            cells = (
                f'<th scope="row">{target}</th><td class="access">{ACCESS_WORDS[edge.access]}</td>'
                f"<td>{_marks(shown, edge.marks)}</td>"
                f"<td>{code(storage.label)}{_soft(storage.about)}</td><td>{code(edge.place)}</td>"
            )
            rows.append(_row(edge, graph, "mount", cells))
        groups.append(f"<tbody>\n{''.join(rows)}</tbody>\n")
    return "".join(groups)


def _storage_rows(shown: StorageMap, graph: Graph) -> str:
    nodes = {node.id: node for node in graph.nodes}
    users: dict[str, dict[str, set[str]]] = {}
    for edge in graph.edges:
        name = nodes[edge.container].label
        users.setdefault(edge.storage, {}).setdefault(name, set()).add(edge.access.value)
    rows = []
    for node in graph.nodes:
        if node.kind is NodeKind.CONTAINER:
            continue
        used = users.get(node.id, {})
        by = ", ".join(f"{code(name)} ({'/'.join(sorted(how))})" for name, how in used.items())
        declared = code(node.place) if node.place else '<span class="soft">not declared</span>'
        cells = (
            f'<th scope="row">{code(node.label)}</th><td>{quote(node.about)}</td>'
            f"<td>{by or 'nothing'}</td><td>{_marks(shown, node.marks)}</td><td>{declared}</td>"
        )
        rows.append(_row(node, graph, "storage", cells))
    return f"<tbody>\n{''.join(rows)}</tbody>" if rows else ""


def _figure(shown: StorageMap, graph: Graph) -> tuple[str, int]:
    """Return the drawing, and the pixels that it takes at least; it is made smaller as far as it can be read."""
    try:
        drawing = draw(shown, graph, links=True)
    except LayoutError:
        words = f"The tables say what a drawing would show; {code(INSTALL)} installs what it takes to draw it."
        return f'<p class="soft">{words}</p>\n', 0
    wide, tall = drawing.width, drawing.height
    least = round(wide * 0.72)
    said = quote(f"Drawing of {graph.caption}")
    text = (
        f'<div class="scroll" role="region" aria-label="{said}, scrolls">'
        f'<svg class="drawing" viewBox="0 0 {wide} {tall}" style="width:clamp({least}px,100%,{wide}px)" '
        f'role="group" aria-label="{said}: arrow keys move between its parts, Enter leads to the table">\n'
        f"{drawing.body}\n</svg></div>\n"
    )
    return text, least


def environment(graph: Graph) -> str:
    """Return where a project runs, in words."""
    return "environment not known" if graph.environment == "unknown" else quote(graph.environment)


def _files(graph: Graph) -> str:
    """Return all files of a project; where there are many, they are unfolded."""
    shown, more = graph.first_files()
    names = [" + ".join(map(code, files)) for files in (shown, graph.files)]
    if not more:
        return f"<br>{names[0]}"
    return f"<details><summary>{names[0]} + {more} more</summary>{names[1]}</details>"


def _panel(shown: StorageMap, graph: Graph, alone: bool) -> tuple[str, int]:
    """Return a project's part of the page, and the pixels that its drawing takes at least."""
    figure, least = _figure(shown, graph)
    about = ", ".join(filter(None, (graph.kind, graph.reason)))
    others = ""
    if graph.marks:
        others = f'<p class="small">Of the project as a whole: {_marks(shown, graph.marks)}</p>\n'
    text = (
        f'<section class="panel{" alone" if alone else ""}" id="project-{graph.id}" aria-label="{quote(graph.caption)}">'
        f'<header><h3><span class="name">{quote(graph.name)}</span> '
        f'<span class="environment">{environment(graph)}</span></h3>'
        f'<div class="small soft">{quote(about)}{_files(graph)}</div></header>\n<div class="inner">\n'
        + figure
        + others
        + table(
            f"Containers and their mounts: {graph.caption}",
            ("In the container", "Access", "Findings", "What is mounted", "Where"),
            _container_rows(shown, graph),
        )
        + (
            table(
                f"Storage: {graph.caption}",
                ("Name", "What it is", "Mounted by", "Findings", "Declared"),
                rows,
            )
            if (rows := _storage_rows(shown, graph))
            else ""
        )
        + "</div></section>\n"
    )
    return text, least


def _differences(family: Sequence[Graph]) -> str:
    """Return a table of what the environments of one thing mount, side by side."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for graph in family:
        nodes = {node.id: node for node in graph.nodes}
        for node in graph.nodes:
            if node.kind is NodeKind.CONTAINER and not any(
                edge.container == node.id for edge in graph.edges
            ):
                found.setdefault((node.label, ""), {})[graph.id] = "mounts nothing"
        for edge in graph.edges:
            storage = nodes[edge.storage]
            kind = (
                "" if storage.label.startswith(storage.kind.value) else f" ({storage.kind.value})"
            )
            words = f"{code(storage.label)}{quote(kind)}, {ACCESS_WORDS[edge.access]}"
            cells = found.setdefault((nodes[edge.container].label, edge.target), {})
            cells[graph.id] = f"{cells[graph.id]}; {words}" if graph.id in cells else words
    rows = []
    for (container, target), cells in found.items():
        shown = [cells.get(graph.id, "") for graph in family]
        differs = len(set(shown)) > 1
        rows.append(
            f'<tr class="{"differs" if differs else "same"}"><th scope="row">{code(container)}'
            f"{' ' + code(target) if target else ''}</th>"
            + "".join(f"<td>{cell or _ABSENT}</td>" for cell in shown)
            + f"<td>{'yes' if differs else ''}</td></tr>\n"
        )
    heads = [f"{graph.title}: {graph.listed()}" for graph in family]
    return table(
        f"The same mounts, environment by environment: {', '.join((family[0].name, *family[0].files[:1]))}",
        ("Mount", *heads, "Differs"),
        f"<tbody>\n{''.join(rows)}</tbody>",
        compare=True,
    )


_AROUND = 40
"""Pixels of a panel beside its drawing."""
NOTHING = '<p class="soft">Nothing is mounted, and no container or volume was found.</p>\n'
"""What stands in place of a map of nothing."""
_ABSENT = '<span class="soft">not mounted</span>'


def map_sections(shown: StorageMap) -> str:
    """Return the map as HTML: for each project the drawing and its tables, environments of one thing side by side."""
    parts = []
    alone = []
    for family in shown.families():
        if len(family) == 1:
            alone.append(_panel(shown, family[0], True)[0])
            continue
        names = " / ".join(dict.fromkeys(graph.name for graph in family))
        panels = [_panel(shown, graph, False) for graph in family]
        least = max(wide for _, wide in panels) + _AROUND
        parts.append(
            f'<section id="family-{family[0].id}" aria-labelledby="family-head-{family[0].id}">'
            f'<h2 id="family-head-{family[0].id}">{quote(names)}: {len(family)} {_variants(family)} side by side</h2>\n'
            + f'<div class="side" style="--least: {least}px">\n'
            + "".join(text for text, _ in panels)
            + "</div>\n"
            + _differences(family)
            + "</section>\n"
        )
    if alone:
        head = "Other projects" if parts else "Projects"
        parts.append(
            f'<section aria-labelledby="projects"><h2 id="projects">{head}</h2>\n{"".join(alone)}</section>\n'
        )
    if shown.others:
        left_out = (
            f"{counted(len(shown.others), 'project')} without containers or storage left out."
        )
        parts.append(f'<p class="soft">{left_out}</p>\n')
    return "".join(parts)


def _variants(family: Sequence[Graph]) -> str:
    known = {graph.environment for graph in family} - {"unknown"}
    return "environments" if known else "variants"


def _contents(shown: StorageMap) -> str:
    if len(shown.graphs) < 2:
        return ""
    items = "".join(
        f'<li><a href="#project-{graph.id}">{quote(graph.title)}</a> '
        f'<span class="soft small">{quote(graph.described())}</span></li>'
        for graph in shown.graphs
    )
    return f'<nav class="contents" aria-label="Projects"><ul>{items}</ul></nav>\n'


def finding_item(number: int, finding: Finding, more: str = "") -> str:
    """Return a finding as an item of a list; `more` is HTML that stands below it."""
    helps = "\n".join(escape(redact(line)) for line in finding.help.split("\n"))
    name = finding.level.value
    return (
        f'<li class="finding {name}" id="finding-{number}"><p>{level(name)} {rule_link(finding.code)} '
        f'<span class="soft">{quote(escape(finding.name))}</span> {code(_place(finding))}</p>\n'
        f'<p class="message">{quote(escape(redact(finding.message)))}</p>\n'
        + (f'<p class="help">{quote(helps)}</p>\n' if helps else "")
        + f"{more}</li>\n"
    )


def render(shown: StorageMap, options: Options) -> str:
    """Return the page."""
    edges = [edge for graph in shown.graphs for edge in graph.edges]
    containers = sum(
        node.kind is NodeKind.CONTAINER for graph in shown.graphs for node in graph.nodes
    )
    levels = [finding.level.value for finding in shown.findings]
    read_only = sum(edge.access is Access.READ_ONLY for edge in edges)
    lead = tiles(
        (
            ("", len(shown.graphs), "project"),
            ("", containers, "container"),
            ("", len(edges) - read_only, "writable mount"),
            ("", read_only, "read-only mount"),
            *((name, levels.count(name), name) for name in ("error", "warning", "note")),
        )
    )
    findings = "".join(
        finding_item(number, finding) for number, finding in enumerate(shown.findings, 1)
    )
    body = _contents(shown) + (map_sections(shown) or NOTHING)
    if findings:
        body += f'<section aria-labelledby="findings"><h2 id="findings">Findings</h2>\n<ol class="findings">\n{findings}</ol></section>'
    title = f"What containers mount: {shown.subject}" if shown.subject else "What containers mount"
    return page(title, lead + (legend() if shown.graphs else ""), body)
