"""YAML texts into nodes with spans, in the dialect Compose reads (go-yaml v4).

Nodes are built from events. `yaml_events` gives them in go-yaml's own dialect; `yaml_libyaml` gives
the same several times as fast wherever the two agree, but is slow to import: it is for all but the
first files of a run. libyaml refuses some of what go-yaml takes, a ':' inside of a plain scalar in
flow context above all; what it refuses is read again. What go-yaml refuses later, while it makes values, is refused
here: duplicate keys, undefined aliases, tags that do not fit their value.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from volint.parse.yaml_error import YamlSyntaxError
from volint.parse.yaml_node import (
    Alias,
    Document,
    Mapping,
    Node,
    Scalar,
    Sequence,
    deref,
    effective,
    is_merge,
    resolve,
)
from volint.parse.yaml_scalar import Mismatch, Timestamp, cast
from volint.record import NamedTuple
from volint.source import Kind, Label, Problem, Span

if TYPE_CHECKING:
    from volint.source import Source

__all__ = [
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
    "is_merge",
    "parse",
    "resolve",
]

MAX_DEPTH = 1_000
"""Collections nested deeper are not read: libyaml's time grows with the square of the depth."""

_MOST_PROBLEMS = 100
"""Further ones of the same text are not reported."""
_CORE_TAGS = "tag:yaml.org,2002:"
_MERGE = "<<"


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
        if start == end:
            # An empty value has the place of the token after it; it belongs to the one before.
            text = self._source.text
            while start > 0 and text[start - 1].isspace():
                start -= 1
            end = start
        elif style == "|" or style == ">":
            # A block scalar ends at the next token for libyaml.
            end = start + len(self._source.text[start:end].rstrip())
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
            for index, told in enumerate(self.problems):
                if told.message == message:
                    more = (*told.labels, Label(span, "used here, too"))
                    self.problems[index] = told._replace(labels=more)
                    break
            else:
                self._report(message, span, advice)
        else:
            message = f"'*{name}' refers to the very node it stands in"
            advice = "refer to another anchor"
            begin = Span(self._source, target.start, target.start + 1)
            self._report(message, span, advice, (Label(begin, "the node begins here"),))
        # Nobody knows what was meant: as if nothing stood here, so that nothing else is said of it.
        if not self._open or isinstance(self._open[-1][0], Mapping):
            self._children.append(Scalar(self._source, start, end, "!reset", "", ""))

    def _report(
        self, message: str, span: Span, advice: str, labels: tuple[Label, ...] = ()
    ) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem("VL001", message, span, advice, labels))

    def _check_tag(self, node: Scalar) -> None:
        """Refuse a known tag on a value that does not fit it."""
        if isinstance(cast(node.value, node.style == "", node.tag), Mismatch):
            self._report(
                f"The value does not fit its tag '{node.tag}'",
                node.span(),
                "remove the tag, or write a value of its type",
            )

    def _check_keys(self, mapping: Mapping) -> None:
        """Refuse duplicate keys, keys that are collections, and merges of what is no mapping."""
        first: dict[str, Node] = {}
        for key, value in mapping.entries:
            if key.__class__ is not Scalar:
                if not isinstance(deref(key), Scalar):
                    self._report(
                        f"'{_shown(key)}' is a collection and cannot be a key",
                        key.span(),
                        "quote it if it is meant as text",
                    )
                continue
            name = key.value
            earlier = first.setdefault(name, key)
            if earlier is not key:
                self._report(
                    f"'{name}' is defined twice in one mapping",
                    key.span(),
                    "merge both lists into one '<<: [*a, *b]'"
                    if name == _MERGE
                    else "remove or rename one of the two",
                    (Label(earlier.span(), "first defined here"),),
                )
            # Woodpecker merges lists, too; what a CI service takes is for it to say.
            elif name == _MERGE and is_merge(key) and self._source.kind is not Kind.CI:
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
        self._report(
            "'<<' merges something that is not a mapping",
            place.span(),
            'merge a mapping or a list of mappings, or quote the key: "<<"',
            labels,
        )


