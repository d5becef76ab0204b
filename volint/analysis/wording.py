"""Pieces of sentences that messages of several rules need."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["listed"]


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return names quoted and joined: "'a', 'b' and 'c'"; of more than `most` the last are counted."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) > most:
        quoted = [*quoted[: most - 1], f"{len(quoted) - most + 1} more"]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)
