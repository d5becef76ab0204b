"""Which folder a Dockerfile is built from, where no line of the project builds it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from volint.assemble.context import has_wildcard
from volint.assemble.copysources import SourceKind, copy_sources
from volint.model import StepKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.assemble.context import Tree
    from volint.files import Files
    from volint.model import Build, Step

__all__ = ["guessed_root"]

_DOCKER_FOLDERS = frozenset(
    ("docker", ".docker", "dockerfiles", "deploy", "deployment", "build", "ci", ".ci", "containers")
)


def guessed_root(files: Files, tree: Tree, build: Build) -> tuple[str | None, bool]:
    """Return the folder that a Dockerfile which nothing builds takes its files from, and whether that is sure.

    It is the one above that its COPYs name its own folder from (`COPY services/web/app.py` in `services/web`); else,
    as a guess, its own, or the nearest above that has what it copies. A Dockerfile in a folder of its own, with
    nothing to copy beside it, is built from above, and so is one that starts a wrapper (`./gradlew`) which lies there.
    """
    root = build.root
    source = build.source
    if root is None or source is None or not source.file:
        return root, False
    names = {path for stage in build.stages for step in stage.steps for path in _named_paths(step)}
    told = _told_root(files, root, {name for name in names if "/" in name})
    if told is not None:
        return told, True
    return _likely_root(files, tree, root, source.file, names or _wrappers(build)), False


def _told_root(files: Files, root: str, names: set[str]) -> str | None:
    """Return the folder from which paths lead back into the Dockerfile's own; None if none do."""
    folder, way = os.path.dirname(root), os.path.basename(root) + "/"
    while names and way[0] != "/" and files.is_allowed(folder):
        back = [path for path in names if path.startswith(way)]
        # A folder of the same name inside would be meant as well, and one step back may be such a folder's.
        if (
            back
            and not any(map(files.exists, _below(root, back)))
            and (way.count("/") > 1 or any(map(files.exists, _below(folder, back))))
        ):
            return folder
        way = f"{os.path.basename(folder)}/{way}"
        folder = os.path.dirname(folder)
    return None


def _wrappers(build: Build) -> set[str]:
    """Return the wrappers of build tools that a RUN starts: they lie at the top of what is copied."""
    return {
        name
        for stage in build.stages
        for step in stage.steps
        if step.kind is StepKind.RUN
        for word in step.words
        for name in re.findall(r"\./(gradlew|mvnw)\b", word.value)
    }


def _likely_root(files: Files, tree: Tree, root: str, path: str, names: set[str]) -> str:
    top = files.git_root(path)
    if top is None or root == top or not root.startswith(top + os.sep):
        return root
    folders = [root]
    while folders[-1] != top:
        folders.append(os.path.dirname(folders[-1]))
    if not names:
        return next((folder for folder in folders if not _is_bare(tree, folder)), root)
    there = [sum(map(bool, map(files.exists, _below(folder, names)))) for folder in folders]
    return folders[there.index(max(there))] if any(there) else root


def _named_paths(step: Step) -> list[str]:
    """Return the paths of the context that a step names, without wildcards and unknown variables."""
    if step.kind not in (StepKind.COPY, StepKind.ADD) or len(step.words) < 2:
        return []
    paths = []
    for source in copy_sources(step):
        if source.kind is SourceKind.CONTEXT and not source.text.unresolved:
            path = f"{source.root}/{source.pattern}".strip("/")
            if path and not has_wildcard(path):
                paths.append(path)
    return paths


def _below(folder: str, paths: Iterable[str]) -> list[str]:
    return [os.path.join(folder, path) for path in paths]


def _is_bare(tree: Tree, folder: str) -> bool:
    """Return whether a folder is one for Dockerfiles, by its name or as it holds nothing else."""
    return os.path.basename(folder).lower() in _DOCKER_FOLDERS or not any(
        entry.kind == "file"
        and not re.search(r"(?i)dockerfile|containerfile|dockerignore|^compose|^docker-", name)
        for name, entry in tree.entries(folder).items()
    )
