"""The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}` in Dockerfiles.

Only `*` and `?` are special, there are no classes (BuildKit v0.32, shell/lex.go). Matching goes from
literal stretch to literal stretch, so that many stars cost no more than one.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["PatternError", "replace", "trim"]

_ANY: Final = 0
_STAR: Final = 1
_Token = str | int
_TEMPLATE = r"\$(?:(\$)|\{(\w+)\}|(\w+))"


class PatternError(ValueError):
    """A pattern with an escape that BuildKit does not know."""


def _tokens(pattern: str) -> list[_Token]:
    out: list[_Token] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            out.append(_STAR)
            continue
        if char == "?":
            out.append(_ANY)
            continue
        if char == "\\":
            char = pattern[at : at + 1]
            if char not in ("}", "/", "*", "?", "\\"):
                raise PatternError(f"'\\{char}' is no escape of a pattern")
            at += 1
        out.append(char)
    return out


class _Glob:
    """A pattern as the stretches between its stars."""

    __slots__ = ("parts",)

    def __init__(self, tokens: list[_Token]) -> None:
        parts = [""]
        for token in tokens:
            if token == _STAR:
                parts.append("")
            else:
                parts[-1] += "." if token == _ANY else re.escape(str(token))
        self.parts = [re.compile(part, re.DOTALL) for part in parts]

    def _rest(self, value: str, at: int, longest: bool) -> int | None:
        for part in self.parts[1:-1]:
            found = part.search(value, at)
            if found is None:
                return None
            at = found.end()
        if len(self.parts) == 1:
            return at
        last = self.parts[-1]
        if not longest:
            found = last.search(value, at)
            return found.end() if found else None
        for start in range(len(value), at - 1, -1):
            found = last.match(value, start)
            if found:
                return found.end()
        return None

    def prefix(self, value: str, longest: bool) -> int:
        """Return the length of the prefix that matches, 0 if none does."""
        first = self.parts[0].match(value)
        return self._rest(value, first.end(), longest) or 0 if first else 0

    def search(self, value: str, at: int) -> tuple[int, int] | None:
        """Return the leftmost, longest match."""
        first = self.parts[0].search(value, at)
        if first is None:
            return None
        end = self._rest(value, first.end(), True)
        return None if end is None else (first.start(), end)


def trim(pattern: str, value: str, suffix: bool) -> str:
    """Return a value without the prefix or suffix that matches; a doubled sign asks for the longest.

    `pattern` is the text after the first '#' or '%'. Raises PatternError.
    """
    sign = "%" if suffix else "#"
    longest = pattern.startswith(sign)
    tokens = _tokens(pattern[1:] if longest else pattern)
    if not suffix:
        return value[_Glob(tokens).prefix(value, longest) :]
    backwards = value[::-1]
    return backwards[_Glob(tokens[::-1]).prefix(backwards, longest) :][::-1]


def replace(pattern: str, replacement: str, value: str, every: bool) -> str:
    """Return a value with the first or every match replaced. Raises PatternError."""
    glob = _Glob(_tokens(pattern))
    if not every:
        found = glob.search(value, 0)
        return value[: found[0]] + replacement + value[found[1] :] if found else value
    out: list[str] = []
    at = last = 0
    while at <= len(value):
        found = glob.search(value, at)
        if found is None:
            break
        start, end = found
        out.append(value[last:start])
        # Go's ReplaceAll takes no empty match right behind another match.
        if end > last or start == 0:
            out.append(_filled(replacement, value[start:end]))
        last = end
        at = max(at + 1, end)
    return "".join(out) + value[last:]


def _filled(replacement: str, match: str) -> str:
    """Fill in Go's `$1` and `${name}`: only the whole match, group 0, exists."""

    def group(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        return match if (found[2] or found[3]) == "0" else ""

    return re.sub(_TEMPLATE, group, replacement) if "$" in replacement else replacement
