"""docs/writing-rules.md: its files are real, its commands say what it shows, its pack builds, installs and passes.

`VOLINT_UPDATE=1 python -m pytest tests/test_writing_rules.py` writes files and outputs into it anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from realcommand import environment, volint

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "writing-rules.md"
EXAMPLES = DOCS / "examples"
FILE = re.compile(r"(<!-- file: (\S+) -->\n(`{3,})\w+\n)(.*?)(\3\n)", re.DOTALL)
RUN = re.compile(r"(<!-- run -->\n```console\n)(.*?)(```\n)", re.DOTALL)
BLOCK = re.compile(r"^(`{3,})(\w+)\n.*?^\1$", re.MULTILINE | re.DOTALL)


def pip(*words: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, so that building leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("pack") / "volint-example"
    shutil.copytree(
        EXAMPLES / "volint-example", copy, ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    return copy


@pytest.fixture(scope="module")
def site(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that the pack's wheel is installed in."""
    folder = tmp_path_factory.mktemp("site")
    pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", "dist", ".", cwd=pack)
    [wheel] = (pack / "dist").glob("volint_example-1.0-*.whl")
    pip("install", "--quiet", "--no-deps", "--target", str(folder), str(wheel), cwd=pack)
    return folder


def outputs(commands: str, folder: Path, site: Path) -> str:
    """Return a block of commands with what they print now."""
    shown = []
    for line in commands.splitlines():
        if line.startswith("$ "):
            program, *words = line[2:].split()
            assert program == "volint"
            done = volint(folder, *words, env={"PYTHONPATH": str(site), "COLUMNS": "120"})
            shown.append(f"{line}\n{done.out}{done.err}")
    return "\n".join(shown)


def fresh(text: str, folder: Path, site: Path) -> str:
    """Return the page with files as they are and outputs as commands print them, in its order."""
    out = []
    at = 0
    for match in sorted(
        (*FILE.finditer(text), *RUN.finditer(text)), key=lambda match: match.start()
    ):
        out.append(text[at : match.start()])
        at = match.end()
        if match.re is FILE:
            head, name, _, _, end = match.groups()
            body = (EXAMPLES / name).read_text(encoding="utf-8")
            if "/" not in name:
                (folder / name).write_text(body, encoding="utf-8")
        else:
            head, commands, end = match.groups()
            body = outputs(commands, folder, site)
        out.append(head + body + end)
    return "".join((*out, text[at:]))


def test_the_page_is_fresh(tmp_path: Path, site: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    made = fresh(text, tmp_path, site)
    if os.environ.get("VOLINT_UPDATE"):
        PAGE.write_text(made, encoding="utf-8")
    else:
        assert text == made, "run VOLINT_UPDATE=1 python -m pytest tests/test_writing_rules.py"


def test_every_block_is_a_file_or_a_run() -> None:
    text = PAGE.read_text(encoding="utf-8")
    marked = len(FILE.findall(text)) + len(RUN.findall(text))
    assert marked == len(BLOCK.findall(text))
    assert text.count("<!-- ") == marked


def test_the_packs_own_tests_pass(pack: Path, site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=pack,
        env=environment({"PYTHONPATH": str(site)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


def test_the_packs_tests_can_fail(pack: Path, site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(pack, copy)
    fixture = copy / "tests" / "fixtures" / "EX002" / "compose.yaml"
    fixture.write_text(fixture.read_text().replace("EX002 warning", "EX002 error"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=copy,
        env=environment({"PYTHONPATH": str(site)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 5 passed" in done.stdout
    assert "EX002 is not 'error'" in done.stdout
