"""Comments that speak to volint, by the host they stand in, and what they stand at.

A comment on its own line stands at what follows it, one behind something at that line. What looks like
a comment inside of a YAML scalar, a here-document or a string is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple
from volint.source import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from volint.parse.yaml import Node
    from volint.source import Source

__all__ = ["Comment", "comments"]

_HASH = regex(r"\#+[ \t]*(?=volint:)")
_HASH_OR_SEMICOLON = regex(r"[#;]+[ \t]*(?=volint:)")
_SLASHES = regex(r"//+[ \t]*(?=volint:)")


class Comment(NamedTuple):
    """A comment that begins with `volint:`."""

    start: int
    """Offset of its marker."""
    end: int
    """Offset after its last character."""
    body: tuple[int, int]
    """Range of what it says, `volint:` included, the markers not."""
    covers: tuple[int, int]
    """Range of what it stands at; empty if nothing follows it."""
    remove: tuple[int, int]
    """Range that goes with it: its line where it has one of its own, else the blanks before it."""
    dead: str = ""
    """Why it is no comment at all where it stands, as a clause; empty if it is one."""


def comments(source: Source) -> tuple[Comment, ...]:
    """Return the comments for volint in a text, in order. Never fails."""
    if "volint:" not in source.text:
        return ()
    reader = _READERS.get(source.kind)
    return tuple(reader(source)) if reader else ()


def _line(text: str, at: int) -> tuple[int, int]:
    """Return the range of the line an offset is in, without its line break."""
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end


def _after_break(text: str, end: int) -> int:
    return end + 1 if end < len(text) else end


def _made(
    text: str,
    start: int,
    end: int,
    body: int,
    covers: tuple[int, int],
    *,
    whole_line: bool,
    dead: str = "",
) -> Comment:
    end = start + len(text[start:end].rstrip())
    if whole_line:
        first, last = _line(text, start)
        remove = (first, _after_break(text, last))
    else:
        at = start
        while at and text[at - 1] in " \t":
            at -= 1
        remove = (at, end)
    return Comment(start, end, (body, end), covers, remove, dead)


def _candidates(
    text: str, marker: re.Pattern[str] = _HASH, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (marker, body, end of line, start of line, first non-blank of the line) of each mark."""
    for match in marker.finditer(text, start, len(text) if end is None else end):
        first, last = _line(text, match.start())
        head = first + len(text[first:last]) - len(text[first:last].lstrip())
        yield match.start(), match.end(), last, first, head


# -- YAML


def _yaml(source: Source) -> Iterator[Comment]:
    from volint.parse.yaml import parse

    text = source.text
    documents, _ = parse(source)
    scalars: list[tuple[int, int, str]] = []
    places: list[tuple[int, int]] = []
    for document in documents:
        _collect(document.root, text, scalars, places)
    scalars.sort()
    places.sort(key=lambda place: (place[0], -place[1]))
    embeds_shell = source.kind in (Kind.CI, Kind.TASKFILE)
    for start, body, end, first, head in _candidates(text):
        if start and text[start - 1] not in " \t\n\r\ufeff#":
            continue
        inside = next((scalar for scalar in scalars if scalar[0] <= start < scalar[1]), None)
        if inside is not None:
            # Folded, a comment would go on over the commands behind it.
            if embeds_shell and inside[2] == "|":
                header = _line(text, inside[0])[1]
                yield from _in_shell(text, header, inside[1], start)
            continue
        if text[head] != "#":
            yield _made(text, start, end, body, (first, start), whole_line=False)
            continue
        place = next((place for place in places if place[0] >= end), None)
        if place is None or start - first > place[0] - _line(text, place[0])[0]:
            place = (end, end)
        yield _made(text, start, end, body, place, whole_line=head == start)


def _collect(
    root: Node, text: str, scalars: list[tuple[int, int, str]], places: list[tuple[int, int]]
) -> None:
    """Note the ranges of scalars that may hold a '#', and of mapping entries and list items."""
    from volint.parse.yaml import Alias, Mapping, Scalar, Sequence

    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            if "#" in text[node.start : node.end]:
                end = _content_end(node, text) if node.style in ("|", ">") else node.end
                scalars.append((node.start, end, node.style))
        elif isinstance(node, Mapping):
            for key, value in node.entries:
                places.append((key.start, max(key.end, value.end)))
                if isinstance(value, (Scalar, Alias)) and value.end > value.start:
                    places.append((value.start, value.end))
                stack += (key, value)
        elif isinstance(node, Sequence):
            for item in node.items:
                start = item.start
                while start and text[start - 1] in " \t\r\n":
                    start -= 1
                start = start - 1 if text[start - 1 : start] == "-" else item.start
                places.append((start, max(item.end, start)))
                stack.append(item)


def _content_end(node: Node, text: str) -> int:
    """Return where a block scalar's content ends: a comment less indented is none of it."""
    at = _after_break(text, _line(text, node.start)[1])
    end = at
    indent: int | None = None
    while at < node.end:
        _, stop = _line(text, at)
        line = text[at:stop]
        if line.strip():
            width = len(line) - len(line.lstrip(" "))
            if indent is None:
                indent = width
            if width < indent:
                break
            end = stop
        at = _after_break(text, stop)
        if at == stop:
            break
    return max(end, node.start)


