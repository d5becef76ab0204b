"""What Compose looks through a document for before it reads any value: tags, and aliases that come back.

Source of the behaviour: compose-go 2.14, loader/reset.go. Every collection is looked through once, wherever
aliases use it, and 100,000 nodes are the most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.yaml import Alias, Mapping, Scalar, Sequence, deref

if TYPE_CHECKING:
    from volint.assemble.compose.report import Path
    from volint.parse.yaml import Node

__all__ = ["MAX_VISITS", "Scan", "is_bomb", "needs_scan", "scan"]

MAX_VISITS = 100_000
"""Nodes of one document that Compose looks at before it gives up."""
MAX_NODES = 5_000_000
"""Nodes that aliases may make of one document. Compose knows no limit, and uses up the memory."""

_TAGS = ("!reset", "!override")


class Scan:
    """What was found in one document."""

    __slots__ = ("cycle", "tags", "too_large")

    def __init__(self) -> None:
        self.tags: list[Path] = []
        """Paths that `!reset` and `!override` mark. One below a merge key counts as one of the mapping that
        merges, except in a list of merges."""
        self.cycle: tuple[Alias, Path, Alias, Path] | None = None
        """Two aliases to one anchor of which one lies below the other: each, and where it stands."""
        self.too_large = False
        """True if there is more than Compose looks at."""


def needs_scan(text: str) -> bool:
    """Return whether a document's text may hold tags or aliases, or be too large."""
    return (
        ("&" in text and "*" in text)
        or "!reset" in text
        or "!override" in text
        or len(text) > 2 * MAX_VISITS
    )


def scan(root: Node) -> Scan:
    """Look through a document."""
    found = Scan()
    tags = found.tags
    known: dict[int, list[Path]] = {}
    used: dict[int, list[tuple[Alias, Path]]] = {}
    visits = 0
    # A node to visit, or the end of a collection with the number of tags found before it.
    waiting: list[tuple[Node, Path, int | None]] = [(root, (), None)]
    while waiting:
        node, path, before = waiting.pop()
        if before is not None:
            known[id(node)] = [mark[len(path) :] for mark in tags[before:]]
            continue
        visits += 1
        if visits > MAX_VISITS or len(tags) > MAX_VISITS:
            found.too_large = True
            return found
        if "<<" in path[1:]:
            at = path.index("<<", 1)
            path = (*path[:at], *path[at + 1 :])
        target = deref(node)
        if node.tag in _TAGS:
            tags.append(path)
            continue
        if isinstance(node, Alias):
            if found.cycle is None:
                found.cycle = _cycle(node, path, used.setdefault(id(target), []))
            if target.tag in _TAGS:
                tags.append(path)
                continue
        if isinstance(target, Scalar):
            continue
        inner = known.get(id(target))
        if inner is not None:
            tags.extend((*path, *mark) for mark in inner)
            continue
        waiting.append((target, path, len(tags)))
        if isinstance(target, Mapping):
            waiting.extend(
                (value, (*path, key.value), None)
                for key, value in reversed(target.entries)
                if isinstance(key, Scalar)
            )
        elif isinstance(target, Sequence):
            items = list(enumerate(target.items))
            waiting.extend((item, (*path, str(at)), None) for at, item in reversed(items))
    return found


def _cycle(
    alias: Alias, path: Path, used: list[tuple[Alias, Path]]
) -> tuple[Alias, Path, Alias, Path] | None:
    """Return an alias and an earlier one to the same anchor that lies above or below it."""
    for other, place in used:
        if path == place or "<<" in path or "<<" in place:
            continue
        shorter = min(len(path), len(place))
        if path[:shorter] == place[:shorter]:
            return alias, path, other, place
    used.append((alias, path))
    return None


def is_bomb(root: Node) -> bool:
    """Return whether aliases make more of a document than any memory holds."""
    sizes: dict[int, int] = {}
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, done = waiting.pop()
        node = deref(node)
        if id(node) in sizes:
            continue
        inner: list[Node] = []
        if isinstance(node, Mapping):
            inner = [value for _, value in node.entries]
        elif isinstance(node, Sequence):
            inner = node.items
        if inner and not done:
            waiting.append((node, True))
            waiting.extend((item, False) for item in inner)
            continue
        sizes[id(node)] = 1 + sum(sizes[id(deref(item))] for item in inner)
    return sizes[id(deref(root))] > MAX_NODES
