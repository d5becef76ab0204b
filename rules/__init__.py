"""The rules that come with volint, one file each, in a folder per family."""

from __future__ import annotations

from volint.api import Pack, RuleEntry

__all__ = ["pack"]

_TABLE: tuple[RuleEntry, ...] = ()


def pack() -> Pack:
    """Return the built-in pack; its rules in code order."""
    return Pack("volint", "0.1.0", _TABLE)
