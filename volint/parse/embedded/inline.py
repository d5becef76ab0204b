"""Inline code of documents: a command in backticks, or the flags of one.

A mention need not be complete: `docker run -v data:/x` names no image, `-v data:/x` no command. What is
missing is put in as a placeholder, so that what is there can be judged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.derived import Derived
from volint.parse.embedded.block import Block
from volint.parse.embedded.console import placeholders
from volint.parse.embedded.windows import as_shell
from volint.parse.shell import mentions, parse_derived, words_of
from volint.parse.shellcommand import ShellCommand
from volint.source import Piece, Span, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.source import Source

__all__ = ["flag_lines", "inline_blocks"]

_CODE = regex(r"(?<!`)(`{1,2})(?!`)(?P<body>[^`\n](?:[^\n]*?[^`\n])?)\1(?!`)")
_HTML_CODE = regex(r"<(code|kbd|tt)(?:[ \t][^<>\n]*)?>(?P<body>[^<>&\n]+)</\1>", re.IGNORECASE)
"""Without tags and character references in it, which a shell would take for something else."""
_COMMAND = regex(
    r"(?:\$[ \t]+)?(?:sudo[ \t]+(?:-\S+[ \t]+)*)?(?:docker|podman|nerdctl|docker-compose|podman-compose)[ \t]+\S"
)
_FLAG = regex(r"(?:-v|--volume|--mount|--tmpfs)(?:[ \t]+|=)(?P<value>\S+)$")
_FLAGS = regex(
    r"[ \t]*(?P<flags>(?:-v|--volume|--mount|--tmpfs)(?:[ \t]+|=)[^\s,]\S*"
    r"(?:[ \t]+(?:-v|--volume|--mount|--tmpfs)(?:[ \t]+|=)[^\s,]\S*)*)[ \t]*(?:#.*)?\r?$"
)
_MOUNT = regex(r"--mount(?:[ \t]+|=)(?P<value>\S+)")
_TARGET = regex(r"(?:^|,)(?:target|dst|dest\w*)=")
_OF_A_BUILD = regex(r"(?:^|,)type=(?:cache|secret|ssh)(?:,|$)")
_WINDOWS_PATH = regex(r"\b[A-Za-z]:\\[^\s:]")
_PIPE = regex(r"\\\|")


def inline_blocks(source: Source, prose: list[tuple[int, int, str]]) -> Iterator[Block]:
    """Yield a block for each stretch of inline code with a command; `prose` is lines and their headings."""
    for start, end, title in prose:
        pattern = _CODE
        if source.text.find("`", start, end) < 0:
            if source.text.find("</", start, end) < 0:
                continue
            pattern = _HTML_CODE
        for match in pattern.finditer(source.text, start, end):
            low, high = match.span("body")
            body = match["body"]
            low += len(body) - len(body.lstrip())
            high -= len(body) - len(body.rstrip())
            commands = _commands(source, low, high)
            if commands:
                span = Span(source, low, high)
                yield Block("shell", span, title, tuple(commands), "bash", "markdown", inline=True)


def _commands(source: Source, start: int, end: int) -> list[ShellCommand]:
    text = source.text
    command = _COMMAND.match(text, start, end)
    if command:
        if text[start] == "$":
            start = text.index(" ", start) + 1
        if not mentions(text, start, end):
            return []
        return [_completed(found) for found in parse_derived(_text(source, start, end))]
    flag = _FLAG.match(text, start, end)
    if flag and any(char in flag["value"] for char in ":=/") and _is_run(text[start:end]):
        return [_of_flags(source, start, end)]
    return []


def _is_run(flags: str) -> bool:
    """Return whether flags without a command can be those of a run line: no RUN of a Dockerfile's, and no part."""
    return all(
        _TARGET.search(mount["value"]) and not _OF_A_BUILD.search(mount["value"])
        for mount in _MOUNT.finditer(flags)
    )


def _of_flags(source: Source, start: int, end: int) -> ShellCommand:
    """Return the run line of which text[start:end] are flags."""
    at = Span(source, start, start)
    given = words_of(_text(source, start, end))
    words = (_placeholder("docker", at), _placeholder("run", at), *given, _image(source, end))
    return ShellCommand(words, Span(source, start, end), "docker")


def flag_lines(source: Source, lines: list[tuple[int, int]]) -> list[ShellCommand]:
    """Return a run line for each line of a code block that holds only flags of one, and continues none."""
    found = []
    more = False
    for start, end in lines:
        match = None if more else _FLAGS.match(source.text, start, end)
        if match and any(char in match["flags"] for char in ":/") and _is_run(match["flags"]):
            found.append(_of_flags(source, *match.span("flags")))
        more = source.text[start:end].rstrip().endswith("\\")
    return found


def _text(source: Source, start: int, end: int) -> Derived:
    """Return inline code as shell text: `\\|` of a table is '|', `<name>` a placeholder."""
    text = Derived.of_range(source, start, end)
    if "\\|" in text.value:
        parts = []
        at = 0
        for match in _PIPE.finditer(text.value):
            parts.extend(text.cut(at, match.start()))
            parts.extend(text.cut(match.start() + 1, match.end()))
            at = match.end()
        parts.extend(text.cut(at, len(text.value)))
        text = Derived(source, parts)
    text = placeholders(text)
    return as_shell(text, "cmd") if _WINDOWS_PATH.search(text.value) else text


def _placeholder(value: str, at: Span) -> Word:
    return Word(value, at, (Piece(0, at.start, at.end, True),))


def _image(source: Source, at: int) -> Word:
    """Return a word for the image that a mention leaves out."""
    return Word("<image>", Span(source, at, at), (Piece(0, at, at, True, "<image>"),))


def _completed(command: ShellCommand) -> ShellCommand:
    """Give a run line without an image a placeholder for it."""
    from volint.parse.invocation import locate
    from volint.parse.runflags import parse_flags

    found = locate(command.words, command.program)
    if found is None or found.command not in ("run", "create") or not found.words:
        return command
    parsed = parse_flags(found.words, f"{found.program} {found.command}", interspersed=False)
    if parsed.operands or parsed.problem or parsed.help or not parsed.given:
        return command
    last = command.words[-1].span
    return command._replace(words=(*command.words, _image(last.source, last.end)))
