"""`--format concise`: one line a finding, which editors and `grep` understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.terminal import Style, escape, link

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result

__all__ = ["render"]


def render(result: Result, options: Options) -> str:
    """Return `file:line:column: CODE [level] message` for each finding."""
    style = Style(options.color)
    lines = []
    for finding in result.findings:
        line, column = finding.span.source.position(finding.span.start)
        level = finding.level.value
        place = style("bold", escape(finding.span.source.path))
        message = escape(redact(finding.message))
        lines.append(
            f"{place}:{line}:{column}: {style(level, link(finding.code, options.rule_url(finding.code)))} [{level}] {message}\n"
        )
    return "".join(lines)
