"""What the COPY and ADD instructions of a project's builds take from their contexts, and where it ends up.

Shared by the rules about images. A file is kept if the stage it is copied to is in the image, or if a
stage of the image copies it on; what a RUN moves inside a stage is not followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.copysources import SourceKind, copy_destination, copy_sources
from volint.model import StepKind
from volint.parse.gopath import BadPatternError, match
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.assemble.copysources import CopySource
    from volint.model import Build, ContextFile, Project, Stage, Step
    from volint.source import Text

__all__ = ["Copy", "copies", "final_stages", "is_kept"]

_WHOLE = ("", "*", "**")
_WILDCARDS = "*?["


class Copy(NamedTuple):
    """One source of a COPY or ADD that takes files of the build context."""

    build: Build
    """The build."""
    stage_index: int
    """Index of the stage."""
    step: Step
    """The instruction."""
    word: Text
    """The source as written."""
    path: str
    """The path or pattern it names, cleaned and relative to the context's root; '' for all of it."""
    files: Sequence[ContextFile]
    """What it takes, sorted by path; nothing where the context is not on this disk."""
    certain: bool
    """False if the source depends on an unknown variable; `path` then keeps its `${NAME}` text."""
    source: CopySource
    """How BuildKit reads it."""

    @property
    def stage(self) -> Stage:
        """The stage it is in."""
        return self.build.stages[self.stage_index]

    @property
    def is_broad(self) -> bool:
        """True if it takes the whole context."""
        return self.certain and self.path in _WHOLE

    @property
    def is_pattern(self) -> bool:
        """True if it names its files by a wildcard."""
        return any(sign in self.path for sign in _WILDCARDS)

    @property
    def is_missing(self) -> bool:
        """True if it names a path that is not in the context and that the ignore file does not exclude."""
        files = self.build.files
        if not self.certain or self.is_pattern or self.is_broad or files is None:
            return False
        return files.kind(self.path) is None and not files.is_ignored(self.path)

    def kept(self, path: str | None = None) -> bool:
        """Return whether a file it takes, or the path it names, ends up in the image."""
        return is_kept(self.build, self.stage_index, self.destination(path))

    def destination(self, path: str | None = None) -> str:
        """Return where a file it takes, or the path it names, is put: an absolute path."""
        target = copy_destination(self.step)
        into = target.endswith(("/", "/.")) or len(self.step.words) > 2
        target = target.removesuffix("/.").rstrip("/")
        named = self.path.split("/") if self.path else []
        if path is None:
            # What is not there may as well be a directory: its content goes straight to the target.
            return target or "/"
        parts = path.split("/")
        if self.source.parents:
            root = self.source.root.strip("/")
            return f"{target}/{path[len(root) :].lstrip('/')}"
        if len(parts) > len(named):
            return "/".join([target, *parts[len(named) :]])
        return f"{target}/{parts[-1]}" if into else target


def copies(project: Project) -> list[Copy]:
    """Return the sources of all COPY and ADD instructions that take from a build context, named ones included.

    What several services build from one Dockerfile and context is there once, unless build arguments
    make a difference.
    """
    found: dict[tuple[object, ...], Copy] = {}
    for build in project.builds:
        for index, stage in enumerate(build.stages):
            for step in stage.steps:
                for copy in _of_step(build, index, stage, step):
                    key = (build.root, step.span, copy.word, build.ignore_path)
                    seen = found.get(key)
                    # With another target the same file may stay out of the image.
                    if seen is None or (not seen.kept() and copy.kept()):
                        found[key] = copy
    return list(found.values())


def _of_step(build: Build, index: int, stage: Stage, step: Step) -> Iterator[Copy]:
    if step.kind not in (StepKind.COPY, StepKind.ADD) or len(step.words) < 2:
        return
    for source in copy_sources(step):
        if source.kind is SourceKind.IMAGE and source.image is not None:
            named = build.named_contexts.get(source.image.value)
            if named is None:
                continue
            # What is taken from a named context is judged as if that were the whole of it.
            build = build._replace(
                root=named.root,
                ignore_file=named.ignore_file,
                ignore_path=named.ignore_path,
                files=named.files,
                other_ignore_files=(),
            )
            flags = {name: words for name, words in step.flags.items() if name != "from"}
            step = step._replace(flags=flags)
        elif source.kind is not SourceKind.CONTEXT:
            continue
        path = f"{source.root}/{source.pattern}".strip("/")
        files: Sequence[ContextFile] = ()
        if build.files is not None:
            alone = step._replace(words=(source.text, step.words[-1]))
            files = build.files.copied(stage, alone)
        yield Copy(build, index, step, source.text, path, files, not source.text.unresolved, source)


def final_stages(build: Build) -> frozenset[int]:
    """Return the stages whose files and history are the image: the target and what it is built on.

    Without a named target every stage that no other one uses counts as one.
    """
    ends: list[int] = []
    if build.target is not None:
        ends = [] if build.target_index is None else [build.target_index]
    elif build.stages:
        used = {stage.base_index for stage in build.stages}
        for stage in build.stages:
            for step in stage.steps:
                used.add(step.from_index)
                used.update(_mounted_stages(step))
        last = len(build.stages) - 1
        ends = [index for index in range(last + 1) if index == last or index not in used]
    found: set[int] = set()
    for end in ends:
        index: int | None = end
        while index is not None and index not in found:
            found.add(index)
            index = build.stages[index].base_index
    return frozenset(found)


def _mounted_stages(step: Step) -> Iterator[int]:
    for mount in step.mounts:
        option = mount.options.get("stage")
        if option is not None and isinstance(option.value, int):
            yield option.value


def is_kept(build: Build, index: int, path: str) -> bool:
    """Return whether a file at an absolute path of a stage ends up in the image."""
    final = final_stages(build)
    seen: set[tuple[int, str]] = set()
    left = [(index, path)]
    while left:
        place = left.pop()
        if place in seen:
            continue
        seen.add(place)
        here, path = place
        if here in final:
            return True
        for other, stage in enumerate(build.stages):
            if stage.base_index == here:
                left.append((other, path))
            for step in stage.steps:
                if step.from_index == here and len(step.words) > 1:
                    left.extend((other, new) for new in _carried(step, path))
    return False


def _carried(step: Step, path: str) -> Iterator[str]:
    """Yield where a COPY --from puts a file, or a directory of which it takes a part."""
    for source in copy_sources(step):
        named = [part for part in f"{source.root}/{source.pattern}".split("/") if part]
        parts = [part for part in path.split("/") if part]
        if not all(_matches(pattern, part) for pattern, part in zip(named, parts, strict=False)):
            continue
        target = copy_destination(step)
        into = target.endswith(("/", "/.")) or len(step.words) > 2
        target = target.removesuffix("/.").rstrip("/")
        rest = parts[len(named) :]
        if source.parents:
            rest = parts
        elif not rest and into and len(parts) == len(named):
            rest = parts[-1:]
        yield "/".join([target, *rest]) or "/"


def _matches(pattern: str, name: str) -> bool:
    try:
        return pattern == name or match(pattern, name)
    except BadPatternError:
        return False
