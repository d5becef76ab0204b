"""Checks for an editor: runs of `volint check` over open texts, which can be called off half way."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING

from volint.files import Files
from volint.session import Session

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from threading import Event
    from typing import Any

    from volint.assemble.workspace import Workspace
    from volint.discovery import Discovery
    from volint.model import Project
    from volint.result import Result, RuleMeta
    from volint.rule import Finding
    from volint.source import Source
    from volint.steps import Step

__all__ = ["Cancelled", "Run", "Snapshot"]


class Cancelled(BaseException):
    """A check was called off. It is no Exception, which a rule that fails is caught with."""


class _Files(Files):
    """Files of one run, which can hand on what they have read."""

    def by_real_path(self) -> dict[str, Source]:
        """Return all that was read, by the real paths of the files."""
        return {self.real_path(path): source for (path, _), source in self._sources.items()}

    def edited_paths(self) -> Collection[str]:
        """Return the real paths of the edited texts."""
        return self._edited.keys()

    def adopt(self, other: _Files) -> None:
        """Take over what was read elsewhere, without edited texts."""
        for path, text in other._texts.items():
            if path not in self._texts and other.real_path(path) not in other._edited:
                self._texts[path] = text
        for key, source in other._sources.items():
            if self._texts.get(key[0]) is source.text:
                self._sources[key] = source
        self._marked |= other._marked
        self._problems.update(other._problems)


class Run(Session):
    """One run over the texts on the disk; `start` makes the runs over what an editor holds."""

    files: _Files

    def __init__(self, settings: Mapping[str, Any], cwd: str) -> None:
        super().__init__(settings, cwd)
        read = self.files
        self.files = _Files(read.roots, read.cwd, max_size=read.max_size)

    def start(
        self, texts: Mapping[str, str], stop: Event | None = None, told: Step | None = None
    ) -> Run:
        """Return the run over these texts, given by real paths; it raises Cancelled once `stop` is set.

        `told` is told of its steps as well.
        """
        run = self.edited(texts)
        assert isinstance(run, Run)
        run.laps = [("", perf_counter())]
        run.times = None
        run.step = None if stop is None else _ending(stop, told)
        return run

    def check(self, only: Collection[str] | None = None) -> Snapshot:
        """Return what there is to say of everything, or of the projects that are made of some files alone."""
        start = perf_counter()
        discovery = self.discovery()
        if only is not None:
            discovery = discovery.only(only)
        with self.knowledge():
            workspace = self.workspace(discovery)
            result = self.result(workspace, discovery)
        seconds = perf_counter() - start
        return Snapshot(self, discovery, workspace, result, seconds, self.files.edited_paths())


def _ending(stop: Event, told: Step | None) -> Step:
    """Return what ends a run at the step that comes after `stop` is set, and tells of the others."""

    def step(stage: str, name: str, number: int, total: int) -> None:
        if stop.is_set():
            raise Cancelled
        if told is not None:
            told(stage, name, number, total)

    return step


class Snapshot:
    """What one check came to, with all that a question about it needs. It does not change."""

    def __init__(
        self,
        run: Run,
        discovery: Discovery,
        workspace: Workspace,
        result: Result,
        seconds: float,
        texts: Collection[str] = (),
    ) -> None:
        self.run = run
        self.discovery = discovery
        self.workspace = workspace
        self.result = result
        self.seconds = seconds
        self.sources = run.files.by_real_path()
        """Every file that was read, by real path."""
        self.edited = frozenset(texts)
        """The real paths of the files whose text is not the one on the disk."""
        self.metas: dict[str, RuleMeta] = {meta.entry.code: meta for meta in result.rules}
        self.findings: dict[str, list[Finding]] = {}
        """The findings of each file, by real path; those of no file are left out."""
        for finding in result.findings:
            if finding.span.source.file is not None:
                real = self.real(finding.span.source)
                self.findings.setdefault(real, []).append(finding)

    def real(self, source: Source) -> str:
        """Return the real path of a text's file; '' where it is in none."""
        return "" if source.file is None else self.run.files.real_path(source.file)

    def whole(self, source: Source) -> Source:
        """Return the whole file that a text is a part of."""
        return self.sources.get(self.real(source), source)

    def groups(self) -> dict[str, frozenset[str]]:
        """Return for each file, by real path, the paths of all that it may change the findings of.

        Those are the files of its projects, and of theirs in turn.
        """
        leader: dict[str, str] = {}

        def find(path: str) -> str:
            while leader.setdefault(path, path) != path:
                leader[path] = path = leader[leader[path]]
            return path

        for project in self.workspace.projects:
            paths = list(_paths(project, self.run.cwd))
            for path in paths[1:]:
                leader[find(path)] = find(paths[0])
        members: dict[str, set[str]] = {}
        for path in list(leader):
            members.setdefault(find(path), set()).add(path)
        sets = {first: frozenset(paths) for first, paths in members.items()}
        return {self.run.files.real_path(path): sets[find(path)] for path in leader}


def _paths(project: Project, cwd: str) -> Iterator[str]:
    """Yield the files that a project is made of."""
    for source in project.sources:
        if source.file is not None:
            yield source.file
    for build in project.builds:
        for read in (build.source, build.ignore_file):
            if read is not None and read.file is not None:
                yield read.file
    if project.file_set is not None:
        chosen = project.file_set
        if chosen.span is not None and chosen.span.source.file is not None:
            yield chosen.span.source.file
        for shown in chosen.env_files:
            yield os.path.normpath(os.path.join(cwd, shown))
    for container in project.containers:
        for env_file in container.env_files:
            if env_file.resolved is not None:
                yield env_file.resolved
