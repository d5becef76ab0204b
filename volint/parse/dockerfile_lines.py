"""Logical lines of a Dockerfile: continuation lines joined, with a map back to the file.

BuildKit joins the lines of an instruction before it looks at any word, and drops comments and blank
lines between them. A `Logical` is such a text; it cuts `Word`s that know where their characters stand.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from volint.source import Piece, Span, Word

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["SPACE", "Logical", "continues", "cut"]

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Go's unicode.IsSpace takes for white space; Python's own idea of it has four more."""


class Logical:
    """The joined text of one instruction."""

    __slots__ = ("ats", "source", "starts", "text")

    def __init__(self, source: Source, text: str, ats: list[int], starts: list[int]) -> None:
        self.source = source
        self.text = text
        """The joined text."""
        self.ats = ats
        """Offsets in `text` where its stretches begin, the first 0."""
        self.starts = starts
        """Offsets in the source of the same stretches."""

    def place(self, offset: int) -> int:
        """Return the offset in the source of the character at an offset of the text."""
        index = bisect_right(self.ats, offset) - 1
        return self.starts[index] + offset - self.ats[index]

    def end(self, offset: int) -> int:
        """Return the offset in the source after the character that ends at an offset of the text."""
        index = max(bisect_left(self.ats, offset) - 1, 0)
        return self.starts[index] + offset - self.ats[index]

    def span(self, start: int, end: int) -> Span:
        """Return the place of text[start:end]."""
        if len(self.ats) == 1:
            base = self.starts[0]
            return Span(self.source, base + start, base + end)
        at = self.place(start)
        return Span(self.source, at, self.end(end) if end > start else at)

    def word(self, start: int, end: int) -> Word:
        """Return text[start:end] as a word."""
        ats = self.ats
        if len(ats) == 1:
            base = self.starts[0]
            return Word(self.text[start:end], Span(self.source, base + start, base + end))
        span = self.span(start, end)
        first = bisect_right(ats, start) - 1
        last = bisect_left(ats, end) - 1
        if last <= first:
            return Word(self.text[start:end], span)
        pieces = []
        for index in range(first, last + 1):
            at = max(ats[index], start)
            stop = ats[index + 1] if index < last else end
            place = self.starts[index] + at - ats[index]
            pieces.append(Piece(at - start, place, place + stop - at))
        return Word(self.text[start:end], span, tuple(pieces))


def continues(line: str, escape: str) -> str | None:
    """Return a line without the escape character that continues it; None if it ends there.

    An escape character before it, even an escaped one, makes it an ordinary character (BuildKit
    v0.32 parser: the line continuation expression).
    """
    kept = line.rstrip(" \t")
    if not kept.endswith(escape) or kept[-2:-1] == escape:
        return None
    return kept[:-1]


def cut(word: Word, start: int, end: int) -> Word:
    """Return word[start:end] as a word of its own."""
    value = word.value[start:end]
    if not word.pieces:
        at = word.span.start
        return Word(value, Span(word.span.source, at + start, at + end))
    pieces = word.pieces
    index = max(bisect_right(pieces, start, key=_at) - 1, 0)
    kept: list[Piece] = []
    while index < len(pieces) and (pieces[index].at < end or not kept):
        piece = pieces[index]
        index += 1
        at = max(piece.at, start)
        if piece.opaque:
            kept.append(piece._replace(at=at - start))
            continue
        stop = min(pieces[index].at if index < len(pieces) else len(word.value), max(end, at))
        first = piece.start + at - piece.at
        kept.append(Piece(at - start, first, first + stop - at, False, piece.unresolved))
    span = Span(word.span.source, kept[0].start, max(kept[-1].end, kept[0].start))
    if len(kept) == 1 and not kept[0].opaque and not kept[0].unresolved:
        return Word(value, span)
    return Word(value, span, tuple(kept))


def _at(piece: Piece) -> int:
    return piece.at
