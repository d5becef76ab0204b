"""A pack of rules that was loaded, and one that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from volint.rule import Pack

__all__ = ["LoadedPack", "PluginError"]


class PluginError(Exception):
    """A pack that cannot be used; the message says what to do."""


class LoadedPack(NamedTuple):
    """A pack and the distribution it comes from."""

    pack: Pack
    """The pack."""
    distribution: str
    """Name of the distribution, or the path given with --rules."""
