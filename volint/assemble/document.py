"""Blocks of documents into projects: each fence, each command in inline code is one of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import Environment, EnvironmentKind, Project, ProjectKind
from volint.source import Kind

if TYPE_CHECKING:
    from volint.assemble.commandlines import Scene
    from volint.files import Files
    from volint.parse.embedded import Block
    from volint.source import Problem, Source

__all__ = ["of_block"]

_PLACEHOLDER = regex(
    r"%%|\{\{|<|\[|\.\.\.|…|^(?:[^\s:]*:)*[A-Z][A-Z0-9_-]+(?::\S*)?$|^(?:docker|podman) \w+$|^(?:run|create|key(?:=value)?)$"
)
_OF_FILES = ("VL004",)
"""Complaints about files beside it, which an example in a document does not have."""


class _Masked:
    """Reads files as another reader does, but for one path whose text is a block's."""

    def __init__(self, files: Files, path: str, source: Source) -> None:
        self._files = files
        self._path = path
        self._source = source

    def read(self, path: str, kind: Kind = Kind.OTHER) -> Source | None:
        """Return the block for its document's path, other files as they are."""
        return self._source if path == self._path else self._files.read(path, kind)

    def problem(self, path: str) -> str | None:
        """Return why a file cannot be read."""
        return None if path == self._path else self._files.problem(path)

    def advice(self, path: str) -> str:
        """Return what to do about a file that cannot be read."""
        return "" if path == self._path else self._files.advice(path)

    def exists(self, path: str) -> bool | None:
        """Return whether a path is there."""
        return True if path == self._path else self._files.exists(path)

    def display(self, path: str) -> str:
        """Return a path as shown to a person."""
        return self._files.display(path)

    def isdir(self, path: str) -> bool | None:
        """Return whether a path is a directory."""
        return False if path == self._path else self._files.isdir(path)


def of_block(source: Source, block: Block, scene: Scene) -> Project | None:
    """Return the project of one block of a document, None if it holds nothing to judge."""
    line, _ = source.position(block.span.start)
    name = f"{source.path}:{line}"
    made: Project | None = None
    if block.kind == "compose" and block.source and scene.files and source.file:
        made = _compose(block.source, source.file, scene.files)
    elif block.kind == "dockerfile" and block.source and scene.files:
        made = _dockerfile(block.source, scene.files)
    elif block.kind == "shell":
        from volint.assemble.commandlines import of_commands

        made = of_commands(source, block.commands, (), scene, ProjectKind.DOCUMENT)
    if made is None:
        return None
    problems = tuple(problem for problem in made.problems if _kept(problem, block))
    if not (made.containers or made.commands or made.builds or problems):
        return None
    return made._replace(
        name=name, kind=ProjectKind.DOCUMENT, sources=(source,), gentle=True, problems=problems
    )


def _kept(problem: Problem, block: Block) -> bool:
    if problem.code in _OF_FILES or "template" in problem.message:
        return False
    # A mention in a sentence need not be complete, and a placeholder is not meant literally.
    return problem.code != "VL615" or not (block.inline or _PLACEHOLDER.search(problem.span.text()))


def _compose(block: Source, path: str, files: Files) -> Project | None:
    from volint.assemble.compose import Request, load_project, to_project
    from volint.assemble.shape import shape

    seen = shape(block)
    if not seen.readable:
        return None
    reader = _Masked(files, path, block)
    # Volumes are declared in the same breath as they are used; networks and secrets of an excerpt elsewhere.
    partial = not seen.stands_alone or any(section != "volumes" for section, _ in seen.missing)
    loaded = load_project(
        Request(files.cwd, (path,), env_files=(), partial=partial, resolve_environment=False),
        reader,
    )
    return to_project(loaded)._replace(partial=partial)


def _dockerfile(block: Source, files: Files) -> Project | None:
    from volint.assemble.build import make_build

    if re.search(r"^\s*(?:\.\.\.|…)", block.text, re.MULTILINE):
        return None
    made, problems = make_build(files, dockerfile=block, root=None)
    if any("is no image name" in problem.message for problem in problems):
        return None
    environment = Environment(EnvironmentKind.UNKNOWN, "")
    return Project(
        block.path,
        ProjectKind.DOCUMENT,
        (block,),
        environment,
        builds=(made,),
        problems=tuple(problems),
    )
