"""Dockerfiles: one source to a tree of instructions with places.

The language is BuildKit's (v0.32: frontend/dockerfile/parser and instructions), line joining, escapes,
heredocs and its two ways to read arguments included. Nothing is expanded here: that needs stages.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.dockerfile_check import check, check_order, template_note
from volint.parse.dockerfile_expand import SubstitutionError
from volint.parse.dockerfile_lines import SPACE, Logical, continues
from volint.parse.dockerfile_tree import Directive, Dockerfile, Flag, Heredoc, Instruction
from volint.parse.dockerfile_words import (
    MixedArrayError,
    assignments,
    blank_separated,
    flag_words,
    heredoc_words,
    json_words,
    pair,
)
from volint.source import Problem, Span, Text, Word

if TYPE_CHECKING:
    from volint.parse.dockerfile_words import HeredocWord
    from volint.source import Source

__all__ = ["parse"]

_KEYWORD = regex(r"[^\t\v\f\r ]*")
_BLANKS = regex(r"[\t\v\f\r ]*")
_DIRECTIVE = r"#[ \t\v\f\r]*([A-Za-z][A-Za-z0-9]*)[ \t\f\r]*=[ \t\f\r]*(.+?)[ \t\f\r]*\Z"

_JSON_OR_TEXT = frozenset(("RUN", "CMD", "ENTRYPOINT", "SHELL"))
_JSON_OR_WORDS = frozenset(("ADD", "COPY", "VOLUME"))
_WORDS = frozenset(("EXPOSE", "FROM"))
_TEXT = frozenset(("USER", "WORKDIR", "STOPSIGNAL", "MAINTAINER"))
_WITH_HEREDOCS = frozenset(("ADD", "COPY", "RUN"))
_Arguments = tuple[tuple[Word, ...], bool, bool, Instruction | None]
"""Words, whether in JSON form, whether `ENV name value`, and what stands behind ONBUILD."""
_NO_ARGUMENTS: _Arguments = ((), False, False, None)
_LONGEST_LINE = 65_535
_MAX_TRIGGERS = 10


def parse(source: Source) -> tuple[Dockerfile, list[Problem]]:
    """Read a Dockerfile. Never fails: what BuildKit refuses is a problem (VL001), the rest is read."""
    reader = _Reader(source)
    reader.read()
    instructions = tuple(reader.instructions)
    problems = reader.problems
    problems += check_order(source, instructions)
    note = template_note(source, instructions)
    if note:
        problems = [note]
    problems.sort(key=lambda problem: problem.span.start)
    tree = Dockerfile(
        source, tuple(reader.directives), instructions, reader.escape, template=note is not None
    )
    return tree, problems


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = source.text.split("\n")
        if not self.lines[-1]:
            self.lines.pop()
        self.index = 0
        """Index of the next physical line."""
        self.at = 0
        """Offset of the next physical line."""
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.instructions: list[Instruction] = []
        self.problems: list[Problem] = []
        self.comments: list[Text] = []
        self.in_directives = True
        self.places: dict[str, dict[str, list[int]]] = {}
        """Indexes of the physical lines by what is left of them once some characters are stripped."""
        self.offsets: list[int] = []

    def problem(self, message: str, span: Span, help: str = "") -> None:
        self.problems.append(Problem("VL001", message, span, help))

    def next_line(self) -> tuple[str, int]:
        """Take a physical line without its line break; return it and its offset."""
        line, at = self.lines[self.index], self.at
        self.index += 1
        self.at = at + len(line) + 1
        if len(line) > _LONGEST_LINE // 4 and len(line.encode("utf-8", "replace")) > _LONGEST_LINE:
            self.problem(
                f"line {self.index} is longer than the {_LONGEST_LINE} bytes that BuildKit reads",
                Span(self.source, at, at),
                "break it with the escape character",
            )
        return (line.rstrip("\r") if line.endswith("\r") else line), at

    def read(self) -> None:
        total = len(self.lines)
        while self.index < total:
            raw, at = self.next_line()
            line = raw.lstrip(SPACE)
            at += len(raw) - len(line)
            directive = self.in_directives and self.directive(line, at)
            if not line:
                continue
            if line[0] == "#":
                if not directive:
                    self.comment(line, at)
                continue
            self.logical_line(line, at)

    def directive(self, line: str, at: int) -> bool:
        """Read a parser directive; the first line that is none ends them."""
        match = re.match(_DIRECTIVE, line) if line.startswith("#") else None
        name = match[1].lower() if match else ""
        if not match or name not in ("syntax", "escape", "check"):
            self.in_directives = False
            return False
        span = Span(self.source, at + match.start(2), at + match.end(2))
        value = Text(match[2], span)
        if any(directive.name == name for directive in self.directives):
            self.problem(
                f"the parser directive '{name}' is given twice", span, "remove one of them"
            )
        elif name == "escape":
            if value.value in ("\\", "`"):
                self.escape = value.value
            else:
                self.problem(
                    f"'{value}' cannot be the escape character", span, "use '\\' or '`' alone"
                )
        self.directives.append(Directive(name, value, Span(self.source, at, at + len(line))))
        return True

    def comment(self, line: str, at: int) -> None:
        text = line[1:].lstrip(SPACE)
        start = at + len(line) - len(text)
        text = text.rstrip(SPACE)
        if text:
            self.comments.append(Text(text, Span(self.source, start, start + len(text))))
        else:
            self.comments = []

    def logical_line(self, line: str, at: int) -> None:
        first_line = self.index
        told = len(self.problems)
        kept = continues(line, self.escape)
        if kept is None:
            logical = Logical(self.source, line, [0], [at])
        else:
            logical = self.joined(kept, at)
        instruction = self.instruction(logical, 0, first_line)
        self.comments = []
        owner = instruction.trigger if instruction.name == "ONBUILD" else instruction
        if (
            "<<" in logical.text
            and owner is not None
            and owner.name in _WITH_HEREDOCS
            and not owner.json
        ):
            heredocs = self.heredocs(logical)
            if heredocs:
                end = min(self.at - 1, len(self.source.text))
                instruction = instruction._replace(
                    span=Span(self.source, instruction.span.start, end),
                    end_line=self.index,
                    heredocs=heredocs,
                )
        self.instructions.append(instruction)
        if len(self.problems) == told:
            self.problems += check(instruction)

    def joined(self, line: str, at: int) -> Logical:
        """Join a line that is continued with those that follow."""
        parts, ats, starts = [line], [0], [at]
        length = len(line)
        total = len(self.lines)
        while self.index < total:
            raw, at = self.next_line()
            stripped = raw.lstrip(SPACE)
            if not stripped or stripped[0] == "#":
                continue
            kept = continues(raw, self.escape)
            part = raw if kept is None else kept
            if part:
                parts.append(part)
                ats.append(length)
                starts.append(at)
                length += len(part)
            if kept is None:
                break
        if not parts[0] and len(parts) > 1:
            del parts[0], ats[0], starts[0]
        return Logical(self.source, "".join(parts), ats, starts)

    def instruction(
        self, logical: Logical, start: int, first_line: int, depth: int = 0
    ) -> Instruction:
        """Read the instruction that begins at an offset of a logical line."""
        text = logical.text
        end = len(text.rstrip(SPACE))
        while start < end and text[start] in SPACE:
            start += 1
        after = _end(_KEYWORD, text, start, end)
        written = text[start:after]
        name = written.upper()
        at = _end(_BLANKS, text, after, end)
        flags, at = flag_words(logical, at, end, self.escape)
        while at < end and text[at] in SPACE:
            at += 1
        arguments = _NO_ARGUMENTS
        if at < end:
            arguments = self.arguments(name, logical, at, end, depth)
        return Instruction(
            name,
            Text(written, logical.span(start, after)),
            tuple([_flag(word) for word in flags]) if flags else (),
            arguments[0],
            arguments[1],
            text[start:] if depth else text,
            logical.span(start, end),
            first_line,
            0 if depth else self.index,
            tuple(self.comments) if not depth else (),
            (),
            arguments[2],
            arguments[3],
        )

    def arguments(self, name: str, logical: Logical, at: int, end: int, depth: int) -> _Arguments:
        if name in _JSON_OR_TEXT or name in _JSON_OR_WORDS:
            return self.maybe_json(name, logical, at, end)
        if name in _TEXT:
            return (logical.word(at, end),), False, False, None
        if name in _WORDS:
            return tuple(blank_separated(logical, at, end)), False, False, None
        if name == "ARG":
            return tuple(assignments(logical, at, end, self.escape)), False, False, None
        if name in ("ENV", "LABEL"):
            return self.pairs(name, logical, at, end)
        if name == "HEALTHCHECK":
            kind = at
            while kind < end and logical.text[kind] not in SPACE:
                kind += 1
            word = logical.word(at, kind)
            while kind < end and logical.text[kind] in SPACE:
                kind += 1
            if kind == end:
                return (word,), False, False, None
            args, json, _legacy, _trigger = self.maybe_json(name, logical, kind, end)
            return (word, *args), json, False, None
        if name == "ONBUILD" and depth < _MAX_TRIGGERS:
            return (), False, False, self.instruction(logical, at, 0, depth + 1)
        return _NO_ARGUMENTS

    def maybe_json(self, name: str, logical: Logical, at: int, end: int) -> _Arguments:
        try:
            items = json_words(logical, at, end)
        except MixedArrayError:
            self.problem(
                f"the JSON form of {name} takes strings only",
                logical.span(at, end),
                "put every item in double quotes",
            )
            return (), True, False, None
        if items is not None:
            return tuple(items), True, False, None
        if name in _JSON_OR_WORDS:
            return tuple(blank_separated(logical, at, end)), False, False, None
        return (logical.word(at, end),), False, False, None

    def pairs(self, name: str, logical: Logical, at: int, end: int) -> _Arguments:
        words = assignments(logical, at, end, self.escape)
        if words and "=" not in words[0].value:
            after = _end(_KEYWORD, logical.text, at, end)
            value = _end(_BLANKS, logical.text, after, end)
            if value < end:
                return (logical.word(at, after), logical.word(value, end)), False, True, None
            self.problem(
                f"'{words[0]}' has no value", words[0].span, f"write {name} {words[0]}=value"
            )
            return _NO_ARGUMENTS
        out: list[Word] = []
        for word in words:
            key, content = pair(word)
            if content is None:
                self.problem(
                    f"{name} has a word without '='",
                    word.span,
                    "put the value before it in quotes if it holds blanks",
                )
                continue
            out += (key, content)
        return tuple(out), False, False, None

    def heredocs(self, logical: Logical) -> tuple[Heredoc, ...]:
        """Read the here-documents of a line from the lines that follow."""
        try:
            words = heredoc_words(logical.text)
        except SubstitutionError as error:
            self.problem(
                f"the name of a here-document cannot be read: {error}",
                logical.span(0, len(logical.text)),
            )
            return ()
        return tuple(self.heredoc(word, logical) for word in words)

    def heredoc(self, word: HeredocWord, logical: Logical) -> Heredoc:
        start, first = self.at, self.index
        end = self.find(word.name, "\t" if word.chomp else "", first)
        if end is None:
            end = self.find(word.name, SPACE, first)
            self.unterminated(word, logical, end)
        if end is None:
            size = len(self.source.text)
            self.index, self.at = len(self.lines), size + 1
            return Heredoc(*word, Span(self.source, min(start, size), size))
        at = self.offset(end)
        self.index, self.at = end + 1, at + len(self.lines[end]) + 1
        return Heredoc(*word, Span(self.source, start, at))

    def find(self, name: str, stripped: str, first: int) -> int | None:
        """Return the index of the first line from `first` on that is `name`.

        stripped: characters that may stand before it; all white space may also stand behind it.
        """
        places = self.places.get(stripped)
        if places is None:
            places = self.places[stripped] = {}
            for index, line in enumerate(self.lines):
                line = line.strip(SPACE) if stripped == SPACE else line.rstrip("\r")
                places.setdefault(line.lstrip(stripped) if stripped else line, []).append(index)
        indexes = places.get(name, [])
        found = bisect_left(indexes, first)
        return indexes[found] if found < len(indexes) else None

    def offset(self, index: int) -> int:
        """Return the offset of a physical line."""
        if not self.offsets:
            at = 0
            for line in self.lines:
                self.offsets.append(at)
                at += len(line) + 1
        return self.offsets[index]

    def unterminated(self, word: HeredocWord, logical: Logical, similar: int | None) -> None:
        message = f"the here-document '{word.name}' has no end"
        if similar is not None:
            at = self.offset(similar)
            self.problem(
                message,
                Span(self.source, at, at + len(self.lines[similar].rstrip("\r"))),
                f"write '{word.name}' alone on the line, without blanks around it",
            )
            return
        place = max(logical.text.find("<<"), 0)
        self.problem(
            message,
            logical.span(place, min(place + 2, len(logical.text))),
            f"end it with a line '{word.name}'",
        )


def _end(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    """Return the end of a pattern that matches everywhere."""
    match = pattern.match(text, start, end)
    return match.end() if match else start


def _flag(word: Word) -> Flag:
    name, value = pair(word)
    text = name.slice(2) if len(name.value) >= 2 else name.text()
    return Flag(text, value, word.span)
