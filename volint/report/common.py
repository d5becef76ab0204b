"""What the formats for other programs share: places as the repository names them, and texts without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.fingerprint import Repository
from volint.record import NamedTuple
from volint.redact import redact
from volint.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.result import Notification, Result
    from volint.rule import Finding

__all__ = ["HOME", "Row", "rows", "rule_url", "unsaid", "with_help"]

HOME = "https://github.com/volint/volint"
"""Where the project lives."""


class Row(NamedTuple):
    """A finding with its place, ready to be written: no secret and no control character is left in it."""

    finding: Finding
    path: str
    """The file as the repository names it; as it was given outside of one."""
    line: int
    """1-based, as the others; columns count code points."""
    column: int
    end_line: int
    end_column: int
    """One behind the last."""
    message: str
    help: str
    """May be empty; lines are separated by line feeds."""


def rows(result: Result, repository: Repository | None = None) -> Iterator[Row]:
    """Yield the findings of a run in their order."""
    repository = repository or Repository(result.root, result.cwd)
    for finding in result.findings:
        source, start, end = finding.span
        path = repository.of(source) or source.path
        yield Row(
            finding,
            escape(path),
            *source.position(start),
            *source.position(end),
            escape(redact(finding.message)),
            "\n".join(escape(redact(line)) for line in finding.help.split("\n")),
        )


def unsaid(result: Result) -> list[Notification]:
    """Return the notifications that are not among the findings as well, because those are hidden or there is none."""
    shown = {
        (finding.code, finding.span.source.path, finding.message) for finding in result.findings
    }
    return [
        note for note in result.notifications if (note.code, note.file, note.message) not in shown
    ]


def with_help(row: Row, between: str = "\n") -> str:
    """Return the message and what helps, one below the other."""
    return f"{row.message}{between}help: {row.help}" if row.help else row.message


def rule_url(code: str) -> str | None:
    """Return the address of a rule's page; None for one of another pack."""
    return f"{HOME}/blob/main/docs/rules/{code}.md" if _own(code) else None


def _own(code: str) -> bool:
    return code.startswith("VL") and code[2:].isdigit() and len(code) == 5
