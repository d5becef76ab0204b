"""Relative paths of a project made absolute, the way Compose does it once for a whole project.

Source of the behaviour: compose-go 2.14, paths/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.report import container_of
from volint.assemble.compose.values import Map, Scalar, Seq, ShortMount, plain
from volint.parse.mountspec import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.assemble.compose.report import Path, Report
    from volint.assemble.compose.values import Value

__all__ = ["Places", "is_remote", "is_remote_context", "is_windows_path", "join", "resolve_paths"]

_REMOTE_CONTEXTS = ("https://", "http://", "git://", "ssh://", "github.com/", "git@")
_REMOTE = (*_REMOTE_CONTEXTS, "oci://", "git+ssh://")


def join(*parts: str) -> str:
    """Return paths joined and cleaned, as Go's filepath.Join does: empty parts count for nothing."""
    kept = [part for part in parts if part]
    return clean("/".join(kept)) if kept else ""


def is_windows_path(text: str) -> bool:
    """Return whether a path is absolute on Windows."""
    if text[1:2] == ":":
        return text[0].isascii() and text[2:3] in ("\\", "/")
    return text[:1] in ("\\", "/") and (text[1:2] in ("\\", "/") or text.startswith("\\??\\"))


def is_remote(text: str) -> bool:
    """Return whether `extends` and `include` fetch a reference from elsewhere."""
    return text.startswith(_REMOTE)


def is_remote_context(text: str) -> bool:
    """Return whether a build context is no directory of this machine."""
    return "://" in text or text.startswith("service:") or text.startswith(_REMOTE_CONTEXTS)


class Places:
    """A directory that relative paths start from, and the home directory if it is known."""

    __slots__ = ("base", "home")

    def __init__(self, base: str, home: str | None) -> None:
        self.base = base
        self.home = home

    def expand(self, text: str) -> str | None:
        """Return a path with its leading '~' replaced; None if the home directory is not known."""
        if not text.startswith("~"):
            return text
        return None if self.home is None else join(self.home, text[1:])

    def path(self, text: str) -> str | None:
        """Return the absolute path of an env file or a folder to watch."""
        expanded = self.expand(text)
        if not expanded or expanded.startswith("/"):
            return expanded
        return join(self.base, expanded)

    def source(self, text: str) -> str | None:
        """Return the absolute path of a bind's source or a secret's file; Windows paths stay."""
        expanded = self.expand(text)
        if expanded is None or expanded.startswith("/") or is_windows_path(expanded):
            return expanded
        return join(self.base, expanded)

    def context(self, text: str) -> str | None:
        """Return the absolute path of a build context; what is remote stays."""
        return text if is_remote_context(text) else self.path(text)


def _maps(value: Value | None) -> Iterator[tuple[str, Map]]:
    if isinstance(value, Map):
        for name, item in value.entries.items():
            if isinstance(item, Map):
                yield name, item


def _set(value: Value | None, resolver: str, places: Places) -> None:
    if not isinstance(value, Scalar) or value.unresolved or not isinstance(value.data, str):
        return
    known = value.resolved
    value.resolved = getattr(places, resolver)(value.data if known is None else known)


def resolve_paths(tree: Map, places: Places, report: Report) -> None:
    """Set `resolved` of everything in a project that names a place on this machine.

    A value resolved before, against the directory of another file, is resolved further if it is
    still relative.
    """
    for name, service in _maps(tree.entries.get("services")):
        _service(service, ("services", name), places, report)
    for section in ("secrets", "configs"):
        for _, item in _maps(tree.entries.get(section)):
            _set(item.entries.get("file"), "source", places)
    for _, volume in _maps(tree.entries.get("volumes")):
        driver, options = volume.entries.get("driver"), volume.entries.get("driver_opts")
        if isinstance(driver, Scalar) and driver.data == "local" and isinstance(options, Map):
            kind = options.entries.get("o")
            if isinstance(kind, Scalar) and kind.data == "bind":
                _set(options.entries.get("device"), "source", places)


def _service(service: Map, path: Path, places: Places, report: Report) -> None:
    entries = service.entries
    volumes = entries.get("volumes")
    if isinstance(volumes, Seq):
        for item in volumes.items:
            if isinstance(item, ShortMount):
                if item.spec.kind == "bind" and not _unknown_source(item):
                    source = item.resolved
                    item.resolved = places.source(
                        str(item.spec.source) if source is None else source
                    )
            elif isinstance(item, Map):
                _long_mount(item, path, places, report)
    build = entries.get("build")
    if isinstance(build, Map):
        _set(build.entries.get("context"), "context", places)
        contexts = build.entries.get("additional_contexts")
        if isinstance(contexts, Map):
            for value in contexts.entries.values():
                _set(value, "context", places)
    for key in ("env_file", "label_file"):
        files = entries.get(key)
        if isinstance(files, Seq):
            for item in files.items:
                _set(item.entries.get("path") if isinstance(item, Map) else item, "path", places)
    extends = entries.get("extends")
    if isinstance(extends, Map):
        file = extends.entries.get("file")
        if isinstance(file, Scalar) and not is_remote(str(file.data)):
            _set(file, "path", places)
    develop = entries.get("develop")
    watch = develop.entries.get("watch") if isinstance(develop, Map) else None
    if isinstance(watch, Seq):
        for item in watch.items:
            if isinstance(item, Map):
                _set(item.entries.get("path"), "path", places)


def _unknown_source(item: ShortMount) -> bool:
    if not item.scalar.unresolved:
        return False
    start, end = item.spec.fields[0]
    return bool(item.scalar.word.unresolved(start, end))


def _long_mount(item: Map, path: Path, places: Places, report: Report) -> None:
    kind = item.entries.get("type")
    if not isinstance(kind, Scalar) or kind.data != "bind":
        return
    source = item.entries.get("source")
    if source is not None:
        _set(source, "source", places)
        return
    target = item.entries.get("target")
    report.refuse(
        "VL601",
        "A bind mount has no 'source'"
        if not isinstance(target, Scalar)
        else f"The bind mount at '{plain(target.data)}' has no 'source'",
        item.span,
        "add 'source: PATH', or write 'type: volume' for an anonymous volume",
        container=container_of(path),
    )
