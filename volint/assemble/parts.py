"""Compose files with a default name that are parts of a project all the same.

Programs run Compose, too, and some keep every part they hand to it in a folder of its own and call it
`compose.yml`. Such a part uses services and networks that only files elsewhere describe.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volint.assemble.catalog import Catalog
    from volint.assemble.shape import Shape

__all__ = ["Parts"]

_SECTIONS = ("services", "networks")
"""What is described elsewhere on purpose; a volume or a secret may be forgotten."""


class Parts:
    """Tells parts from projects by what the other files of the repository give."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._paths: dict[tuple[str, str, str], list[str]] | None = None
        self._loose: dict[tuple[str, str, str], list[str]] = {}

    def is_part(self, path: str) -> bool:
        """Return whether files elsewhere in the repository give all services and networks that one lacks.

        They lie in a folder above, or in one beside it and are no whole projects either. What lies in its
        own folder or below may be laid over it and gives nothing but the rest of its services.
        """
        shape = self._catalog.get(path)
        if shape is None or not shape.readable:
            return False
        lacking = _lacking(shape)
        given = [
            entry
            for entry in lacking
            if self._is_given(
                entry, path, anywhere=entry[1] in shape.incomplete and entry[0] == "services"
            )
        ]
        # Where something is given from outside, a file beside it may be what completes its services.
        return bool(given) and all(
            entry in given or self._is_completed_beside(entry, path) for entry in lacking
        )

    def _is_completed_beside(self, entry: tuple[str, str], path: str) -> bool:
        """Return whether a file in the same folder gives a service that one has without image and build."""
        section, name = entry
        givers = self._givers().get((self._root(path), *entry), [])
        own = os.path.dirname(path)
        incomplete = self._catalog.shapes[path].incomplete
        return (
            section == "services"
            and name in incomplete
            and any(os.path.dirname(other) == own for other in givers)
        )

    def _is_given(self, entry: tuple[str, str], path: str, *, anywhere: bool) -> bool:
        key = (self._root(path), *entry)
        givers = self._givers().get(key)
        if givers is None:
            return False
        if key not in self._loose:
            self._loose[key] = list(filter(self._is_loose, givers))
        own = os.path.dirname(path)
        if any(anywhere or not _is_in(other, own) for other in self._loose[key]):
            return True
        above = _folders_above(own, key[0])
        return any(os.path.dirname(other) in above for other in givers)

    def _is_loose(self, path: str) -> bool:
        """Return whether a file is no whole project and what it lacks is given elsewhere."""
        shape = self._catalog.shapes[path]
        root = self._root(path)
        lacking = _lacking(shape)
        if shape.stands_alone and not lacking:
            return False
        givers = self._givers()
        return all(givers.get((root, *entry), [path]) != [path] for entry in lacking)

    def _givers(self) -> dict[tuple[str, str, str], list[str]]:
        """Return the absolute paths of files by (root, section, name) of what they give."""
        if self._paths is None:
            self._paths = {}
            for path, shape in self._catalog.shapes.items():
                root = self._root(path)
                for section, name in shape.gives if shape.readable else ():
                    if section in _SECTIONS:
                        self._paths.setdefault((root, section, name), []).append(path)
        return self._paths

    def _root(self, path: str) -> str:
        return self._catalog.files.root_of(path) or ""


def _lacking(shape: Shape) -> list[tuple[str, str]]:
    return [entry for entry in shape.needs if entry[0] in _SECTIONS]


def _is_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def _folders_above(folder: str, root: str) -> set[str]:
    found: set[str] = set()
    while folder not in (root, os.path.dirname(folder)):
        folder = os.path.dirname(folder)
        found.add(folder)
    return found
