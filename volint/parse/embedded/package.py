"""package.json: the scripts, which npm hands to `sh -c`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.derived import Derived
from volint.parse.embedded.block import Block
from volint.parse.embedded.windows import as_shell
from volint.parse.jsonc import Object, String, parse
from volint.parse.shell import parse_derived

if TYPE_CHECKING:
    from volint.source import Problem, Source

__all__ = ["blocks"]

_CMD = regex(r"(?i)%(?:cd|userprofile|appdata|localappdata|programdata|temp|homepath)%")


def blocks(source: Source) -> tuple[list[Block], list[Problem]]:
    """Return a block for each script that runs a container command."""
    value, problems = parse(source)
    scripts = value.get("scripts") if isinstance(value, Object) else None
    found: list[Block] = []
    if isinstance(scripts, Object):
        for name, script in scripts.entries:
            if not isinstance(script, String):
                continue
            text = Derived.of_word(script.word)
            dialect = "sh"
            if _CMD.search(text.value) and "$" not in text.value:
                # Only cmd.exe, which npm takes on Windows, makes something of it.
                dialect = "cmd"
                text = as_shell(text, dialect)
            commands = parse_derived(text, dialect=dialect)
            if commands:
                span = script.word.span
                found.append(
                    Block("shell", span, name.value, tuple(commands), dialect, "package.json")
                )
    return found, problems
