"""Telling people about their mistakes: where one is, and what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ConfigError", "closest", "did_you_mean"]


class ConfigError(Exception):
    """A mistake in a configuration file or an option: what is wrong, where, and what to do."""

    def __init__(self, message: str, path: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        if not self.path:
            return self.message
        if not self.line:
            return f"{self.path}: {self.message}"
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant by `word`, or None."""
    known = list(dict.fromkeys(candidates))
    # A letter O for a zero, a small L for a one.
    upper = word.upper()
    for candidate in known:
        if candidate.upper() == upper:
            return candidate
    repaired = upper[:2] + upper[2:].replace("O", "0").replace("I", "1").replace("L", "1")
    if repaired in known:
        return repaired
    from difflib import get_close_matches

    close = get_close_matches(word.lower().replace("_", "-"), known, n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return "; did you mean '...'?", or nothing if no candidate is close."""
    found = closest(word, candidates)
    return f"; did you mean '{found}'?" if found else ""
