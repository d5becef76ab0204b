"""Which Compose files a repository hands to `docker stack deploy`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import CommandKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.assemble.filesets import Written

__all__ = ["deployed", "is_for_swarm"]

_WORD = regex(r"(?<![a-z])(?:stack|swarm)(?![a-z])")


def deployed(written: Iterable[Written]) -> frozenset[str]:
    """Return the absolute paths that commands may deploy as stacks."""
    found: set[str] = set()
    for command, folders in written:
        if command.kind is CommandKind.STACK_DEPLOY:
            for name in command.options.get("compose-file", ()):
                if not name.unresolved:
                    found.update(
                        os.path.normpath(os.path.join(folder, name.value)) for folder in folders
                    )
    return frozenset(found)


def is_for_swarm(files: Iterable[str], stacks: frozenset[str]) -> bool:
    """Return whether one of a project's files is deployed as a stack, or its name says that it is one."""
    return any(
        file in stacks or _WORD.search(os.path.basename(file).lower()) is not None for file in files
    )
