"""systemd services: the container commands of ExecStart= and its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.derived import Derived
from volint.parse.embedded.block import Block
from volint.parse.shell import parse_derived
from volint.parse.shellcommand import SHELLS, ShellCommand, program_name, unwrap
from volint.parse.unitfile import assignments, sections, split

if TYPE_CHECKING:
    from volint.parse.unitfile import Section
    from volint.source import Source, Word

__all__ = ["blocks"]

_COMMANDS = frozenset(
    (
        "ExecStart",
        "ExecStartPre",
        "ExecStartPost",
        "ExecStop",
        "ExecStopPost",
        "ExecReload",
        "ExecCondition",
    )
)
_MARKS = "@-:+!|"


def blocks(source: Source) -> list[Block]:
    """Return a block for the [Service] section if it runs container commands."""
    found = []
    for section in sections(source):
        if section.name != "Service":
            continue
        known = {
            name.value: value.value
            for name, value, _ in assignments(section.values("Environment"))
            if not value.unresolved
        }
        folder = section.last("WorkingDirectory")
        cwd = folder.value.strip().lstrip("-") if folder else "/"
        commands = _commands(section, known)
        if commands:
            placed = tuple(
                command._replace(cwd=cwd if command.cwd == "" else command.cwd)
                for command in commands
            )
            found.append(Block("shell", section.span, source.path, placed, "systemd", "unit"))
    return found


def _commands(section: Section, known: dict[str, str]) -> list[ShellCommand]:
    found: list[ShellCommand] = []
    for entry in section.entries:
        if entry.key.value not in _COMMANDS:
            continue
        value = entry.value
        text = value.value
        marks = text[: len(text) - len(text.lstrip(_MARKS))]
        line = Derived(value.source, value.cut(len(marks), len(text)))
        words: list[Word] = []
        for word in [*split(line, known, variables=":" not in marks), None]:
            # A lone ';' ends one command of a list of them.
            if word is not None and not (word.value == ";" and word.span.text() == ";"):
                words.append(word)
                continue
            if "@" in marks:
                # The word behind the program is what it is told its own name is.
                del words[1:2]
            if words:
                found.extend(_command(words, known))
                words = []
    return found


def _command(words: list[Word], known: dict[str, str]) -> list[ShellCommand]:
    at = unwrap(words)
    if at >= len(words):
        return []
    rest = words[at:]
    program = program_name(rest)
    if program:
        span = words[0].span._replace(end=max(words[-1].span.end, words[0].span.start))
        return [ShellCommand(tuple(rest), span, program, prefix=tuple(words[:at]))]
    if rest[0].value.rsplit("/", 1)[-1] in SHELLS:
        for index, word in enumerate(rest[:-1]):
            if word.value.startswith("-") and word.value.endswith("c"):
                text = Derived.of_word(rest[index + 1])
                return [c._replace(nested=True) for c in parse_derived(text, known=known)]
    return []
