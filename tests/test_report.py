"""The reports, held to golden outputs over hand-made findings and projects.

`VOLINT_UPDATE=1 pytest tests/test_report.py tests/test_sarif.py` writes the outputs anew; read the
difference before it is committed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from unicodedata import combining, east_asian_width

import pytest
from report_cases import CASES, FOLDER, RULES, at, compose, found, projects, result, source

from volint.report import CHECK_FORMATS, MOUNT_FORMATS, Options, render_check, render_mounts
from volint.report.rule_page import LIST_FORMATS, PAGE_FORMATS, render_page, render_rules
from volint.report.summary import render as render_summary
from volint.result import Result, Summary
from volint.rule import Edit, Fix, Level
from volint.source import Kind, Label, Source, Span

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def golden(case: str, name: str, text: str) -> None:
    """Compare a text with tests/fixtures/output/<case>/<name>."""
    file = FOLDER / case / name
    data = text.encode("utf-8")
    if os.environ.get("VOLINT_UPDATE"):
        file.write_bytes(data)
    assert data.decode("utf-8") == file.read_bytes().decode("utf-8")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("format", "name"), [("full", "full.txt"), ("concise", "concise.txt"), ("json", "check.json")]
)
def test_check_format(case: str, format: str, name: str) -> None:
    golden(case, f"expected-{name}", render_check(format, CASES[case]()))


@pytest.mark.parametrize("case", ["compose", "unicode"])
def test_colour_only_adds_escapes(case: str) -> None:
    coloured = render_check("full", CASES[case](), Options(color=True))
    golden(case, "expected-full-colour.txt", coloured)
    assert ANSI.sub("", coloured) == render_check("full", CASES[case]())
    line = render_check("concise", CASES[case](), Options(color=True))
    assert ANSI.sub("", line) == render_check("concise", CASES[case]())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_long_lines_keep_to_the_terminal(width: int) -> None:
    shown = render_check("full", CASES["long-lines"](), Options(width=width))
    rows = [row for row in shown.split("\n") if re.match(r"\d+ \|", row)]
    assert len(rows) == 4
    assert all(len(row) <= width for row in rows)
    assert shown.count("^" * len("/data30")) >= 1


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("format", CHECK_FORMATS)
def test_no_control_characters(case: str, format: str) -> None:
    shown = render_check(format, CASES[case]())
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown
    )


@pytest.mark.parametrize("case", CASES)
def test_carets_stand_below_what_they_mark(case: str) -> None:
    """Recompute each one-line finding's columns from what is printed, one terminal column at a time."""
    for finding in CASES[case]().findings:
        text = finding.span.text()
        if not text.strip() or not text.isprintable() or len(text) > 60 or finding.labels:
            continue
        rows = render_check("full", Result((finding,))).split("\n")
        marked = next(index for index, row in enumerate(rows) if re.fullmatch(r" +\| +\^+", row))
        carets = rows[marked]
        shown = _columns(rows[marked - 1])[carets.index("^") : carets.rindex("^") + 1]
        if "***" not in "".join(shown):
            assert "".join(shown).replace("…", "") in text


def _columns(row: str) -> list[str]:
    """Return what stands in each column of a row."""
    columns: list[str] = []
    previous = ""
    for char in row:
        if combining(char) or char == "\u200d" or previous == "\u200d":
            columns[-1] += char
        else:
            columns += [char] + [""] * (east_asian_width(char) in "WF")
        previous = char
    return columns


@pytest.mark.parametrize("format", CHECK_FORMATS)
def test_secrets_are_never_printed(format: str) -> None:
    assert "hunter" not in render_check(format, CASES["secrets"]())
    assert "hunter" not in render_check(format, CASES["secrets"](), Options(color=True))


@pytest.mark.parametrize("format", MOUNT_FORMATS)
def test_mounts_print_no_secret(format: str) -> None:
    shown = render_mounts(format, projects(), Options(cwd=str(FOLDER / "mounts")))
    assert "hunter" not in shown
    assert "hello" not in shown


def test_a_fix_that_writes_a_secret_is_left_out() -> None:
    shown = json.loads(render_check("json", CASES["secrets"]()))
    assert [finding["fix"] for finding in shown["findings"]] == [None] * 6


def test_mounts_formats() -> None:
    options = Options(cwd=str(FOLDER / "mounts"))
    golden("mounts", "expected-table.txt", render_mounts("table", projects(), options))
    golden("mounts", "expected-mounts.json", render_mounts("json", projects(), options))
    coloured = render_mounts("table", projects(), options._replace(color=True))
    assert ANSI.sub("", coloured) == render_mounts("table", projects(), options)
    assert render_mounts("table", ()) == ""
    assert json.loads(render_mounts("json", ())) == {"version": 1, "projects": []}


