"""`volint check --add-ignore`: write ignore comments for what is found, and make sure that they do nothing else.

A comment goes above what its finding stands at: to the nearest line where the reader of comments takes it for one
that covers the finding. All of them are tried in memory first. A file is left alone if afterwards anything but its
findings is different: a comment that a shell, YAML or Docker would read as something else.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from volint.parse.comments import comments
from volint.record import NamedTuple
from volint.source import Kind, Source, Span, apply
from volint.suppress import UNUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from volint.assemble.workspace import Workspace
    from volint.discovery import Discovery
    from volint.result import Result
    from volint.rule import Finding
    from volint.session import Session

__all__ = ["Added", "Plan", "add_ignores", "comment_line", "planned"]

_NEVER = ("VL000", "VL001")
"""What says that a file was not understood is to be mended, not hidden."""
_HIGHEST = 60
"""Lines that are tried above a finding."""
_MARKERS = {Kind.MARKDOWN: ("<!-- ", " -->"), Kind.DEVCONTAINER: ("// ", "")}


class Added(NamedTuple):
    """What writing ignore comments came to."""

    comments: int
    findings: int
    """Findings that they hide."""
    files: int
    left: tuple[Finding, ...]
    """Findings that no comment can hide."""
    failures: tuple[str, ...]
    """Why files could not be written."""


class Plan(NamedTuple):
    """The comments for one file."""

    source: Source
    places: Mapping[int, list[Finding]]
    """The findings that a comment at an offset hides."""
    left: tuple[Finding, ...]

    def edits(self, reason: str) -> list[tuple[int, int, str]]:
        """Return the comments as (start, end, replacement), to be inserted."""
        edits = []
        for at, here in self.places.items():
            for of_file in (True, False):
                codes = [found.code for found in here if _is_of_file(found) == of_file]
                if codes:
                    line = comment_line(self.source, at, codes, reason, of_file=of_file)
                    edits.append((at, at, line))
        return edits

    def text(self, reason: str) -> str:
        """Return the file's text with its comments."""
        return apply(self.source.text, self.edits(reason))


def _is_of_file(finding: Finding) -> bool:
    """Return whether a finding is about a whole file: it stands at nothing in it."""
    return finding.span.start == finding.span.end == 0


def comment_line(
    source: Source, at: int, codes: Iterable[str], reason: str, *, of_file: bool = False
) -> str:
    """Return a line with an ignore comment, indented as the line that begins at an offset."""
    line = source.line_span(source.position(at)[0]).text()
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    opening, closing = _MARKERS.get(source.kind, ("# ", ""))
    if source.kind is Kind.MARKDOWN or (source.kind is Kind.MAKEFILE and indent):
        # make hands an indented comment to the shell and prints it.
        indent = ""
    verb = "file-ignore" if of_file else "ignore"
    words = f"volint: {verb}[{', '.join(sorted(set(codes)))}] {reason}".rstrip()
    return f"{indent}{opening}{words}{closing}{source.line_break(at)}"


def add_ignores(
    session: Session,
    workspace: Workspace,
    discovery: Discovery | None,
    result: Result,
    reason: str,
) -> Added:
    """Write comments for all findings of a result into their files."""
    from volint.fix import Change
    from volint.rewrite import rewrite

    plans, left = planned(session, workspace, discovery, result.findings, reason)
    number = hidden = files = 0
    failures = []
    for plan in plans:
        left += plan.left
        if not plan.places:
            continue
        why = rewrite(Change(plan.source, plan.text(reason)), session.files)
        if why is not None:
            failures.append(f"'{plan.source.path}' is left as it is: {why}")
            continue
        files += 1
        number += len(plan.edits(reason))
        hidden += sum(map(len, plan.places.values()))
    return Added(number, hidden, files, tuple(left), tuple(failures))


def planned(
    session: Session,
    workspace: Workspace,
    discovery: Discovery | None,
    findings: Sequence[Finding],
    reason: str,
) -> tuple[list[Plan], list[Finding]]:
    """Return the comments for some findings of a run, tried in memory, and the findings that are in no plan.

    A plan has findings left as well: those that no comment in its file can hide.
    """
    from volint.fixrun import editable

    original = editable(session, discovery)
    by_source: dict[Source, list[Finding]] = {}
    left: list[Finding] = []
    for finding in _each_place(findings):
        source = finding.span.source
        whole = original(source) if finding.code not in _NEVER else None
        start, end = finding.span.start, finding.span.end
        # A source may be a part of its file, what is before it blanked: its offsets are the file's.
        if whole is None or not whole.text or whole.text[start:end] != source.text[start:end]:
            left.append(finding)
        else:
            if whole.text != source.text:
                source = whole
            at = Span(source, start, end)
            by_source.setdefault(source, []).append(finding._replace(span=at))
    plans = [_plan(source, found) for source, found in by_source.items()]
    return _tested(plans, session, workspace, discovery, reason), left


