"""How the rest of a Dockerfile's line falls into words: flags, blanks, JSON, name=value, heredocs.

Every function takes a `Logical` and a range of its text, blanks at both ends taken away
(BuildKit v0.32, parser/line_parsers.go and split_command.go).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.dockerfile_expand import Chunk, Lexer, SubstitutionError, build
from volint.parse.dockerfile_lines import SPACE, cut
from volint.record import NamedTuple

if TYPE_CHECKING:
    from volint.parse.dockerfile_lines import Logical
    from volint.source import Word

__all__ = [
    "HeredocWord",
    "MixedArrayError",
    "assignments",
    "blank_separated",
    "flag_words",
    "heredoc_word",
    "heredoc_words",
    "json_words",
    "pair",
]

_WORD = regex(r"[^\t\v\f\r ]+")
_STRING = r'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"'
_BLANKS = r"[ \t\r\n]*"
_ARRAY = rf"\[{_BLANKS}(?:{_STRING}{_BLANKS}(?:,{_BLANKS}{_STRING}{_BLANKS})*)?\]\Z"
_JSON_ESCAPE = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
_JSON_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEREDOC = r"([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)\Z"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _flag_without_quotes(escape: str) -> re.Pattern[str]:
    return re.compile(rf"--[^{SPACE}'\"{re.escape(escape)}]*(?=[{SPACE}]|\Z)")


@cache
def _quoted_word(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(
        rf"(?:[^{SPACE}'\"{e}]+|{e}[\s\S]|'[^']*(?:'|\Z)"
        rf"|\"(?:[^\"{e}]|{e}[\s\S])*(?:\"|(?={e}\Z)|\Z))+"
    )


class MixedArrayError(ValueError):
    """A valid JSON array that holds something other than strings."""


class HeredocWord(NamedTuple):
    """What a word like `<<-'EOF'` says."""

    name: str
    """The line that ends the body."""
    expand: bool
    """False if a part of the name is quoted."""
    chomp: bool
    """True for `<<-`: leading tabs are no part of the body."""
    descriptor: int
    """The number before `<<`, 0 without one."""


def blank_separated(logical: Logical, start: int, end: int) -> list[Word]:
    """Split at blanks; quotes mean nothing."""
    return [
        logical.word(match.start(), match.end())
        for match in _WORD.finditer(logical.text, start, end)
    ]


def flag_words(logical: Logical, start: int, end: int, escape: str) -> tuple[list[Word], int]:
    """Read the words that start with '--'; return them without quotes and the end of the last.

    A lone '--' ends them and is dropped.
    """
    text = logical.text
    words: list[Word] = []
    at = start
    if at < end and text[at] not in SPACE and text[at] != "-":
        return words, at
    plain = _flag_without_quotes(escape)
    while True:
        while at < end and text[at] in SPACE:
            at += 1
        if not text.startswith("--", at, end):
            return words, at
        match = plain.match(text, at, end)
        if match:
            at = match.end()
            if match[0] == "--":
                return words, at
            words.append(logical.word(match.start(), at))
            continue
        first = at
        chunks, at = _unquoted(text, first, end, escape)
        if "".join(chunk.text for chunk in chunks) == "--":
            return words, at
        words.append(build(logical.word(first, at), chunks))


def _unquoted(text: str, start: int, end: int, escape: str) -> tuple[list[Chunk], int]:
    """Read one word without its quotes and escapes; offsets of the chunks count from `start`."""
    chunks: list[Chunk] = []
    at = run = start
    quote = ""

    def close(stop: int) -> None:
        if stop > run:
            chunks.append(Chunk(text[run:stop], run - start, stop - start, False))

    while at < end and (quote or text[at] not in SPACE):
        char = text[at]
        if char == escape:
            close(at)
            if at + 1 < end:
                chunks.append(Chunk(text[at + 1], at - start, at + 2 - start, True))
            run = at = min(at + 2, end)
        elif char == quote or (not quote and char in "'\""):
            close(at)
            quote = "" if quote else char
            run = at = at + 1
        else:
            at += 1
    close(at)
    return chunks, at


def assignments(logical: Logical, start: int, end: int, escape: str) -> list[Word]:
    """Split at blanks that are neither quoted nor escaped; quotes and escapes stay in the words."""
    text = logical.text
    words = []
    at = start
    quoted = _quoted_word(escape)
    while at < end:
        if text[at] in SPACE:
            at += 1
            continue
        match = quoted.match(text, at, end)
        if match:
            words.append(logical.word(at, match.end()))
            at = match.end()
        if at < end and text[at] not in SPACE:
            # An escape character that ends the text is dropped.
            at += 1
    return words


def json_words(logical: Logical, start: int, end: int) -> list[Word] | None:
    """Read a JSON array of strings; None if it is none. Raises MixedArrayError."""
    text = logical.text
    if not text.startswith("[", start):
        return None
    if not _compiled(_ARRAY).match(text, start, end):
        if _is_json_array(text[start:end]):
            raise MixedArrayError
        return None
    words = []
    for match in _compiled(_STRING).finditer(text, start, end):
        word = logical.word(*match.span(1))
        words.append(_unescaped(word) if "\\" in word.value else word)
    return words


def _is_json_array(text: str) -> bool:
    import json

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _unescaped(word: Word) -> Word:
    chunks = []
    at = 0
    for match in re.finditer(_JSON_ESCAPE, word.value):
        start, end = match.span()
        if start > at:
            chunks.append(Chunk(word.value[at:start], at, start, False))
        chunks.append(Chunk(_json_char(match[0]), start, end, True))
        at = end
    if at < len(word.value):
        chunks.append(Chunk(word.value[at:], at, len(word.value), False))
    return build(word, chunks)


def _json_char(escape: str) -> str:
    if escape[1] != "u":
        return _JSON_LETTERS.get(escape[1], escape[1])
    code = int(escape[2:6], 16)
    if len(escape) > 6:
        return chr(0x10000 + ((code - 0xD800) << 10) + int(escape[8:12], 16) - 0xDC00)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


def heredoc_words(line: str) -> list[HeredocWord]:
    """Return the heredocs that a line asks for. Raises SubstitutionError."""
    if "<<" not in line:
        return []
    lexer = Lexer(line, _unset, raw_quotes=True, raw_escapes=True, keep_unset=True)
    try:
        lexer.run()
    except SubstitutionError:
        # BuildKit takes a line that it cannot split for one without heredocs.
        return []
    found = [heredoc_word(word) for word in lexer.words]
    return [word for word in found if word]


def heredoc_word(word: str) -> HeredocWord | None:
    """Read `[N]<<[-]NAME`; None if a word is none. Raises SubstitutionError."""
    match = re.match(_HEREDOC, word)
    if not match or not match[3]:
        return None
    names = _split(match[3], raw_quotes=False)
    if len(names) != 1:
        return None
    raw = "".join(_split(match[3], raw_quotes=True))
    quotes = raw.count("'") + raw.count('"') - names[0].count("'") - names[0].count('"')
    return HeredocWord(names[0], not quotes, bool(match[2]), int(match[1][-9:] or 0))


def _split(text: str, *, raw_quotes: bool) -> list[str]:
    lexer = Lexer(text, _unset, raw_quotes=raw_quotes, keep_unset=True)
    lexer.run()
    return lexer.words


def _unset(_name: str) -> None:
    return None


def pair(word: Word) -> tuple[Word, Word | None]:
    """Split a word at its first '='."""
    value = word.value
    sign = value.find("=")
    if sign < 0:
        return word, None
    return cut(word, 0, sign), cut(word, sign + 1, len(value))
