"""One run, step by step: configuration, rules, files, projects, findings.

`volint.app` makes verbs of it.
"""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, Any

from volint import __version__
from volint.files import Files, allowed_roots
from volint.rule import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from volint.ahead import Ahead
    from volint.assemble.workspace import Workspace
    from volint.baseline import Baseline, Entry
    from volint.config import Config
    from volint.discovery import Discovery
    from volint.engine import Enabled
    from volint.model import Environment, Project
    from volint.plugins import LoadedPack
    from volint.result import Notification, Result, RuleMeta
    from volint.rule import Finding, RuleEntry
    from volint.source import Source
    from volint.steps import Step, Times
    from volint.watch import Seen

__all__ = ["MANY_FILES", "Session", "UsageError", "working_directory"]


MANY_FILES = 200
"""Files up to which one process checks all: to start others would take as long."""


class UsageError(Exception):
    """Something the user must change before volint can work; the text says what."""


class Session:
    """One run: configuration, rules, files, projects; each step made when first asked for."""

    def __init__(self, settings: Mapping[str, Any], cwd: str | None = None) -> None:
        from volint.config.load import load_config

        self.settings = settings
        self.cwd = os.path.realpath(cwd) if cwd else working_directory()
        self.laps: list[tuple[str, float]] = [("", perf_counter())]
        """(what, when it was done) of the steps so far, in order; first when the run began."""
        self.times: Times | None = None
        """What single files and rules took; only kept for --verbose."""
        self.step: Step | None = None
        """What is told of each step."""
        if settings.get("verbose") or settings.get("progress"):
            from volint.steps import Times, observer

            self.times = Times() if settings.get("verbose") else None
            self.step = observer(settings, self.times)
        by_hand = settings.get("compose_files")
        self.paths: tuple[str, ...] = tuple(by_hand or settings.get("paths") or (".",))
        starts = [
            os.path.join(self.cwd, path) if path != "-" else self._stdin_path()
            for path in self.paths
        ]
        if by_hand:
            # A project given by hand may reach for anything below where it is run.
            starts.append(self.cwd)
        starts.extend(
            os.path.join(self.cwd, settings[option])
            for option in ("project_directory", "cwd")
            if settings.get(option)
        )
        self.files = Files(allowed_roots(starts), self.cwd)
        self._seen: Seen | None = settings.get("seen")
        if self._seen is not None:
            self.files.looked = self._seen.paths
        self.config: Config = load_config(self.files, starts[0], settings)
        if self._seen is not None:
            files = (entry.span.source.file for entry in self.config.written)
            self._seen.paths.update(file for file in files if file is not None)
        self._table: dict[str, tuple[RuleEntry, LoadedPack]] | None = None
        self.failures: tuple[str, ...] = ()
        """What is wrong with packs that cannot be used; known when the rules are."""
        self._baseline: Baseline | None = None
        self.beside = 0.0
        """Seconds that other processes took; only known for --verbose."""
        self.lap("configuration")

    def _stdin_path(self) -> str:
        return os.path.join(self.cwd, self.settings.get("stdin_filename") or "<stdin>")

    def lap(self, what: str) -> None:
        """Note that a step is done."""
        if self.times is not None:
            self.times.stop()
        self.laps.append((what, perf_counter()))

    def is_there(self, path: str) -> bool:
        """Return whether there is anything of that name, relative to the working directory."""
        return os.path.lexists(os.path.join(self.cwd, path))

    # -- rules

    def table(self) -> dict[str, tuple[RuleEntry, LoadedPack]]:
        """Return all rules of all packs by code."""
        if self._table is None:
            from volint.plugins import load_all

            self._table, self.failures = load_all(self.settings.get("rules") or (), self.cwd)
            self.lap("rule packs")
        return self._table

    def enabled(self) -> list[Enabled]:
        """Return the selected rules as the configuration sets them, in code order."""
        from volint.mistakes import ConfigError
        from volint.selection import enabled

        table = self.table()
        try:
            return enabled(self.config, table)
        except ConfigError as error:
            # A rule may be unknown because its pack is broken.
            raise UsageError("\n".join((*self.failures, str(error)))) from error

    def metas(self, enabled: Sequence[Enabled]) -> tuple[RuleMeta, ...]:
        """Return what reports say about the rules in force."""
        from volint.result import RuleMeta

        table = self.table()
        return tuple(
            RuleMeta(
                row.entry,
                row.level or row.entry.level,
                table[row.entry.code][1].pack.name,
                table[row.entry.code][1].pack.version,
            )
            for row in enabled
        )

    # -- files and projects

    def edited(self, texts: Mapping[str, str]) -> Session:
        """Return the same run over other texts, given by the real paths of their files."""
        session = type(self).__new__(type(self))
        session.__dict__.update(self.__dict__, files=self.files.edited(texts))
        return session

    def discovery(self) -> Discovery:
        """Find the files that the paths stand for."""
        from volint.discover import discover

        stdin = None
        if self.settings.get("stdin") is not None:
            text = self.settings["stdin"]
            stdin = (self.settings.get("stdin_filename") or "", text)
        found = discover(
            self.paths,
            self.files,
            self.config,
            force_exclude=bool(self.settings.get("force_exclude")),
            stdin=stdin,
            step=self.step,
        )
        self.lap("discovery")
        return found

    def ahead(self, discovery: Discovery | None) -> AbstractContextManager[Ahead | None]:
        """Return what checks projects in other processes while the rest is read; None where that does not pay or is unsafe.

        The setting `jobs` says how many processes there may be, None that volint decides; without it there is one.
        """
        from contextlib import nullcontext

        jobs = self.settings.get("jobs", 1)
        # Which paths are looked at is known in the process that looks at them.
        if jobs == 1 or discovery is None or self._seen is not None:
            return nullcontext()
        if jobs is None and len(discovery.items) <= MANY_FILES:
            return nullcontext()
        from volint import ahead

        jobs = jobs or ahead.usable_processors()
        if jobs == 1 or not ahead.can_fork():
            return nullcontext()
        return ahead.Ahead(self.enabled(), self.files, jobs, self.step, self.times)

    def workspace(self, discovery: Discovery | None, ahead: Ahead | None = None) -> Workspace:
        """Make the projects of what was found, or of the files given with -f."""
        from volint.assemble.workspace import Input, assemble, by_hand

        settings = self.settings
        if settings.get("cwd"):
            from volint.paths import must_exist

            must_exist((settings["cwd"],), self.cwd, directory=True)
        resolve = bool(settings.get("resolve_env"))
        given = Input(
            script_cwd=os.path.join(self.cwd, settings["cwd"]) if settings.get("cwd") else None,
            resolve_env=resolve,
            environ=dict(os.environ) if resolve else None,
            home=os.path.expanduser("~") if resolve else None,
            environment=self._environment(),
            configured=self.config.environment_of,
            sets=self.config.file_sets(self.files),
            platform=self.config.declares_volumes if self.config.platform_volumes else None,
            step=self.step,
            made=ahead,
        )
        if discovery is None:
            made = by_hand(
                self.files,
                given,
                compose_files=self._compose_files(),
                profiles=settings.get("profiles") or (),
                env_files=settings.get("env_files") or (),
                project_directory=settings.get("project_directory"),
                project_name=settings.get("project_name"),
            )
        else:
            made = assemble(discovery, self.files, given)
        self.lap("reading")
        if self._seen is not None:
            self._seen.take(build for project in made.projects for build in project.builds)
        return made

    def _compose_files(self) -> list[str]:
        """Return the files of a project given by hand, standard input under its name.

        Raises PathError or UsageError for what docker compose would not start with.
        """
        from volint.paths import must_exist

        settings = self.settings
        must_exist([path for path in self.paths if path != "-"], self.cwd)
        must_exist(settings.get("env_files") or (), self.cwd)
        if settings.get("project_directory"):
            must_exist((settings["project_directory"],), self.cwd, directory=True)
        if settings.get("project_name"):
            from volint.assemble.compose.locate import normal_name

            name = settings["project_name"]
            if normal_name(name) != name:
                raise UsageError(f"'{name}' is no project name; {_normal(normal_name(name))}")
        if settings.get("stdin") is not None:
            try:
                text = settings["stdin"].decode("utf-8-sig")
            except UnicodeDecodeError:
                raise UsageError("standard input is not UTF-8 text; convert it") from None
            self.files.put(self._stdin_path(), text)
        return [self._stdin_path() if path == "-" else path for path in self.paths]

    def asked(self, workspace: Workspace, discovery: Discovery | None) -> list[Project]:
        """Return the projects that hold something asked for, without those that are only context."""
        from volint.assemble.workspace import asked_for
        from volint.source import Kind

        return [
            project
            for project in workspace.projects
            if discovery is None or asked_for(project, discovery)
            # There is nothing to show of an ignore file that no known build reads.
            if not all(source.kind is Kind.DOCKERIGNORE for source in project.sources)
        ]

    def _environment(self) -> Environment | None:
        from volint.model import Environment, EnvironmentKind

        word = self.settings.get("environment")
        return Environment(EnvironmentKind(word), "command line") if word else None

    def knowledge(self) -> AbstractContextManager[None]:
        """Put the shipped knowledge, and what the configuration adds, in force for a `with` block."""
        from contextlib import nullcontext

        config = self.config
        if not config.images and not config.patterns:
            return nullcontext()
        from volint.knowledge import Knowledge, using

        patterns = {kind.replace("-", "_"): found for kind, found in config.patterns.items()}
        return using(Knowledge().extend(images=config.images, **patterns))

    # -- findings

    def findings(
        self, workspace: Workspace, enabled: Sequence[Enabled], ahead: Ahead | None = None
    ) -> list[Finding]:
        """Run the rules over the projects."""
        from volint.engine import check

        checked = None if ahead is None else ahead.rest(workspace.projects)
        found = check(workspace.projects, enabled, step=self.step, checked=checked)
        if ahead is not None:
            self.beside = ahead.beside
        self.lap("rules")
        return found

    def result(
        self, workspace: Workspace, discovery: Discovery | None, ahead: Ahead | None = None
    ) -> Result:
        """Run the rules and sort out what is shown, hidden and ignored."""
        from volint.engine import is_shown, sort_key
        from volint.fingerprint import Repository, number
        from volint.result import Result, Summary

        enabled = self.enabled()
        # Numbered before anything is hidden, so that hiding one never renames its equals.
        found = number(self.findings(workspace, enabled, ahead))
        if discovery is not None:
            found = [finding for finding in found if discovery.covers(finding.span.source)]
        ignored = 0
        if not self.settings.get("no_ignores"):
            sources = [
                source
                for source in workspace.sources
                if discovery is None or discovery.covers(source)
            ]
            found, ignored = self._suppress(found, sources, enabled)
        config = self.config
        shown: list[Finding] = []
        by_persona = by_level = by_confidence = 0
        for finding in found:
            if is_shown(finding, config.persona, config.min_level, config.min_confidence):
                shown.append(finding)
            elif finding.persona.rank > config.persona.rank:
                by_persona += 1
            elif finding.level.rank < config.min_level.rank:
                by_level += 1
            else:
                by_confidence += 1
        shown.sort(key=sort_key)
        root = self._root()
        unchanged = 0
        if self.settings.get("diff_base"):
            from volint.changed import on_changed_lines

            everything = len(shown)
            shown = on_changed_lines(shown, self.files, self.settings["diff_base"], root)
            found, unchanged = shown, everything - len(shown)
        baselined = 0
        if self.settings.get("baseline"):
            repository = Repository(root, self.cwd)
            new = self.baseline().new(shown, repository)
            baselined = len(shown) - len(new)
            known = set(shown).difference(new)
            found = [finding for finding in found if finding not in known]
            shown = new
        notifications = (*_unloaded(self.failures), *_notifications(found))
        levels = [finding.level for finding in shown]
        fixes = [finding.fix for finding in shown if finding.fix is not None]
        self.lap("findings")
        return Result(
            tuple(shown),
            notifications,
            Summary(
                files=len(discovery.items) if discovery else len(workspace.sources),
                projects=len(self.asked(workspace, discovery)),
                findings=len(shown),
                errors=levels.count(Level.ERROR),
                warnings=levels.count(Level.WARNING),
                notes=levels.count(Level.NOTE),
                ignored=ignored,
                baselined=baselined,
                by_persona=by_persona,
                by_level=by_level,
                by_confidence=by_confidence,
                unread=sum(finding.code == "VL001" for finding in found),
                fixable=sum(fix.safe for fix in fixes),
                unsafely_fixable=sum(not fix.safe for fix in fixes),
                unchanged=unchanged,
            ),
            self.metas(enabled),
            __version__,
            self.cwd,
            root,
        )

    def _root(self) -> str:
        """Return what reports and baselines name files by: the top of the repository, wherever volint is started."""
        here = self.files.git_root(os.path.join(self.cwd, "."))
        if here is not None:
            return here
        tops = {self.files.git_root(os.path.join(start, ".")) for start in self.files.roots}
        return (tops.pop() if len(tops) == 1 else None) or self.cwd

    def baseline(self) -> Baseline:
        """Return the baseline that is asked for. Raises ConfigError if there is none."""
        if self._baseline is None:
            from volint.baseline import read

            self._baseline = read(self.cwd, self.settings["baseline"])
        return self._baseline

    def stale(
        self, result: Result, workspace: Workspace, discovery: Discovery | None
    ) -> list[Entry]:
        """Return the entries of the baseline whose findings are gone, of files and rules that were looked at."""
        from volint.fingerprint import Repository

        repository = Repository(result.root, result.cwd)
        looked_at = {
            repository.of(source) or source.path
            for source in workspace.sources
            if discovery is None or discovery.covers(source)
        }
        codes = {meta.entry.code for meta in result.rules}
        return self.baseline().stale(looked_at, codes, result.root)

    def _suppress(
        self, found: list[Finding], sources: Sequence[Source], enabled: Sequence[Enabled]
    ) -> tuple[list[Finding], int]:
        """Take out what ignore comments and the configuration turn off."""
        from volint.selection import exclude_findings

        kept, by_config = exclude_findings(self.config, found)
        if not any("volint:" in source.text for source in sources):
            return kept, by_config
        from volint.engine import adjust
        from volint.suppress import suppress

        selected = {row.entry.code for row in enabled}
        known = {code: entry.name for code, (entry, _) in self.table().items()}
        kept, by_comment = suppress(
            kept, sources, known, selected, self.config.require_ignore_reason
        )
        rows = {row.entry.code: row for row in enabled}
        kept = [
            adjust(finding, rows[finding.code])
            if finding.code in ("VL002", "VL003") and finding.code in rows
            else finding
            for finding in kept
        ]
        return kept, by_config + by_comment


def working_directory() -> str:
    """Return the working directory, its links followed. Raises UsageError if it is gone."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise UsageError(
            "the working directory does not exist any more; go to one that does"
        ) from None


def _normal(name: str) -> str:
    return f"write '{name}'" if name else "use letters and digits"


def _unloaded(failures: Sequence[str]) -> Iterator[Notification]:
    """Yield what is said of packs that cannot be used: their rules did not run."""
    from volint.result import Notification

    for message in failures:
        yield Notification("VL000", Level.ERROR, message)


def _notifications(found: Sequence[Finding]) -> tuple[Notification, ...]:
    """Return what could not be done or seen, from the findings that say so."""
    from volint.result import Notification

    return tuple(
        Notification(
            finding.code,
            finding.level,
            finding.message,
            finding.span.source.path,
            finding.span.source.file,
        )
        for finding in found
        if finding.code in ("VL000", "VL001", "VL004")
    )
