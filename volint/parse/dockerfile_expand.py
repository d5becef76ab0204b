"""Variables, quotes and escapes in the words of a Dockerfile, as BuildKit v0.32 reads them.

This is no shell: there are no substitutions of commands, no arithmetic and no defaults that are
assigned, an unknown name is empty, and quotes are taken away while variables are filled in
(buildkit frontend/dockerfile/shell/lex.go).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.dockerfile_lines import SPACE, cut
from volint.record import NamedTuple
from volint.source import Piece, Word

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["UNKNOWN", "Chunk", "Lexer", "SubstitutionError", "Value", "build", "expand"]

Value = str | tuple[tuple[str, str], ...]
"""A variable's value: a text, or (text, name) pairs where the name of a pair is that of the unknown
variable whose text it is, or empty. No pairs at all: nothing is known about the variable."""

UNKNOWN: tuple[tuple[str, str], ...] = ()
"""The value of a variable of which nothing is known."""

_MAX_DEPTH = 100
_MAX_LENGTH = 1 << 18
_MAX_WORK = 1 << 22
_MODIFIERS = ("+", "-", "?", "#", "%")
_SPECIAL = regex(r"[$'\"\\`]")
_ASCII_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*(?![^\x00-\x7f])")
_PLAIN: dict[str, re.Pattern[str]] = {}


def _plain(special: str) -> re.Pattern[str]:
    """Return an expression for a stretch without any of some characters."""
    pattern = _PLAIN.get(special)
    if pattern is None:
        pattern = _PLAIN[special] = re.compile(f"[^{re.escape(special)}]+")
    return pattern


class SubstitutionError(ValueError):
    """A word that BuildKit refuses to expand, and the offset where that shows."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Chunk(NamedTuple):
    """A stretch of an expanded word."""

    text: str
    """Its value."""
    start: int
    """Offset in the word of the first character it comes from."""
    end: int
    """Offset after the last."""
    opaque: bool
    """True where the text is not what is written."""
    unresolved: str = ""
    """Name of the unknown variable it stands for."""


