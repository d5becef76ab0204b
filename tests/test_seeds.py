"""Five teaching documents about volumes, turned into projects: what they recommend, warn of and get wrong.

tests/fixtures/seeds/README.md says which project stands for which passage; `table.txt` beside it says what must be
found in each, and where. `VOLINT_UPDATE=1 python -m pytest tests/test_seeds.py` writes every project's `expected.txt`
anew, but never the table: a regression that slips through the review of the outputs fails there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from realcommand import Run, volint

SEEDS = Path(__file__).parent / "fixtures" / "seeds"
EXPECTED = "expected.txt"
LARGE = {"summary/large-files-in-image": ("models/encoder.onnx", 2 << 30)}
"""Files that are grown, as holes, to the size that the text speaks of."""
COMMITTED = frozenset(("lesson/api-keys-committed",))
"""Projects in which it matters what git takes."""


class Row(NamedTuple):
    """What the table says about one project."""

    project: str
    verdict: str
    regular: Counter[str]
    pedantic: Counter[str]
    runs: tuple[tuple[str, str], ...]


def table() -> dict[str, Row]:
    """Return the table's rows by project.

    A row is a verdict, a project and, indented below it, one line for each finding, 'CODE FILE:LINE' with an optional
    'pedantic', and one for each set of files, 'runs ENVIRONMENT FILE + FILE ...'.
    """
    rows: dict[str, Row] = {}
    for number, line in enumerate((SEEDS / "table.txt").read_text("utf-8").splitlines(), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if not line.startswith(" "):
            verdict, project = words
            assert verdict in ("PASS", "WARNED", "WRONG", "BLIND"), number
            assert project not in rows, number
            rows[project] = row = Row(project, verdict, Counter(), Counter(), ())
        elif words[0] == "runs":
            row = row._replace(runs=(*row.runs, (" ".join(words[2:]), words[1])))
            rows[project] = row
        else:
            assert re.fullmatch(r"VL\d{3} \S+:\d+( pedantic)?", " ".join(words)), number
            (row.pedantic if words[2:] else row.regular)[" ".join(words[:2])] += 1
    return rows


TABLE = table()


def shown(command: str, run: Run) -> str:
    """Return a run as a terminal would show it."""
    return f"$ volint {command}\n{run.out}{run.err}exit status {run.status}\n"


@pytest.fixture
def checkout(project: str, tmp_path: Path) -> Path:
    """Return a copy of a project that is a repository of its own."""
    root = tmp_path / project.rpartition("/")[2]
    shutil.copytree(SEEDS / project, root, ignore=shutil.ignore_patterns(EXPECTED))
    if project in COMMITTED:
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    if project in LARGE:
        name, size = LARGE[project]
        os.truncate(root / name, size)
    return root


@pytest.mark.parametrize("project", TABLE)
def test_project(project: str, checkout: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    regular = volint(checkout, "check", ".", "--persona", "regular")
    pedantic = volint(
        checkout, "check", ".", "--persona", "pedantic",
        "--format", "concise", "--format", f"json={report}",
    )  # fmt: skip
    mounts = volint(checkout, "mounts", ".")
    outputs = [shown("check . --persona regular", regular)]
    findings = json.loads(report.read_text("utf-8"))["findings"]
    if any(finding["persona"] != "regular" for finding in findings):
        outputs.append(shown("check . --persona pedantic --format concise", pedantic))
    outputs.append(shown("mounts .", mounts))
    text = "\n".join(outputs)
    expected = SEEDS / project / EXPECTED
    if os.environ.get("VOLINT_UPDATE"):
        expected.write_text(text, encoding="utf-8")

    row = TABLE[project]
    assert places(findings, "regular") == row.regular
    assert row.pedantic <= places(findings, "pedantic")
    assert bool(row.regular or row.pedantic) or row.verdict in ("PASS", "BLIND")
    assert not row.regular or row.verdict in ("WARNED", "WRONG")
    sets = dict(environments(mounts.out))
    assert [(files, sets.get(files)) for files, _ in row.runs] == list(row.runs)
    assert text == expected.read_text("utf-8")


def environments(out: str) -> list[tuple[str, str]]:
    """Return 'FILE + FILE ...' and the environment of each project that `volint mounts` shows."""
    shown = re.findall(r"^\S.*, environment (\w+).*\n  files: ([^(\n]+)", out, re.MULTILINE)
    return [(files.strip().replace(", ", " + "), environment) for environment, files in shown]


def places(findings: list[dict[str, Any]], persona: str) -> Counter[str]:
    """Return 'CODE FILE:LINE' of a persona's findings."""
    return Counter(
        f"{found['code']} {found['file']}:{found['line']}"
        for found in findings
        if found["persona"] == persona
    )


def test_table_and_readme_name_every_project() -> None:
    there = {str(file.parent.relative_to(SEEDS)) for file in SEEDS.glob(f"*/*/{EXPECTED}")}
    folders = {str(path.relative_to(SEEDS)) for path in SEEDS.glob("*/*") if path.is_dir()}
    assert there == folders == set(TABLE)
    readme = (SEEDS / "README.md").read_text("utf-8")
    named = re.findall(r"\[`([a-z]+/[a-z0-9-]+)`\]\(\1/\)", readme)
    assert set(named) == folders
