"""A rule's docstring, taken apart: what it says in one sentence, and the pieces of its page."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.rule import Rule

__all__ = ["FILE_NAMES", "Code", "Heading", "Page", "Prose", "pieces", "read_page"]

FILE_NAMES = {
    "compose": "compose.yaml",
    "dockerfile": "Dockerfile",
    "shell": "run.sh",
    "make": "Makefile",
    "dockerignore": ".dockerignore",
    "quadlet": "app.container",
    "devcontainer": ".devcontainer/devcontainer.json",
    "markdown": "README.md",
    "actions": ".github/workflows/ci.yaml",
    "env": "app.env",
}
"""What a file of an example is called where its fence gives no name, by the fence's language."""

_FENCE = regex(r"^```[ \t]*(?P<info>\S.*)?$")
_HEADING = regex(r"^(?P<marks>##+)[ ]+(?P<title>.+?)[ ]*$")
_ITEM = regex(r"^(?:[-*]|\d+\.)[ ]+")


class Page(NamedTuple):
    """A rule's docstring in parts."""

    summary: str
    """Its first paragraph, on one line, without a final full stop."""
    body: str
    """All of it behind the first paragraph, in Markdown as written."""
    why: str
    """What it does and why that is bad, on one line; empty if the page does not say."""


class Heading(NamedTuple):
    """A heading of a page."""

    title: str
    marks: str
    """The number signs before it."""


class Prose(NamedTuple):
    """A paragraph, or an item of a list with the mark before it."""

    lines: tuple[str, ...]
    """As written, Markdown in them."""
    item: bool
    first: bool
    """Whether it begins a paragraph, or a list."""


class Code(NamedTuple):
    """A fenced block."""

    language: str
    """As the page names it; may be empty."""
    verdict: str
    """'bad', 'good', or '' for a block that is no example."""
    name: str
    """The file it stands in, where the page says so; of a joined one always."""
    joined: bool
    """Whether it is one more file of the example before it."""
    lines: tuple[str, ...]


def _code(info: str, lines: list[str]) -> Code:
    language, *words = info.split() or [""]
    verdict = words[0] if words and words[0] in ("bad", "good") else ""
    joined = bool(verdict) and words[1:2] == ["and"]
    named = words[2:3] if joined else words[1:2] if verdict else []
    name = named[0] if named else FILE_NAMES.get(language, language) if joined else ""
    return Code(language, verdict, name, joined, tuple(lines))


def pieces(body: str) -> Iterator[Heading | Prose | Code]:
    """Yield the pieces of a page's body in their order."""
    info: str | None = None
    held: list[str] = []
    prose: list[str] = []
    item = False
    apart = True

    def ended() -> Iterator[Prose]:
        if prose:
            yield Prose(tuple(prose), item, apart)
            prose.clear()

    for line in body.split("\n"):
        fence = _FENCE.match(line)
        heading = None if info is not None else _HEADING.match(line)
        if fence and info is None:
            yield from ended()
            info = fence["info"] or ""
        elif fence and info is not None:
            yield _code(info, held)
            info, held, item, apart = None, [], False, True
        elif info is not None:
            held.append(line)
        elif heading:
            yield from ended()
            yield Heading(heading["title"], heading["marks"])
            item, apart = False, True
        elif not line.strip():
            yield from ended()
            apart = True
        elif _ITEM.match(line):
            begins = not item or (apart and not prose)
            yield from ended()
            item, apart = True, begins
            prose.append(line)
        else:
            if not prose:
                item = False
            prose.append(line)
    yield from ended()


def _section(body: str, title: str) -> str:
    """Return the paragraphs under a heading as one line, without examples."""
    found = False
    words: list[str] = []
    for piece in pieces(body):
        if isinstance(piece, Heading):
            found = piece.title.lower().startswith(title)
        elif found and isinstance(piece, Prose):
            words += " ".join(piece.lines).split()
    return " ".join(words)


def read_page(rule: type[Rule]) -> Page:
    """Return the parts of a rule's docstring; of a rule without one, its name as the summary."""
    first, _, rest = (rule.__doc__ or "").strip().partition("\n")
    body = dedent(rest)
    if first and not body.startswith("\n"):
        paragraph, _, body = body.partition("\n\n")
        first = " ".join([first, *paragraph.split()])
    body = body.strip("\n")
    parts = (_section(body, "what it does"), _section(body, "why is this bad"))
    summary = (first or rule.name.replace("-", " ")).removesuffix(".")
    return Page(summary, body, " ".join(part for part in parts if part))
