"""`--format gitlab`: a Code Quality report, which GitLab shows in merge requests.

Source: GitLab's documentation of code quality reports and its schema `codeclimate.json`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from volint.fingerprint import Repository, fingerprint
from volint.report.common import rows, with_help

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result

__all__ = ["render"]

_SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}


def render(result: Result, options: Options) -> str:
    """Return a JSON array with one object for each finding."""
    repository = Repository(result.root, result.cwd)
    issues = [
        {
            "type": "issue",
            "check_name": f"{row.finding.code} {row.finding.name}",
            "description": f"{row.finding.code}: {row.message}",
            "content": {"body": with_help(row, "\n\n")},
            "categories": ["Security" if _is_security(row.finding.code, result) else "Bug Risk"],
            "severity": _SEVERITIES[row.finding.level.value],
            "fingerprint": fingerprint(row.finding, repository).rpartition(":")[2],
            "location": {
                "path": row.path,
                "lines": {"begin": row.line, "end": max(row.line, row.end_line)},
            },
        }
        for row in rows(result, repository)
    ]
    return json.dumps(issues, indent=2) + "\n"


def _is_security(code: str, result: Result) -> bool:
    for meta in result.rules:
        if meta.entry.code == code:
            return bool(meta.load().security_severity)
    return False