def _shown(node: Node) -> str:
    text = " ".join(node.span().text().split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def parse(source: Source) -> tuple[list[Document], list[Problem]]:
    """Read a text into its documents and what is wrong with it (all VL001).

    What stands before a syntax error is returned as far as its documents are complete. A text nested
    deeper than MAX_DEPTH is not read at all. A text with template marks in it (Jinja, Go templates)
    that is no YAML is reported as a note. How long a text may be is for whoever reads files to say.
    A source is read once, whoever asks; its nodes must not be changed.
    """
    known = source.parsed
    if known.__class__ is not _Parsed:
        source.parsed = known = _Parsed(*_parse(source))
    assert isinstance(known, _Parsed)
    return [*known.documents], [*known.problems]


class _Parsed(NamedTuple):
    """What `parse` made of a source."""

    documents: list[Document]
    problems: list[Problem]


def _parse(source: Source) -> tuple[list[Document], list[Problem]]:
    text = source.text
    composer = _Composer(source)
    try:
        if not _read_fast(text, composer):
            composer = _Composer(source)
            _read_exactly(text, composer)
    except _TooDeep as stop:
        return [], [_too_deep(source, stop.at)]
    except YamlSyntaxError as error:
        start = min(error.start, len(text))
        end = min(max(error.end, start), len(text))
        labels: tuple[Label, ...] = ()
        if error.opened is not None:
            bracket = Span(source, error.opened, error.opened + 1)
            labels = (Label(bracket, "this bracket is not closed"),)
        problem = Problem("VL001", error.message, Span(source, start, end), error.help, labels)
        return composer.documents, _explained(source, [*composer.problems, problem])
    return composer.documents, _explained(source, composer.problems)


_unhurried = 48_000
"""Code points that may still be read without libyaml: importing it takes as long as reading them."""


def _read_fast(text: str, composer: _Composer) -> bool:
    """Read with libyaml, unless too little is read in all; return False if nothing was read."""
    global _unhurried
    if len(text) <= _unhurried:
        _unhurried -= len(text)
        return False
    try:
        from volint.parse.yaml_libyaml import read
    except ImportError:
        # No compiled parser for this interpreter: everything is read the slower way.
        _unhurried = sys.maxsize
        return False
    return read(text, composer)


def _read_exactly(text: str, composer: _Composer) -> None:
    """Read in go-yaml's own dialect. Raises YamlSyntaxError."""
    from volint.parse.yaml_events import read

    read(text, composer)


def _short(tag: str) -> str:
    return f"!!{tag[len(_CORE_TAGS) :]}" if tag.startswith(_CORE_TAGS) else tag


def _too_deep(source: Source, at: int) -> Problem:
    return Problem(
        "VL001",
        f"Collections are nested more than {MAX_DEPTH:,} levels deep",
        Span(source, at, at + 1),
        "no Compose file needs this; flatten or exclude it",
    )


# Marks of Jinja, Go and ERB templates outside of quotes and comments, and lines that only envsubst makes YAML.
_TEMPLATE = (
    r"""^[^#"'\n]*?(\{%|<%|\{\#)|^(?:[^#"'\n]*[:,\-\[{][ \t]*|[ \t]*)(\{\{)"""
    r"""|^[ \t]*(\$\{\w+\})[^:\n]*:[ \t]*(?:\[|\{|$)"""
)
_CONFLICT = r"^<{7} "
_CONFLICT_END = r"^>{7} "


def _explained(source: Source, problems: list[Problem]) -> list[Problem]:
    """Replace the problems of a template or of a merge conflict by one that says what it is."""
    if not problems:
        return problems
    conflict = re.search(_CONFLICT, source.text, re.MULTILINE)
    if conflict is not None and re.search(_CONFLICT_END, source.text, re.MULTILINE):
        return [
            Problem(
                "VL001",
                "A merge conflict is not resolved",
                Span(source, conflict.start(), conflict.end() - 1),
                "keep one of the two sides and remove the marks",
            )
        ]
    mark = re.search(_TEMPLATE, source.text, re.MULTILINE)
    if mark is None:
        return problems
    place = mark.span(mark.lastindex or 0)
    return [
        Problem(
            "VL001",
            f"This is a template ('{source.text[slice(*place)]}'), not yet YAML; it is not checked",
            Span(source, *place),
            "check the file it is rendered to",
            level="note",
        )
    ]
