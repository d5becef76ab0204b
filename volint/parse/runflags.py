"""The words of a command of docker, podman, nerdctl or Compose into flags and operands.

Words come as the shell would pass them. Parsing follows spf13/pflag: clusters of short flags,
values taken whatever they look like, `--`, and for `run` no flag after the image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.flagtable import Table, table
from volint.parse.flagvalues import problem_of
from volint.record import NamedTuple
from volint.source import Problem, Span, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Given", "Parsed", "parse_flags", "rest_of", "shown", "similar"]

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_IMAGE_NAMES = ("IMAGE", "IMG", "CONTAINER", "REPO", "REGISTRY", "TAG")
_FLAG_NAMES = ("OPT", "ARG", "FLAG", "PARAM", "VOL", "MOUNT", "ENV", "PORT", "NET", "LABEL")


class Given(NamedTuple):
    """One flag as it was given."""

    name: str
    """Its long name, aliases resolved."""
    flag: Span
    """Where the flag itself stands, the word of a cluster as a whole."""
    value: Word
    """Its value; 'true' for a boolean without one, at the flag's place."""


class Parsed(NamedTuple):
    """The words of a command, told apart."""

    given: tuple[Given, ...]
    """All flags in order."""
    operands: tuple[Word, ...]
    """All other words in order; for `run` the image and the command's words."""
    problem: Problem | None = None
    """Why the program refuses the words; what follows them is then not parsed."""
    help: bool = False
    """True if --help stops the program before it does anything."""
    unresolved: tuple[str, ...] = ()
    """Names of unknown variables that stand where flags may hide in them."""

    def values(self, name: str) -> list[Word]:
        """Return the values of a flag that may be repeated."""
        return [given.value for given in self.given if given.name == name]

    def last(self, name: str) -> Word | None:
        """Return the value of a flag whose last use counts."""
        found = None
        for given in self.given:
            if given.name == name:
                found = given.value
        return found

    def is_set(self, name: str) -> bool:
        """Return whether a boolean is on."""
        value = self.last(name)
        return value is not None and value.value in TRUE


def shown(text: str) -> str:
    """Return a word as a message may quote it: what follows a '=' may be a secret."""
    name, equals, _ = text.partition("=")
    return f"{name}=..." if equals else text


def rest_of(word: Word, offset: int) -> Word:
    """Return the part of a word from an offset of its value on."""
    if not offset:
        return word
    end = word.span.end
    if not word.pieces:
        return Word(word.value[offset:], Span(word.span.source, word.span.start + offset, end))
    kept = []
    for index, piece in enumerate(word.pieces):
        following = word.pieces[index + 1 : index + 2]
        stop = following[0].at if following else len(word.value)
        if stop <= offset and stop != len(word.value):
            continue
        if piece.at >= offset:
            kept.append(piece._replace(at=piece.at - offset))
        elif stop > offset:
            start = piece.start if piece.opaque else piece.start + offset - piece.at
            kept.append(piece._replace(at=0, start=start))
    start = kept[0].start if kept else end
    return Word(word.value[offset:], Span(word.span.source, start, max(start, end)), tuple(kept))


def parse_flags(
    words: Sequence[Word],
    command: str,
    *,
    interspersed: bool = True,
    lenient: bool = False,
    helps: bool = True,
) -> Parsed:
    """Tell flags and operands of a command apart, its own name excluded.

    `command` names a table of `flagtable`. `interspersed` lets flags follow operands, as all commands
    but run, create and exec do. `lenient` takes an unknown flag for a boolean instead of refusing it.
    Without `helps` --help does not end the parsing: `docker --help run` runs.
    """
    parser = _Parser(words, command, interspersed, lenient, helps)
    parsed = parser.run()
    if parsed.unresolved and (parsed.problem or not parsed.operands):
        # What was taken for a list of flags must have been the image.
        parser = _Parser(words, command, interspersed, lenient, helps)
        parser.lists = False
        parsed = parser.run()
    return parsed


