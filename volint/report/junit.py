"""`--format junit`: test results in JUnit's XML, which every CI server reads.

Each file with findings is a suite, each finding a test of it: failed for errors and warnings, skipped with its
message for notes. What could not be read is an error. A run without any of them is one test that passed, since
servers take an empty report for a broken one. Source: the schema of Jenkins' xUnit plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.common import Row, rows, with_help
from volint.report.terminal import escape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from volint.report import Options
    from volint.result import Result

__all__ = ["render"]


def render(result: Result, options: Options) -> str:
    """Return `<testsuites>` with a suite for each file."""
    from xml.etree import ElementTree

    files: dict[str, list[Element]] = {}
    for row in rows(result):
        case = _case(row.path, f"{row.finding.code} {row.finding.name} {row.line}:{row.column}")
        case.append(_outcome(row))
        files.setdefault(row.path, []).append(case)
    for note in result.notifications:
        case = _case(note.file or "volint", note.code)
        problem = ElementTree.SubElement(case, "error", message=escape(redact(note.message)))
        problem.set("type", note.level.value)
        files.setdefault(escape(note.file) or "volint", []).append(case)
    if not files:
        files["volint"] = [_case("volint", "no findings")]
    top = ElementTree.Element("testsuites", name="volint")
    for path, cases in files.items():
        suite = ElementTree.SubElement(top, "testsuite", name=path)
        _count(suite, cases)
        suite.extend(cases)
    _count(top, [case for cases in files.values() for case in cases])
    # Jenkins refuses it here.
    del top.attrib["skipped"]
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(top, "unicode") + "\n"


def _case(path: str, name: str) -> Element:
    from xml.etree import ElementTree

    return ElementTree.Element("testcase", classname=escape(path), name=name, time="0")


def _outcome(row: Row) -> Element:
    from xml.etree import ElementTree

    level = row.finding.level.value
    if level == "note":
        return ElementTree.Element("skipped", message=row.message)
    outcome = ElementTree.Element("failure", message=row.message, type=level)
    outcome.text = f"{row.path}:{row.line}:{row.column}: {with_help(row)}"
    return outcome


def _count(element: Element, cases: list[Element]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", "0")
