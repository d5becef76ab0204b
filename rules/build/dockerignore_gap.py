"""VL404 dockerignore-gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Build,
    Confidence,
    Copy,
    Finding,
    Fix,
    Label,
    Level,
    Part,
    Project,
    Rule,
    Span,
    Unwanted,
    copies,
    edits,
    listed,
    unwanted,
)


class DockerignoreGap(Rule):
    """A COPY takes along what the ignore file should keep out.

    ## What it does
    Reports the COPY or ADD of a directory that takes `.git`, dependency folders, caches and data folders of
    the build context, because the ignore file in force lacks them: what is there, and what the Dockerfile
    itself makes in its own copy of the folder (`npm ci`, `VOLUME /app/data`) or an example announces
    (`.env.example`). What an ignore file lacks is said once, however many instructions take it.

    ## Why is this bad?
    The `node_modules` of the host replaces what was just installed, often for another operating system.
    `.git` and caches change with every command and rebuild all that follows. A `.env` in a layer is readable
    for everybody who can pull the image.

    ## Example
    ```dockerfile bad
    FROM node:22
    WORKDIR /app
    COPY . .
    RUN npm ci
    ```
    ```env bad and package.json
    {}
    ```
    ```dockerignore bad and .dockerignore
    .git
    ```

    Use instead:
    ```dockerfile good
    FROM node:22
    WORKDIR /app
    COPY . .
    RUN npm ci
    ```
    ```env good and package.json
    {}
    ```
    ```dockerignore good and .dockerignore
    .git
    node_modules
    .env
    ```

    ## Exceptions
    - What git tracks is source, whatever its name; without git, names that projects also use for their own
      files (`vendor`, `target`, `deps`) count only beside the manifest that fills them.
    - Secrets that are there are VL304's, those that a COPY names VL303's; a `.env` without credentials is none.
    - A directory that COPY names itself: it is wanted.
    - What a Dockerfile makes where a folder of programs or settings is copied to (`COPY bin /app`, `/app/logs`).
    - Models are VL401's, a missing ignore file is VL403's.
    - `.git`, where a RUN asks git about it, or runs `make`, `just` or `task`, whose file does.

    ## Level
    Note.

    ## Fix
    Appends what is missing; unsafe, as a RUN may need some of it.

    ## References
    - docs.docker.com: ".dockerignore files"
    """

    code = "VL404"
    name = "dockerignore-gap"
    level = Level.NOTE
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: one ignore file may concern several projects."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield what each ignore file lacks, at the first COPY that takes it."""
        gaps: dict[str, list[tuple[Copy, list[Unwanted]]]] = {}
        for project in projects:
            taken = copies(project)
            broad = {copy.build.ignore_path for copy in taken if copy.is_broad}
            for copy in taken:
                path = copy.build.ignore_path
                if path is None or (copy.build.ignore_file is None and path in broad):
                    continue
                # Secrets that are there are VL304's.
                entries = [entry for entry in unwanted(copy) if entry.kind != "secret"]
                if copy.build.ignore_file is None:
                    entries = [entry for entry in entries if not entry.why]
                if entries:
                    gaps.setdefault(path, []).append((copy, entries))
        for path, found in gaps.items():
            said: set[str] = set()
            for copy, entries in found:
                new = [entry for entry in entries if entry.pattern not in said]
                said.update(entry.pattern for entry in new)
                if new:
                    lines = {entry.pattern for entry in new}
                    also = [
                        other.word.span
                        for other, some in found
                        if other.word.span != copy.word.span
                        and lines.intersection(entry.pattern for entry in some)
                    ]
                    yield self._gap(path, copy, new, also)

    def _gap(
        self, path: str, first: Copy, entries: Sequence[Unwanted], also: Sequence[Span]
    ) -> Finding:
        there = [entry.path for entry in entries if not entry.why]
        later = [entry for entry in entries if entry.why]
        lacks = f"which '{path}' does not exclude"
        if first.build.ignore_file is None:
            lacks = f"as there is no '{path}'"
        if there:
            message = f"'{first.word}' takes {listed(there)} along, {lacks}"
        else:
            names = listed(entry.path for entry in later)
            message = f"'{first.word}' would take {names} along, {lacks}"
        patterns = [entry.pattern for entry in entries]
        advice = f"add {listed(patterns)} to '{path}'"
        if later:
            advice += f" ('{later[0].path}': {later[0].why})"
        return self.finding(
            first.word.span,
            message,
            *(Label(span, "and this one") for span in dict.fromkeys(also)),
            help=advice,
            confidence=None if first.build.root_certain else Confidence.MEDIUM,
            fix=_fix(first.build, path, patterns),
            target=path.rpartition("/")[2],
        )


def _fix(build: Build, path: str, patterns: Sequence[str]) -> Fix | None:
    source = build.ignore_file
    if source is None:
        return None
    return Fix(f"append to '{path}'", (edits.add_lines(source, patterns),), safe=False)
