"""Builds: a Dockerfile, its context and its ignore file, as one service or one build line uses them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from volint.assemble.context import Context, Tree
from volint.assemble.contextroot import guessed_root
from volint.assemble.inline import placed
from volint.assemble.namedcontexts import folders, on_named_images
from volint.model import (
    Build,
    ContainerKind,
    EnvVar,
    Mount,
    MountKind,
    NamedContext,
    Syntax,
)
from volint.parse.gopath import path_clean
from volint.source import Kind, Label, Problem, Source, Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from volint.assemble.stages import StagesResult
    from volint.files import Files
    from volint.model import Container
    from volint.parse.dockerfile_tree import Dockerfile
    from volint.parse.dockerignore import Dockerignore

__all__ = ["attach", "image_volumes", "joined", "make_build"]

_IGNORE = ".dockerignore"
_NO_CONTEXTS: Mapping[str, Text] = {}


class _Run:
    """What the builds of one run share: every Dockerfile and ignore file is read once."""

    def __init__(self, files: Files) -> None:
        self.tree = Tree(files)
        self.dockerfiles: dict[Source, tuple[Dockerfile, list[Problem]]] = {}
        self.stages: dict[tuple[object, ...], StagesResult] = {}
        self.ignores: dict[Source, tuple[Dockerignore, tuple[Problem, ...]]] = {}
        self.contexts: dict[tuple[str, Source | None], Context] = {}

    def dockerfile(self, source: Source) -> tuple[Dockerfile, list[Problem]]:
        from volint.parse.dockerfile import parse

        found = self.dockerfiles.get(source)
        if found is None:
            found = self.dockerfiles[source] = parse(source)
        return found

    def lowered(
        self, source: Source, args: Mapping[str, str], target: str | None
    ) -> tuple[StagesResult, list[Problem]]:
        from volint.assemble.stages import stages

        tree, problems = self.dockerfile(source)
        key = (source, tuple(sorted(args.items())), target)
        found = self.stages.get(key)
        if found is None:
            found = self.stages[key] = stages(tree, args, target)
        return found, [*problems, *found.problems]

    def context(self, root: str, source: Source | None) -> tuple[Context, tuple[Problem, ...]]:
        from volint.parse.dockerignore import parse

        ignore = None
        problems: tuple[Problem, ...] = ()
        if source is not None:
            if source not in self.ignores:
                self.ignores[source] = parse(source)
            ignore, problems = self.ignores[source]
        found = self.contexts.get((root, source))
        if found is None:
            found = self.contexts[root, source] = Context(self.tree, root, ignore)
        return found, problems


def _run(files: Files) -> _Run:
    return files.memo(("builds",), lambda: _Run(files))


# -- builds of build lines and of Dockerfiles alone


def make_build(
    files: Files,
    *,
    dockerfile: Source | None,
    root: str | None,
    context: Text | None = None,
    target: Text | None = None,
    args: Sequence[Text] = (),
    root_certain: bool = True,
    additional_contexts: Mapping[str, Text] = _NO_CONTEXTS,
    folder: str = "",
) -> tuple[Build, list[Problem]]:
    """Return the build of a Dockerfile with a context, and what Docker would refuse of either.

    root: the context's absolute path, None for a remote or unknown one. args: `NAME=value` or `NAME`.
    root_certain: False where the context is only guessed; a folder above is then taken where the
    Dockerfile copies what is there and not in `root`. folder: the absolute path that named contexts start
    from.
    """
    build = Build(
        context,
        root,
        root_certain,
        files.display(dockerfile.file) if dockerfile and dockerfile.file else None,
        dockerfile,
        None,
        None,
        target=target,
        args=tuple(_argument(text) for text in args),
        additional_contexts=additional_contexts,
        named_contexts=folders(additional_contexts, folder) if folder else {},
    )
    return _complete(files, build)


def _argument(text: Text) -> EnvVar:
    name, sign, value = text.value.partition("=")
    if not sign:
        return EnvVar(text, None, "--build-arg")
    at = len(name) + 1
    return EnvVar(_part(text, 0, len(name)), _part(text, at, at + len(value)), "--build-arg")


def _part(text: Text, start: int, end: int) -> Text:
    """Return value[start:end]; its place is exact where the text stands as it is written."""
    span = text.span
    if span.text() == text.value:
        span = Span(span.source, span.start + start, span.start + end)
    value = text.value[start:end]
    return Text(value, span, tuple(name for name in text.unresolved if name in value))


def _complete(files: Files, build: Build) -> tuple[Build, list[Problem]]:
    """Read what a build names: its Dockerfile's stages, its ignore file, its context."""
    problems: list[Problem] = []
    run = _run(files)
    if build.source is not None:
        args = {
            arg.name.value: arg.value.value
            for arg in build.args
            if arg.value is not None and not arg.value.unresolved
        }
        target = build.target if build.target and not build.target.unresolved else None
        result, problems = run.lowered(build.source, args, target.value if target else None)
        result, problems = placed(result, build.source), placed(problems, build.source)
        build = build._replace(
            stages=on_named_images(result.stages, build.additional_contexts),
            global_args=result.global_args,
            target_index=result.target_index,
            reachable=result.reachable,
        )
        if target is not None and target.value and result.target_index is None and result.stages:
            problems.append(_missing_target(build, target))
        if build.root is not None and not build.root_certain:
            root, certain = guessed_root(files, run.tree, build)
            build = build._replace(root=root, root_certain=certain)
    if build.named_contexts:
        build = build._replace(
            named_contexts={
                name: _named_context(files, run, named, problems)
                for name, named in build.named_contexts.items()
            }
        )
    root = build.root
    if root is None or not files.isdir(root):
        return build, problems
    ignore, complaints = _ignore_file(files, build.source, root)
    problems.extend(complaints)
    context, complaints = run.context(root, ignore)
    problems.extend(complaints)
    path = ignore.file if ignore else None
    build = build._replace(
        ignore_file=ignore,
        ignore_path=files.display(path or os.path.join(root, _IGNORE)),
        other_ignore_files=_other_ignore_files(files, build.source, root, path),
        files=context,
    )
    return build, problems


