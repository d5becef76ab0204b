"""JSON with comments and trailing commas, as devcontainer.json has them, into nodes with places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.source import Piece, Problem, Span, Word

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["Array", "Literal", "Object", "String", "Value", "parse"]

MAX_DEPTH = 100
"""Values nested deeper are not read."""

_GAP = regex(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_PLAIN = regex(r"[^\"\\\r\n]+")
_LITERAL = regex(r"-?[0-9][0-9.eE+-]*|true|false|null")
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class String:
    """A string."""

    __slots__ = ("word",)

    def __init__(self, word: Word) -> None:
        self.word = word
        """The value after its escapes, with its map to the text between the quotes."""


class Literal:
    """A number, true, false or null, as text."""

    __slots__ = ("span", "text")

    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self.span = span


class Array:
    """A list."""

    __slots__ = ("items", "span")

    def __init__(self, items: list[Value], span: Span) -> None:
        self.items = items
        self.span = span


class Object:
    """A mapping; of a key that is written twice, the last value counts, as in JSON.parse."""

    __slots__ = ("entries", "span")

    def __init__(self, entries: list[tuple[Word, Value]], span: Span) -> None:
        self.entries = entries
        self.span = span

    def get(self, name: str) -> Value | None:
        """Return the value of a key."""
        found = None
        for key, value in self.entries:
            if key.value == name:
                found = value
        return found

    def key(self, name: str) -> Word | None:
        """Return a key itself."""
        found = None
        for key, _ in self.entries:
            if key.value == name:
                found = key
        return found


Value = String | Literal | Array | Object


class _Wrong(Exception):
    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


class _Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0

    def gap(self) -> str:
        match = _GAP.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Value:
        char = self.gap()
        start = self.at
        if depth > MAX_DEPTH:
            raise _Wrong(start, f"The value is nested more than {MAX_DEPTH} levels deep")
        if char == '"':
            return String(self.string())
        if char == "[":
            items: list[Value] = []
            self.at += 1
            while self.gap() != "]":
                items.append(self.value(depth + 1))
                self.separator("]")
            self.at += 1
            return Array(items, Span(self.source, start, self.at))
        if char == "{":
            entries: list[tuple[Word, Value]] = []
            self.at += 1
            while (char := self.gap()) != "}":
                if char != '"':
                    raise _Wrong(self.at, "A key in double quotes or '}' was expected")
                key = self.string()
                if self.gap() != ":":
                    raise _Wrong(self.at, f"':' was expected after '{key.value}'")
                self.at += 1
                entries.append((key, self.value(depth + 1)))
                self.separator("}")
            self.at += 1
            return Object(entries, Span(self.source, start, self.at))
        match = _LITERAL.match(self.text, start)
        if not match:
            raise _Wrong(start, "A value was expected" if char else "The text ends too early")
        self.at = match.end()
        return Literal(match[0], Span(self.source, start, self.at))

    def separator(self, closing: str) -> None:
        char = self.gap()
        if char == ",":
            self.at += 1
        elif char != closing:
            raise _Wrong(self.at, f"',' or '{closing}' was expected")

    def string(self) -> Word:
        start = self.at + 1
        at = start
        parts: list[str] = []
        pieces: list[Piece] = []
        length = 0
        text = self.text
        while True:
            match = _PLAIN.match(text, at)
            if match:
                pieces.append(Piece(length, at, match.end()))
                parts.append(match[0])
                length += len(match[0])
                at = match.end()
            char = text[at : at + 1]
            if char == '"':
                break
            if char != "\\":
                raise _Wrong(start - 1, "The string is not closed")
            value, end = self.escape(at)
            pieces.append(Piece(length, at, end, True))
            parts.append(value)
            length += len(value)
            at = end
        self.at = at + 1
        exact = len(pieces) <= 1 and not any(piece.opaque for piece in pieces)
        return Word("".join(parts), Span(self.source, start, at), () if exact else tuple(pieces))

    def escape(self, at: int) -> tuple[str, int]:
        char = self.text[at + 1 : at + 2]
        if char in _SIMPLE and char:
            return _SIMPLE[char], at + 2
        match = re.compile(r"\\u([0-9A-Fa-f]{4})(?:\\u([Dd][C-Fc-f][0-9A-Fa-f]{2}))?").match(
            self.text, at
        )
        if not match:
            raise _Wrong(at, "The escape is not one of JSON's")
        code = int(match[1], 16)
        if match[2] and 0xD800 <= code < 0xDC00:
            code = 0x10000 + ((code - 0xD800) << 10) + int(match[2], 16) - 0xDC00
            return chr(code), match.end()
        return ("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)), at + 6


def parse(source: Source) -> tuple[Value | None, list[Problem]]:
    """Read a text into its value; None and a problem (VL001) if it is no such JSON."""
    parser = _Parser(source)
    try:
        value = parser.value(0)
        if parser.gap():
            raise _Wrong(parser.at, "Nothing was expected after the value")
    except _Wrong as wrong:
        at = min(wrong.at, len(source.text))
        place = Span(source, at, min(at + 1, len(source.text)))
        return None, [Problem("VL001", str(wrong), place, "correct the JSON")]
    return value, []
