"""`volint check --fix` and `--diff`: a run's findings, fixed in memory, then written or shown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.fix import Fixed, View, fix
from volint.record import NamedTuple
from volint.report.terminal import escape
from volint.rule import Level
from volint.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from volint.assemble.workspace import Workspace
    from volint.discovery import Discovery
    from volint.report import Options
    from volint.result import Result
    from volint.session import Session

__all__ = ["Repaired", "editable", "repair", "view_of"]

_SEEN = ("VL000", "VL001", "VL004")


class Repaired(NamedTuple):
    """What a run with fixes comes to."""

    fixed: Fixed
    """The fixes and the files they change."""
    result: Result
    """What is left to report: after the fixes if they were written, else what there was before."""
    messages: tuple[str, ...]
    """Lines for stderr: fixes left out, files that were not written."""
    written: bool = False
    """False if nothing was to be changed."""
    failed: bool = False
    """True if a file could not be written."""

    def diff(self, options: Options) -> tuple[str, list[str]]:
        """Return what the files would be changed in, and what to say of it on stderr."""
        from volint.report.diff import render

        secrets = [span for finding in self.result.findings for span in finding.redact]
        text, masked = render(self.fixed.changes, options, secrets)
        if not masked:
            return text, []
        return text, ["note: the diff masks secrets, so --fix can apply it and patch cannot"]

    def summary(self) -> str:
        """Return how much was fixed, as one line."""
        number, files = len(self.fixed.fixed), len(self.fixed.changes)
        findings = "1 finding" if number == 1 else f"{number} findings"
        if not number:
            return f"{findings} fixed" if self.written else f"{findings} would be fixed"
        where = "1 file" if files == 1 else f"{files} files"
        return f"{findings} {'fixed' if self.written else 'would be fixed'} in {where}"


def repair(
    session: Session,
    workspace: Workspace,
    discovery: Discovery | None,
    result: Result,
    settings: Mapping[str, Any],
) -> Repaired:
    """Fix what is shown of a run's findings as the options `fix`, `diff` and `unsafe_fixes` say.

    Only files that the run was asked to look at are edited, and only below the folders it was given is one
    created. With `diff` nothing is written.
    """
    found: list[Result] = [result]

    def check(texts: Mapping[str, str]) -> View:
        again = session.edited(texts)
        workspace = again.workspace(discovery)
        found.append(again.result(workspace, discovery))
        return view_of(again, workspace, found[-1])

    before = view_of(session, workspace, result)
    unsafe = bool(settings.get("unsafe_fixes"))
    fixed = fix(before, check, editable(session, discovery), unsafe=unsafe)
    messages = [escape(f"note: {text}") for text in fixed.left_out]
    if settings.get("diff"):
        return Repaired(fixed, result, tuple(messages))
    if not fixed.changes:
        return Repaired(fixed, result, tuple(messages), written=True)
    written = {}
    failures = []
    from volint.rewrite import rewrite

    for change in fixed.changes:
        why = rewrite(change, session.files)
        if why is None:
            written[_real(change.source)] = change.text
        else:
            failures.append(escape(f"error: '{change.source.path}' is left as it is: {why}"))
    check(written)
    fixed = fixed._replace(
        changes=tuple(change for change in fixed.changes if _real(change.source) in written),
        fixed=tuple(
            finding
            for finding in fixed.fixed
            if finding.fix and all(_real(span.source) in written for span, _ in finding.fix.edits)
        ),
    )
    return Repaired(fixed, found[-1], (*messages, *failures), True, bool(failures))


def _real(source: Source) -> str:
    return os.path.realpath(source.file or "")


def view_of(session: Session, workspace: Workspace, result: Result) -> View:
    """Return the findings and the errors of a check."""
    errors: dict[tuple[str, str], set[tuple[int, int, str]]] = {}
    table = session.table()
    for finding in result.findings:
        if finding.level is Level.ERROR:
            place = (finding.span.start, finding.span.end, finding.container)
            errors.setdefault((finding.code, finding.span.source.path), set()).add(place)
    for project in workspace.projects:
        for problem in project.problems:
            default = table[problem.code][0].level.value if problem.code in table else "error"
            level = problem.level or default
            if level == "error" or (level == "warning" and problem.code in _SEEN):
                at = (problem.span.start, problem.span.end, problem.container)
                errors.setdefault((problem.code, problem.span.source.path), set()).add(at)
    described: dict[str, int] = {}
    for project in workspace.projects:
        spans = [container.span for container in project.containers]
        for span in (*spans, *(command.span for command in project.commands)):
            described[span.source.path] = described.get(span.source.path, 0) + 1
    return View(result.findings, {key: len(places) for key, places in errors.items()}, described)


def editable(session: Session, discovery: Discovery | None) -> Callable[[Source], Source | None]:
    """Return what says which file, as it was read, may be edited for a source."""
    files = session.files
    stdin = session.settings.get("stdin_filename") or "<stdin>"
    given = [
        os.path.abspath(os.path.join(session.cwd, stdin if path == "-" else path))
        for path in session.paths
    ]
    folders = [path.rstrip(os.sep) + os.sep for path in given if os.path.isdir(path)]

    def original(source: Source) -> Source | None:
        path = source.file
        if path is None or not files.is_allowed(path):
            return None
        whole = files.read(path)
        if whole is None:
            # Not there, and nothing is in its way: a dangling link would be.
            fits = not os.path.lexists(path) and path.startswith(tuple(folders))
            return Source(files.display(path), "", source.kind, path) if fits else None
        asked = path in given if discovery is None else discovery.covers(whole)
        return whole if asked else None

    return original
