"""The pages of docs/: what their examples print, what their commands do, and where their links lead.

A fenced block whose first line is a comment with a file's name, `# compose.yaml`, is that file; each heading of
the second level begins with an empty folder called shop. A `console` block holds commands after `$ `, each with
what it prints. `VOLINT_UPDATE=1 python -m pytest tests/test_pages.py` writes the outputs anew.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from realcommand import environment
from ruamel.yaml import YAML

from volint.cli import cli

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PIECE = re.compile(
    r"^## (?P<heading>[^\n]+)$|^(?P<fence>`{3,})(?P<language>\w*)\n(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
NAMED = re.compile(r"# (?P<name>[\w./-]*[./][\w./-]*|Dockerfile)\n")
PAGES = [
    path
    for path in sorted(DOCS.glob("*.md"))
    if "```console" in path.read_text(encoding="utf-8") and path.name != "writing-rules.md"
]
"""Pages with commands; writing-rules.md builds a distribution on its way, and has a test of its own."""


UNRUN = {
    "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/volint tests/fixtures/projects/shop": "sets a new environment up: .ci/run does the same",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/python -m pytest": "runs the tests themselves: .ci/run does",
    "pip install volint": "asks the package index",
    "pip install 'volint[lsp]'": "asks the package index",
    "docker build --file docs/docker/Dockerfile --tag volint .": "needs an engine; test_ci_files.py checks the Dockerfile",
    'docker run --rm -v "$PWD:/src:ro" volint --persona pedantic': "needs an engine",
    'docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/src" volint --fix': "needs an engine",
    "volint mounts --format dot | dot -Tpng -o storage.png": "needs Graphviz; test_pictures.py reads what is piped",
}
"""Command lines that no test of the pages runs, and why."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a volint to be found in PATH."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "volint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m volint "$@"\n')
    (folder / "volint").chmod(0o755)
    return folder


