"""Each place that commands and containers are written in, by its smallest example: what the command prints.

A folder of tests/fixtures/shapes/ is a small repository. `VOLINT_UPDATE=1 python -m pytest tests/test_shapes.py`
writes `expected-check.txt` and `expected-mounts.json` of every one anew; read the difference in review.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from volint.cli import cli

CASES = Path(__file__).parent / "fixtures" / "shapes"
GOLDEN = "expected-*"


def printed(*arguments: str) -> str:
    """Return what the command writes to stdout."""
    done = CliRunner().invoke(cli, arguments, env={"HOME": "/nobody"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.stdout


def shape(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy a case and go there."""
    root = tmp_path / case
    shutil.copytree(CASES / case, root, ignore=shutil.ignore_patterns(GOLDEN))
    monkeypatch.chdir(root)
    return root


def golden(case: str, name: str, text: str) -> None:
    """Compare a text with what is expected of a case."""
    file = CASES / case / name
    if os.environ.get("VOLINT_UPDATE"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def marked(root: Path, place: dict[str, Any]) -> str:
    """Return the text at a place of the output."""
    lines = (root / place["file"]).read_text(encoding="utf-8").split("\n")
    first, last = place["line"] - 1, place["end_line"] - 1
    if first == last:
        return lines[first][place["column"] - 1 : place["end_column"] - 1]
    return "\n".join(
        (
            lines[first][place["column"] - 1 :],
            *lines[first + 1 : last],
            lines[last][: place["end_column"] - 1],
        )
    )


NAMES = sorted(path.name for path in CASES.iterdir())


@pytest.mark.parametrize("case", NAMES)
def test_check(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shape(case, tmp_path, monkeypatch)
    golden(case, "expected-check.txt", printed("check", "--persona", "auditor", "--no-config"))


@pytest.mark.parametrize("case", NAMES)
def test_mounts(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shape(case, tmp_path, monkeypatch)
    text = printed("mounts", "--format", "json").replace(str(root), "/here")
    golden(case, "expected-mounts.json", text)
    for project in json.loads(text)["projects"]:
        for container in project["containers"]:
            for mount in container["mounts"]:
                # What is mounted stands where the output says, as far as it is written in one piece.
                where = marked(root, mount)
                written = where.replace("\\\n", "").replace("%%", "%")
                target = mount["target"]
                assert target in written or "$" in written or "{" in written, (where, target)
