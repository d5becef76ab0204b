"""Edits of the top level of a Compose file: declare a volume, remove one, remove a secret or config."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.rule import Edit
from volint.source import Kind, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from volint.model import Project, Secret, Volume
    from volint.source import Source

__all__ = ["declare_volume", "free_volume_name", "remove_secret", "remove_volume"]

_VALUE = (
    r"[\"']?[ \t]*:(?:[ \t]+&[^\s#]+)?(?:[ \t]+(?P<value>[^\s#][^\r\n]*?))??(?P<line>[ \t]*(?:[ \t]#[^\r\n]*)?)"
    r"(?=\r?$)"
)
_COLON = regex(r"[\"']?[ \t]*:")
_COMMA_BEHIND = regex(r"[ \t]*,[ \t]*")
_COMMA_BEFORE = regex(r"[ \t]*,\s*\Z")
_BLANK_LINE = regex(r"\r?\n\r?\n")
_SECTION = regex(rf"^(?P<lead> *)[\"']?volumes{_VALUE}", re.MULTILINE)
_SECRETS = regex(f"^[\"']?secrets{_VALUE}", re.MULTILINE)
_CONFIGS = regex(f"^[\"']?configs{_VALUE}", re.MULTILINE)
_SERVICES = regex(r"^ *(?P<key>[\"']?services[\"']?[ \t]*:)", re.MULTILINE)
_DOCUMENT = regex(r"^---", re.MULTILINE)
_OPENING = regex(r"\s*\{(?P<gap>\s*)")


def free_volume_name(
    project: Project, owner: str, target: str, others: Collection[str] = ()
) -> str:
    """Return a name for a volume that is taken neither in the project nor by others: 'db-data' for 'db' and '/var/lib/x/data'."""
    last = re.sub(r"[^a-zA-Z0-9_.-]+", "-", target.rstrip("/").rpartition("/")[2]).strip("-._")
    stem = re.sub(r"[^a-zA-Z0-9_.-]+", "-", owner).strip("-._")
    if not last or last == stem:
        last = "data"
    name = f"{stem}-{last}" if stem else f"{last}-volume"
    taken = {*others, *(volume.name.value for volume in project.volumes)}
    taken.update(mount.source.value for _, mount in project.mounts() if mount.source is not None)
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def declare_volume(project: Project, source: Source, *names: str) -> Edit | None:
    """Return the edit that declares volumes for mounts in a file of a project; None where its place is not plain.

    They are declared in the same file, or, where that one is only taken from by `extends`, in the service's.
    """
    source = _declaring(project, source)
    if source.kind is not Kind.COMPOSE:
        return None
    here = [volume for volume in project.volumes if volume.name.span.source is source]
    last = max(here, key=lambda volume: volume.name.span.start) if here else None
    if source.text.lstrip()[:1] == "{":
        return _in_braces(source, last, names)
    newline = source.line_break(len(source.text))
    lead, indent = _margins(project, source)
    lines = "".join(f"{newline}{indent}{name}:" for name in names)
    every, documents, has_blank_line = _outline(source.text)
    sections = [found for found in every if found["lead"] == " " * len(lead)]
    if len(sections) > 1:
        return None
    section = sections[0] if sections else None
    if section is not None and not section["value"]:
        if last is None or last.name.span.start < section.start():
            # All there is comes from elsewhere, by a merge key or an alias.
            at = section.end("line")
            return Edit(Span(source, at, at), lines)
        return _beside(project, last, names, newline)
    if last is not None:
        flow = section is not None and section["value"].startswith("{")
        return _beside(project, last, names, newline, flow=flow)
    if section is not None:
        if section["value"].replace(" ", "") not in ("{}", "null", "~"):
            return None
        place = Span(source, section.start("value"), section.end("value"))
        return Edit(place, f"{{{', '.join(f'{name}: {{}}' for name in names)}}}")
    if "\n..." in source.text or documents > 1:
        return None
    end = len(source.text.rstrip())
    gap = f"{newline}{lead.rstrip()}" if has_blank_line else ""
    tail = "" if project.gentle or source.text[end:].lstrip(" \t") else newline
    return Edit(Span(source, end, end), f"{gap}{newline}{lead}volumes:{lines}{tail}")


@lru_cache(maxsize=1)
def _outline(text: str) -> tuple[tuple[re.Match[str], ...], int, bool]:
    """Return the `volumes:` of a text, how many documents begin in it, and whether a blank line is in it.

    Every volume of a file asks for it.
    """
    blank = _BLANK_LINE.search(text.strip()) is not None
    return tuple(_SECTION.finditer(text)), len(_DOCUMENT.findall(text)), blank


def _declaring(project: Project, source: Source) -> Source:
    """Return the file whose `volumes` count: not one that services are taken from by its name."""
    homes = [container.name.span.source for container in project.containers]
    name = source.path.rpartition("/")[2]
    if source in homes or not any(name in home.text for home in homes):
        return source
    for container, mount in project.mounts():
        if mount.span.source is source:
            return container.name.span.source
    return source


def _margins(project: Project, source: Source) -> tuple[str, str]:
    """Return what the lines of top-level keys and of entries below them begin with.

    In a list or a quote of a document that is more than blanks.
    """
    for container in project.containers:
        name = container.name.span
        if name.source is source:
            entry = _before(project, source, name.start).rstrip("\"'")
            headings = [
                found.start("key") for found in _SERVICES.finditer(source.text, 0, name.start)
            ]
            lead = _before(project, source, headings[-1]) if headings else ""
            if entry.startswith(lead) and not entry[len(lead) :].strip() and len(entry) > len(lead):
                return lead, entry
            return lead, f"{lead}  "
    return "", "  "


def _before(project: Project, source: Source, at: int) -> str:
    """Return the text before an offset on its line, as it is in the file: a block of a document is blanked."""
    whole = project.sources[0] if project.gentle and project.sources else source
    text = whole.text if len(whole.text) >= len(source.text) else source.text
    return text[source.line_span(source.position(at)[0]).start : at]


def _in_braces(source: Source, last: Volume | None, names: Sequence[str]) -> Edit | None:
    """Return the edit that declares volumes in a file that is one mapping in braces, as JSON is."""
    opening = _OPENING.match(source.text)
    if opening is None:
        return None
    quote = '"' if source.text[opening.end() :][:1] == '"' else ""
    entries = [f"{quote}{name}{quote}: {{}}" for name in names]
    if last is not None:
        at = last.name.span.start
        at -= source.text[at - 1] in "\"'"
        gap = source.text[len(source.text[:at].rstrip()) : at] or " "
        return Edit(Span(source, at, at), "".join(f"{entry},{gap}" for entry in entries))
    at = opening.end()
    gap = opening["gap"] or " "
    return Edit(Span(source, at, at), f"{quote}volumes{quote}: {{{', '.join(entries)}}},{gap}")


def _beside(
    project: Project,
    volume: Volume,
    names: Sequence[str],
    newline: str,
    *,
    flow: bool = False,
) -> Edit | None:
    """Return the edit that declares volumes after another one."""
    source, start, _ = volume.name.span
    before = _before(project, source, start)
    start -= len(before) - len(before.rstrip("\"'"))
    lead = before.rstrip("\"'")
    if flow or source.text[:start].rstrip()[-1:] in ("{", ","):
        gap = source.text[len(source.text[:start].rstrip()) : start] or " "
        return Edit(Span(source, start, start), "".join(f"{name}: {{}},{gap}" for name in names))
    if lead.strip(" >"):
        return None
    after = source.line_span(source.position(max(volume.span.end, start))[0])
    return Edit(
        Span(source, after.end, after.end), "".join(f"{newline}{lead}{name}:" for name in names)
    )


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
        sections = list(heading.finditer(source.text, 0, top))
        if not sections or source.text[sections[-1].end() : top].strip():
            return None
        section = sections[-1]
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
