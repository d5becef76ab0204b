"""A Dockerfile as it is written: instructions, flags and here-documents, with their places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from volint.source import Source, Span, Text, Word

__all__ = ["Directive", "Dockerfile", "Flag", "Heredoc", "Instruction"]


class Directive(NamedTuple):
    """A parser directive, `# escape=...`."""

    name: str
    """'syntax', 'escape' or 'check'."""
    value: Text
    """Its value."""
    span: Span
    """The whole line."""


class Flag(NamedTuple):
    """A flag of an instruction."""

    name: Text
    """Its name without dashes."""
    value: Word | None
    """What follows '=', quotes and escapes taken away; None without '='."""
    span: Span
    """The whole flag."""


class Heredoc(NamedTuple):
    """A here-document of a RUN, COPY or ADD."""

    name: str
    """The line that ends it."""
    expand: bool
    """False if a part of the name is quoted."""
    chomp: bool
    """True for `<<-`."""
    descriptor: int
    """The number before `<<`, 0 without one."""
    body: Span
    """The lines between, their last line break included."""

    def text(self) -> str:
        """Return the body as the build sees it: without leading tabs after `<<-`."""
        body = self.body.text()
        return re.sub(r"(?m)^\t+", "", body) if self.chomp else body


class Instruction(NamedTuple):
    """One instruction."""

    name: str
    """The instruction in capitals; what stands there for an unknown one, likewise in capitals."""
    keyword: Text
    """The instruction as written."""
    flags: tuple[Flag, ...]
    """Its flags in order."""
    args: tuple[Word, ...]
    """Its arguments: JSON items, words, or the one text of a shell form; for ENV and LABEL names and values in turn."""
    json: bool
    """True for the JSON form."""
    original: str
    """The text of the logical line."""
    span: Span
    """From the keyword to the last argument or the end of the last here-document."""
    start_line: int
    """1-based number of the first physical line, counted by line feeds; 0 behind ONBUILD."""
    end_line: int
    """Number of the last physical line, here-documents included; 0 behind ONBUILD."""
    comments: tuple[Text, ...] = ()
    """Comments above it, without '#', up to a bare '#'."""
    heredocs: tuple[Heredoc, ...] = ()
    """Its here-documents in order."""
    legacy: bool = False
    """True for `ENV name value`, without '='."""
    trigger: Instruction | None = None
    """The instruction behind ONBUILD."""

    def flag(self, name: str) -> Word | None:
        """Return the value of a flag, the last one if it is repeated; None without it."""
        found = None
        for flag in self.flags:
            if flag.name.value == name:
                found = flag.value
        return found


class Dockerfile(NamedTuple):
    """A Dockerfile as it is written."""

    source: Source
    """Its text."""
    directives: tuple[Directive, ...]
    """Its parser directives."""
    instructions: tuple[Instruction, ...]
    """Its instructions in order."""
    escape: str = "\\"
    """The escape character."""
    template: bool = False
    """True if it is the input of a template engine and no Dockerfile yet."""
