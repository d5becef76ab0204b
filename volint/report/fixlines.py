"""The lines that a fix takes away and those it puts there, shown below its finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.record import NamedTuple
from volint.redact import MASK, has_secret, in_secret_block, redact
from volint.report.terminal import clip, escape
from volint.source import apply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.report.terminal import Style
    from volint.rule import Edit, Finding
    from volint.source import Source

__all__ = ["Hunk", "fix_lines", "hunks"]

_MOST = 12
_WIDTH = 140
_LEAST_WIDTH = 30


class Hunk(NamedTuple):
    """Whole lines of one file and what stands there afterwards; nothing that both have at their ends."""

    source: Source
    line: int
    """The 1-based line of the first that goes, or where the first new one comes."""
    new_line: int
    """The line that the first new one has afterwards."""
    old: tuple[str, ...]
    new: tuple[str, ...]


def hunks(edits: Sequence[Edit]) -> Iterator[Hunk]:
    """Yield what edits change, file by file in the order they are named, from top to bottom."""
    files: dict[Source, list[Edit]] = {}
    for edit in edits:
        files.setdefault(edit.span.source, []).append(edit)
    for source, own in files.items():
        shift = 0
        for group in _groups(source, sorted(own, key=lambda edit: edit.span[1:])):
            hunk = _hunk(source, group, shift)
            if hunk.old or hunk.new:
                yield hunk
            shift += len(hunk.new) - len(hunk.old)


def _groups(source: Source, edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Yield edits together that change the same or neighbouring lines."""
    group: list[Edit] = []
    last = 0
    for edit in edits:
        if group and source.position(edit.span.start)[0] > last + 1:
            yield group
            group = []
        group.append(edit)
        last = max(source.position(edit.span.end)[0], last if len(group) > 1 else 0)
    if group:
        yield group


def _hunk(source: Source, edits: Sequence[Edit], shift: int) -> Hunk:
    first = source.position(edits[0].span.start)[0]
    last = max(source.position(edit.span.end)[0] for edit in edits)
    start, end = source.line_span(first).start, source.line_span(last).end
    text = source.text[start:end]
    changed = apply(
        text,
        [(edit.span.start - start, edit.span.end - start, edit.replacement) for edit in edits],
    )
    old, new = text.splitlines(), changed.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
        first += 1
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return Hunk(source, first, first + shift, tuple(old), tuple(new))


def fix_lines(finding: Finding, gutter: int, style: Style, columns: int | None) -> list[str]:
    """Return the rows of a finding's fix; none where something in them must not be shown."""
    if finding.fix is None:
        return []
    if any(has_secret(edit.replacement) for edit in finding.fix.edits):
        return []
    values = [span.text() for span in finding.redact if span.text()]
    room = max((columns or _WIDTH) - gutter - 3, _LEAST_WIDTH)
    rows: list[str] = []
    source = finding.span.source
    for hunk in hunks(finding.fix.edits):
        if hunk.source is not source:
            source = hunk.source
            rows.append(f"{' ' * gutter}{style('place', ':::')} {escape(source.path)}")
        # What is added behind the last line has no line of its own yet.
        first = min(hunk.line, source.position(len(source.text))[0])
        secret = bool(source.text) and in_secret_block(source, source.line_span(first).start)
        for sign, name, number, lines in (
            ("-", "removed", hunk.line, hunk.old),
            ("+", "help", hunk.new_line, hunk.new),
        ):
            for at, line in enumerate(lines, number):
                shown = MASK if secret else _masked(line, values)
                text = clip(f"{sign} {escape(shown)}".rstrip(), room)
                rows.append(f"{style('place', f'{at:>{gutter}}')} {style(name, text)}")
    if len(rows) > _MOST:
        more = len(rows) - _MOST + 1
        rows[_MOST - 1 :] = [f"{' ' * gutter} … and {more} lines more; --diff shows them"]
    return rows


def _masked(line: str, values: Sequence[str]) -> str:
    for value in values:
        line = line.replace(value, MASK)
    return redact(line)
