"""Looking into loaded values without asking at each step what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.values import Map, Scalar, Seq, plain

if TYPE_CHECKING:
    from volint.assemble.compose.values import Value

__all__ = ["child", "items", "listed", "mapping", "text"]


def mapping(value: Value | None) -> dict[str, Value]:
    """Return the entries of a mapping, nothing for anything else."""
    return value.entries if isinstance(value, Map) else {}


def items(value: Value | None) -> list[Value]:
    """Return the items of a list, nothing for anything else."""
    return value.items if isinstance(value, Seq) else []


def listed(value: Value | None) -> list[Value]:
    """Return the items of a list, or a single scalar as the only one."""
    return [value] if isinstance(value, Scalar) and value.data is not None else items(value)


def child(value: Value | None, *path: str) -> Value | None:
    """Return what stands at a path of keys, None where there is none."""
    for key in path:
        if not isinstance(value, Map):
            return None
        value = value.entries.get(key)
    return value


def text(value: Value | None) -> str:
    """Return a scalar as text; '' for null, collections and what is not known."""
    if isinstance(value, Scalar) and not value.unresolved:
        return plain(value.data)
    return ""
