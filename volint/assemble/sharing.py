"""Env files: where those of scripts are, and which of all come with the repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.model import EnvVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.files import Files
    from volint.model import Container, EnvFile, Project
    from volint.source import Source

__all__ = ["located", "shared"]


def shared(project: Project, sources: Sequence[Source], files: Files) -> Project:
    """Return a project whose env files say whether git tracks them or would take them.

    `sources` are the env files it is interpolated with.
    """
    paths = {
        file.resolved
        for container in project.containers
        for file in container.env_files
        if file.exists and file.resolved is not None
    }
    paths.update(source.file for source in sources if source.file is not None)
    answers = _shared(paths, files)
    if not any(answers.values()) and False not in answers.values():
        return project
    file_set = project.file_set
    if file_set is not None:
        variables = _variables(
            source for source in sources if source.file and answers.get(source.file)
        )
        file_set = file_set._replace(shared_variables=variables)
    containers = tuple(
        container._replace(
            env_files=tuple(
                file._replace(shared=answers.get(file.resolved or ""))
                for file in container.env_files
            )
        )
        for container in project.containers
    )
    return project._replace(containers=containers, file_set=file_set)


def _shared(paths: Iterable[str], files: Files) -> dict[str, bool | None]:
    """Return for each path whether git tracks or would take it; None where nobody uses git."""
    tracked = {path: files.is_tracked(path) for path in paths}
    ignored = files.are_ignored(path for path, answer in tracked.items() if answer is False)
    return {
        path: _would_be(path, files) if answer is None else answer or ignored[path] is False
        for path, answer in tracked.items()
    }


def _would_be(path: str, files: Files) -> bool | None:
    """Return what the .gitignore files of a tree without its repository say; None if there are none."""
    folder = os.path.dirname(path)
    for root in map(os.path.normpath, files.roots):
        if folder == root or folder.startswith(root.rstrip(os.sep) + os.sep):
            above = folder
            while not files.isfile(os.path.join(above, ".gitignore")):
                if above == root:
                    return None
                above = os.path.dirname(above)
            from volint.gitignore import Ignored

            ignored = Ignored.read(folder, files, Ignored.above(folder, root, files))
            return not (ignored is not None and ignored.matches(path, is_folder=False))
    return None


def _variables(sources: Iterable[Source]) -> tuple[EnvVar, ...]:
    """Return the variables that env files set, the winning entry of each name."""
    from volint.parse.dotenv import parse

    found: dict[str, EnvVar] = {}
    for source in sources:
        for entry in parse(source, lambda name: None, True)[0]:
            if entry.value is not None and not entry.inherited:
                found[entry.name.value] = EnvVar(entry.name, entry.value, "env_file")
    return tuple(found.values())


def located(
    containers: Iterable[Container], folders: Sequence[str], files: Files
) -> tuple[Container, ...]:
    """Return the containers of run lines with the env files read that are in one of some folders.

    For scripts whose working directory is not known: the nearest folder that has the file is taken.
    """
    return tuple(
        _with_files(container, folders, files) if container.env_files else container
        for container in containers
    )


def _with_files(container: Container, folders: Sequence[str], files: Files) -> Container:
    from volint.assemble.runenv import env_entries

    given = {variable.name.value for variable in container.env if variable.origin == "-e"}
    read: dict[str, EnvVar] = {}
    found: list[EnvFile] = []
    for file in container.env_files:
        path = _find(file, folders, files)
        source = files.read(path) if path is not None else None
        if source is None:
            found.append(file)
            continue
        found.append(file._replace(resolved=path, exists=True))
        for entry in env_entries(source, container.program, None)[0]:
            name = entry.name.value
            if not entry.inherited and name not in given:
                read[name] = EnvVar(entry.name, entry.value, "--env-file")
    own = tuple(variable for variable in container.env if variable.name.value not in read)
    return container._replace(env=(*read.values(), *own), env_files=tuple(found))


def _find(file: EnvFile, folders: Sequence[str], files: Files) -> str | None:
    name = file.path.value
    if file.resolved is not None or file.path.unresolved or not name or name[0] in "/~":
        return None
    for folder in folders:
        path = os.path.normpath(os.path.join(folder, name))
        if files.isfile(path):
            return path
    return None
