"""package.json: the scripts, which npm hands to `sh -c`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.derived import Derived
from volint.parse.embedded.block import Block
from volint.parse.jsonc import Object, String, parse
from volint.parse.shell import parse_derived

if TYPE_CHECKING:
    from volint.source import Problem, Source

__all__ = ["blocks"]


def blocks(source: Source) -> tuple[list[Block], list[Problem]]:
    """Return a block for each script that runs a container command."""
    value, problems = parse(source)
    scripts = value.get("scripts") if isinstance(value, Object) else None
    found: list[Block] = []
    if isinstance(scripts, Object):
        for name, script in scripts.entries:
            if not isinstance(script, String):
                continue
            commands = parse_derived(Derived.of_word(script.word), dialect="sh")
            if commands:
                span = script.word.span
                found.append(
                    Block("shell", span, name.value, tuple(commands), "sh", "package.json")
                )
    return found, problems
