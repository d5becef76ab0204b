"""Edits of the top level of a Compose file: declare a volume, remove one, remove a secret or config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.rule import Edit
from volint.source import Kind, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model import Project, Secret, Volume
    from volint.source import Source

__all__ = ["declare_volume", "free_volume_name", "remove_secret", "remove_volume"]

_VALUE = r":[ \t]*(?P<value>[^#\r\n]*?)[ \t]*(?:#.*)?$"
_COLON = regex(r"[\"']?[ \t]*:")
_COMMA_BEHIND = regex(r"[ \t]*,[ \t]*")
_COMMA_BEFORE = regex(r"[ \t]*,\s*\Z")
_BLANK_LINE = regex(r"\r?\n\r?\n")
_SECTION = regex(f"^volumes{_VALUE}", re.MULTILINE)
_SECRETS = regex(f"^secrets{_VALUE}", re.MULTILINE)
_CONFIGS = regex(f"^configs{_VALUE}", re.MULTILINE)


def free_volume_name(project: Project, owner: str, target: str) -> str:
    """Return a name for a volume that is not taken in the project: 'db-data' for 'db' and '/var/lib/x/data'."""
    last = re.sub(r"[^a-zA-Z0-9_.-]+", "-", target.rstrip("/").rpartition("/")[2]).strip("-._")
    stem = re.sub(r"[^a-zA-Z0-9_.-]+", "-", owner).strip("-._")
    if not last or last == stem:
        last = "data"
    name = f"{stem}-{last}" if stem else f"{last}-volume"
    taken = {volume.name.value for volume in project.volumes}
    taken.update(mount.source.value for _, mount in project.mounts() if mount.source is not None)
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def declare_volume(project: Project, source: Source, name: str) -> Edit | None:
    """Return the edit that declares a volume in a file of a Compose project; None where its place is not plain."""
    if source.kind is not Kind.COMPOSE or source.text.lstrip()[:1] == "{":
        return None
    newline = "\r\n" if "\r\n" in source.text else "\n"
    here = [volume for volume in project.volumes if volume.name.span.source is source]
    if here:
        return _beside(max(here, key=lambda volume: volume.name.span.start), name, newline)
    indent = _indent(project, source)
    sections = list(_SECTION.finditer(source.text))
    if sections:
        if len(sections) > 1 or sections[0]["value"] not in ("", "{}", "null", "~"):
            return None
        section = sections[0]
        if section["value"]:
            place = Span(source, section.start("value"), section.end("value"))
            return Edit(place, f"{{{name}: {{}}}}")
        return Edit(Span(source, section.end(), section.end()), f"{newline}{indent}{name}:")
    if "\n..." in source.text or len(re.findall(r"^---", source.text, re.MULTILINE)) > 1:
        return None
    end = len(source.text.rstrip())
    gap = newline if f"{newline}{newline}" in source.text[:end] else ""
    tail = "" if source.text[end:].startswith(newline) else newline
    return Edit(Span(source, end, end), f"{newline}{gap}volumes:{newline}{indent}{name}:{tail}")


def _beside(volume: Volume, name: str, newline: str) -> Edit | None:
    """Return the edit that declares a volume after another one."""
    source, start, _ = volume.name.span
    line, column = source.position(start)
    before = source.text[source.line_span(line).start : start]
    if before.strip(" \"'"):
        if before.rstrip(" \"'")[-1] not in "{,":
            return None
        at = start - (len(before) - len(before.rstrip("\"'")))
        return Edit(Span(source, at, at), f"{name}: {{}}, ")
    after = source.line_span(source.position(max(volume.span.end, start))[0])
    indent = " " * (column - 1 - (len(before) - len(before.rstrip("\"'"))))
    return Edit(Span(source, after.end, after.end), f"{newline}{indent}{name}:")


def _indent(project: Project, source: Source) -> str:
    for container in project.containers:
        if container.name.span.source is source:
            return " " * max(1, source.position(container.name.span.start)[1] - 1)
    return "  "


def remove_volume(project: Project, volume: Volume) -> Edit | None:
    """Return the edit that takes out a declaration, with its section if nothing is left; None where not plain."""
    return _remove(volume, project.volumes, _SECTION)


def remove_secret(project: Project, secret: Secret) -> Edit | None:
    """Return the edit that takes out a secret or config as `remove_volume` does a volume."""
    is_config = secret in project.configs
    declared = project.configs if is_config else project.secrets
    return _remove(secret, declared, _CONFIGS if is_config else _SECRETS)


def _remove(
    one: Volume | Secret, declared: Sequence[Volume | Secret], heading: re.Pattern[str]
) -> Edit | None:
    source, start, _ = one.name.span
    first = source.position(start)[0]
    top = source.line_span(first).start
    if one.span.source is not source:
        return None
    if source.text[top:start].strip(" \"'"):
        return _out_of_flow(one)
    last = source.position(max(one.span.end, start))[0]
    end = source.line_span(last).end
    others = [other for other in declared if other.name.span.source is source]
    if len(others) == 1:
        section = heading.search(source.text)
        if section is None or source.text[section.end() : top].strip():
            return None
        if not section["value"]:
            top = _above(source, section.start(), end)
    for newline in ("\r\n", "\n"):
        if source.text.startswith(newline, end):
            end += len(newline)
            break
    return Edit(Span(source, top, end), "")


def _out_of_flow(one: Volume | Secret) -> Edit | None:
    """Return the edit that takes an entry out of a mapping in braces, with the comma before or behind it."""
    source, start, name_end = one.name.span
    text = source.text
    start -= text[start - 1] in "\"'"
    colon = _COLON.match(text, name_end)
    if colon is None:
        return None
    end = max(one.span.end, colon.end())
    behind, before = _COMMA_BEHIND.match(text, end), _COMMA_BEFORE.search(text, 0, start)
    if behind is not None:
        return Edit(Span(source, start, behind.end()), "")
    if before is not None:
        return Edit(Span(source, before.start(), end), "")
    is_alone = text[:start].rstrip()[-1:] == "{" and text[end:].lstrip()[:1] == "}"
    return Edit(Span(source, start, end), "") if is_alone else None


def _above(source: Source, top: int, end: int) -> int:
    """Return where to begin so that no more blank lines are left than there were around a section."""
    if source.text[end:].lstrip("\r\n") and not _BLANK_LINE.match(source.text, end):
        return top
    before = source.text[:top].rstrip("\r\n")
    return source.line_span(source.position(len(before))[0] + 1).start if before else 0