# -- shell, recipes


def _shell(source: Source) -> Iterator[Comment]:
    yield from _in_shell(source.text, 0, len(source.text), None)


def _in_shell(text: str, start: int, end: int, only: int | None) -> Iterator[Comment]:
    """Yield the comments of shell text[start:end]; with `only` the one whose mark is there."""
    from volint.parse.shelllines import shell_lines

    found = shell_lines(text, start, end)
    for first, last in found.comments:
        for mark, body, _, _, _ in _candidates(text, _HASH, first, last):
            if only is not None and mark != only:
                continue
            if text[_line(text, first)[0] : first].strip():
                covers = next((line for line in found.lines if line[0] <= first <= line[1]), None)
                if covers is None:
                    before = [line for line in found.lines if line[1] <= first]
                    covers = before[-1] if before else (last, last)
                yield _made(text, mark, last, body, covers, whole_line=False)
                continue
            following = next((line for line in found.lines if line[1] > last), None)
            covers = (max(last, following[0]), following[1]) if following else (last, last)
            yield _made(text, mark, last, body, covers, whole_line=mark == first)


def _recipes(source: Source) -> Iterator[Comment]:
    """Makefiles and justfiles: a comment above a rule stands at all of it."""
    text = source.text
    lines = _continued(text)
    for start, body, end, first, head in _candidates(text):
        if start and text[start - 1] not in " \t\n#":
            continue
        if text[head] != "#":
            line = next((line for line in lines if line[0] <= start <= line[1]), (first, start))
            yield _made(text, start, end, body, (line[0], start), whole_line=False)
            continue
        covers = (end, end)
        for index, line in enumerate(lines):
            content = text[line[0] : line[1]].strip()
            if line[0] < end or not content or content.startswith("#"):
                continue
            covers = line
            if head == first:  # not within a recipe
                for later in lines[index + 1 :]:
                    if text[later[0]] in " \t" and text[later[0] : later[1]].strip():
                        covers = (covers[0], later[1])
                    elif text[later[0] : later[1]].strip():
                        break
            break
        yield _made(text, start, end, body, covers, whole_line=head == start)


def _continued(text: str) -> list[tuple[int, int]]:
    """Return the ranges of lines, those that end in a backslash joined with the next."""
    lines: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        start = at
        while True:
            _, end = _line(text, at)
            at = _after_break(text, end)
            if at == end or not text[start:end].rstrip("\r").endswith("\\"):
                break
        lines.append((start, end))
        if at == end:
            break
    return lines


# -- Dockerfile and what goes with it


def _dockerfile(source: Source) -> Iterator[Comment]:
    from volint.parse.dockerfile import parse

    text = source.text
    tree, _ = parse(source)
    spans = [
        (i.start_line, i.end_line, i.span.start, i.span.end, i.heredocs) for i in tree.instructions
    ]
    for start, body, end, _, head in _candidates(text):
        line = text.count("\n", 0, start) + 1
        around = next((span for span in spans if span[0] <= line <= span[1]), None)
        if around is not None:
            if not any(heredoc.body.start <= start < heredoc.body.end for heredoc in around[4]):
                dead = (
                    "between the lines of an instruction a comment says nothing"
                    if head == start
                    else "behind an instruction '#' begins no comment"
                )
                yield _made(text, start, end, body, (end, end), whole_line=head == start, dead=dead)
            continue
        if text[head] != "#":
            continue
        following = next((span for span in spans if span[0] > line), None)
        covers = (following[2], following[3]) if following else (end, end)
        yield _made(text, start, end, body, covers, whole_line=head == start)


def _lines_of_their_own(source: Source) -> Iterator[Comment]:
    """.dockerignore: a comment begins in the first column."""
    text = source.text
    for start, body, end, first, _ in _candidates(text):
        if start == first:
            covers = _next_line(text, end, "#")
            yield _made(text, start, end, body, covers, whole_line=True)
        else:
            dead = "only a '#' in the first column begins a comment here"
            yield _made(text, start, end, body, (end, end), whole_line=False, dead=dead)


def _next_line(text: str, end: int, marks: str) -> tuple[int, int]:
    """Return the range of the next line that is neither blank nor a comment; empty without one."""
    at = _after_break(text, end)
    while at < len(text):
        _, stop = _line(text, at)
        content = text[at:stop].strip()
        if content and content[0] not in marks:
            return at, stop
        if stop == len(text):
            break
        at = stop + 1
    return end, end


def _env_file(source: Source) -> Iterator[Comment]:
    text = source.text
    for start, body, end, first, head in _candidates(text):
        if text[head] == "#":
            covers = _next_line(text, end, "#")
            yield _made(text, start, end, body, covers, whole_line=head == start)
        elif text[start - 1] in " \t":
            yield _made(text, start, end, body, (first, start), whole_line=False)


