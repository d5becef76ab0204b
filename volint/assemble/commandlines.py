"""The project that command lines make: all run lines of one script are one project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.model import Command, Container, Environment, EnvironmentKind, Project, ProjectKind
from volint.parse.shellcommand import SCRIPT_DIRECTORY
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volint.files import Files
    from volint.parse.shellcommand import ShellCommand
    from volint.source import Problem, Source

__all__ = ["Scene", "of_commands"]


class Scene(NamedTuple):
    """What is known of where scripts run."""

    files: Files | None = None
    """What reads env files; None: nothing does."""
    cwd: str | None = None
    """Absolute directory scripts are started in; None where it is not known."""
    home: str | None = None
    """The home directory; None where it is not known."""
    environ: Mapping[str, str] | None = None
    """The environment they run in; None where it is not known."""


def _directory(command: ShellCommand, scene: Scene) -> str | None:
    """Return the absolute directory a command runs in, None where it is not known."""
    cwd = command.cwd
    if cwd is None or cwd.startswith("~"):
        return None
    own = command.span.source.file
    if cwd.startswith(SCRIPT_DIRECTORY) and own:
        cwd = os.path.normpath(os.path.dirname(own) + cwd[len(SCRIPT_DIRECTORY) :])
    if "$" in cwd or "\0" in cwd:
        return None
    if cwd.startswith("/"):
        return cwd
    return os.path.normpath(os.path.join(scene.cwd, cwd)) if scene.cwd else None


def of_commands(
    source: Source,
    commands: Iterable[ShellCommand],
    problems: Iterable[Problem],
    scene: Scene,
    kind: ProjectKind = ProjectKind.SCRIPT,
    name: str = "",
) -> Project | None:
    """Return the project that the commands of one file, or of one block of it, make; None if they make nothing."""
    from volint.assemble.run import interpret

    containers: list[Container] = []
    others: list[Command] = []
    compose_runs: list[Command] = []
    found = list(problems)
    donors: dict[str, Container] = {}
    for command in commands:
        what = interpret(
            command.words,
            cwd=_directory(command, scene),
            home=scene.home,
            env=scene.environ,
            reader=scene.files,
            donors=donors,
            span=command.span,
            program=command.program,
        )
        found.extend(what.problems)
        if isinstance(what.thing, Container):
            containers.append(what.thing)
            donors[what.thing.name.value] = what.thing
        elif what.thing is not None:
            others.append(_placed(what.thing, command))
        if what.compose is not None:
            compose_runs.append(_placed(what.compose, command))
    if not containers and not others and not found:
        return None
    return Project(
        name or source.path,
        kind,
        (source,),
        Environment(EnvironmentKind.UNKNOWN, ""),
        tuple(containers),
        volumes=tuple(command.volume for command in others if command.volume),
        commands=tuple(others),
        problems=tuple(found),
        compose_runs=tuple(compose_runs),
        root=scene.cwd,
    )


def _placed(made: Command, command: ShellCommand) -> Command:
    return made._replace(cwd=command.cwd, variables=dict(command.variables))
