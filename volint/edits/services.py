"""Edits of a service in a Compose file: give it volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import ContainerKind
from volint.rule import Edit
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model import Container
    from volint.source import Source

__all__ = ["mount_volumes"]

_OPENED = regex(r"[\"']?[ \t]*:[ \t]*\[")
_LISTED = regex(
    r"[\"']?[ \t]*:[ \t]*(?:#[^\n]*)?(?:\r?\n[ \t]*(?:#[^\n]*)?)*\n(?P<indent> *)-[ \t]"
)
_KEPT = regex(r":[ \t]+[|>]\d?\+")
"""A block scalar that keeps the blank lines behind it, of which the last may belong to one."""
_SHARED = regex(r"[&*!]|<<[\"']?[ \t]*:")


def mount_volumes(container: Container, entries: Sequence[str]) -> Edit | None:
    """Return the edit that adds entries in short syntax (`data:/data`) to a service's volumes.

    None where its place is not plain, and where other services could get them, too.
    """
    source, top, end = container.span
    name = container.name.span
    keys = container.keys.values()
    if container.kind is not ContainerKind.SERVICE or name.source is not source or not keys:
        return None
    if not all(key.source is source and top < key.start < end for key in keys):
        return None
    start = min(key.start for key in keys)
    if _SHARED.search(source.text, name.end, start):
        return None
    key = container.keys.get("volumes")
    if key is None:
        return _new_key(source, start, end, entries)
    opened = _OPENED.match(source.text, key.end)
    if opened is not None:
        at = opened.end()
        words = ", ".join(_quoted(entry) for entry in entries)
        comma = "" if source.text[at:end].lstrip().startswith("]") else ", "
        return Edit(Span(source, at, at), words + comma)
    listed = _LISTED.match(source.text, key.end)
    if listed is None or listed.end() > end:
        return None
    line = source.line_span(source.position(key.end)[0])
    lines = (f"{source.line_break(line.end)}{listed['indent']}- {entry}" for entry in entries)
    return Edit(Span(source, line.end, line.end), "".join(lines))


def _new_key(source: Source, start: int, end: int, entries: Sequence[str]) -> Edit | None:
    """Return the edit that adds `volumes` to the mapping of a service without."""
    text = source.text
    start -= text[start - 1] in "\"'"
    before = text[:start].rstrip()
    if before.endswith("{"):
        quote = '"' if text[start] == '"' else ""
        words = ", ".join(_quoted(entry) for entry in entries)
        return Edit(Span(source, start, start), f"{quote}volumes{quote}: [{words}], ")
    first = source.position(start)[0]
    lead = text[source.line_span(first).start : start]
    if lead.strip(" ") or first == 1:
        return None
    newline = source.line_break(source.line_span(first - 1).end)
    last = source.line_span(source.position(end)[0])
    if _KEPT.search(text, start, end):
        return None
    lines = (f"{lead}volumes:", *(f"{lead}  - {entry}" for entry in entries))
    return Edit(Span(source, last.end, last.end), "".join(newline + line for line in lines))


def _quoted(entry: str) -> str:
    """Return an entry as a flow sequence takes it, JSON or not: libyaml has no ':' in a plain one."""
    return f'"{entry}"'
