"""Which files are about a dev container: a machine's own user works in it, and it is made anew at will."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.source import Kind

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["in_devcontainer"]


def in_devcontainer(source: Source) -> bool:
    """Return whether a file describes a dev container, or lies in `.devcontainer` as what it is made of."""
    return source.kind is Kind.DEVCONTAINER or ".devcontainer" in source.path.split("/")[:-1]
