"""VL405 large-file-in-context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Build,
    Confidence,
    ContextFile,
    Copy,
    Finding,
    Level,
    Option,
    Part,
    Persona,
    Project,
    Rule,
    Size,
    copies,
    knowledge,
)

_MB = 1_000_000


class LargeFileInContext(Rule):
    """A large file of the build context is sent to the builder, or copied into an image.

    ## What it does
    Reports COPY and ADD instructions that take a single file over a configurable size, and such files that the ignore
    file lets through though no instruction takes them. The size that a Git LFS pointer names counts as the file's.

    ## Why is this bad?
    Archives, dumps and recordings that nobody meant to ship make each build, push and pull slow. Mostly they lie in
    the folder by chance, and one line in the ignore file keeps them out.

    ## Example
    ```dockerfile bad
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    ```
    ```env bad and recording.mp4
    version https://git-lfs.github.com/spec/v1
    oid sha256:4665a5ea423c2713d436b5ee50593a9640e0018c1550b5a0002f74190d6caea8
    size 734003200
    ```

    Use instead:
    ```dockerfile good
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    ```
    ```dockerignore good and .dockerignore
    *.mp4
    ```
    ```env good and recording.mp4
    version https://git-lfs.github.com/spec/v1
    oid sha256:4665a5ea423c2713d436b5ee50593a9640e0018c1550b5a0002f74190d6caea8
    size 734003200
    ```

    ## Exceptions
    - Models and data sets that an instruction takes, which are VL401's.
    - `.git`, dependencies and caches, which are VL403's and VL404's.
    - What is only sent, where the context is guessed.

    ## Level
    Note; for the pedantic where no instruction takes the file, as BuildKit then does not send it.

    ## Options
    `size`: the size from which on a file is large, a bare number in megabytes (default `100MB`).

    ## References
    - docs.docker.com: "Build context", ".dockerignore files"
    """

    code = "VL405"
    name = "large-file-in-context"
    level = Level.NOTE
    needs = (Part.BUILDS,)
    options = (
        Option(
            "size", Size, 100 * _MB, "The size from which on a file is large.", minimum=1, unit="MB"
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: several projects may build from one context."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield the large files of each context, once."""
        said: set[tuple[str | None, str]] = set()
        for project in projects:
            for copy in copies(project):
                large = [file for file in copy.files if self._is_large(file)]
                new = [file for file in large if (copy.build.root, file.path) not in said]
                said.update((copy.build.root, file.path) for file in large)
                new = [file for file in new if knowledge.model_file(file.path) is None]
                if new:
                    yield self._taken(copy, new)
        for project in projects:
            for build in project.builds:
                if build.files is None or not build.root_certain or not build.stages:
                    continue
                large = [
                    file
                    for file in build.files.sent()
                    if self._is_large(file) and (build.root, file.path) not in said
                ]
                said.update((build.root, file.path) for file in large)
                if large:
                    yield self._sent(build, large)

    def _is_large(self, file: ContextFile) -> bool:
        limit = self.settings["size"]
        assert isinstance(limit, int)
        parts = file.path.split("/")[:-1]
        return (
            file.size >= limit
            and not file.is_directory
            and not file.is_link
            and not any(
                knowledge.is_dependency_directory(part) or knowledge.is_cache_directory(part)
                for part in parts
            )
        )

    def _taken(self, copy: Copy, large: Sequence[ContextFile]) -> Finding:
        what = _shown(large)
        message = f"'{copy.word}' copies {what}"
        if large[0].path in (copy.path, copy.word.value):
            message = f"{what} is copied"
        return self.finding(
            copy.word.span,
            message,
            help=_advice(copy.build, large),
            confidence=None if copy.build.root_certain else Confidence.MEDIUM,
            target=large[0].path,
        )

    def _sent(self, build: Build, large: Sequence[ContextFile]) -> Finding:
        return self.finding(
            build.stages[0].base.span,
            f"{_shown(large)} would be sent to the builder, and no instruction takes that",
            help=_advice(build, large),
            persona=Persona.PEDANTIC,
            target=large[0].path,
        )


def _shown(large: Sequence[ContextFile]) -> str:
    first = max(large, key=lambda file: file.size)
    text = f"'{first.path}' ({first.size / _MB:.0f} MB)"
    more = len(large) - 1
    return f"{text} and {more} more large file{'s' if more > 1 else ''}" if more else text


def _advice(build: Build, large: Sequence[ContextFile]) -> str:
    first = max(large, key=lambda file: file.size)
    return f"add '{first.path}' to '{build.ignore_path or '.dockerignore'}', or fetch it where it is used"
