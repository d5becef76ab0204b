"""`--format junit`: test results in JUnit's XML, which every CI server reads.

Each file with findings is a suite, each finding a test of it: failed for errors and warnings, skipped with its
message for notes. What could not be read or seen is an error in place of a failure. A run without any of them is one test that passed, since
servers take an empty report for a broken one. Source: the schema of Jenkins' xUnit plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact
from volint.report.common import rows, unsaid, with_help
from volint.report.terminal import escape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from volint.report import Options
    from volint.result import Result
    from volint.rule import Level

__all__ = ["render"]


def render(result: Result, options: Options) -> str:
    """Return `<testsuites>` with a suite for each file."""
    from xml.etree import ElementTree

    files: dict[str, list[Element]] = {}
    unseen = {note.code for note in result.notifications}
    for row in rows(result):
        case = _case(row.path, f"{row.finding.code} {row.finding.name} {row.line}:{row.column}")
        place = f"{row.path}:{row.line}:{row.column}: {with_help(row)}"
        case.append(
            _outcome(row.finding.level, row.message, place, error=row.finding.code in unseen)
        )
        files.setdefault(row.path, []).append(case)
    for note in unsaid(result):
        case = _case(note.file or "volint", note.code)
        case.append(_outcome(note.level, escape(redact(note.message)), error=True))
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


def _outcome(level: Level, message: str, text: str | None = None, *, error: bool) -> Element:
    from xml.etree import ElementTree

    if level.value == "note":
        return ElementTree.Element("skipped", message=message)
    outcome = ElementTree.Element(
        "error" if error else "failure", message=message, type=level.value
    )
    outcome.text = text
    return outcome


def _count(element: Element, cases: list[Element]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", "0")
