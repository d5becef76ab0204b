"""The files of a build context: which Docker sends, and which of them a COPY or ADD takes.

What is sent follows BuildKit's walk (fsutil, moby/patternmatcher), what a COPY takes its copier
(fsutil/copy, dockerfile2llb/convert_copy.go, v0.32): wildcards are Go's filepath.Match, symbolic links
are followed where a source names one and copied as links below a directory, `--exclude` has no effect
on files that a source names itself.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.assemble.copysources import SourceKind, copy_sources
from volint.model import ContextFile, StepKind
from volint.parse.dockerignore import Dockerignore, parse_patterns
from volint.parse.gopath import BadPatternError, match, path_clean
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.assemble.copysources import CopySource
    from volint.files import Files
    from volint.model import Stage, Step

__all__ = ["MOST_ENTRIES", "Context", "Tree", "has_wildcard"]

MOST_ENTRIES = 200_000
"""Entries of one context that a walk looks at."""

_FILE, _DIRECTORY, _LINK = "file", "directory", "link"
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_POINTER_SIZES = range(120, 400)
_MOST_LINKS = 40
_NOTHING = Dockerignore(())


class Entry(NamedTuple):
    """A name in a directory."""

    name: str
    """The name."""
    kind: str
    """'file', 'directory' or 'link'; what is none of them is not sent and not listed."""
    size: int = 0
    """Bytes of a file."""
    link: str = ""
    """What a link says."""


class Tree:
    """Directories on disk, each read once and shared by all contexts of a run."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.unreadable: set[str] = set()
        """Absolute directories that could not be read."""
        self._entries: dict[str, dict[str, Entry]] = {}

    def entries(self, directory: str) -> dict[str, Entry]:
        """Return what is in an absolute directory by name, sorted; nothing where it cannot be read."""
        found = self._entries.get(directory)
        if found is None:
            found = self._entries[directory] = self._scan(directory)
        return found

    def _scan(self, directory: str) -> dict[str, Entry]:
        try:
            with os.scandir(directory) as scan:
                found = [entry for item in scan if (entry := self._entry(item)) is not None]
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError):
            self.unreadable.add(directory)
            return {}
        found.sort()
        return {entry.name: entry for entry in found}

    def _entry(self, item: os.DirEntry[str]) -> Entry | None:
        try:
            if item.is_symlink():
                return Entry(item.name, _LINK, 0, os.readlink(item.path))
            if item.is_dir(follow_symlinks=False):
                return Entry(item.name, _DIRECTORY)
            if not item.is_file(follow_symlinks=False):
                return None
            size = item.stat(follow_symlinks=False).st_size
        except OSError:
            return None
        if size in _POINTER_SIZES:
            size = self._pointed_size(item.path, size)
        return Entry(item.name, _FILE, size)

    def _pointed_size(self, path: str, size: int) -> int:
        """Return the size that a Git LFS pointer names; the given one for any other file."""
        head = self.files.head(path, _POINTER_SIZES.stop)
        if head is not None and head.startswith(_POINTER):
            for line in head.split(b"\n"):
                if line.startswith(b"size ") and line[5:].isdigit():
                    return int(line[5:])
        return size


