"""docs/rules/: a page for each rule, as `volint rule CODE --format markdown` prints it, and their list.

`VOLINT_UPDATE=1 python -m pytest tests/test_rule_pages.py` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from realcommand import volint

from volint.catalogue import rule_page
from volint.page import Code, Heading, Prose, pieces, read_page
from volint.plugins import load_packs, table
from volint.report.common import rule_url
from volint.report.terminal import width

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "rules"
GROUPS = {
    "VL0": "About the run itself",
    "VL1": "State that would be lost",
    "VL2": "The host",
    "VL3": "Secrets",
    "VL4": "Images and build contexts",
    "VL5": "Memory",
    "VL6": "Mounts that do not work as written",
    "VL7": "Commands and backups",
}
HEAD = """\
# Rules

`volint rule VL103` prints a rule's page in the terminal, by code or by name; `volint rules` lists them all. What a rule's
persona, level and confidence mean, and how to change them, is in [Configuration](../configuration.md).

"""
RULES = [entry.load() for entry, _ in table(load_packs()).values()]
CODES = [rule.code for rule in RULES]


def index() -> str:
    parts = [HEAD]
    for prefix, title in GROUPS.items():
        parts.append(f"## {prefix}: {title}\n\n| code | name | level | what |\n|---|---|---|---|\n")
        for rule in RULES:
            if rule.code.startswith(prefix):
                level = rule.level.value
                if rule.persona.value != "regular":
                    level += f", {rule.persona.value}"
                if not rule.enabled:
                    level += ", off by default"
                parts.append(
                    f"| [{rule.code}]({rule.code}.md) | {rule.name} | {level} | {read_page(rule).summary}. |\n"
                )
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def pages() -> dict[str, str]:
    made = {"index.md": index()}
    for code in CODES:
        [(_, text)] = rule_page(code, "markdown").outputs
        made[f"{code}.md"] = text
    return made


def test_the_pages_are_fresh() -> None:
    made = pages()
    if os.environ.get("VOLINT_UPDATE"):
        FOLDER.mkdir(exist_ok=True)
        for path in FOLDER.iterdir():
            if path.name not in made:
                path.unlink()
        for name, text in made.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert there == made, "run VOLINT_UPDATE=1 python -m pytest tests/test_rule_pages.py"


def test_every_rule_is_in_a_group() -> None:
    assert {code[:3] for code in CODES} == set(GROUPS)


def test_the_links_that_are_printed_lead_to_the_pages() -> None:
    for code in CODES:
        url = rule_url(code)
        assert url is not None
        assert (ROOT / url.partition("/blob/main/")[2]).is_file(), url


def test_the_command_prints_what_the_page_holds() -> None:
    done = volint(ROOT, "rule", "VL103", "--format", "markdown")
    assert done.out == (FOLDER / "VL103.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_prose_keeps_to_the_terminals_width(columns: int) -> None:
    for code in CODES:
        [(_, text)] = rule_page(code, "text", shown={"width": columns}).outputs
        for line in text.splitlines():
            # Examples stay as they are, to be copied; so does a word that no line can hold.
            if not line.startswith("    ") and " " in line.strip("- "):
                assert width(line) <= columns or len(line.split()) <= 2 or "level:" in line, line


def test_the_width_changes_line_breaks_only() -> None:
    for code in CODES:
        [(_, piped)] = rule_page(code, "text").outputs
        [(_, narrow)] = rule_page(code, "text", shown={"width": 60}).outputs
        assert narrow.split() == piped.split()


def test_pieces() -> None:
    body = (
        "## Title\nOne\nline.\n- a\n- b\n  more\n\n```compose bad app.yaml\nx: 1\n\n# no heading\n```\n"
        "```env bad and\nA=1\n```\n```shell good\nls\n```\n```yaml\ny: 2\n```\n\nEnd.\n"
    )
    assert list(pieces(body)) == [
        Heading("Title", "##"),
        Prose(("One", "line."), False, True),
        Prose(("- a",), True, True),
        Prose(("- b", "  more"), True, False),
        Code("compose", "bad", "app.yaml", False, ("x: 1", "", "# no heading")),
        Code("env", "bad", "app.env", True, ("A=1",)),
        Code("shell", "good", "", False, ("ls",)),
        Code("yaml", "", "", False, ("y: 2",)),
        Prose(("End.",), False, True),
    ]
