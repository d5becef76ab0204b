"""Lines of an ignore file that do not do what they say, and the line that decides about a path."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint import knowledge
from volint.knowledge.contents import Verdict
from volint.lazy import regex
from volint.parse.dockerignore import Dockerignore, parse, parse_patterns
from volint.record import NamedTuple
from volint.source import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.model import Build
    from volint.parse.dockerignore import Pattern
    from volint.source import Text

__all__ = [
    "DeadPattern",
    "dead_patterns",
    "excluding_pattern",
    "meant_to_stay_out",
]

_HEAD = 64 * 1024
"""Bytes of a file that are looked at."""
_WILDCARDS = regex(r"[*?\[\\]")
_COMMENT = regex(r"\s+#.*$")
_BRACES = regex(r"\{([^{},]*(?:,[^{},]*)+)\}")


class DeadPattern(NamedTuple):
    """A line that has no effect, or one that nobody wants."""

    text: Text
    """The line as written, trimmed."""
    why: str
    """'overridden', 'void', 'secret', 'comment', 'braces', 'quotes', 'outside' or 'diff'."""
    other: Text | None = None
    """The later line that decides instead."""
    instead: tuple[str, ...] = ()
    """Lines that do what it says; nothing where there are none."""

    def meant(self) -> Dockerignore | None:
        """Return what matches the paths that it was to exclude; None if it was to exclude nothing."""
        lines = (self.text.value,) if self.why == "overridden" else self.instead
        return parse_patterns(lines) if lines and not lines[0].startswith("!") else None


def dead_patterns(build: Build) -> list[DeadPattern]:
    """Return the lines of a build's ignore file that have no effect, or bring back a secret, in order."""
    ignore = _read(build)
    if ignore is None:
        return []
    patterns = ignore.patterns
    added = [pattern for pattern in patterns if pattern.text.value.startswith("+")]
    if len(patterns) > 1 and len(added) == len(patterns):
        return [DeadPattern(patterns[0].text, "diff")]
    found = []
    for index, pattern in enumerate(patterns):
        one = _unmatched(build, pattern) or _without_effect(build, ignore, index, pattern)
        if one is not None:
            found.append(one)
    return found


def meant_to_stay_out(build: Build, paths: Iterable[str]) -> set[str]:
    """Return which paths are in the context because a line, or the whole file, that was to exclude them has no effect."""
    if build.ignore_file is None:
        return _meant_by_unread(build, paths)
    meant = [ignore for dead in dead_patterns(build) if (ignore := dead.meant()) is not None]
    return {path for path in paths if any(ignore.excluded(path) for ignore in meant)}


def _meant_by_unread(build: Build, paths: Iterable[str]) -> set[str]:
    """Return which paths the ignore file beside the Dockerfile would exclude, which Docker does not read there."""
    folder = (build.dockerfile or "").rpartition("/")[0]
    shown = f"{folder}/.dockerignore"
    if not (folder and build.root_certain and shown in build.other_ignore_files):
        return set()
    place = posixpath.relpath(shown, posixpath.dirname(build.ignore_path or "") or ".")
    text = build.files.head(place, _HEAD) if build.files is not None else None
    if text is None:
        return set()
    ignore = parse(Source(shown, text.decode("utf-8", "replace"), Kind.DOCKERIGNORE))[0]
    below = posixpath.dirname(place) + "/"
    # Its lines may count from the context, or from its own folder.
    return {
        path
        for path in paths
        if ignore.excluded(path)
        or (path.startswith(below) and ignore.excluded(path.removeprefix(below)))
    }


def excluding_pattern(build: Build, path: str) -> Text | None:
    """Return the line of a build's ignore file that keeps out a path with all that is in it; None if none does."""
    ignore = _read(build)
    if ignore is None or not ignore.excluded(path) or not ignore.prunes(path):
        return None
    pattern = ignore.last_match(path)
    return pattern.text if pattern else None


def _read(build: Build) -> Dockerignore | None:
    if build.ignore_file is None:
        return None
    ignore = parse(build.ignore_file)[0]
    # What Docker refuses is said elsewhere.
    return None if ignore.refused else ignore


def _unmatched(build: Build, pattern: Pattern) -> DeadPattern | None:
    """Return a line that compares with names that no file has, because it is meant to be read otherwise."""
    text = pattern.text
    if build.files is not None and build.files.kind(pattern.cleaned) is not None:
        return None
    comment = _COMMENT.search(text.value)
    if comment is not None and comment.start() > 0:
        return DeadPattern(text, "comment", instead=(text.value[: comment.start()],))
    braces = _BRACES.search(text.value)
    if braces is not None:
        before, after = text.value[: braces.start()], text.value[braces.end() :]
        lines = tuple(f"{before}{part}{after}" for part in braces[1].split(","))
        return DeadPattern(text, "braces", instead=lines)
    if len(text.value) > 2 and text.value[0] in "\"'" and text.value[-1] == text.value[0]:
        return DeadPattern(text, "quotes", instead=(text.value[1:-1],))
    if pattern.cleaned.startswith("../"):
        return DeadPattern(text, "outside")
    return None


def _without_effect(
    build: Build, ignore: Dockerignore, index: int, pattern: Pattern
) -> DeadPattern | None:
    path = pattern.cleaned
    if _WILDCARDS.search(path):
        return None
    last = ignore.last_match(path)
    if (
        last is not None
        and last.negated != pattern.negated
        and last in ignore.patterns[index + 1 :]
    ):
        return DeadPattern(pattern.text, "overridden", last.text)
    if not pattern.negated:
        return None
    if _brings_back_nothing(build, ignore.patterns[:index], path):
        return DeadPattern(pattern.text, "void")
    if last == pattern and _is_secret(build, path):
        return DeadPattern(pattern.text, "secret")
    return None


def _brings_back_nothing(build: Build, before: tuple[Pattern, ...], path: str) -> bool:
    """Return whether no line before an exception excludes its path or something in it."""
    if Dockerignore(before).excluded(path):
        return False
    if build.files is not None and build.files.kind(path) == "file":
        return True
    return not any(_may_match_below(pattern.cleaned, path) for pattern in before)


def _may_match_below(pattern: str, path: str) -> bool:
    if "**" in pattern:
        return True
    parts = pattern.split("/")
    above = path.split("/")
    return len(parts) > len(above) and all(
        _WILDCARDS.search(part) or part == name for part, name in zip(parts, above, strict=False)
    )


def _is_secret(build: Build, path: str) -> bool:
    entry = knowledge.secret_file(path)
    if entry is None or entry.confidence == "low" or entry.kind == "history":
        return False
    content = build.files.head(path, _HEAD) if build.files is not None else None
    if content is None:
        return entry.confidence == "high" and entry.kind != "env-file"
    return knowledge.secret_verdict(path, content) is Verdict.SECRET
