"""What lies around a project on the disk, for rules that ask whether something is there.

Nothing is looked at before a rule asks. Texts that are neither Compose files nor data (scripts, documents,
Dockerfiles, examples of env files) are searched for what makes a missing path or sets a variable.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from volint.kinds import guess
from volint.lazy import regex
from volint.source import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from volint.files import Files

__all__ = ["Surroundings"]

_TEXTS = frozenset(
    (
        "sh", "bash", "zsh", "fish", "ps1", "psm1", "bat", "cmd", "mk", "just", "md", "markdown", "rst", "adoc", "txt",
        "py", "js", "mjs", "ts", "rb", "pl", "php", "go", "java", "kt", "groovy", "gradle", "cs", "rs", "toml", "nix", "tf", "example", "sample", "template", "tmpl", "tpl",
        "dist", "default", "defaults", "j2", "in", "env",
    )
)  # fmt: skip
_NAMES = frozenset(
    (
        "makefile",
        "justfile",
        "vagrantfile",
        "rakefile",
        "procfile",
        "readme",
        "install",
        ".envrc",
        ".gitmodules",
    )
)
_SKIPPED = frozenset(
    ("node_modules", "vendor", ".git", ".venv", "venv", "__pycache__", "dist", "build", "target", ".tox", "site-packages")
)  # fmt: skip
_HELPERS = frozenset(
    ("scripts", "script", "bin", "hack", "tools", "tool", "ci", ".github", ".gitlab", "docs", "doc", "deploy", "utils", "make")
)  # fmt: skip
_MOST_FILES = 400
_MOST_ENTRIES = 20_000
_LENGTH = 200_000


class Surroundings:
    """Answers `volint.model.Surroundings` through the one object that reads files."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def kind(self, path: str) -> str | None:
        """Return 'file', 'directory', 'other' or 'absent'; None outside of the repository."""
        files = self._files
        if files.isdir(path):
            return "directory"
        if files.isfile(path):
            return "file"
        there = files.exists(path)
        if there is None:
            return None
        return "other" if there else "absent"

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the sorted names in a directory; none where it cannot be read."""
        return self._files.listdir(folder) or ()

    def head(self, path: str, length: int) -> bytes | None:
        """Return the first bytes of a file; None where it cannot be read."""
        return self._files.head(path, length)

    def in_repository(self, path: str) -> bool:
        """Return whether a path lies in a git work tree."""
        return self._files.git_root(path) is not None

    def is_tracked(self, path: str) -> bool:
        """Return whether git tracks a path, or anything below it."""
        return bool(self._files.is_tracked(path))

    def is_ignored(self, path: str) -> bool:
        """Return whether git ignores a path, there or not; without git, whether the `.gitignore` files do."""
        answer = self._files.is_ignored(path)
        if answer is not None:
            return answer
        from volint.gitignore import Ignored

        top = next(
            (root for root in self._files.roots if path.startswith(root.rstrip(os.sep) + os.sep)),
            None,
        )
        if top is None:
            return False
        ignored, folder = None, top
        parts = path[len(top.rstrip(os.sep)) + 1 :].split(os.sep)
        for index, part in enumerate(parts):
            ignored = Ignored.read(folder, self._files, ignored)
            folder = os.path.join(folder, part)
            # What is not there may become a directory.
            kinds = (True,) if index + 1 < len(parts) else (False, True)
            if ignored is not None and any(ignored.matches(folder, is_folder=k) for k in kinds):
                return True
        return False

    def is_made(self, path: str, folder: str) -> bool:
        """Return whether a script, a document or a Dockerfile names an absolute path where it could be told.

        `folder` is the project's; a text names the path relative to its own folder, to one above it, or
        to the project's. A submodule of the repository holds what is below it.
        """
        folder = os.path.normpath(folder)
        name = os.path.basename(os.path.normpath(path))
        for text_path, text in self._texts(folder).texts:
            if name not in text:
                continue
            for base in _bases(os.path.dirname(text_path), folder):
                relative = os.path.relpath(path, base).replace(os.sep, "/")
                if not relative.startswith("../../") and _is_named(relative, text):
                    return True
            if self._makes(text_path, text, path, folder):
                return True
        return False

    def _makes(self, text_path: str, text: str, path: str, folder: str) -> bool:
        """Return whether a command of a text makes a path that it does not name as such: `cd a && mkdir b`."""
        made = self._files.memo(("made", text_path), lambda: _made(text_path, text))
        return any(
            os.path.normpath(os.path.join(base, *one.split("/"))) == path
            for one in made
            for base in _bases(os.path.dirname(text_path), folder)
        )

    def sets(self, variable: str, folder: str, besides: str | None = None) -> bool:
        """Return whether a file of the repository other than Compose files, and `besides`, names a variable."""
        return any(
            path != besides for path in self._texts(os.path.normpath(folder)).naming(variable)
        )

    # -- texts

    def _texts(self, folder: str) -> _Texts:
        """Return the texts that may tell, those nearest to a project first."""
        memo = self._files.memo
        top = self._files.git_root(os.path.join(folder, ".")) or folder
        depth = folder.count(os.sep)
        listed = memo(("surroundings", top), lambda: self._listed(top))
        if listed is None:
            return memo(
                ("surroundings", folder, depth),
                lambda: _Texts(self._read(dict.fromkeys(self._walked(folder)), depth)),
            )
        return memo(("surroundings", top, depth), lambda: _Texts(self._read(listed, depth)))

    def _read(self, paths: Iterable[str], depth: int) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of those nearest in depth to a project's folder."""
        nearest = sorted(paths, key=lambda path: (abs(path.count(os.sep) - 1 - depth), path))
        for path in nearest[:_MOST_FILES]:
            text = self._files.memo(("text", path), lambda path=path: self._text(path))  # type: ignore[misc]
            if text is not None:
                yield path, text

    def _text(self, path: str) -> str | None:
        content = self._files.head(path, _LENGTH)
        return None if content is None or b"\0" in content else content.decode("utf-8", "replace")

    def _listed(self, top: str) -> tuple[str, ...] | None:
        """Return the files of a git work tree that may tell; None where there is no git."""
        listed = self._files.listing(top)
        if listed is None:
            return None
        return tuple(
            os.path.join(top, *name.split("/"))
            for name in listed[:_MOST_ENTRIES]
            if _may_tell(name)
        )

    def _walked(self, folder: str) -> Iterator[str]:
        """Yield the files below a folder, and above it, that may tell."""
        above = folder
        while True:
            yield from self._walk(above, 3 if above == folder else 0)
            parent = os.path.dirname(above)
            if (
                parent == above
                or not self._files.is_allowed(parent)
                or not folder.startswith(parent)
            ):
                return
            above = parent

    def _walk(self, folder: str, depth: int) -> tuple[str, ...]:
        return self._files.memo(
            ("walk", folder, depth), lambda: tuple(self._entries(folder, depth))
        )

    def _entries(self, folder: str, depth: int) -> Iterator[str]:
        for name in self._files.listdir(folder) or ():
            path = os.path.join(folder, name)
            if self._files.isdir(path):
                if name not in _SKIPPED and (depth or name.lower() in _HELPERS):
                    yield from self._walk(path, max(depth - 1, 0))
            elif _may_tell(name):
                yield path


