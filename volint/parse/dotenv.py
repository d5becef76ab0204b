"""Env files: Compose's `.env` syntax, and the plain one of `docker run --env-file`.

Values are secrets more often than not: no message of this module quotes one, nor a line that could
be part of one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.interpolation import interpolate
from volint.record import NamedTuple
from volint.source import Piece, Problem, Span, Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from volint.source import Source

__all__ = ["EnvEntry", "parse", "parse_raw"]


class EnvEntry(NamedTuple):
    """One variable of an env file."""

    name: Text
    """Its name; Compose takes an empty one, too."""
    value: Text | None
    """Its value, with the place it is written at, without quotes; None if the file leaves it to the
    environment and that does not set it. An inherited value has the place of the name."""
    inherited: bool = False
    """True for a bare name, whose value the environment gives."""


# unicode.IsSpace of Go, and the same without the line feed.
_INLINE = "\t\v\f\r \x85\xa0"
_SPACE = f"{_INLINE}\n\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_START = regex(f"(?:[{_SPACE}]|#[^\n]*)*")
_EXPORT = regex(r"export(?=[\t\n\f\r ])")
_INDENT = regex(f"[{_INLINE}]*")
_TRAILING = regex(f"[{_SPACE}]+\\Z")
_ESCAPE = regex(r'\\(?:([abcfnrtv"\\])|(\$)|0([0-9]{0,3}))')
_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "c": "\\c",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    '"': '"',
    "\\": "\\",
}
_LONGEST_LINE = 65_536


class _Refused(Exception):
    """The file ends here for Compose."""

    def __init__(self, message: str, start: int, end: int, help: str) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.help = help


def parse(
    source: Source, lookup: Callable[[str], str | None], symbolic: bool = False
) -> tuple[list[EnvEntry], list[Problem]]:
    """Read an env file as Compose does (compose-go: dotenv/parser.go).

    `lookup` gives the process's variables, None for one that is not set: they win over the file's
    own in interpolation, and give bare names their value. `symbolic` is that of `interpolate`. A
    later entry of a name replaces an earlier one; both are returned. At the first thing that
    Compose refuses reading stops: the entries before it, and one VL001.
    """
    reader = _Reader(source, lookup, symbolic)
    try:
        reader.run()
    except _Refused as refused:
        span = Span(source, refused.start, refused.end)
        return reader.entries, [Problem("VL001", refused.message, span, refused.help)]
    return reader.entries, []


class _Reader:
    def __init__(self, source: Source, lookup: Callable[[str], str | None], symbolic: bool) -> None:
        self.source = source
        self.text = source.text
        self.lookup = lookup
        self.symbolic = symbolic
        self.entries: list[EnvEntry] = []
        self.known: dict[str, str] = {}

    def run(self) -> None:
        at = 0
        while True:
            at = _after(_START, self.text, at)
            if at >= len(self.text):
                return
            at = self.statement(at)

    def statement(self, at: int) -> int:
        """Read one variable; return the offset after it."""
        text = self.text
        export = _EXPORT.match(text, at)
        if export is not None:
            at = _after(_INDENT, text, export.end())
            if at >= len(text):
                raise _Refused("Nothing follows 'export'", at - 1, at, "write 'export NAME=value'")
        stop = self.name_end(at)
        key = text[at:stop]
        inherited = text.startswith("\n", stop)
        following = stop + 1
        if stop >= len(text):
            # Without '=', ':' or a line break what is left is the value of an empty name.
            key, following = "", at
        name = _TRAILING.sub("", key)
        if " " in name:
            raise _Refused(
                "The name of a variable holds a blank",
                at,
                at + len(name),
                "write 'NAME=value'; quote a value that goes over several lines",
            )
        label = Text(name, Span(self.source, at, at + len(name)))
        following = _after(_INDENT, text, following)
        if inherited:
            value = self.lookup(name)
            if value is not None:
                self.known[name] = value
            self.entries.append(
                EnvEntry(label, None if value is None else Text(value, label.span), inherited=True)
            )
            return following
        word, end = self.value(following)
        if word is not None:
            text_value = self.expand(word)
        else:
            quoted = text[following + 1 : end - 1]
            span = Span(self.source, following + 1, end - 1)
            text_value = Text(quoted.replace("\\'", "'"), span)
        self.known[name] = text_value.value
        self.entries.append(EnvEntry(label, text_value))
        return end

    def name_end(self, at: int) -> int:
        """Return the offset of what ends a name: '=', ':', a line break or the end of the text."""
        text = self.text
        for offset in range(at, len(text)):
            sign = text[offset]
            if sign in "=:\n":
                return offset
            if sign not in "_.-[]" and sign not in _INLINE and not _is_letter(sign):
                raise _Refused(
                    f"'{sign}' cannot stand in the name of a variable",
                    offset,
                    offset + 1,
                    "write 'NAME=value'; quote a value that goes over several lines",
                )
        return len(text)

    def value(self, at: int) -> tuple[Word | None, int]:
        """Return the value that begins at `at`, to be interpolated, and the offset after it.

        None stands for a text in single quotes, which is not interpolated.
        """
        text = self.text
        quote = text[at : at + 1]
        if quote not in ("'", '"'):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            comment = text.find(" #", at, end)
            written = text[at : end if comment < 0 else comment]
            kept = len(_TRAILING.sub("", written))
            span = Span(self.source, at, at + kept)
            return Word(span.text(), span), min(end + 1, len(text))
        close = _after(_QUOTED[quote], text, at + 1)
        if not text.startswith(quote, close):
            raise _Refused(
                f"A value that begins with {quote} never ends", at, at + 1, f"close it with {quote}"
            )
        if quote == "'":
            return None, close + 1
        span = Span(self.source, at + 1, close)
        written = span.text()
        plain = _unescape(written.replace('\\"', '"')) if "\\" in written else written
        pieces = () if plain == written else (Piece(0, span.start, span.end, opaque=True),)
        return Word(plain, span, pieces), close + 1

    def expand(self, word: Word) -> Text:
        result = interpolate(word, self.variable, self.symbolic)
        for error in result.errors:
            raise _Refused(
                f"The required variable '{error.name}' has no value"
                if error.name
                else "A value holds a malformed variable reference",
                error.span.start,
                error.span.end,
                error.help,
            )
        return result.word.text()

    def variable(self, name: str) -> str | None:
        value = self.lookup(name)
        return self.known.get(name) if value is None else value


# What stands up to the closing quote: a backslash keeps the character after it from closing.
_QUOTED = {
    "'": re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL),
    '"': re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL),
}


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        letter, dollar, octal = match.groups()
        if letter:
            return _ESCAPES[letter]
        if dollar:
            return "$$"
        if len(octal) == 3 and octal.strip("01234567") == "" and int(octal, 8) < 256:
            return chr(int(octal, 8))
        return f"\\{octal}"

    return _ESCAPE.sub(replace, text)


def _is_letter(sign: str) -> bool:
    """Tell whether Go calls a character a letter or a number."""
    if sign.isascii():
        return sign.isalnum()
    from unicodedata import category

    return category(sign)[0] in "LN"


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return at if match is None else match.end()


def parse_raw(
    source: Source, lookup: Callable[[str], str | None], *, podman: bool = False
) -> tuple[list[EnvEntry], list[Problem]]:
    """Read an env file as `docker run --env-file` and `format: raw` do (docker/cli: pkg/kvfile).

    Nothing is unquoted, interpolated or trimmed at its end; only lines that begin with '#' are
    comments. A bare name takes its value from `lookup`. `podman` reads as podman does (pkg/env): names
    may hold blanks, and a byte order mark belongs to the first of them. At the first line that is
    refused reading stops: the entries before it, and one VL001.
    """
    entries: list[EnvEntry] = []
    program = "podman" if podman else "Docker"
    leading = _BLANKS if podman else _LEADING
    mark = "\ufeff" if podman and source.byte_order_mark else ""
    offset = 0
    for number, line in enumerate(source.text.split("\n")):
        if number == 0 and mark:
            start, kept = 0, mark + line.removesuffix("\r")
        else:
            start = _after(leading, line, 0)
            kept = line[start:].removesuffix("\r")
        name, equals, value = kept.partition("=")
        at = offset + start
        end = at + len(name) - (len(mark) if number == 0 else 0)
        offset += len(line) + 1
        message = ""
        if len(line) * 4 >= _LONGEST_LINE and len(line.encode("utf-8", "replace")) >= _LONGEST_LINE:
            message = f"The line is longer than the {_LONGEST_LINE:,} bytes that {program} reads"
        elif not kept or kept.startswith("#"):
            continue
        elif not name:
            message = "A line begins with '=': the name of the variable is missing"
        elif not podman and (" " in name or "\t" in name):
            message = "The name of a variable holds a blank"
        if message:
            span = Span(source, at, max(at + 1, end))
            return entries, [Problem("VL001", message, span, "write 'NAME=value' without blanks")]
        label = Text(name, Span(source, at, end))
        if equals:
            begin = end + 1
            entries.append(EnvEntry(label, Text(value, Span(source, begin, begin + len(value)))))
            continue
        found = lookup(name)
        entries.append(
            EnvEntry(label, None if found is None else Text(found, label.span), inherited=True)
        )
    return entries, []


_LEADING = regex(f"[{_SPACE}]*")
_BLANKS = regex(r"[ \t]*")
