"""Projects of files that hold commands: all run lines of one script are one project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.model import (
    Command,
    Container,
    ContainerKind,
    Environment,
    EnvironmentKind,
    Project,
    ProjectKind,
)
from volint.parse.shellcommand import SCRIPT_DIRECTORY
from volint.record import NamedTuple
from volint.source import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volint.files import Files
    from volint.parse.shellcommand import ShellCommand
    from volint.source import Problem, Source

__all__ = ["Scene", "of_commands", "projects"]


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


def projects(source: Source, scene: Scene) -> list[Project]:
    """Return the projects of a script, document or unit, none if it holds no container command.

    All run lines of one file are one project; each block of a document is one of its own.
    """
    if source.kind is Kind.SHELL:
        from volint.parse.shell import parse

        commands, problems = parse(source, variables=scene.environ, cwd=scene.cwd, home=scene.home)
        return _listed(of_commands(source, commands, problems, scene))
    if source.kind is Kind.QUADLET:
        from volint.assemble.units import quadlet

        return _listed(quadlet(source, scene))
    if source.kind is Kind.DEVCONTAINER:
        from volint.assemble.units import devcontainer

        return _listed(devcontainer(source, scene))
    from volint.parse.embedded import commands as read

    blocks, problems = read(source)
    if source.kind is Kind.MARKDOWN:
        from volint.assemble.document import of_block

        return [made for block in blocks if (made := of_block(source, block, scene)) is not None]
    kind = ProjectKind.UNIT if source.kind is Kind.UNIT else ProjectKind.SCRIPT
    found = [command for block in blocks for command in block.commands]
    made = of_commands(source, found, problems, scene, kind)
    if made is not None and kind is ProjectKind.UNIT:
        units = tuple(one._replace(kind=ContainerKind.UNIT) for one in made.containers)
        made = made._replace(containers=units)
    return _listed(made)


def _listed(project: Project | None) -> list[Project]:
    return [project] if project is not None else []


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