class Context:
    """The files below a context's root, and the ignore file in force (`model.ContextFiles`)."""

    def __init__(
        self,
        tree: Tree,
        root: str,
        ignore: Dockerignore | None = None,
        *,
        most_entries: int = MOST_ENTRIES,
    ) -> None:
        self.root = root
        self._tree = tree
        self._ignore = ignore or _NOTHING
        self._most_entries = most_entries
        self._cut = False
        self._sent: tuple[ContextFile, ...] | None = None
        self._all: tuple[ContextFile, ...] | None = None
        self._copied: dict[tuple[object, ...], tuple[ContextFile, ...]] = {}

    # -- what rules ask

    def sent(self) -> tuple[ContextFile, ...]:
        """Return the files that Docker sends: all that the ignore file does not exclude."""
        if self._sent is None:
            self._sent = tuple(self._below("", self._ignore))
        return self._sent

    def all(self) -> tuple[ContextFile, ...]:
        """Return all files below the root, excluded ones too, `.git` as one directory entry."""
        if self._all is None:
            self._all = tuple(self._below("", _NOTHING))
        return self._all

    def is_ignored(self, path: str) -> bool:
        """Return whether the ignore file excludes a path relative to the root, there or not."""
        return self._ignore.excluded(_relative(path))

    def kind(self, path: str) -> str | None:
        """Return what a path relative to the root is: 'file', 'directory', 'link'; None if it is not there."""
        path = _relative(path)
        if not path:
            return _DIRECTORY
        entry = self._entry(path)
        return entry.kind if entry else None

    def is_tracked(self, path: str) -> bool | None:
        """Return whether git tracks a path relative to the root; None without git."""
        return self._tree.files.is_tracked(self._absolute(path))

    def head(self, path: str, length: int) -> bytes | None:
        """Return the first bytes of a file of the context; None where it cannot be read."""
        return self._tree.files.head(self._absolute(path), length)

    def unseen(self) -> str:
        """Return why what was asked so far is not all that is there, as a clause; '' if it is."""
        if self._cut:
            return (
                f"it holds more than {self._most_entries:,} entries, and the rest was not looked at"
            )
        inside = self.root + os.sep
        for directory in sorted(self._tree.unreadable):
            if directory == self.root or directory.startswith(inside):
                return f"'{self._tree.files.display(directory)}' cannot be read"
        return ""

    def copied(self, stage: Stage, step: Step) -> tuple[ContextFile, ...]:
        """Return the files that a COPY or ADD step of a stage takes from the context, sorted by path.

        Nothing for other instructions, for sources that depend on an unknown variable, and for what comes
        from a stage, an image, a named context, a URL, a repository or a here-document.
        """
        if step.kind not in (StepKind.COPY, StepKind.ADD) or len(step.words) < 2:
            return ()
        key = (step.span, step.words)
        found = self._copied.get(key)
        if found is None:
            taken: dict[str, ContextFile] = {}
            exclude = parse_patterns(tuple(text.value for text in step.flags.get("exclude", ())))
            for source in copy_sources(step):
                if source.kind is SourceKind.CONTEXT and not source.text.unresolved:
                    for file in self._taken(source, exclude):
                        taken.setdefault(file.path, file)
            found = self._copied[key] = tuple(taken[path] for path in sorted(taken))
        return found

    # -- what a source takes

    def _taken(self, source: CopySource, exclude: Dockerignore) -> Iterator[ContextFile]:
        if source.parents:
            root = self._resolve(_relative(source.root))
            if root is not None:
                yield from self._included(root, source.pattern, exclude)
            return
        if has_wildcard(source.pattern):
            parts = source.pattern.split("/")
            fixed = next(index for index, part in enumerate(parts) if has_wildcard(part))
            base = self._resolve("/".join(parts[:fixed]))
            matches = [] if base is None else self._matches(base, parts[fixed:])
        else:
            matches = [source.pattern]
        for path in matches:
            real = self._resolve(path)
            if real is not None:
                yield from self._whole(real, exclude)

    def _whole(self, path: str, exclude: Dockerignore) -> Iterator[ContextFile]:
        """Yield a file, or what is below a directory."""
        entry = self._entry(path)
        if entry is not None and entry.kind != _DIRECTORY:
            if not self._ignore.excluded(path):
                yield _file(path, entry)
            return
        if entry is not None and entry.name == ".git":
            if not self._ignore.excluded(path + "/objects"):
                yield _repository(path)
            return
        yield from self._below(path, self._ignore, exclude)

    def _included(self, root: str, pattern: str, exclude: Dockerignore) -> Iterator[ContextFile]:
        """Yield what `--parents` takes below a root: a pattern of the ignore file's kind."""
        include = parse_patterns((pattern,)) if pattern else None
        for file in self._below(root, self._ignore, exclude):
            path = file.path[len(root) + 1 :] if root else file.path
            if include is None or include.excluded(path):
                yield file

    def _matches(self, base: str, parts: list[str]) -> list[str]:
        """Return the paths below a directory that a wildcard pattern matches, component by component."""
        found = [base]
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            found = [
                f"{directory}/{name}" if directory else name
                for directory in found
                for name, entry in self._tree.entries(self._absolute(directory)).items()
                if (last or entry.kind == _DIRECTORY) and _matches(part, name)
            ]
        return found

    def _resolve(self, path: str) -> str | None:
        """Return a path with its symbolic links followed inside of the context; None if it is not there."""
        left = [part for part in path.split("/") if part]
        done: list[str] = []
        links = 0
        while left:
            name = left.pop(0)
            if name == "..":
                del done[-1:]
                continue
            entry = self._tree.entries(self._absolute("/".join(done))).get(name)
            if entry is None or (left and entry.kind == _FILE):
                return None
            if entry.kind != _LINK:
                done.append(name)
                continue
            links += 1
            if links > _MOST_LINKS or self._ignore.excluded("/".join([*done, name])):
                return None
            if entry.link.startswith("/"):
                done = []
            left = [part for part in entry.link.split("/") if part not in ("", ".")] + left
        return "/".join(done)

    # -- the walk

    def _below(
        self, top: str, ignore: Dockerignore, exclude: Dockerignore = _NOTHING
    ) -> Iterator[ContextFile]:
        """Yield the files below a directory that neither set of patterns excludes.

        The first is compared with paths below the context's root, the second with paths below `top`.
        """
        state = 0
        path = ""
        for part in top.split("/") if top else ():
            path = f"{path}/{part}" if path else part
            _, state = ignore.step(path, state)
        left = self._most_entries
        stack: list[tuple[str, str, int, int]] = [(top, "", state, 0)]
        while stack:
            directory, below, state, other = stack.pop()
            inner: list[tuple[str, str, int, int]] = []
            entries = self._tree.entries(self._absolute(directory))
            left -= len(entries)
            if left < 0:
                self._cut = True
                return
            for name, entry in entries.items():
                path = f"{directory}/{name}" if directory else name
                excluded, passed = ignore.step(path, state)
                if excluded and (entry.kind != _DIRECTORY or ignore.prunes(path)):
                    continue
                short = f"{below}/{name}" if below else name
                mine = other
                if exclude.patterns:
                    left_out, mine = exclude.step(short, other)
                    if left_out and (entry.kind != _DIRECTORY or exclude.prunes(short)):
                        continue
                if entry.kind != _DIRECTORY:
                    yield _file(path, entry)
                elif name != ".git":
                    inner.append((path, short, passed, mine))
                elif not ignore.step(path + "/objects", passed)[0]:
                    yield _repository(path)
            stack.extend(reversed(inner))

    def _entry(self, path: str) -> Entry | None:
        if not path:
            return None
        parent, _, name = path.rpartition("/")
        return self._tree.entries(self._absolute(parent)).get(name)

    def _absolute(self, path: str) -> str:
        return os.path.join(self.root, path) if path else self.root


def has_wildcard(path: str) -> bool:
    """Return whether COPY takes a path for a pattern: an escaped character makes none."""
    at = 0
    while at < len(path):
        if path[at] in "*?[":
            return True
        at += 2 if path[at] == "\\" else 1
    return False


def _matches(pattern: str, name: str) -> bool:
    try:
        return match(pattern, name)
    except BadPatternError:
        return False


def _relative(path: str) -> str:
    """Return a path cleaned against the context's root: '' for the root itself."""
    return path_clean("/" + path)[1:]


def _file(path: str, entry: Entry) -> ContextFile:
    if entry.kind != _LINK:
        return ContextFile(path, entry.size)
    return ContextFile(path, 0, is_link=True, leaves=_leaves(path, entry.link))


def _repository(path: str) -> ContextFile:
    return ContextFile(path, 0, is_directory=True)


def _leaves(path: str, link: str) -> bool:
    """Return whether a link points out of the context, as far as its text says."""
    if link.startswith("/"):
        return True
    depth = path.count("/")
    for part in link.split("/"):
        if part == "..":
            depth -= 1
            if depth < 0:
                return True
        elif part not in ("", "."):
            depth += 1
    return False
