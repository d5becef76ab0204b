"""Sizes as people write them: '500MB' is decimal, '1GiB' binary."""

from __future__ import annotations

import re

from volint.lazy import regex

__all__ = ["parse_size", "show_size"]

_SIZE = regex(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)(b?)\Z", re.IGNORECASE)
_UNITS = " kmgt"


def parse_size(text: str, unit: str = "") -> int | None:
    """Return the bytes of '500MB' (decimal), '1GiB' (binary) or '1048576'; None if it is no size.

    `unit` is that of a number without one: 'MB' makes ten million of '10'.
    """
    match = _SIZE.match(text.strip())
    if match is None:
        return None
    if unit and not (match[2] or match[3] or match[4]):
        return parse_size(match[1] + unit)
    power = _UNITS.index(match[2].lower() or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def show_size(size: int) -> str:
    """Return a number of bytes in the largest decimal unit that divides it: '100MB'."""
    for power, letter in reversed(list(enumerate(_UNITS))):
        if power and size and size % 1000**power == 0:
            return f"{size // 1000**power}{letter.upper()}B"
    return str(size)
