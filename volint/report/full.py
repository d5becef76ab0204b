"""`--format full`: each finding with its source lines, as compilers show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.snippet import snippet
from volint.report.terminal import Style, escape

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result
    from volint.rule import Finding

__all__ = ["render", "render_finding"]


def _footer(kind: str, text: str, gutter: int, style: Style) -> list[str]:
    """Return a line `= kind: text`; further lines of the text stand below its first."""
    first, *rest = [escape(redact(line)) for line in text.split("\n")]
    margin = " " * (gutter + 1)
    lead = f"{margin}{style('place', '=')} {style('bold', kind)}: "
    indent = " " * (gutter + len(kind) + 5)
    return [lead + first, *(f"{indent}{line}".rstrip() for line in rest)]


def render_finding(finding: Finding, style: Style, columns: int | None = None) -> str:
    """Return one finding: title, place, snippet, help and whether there is a fix."""
    level = finding.level.value
    title = style(level, f"{level}[{finding.code}]")
    message = style("bold", f": {escape(redact(finding.message))}")
    rows, gutter = snippet(finding.span, finding.labels, finding.redact, level, style, columns)
    footers: list[str] = []
    if finding.help:
        footers += _footer("help", finding.help, gutter, style)
    if finding.fix:
        footers += _footer(
            "fix" if finding.fix.safe else "unsafe fix", finding.fix.title, gutter, style
        )
    if len(finding.projects) > 1:
        names = ", ".join(f"'{name}'" for name in finding.projects)
        footers += _footer("note", f"in projects {names}", gutter, style)
    if footers:
        footers.insert(0, " " * (gutter + 1) + style("place", "|"))
    return "\n".join([title + message, *rows, *footers]) + "\n"


def render(result: Result, options: Options) -> str:
    """Return all findings, an empty line behind each."""
    style = Style(options.color)
    return "".join(
        render_finding(finding, style, options.width) + "\n" for finding in result.findings
    )
