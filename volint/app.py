"""What each verb does, from settings to rendered text: no click, no streams.

The command line hands over a mapping of its options; tests and other programs call `check_folder`,
or `Session` for the single steps.
"""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, Any

from volint import __version__
from volint.files import Files, allowed_roots
from volint.mistakes import did_you_mean
from volint.record import NamedTuple
from volint.rule import Confidence, Level, Persona

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from volint.assemble.workspace import Workspace
    from volint.config import Config
    from volint.discover import Discovery
    from volint.engine import Enabled
    from volint.model import Project
    from volint.plugins import LoadedPack
    from volint.result import Notification, Result, RuleMeta
    from volint.rule import Finding, RuleEntry
    from volint.source import Source

__all__ = [
    "Outcome",
    "Session",
    "check",
    "check_folder",
    "mounts",
    "rule_list",
    "rule_names",
    "rule_page",
]

_CLEAN, _FOUND, _FAILED = 0, 1, 2


class Outcome(NamedTuple):
    """What a verb comes to."""

    outputs: list[tuple[str | None, str]]
    """(file or None for standard output, text) of each format."""
    messages: list[str]
    """Lines for stderr, safe to print."""
    status: int
    """The exit status."""


class UsageError(Exception):
    """Something the user must change before volint can work; the text says what."""


def _failed(message: str) -> Outcome:
    return Outcome([], [f"error: {message}"], _FAILED)


class Session:
    """One run: configuration, rules, files, projects; each step made when first asked for."""

    def __init__(self, settings: Mapping[str, Any], cwd: str | None = None) -> None:
        from volint.config import load_config

        self.settings = settings
        self.cwd = os.path.realpath(cwd) if cwd else _working_directory()
        self.times: list[tuple[str, float]] = []
        self._clock = perf_counter()
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
        self.config: Config = load_config(self.files, starts[0], settings)
        self._table: dict[str, tuple[RuleEntry, LoadedPack]] | None = None
        self._lap("configuration")

    def _stdin_path(self) -> str:
        return os.path.join(self.cwd, self.settings.get("stdin_filename") or "<stdin>")

    def _lap(self, what: str) -> None:
        now = perf_counter()
        self.times.append((what, now - self._clock))
        self._clock = now

    # -- rules

    def table(self) -> dict[str, tuple[RuleEntry, LoadedPack]]:
        """Return all rules of all packs by code."""
        if self._table is None:
            from volint.plugins import load_packs, table

            self._table = table(load_packs())
            self._lap("rule packs")
        return self._table

    def enabled(self) -> list[Enabled]:
        """Return the selected rules as the configuration sets them, in code order."""
        return self.config.enabled(self.table())

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
        )
        self._lap("discovery")
        return found

    def workspace(self, discovery: Discovery | None) -> Workspace:
        """Make the projects of what was found, or of the files given with -f."""
        from volint.assemble.workspace import Input, assemble, by_hand

        settings = self.settings
        if settings.get("cwd"):
            from volint.discover import must_exist

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
        self._lap("reading")
        return made

    def _compose_files(self) -> list[str]:
        """Return the files of a project given by hand, standard input under its name.

        Raises PathError or UsageError for what docker compose would not start with.
        """
        from volint.discover import must_exist

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

    def _environment(self) -> Any:
        from volint.model import Environment, EnvironmentKind

        word = self.settings.get("environment")
        return Environment(EnvironmentKind(word), "command line") if word else None

    def knowledge(self) -> AbstractContextManager[None]:
        """Put the shipped knowledge, and what the configuration adds, in force for a `with` block."""
        from contextlib import nullcontext

        if not self.config.images:
            return nullcontext()
        from volint.knowledge import Knowledge, using

        return using(Knowledge().extend(images=self.config.images))

    # -- findings

    def findings(self, workspace: Workspace, enabled: Sequence[Enabled]) -> list[Finding]:
        """Run the rules over the projects."""
        from volint.engine import check

        found = check(workspace.projects, enabled)
        self._lap("rules")
        return found

    def result(self, workspace: Workspace, discovery: Discovery | None) -> Result:
        """Run the rules and sort out what is shown, hidden and ignored."""
        from volint.engine import is_shown, sort_key
        from volint.fingerprint import number
        from volint.result import Result, Summary

        enabled = self.enabled()
        # Numbered before anything is hidden, so that hiding one never renames its equals.
        found = number(self.findings(workspace, enabled))
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
        notifications = _notifications(found)
        levels = [finding.level for finding in shown]
        self._lap("findings")
        return Result(
            tuple(shown),
            notifications,
            Summary(
                files=len(discovery.items) if discovery else len(workspace.sources),
                projects=len(workspace.projects),
                findings=len(shown),
                errors=levels.count(Level.ERROR),
                warnings=levels.count(Level.WARNING),
                notes=levels.count(Level.NOTE),
                ignored=ignored,
                by_persona=by_persona,
                by_level=by_level,
                by_confidence=by_confidence,
                unread=sum(finding.code == "VL001" for finding in found),
                fixable=sum(finding.fix is not None for finding in shown),
            ),
            self.metas(enabled),
            __version__,
            self.cwd,
            self.files.git_root(self.cwd) or self.cwd,
        )

    def _suppress(
        self, found: list[Finding], sources: Sequence[Source], enabled: Sequence[Enabled]
    ) -> tuple[list[Finding], int]:
        """Take out what ignore comments and the configuration turn off."""
        from volint.engine import adjust
        from volint.suppress import suppress

        kept, by_config = self.config.exclude_findings(found)
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


