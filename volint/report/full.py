"""`--format full`: each finding with its source lines, as compilers show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.snippet import snippet
from volint.report.terminal import Style, escape, link, wrap

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result
    from volint.rule import Finding

__all__ = ["render"]


class _Writer:
    """Writes findings one by one for the same output."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._style = Style(options.color)

    def finding(self, finding: Finding) -> str:
        """Return one finding: title, place, snippet, help and what its fix changes."""
        options, style = self._options, self._style
        level = finding.level.value
        rows, gutter = snippet(
            finding.span, finding.labels, finding.redact, level, style, options.width
        )
        footers: list[str] = []
        if finding.help:
            footers += self._footer("help", finding.help, gutter)
        if len(finding.projects) > 1:
            names = ", ".join(f"'{name}'" for name in finding.projects)
            footers += self._footer("note", f"in projects {names}", gutter)
        if finding.fix:
            from volint.report.fixlines import fix_lines

            kind = "fix" if finding.fix.safe else "unsafe fix"
            footers += self._footer(kind, finding.fix.title, gutter)
            footers += fix_lines(finding, gutter, style, options.width)
        if footers:
            footers.insert(0, " " * (gutter + 1) + style("place", "|"))
        return "\n".join([*self._title(finding, level), *rows, *footers]) + "\n"

    def _title(self, finding: Finding, level: str) -> list[str]:
        style = self._style
        lead = f"{level}[{finding.code}]"
        code = link(finding.code, self._options.rule_url(finding.code))
        first, *rest = self._wrapped(f": {escape(redact(finding.message))}", len(lead), 2)
        title = style(level, f"{level}[{code}]") + style("bold", first)
        return [title, *("  " + style("bold", line) for line in rest)]

    def _footer(self, kind: str, text: str, gutter: int) -> list[str]:
        """Return a line `= kind: text`; further lines of the text stand below its first."""
        style = self._style
        indent = gutter + len(kind) + 5
        first, *rest = [
            part
            for line in text.split("\n")
            for part in self._wrapped(escape(redact(line)), indent, indent)
        ]
        margin = " " * (gutter + 1)
        lead = f"{margin}{style('place', '=')} {style('bold', kind)}: "
        return [lead + first, *(f"{' ' * indent}{line}".rstrip() for line in rest)]

    def _wrapped(self, text: str, first: int, indent: int) -> list[str]:
        """Break a text at the terminal's width, where there is a terminal."""
        columns = self._options.width
        if columns is None:
            return [text]
        return wrap(text, max(columns - indent, 30), max(first - indent, 0))


def render(result: Result, options: Options) -> str:
    """Return all findings, an empty line behind each."""
    writer = _Writer(options)
    return "".join(writer.finding(finding) + "\n" for finding in result.findings)
