"""Host paths that give a container more than it should have. The paths are in hostpaths.txt."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase

from volint.lazy import regex
from volint.record import NamedTuple

__all__ = ["HostPath", "HostPaths", "normalized"]

_SEVERITIES = frozenset(("critical", "high", "medium", "low", "info"))
_VIEWS = ("/host", "/hostfs", "/rootfs", "/host_root", "/host/root", "/host/rootfs", "/mnt/host")
_DRIVE = regex(r"(?:/{1,2}|)([A-Za-z]):/")
_HOME = regex(
    r"(?:\$HOME|\$\{HOME\}|\$\{?USERPROFILE\}?|%USERPROFILE%|~[a-z_][a-z0-9_-]*|~|/root|/home/[^/]+|/Users/[^/]+"
    r"|[A-Z]:/Users/[^/]+|/mnt/[a-z]/Users/[^/]+)(?=/|$)"
)


class HostPath(NamedTuple):
    """A sensitive path of the host."""

    path: str
    """The path as the knowledge names it."""
    severity: str
    """'critical', 'high', 'medium', 'low' or 'info'."""
    kind: str
    """'socket', 'socket-parent', 'system', 'home', 'credentials', 'secrets', 'disk', 'engine' ..."""
    read_only_helps: bool
    """Whether mounting it read-only takes away most of the risk."""
    why: str
    """What it gives away, as a clause."""


def normalized(path: str) -> str:
    """Return a host path in one form: '/' as separator, no final one, 'C:/x', homes as '~'."""
    path = path.strip().replace("\\", "/")
    if path.startswith(("//./pipe", "//?/")):
        return path
    drive = _DRIVE.match(path + "/") if ":" in path else None
    if drive:
        path = f"{drive[1].upper()}:/{path[drive.end() :]}"
    elif "//" not in path:
        pass
    elif re.match(r"//[a-z]/", path + "/"):
        path = f"{path[2].upper()}:/{path[4:]}"
    else:
        path = re.sub("/{2,}", "/", path)
    while "/./" in path:
        path = path.replace("/./", "/")
    if len(path) > 1 and not path.endswith(":/"):
        path = path.rstrip("/") or "/"
    return path


class HostPaths:
    """The look-ups: exact paths and listed children, never a mere test for parents."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._exact: dict[str, HostPath | None] = {}
        self._trees: dict[str, HostPath | None] = {}
        self._names: dict[str, list[tuple[str, HostPath | None]]] = {}
        self._sockets: dict[str, HostPath] = {}
        self._found: dict[str, tuple[bool, HostPath | None]] = {}
        for text in texts:
            for line in text.split("\n"):
                if line and line[0] != "#":
                    self._line(line)

    def _line(self, line: str) -> None:
        fields, _, why = line.partition(" # ")
        severity, *words = fields.split()
        entry: HostPath | None = None
        if severity in _SEVERITIES:
            kind, *words = words
            entry = HostPath("", severity, kind, "ro" in words, why)
        elif severity != "harmless":
            raise ValueError(f"host path knowledge: unknown severity {severity!r}")
        for word in words:
            if word == "ro":
                continue
            value = entry._replace(path=word.removesuffix("/**")) if entry is not None else None
            if word.endswith("/**"):
                self._trees[word[:-3]] = value
                self._exact[word[:-3]] = value
            elif "*" in word:
                directory, _, _ = word.partition("*")[0].rpartition("/")
                self._names.setdefault(directory, []).append((word, value))
            elif "/" not in word and word != "~" and value is not None:
                self._sockets[word] = value
            else:
                self._exact[word] = value

    def sensitive(self, path: str) -> HostPath | None:
        """Return what is known of a host path; None if it is harmless or not listed."""
        return self._find(path)[1]

    def is_harmless(self, path: str) -> bool:
        """Return whether a host path is listed as harmless."""
        listed, entry = self._find(path)
        return listed and entry is None

    def socket(self, path: str) -> HostPath | None:
        """Return the entry of a container engine's control socket; also of its path in a container.

        `${DOCKER_SOCK}` and other unresolved sources are not known here: look at the target, too.
        """
        found = self._find(path)[1]
        if found is not None and found.kind == "socket":
            return found
        return self._sockets.get(normalized(path).rpartition("/")[2])

    @staticmethod
    def is_host_view(path: str, target: str) -> bool:
        """Return whether a mount shows a host path at its own place below /host, /rootfs and the like.

        That is how agents that watch the host are given it; they need no more than to read it.
        """
        path = normalized(path)
        return any(target.rstrip("/") == (root + path).rstrip("/") for root in _VIEWS)

    def _find(self, path: str) -> tuple[bool, HostPath | None]:
        """Return whether a path is listed, and its entry; several rules ask about each."""
        found = self._found.get(path)
        if found is None:
            found = self._found[path] = self._search(normalized(path))
        return found

    def _search(self, path: str) -> tuple[bool, HostPath | None]:
        # '/root' is a path of its own, and a home.
        forms = [path]
        home = _HOME.match(path)
        if home is not None:
            forms.append("~" + path[home.end() :])
        for form in forms:
            if form in self._exact:
                return True, self._exact[form]
            found = self._below(form)
            if found is not None:
                return found
        return False, None

    def _below(self, path: str) -> tuple[bool, HostPath | None] | None:
        directory = path
        while "/" in directory:
            directory = directory.rpartition("/")[0]
            for glob, entry in self._names.get(directory, ()):
                if glob.count("/") == path.count("/") and fnmatchcase(path, glob):
                    return True, entry
            if directory in self._trees:
                return True, self._trees[directory]
        return None


def shipped() -> str:
    """Return the text of hostpaths.txt."""
    path = os.path.join(os.path.dirname(__file__), "hostpaths.txt")
    with open(path, encoding="utf-8") as stream:
        return stream.read()