def _working_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise UsageError(
            "the working directory does not exist any more; go to one that does"
        ) from None


def _normal(name: str) -> str:
    return f"write '{name}'" if name else "use letters and digits"


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


def _status(result: Result, fail_on: Level) -> int:
    if any(note.level.rank >= Level.WARNING.rank for note in result.notifications):
        return _FAILED
    if any(finding.level.rank >= fail_on.rank for finding in result.findings):
        return _FOUND
    return _CLEAN


def _formats(
    settings: Mapping[str, Any], default: str, known: Mapping[str, str]
) -> list[tuple[str, str | None]]:
    """Split `FORMAT[=FILE]`; '-' is standard output, None.

    Raises UsageError for an unknown format, or two on one output.
    """
    chosen: list[tuple[str, str | None]] = []
    common = settings.get("output")
    for item in settings.get("formats") or (default,):
        name, equals, path = item.partition("=")
        if name not in known:
            hint = did_you_mean(name, known) or f"; use one of {', '.join(known)}"
            raise UsageError(f"there is no format '{name}'{hint}")
        if equals and not path:
            raise UsageError(
                f"'{item}' names no file; write --format {name}=FILE, or '-' for stdout"
            )
        place = path or common
        chosen.append((name, None if place == "-" else place))
    outputs = [path and os.path.abspath(path) for _, path in chosen]
    if len(set(outputs)) < len(outputs):
        raise UsageError(
            "two formats would go to the same output; give all but one a file, e.g. "
            f"--format {chosen[0][0]}=FILE"
        )
    return chosen


def _guarded(work: Any) -> Outcome:
    """Run a verb; turn what the user must mend into a message and status 2."""
    from volint.config import ConfigError
    from volint.discover import PathError
    from volint.plugins import PluginError

    try:
        outcome: Outcome = work()
    except (UsageError, ConfigError, PathError, PluginError) as error:
        from volint.report.terminal import escape

        lines = [f"error: {escape(line)}" for line in str(error).splitlines()]
        return Outcome([], lines, _FAILED)
    return outcome


def check(settings: Mapping[str, Any]) -> Outcome:
    """`volint check`: settings are the options of the command line by their names there."""
    return _guarded(lambda: _check(settings))


def _check(settings: Mapping[str, Any]) -> Outcome:
    from volint.report import CHECK_FORMATS, Options, render_check
    from volint.report import summary as summary_report

    formats = _formats(settings, "full", CHECK_FORMATS)
    session = Session(settings)
    discovery = None if settings.get("compose_files") else session.discovery()
    if settings.get("show_files"):
        return _show_files(session, discovery)
    enabled = session.enabled()
    messages: list[str] = []
    if discovery is not None:
        messages.extend(_said(session, discovery))
    with session.knowledge():
        workspace = session.workspace(discovery)
        result = session.result(workspace, discovery)
    options = Options(
        bool(settings.get("color")),
        settings.get("width"),
        session.cwd,
        settings.get("sarif_category") or "",
    )
    outputs = [
        (path, render_check(name, result, options._replace(color=options.color and path is None)))
        for name, path in formats
    ]
    session._lap("report")
    if not settings.get("quiet"):
        color = bool(settings.get("color_messages"))
        messages.append(summary_report.render(result, options._replace(color=color)))
    if settings.get("verbose"):
        messages.extend(f"{seconds * 1000:8.1f} ms  {what}" for what, seconds in session.times)
        messages.append(f"{len(enabled)} rules selected")
    return Outcome(outputs, messages, _status(result, session.config.fail_on))