def _each_place(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, those that stand for several places once for each."""
    for finding in findings:
        yield finding
        for place in finding.also:
            yield finding._replace(span=place, also=())


def _plan(source: Source, findings: Sequence[Finding]) -> Plan:
    places: dict[int, list[Finding]] = {}
    left = []
    for finding in findings:
        at = _place(source, finding)
        if at is None:
            left.append(finding)
        else:
            places.setdefault(at, []).append(finding)
    return Plan(source, places, tuple(left))


def _place(source: Source, finding: Finding) -> int | None:
    """Return the start of the nearest line above which a comment covers a finding; None if there is none.

    What is about the whole file has its comment above the first line that such a comment can stand above.
    """
    of_file = _is_of_file(finding)
    number = source.position(finding.span.start)[0]
    lines: Iterable[int] = range(number, max(number - _HIGHEST, 0), -1)
    if of_file:
        lines = _first_line(source)
    for above in lines:
        at = source.line_span(above).start
        before = source.text[:at].rstrip("\r\n")
        if before.endswith("\\") and len(before) > at - 3:
            continue
        line = comment_line(source, at, [finding.code], "", of_file=of_file)
        tried = Source(source.path, apply(source.text, [(at, at, line)]), source.kind, source.file)
        moved = finding.span.start + len(line)
        for comment in comments(tried):
            if at <= comment.start < at + len(line) and not comment.dead:
                if of_file or comment.covers[0] <= moved < comment.covers[1]:
                    return at
                break
    return None


def _first_line(source: Source) -> Iterator[int]:
    """Yield the first line that says something: what is before it may have to be first, as directives and '#!'."""
    if source.kind is Kind.MARKDOWN:
        # It may be front matter, which has to be first.
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith(("#", "%", "---", ";", "//", "\ufeff")):
            yield number
            return


def _tested(
    plans: list[Plan],
    session: Session,
    workspace: Workspace,
    discovery: Discovery | None,
    reason: str,
) -> list[Plan]:
    """Return the plans without what does not hide its finding or changes anything else."""
    before = session.result(workspace, discovery)
    shape = _shape(workspace)

    def wrong(tried: Sequence[Plan]) -> set[tuple[str, ...]] | None:
        """Return the findings that comments were to hide and did not; None if something else changed."""
        texts = {
            os.path.realpath(plan.source.file or ""): plan.text(reason)
            for plan in tried
            if plan.places
        }
        again = session.edited(texts)
        seen = again.workspace(discovery)
        if _shape(seen) != shape:
            return None
        after = Counter(map(_key, again.result(seen, discovery).findings))
        meant = Counter(
            _key(found) for plan in tried for here in plan.places.values() for found in here
        )
        kept = Counter(map(_key, before.findings)) - meant
        left = set(after - kept)
        idle = {(code, path) for code, path, *_ in left}
        # A comment that hides nothing is not written after all, nor is what is said of it then.
        left = {
            found
            for found in left
            if found[0] != UNUSED or {(code, found[1]) for code in found[3].split(",")} - idle
        }
        if kept - after or left - meant.keys():
            return None
        return left

    survivors = wrong(plans)
    if survivors is not None:
        return [_without(plan, survivors) for plan in plans]
    # Somewhere a comment is more than that: file by file.
    checked = []
    for plan in plans:
        own = wrong([plan])
        checked.append(Plan(plan.source, {}, _all(plan)) if own is None else _without(plan, own))
    return checked


def _all(plan: Plan) -> tuple[Finding, ...]:
    return (*plan.left, *(found for here in plan.places.values() for found in here))


def _without(plan: Plan, keys: set[tuple[str, ...]]) -> Plan:
    places: dict[int, list[Finding]] = {}
    left = list(plan.left)
    for at, here in plan.places.items():
        for found in here:
            if _key(found) in keys:
                left.append(found)
            else:
                places.setdefault(at, []).append(found)
    return Plan(plan.source, places, tuple(left))


def _key(finding: Finding) -> tuple[str, ...]:
    return (
        finding.code,
        finding.span.source.path,
        finding.container,
        finding.target,
        finding.source,
        finding.message,
    )


def _shape(workspace: Workspace) -> Counter[tuple[object, ...]]:
    """Return what the projects hold, counted: a comment must not change it."""
    return Counter(
        (
            # Examples in documents are named by their line.
            project.name.rpartition(":")[0] or project.name,
            project.kind,
            len(project.builds),
            len(project.commands),
            len(project.volumes),
            len(project.problems),
            *(
                (
                    container.name.value,
                    container.image and container.image.value,
                    len(container.mounts),
                )
                for container in project.containers
            ),
        )
        for project in workspace.projects
    )
