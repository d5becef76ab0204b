"""Code actions: a finding's fix, an ignore comment above it, all safe fixes of a document.

An edit is of the version of a document that was looked at. The last two are worked out when they are chosen, for both
are tried in memory first, as `--fix` and `--add-ignore` do: what makes something worse is not done.
"""

from __future__ import annotations

import os
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from volint.addignore import planned
from volint.fix import View, fix
from volint.fixrun import editable, view_of
from volint.lsp.diagnostics import diagnostic, plain
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from volint.assemble.workspace import Workspace
    from volint.lsp.diagnostics import Client
    from volint.lsp.documents import Document
    from volint.lsp.run import Run, Snapshot
    from volint.result import Result
    from volint.rule import Finding, Fix
    from volint.source import Source

__all__ = ["FIX_ALL", "Wanted", "edit_for", "offered", "wanted", "why_not"]

FIX_ALL = "source.fixAll.volint"
"""Kind of the action that applies all safe fixes."""

_NEVER_IGNORED = ("VL000", "VL001")
_Edit = tuple[int, int, str]


class Wanted(NamedTuple):
    """What an action stands for until its edit is asked for."""

    do: str
    """'ignore' or 'fix-all'."""
    uri: str
    version: int | None
    code: str = ""
    """Code of the finding that is to be ignored."""
    start: int = 0
    """Offsets of the finding."""
    end: int = 0
    message: str = ""
    """What it says, without secrets."""


def wanted(action: types.CodeAction) -> Wanted | None:
    """Return what an action of ours stands for; None for one that has its edit or is not ours."""
    data = action.data
    if not isinstance(data, dict) or not {"do", "uri"} <= data.keys():
        return None
    return Wanted(**{name: data[name] for name in Wanted._fields if name in data})


def why_not(action: types.CodeAction) -> str:
    """Return what to say where an action comes to nothing."""
    if isinstance(action.data, dict) and action.data.get("do") == "ignore":
        return (
            f"no comment can hide {action.data.get('code')} here, or the text has changed; mend it, or use "
            "'per-file-ignores' in volint.yaml"
        )
    return "there is nothing left that can be fixed safely"


def offered(
    document: Document,
    snapshot: Snapshot,
    params: types.CodeActionParams,
    client: Client,
    reason: str,
) -> list[types.CodeAction]:
    """Return the actions for a range of a document that the snapshot has seen as it is now."""
    source = snapshot.sources[document.real]
    start = client.positions.offset(source, params.range.start)
    end = client.positions.offset(source, params.range.end)
    found = snapshot.findings.get(document.real, [])
    here = [each for each in found if each.span.start <= end and start <= each.span.end]
    only = params.context.only
    actions: list[types.CodeAction] = []
    if _asked(only, types.CodeActionKind.QuickFix):
        seen: set[tuple[str, tuple[_Edit, ...]]] = set()
        for finding in here:
            action = _quick_fix(finding, snapshot, client, seen)
            if action is not None:
                actions.append(action)
        ignored: set[tuple[str, int]] = set()
        for finding in here:
            line = source.position(finding.span.start)[0]
            if finding.code not in _NEVER_IGNORED and (finding.code, line) not in ignored:
                ignored.add((finding.code, line))
                actions.append(_ignore(finding, document, snapshot, client, reason))
    if _asked(only, FIX_ALL) and any(each.fix is not None and each.fix.safe for each in found):
        data = Wanted("fix-all", document.uri, document.version)._asdict()
        title = "volint: apply all safe fixes"
        actions.append(types.CodeAction(title, kind=FIX_ALL, data=data))
    return actions


def _asked(only: Sequence[str] | None, kind: str) -> bool:
    """Return whether a client asks for a kind of action: for it, for what it is a kind of, or for anything."""
    if not only:
        return True
    return any(
        kind == asked or kind.startswith(f"{asked}.") or not asked for asked in map(str, only)
    )


def _quick_fix(
    finding: Finding,
    snapshot: Snapshot,
    client: Client,
    seen: set[tuple[str, tuple[_Edit, ...]]],
) -> types.CodeAction | None:
    found = finding.fix
    edits = None if found is None else _edits_of(found, snapshot)
    if found is None or edits is None:
        return None
    key = (found.title, tuple(edit for each in edits.values() for edit in each[1]))
    if key in seen:
        return None
    edit = _workspace_edit(edits, client)
    if edit is None:
        return None
    seen.add(key)
    unsafe = "" if found.safe else " (unsafe: can change what the containers do)"
    return types.CodeAction(
        f"{finding.code}: {plain(found.title)}{unsafe}",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(finding, snapshot, client)],
        is_preferred=found.safe,
        edit=edit,
    )


