"""Taskfiles (taskfile.dev): the commands of tasks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit
from volint.parse.derived import Derived
from volint.parse.embedded.block import Block, from_folder
from volint.parse.embedded.yamltree import entries, items, mapping, root, scalar, strings
from volint.parse.shell import parse_derived
from volint.parse.yaml import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.parse.yaml import Node
    from volint.source import Problem, Source

__all__ = ["blocks"]

_TEMPLATE = regex(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_VARIABLE = regex(r"\s*\.([A-Za-z_]\w*)\s*$")


def blocks(source: Source) -> tuple[list[Block], list[Problem]]:
    """Return a block for each task that runs a container command."""
    top, problems = root(source)
    fields = mapping(top)
    shared = _variables(fields.get("vars"))
    environment = strings(fields.get("env"))
    found = []
    for name, task in entries(fields.get("tasks")):
        inner = mapping(task)
        variables = {**shared, **_variables(inner.get("vars"))}
        known = {**environment, **strings(inner.get("env"))}
        commands = []
        for word in _scripts(task):
            if word.value:
                text = _expanded(Derived.of_word(word.word()), variables)
                commands.extend(parse_derived(text, known=known))
        if commands:
            folder = scalar(inner.get("dir"))
            placed = from_folder(commands, folder.value if folder else "")
            found.append(Block("shell", task.span(), name, placed, "bash", "taskfile"))
    return found, problems


def _scripts(task: Node) -> Iterator[Scalar]:
    """Yield what a task runs: its conditions, its commands, those it leaves for its end."""
    inner = mapping(task)
    for key in ("preconditions", "status", "cmds", "cmd"):
        listed = inner.get(key)
        for item in items(listed) or ([listed] if listed else []):
            one = mapping(item)
            word = scalar(one.get("cmd") or one.get("sh") or one.get("defer") or item)
            if word is not None:
                yield word
    for item in items(task) if not inner else []:
        word = scalar(mapping(item).get("cmd") or item)
        if word is not None:
            yield word
    alone = scalar(task)
    if alone is not None:
        yield alone


def _variables(node: Node | None) -> dict[str, Derived]:
    return {
        name: Derived.of_word(value.word())
        for name, value in entries(node)
        if isinstance(value, Scalar) and "{{" not in value.value
    }


def _expanded(text: Derived, variables: dict[str, Derived]) -> Derived:
    """Return a command with the variables of the file that are plain text put in."""
    bits: list[Bit] = []
    at = 0
    for match in _TEMPLATE.finditer(text.value):
        bits.extend(text.cut(at, match.start()))
        use = text.place(match.start(), match.end())
        name = _VARIABLE.match(match[1])
        if name and name[1] in variables:
            bits.extend(bit._replace(use=use) for bit in variables[name[1]].bits)
        else:
            called = name[1] if name else match[1].strip()
            exact = use[1] - use[0] == len(match[0])
            bits.append(Bit(match[0], *use, not exact, called))
        at = match.end()
    if not at:
        return text
    return Derived(text.source, [*bits, *text.cut(at, len(text.value))])
