"""`--watch`: waits until something changes that a run looked at, or would have looked at had it been there.

Folders are watched one by one: nothing is spent on `.git`, on folders of dependencies and on what git ignores.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from volint.config.load import NAMES
from volint.discovery import folder_reason
from volint.files import Files, allowed_roots
from volint.kinds import guess

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from volint.model import Build, ContextFiles, NamedContext

__all__ = ["CannotWatch", "Seen", "Watcher"]

_STEP = 50
_DEBOUNCE = 400
_PASSING = ("~", ".swp", ".swx", ".swpx", ".tmp")
_TELLING = frozenset((*NAMES, ".gitignore"))


class CannotWatch(Exception):
    """Files cannot be watched here; the text says why and what to do."""


class Seen:
    """What one run looks at. All paths are absolute."""

    def __init__(self, cwd: str, settings: Mapping[str, Any]) -> None:
        self.since = time.time_ns()
        """When the run began, as the clock of file times counts."""
        self.paths: set[str] = set()
        """Files and folders that it read or asked for, there or not."""
        self.folders: set[str] = set()
        """Folders that it was given to look through."""
        self.contexts: set[str] = set()
        """Folders all of whose files matter: build contexts, and folders of rules."""
        self._of_builds: dict[str, list[ContextFiles]] = {}
        """The files of those that are build contexts, as each build sees them."""
        self.is_whole = False
        """False as long as the run has not come to its projects."""
        given = [
            os.path.abspath(os.path.join(cwd, path))
            for path in settings.get("compose_files") or settings.get("paths") or (".",)
        ]
        for path in given:
            (self.folders if os.path.isdir(path) else self.paths).add(path)
        self.is_there = all(map(os.path.lexists, given))
        """Whether everything is there that was given by name."""
        others = [settings["config"]] if settings.get("config") else []
        others = [
            os.path.abspath(os.path.join(cwd, path))
            for path in (*(settings.get("rules") or ()), *others)
        ]
        for path in others:
            (self.contexts if os.path.isdir(path) else self.paths).add(path)
        self._files = Files(allowed_roots((*given, *others)), cwd)
        for path in given:
            self._add_configurations(path)

    def _add_configurations(self, path: str) -> None:
        """Add the places where a configuration for a path may come up."""
        while self._files.is_allowed(path):
            self.paths.update(os.path.join(path, name) for name in NAMES)
            if path == os.path.dirname(path):
                break
            path = os.path.dirname(path)

    def take(self, builds: Iterable[Build]) -> None:
        """Add the contexts of all builds."""
        self.is_whole = True
        for build in builds:
            contexts: list[Build | NamedContext] = [build, *build.named_contexts.values()]
            for context in contexts:
                if context.root is not None:
                    self.contexts.add(context.root)
                    if context.files is not None:
                        self._of_builds.setdefault(context.root, []).append(context.files)

    def carry_over(self, before: Seen) -> None:
        """Take what an earlier run looked at as well if this one did not come so far."""
        if not self.is_whole:
            self.paths |= before.paths
            self.contexts |= before.contexts
            self._of_builds = {**before._of_builds, **self._of_builds}

    def matters(self, path: str, is_new: bool = True) -> bool:
        """Return whether a change of a path can change what is found.

        `is_new` is False for a file that was there before and still is.
        """
        if path in self.paths:
            return True
        name = os.path.basename(path)
        if name.endswith(_PASSING) or name.startswith(".#"):
            return False
        if os.path.isdir(path):
            # What comes up in it has to be seen.
            return folder_reason(name) is None and not self._files.is_ignored(path)
        found = guess(path if os.sep == "/" else path.replace(os.sep, "/"))
        relevant = (
            found.kind is not None
            or found.look is not None
            or name in _TELLING
            or any(self._is_part(path, top, is_new) for top in self.contexts)
        )
        return relevant and not self._files.is_ignored(path)

    def _is_part(self, path: str, top: str, is_new: bool) -> bool:
        """Return whether a path lies in a folder all of whose files matter.

        What is written into a file that no build is sent does not: that it is there may, to a COPY of it.
        """
        start = top.rstrip(os.sep) + os.sep
        if not path.startswith(start):
            return False
        builds = self._of_builds.get(top)
        if is_new or not builds:
            return True
        inside = path[len(start) :].replace(os.sep, "/")
        return not all(files.is_ignored(inside) for files in builds)

    def watched(self) -> dict[str, int]:
        """Return the folders in which something can happen that matters, each with its inode."""
        found = set(self._below(self.folders | self.contexts))
        for path in self.paths:
            for place in (path, os.path.realpath(path)):
                folder = os.path.dirname(place)
                if folder not in found and self._files.isdir(folder):
                    found.add(folder)
        inodes: dict[str, int] = {}
        for folder in sorted(found):
            try:
                inodes[folder] = os.stat(folder).st_ino
            except OSError:
                continue
        return inodes

    def _below(self, tops: set[str]) -> Iterator[str]:
        """Yield folders and those below, without hidden ones, dependencies and what git ignores."""
        level = [top for top in tops if self._files.isdir(top)]
        seen = set(level)
        while level:
            yield from level
            inner: list[str] = []
            for folder in level:
                try:
                    with os.scandir(folder) as scan:
                        inner.extend(
                            entry.path
                            for entry in scan
                            if entry.is_dir(follow_symlinks=False)
                            and entry.path not in seen
                            and folder_reason(entry.name) is None
                        )
                except OSError:
                    continue
            ignored = self._files.are_ignored(inner) if inner else {}
            level = [folder for folder in inner if not ignored[folder]]
            seen.update(level)

    def has_changed(self) -> bool:
        """Return whether something has been written to since the run began."""
        now = time.time_ns()
        for path in self.paths:
            try:
                if self.since < os.stat(path).st_mtime_ns <= now:
                    return True
            except OSError:
                continue
        return False


class Watcher:
    """Watches what the last run looked at; goes on while the next one works."""

    def __init__(self) -> None:
        try:
            import watchfiles
            from watchfiles import Change
        except ImportError:
            raise CannotWatch(
                "--watch needs the package watchfiles; install it with: pip install 'volint[watch]'"
            ) from None
        self._watch = watchfiles.watch
        self._modified = Change.modified
        self._seen: Seen | None = None
        self._folders: dict[str, int] = {}
        self._changes: Generator[set[tuple[Any, str]], None, None] | None = None
        self._waiting: set[str] = set()
        self._missed = False

    def look_at(self, seen: Seen) -> int:
        """Watch for changes of what a run looked at; return the number of folders. Raises CannotWatch."""
        self._seen = seen
        folders = seen.watched()
        if not folders:
            raise CannotWatch("there is no folder to watch; name one that exists")
        if folders != self._folders:
            self._folders = folders
            if self._changes is not None:
                self._changes.close()
            self._changes = self._watch(
                *folders,
                watch_filter=lambda change, path: self._matters(path, change != self._modified),
                debounce=_DEBOUNCE,
                step=_STEP,
                rust_timeout=_STEP,
                yield_on_timeout=True,
                recursive=False,
                ignore_permission_denied=True,
            )
            # It begins when it is first asked; what changed before has to be looked for.
            self._waiting = set(self._next())
            self._missed = seen.has_changed()
        return len(folders)

    def wait(self) -> list[str]:
        """Return the paths of what changes next, none where it is not known which. Raises CannotWatch."""
        while not (self._waiting or self._missed):
            self._waiting = set(self._next())
        self._missed = False
        changed, self._waiting = sorted(self._waiting), set()
        return changed

    def _matters(self, path: str, is_new: bool) -> bool:
        return self._seen is None or self._seen.matters(path, is_new)

    def _next(self) -> Iterator[str]:
        assert self._changes is not None
        try:
            changes = next(self._changes)
        except OSError as error:
            raise CannotWatch(
                f"the folders cannot be watched: {error}; name fewer of them, or let the system watch more "
                "(fs.inotify.max_user_watches)"
            ) from error
        return (path for _, path in changes)
