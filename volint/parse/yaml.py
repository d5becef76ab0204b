"""YAML texts into nodes with spans, in the dialect Compose reads (go-yaml v4).

Nodes are built from libyaml's event stream. libyaml 0.1 refuses some of what go-yaml takes, a ':'
inside of a plain scalar in flow context above all, so what it refuses is read again by
`volint.parse.yaml_pure`. What go-yaml refuses later, while it makes values, is refused here:
duplicate keys, undefined aliases, tags that do not fit their value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from _ruamel_yaml import CParser
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from volint.parse.yaml_error import YamlSyntaxError
from volint.parse.yaml_scalar import Mismatch, Timestamp, cast, scalar_pieces
from volint.source import Label, Problem, Span, Text, Word

if TYPE_CHECKING:
    from volint.source import Source

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Alias",
    "Document",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Timestamp",
    "deref",
    "effective",
    "parse",
    "resolve",
]

MAX_BYTES = 10_000_000
"""A text of more UTF-8 bytes is not read."""
MAX_DEPTH = 1_000
"""Collections nested deeper are not read: libyaml's time grows with the square of the depth."""

_PROPERTIES = re.compile(
    r"(?:(?:&[^\s,\[\]{}]+|!<[^>\s]*>|![^\s,\[\]{}]*)(?:[\s\ufeff]|(?<=\s)#[^\r\n]*)*)+"
)
_BOM = "\ufeff"
_CORE_TAGS = "tag:yaml.org,2002:"
_MERGE = "<<"


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


def _is_merge(key: Node) -> bool:
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
    _collect(mapping, (), drop, entries, set(), set())
    return entries


def _collect(
    mapping: Mapping,
    via: tuple[Span, ...],
    drop: str | None,
    entries: list[tuple[Scalar, Node, tuple[Span, ...]]],
    known: set[tuple[type, object]],
    seen: set[int],
) -> None:
    """Append what `mapping` adds to `entries`; a mapping met again has nothing to add."""
    if id(mapping) in seen:
        return
    seen.add(id(mapping))
    merges: list[Node] = []
    for key, value in mapping.entries:
        if drop is not None and (value.tag == drop or deref(value).tag == drop):
            continue
        if _is_merge(key):
            merges.append(value)
            continue
        name = deref(key)
        if isinstance(name, Scalar):
            resolved = resolve(name)
            mark = (type(resolved), resolved)
            if mark not in known:
                known.add(mark)
                entries.append((name, value, via))
    for merge in merges:
        passed = (merge.span(), *via)
        target = deref(merge)
        if isinstance(target, Mapping):
            _collect(target, passed, drop, entries, known, seen)
        elif isinstance(target, Sequence):
            for item in target.items:
                merged = deref(item)
                if isinstance(merged, Mapping):
                    _collect(merged, (item.span(), *via), drop, entries, known, seen)