def _unit(source: Source) -> Iterator[Comment]:
    """Systemd units and quadlets: a comment above a section stands at all of it."""
    text = source.text
    lines = _continued(text)
    for start, body, end, _, head in _candidates(text, _HASH_OR_SEMICOLON):
        if head != start:
            continue
        covers = _next_line(text, end, "#;")
        if text[covers[0] : covers[1]].lstrip().startswith("["):
            section = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, covers[1])
            covers = (covers[0], section.start() if section else len(text))
        else:
            covers = next((line for line in lines if line[0] == covers[0]), covers)
        yield _made(text, start, end, body, covers, whole_line=True)


# -- Markdown, JSON with comments

_HTML = regex(r"<!--[ \t\r\n]*(volint:.*?)[ \t\r\n]*-->", re.DOTALL)
_CODE = regex(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_FENCE = regex(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})")


def _markdown(source: Source) -> Iterator[Comment]:
    text = source.text
    fences = _fences(text)
    for match in _HTML.finditer(text):
        start, end = match.span()
        if any(first <= start < last for first, last in fences):
            continue
        first, last = _line(text, start)[0], _line(text, end)[1]
        if any(code.start() < start < code.end() for code in _CODE.finditer(text, first, last)):
            continue
        whole = not text[first:start].strip() and not text[end:last].strip()
        covers = _next_block(text, last, fences) if whole else (first, last)
        remove = (first, _after_break(text, last)) if whole else (start, end)
        yield Comment(start, end, match.span(1), covers, remove)


def _fences(text: str) -> list[tuple[int, int]]:
    """Return the ranges of fenced blocks, the fences' own lines included."""
    found: list[tuple[int, int]] = []
    at = 0
    opened: tuple[int, str] | None = None
    while at < len(text):
        _, stop = _line(text, at)
        match = _FENCE.match(text, at, stop)
        if match:
            if opened is None:
                opened = (at, match[1])
            elif match[1].startswith(opened[1]) and not text[match.end() : stop].strip():
                found.append((opened[0], stop))
                opened = None
        if stop == len(text):
            break
        at = stop + 1
    if opened is not None:
        found.append((opened[0], len(text)))
    return found


def _next_block(text: str, end: int, fences: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the range of the fence, paragraph, list or table that follows; comments are passed over."""
    at = _after_break(text, end)
    while at < len(text):
        _, stop = _line(text, at)
        content = text[at:stop].strip()
        comment = re.compile(r"[ \t]*<!--.*?-->", re.DOTALL).match(text, at)
        if comment:
            stop = _line(text, comment.end())[1]
        elif content:
            for first, last in fences:
                if first == at:
                    return first, last
            blank = re.compile(r"\n[ \t]*\r?(?=\n|\Z)").search(text, at)
            last = blank.start() if blank else len(text)
            # A list item may hold a fence with blank lines in it.
            for fence in fences:
                if at < fence[0] < last:
                    last = max(last, fence[1])
            return at, last
        if stop == len(text):
            break
        at = stop + 1
    return end, end


_JSON_TOKEN = regex(
    r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|[\[\]{},]|[^\s"/\[\]{},]+|.', re.DOTALL
)


def _json(source: Source) -> Iterator[Comment]:
    """JSON with comments: one on its own line stands at the next property or item."""
    text = source.text
    tokens = [match for match in _JSON_TOKEN.finditer(text) if not match.group().isspace()]
    for index, token in enumerate(tokens):
        match = _SLASHES.match(token.group())
        if match is None:
            continue
        start, end = token.span()
        first, _ = _line(text, start)
        whole = not text[first:start].strip()
        covers = _next_value(tokens[index + 1 :], end) if whole else (first, start)
        yield _made(text, start, end, start + match.end(), covers, whole_line=whole)


def _next_value(tokens: list[re.Match[str]], end: int) -> tuple[int, int]:
    """Return the range of the tokens up to the comma or bracket that ends a value."""
    depth = 0
    first: int | None = None
    last = end
    for token in tokens:
        word = token.group()
        if word.startswith(("//", "/*")):
            continue
        if word in "]}":
            depth -= 1
        if depth < 0 or (depth == 0 and word == ","):
            break
        if word in "[{":
            depth += 1
        first = token.start() if first is None else first
        last = token.end()
    return (end, end) if first is None else (first, last)


_READERS: dict[Kind, Callable[[Source], Iterator[Comment]]] = {
    Kind.COMPOSE: _yaml,
    Kind.CI: _yaml,
    Kind.TASKFILE: _yaml,
    Kind.SHELL: _shell,
    Kind.MAKEFILE: _recipes,
    Kind.JUSTFILE: _recipes,
    Kind.DOCKERFILE: _dockerfile,
    Kind.DOCKERIGNORE: _lines_of_their_own,
    Kind.ENV_FILE: _env_file,
    Kind.UNIT: _unit,
    Kind.QUADLET: _unit,
    Kind.MARKDOWN: _markdown,
    Kind.DEVCONTAINER: _json,
}
