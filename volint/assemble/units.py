"""Quadlets and devcontainers into projects: each is read as the command line its tool makes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.assemble.commandlines import of_commands
from volint.model import (
    Command,
    Container,
    ContainerKind,
    Environment,
    EnvironmentKind,
    Project,
    ProjectKind,
    Syntax,
)
from volint.source import Kind, Piece, Problem, Span, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.assemble.commandlines import Scene
    from volint.model import Mount
    from volint.parse.devcontainer import Devcontainer
    from volint.source import Source

__all__ = ["devcontainer", "quadlet"]

_QUADLET_SYNTAX = {
    Syntax.V: Syntax.QUADLET_VOLUME,
    Syntax.MOUNT: Syntax.QUADLET_MOUNT,
    Syntax.TMPFS: Syntax.QUADLET_TMPFS,
    Syntax.SECRET: Syntax.QUADLET_SECRET,
}


def _project(
    source: Source,
    kind: ProjectKind,
    containers: Iterable[Container],
    commands: Iterable[Command],
    problems: Iterable[Problem],
) -> Project:
    others = tuple(commands)
    return Project(
        source.path,
        kind,
        (source,),
        Environment(EnvironmentKind.UNKNOWN, ""),
        tuple(containers),
        volumes=tuple(command.volume for command in others if command.volume),
        commands=others,
        problems=tuple(problems),
        root=os.path.dirname(source.file) if source.file else None,
    )


def quadlet(source: Source, scene: Scene) -> Project | None:
    """Return the project of a `.container`, `.volume` or `.build` unit, None if it is none of them."""
    from volint.assemble.run import interpret
    from volint.parse.quadlet import read

    dropins = _dropins(source, scene)
    unit = read(source, dropins)
    if unit is None:
        return None
    folder = os.path.dirname(source.file) if source.file else None
    # Units run where they are installed: what is beside this file says nothing about that place.
    what = interpret(unit.words, cwd=folder, home=scene.home, env={}, span=unit.span)
    containers: list[Container] = []
    commands: list[Command] = []
    if isinstance(what.thing, Container):
        from_keys = {span for _, span in unit.values}
        mounts = tuple(_relabeled(mount, from_keys) for mount in what.thing.mounts)
        containers.append(
            what.thing._replace(kind=ContainerKind.QUADLET, name=unit.real_name, mounts=mounts)
        )
    elif what.thing is not None:
        commands.append(what.thing)
    made = _project(source, ProjectKind.QUADLET, containers, commands, what.problems)
    return made._replace(sources=(source, *dropins))


def _dropins(source: Source, scene: Scene) -> list[Source]:
    """Return the files of `NAME.container.d/`, in the order systemd reads them (systemd.unit(5))."""
    if scene.files is None or source.file is None:
        return []
    folder = source.file + ".d"
    names = sorted(name for name in scene.files.listdir(folder) or () if name.endswith(".conf"))
    found = (scene.files.read(os.path.join(folder, name), Kind.QUADLET) for name in names)
    return [dropin for dropin in found if dropin is not None]


def _relabeled(mount: Mount, spans: set[Span]) -> Mount:
    """Return a mount with the key it was written with, unless it comes from PodmanArgs=."""
    if not any(span.start <= mount.span.start and mount.span.end <= span.end for span in spans):
        return mount
    return mount._replace(syntax=_QUADLET_SYNTAX.get(mount.syntax, mount.syntax))


def devcontainer(source: Source, scene: Scene) -> Project | None:
    """Return the project of a devcontainer.json, None if it is no JSON object.

    Compose files it names become a `docker compose up` command, a Dockerfile a `docker build`.
    """
    from volint.parse.devcontainer import read

    described, problems = read(source)
    if described is None:
        if not problems:
            return None
        return _project(source, ProjectKind.DEVCONTAINER, (), (), problems)
    found = [*problems, *_missing(described, scene, source)]
    containers: list[Container] = []
    commands: list[Command] = []
    if described.compose_files:
        commands += _command(_compose(described), scene, source)
        if described.mounts:
            # They are added to the service; workspaceMount, runArgs and the image are not looked at.
            added = described._replace(
                name=described.service or described.name,
                image=None,
                workspace_mount=None,
                run_args=(),
            )
            container, wrong = _container(added, scene, source)
            containers += container
            found += wrong
    else:
        if described.dockerfile is not None:
            commands += _command(_build(described), scene, source)
        container, wrong = _container(described, scene, source)
        containers += container
        found += wrong
    project = _project(source, ProjectKind.DEVCONTAINER, containers, commands, found)
    hooks = of_commands(source, described.lifecycle, (), scene)
    if hooks is None:
        return project
    return project._replace(
        containers=project.containers + hooks.containers,
        volumes=project.volumes + hooks.volumes,
        commands=project.commands + hooks.commands,
        problems=project.problems + hooks.problems,
        compose_runs=hooks.compose_runs,
    )


def _missing(described: Devcontainer, scene: Scene, source: Source) -> list[Problem]:
    """Return what is wrong with the Compose files or the Dockerfile that it names: they are not there."""
    from volint.assemble.build import comes_later

    files = scene.files
    if files is None or source.file is None:
        return []
    folder = os.path.dirname(source.file)
    # Whoever applies a template has the Dockerfile.
    if files.isfile(os.path.join(os.path.dirname(folder), "devcontainer-template.json")):
        return []
    named = [("Compose file", word) for word in described.compose_files]
    if not named and described.dockerfile is not None:
        named.append(("Dockerfile", described.dockerfile))
    problems = []
    for what, word in named:
        path = os.path.normpath(os.path.join(folder, word.value))
        if word.unresolved() or files.exists(path) or not files.is_allowed(path):
            continue
        problems.append(
            Problem(
                "VL004",
                f"the {what} '{word.value}' is not there",
                word.span,
                f"correct the path, or add '{files.display(path)}'",
                level="note" if comes_later(files, path) else "warning",
            )
        )
    return problems


def _flag(text: str, at: Span) -> Word:
    return Word(text, at, (Piece(0, at.start, at.end, True),))


def _compose(described: Devcontainer) -> list[Word]:
    at = described.keys.get("dockerComposeFile", described.span)
    words = [_flag("docker", at), _flag("compose", at)]
    for path in described.compose_files:
        words += (_flag("-f", path.span), path)
    return [*words, _flag("up", at)]


def _build(described: Devcontainer) -> list[Word]:
    at = described.keys.get("build") or described.keys.get("dockerFile", described.span)
    words = [_flag("docker", at), _flag("build", at)]
    if described.dockerfile is not None:
        # The Dockerfile is relative to devcontainer.json, unlike in `docker build`, whose -f is too.
        words += (_flag("-f", at), described.dockerfile)
    if described.target is not None:
        words += (_flag("--target", at), described.target)
    return [*words, described.context or _flag(".", at)]


def _command(words: list[Word], scene: Scene, source: Source) -> list[Command]:
    from volint.assemble.run import interpret

    folder = os.path.dirname(source.file) if source.file else None
    what = interpret(words, cwd=folder, home=scene.home, env={}, reader=scene.files)
    return [what.thing] if isinstance(what.thing, Command) else []


def _container(
    described: Devcontainer, scene: Scene, source: Source
) -> tuple[list[Container], tuple[Problem, ...]]:
    from volint.assemble.run import interpret

    at = described.keys.get("image") or described.keys.get("build") or described.span
    words = [_flag("docker", at), _flag("run", at)]
    if described.workspace_mount is not None:
        words += (_flag("--mount", described.workspace_mount.span), described.workspace_mount)
    for mount in described.mounts:
        words += (_flag("--mount", mount.span), mount)
    for pair in described.env:
        words += (_flag("-e", pair.span), pair)
    if described.user is not None:
        words += (_flag("-u", described.user.span), described.user)
    words += described.run_args
    place = Span(at.source, at.start, at.start)
    words.append(
        described.image or Word("<image>", place, (Piece(0, *place[1:], True, "<image>"),))
    )
    what = interpret(
        words,
        cwd=_workspace(source.file) if source.file else None,
        home=scene.home,
        reader=scene.files,
        span=described.span,
    )
    if not isinstance(what.thing, Container):
        return [], what.problems
    mounts = []
    for made in what.thing.mounts:
        if described.workspace_mount is not None and made.span == described.workspace_mount.span:
            made = made._replace(syntax=Syntax.WORKSPACE_MOUNT)
        elif any(made.span == word.span for word in described.mounts):
            made = made._replace(syntax=Syntax.DEVCONTAINER_MOUNTS)
        mounts.append(made)
    container = what.thing._replace(
        kind=ContainerKind.DEVCONTAINER,
        name=described.name.text() if described.name else what.thing.name,
        image=described.image.text() if described.image else None,
        mounts=tuple(mounts),
    )
    return [container], what.problems


def _workspace(file: str) -> str:
    """Return the folder from which a dev container is run: the one that holds `.devcontainer`."""
    folder = os.path.dirname(file)
    parts = folder.split(os.sep)
    for depth in (1, 2):
        if parts[-depth:][:1] == [".devcontainer"]:
            return os.sep.join(parts[:-depth]) or os.sep
    return folder
