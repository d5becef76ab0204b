"""`--format checkstyle`: the XML of Checkstyle, which many CI servers and reviewdog read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.report.common import rows, with_help

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result

__all__ = ["render"]

_SEVERITIES = {"error": "error", "warning": "warning", "note": "info"}


def render(result: Result, options: Options) -> str:
    """Return one `<file>` for each file with findings, and one `<error>` for each finding."""
    from xml.etree import ElementTree

    top = ElementTree.Element("checkstyle", version="10.0")
    files: dict[str, ElementTree.Element] = {}
    for row in rows(result):
        if row.path not in files:
            files[row.path] = ElementTree.SubElement(top, "file", name=row.path)
        ElementTree.SubElement(
            files[row.path],
            "error",
            line=str(row.line),
            column=str(row.column),
            severity=_SEVERITIES[row.finding.level.value],
            message=with_help(row, " -- "),
            source=f"volint.{row.finding.code}",
        )
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(top, "unicode") + "\n"
