"""Several processes find what one does, in the same order, whatever happens to them; and none is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from realcommand import environment, tree

from volint import ahead, session
from volint.app import Outcome, check, watch
from volint.report import CHECK_FORMATS
from volint.source import Label, Source, Span

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is one process only")

HERE = Path(__file__).parent
CORPUS = os.environ.get("VOLINT_CORPUS", "")
COMPOSE = """\
services:
  db:
    image: postgres:17
    volumes:
      - /var/lib/postgresql/data
      - ./conf:/etc/postgresql
"""
STATE = """\
from volint.api import Level, Part, Rule

class Counts(Rule):
    \"\"\"Counts the projects it has seen.\"\"\"
    code = "STATE1"
    name = "counts"
    needs = (Part.CONTAINERS,)
    level = Level.NOTE
    seen = 0
    def check(self, project):
        self.seen += 1
        yield self.finding(project.containers[0].name.span, f"'{project.name}' is number {self.seen}")
    def check_all(self, projects):
        yield self.finding(projects[0].containers[0].image.span, f"{self.seen} of {len(projects)} were seen")
"""
ANONYMOUS: Any = import_module("volint_rules.persistence.anonymous_volume").AnonymousVolume
SHADOWED: Any = import_module("volint_rules.mounts.shadowed_mount").ShadowedMount
"""Rules of volint's own."""


