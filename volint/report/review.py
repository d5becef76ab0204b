"""`volint report`: what a team looks at in a review, as one page.

Findings by rule with their lines, by project, and the storage map.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.page import read_page
from volint.redact import redact
from volint.report.fixlines import fix_lines
from volint.report.html_page import code, level, page, quote, table
from volint.report.mounts_html import (
    NOTHING,
    environment,
    finding_item,
    legend,
    map_sections,
    rule_link,
    tiles,
)
from volint.report.snippet import snippet
from volint.report.summary import counted, not_shown
from volint.report.terminal import Style, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.report.graph import Graph, StorageMap
    from volint.result import Result, RuleMeta
    from volint.rule import Finding

__all__ = ["render"]

_BEGIN = regex("\x01([a-z]+)\x02")


class _Marks(Style):
    """Marks styled text with control characters, of which an escaped text has none."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(True)

    def __call__(self, name: str, text: str) -> str:
        return f"\x01{name}\x02{text}\x03" if text else text


def _styled(lines: Sequence[str]) -> str:
    text = _BEGIN.sub(r'<span class="t-\1">', quote("\n".join(lines)))
    return text.replace("\x03", "</span>")


def _lines(finding: Finding) -> str:
    """Return the lines of a finding, and what its fix would make of them."""
    style = _Marks()
    rows, gutter = snippet(
        finding.span, finding.labels, finding.redact, finding.level.value, style, None
    )
    shown = f'<pre class="snippet">{_styled(rows)}</pre>\n'
    if finding.fix:
        kind = "Fix" if finding.fix.safe else "Unsafe fix"
        shown += f"<p><b>{kind}:</b> {quote(escape(redact(finding.fix.title)))}</p>\n"
        changed = fix_lines(finding, gutter, style, None)
        if changed:
            shown += f'<pre class="snippet">{_styled(changed)}</pre>\n'
    return shown


def _projects_of(shown: StorageMap) -> dict[int, list[Graph]]:
    """Return the projects of each finding."""
    found: dict[int, list[Graph]] = {}
    for graph in (*shown.graphs, *shown.others):
        for mark in graph.all_marks():
            found.setdefault(mark, []).append(graph)
    return found


def _by_rule(result: Result, numbers: dict[str, list[int]]) -> str:
    metas = {meta.entry.code: meta for meta in result.rules}
    rows = []
    for rule, own in numbers.items():
        levels = dict.fromkeys(result.findings[number].level.value for number in own)
        name = result.findings[own[0]].name
        rows.append(
            f'<tr><th scope="row"><a href="#rule-{quote(rule)}">{quote(rule)}</a> {quote(escape(name))}</th>'
            f"<td>{' '.join(map(level, levels))}</td><td class=number>{len(own)}</td>"
            f"<td>{quote(_summary(metas.get(rule)))}</td></tr>\n"
        )
    return table(
        "Findings by rule",
        ("Rule", "Level", "Findings", "What it finds"),
        f"<tbody>\n{''.join(rows)}</tbody>",
        numbers=(2,),
        headed=True,
    )


def _summary(meta: RuleMeta | None) -> str:
    return "" if meta is None else _plain(read_page(meta.load()).summary) + "."


def _plain(prose: str) -> str:
    """Return Markdown prose without its marks."""
    return escape(re.sub(r"`([^`]+)`", r"'\1'", prose).replace("''", "'"))


def _by_project(shown: StorageMap) -> str:
    rows = []
    quiet = 0
    for graph in (*shown.graphs, *shown.others):
        if not graph.nodes and not graph.marks:
            quiet += 1
            continue
        levels = [shown.findings[mark].level.value for mark in graph.all_marks()]
        name = quote(graph.name)
        if graph.nodes:
            name = f'<a href="#project-{graph.id}">{name}</a>'
        counts = "".join(
            f"<td class=number>{levels.count(word)}</td>" for word in ("error", "warning", "note")
        )
        rows.append(
            f'<tr><th scope="row">{name}</th><td>{environment(graph)}</td>'
            f"<td>{_files(graph)}</td>{counts}</tr>\n"
        )
    if not rows:
        return ""
    return table(
        "Findings by project",
        ("Project", "Environment", "Files", "Errors", "Warnings", "Notes"),
        f"<tbody>\n{''.join(rows)}</tbody>",
        numbers=(3, 4, 5),
        headed=True,
    ) + (
        f'<p class="soft">{counted(quiet, "more project")} without findings, containers or storage.</p>\n'
        if quiet
        else ""
    )


def _files(graph: Graph) -> str:
    shown, more = graph.first_files()
    return " ".join(map(code, shown)) + (
        f' <span class="soft">and {more} more</span>' if more else ""
    )


