"""Markdown: fenced and indented code, `<pre>`, inline code and tables.

After CommonMark as far as it matters here: a fence may stand in lists and quotes, what it holds
loses their marks. Each fence is a block of its own, so is each line of inline code with a command.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.embedded.block import Block, masked
from volint.parse.embedded.console import CONSOLE, SHELLS, WINDOWS, read
from volint.parse.embedded.inline import flag_lines, inline_blocks
from volint.parse.shell import mentions
from volint.record import NamedTuple
from volint.source import Kind, Span

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["blocks"]

_FENCE = regex(
    r"(?P<lead>(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])[ \t])*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*)"
)
_LANGUAGE = regex(r"[{.]*([A-Za-z][\w+#-]*)")
_PRE = regex(r"[ \t]*(?:<div\b[^<>\n]*>)?<pre\b[^<>\n]*>(?:<code\b[^<>\n]*>)?", re.IGNORECASE)
_PRE_END = regex(r"(?:</code>)?[ \t]*</pre>", re.IGNORECASE)
_MARKUP = regex(r"&#?\w+;|</?[a-z]+\b[^<>\n]*>", re.IGNORECASE)
_HEADING = regex(r"[ ]{0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_INDENTED = regex(r"(?: {4}|\t)[ \t]*\S")
_RST_FENCE = regex(r"\{code(?:-block)?\}[ \t]*([\w-]+)")
_FROM = regex(r"\s*(?:#.*\n|ARG\b.*\n|\s*\n)*\s*FROM\s+\S", re.IGNORECASE)
_PLAINLY_FROM = regex(r"(?:#.*\n|ARG .*\n|\s*\n)*FROM [\w./:@${}-]+(?: AS \w+)?[ \t]*(?:\n|$)")
_YAML = frozenset(("yaml", "yml", "compose", "docker-compose"))
_DOCKERFILE = frozenset(("dockerfile", "containerfile"))
_GUESS = frozenset(("", "text", "txt", "plain", "plaintext", "docker", "none", "code", "output"))
_READ = SHELLS | CONSOLE | _GUESS | {*WINDOWS, "indented"}
_MAX_FILES = 400


class _Fence(NamedTuple):
    """A code block: its language, the heading above and its lines without the marks around them."""

    language: str
    title: str
    lines: list[tuple[int, int]]
    span: Span
    indented: bool = False


def blocks(source: Source) -> list[Block]:
    """Return the blocks of a document in order."""
    ours = mentions(source.text)
    if not (ours or any(mark in source.text for mark in ("services", "FROM", "`-v ", "`--"))):
        return []
    fences, prose = _split(source)
    found: list[Block] = []
    files = 0
    for fence in fences:
        block = _block(source, fence, files < _MAX_FILES)
        if block is not None:
            files += block.source is not None
            found.append(block)
    if ours or "`-" in source.text:
        found.extend(inline_blocks(source, prose))
    found.sort(key=lambda block: block.span.start)
    return found


def _split(source: Source) -> tuple[list[_Fence], list[tuple[int, int, str]]]:
    """Tell code blocks from prose; prose is lines with the heading above them."""
    text = source.text
    fences: list[_Fence] = []
    prose: list[tuple[int, int, str]] = []
    title = ""
    at = 0
    comment = False
    before_blank = True
    lines = _lines(text)
    number = 0
    if lines and text[lines[0][0] : lines[0][1]] == "---":
        closing = next(
            (i for i, (a, b) in enumerate(lines[1:], 1) if text[a:b].rstrip() == "---"), 0
        )
        number = closing + 1 if closing else 0
    while number < len(lines):
        at, stop = lines[number]
        line = text[at:stop]
        number += 1
        if comment or "<!--" in line:
            opened = line.rfind("<!--")
            closed = line.rfind("-->")
            comment = closed < opened if opened >= 0 else comment and closed < 0
            if opened != 0 and opened >= 0 and line[:opened].strip():
                prose.append((at, at + opened, title))
            continue
        match = _opening(line)
        if match:
            number = _fence(source, lines, number, match, title, fences)
            before_blank = False
            continue
        html = _PRE.match(line)
        if html:
            number = _pre(source, lines, number - 1, html.end(), title, fences)
            before_blank = False
            continue
        heading = _HEADING.match(line)
        if heading:
            title = heading[1]
        if before_blank and _INDENTED.match(line):
            number = _indented(source, lines, number - 1, title, fences, prose)
            continue
        before_blank = not line.strip()
        prose.append((at, stop, title))
    return fences, prose


def _opening(line: str) -> re.Match[str] | None:
    """Return the match of a line that opens a fence; info after backticks has none of them."""
    match = _FENCE.match(line)
    return None if match and match["fence"][0] == "`" and "`" in match["info"] else match


def _lines(text: str) -> list[tuple[int, int]]:
    found = []
    at = 0
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        end = stop - 1 if stop > at and text[stop - 1] == "\r" else stop
        found.append((at, end))
        at = stop + 1
    return found


def _fence(
    source: Source,
    lines: list[tuple[int, int]],
    number: int,
    opening: re.Match[str],
    title: str,
    fences: list[_Fence],
) -> int:
    """Read a fenced block whose first line of content is `number`; return the line after it."""
    text = source.text
    mark = opening["fence"]
    closing = re.compile(rf"[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    quotes = opening["lead"].count(">")
    indent = len(opening["lead"].expandtabs(4))
    inside: list[tuple[int, int]] = []
    first = number
    while number < len(lines):
        at, stop = lines[number]
        line = text[at:stop]
        if closing.match(line):
            number += 1
            break
        if quotes and not line.lstrip().startswith(">"):
            break
        inside.append((_content(line, at, quotes, indent), stop))
        number += 1
    info = opening["info"].strip()
    directive = _RST_FENCE.match(info)
    language = _LANGUAGE.match(info)
    name = directive[1] if directive else language[1] if language else ""
    if inside:
        span = Span(source, inside[0][0], max(inside[-1][1], inside[0][0]))
        fences.append(_Fence(name.lower(), title, inside, span, indent > 0))
    return max(number, first)


def _pre(
    source: Source,
    lines: list[tuple[int, int]],
    number: int,
    skipped: int,
    title: str,
    fences: list[_Fence],
) -> int:
    """Read preformatted HTML from the line it opens in; return the line after it.

    One with tags or character references in it is left out: they are no text of the inner language.
    """
    text = source.text
    at, stop = lines[number]
    inside: list[tuple[int, int]] = []
    start = at + skipped
    while number < len(lines):
        end = _PRE_END.search(text, start, stop)
        inside.append((start, end.start() if end else stop))
        number += 1
        if end or number == len(lines):
            break
        start, stop = lines[number]
    inside = [part for part in inside if text[slice(*part)].strip()]
    if inside and not any(_MARKUP.search(text, *part) for part in inside):
        span = Span(source, inside[0][0], inside[-1][1])
        fences.append(_Fence("", title, inside, span, indented=True))
    return number


def _content(line: str, at: int, quotes: int, indent: int) -> int:
    """Return where a line of a fence begins, behind quote marks and the fence's own indentation."""
    place = 0
    for _ in range(quotes):
        found = line.find(">", place)
        if found < 0 or line[place:found].strip():
            break
        place = found + 1
        indent = max(indent - 1, 0)
    column = place
    # Blanks of the fence's lead are the content's too, as far as they are there.
    while (
        column < len(line)
        and column < indent + (place if not quotes else 0)
        and line[column] in " \t"
    ):
        column += 1
        if line[column - 1] == "\t":
            break
    if quotes and column == place and line[column : column + 1] == " ":
        column += 1
    return at + column


