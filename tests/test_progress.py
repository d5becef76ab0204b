"""What a long run shows meanwhile, and `-v` afterwards; what is left when it is interrupted."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from realcommand import tree, volint
from terminal import Terminal

from volint.report.progress import Progress, words
from volint.report.times import render
from volint.session import Session

COMPOSE = "services:\n  web:\n    image: nginx:1.27\n"
SLOW = """\
import time
from volint.api import Level, Part, Rule

class Slow(Rule):
    \"\"\"Takes its time.\"\"\"
    code = "SLOW1"
    name = "slow"
    needs = (Part.CONTAINERS,)
    level = Level.NOTE
    def check(self, project):
        time.sleep({first})
        return ()

class Slower(Slow):
    \"\"\"Takes more of it.\"\"\"
    code = "SLOW2"
    name = "slower"
    def check(self, project):
        time.sleep({second})
        return ()
"""
ARGUMENTS = ("compose.yaml", "--rules", "slow.py", "--select", "SLOW1,SLOW2")


def project(tmp_path: Path, first: float, second: float) -> Path:
    return tree(
        tmp_path,
        {"compose.yaml": COMPOSE, "slow.py": SLOW.format(first=first, second=second)},
    )


def test_a_long_run_says_what_it_does_and_takes_it_back(tmp_path: Path) -> None:
    with Terminal(project(tmp_path, 0.8, 1.2), *ARGUMENTS) as terminal:
        assert terminal.rest() == 0
        drawn = terminal.written.partition("no findings")[0]
        # Within a single long step too, on a line that is cleared first and has no colours.
        assert "\r\x1b[Kchecking project 1 of 1: SLOW" in drawn
        assert drawn.count("\r\x1b[Kchecking") <= 2
        assert set(re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]", drawn.rpartition("\r\x1b[K")[0])) == {
            "\x1b[K"
        }
        assert terminal.screen() == ["no findings in 1 file, 1 project", ""]


def test_the_line_fits_a_narrow_terminal(tmp_path: Path) -> None:
    with Terminal(project(tmp_path, 0, 1.5), *ARGUMENTS, columns=20) as terminal:
        terminal.rest()
        assert "\r\x1b[Kchecking project 1…" in terminal.written


def test_without_a_timer_it_is_drawn_as_steps_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("signal.setitimer")
    monkeypatch.delattr("os.tcgetpgrp")
    now = iter((10.0, 10.5, 11.1, 11.1, 11.15, 11.3, 11.3))
    monkeypatch.setattr("volint.report.progress.time", SimpleNamespace(monotonic=lambda: next(now)))
    main, side = os.openpty()
    with Progress(side) as progress:
        for number in range(1, 5):
            progress("rules", "VL101", number, 4)
    drawn = os.read(main, 1000).decode()
    os.close(main)
    os.close(side)
    assert drawn.split("\r\x1b[K") == [
        "",
        "checking project 2 of 4: VL101",
        "checking project 4 of 4: VL101",
        "",
    ]


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (("-q",), {}),
        ((), {"TERM": "dumb"}),
        ((), {"CI": "true"}),
    ],
)
def test_nobody_there_to_look(tmp_path: Path, arguments: tuple[str, ...], env: dict) -> None:  # type: ignore[type-arg]
    with Terminal(project(tmp_path, 0, 1.4), *ARGUMENTS, *arguments, env=env) as terminal:
        assert terminal.rest() == 0
        assert "checking" not in terminal.written
        assert "\r\x1b" not in terminal.written


def test_a_short_run_and_a_pipe_show_nothing(tmp_path: Path) -> None:
    here = project(tmp_path, 0, 0)
    with Terminal(here, *ARGUMENTS) as terminal:
        assert terminal.rest() == 0
        assert "\x1b[K" not in terminal.written
    project(tmp_path, 0, 1.4)
    assert volint(here, *ARGUMENTS).err == "no findings in 1 file, 1 project\n"


def test_findings_may_go_elsewhere_meanwhile(tmp_path: Path) -> None:
    with Terminal(
        project(tmp_path, 0, 1.5), *ARGUMENTS, "--format", "json", stdout=subprocess.DEVNULL
    ) as terminal:
        assert terminal.rest() == 0
        assert "checking" in terminal.written
        assert terminal.screen() == ["no findings in 1 file, 1 project", ""]


def test_ctrl_c_leaves_a_clean_terminal(tmp_path: Path) -> None:
    with Terminal(project(tmp_path, 0, 60), *ARGUMENTS) as terminal:
        terminal.until(lambda written: "checking" in written)
        terminal.interrupt()
        assert terminal.rest() == 130
        # The terminal itself echoes the key.
        assert [line for line in terminal.screen() if line.strip("^C")] == []


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("discovery", "looking for files: 3 found"),
        ("reading", "reading file 3 of 7: a"),
        ("scripts", "looking for docker commands in file 3 of 7: a"),
        ("compose", "loading Compose project 3 of 7: a"),
        ("dockerfiles", "loading Dockerfile 3 of 7: a"),
        ("rules", "checking project 3 of 7: a"),
        ("report", "writing the report: a"),
    ],
)
def test_every_step_has_its_words(stage: str, expected: str) -> None:
    assert words(stage, "a", 3, 7) == expected


def test_the_steps_of_a_run(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "compose.yaml": COMPOSE,
            "db/Dockerfile": "FROM scratch\n",
            "db/Dockerfile.dev": "FROM scratch\n",
            "up.sh": "docker run -v data:/data nginx\n",
        },
    )
    steps: list[tuple[str, str, int, int]] = []
    session = Session(
        {"progress": lambda *step: steps.append(step), "select": ("VL102",)}, str(tmp_path)
    )
    discovery = session.discovery()
    session.result(session.workspace(discovery), discovery)
    told = [step for step in steps if step[0] != "discovery" and not step[1].startswith("VL0")]
    assert [words(*step) for step in told] == [
        "reading file 1 of 4: compose.yaml",
        "reading file 2 of 4: db/Dockerfile",
        "reading file 3 of 4: db/Dockerfile.dev",
        "reading file 4 of 4: up.sh",
        "looking for docker commands in file 1 of 1: up.sh",
        "loading Compose project 1 of 1: compose.yaml",
        "loading Dockerfile 1 of 2: db/Dockerfile",
        "loading Dockerfile 2 of 2: db/Dockerfile.dev",
        "checking project 1 of 4: VL102",
        "checking project 4 of 4: VL102",
        "checking project 4 of 4: VL102",
    ]
    assert max(step[2] for step in steps if step[0] == "discovery") == 3


def test_verbose(tmp_path: Path) -> None:
    here = project(tmp_path, 0.05, 0.1)
    (here / "volint.yaml").write_text("persona: auditor\n")
    done = volint(here, *ARGUMENTS, "-v")
    scrubbed = re.sub(r" *\d+\.\d ms", " N ms", done.err)
    scrubbed = re.sub(r"of \d+ selected", "of M selected", scrubbed)
    assert (
        scrubbed
        == """\
