"""What go-yaml v4 reads from a scalar, and where the characters of its value stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from volint.source import Piece

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = ["MISMATCH", "Timestamp", "Value", "cast", "scalar_pieces"]


class Timestamp(NamedTuple):
    """A date or a time: not a string to Compose, but text wherever it is converted to one."""

    text: str
    """As Go prints it, e.g. '2001-01-01 00:00:00 +0000 UTC'."""

    def __str__(self) -> str:
        return self.text


class Mismatch:
    """The type of MISMATCH."""

    __slots__ = ()


MISMATCH = Mismatch()
"""What `cast` returns for a tag that its value does not fit."""

Value: TypeAlias = "str | int | float | bool | Timestamp | None"
"""What a scalar can be."""

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys(("-0", "-0.0"), -0.0),
}
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INT = re.compile(
    r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII
)
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt]|( +))([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?"
    r"(Z|[-+][0-9]{2}:[0-9]{2})?)?"
)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def cast(value: str, plain: bool, tag: str | None) -> Value | Mismatch:
    """Return what a scalar means: `plain` without quotes, `tag` as written.

    Raises nothing; MISMATCH for `!!int x` and its like, which go-yaml refuses
    (go-yaml v4: internal/libyaml/resolver.go).
    """
    if tag is None:
        if not plain:
            return value
        first = value[:1]
        if first in "+-0123456789." and first:
            return _WORDS[value] if value in _WORDS else _number(value, timestamps=True)
        return _WORDS.get(value, value)
    if tag == "!!binary":
        return _base64(value)
    if tag not in _TYPES:
        return value
    if tag == "!!float":
        found = _typed(value, timestamps=False)
        if isinstance(found, int) and not isinstance(found, bool) and found < 2**63:
            return float(found)
    else:
        found = _typed(value, timestamps=tag == "!!timestamp")
    return found if type(found) is _TYPES[tag] else MISMATCH


_TYPES: dict[str, type] = {
    "!!bool": bool,
    "!!int": int,
    "!!float": float,
    "!!null": type(None),
    "!!timestamp": Timestamp,
}


def _typed(value: str, timestamps: bool) -> Value:
    if value in _WORDS:
        return _WORDS[value]
    return _number(value, timestamps) if value[0] in "+-0123456789." else value


def _number(value: str, timestamps: bool) -> Value:
    """Read what begins like a number: int, float or timestamp, else the text itself."""
    if value[0] == ".":
        # No underscores here, other than in what begins with a digit.
        return _float(value) if _FLOAT.fullmatch(value) else value
    if timestamps:
        moment = _timestamp(value)
        if moment is not None:
            return moment
    digits = value.replace("_", "")
    match = _INT.fullmatch(digits)
    if match is not None:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        if decimal is None or len(decimal) <= 20:
            if hexadecimal:
                number = int(hexadecimal, 16)
            elif binary:
                number = int(binary, 2)
            elif octal:
                number = int(octal, 8)
            else:
                number = int(decimal)
            if sign == "-":
                number = -number
            # An unsigned 64-bit integer takes no sign.
            if -(2**63) <= number < (2**63 if sign else 2**64):
                return number
    found = _float(digits) if _FLOAT.fullmatch(digits) else None
    return value if found is None or isinstance(found, str) else found


def _float(text: str) -> float | str:
    """Return the number; the text itself where a double cannot hold it."""
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number


def _timestamp(value: str) -> Timestamp | None:
    """Read one of the four forms go-yaml knows; a zone needs a 'T', a space forbids one."""
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        return None
    year, month, day, space, hour, minute, second, fraction, zone = match.groups()
    if hour is not None and (space is None) != (zone is not None):
        return None
    if not 1 <= int(month) <= 12:
        return None
    days = _MONTHS[int(month) - 1]
    if int(month) == 2 and int(year) % 4 == 0 and (int(year) % 100 or int(year) % 400 == 0):
        days = 29
    if not 1 <= int(day) <= days:
        return None
    if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        return None
    offset = "+0000 UTC"
    if zone and zone != "Z":
        if int(zone[1:3]) > 24 or int(zone[4:6]) > 60:
            return None
        minutes = int(zone[1:3]) * 60 + int(zone[4:6])
        if minutes:
            plain = f"{zone[0]}{minutes // 60:02}{minutes % 60:02}"
            offset = f"{plain} {plain}"
    digits = (fraction or "")[:9].rstrip("0")
    return Timestamp(
        f"{year}-{int(month):02}-{int(day):02} {int(hour or 0):02}:{int(minute or 0):02}"
        f":{int(second or 0):02}{'.' if digits else ''}{digits} {offset}"
    )


def _base64(value: str) -> str | Mismatch:
    from base64 import b64decode
    from binascii import Error

    try:
        data = b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except (Error, ValueError):
        return MISMATCH
    return data.decode("utf-8", "replace")


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
_BREAKS = re.compile(_BREAK)
_LINE = re.compile(rf"(?P<text>[^\r\n\x85\u2028\u2029]*)(?P<end>{_BREAK}|\Z)")


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
