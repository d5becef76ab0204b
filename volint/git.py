"""What git knows of files, asked without letting the repository run anything.

A repository's own configuration can name programs (a file system monitor, hooks, a transport for
missing objects); every one of them that the questions asked here could start is switched off.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Repository"]

_TIMEOUT = 20.0
"""Seconds git may take for one question."""

_OPTIONS = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    # What one person ignores everywhere does not keep a file out of anybody else's commit.
    "-c",
    "core.excludesFile=/dev/null",
)
_BATCH = 5000


class Repository:
    """One git work tree. Every answer is None where git is absent, fails or takes too long."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._tracked: frozenset[str] | None = None
        self._tracked_read = False
        self._ignored: dict[str, bool | None] = {}

    def is_tracked(self, path: str) -> bool | None:
        """Return whether a file is tracked, or a directory holds anything that is."""
        tracked = self._tracked_paths()
        return None if tracked is None else self._relative(path) in tracked

    def _tracked_paths(self) -> frozenset[str] | None:
        if not self._tracked_read:
            self._tracked_read = True
            answer = _git(self.root, ("ls-files", "-z"))
            if answer is not None:
                names = set(os.fsdecode(answer).split("\0"))
                names.discard("")
                for name in tuple(names):
                    at = name.rfind("/")
                    while at > 0 and name[:at] not in names:
                        names.add(name[:at])
                        at = name.rfind("/", 0, at)
                self._tracked = frozenset(names)
        return self._tracked

    def listing(self, directory: str) -> tuple[str, ...] | None:
        """Return what is below an absolute directory of the work tree and not ignored.

        Paths are relative to the directory, with '/', in no order. A nested repository that git does
        not track ends in '/'; a submodule is listed like a file, and so is what was deleted.
        """
        answer = _git(directory, ("ls-files", "-z", "--cached", "--others", "--exclude-standard"))
        if answer is None:
            return None
        return tuple(dict.fromkeys(os.fsdecode(answer).split("\0")[:-1]))

    def are_ignored(self, paths: Iterable[str]) -> dict[str, bool | None]:
        """Return for each absolute path, there or not, whether git ignores it.

        What is not there may become a directory, which patterns with a final '/' are for.
        """
        wanted = list(paths)
        known = self._ignored
        open_ = list(dict.fromkeys(path for path in wanted if path not in known))
        for start in range(0, len(open_), _BATCH):
            self._ask_ignored(open_[start : start + _BATCH])
        return {path: known[path] for path in wanted}

    def _ask_ignored(self, paths: list[str]) -> None:
        """Ask git about some paths; one it refuses (below a link) costs only itself."""
        relative = [self._relative(path) for path in paths]
        asked = []
        for path, name in zip(paths, relative, strict=True):
            if name not in (".", "") and "\0" not in name:
                # The './' keeps a leading ':' from being magic.
                asked.append("./" + name)
                if not os.path.lexists(path):
                    asked.append(f"./{name}/")
        ignored: frozenset[str] | None = frozenset()
        if asked:
            answer = _git(
                self.root,
                ("check-ignore", "-z", "--stdin"),
                os.fsencode("\0".join(asked) + "\0"),
                expected=(0, 1),
            )
            ignored = None if answer is None else frozenset(os.fsdecode(answer).split("\0"))
        if ignored is None and len(paths) > 1 and self._tracked_paths() is not None:
            middle = len(paths) // 2
            self._ask_ignored(paths[:middle])
            self._ask_ignored(paths[middle:])
            return
        for path, name in zip(paths, relative, strict=True):
            self._ignored[path] = (
                None if ignored is None else f"./{name}" in ignored or f"./{name}/" in ignored
            )

    def _relative(self, path: str) -> str:
        if path.startswith(self.root + os.sep):
            path = path[len(self.root) + 1 :]
        elif path == self.root:
            return "."
        path = path.rstrip("/")
        return path if os.sep == "/" else path.replace(os.sep, "/")


_program: list[str | None] = []


def _git(
    root: str, arguments: tuple[str, ...], stdin: bytes = b"", expected: tuple[int, ...] = (0,)
) -> bytes | None:
    """Return what git prints, or None."""
    import shutil
    import subprocess

    if not _program:
        _program.append(shutil.which("git"))
    program = _program[0]
    if program is None:
        return None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment.update(
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_NO_LAZY_FETCH="1",
        GIT_ALLOW_PROTOCOL="none",
        LC_ALL="C",
    )
    try:
        done = subprocess.run(
            (program, *_OPTIONS, *arguments),
            cwd=root,
            env=environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode in expected else None
