"""The files of a build context: which Docker sends, and which of them a COPY or ADD takes."""

from __future__ import annotations

import os
from bisect import bisect_left
from typing import TYPE_CHECKING

from volint.assemble.copysources import SourceKind, copy_sources
from volint.model import ContextFile, StepKind
from volint.parse.dockerignore import Dockerignore, parse_patterns
from volint.parse.gopath import BadPatternError, match, path_clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.assemble.copysources import CopySource
    from volint.files import Files
    from volint.model import Stage, Step

__all__ = ["MOST_ENTRIES", "Context"]

MOST_ENTRIES = 200_000
"""Files and directories that are looked at in one context before the walk stops."""

_LFS_HEAD = b"version https://git-lfs.github.com/spec/"
_LFS_SIZES = range(100, 1024)


class Context:
    """The files of one context, read when first asked for: a `volint.model.ContextFiles`."""

    def __init__(
        self,
        files: Files,
        root: str,
        ignore: Dockerignore | None = None,
        *,
        most_entries: int = MOST_ENTRIES,
    ) -> None:
        self._files = files
        self._root = root
        self._ignore = ignore or Dockerignore(())
        self._most_entries = most_entries
        self._sent: tuple[ContextFile, ...] | None = None
        self._all: tuple[ContextFile, ...] | None = None
        self._paths: list[str] = []
        self._unseen = ""

    def sent(self) -> Sequence[ContextFile]:
        """Return the files that Docker sends, sorted: all that the ignore file does not exclude."""
        if self._sent is None:
            self._sent = self._walked(excluded_too=False)
            self._paths = [file.path for file in self._sent]
        return self._sent

    def all(self) -> Sequence[ContextFile]:
        """Return all files below the root, sorted, excluded ones too; `.git` is one entry."""
        if self._all is None:
            self._all = self._walked(excluded_too=True)
        return self._all

    def is_ignored(self, path: str) -> bool:
        """Return whether the ignore file excludes a path relative to the root, there or not."""
        return self._ignore.excluded(path_clean("/" + path)[1:])

    def kind(self, path: str) -> str | None:
        """Return what a path relative to the root is: 'file', 'directory', 'link'; None if it is not there."""
        full = os.path.join(self._root, path)
        if os.path.islink(full):
            return "link"
        if not os.path.exists(full) or not self._files.is_allowed(full):
            return None
        return "directory" if os.path.isdir(full) else "file"

    def is_tracked(self, path: str) -> bool | None:
        """Return whether git tracks a path relative to the root; None without git."""
        return self._files.is_tracked(os.path.join(self._root, path))

    def head(self, path: str, length: int) -> bytes | None:
        """Return the first bytes of a file of the context; None where it cannot be read."""
        return self._files.head(os.path.join(self._root, path), length)

    def unseen(self) -> str:
        """Return why what was asked so far is not all that is there, as a clause; '' if it is."""
        return self._unseen

    # -- the walk ------------------------------------------------------------------------------

    def _walked(self, *, excluded_too: bool) -> tuple[ContextFile, ...]:
        return tuple(sorted(self._walk(excluded_too)))

    def _walk(self, excluded_too: bool) -> Iterator[ContextFile]:
        ignore = self._ignore
        pending = [("", 0, self._uses_lfs_above())]
        left = self._most_entries
        while pending:
            directory, state, lfs = pending.pop()
            try:
                with os.scandir(os.path.join(self._root, directory)) as listing:
                    entries = list(listing)
            except OSError as error:
                self._unseen = f"'{directory or '.'}' cannot be read: {error.strerror}"
                continue
            if not lfs and any(entry.name == ".gitattributes" for entry in entries):
                lfs = self._names_lfs(os.path.join(self._root, directory))
            for entry in entries:
                left -= 1
                if left < 0:
                    self._unseen = f"it holds more than {self._most_entries:,} files"
                    return
                path = f"{directory}/{entry.name}" if directory else entry.name
                excluded, below = ignore.step(path, state)
                if entry.is_dir(follow_symlinks=False) and path != ".git":
                    if excluded_too or not (excluded and ignore.prunes(path)):
                        pending.append((path, below, lfs))
                elif excluded_too or not excluded:
                    yield self._file(entry, path, lfs)

    def _file(self, entry: os.DirEntry[str], path: str, lfs: bool) -> ContextFile:
        try:
            size = entry.stat(follow_symlinks=False).st_size
        except OSError:
            size = 0
        if entry.is_symlink():
            return ContextFile(path, size, is_link=True, leaves=self._leaves(entry.path))
        if entry.is_dir(follow_symlinks=False):
            return ContextFile(path, 0, is_directory=True)
        if lfs and size in _LFS_SIZES:
            size = _pointed_size(self._files.head(entry.path, 1024)) or size
        return ContextFile(path, size)

    def _leaves(self, link: str) -> bool:
        root = os.path.realpath(self._root)
        real = os.path.realpath(link)
        return real != root and not real.startswith(root.rstrip(os.sep) + os.sep)

    def _uses_lfs_above(self) -> bool:
        """Return whether git keeps any files of the root's parents in LFS."""
        top = self._files.git_root(os.path.join(self._root, ".git"))
        directory = self._root
        while top is not None and directory != top and len(directory) > len(top):
            directory = os.path.dirname(directory)
            if self._names_lfs(directory):
                return True
        return False

    def _names_lfs(self, directory: str) -> bool:
        source = self._files.read(os.path.join(directory, ".gitattributes"))
        return source is not None and "filter=lfs" in source.text

    # -- what an instruction takes -------------------------------------------------------------

    def copied(self, stage: Stage, step: Step) -> Sequence[ContextFile]:
        """Return the files that a COPY or ADD step takes from the context, sorted.

        Nothing for sources in other stages, images, named contexts, here-documents and at URLs.
        """
        if step.kind not in (StepKind.COPY, StepKind.ADD):
            return ()
        excluded = step.flags.get("exclude", ())
        exclude = parse_patterns(tuple(text.value for text in excluded)) if excluded else None
        taken: dict[str, ContextFile] = {}
        for source in copy_sources(step):
            if source.kind is SourceKind.CONTEXT:
                for file, inner in self._taken(source):
                    if exclude is None or not exclude.excluded(inner):
                        taken[file.path] = file
        return tuple(taken[path] for path in sorted(taken))

    def _taken(self, source: CopySource) -> Iterator[tuple[ContextFile, str]]:
        """Yield the files of a source, with the path that --exclude is compared with."""
        root = source.root.strip("/")
        if source.parents:
            chosen = parse_patterns((source.pattern,)) if source.pattern else None
            for file in self._below(root):
                inner = file.path[len(root) + 1 :] if root else file.path
                if chosen is None or chosen.excluded(inner):
                    yield file, inner
            return
        base, pattern = _split_wildcards(source.pattern)
        base = f"{root}/{base}".strip("/")
        depth = pattern.count("/") + 1
        for file in self._below(base):
            inner = file.path[len(base) + 1 :] if base else file.path
            if not pattern:
                yield file, inner or file.path.rpartition("/")[2]
                continue
            parts = inner.split("/")
            try:
                if len(parts) < depth or not match(pattern, "/".join(parts[:depth])):
                    continue
            except BadPatternError:
                return
            yield file, "/".join(parts[depth:]) or parts[-1]

    def _below(self, path: str) -> Iterator[ContextFile]:
        """Yield the sent files at or below a path; '' is the root."""
        sent = self.sent()
        if not path:
            yield from sent
            return
        at = bisect_left(self._paths, path)
        if at < len(sent) and sent[at].path == path:
            yield sent[at]
        inside = path + "/"
        for index in range(bisect_left(self._paths, inside), len(sent)):
            if not sent[index].path.startswith(inside):
                return
            yield sent[index]


def _split_wildcards(path: str) -> tuple[str, str]:
    """Split a source before its first component with a wildcard; an escaped one is none."""
    parts = path.split("/")
    for index, part in enumerate(parts):
        escaped = False
        for char in part:
            if char in "*?[" and not escaped:
                return "/".join(parts[:index]), "/".join(parts[index:])
            escaped = char == "\\" and not escaped
    return path, ""


def _pointed_size(head: bytes | None) -> int | None:
    """Return the size that a Git LFS pointer names; None if it is no pointer."""
    if head is None or not head.startswith(_LFS_HEAD):
        return None
    for line in head.split(b"\n"):
        if line.startswith(b"size ") and line[5:].isdigit():
            return int(line[5:])
    return None
