"""Offsets in volint's texts and positions in an editor's, in the units that both sides agreed on.

LSP counts lines from 0 and characters in UTF-16, UTF-8 or UTF-32 units (`general.positionEncodings`); a line ends at
LF, CRLF or CR, as in `volint.source`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Container

    from volint.source import Source, Span

__all__ = ["Positions"]


class Positions:
    """Converts places for one client.

    `marked` holds the files whose text begins with a byte order mark in the editor, as it never does here.
    """

    def __init__(
        self, encoding: str = types.PositionEncodingKind.Utf16, marked: Container[str] = ()
    ) -> None:
        self._encoding = types.PositionEncodingKind(encoding)
        self._marked = marked

    def _units(self, text: str) -> int:
        """Return the length of a text in the client's units."""
        if text.isascii() or self._encoding is types.PositionEncodingKind.Utf32:
            return len(text)
        if self._encoding is types.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(char > "\uffff" for char in text)

    def _shift(self, source: Source, line: int) -> int:
        marked = line == 1 and source.file is not None and source.file in self._marked
        return self._units("\ufeff") if marked else 0

    def position(self, source: Source, offset: int) -> types.Position:
        """Return the editor's position of an offset."""
        line, column = source.position(offset)
        start = offset - column + 1
        character = self._units(source.text[start:offset]) + self._shift(source, line)
        return types.Position(line - 1, character)

    def range(self, span: Span, whole: Source | None = None) -> types.Range:
        """Return the editor's range of a span; `whole` is the file that the span's text is a part of."""
        source = whole or span.source
        return types.Range(self.position(source, span.start), self.position(source, span.end))

    def offset(self, source: Source, position: types.Position) -> int:
        """Return the offset of an editor's position; one behind the end of its line or the text is its end."""
        line = position.line + 1
        if line > source.line_count():
            return len(source.text)
        _, start, end = source.line_span(line)
        units = position.character - self._shift(source, line)
        text = source.text[start:end]
        if text.isascii():
            return start + max(0, min(units, len(text)))
        for index, char in enumerate(text):
            if units <= 0:
                return start + index
            units -= self._units(char)
        return end
