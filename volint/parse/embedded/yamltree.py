"""Small helpers to walk YAML nodes of files that are read leniently: CI jobs, Taskfiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.yaml import Mapping, Scalar, Sequence, deref, effective, parse

if TYPE_CHECKING:
    from volint.parse.yaml import Node
    from volint.source import Problem, Source

__all__ = ["entries", "flat", "items", "mapping", "root", "scalar", "strings"]


def root(source: Source) -> tuple[Node | None, list[Problem]]:
    """Return the first document of a YAML text and what is wrong with it."""
    documents, problems = parse(source)
    return (documents[0].root if documents else None), problems


def mapping(node: Node | None) -> dict[str, Node]:
    """Return the entries of a mapping, merge keys followed; empty for anything else."""
    return dict(entries(node))


def entries(node: Node | None) -> list[tuple[str, Node]]:
    """Return the entries of a mapping in order, aliases followed."""
    if node is None:
        return []
    node = deref(node)
    if not isinstance(node, Mapping):
        return []
    return [
        (entry[0].value, deref(entry[1]))
        for entry in effective(node)
        if isinstance(entry[0], Scalar)
    ]


def items(node: Node | None) -> list[Node]:
    """Return the items of a list, aliases followed; empty for anything else."""
    if node is None:
        return []
    node = deref(node)
    return [deref(item) for item in node.items] if isinstance(node, Sequence) else []


def scalar(node: Node | None) -> Scalar | None:
    """Return a node if it is a scalar."""
    if node is None:
        return None
    node = deref(node)
    return node if isinstance(node, Scalar) else None


def flat(node: Node | None, depth: int = 0) -> list[Scalar]:
    """Return the scalars of a scalar or of a list of them, nested lists included."""
    one = scalar(node)
    if one is not None:
        return [one]
    if depth > 10:
        return []
    return [found for item in items(node) for found in flat(item, depth + 1)]


def strings(node: Node | None) -> dict[str, str]:
    """Return the entries of a mapping whose values are plain text without expressions."""
    return {
        name: value.value
        for name, value in entries(node)
        if isinstance(value, Scalar) and not any(mark in value.value for mark in ("$", "{{", "<<"))
    }
