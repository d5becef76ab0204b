"""Makefiles: the shell lines of recipes as make would pass them to the shell.

GNU make 4: variables are expanded first, `$$` is a `$` of the shell's, each logical line is a shell of
its own unless `.ONESHELL` says otherwise. What make would have to run or look up is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit
from volint.parse.derived import Derived
from volint.parse.embedded.block import Block
from volint.parse.shell import mentions, parse_derived
from volint.parse.shellcommand import PROGRAMS
from volint.record import NamedTuple
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.parse.shellcommand import ShellCommand
    from volint.source import Source

__all__ = ["blocks"]

_ASSIGNMENT = regex(
    r"[ ]*(?P<words>(?:(?:export|override|private|unexport)[ \t]+)*)"
    r"(?P<name>[^\s:#=?+!$]+)[ \t]*(?P<operator>:{0,3}=|\?=|\+=|!=)[ \t]*"
)
_DEFINE = regex(
    r"[ ]*(?:override[ \t]+)?define[ \t]+(?P<name>[^\s:=?+!]+)[ \t]*(?::?:?=|\?=|\+=)?[ \t]*$"
)
_ENDEF = regex(r"[ \t]*endef\b")
_CONDITION = regex(r"[ \t]*(ifeq|ifneq|ifdef|ifndef|else|endif)\b")
_RULE = regex(r"(?P<targets>[^\t#=:][^#=:]*?)[ \t]*::?(?!=)")
_EXPORT = regex(r"[ ]*export[ \t]+(?P<names>[\w \t]+)$")
_DOLLAR = regex(r"\$")
_NAME = regex(r"[\w.@%<^?*+|/-]+$")
_ONE_WORD = {"*": "stem", "@": "target"}
_PREFIX = regex(r"[ \t@+-]*")
_CANNED = regex(
    r"[ \t@+-]*\$[({](?P<call>call[ \t]+)?(?P<name>[\w.-]+)(?(call)(?:,[^\n]*)?)[)}][ \t\r]*$"
)
"""A line of a recipe that is nothing but a variable, or a call of one."""
_BREAK = regex(r"\\\r?\n[ \t]*")
_HERE = ("CURDIR", "PWD")
_MAX_DEPTH = 20
_MAX_SIZE = 20_000


class _Variable(NamedTuple):
    """What is assigned to a variable, piece by piece."""

    ranges: tuple[tuple[int, int], ...]
    certain: bool


class _Line(NamedTuple):
    start: int
    end: int


def blocks(source: Source) -> list[Block]:
    """Return a block for each rule whose recipe runs a container command."""
    return _Makefile(source).blocks()


class _Makefile:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.variables: dict[str, _Variable] = {}
        self.exported: set[str] = set()
        self.rules: list[tuple[str, list[_Line]]] = []
        self.one_shell = False
        self.budget = 20 * len(self.text) + 100_000
        self.targets = ""
        self._read()

    # -- lines into rules and variables

    def _lines(self, at: int, size: int) -> list[_Line]:
        """Return the logical lines of text[at:size]: those that end in a backslash go on."""
        lines = []
        while at < size:
            end = at
            while True:
                stop = self.text.find("\n", end, size)
                stop = size if stop < 0 else stop
                last = stop - 1 if self.text.startswith("\r", stop - 1) else stop
                slashes = last - len(self.text[at:last].rstrip("\\")) - at
                if stop >= size or slashes % 2 == 0:
                    break
                end = stop + 1
            lines.append(_Line(at, stop))
            at = stop + 1
        return lines

    def _read(self) -> None:
        depth = 0
        defining: tuple[str, int] | None = None
        recipe: list[_Line] | None = None
        prefix = "\t"
        for line in self._lines(0, len(self.text)):
            text = self.text[line.start : line.end].rstrip("\r")
            if defining:
                if _ENDEF.match(text):
                    name, start = defining
                    self.variables[name] = _Variable(
                        ((start, max(start, line.start - 1)),), not depth
                    )
                    defining = None
                continue
            if text.startswith(prefix) and recipe is not None:
                recipe.append(line._replace(start=line.start + 1))
                continue
            if not text.strip() or text.lstrip().startswith("#"):
                continue
            condition = _CONDITION.match(text)
            if condition:
                depth += {"endif": -1, "else": 0}.get(condition[1], 1)
                depth = max(depth, 0)
                continue
            found = _DEFINE.match(text)
            if found:
                defining = found["name"], line.end + 1
                recipe = None
                continue
            found = _ASSIGNMENT.match(text)
            if found:
                self._assign(found, line, depth)
                if found["name"] == ".RECIPEPREFIX":
                    prefix = self.text[line.start + found.end() : line.end][:1].strip() or "\t"
                recipe = None
                continue
            found = _EXPORT.match(text)
            if found:
                self.exported.update(found["names"].split())
                continue
            found = _RULE.match(text)
            if found:
                recipe = self._rule(found, line)

    def _rule(self, found: re.Match[str], line: _Line) -> list[_Line]:
        if found["targets"].strip() == ".ONESHELL":
            self.one_shell = True
        recipe: list[_Line] = []
        rest = line.start + found.end()
        assigned = _ASSIGNMENT.match(self.text, rest, line.end)
        semicolon = self.text.find(";", rest, line.end)
        if semicolon >= 0 and not assigned:
            recipe.append(_Line(semicolon + 1, line.end))
        self.rules.append((found["targets"].strip(), recipe))
        return recipe

    def _assign(self, found: re.Match[str], line: _Line, depth: int) -> None:
        name, operator = found["name"], found["operator"]
        start, end = line.start + found.end(), line.end
        comment = re.compile(r"(?:^|(?<=[ \t]))#").search(self.text, start, end)
        end = comment.start() if comment else end
        while end > start and self.text[end - 1] in " \t\r":
            end -= 1
        old = self.variables.get(name)
        if "export" in found["words"].split():
            self.exported.add(name)
        if operator == "?=" and old is not None:
            return
        if operator == "!=":
            self.variables[name] = _Variable((), False)
        elif operator == "+=" and old is not None:
            self.variables[name] = _Variable((*old.ranges, (start, end)), old.certain and not depth)
        elif old is not None and depth:
            self.variables[name] = _Variable(((start, end), *old.ranges[:1]), False)
        else:
            self.variables[name] = _Variable(((start, end),), not depth)

    # -- expansion

    def _closing(self, at: int, end: int) -> int:
        """Return the place of the bracket that closes the one at `at`, or -1."""
        opening = self.text[at]
        closing = ")" if opening == "(" else "}"
        level = 0
        for match in re.compile(re.escape(opening) + "|" + re.escape(closing)).finditer(
            self.text, at, min(end, at + _MAX_SIZE)
        ):
            level += 1 if match[0] == opening else -1
            if not level:
                return match.start()
        return -1

    def expand(
        self,
        start: int,
        end: int,
        arguments: dict[str, list[Bit]],
        active: tuple[str, ...] = (),
        *,
        recipe: bool = False,
    ) -> list[Bit]:
        """Return what make makes of text[start:end]; `recipe` keeps continued lines for the shell."""
        bits: list[Bit] = []
        at = start
        while at < end:
            match = _DOLLAR.search(self.text, at, end)
            stop = match.start() if match else end
            if stop > at:
                self._literal(at, stop, bits, recipe=recipe)
            if not match or stop + 1 >= end:
                break
            char = self.text[stop + 1]
            if char == "$":
                bits.append(Bit("$", stop, stop + 2, True))
                at = stop + 2
                continue
            if char in "({":
                closing = self._closing(stop + 1, end)
                if closing < 0:
                    bits.append(Bit("$", stop, stop + 1))
                    at = stop + 1
                    continue
                at = closing + 1
                self._reference(stop, at, stop + 2, closing, arguments, active, bits)
            else:
                at = stop + 2
                self._reference(stop, at, stop + 1, at, arguments, active, bits)
        return bits

    def _literal(self, start: int, end: int, bits: list[Bit], *, recipe: bool) -> None:
        at = start
        for match in _BREAK.finditer(self.text, start, end):
            if match.start() > at:
                bits.append(Bit(self.text[at : match.start()], at, match.start()))
            bits.append(Bit("\\\n" if recipe else " ", match.start(), match.end(), True))
            at = match.end()
        if at < end:
            bits.append(Bit(self.text[at:end], at, end))

    def _reference(
        self,
        start: int,
        end: int,
        inner: int,
        inner_end: int,
        arguments: dict[str, list[Bit]],
        active: tuple[str, ...],
        bits: list[Bit],
    ) -> None:
        """Add the value of the reference text[start:end], or its text as a hole."""
        name = self.text[inner:inner_end].strip()
        self.budget -= end - start
        found: list[Bit] | None = None
        if name in arguments:
            found = arguments[name]
        elif name == "@" and self.targets and not re.search(r"[\s%$]", self.targets):
            found = [Bit(self.targets, start, end, True)]
        elif name.startswith("call ") and len(active) < _MAX_DEPTH:
            called, *given = self._split(inner + 5, inner_end)
            function = self.text[called[0] : called[1]].strip()
            values = {
                str(number): self.expand(low, high, arguments, active)
                for number, (low, high) in enumerate(given, 1)
            }
            found = self._value(function, values, active)
        elif _NAME.match(name):
            found = self._value(name, {}, active)
        if found is None or self.budget < 0:
            kept = "PWD" if name in _HERE or name == "shell pwd" else name
            if name.startswith("shell ") and kept == name:
                kept = f"$({name})"
            elif name == "pwd":
                kept = "$(pwd)"
            # The stem and the target are one word each; to a shell `$*` and `$@` are any number.
            word = _ONE_WORD.get(name)
            if word:
                bits.append(Bit(f"$({word})", start, end, True, word))
                return
            bits.append(Bit(self.text[start:end], start, end, False, kept))
            return
        for bit in found:
            self.budget -= len(bit.value)
            bits.append(bit._replace(use=(start, end)))

    def _split(self, start: int, end: int) -> list[tuple[int, int]]:
        """Split the arguments of a function at commas outside of brackets."""
        ranges = []
        level = 0
        at = start
        for match in re.compile(r"[(){},]").finditer(self.text, start, end):
            if match[0] in "({":
                level += 1
            elif match[0] in ")}":
                level -= 1
            elif not level:
                ranges.append((at, match.start()))
                at = match.end()
        ranges.append((at, end))
        return ranges

    def _value(
        self, name: str, arguments: dict[str, list[Bit]], active: tuple[str, ...]
    ) -> list[Bit] | None:
        """Return the expansion of a variable, None if it is not known."""
        variable = self.variables.get(name)
        if variable is None or name in active or len(active) >= _MAX_DEPTH or self.budget < 0:
            return None
        if not variable.certain:
            texts = [self.text[low:high].strip() for low, high in variable.ranges]
            if not texts or any(text.rsplit("/", 1)[-1] not in PROGRAMS for text in texts):
                return None
            low, high = variable.ranges[0]
            return [Bit(self.text[low:high], low, high)]
        bits: list[Bit] = []
        for low, high in variable.ranges:
            if bits:
                bits.append(Bit(" ", low, low, True))
            bits.extend(self.expand(low, high, arguments, (*active, name)))
        return bits

    # -- recipes

    def blocks(self) -> list[Block]:
        """Return the blocks in the order of the rules."""
        dialect = "sh"
        shell = self.variables.get("SHELL")
        if shell and any("bash" in self.text[low:high] for low, high in shell.ranges):
            dialect = "bash"
        known = {}
        for name in self.exported:
            value = self._value(name, {}, ())
            if value is not None and not any(bit.unresolved for bit in value):
                known[name] = "".join(bit.value for bit in value)
        found = []
        for targets, lines in self.rules:
            self.targets = targets
            commands = self._recipe(lines, dialect, known)
            if commands:
                span = Span(self.source, lines[0].start, lines[-1].end)
                found.append(Block("shell", span, targets, tuple(commands), dialect, "makefile"))
        return found

    def _recipe(
        self, lines: list[_Line], dialect: str, known: dict[str, str]
    ) -> list[ShellCommand]:
        texts = []
        for given, line in self._canned(lines):
            start = _PREFIX.match(self.text, line.start, line.end).end()  # type: ignore[union-attr]
            end = line.end
            while end > start and self.text[end - 1] == "\r":
                end -= 1
            if self.one_shell or self._may_mention(start, end):
                texts.append(Derived(self.source, self.expand(start, end, given, recipe=True)))
        if self.one_shell:
            whole = Derived.joined(texts)
            texts = [whole] if whole else []
        commands: list[ShellCommand] = []
        for text in texts:
            commands.extend(parse_derived(text, dialect=dialect, known=known))
        return commands

    def _canned(self, lines: list[_Line]) -> Iterator[tuple[dict[str, list[Bit]], _Line]]:
        """Yield the lines of a recipe with the arguments they know; `define` gives several in the place of one."""
        for line in lines:
            found = _CANNED.match(self.text, line.start, line.end)
            variable = self.variables.get(found["name"]) if found else None
            if found is None or variable is None or not variable.certain or self.budget < 0:
                yield {}, line
                continue
            given = {}
            if found["call"]:
                _, *ranges = self._split(found.start("name"), found.end() - 1)
                given = {
                    str(number): self.expand(low, high, {})
                    for number, (low, high) in enumerate(ranges, 1)
                }
            inner = [part for low, high in variable.ranges for part in self._lines(low, high)]
            if len(inner) < 2:
                yield {}, line
                continue
            self.budget -= sum(part.end - part.start for part in inner)
            for part in inner:
                yield given, part

    def _may_mention(self, start: int, end: int) -> bool:
        return mentions(self.text, start, end) or self.text.find("$", start, end) >= 0