def _rule_section(
    rule: str,
    own: list[int],
    result: Result,
    meta: RuleMeta | None,
    projects: dict[int, list[Graph]],
) -> str:
    items = []
    for number in own:
        finding = result.findings[number]
        where = projects.get(number, ())
        names = ", ".join(
            f'<a href="#project-{graph.id}">{quote(graph.title)}</a>'
            if graph.nodes
            else quote(graph.title)
            for graph in where
        )
        more = f'<p class="small soft">In {names}</p>\n' if names else ""
        items.append(finding_item(number + 1, finding, more + _lines(finding)))
    why = _plain(read_page(meta.load()).why) if meta is not None else ""
    name = quote(escape(result.findings[own[0]].name))
    return (
        f'<section class="rule" id="rule-{quote(rule)}" aria-labelledby="rule-head-{quote(rule)}">'
        f'<h3 id="rule-head-{quote(rule)}">{rule_link(rule)} {name}</h3>\n'
        + (f"<details><summary>Why</summary><p>{quote(why)}</p></details>\n" if why else "")
        + f'<ol class="findings">\n{"".join(items)}</ol></section>\n'
    )


def _unseen(result: Result) -> str:
    if not result.notifications:
        return ""
    items = "".join(
        f"<li>{quote(escape(redact(note.message)))} ({quote(note.code)})</li>\n"
        for note in result.notifications
    )
    return f'<section class="alert" aria-labelledby="unseen"><h2 id="unseen">Not seen whole</h2>\n<ul>{items}</ul></section>\n'


def _quiet(result: Result, numbers: dict[str, list[int]]) -> str:
    names = [
        f"{rule_link(meta.entry.code)} {quote(escape(meta.entry.name))}"
        for meta in result.rules
        if meta.entry.code not in numbers
    ]
    if not names:
        return ""
    listed = "".join(f"<li>{name}</li>" for name in names)
    return (
        f'<section aria-labelledby="quiet"><h2 id="quiet">Rules that found nothing</h2>\n'
        f"<details><summary>{counted(len(names), 'rule')}</summary><ul>{listed}</ul></details></section>\n"
    )


def render(result: Result, shown: StorageMap) -> str:
    """Return the page."""
    numbers: dict[str, list[int]] = {}
    for number, finding in enumerate(result.findings):
        numbers.setdefault(finding.code, []).append(number)
    worst = {
        rule: max(result.findings[at].level.rank for at in own) for rule, own in numbers.items()
    }
    numbers = {
        rule: numbers[rule] for rule in sorted(numbers, key=lambda rule: (-worst[rule], rule))
    }
    summary = result.summary
    lead = tiles(
        (
            ("error", summary.errors, "error"),
            ("warning", summary.warnings, "warning"),
            ("note", summary.notes, "note"),
            ("", summary.files, "file"),
            ("", summary.projects, "project"),
        )
    )
    away = not_shown(summary)
    if away:
        lead += f'<p class="small soft">Not shown: {quote(", ".join(away))}</p>\n'
    metas = {meta.entry.code: meta for meta in result.rules}
    projects = _projects_of(shown)
    rules = "".join(
        _rule_section(rule, own, result, metas.get(rule), projects) for rule, own in numbers.items()
    )
    body = _unseen(result)
    if numbers:
        body += f'<section aria-labelledby="by-rule"><h2 id="by-rule">By rule</h2>\n{_by_rule(result, numbers)}</section>\n'
    else:
        body += "<section><p>No findings.</p></section>\n"
    by_project = _by_project(shown)
    if by_project:
        body += f'<section aria-labelledby="by-project"><h2 id="by-project">By project</h2>\n{by_project}</section>\n'
    if rules:
        body += f'<section aria-labelledby="findings"><h2 id="findings">Findings</h2>\n{rules}</section>\n'
    body += (
        f'<div id="map">\n<h2>Storage map</h2>\n{legend() if shown.graphs else ""}{map_sections(shown) or NOTHING}</div>\n'
        + _quiet(result, numbers)
    )
    return page(
        f"Storage review: {shown.subject}" if shown.subject else "Storage review",
        _contents(bool(rules), bool(by_project)) + lead,
        body,
    )


def _contents(found: bool, projects: bool) -> str:
    """Return links to the parts of the page that are there, in their order."""
    parts = (
        ("by-rule", "By rule", found),
        ("by-project", "By project", projects),
        ("findings", "Findings", found),
        ("map", "Storage map", True),
    )
    items = "".join(
        f'<li><a href="#{place}">{words}</a></li>' for place, words, there in parts if there
    )
    return f'<nav class="contents" aria-label="Contents"><ul>{items}</ul></nav>\n'
