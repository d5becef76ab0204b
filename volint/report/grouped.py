"""`--format grouped`: one line a finding, below the name of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.terminal import Style, escape, link, wrap

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result
    from volint.rule import Finding

__all__ = ["render"]


def render(result: Result, options: Options) -> str:
    """Return for each file its name, then `line:column level CODE message` for each of its findings.

    Messages wrap at a terminal's width.
    """
    style = Style(options.color)
    files: dict[str, list[Finding]] = {}
    for finding in result.findings:
        files.setdefault(finding.span.source.path, []).append(finding)
    shown = []
    for path, findings in files.items():
        shown.append(style("bold", escape(path)) + "\n")
        table = []
        for finding in findings:
            line, column = finding.span.source.position(finding.span.start)
            message = escape(redact(finding.message))
            table.append((f"{line}:{column}", finding.level.value, finding.code, message))
        widths = [max(len(row[at]) for row in table) for at in range(3)]
        for place, level, code, message in table:
            indent = sum(widths) + 8
            if options.width is not None:
                message = f"\n{' ' * indent}".join(wrap(message, max(options.width - indent, 30)))
            linked = link(code, options.rule_url(code)) + " " * (widths[2] - len(code))
            shown.append(
                f"  {place:>{widths[0]}}  {style(level, f'{level:{widths[1]}}')}  {linked}  {message}\n"
            )
        shown.append("\n")
    return "".join(shown)
