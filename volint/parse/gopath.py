"""Paths and wildcards as Go's `path/filepath` reads them on Linux.

Docker cleans paths and matches wildcards with these functions, and its users see their edges: `[!a]`
does not negate, `*` never crosses a '/', a wrong bracket is an error and not a literal.
"""

from __future__ import annotations

import re
from functools import lru_cache

from volint.lazy import regex

__all__ = ["BadPatternError", "has_wildcard", "match", "path_clean"]

_WILDCARD = regex(r"[*?\[\\]")


class BadPatternError(ValueError):
    """A wildcard pattern that Go's filepath.Match refuses ("syntax error in pattern")."""


def path_clean(path: str) -> str:
    """Return the shortest path lexically equal to `path`: Go's filepath.Clean.

    'a//b', './a/b' and 'a/x/../b' become 'a/b'; '' becomes '.'; a '..' never climbs over a root.
    """
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if parts and parts[-1] != "..":
                parts.pop()
                continue
            if rooted:
                continue
        parts.append(part)
    cleaned = "/".join(parts)
    if rooted:
        return "/" + cleaned
    return cleaned or "."


def has_wildcard(path: str) -> bool:
    """Return whether a path holds a character that is special to `match`."""
    return _WILDCARD.search(path) is not None


def match(pattern: str, name: str) -> bool:
    """Return whether the whole name matches: Go's filepath.Match. Raises BadPatternError.

    Unlike Go, which may answer "no match" before it sees a wrong class, a wrong pattern is always
    an error, whatever the name.
    """
    return _compile(pattern).match(name) is not None


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str]:
    out: list[str] = []
    at = 0
    length = len(pattern)
    while at < length:
        char = pattern[at]
        at += 1
        if char == "*":
            if out[-1:] != ["[^/]*"]:
                out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            piece, at = _class(pattern, at)
            out.append(piece)
        elif char == "\\":
            if at == length:
                raise BadPatternError(pattern)
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return re.compile("".join(out) + r"\Z")


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Read a class after its '['; return it for `re`, and the offset after its ']'."""
    negated = pattern.startswith("^", at)
    if negated:
        at += 1
    ranges: list[str] = []
    first = True
    while first or not pattern.startswith("]", at):
        first = False
        low, at = _class_char(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _class_char(pattern, at + 1)
        if low <= high:
            ranges.append(f"{_in_class(low)}-{_in_class(high)}")
    at += 1
    if not ranges:
        return ("(?s:.)" if negated else r"(?!)"), at
    return f"[{'^' if negated else ''}{''.join(ranges)}]", at


def _class_char(pattern: str, at: int) -> tuple[str, int]:
    char = pattern[at : at + 1]
    if char in ("", "-", "]"):
        raise BadPatternError(pattern)
    if char == "\\":
        at += 1
        char = pattern[at : at + 1]
    at += 1
    if not char or at >= len(pattern):
        raise BadPatternError(pattern)
    return char, at


def _in_class(char: str) -> str:
    return "\\" + char if char in "\\]^-[&~|" else char
