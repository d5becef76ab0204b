"""Every rule: its page's examples, its fixtures with carets, and what its class promises."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from volint.plugins import load_packs, table
from volint.rule import Rule, RuleEntry
from volint.testing import check_files, examples, mismatches, read_fixture

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures" / "rules"
ENTRIES: list[RuleEntry] = [entry for entry, _ in table(load_packs()).values()]
CLASSES: dict[str, type[Rule]] = {entry.code: entry.load() for entry in ENTRIES}
HEADINGS = ("## What it does", "## Why is this bad?")


def cases() -> list[tuple[str, str]]:
    if not FIXTURES.is_dir():
        return []
    return [
        (folder.name, case.name)
        for folder in sorted(FIXTURES.iterdir())
        for case in sorted(folder.iterdir())
    ]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_table_tells_the_truth(entry: RuleEntry) -> None:
    rule = CLASSES[entry.code]
    assert (rule.code, rule.name, rule.level, rule.needs, rule.enabled) == (
        entry.code,
        entry.name,
        entry.level,
        entry.needs,
        entry.enabled,
    )


def test_table_is_in_code_order() -> None:
    codes = [entry.code for entry in ENTRIES]
    assert codes == sorted(codes)


@pytest.mark.parametrize("code", CLASSES, ids=str)
def test_page_has_its_parts(code: str) -> None:
    page = CLASSES[code].__doc__ or ""
    first = page.splitlines()[0]
    assert first.endswith(".")
    for heading in HEADINGS:
        assert heading in page
    for option in CLASSES[code].options:
        assert f"`{option.name}`" in page
    if code != "VL000":
        assert any(example.bad for example in examples(CLASSES[code]))
        assert any(not example.bad for example in examples(CLASSES[code]))


EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{number}-{'bad' if example.bad else 'good'}")
    for code, rule in CLASSES.items()
    for number, example in enumerate(examples(rule))
]


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_example(code: str, example) -> None:  # type: ignore[no-untyped-def]
    select = () if code in ("VL002", "VL003") else (code,)
    found = [f for f in check_files(example.files, select=select) if f.code == code]
    assert bool(found) == example.bad, found


@pytest.mark.parametrize(("code", "case"), cases())
def test_fixture(code: str, case: str) -> None:
    files, expected = read_fixture(str(FIXTURES / code / case))
    select = () if code in ("VL002", "VL003") else (code,)
    found = check_files(files, select=select)
    assert mismatches(expected, found, [code]) == []
    for finding in found:
        # One sentence that stands alone; the help goes on as one that is spoken.
        assert not finding.message[:1].islower(), finding.message
        for text in (finding.message, finding.help):
            assert not text.endswith((".", " ", ":")), text


def test_every_rule_has_fixtures() -> None:
    have = {code for code, _ in cases()}
    assert sorted(set(CLASSES) - have - {"VL000"}) == []


def test_rules_import_the_api_alone() -> None:
    root = HERE.parent / "rules"
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                inside = name.split(".")[0] in ("volint", "volint_rules")
                assert not inside or name in ("volint.api",) or name.startswith("volint_rules"), (
                    f"{os.path.relpath(path, root)} imports {name}"
                )
