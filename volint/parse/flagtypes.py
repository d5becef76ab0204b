"""The types of flags, as Go's strconv, time and docker's units read their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.quantities import memory_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TYPES", "Reason"]

Reason = tuple[str, str]
"""Why a value is refused, and what to type instead."""

_BOOLEANS = frozenset(
    {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
)
_INTEGER = r"(?a)[+-]?(0[xX]_?[0-9a-fA-F_]+|0[oO]_?[0-7_]+|0[bB]_?[01_]+|\d[\d_]*)"
_DURATION = r"(?a)[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)"
_DECIMAL = r"(?a)[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(/\d+)?"
_SIZE_HELP = "write a size such as 512m or 2g"


def _bool(name: str, value: str) -> Reason | None:
    if value in _BOOLEANS:
        return None
    return f"'{value}' is no boolean for '--{name}'", f"write '--{name}' or '--{name}=false'"


def _whole(low: int, high: int) -> Callable[[str, str], Reason | None]:
    def judge(name: str, value: str) -> Reason | None:
        if re.fullmatch(_INTEGER, value):
            text = value.replace("_", "")
            digits = text.lstrip("+-")
            octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
            try:
                number = int(text, 8 if octal else 0)
            except ValueError:
                number = high + 1
            if low <= number <= high and not (low == 0 and text[0] in "+-"):
                return None
        return f"'{value}' is no number for '--{name}'", "write a whole number"

    return judge


def _duration(name: str, value: str) -> Reason | None:
    if re.fullmatch(_DURATION, value):
        return None
    return f"'{value}' is no duration for '--{name}'", "write one with its unit, such as 30s"


def _bytes(name: str, value: str) -> Reason | None:
    if memory_bytes(value) is not None:
        return None
    return f"'{value}' is no size for '--{name}'", _SIZE_HELP


def _size(name: str, value: str) -> Reason | None:
    return _bytes(name, value) if value else None


def _swap(name: str, value: str) -> Reason | None:
    return None if value in ("-1", "") else _bytes(name, value)


def _decimal(name: str, value: str) -> Reason | None:
    found = re.fullmatch(_DECIMAL, value)
    if found and len(found[1].partition(".")[2].rstrip("0")) <= 9:
        return None
    return f"'{value}' is no number for '--{name}'", "write a number such as 1.5"


TYPES: dict[str, Callable[[str, str], Reason | None]] = {
    "bool": _bool,
    "int": _whole(-(1 << 63), (1 << 63) - 1),
    "int64": _whole(-(1 << 63), (1 << 63) - 1),
    "uint16": _whole(0, (1 << 16) - 1),
    "uint64": _whole(0, (1 << 64) - 1),
    "duration": _duration,
    "bytes": _bytes,
    "size": _size,
    "swap": _swap,
    "decimal": _decimal,
    "float": _decimal,
}
"""What judges a value of each type that `flagtable` names; other types take any text."""
