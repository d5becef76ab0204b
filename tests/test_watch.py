"""`--watch`: what makes it check again, what does not, how it ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from realcommand import tree, volint
from terminal import Terminal

from volint.app import Outcome, watch

pytest.importorskip("watchfiles")
if sys.platform == "win32":
    pytest.skip("needs a POSIX terminal", allow_module_level=True)

COMPOSE = """\
services:
  web:
    image: nginx:1.27
    volumes:
      - ./html:/usr/share/nginx/html:ro
    env_file: web.env
  app:
    build: ./app
"""
UNNAMED = "  db:\n    image: postgres:17\n    volumes:\n      - /var/lib/postgresql/data\n"
FILES = {
    "compose.yaml": COMPOSE,
    "web.env": "A=1\n",
    ".env": "B=1\n",
    "app/Dockerfile": "FROM nginx:1.27\nCOPY . /app\n",
    "app/.dockerignore": ".git\ncoverage\n",
    "app/main.c": "int main() {}\n",
    "app/coverage/index.txt": "0 %\n",
    "notes.txt": "x\n",
    "docs/picture.svg": "<svg/>\n",
    ".gitignore": "logs/\n*.log\nweb.env\n",
    "logs/compose.yaml": COMPOSE,
    "node_modules/left-pad/compose.yaml": COMPOSE,
    ".cache/compose.yaml": COMPOSE,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree(tmp_path, FILES)
    (tmp_path / "html").mkdir()
    subprocess.run(("git", "init", "-q"), cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def last(outcome: Outcome) -> str:
    """Return the line of an outcome that says what happened, without the time."""
    return outcome.messages[-1].partition("] ")[2]


@pytest.fixture
def outcomes(here: Path) -> Iterator[Iterator[Outcome]]:
    made = watch({"paths": (), "select": ("VL102",), "formats": ("concise",), "quiet": True})
    yield made
    made.close()  # type: ignore[attr-defined]


def test_checks_again_what_it_reads(here: Path, outcomes: Iterator[Outcome]) -> None:
    first = next(outcomes)
    assert first.status == 0
    assert last(first) == "0 findings; watching 5 folders, Ctrl-C ends"
    for name, text, findings in [
        ("compose.yaml", COMPOSE + UNNAMED, 1),
        # Ignored by git, and read all the same.
        ("web.env", "A=2\n", 1),
        (".env", "B=2\n", 1),
        ("app/coverage/new.txt", "1 %\n", 1),
        ("app/.dockerignore", "*.md\n", 1),
        ("app/coverage/new.txt", "2 %\n", 1),
        ("app/main.c", "int main() { return 1; }\n", 1),
        # Was not there, and would be read.
        ("compose.override.yaml", "services:\n  db:\n    volumes: !reset []\n", 0),
        ("docs/up.sh", "docker run -v /data nginx\n", 1),
        ("volint.yaml", "exclude: [docs]\n", 0),
    ]:
        (here / name).write_text(text)
        again = next(outcomes)
        assert last(again).startswith(f"{findings} finding")
        assert f" after a change of {name}; " in last(again)
    (here / "compose.override.yaml").unlink()
    assert "after a change of compose.override.yaml; " in last(next(outcomes))


def test_leaves_alone_what_it_does_not_read(here: Path, outcomes: Iterator[Outcome]) -> None:
    next(outcomes)
    for name in (
        "notes.txt",
        "docs/picture.svg",
        "docs/new.css",
        "app/build.log",
        # Sent to no build.
        "app/coverage/index.txt",
        "compose.yaml~",
        ".compose.yaml.swp",
        "logs/compose.yaml",
        "node_modules/left-pad/compose.yaml",
        ".cache/compose.yaml",
        ".git/config.yaml",
    ):
        (here / name).write_text(COMPOSE + "\n")
    (here / "compose.yaml").write_text(COMPOSE + "\n")
    assert " after a change of compose.yaml; " in last(next(outcomes))


def test_sees_into_folders_that_come_up(here: Path, outcomes: Iterator[Outcome]) -> None:
    next(outcomes)
    (here / "other").mkdir()
    assert (
        last(next(outcomes))
        == "0 findings after a change of other; watching 6 folders, Ctrl-C ends"
    )
    (here / "other/compose.yaml").write_text("services:\n" + UNNAMED)
    assert last(next(outcomes)).startswith("1 finding after a change of other/compose.yaml; ")


def test_goes_on_after_a_mistake(here: Path, outcomes: Iterator[Outcome]) -> None:
    (here / "compose.yaml").write_text(COMPOSE + UNNAMED)
    next(outcomes)
    (here / "volint.yaml").write_text("persona: nobody\n")
    broken = next(outcomes)
    assert broken.status == 2
    assert "persona" in broken.messages[0]
    assert last(broken).startswith("not checked after a change of volint.yaml; ")
    (here / "volint.yaml").write_text("persona: regular\n")
    assert last(next(outcomes)).startswith("1 finding after a change of volint.yaml; ")


def test_misses_nothing_that_changes_while_it_looks(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from volint.app import check

    def slow(settings: dict[str, object]) -> Outcome:
        outcome = check(settings)
        if not (here / "seen").exists():
            (here / "seen").touch()
            (here / "compose.yaml").write_text(COMPOSE + UNNAMED)
        return outcome

    made = watch({"paths": (), "select": ("VL102",), "quiet": True}, slow)
    assert last(next(made)).startswith("0 findings; ")
    assert last(next(made)).startswith("1 finding")


def test_the_command_on_a_terminal(here: Path) -> None:
    with Terminal(here, "--watch", "--select", "VL102", columns=100) as terminal:
        terminal.until(lambda written: "watching 5 folders, Ctrl-C ends" in written)
        assert terminal.screen()[0] == "no findings in 3 files, 1 project"
        (here / "compose.yaml").write_text(COMPOSE + UNNAMED)
        terminal.until(lambda written: "after a change of compose.yaml; watching" in written)
        # What was there before is gone.
        assert terminal.screen()[0].startswith("warning[VL102]: ")
        terminal.interrupt()
        assert terminal.rest() == 130
        assert "Traceback" not in terminal.written


def test_the_command_in_a_pipe_clears_nothing(here: Path) -> None:
    log = here / "out.txt"
    with (
        log.open("w") as out,
        Terminal(
            here, "--watch", "--select", "VL102", "--format", "concise", stdout=out.fileno()
        ) as terminal,
    ):
        terminal.until(lambda written: "Ctrl-C ends" in written)
        (here / "compose.yaml").write_text(COMPOSE + UNNAMED)
        terminal.until(lambda written: "change of compose.yaml" in written)
        assert log.read_text().startswith("compose.yaml:12:9: VL102 [warning] ")
        terminal.interrupt()
        assert terminal.rest() == 130


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--fix"],
            "--watch goes without --fix; leave one of them out: --diff shows what it would change",
        ),
        (
            ["--write-baseline", "b"],
            "--watch goes without --write-baseline; leave one of them out: ",
        ),
        (["--add-ignore"], "--watch goes without --add-ignore; leave one of them out: "),
        (
            ["-o", "out"],
            "--watch goes without --output; leave one of them out: findings go to stdout",
        ),
        (["--format", "sarif=out"], "--watch writes to no file; leave out '=FILE'"),
        (
            ["--show-files"],
            "--watch goes without --show-files; leave one of them out: it lists them once",
        ),
        (["-"], "--watch cannot watch standard input; name the file"),
    ],
)
def test_what_does_not_go_together(here: Path, arguments: list[str], message: str) -> None:
    done = volint(here, "--watch", *arguments)
    assert done.status == 2
    assert done.err.startswith(f"error: {message}")


def test_without_the_extra(here: Path) -> None:
    tree(here, {"lib/watchfiles.py": "raise ImportError('not installed')\n"})
    done = volint(here, "--watch", env={"PYTHONPATH": str(here / "lib")})
    assert done.status == 2
    assert done.err == (
        "error: --watch needs the package watchfiles; install it with: pip install 'volint[watch]'\n"
    )


def test_nothing_to_watch(here: Path) -> None:
    done = volint(here, "--watch", "nowhere/at/all")
    assert done.status == 2
    assert "'nowhere/at/all' does not exist" in done.err