def _named_context(
    files: Files, run: _Run, named: NamedContext, problems: list[Problem]
) -> NamedContext:
    """Read a named context; BuildKit keeps to its own `.dockerignore` alone."""
    if not files.isdir(named.root):
        return named
    ignore, complaints = _ignore_file(files, None, named.root)
    problems.extend(complaints)
    context, complaints = run.context(named.root, ignore)
    problems.extend(complaints)
    path = files.display(os.path.join(named.root, _IGNORE))
    return named._replace(ignore_file=ignore, ignore_path=path, files=context)


def _missing_target(build: Build, target: Text) -> Problem:
    names = [f"'{stage.name}'" for stage in build.stages if stage.name is not None]
    return Problem(
        "VL615",
        f"the stage '{target}' is not in '{build.dockerfile or 'the Dockerfile'}'",
        target.span,
        f"its stages are {', '.join(names)}" if names else "no stage of it has a name",
    )


# -- the context


def _ignore_file(
    files: Files, dockerfile: Source | None, root: str
) -> tuple[Source | None, tuple[Problem, ...]]:
    """Return the ignore file that is read: the Dockerfile's own one replaces that of the context."""
    paths = [os.path.join(root, _IGNORE)]
    if dockerfile is not None and dockerfile.file:
        paths.insert(0, dockerfile.file + _IGNORE)
        if os.path.basename(dockerfile.file).lower().startswith("containerfile"):
            # Buildah, which that name is for, looks for its own name first.
            paths.insert(1, os.path.join(root, ".containerignore"))
    for path in paths:
        source = files.read(path, Kind.DOCKERIGNORE)
        if source is not None:
            return source, ()
        reason = files.problem(path)
        if reason:
            shown = files.display(path)
            empty = Source(shown, "", Kind.DOCKERIGNORE, path)
            message = f"'{shown}' cannot be read: {reason}"
            return None, (Problem("VL004", message, Span(empty, 0, 0), files.advice(path)),)
    return None, ()


def _other_ignore_files(
    files: Files, dockerfile: Source | None, root: str, used: str | None
) -> tuple[str, ...]:
    folders = []
    if dockerfile is not None and dockerfile.file:
        folders.append(os.path.dirname(dockerfile.file))
    top = files.git_root(os.path.join(root, _IGNORE))
    if top is not None:
        folders.append(top)
    paths = dict.fromkeys(os.path.join(folder, _IGNORE) for folder in folders)
    return tuple(
        files.display(path)
        for path in paths
        if path not in (used, os.path.join(root, _IGNORE)) and files.isfile(path)
    )


# -- builds of services


def attach(
    files: Files, container: Container, *, partial: bool = False
) -> tuple[Container, list[Problem]]:
    """Return a container with its build read, and what Docker would refuse or what is not there.

    partial: where its relative paths start is not known, so that nothing is missed.
    A service is also given the VOLUMEs of the stage that is built, where nothing is mounted there.
    """
    build = container.build
    if build is None:
        return container, []
    problems: list[Problem] = []
    root = build.root
    inline = build.source is not None
    if root is not None and not files.isdir(root):
        if not partial:
            problems.append(_missing_context(files, container, build, root))
        if not inline:
            return container._replace(build=_shown(files, build)), problems
    elif root is not None and not inline and build.dockerfile is not None:
        source, path = _read_dockerfile(files, os.path.join(root, build.dockerfile))
        build = build._replace(source=source, dockerfile=path)
        if source is None and not partial:
            problems.append(_missing_dockerfile(files, container, build, path))
    build, found = _complete(files, build)
    problems.extend(found)
    build = _shown(files, build)
    container = container._replace(build=build)
    if container.kind is ContainerKind.SERVICE:
        container = container._replace(mounts=(*container.mounts, *image_volumes(container)))
    return container, problems


