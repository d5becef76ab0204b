"""Path globs of the configuration and of `--exclude`, with the meaning of .gitignore patterns.

A glob without a '/' (or with one only at its end) matches a name at any depth; one with a '/' is
relative to a base directory. '*' and '?' stay within a name, '**' crosses directories, '[...]' is a
class. What matches a directory matches everything below it.
"""

from __future__ import annotations

import os
import re

from volint.record import NamedTuple

__all__ = ["Glob", "first_match"]

_compiled: dict[str, re.Pattern[str]] = {}


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Return the regular expression of a '[...]' that begins at `at`, and where it ends."""
    end = at + 1
    if pattern[end : end + 1] in ("!", "^"):
        end += 1
    if pattern[end : end + 1] == "]":
        end += 1
    end = pattern.find("]", end)
    if end < 0:
        return re.escape("["), at + 1
    body = pattern[at + 1 : end]
    negated = body[0] in "!^"
    if negated:
        body = body[1:]
    body = re.sub(r"([\\\[\]^&~|])", r"\\\1", body)
    expression = f"[{'^/' if negated else ''}{body}]"
    try:
        re.compile(expression)
    except re.error:  # a range that runs backwards
        return re.escape(pattern[at : end + 1]), end + 1
    return expression, end + 1


def _translate(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/")
    pattern = pattern.removeprefix("./").strip("/")
    out = [] if anchored else ["(?:.*/)?"]
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            out.append("(?:.*/)?")
            at += 3
        elif pattern[at:] == "**" and (at == 0 or pattern[at - 1] == "/"):
            out.append(".+")
            at += 2
        elif character == "*":
            while pattern[at : at + 1] == "*":
                at += 1
            out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
            at += 1
        elif character == "[":
            expression, at = _class(pattern, at)
            out.append(expression)
        elif character == "\\" and at + 1 < len(pattern):
            out.append(re.escape(pattern[at + 1]))
            at += 2
        else:
            out.append(re.escape(character))
            at += 1
    return "".join(out) + r"(?:/.*)?\Z"


class Glob(NamedTuple):
    """A pattern and the directory it is relative to."""

    pattern: str
    """The glob as written, with '/'."""
    base: str
    """Absolute directory."""

    def matches(self, path: str) -> bool:
        """Return whether an absolute path, or a directory above it, matches."""
        base = self.base
        if path.startswith(base) and path[len(base) : len(base) + 1] == os.sep:
            relative = path[len(base) + 1 :]
        else:
            try:
                relative = os.path.relpath(path, base)
            except ValueError:  # another drive on Windows
                relative = path
        if os.sep != "/":
            relative = relative.replace(os.sep, "/")
        return self.matches_relative(relative)

    def matches_relative(self, path: str) -> bool:
        """Return whether a path relative to the base, with '/', matches."""
        expression = _compiled.get(self.pattern)
        if expression is None:
            expression = _compiled[self.pattern] = re.compile(_translate(self.pattern), re.DOTALL)
        return expression.match(path) is not None


def first_match(globs: tuple[Glob, ...], path: str) -> Glob | None:
    """Return the first glob that matches an absolute path, or None."""
    for glob in globs:
        if glob.matches(path):
            return glob
    return None
