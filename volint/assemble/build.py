"""Builds: a Dockerfile, its context and its ignore file, as one service or one build line uses them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.model import Build, EnvVar
from volint.source import Kind, Problem, Source, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.assemble.stages import StagesResult
    from volint.files import Files
    from volint.model import Container
    from volint.parse.dockerfile import Dockerfile
    from volint.parse.dockerignore import Dockerignore

__all__ = ["attach", "ignore_file", "make_build"]


def make_build(
    files: Files,
    *,
    dockerfile: Source | None,
    root: str | None,
    context: Text | None = None,
    target: Text | None = None,
    args: Sequence[Text | EnvVar] = (),
    additional_contexts: Mapping[str, Text] | None = None,
    root_certain: bool = True,
) -> tuple[Build, list[Problem]]:
    """Return the build of a Dockerfile, and what BuildKit would object to.

    root: absolute path of the context; None for one that is remote or unknown. context: the same as
    written. args: `NAME=value` of --build-arg, or entries of `build.args`. root_certain: False where
    the context is only guessed.
    """
    problems: list[Problem] = []
    given = tuple(arg if isinstance(arg, EnvVar) else _argument(arg) for arg in args)
    ignore: Dockerignore | None = None
    ignore_source: Source | None = None
    ignore_path: str | None = None
    if root is not None and not files.is_allowed(root):
        if context is not None:
            problems.append(_outside(context))
        root = None
    if root is not None:
        path = dockerfile.file if dockerfile is not None else None
        ignore_source, ignore_path = ignore_file(files, path, root)
        if ignore_source is not None:
            ignore, complaints = _ignore(files, ignore_source)
            problems.extend(complaints)
    build = Build(
        context,
        root,
        root_certain,
        dockerfile.path if dockerfile is not None and dockerfile.file is not None else None,
        dockerfile,
        ignore_source,
        ignore_path,
        target=target,
        args=given,
        additional_contexts=additional_contexts or {},
    )
    if root is not None and files.isdir(root):
        from volint.assemble.context import Context

        build = build._replace(files=Context(files, root, ignore))
    if dockerfile is None:
        return build, problems
    tree, found = _tree(files, dockerfile)
    result = _stages(files, dockerfile, tree, given, target)
    problems = [*found, *result.problems, *problems]
    return (
        build._replace(
            stages=result.stages,
            target_index=result.target_index,
            reachable=result.reachable,
            global_args=result.global_args,
        ),
        problems,
    )


def attach(files: Files, container: Container) -> tuple[Container, list[Problem]]:
    """Return a service with its build read: Dockerfile, stages, ignore file and context.

    What it takes is a build with names only: `dockerfile` an absolute path, or as written where the
    context is remote; `source` an inline Dockerfile. Returned with the problems found on the way.
    """
    build = container.build
    if build is None:
        return container, []
    source = build.source
    problems: list[Problem] = []
    if source is None and build.root is not None and build.dockerfile is not None:
        source, problem = _dockerfile(files, container, build)
        if problem is not None:
            problems.append(problem)
    made, found = make_build(
        files,
        dockerfile=source,
        root=build.root,
        context=build.context,
        target=build.target if build.target and build.target.value else None,
        args=build.args,
        additional_contexts=build.additional_contexts,
        root_certain=build.root_certain,
    )
    if source is None and build.dockerfile is not None:
        shown = build.dockerfile
        made = made._replace(
            dockerfile=files.display(shown) if os.path.isabs(shown) else shown,
        )
    return container._replace(build=made), [*problems, *found]


def _dockerfile(
    files: Files, container: Container, build: Build
) -> tuple[Source | None, Problem | None]:
    """Read the Dockerfile that a service names; BuildKit takes 'dockerfile' for a missing 'Dockerfile'."""
    path = os.path.normpath(build.dockerfile or "")
    directory, name = os.path.split(path)
    for candidate in (path, os.path.join(directory, "dockerfile")):
        source = files.read(candidate, Kind.DOCKERFILE)
        if source is not None:
            return source, None
        if name != "Dockerfile" or files.problem(path):
            break
    root = build.root or directory
    if not files.is_allowed(root):
        return None, None  # said once, of the context
    span = container.keys.get("build") or (build.context or container.name).span
    reason = files.problem(path)
    shown = files.display(path)
    if reason is not None:
        return None, Problem("VL004", f"'{shown}' cannot be checked: {reason}", span)
    if not files.isdir(root):
        message = f"the build context '{files.display(root)}' is not here, so the image it builds is not checked"
        return None, Problem("VL004", message, span, level="note")
    message = f"the Dockerfile '{shown}' is not here, so the image it builds is not checked"
    return None, Problem("VL004", message, span, "name the right one with 'dockerfile:'")


def _outside(context: Text) -> Problem:
    return Problem(
        "VL004",
        f"the build context '{context.value}' lies outside of the directories that volint was asked to look at",
        context.span,
        "run volint on a directory that holds both",
        level="note",
    )


def ignore_file(files: Files, dockerfile: str | None, root: str) -> tuple[Source | None, str]:
    """Return the ignore file that BuildKit reads, and its shown path, or where it would look.

    `<Dockerfile>.dockerignore` beside the Dockerfile stands in for the context's `.dockerignore`.
    """
    if dockerfile is not None:
        own = dockerfile + ".dockerignore"
        source = files.read(own, Kind.DOCKERIGNORE)
        if source is not None:
            return source, source.path
    path = os.path.join(root, ".dockerignore")
    return files.read(path, Kind.DOCKERIGNORE), files.display(path)


def _argument(text: Text) -> EnvVar:
    """Split `NAME=value` of --build-arg; without '=' the value is the caller's own variable."""
    name, equals, _ = text.value.partition("=")
    span = text.span
    if span.end - span.start != len(text.value):
        spans = (span, span)
    else:
        middle = span.start + len(name)
        spans = (span._replace(end=middle), span._replace(start=middle + len(equals)))
    value = text.value[len(name) + 1 :]
    return EnvVar(
        Text(name, spans[0]),
        Text(value, spans[1], text.unresolved) if equals else None,
        "--build-arg",
    )


# -- read once, however many build it -------------------------------------------------------------


def _ignore(files: Files, source: Source) -> tuple[Dockerignore, tuple[Problem, ...]]:
    from volint.parse.dockerignore import parse

    return files.memo(("ignore", source), lambda: parse(source))


def _tree(files: Files, source: Source) -> tuple[Dockerfile, list[Problem]]:
    from volint.parse.dockerfile import parse

    return files.memo(("dockerfile", source), lambda: parse(source))


def _stages(
    files: Files, source: Source, tree: Dockerfile, args: Sequence[EnvVar], target: Text | None
) -> StagesResult:
    from volint.assemble.stages import stages

    values = {arg.name.value: arg.value.value for arg in args if arg.value is not None}
    stage = target.value if target is not None and not target.unresolved else None
    key = ("stages", source, tuple(sorted(values.items())), stage)
    return files.memo(key, lambda: stages(tree, values, stage))
