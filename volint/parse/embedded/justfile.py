"""justfiles: the lines of recipes, each a shell of its own, and recipes that are whole scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit
from volint.parse.derived import Derived
from volint.parse.embedded.block import Block
from volint.parse.shell import parse_derived
from volint.source import Span

if TYPE_CHECKING:
    from volint.parse.shellcommand import ShellCommand
    from volint.source import Source

__all__ = ["blocks"]

_RECIPE = regex(r"@?(?P<name>[A-Za-z_][\w-]*)(?P<parameters>[^:=]*|[^:]*?=.*?):(?!=)")
_VARIABLE = regex(
    r"(?P<export>export[ \t]+)?(?P<name>[A-Za-z_][\w-]*)[ \t]*:=[ \t]*"
    r"(?:'(?P<raw>[^']*)'|\"(?P<cooked>[^\"\\]*)\")[ \t]*(?:#.*)?\r?$"
)
_INTERPOLATION = regex(r"\{\{(?!\{)(.*?)\}\}", re.DOTALL)
_SHELL_SHEBANG = regex(r"#!.*\b(?:ba|da|z|k)?sh\b")


def blocks(source: Source) -> list[Block]:
    """Return a block for each recipe that runs a container command."""
    text = source.text
    variables: dict[str, tuple[int, int]] = {}
    known: dict[str, str] = {}
    recipes: list[tuple[str, list[tuple[int, int]]]] = []
    at = 0
    body: list[tuple[int, int]] | None = None
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        line = text[at:stop]
        if line[:1] in (" ", "\t") and line.strip():
            if body is not None:
                body.append((at, stop))
        elif line.strip() and not line.startswith("#"):
            found = _VARIABLE.match(line)
            if found:
                group = "raw" if found["raw"] is not None else "cooked"
                variables[found["name"]] = at + found.start(group), at + found.end(group)
                if found["export"]:
                    known[found["name"]] = found[group]
                body = None
            elif (recipe := _RECIPE.match(line)) is not None:
                body = []
                recipes.append((recipe["name"], body))
            else:
                body = None
        at = stop + 1
    return _blocks(source, recipes, variables, known)


def _blocks(
    source: Source,
    recipes: list[tuple[str, list[tuple[int, int]]]],
    variables: dict[str, tuple[int, int]],
    known: dict[str, str],
) -> list[Block]:
    found = []
    for name, lines in recipes:
        if not lines:
            continue
        first = source.text[slice(*lines[0])]
        indent = len(first) - len(first.lstrip())
        commands: list[ShellCommand] = []
        dialect = "sh"
        if first.lstrip().startswith("#!"):
            if not _SHELL_SHEBANG.match(first.lstrip()):
                continue
            dialect = "bash" if "bash" in first else "sh"
            whole = Derived.joined(_line(source, line, indent, variables) for line in lines)
            if whole:
                commands = parse_derived(whole, dialect=dialect, known=known)
        else:
            for group in _continued(source, lines):
                texts = [
                    _line(source, line, indent, variables, first=i == 0)
                    for i, line in enumerate(group)
                ]
                whole = Derived.joined(texts)
                if whole:
                    commands.extend(parse_derived(whole, dialect=dialect, known=known))
        if commands:
            span = Span(source, lines[0][0], lines[-1][1])
            found.append(Block("shell", span, name, tuple(commands), dialect, "justfile"))
    return found


def _continued(source: Source, lines: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Return logical lines: those that end in a backslash go on."""
    groups: list[list[tuple[int, int]]] = []
    more = False
    for line in lines:
        if more:
            groups[-1].append(line)
        else:
            groups.append([line])
        more = source.text[slice(*line)].rstrip("\r").endswith("\\")
    return groups


def _line(
    source: Source,
    line: tuple[int, int],
    indent: int,
    variables: dict[str, tuple[int, int]],
    *,
    first: bool = False,
) -> Derived:
    start, end = line
    text = source.text
    skipped = 0
    while skipped < indent and start < end and text[start] in " \t":
        start += 1
        skipped += 1
    while first and start < end and text[start] in "@-":
        start += 1
    if text[end - 1 : end] == "\r":
        end -= 1
    bits: list[Bit] = []
    at = start
    for match in _INTERPOLATION.finditer(text, start, end):
        bits.append(Bit(text[at : match.start()], at, match.start()))
        name = match[1].strip()
        use = match.span()
        if name in variables:
            low, high = variables[name]
            bits.append(Bit(text[low:high], low, high, use=use))
        else:
            bits.append(Bit(match[0], *use, False, name))
        at = match.end()
    bits.append(Bit(text[at:end], at, end))
    return Derived(source, bits)
