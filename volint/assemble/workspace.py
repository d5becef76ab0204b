"""Everything of one run: from files found to projects.

Scripts and documents come first, because the commands in them say which Compose files belong together and
which Dockerfile is built with which context; then the Compose sets; last the Dockerfiles nobody builds.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from volint.assemble import environment as environments
from volint.assemble.assembler import Assembler, Input
from volint.kinds import guess
from volint.model import Project, ProjectKind
from volint.record import NamedTuple
from volint.source import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.discovery import Discovery, Found
    from volint.files import Files
    from volint.source import Problem, Source

__all__ = ["Input", "Workspace", "asked_for", "assemble", "by_hand"]


class Workspace(NamedTuple):
    """All projects of a run and the texts they were read from."""

    projects: tuple[Project, ...]
    """The projects, sorted by first file and name."""
    sources: tuple[Source, ...]
    """Every text that was read, sorted by path: ignore comments are looked for in them."""


def assemble(discovery: Discovery, files: Files, given: Input) -> Workspace:
    """Make the projects of everything that was discovered.

    What files given by name need to be understood (a base file, an overlay, what runs or builds them) is
    read from beside and above them as well, so that there may be projects with nothing asked for in them.
    """
    work = Assembler(files, given)
    compose: dict[str, Source] = {}
    dockerfiles: list[Source] = []
    scripts: list[Source] = []
    ignores: list[Source] = []
    for number, item in enumerate(discovery.items, 1):
        if given.step is not None:
            given.step("reading", files.display(item.path), number, len(discovery.items))
        source = work.read(item.path, item.kind)
        if source is None:
            continue
        work.sources.setdefault(source.path, source)
        if item.kind is Kind.COMPOSE:
            compose[item.path] = source
        elif item.kind is Kind.DOCKERFILE:
            dockerfiles.append(source)
        elif item.kind is Kind.DOCKERIGNORE:
            ignores.append(source)
        else:
            scripts.append(source)
    for path, kind in _neighbours(files, [item for item in discovery.items if item.named]):
        source = None if path in compose else files.read(path, kind)
        if source is None:
            continue
        if kind is Kind.COMPOSE:
            compose[path] = source
        elif kind is Kind.DOCKERFILE:
            dockerfiles.append(source)
        elif _may_tell(source):
            scripts.append(source)
    work.compose(compose, work.scripts(scripts) if scripts else [])
    work.dockerfiles(dockerfiles)
    for source in _unread(ignores, work.projects):
        work.guard(source, partial(_ignore_file, work, source))
    projects = [*work.projects, *_problem_projects(discovery.problems)]
    projects.sort(key=lambda project: (project.sources[0].path, project.name))
    sources = sorted(work.sources.values(), key=lambda source: source.path)
    return Workspace(tuple(projects), tuple(sources))


def _unread(ignores: Iterable[Source], projects: Iterable[Project]) -> list[Source]:
    """Return the `.dockerignore` files that no known build reads."""
    read = {
        ignore.file
        for project in projects
        for build in project.builds
        for ignore in (
            build.ignore_file,
            *(named.ignore_file for named in build.named_contexts.values()),
        )
        if ignore is not None
    }
    return [
        source
        for source in ignores
        if source.file
        and source.file not in read
        and os.path.basename(source.file) == ".dockerignore"
    ]


def _ignore_file(work: Assembler, source: Source) -> None:
    """Make a project of an ignore file alone: what is wrong with its lines shows without a Dockerfile."""
    from volint.assemble.build import make_build

    path = source.file or source.path
    build, problems = make_build(
        work.files, dockerfile=None, root=os.path.dirname(path), root_certain=False
    )
    project = Project(
        source.path,
        ProjectKind.BUILD,
        (source,),
        environments.UNKNOWN,
        builds=(build,),
        problems=tuple(problems),
    )
    work.projects.append(work.place(project, [path]))


def by_hand(
    files: Files,
    given: Input,
    *,
    compose_files: Sequence[str],
    profiles: Sequence[str] = (),
    env_files: Sequence[str] = (),
    project_directory: str | None = None,
    project_name: str | None = None,
) -> Workspace:
    """Make exactly the Compose project that `docker compose` would with these options."""
    from volint.assemble.setspec import SetSpec

    def absolute(path: str) -> str:
        return os.path.normpath(os.path.join(files.cwd, path))

    work = Assembler(files, given)
    work.tell("compose", compose_files[-1], 1, 1)
    work.load(
        SetSpec(
            tuple(absolute(path) for path in compose_files),
            "given on the command line",
            tuple(profiles),
            tuple(absolute(path) for path in env_files) or None,
            absolute(project_directory) if project_directory else None,
            project_name,
        )
    )
    sources = sorted(work.sources.values(), key=lambda source: source.path)
    return Workspace(tuple(work.projects), tuple(sources))


_TELLING = (
    Kind.COMPOSE,
    Kind.SHELL,
    Kind.MAKEFILE,
    Kind.JUSTFILE,
    Kind.TASKFILE,
    Kind.PACKAGE_JSON,
    Kind.MARKDOWN,
)
"""Kinds that say which files run together and what is built where."""


def _may_tell(source: Source) -> bool:
    """Return whether a text may say how Compose files are run or Dockerfiles built; cheap, and often wrong."""
    text = source.text
    if source.kind in (Kind.MARKDOWN, Kind.CI):
        return ("compose" in text and "-f" in text) or "docker build" in text
    return "compose" in text or "build" in text


def _neighbours(files: Files, items: Iterable[Found]) -> list[tuple[str, Kind]]:
    """Return what may say how some files are run or built, with its kind, each once.

    Compose files, scripts and documents in their folders and above, up to the repository's root, and its
    workflows; for an ignore file the Dockerfiles beside it as well.
    """
    asked = {item.path for item in items}
    roots = {root for item in items if (root := files.git_root(item.path)) is not None}
    found: dict[str, Kind] = {}
    seen: set[str] = set()
    for item in items:
        root = files.git_root(item.path)
        folder = os.path.dirname(item.path)
        if item.kind is Kind.DOCKERIGNORE:
            _look(files, folder, (Kind.DOCKERFILE,), found)
        while folder not in seen:
            seen.add(folder)
            _look(files, folder, _TELLING, found)
            if root is None or folder == root or not folder.startswith(root):
                break
            folder = os.path.dirname(folder)
    for root in sorted(roots):
        _look(files, os.path.join(root, ".github/workflows"), (Kind.CI,), found)
    return [(path, kind) for path, kind in found.items() if path not in asked]


def _look(files: Files, folder: str, kinds: Sequence[Kind], found: dict[str, Kind]) -> None:
    """Add the files of some kinds in a folder."""
    for name in files.listdir(folder) or ():
        kind = guess(os.path.join(folder, name)).kind
        if kind is not None and kind in kinds:
            found[os.path.join(folder, name)] = kind


def asked_for(project: Project, discovery: Discovery) -> bool:
    """Return whether a project holds a file that was asked for."""
    if any(discovery.covers(source) for source in project.sources):
        return True
    return any(
        source is not None and discovery.covers(source)
        for build in project.builds
        for source in (build.source, build.ignore_file)
    )


def _problem_projects(problems: Iterable[Problem]) -> list[Project]:
    return [
        Project(
            problem.span.source.path,
            ProjectKind.SCRIPT,
            (problem.span.source,),
            environments.UNKNOWN,
            problems=(problem,),
        )
        for problem in problems
    ]
