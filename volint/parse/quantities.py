"""Sizes as Docker and the kernel read them."""

from __future__ import annotations

import re

__all__ = ["memory_bytes", "tmpfs_bytes"]

_SIZE = r"(?a)(\+?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?) ?([a-zA-Z]{0,3})"
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50}
_KERNEL = r"(?a)(0[xX][0-9a-fA-F]+|\d+)([kKmMgGtTpPeE]?)"
_KERNEL_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50, "e": 60}


def memory_bytes(text: str) -> int | None:
    """Return the bytes of '64m', '1.5GiB', '10 mb'; None if Docker refuses the text.

    Units count by 1024, with 'b' or 'ib' behind them or not (docker/go-units, RAMInBytes).
    """
    found = re.fullmatch(_SIZE, text)
    if not found:
        return None
    number, suffix = found.groups()
    unit = suffix.lower()
    if unit == "b":
        unit = ""
    elif len(unit) > 1:
        if unit[1:] not in ("b", "ib"):
            return None
        unit = unit[0]
    if unit not in _UNITS:
        return None
    try:
        value = float(number) * (1 << _UNITS[unit])
        return int(value)
    except (ValueError, OverflowError):
        return None


def tmpfs_bytes(text: str) -> int | None:
    """Return the bytes of a tmpfs `size=` option; None for a percentage and for what is no size."""
    found = re.fullmatch(_KERNEL, text)
    if not found:
        return None
    digits = found[1]
    base = 16 if digits[1:2] in ("x", "X") else 8 if digits[0] == "0" and len(digits) > 1 else 10
    try:
        return int(digits, base) << _KERNEL_UNITS[found[2].lower()]
    except ValueError:
        return None