def _said(session: Session, discovery: Discovery) -> list[str]:
    """Return what to say of paths that are not looked at, and where nothing is left of them."""
    from volint.report.terminal import escape

    said = discovery.said(session.files)
    if not (discovery.items or discovery.problems or any(skip.named for skip in discovery.skipped)):
        where = " or ".join(f"'{path}'" for path in session.paths)
        said.append(
            f"note: nothing to check in {where}: volint looks for Compose files, Dockerfiles, "
            ".dockerignore files, shell scripts and other files that hold docker commands"
        )
        said.extend(
            f"note: '{session.files.display(skip.path)}' is not looked into: {skip.reason}"
            for skip in discovery.skipped
        )
        said.append("help: name a file or folder to have it checked, whatever it is called")
    return [escape(line) for line in said]


def _show_files(session: Session, discovery: Discovery | None) -> Outcome:
    if discovery is None:
        lines = [*session.paths]
    else:
        lines = [f"{session.files.display(item.path)}" for item in discovery.items]
    return Outcome([(None, "".join(line + "\n" for line in lines))], [], _CLEAN)


def mounts(settings: Mapping[str, Any]) -> Outcome:
    """`volint mounts`: the mount model itself."""
    return _guarded(lambda: _mounts(settings))


def _mounts(settings: Mapping[str, Any]) -> Outcome:
    from volint.report import MOUNT_FORMATS, Options, render_mounts

    formats = _formats(settings, "table", MOUNT_FORMATS)
    session = Session(settings)
    discovery = None if settings.get("compose_files") else session.discovery()
    messages = _said(session, discovery) if discovery is not None else []
    with session.knowledge():
        workspace = session.workspace(discovery)
    projects: list[Project] = list(workspace.projects)
    if discovery is not None:
        projects = [
            project
            for project in projects
            if any(discovery.covers(source) for source in project.sources)
        ]
    options = Options(bool(settings.get("color")), settings.get("width"), session.cwd)
    outputs = [
        (
            path,
            render_mounts(name, projects, options._replace(color=options.color and path is None)),
        )
        for name, path in formats
    ]
    unseen = any(
        problem.code in ("VL000", "VL001", "VL004") and problem.level in (None, "error", "warning")
        for project in projects
        for problem in project.problems
    )
    return Outcome(outputs, messages, _FAILED if unseen else _CLEAN)


def _all_metas() -> list[RuleMeta]:
    from volint.plugins import load_packs, table
    from volint.result import RuleMeta

    return [
        RuleMeta(entry, entry.level, loaded.pack.name, loaded.pack.version)
        for entry, loaded in table(load_packs()).values()
    ]


def rule_page(name: str, format: str, *, color: bool = False, output: str | None = None) -> Outcome:
    """`volint rule CODE|NAME`: one rule's page; `output` is a file, None for standard output."""

    def work() -> Outcome:
        from volint.report import Options
        from volint.report.rule_page import render_page

        metas = _all_metas()
        for meta in metas:
            if name.lower() in (meta.entry.code.lower(), meta.entry.name):
                text = render_page(meta, format, Options(color))
                return Outcome([(output, text)], [], _CLEAN)
        hint = did_you_mean(name, _names(metas)) or "; `volint rules` lists them all"
        raise UsageError(f"there is no rule '{name}'{hint}")

    return _guarded(work)


def rule_list(format: str, *, color: bool = False, output: str | None = None) -> Outcome:
    """`volint rules`: all rules of all packs; `output` is a file, None for standard output."""

    def work() -> Outcome:
        from volint.report import Options
        from volint.report.rule_page import render_rules

        text = render_rules(_all_metas(), format, Options(color))
        return Outcome([(output, text)], [], _CLEAN)

    return _guarded(work)


def rule_names() -> list[str]:
    """Return the codes and names of all rules, for a shell to complete; none where packs are broken."""
    from volint.plugins import PluginError

    try:
        return _names(_all_metas())
    except PluginError:
        return []


def _names(metas: Sequence[RuleMeta]) -> list[str]:
    return [word for meta in metas for word in (meta.entry.code, meta.entry.name)]


def check_folder(
    root: str,
    *,
    paths: Sequence[str] = (".",),
    select: Sequence[str] = (),
    environment: str | None = None,
) -> list[Finding]:
    """Check paths of a folder and return all findings of every persona and level, ignores applied."""
    settings: dict[str, Any] = {
        "paths": tuple(paths),
        "select": tuple(select),
        "environment": environment,
        "persona": Persona.AUDITOR.value,
        "min_level": Level.NOTE.value,
        "min_confidence": Confidence.LOW.value,
    }
    session = Session(settings, cwd=root)
    discovery = session.discovery()
    with session.knowledge():
        return list(session.result(session.workspace(discovery), discovery).findings)
