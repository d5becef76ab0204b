"""Paths into files to read: what is below a directory, and what was given by name.

Where there is a git work tree git says what is there and not ignored; elsewhere directories are walked
and .gitignore files are read. Not looked into: folders of dependencies, hidden folders but for those
that projects keep their own files in, submodules (they are another repository's files), directories
behind symbolic links. Naming one of them is how to have it checked.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from volint.discovery import Discovery, Found, Skipped, folder_reason, lies_below
from volint.globs import first_match
from volint.kinds import HEAD, guess, head_kind, kind_of_text, kind_of_yaml, may_be_compose
from volint.paths import PathError, explain_missing, mode_of
from volint.source import Kind, Problem, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.config import Config
    from volint.files import Files
    from volint.gitignore import Ignored
    from volint.globs import Glob
    from volint.steps import Step

__all__ = ["PathError", "discover"]

_PROBE = 1 << 16
"""Bytes looked at of a file that cannot be read whole."""


def discover(
    paths: Sequence[str],
    files: Files,
    config: Config,
    *,
    force_exclude: bool = False,
    stdin: tuple[str, str | bytes] | None = None,
    step: Step | None = None,
) -> Discovery:
    """Find the files that some paths, relative to `files.cwd`, stand for.

    `stdin` is the name and the text that the path '-' stands for; the name may be empty. `files` has
    the text under that name from then on.
    With `force_exclude`, files given by name are left out for the same reasons as others.
    Raises PathError if a path does not exist.
    """
    finder = _Finder(files, config.exclude, force_exclude=force_exclude, step=step)
    directories: list[str] = []
    missing: list[str] = []
    unsaved = files.unsaved()
    for given in dict.fromkeys(paths):
        if given == "-":
            if stdin is None:
                raise PathError("'-' stands for standard input, and there is none; name a file")
            finder.add_stdin(*stdin)
            continue
        path = os.path.abspath(os.path.join(files.cwd, given))
        mode = mode_of(path) if given else None
        if mode is None and path in unsaved:
            finder.add_named(path)
        elif mode is None:
            missing.append(explain_missing(given, path))
        elif stat.S_ISDIR(mode):
            directories.append(path)
        else:
            finder.add_named(path)
    if missing:
        raise PathError("\n".join(missing))
    for path in sorted(directories):
        finder.add_directory(path)
    return finder.result()


class _Finder:
    """Collects what is found, each file once."""

    def __init__(
        self,
        files: Files,
        exclude: tuple[Glob, ...],
        *,
        force_exclude: bool,
        step: Step | None = None,
    ) -> None:
        self._files = files
        self._step = step
        self._exclude = exclude
        self._force_exclude = force_exclude
        self._found: dict[str, Found] = {}
        self._links: list[str] = []
        self._problems: dict[str, Problem] = {}
        self._skipped: dict[str, Skipped] = {}
        self._tops: dict[str, tuple[Glob, ...]] = {}

    def result(self) -> Discovery:
        for path in sorted(self._links):
            self._add_link(path)
        items = sorted(self._found.values(), key=lambda found: found.path)
        return Discovery(
            tuple(items),
            tuple(problem for _, problem in sorted(self._problems.items())),
            tuple(skipped for _, skipped in sorted(self._skipped.items())),
            tuple(self._tops.items()),
        )

    def _problem(self, path: str, code: str, message: str, help: str, level: str) -> None:
        source = Source(self._files.display(path), "", file=path)
        self._problems[path] = Problem(code, message, Span(source, 0, 0), help, level=level)

    def _unread(self, path: str, reason: str, help: str) -> None:
        shown = self._files.display(path)
        self._problem(path, "VL001", f"'{shown}' cannot be read: {reason}", help, "error")

    def _tell(self, path: str) -> None:
        if self._step is not None:
            self._step("discovery", path, len(self._found), 0)

    def _skip(self, path: str, reason: str, *, named: bool = False) -> None:
        self._skipped[path] = Skipped(path, reason, named)

    # -- by name -------------------------------------------------------------------------------

    def add_stdin(self, name: str, content: str | bytes) -> None:
        path = os.path.abspath(os.path.join(self._files.cwd, name or "<stdin>"))
        if isinstance(content, bytes):
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                at = f"byte 0x{content[error.start]:02x} at offset {error.start}"
                self._unread(path, f"it is not UTF-8 text ({at})", "convert it")
                return
        else:
            text = content
        if self._force_exclude and name and (reason := self._reason_against(path)):
            self._skip(path, reason, named=True)
            return
        kind = kind_of_text(_slashes(path), text)
        if kind is None:
            self._skip(path, f"{_not_ours(path)}; --stdin-filename tells what it is", named=True)
        else:
            self._files.put(path, text)
            self._found[os.path.realpath(path)] = Found(path, kind, True)

    def add_named(self, path: str) -> None:
        real = os.path.realpath(path)
        if real in self._found:
            return
        if self._force_exclude and (reason := self._reason_against(path)):
            self._skip(path, reason, named=True)
            return
        source = self._files.read(path)
        if source is not None:
            kind = kind_of_text(_slashes(path), source.text)
            if kind is None:
                self._files.forget(path)
                self._skip(path, _not_ours(path), named=True)
                return
        else:
            known = guess(_slashes(path))
            kind = known.kind or (Kind.COMPOSE if known.look and known.look.yaml else None)
            if kind is None:
                self._unreadable(path)
                return
        self._found[real] = Found(path, kind, True)

    def _unreadable(self, path: str) -> None:
        reason = self._files.problem(path) or "it is not there any more"
        if self._files.head(path, 1) is None:
            self._unread(path, reason, "make it readable, or leave it out")
        else:
            self._skip(path, reason, named=True)

    def _reason_against(self, path: str) -> str | None:
        """Return why a file would not be found below its repository or the working directory."""
        if glob := first_match(self._exclude, path):
            return f"'{glob.pattern}' excludes it"
        top = self._files.git_root(path) or self._files.cwd
        if path.startswith(top + os.sep):
            for folder in os.path.dirname(path[len(top) + 1 :]).split(os.sep):
                if folder and folder_reason(folder):
                    return f"it is in '{folder}', which volint looks into only where it is named"
        return None

    # -- below a directory ---------------------------------------------------------------------

    def add_directory(self, top: str) -> None:
        """Add what is below a directory that was given by name."""
        exclude = self._exclude
        if not self._force_exclude:
            # Naming an excluded directory asks for it.
            exclude = tuple(glob for glob in exclude if not glob.matches(top))
        elif glob := first_match(exclude, top):
            self._skip(top, f"'{glob.pattern}' excludes it", named=True)
            return
        self._tops[top] = exclude
        if not self._add_listed(top, exclude):
            self._walk(top, exclude)
        for path in self._files.unsaved():
            if lies_below(path, top, exclude) and not self._files.is_ignored(path):
                self._add(path, path, 0)

    def _add_listed(self, top: str, exclude: tuple[Glob, ...]) -> bool:
        """Add what git lists below a directory; False where git is of no help."""
        names = self._files.listing(top)
        if names is None or (not names and self._files.is_ignored(top)):
            return False
        folders: dict[str, bool] = {"": True}
        real = os.path.realpath(top)
        for name in names:
            if name.endswith("/"):
                nested = os.path.join(top, name.rstrip("/"))
                if self._enters(top, name.rstrip("/"), folders, exclude):
                    self.add_nested(nested, exclude)
                continue
            found = guess(name)
            if found.kind is None and found.look is None:
                continue
            at = name.rfind("/")
            if at > 0 and not self._enters(top, name[:at], folders, exclude):
                continue
            path = os.path.join(top, _native(name))
            mode = mode_of(path, follow=False)
            if mode is None:  # deleted, but still in the index
                continue
            if stat.S_ISDIR(mode):
                self._skip(path, "it is a submodule, another repository's files")
            elif exclude and first_match(exclude, path):
                continue
            elif stat.S_ISLNK(mode):
                self._links.append(path)
            elif stat.S_ISREG(mode):
                self._add(path, os.path.join(real, _native(name)), mode)
        return True

    def add_nested(self, top: str, exclude: tuple[Glob, ...]) -> None:
        """Add a repository inside of what is being looked at."""
        if not self._add_listed(top, exclude):
            self._walk(top, exclude)

    def _enters(
        self, top: str, folder: str, known: dict[str, bool], exclude: tuple[Glob, ...]
    ) -> bool:
        """Return whether a folder, relative to `top` with '/', is looked into."""
        found = known.get(folder)
        if found is None:
            above, _, name = folder.rpartition("/")
            found = not above or self._enters(top, above, known, exclude)
            if found:
                path = os.path.join(top, _native(folder))
                reason = folder_reason(name)
                if reason:
                    self._skip(path, reason)
                found = reason is None and not (exclude and first_match(exclude, path))
            known[folder] = found
        return found

    def _walk(self, top: str, exclude: tuple[Glob, ...]) -> None:
        """Add what is below a directory that git does not list."""
        real = os.path.realpath(top)
        ignored: Ignored | None = None
        git_root = self._files.git_root(os.path.join(top, "."))
        if git_root is not None:
            from volint.gitignore import Ignored

            ignored = Ignored.above(top, git_root, self._files)
        stack = [(top, ignored)]
        while stack:
            folder, ignored = stack.pop()
            self._tell(folder)
            try:
                with os.scandir(folder) as iterator:
                    entries = list(iterator)
            except OSError as error:
                self._problem(
                    folder,
                    "VL004",
                    f"'{self._files.display(folder)}' cannot be looked into: {error.strerror}",
                    "make it readable, or leave it out with --exclude",
                    "warning",
                )
                continue
            names = {entry.name for entry in entries}
            if ".git" in names and folder != top and self._add_listed(folder, exclude):
                continue
            if ".gitignore" in names:
                from volint.gitignore import Ignored

                ignored = Ignored.read(folder, self._files, ignored)
            for path, entry in self._kept(entries, exclude, ignored):
                if entry.is_symlink():
                    if not entry.is_dir():
                        self._links.append(path)
                elif entry.is_dir(follow_symlinks=False):
                    stack.append((path, ignored))
                elif entry.is_file(follow_symlinks=False):
                    self._add(path, real + path[len(top) :], None)

    def _kept(
        self,
        entries: list[os.DirEntry[str]],
        exclude: tuple[Glob, ...],
        ignored: Ignored | None,
    ) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """Yield what is not left out of a directory's entries."""
        for entry in entries:
            path = entry.path
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
            except OSError:
                continue
            if is_folder:
                reason = folder_reason(entry.name)
                if reason:
                    self._skip(path, reason)
                    continue
            else:
                found = guess(_slashes(path))
                if found.kind is None and found.look is None:
                    continue
            if exclude and first_match(exclude, path):
                continue
            if ignored is not None and ignored.matches(path, is_folder=is_folder):
                continue
            yield path, entry

    # -- one file ------------------------------------------------------------------------------

    def _add_link(self, path: str) -> None:
        """Add a symbolic link to a file, unless the file itself was found."""
        real = os.path.realpath(path)
        if real in self._found:
            return
        mode = mode_of(real)
        if mode is None or not stat.S_ISREG(mode):
            return
        if self._files.is_allowed(path):
            self._add(path, real, mode)
        else:
            self._skip(path, "it is a symbolic link that leads out of what volint was asked to see")

    def _add(self, path: str, real: str, mode: int | None) -> None:
        """Add a file that was found, if it is ours. `mode` is None where it is not known yet."""
        if real in self._found:
            return
        self._tell(path)
        found = guess(_slashes(path))
        kind = found.kind
        if found.look is not None:
            if found.look.yaml:
                kind = self._yaml_kind(path, named_compose=kind is Kind.COMPOSE)
            elif not found.look.executable or ((mode or mode_of(path) or 0) & 0o111):
                kind = self._script_kind(path)
        if kind is not None:
            self._found[real] = Found(path, kind)

    def _yaml_kind(self, path: str, *, named_compose: bool) -> Kind | None:
        source = self._files.read(path)
        if source is not None:
            text = source.text
            # A workflow elsewhere than in its folder is a template of one, which nothing runs.
            if may_be_compose(text) or (
                named_compose and kind_of_yaml(text, named_compose=True) is Kind.COMPOSE
            ):
                return Kind.COMPOSE
            self._files.forget(path)
            return None
        if named_compose:
            return Kind.COMPOSE
        head = self._files.head(path, _PROBE)
        if head is None:
            self._not_looked_at(path)
            return None
        return Kind.COMPOSE if may_be_compose(head.decode("utf-8", "replace")) else None

    def _script_kind(self, path: str) -> Kind | None:
        head = self._files.head(path, HEAD)
        if head is None:
            self._not_looked_at(path)
            return None
        return head_kind(path, head.decode("utf-8", "replace"))

    def _not_looked_at(self, path: str) -> None:
        reason = self._files.problem(path)
        if reason is not None:
            self._problem(
                path,
                "VL004",
                f"'{self._files.display(path)}' may be ours, and {reason}",
                "make it readable, or leave it out with --exclude",
                "warning",
            )


def _not_ours(path: str) -> str:
    if path.lower().endswith((".yml", ".yaml", ".json")):
        return "it is no Compose file: no top-level 'services' has containers in it"
    return "neither its name nor its content tells that it is a file volint reads"


def _slashes(path: str) -> str:
    return path if os.sep == "/" else path.replace(os.sep, "/")


def _native(path: str) -> str:
    return path if os.sep == "/" else path.replace("/", os.sep)
