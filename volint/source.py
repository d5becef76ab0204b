"""Texts and places in them: the types every other layer points with.

Offsets are code points of the decoded text without its byte order mark; lines and columns exist
only where something is shown to a person (`Source.position`).
"""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Kind", "Label", "Piece", "Problem", "Source", "Span", "Text", "Word", "apply"]

_LINE_BREAK = regex(r"\r\n|\n|\r")


class Kind(str, Enum):
    """What a file is, as far as volint reads it."""

    COMPOSE = "compose"
    DOCKERFILE = "dockerfile"
    DOCKERIGNORE = "dockerignore"
    SHELL = "shell"
    MAKEFILE = "makefile"
    JUSTFILE = "justfile"
    CI = "ci"
    MARKDOWN = "markdown"
    PACKAGE_JSON = "package.json"
    UNIT = "unit"
    QUADLET = "quadlet"
    DEVCONTAINER = "devcontainer"
    TASKFILE = "taskfile"
    ENV_FILE = "env-file"
    OTHER = "other"


class Source:
    """One file as it was read. Immutable; equal only to itself."""

    __slots__ = ("_starts", "byte_order_mark", "file", "kind", "parsed", "path", "text")

    path: str
    """The path as shown to a person: relative to the working directory where it can be, with '/'."""
    text: str
    """The decoded text, line endings untouched, without a byte order mark."""
    kind: Kind
    """What the file is."""
    file: str | None
    """The absolute path on disk; None for standard input and for text that is in no file."""
    byte_order_mark: bool
    """Whether the file begins with a byte order mark, which the text has lost."""
    parsed: object
    """What a parser made of the text, for when it is asked again; it alone knows the type."""

    def __init__(
        self,
        path: str,
        text: str,
        kind: Kind = Kind.OTHER,
        file: str | None = None,
        byte_order_mark: bool = False,
    ) -> None:
        self.path = path
        self.text = text
        self.kind = kind
        self.file = file
        self.byte_order_mark = byte_order_mark
        self.parsed = None
        self._starts: list[int] | None = None

    def __repr__(self) -> str:
        return f"Source({self.path!r})"

    def _line_starts(self) -> list[int]:
        starts = self._starts
        if starts is None:
            starts = [0]
            starts.extend(match.end() for match in _LINE_BREAK.finditer(self.text))
            self._starts = starts
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based (line, column) of a code-point offset."""
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_count(self) -> int:
        """Return the number of lines; a final line break opens one more, empty line."""
        return len(self._line_starts())

    def line(self, line: int) -> str:
        """Return the text of a 1-based line, without its line break."""
        starts = self._line_starts()
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def line_span(self, line: int) -> Span:
        """Return the span of a 1-based line, without its line break."""
        starts = self._line_starts()
        start = starts[line - 1]
        end = starts[line] if line < len(starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(self, start, end)

    def line_break(self, offset: int) -> str:
        """Return the line break behind an offset, the last one where there is none: what an added line ends with."""
        at = self.text.find("\n", offset)
        if at < 0:
            at = self.text.rfind("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"


class Span(NamedTuple):
    """A range of one source: code-point offsets, end exclusive."""

    source: Source
    """The text the offsets count in."""
    start: int
    """Offset of the first code point."""
    end: int
    """Offset after the last code point."""

    def text(self) -> str:
        """Return the characters of the span."""
        return self.source.text[self.start : self.end]

    def __repr__(self) -> str:
        line, column = self.source.position(self.start)
        return f"Span({self.source.path}:{line}:{column}, {self.text()!r})"


class Text(NamedTuple):
    """A scalar and its place: the value after unquoting and interpolation, the span before."""

    value: str
    """The value a program would see; what depends on an unknown variable keeps its `${VAR}` text."""
    span: Span
    """Where it is written, without quotes."""
    unresolved: tuple[str, ...] = ()
    """Names of the variables that are not known, in order of appearance."""
    via: tuple[Span, ...] = ()
    """Places the value passed through on its way (an `extends`, an `include`), nearest first."""

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"Text({self.value!r})"


class Piece(NamedTuple):
    """A stretch of a `Word`: the value from `at` up to the next piece comes from source[start:end].

    Where both have the same length and `opaque` is False they correspond character by character;
    otherwise (an escape, an expansion) every part of it maps to the whole.
    """

    at: int
    """Offset in the word's value where the stretch begins."""
    start: int
    """Offset in the source of its first character."""
    end: int
    """Offset in the source after its last character."""
    opaque: bool = False
    """True where the value's characters are not those of the source."""
    unresolved: str = ""
    """Name of the unknown variable whose `${VAR}` text stands here; empty if none."""
    unquoted: bool = False
    """True for a shell expansion outside of quotes, which the shell would split at blanks."""