def joined(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems with those of one cause made one: services that build, or miss, the same thing."""
    found: dict[tuple[object, ...], Problem] = {}
    for problem in dict.fromkeys(problems):
        if problem.code != "VL004":
            found[problem,] = problem
            continue
        key = (problem.message, problem.help)
        first = found.get(key)
        if first is None:
            found[key] = problem
        elif all(label.span != problem.span for label in first.labels):
            labels = (*first.labels, Label(problem.span, "needed here as well"))
            levels = {first.level, problem.level}
            level = "warning" if "warning" in levels else first.level
            found[key] = first._replace(labels=labels, level=level)
    return tuple(found.values())


def _shown(files: Files, build: Build) -> Build:
    path = build.dockerfile
    return build._replace(dockerfile=files.display(path)) if path and os.path.isabs(path) else build


def _read_dockerfile(files: Files, path: str) -> tuple[Source | None, str]:
    """Return a Dockerfile and its path; 'dockerfile' and 'Containerfile' stand in for 'Dockerfile'."""
    path = os.path.normpath(path)
    folder, name = os.path.split(path)
    others = ("dockerfile", "Containerfile") if name == "Dockerfile" else ()
    for candidate in (path, *(os.path.join(folder, other) for other in others)):
        source = files.read(candidate, Kind.DOCKERFILE)
        if source is not None:
            return source, candidate
    return None, path


def _place(container: Container, build: Build) -> Span:
    if build.context is not None:
        return build.context.span
    return container.keys.get("build", container.name.span)


def _missing_context(files: Files, container: Container, build: Build, root: str) -> Problem:
    shown = files.display(root)
    written = build.context.value if build.context else shown
    level = "note"
    if files.is_allowed(root):
        message = f"the build context '{written}' is not there"
        advice = f"correct the path, or add '{shown}'"
        if container.image is None and not comes_later(files, root):
            level = "warning"
    else:
        message = f"the build context '{written}' lies outside of what is looked at"
        advice = "run volint in a directory above both"
    place = _place(container, build)
    return Problem("VL004", message, place, advice, level=level, container=container.name.value)


def _missing_dockerfile(files: Files, container: Container, build: Build, path: str) -> Problem:
    shown = files.display(path)
    reason = files.problem(path)
    level = "warning"
    if reason:
        message = f"the Dockerfile '{shown}' cannot be read: {reason}"
        advice = files.advice(path)
    else:
        advice = "correct the path, or add it: what it copies and declares is not in the report"
        message = f"the Dockerfile '{shown}' is not there"
        if container.image is not None or comes_later(files, path):
            level = "note"
    return Problem(
        "VL004",
        message,
        _place(container, build),
        advice,
        level=level,
        container=container.name.value,
    )


def comes_later(files: Files, path: str) -> bool:
    """Return whether a missing path is meant to be missing: ignored by git, or in a submodule."""
    if files.is_ignored(path):
        return True
    top = files.git_root(path)
    if top is None:
        return False
    modules = files.read(os.path.join(top, ".gitmodules"))
    if modules is None:
        return False
    inside = os.path.relpath(path, top).replace(os.sep, "/") + "/"
    named = re.findall(r"(?m)^\s*path\s*=\s*(\S+)", modules.text)
    return any(inside.startswith(name.rstrip("/") + "/") for name in named)


def image_volumes(container: Container) -> list[Mount]:
    """Return the anonymous volumes that a service gets from VOLUMEs of the stage it is built from."""
    build = container.build
    if build is None or build.target_index is None or not build.stages:
        return []
    if any(mount.target.unresolved for mount in container.mounts) or container.volumes_from:
        return []
    covered = {path_clean(mount.target.value) for mount in container.mounts}
    mounts = []
    for path in build.stages[build.target_index].volumes:
        target = path_clean(path.value)
        if path.unresolved or not target.startswith("/") or target in covered:
            continue
        covered.add(target)
        mounts.append(
            Mount(
                MountKind.VOLUME,
                None,
                path._replace(value=target),
                read_only=False,
                syntax=Syntax.INSTRUCTION,
                span=path.span,
            )
        )
    return mounts
