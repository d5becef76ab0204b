"""What `volint mounts` and `volint report` draw: projects with the findings of the same run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.session import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.assemble.workspace import Workspace
    from volint.model import Project
    from volint.report import Options
    from volint.report.graph import StorageMap
    from volint.result import Result
    from volint.session import Session

__all__ = ["mounts", "report"]

_MOST_NAMES = 3


def _map(
    session: Session, workspace: Workspace, projects: Sequence[Project], result: Result
) -> StorageMap:
    """Return the map of some projects of a run, with the findings that are shown."""
    from volint.report.graph import storage_map

    positions = {id(project): index for index, project in enumerate(workspace.projects)}
    indexes = [positions[id(project)] for project in projects]
    return storage_map(projects, result.findings, indexes, _subject(session))


def _subject(session: Session) -> str:
    """Return the names of what the run looks at, in a few words."""
    names = [
        os.path.basename(os.path.normpath(os.path.join(session.cwd, path)))
        for path in session.paths
        if path != "-"
    ]
    more = len(names) - _MOST_NAMES
    return ", ".join([*names[:_MOST_NAMES], *([f"{more} more"] if more > 0 else [])])


def mounts(
    session: Session,
    formats: Sequence[tuple[str, str | None]],
    workspace: Workspace,
    projects: Sequence[Project],
    result: Result | None,
    options: Options,
) -> tuple[list[tuple[str | None, str]], list[str]]:
    """Return (file or None, text) for each format, and what is to be said of them.

    `result` is the run's where one of the formats is a picture. Raises UsageError for a picture that cannot be drawn.
    """
    from volint.report import PICTURES, render_mounts
    from volint.report.layout import LayoutError

    shown = _map(session, workspace, projects, result) if result is not None else None
    outputs = []
    messages: list[str] = []
    for name, path in formats:
        own = options._replace(color=options.color and path is None)
        try:
            text = render_mounts(name, projects, own, shown)
        except LayoutError as error:
            raise UsageError(f"{error}; use mermaid or dot, which do without") from None
        outputs.append((path, text))
        if name in PICTURES and shown is not None:
            messages += _notes(name, text, shown)
    return outputs, messages


def _notes(name: str, text: str, shown: StorageMap) -> list[str]:
    """Return what is to be said of a picture: that others will not show it, that something is missing in it."""
    if name == "html":
        return _undrawn(shown)
    if name != "mermaid":
        return []
    from volint.report.mounts_mermaid import MOST_CHARACTERS, MOST_EDGES

    edges = sum(len(graph.edges) for graph in shown.graphs)
    if edges <= MOST_EDGES and len(text) <= MOST_CHARACTERS:
        return []
    return [
        f"note: GitHub draws no Mermaid diagram of more than {MOST_EDGES} edges or {MOST_CHARACTERS} "
        f"characters, and this has {edges} and {len(text)}; name fewer PATHS, or take --format svg or html"
    ]


def _undrawn(shown: StorageMap) -> list[str]:
    """Return a note where a page has its tables and no drawings."""
    from volint.report.layout import LayoutError, check

    try:
        check()
    except LayoutError as error:
        return [f"note: the page has tables only: {error}"] if shown.graphs else []
    return []


def report(
    session: Session, workspace: Workspace, projects: Sequence[Project], result: Result
) -> tuple[str, list[str]]:
    """Return the page of a review, and what is to be said of it."""
    from volint.report.review import render

    shown = _map(session, workspace, projects, result)
    return render(result, shown), _undrawn(shown)
