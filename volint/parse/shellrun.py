"""The simple commands of a script as they would run: those of container programs, with their words.

Strings that `sh -c`, `eval`, `trap`, `ssh` and backticks run are scripts of their own, up to a depth.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse import shellsyntax
from volint.parse.bits import Bit, build
from volint.parse.shellassign import ASSIGNMENT, DECLARERS, assigned
from volint.parse.shellbuiltin import BUILTINS, ON
from volint.parse.shellcommand import (
    SHELLS,
    CommandSet,
    ShellCommand,
    program_name,
    unwrap,
)
from volint.parse.shellinner import (
    REMOTE,
    RUNNERS,
    option_script,
    remote_script,
    runner_scripts,
)
from volint.parse.shellsplit import split
from volint.parse.shellstate import (
    State,
    Unknown,
    Value,
    placeless,
)
from volint.parse.shelltree import Simple
from volint.parse.shellwalk import Walk
from volint.parse.shellwords import Reader
from volint.parse.shellxargs import with_input
from volint.source import Span, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.parse.derived import Derived
    from volint.parse.shellfields import Hole
    from volint.source import Source

__all__ = ["Script", "in_host"]

_LITERAL = regex(r"[^\\'\"`$~{<>(*?\[\s\0]+$")
_ARGUMENTS = regex(r"\$\{?[@*]")
_MAX_SCRIPTS = 4


class Script(Walk):
    """One text that a shell reads, the state it runs in and the commands found so far."""

    def __init__(
        self,
        source: Source,
        text: str,
        state: State,
        holes: Mapping[int, Hole],
        bounds: tuple[int, int],
        *,
        level: int = 0,
    ) -> None:
        masked = _masked(text, holes) if holes else text
        self.source = source
        self.raw = text
        self.tree, self.scanner = shellsyntax.parse(masked, *bounds)
        super().__init__(
            masked, self.scanner, Reader(self.scanner, text, source, state, holes), state
        )
        self.level = level
        self.watched: frozenset[str] = frozenset()
        """Further programs whose commands are kept."""
        self.seen: list[tuple[list[Word], str | None]] = []
        """Words and directory of each command of a watched program."""
        self._found = CommandSet()

    def run(self) -> list[ShellCommand]:
        """Return the commands in the order they are written in."""
        self.walk(self.tree)
        return self._found.sorted()

    def words(self) -> list[Word]:
        """Return the words of the first command, as if it were only arguments."""
        for _, node in self.tree.items:
            if isinstance(node, Simple):
                return [word for start, end in node.words for word in self.reader.words(start, end)]
        return []

    # -- scripts in a script

    def backticks(self, start: int, end: int) -> None:
        """Run what stands between backticks with backslashes, one level of which they take away."""
        bits: list[Bit] = []
        at = start
        for match in re.finditer(r"\\([\\`$])", self.text[start:end]):
            place = start + match.start()
            if place > at:
                bits.append(Bit(self.raw[at:place], at, place))
            bits.append(Bit(match[1], place, place + 2, True))
            at = place + 2
        if at < end:
            bits.append(Bit(self.raw[at:end], at, end))
        self._script(build(self.source, bits), dict(self._visible()))

    def _visible(self) -> list[tuple[str, Value]]:
        """Return every variable that is set, without the places of the values."""
        found: dict[str, Value] = {}
        for frame in self.state.frames:
            found.update(frame.values)
        return [(name, placeless(value)) for name, value in found.items()]

    def _script(
        self, word: Word, values: dict[str, Value], *, closed: bool = True
    ) -> Script | None:
        """Run the value of a word as a script of its own; None if it is nested too deep."""
        if self.level >= _MAX_SCRIPTS:
            return None
        from volint.parse.derived import Derived

        text = Derived.of_word(word)
        inner = State(None, values)
        inner.closed = self.state.closed and closed
        script = Script(
            self.source,
            word.value,
            inner,
            text.holes(),
            (0, len(word.value)),
            level=self.level + 1,
        )
        for command in script.run():
            outer = in_host(command, text)._replace(nested=True)
            self._found.add(outer, outer.span.start)
        return script

    # -- simple commands

    def simple(self, node: Simple) -> int:
        """Run a simple command; return how it ends."""
        self._extra -= self._again
        if node.substitutions:
            self._substitutions(node.substitutions)
        words = node.words
        count = 0
        while count < len(words) and ASSIGNMENT.match(self.text, *words[count]):
            count += 1
        if count == len(words):
            for start, end in words:
                self.assign(start, end)
            return ON
        start, end = words[count]
        literal = _LITERAL.match(self.text, start, end)
        name = self.text[start:end] if literal and literal.end() == end else ""
        if name in DECLARERS:
            for start, end in words[count + 1 :]:
                self._declare(name, start, end)
            return ON
        action = getattr(self, f"_do_{BUILTINS[name]}", None) if name in BUILTINS else None
        if action is not None:
            return int(action(words[count + 1 :]) or ON)
        if name in self.functions:
            return self._call(self.functions[name], words[count + 1 :])
        if name and not _MAY_RUN.match(name) and name not in self.watched:
            return ON
        self._external(node, count)
        return ON

    def _external(self, node: Simple, count: int) -> None:
        """Look at a command that may run a container program."""
        ranges = node.words[count:]
        if _MENTIONS.search(self.text, node.start, node.end):
            ranges = (split(self.text, node.start, node.end, self.scanner.ends) or node.words)[
                count:
            ]
        fields = [field for start, end in ranges for field in self.reader.fields(start, end)]
        if not fields:
            return
        words = [build(self.source, field) for field in fields]
        at = unwrap(words)
        if at >= len(fields):
            return
        candidates: tuple[str, ...] = ()
        first = fields[at]
        if len(first) == 1 and first[0].unresolved:
            value = self.state.get(first[0].unresolved)
            if isinstance(value, Unknown):
                candidates = value.candidates
        program = program_name(words[at:], candidates)
        if not program:
            if words[at].value in self.watched:
                self.seen.append((words[at:], self._cwd()))
            self._other_scripts(words[at:])
            return
        words[at] = self._here(first, node.words[count], at)
        for index, word in enumerate(words[:at]):
            if word.value.rsplit("/", 1)[-1] == "xargs":
                words[at:] = with_input(words[index + 1 : at], words[at:])
        assignments = tuple(
            Word(self.raw[start:end], Span(self.source, start, end))
            for start, end in node.words[:count]
        )
        span = Span(self.source, node.words[0][0], node.words[-1][1])
        use = first[0].use
        if use and _ARGUMENTS.match(self.text, *use):
            # A function that runs its arguments: the command stands where it is called.
            span = Span(
                self.source,
                min(word.span.start for word in words[at:]),
                max(word.span.end for word in words[at:]),
            )
        function = self._stack[-1].name if self._stack else ""
        command = ShellCommand(
            tuple(words[at:]),
            span,
            program,
            assignments,
            tuple(words[:at]),
            function,
            self._cwd(),
            variables=self._given(node.words[:count], words[:at]),
        )
        self._found.add(command, span.start)

    def _given(
        self, assignments: list[tuple[int, int]], prefix: list[Word]
    ) -> tuple[tuple[str, str], ...]:
        """Return the COMPOSE_* variables that a command is given: exported, or in front of it."""
        self.state.push()
        for start, end in assignments:
            self.assign(start, end)
        found: dict[str, str] = {}
        for name in sorted({*self.state.exported, *self.state.frames[-1].values}):
            if name.startswith("COMPOSE_"):
                text = self.state.text(name)
                if text is not None:
                    found[name] = text
        self.state.pop()
        for word in prefix:
            name, equals, value = word.value.partition("=")
            if equals and name.startswith("COMPOSE_") and not word.unresolved():
                found[name] = value
        return tuple(found.items())

    def _here(self, bits: list[Bit], place: tuple[int, int], at: int) -> Word:
        """Return the program's word; one that a plain variable holds stands where it is used."""
        use = bits[0].use
        if at == 0 and use and use[0] >= place[0] and use[1] <= place[1]:
            raw = self.text[use[0] : use[1]]
            if raw.startswith("$") and "@" not in raw and "*" not in raw:
                moved = [bit._replace(start=-1) for bit in bits]
                return build(self.source, moved)
        return build(self.source, bits)

    def _do_eval(self, ranges: list[tuple[int, int]]) -> None:
        bits: list[Bit] = []
        for field in self._plain(ranges):
            if bits:
                bits.append(Bit(" ", bits[-1].end, bits[-1].end, True))
            bits.extend(field)
        script = None
        if bits:
            script = self._script(build(self.source, bits), dict(self._visible()))
        if script is None or any(bit.unresolved for bit in bits):
            self.state.forget()
        else:
            self._forget_names(assigned(script.tree, script.text, script.functions))

    def _do_trap(self, ranges: list[tuple[int, int]]) -> None:
        """Run what a signal runs: later, when variables and the directory may be others."""
        words = [build(self.source, field) for field in self._plain(ranges)]
        if words and words[0].value == "--":
            del words[0]
        if len(words) > 1 and not words[0].value.startswith("-"):
            self._script(words[0], dict(_ELSEWHERE), closed=False)

    def _other_scripts(self, words: list[Word]) -> None:
        """Run the scripts that the words of a command hold."""
        name = words[0].value.rsplit("/", 1)[-1]
        if name in _PACKAGE_RUNNERS:
            words = words[1:]
            while words and words[0].value in ("exec", "--yes", "-y", "--"):
                words = words[1:]
            name = words[0].value if words else ""
        if name in SHELLS or name == "su":
            exported = {
                name: value
                for name, value in self._visible()
                if name in self.state.exported or name in ("PWD", ".")
            }
            script = option_script(words[1:])
            if script is not None:
                self._script(script, exported)
        elif name in REMOTE:
            script = remote_script(words[1:])
            if script is not None:
                self._script(script, dict(_ELSEWHERE), closed=False)
        elif name in RUNNERS:
            for word in runner_scripts(words[1:]):
                self._script(word, dict(self._visible()))


