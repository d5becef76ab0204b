"""How the repository itself runs Compose: the commands written in its scripts, documents and comments.

A `Use` keeps what a command says, not yet resolved: which of the folders it may start from is the right one
is known only when the files that are there are.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import CommandKind
from volint.record import NamedTuple
from volint.source import Kind, Span

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from volint.model import Command, Project
    from volint.source import Source

__all__ = ["Use", "commands_of", "comments_of", "mentions_of"]

_KINDS = frozenset(
    (
        CommandKind.COMPOSE_UP,
        CommandKind.COMPOSE_DOWN,
        CommandKind.COMPOSE_RM,
        CommandKind.COMPOSE_OTHER,
        CommandKind.STACK_DEPLOY,
    )
)
_FILE = r"""(?:-f[ \t]*|--file[= \t][ \t]*|-c[ \t]+|--compose-file[= \t][ \t]*)["']?([^\s"'\\()|;&]+)["']?"""
_OPTION = regex(
    _FILE + r"""|(?P<name>--profile|--env-file|--project-directory|--project-name|-p)[= \t][ \t]*"""
    r"""["']?(?P<value>[^\s"']+)["']?|(?P<flag>--?[\w-]+)"""
)
_COMMAND = (
    r"\b(?P<program>docker[ -]compose|podman[ -]compose|docker[ \t]+stack[ \t]+deploy)"
    r"(?P<words>[ \t]+-(?:[^\n\\]|\\\r?\n[ \t]*#?|\\)*)"
)
_MENTION = regex(_COMMAND)
_COMMENT = regex(rf"(?m)^[ \t]*#.*?{_COMMAND}")
_BREAK = regex(r"\\\r?\n[ \t]*#?")
_LIST = regex(rf"{_FILE}(?:(?:[ \t]+|[ \t]*\\\r?\n[ \t]*){_FILE})+")
_OTHER_PROGRAM = regex(
    r"(?:^|[;&|('\"`])[ \t]*(?:- )?(?:run:[ \t]*)?(?!\S*(?:compose|docker|podman))[a-z][\w.-]*(?![\w.=:-])[^;&|('\"`=]*[ \t]$"
)
"""A command before a list of files that takes them itself: `ytt`, `kubectl apply`, `helm template`."""
_OWN_PROGRAM = regex(r"compose|docker|podman|stack")
_TEXTS = frozenset(
    (
        Kind.SHELL, Kind.MAKEFILE, Kind.JUSTFILE, Kind.CI, Kind.MARKDOWN, Kind.PACKAGE_JSON, Kind.TASKFILE,
        Kind.UNIT,
    )
)  # fmt: skip
_LOADERS = frozenset(("build", "config", "convert", "create", "pull", "up", "watch"))
"""Compose commands that make something of the files; the others look for what runs under a name."""


class Use(NamedTuple):
    """One place that runs Compose, or deploys a stack, with its words as they are written."""

    span: Span
    """The command."""
    folders: tuple[str, ...]
    """Absolute folders that relative paths may start from, likeliest first."""
    cwd: str | None = ""
    """Directory it runs in, as `Command.cwd` says it."""
    files: tuple[str, ...] = ()
    """Values of -f; none: what Compose finds by itself."""
    profiles: tuple[str, ...] = ()
    """Values of --profile."""
    env_files: tuple[str, ...] = ()
    """Values of --env-file."""
    directory: str = ""
    """Value of --project-directory."""
    name: str | None = None
    """Value of --project-name, or the stack's name, where it is known."""
    stack: bool = False
    """True for `docker stack deploy`."""
    composed: bool = False
    """True for a stack that `docker compose config` hands over: Compose reads its files."""
    instead: Use | None = None
    """What counts where its files are not there: the `docker compose config` that may have written them."""


def commands_of(project: Project, folders: tuple[str, ...]) -> list[Use]:
    """Return how the commands of a script or document run Compose."""
    commands = [command for command in project.commands if command.kind in _KINDS]
    commands += project.compose_runs
    commands.sort(key=lambda command: command.span.start)
    found: list[Use] = []
    config: Use | None = None
    for command in commands:
        use = _use(command, folders)
        if use is None:
            continue
        if use.stack:
            use = _stack(use, config)
            if config is not None and use.files == config.files:
                found.remove(config)
        elif any(word.value in ("config", "convert") for word in command.arguments):
            # In `docker stack deploy -c <(docker compose config)` it is already read.
            if found and found[-1].stack and command.span.end <= found[-1].span.end:
                continue
            config = use
        found.append(use)
    return found


