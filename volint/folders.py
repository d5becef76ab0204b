"""A folder checked or fixed in one call, with nothing hidden: for tests and packs of rules (`volint.testing`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.rule import Confidence, Level, Persona
from volint.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.rule import Finding

__all__ = ["check_folder", "fix_folder"]


def check_folder(
    root: str,
    *,
    paths: Sequence[str] = (".",),
    select: Sequence[str] = (),
    environment: str | None = None,
    rules: Sequence[str] = (),
) -> list[Finding]:
    """Check paths of a folder and return all findings of every persona and level, ignores applied.

    `rules` are Python files or folders of them, absolute, as for --rules.
    """
    session = _everything(root, paths, select, environment, rules)
    discovery = session.discovery()
    with session.knowledge():
        return list(session.result(session.workspace(discovery), discovery).findings)


def fix_folder(
    root: str, *, select: Sequence[str] = (), unsafe: bool = False, rules: Sequence[str] = ()
) -> dict[str, str]:
    """Return what `--fix` would make of the files of a folder, by their paths; nothing is written."""
    from volint.fixrun import repair

    session = _everything(root, (".",), select, None, rules)
    discovery = session.discovery()
    with session.knowledge():
        workspace = session.workspace(discovery)
        result = session.result(workspace, discovery)
        settings = {"diff": True, "unsafe_fixes": unsafe}
        repaired = repair(session, workspace, discovery, result, settings)
    return {change.source.path: change.text for change in repaired.fixed.changes}


def _everything(
    root: str,
    paths: Sequence[str],
    select: Sequence[str],
    environment: str | None,
    rules: Sequence[str],
) -> Session:
    """Return a run that hides nothing."""
    settings: dict[str, Any] = {
        "rules": tuple(rules),
        "paths": tuple(paths),
        "select": tuple(select),
        "environment": environment,
        "persona": Persona.AUDITOR.value,
        "min_level": Level.NOTE.value,
        "min_confidence": Confidence.LOW.value,
    }
    return Session(settings, cwd=root)