class Lexer:
    """One pass over a word. A lexer is used once."""

    def __init__(
        self,
        text: str,
        lookup: Callable[[str], Value | None],
        escape: str = "\\",
        *,
        quotes: bool = True,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
        keep_unset: bool = False,
    ) -> None:
        """Take the word and how to read it; `lookup` gives None for a variable that is not set.

        quotes: False leaves quotes alone. raw_quotes, raw_escapes: they stay in the result.
        keep_unset: variables that are not set stay as text.
        """
        self.text = text
        self.lookup = lookup
        self.escape = escape
        self.quotes = quotes
        self.raw_quotes = raw_quotes
        self.raw_escapes = raw_escapes
        self.keep_unset = keep_unset
        self.at = 0
        self.unset: list[str] = []
        """Names that were asked for and not set."""
        self.words: list[str] = []
        """The result split at blanks that are neither quoted nor escaped."""
        # One buffer for all depths: what stands directly before `${name:-...}` is lost from the
        # words, though not from the result, and heredocs are found in the words.
        self._word: list[str] = []
        self._depth = 0
        self._length = 0

    def run(self) -> list[Chunk]:
        """Expand the whole word. Raises SubstitutionError."""
        chunks, self.words = self._until("", self.raw_escapes)
        return chunks

    def _fail(self, message: str, at: int | None = None) -> SubstitutionError:
        return SubstitutionError(message, self.at if at is None else at)

    def _until(self, stop: str, raw_escapes: bool) -> tuple[list[Chunk], list[str]]:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._fail("substitutions are nested too deeply")
        text, escape = self.text, self.escape
        plain = _plain("$<" + escape + stop + ("'\"" if self.quotes else ""))
        outer_escapes, self.raw_escapes = self.raw_escapes, raw_escapes
        chunks: list[Chunk] = []
        words: list[str] = []
        self._word = []
        started = self.at
        while self.at < len(text):
            start = self.at
            char = text[start]
            if stop and char == stop:
                self.at += 1
                self._end_word(words)
                break
            if char == "$":
                found = self._dollar()
                self._split("".join(chunk.text for chunk in found), words)
            elif char in "'\"" and self.quotes:
                found = self._single() if char == "'" else self._double()
                self._word.append("".join(chunk.text for chunk in found))
            elif char == escape:
                found = self._escaped()
                self._word.extend(chunk.text for chunk in found)
            elif char == "<":
                found = [self._less()]
                self._word.append(found[0].text)
            else:
                match = plain.match(text, start)
                assert match is not None
                self.at = match.end()
                found = [Chunk(match[0], start, self.at, False)]
                self._split(match[0], words)
            chunks += found
        else:
            if stop:
                raise self._fail(f"the closing '{stop}' is missing", started)
            self._end_word(words)
        self.raw_escapes = outer_escapes
        self._depth -= 1
        return chunks, words

    def _split(self, text: str, words: list[str]) -> None:
        """Add text to the words; blanks in it end a word."""
        for index, part in enumerate(re.split(f"[{SPACE}]", text)):
            if index:
                self._end_word(words)
            if part:
                self._word.append(part)

    def _end_word(self, words: list[str]) -> None:
        word = "".join(self._word)
        if word:
            words.append(word)
            self._word = []

    def _escaped(self) -> list[Chunk]:
        start = self.at
        self.at = min(start + 2, len(self.text))
        written = self.text[start : self.at]
        if self.raw_escapes:
            return [Chunk(written, start, self.at, False)]
        return [Chunk(written[1:], start, self.at, True)] if len(written) > 1 else []

    def _less(self) -> Chunk:
        """Take '<', or '<<' with the blanks behind it, which belong to a heredoc's word."""
        start = self.at
        self.at += 1
        if self.text.startswith("<", self.at):
            self.at += 1
            while self.text[self.at : self.at + 1] in ("\t", "\r", " "):
                self.at += 1
        return Chunk(self.text[start : self.at], start, self.at, False)

    def _single(self) -> list[Chunk]:
        start = self.at
        end = self.text.find("'", start + 1)
        if end < 0:
            raise self._fail("the closing single quote is missing")
        self.at = end + 1
        if self.raw_quotes:
            return [Chunk(self.text[start : end + 1], start, end + 1, False)]
        return [Chunk(self.text[start + 1 : end], start + 1, end, False)]

    def _double(self) -> list[Chunk]:
        text, escape, opened = self.text, self.escape, self.at
        chunks: list[Chunk] = []
        if self.raw_quotes:
            chunks.append(Chunk('"', opened, opened + 1, False))
        self.at += 1
        plain = _plain('"$' + escape)
        while True:
            start = self.at
            char = text[start : start + 1]
            if not char:
                raise self._fail("the closing double quote is missing", opened)
            if char == '"':
                self.at += 1
                if self.raw_quotes:
                    chunks.append(Chunk('"', start, self.at, False))
                return chunks
            if char == "$":
                chunks += self._dollar()
            elif char == escape:
                self.at += 1
                if self.raw_escapes:
                    chunks.append(Chunk(char, start, self.at, False))
                following = text[self.at : self.at + 1]
                if not following:
                    continue
                if following in ('"', "$", escape):
                    self.at += 1
                    char = following
                chunks.append(Chunk(char, start, self.at, self.at > start + 1))
            else:
                match = plain.match(text, start)
                assert match is not None
                self.at = match.end()
                chunks.append(Chunk(match[0], start, self.at, False))

    def _name(self) -> str:
        text, start = self.text, self.at
        match = _ASCII_NAME.match(text, start)
        if match:
            self.at = match.end()
            return match[0]
        first = text[start : start + 1]
        if first.isdecimal():
            while text[self.at : self.at + 1].isdecimal():
                self.at += 1
        elif first and first in "@*#?-$!":
            self.at += 1
        else:
            while (
                (char := text[self.at : self.at + 1]).isalpha() or char.isdecimal() or char == "_"
            ):
                self.at += 1
        return text[start : self.at]

    def _get(self, name: str) -> Value | None:
        value = self.lookup(name)
        if value is None:
            self.unset.append(name)
        return value

    def _put(self, value: str, start: int) -> list[Chunk]:
        self._length += len(value)
        if self._length > _MAX_LENGTH:
            raise self._fail("the value is too long", start)
        return [Chunk(value, start, self.at, True)] if value else []

    def _keep(self, name: str, start: int) -> list[Chunk]:
        """Leave what is written since `start`, as the place of an unknown variable."""
        return [Chunk(self.text[start : self.at], start, self.at, False, name)]

    def _known(self, value: Value, name: str, start: int) -> list[Chunk]:
        if isinstance(value, str):
            return self._put(value, start)
        if not value:
            return self._keep(name, start)
        self._length += sum(len(text) for text, _name in value)
        if self._length > _MAX_LENGTH:
            raise self._fail("the value is too long", start)
        return [Chunk(text, start, self.at, True, unknown) for text, unknown in value]

    def _dollar(self) -> list[Chunk]:
        start = self.at
        self.at += 1
        if not self.text.startswith("{", self.at):
            name = self._name()
            if not name:
                return [Chunk("$", start, self.at, False)]
            value = self._get(name)
            if value is not None:
                return self._known(value, name, start)
            return [Chunk("$" + name, start, self.at, False)] if self.keep_unset else []
        self.at += 1
        following = self.text[self.at : self.at + 1]
        if not following:
            raise self._fail("the closing '}' is missing", start)
        if following in "{}:":
            raise self._fail("no name follows '${'", start)
        name = self._name()
        sign = self.text[self.at : self.at + 1]
        if not sign:
            raise self._fail("the closing '}' is missing", start)
        self.at += 1
        if sign == "}":
            value = self._get(name)
            if value is not None:
                return self._known(value, name, start)
            return [Chunk(f"${{{name}}}", start, self.at, False)] if self.keep_unset else []
        if sign == "/":
            return self._replaced(name, start)
        if sign == ":":
            sign += self.text[self.at : self.at + 1]
            self.at += 1
        if (sign[0] != ":" and sign not in _MODIFIERS) or sign in (":#", ":%"):
            raise self._fail(f"'{sign}' is no modifier of a substitution", start)
        return self._modified(name, sign, start)

    def _operand(self, stop: str, raw_escapes: bool, start: int) -> list[Chunk]:
        try:
            return self._until(stop, raw_escapes)[0]
        except SubstitutionError:
            if self.at >= len(self.text):
                raise self._fail(f"the closing '{stop}' is missing", start) from None
            raise

    def _modified(self, name: str, sign: str, start: int) -> list[Chunk]:
        word = self._operand("}", sign in ("#", "%"), start)
        value = self._get(name)
        if value is None and self.keep_unset:
            operand = "".join(chunk.text for chunk in word)
            return self._put(f"${{{name}{sign}{operand}}}", start)
        action = sign[-1]
        if action not in "-+?#%" or sign == ":":
            raise self._fail(f"'{sign}' is no modifier of a substitution", start)
        if action in "#%":
            return self._trimmed(name, action, word, value, start)
        empty = sign[0] == ":" and value == ""
        if isinstance(value, tuple) and (
            not value or (sign[0] == ":" and not any(text and not by for text, by in value))
        ):
            return self._keep(name, start)
        missing = value is None or empty
        if action == "-":
            return word if missing else self._known(value or "", name, start)
        if action == "+":
            return [] if missing else word
        if missing:
            said = "".join(chunk.text for chunk in word)
            state = "is not set" if value is None else "is empty"
            raise self._fail(f"{name} {state}" + (f": {said}" if said else ""), start)
        return self._known(value or "", name, start)

    def _trimmed(
        self, name: str, sign: str, word: list[Chunk], value: Value | None, start: int
    ) -> list[Chunk]:
        pattern = "".join(chunk.text for chunk in word)
        if self._hidden(value, word, pattern):
            return self._keep(name, start)
        from volint.parse.dockerfile_glob import PatternError, trim

        try:
            return self._put(trim(pattern, str(value or ""), sign == "%"), start)
        except PatternError as error:
            raise self._fail(str(error), start) from None

    def _replaced(self, name: str, start: int) -> list[Chunk]:
        every = self.text.startswith("/", self.at)
        self.at += every
        pattern_chunks = self._operand("/", True, start)
        replacement_chunks = self._operand("}", True, start)
        pattern = "".join(chunk.text for chunk in pattern_chunks)
        replacement = "".join(chunk.text for chunk in replacement_chunks)
        value = self._get(name)
        if value is None and self.keep_unset:
            # BuildKit forgets the second slash of '//'.
            return self._put(f"${{{name}/{pattern}/{replacement}}}", start)
        if self._hidden(value, pattern_chunks + replacement_chunks, pattern):
            return self._keep(name, start)
        if len(str(value or "")) * len(replacement) > _MAX_WORK:
            raise self._fail("the value is too long", start)
        from volint.parse.dockerfile_glob import PatternError, replace

        try:
            return self._put(replace(pattern, replacement, str(value or ""), every), start)
        except PatternError as error:
            raise self._fail(str(error), start) from None

    def _hidden(self, value: Value | None, words: list[Chunk], pattern: str) -> bool:
        """Return whether a pattern's effect cannot be known, or would cost too much to find out."""
        if isinstance(value, tuple) or any(chunk.unresolved for chunk in words):
            return True
        return len(value or "") * len(pattern) > _MAX_WORK


