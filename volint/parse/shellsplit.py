"""The second opinion on where a command's words begin and end: bashlex.

bashlex knows bash's own grammar but costs a tenth of a second to import and reads fewer than half of
real scripts whole. It is therefore asked about single commands only, and only about those that
hold more than plain words, quotes and variables. What it cannot read keeps the scanner's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["split"]

_REGULAR = regex(
    r"[^\\'\"`$;&|<>()#{}!*?\[\]~]+|\\\r?\n|'[^']*'|\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\}"
    r"|\"(?:[^\"\\`$]|\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$\(pwd\))*\"|\$\(pwd\)|~/"
)
_BRACED = regex(r"\$\{")
_MAX_LENGTH = 4000
_MAX_NESTED = 6


def _is_regular(text: str) -> bool:
    at = 0
    while at < len(text):
        match = _REGULAR.match(text, at)
        if not match:
            return False
        at = match.end()
    return True


def split(text: str, start: int, end: int, ends: Mapping[int, int]) -> list[tuple[int, int]] | None:
    """Return the ranges of the words of the simple command text[start:end], assignments included.

    `ends` says where the expansions that the scanner saw end. None if no second opinion is needed or
    bashlex has none.
    """
    if end - start > _MAX_LENGTH:
        return None
    command = text[start:end].replace("\0", "x")
    if _is_regular(command) or command.count("$(") + command.count("`") > _MAX_NESTED:
        return None
    # bashlex looks for the end of an open '${' for ever, even in quotes.
    if any(match.start() not in ends for match in _BRACED.finditer(text, start, end)):
        return None
    import bashlex
    from bashlex.errors import ParsingError

    try:
        trees = bashlex.parse(command)
    except (ParsingError, NotImplementedError):
        return None
    except (AttributeError, AssertionError, IndexError, KeyError, TypeError, ValueError):
        # bashlex fails in these ways on text that its authors did not expect.
        return None
    if len(trees) != 1 or trees[0].kind != "command":
        return None
    return [
        (start + part.pos[0], start + part.pos[1])
        for part in trees[0].parts
        if part.kind in ("word", "assignment")
    ]
