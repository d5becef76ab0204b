"""Paths that a person gave: whether they are there, and what to say where they are not."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PathError", "explain_missing", "mode_of", "must_exist"]


class PathError(Exception):
    """A path that was given does not exist; the text says which and what to do."""


def must_exist(paths: Iterable[str], cwd: str, *, directory: bool = False) -> None:
    """Raise PathError unless all paths, relative to the absolute `cwd`, are files, or directories."""
    for given in paths:
        path = os.path.abspath(os.path.join(cwd, given))
        mode = mode_of(path) if given else None
        if mode is None:
            wanted = "a directory that does" if directory else "a file that does"
            raise PathError(explain_missing(given, path, wanted))
        if stat.S_ISDIR(mode) is not directory:
            raise PathError(
                f"'{given}' is {'no' if directory else 'a'} directory; give {'one' if directory else 'a file'}"
            )


def mode_of(path: str, *, follow: bool = True) -> int | None:
    """Return a path's `st_mode`; None if it is not there or no path at all."""
    try:
        return os.stat(path, follow_symlinks=follow).st_mode
    except (OSError, ValueError):
        return None


def explain_missing(
    given: str, path: str, wanted: str = "a file or a directory that does, or '.'"
) -> str:
    """Return what to say of a path that is not there, as it was given and absolute."""
    if not given:
        return f"an empty path stands for nothing; give {wanted.replace(' that does', '')}"
    if os.path.islink(path):
        return f"'{given}' is a symbolic link to '{os.readlink(path)}', which cannot be reached; give {wanted}"
    if any(character in given for character in "*?["):
        return f"'{given}' matches no file; name a directory to have everything below it checked"
    from difflib import get_close_matches

    folder, name = os.path.split(path)
    try:
        close = get_close_matches(name, os.listdir(folder), n=1)
    except OSError:
        close = []
    if close:
        meant = os.path.join(os.path.dirname(given), close[0])
        return f"'{given}' does not exist; did you mean '{meant}'?"
    return f"'{given}' does not exist; give {wanted}"
