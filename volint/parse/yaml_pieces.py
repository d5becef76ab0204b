"""Where the characters of a scalar's value stand, through escapes, folding and indentation."""

from __future__ import annotations

import re

from volint.lazy import regex
from volint.source import Piece

__all__ = ["scalar_pieces"]

_BREAK = r"(?:\r\n|[\r\n\x85\u2028\u2029])"
_FOLD = rf"[ \t]*{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*"
_STEPS = {
    "": re.compile(rf"(?P<fold>{_FOLD})"),
    "'": re.compile(rf"(?P<fold>{_FOLD})|''"),
    '"': re.compile(
        rf"(?P<joined>\\{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*)|(?P<fold>{_FOLD})"
        r"|\\(?:x..|u....|U........|.)"
    ),
}
_BREAKS = regex(_BREAK)
_LINE = regex(rf"(?P<text>[^\r\n\x85\u2028\u2029]*)(?P<end>{_BREAK}|\Z)")


def scalar_pieces(text: str, start: int, end: int, style: str, value: str) -> tuple[Piece, ...]:
    """Return the stretches of a scalar's value and where each is written in text[start:end].

    `start` and `end` are the scalar's own, quotes included. The stretches are found by reading the
    scalar once more; should that not give `value`, the whole value maps to the whole scalar.
    """
    if style in ("|", ">"):
        pieces, length = _block_pieces(text, start, end, style, value)
    else:
        if style:
            start, end = start + 1, end - 1
        pieces, length = _flow_pieces(text, start, end, style)
    if length != len(value):
        return (Piece(0, start, end, opaque=True),)
    return tuple(pieces)


def _broken(breaks: list[str]) -> int:
    """Return how many characters line breaks fold to: one is a space, n are n - 1."""
    return max(1, len(breaks) - 1) if breaks[0] not in "\u2028\u2029" else len(breaks)


def _flow_pieces(text: str, start: int, end: int, style: str) -> tuple[list[Piece], int]:
    pieces: list[Piece] = []
    at = 0
    position = start
    for match in _STEPS[style].finditer(text, start, end):
        if match.start() > position:
            pieces.append(Piece(at, position, match.start()))
            at += match.start() - position
        position = match.end()
        groups = match.groupdict()
        if groups["fold"]:
            size = _broken(_BREAKS.findall(match.group()))
        elif groups.get("joined"):
            size = len(_BREAKS.findall(match.group())) - 1
        else:
            size = 1
        if size:
            pieces.append(Piece(at, match.start(), match.end(), opaque=True))
            at += size
    if end > position or not pieces:
        pieces.append(Piece(at, position, end))
        at += end - position
    return pieces, at


def _block_pieces(
    text: str, start: int, end: int, style: str, value: str
) -> tuple[list[Piece], int]:
    """Walk the lines of a block scalar; a folded one joins lines that do not begin with a blank."""
    header = _LINE.match(text, start)
    if header is None:
        return [], 0
    lines: list[tuple[int, int, int]] = []
    position = header.end()
    while position < len(text):
        match = _LINE.match(text, position)
        if match is None or (position >= end and match["text"].strip(" ")):
            break
        lines.append((match.start(), match.end("text"), match.end()))
        position = match.end()
    first = next((line for line in lines if text[line[0] : line[1]].strip(" ")), None)
    if first is None:
        return [Piece(0, start, end, opaque=True)], len(value)
    content = next((line for line in _BREAKS.split(value) if line.strip(" ")), "")
    indent = _blanks(text, first) - (len(content) - len(content.lstrip(" ")))
    pieces: list[Piece] = []
    at = 0
    pending: list[tuple[int, int]] = []
    blank_before = True
    begun = False
    for line in lines:
        if line[1] - line[0] <= indent and not text[line[0] : line[1]].strip(" "):
            pending.append((line[1], line[2]))
            continue
        blank = text[line[0] + indent] in " \t"
        if style == ">" and begun and not blank and not blank_before:
            folded = pending[1:] or pending[:1]
        else:
            folded = pending
        for place in folded:
            pieces.append(Piece(at, *place, opaque=True))
            at += 1
        pieces.append(Piece(at, line[0] + indent, line[1]))
        at += line[1] - line[0] - indent
        pending = [(line[1], line[2])]
        blank_before, begun = blank, True
    # What chomping leaves of the breaks after the last line.
    for place in pending[: len(value) - at]:
        pieces.append(Piece(at, *place, opaque=True))
        at += 1
    return pieces, at


def _blanks(text: str, line: tuple[int, int, int]) -> int:
    shown = text[line[0] : line[1]]
    return len(shown) - len(shown.lstrip(" "))
