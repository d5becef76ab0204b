"""A table of globs whose look-up does not grow with their number."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import Generic, TypeVar

from volint.lazy import regex

__all__ = ["GlobTable"]

_T = TypeVar("_T")
_SPECIAL = regex(r"[*?\[]")


class GlobTable(Generic[_T]):
    """File names by glob: exact names first, then globs with a name in them, then '*.ext'.

    Within one of these the first added wins. Names are compared in lower case.
    """

    def __init__(self) -> None:
        self._exact: dict[str, _T] = {}
        self._extensions: dict[str, _T] = {}
        self._prefixes: dict[str, list[tuple[str, _T]]] = {}
        self._suffixes: dict[str, list[tuple[str, _T]]] = {}
        self._others: list[tuple[str, _T]] = []
        self._compiled: dict[str, re.Pattern[str]] = {}

    def add(self, glob: str, value: _T) -> None:
        """Add a glob; `*` also crosses '/', as names hold none."""
        glob = glob.lower()
        special = _SPECIAL.search(glob)
        if special is None:
            self._exact.setdefault(glob, value)
        elif glob.startswith("*.") and "." not in glob[2:] and not _SPECIAL.search(glob, 2):
            self._extensions.setdefault(glob[2:], value)
        elif special.start() >= 3:
            self._prefixes.setdefault(glob[:3], []).append((glob, value))
        elif not _SPECIAL.search(glob[-3:]):
            self._suffixes.setdefault(glob[-3:], []).append((glob, value))
        else:
            self._others.append((glob, value))

    def get(self, name: str) -> _T | None:
        """Return the value of the glob that matches a name best; None if none does."""
        name = name.lower()
        found = self._exact.get(name)
        if found is not None:
            return found
        for candidates in (
            self._prefixes.get(name[:3], ()),
            self._suffixes.get(name[-3:], ()),
            self._others,
        ):
            for glob, value in candidates:
                if self._matches(glob, name):
                    return value
        return self._extensions.get(name.rpartition(".")[2]) if "." in name[1:] else None

    def _matches(self, glob: str, name: str) -> bool:
        compiled = self._compiled.get(glob)
        if compiled is None:
            compiled = self._compiled[glob] = re.compile(translate(glob))
        return compiled.match(name) is not None