def expand(
    word: Word, lookup: Callable[[str], Value | None], escape: str = "\\", *, quotes: bool = True
) -> Word:
    """Return a word with its variables filled in and its quotes and escapes taken away.

    What depends on an unknown variable keeps its text and is marked in the word's pieces.
    Raises SubstitutionError where BuildKit would refuse the word.
    """
    if not _SPECIAL.search(word.value):
        return word
    return build(word, Lexer(word.value, lookup, escape, quotes=quotes).run())


def build(word: Word, chunks: list[Chunk]) -> Word:
    """Return the word that chunks of another word make, with the same span."""
    values: list[str] = []
    pieces: list[Piece] = []
    at = 0
    for text, start, end, opaque, unresolved in chunks:
        origin = cut(word, start, end)
        if opaque:
            span = origin.span
            pieces.append(Piece(at, span.start, span.end, True, unresolved))
        elif origin.pieces:
            pieces.extend(
                piece._replace(at=at + piece.at, unresolved=piece.unresolved or unresolved)
                for piece in origin.pieces
            )
        else:
            place = origin.span.start
            if pieces and not unresolved and _joins(pieces[-1], at, place):
                pieces[-1] = pieces[-1]._replace(end=place + len(text))
            else:
                pieces.append(Piece(at, place, place + len(text), False, unresolved))
        values.append(text)
        at += len(text)
    return Word("".join(values), word.span, tuple(pieces) or (Piece(0, *word.span[1:], True),))


def _joins(piece: Piece, at: int, place: int) -> bool:
    """Return whether characters at `at` simply go on with a piece."""
    return (
        not piece.opaque
        and not piece.unresolved
        and piece.end == place
        and piece.end - piece.start == at - piece.at
    )
