"""The one object that reads files and asks git, for everything that is assembled.

It keeps to the allowed roots, symbolic links followed, touches each file once, and says why it did
not read what it did not read.
"""

from __future__ import annotations

import os
import stat
from errno import EACCES, EISDIR, ELOOP, EPERM
from typing import TYPE_CHECKING, TypeVar, cast

from volint.source import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from volint.git import Repository

__all__ = ["MAX_SIZE", "Files", "allowed_roots", "git_root"]

MAX_SIZE = 10 * 1000 * 1000
"""Bytes a file may have to be read, unless the configuration says otherwise."""

_T = TypeVar("_T")
_BOM = b"\xef\xbb\xbf"
_OUTSIDE = "it lies outside of the directories that volint was asked to look at"
_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def git_root(path: str) -> str | None:
    """Return the nearest directory at or above an absolute path that holds `.git`, or None."""
    while True:
        if os.path.lexists(os.path.join(path, ".git")):
            return path
        parent = os.path.dirname(path)
        if parent == path:
            return None
        path = parent


def allowed_roots(paths: Iterable[str]) -> tuple[str, ...]:
    """Return what may be read for some absolute start paths.

    Of each: the top of its git work tree, or the directory itself (of a file, the one it is in).
    """
    roots: dict[str, None] = {}
    for path in paths:
        directory = path if os.path.isdir(path) else os.path.dirname(path)
        roots[git_root(directory) or directory] = None
    return tuple(roots)


