"""The Compose files of a run, each looked at once: what they need, what they give, what they name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.assemble.compose.locate import BASES, OVERRIDES
from volint.assemble.shape import shape
from volint.kinds import guess
from volint.lazy import regex
from volint.record import NamedTuple
from volint.source import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volint.assemble.shape import Shape
    from volint.files import Files
    from volint.source import Source

__all__ = ["Catalog", "Default"]

_TOKEN = regex(r"[._-]")
_COPIED = frozenset(("example", "sample", "dist", "template", "tmpl", "default", "defaults"))
"""What names of env files say that people are to copy."""


class Default(NamedTuple):
    """What `docker compose` without -f loads in a folder."""

    files: tuple[str, ...]
    """Absolute paths, the base first."""
    reason: str
    """Why these files, in words for the user."""
    env_files: tuple[str, ...] | None = None
    """Absolute paths of the env files in force; None: `.env` of the project directory."""


class Catalog:
    """The Compose files that were found, and those on the disk that something names."""

    def __init__(self, sources: Mapping[str, Source], files: Files) -> None:
        self.files = files
        self.shapes: dict[str, Shape] = {path: shape(source) for path, source in sources.items()}
        """The files that were found, by absolute path."""
        self.folders: dict[str, set[str]] = {}
        """Their names, by absolute folder."""
        for path in sources:
            folder, name = os.path.split(path)
            self.folders.setdefault(folder, set()).add(name)
        self._named: dict[str, Shape | None] = {}
        self._defaults: dict[str, Default | None] = {}
        self._gives: dict[str, frozenset[tuple[str, str]]] = {}
        self._givers: dict[str, dict[tuple[str, str], list[str]]] = {}

    def get(self, path: str) -> Shape | None:
        """Return the file at an absolute path, found or on the disk; None if there is none."""
        found = self.shapes.get(path)
        if found is None and path not in self._named:
            source = self.files.read(path, Kind.COMPOSE) if self.files.isfile(path) else None
            self._named[path] = None if source is None else shape(source)
        return found or self._named.get(path)

    def references(self, path: str, *, extended: bool = True) -> list[str]:
        """Return the absolute paths of what a file includes and extends."""
        found = self.get(path)
        if found is None:
            return []
        names = (*found.included, *found.extended) if extended else found.included
        folder = os.path.dirname(path)
        return [os.path.normpath(os.path.join(folder, name)) for name in names]

    def reachable(self, paths: Iterable[str], *, extended: bool = True) -> set[str]:
        """Return the files, and all that they include and extend."""
        pending = list(paths)
        seen: set[str] = set()
        while pending:
            path = pending.pop()
            if path not in seen:
                seen.add(path)
                pending.extend(self.references(path, extended=extended))
        return seen

    def gives(self, paths: Iterable[str]) -> frozenset[tuple[str, str]]:
        """Return (section, name) of everything that files and what they include declare whole."""
        return frozenset().union(*map(self._given, paths))

    def _given(self, path: str) -> frozenset[tuple[str, str]]:
        found = self._gives.get(path)
        if found is None:
            shapes = map(self.get, self.reachable([path], extended=False))
            found = frozenset().union(*(shape.gives for shape in shapes if shape))
            self._gives[path] = found
        return found

    def givers(self, folder: str) -> dict[tuple[str, str], list[str]]:
        """Return the absolute paths of the files of a folder by what they give, in order."""
        if folder not in self._givers:
            found: dict[tuple[str, str], list[str]] = {}
            for name in sorted(self.folders.get(folder, ())):
                path = os.path.join(folder, name)
                for entry in self._given(path):
                    found.setdefault(entry, []).append(path)
            self._givers[folder] = found
        return self._givers[folder]

    # -- what Compose finds by itself

    def default(self, folder: str) -> Default | None:
        """Return what Compose loads in a folder that has a base file or a `.env` with COMPOSE_FILE."""
        if folder not in self._defaults:
            own = self._variable(folder, ".env")
            self._defaults[folder] = own or self._default_files(folder)
        return self._defaults[folder]

    def _default_files(self, folder: str) -> Default | None:
        names = self.folders.get(folder, ())
        base = next((name for name in BASES if name in names), None)
        if base is None:
            return None
        override = next((name for name in OVERRIDES if name in names), None)
        if override is None:
            return Default((os.path.join(folder, base),), "default file")
        files = (os.path.join(folder, base), os.path.join(folder, override))
        return Default(files, "default files")

    def copied(self, folder: str) -> list[Default]:
        """Return what COMPOSE_FILE of env files that people are to copy to `.env` names."""
        env = os.path.join(folder, ".env")
        if self.files.exists(env):
            return []
        found = []
        for name in self.files.listdir(folder) or ():
            if "env" in name and guess(name).kind is None:
                words = set(_TOKEN.split(name.lower()))
                if "env" in words and words & _COPIED:
                    made = self._variable(folder, name)
                    if made is not None:
                        found.append(made._replace(env_files=None))
        return found

    def _variable(self, folder: str, name: str) -> Default | None:
        """Return what COMPOSE_FILE of an env file names, as far as it is there."""
        path = os.path.join(folder, name)
        source = self.files.read(path, Kind.ENV_FILE)
        if source is None or "COMPOSE_FILE" not in source.text:
            return None
        from volint.assemble.compose import compose_file_variable

        named = [
            os.path.normpath(os.path.join(folder, file)) for file in compose_file_variable(source)
        ]
        there = tuple(file for file in dict.fromkeys(named) if self.get(file) is not None)
        if not there:
            return None
        reason = f"COMPOSE_FILE in {source.path}"
        absent = [self.files.display(file) for file in named if file not in there]
        if absent:
            reason += f", without '{absent[0]}', which is not there"
        own = os.path.join(os.path.dirname(there[0]), ".env")
        if own == path:
            return Default(there, reason)
        # Compose reads `.env` of the folder it is run in, then that of the project directory.
        env_files = (own, path) if self.files.isfile(own) else (path,)
        return Default(there, reason, env_files)
