"""Compose projects as Compose itself would load them, with every value's place kept.

`load_project` reads, merges and checks the files of a `Request`; `to_project` turns what comes of it
into the mount model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.load import load as load_project
from volint.assemble.compose.lower import to_project
from volint.assemble.compose.request import Loaded, Reader, Request

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["Loaded", "Reader", "Request", "compose_file_variable", "load_project", "to_project"]


def compose_file_variable(source: Source) -> tuple[str, ...]:
    """Return the files that COMPOSE_FILE of a `.env` names, none if it is not set there."""
    from volint.assemble.compose.envfiles import variables_of

    found = variables_of(source)
    separator = found.get("COMPOSE_PATH_SEPARATOR") or ":"
    names = found.get("COMPOSE_FILE", "")
    return tuple(name for name in names.split(separator) if name)