class _TooDeep(Exception):
    """Nesting passed MAX_DEPTH; `at` is where."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class _Composer:
    """Builds documents from events (`volint.parse.yaml_events.Sink`)."""

    def __init__(self, source: Source) -> None:
        self.documents: list[Document] = []
        self.problems: list[Problem] = []
        self._source = source
        # go-yaml keeps anchors from one document to the next.
        self._anchors: dict[str, Node] = {}
        # The open collections: the node, its siblings so far, the problems before it.
        self._open: list[tuple[Mapping | Sequence, list[Node], int]] = []
        self._children: list[Node] = []
        self._started = 0

    def scalar(
        self, start: int, end: int, tag: str | None, anchor: str | None, value: str, style: str
    ) -> None:
        node = Scalar(self._source, start, end, tag, value, style)
        if tag is not None:
            node.tag = _short(tag)
            self._check_tag(node)
        if anchor is not None:
            self._anchors[anchor] = node
        self._children.append(node)

    def begin(self, is_mapping: bool, start: int, tag: str | None, anchor: str | None) -> None:
        kind = Mapping if is_mapping else Sequence
        # While a collection is open its end is unknown: an alias to it would contain itself.
        node = kind(self._source, start, -1, tag if tag is None else _short(tag))
        if anchor is not None:
            self._anchors[anchor] = node
        self._children.append(node)
        if len(self._open) >= MAX_DEPTH:
            raise _TooDeep(start)
        self._open.append((node, self._children, len(self.problems)))
        self._children = []

    def end(self, end: int | None) -> None:
        node, siblings, before = self._open.pop()
        children = self._children
        if end is None:
            end = children[-1].end if children else node.start
        node.end = end
        if isinstance(node, Mapping):
            node.entries = list(zip(children[::2], children[1::2], strict=True))
            self._check_keys(node)
        else:
            node.items = children
        if node.tag == "!reset":
            # Compose removes it before it would object to anything in it.
            del self.problems[before:]
        self._children = siblings

    def begin_document(self, start: int) -> None:
        self._started = start
        self._children = []

    def end_document(self) -> None:
        root = self._children[0]
        span = Span(self._source, self._started, max(self._started, root.end))
        self.documents.append(Document(root, span))

    def alias(self, start: int, end: int, name: str) -> None:
        target = self._anchors.get(name)
        if target is not None and target.end >= 0:
            self._children.append(Alias(self._source, start, end, name, target))
            return
        span = Span(self._source, start, end)
        if target is None:
            message = f"'*{name}' refers to an anchor that is not defined above it"
            advice = f"define it above with '&{name}', or quote the text if no alias is meant"
            labels: tuple[Label, ...] = ()
        else:
            message = f"'*{name}' refers to the very node it stands in"
            advice = "refer to another anchor"
            begin = Span(self._source, target.start, target.start + 1)
            labels = (Label(begin, "the node begins here"),)
        self.problems.append(Problem("VL001", message, span, advice, labels))
        self._children.append(Scalar(self._source, start, end, None, "", ""))

    def _check_tag(self, node: Scalar) -> None:
        """Refuse a known tag on a value that does not fit it."""
        if isinstance(cast(node.value, node.style == "", node.tag), Mismatch):
            self.problems.append(
                Problem(
                    "VL001",
                    f"'{node.value}' cannot be read as {node.tag}",
                    node.span(),
                    "remove the tag, or write a value of its type",
                )
            )

    def _check_keys(self, mapping: Mapping) -> None:
        """Refuse duplicate keys, keys that are collections, and merges of what is no mapping."""
        first: dict[str, Node] = {}
        for key, value in mapping.entries:
            if key.__class__ is not Scalar:
                if not isinstance(deref(key), Scalar):
                    self.problems.append(
                        Problem(
                            "VL001",
                            f"'{_shown(key)}' is a collection and cannot be a key",
                            key.span(),
                            "quote it if it is meant as text",
                        )
                    )
                continue
            name = key.value
            earlier = first.setdefault(name, key)
            if earlier is not key:
                self.problems.append(
                    Problem(
                        "VL001",
                        f"'{name}' is defined twice in one mapping",
                        key.span(),
                        "merge both lists into one '<<: [*a, *b]'"
                        if name == _MERGE
                        else "remove or rename one of the two",
                        (Label(earlier.span(), "first defined here"),),
                    )
                )
            elif name == _MERGE and _is_merge(key):
                self._check_merge(key, value)

    def _check_merge(self, key: Node, value: Node) -> None:
        target = deref(value)
        items = target.items if isinstance(target, Sequence) else [value]
        wrong = next(
            (
                item
                for item in items
                if not isinstance(deref(item), Mapping) and item.tag != "!reset"
            ),
            None,
        )
        if wrong is None or any(
            problem.span.start == wrong.start for problem in self.problems[-1:]
        ):
            return
        place = value if value.end > value.start else key
        labels = (Label(wrong.span(), "this is no mapping"),) if wrong is not value else ()
        self.problems.append(
            Problem(
                "VL001",
                "'<<' merges something that is not a mapping",
                place.span(),
                'merge a mapping or a list of mappings, or quote the key: "<<"',
                labels,
            )
        )


def _shown(node: Node) -> str:
    text = " ".join(node.span().text().split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def parse(source: Source, max_bytes: int = MAX_BYTES) -> tuple[list[Document], list[Problem]]:
    """Read a text into its documents and what is wrong with it (all VL001).

    What stands before a syntax error is returned as far as its documents are complete. A text of
    more than `max_bytes` UTF-8 bytes, or nested deeper than MAX_DEPTH, is not read at all. A text
    with template marks in it (Jinja, Go templates) that is no YAML is reported as a note.
    """
    text = source.text
    if len(text) * 4 > max_bytes:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > max_bytes:
            return [], [
                Problem(
                    "VL001",
                    f"The file has {size:,} bytes, more than the {max_bytes:,} that are read",
                    Span(source, 0, 0),
                    "exclude it, or raise the limit in the configuration",
                )
            ]
    composer = _Composer(source)
    try:
        try:
            if _BOM in text:
                raise YAMLError("libyaml drops it at the beginning of a line")
            _read_fast(text, composer)
        except (YAMLError, UnicodeEncodeError):
            from volint.parse.yaml_events import read

            composer = _Composer(source)
            read(text, composer)
    except _TooDeep as stop:
        return [], [_too_deep(source, stop.at)]
    except YamlSyntaxError as error:
        start = min(error.start, len(text))
        end = min(max(error.end, start), len(text))
        problem = Problem("VL001", error.message, Span(source, start, end), error.help)
        return composer.documents, _as_template(source, [*composer.problems, problem])
    return composer.documents, _as_template(source, composer.problems)


def _read_fast(text: str, composer: _Composer) -> None:
    """Send libyaml's events to `composer`. Raises YAMLError for what libyaml refuses."""
    get_event = CParser(text).get_event
    scalar, begin = composer.scalar, composer.begin
    while True:
        event = get_event()
        kind = event.__class__
        if kind is ScalarEvent:
            start = event.start_mark.index
            end = event.end_mark.index
            style = event.style or ""
            tag, anchor = event.tag, event.anchor
            if tag is not None or anchor is not None:
                start = _after_properties(text, start, end)
            if style == "|" or style == ">":
                end = start + len(text[start:end].rstrip())
            scalar(start, end, tag, anchor, event.value, style)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            start = event.start_mark.index
            tag, anchor = event.tag, event.anchor
            if tag is not None or anchor is not None:
                start = _after_properties(text, start, len(text))
            begin(kind is MappingStartEvent, start, tag, anchor)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            # libyaml ends a block collection at the next token, with an empty range.
            start, end = event.start_mark.index, event.end_mark.index
            composer.end(end if end > start else None)
        elif kind is AliasEvent:
            composer.alias(event.start_mark.index, event.end_mark.index, event.anchor)
        elif kind is DocumentStartEvent:
            if event.version not in (None, (1, 1)):
                raise YAMLError("a version that go-yaml refuses")
            composer.begin_document(event.start_mark.index)
        elif kind is DocumentEndEvent:
            composer.end_document()
        elif kind is StreamEndEvent:
            return


