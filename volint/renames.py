"""Which files of a commit were given another name since: `--diff-base` compares with them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.git import Repository

__all__ = ["renamed"]

_SIMILAR = 0.5
"""Part of the lines that stays the same, as for git's own `--find-renames`."""
_MOST = 1000
"""Files that are gone and are read; above it nothing is taken for renamed, as git does it, too."""


def renamed(repository: Repository, commit: str, new: Mapping[str, str]) -> dict[str, bytes]:
    """Return what new files, given as path and text, were at a commit under another name, where they were.

    Of the files that are gone the one that is most like a new one is what it was.
    """
    gone = repository.gone(commit) if new else []
    if not gone or len(gone) > _MOST:
        return {}
    old = {
        path: (data, _lines(data.decode("utf-8-sig", "replace")))
        for path, data in repository.contents(commit, gone).items()
        if data
    }
    found = {}
    for path, text in new.items():
        lines = _lines(text)
        best = max(
            ((_likeness(lines, old[name][1]), _ending(path, name), name) for name in old),
            default=None,
        )
        if best is not None and best[0] >= _SIMILAR:
            found[path] = old[best[2]][0]
    return found


def _lines(text: str) -> Counter[str]:
    return Counter(text.splitlines())


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Return which part of the longer text's lines is in both."""
    return (one & other).total() / max(one.total(), other.total(), 1)


def _ending(one: str, other: str) -> int:
    """Return how many characters of two paths are the same, from their ends on."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((at for at, (mine, its) in enumerate(pairs) if mine != its), 0)
