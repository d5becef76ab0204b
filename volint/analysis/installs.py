"""What a Dockerfile installs or builds below the folder of the source code."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint.knowledge import is_dependency_directory, within
from volint.knowledge.commands import built_stage
from volint.lazy import regex
from volint.model import StepKind
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.model import Container, Stage, Step
    from volint.source import Span

__all__ = ["Install", "installs", "installs_at_start"]

_BEGIN = r"(?:^|[\s;&|(\"'\[,])"
_INSTALLERS = (
    (regex(_BEGIN + r"npm[\s\"',]+(?:(?:--?[\w=-]+)[\s\"',]+)*(?:ci|i|install|clean-install)(?![\w-])(?P<rest>[^;&|\n]*)"), "node_modules"),
    (regex(_BEGIN + r"yarn(?:[\s\"',]+(?:install|--\S+))*(?=\s*(?:$|[;&|\n\"'\]]))(?P<rest>)"), "node_modules"),
    (regex(_BEGIN + r"yarn[\s\"',]+install(?![\w-])(?P<rest>[^;&|\n]*)"), "node_modules"),
    (regex(_BEGIN + r"(?:pnpm|bun)[\s\"',]+(?:ci|i|install)(?![\w-])(?P<rest>[^;&|\n]*)"), "node_modules"),
    (regex(_BEGIN + r"(?:php\s+)?\S*composer(?:\.phar)?[\s\"',]+(?:--?\S+\s+)*(?:install|update)(?![\w-])(?P<rest>[^;&|\n]*)"), "vendor"),
    (regex(_BEGIN + r"uv[\s\"',]+sync(?![\w-])(?P<rest>[^;&|\n]*)"), ".venv"),
    (regex(_BEGIN + r"bundle[\s\"',]+install[^;&|\n]*--path[=\s]+vendor/bundle(?P<rest>)"), "vendor/bundle"),
)  # fmt: skip
_VENV = regex(
    _BEGIN
    + r"(?:python[\d.]*\s+-m\s+(?:virtual)?venv|virtualenv|uv\s+venv)\s+(?:--?\S+\s+)*(?P<path>[^\s;&|]+)"
)
_OUTPUT = regex(
    _BEGIN + r"(?:go\s+build|gcc|g\+\+|cc|clang)\s[^;&|\n]*?-o[=\s]*(?P<path>[^\s;&|]+)"
)
_RUNNERS = frozenset(
    ("make", "just", "task", "honcho", "foreman", "supervisord", "tilt", "nx", "turbo")
)
_MOVED = regex(
    r"(?:^|[\s;&|])(?:mv|ln|cp)\s[^;&|\n]*(?:node_modules|vendor|\.venv)|modules-folder|vendor-dir"
)
_ELSEWHERE = regex(
    r"(?:^|\s)(?:-g|--global|--location=global|--prefix|--cwd|-C|--dir|--working-dir|-d)(?:[=\s]|$)"
)
_LEAVES = regex(_BEGIN + r"cd\s+(?P<path>[^\s;&|]+)")


class Install(NamedTuple):
    """Something in the image that its build context does not hold."""

    path: str
    """Absolute path in the image."""
    span: Span
    """The instruction that makes it."""


def installs(container: Container) -> list[Install]:
    """Return what the image of a service needs and its build context does not hold, in the order of its steps.

    Dependencies that are installed or copied from another stage, and the program it runs where that is built.
    """
    stage = built_stage(container)
    if stage is None or container.build is None:
        return []
    found: list[Install] = []
    lineage: list[Stage] = [stage]
    while lineage[-1].base_index is not None:
        lineage.append(container.build.stages[lineage[-1].base_index])
    for each in reversed(lineage):
        for step in each.steps:
            if step.kind is StepKind.RUN and not step.onbuild:
                found += (Install(path, step.keyword) for path in _made(step))
            elif step.kind is StepKind.COPY and "from" in step.flags and len(step.words) > 1:
                found.append(Install(_copied(step), step.keyword))
    values = [value.value for value in stage.env.values()]
    searched = [part for value in values for part in value.split(":")]
    program = next(iter(stage.entrypoint or stage.command or ()), None)
    if program is not None and "/" in program.value:
        searched.append(posixpath.normpath(posixpath.join(stage.workdir, program.value)))
    return [install for install in found if _is_needed(install.path, searched)]


def _is_needed(path: str, searched: list[str]) -> bool:
    """Return whether a path holds dependencies where the program looks for them, or is in its search paths."""
    if any(within(place, path) for place in searched):
        return True
    if not is_dependency_directory(path):
        return False
    name = path.rpartition("/")[2]
    elsewhere = [place for place in searched if f"/{name}/" in f"{place}/"]
    return not elsewhere


def installs_at_start(container: Container) -> bool:
    """Return whether what a container runs may install or build first: a command that does, or a script."""
    words = [word.value for word in (*(container.entrypoint or ()), *(container.command or ()))]
    stage = built_stage(container)
    if stage is not None:
        if container.entrypoint is None:
            words += (word.value for word in stage.entrypoint or ())
        if container.command is None:
            words += (word.value for word in stage.command or ())
    script = " ".join(words)
    if any(pattern.search(script) for pattern, _ in _INSTALLERS):
        return True
    return any(
        word.endswith((".sh", ".bash", ".py")) or "entrypoint" in word or word in _RUNNERS
        for word in words
    )


def _made(step: Step) -> Iterator[str]:
    """Yield the absolute paths that a RUN step fills with what it installs or builds."""
    script = "\n".join(word.value for word in (*step.words, *step.heredocs))
    folder = step.workdir
    leaves = list(_LEAVES.finditer(script))
    if leaves:
        folder = posixpath.normpath(posixpath.join(folder, leaves[0]["path"].strip("\"'")))
    for pattern, name in _INSTALLERS:
        match = None if _MOVED.search(script) else pattern.search(script)
        if match is not None and not _ELSEWHERE.search(match["rest"]):
            yield posixpath.join(folder, name)
    for pattern in (_VENV, _OUTPUT):
        for match in pattern.finditer(script):
            path = match["path"].strip("\"'")
            if "$" not in path and path != ".":
                yield posixpath.normpath(posixpath.join(folder, path))


def _copied(step: Step) -> str:
    """Return where a COPY from another stage puts what it copies."""
    target = step.words[-1].value
    path = posixpath.join(step.workdir, target)
    name = step.words[0].value.rstrip("/").rpartition("/")[2]
    if len(step.words) == 2 and target.endswith(("/", ".")) and "." in name[1:] and "*" not in name:
        path = posixpath.join(path, name)
    return posixpath.normpath(path)