def _use(command: Command, folders: tuple[str, ...]) -> Use | None:
    options, variables = command.options, command.variables

    def values(name: str) -> tuple[str, ...]:
        return tuple(value.value for value in options.get(name, ()))

    def known(name: str) -> tuple[str, ...]:
        return tuple(value.value for value in options.get(name, ()) if not value.unresolved)

    stack = command.kind is CommandKind.STACK_DEPLOY
    use = Use(command.span, folders, command.cwd, stack=stack)
    if stack:
        names = [word.value for word in command.operands if not word.unresolved]
        return use._replace(files=values("compose-file"), name=names[0] if names else None)
    files = values("file")
    if not files:
        if command.unresolved:
            return None
        separator = variables.get("COMPOSE_PATH_SEPARATOR") or ":"
        files = tuple(name for name in variables.get("COMPOSE_FILE", "").split(separator) if name)
    name = (known("project-name") or (variables.get("COMPOSE_PROJECT_NAME"),))[-1]
    return use._replace(
        files=files,
        profiles=known("profile") or _split(variables.get("COMPOSE_PROFILES")),
        env_files=values("env-file") or _split(variables.get("COMPOSE_ENV_FILES")),
        directory=(values("project-directory") or ("",))[-1],
        name=name or None if files or _loads(command) else None,
    )


def _loads(command: Command) -> bool:
    """Return whether a command makes something of the files, an up or a run for example."""
    return not command.arguments or any(word.value in _LOADERS for word in command.arguments)


def _split(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


def _stack(use: Use, config: Use | None) -> Use:
    """Return a deployment with the files that `docker compose config` hands it."""
    files: list[str] = []
    for name in use.files:
        if name.startswith("<("):
            files.extend(match[1] for match in _OPTION.finditer(name) if match[1])
            use = use._replace(composed=True)
        elif name != "-":
            files.append(name)
    if config is not None and not files:
        return _composed(use, config)
    if config is not None and config.span.source is use.span.source and len(files) == 1:
        return use._replace(files=tuple(files), instead=_composed(use, config))
    return use._replace(files=tuple(files))


def _composed(use: Use, config: Use) -> Use:
    return use._replace(
        files=config.files, cwd=config.cwd, env_files=config.env_files, composed=True
    )


def comments_of(source: Source, folders: tuple[str, ...]) -> Iterator[Use]:
    """Yield how comments of a Compose file say that it is run."""
    text = source.text
    if "ocker" not in text and "odman" not in text:
        return
    for match in _COMMENT.finditer(text):
        use = _mentioned(match, source, folders)
        if use.files or use.profiles or use.env_files or use.name or use.directory:
            yield use


def mentions_of(
    source: Source, folders: tuple[str, ...], projects: Iterable[Project]
) -> Iterator[Use]:
    """Yield the files that a script or document names beside its commands: in what it prints, in variables.

    `projects` are those of the source, the commands of which are left alone.
    """
    text = source.text
    if source.kind not in _TEXTS or ".y" not in text:
        return
    spans = [
        command.span[1:]
        for project in projects
        for command in (*project.commands, *project.compose_runs)
    ]
    covered = _Covered(spans)
    for match in _MENTION.finditer(text):
        use = _mentioned(match, source, folders)
        if use.files and use.span.start not in covered:
            spans.append(use.span[1:])
            yield use
    covered = _Covered(spans)
    for match in _LIST.finditer(text):
        start, end = match.span()
        line = text[text.rfind("\n", 0, start) + 1 : start]
        if start in covered:
            continue
        if _OWN_PROGRAM.search(line) or not _OTHER_PROGRAM.search(line):
            files = [option[1] for option in _OPTION.finditer(match[0]) if option[1]]
            yield Use(Span(source, start, end), folders, files=tuple(files))


class _Covered:
    """Tells whether an offset lies in one of some ranges."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(ranges)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def __contains__(self, offset: int) -> bool:
        at = bisect_right(self._starts, offset)
        return at > 0 and offset < self._ends[at - 1]


def _mentioned(match: re.Match[str], source: Source, folders: tuple[str, ...]) -> Use:
    use = Use(Span(source, match.start("program"), match.end()), folders)
    words = _BREAK.sub(" ", match["words"])
    return _read(words, use._replace(stack=match["program"].endswith("deploy")))


def _read(words: str, use: Use) -> Use:
    """Return a use with the options that stand at the start of a text."""
    found: dict[str, list[str]] = {}
    at = len(words) - len(words.lstrip())
    while match := _OPTION.match(words, at):
        if match[1]:
            found.setdefault("files", []).append(match[1])
        elif match["name"]:
            found.setdefault(match["name"].lstrip("-"), []).append(match["value"])
        at = match.end()
        at += len(words[at:]) - len(words[at:].lstrip())
    name = next(reversed(found.get("project-name", found.get("p", []))), None)
    if use.stack:
        name = next(iter(words[at:].split()), None)
    return use._replace(
        files=tuple(found.get("files", ())),
        profiles=tuple(found.get("profile", ())),
        env_files=tuple(found.get("env-file", ())),
        directory=next(reversed(found.get("project-directory", [])), ""),
        name=name,
    )
