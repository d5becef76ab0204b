"""`--format github`: workflow commands, which GitHub Actions shows as annotations on the changed lines.

Source: actions/runner, src/Runner.Common/ActionCommand.cs, for the escapes; GitHub keeps the first ten errors,
ten warnings and ten notices of a step, so the worst come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.common import rows, unsaid, with_help
from volint.report.terminal import escape

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result

__all__ = ["render"]

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _command(name: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}\n"


def render(result: Result, options: Options) -> str:
    """Return `::error file=...,line=...::message` for each finding and for what could not be read."""
    shown = []
    for row in sorted(rows(result), key=lambda row: -row.finding.level.rank):
        finding = row.finding
        properties = {"file": row.path, "line": str(row.line)}
        if row.end_line == row.line:
            # With columns an annotation has to keep to one line.
            properties |= {"col": str(row.column), "endColumn": str(row.end_column)}
        else:
            properties["endLine"] = str(row.end_line)
        properties["title"] = f"{finding.code} {finding.name}"
        shown.append(_command(_COMMANDS[finding.level.value], properties, with_help(row)))
    for note in unsaid(result):
        properties = {"file": escape(note.file)} if note.file else {}
        properties["title"] = note.code
        message = escape(redact(note.message))
        shown.append(_command(_COMMANDS[note.level.value], properties, message))
    return "".join(shown)
