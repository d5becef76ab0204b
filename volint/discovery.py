"""What the given paths come to: the files to read, what was left out and why, and what was asked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.globs import first_match
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container

    from volint.files import Files
    from volint.globs import Glob
    from volint.source import Kind, Problem, Source

__all__ = ["Discovery", "Found", "Skipped", "folder_reason", "lies_below"]

_VENDORED = frozenset(
    (
        "node_modules", "bower_components", "jspm_packages", "vendor", "vendors", "third_party", "third-party",
        "site-packages", "venv", "virtualenv", "__pycache__", "__pypackages__", "Pods", "Carthage",
    )
)  # fmt: skip
_OWN_HIDDEN = frozenset(
    (
        ".github", ".gitlab", ".gitea", ".forgejo", ".circleci", ".azure", ".azure-pipelines", ".azuredevops", ".ci",
        ".buildkite", ".woodpecker", ".devcontainer", ".docker", ".compose", ".container", ".containers", ".ddev",
        ".deploy", ".deployment", ".dev", ".infra",
    )
)  # fmt: skip


class Found(NamedTuple):
    """A file to read."""

    path: str
    """Absolute path; of standard input the one it was said to have."""
    kind: Kind
    """What it is."""
    named: bool = False
    """True if it was given by name."""


class Skipped(NamedTuple):
    """A file or folder that was left out for a reason a person may want to know."""

    path: str
    """Absolute path."""
    reason: str
    """A clause: "it is a folder of dependencies"."""
    named: bool = False
    """True if it was given by name, so that leaving it out must be said."""


class Discovery:
    """What the given paths come to."""

    __slots__ = ("_covered", "_tops", "items", "problems", "skipped")

    items: tuple[Found, ...]
    """Files to read, each once, sorted by path."""
    problems: tuple[Problem, ...]
    """What could not be looked at (VL001, VL004), each in an empty source of its path."""
    skipped: tuple[Skipped, ...]
    """What was left out, sorted by path."""

    def __init__(
        self,
        items: tuple[Found, ...],
        problems: tuple[Problem, ...] = (),
        skipped: tuple[Skipped, ...] = (),
        tops: tuple[tuple[str, tuple[Glob, ...]], ...] = (),
    ) -> None:
        self.items = items
        self.problems = problems
        self.skipped = skipped
        self._tops = tops
        self._covered: dict[str | None, bool] = {found.path: True for found in items}
        self._covered.update((problem.span.source.file, True) for problem in problems)
        self._covered[None] = False

    def covers(self, source: Source) -> bool:
        """Return whether a text is one that was asked for, not only read because another needs it.

        What a project needs is asked for as well where it lies below a directory that was given: a file
        that another extends need not look like Compose.
        """
        found = self._covered.get(source.file)
        if found is None:
            path = source.file or ""
            found = self._covered[path] = any(lies_below(path, *top) for top in self._tops)
        return found

    def only(self, paths: Container[str]) -> Discovery:
        """Return what there is to read of some absolute paths; what is asked for stays the same."""
        items = tuple(found for found in self.items if found.path in paths)
        return Discovery(items, tops=self._tops)

    def said(self, files: Files) -> list[str]:
        """Return a line for stderr for each path that was given by name and is not looked at; of many, for some."""
        named = [skipped for skipped in self.skipped if skipped.named]
        said = [
            f"note: '{files.display(path)}' is skipped: {reason}"
            for path, reason, _ in named[:_MOST_SAID]
        ]
        if more := len(named) - len(said):
            what = "1 more path" if more == 1 else f"{more} more paths"
            said.append(f"note: {what} skipped; --show-files lists what is read")
        return said


_MOST_SAID = 5


def lies_below(path: str, top: str, exclude: tuple[Glob, ...]) -> bool:
    """Return whether a path lies below a directory, in no folder that is left out, and is not excluded."""
    start = top if top.endswith(os.sep) else top + os.sep
    if not path.startswith(start) or first_match(exclude, path):
        return False
    folders = os.path.dirname(path[len(start) :]).split(os.sep)
    return not any(folder and folder_reason(folder) for folder in folders)


def folder_reason(name: str) -> str | None:
    """Return why a folder of this name is not looked into, or None."""
    if name in _VENDORED:
        return "it is a folder of dependencies"
    if name.startswith(".") and name not in _OWN_HIDDEN:
        return "it is a hidden folder"
    return None