def test_json_keys_are_those_of_version_1() -> None:
    shown = json.loads(render_check("json", compose()))
    assert list(shown) == ["version", "findings", "notifications", "summary"]
    finding = shown["findings"][0]
    place = ["file", "line", "column", "end_line", "end_column"]
    assert list(finding) == [
        *("code", "name", "level", "confidence", "persona", "message", "help"),
        *place,
        *("labels", "projects", "fix", "fingerprint"),
    ]
    assert list(finding["labels"][0]) == ["message", *place]
    assert list(finding["fix"]) == ["title", "safe", "edits"]
    assert list(finding["fix"]["edits"][0]) == ["file", "start", "end", "replacement"]
    assert list(shown["notifications"][0]) == ["code", "level", "message", "file"]
    assert list(shown["summary"]) == [
        *("files", "projects", "findings", "ignored", "baselined", "hidden"),
    ]


def test_nothing_found() -> None:
    nothing = Result(summary=Summary(files=3, projects=1))
    assert render_check("full", nothing) == ""
    assert render_check("concise", nothing) == ""
    assert json.loads(render_check("json", nothing))["findings"] == []
    assert render_summary(nothing, Options()) == "no findings in 3 files, 1 project"


def test_summary_counts_what_is_not_shown() -> None:
    golden("compose", "expected-summary.txt", render_summary(compose(), Options()))


def test_labels_of_one_line_do_not_cover_each_other() -> None:
    file = Source("x", "aa bb cc dd\n")
    finding = found(
        at(file, "bb"),
        "m",
        Label(at(file, "aa"), "first"),
        Label(at(file, "cc"), "third"),
        Label(Span(file, 0, 5), "both"),
    )
    rows = render_check("full", Result((finding,))).split("\n")[3:-1]
    assert rows == [
        "1 | aa bb cc dd",
        "  | ---^^ -- third",
        "  | |",
        "  | first",
        "  | both",
        "",
    ]


def test_a_very_long_line_is_shown_in_time() -> None:
    file = Source("x", "a" * 2_000_000 + " here " + "PASSWORD=b " * 100_000)
    shown = render_check("full", Result((found(at(file, "here"), "m"),)))
    assert "^^^^" in shown
    assert len(shown) < 500


@pytest.mark.parametrize("format", PAGE_FORMATS)
def test_rule_page(format: str) -> None:
    suffix = {"text": "txt", "markdown": "md", "json": "json"}[format]
    golden("rules", f"expected-page.{suffix}", render_page(RULES[0], format, Options()))


@pytest.mark.parametrize("format", LIST_FORMATS)
def test_rule_list(format: str) -> None:
    suffix = {"text": "txt", "markdown": "md", "json": "json"}[format]
    golden("rules", f"expected-list.{suffix}", render_rules(RULES, format, Options()))


def test_text_and_json_import_nothing_heavy() -> None:
    program = (
        "import sys; from volint.report import *; from volint.result import Result;"
        "[render_check(name, Result()) for name in ('full', 'concise', 'json')];"
        "[render_mounts(name, ()) for name in ('table', 'json')];"
        "print([name for name in ('sarif_om', 'attr', 'dataclasses', 'inspect', 'pathlib', 'urllib',"
        " 'bashlex', 'subprocess', 'hashlib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "[]\n"


def test_same_input_same_bytes() -> None:
    for name in CHECK_FORMATS:
        assert render_check(name, compose()) == render_check(name, compose())


def test_levels_and_widths_of_the_gutter() -> None:
    file = Source("x", "\n" * 99 + "abc\n", Kind.OTHER)
    finding = found(at(file, "abc"), "m", Label(Span(file, 8, 8), "l"), level=Level.NOTE)
    assert render_check("full", result("compose", finding)).split("\n") == [
        "note[VL102]: m",
        "   --> x:100:1",
        "    |",
        "  9 |",
        "    | - l",
        "...",
        "100 | abc",
        "    | ^^^",
        "",
        "",
    ]


def test_fixture_files_are_read_as_they_are() -> None:
    assert "\r\n" in source("crlf/compose.yaml").text


def test_a_fix_behind_a_last_line_without_a_break() -> None:
    file = Source("compose.yaml", "volumes:\n  db:", Kind.COMPOSE)
    end = len(file.text)
    fix = Fix("declare 'conf'", (Edit(Span(file, end, end), "\n  conf:"),))
    shown = render_check("full", Result((found(Span(file, 0, 7), "'conf' is missing", fix=fix),)))
    assert "3 +   conf:" in shown
