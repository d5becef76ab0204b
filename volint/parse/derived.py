"""Texts put together from stretches of another: a recipe, a script in a YAML scalar, a fenced block.

What is read from a derived text has its places in it; `Derived.word` gives them back as places in the
host. Stretches that are no text of the inner language at all (a template's expression, a make
variable that is not known) are holes.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from volint.parse.bits import Bit, build
from volint.source import Piece, Span

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from volint.parse.shellfields import Hole
    from volint.source import Source, Word

__all__ = ["Derived"]


class Derived:
    """A text with a map to the one it is made from."""

    __slots__ = ("_starts", "bits", "source", "value")

    source: Source
    """The host."""
    bits: list[Bit]
    """The stretches in order, none of them empty."""
    value: str
    """The derived text."""

    def __init__(self, source: Source, bits: Iterable[Bit]) -> None:
        self.source = source
        self.bits = [bit for bit in bits if bit.value]
        self.value = "".join(bit.value for bit in self.bits)
        self._starts: list[int] = []
        at = 0
        for bit in self.bits:
            self._starts.append(at)
            at += len(bit.value)

    @classmethod
    def of_word(cls, word: Word) -> Derived:
        """Return the value of a word as a text of its own."""
        pieces = word.pieces or (Piece(0, word.span.start, word.span.end),)
        bits = []
        for index, piece in enumerate(pieces):
            stop = pieces[index + 1].at if index + 1 < len(pieces) else len(word.value)
            text = word.value[piece.at : stop]
            opaque = piece.opaque or len(text) != piece.end - piece.start
            bits.append(Bit(text, piece.start, piece.end, opaque, piece.unresolved, piece.unquoted))
        return cls(word.span.source, bits)

    @classmethod
    def of_range(cls, source: Source, start: int, end: int) -> Derived:
        """Return a range of a text as a text of its own."""
        return cls(source, [Bit(source.text[start:end], start, end)])

    @classmethod
    def joined(cls, texts: Iterable[Derived], between: str = "\n") -> Derived | None:
        """Return texts of one host after each other; None if there are none."""
        bits: list[Bit] = []
        source = None
        for text in texts:
            source = text.source
            bits.extend(text.bits)
            if bits:
                bits.append(Bit(between, bits[-1].end, bits[-1].end, True))
        return cls(source, bits) if source is not None else None

    def cut(self, start: int, end: int) -> list[Bit]:
        """Return the stretches of value[start:end]."""
        found: list[Bit] = []
        index = max(bisect_right(self._starts, start) - 1, 0)
        while index < len(self.bits) and self._starts[index] < end:
            bit, at = self.bits[index], self._starts[index]
            low, high = max(start - at, 0), min(end - at, len(bit.value))
            if low < high:
                if high - low < len(bit.value):
                    first, last = bit.start, bit.end
                    if not bit.opaque:
                        first, last = bit.start + low, bit.start + high
                    bit = bit._replace(value=bit.value[low:high], start=first, end=last)
                found.append(bit)
            index += 1
        return found

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the host that value[start:end] comes from, as it is used there."""
        bits = self.cut(start, max(end, start + 1)) or self.bits[-1:]
        if not bits:
            return 0, 0
        first, last = bits[0], bits[-1]
        low = first.use[0] if first.use else first.start
        high = last.use[1] if last.use else last.end
        if end <= start or (start >= len(self.value) > 0):
            low = high = high if start >= len(self.value) else low
        return low, max(low, high)

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return `place` as a span."""
        return Span(self.source, *self.place(start, len(self.value) if end is None else end))

    def marked(self, pattern: re.Pattern[str]) -> Derived:
        """Return the text with every match of a pattern as a hole, named by the match's first group."""
        bits: list[Bit] = []
        at = 0
        for match in pattern.finditer(self.value):
            if match.end() == match.start():
                continue
            bits.extend(self.cut(at, match.start()))
            name = (next(filter(None, match.groups()), None) or match[0]).strip()
            low, high = self.place(match.start(), match.end())
            exact = high - low == len(match[0])
            bits.append(Bit(match[0], low, high, not exact, name))
            at = match.end()
        if not at:
            return self
        bits.extend(self.cut(at, len(self.value)))
        return Derived(self.source, bits)

    def holes(self) -> dict[int, Hole]:
        """Return the stretches that are not known, by their offset: end and name."""
        return {
            start: (start + len(bit.value), bit.unresolved)
            for start, bit in zip(self._starts, self.bits, strict=True)
            if bit.unresolved
        }

    def word(self, word: Word) -> Word:
        """Return a word whose places count in this text with its places in the host."""
        pieces = word.pieces or (Piece(0, word.span.start, word.span.end),)
        bits: list[Bit] = []
        for index, piece in enumerate(pieces):
            stop = pieces[index + 1].at if index + 1 < len(pieces) else len(word.value)
            text = word.value[piece.at : stop]
            if not piece.opaque and len(text) == piece.end - piece.start:
                bits.extend(
                    bit._replace(
                        unresolved=bit.unresolved or piece.unresolved, unquoted=piece.unquoted
                    )
                    for bit in self.cut(piece.start, piece.end)
                )
                continue
            start, end = self.place(piece.start, piece.end)
            inner = self.cut(piece.start, piece.end)
            use = inner[0].use if inner else None
            bits.append(Bit(text, start, end, True, piece.unresolved, piece.unquoted, use))
        if not word.value or not bits:
            start, end = self.place(word.span.start, word.span.end)
            return word._replace(span=Span(self.source, start, end), pieces=())
        return build(self.source, bits)._replace(tilde=word.tilde)
