"""The projects of one run, made file by file: scripts and documents, Compose sets, Dockerfiles.

An error in one file costs that file alone.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from volint.assemble import environment as environments
from volint.assemble.surroundings import Surroundings
from volint.model import (
    CommandKind,
    Environment,
    FileSet,
    Project,
    ProjectKind,
)
from volint.record import NamedTuple
from volint.source import Kind, Problem, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from volint.assemble.setspec import SetSpec
    from volint.assemble.uses import Use
    from volint.files import Files
    from volint.model import Build, Command, Container
    from volint.source import Text
    from volint.steps import Step

__all__ = ["Assembler", "Input"]


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
    """What the configuration says of an absolute path."""
    sets: tuple[SetSpec, ...] = ()
    """Compose sets that the configuration names."""
    platform: Callable[[str], bool] | None = None
    """Whether the configuration says that a platform declares the volumes of the file at an absolute path."""
    step: Step | None = None
    """What is told of each file."""
    made: Callable[[Sequence[Project]], None] | None = None
    """What is told of all projects so far, after each file; they do not change any more."""


class Assembler:
    """One run's state: sources read, builds claimed, projects made."""

    def __init__(self, files: Files, given: Input) -> None:
        self.files = files
        self.surroundings = Surroundings(files)
        self.given = given
        self.projects: list[Project] = []
        self.sources: dict[str, Source] = {}
        self.built: set[str] = set()
        self.alone: set[tuple[Source, str | None]] = set()

    def tell(self, stage: str, name: str, number: int, total: int) -> None:
        """Say what begins to who listens."""
        if self.given.step is not None:
            self.given.step(stage, name, number, total)

    def read(self, path: str, kind: Kind) -> Source | None:
        """Read a file; one that cannot be read becomes a project of its own that says so."""
        source = self.files.read(path, kind)
        if source is not None:
            return source
        reason = self.files.problem(path) or "it is not there any more"
        advice = self.files.advice(path) or "run volint again"
        empty = Source(self.files.display(path), "", kind, path)
        self.sources.setdefault(empty.path, empty)
        self.projects.append(
            _failed(
                empty,
                "VL001",
                f"'{empty.path}' cannot be read: {reason}",
                f"{advice}, or leave it out with --exclude",
            )
        )
        return None

    def guard(self, source: Source, work: Callable[[], None]) -> None:
        """Do the work for one file; an error of volint itself costs that file alone, and is said."""
        try:
            work()
        except Exception as error:  # one file must not stop the run
            from volint.failure import what_failed

            self.projects.append(
                _failed(
                    source,
                    "VL000",
                    f"'{source.path}' made volint fail: {what_failed(error)}; the rest was checked",
                    "report it to the authors of volint with this file, or leave it out with --exclude",
                )
            )
        if self.given.made is not None:
            self.given.made(self.projects)

    # -- where a project runs

    def environment(
        self, paths: Sequence[str], containers: Iterable[Container] = ()
    ) -> Environment:
        """Decide where the project of some absolute paths runs, in the order the module documents."""
        if self.given.environment is not None:
            return self.given.environment
        relative = [self._relative(path) for path in paths]
        if self.given.configured is not None:
            for path in reversed(paths):
                found = self.given.configured(path)
                if found is not None:
                    return found
        named = environments.of_names(list(reversed(relative)))
        return named or environments.of_variables(containers) or environments.UNKNOWN

    def _relative(self, path: str) -> str:
        root = self.files.root_of(path)
        if root and path.startswith(root.rstrip("/") + "/"):
            return path[len(root.rstrip("/")) + 1 :]
        return self.files.display(path)

    def place(self, project: Project, paths: Sequence[str]) -> Project:
        """Give a project its environment, and its containers theirs."""
        project = project._replace(surroundings=self.surroundings)
        if self.given.environment is not None or not any(
            container.profiles for container in project.containers
        ):
            return project._replace(environment=self.environment(paths, project.containers))
        containers = tuple(
            container._replace(environment=environments.of_profiles(container))
            if container.profiles
            else container
            for container in project.containers
        )
        others = [container for container in containers if container.environment is None]
        return project._replace(environment=self.environment(paths, others), containers=containers)

    # -- scripts, documents, units

    def scripts(self, sources: Sequence[Source]) -> list[Use]:
        """Make the projects of scripts and documents; return how their commands run Compose."""
        from volint.assemble.commandlines import Scene
        from volint.assemble.embedded import projects
        from volint.assemble.uses import commands_of, mentions_of

        given = self.given
        scene = (
            Scene(self.files, given.script_cwd, given.home, given.environ)
            if given.resolve_env
            else Scene(self.files, given.script_cwd)
        )
        uses: list[Use] = []

        def read(source: Source) -> None:
            folders = self._folders(source)
            made = projects(source, scene)
            for project in made:
                uses.extend(commands_of(project, folders))
                builds, problems = self.command_builds(project.commands, folders)
                if project.kind is not ProjectKind.DOCUMENT and any(
                    container.env_files for container in project.containers
                ):
                    from volint.assemble.sharing import located, shared

                    found = located(project.containers, folders, self.files)
                    project = shared(project._replace(containers=found), (), self.files)
                if project.kind is ProjectKind.DOCUMENT:
                    # What a document tells readers to build is no example: it is in the repository.
                    for build in builds:
                        self.own_project(build, problems)
                else:
                    project = project._replace(
                        builds=(*project.builds, *builds), problems=(*project.problems, *problems)
                    )
                self.projects.append(self.place(project, [source.file or source.path]))
            uses.extend(mentions_of(source, folders, made))

        for number, source in enumerate(sources, 1):
            self.tell("scripts", source.path, number, len(sources))
            self.guard(source, partial(read, source))
        return uses

    def _folders(self, source: Source) -> tuple[str, ...]:
        """Return the folders relative paths of a script may start from, likeliest first."""
        if self.given.script_cwd is not None:
            return (self.given.script_cwd,)
        if source.file is None:
            return (self.files.cwd,)
        folder = os.path.dirname(source.file)
        root = self.files.root_of(source.file)
        found = [folder]
        while root and folder != root and folder.startswith(root):
            folder = os.path.dirname(folder)
            found.append(folder)
        return tuple(found)

    # -- Compose

    def compose(self, sources: Mapping[str, Source], uses: Iterable[Use]) -> None:
        """Find the sets that Compose files make and load each."""
        if not sources:
            return
        from volint.assemble.catalog import Catalog
        from volint.assemble.filesets import file_sets
        from volint.assemble.uses import comments_of

        said = [
            use for source in sources.values() for use in comments_of(source, self._folders(source))
        ]
        catalog = Catalog(sources, self.files)
        sets = file_sets(catalog, [*uses, *said], self.given.sets)
        for number, spec in enumerate(sets, 1):
            last = catalog.get(spec.files[-1])
            shown = self.files.display(spec.files[-1])
            source = last.source if last else Source(shown, "", Kind.COMPOSE, spec.files[-1])
            self.tell("compose", source.path, number, len(sets))
            self.guard(source, partial(self.load, spec))

    def load(self, spec: SetSpec) -> None:
        """Load one Compose project and tie its services to what they are built from."""
        from volint.assemble.compose import Request, load_project, to_project

        given = self.given
        request = Request(
            self.files.cwd,
            spec.files,
            spec.project_directory,
            spec.project_name,
            spec.profiles or None,
            spec.env_files,
            env=given.environ if given.resolve_env else None,
            home=given.home if given.resolve_env else None,
            partial=spec.partial,
            named_at=spec.span,
        )
        if spec.stack and not spec.composed:
            from volint.assemble.stack import load_stack

            loaded = load_stack(request, self.files)
        else:
            loaded = load_project(request, self.files)
        for source in loaded.sources:
            self.sources.setdefault(source.path, source)
        project = to_project(loaded)
        if spec.is_for_swarm or any(one.external for one in (*project.secrets, *project.configs)):
            from volint.assemble.stack import to_swarm

            project = to_swarm(project, loaded, deployed=spec.stack)
        reason = spec.reason
        file_set = FileSet(
            reason,
            tuple(profile for profile in loaded.profiles if profile),
            tuple(source.path for source in loaded.env_files),
            spec.span,
        )
        problems = list(project.problems)
        if spec.span is None and len(spec.files) > 1:
            problems = [found for found in problems if not self._lies_beside(found)]
        if spec.partial:
            place = project.sources[0]
            problems.append(
                Problem(
                    "VL004",
                    f"'{place.path}' does not stand alone, and the file it belongs to is not known;"
                    " only its own lines are judged",
                    Span(place, 0, 0),
                    "name the set it belongs to under `projects:` in volint.yaml",
                    level="note",
                )
            )
        project = project._replace(
            file_set=file_set,
            partial=spec.partial,
            problems=tuple(problems),
        )
        if loaded.env_files or any(container.env_files for container in project.containers):
            from volint.assemble.sharing import shared

            project = shared(project, loaded.env_files, self.files)
        if given.platform is not None and any(map(given.platform, spec.files)):
            project = project._replace(platform=project.platform or "a platform")
        project = self.with_builds(project)
        named = spec.env_names or spec.env_files or ()
        self.projects.append(self.place(project, (*named, *spec.files)))

    def _lies_beside(self, problem: Problem) -> bool:
        """Return whether an env file that a guessed set lacks is beside the file that names it: the guess was wrong."""
        source = problem.span.source
        return (
            problem.code == "VL004"
            and problem.message.startswith("The env file")
            and source.file is not None
            and self.files.isfile(
                os.path.join(os.path.dirname(source.file), problem.span.text().strip("\"'"))
            )
            is True
        )

    def with_builds(self, project: Project) -> Project:
        """Read the Dockerfile and context of each service that is built."""
        if not any(container.build for container in project.containers):
            return project
        from volint.assemble.build import attach, joined

        problems = list(project.problems)
        containers = []
        for container in project.containers:
            if container.build is not None:
                container, found = attach(self.files, container, partial=project.partial)
                problems.extend(found)
            containers.append(container)
        if any(
            container.build and (container.image or container.build.additional_contexts)
            for container in containers
        ):
            from volint.assemble.builtbases import on_built_bases

            containers = on_built_bases(containers)
        builds = [container.build for container in containers if container.build is not None]
        for build in builds:
            self._know(build)
        # Services that build one Dockerfile share its problems.
        return project._replace(
            containers=tuple(containers),
            builds=tuple(builds),
            problems=joined(problems),
        )

    def _know(self, build: Build) -> None:
        """Take notice of the files of a build."""
        named = (context.ignore_file for context in build.named_contexts.values())
        for source in (build.source, build.ignore_file, *named):
            if source is not None and source.file:
                self.sources.setdefault(source.path, source)
        if build.source is not None and build.source.file:
            self.built.add(build.source.file)

    # -- Dockerfiles of their own

    def dockerfiles(self, sources: Sequence[Source]) -> None:
        """Make a project of every Dockerfile that nothing else builds."""
        for number, source in enumerate(sources, 1):
            self.tell("dockerfiles", source.path, number, len(sources))
            path = source.file or os.path.join(self.files.cwd, source.path)
            if path not in self.built:
                self.guard(source, partial(self._dockerfile, source, path))

    def _dockerfile(self, source: Source, path: str) -> None:
        made, problems = self._build(path, os.path.dirname(path), None, certain=False)
        if made is not None:
            self.own_project(made, problems)

    def own_project(self, build: Build, problems: Iterable[Problem]) -> None:
        """Make a project of one build; the same Dockerfile with the same context is one."""
        source = build.source
        if source is None or (source, build.root) in self.alone:
            return
        self.alone.add((source, build.root))
        project = Project(
            source.path,
            ProjectKind.BUILD,
            (source,),
            environments.UNKNOWN,
            builds=(build,),
            problems=tuple(
                problem
                for problem in problems
                if problem.span.source in (source, build.ignore_file)
            ),
        )
        self.projects.append(self.place(project, [source.file or source.path]))

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
                    else os.path.join(root, self._recipe(command.program, root))
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
                contexts=command.options.get("build-context", ()),
                folder=folder,
                # `docker build .` in a script's own folder or the root; in between it is only a guess.
                certain=folder in (folders[0], folders[-1]) or bool(named),
            )
            if made is not None:
                builds.append(made)
                problems.extend(found)
        return builds, problems

    def _recipe(self, program: str, root: str) -> str:
        """Return the name of what a build without -f reads: podman looks for a Containerfile first."""
        own = program == "podman" and self.files.isfile(os.path.join(root, "Containerfile"))
        return "Containerfile" if own else "Dockerfile"

    def _build(
        self,
        path: str,
        root: str,
        context: Text | None,
        *,
        target: Text | None = None,
        args: Sequence[Text] = (),
        contexts: Sequence[Text] = (),
        folder: str = "",
        certain: bool = True,
    ) -> tuple[Build | None, Sequence[Problem]]:
        from volint.assemble.build import make_build
        from volint.assemble.namedcontexts import named_contexts

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
            additional_contexts=named_contexts(contexts),
            folder=folder,
        )


def _failed(source: Source, code: str, message: str, help: str) -> Project:
    """Return the project of a file that nothing is known of but why: one problem."""
    kinds = {Kind.COMPOSE: ProjectKind.COMPOSE, Kind.DOCKERFILE: ProjectKind.BUILD}
    return Project(
        source.path,
        kinds.get(source.kind, ProjectKind.SCRIPT),
        (source,),
        environments.UNKNOWN,
        problems=(Problem(code, message, Span(source, 0, 0), help),),
    )