no findings in 1 file, 1 project
configuration: volint.yaml
rules: 5 of M selected
time:
 N ms  start of Python and volint
 N ms  configuration
 N ms  discovery
 N ms  rule packs
 N ms  reading
 N ms  rules
 N ms  findings
 N ms  report
 N ms  in all
slowest rules:
 N ms  SLOW2 slower
 N ms  SLOW1 slow
slowest files:
 N ms  compose.yaml
"""
    )
    assert done.out == ""


def test_the_times_add_up(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": COMPOSE})
    session = Session({"verbose": True, "no_config": True, "start_up": 1.0}, str(tmp_path))
    discovery = session.discovery()
    session.result(session.workspace(discovery), discovery)
    lines = render(session, 5)
    assert lines[0] == "configuration: none found"
    times = [float(line.split()[0]) for line in lines[3 : lines.index("slowest rules:")]]
    assert times[0] == 1000.0
    assert times[-1] == pytest.approx(sum(times[:-1]), abs=1)
    # A rule takes no longer than all of them.
    rules = next(float(line.split()[0]) for line in lines if line.endswith(" ms  rules"))
    at = lines.index("slowest rules:")
    single = [float(line.split()[0]) for line in lines[at + 1 : lines.index("slowest files:")]]
    assert single == sorted(single, reverse=True)
    assert sum(single) <= rules


@pytest.mark.parametrize("columns", [80, 120])
def test_nothing_is_wider_than_the_terminal(tmp_path: Path, columns: int) -> None:
    folder = "a-folder-with-quite-a-long-name/and-one-in-it"
    compose = (
        "services:\n  db:\n    image: postgres:17\n    volumes:\n      - ./config:/etc/postgresql\n"
        "      - data:/var/lib/postgresql/data\n      - /var/lib/postgresql/somewhere/else/entirely\nvolumes:\n  data:\n"
    )
    start = "docker compose up -d\n"
    tree(
        tmp_path,
        {
            f"{folder}/compose.yaml": compose,
            f"{folder}/start-all-of-it-here.sh": start,
            f"{folder}/images/frontend.Dockerfile": "FROM scratch\nCOPY a b\n",
        },
    )
    for arguments in (
        ["--format", "grouped", "--persona", "auditor"],
        ["--color=always"],
        ["mounts"],
        ["rules"],
    ):
        with Terminal(tmp_path, *arguments, columns=columns) as terminal:
            assert terminal.rest() in (0, 1)
            shown = terminal.screen()
            assert [line for line in shown if len(line) > columns] == []
            assert len(shown) > 5


def test_messages_end_at_a_blank_and_begin_in_colour(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--format", "xml", columns=40) as terminal:
        assert terminal.rest() == 2
        assert terminal.written.startswith("\x1b[1;31merror\x1b[0m: there is no format 'xml'")
        first, *others = [line for line in terminal.screen() if line]
        assert others
        assert all(len(line) <= 40 for line in (first, *others))
        assert all(line.startswith("  ") for line in others)
        words = " ".join([first, *map(str.strip, others)])
    assert volint(tmp_path, "--format", "xml").err == f"{words}\n"


def test_messages_have_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    for arguments, env in (
        (["nowhere.yaml", "--color=never"], {}),
        (["nowhere.yaml"], {"NO_COLOR": "1"}),
        (["--nothing"], {"NO_COLOR": "1"}),
    ):
        with Terminal(tmp_path, *arguments, env=env) as terminal:
            assert terminal.rest() == 2
            assert "error: " in terminal.written
            assert "\x1b[1" not in terminal.written
