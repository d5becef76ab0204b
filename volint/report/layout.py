"""Where things stand in a drawing: layers from left to right, with few crossings.

The work is igraph's (`Graph.layout_sugiyama`, GPL-2.0-or-later): an optional package, imported when something is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["INSTALL", "LayoutError", "check", "rows"]

INSTALL = "pip install 'volint[graph]'"
"""The command that installs what a drawing needs."""


class LayoutError(Exception):
    """The library for layouts is not installed; the text says what to do."""


def check() -> None:
    """Raise LayoutError if drawings cannot be made here."""
    _igraph()


def _igraph() -> Any:
    try:
        import igraph
    except ImportError:
        raise LayoutError(f"a drawing needs the package igraph; {INSTALL} installs it") from None
    return igraph


def _placed(first: int, second: int, edges: Sequence[tuple[int, int]]) -> list[float]:
    """Return the rows of a layer and of another behind it, edges being pairs of numbers in each."""
    graph = _igraph().Graph(
        n=first + second, edges=[(one, first + other) for one, other in edges], directed=True
    )
    layers = [0] * first + [1] * second
    placed = graph.layout_sugiyama(layers=layers, hgap=1, vgap=1, maxiter=100)
    return [float(across) for across, _ in placed.coords[: first + second]]


def rows(
    containers: int, storage: int, edges: Sequence[tuple[int, int]]
) -> tuple[list[float], list[float], list[float]]:
    """Return the rows, from 0 down, of containers, edges and storage, each in a column of its own.

    `edges` are pairs of a container's and a storage's number. Two things of a column are at least one row apart;
    the edges of a container stay together beside it, in the order of what they lead to. Raises LayoutError.
    """
    found = _placed(containers, storage, edges)
    left = sorted(range(containers), key=found.__getitem__)
    right = sorted(range(storage), key=found[containers:].__getitem__)
    places = {number: place for place, number in enumerate(left)}
    others = {number: place for place, number in enumerate(right)}
    middle = sorted(
        range(len(edges)), key=lambda number: (places[edges[number][0]], others[edges[number][1]])
    )
    stars = [(places[edges[number][0]], at) for at, number in enumerate(middle)]
    beside = _placed(containers, len(edges), stars)
    left_rows, middle_rows = [0.0] * containers, [0.0] * len(edges)
    for at, number in enumerate(left):
        left_rows[number] = beside[at]
    for at, number in enumerate(middle):
        middle_rows[number] = beside[containers + at]
    wanted: list[list[float]] = [[] for _ in range(storage)]
    for (_, other), row in zip(edges, middle_rows, strict=True):
        wanted[other].append(row)
    last = max(beside, default=0.0)
    right_rows = _near([_middle(wanted[number], last) for number in right], last)
    return left_rows, middle_rows, [right_rows[others[number]] for number in range(storage)]


def _middle(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _near(wanted: Sequence[float], last: float) -> list[float]:
    """Return rows in the order given, one apart at least, near those wanted and not below `last` if that can be."""
    found: list[float] = []
    for row in wanted:
        found.append(max(row, found[-1] + 1) if found else row)
    end = max(last, float(len(found) - 1))
    for at in range(len(found) - 1, -1, -1):
        found[at] = min(found[at], end)
        end = found[at] - 1
    return found
