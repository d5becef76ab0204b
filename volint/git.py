"""What git knows of files, asked without letting the repository run anything.

A repository's own configuration can name programs (a file system monitor, hooks, a transport for
missing objects); every one of them that the questions asked here could start is switched off.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
_FEW = 16
"""Paths asked of a process that stays; below 64 KB, what is written to it cannot block."""


class Repository:
    """One git work tree. Every answer is None where git is absent, fails or takes too long."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.mistrusted = False
        """True once git has refused to answer because the work tree belongs to somebody else."""
        self._tracked: frozenset[str] | None = None
        self._tracked_read = False
        self._ignored: dict[str, bool | None] = {}
        self._staying: _CheckIgnore | None = None

    def is_tracked(self, path: str) -> bool | None:
        """Return whether a file is tracked, or a directory holds anything that is."""
        tracked = self._tracked_paths()
        return None if tracked is None else self._relative(path) in tracked

    def _tracked_paths(self) -> frozenset[str] | None:
        if not self._tracked_read:
            self._tracked_read = True
            answer = self._ask(("ls-files", "-z"))
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
        answer = self._ask(
            ("ls-files", "-z", "--cached", "--others", "--exclude-standard"), root=directory
        )
        if answer is None:
            return None
        return tuple(dict.fromkeys(os.fsdecode(answer).split("\0")[:-1]))

    def base(self, revision: str) -> str | None:
        """Return the commit from which the work tree and a revision have gone apart; None for no revision.

        Where the two have nothing in common it is the revision's own.
        """
        named = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        answer = self._ask(named)
        commit = os.fsdecode(answer or b"").strip()
        if not commit:
            return None
        shared = self._ask(("merge-base", commit, "HEAD"))
        return os.fsdecode(shared or b"").strip() or commit

    def submodule(self, commit: str, path: str) -> str | None:
        """Return the commit of the submodule that an absolute path was at a commit; None if it was none."""
        answer = self._ask(("ls-tree", "-z", commit, "--", self._relative(path))) or b""
        mode, _, found = answer.partition(b"\t")[0].partition(b" commit ")
        return os.fsdecode(found) if mode == b"160000" else None

    def gone(self, commit: str) -> list[str]:
        """Return the absolute paths of the files of a commit that are not in the work tree any more."""
        answer = self._ask(("ls-tree", "-r", "-z", "--full-tree", "--name-only", commit)) or b""
        paths = (os.path.join(self.root, name) for name in os.fsdecode(answer).split("\0")[:-1])
        return [path for path in paths if not os.path.lexists(path)]

    def contents(self, commit: str, paths: Iterable[str]) -> dict[str, bytes | None]:
        """Return what absolute paths of the work tree held at a commit; None for what was no file there."""
        asked = [path for path in paths if "\n" not in path]
        question = "".join(f"{commit}:{self._relative(path)}\n" for path in asked)
        answer = self._ask(("cat-file", "--batch"), os.fsencode(question)) or b""
        found: dict[str, bytes | None] = {}
        at = 0
        for path in asked:
            end = answer.find(b"\n", at)
            fields = answer[at:end].rsplit(b" ", 2)
            at = end + 1
            found[path] = None
            if end >= 0 and len(fields) == 3 and fields[2].isdigit():
                size = int(fields[2])
                if fields[1] == b"blob":
                    found[path] = answer[at : at + size]
                at += size + 1
        return found

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
            ignored = self._ask_staying(asked) if len(asked) <= _FEW else None
            if ignored is None:
                answer = self._ask(
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

    def _ask_staying(self, names: Sequence[str]) -> frozenset[str] | None:
        """Ask the process that stays for the next question: starting one takes longer than answering."""
        if self._staying is None or not self._staying.is_own():
            self._staying = _CheckIgnore(self.root)
        answer = self._staying.ask(names)
        if answer is None:
            self._staying = None
        return answer

    def _relative(self, path: str) -> str:
        if path.startswith(self.root + os.sep):
            path = path[len(self.root) + 1 :]
        elif path == self.root:
            return "."
        path = path.rstrip("/")
        return path if os.sep == "/" else path.replace(os.sep, "/")

    def _ask(
        self,
        arguments: tuple[str, ...],
        stdin: bytes = b"",
        expected: tuple[int, ...] = (0,),
        root: str | None = None,
    ) -> bytes | None:
        """Return what git prints in a directory, or None."""
        answer, complaint = _git(root or self.root, arguments, stdin, expected)
        # The one word of the complaint that is in every language.
        self.mistrusted = self.mistrusted or b"safe.directory" in complaint
        return answer


class _CheckIgnore:
    """A `git check-ignore` that answers each question when it is asked, and ends with its owner."""

    def __init__(self, root: str) -> None:
        import subprocess

        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        command = _command(("check-ignore", "-z", "--stdin", "--verbose", "--non-matching"))
        if command is None or os.name != "posix":
            return
        try:
            self._process = subprocess.Popen(
                command,
                cwd=root,
                env=_environment(),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, ValueError):
            return

    def is_own(self) -> bool:
        """Return whether this process has started it: it answers one that asks, not a fork as well."""
        return self._owner == os.getpid()

    def __del__(self) -> None:
        # At exit its input is closed, which ends it as well.
        if not sys.is_finalizing() and self.is_own():
            self._end()

    def ask(self, names: Sequence[str]) -> frozenset[str] | None:
        """Return which of a few names are ignored; None, and never again an answer, if it fails."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        question = os.fsencode("\0".join(names) + "\0")
        try:
            if len(question) < 1 << 15:
                process.stdin.write(question)
                fields = self._read(process.stdout.fileno(), 4 * len(names))
                if fields is not None:
                    # Source, line, pattern and path; a pattern with '!' keeps the path.
                    return frozenset(
                        name
                        for name, source, pattern in zip(
                            names, fields[::4], fields[2::4], strict=False
                        )
                        if source and not pattern.startswith(b"!")
                    )
        except OSError:
            pass
        self._end()
        return None

    @staticmethod
    def _read(descriptor: int, number: int) -> list[bytes] | None:
        """Return fields that end in NUL; None where git ends or takes too long."""
        from select import POLLIN, poll

        waiting = poll()
        waiting.register(descriptor, POLLIN)
        answer = b""
        while answer.count(b"\0") < number:
            part = os.read(descriptor, 1 << 16) if waiting.poll(_TIMEOUT * 1000) else b""
            if not part:
                return None
            answer += part
        return answer.split(b"\0")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


_program: list[str | None] = []


def _git(
    root: str, arguments: tuple[str, ...], stdin: bytes, expected: tuple[int, ...]
) -> tuple[bytes | None, bytes]:
    """Return what git prints, or None, and what it complains of."""
    import subprocess

    command = _command(arguments)
    if command is None:
        return None, b""
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=_environment(),
            input=stdin,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None, b""
    return (done.stdout if done.returncode in expected else None), done.stderr


def _command(arguments: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the command line of a question; None without a git program."""
    import shutil

    if not _program:
        _program.append(shutil.which("git"))
    program = _program[0]
    return None if program is None else (program, *_OPTIONS, *arguments)


def _environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment.update(
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_NO_LAZY_FETCH="1",
        GIT_ALLOW_PROTOCOL="none",
        LC_ALL="C",
    )
    return environment