@pytest.fixture(autouse=True)
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes for a handful of projects."""
    monkeypatch.setattr(ahead, "SHARE", 3)
    monkeypatch.setattr(ahead, "_FIRST", 1)


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that the ids of processes are added to."""
    started: list[int] = []
    fork = os.fork

    def counted() -> int:
        pid = fork()
        started.append(pid)
        return pid

    monkeypatch.setattr(os, "fork", counted)
    return started


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a directory with 20 projects."""
    tree(tmp_path, {f"shop{number:02}/compose.yaml": COMPOSE for number in range(20)})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(jobs: int | None, **settings: Any) -> Outcome:
    return check({"paths": (".",), "persona": "auditor", "jobs": jobs, **settings})


def assert_equal(forks: list[int], **settings: Any) -> Outcome:
    """Assert that two and three processes come to what one does; return it."""
    alone = run(1, **settings)
    assert not forks
    for jobs in (2, 3):
        together = run(jobs, **settings)
        assert forks, "there was one process only"
        assert together == alone
        for pid in forks:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        forks.clear()
    return alone


@pytest.mark.parametrize(
    "root",
    [
        HERE / "fixtures" / "rules",
        HERE / "fixtures" / "projects",
        pytest.param(
            Path(CORPUS),
            marks=pytest.mark.skipif(not CORPUS, reason="VOLINT_CORPUS names no directory"),
        ),
    ],
    ids=["rules", "projects", "corpus"],
)
def test_all_formats_are_the_same(
    root: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(ahead, "SHARE", 50 if len(list(root.iterdir())) > 50 else 3)
    formats = tuple(f"{name}={name}" for name in CHECK_FORMATS)
    alone = assert_equal(forks, formats=formats, no_config=True)
    assert alone.findings
    assert len(alone.outputs) == len(CHECK_FORMATS)


def test_fixes_are_the_same(shops: Path, forks: list[int]) -> None:
    for shop in shops.iterdir():
        tree(shop, {"compose.yaml": COMPOSE.replace("/conf", "/conf/../conf")})
    assert assert_equal(forks, diff=True, unsafe_fixes=True).outputs[0][1]


def test_a_rule_that_raises(shops: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def check(self: Any, project: Any) -> Iterator[Any]:
        yield self.finding(project.containers[0].name.span, "this goes with the failure")
        if project.name.endswith(("3", "7")):
            raise ValueError

    monkeypatch.setattr(SHADOWED, "check", check)
    [(_, text)] = assert_equal(forks, formats=("concise",)).outputs
    assert text.count("VL603 of 'volint' failed") == 4
    assert text.count("this goes") == 16


def test_a_rule_that_cannot_be_made(
    shops: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, settings: Any) -> None:
        raise ValueError("no")

    monkeypatch.setattr(ANONYMOUS, "__init__", refuse)
    [(_, text)] = assert_equal(forks, formats=("concise",)).outputs
    assert text.count("of 'volint' failed") == 1


def test_a_rule_of_others_may_keep_state(shops: Path, forks: list[int]) -> None:
    tree(shops, {"state.py": STATE})
    found = []
    for jobs in (1, 3):
        outcome = run(jobs, rules=("state.py",), formats=("concise",))
        assert bool(forks) is (jobs > 1)
        found.append(outcome.outputs[0][1])
    assert found[0].count("is number") == 20
    assert found[0] == found[1]
    assert "20 of 20 were seen" in found[0]


def test_a_text_that_a_rule_makes(
    shops: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, Source] = {}

    def check(self: Any, project: Any) -> Iterator[Any]:
        source = made.setdefault(project.name[-1], Source(f"new{project.name[-1]}", "text"))
        place = project.containers[0].name.span
        yield self.finding(place, "look", Label(Span(source, 0, 4), "this is in no file"))

    monkeypatch.setattr(ANONYMOUS, "check", check)
    [(_, text)] = assert_equal(forks, formats=("full",)).outputs
    assert text.count("this is in no file") == 20


@pytest.mark.parametrize(
    "end",
    [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0), lambda: sys.exit(1)],
    ids=["killed", "gone", "left"],
)
def test_a_process_that_ends(
    shops: Path, forks: list[int], end: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getpid()
    original = ANONYMOUS.check

    def check(self: Any, project: Any) -> Any:
        if os.getpid() != parent and project.name.endswith("5"):
            end()
        return original(self, project)

    monkeypatch.setattr(ANONYMOUS, "check", check)
    assert assert_equal(forks).findings


def test_a_system_without_a_process_to_give(shops: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse() -> int:
        asked.append(1)
        raise BlockingIOError("no more")

    monkeypatch.setattr(os, "fork", refuse)
    opened = len(os.listdir("/dev/fd"))
    assert run(3) == run(1)
    assert len(asked) == 1
    assert len(os.listdir("/dev/fd")) == opened


def test_no_process_is_forked_beside_a_thread(shops: Path, forks: list[int]) -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert run(2) == run(1)
    finally:
        over.set()
        thread.join()
    assert not forks


def test_many_files_are_needed(
    shops: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "usable_processors", lambda: 2)
    run(None)
    assert not forks
    monkeypatch.setattr(session, "MANY_FILES", 19)
    run(None)
    assert forks
    forks.clear()
    monkeypatch.setattr(ahead, "usable_processors", lambda: 1)
    run(None)
    assert not forks


def test_who_does_not_ask_gets_one_process(
    shops: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MANY_FILES", 0)
    check({"paths": (".",)})
    pytest.importorskip("watchdog")
    next(watch({"paths": (".",), "jobs": 3}))
    assert not forks


@pytest.mark.parametrize(
    ("quota", "usable"),
    [
        ("max 100000\n", 6),
        ("200000 100000\n", 2),
        ("150000 100000\n", 1),
        ("50000 100000\n", 1),
        ("", 6),
    ],
)
def test_processors(
    tmp_path: Path, quota: str, usable: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(ahead, "_QUOTA", str(tmp_path / "cpu.max"))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(6)), raising=False)
    assert ahead.usable_processors() == usable
    monkeypatch.setattr(ahead, "_QUOTA", str(tmp_path / "absent"))
    assert ahead.usable_processors() == 6
    monkeypatch.delattr(os, "sched_getaffinity")
    assert ahead.usable_processors() == 1


def test_times_of_others_are_counted(shops: Path, forks: list[int]) -> None:
    messages = run(2, verbose=True).messages
    assert forks
    at = next(number for number, line in enumerate(messages) if line.endswith("ms  in all"))
    assert messages[at + 1].endswith("ms  in other processes meanwhile")
    assert messages[at + 2] == "slowest rules:"
    assert not any("other processes" in line for line in run(1, verbose=True).messages)


SLOW = """\
import os, sys, time
from volint import ahead
from volint.cli import main
from volint_rules.persistence.anonymous_volume import AnonymousVolume

ahead.SHARE, ahead._FIRST, parent, told = 3, 0, os.getpid(), int(sys.argv.pop())
original = AnonymousVolume.check
def check(self, project):
    if os.getpid() != parent:
        os.write(told, b"%d\\n" % os.getpid())
        time.sleep(60)
    return original(self, project)
AnonymousVolume.check = check
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("number", "group", "status"),
    [(signal.SIGINT, False, 130), (signal.SIGINT, True, 130), (signal.SIGTERM, True, -15)],
)
def test_an_interrupt_leaves_no_process(
    shops: Path, number: signal.Signals, group: bool, status: int
) -> None:
    ours, theirs = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, "-j", "3", ".", str(theirs)],
        env=environment(),
        pass_fds=(theirs,),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        with os.fdopen(ours, "rb") as told:
            pids = [int(told.readline()) for _ in range(2)]
            if group:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
            assert process.wait(20) == status
            # The pipe ends when no process has it any more.
            assert told.read() == b""
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read() + process.stderr.read() == b""
    for pid in pids:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.01)
        else:
            pytest.fail("a process is left")
