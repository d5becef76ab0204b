"""Everything of one run: from files found to projects.

Scripts and documents come first, because the commands in them say which Compose files belong together and
which Dockerfile is built with which context; then the Compose sets; last the Dockerfiles nobody builds.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from volint.assemble import environment as environments
from volint.model import (
    CommandKind,
    Environment,
    EnvironmentKind,
    Project,
    ProjectKind,
)
from volint.source import Kind, Problem, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from volint.assemble.filesets import SetSpec, Written
    from volint.assemble.shape import Shape
    from volint.files import Files
    from volint.model import Build, Command, Container
    from volint.source import Text

__all__ = ["Input", "Item", "Workspace", "assemble", "by_hand"]


class Item(NamedTuple):
    """A file to look at."""

    path: str
    """Absolute path."""
    kind: Kind
    """What it is."""


class Input(NamedTuple):
    """How to look: what does not depend on the files themselves."""

    script_cwd: str | None = None
    """Absolute working directory of run lines in scripts; None: not known."""
    resolve_env: bool = False
    """Interpolate with this process's environment; unset variables empty."""
    environ: Mapping[str, str] | None = None
    """That environment; None: nothing is known."""
    home: str | None = None
    """The home directory for '~'; None: not known."""
    environment: Environment | None = None
    """What the command line says of every project."""
    configured: Callable[[str], Environment | None] | None = None
    """What the configuration says of a path relative to the repository's root."""
    sets: tuple[SetSpec, ...] = ()
    """Compose sets that the configuration names."""
    max_yaml: int = 10_000_000
    """Largest YAML file that is read, in bytes."""


class Workspace(NamedTuple):
    """All projects of a run and the texts they were read from."""

    projects: tuple[Project, ...]
    """The projects, sorted by first file and name."""
    sources: tuple[Source, ...]
    """Every text that was read, sorted by path: ignore comments are looked for in them."""


class _Assembler:
    """One run's state: sources read, builds claimed, projects made."""

    def __init__(self, files: Files, given: Input) -> None:
        self.files = files
        self.given = given
        self.projects: list[Project] = []
        self.sources: dict[str, Source] = {}
        self.built: set[str] = set()

    def read(self, item: Item) -> Source | None:
        """Read a file; one that cannot be read becomes a project of its own that says so."""
        source = self.files.read(item.path, item.kind)
        if source is not None:
            self.sources.setdefault(source.path, source)
            return source
        reason = self.files.problem(item.path) or "cannot be read"
        empty = Source(self.files.display(item.path), "", item.kind, item.path)
        self.sources.setdefault(empty.path, empty)
        self.projects.append(unreadable(empty, f"'{empty.path}' {reason}"))
        return None

    # -- where a project runs

    def environment(
        self, paths: Sequence[str], containers: Iterable[Container] = ()
    ) -> Environment:
        """Decide where the project of some absolute paths runs, in the order the module documents."""
        if self.given.environment is not None:
            return self.given.environment
        relative = [self._relative(path) for path in paths]
        if self.given.configured is not None:
            for path in reversed(relative):
                found = self.given.configured(path)
                if found is not None:
                    return found
        named = environments.of_names(list(reversed(relative)))
        return named or environments.of_variables(containers) or environments.UNKNOWN

    def _relative(self, path: str) -> str:
        root = self.files.git_root(path)
        if root and path.startswith(root.rstrip("/") + "/"):
            return path[len(root.rstrip("/")) + 1 :]
        return self.files.display(path)

    def place(self, project: Project, paths: Sequence[str]) -> Project:
        """Give a project its environment, and its containers theirs."""
        found = self.environment(paths, project.containers)
        project = project._replace(environment=found)
        if self.given.environment is not None or not any(
            container.profiles for container in project.containers
        ):
            return project
        containers = tuple(
            container._replace(environment=own)
            if container.profiles and (own := environments.of_profiles(container))
            else container
            for container in project.containers
        )
        return project._replace(containers=containers)

    # -- scripts, documents, units

    def scripts(self, sources: Iterable[Source]) -> list[Written]:
        """Make the projects of scripts and documents; return their compose commands."""
        from volint.assemble.embedded import projects
        from volint.assemble.filesets import Written

        written: list[Written] = []
        for source in sources:
            for project in projects(
                source,
                files=self.files,
                cwd=self.given.script_cwd,
                home=self.given.home if self.given.resolve_env else None,
                environ=self.given.environ if self.given.resolve_env else None,
            ):
                folders = self._folders(source)
                written.extend(Written(command, folders) for command in project.commands)
                builds, problems = self.command_builds(project.commands, folders)
                project = project._replace(
                    builds=(*project.builds, *builds), problems=(*project.problems, *problems)
                )
                self.projects.append(self.place(project, [source.file or source.path]))
        return written

    def _folders(self, source: Source) -> tuple[str, ...]:
        """Return the folders relative paths of a script may start from, likeliest first."""
        if self.given.script_cwd is not None:
            return (self.given.script_cwd,)
        if source.file is None:
            return (self.files.cwd,)
        folder = os.path.dirname(source.file)
        root = self.files.git_root(source.file)
        found = [folder]
        while root and folder != root and folder.startswith(root):
            folder = os.path.dirname(folder)
            found.append(folder)
        return tuple(found)

    # -- builds

    def command_builds(
        self, commands: Iterable[Command], folders: Sequence[str]
    ) -> tuple[list[Build], list[Problem]]:
        """Return the builds of `docker build` lines whose Dockerfile is on this disk."""
        builds: list[Build] = []
        problems: list[Problem] = []
        for command in commands:
            if command.kind is not CommandKind.BUILD or not command.operands:
                continue
            context = command.operands[0]
            if context.unresolved or "://" in context.value or context.value == "-":
                continue
            named = command.options.get("file", ())
            if named and named[-1].unresolved:
                continue
            for folder in folders:
                root = os.path.normpath(os.path.join(folder, context.value))
                path = (
                    os.path.normpath(os.path.join(folder, named[-1].value))
                    if named
                    else os.path.join(root, "Dockerfile")
                )
                if self.files.isfile(path) and self.files.isdir(root):
                    break
            else:
                continue
            made, found = self._build(
                path,
                root,
                context,
                target=(command.options.get("target") or (None,))[-1],
                args=command.options.get("build-arg", ()),
            )
            if made is not None:
                builds.append(made)
                problems.extend(found)
        return builds, problems

    def _build(
        self,
        path: str,
        root: str,
        context: Text | None,
        *,
        target: Text | None = None,
        args: Sequence[Text] = (),
        certain: bool = True,
    ) -> tuple[Build | None, Sequence[Problem]]:
        from volint.assemble.build import make_build

        source = self.files.read(path, Kind.DOCKERFILE)
        if source is None:
            return None, ()
        self.sources.setdefault(source.path, source)
        self.built.add(path)
        return make_build(
            self.files,
            dockerfile=source,
            root=root,
            context=context,
            target=target,
            args=args,
            root_certain=certain,
        )


def unreadable(source: Source, message: str, level: str | None = None) -> Project:
    """Return the project of a file that cannot be read: nothing but the problem."""
    problem = Problem(
        "VL001",
        message,
        Span(source, 0, 0),
        "save it as UTF-8 text, or leave it out with --exclude",
        level=level,
    )
    kinds = {Kind.COMPOSE: ProjectKind.COMPOSE, Kind.DOCKERFILE: ProjectKind.BUILD}
    return Project(
        source.path,
        kinds.get(source.kind, ProjectKind.SCRIPT),
        (source,),
        Environment(EnvironmentKind.UNKNOWN, ""),
        problems=(problem,),
    )