def _indented(
    source: Source,
    lines: list[tuple[int, int]],
    number: int,
    title: str,
    fences: list[_Fence],
    prose: list[tuple[int, int, str]],
) -> int:
    """Read lines indented as code; prose of a list item looks the same and is kept as such too."""
    inside: list[tuple[int, int]] = []
    while number < len(lines):
        at, stop = lines[number]
        line = source.text[at:stop]
        if _opening(line) or (line.strip() and not _INDENTED.match(line)):
            break
        inside.append((at, stop))
        prose.append((at, stop, title))
        number += 1
    while inside and inside[-1][0] == inside[-1][1]:
        inside.pop()
    if inside:
        margin = min(
            len(source.text[a:b]) - len(source.text[a:b].lstrip())
            for a, b in inside
            if source.text[a:b].strip()
        )
        trimmed = [(min(a + margin, b), b) for a, b in inside]
        fences.append(
            _Fence("indented", title, trimmed, Span(source, trimmed[0][0], trimmed[-1][1]))
        )
    return number


def _block(source: Source, fence: _Fence, files: bool) -> Block | None:
    """Return the block of a fence, None if it holds nothing of ours."""
    text = "\n".join(source.text[a:b] for a, b in fence.lines)
    language = fence.language
    if files and language in _YAML | _GUESS and "services" in text:
        from volint.kinds import may_be_compose

        if may_be_compose(text):
            inner = masked(source, fence.lines, Kind.COMPOSE)
            return Block("compose", fence.span, fence.title, host="markdown", source=inner)
    pattern = _FROM if language in _DOCKERFILE else _PLAINLY_FROM
    # A here-document's end may not be indented, as it is in a fence that is.
    if (
        files
        and language in _DOCKERFILE | _GUESS
        and pattern.match(text)
        and not (fence.indented and "<<" in text)
    ):
        inner = masked(source, fence.lines, Kind.DOCKERFILE)
        return Block("dockerfile", fence.span, fence.title, host="markdown", source=inner)
    alone = flag_lines(source, fence.lines) if language in SHELLS else []
    if not alone and (language not in _READ or not mentions(text)):
        return None
    commands, dialect = read(source, fence.lines, language)
    if alone:
        commands = sorted([*commands, *alone], key=lambda command: command.span.start)
    if not commands:
        return None
    return Block("shell", fence.span, fence.title, tuple(commands), dialect, "markdown")
