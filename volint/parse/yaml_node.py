"""The nodes of a YAML text, their values, and merge keys as Compose reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.yaml_scalar import Mismatch, cast
from volint.source import Span, Text, Word

if TYPE_CHECKING:
    from volint.parse.yaml_scalar import Timestamp
    from volint.source import Source

__all__ = [
    "Alias",
    "Document",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "deref",
    "effective",
    "is_merge",
    "resolve",
]

_MERGE = "<<"
MAX_VIA = 20
"""Merges that an entry came through that are kept, the nearest ones."""
_RESERVED = frozenset(("true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL"))


class Node:
    """A node of a document: where it stands and its explicit tag."""

    __slots__ = ("end", "source", "start", "tag")

    source: Source
    """The text it stands in."""
    start: int
    """Offset of its first code point (for a quoted scalar: the opening quote)."""
    end: int
    """Offset after its last code point (for block scalars and mappings: trimmed to content)."""
    tag: str | None
    """The explicit tag as written (`!reset`, `!!str`), None without one."""

    def __init__(self, source: Source, start: int, end: int, tag: str | None) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source.text[self.start : self.end]!r})"

    def span(self) -> Span:
        """Return its place, quotes included, anchor and tag not."""
        return Span(self.source, self.start, self.end)


class Scalar(Node):
    """A scalar; `value` is the text after unquoting, `style` one of '', "'", '"', '|', '>'."""

    __slots__ = ("style", "value")
    value: str
    """The text after unquoting and folding, before any type is read from it."""
    style: str
    """How it is written; '' is a plain scalar."""

    def __init__(
        self, source: Source, start: int, end: int, tag: str | None, value: str, style: str
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.value = value
        self.style = style

    def inner(self) -> Span:
        """Return its place without quotes; for a block scalar, its lines without the header."""
        if self.style in ('"', "'"):
            return Span(self.source, self.start + 1, max(self.start + 1, self.end - 1))
        if self.style:
            header = self.source.text.find("\n", self.start, self.end)
            if header >= 0:
                text = self.source.text
                at = header + 1
                while at < self.end and text[at] in " \r\n":
                    at += 1
                return Span(self.source, at, self.end)
        return Span(self.source, self.start, self.end)

    def word(self) -> Word:
        """Return the value with its map back to the characters it is written with."""
        span = self.inner()
        value = self.value
        # A flow scalar without escapes and folded lines is its own value.
        if self.style not in ("|", ">") and len(value) == span.end - span.start:
            return Word(value, span)
        from volint.parse.yaml_pieces import scalar_pieces

        pieces = scalar_pieces(self.source.text, self.start, self.end, self.style, value)
        return Word(value, span, pieces)

    def text(self) -> Text:
        """Return the value and its place without quotes."""
        return Text(self.value, self.inner())


class Mapping(Node):
    """A mapping; keys are kept in order, duplicates and merge keys included."""

    __slots__ = ("entries",)
    entries: list[tuple[Node, Node]]
    """Keys and values in the order they are written."""

    def __init__(self, source: Source, start: int, end: int, tag: str | None) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.entries = []


class Sequence(Node):
    """A sequence."""

    __slots__ = ("items",)
    items: list[Node]
    """The items in their order."""

    def __init__(self, source: Source, start: int, end: int, tag: str | None) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.items = []


class Alias(Node):
    """A reference; `target` is the anchored node, shared, never copied.

    The target is never an alias itself, and no node contains itself.
    """

    __slots__ = ("name", "target")
    name: str
    """The anchor's name, without '*'."""
    target: Node
    """The anchored node."""

    def __init__(self, source: Source, start: int, end: int, name: str, target: Node) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = None
        self.name = name
        self.target = target


class Document:
    """One document of a stream."""

    __slots__ = ("root", "span")
    root: Node
    """Its node; an empty document is an empty plain scalar, which is null."""
    span: Span
    """Its place, from its first to its last token."""

    def __init__(self, root: Node, span: Span) -> None:
        self.root = root
        self.span = span


def deref(node: Node) -> Node:
    """Return the node itself, for an alias the node it refers to."""
    return node.target if isinstance(node, Alias) else node


def resolve(node: Node) -> str | int | float | bool | Timestamp | None:
    """Return the value go-yaml v4 reads from a scalar, or from an alias to one.

    An unknown tag leaves text; so does a known one that the value does not fit, which `parse`
    reports. A collection has no such value: it gives None.
    """
    node = deref(node)
    if not isinstance(node, Scalar):
        return None
    value = cast(node.value, node.style == "", node.tag)
    return node.value if isinstance(value, Mismatch) else value


def is_merge(key: Node) -> bool:
    """Tell whether a key is a merge key: a plain `<<`."""
    return (
        isinstance(key, Scalar)
        and key.value == _MERGE
        and ((not key.style and key.tag is None) or key.tag == "!!merge")
    )


def effective(
    mapping: Mapping, drop: str | None = None
) -> list[tuple[Scalar, Node, tuple[Span, ...]]]:
    """Return the entries of a mapping after its merge keys, as (key, value, via).

    An explicit key wins over a merged one, the earlier map of a list over a later one; values are
    replaced, not merged. `via` holds the places of the merges an entry came through, nearest first;
    empty for the mapping's own. Keys that are no scalars are left out. An entry whose value carries
    the tag `drop` counts as not written, so that a merged entry shows through it (compose-go:
    loader/reset.go removes `!reset` before merge keys are read).
    """
    entries: list[tuple[Scalar, Node, tuple[Span, ...]]] = []
    # Nearly all mappings hold nothing but different words as keys.
    words = set()
    for key, value in mapping.entries:
        if (
            not isinstance(key, Scalar)
            or key.tag is not None
            or not (key.style or (key.value[:1].isalpha() and key.value not in _RESERVED))
            or (drop is not None and (value.tag == drop or deref(value).tag == drop))
        ):
            break
        words.add(key.value)
        entries.append((key, value, ()))
    if len(words) < len(mapping.entries):
        entries = []
        _collect(mapping, drop, entries)
    return entries


def _collect(
    mapping: Mapping, drop: str | None, entries: list[tuple[Scalar, Node, tuple[Span, ...]]]
) -> None:
    """Append the entries of a mapping, then those of its merges; one met again has nothing to add."""
    known: set[tuple[type, object]] = set()
    seen: set[int] = set()
    waiting: list[tuple[Mapping, tuple[Span, ...]]] = [(mapping, ())]
    while waiting:
        mapping, via = waiting.pop()
        if id(mapping) in seen:
            continue
        seen.add(id(mapping))
        merges: list[tuple[Mapping, tuple[Span, ...]]] = []
        for key, value in mapping.entries:
            if drop is not None and (value.tag == drop or deref(value).tag == drop):
                continue
            if is_merge(key):
                target = deref(value)
                listed = target.items if isinstance(target, Sequence) else [value]
                for item in listed:
                    merged = deref(item)
                    if isinstance(merged, Mapping):
                        merges.append((merged, (item.span(), *via[:MAX_VIA])))
                continue
            name = deref(key)
            if isinstance(name, Scalar):
                resolved = resolve(name)
                mark = (type(resolved), resolved)
                if mark not in known:
                    known.add(mark)
                    entries.append((name, value, via))
        waiting.extend(reversed(merges))
