"""Rules in processes of their own, over projects that are made while others are still being read.

A process is a fork: it has the projects, and nothing of them needs to be sent. It sends back findings, whose
places are in texts that both sides have. What it does not answer, for whatever reason, is left to the engine,
which runs every rule on a project that is not known to be checked, so that the findings are always those of one process.

Only volint's own rules are run here, since those keep nothing between calls; and what raises is left to the engine.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import sys
from typing import TYPE_CHECKING, Any

from volint.engine import Checked, found_by, parts_of
from volint.source import Source
from volint.steps import Times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from volint.engine import Enabled
    from volint.files import Files
    from volint.model import Project
    from volint.rule import Finding, Part, Rule
    from volint.source import Span
    from volint.steps import Step

__all__ = ["SHARE", "Ahead", "can_fork", "usable_processors"]

OWN = "volint"
"""The pack whose rules are run here; no other may have the name."""
SHARE = 100
"""The fewest projects that are worth a process."""
_FIRST = 8
"""Projects that are checked before the first fork: what they make rules import and compile is then there for all."""
_GROWTH = 2
"""A share has at least this fraction of all before it, for forks cost more the more has been read."""
_QUOTA = "/sys/fs/cgroup/cpu.max"


def usable_processors() -> int:
    """Return how many processors this process may use; 1 where the system does not say.

    A container's quota counts (cgroup v2, rounded down).
    """
    if not hasattr(os, "sched_getaffinity"):
        return 1
    usable = len(os.sched_getaffinity(0))
    try:
        with open(_QUOTA, encoding="ascii") as stream:
            quota, period = stream.read().split()
        usable = min(usable, int(quota) // int(period))
    except (OSError, ValueError):  # not in a container, or without a limit
        pass
    return max(usable, 1)


def can_fork() -> bool:
    """Return whether the system can, and no thread of this process is in the way."""
    threading = sys.modules.get("threading")
    return hasattr(os, "fork") and (threading is None or threading.active_count() == 1)


class _Worker:
    """A process, and what it has sent so far."""

    __slots__ = ("codes", "data", "pid", "share", "stream")

    def __init__(
        self, pid: int, stream: int, share: Sequence[Project], codes: frozenset[str]
    ) -> None:
        self.pid = pid
        self.stream = stream
        self.share = share
        self.codes = codes
        self.data = bytearray()

    def is_done(self, wait: bool) -> bool:
        """Read what there is, or with `wait` all there will be; return whether that is the end."""
        os.set_blocking(self.stream, wait)
        try:
            while data := os.read(self.stream, 1 << 20):
                self.data += data
        except BlockingIOError:
            return False
        self.end()
        return True

    def end(self) -> None:
        """Let go of the process."""
        os.close(self.stream)
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:  # nobody keeps count of children here
            pass

    def kill(self) -> None:
        """End the process, whatever it does."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.end()