def shell(line: str, folder: Path, programs: Path) -> str:
    """Return what a command prints, on both streams."""
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"))
    }
    env = environment({"COLUMNS": "120", **identity})
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env={**env, "PATH": f"{programs}{os.pathsep}{env['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stdout, done.stdout
    assert "not found" not in done.stdout, done.stdout
    return done.stdout


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of a `console` block, each with what stands below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        line, _, said = part.partition("\n")
        yield line, f"{said.strip()}\n" if said.strip() else ""


def fresh(text: str, folder: Path, programs: Path) -> str:
    """Return a page with what its commands print now."""
    out = []
    at = 0
    project = folder / "shop"
    project.mkdir()
    for match in PIECE.finditer(text):
        body = match["body"]
        if match["heading"]:
            shutil.rmtree(project)
            project.mkdir()
        elif match["language"] == "console":
            out.append(text[at : match.start("body")])
            printed = [
                f"$ {line}\n{said if line in UNRUN else shell(line, project, programs)}"
                for line, said in commands(body)
            ]
            out.append("\n".join(printed))
            at = match.end("body")
        elif named := NAMED.match(body):
            path = project / named["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
    return "".join((*out, text[at:]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_says(page: Path, tmp_path: Path, programs: Path) -> None:
    text = page.read_text(encoding="utf-8")
    made = fresh(text, tmp_path, programs)
    if os.environ.get("VOLINT_UPDATE"):
        page.write_text(made, encoding="utf-8")
    else:
        assert text == made, "run VOLINT_UPDATE=1 python -m pytest tests/test_pages.py"


TEXTS = [
    path
    for path in sorted(
        (*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "benchmarks").glob("*.md"))
    )
    if "node_modules" not in path.parts
]
HOME = "https://github.com/volint/volint/"


def slug(title: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def parsed(path: Path) -> tuple[set[str], list[str]]:
    """Return the anchors of a page, and the targets of its links and images."""
    anchors: set[str] = set()
    targets: list[str] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    for before, token in pairwise(tokens):
        inline = token.children or []
        if before.type == "heading_open":
            title = "".join(part.content for part in inline)
            anchors.add(slug(title))
        for part in inline:
            target = part.attrs.get("href") or part.attrs.get("src")
            if target:
                targets.append(str(target))
    return anchors, targets


def broken(path: Path, target: str) -> bool:
    """Return whether a link leads to no file of the repository, or to no heading of it."""
    place, _, anchor = target.partition("#")
    if place.startswith(HOME):
        _, _, inside = place.removeprefix(HOME).partition("/main/")
        if not inside:
            return False
        file = ROOT / inside
    elif re.match(r"[a-z]+:", place):
        return False
    else:
        file = path.parent / place if place else path
    if not file.exists():
        return True
    return bool(anchor) and file.suffix == ".md" and anchor not in parsed(file)[0]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    assert [target for target in parsed(path)[1] if broken(path, target)] == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One, two!\n\n[a](#one-two) [b](#three) [c](page.md#one-two) ![d](d.svg)\n")
    assert [target for target in parsed(page)[1] if broken(page, target)] == ["#three", "d.svg"]


def test_every_page_is_reached_from_the_first() -> None:
    reached: set[Path] = set()
    left = [DOCS / "index.md"]
    while left:
        page = left.pop()
        if page in reached:
            continue
        reached.add(page)
        places = [target.partition("#")[0] for target in parsed(page)[1]]
        left += [
            (page.parent / place).resolve()
            for place in places
            if place.endswith(".md") and not re.match(r"[a-z]+:", place)
        ]
    assert {path for path in DOCS.rglob("*.md") if "examples" not in path.parts} - reached == set()


def nav(entries: list[Any]) -> Iterator[str]:
    """Yield the pages of a part of mkdocs' navigation."""
    for entry in entries:
        for value in entry.values() if isinstance(entry, dict) else (entry,):
            if isinstance(value, list):
                yield from nav(value)
            else:
                yield value


def site() -> Any:
    return YAML(typ="safe").load((ROOT / ".ci" / "mkdocs.yml").read_text(encoding="utf-8"))


def test_the_sites_navigation_has_every_page() -> None:
    # docs/site.py adds the rules.
    pages = {path.name for path in DOCS.glob("*.md")} | {"rules/index.md"}
    assert set(nav(site()["nav"])) == pages


def test_the_sites_navigation_has_every_rule() -> None:
    spec = importlib.util.spec_from_file_location("site_hooks", DOCS / "site.py")
    assert spec is not None
    assert spec.loader is not None
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    config = SimpleNamespace(nav=site()["nav"])
    hooks.on_config(config)
    rules = {page for page in nav(config.nav) if page.startswith("rules/")}
    assert rules == {f"rules/{path.name}" for path in (DOCS / "rules").iterdir()}


@pytest.mark.skipif(importlib.util.find_spec("material") is None, reason="needs volint[docs]")
def test_the_site_builds_and_asks_nobody_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "-f",
            ".ci/mkdocs.yml",
            "--site-dir",
            str(tmp_path),
        ],
        cwd=ROOT,
        env=environment({"NO_MKDOCS_2_WARNING": "1"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "rules" / "VL103.html").is_file()
    asked = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//""")
    for path in tmp_path.rglob("*.html"):
        assert not asked.search(path.read_text(encoding="utf-8")), path


def shell_lines() -> Iterator[tuple[Path, str]]:
    """Yield the lines of `sh` blocks, each with its page; those of the README that test_readme.py runs left out."""
    for path in TEXTS:
        if path.parent.name == "rules":
            continue
        for match in PIECE.finditer(path.read_text(encoding="utf-8")):
            body = match["body"] or ""
            if match["language"] == "console":
                yield from ((path, line) for line, _ in commands(body) if line in UNRUN)
            if match["language"] not in ("sh", "bash", "shell") or NAMED.match(body):
                continue
            for line in body.splitlines():
                if not (path == ROOT / "README.md" and line.startswith("volint")):
                    yield path, re.sub(r" +# .*", "", line)


LINES = [(path, line) for path, line in shell_lines() if line not in UNRUN]


@pytest.mark.parametrize(("path", "line"), LINES, ids=[line for _, line in LINES])
def test_a_line_that_shows_no_output_works(
    path: Path, line: str, tmp_path: Path, programs: Path
) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: nginx:1.27\n")
    said = shell(f"GITHUB_STEP_SUMMARY=summary.md; set -e; {line}; echo done", tmp_path, programs)
    assert said.endswith("done\n"), said


def spoken_of() -> Iterator[tuple[Path, str]]:
    """Yield the command lines of volint that stand within sentences."""
    for path in TEXTS:
        for token in MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8")):
            for part in token.children or []:
                if part.type == "code_inline" and re.match(r"volint [-a-z.]", part.content):
                    yield path, part.content


SPOKEN_OF = sorted({line for _, line in spoken_of()})


@pytest.mark.parametrize("line", SPOKEN_OF)
def test_a_command_in_a_sentence_is_one(line: str) -> None:
    words = shlex.split(line)[1:]
    verb = words.pop(0) if words[0] in cli.commands else "check"
    if words not in ([], ["--help"], ["--version"]):
        # Raises for an option that there is not, and for a wrong number of words.
        assert cli.commands[verb].make_context(verb, words).params is not None


def test_no_reason_is_given_for_nothing() -> None:
    assert set(UNRUN) - {line for _, line in shell_lines()} == set()
