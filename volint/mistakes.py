"""Telling people about their mistakes: where one is, and what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ConfigError", "Mistakes", "closest", "did_you_mean"]


class ConfigError(Exception):
    """Mistakes in a configuration file or an option: what is wrong, where, and what to do."""

    def __init__(self, message: str, path: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.more: tuple[ConfigError, ...] = ()
        """Further mistakes, in order."""

    def __str__(self) -> str:
        return "\n".join((self._line(), *map(str, self.more)))

    def _line(self) -> str:
        if not self.path:
            return self.message
        if not self.line:
            return f"{self.path}: {self.message}"
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class Mistakes:
    """Collects what is wrong in the parts of something, so that all of it is told at once.

    As a context manager it takes the ConfigError of one part, and goes on behind it.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[ConfigError] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, ConfigError):
            self._found.append(error)
            return True
        return False

    def tell(self) -> None:
        """Raise a ConfigError for all that was wrong, if anything was."""
        if self._found:
            in_order = sorted(self._found, key=lambda error: (error.path, error.line, error.column))
            first, *others = in_order
            first.more = (*first.more, *others)
            raise first


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
