"""The .gitignore files of a tree that git cannot be asked about (gitignore(5))."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from volint.files import Files

__all__ = ["Ignored"]


class Ignored:
    """The patterns in force in one directory: its own, then those of the directories above."""

    def __init__(self, folder: str, spec: GitIgnoreSpec, above: Ignored | None) -> None:
        self._folder = folder
        self._spec = spec
        self._above = above

    @classmethod
    def read(cls, folder: str, files: Files, above: Ignored | None) -> Ignored | None:
        """Return the patterns in force below a directory; those above where it has none."""
        return cls._of(folder, os.path.join(folder, ".gitignore"), files, above)

    @classmethod
    def _of(cls, folder: str, path: str, files: Files, above: Ignored | None) -> Ignored | None:
        source = files.read(path)
        if source is None or not source.text.strip():
            return above
        # pathspec takes longer to import than most runs take; few trees need it.
        from pathspec import GitIgnoreSpec

        return cls(folder, GitIgnoreSpec.from_lines(source.text.splitlines()), above)

    @classmethod
    def above(cls, folder: str, top: str, files: Files) -> Ignored | None:
        """Return the patterns that the directories from `top` down to `folder` set for it.

        Those of `folder` itself are not read. A folder that they ignore is looked into all the same,
        since it was asked for, and then they say nothing about what is in it.
        """
        ignored = cls._of(top, os.path.join(top, ".git", "info", "exclude"), files, None)
        if folder == top:
            return ignored
        at = top
        for name in folder[len(top) :].strip(os.sep).split(os.sep):
            ignored = cls.read(at, files, ignored)
            at = os.path.join(at, name)
            if ignored is not None and ignored.matches(at, is_folder=True):
                return None
        return ignored

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Return whether an absolute path below the directory is ignored; the nearest file decides."""
        level: Ignored | None = self
        while level is not None:
            relative = path[len(level._folder) :].lstrip(os.sep)
            if os.sep != "/":
                relative = relative.replace(os.sep, "/")
            verdict = level._spec.check_file(relative + "/" if is_folder else relative).include
            if verdict is not None:
                return verdict
            level = level._above
        return False
