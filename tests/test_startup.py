"""What a short run does not do: import what it does not need, read a text twice, start a process.

benchmarks/speed.py measures what that comes to.
"""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from volint.parse.yaml import parse
from volint.source import Source

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = """\
services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
    volumes:
      - ./html:/usr/share/nginx/html:ro
      - logs:/var/log/nginx
    environment:
      LEVEL: ${LEVEL:-info}
volumes:
  logs:
"""
RUN = """
import click, sys
before = set(sys.modules)
from volint.cli import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write("\\n".join(sorted(set(sys.modules) - before)))
"""
NEVER = {
    *("ast", "attr", "bashlex", "csv", "dataclasses", "difflib", "email", "hashlib", "http"),
    *("importlib.metadata", "json", "logging", "pathlib", "pathspec", "pickle", "random", "ruamel"),
    *("sarif_om", "shutil", "subprocess", "tempfile", "urllib", "zipfile"),
}
"""Modules that a run over one small Compose file does without, unless click has them."""


def imported(cwd: Path, *arguments: str) -> set[str]:
    """Return the modules that a run imports beside click and what click imports."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return set(done.stderr.splitlines())


def test_the_version_is_said_by_one_module(tmp_path: Path) -> None:
    own = {name for name in imported(tmp_path, "--version") if name.startswith("volint")}
    assert own == {"volint", "volint.cli", "volint.clioptions", "volint.streams"}


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["mounts", "--help"]])
def test_help_reads_nothing(tmp_path: Path, arguments: list[str]) -> None:
    loaded = imported(tmp_path, *arguments)
    own = {name for name in loaded if name.startswith("volint")}
    assert own <= {"volint", "volint.cli", "volint.clioptions", "volint.streams"}
    # click wraps text and looks at the terminal.
    assert loaded & NEVER <= {"shutil"}


def test_a_small_compose_file_needs_little(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    loaded = imported(tmp_path, "compose.yaml")
    assert "volint.assemble.compose.load" in loaded
    assert loaded & NEVER == set()
    own = {name for name in loaded if name.startswith("volint")}
    assert (
        own
        & {
            "volint.assemble.build",
            "volint.assemble.embedded",
            "volint.ahead",
            "volint.baseline",
            "volint.config.file",
            "volint.git",
            "volint.parse.dockerfile",
            "volint.parse.shell",
            "volint.parse.yaml_libyaml",
            "volint.report.sarif",
            "volint.suppress",
        }
        == set()
    )


@pytest.mark.parametrize("path", ["compose.yaml", "."])
def test_git_is_asked_once_and_only_about_folders(tmp_path: Path, path: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "compose.yaml").write_text(COMPOSE)
    subprocess.run(("git", "init", "-q"), cwd=work, check=True)
    # Stands before git and counts.
    asked = tmp_path / "asked"
    stub = tmp_path / "bin" / "git"
    stub.parent.mkdir()
    found = subprocess.run(("sh", "-c", "command -v git"), capture_output=True, text=True)
    stub.write_text(f'#!/bin/sh\necho x >> {asked}\nexec {found.stdout.strip()} "$@"\n')
    stub.chmod(stub.stat().st_mode | stat.S_IXUSR)
    code = f"import os; os.environ['PATH'] = {str(stub.parent)!r} + os.pathsep + os.environ['PATH']"
    subprocess.run(
        [sys.executable, "-c", f"{code}\nfrom volint.cli import main\nmain([{path!r}])"],
        cwd=work,
        capture_output=True,
        check=False,
    )
    times = len(asked.read_text().splitlines()) if asked.exists() else 0
    assert times == (1 if path == "." else 0)


def test_a_text_is_read_once() -> None:
    source = Source("compose.yaml", COMPOSE)
    first, second = parse(source), parse(source)
    assert first == second
    assert first[0][0] is second[0][0]


@pytest.mark.parametrize("folder", ["volint", "rules"])
def test_modules_define_things_cheaply(folder: str) -> None:
    """Named tuples come from `volint.record`, expressions of modules from `volint.lazy`."""
    strange = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text()
        name = str(path.relative_to(ROOT))
        typed = re.search(r"^from typing import .*\bNamedTuple\b", text, re.MULTILINE)
        compiled = re.search(
            r"^_?[A-Z][A-Z_0-9]*(?:: [^=\n]+)? = re\.compile\(", text, re.MULTILINE
        )
        # A rule has no more than volint.api; the reader of events is imported when it is used.
        if typed and folder == "volint":
            strange.append(f"{name}: take NamedTuple from volint.record")
        if compiled and name != "volint/parse/yaml_libyaml.py":
            place = "volint.lazy" if folder == "volint" else "volint.api"
            strange.append(f"{name}: take regex from {place} instead of re.compile")
    assert strange == []
