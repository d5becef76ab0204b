"""Stretches of text that remember where they were written, and the words made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.record import NamedTuple
from volint.source import Piece, Span, Word

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["Bit", "build"]


class Bit(NamedTuple):
    """A stretch of a value and where it comes from."""

    value: str
    """The characters."""
    start: int
    """Where they are written; negative if outside of the text."""
    end: int
    """Where they end."""
    opaque: bool = False
    """True where the characters are not those of the text."""
    unresolved: str = ""
    """Name of the unknown variable whose text this is; '~' for the home directory."""
    unquoted: bool = False
    """True for an expansion outside of quotes."""
    use: tuple[int, int] | None = None
    """Range of the expansion that brought the stretch here; None if it stands here itself."""


def build(source: Source, bits: list[Bit]) -> Word:
    """Join bits to a word, with its place where it is used, or where it was wholly written."""
    if len(bits) == 1:
        only = bits[0]
        if not (only.use or only.opaque or only.unresolved or only.unquoted):
            # Most words are.
            return Word(only.value, Span(source, only.start, only.end))
    bits = [bit for bit in bits if bit.value] or bits[:1]
    use = bits[0].use
    here = any(bit.use != use for bit in bits) if use else True
    if not here:
        place = -1
        for bit in bits:
            # Only quotes may stand between stretches that were written as one word.
            if bit.start < 0 or (place >= 0 and not 0 <= bit.start - place <= 2):
                here = True
                break
            place = bit.end
    pieces: list[Piece] = []
    at = 0
    tilde = False
    for bit in bits:
        start, end, opaque = bit.start, bit.end, bit.opaque
        if bit.use and here:
            start, end = bit.use
            opaque = True
        unresolved = bit.unresolved
        if unresolved == "~":
            tilde = tilde or at == 0
            unresolved = "" if at == 0 else "HOME"
        last = pieces[-1] if pieces else None
        if (
            last
            and not (opaque or last.opaque or unresolved or last.unresolved)
            and last.end == start
            and last.unquoted == bit.unquoted
        ):
            pieces[-1] = last._replace(end=end)
        else:
            pieces.append(Piece(at, start, end, opaque, unresolved, bit.unquoted))
        at += len(bit.value)
    span = Span(source, pieces[0].start, pieces[-1].end)
    value = "".join(bit.value for bit in bits)
    if len(pieces) == 1:
        piece = pieces[0]
        if not (piece.opaque or piece.unresolved or piece.unquoted):
            return Word(value, span, (), tilde)
    return Word(value, span, tuple(pieces), tilde)
