"""Source lines with the places of a finding marked below them.

Columns are those of a terminal: wide signs take two, combining ones none, tabs four. Secrets are masked before
anything is measured, so that a caret stands where its text is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.record import NamedTuple
from volint.redact import MASK, in_secret_block, redact, secret_ranges
from volint.report.terminal import Style, cell, escape, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.source import Label, Source, Span

__all__ = ["snippet"]

_WIDTH = 140
_LEAST_WIDTH = 40
_MARGIN = 20
_LONG = 4000


class _Mark(NamedTuple):
    """A stretch of one line to underline; columns count code points of the line from 0."""

    line: int
    start: int
    end: int
    style: str
    message: str = ""


class _Drawn(NamedTuple):
    """A mark on the screen: columns of the terminal, at least one wide."""

    start: int
    end: int
    style: str
    message: str


class _Row:
    """One screen row under construction."""

    __slots__ = ("_cells", "_style")

    def __init__(self, style: Style) -> None:
        self._cells: list[tuple[str, str]] = []
        self._style = style

    def put(self, column: int, text: str, style: str) -> None:
        """Write an escaped text at a column, over what was there."""
        self._cells.extend([(" ", "")] * (column + width(text) - len(self._cells)))
        if text.isascii() and text.isprintable():
            self._cells[column : column + len(text)] = [(char, style) for char in text]
            return
        previous = ""
        at = column
        for char in text:
            columns = cell(char, previous)[1]
            previous = char
            if columns:
                self._cells[at : at + columns] = [(char, style)] + [("", style)] * (columns - 1)
                at += columns
            elif at > column:
                self._cells[at - 1] = (self._cells[at - 1][0] + char, style)

    def render(self) -> str:
        """Return the row with its colours."""
        if not self._style.on:
            return "".join([text for text, _ in self._cells]).rstrip()
        out = ""
        run = ""
        current = ""
        for text, style in self._cells:
            if style != current:
                out += self._style(current, run) if current else run
                run = ""
                current = style
            run += text
        return (out + (self._style(current, run) if current else run)).rstrip()


class _Line:
    """One source line as it is shown, with the way from its code points to screen columns."""

    __slots__ = ("_columns", "_first", "_last", "_parts")

    def __init__(self, text: str, hidden: Sequence[tuple[int, int]]) -> None:
        self._first = 0
        self._last = len(text)
        self._parts: Sequence[str] = text
        self._columns: Sequence[int] = range(len(text) + 1)
        if hidden or not text.isascii() or not text.isprintable():
            self._lay_out(text, hidden)

    def _lay_out(self, text: str, hidden: Sequence[tuple[int, int]]) -> None:
        """Place the code points of a text that is more than one column for each."""
        parts: list[str] = []
        columns = [0]
        masked = dict.fromkeys(at for start, end in hidden for at in range(start, end))
        starts = {start for start, _ in hidden}
        previous = ""
        for index, char in enumerate(text):
            if index in starts:
                part, taken = MASK, len(MASK)
            elif index in masked:
                part, taken = "", 0
            else:
                part, taken = cell(char, previous)
            previous = char
            parts.append(part)
            columns.append(columns[-1] + taken)
        self._parts = parts
        self._columns = columns

    def cut(self, start: int, end: int, limit: int) -> None:
        """Shorten a line wider than `limit` to the surroundings of the code points start to end."""
        columns = self._columns
        total = columns[-1]
        if total <= limit:
            return
        left, right = self._at(start), max(self._at(end), self._at(start) + 1)
        begin = 0
        if right > limit - 1:
            fits = right - left <= limit - 2 - _MARGIN
            begin = right + _MARGIN // 2 - limit + 2 if fits else left - _MARGIN // 2
            begin = max(0, min(begin, total - limit + 1))
        room = limit - (1 if begin else 0)
        if total - begin > room:
            room -= 1
        inside = [
            index
            for index, column in enumerate(columns[:-1])
            if column >= begin and columns[index + 1] <= begin + room
        ]
        if inside:
            self._first, self._last = inside[0], inside[-1] + 1

    def _at(self, index: int) -> int:
        return self._columns[max(0, min(index, len(self._parts)))]

    def column(self, index: int) -> int:
        """Return the screen column of a code point; what is cut off is where the '…' stands."""
        if index < self._first:
            return 0
        lead = 1 if self._first else 0
        return self._at(min(index, self._last)) - self._columns[self._first] + lead

    def text(self) -> str:
        """Return what is shown of the line."""
        shown = "".join(self._parts[self._first : self._last])
        more = self._last < len(self._parts)
        return ("…" if self._first else "") + shown + ("…" if more else "")


def _marks(span: Span, style: str, message: str) -> list[_Mark]:
    """Return the marks of a span: one, or for several lines those of its first and its last."""
    source, start, end = span
    first, column = source.position(start)
    line = source.line_span(first)
    if end <= line.end or end <= start:
        return [_Mark(first, column - 1, end - line.start, style, message)]
    last, end_column = source.position(end)
    if end_column == 1:
        last -= 1
        end_column = source.line_span(last).end - source.line_span(last).start + 1
    if last == first:
        return [_Mark(first, column - 1, line.end - line.start, style, message)]
    text = source.line_span(last).text()
    indent = len(text) - len(text.lstrip())
    return [
        _Mark(first, column - 1, line.end - line.start, style),
        _Mark(last, min(indent, end_column - 1), end_column - 1, style, message),
    ]


def _hidden(span: Span, redacted: Iterable[Span]) -> list[tuple[int, int]]:
    """Return the ranges of a line that must not be shown, disjoint and in order."""
    source, start, end = span
    text = span.text()
    if in_secret_block(source, start):
        ranges = [(len(text) - len(text.lstrip()), len(text))]
    else:
        ranges = secret_ranges(text)
    for other in redacted:
        if other.source is source and other.start < end and other.end > start:
            ranges.append((max(other.start - start, 0), min(other.end, end) - start))
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        elif first < last:
            merged.append((first, last))
    return merged


def _line(
    source: Source, number: int, marks: Sequence[_Mark], redacted: Iterable[Span], limit: int
) -> tuple[str, list[_Drawn]]:
    """Return a line as shown and its marks on the screen."""
    span = source.line_span(number)
    chief = next((mark for mark in marks if mark.style != "place"), marks[0] if marks else None)
    begin = 0
    if span.end - span.start > 2 * _LONG:
        begin = max((chief.start if chief else 0) - _LONG, 0)
        span = span._replace(
            start=span.start + begin, end=min(span.start + begin + 2 * _LONG, span.end)
        )
    line = _Line(span.text(), _hidden(span, redacted))
    if chief:
        line.cut(chief.start - begin, chief.end - begin, limit)
    else:
        line.cut(0, 0, limit)
    drawn = []
    for mark in marks:
        start = line.column(mark.start - begin)
        end = max(line.column(mark.end - begin), start + 1)
        drawn.append(_Drawn(start, end, mark.style, escape(redact(mark.message))))
    return line.text(), drawn


def _annotations(drawn: Sequence[_Drawn], style: Style) -> list[str]:
    """Return the rows below a line: the underlining, then the messages, the rightmost first."""
    row = _Row(style)
    for mark in sorted(drawn, key=lambda mark: mark.style != "place"):
        sign = "-" if mark.style == "place" else "^"
        row.put(mark.start, sign * (mark.end - mark.start), mark.style)
    hanging = sorted((mark for mark in drawn if mark.message), key=lambda mark: -mark.start)
    if hanging and hanging[0].end >= max(mark.end for mark in drawn):
        row.put(hanging[0].end + 1, hanging[0].message, hanging[0].style)
        del hanging[0]
    rows = [row]
    if hanging:
        row = _Row(style)
        for mark in hanging:
            row.put(mark.start, "|", mark.style)
        rows.append(row)
    for index, mark in enumerate(hanging):
        row = _Row(style)
        for other in hanging[index + 1 :]:
            if other.start < mark.start:
                row.put(other.start, "|", other.style)
        row.put(mark.start, mark.message, mark.style)
        rows.append(row)
    return [row.render() for row in rows]


def _place(span: Span) -> str:
    line, column = span.source.position(span.start)
    return f"{escape(span.source.path)}:{line}:{column}"


def snippet(
    span: Span,
    labels: Sequence[Label],
    redacted: Sequence[Span],
    level: str,
    style: Style,
    columns: int | None = None,
) -> tuple[list[str], int]:
    """Return the rows that show a finding's place and its labels, and the width of the line numbers.

    Lines wider than `columns`, or 140 where that is not known, are cut around the mark. Labels in other
    files follow under their own place. A text that is empty is named only.
    """
    groups: dict[Source, list[_Mark]] = {span.source: _marks(span, level, "")}
    heads = {span.source: span}
    for label in labels:
        heads.setdefault(label.span.source, label.span)
        groups.setdefault(label.span.source, []).extend(_marks(label.span, "place", label.message))
    gutter = len(str(max(mark.line for marks in groups.values() for mark in marks)))
    limit = max((columns or _WIDTH) - gutter - 3, _LEAST_WIDTH)
    bar = style("place", "|")
    margin = " " * (gutter + 1)
    rows = []
    for source, marks in groups.items():
        arrow = "-->" if source is span.source else ":::"
        rows.append(f"{margin[1:]}{style('place', arrow)} {_place(heads[source])}")
        if not source.text:
            continue
        rows.append(f"{margin}{bar}")
        previous = 0
        for number in sorted({mark.line for mark in marks}):
            if previous and number > previous + 2:
                rows.append(style("place", "..."))
            elif previous and number == previous + 2:
                text, _ = _line(source, number - 1, (), redacted, limit)
                rows.append(_numbered(number - 1, text, gutter, style))
            here = [mark for mark in marks if mark.line == number]
            text, drawn = _line(source, number, here, redacted, limit)
            rows.append(_numbered(number, text, gutter, style))
            rows.extend(f"{margin}{bar} {row}" for row in _annotations(drawn, style))
            previous = number
    return rows, gutter


def _numbered(number: int, text: str, gutter: int, style: Style) -> str:
    text = text.rstrip()
    return style("place", f"{number:>{gutter}} |") + (f" {text}" if text else "")
