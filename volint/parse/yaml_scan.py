"""The scalars of a YAML text, and what separates tokens.

Each function reads at an offset and returns offsets; `line` is where the current line begins.
"""

from __future__ import annotations

import re

from volint.lazy import regex
from volint.parse.yaml_error import YamlSyntaxError
from volint.record import NamedTuple

__all__ = [
    "BLANK",
    "BLANKS",
    "BREAK",
    "MARKER",
    "QUOTE_IT",
    "REST",
    "Scan",
    "after",
    "block",
    "plain",
    "quoted",
]

_WIDE = "\x85\u2028\u2029"
_BREAKS = f"\r\n{_WIDE}"
BLANKS = f" \t{_BREAKS}"
"""What ends a word."""
BREAK = regex(f"\r\n|[{_BREAKS}]")
"""A line break."""
REST = regex(f"[^{_BREAKS}]*")
"""The rest of a line."""
BLANK = regex("[ \t]*")
"""Blanks within a line."""
MARKER = regex(rf"(?:---|\.\.\.)(?=[{BLANKS}]|\Z)")
"""What begins or ends a document at the beginning of a line."""
QUOTE_IT = "quote the value if it is meant as text"


def _pair(pattern: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return an expression for any text, and one for ASCII, which is compiled in a tenth of the time."""
    return regex(pattern), regex(pattern.replace(_WIDE, ""))


_BLOCK_WORD = rf"(?:[^{BLANKS}:]|:(?![{BLANKS}]|\Z))+"
_BLOCK_PLAIN = _pair(rf"{_BLOCK_WORD}(?:[ \t]+(?!#){_BLOCK_WORD})*")
_FLOW_WORD = rf"(?:[^{BLANKS}:?,\[\]{{}}]|:(?![{BLANKS},\]}}]|\Z)|\?(?![{BLANKS}]|\Z))+"
_FLOW_PLAIN = _pair(rf"{_FLOW_WORD}(?:[ \t]+(?!#){_FLOW_WORD})*")
_DOUBLE = _pair(rf'(?:[^"\\{_BREAKS}]|\\[^{_BREAKS}])*')
_SINGLE = _pair(f"(?:[^'{_BREAKS}]|'')*")
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
# Patterns that only some texts need: compiling one takes as long as reading a small file.
_LAZY: dict[str, re.Pattern[str]] = {}


def _lazy(pattern: str) -> re.Pattern[str]:
    found = _LAZY.get(pattern)
    if found is None:
        found = _LAZY[pattern] = re.compile(pattern, re.DOTALL)
    return found


class Scan(NamedTuple):
    """What a scalar was found to be."""

    value: str
    """Its value."""
    end: int
    """Offset after its last character."""
    at: int
    """Offset at which reading goes on."""
    line: int
    """Where the line of `at` begins."""
    broken: bool
    """True if a line break was passed after the scalar's end."""


def after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return the offset after what a pattern matches at `at`."""
    match = pattern.match(text, at)
    return at if match is None else match.end()


def _tab(at: int) -> YamlSyntaxError:
    return YamlSyntaxError(
        "A tab is used for indentation", at, at + 1, "YAML is indented with spaces only"
    )


def _lines(text: str, at: int, line: int, indent: int) -> tuple[list[str], int, int]:
    """Go past blanks and line breaks; return the breaks, where content goes on, and its line.

    A tab within the first `indent` columns of a further line is refused.
    """
    breaks: list[str] = []
    while True:
        end = after(BLANK, text, at)
        if breaks and indent > 0:
            tab = text.find("\t", at, min(end, line + indent))
            if tab >= 0:
                raise _tab(tab)
        match = BREAK.match(text, end)
        if match is None:
            return breaks, end, line
        breaks.append(_normal(match.group()))
        at = line = match.end()


def _normal(sign: str) -> str:
    """Return what a line break becomes in a value."""
    return sign if sign in "\u2028\u2029" else "\n"


def _fold(breaks: list[str]) -> str:
    """Return what line breaks inside of a scalar become: one is a blank, n are n - 1."""
    if breaks[0] != "\n":
        return "".join(breaks)
    return "".join(breaks[1:]) or " "


def plain(text: str, start: int, line: int, indent: int, flow: bool) -> Scan:
    """Read a plain scalar; its further lines have at least `indent` columns before them."""
    pattern = (_FLOW_PLAIN if flow else _BLOCK_PLAIN)[text.isascii()]
    match = pattern.match(text, start)
    if match is None:
        # In '[:]' the key is an empty plain scalar.
        return Scan("", start, start, line, False)
    value, end = match.group(), match.end()
    while True:
        breaks, at, line = _lines(text, end, line, indent)
        if not breaks:
            return Scan(value, end, at, line, False)
        if (
            (not flow and at - line < indent)
            or (at == line and MARKER.match(text, at))
            or text.startswith("#", at)
        ):
            return Scan(value, end, at, line, True)
        match = pattern.match(text, at)
        if match is None:
            return Scan(value, end, at, line, True)
        value += _fold(breaks) + match.group()
        end = match.end()


def quoted(text: str, start: int, line: int) -> Scan:
    """Read a scalar in quotes; `start` is the offset of the first one."""
    quote = text[start]
    pattern = (_DOUBLE if quote == '"' else _SINGLE)[text.isascii()]
    value = ""
    at = start + 1
    while True:
        if at == line and MARKER.match(text, at):
            raise YamlSyntaxError(
                f"The document ends inside of a text in {quote}",
                start,
                start + 1,
                f"close it with {quote}",
            )
        end = after(pattern, text, at)
        run = text[at:end]
        if text.startswith(quote, end):
            return Scan(value + _unescape(run, at, quote), end + 1, end + 1, line, False)
        joined = text.startswith("\\", end) and BREAK.match(text, end + 1) is not None
        if not joined and BREAK.match(text, end) is None:
            raise YamlSyntaxError(
                f"A text that begins with {quote} never ends",
                start,
                start + 1,
                f"close it with {quote}",
            )
        if not joined:
            kept = run.rstrip(" \t")
            if len(kept) < len(run) and (len(kept) - len(kept.rstrip("\\"))) % 2:
                # An escaped blank stays.
                kept = run[: len(kept) + 1]
            run = kept
        breaks, next_at, line = _lines(text, end + 1 if joined else end, line, 0)
        value += _unescape(run, at, quote) + ("".join(breaks[1:]) if joined else _fold(breaks))
        at = next_at


def _unescape(run: str, at: int, quote: str) -> str:
    """Replace the escapes of a run that begins at the offset `at`."""
    if quote == "'":
        return run.replace("''", "'")
    if "\\" not in run:
        return run

    def replace(match: re.Match[str]) -> str:
        sign = match.group(4)
        if sign is None:
            code = int(match.group(match.lastindex or 0), 16)
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code)
            why = "names no character"
        elif sign in _ESCAPES:
            return _ESCAPES[sign]
        else:
            why = "is no escape of YAML"
        raise YamlSyntaxError(
            f"'{match.group()}' {why}",
            at + match.start(),
            at + match.end(),
            "write '\\\\' for a backslash, or use single quotes",
        )

    escape = _lazy(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
    return escape.sub(replace, run)


def block(text: str, start: int, parent: int) -> Scan:
    """Read a literal or folded scalar inside of a block that is indented by `parent` columns."""
    header = _lazy(r"[|>](?:([-+])([0-9])?|([0-9])([-+])?)?[ \t]*").match(text, start)
    assert header is not None
    chomp = header[1] or header[4] or ""
    digit = header[2] or header[3]
    at = header.end()
    if text.startswith("#", at):
        at = after(REST, text, at)
    if digit == "0" or (at < len(text) and BREAK.match(text, at) is None):
        raise YamlSyntaxError(
            f"A text after '{text[start]}' begins on the next line",
            at,
            at + 1,
            f"begin a new line, or {QUOTE_IT}",
        )
    end = at
    at = line = after(BREAK, text, at)
    known = max(parent, 0) + int(digit) if digit else None
    indent, breaks, at, line = _empty_lines(text, at, line, known, parent)
    parts: list[str] = []
    leading, leading_blank = "", False
    while at - line == indent and at < len(text):
        blank = text[at] in " \t"
        if text[start] == ">" and leading == "\n" and not leading_blank and not blank:
            if not breaks:
                parts.append(" ")
        else:
            parts.append(leading)
        parts.append(breaks)
        leading_blank = blank
        end = after(REST, text, at)
        parts.append(text[at:end])
        at = after(BREAK, text, end)
        leading = _normal(text[at - 1]) if at > end else ""
        if at > end:
            line = at
        _, breaks, at, line = _empty_lines(text, at, line, indent, parent)
    if chomp != "-":
        parts.append(leading)
    if chomp == "+":
        parts.append(breaks)
    return Scan("".join(parts), end, at, line, True)


def _empty_lines(
    text: str, at: int, line: int, indent: int | None, parent: int
) -> tuple[int, str, int, int]:
    """Go past indentation and empty lines; an unknown indentation is that of the deepest line."""
    breaks = ""
    deepest = 0
    while True:
        end = at
        while text.startswith(" ", end) and (indent is None or end - line < indent):
            end += 1
        at = end
        column = at - line
        deepest = max(deepest, column)
        if text.startswith("\t", at) and (indent is None or column < indent):
            raise _tab(at)
        match = BREAK.match(text, at)
        if match is None:
            break
        breaks += _normal(match.group())
        at = line = match.end()
    return (max(deepest, parent + 1) if indent is None else indent), breaks, at, line