class _Parser:
    def __init__(
        self,
        words: Sequence[Word],
        command: str,
        interspersed: bool,
        lenient: bool,
        helps: bool,
    ) -> None:
        self.words = words
        self.command = command
        self.flags = table(command) or Table({}, {}, {})
        self.interspersed = interspersed
        self.lenient = lenient
        self.helps = helps
        self.lists = True
        self.at = 0
        self.given: list[Given] = []
        self.operands: list[Word] = []
        self.unresolved: list[str] = []
        self.problem: Problem | None = None
        self.help = False

    def run(self) -> Parsed:
        words = self.words
        while self.at < len(words) and not self._stopped():
            word = words[self.at]
            value = word.value
            if value[:1] != "-" or value == "-":
                if self._holds_flags(word):
                    self.at += 1
                    continue
                if not self.interspersed:
                    break
                self.operands.append(word)
                self.at += 1
                continue
            self.at += 1
            if value == "--":
                break
            if value[1] == "-":
                self._long(word)
            else:
                self._cluster(word)
        if not self._stopped():
            self.operands.extend(words[self.at :])
        return Parsed(
            tuple(self.given),
            tuple(self.operands),
            self.problem,
            self.help,
            tuple(dict.fromkeys(self.unresolved)),
        )

    def _stopped(self) -> bool:
        return self.problem is not None or self.help

    def _holds_flags(self, word: Word) -> bool:
        """Return whether an unknown variable in a flag's place stands for flags and not the image."""
        pieces = word.pieces
        if not self.lists or self.interspersed or len(pieces) != 1 or not pieces[0].unresolved:
            return False
        name = pieces[0].unresolved
        upper = name.upper()
        last = self.at + 1 >= len(self.words)
        array = name in ("@", "*") or word.value.endswith(("[@]}", "[*]}", "$@", "$*"))
        if last or (any(part in upper for part in _IMAGE_NAMES) and not array):
            return False
        flags = array or any(part in upper for part in _FLAG_NAMES)
        if (
            not flags
            and not pieces[0].unquoted
            and not self.words[self.at + 1].value.startswith("-")
        ):
            return False
        # No image's name begins with a capital before a registry's: `docker run $X Rscript -e ...` runs X.
        following = self.words[self.at + 1].value
        if not array and following[:1].isupper() and following.isalpha():
            return False
        self.unresolved.append(name)
        return True

    def _complain(self, word: Word, start: int, end: int, message: str, help: str = "") -> None:
        self.problem = Problem("VL615", message, word.slice(start, end).span, help)

    def _add(self, name: str, flag: Span, value: Word) -> None:
        """Record a flag unless its value is refused."""
        kind = self.flags.types[name]
        name = self.flags.aliases.get(name, name)
        if name == "help" and self.helps:
            self.help = self.help or value.value in TRUE
            return
        if not value.pieces or not value.unresolved():
            reason = problem_of(name, kind, value.value, self.command)
            if reason:
                message, advice = reason
                code = "VL601" if name in ("volume", "mount", "tmpfs") else "VL615"
                self.problem = Problem(code, message, value.span, advice)
                return
        self.given.append(Given(name, flag, value))

    def _next(self) -> Word | None:
        if self.at < len(self.words):
            self.at += 1
            return self.words[self.at - 1]
        return None

    def _long(self, word: Word) -> None:
        name, equals, _ = word.value[2:].partition("=")
        end = 2 + len(name)
        if not name or name[0] == "-":
            self._complain(word, 0, end, f"'{shown(word.value)}' is no flag")
            return
        kind = self.flags.types.get(name)
        flag = word.slice(0, end).span
        if kind is None:
            if name == "help":
                self.help = True
            elif not self.lenient and not word.unresolved(0, end):
                self._unknown(word, end, f"--{name}")
            return
        if equals:
            self._add(name, flag, rest_of(word, end + 1))
        elif kind == "bool":
            self._add(name, flag, Word("true", flag))
        else:
            value = self._next()
            if value is None:
                self._complain(word, 0, end, f"'--{name}' needs a value")
            else:
                self._add(name, flag, value)

    def _unknown(self, word: Word, end: int, flag: str) -> None:
        if any(name == "version" for name, *_ in self.given):
            # It is printed, whatever else is said.
            return
        close = similar(flag[2:], self.flags.types)
        self._complain(
            word, 0, end, f"there is no flag '{flag}'", f"write '--{close}'" if close else ""
        )

    def _cluster(self, word: Word) -> None:
        value = word.value
        at = 1
        while at < len(value) and not self._stopped():
            letter = value[at]
            name = self.flags.short.get(letter)
            if name is None:
                self._unknown_letter(word, at)
                return
            kind = self.flags.types[name]
            flag = word.slice(at if at > 1 else 0, at + 1).span
            # pflag takes the '=' off only where something follows it: `-v=` is the value '='.
            if value[at + 1 : at + 2] == "=" and len(value) > at + 2:
                self._add(name, flag, rest_of(word, at + 2))
                return
            if kind == "bool":
                self._add(name, flag, Word("true", flag))
                at += 1
                continue
            if at + 1 < len(value):
                self._add(name, flag, rest_of(word, at + 1))
            else:
                following = self._next()
                if following is None:
                    self._complain(word, at, at + 1, f"'-{letter}' needs a value")
                    return
                self._add(name, flag, following)
            if self.problem and at == 1 and value[1:].partition("=")[0] in self.flags.types:
                self._one_dash(word)
            return

    def _unknown_letter(self, word: Word, at: int) -> None:
        value = word.value
        if self.lenient or word.unresolved(at, at + 1):
            return
        if value[at] == "h":
            self.help = True
        elif at == 1 and value[1:].partition("=")[0] in self.flags.types:
            self._one_dash(word)
        else:
            self._complain(word, at, at + 1, f"there is no flag '-{value[at]}' in '{shown(value)}'")

    def _one_dash(self, word: Word) -> None:
        name = word.value[1:].partition("=")[0]
        self._complain(
            word,
            0,
            1 + len(name),
            f"'-{name}' is read as the short flags '-{name[0]}' and so on",
            f"write '--{name}'",
        )


def similar(name: str, names: Iterable[str]) -> str:
    """Return the one name that differs by a letter, a plural or '_' for '-'; '' if there is none."""
    plain = name.lower().replace("_", "-")
    for candidate in (plain, plain.rstrip("s"), plain + "s", plain.replace("-", ""), plain + "ume"):
        if candidate in names:
            return candidate
    for known in names:
        if known.replace("-", "") == plain or (
            abs(len(known) - len(plain)) < 2 and _one_edit(known, plain)
        ):
            return known
    return ""


def _one_edit(one: str, other: str) -> bool:
    if len(one) < len(other):
        one, other = other, one
    for at, char in enumerate(other):
        if one[at] != char:
            rest = at + 1 if len(one) == len(other) else at
            return one[at + 1 :] == other[rest:]
    return len(one) != len(other)
