"""Where the loader writes down what is wrong with a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.source import Label, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.source import Span

__all__ = ["Path", "Report", "closest", "container_of", "joined"]

Path = tuple[str, ...]
"""Where in a project something is: keys, and '0', '1' ... for items of lists."""


_INVALID = frozenset(("VL601", "VL614", "VL615"))


class Report:
    """Problems found while a project is loaded, and whether Compose refuses it."""

    __slots__ = ("_places", "_seen", "_unreadable", "problems", "refused")

    problems: list[Problem]
    """What was found, in the order it was found."""
    refused: bool
    """True if Compose would not load the project."""

    def __init__(self) -> None:
        self.problems = []
        self.refused = False
        self._seen: set[tuple[str, int, int, int, str]] = set()
        self._places: set[tuple[int, int, int]] = set()
        self._unreadable: list[Span] = []

    def refuse(
        self,
        code: str,
        message: str,
        span: Span,
        help: str = "",
        labels: Sequence[Label] = (),
        *,
        container: str = "",
        target: str = "",
        level: str | None = None,
    ) -> None:
        """Add what Compose refuses.

        Of several forms of one cause only the first is kept: invalid values at one place, and what
        lies around something unreadable.
        """
        self.refused = True
        if code in _INVALID and span.end > span.start:
            place = (id(span.source), span.start, span.end)
            if place in self._places or any(
                span.source is other.source and span.start <= other.start and other.end <= span.end
                for other in self._unreadable
            ):
                return
            self._places.add(place)
        self.add(code, message, span, help, labels, container=container, target=target, level=level)

    def add(
        self,
        code: str,
        message: str,
        span: Span,
        help: str = "",
        labels: Iterable[Label] = (),
        *,
        container: str = "",
        target: str = "",
        level: str | None = None,
    ) -> None:
        """Add a problem that does not stop Compose. The same one at the same place is added once."""
        mark = (code, id(span.source), span.start, span.end, message)
        if mark not in self._seen:
            self._seen.add(mark)
            self.problems.append(
                Problem(code, message, span, help, tuple(labels), level, container, target)
            )

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems of a reader; those that are no mere notes refuse the project."""
        for problem in problems:
            self.refused = True
            self._unreadable.append(problem.span)
            self.add(
                *problem[:5],
                container=problem.container,
                target=problem.target,
                level=problem.level,
            )


def container_of(path: Path) -> str:
    """Return the service a path lies in, '' outside of services."""
    return path[1] if len(path) > 1 and path[0] == "services" else ""


def joined(path: Path) -> str:
    """Return a path as people write it: services.web.volumes[0].type."""
    text = ""
    for part in path:
        if part.isdigit() and text:
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, '' if none is near."""
    from difflib import get_close_matches

    folded = {name.lower().replace("_", "").replace("-", ""): name for name in known}
    key = word.lower().replace("_", "").replace("-", "")
    if key in folded:
        return folded[key]
    found = get_close_matches(key, list(folded), 1, 0.75)
    return folded[found[0]] if found else ""