class _Texts:
    """Texts, and what was found in them: the projects of a repository have variables in common."""

    __slots__ = ("_naming", "texts")

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self.texts = tuple(texts)
        self._naming: dict[str, tuple[str, ...]] = {}

    def naming(self, variable: str) -> tuple[str, ...]:
        """Return the paths of the texts that name a variable."""
        found = self._naming.get(variable)
        if found is None:
            pattern = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(variable)}(?![A-Za-z0-9_])")
            found = self._naming[variable] = tuple(
                path for path, text in self.texts if variable in text and pattern.search(text)
            )
        return found


def _may_tell(name: str) -> bool:
    """Return whether a file, by its path with '/', may name what a person or a script sets up."""
    parts = name.split("/")
    if not _SKIPPED.isdisjoint(parts):
        return False
    base = parts[-1].lower()
    suffix = base.rpartition(".")[2]
    known = guess(name)
    if known.kind in (Kind.COMPOSE, Kind.DOCKERIGNORE):
        return False
    if base in ("package-lock.json", "pnpm-lock.yaml", "composer.lock"):
        return False
    return (
        known.kind is not None
        or suffix in _TEXTS
        or base in _NAMES
        or ".env" in base
        or "." not in base
    )


def _made(path: str, text: str) -> tuple[str, ...]:
    """Return the relative paths that the commands of a text make."""
    from volint.parse.shell import created_paths

    kind = guess(os.path.basename(path)).kind or Kind.OTHER
    made = created_paths(Source(path, text, kind, path))
    return tuple(dict.fromkeys(one.value for one in made if not one.value.startswith("/")))


def _bases(text_folder: str, folder: str) -> list[str]:
    """Return the folders that relative paths in a text may start from."""
    found = [text_folder]
    if text_folder == folder or folder.startswith(text_folder + os.sep):
        found.append(folder)
    above = text_folder
    while os.path.basename(above).lower() in _HELPERS:
        above = os.path.dirname(above)
        found.append(above)
        if folder == above or folder.startswith(above + os.sep):
            found.append(folder)
    return list(dict.fromkeys(found))


_MAKERS = regex(
    r"\b(?:mkdir|touch|cp|mv|ln|install|tee|curl|wget|git\s+clone|openssl|keytool|tar|unzip|rsync|scp|gsutil|aws|echo|cat|create|"
    r"copy|place|put|download|generate|makedirs|open)\b|>|\bdir(?:ectory|s)?\b|\bfolders?\b",
    re.IGNORECASE,
)


def _is_named(relative: str, text: str) -> bool:
    """Return whether a text names a relative path, as more than the source of a mount."""
    if relative == ".":
        return False
    plain = re.compile(rf"(?<![\w.-])(?:\./)?{re.escape(relative)}(?![\w-]|\.\w|:/|:\$)")
    single = "/" not in relative and "." not in relative
    for match in plain.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        line = text[start : end if end >= 0 else len(text)]
        before = text[max(0, match.start() - 40) : match.start()]
        if match.start() and text[match.start() - 1] == "/" and not _from_here(before):
            continue
        if re.match(r"\s*(?:COPY|ADD|FROM)\b", line):
            continue
        if not single or _MAKERS.search(line):
            return True
    return False


def _from_here(before: str) -> bool:
    """Return whether what stands before a path is a variable or a command that gives the folder."""
    return bool(re.search(r"(?:\$\w+|\$\{\w+\}|\$\([^)]*\)|\}\}|\bpwd\b.?|~)/$", before))
