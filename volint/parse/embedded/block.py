"""What stands together in a host file, and how a stretch of it becomes a text of its own."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple
from volint.source import Kind, Piece, Source, Span, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.parse.shellcommand import ShellCommand

__all__ = ["Block", "from_folder", "masked", "of_script", "pseudo"]

_NOT_BREAK = regex(r"[^\r\n]")


class Block(NamedTuple):
    """A recipe, a CI job's script, a fenced block, a line of inline code."""

    kind: str
    """'shell', 'compose' or 'dockerfile'."""
    span: Span
    """Where it stands, without fences."""
    title: str = ""
    """What it belongs to: the recipe's target, the job, the heading above."""
    commands: tuple[ShellCommand, ...] = ()
    """The container commands of a shell block, in order."""
    dialect: str = "bash"
    """'bash', 'sh', 'powershell' or 'cmd'."""
    host: str = ""
    """What holds it: 'script', 'makefile', 'justfile', 'markdown', 'github', 'gitlab', 'circleci', 'azure',
    'package.json', 'taskfile', 'unit'."""
    source: Source | None = None
    """The text of a 'compose' or 'dockerfile' block: the host's with everything else blanked, so that
    every offset is one of the host."""
    inline: bool = False
    """True for a line of inline code: a mention, perhaps without all that a command needs."""


def masked(source: Source, ranges: Iterable[tuple[int, int]], kind: Kind) -> Source:
    """Return a source that holds only the ranges of another, at the same offsets; the rest is blanks."""
    parts: list[str] = []
    at = 0
    for start, end in ranges:
        parts += (_NOT_BREAK.sub(" ", source.text[at:start]), source.text[start:end])
        at = end
    return Source(source.path, "".join(parts), kind, source.file)


def of_script(source: Source) -> list[Block]:
    """Return a whole script as one block, none if it holds no container command."""
    from volint.parse.shell import parse

    found, _ = parse(source)
    if not found:
        return []
    return [Block("shell", Span(source, 0, len(source.text)), "", tuple(found), host="script")]


def from_folder(commands: Iterable[ShellCommand], folder: str | None) -> tuple[ShellCommand, ...]:
    """Return commands that are started in a folder; None: one that is not known."""
    if folder == "":
        return tuple(commands)
    moved = []
    for command in commands:
        cwd = command.cwd
        if cwd is not None and not cwd.startswith(("/", "~", "$")):
            cwd = None if folder is None else posixpath.normpath(posixpath.join(folder, cwd))
        moved.append(command._replace(cwd=cwd))
    return tuple(moved)


def pseudo(
    program: str, arguments: Iterable[Word | str], span: Span, place: Span | None = None
) -> ShellCommand:
    """Return a command that a file asks for in its own words; what has no words there stands at `place`."""
    from volint.parse.shellcommand import ShellCommand

    at = place or span
    words = [Word(text, at, _opaque(text, at)) for text in program.split()]
    for argument in arguments:
        if isinstance(argument, str):
            words.append(Word(argument, at, _opaque(argument, at)))
        else:
            words.append(argument)
    return ShellCommand(tuple(words), span, program.split()[0])


def _opaque(text: str, at: Span) -> tuple[Piece, ...]:
    return () if at.text() == text else (Piece(0, at.start, at.end, True),)