class Files:
    """Reads files below some roots. All paths it takes are absolute."""

    def __init__(self, roots: Sequence[str], cwd: str, *, max_size: int = MAX_SIZE) -> None:
        self.cwd = cwd
        self.roots = tuple(map(os.path.normpath, roots))
        self.max_size = max_size
        self._real_roots = tuple(dict.fromkeys(os.path.realpath(root) for root in roots))
        self.looked: set[str] | None = None
        """Where it is a set, the paths that are asked for are added to it, there or not."""
        self._directories: dict[str, bool] = {}
        self._sources: dict[tuple[str, Kind], Source] = {}
        self._texts: dict[str, str | None] = {}
        self._marked: set[str] = set()
        self._problems: dict[str, tuple[str, str]] = {}
        self._edited: Mapping[str, str] = {}
        self._made: dict[object, object] = {}
        self._reals: dict[str, str] = {}
        self._git_roots: dict[str, str | None] = {}
        self._repositories: dict[str, Repository] = {}

    # -- paths ---------------------------------------------------------------------------------

    def display(self, path: str) -> str:
        """Return a path as shown to a person: relative to the working directory, with '/'."""
        cwd = self.cwd
        if path.startswith(cwd) and path[len(cwd) : len(cwd) + 1] == os.sep:
            shown = path[len(cwd) + 1 :] or "."
        elif path == cwd:
            return "."
        else:
            try:
                shown = os.path.relpath(path, cwd)
            except ValueError:  # another drive on Windows
                shown = path
        return shown if os.sep == "/" else shown.replace(os.sep, "/")

    def is_allowed(self, path: str) -> bool:
        """Return whether a path, its symbolic links followed, lies within the roots."""
        return self._look(path)[0]

    def _look(self, path: str) -> tuple[bool, os.stat_result | None]:
        """Return whether a path lies within the roots, and what it is, links followed; None if absent."""
        if self.looked is not None:
            self.looked.add(path)
        directory = os.path.dirname(path)
        inside = self._directories.get(directory)
        if inside is None:
            inside = self._directories[directory] = self._within(self._real(directory))
        status = _stat(path, follow=False)
        is_link = status is not None and stat.S_ISLNK(status.st_mode)
        if inside and not is_link:
            return True, status
        # A root itself has a parent that is outside.
        if not self._within(os.path.realpath(path)):
            return False, None
        return True, _stat(path) if is_link else status

    def _real(self, directory: str) -> str:
        """Return the real path of an absolute directory, each folder of it looked at once."""
        if os.name != "posix":
            return os.path.realpath(directory)
        below: list[str] = []
        at = directory
        while at not in self._reals:
            above, name = os.path.split(at)
            if name in ("", ".", "..") or _is_link(at):
                self._reals[at] = os.path.realpath(at)
                break
            below.append(at)
            at = above
        real = self._reals[at]
        for folder in reversed(below):
            real = self._reals[folder] = os.path.join(real, os.path.basename(folder))
        return real

    def real_path(self, path: str) -> str:
        """Return the real path of an absolute path, its folder looked at once."""
        if _is_link(path):
            return os.path.realpath(path)
        folder, name = os.path.split(path)
        return os.path.join(self._real(folder), name)

    def _within(self, real: str) -> bool:
        for root in self._real_roots:
            if real == root or real.startswith(root if root.endswith(os.sep) else root + os.sep):
                return True
        return False

    # -- content -------------------------------------------------------------------------------

    def read(self, path: str, kind: Kind = Kind.OTHER) -> Source | None:
        """Return a file's source, or None where it is absent or `problem` says why not.

        The first kind asked for sticks, but for OTHER, which any kind answers.
        """
        found = self._sources.get((path, kind))
        if found is not None:
            return found
        if path in self._texts:
            text = self._texts[path]
        else:
            text = self._texts[path] = self._load(path)
        if text is None:
            return None
        marked = path in self._marked
        source = Source(self.display(path), text, kind, path, byte_order_mark=marked)
        self._sources[path, kind] = source
        if kind is not Kind.OTHER:
            self._sources.setdefault((path, Kind.OTHER), source)
        return source

    def sources(self) -> Iterable[Source]:
        """Return all texts that were read so far; one that was read as two kinds is two."""
        return self._sources.values()

    def problem(self, path: str) -> str | None:
        """Return why a path could not be read, as a clause ("it is a directory"); None if absent or fine."""
        return self._why(path)[0]

    def advice(self, path: str) -> str:
        """Return what to do about a path that could not be read, as an imperative; '' without a problem."""
        return self._why(path)[1]

    def _why(self, path: str) -> tuple[str | None, str]:
        if path not in self._texts:
            self._texts[path] = self._load(path)
        return self._problems.get(path, (None, ""))

    def _load(self, path: str) -> str | None:
        if self._edited:
            text = self._edited.get(self.real_path(path))
            if text is not None:
                return self._bounded(path, text)
        data = self._bytes(path, self.max_size)
        if data is None:
            return None
        if data.startswith(_BOM):
            data = data[3:]
            self._marked.add(path)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._problems[path] = (
                f"it is not UTF-8 text (byte 0x{data[error.start]:02x} at offset {error.start})",
                "save it as UTF-8",
            )
            return None

    def _bytes(self, path: str, limit: int) -> bytes | None:
        """Return the content, or None; the reason goes to the problems, absence has none."""
        if not self.is_allowed(path):
            self._problems[path] = (_OUTSIDE, "run volint on a directory that holds both")
            return None
        try:
            descriptor = self._open(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            self._problems[path] = (_reason(error), "make it readable")
            return None
        try:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                self._problems[path] = ("it is a directory", "name a file")
                return None
            if not stat.S_ISREG(status.st_mode):
                self._problems[path] = ("it is no regular file", "name a regular file")
                return None
            if status.st_size > limit:
                self._problems[path] = _too_long(status.st_size, limit)
                return None
            with os.fdopen(descriptor, "rb", closefd=False) as stream:
                return stream.read(limit + 1)
        except OSError as error:
            self._problems[path] = (_reason(error), "make it readable")
            return None
        finally:
            os.close(descriptor)

    @staticmethod
    def _open(path: str) -> int:
        """Open a path that `is_allowed`; a link is opened through its real path."""
        try:
            return os.open(path, _OPEN | _NOFOLLOW)
        except OSError as error:
            if error.errno != ELOOP:
                raise
        return os.open(os.path.realpath(path), _OPEN | _NOFOLLOW)

    def head(self, path: str, length: int) -> bytes | None:
        """Return the first bytes of a file; None where it cannot be read."""
        if self._edited:
            text = self._edited.get(self.real_path(path))
            if text is not None:
                return text[:length].encode("utf-8", "surrogatepass")[:length]
        if not self.is_allowed(path):
            return None
        try:
            descriptor = self._open(path)
        except (OSError, ValueError):
            return None
        try:
            return os.read(descriptor, length)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def _bounded(self, path: str, text: str) -> str | None:
        """Return a text that is no longer than a file may be; None, with the reason kept, for one that is."""
        if len(text) * 4 > self.max_size:
            size = len(text.encode("utf-8", "surrogatepass"))
            if size > self.max_size:
                self._problems[path] = _too_long(size, self.max_size)
                return None
        return text

    def put(self, path: str, text: str) -> None:
        """Let an absolute path have this text, whatever is on disk: an editor's unsaved file."""
        if self._edited:
            text = self._edited.get(os.path.realpath(path), text)
        self._texts[path] = self._bounded(path, text)
        self._sources.pop((path, Kind.OTHER), None)

    def edited(self, texts: Mapping[str, str]) -> Files:
        """Return the same files with other texts for some, given by their real paths, there or not.

        Texts of an earlier edit stay. What was read of the others is shared; what git and the disk say of
        files stays as it is.
        """
        files = type(self)(self.roots, self.cwd, max_size=self.max_size)
        files._edited = {**self._edited, **texts}
        files._directories = self._directories
        files._reals = self._reals
        files._git_roots = self._git_roots
        files._repositories = self._repositories
        files._marked = set(self._marked)
        changed = {path for path in self._texts if self.real_path(path) in texts}
        files._texts = {path: text for path, text in self._texts.items() if path not in changed}
        files._sources = {
            key: source for key, source in self._sources.items() if key[0] not in changed
        }
        files._problems = dict(self._problems)
        return files

    def unsaved(self) -> list[str]:
        """Return the real paths of the edited texts that are in no file yet, sorted."""
        return sorted(path for path in self._edited if not os.path.lexists(path))

    def forget(self, path: str) -> None:
        """Drop the text of a file that turned out to be none of ours."""
        self._texts.pop(path, None)
        self._sources.pop((path, Kind.OTHER), None)

    def memo(self, key: object, make: Callable[[], _T]) -> _T:
        """Return what `make` makes of files read here, made once for equal keys.

        The key begins with a word that says what it is, so that it also tells the type.
        """
        if key not in self._made:
            self._made[key] = make()
        return cast("_T", self._made[key])

    # -- existence -----------------------------------------------------------------------------

    def exists(self, path: str) -> bool | None:
        """Return whether a path is there, links followed; None outside of the roots."""
        inside, status = self._look(path)
        return status is not None if inside else None

    def isdir(self, path: str) -> bool | None:
        """Return whether a path is a directory; None outside of the roots."""
        inside, status = self._look(path)
        return status is not None and stat.S_ISDIR(status.st_mode) if inside else None

    def isfile(self, path: str) -> bool | None:
        """Return whether a path is a regular file; None outside of the roots."""
        inside, status = self._look(path)
        return status is not None and stat.S_ISREG(status.st_mode) if inside else None

    def size(self, path: str) -> int | None:
        """Return the bytes of a file; None where it is absent or outside of the roots."""
        status = self._look(path)[1]
        return None if status is None else status.st_size

    def listdir(self, path: str) -> tuple[str, ...] | None:
        """Return the sorted names in a directory; None where it cannot be read or is outside."""
        if not self.is_allowed(path):
            return None
        try:
            return tuple(sorted(os.listdir(path)))
        except (OSError, ValueError):
            return None

    # -- git -----------------------------------------------------------------------------------

    def git_root(self, path: str) -> str | None:
        """Return the top of the git work tree a path is in, or None."""
        directory = os.path.dirname(path)
        known = self._git_roots
        if directory in known:
            return known[directory]
        below: list[str] = []
        root: str | None = None
        while directory not in known:
            below.append(directory)
            parent = os.path.dirname(directory)
            if os.path.lexists(os.path.join(directory, ".git")):
                root = directory
                break
            if parent == directory:
                break
            directory = parent
        else:
            root = known[directory]
        known.update(dict.fromkeys(below, root))
        return root

    def root_of(self, path: str) -> str | None:
        """Return the top of the project that an absolute path is in: of its git work tree, else the root it is below."""
        found = self.git_root(path)
        if found is None:
            above = [root for root in self.roots if path.startswith(root.rstrip(os.sep) + os.sep)]
            found = max(above, key=len, default=None)
        return found

    def repository(self, path: str) -> Repository | None:
        """Return the git work tree a path is in, or None."""
        root = self.git_root(path)
        if root is None:
            return None
        found = self._repositories.get(root)
        if found is None:
            from volint.git import Repository

            found = self._repositories[root] = Repository(root)
        return found

    def mistrusted(self) -> list[str]:
        """Return the git work trees that git did not answer for because they belong to somebody else."""
        return [root for root, found in self._repositories.items() if found.mistrusted]

    def listing(self, directory: str) -> tuple[str, ...] | None:
        """Return what git does not ignore below a directory (`Repository.listing`); None without git."""
        repository = self.repository(os.path.join(directory, "."))
        return None if repository is None else repository.listing(directory)

    def is_tracked(self, path: str) -> bool | None:
        """Return whether git tracks a file, or anything below a directory; None without git."""
        repository = self.repository(path)
        return None if repository is None else repository.is_tracked(path)

    def is_ignored(self, path: str) -> bool | None:
        """Return whether git ignores a path, there or not; None without git."""
        repository = self.repository(path)
        return None if repository is None else repository.are_ignored((path,))[path]

    def are_ignored(self, paths: Iterable[str]) -> dict[str, bool | None]:
        """Return for many paths what `is_ignored` would, with one question per repository."""
        answers: dict[str, bool | None] = {}
        groups: dict[str, list[str]] = {}
        for path in paths:
            answers[path] = None
            root = self.git_root(path)
            if root is not None:
                groups.setdefault(root, []).append(path)
        for members in groups.values():
            repository = self.repository(members[0])
            if repository is not None:
                answers.update(repository.are_ignored(members))
        return answers


def _stat(path: str, *, follow: bool = True) -> os.stat_result | None:
    try:
        return os.stat(path, follow_symlinks=follow)
    except (OSError, ValueError):
        return None


def _is_link(path: str) -> bool:
    status = _stat(path, follow=False)
    return status is not None and stat.S_ISLNK(status.st_mode)


def _too_long(size: int, limit: int) -> tuple[str, str]:
    return (
        f"it is {size:,} bytes long, and volint reads at most {limit:,}",
        "raise 'max-file-size' in the configuration",
    )


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        if error.errno in (EACCES, EPERM):
            return "permission to read it is denied"
        if error.errno == EISDIR:
            return "it is a directory"
        if error.errno == ELOOP:
            return "its symbolic links run in a circle"
        return f"the system says '{error.strerror}'"
    return "its path holds a null character"
