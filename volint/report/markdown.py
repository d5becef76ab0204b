"""`--format markdown`: a summary for a pull request or GitHub's job summary (`$GITHUB_STEP_SUMMARY`).

GitHub Flavored Markdown. GitHub refuses a summary of more than 1 MiB, so that after `_MOST` findings, or fewer with
long words, they are only counted; the worst come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.common import rows, rule_url, unsaid
from volint.report.summary import counted
from volint.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from volint.report import Options
    from volint.report.common import Row
    from volint.result import Result

__all__ = ["render", "text"]

_MOST = 500
_MOST_BYTES = 450_000
"""Of the findings, and of what could not be read."""
_MARKS = {"error": "🛑 error", "warning": "⚠️ warning", "note": "ℹ️ note"}
_SPECIAL = frozenset("\\`*_[]<>#|~&$@")


def text(plain: str) -> str:
    """Return a text with every sign escaped that Markdown, its tables or its HTML would read as more."""
    return "".join(f"&#{ord(char)};" if char in _SPECIAL else char for char in plain)


def render(result: Result, options: Options) -> str:
    """Return a heading with the counts, a table of the findings, and a list of what could not be read."""
    summary = result.summary
    where = f"{counted(summary.files, 'file')} and {counted(summary.projects, 'project')}"
    shown = ["### volint\n\n"]
    if summary.findings:
        kinds = (
            (summary.errors, "error"),
            (summary.warnings, "warning"),
            (summary.notes, "note"),
        )
        found = ", ".join(counted(number, word) for number, word in kinds if number)
        shown.append(f"**{counted(summary.findings, 'finding')}** ({found}) in {where}.\n")
    else:
        shown.append(f"No findings in {where}.\n")
    if result.findings:
        shown.append("\n| Level | Rule | Place | Finding |\n|---|---|---|---|\n")
        ordered = sorted(rows(result), key=lambda row: -row.finding.level.rank)
        shown.extend(_limited(map(_row, ordered), len(ordered)))
    notes = unsaid(result)
    if notes:
        shown.append("\n**Not seen whole:**\n\n")
        lines = (f"- {text(escape(redact(note.message)))} (`{note.code}`)\n" for note in notes)
        shown.extend(_limited(lines, len(notes)))
    return "".join(shown)


def _limited(lines: Iterable[str], number: int) -> Iterator[str]:
    """Yield lines as far as GitHub takes them, and how many more there are."""
    size = 0
    for count, line in enumerate(lines):
        size += len(line.encode())
        if count == _MOST or size > _MOST_BYTES:
            yield f"\nand {number - count} more.\n"
            return
        yield line


def _row(row: Row) -> str:
    code = row.finding.code
    url = rule_url(code)
    rule = f"[{code}]({url})" if url else text(code)
    place = f"{text(row.path)}:{row.line}"
    words = text(row.message)
    if row.help:
        words += f"<br>*help:* {'<br>'.join(map(text, row.help.split(chr(10))))}"
    return f"| {_MARKS[row.finding.level.value]} | {rule} | {place} | {words} |\n"