class Word(NamedTuple):
    """A value with a map back to the characters it comes from.

    What YAML, a shell or interpolation unquoted and expanded stays traceable: `slice` gives any part of the value its exact place.
    """

    value: str
    """The value after unquoting, escapes and expansion."""
    span: Span
    """Where it is written, quotes included only where they stand inside of it."""
    pieces: tuple[Piece, ...] = ()
    """Stretches in order of `at`; empty: the value is the span's text, character by character."""
    tilde: bool = False
    """True if a leading '~' of the value is one that the shell expands to the home directory."""

    def __str__(self) -> str:
        return self.value

    def _place(self, offset: int, end: bool) -> int:
        """Map an offset of the value to one of the source; `end` looks to the left of it."""
        if not self.pieces:
            return self.span.start + offset
        found = self.pieces[0]
        length = len(self.value)
        for index, piece in enumerate(self.pieces):
            if piece.at > offset or (end and piece.at == offset and index):
                break
            found = piece
            following = self.pieces[index + 1 : index + 2]
            length = following[0].at if following else len(self.value)
        if found.opaque:
            return found.end if end or offset >= length > found.at else found.start
        return min(found.start + offset - found.at, found.end)

    def slice(self, start: int = 0, end: int | None = None) -> Text:
        """Return value[start:end] as a `Text` with its place and its unknown variables."""
        if end is None:
            end = len(self.value)
        if not self.pieces:
            at = self.span.start
            return Text(self.value[start:end], Span(self.span.source, at + start, at + end))
        first = self._place(start, end=False)
        last = self._place(end, end=True) if end > start else first
        return Text(
            self.value[start:end],
            Span(self.span.source, first, max(first, last)),
            self.unresolved(start, end),
        )

    def unresolved(self, start: int = 0, end: int | None = None) -> tuple[str, ...]:
        """Return the names of the unknown variables in value[start:end]."""
        if end is None:
            end = len(self.value)
        names: list[str] = []
        for index, piece in enumerate(self.pieces):
            following = self.pieces[index + 1 : index + 2]
            stop = following[0].at if following else len(self.value)
            if piece.unresolved and piece.at < end and stop > start:
                names.append(piece.unresolved)
        return tuple(dict.fromkeys(names))

    def text(self) -> Text:
        """Return the whole word as a `Text`; its span is the word's."""
        return Text(self.value, self.span, self.unresolved() if self.pieces else ())


class Label(NamedTuple):
    """A second place that explains a finding, and what to see there."""

    span: Span
    """The place."""
    message: str
    """What is to be seen there; no full stop, lower case."""


class Problem(NamedTuple):
    """Something wrong that a reader or Docker itself objects to, found before any rule runs."""

    code: str
    """The rule that reports it, e.g. 'VL001', 'VL601'."""
    message: str
    """One sentence that stands alone and quotes the user's own value."""
    span: Span
    """The smallest token that is wrong."""
    help: str = ""
    """What to type instead; empty if nothing can be said."""
    labels: tuple[Label, ...] = ()
    """Further places."""
    level: str | None = None
    """'error', 'warning' or 'note' where it differs from the rule's own level."""
    container: str = ""
    """Name of the container it concerns; empty if none."""
    target: str = ""
    """Target path of the mount it concerns; empty if none."""
    persona: str | None = None
    """'pedantic' or 'auditor' where it is for fewer readers than what the rule finds."""


def apply(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with (start, end, replacement) edits, in any order, that do not overlap.

    What is inserted at one place stands there in the order it was given.
    """
    parts: list[str] = []
    at = 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
        parts += (text[at:start], replacement)
        at = end
    parts.append(text[at:])
    return "".join(parts)
