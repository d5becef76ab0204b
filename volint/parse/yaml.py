"""YAML texts into nodes with spans, in the dialect Compose reads (go-yaml v4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["Alias", "Mapping", "Node", "Scalar", "Sequence"]


class Node:
    """A node of a document: where it stands and its explicit tag."""

    __slots__ = ("end", "source", "start", "tag")

    source: Source
    start: int
    """Offset of its first code point (for a quoted scalar: the opening quote)."""
    end: int
    """Offset after its last code point (for block scalars and mappings: trimmed to content)."""
    tag: str | None
    """The explicit tag as written (`!reset`, `!!str`), None without one."""


class Scalar(Node):
    """A scalar; `value` is the text after unquoting, `style` one of '', "'", '"', '|', '>'."""

    __slots__ = ("style", "value")
    value: str
    style: str


class Mapping(Node):
    """A mapping; keys are kept in order, duplicates and merge keys included."""

    __slots__ = ("entries",)
    entries: list[tuple[Node, Node]]


class Sequence(Node):
    """A sequence."""

    __slots__ = ("items",)
    items: list[Node]


class Alias(Node):
    """A reference; `target` is the anchored node, shared, never copied."""

    __slots__ = ("name", "target")
    name: str
    target: Node
