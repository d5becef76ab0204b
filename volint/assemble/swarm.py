"""Which Compose files are stacks for Swarm by their names alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["is_for_swarm"]

# An 'elk-stack.yml' is a stack of programs.
_NAME = regex(r"(?:^|[._]|docker-|compose-)stack(?![a-z])|(?<![a-z])swarm(?![a-z])")


def is_for_swarm(files: Iterable[str]) -> bool:
    """Return whether the name of one of a project's files says that it is deployed as a stack."""
    return any(_NAME.search(os.path.basename(file).lower()) is not None for file in files)