def _after_properties(text: str, start: int, end: int) -> int:
    """Return where the content of a node begins, after its anchor and tag."""
    match = _PROPERTIES.match(text, start, end)
    if match is None:
        raise YAMLError("go-yaml may read this otherwise")
    return match.end()


def _short(tag: str) -> str:
    return f"!!{tag[len(_CORE_TAGS) :]}" if tag.startswith(_CORE_TAGS) else tag


def _too_deep(source: Source, at: int) -> Problem:
    return Problem(
        "VL001",
        f"Collections are nested more than {MAX_DEPTH:,} levels deep",
        Span(source, at, at + 1),
        "no Compose file needs this; flatten or exclude it",
    )


# Marks of Jinja, Go and ERB templates outside of quotes and comments.
_TEMPLATE = re.compile(
    r"""^[^#"'\n]*?(\{%|<%|\{\#)|^(?:[^#"'\n]*[:,\-\[{][ \t]*|[ \t]*)(\{\{)""", re.MULTILINE
)


def _as_template(source: Source, problems: list[Problem]) -> list[Problem]:
    """Replace the problems of a template by a note that says it is one."""
    if not problems:
        return problems
    mark = _TEMPLATE.search(source.text)
    if mark is None:
        return problems
    return [
        Problem(
            "VL001",
            f"This is a template ('{mark.group(mark.lastindex or 0)}'), not yet YAML; it is not checked",
            Span(source, *mark.span(mark.lastindex or 0)),
            "check the file it is rendered to",
            level="note",
        )
    ]
