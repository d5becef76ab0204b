"""What each verb does, from settings to rendered text: no click, no streams.

The command line hands over a mapping of its options; `volint.folders` is for tests, and `volint.session` has the
single steps.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from volint.mistakes import did_you_mean
from volint.record import NamedTuple
from volint.rule import Level
from volint.session import Session, UsageError, working_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from volint.assemble.workspace import Workspace
    from volint.baseline import Entry
    from volint.discovery import Discovery
    from volint.result import Result

__all__ = [
    "CLEAN",
    "FAILED",
    "FOUND",
    "Outcome",
    "check",
    "guarded",
    "init",
    "mounts",
    "report",
    "unloaded",
    "watch",
]

CLEAN, FOUND, FAILED = 0, 1, 2
"""Exit statuses."""


class Outcome(NamedTuple):
    """What a verb comes to."""

    outputs: list[tuple[str | None, str]]
    """(file or None for standard output, text) of each format."""
    messages: list[str]
    """Lines for stderr, safe to print."""
    status: int
    """The exit status."""
    findings: int | None = None
    """How many are shown; None where it did not come to that."""


def _status(result: Result, fail_on: Level) -> int:
    if any(note.level.rank >= Level.WARNING.rank for note in result.notifications):
        return FAILED
    if any(finding.level.rank >= fail_on.rank for finding in result.findings):
        return FOUND
    return CLEAN


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


def guarded(work: Any) -> Outcome:
    """Run a verb; turn what the user must mend into a message and status 2."""
    from volint.mistakes import ConfigError
    from volint.paths import PathError
    from volint.plugins import PluginError

    try:
        outcome: Outcome = work()
    except (UsageError, ConfigError, PathError, PluginError) as error:
        from volint.report.terminal import escape

        lines = [f"error: {escape(line)}" for line in str(error).splitlines()]
        return Outcome([], lines, FAILED)
    return outcome


def check(settings: Mapping[str, Any]) -> Outcome:
    """`volint check`: settings are the options of the command line by their names there."""
    return guarded(lambda: _check(settings))


def _check(settings: Mapping[str, Any]) -> Outcome:
    from volint.report import CHECK_FORMATS, Options, render_check
    from volint.report import summary as summary_report

    formats = _check_formats(settings, CHECK_FORMATS)
    if settings.get("baseline") and settings.get("write_baseline"):
        raise UsageError("--write-baseline writes all there is; leave out --baseline")
    session = Session(settings)
    if settings.get("show_settings"):
        return _show_settings(session)
    discovery = None if settings.get("compose_files") else session.discovery()
    if settings.get("show_files"):
        return _show_files(session, discovery)
    enabled = session.enabled()
    messages = unloaded(session.failures)
    if discovery is not None:
        messages.extend(_said(session, discovery))
    with session.knowledge(), session.ahead(discovery) as ahead:
        workspace = session.workspace(discovery, ahead)
        result = session.result(workspace, discovery, ahead)
        messages += _unanswered(session.files.mistrusted())
        repaired = None
        if settings.get("fix") or settings.get("diff"):
            from volint.fixrun import repair

            repaired = repair(session, workspace, discovery, result, settings)
            result = repaired.result
            messages += repaired.messages
        if settings.get("baseline"):
            messages += _stale(session.stale(result, workspace, discovery), settings["baseline"])
        if settings.get("add_ignore") is not None:
            return _add_ignores(session, workspace, discovery, result, messages)
    if settings.get("write_baseline"):
        return _write_baseline(result, settings["write_baseline"], messages)
    options = Options(
        bool(settings.get("color")),
        settings.get("width"),
        session.cwd,
        settings.get("sarif_category") or "",
        bool(settings.get("links")),
    )
    outputs = []
    for name, path in formats:
        if session.step is not None:
            session.step("report", name, 1, 1)
        # A file is no terminal.
        shown = options if path is None else Options(cwd=options.cwd, category=options.category)
        if name == "diff" and repaired is not None:
            text, notes = repaired.diff(shown)
            messages += notes
        elif settings.get("statistics") and path is None:
            from volint.report import statistics

            text = statistics.render(result, shown, name)
        else:
            text = render_check(name, result, shown)
        outputs.append((path, text))
    session.lap("report")
    if not settings.get("quiet"):
        color = bool(settings.get("color_messages"))
        if repaired is not None:
            messages.append(repaired.summary())
        width = settings.get("width_messages")
        said = summary_report.render(result, options._replace(color=color, width=width))
        messages.append(said)
    if settings.get("verbose"):
        from volint.report import times

        messages += times.render(session, len(enabled))
    status = _status(result, session.config.fail_on)
    failed = repaired is not None and repaired.failed
    return Outcome(outputs, messages, FAILED if failed else status, result.summary.findings)


def _unanswered(roots: Sequence[str]) -> list[str]:
    """Return what to say of work trees that git does not answer for."""
    if not roots:
        return []
    from shlex import quote

    from volint.report.terminal import escape

    return [
        escape(
            f"note: '{root}' belongs to somebody else, so git does not say what is committed or ignored there; "
            f"`git config --global --add safe.directory {quote(root)}` lets it"
        )
        for root in roots
    ]


def watch(
    settings: Mapping[str, Any], run: Callable[[dict[str, Any]], Outcome] = check
) -> Iterator[Outcome]:
    """`volint check --watch`: yield what `check` comes to now, and again after each change; ends only if nothing can be watched.

    `run` is what is called instead of `check`. The last of an outcome's messages is the time, the number of
    findings and what changed; after an outcome that says why files cannot be watched there is none.
    """
    import gc

    from volint.watch import CannotWatch, Seen, Watcher

    before: Seen | None = None
    changed: list[str] = []
    settings = dict(settings)
    try:
        watcher = Watcher()
        while True:
            cwd = working_directory()
            seen = Seen(cwd, settings)
            outcome = run({**settings, "seen": seen})
            # Collecting is off, and a run leaves much behind.
            gc.collect()
            if before is not None:
                seen.carry_over(before)
            elif outcome.findings is None and not seen.is_there:
                yield outcome
                return
            folders = watcher.look_at(seen)
            outcome.messages.append(_watched(outcome, changed, folders))
            yield outcome
            changed = [os.path.relpath(path, cwd) for path in watcher.wait()]
            before = seen
            settings["start_up"] = None
    except (CannotWatch, UsageError) as error:
        from volint.report.terminal import escape

        lines = [f"error: {escape(line)}" for line in str(error).splitlines()]
        yield Outcome([], lines, FAILED)


def _watched(outcome: Outcome, changed: Sequence[str], folders: int) -> str:
    """Return the line below one run of many."""
    import time

    from volint.report.summary import counted
    from volint.report.terminal import escape

    found = "not checked" if outcome.findings is None else counted(outcome.findings, "finding")
    after = ""
    if changed:
        what = changed[0] if len(changed) == 1 else f"{len(changed)} files"
        after = f" after a change of {escape(what)}"
    return (
        f"[{time.strftime('%H:%M:%S')}] {found}{after}; "
        f"watching {counted(folders, 'folder')}, Ctrl-C ends"
    )


def _add_ignores(
    session: Session,
    workspace: Workspace,
    discovery: Discovery | None,
    result: Result,
    messages: list[str],
) -> Outcome:
    """Write ignore comments, and return an outcome that says so."""
    from volint.addignore import add_ignores
    from volint.report.summary import counted
    from volint.report.terminal import escape

    reason = session.settings["add_ignore"].strip()
    if session.config.require_ignore_reason and not reason:
        raise UsageError("'require-ignore-reason' is on: say why, e.g. --add-ignore='since 2019'")
    added = add_ignores(session, workspace, discovery, result, reason)
    messages += [f"error: {escape(text)}" for text in added.failures]
    for finding in added.left:
        line, column = finding.span.source.position(finding.span.start)
        messages.append(
            escape(
                f"note: {finding.span.source.path}:{line}:{column}: no comment can hide {finding.code} here; "
                "mend it, or use 'per-file-ignores' or a baseline"
            )
        )
    messages.append(
        f"{counted(added.comments, 'ignore comment')} written for {counted(added.findings, 'finding')} "
        f"in {counted(added.files, 'file')}"
    )
    status = FAILED if added.failures else FOUND if added.left else CLEAN
    return Outcome([], messages, status)


_MOST_STALE = 10


def _stale(entries: Sequence[Entry], name: str) -> list[str]:
    """Return what to say of entries of a baseline that nothing was found for."""
    from volint.report.terminal import escape

    if not entries:
        return []
    one = len(entries) == 1
    number, are, them = (
        ("1 entry", "is", "it") if one else (f"{len(entries)} entries", "are", "them")
    )
    said = [
        f"note: {number} of '{name}' {are} found no more; --write-baseline {name} takes {them} out"
    ]
    said += [f"  {entry.file}: {entry.code}: {entry.message}" for entry in entries[:_MOST_STALE]]
    if entries[_MOST_STALE:]:
        said.append(f"  and {len(entries) - _MOST_STALE} more")
    return [escape(line) for line in said]


def _write_baseline(result: Result, name: str, messages: list[str]) -> Outcome:
    """Return an outcome that writes what was found as a baseline, and nothing else."""
    from volint.baseline import written
    from volint.fingerprint import Repository

    text = written(result.findings, Repository(result.root, result.cwd))
    one = len(result.findings) == 1
    number, them = ("1 finding", "it") if one else (f"{len(result.findings)} findings", "them")
    if name == "-":
        return Outcome([(None, text)], [*messages, f"{number} written as a baseline"], CLEAN)
    said = f"{number} written to '{name}'; --baseline {name} leaves {them} out from now on"
    return Outcome([(name, text)], [*messages, said], CLEAN)


def _check_formats(
    settings: Mapping[str, Any], known: Mapping[str, str]
) -> list[tuple[str, str | None]]:
    """Return what `_formats` does; with --diff the diff stands where the findings would."""
    if settings.get("statistics"):
        chosen = _formats(settings, "full", known)
        return chosen if any(path is None for _, path in chosen) else [*chosen, ("full", None)]
    if not settings.get("diff"):
        return _formats(settings, "full", known)
    if not settings.get("formats"):
        return _formats(settings, "diff", {"diff": ""})
    formats = _formats(settings, "full", known)
    if any(path is None for _, path in formats):
        raise UsageError(
            "--diff prints to stdout; give each format a file, e.g. --format sarif=FILE"
        )
    return [*formats, ("diff", None)]


def unloaded(failures: Sequence[str]) -> list[str]:
    """Return what to say of packs that cannot be used."""
    if not failures:
        return []
    from volint.report.terminal import escape

    return [f"error: {escape(line)}" for failure in failures for line in failure.splitlines()]


def _said(session: Session, discovery: Discovery) -> list[str]:
    """Return what to say of paths that are not looked at, and where nothing is left of them."""
    from volint.report.terminal import escape

    said = discovery.said(session.files)
    if len(said) > 1 and session.settings.get("force_exclude"):
        # A tool gave the paths, and has given others by the dozen.
        said = [
            f"note: {len(said)} of the paths given are left out: excluded, or nothing volint reads"
        ]
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


def _show_settings(session: Session) -> Outcome:
    from volint.report.settings import render_settings

    rules = [meta.load() for meta in session.metas(session.enabled())]
    failures = unloaded(session.failures)
    status = FAILED if failures else CLEAN
    return Outcome([(None, render_settings(session.config, rules))], failures, status)


def _show_files(session: Session, discovery: Discovery | None) -> Outcome:
    if discovery is None:
        lines = [*session.paths]
    else:
        lines = [f"{session.files.display(item.path)}" for item in discovery.items]
    return Outcome([(None, "".join(line + "\n" for line in lines))], [], CLEAN)


def mounts(settings: Mapping[str, Any]) -> Outcome:
    """`volint mounts`: the mount model itself."""
    return guarded(lambda: _mounts(settings))


def _mounts(settings: Mapping[str, Any]) -> Outcome:
    from volint import pictures
    from volint.report import MOUNT_FORMATS, PICTURES, Options

    formats = _formats(settings, "table", MOUNT_FORMATS)
    session = Session(settings)
    discovery = None if settings.get("compose_files") else session.discovery()
    messages = _said(session, discovery) if discovery is not None else []
    with session.knowledge():
        workspace = session.workspace(discovery)
        drawn = not PICTURES.isdisjoint(name for name, _ in formats)
        result = session.result(workspace, discovery) if drawn else None
    projects = session.asked(workspace, discovery)
    options = Options(bool(settings.get("color")), settings.get("width"), session.cwd)
    outputs, notes = pictures.mounts(session, formats, workspace, projects, result, options)
    unseen = any(
        problem.code in ("VL000", "VL001", "VL004") and problem.level in (None, "error", "warning")
        for project in projects
        for problem in project.problems
    )
    return Outcome(outputs, messages + notes, FAILED if unseen else CLEAN)


def report(settings: Mapping[str, Any]) -> Outcome:
    """`volint report`: a page for a review. It has no status for findings: `check` judges, this shows."""
    return guarded(lambda: _report(settings))


def _report(settings: Mapping[str, Any]) -> Outcome:
    from volint import pictures

    session = Session(settings)
    discovery = None if settings.get("compose_files") else session.discovery()
    session.enabled()  # says what is wrong with rules and their options
    messages = unloaded(session.failures)
    if discovery is not None:
        messages += _said(session, discovery)
    with session.knowledge():
        workspace = session.workspace(discovery)
        result = session.result(workspace, discovery)
        if settings.get("baseline"):
            messages += _stale(session.stale(result, workspace, discovery), settings["baseline"])
    projects = session.asked(workspace, discovery)
    text, notes = pictures.report(session, workspace, projects, result)
    place = settings.get("output")
    status = _status(result, session.config.fail_on)
    return Outcome(
        [(None if place == "-" else place, text)],
        messages + notes,
        FAILED if status == FAILED else CLEAN,
    )


def init(settings: Mapping[str, Any]) -> Outcome:
    """`volint init`: settings are `paths`, `output` ('-' for stdout) and `force`."""
    return guarded(lambda: _init(settings))


def _init(settings: Mapping[str, Any]) -> Outcome:
    from volint.report.starter import starter

    output = settings["output"]
    session = Session({**settings, "no_config": True})
    if output != "-" and not settings.get("force") and session.is_there(output):
        raise UsageError(
            f"'{output}' is there already; write over it with --force, or another with -o FILE"
        )
    discovery = session.discovery()
    messages = _said(session, discovery)
    workspace = session.workspace(discovery)
    text = starter(session.result(workspace, discovery), session.asked(workspace, discovery))
    if output != "-":
        messages.append(f"'{output}' written; every line says what it is for")
    return Outcome([(None if output == "-" else output, text)], messages, CLEAN)
