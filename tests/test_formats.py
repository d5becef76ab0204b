"""The formats for other programs, read back the way those programs read them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis.strategies import integers, text
from junitparser import Error, Failure, JUnitXml, Skipped
from markdown_it import MarkdownIt
from realcommand import tree, volint
from report_cases import CASES
from test_report import golden

from volint.report import Options, render_check
from volint.report.common import rule_url
from volint.report.terminal import shows_links, width, wrap
from volint.result import Result, Summary

_NAMES = {
    "grouped": "grouped.txt",
    "jsonl": "check.jsonl",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "junit": "junit.xml",
    "checkstyle": "checkstyle.xml",
    "markdown": "summary.md",
}
SOME = ["compose", "secrets", "controls", "edges"]
NOTHING = Result(summary=Summary(files=1, projects=1))


@pytest.mark.parametrize("case", SOME)
@pytest.mark.parametrize("format", _NAMES)
def test_golden(case: str, format: str) -> None:
    golden(case, f"expected-{_NAMES[format]}", render_check(format, CASES[case]()))


@pytest.mark.parametrize("case", CASES)
def test_jsonl_holds_what_json_holds(case: str) -> None:
    lines = [json.loads(line) for line in render_check("jsonl", CASES[case]()).splitlines()]
    whole = json.loads(render_check("json", CASES[case]()))
    assert [line.pop("type") for line in lines] == [
        *["finding"] * len(whole["findings"]),
        *["notification"] * len(whole["notifications"]),
        "summary",
    ]
    assert lines == [
        *whole["findings"],
        *whole["notifications"],
        {"version": whole["version"], **whole["summary"]},
    ]


def _unescape(text: str, property: bool) -> str:
    """Undo the escapes of workflow commands in the order in which the runner does."""
    for escaped, plain in (
        ("%0D", "\r"),
        ("%0A", "\n"),
        *([("%3A", ":"), ("%2C", ",")] * property),
    ):
        text = text.replace(escaped, plain)
    return text.replace("%25", "%")


@pytest.mark.parametrize("case", CASES)
def test_github_reads_one_command_a_line(case: str) -> None:
    result = CASES[case]()
    levels = {"error": "error", "warning": "warning", "notice": "note"}
    seen = []
    for line in render_check("github", result).splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert match
        command, given, message = match.groups()
        pairs = dict(item.split("=", 1) for item in given.split(","))
        properties = {key: _unescape(value, True) for key, value in pairs.items()}
        if "line" not in properties:
            continue
        assert properties["title"].split()[0].startswith("VL")
        assert ("col" in properties) != ("endLine" in properties)
        seen.append(
            (levels[command], int(properties["line"]), _unescape(message, False).split("\n")[0])
        )
    rank = {"error": 0, "warning": 1, "note": 2}
    assert [rank[level] for level, _, _ in seen] == sorted(rank[level] for level, _, _ in seen)
    assert len(seen) == len(result.findings)
    lines = sorted(item.span.source.position(item.span.start)[0] for item in result.findings)
    assert sorted(line for _, line, _ in seen) == lines


@pytest.mark.parametrize("case", CASES)
def test_gitlab_has_what_code_quality_asks_for(case: str) -> None:
    result = CASES[case]()
    issues = json.loads(render_check("gitlab", result))
    assert len(issues) == len(result.findings)
    for issue in issues:
        assert issue["description"]
        assert issue["check_name"]
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert re.fullmatch("[0-9a-f]{16}", issue["fingerprint"])
        assert not issue["location"]["path"].startswith(("/", "./"))
        assert 1 <= issue["location"]["lines"]["begin"] <= issue["location"]["lines"]["end"]
        assert set(issue["categories"]) <= {"Security", "Bug Risk"}
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


@pytest.mark.parametrize("case", CASES)
def test_junit_is_read_by_a_reader_of_it(case: str) -> None:
    result = CASES[case]()
    report = JUnitXml.fromstring(render_check("junit", result).encode())
    kinds = [
        type(outcome) for suite in report for test in suite for outcome in test.result
    ]  # fmt: skip
    levels = [item.level.value for item in result.findings]
    assert (
        kinds.count(Failure) == report.failures == levels.count("error") + levels.count("warning")
    )
    # No case has a finding that is a notification as well; of those it has, notes are skipped.
    notes = [note.level.value for note in result.notifications]
    skipped = levels.count("note") + notes.count("note")
    assert kinds.count(Skipped) == sum(suite.skipped for suite in report) == skipped
    assert kinds.count(Error) == report.errors == len(notes) - notes.count("note")
    assert report.tests == len(kinds)
    assert sum(suite.tests for suite in report) == report.tests


def test_what_was_not_seen_is_said_once(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "broken/compose.yaml": "services: [\n",
            "part/compose.yaml": "services:\n  a:\n    image: nginx:1.27\n    build: .\n",
        },
    )
    done = volint(tmp_path, "--format", "junit=x.xml", "--format", "github=x.txt")
    assert done.status == 2
    report = JUnitXml.fromfile(str(tmp_path / "x.xml"))
    outcomes = {
        test.name.partition(" ")[0]: [type(outcome) for outcome in test.result]
        for suite in report
        for test in suite
    }
    # A note does not fail a run, and no test of it.
    assert outcomes == {"VL001": [Error], "VL004": [Skipped]}
    assert report.tests == 2
    commands = (tmp_path / "x.txt").read_text().splitlines()
    assert [command.partition(" ")[0] for command in commands] == ["::error", "::notice"]


def test_junit_of_a_clean_run_is_a_test_that_passed() -> None:
    report = JUnitXml.fromstring(render_check("junit", NOTHING).encode())
    (suite,) = report
    (test,) = suite
    assert (report.tests, report.failures, report.errors, test.result) == (1, 0, 0, [])


@pytest.mark.parametrize("case", CASES)
def test_checkstyle_names_each_file_once(case: str) -> None:
    result = CASES[case]()
    files: list[str] = []
    errors = []
    for _, element in ElementTree.iterparse(
        io.BytesIO(render_check("checkstyle", result).encode())
    ):
        if element.tag == "file":
            files.append(element.attrib["name"])
        elif element.tag == "error":
            errors.append(element.attrib)
    assert len(set(files)) == len(files)
    assert len(errors) == len(result.findings)
    assert {error["severity"] for error in errors} <= {"error", "warning", "info"}
    assert all(int(error["line"]) > 0 and int(error["column"]) > 0 for error in errors)


@pytest.mark.parametrize("case", CASES)
def test_markdown_is_a_table_with_a_row_a_finding(case: str) -> None:
    """Read as GitHub reads it: nothing of a message becomes markup, and no cell ends early."""
    result = CASES[case]()
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(render_check("markdown", result))
    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows == (len(result.findings) + 1 if result.findings else 0)
    assert sum(token.type == "td_open" for token in tokens) == 4 * len(result.findings)
    html = [child for token in tokens for child in token.children or () if "html" in child.type]
    assert {child.content for child in html} <= {"<br>"}


def test_markdown_keeps_a_summary_below_githubs_limit() -> None:
    one = CASES["compose"]()
    many = one._replace(findings=one.findings * 5000)
    shown = render_check("markdown", many)
    assert len(shown.encode()) < 1024 * 1024
    assert f"and {5000 * len(one.findings) - 500} more" in shown
    (first, *_) = one.findings
    wordy = one._replace(findings=(first._replace(message="é" * 10_000),) * 400)
    shown = render_check("markdown", wordy)
    assert len(shown.encode()) < 1024 * 1024
    rows = shown.count("| [") + shown.count("| &#91;")
    assert 0 < rows < 400
    assert f"\nand {400 - rows} more.\n" in shown
    unread = one.notifications * 5000
    assert len(render_check("markdown", one._replace(notifications=unread)).encode()) < 1024 * 1024


@pytest.mark.parametrize("format", _NAMES)
def test_no_findings(format: str) -> None:
    shown = render_check(format, NOTHING)
    assert shown == "" or format not in ("grouped", "github")
    assert "VL1" not in shown


# On a terminal


def test_codes_are_links_where_the_terminal_has_them() -> None:
    result = CASES["compose"]()
    for name in ("full", "concise", "grouped"):
        shown = render_check(name, result, Options(links=True))
        assert f"\x1b]8;;{rule_url('VL102')}\x1b\\VL102\x1b]8;;\x1b\\" in shown
        assert re.sub("\x1b]8;;[^\x1b]*\x1b\\\\", "", shown) == render_check(name, result)


def test_rules_of_other_packs_have_no_page_here() -> None:
    assert rule_url("QA1") is None
    assert rule_url("VL9X1") is None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "dumb", "VTE_VERSION": "7200"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4800"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-kitty", "CI": "true"}, False),
        ({"TERM": "screen-256color", "WT_SESSION": "1", "TMUX": "/run/tmux"}, False),
    ],
)
def test_which_terminals_show_links(environment: dict[str, str], expected: bool) -> None:
    assert shows_links(environment) is expected


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("case", CASES)
def test_words_keep_to_the_terminal(case: str, columns: int) -> None:
    """Only a word that is longer than the line may go beyond, and snippets cut their lines themselves."""
    result = CASES[case]()
    shown = render_check("full", result, Options(width=columns))
    for row in shown.split("\n"):
        if not re.match(r" *\d* [|+-]|-->|:::", row) and width(row) > columns:
            assert any(width(word) > columns - 30 for word in row.split(" "))


@given(text(alphabet="ab ー🎉"), integers(1, 30), integers(0, 10))
def test_wrapping_keeps_every_word(words: str, columns: int, first: int) -> None:
    lines = wrap(words, columns, first)
    assert " ".join(lines).split() == words.split()
    for at, line in enumerate(lines):
        assert width(line) <= columns - (0 if at else first) or " " not in line.strip()


def test_wrapping_counts_wide_signs() -> None:
    assert wrap("データ データ x", 9) == ["データ", "データ x"]
    assert wrap("a bb ccc", 4, 1) == ["a", "bb", "ccc"]
    assert wrap("aaaaaaaaaa b", 4) == ["aaaaaaaaaa", "b"]
    assert wrap("", 4) == [""]
