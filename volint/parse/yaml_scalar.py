"""What go-yaml v4 reads from a scalar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = ["MISMATCH", "Mismatch", "Timestamp", "Value", "cast"]


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
_FLOAT = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INT = regex(
    r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII
)
_TIMESTAMP = regex(
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
