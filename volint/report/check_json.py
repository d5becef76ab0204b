"""`volint check --format json`: version 1 of a shape that scripts rely on.

Lines, columns and edit offsets count code points of the decoded text; ends are exclusive. The output is
ASCII, so that no encoding and no terminal can change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.fingerprint import Repository, fingerprint
from volint.redact import has_secret, redact

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result
    from volint.rule import Finding
    from volint.source import Span

__all__ = ["VERSION", "document", "finding_object", "render"]

VERSION = 1


def _place(span: Span) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def finding_object(finding: Finding, repository: Repository) -> dict[str, Any]:
    """Return one finding as the object of the JSON shape.

    A fix that writes a secret is left out: with the secret masked it would destroy it.
    """
    fix = finding.fix
    if fix and any(has_secret(edit.replacement) for edit in fix.edits):
        fix = None
    return {
        "code": finding.code,
        "name": finding.name,
        "level": finding.level.value,
        "confidence": finding.confidence.value,
        "persona": finding.persona.value,
        "message": redact(finding.message),
        "help": redact(finding.help),
        **_place(finding.span),
        "labels": [
            {"message": redact(label.message), **_place(label.span)} for label in finding.labels
        ],
        "projects": list(finding.projects),
        "fix": fix
        and {
            "title": redact(fix.title),
            "safe": fix.safe,
            "edits": [
                {
                    "file": edit.span.source.path,
                    "start": edit.span.start,
                    "end": edit.span.end,
                    "replacement": edit.replacement,
                }
                for edit in fix.edits
            ],
        },
        "fingerprint": fingerprint(finding, repository),
    }


def document(result: Result) -> dict[str, Any]:
    """Return the findings, the notifications and the summary as one object."""
    repository = Repository(result.root, result.cwd)
    summary = result.summary
    return {
        "version": VERSION,
        "findings": [finding_object(finding, repository) for finding in result.findings],
        "notifications": [
            {
                "code": note.code,
                "level": note.level.value,
                "message": redact(note.message),
                "file": note.file,
            }
            for note in result.notifications
        ],
        "summary": {
            "files": summary.files,
            "projects": summary.projects,
            "findings": summary.findings,
            "ignored": summary.ignored,
            "baselined": summary.baselined,
            "hidden": summary.hidden,
        },
    }


def render(result: Result, options: Options) -> str:
    """Return the findings, the notifications and the summary as JSON."""
    import json

    return json.dumps(document(result), indent=2) + "\n"