def _ignore(
    finding: Finding, document: Document, snapshot: Snapshot, client: Client, reason: str
) -> types.CodeAction:
    where = (finding.code, finding.span.start, finding.span.end, plain(finding.message))
    return types.CodeAction(
        f"{finding.code}: ignore it here ('volint: ignore[{finding.code}] {reason}')",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(finding, snapshot, client)],
        is_preferred=False,
        data=Wanted("ignore", document.uri, document.version, *where)._asdict(),
    )


def edit_for(
    wanted: Wanted, document: Document, snapshot: Snapshot, run: Run, client: Client, reason: str
) -> types.WorkspaceEdit | None:
    """Return the edit of an action; None where it comes to nothing.

    It checks texts, so it belongs in a thread; `run` is a copy of the snapshot's that belongs to it alone.
    """
    source = snapshot.sources[document.real]
    with run.knowledge():
        if wanted.do == "ignore":
            edits = _ignore_edits(wanted, document, snapshot, run, reason)
        else:
            edits = _all_fixes(document, snapshot, run)
    return _workspace_edit({document.real: (source, edits)}, client) if edits else None


def _ignore_edits(
    wanted: Wanted, document: Document, snapshot: Snapshot, run: Run, reason: str
) -> list[_Edit]:
    place = (wanted.code, wanted.start, wanted.end, wanted.message)
    meant = [
        finding
        for finding in snapshot.findings.get(document.real, ())
        if (finding.code, finding.span.start, finding.span.end, plain(finding.message)) == place
    ]
    plans, _ = planned(run, snapshot.workspace, snapshot.discovery, meant, reason)
    return [edit for plan in plans for edit in plan.edits(reason)]


def _all_fixes(document: Document, snapshot: Snapshot, run: Run) -> list[_Edit]:
    """Return what the safe fixes that keep to a document come to."""
    discovery = snapshot.discovery

    def view(run: Run, workspace: Workspace, result: Result) -> View:
        whole = view_of(run, workspace, result)
        own = [_kept(finding, document.real, run) for finding in whole.findings]
        return View([finding for finding in own if finding is not None], whole.errors)

    def check(texts: Mapping[str, str]) -> View:
        again = run.start(texts)
        workspace = again.workspace(discovery)
        return view(again, workspace, again.result(workspace, discovery))

    before = view(run, snapshot.workspace, snapshot.result)
    fixed = fix(before, check, editable(run, discovery))
    for change in fixed.changes:
        if os.path.realpath(change.source.file or "") == document.real:
            return _difference(change.source.text, change.text)
    return []


def _kept(finding: Finding, real: str, run: Run) -> Finding | None:
    """Return a finding of a file, without its fix if that edits another one as well; None for one elsewhere."""

    def is_there(source: Source) -> bool:
        return source.file is not None and run.files.real_path(source.file) == real

    if not is_there(finding.span.source):
        return None
    if finding.fix is None or all(is_there(edit.span.source) for edit in finding.fix.edits):
        return finding
    return finding._replace(fix=None)


def _difference(before: str, after: str) -> list[_Edit]:
    """Return the edits of lines that make one text of another."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    return [
        (starts[first], starts[last], "".join(new[low:high]))
        for tag, first, last, low, high in SequenceMatcher(None, old, new, False).get_opcodes()
        if tag != "equal"
    ]


def _edits_of(found: Fix, snapshot: Snapshot) -> dict[str, tuple[Source, list[_Edit]]] | None:
    """Return a fix's edits by real path; None where it cannot be applied to the texts as they were checked."""
    original = editable(snapshot.run, snapshot.discovery)
    edits: dict[str, tuple[Source, list[_Edit]]] = {}
    for (source, start, end), replacement in dict.fromkeys(found.edits):
        whole = original(source)
        if whole is None or whole.file is None:
            return None
        if whole.text[start:end] != source.text[start:end]:
            return None
        real = snapshot.run.files.real_path(whole.file)
        edits.setdefault(real, (whole, []))[1].append((start, end, replacement))
    return edits


def _workspace_edit(
    edits: Mapping[str, tuple[Source, Iterable[_Edit]]], client: Client
) -> types.WorkspaceEdit | None:
    """Return edits by real path as the client takes them; None for a new file that it cannot create."""
    changes: list[Any] = []
    for real, (source, found) in edits.items():
        uri = client.uri(real)
        if not source.text and not os.path.lexists(real) and client.version(uri) is None:
            if not (client.creates and client.versioned):
                return None
            changes.append(types.CreateFile(uri))
        texts: list[Any] = [
            types.TextEdit(
                types.Range(
                    client.positions.position(source, start), client.positions.position(source, end)
                ),
                replacement,
            )
            for start, end, replacement in found
        ]
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri, client.version(uri))
        changes.append(types.TextDocumentEdit(identifier, texts))
    if client.versioned:
        return types.WorkspaceEdit(document_changes=changes)
    return types.WorkspaceEdit(
        changes={each.text_document.uri: list(each.edits) for each in changes}
    )