_ELSEWHERE: Mapping[str, Value] = {".": Unknown()}
"""What is known where a script runs later or on another host."""
_PACKAGE_RUNNERS = frozenset(("npx", "bunx", "yarn", "pnpm"))
_MENTIONS = regex("docker|podman|nerdctl")
_MAY_RUN = regex(
    r"(?:.*/)?(?:(?:docker|podman|nerdctl)(?:-compose|-remote)?(?:\.exe)?|sudo|doas|env|nice|ionice|timeout|stdbuf"
    r"|time|exec|xargs|flock|watch|nohup|setsid|command|winpty|caffeinate|run|cross-env(?:-shell)?|dotenv|sh|bash|dash|ash|zsh|ksh|su|ssh|autossh|concurrently|npx|bunx|yarn|pnpm)$"
)


def _masked(text: str, holes: Mapping[int, Hole]) -> str:
    """Return a text with NUL characters in place of its holes."""
    parts: list[str] = []
    at = 0
    for start, (end, _) in sorted(holes.items()):
        parts += (text[at:start], "\0" * (end - start))
        at = end
    return "".join((*parts, text[at:]))


def in_host(command: ShellCommand, text: Derived) -> ShellCommand:
    """Return a command found in a derived text with its places in the host."""
    return command._replace(
        words=tuple(text.word(word) for word in command.words),
        span=text.span(command.span.start, command.span.end),
        assignments=tuple(text.word(word) for word in command.assignments),
        prefix=tuple(text.word(word) for word in command.prefix),
    )