class Ahead:
    """Takes note of projects as they are made, and has rules run over them.

    Use it as a context: no process is left at its end.
    """

    def __init__(
        self,
        enabled: Iterable[Enabled],
        files: Files,
        jobs: int,
        step: Step | None = None,
        times: Times | None = None,
    ) -> None:
        self.jobs = jobs
        """How many processes there may be, with this one."""
        self.beside = 0.0
        """Seconds that others took; only known where times are kept."""
        self._files = files
        self._step = step
        self._times = times
        self._rows = [row for row in enabled if row.pack == OWN]
        self._rules: dict[str, Rule | None] = {}
        self._workers: list[_Worker] = []
        self._checked: dict[int, Checked] = {}
        self._given = 0

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._workers:
            self._workers.pop().kill()

    def __call__(self, projects: Sequence[Project]) -> None:
        """Take note of all projects so far; start a process where enough are new."""
        if self._workers:
            self._collect(wait=False)
        new = len(projects) - self._given
        if new < max(SHARE, self._given // _GROWTH) or len(self._workers) >= self.jobs - 1:
            return
        share = projects[self._given :]
        if not self._given:
            self._check(share[:_FIRST], self._prepared(share))
            share = share[_FIRST:]
        self._given += new
        self._start(share)

    def rest(self, projects: Sequence[Project]) -> Mapping[int, Checked]:
        """Have the rules run over what is left of all projects; return what was found, by the `id` of a project."""
        given = {id(project) for worker in self._workers for project in worker.share}
        given.update(self._checked)
        left = [project for project in projects if id(project) not in given]
        shares = max(1, min(self.jobs - len(self._workers), len(left) // SHARE))
        size = max(1, -(-len(left) // shares))
        for start in range(size, len(left), size):
            self._start(left[start : start + size])
        self._check(left[:size], self._prepared(left[:size]))
        self._collect(wait=True)
        return self._checked

    # -- rules

    def _prepared(self, projects: Iterable[Project]) -> frozenset[str]:
        """Load the rules that have something to look at in some projects, and return the codes of all that can be run."""
        parts: frozenset[Part] = frozenset().union(*map(parts_of, projects))
        for row in self._rows:
            code = row.entry.code
            if code not in self._rules and not parts.isdisjoint(row.entry.needs):
                try:
                    self._rules[code] = row.entry.load()(row.settings)
                except (Exception, SystemExit):  # the engine says so
                    self._rules[code] = None
        return frozenset(
            row.entry.code for row in self._rows if self._rules.get(row.entry.code, row) is not None
        )

    def _check(
        self, projects: Sequence[Project], codes: frozenset[str]
    ) -> list[tuple[dict[str, list[Finding]], list[str]]]:
        """Run rules over projects, and keep what was found; return it, and the codes of the rules that failed."""
        chosen: dict[frozenset[Part], list[tuple[str, Rule]]] = {}
        rows: list[tuple[dict[str, list[Finding]], list[str]]] = []
        for number, project in enumerate(projects, 1):
            here = parts_of(project)
            if here not in chosen:
                chosen[here] = [
                    (row.entry.code, rule)
                    for row in self._rows
                    if (rule := self._rules.get(row.entry.code)) is not None
                    and not here.isdisjoint(row.entry.needs)
                ]
            found: dict[str, list[Finding]] = {}
            failed: list[str] = []
            for code, rule in chosen[here]:
                if self._step is not None:
                    self._step("rules", code, number, len(projects))
                try:
                    if findings := found_by(rule.check(project)):
                        found[code] = findings
                except (Exception, SystemExit):  # the engine runs it again, and says so
                    failed.append(code)
            rows.append((found, failed))
            self._checked[id(project)] = Checked(codes.difference(failed), found)
            if self._workers:
                self._collect(wait=False)
        if self._times is not None:
            self._times.stop()
        return rows

    # -- processes

    def _start(self, share: Sequence[Project]) -> None:
        """Start a process for some projects; where the system has none to give, there are no more."""
        if not can_fork():
            return
        codes = self._prepared(share)
        ours, theirs = os.pipe()
        # What interrupts must find the new process either ended by it or known.
        signals = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGALRM))
        try:
            try:
                pid = os.fork()
            except OSError:
                os.close(ours)
                self.jobs = 1
                return
            if pid == 0:
                self._be_worker(share, codes, theirs, signals)
            self._workers.append(_Worker(pid, ours, share, codes))
        finally:
            os.close(theirs)
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)

    def _be_worker(
        self, share: Sequence[Project], codes: frozenset[str], stream: int, signals: Any
    ) -> None:
        """Do what a process is for; never returns."""
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)
            self._workers = []
            known = self._sources(share)
            parent = os.getppid()
            self._step = self._times = None if self._times is None else Times()
            rows = []
            for project in share:
                if os.getppid() != parent:
                    return
                [(found, failed)] = self._check((project,), codes)
                for code in [*found]:
                    spans = (span for finding in found[code] for span in _spans(finding))
                    if not all(id(span.source) in known for span in spans):
                        # A text that the rule has made or read.
                        del found[code]
                        failed.append(code)
                rows.append((found, failed))
            buffer = io.BytesIO()
            spent = {} if self._times is None else self._times.spent
            _Pickler(buffer, known).dump((rows, spent))
            with os.fdopen(stream, "wb", closefd=False) as file:
                file.write(buffer.getbuffer())
        finally:
            os._exit(0)

    def _collect(self, wait: bool) -> None:
        """Take what processes have found."""
        for worker in [*self._workers]:
            if worker.is_done(wait):
                self._workers.remove(worker)
                self._take(worker)

    def _take(self, worker: _Worker) -> None:
        try:
            known = self._sources(worker.share)
            rows, spent = _Unpickler(io.BytesIO(worker.data), known).load()
        except (EOFError, pickle.UnpicklingError):  # it was killed, or failed
            return
        for project, (found, failed) in zip(worker.share, rows, strict=True):
            codes = worker.codes.difference(failed) if failed else worker.codes
            self._checked[id(project)] = Checked(codes, found)
        if self._times is not None:
            for what, seconds in spent.items():
                self._times.spent[what] = self._times.spent.get(what, 0.0) + seconds
                self.beside += seconds

    def _sources(self, projects: Iterable[Project]) -> dict[int, Source]:
        """Return texts that are there as long as the projects are, by their addresses, which a fork keeps."""
        sources = {id(source): source for source in self._files.sources()}
        for project in projects:
            sources.update((id(source), source) for source in project.sources)
            for build in project.builds:
                if build.source is not None:
                    sources[id(build.source)] = build.source
        return sources


def _spans(finding: Finding) -> Iterator[Span]:
    """Yield all places of a finding."""
    yield finding.span
    for label in finding.labels:
        yield label.span
    if finding.fix is not None:
        for edit in finding.fix.edits:
            yield edit.span
    yield from finding.redact
    yield from finding.also


class _Pickler(pickle.Pickler):
    """Writes texts as their addresses. Raises KeyError for one that the reader does not know."""

    def __init__(self, file: io.BytesIO, known: Mapping[int, Source]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._known = known

    def persistent_id(self, value: object) -> int | None:
        return id(self._known[id(value)]) if isinstance(value, Source) else None


class _Unpickler(pickle.Unpickler):
    """Reads what `_Pickler` has written."""

    def __init__(self, file: io.BytesIO, known: Mapping[int, Source]) -> None:
        super().__init__(file)
        self._known = known

    def persistent_load(self, address: Any) -> Source:
        return self._known[address]
