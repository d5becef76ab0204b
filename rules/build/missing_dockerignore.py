"""VL403 missing-dockerignore."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Confidence,
    Copy,
    Finding,
    Label,
    Level,
    Part,
    Project,
    Rule,
    copies,
    lacks_ignore_file,
    listed,
    new_ignore_file,
    unwanted,
)

_HANDFUL = 10
"""Files of a context that a person sees at a glance."""


class MissingDockerignore(Rule):
    """A Dockerfile copies its whole build context, and no ignore file says what is to stay out.

    ## What it does
    Reports `COPY . .` and its like where Docker finds neither `<Dockerfile>.dockerignore` beside the
    Dockerfile nor `.dockerignore` at the root of the context. One finding per missing file, however many
    Dockerfiles miss it.

    ## Why is this bad?
    Everything that lies in the folder ends up in the image: the `.env` with its passwords, the history in
    `.git`, the `node_modules` of another operating system over those that were just installed, data sets
    and caches. Each build sends it all to the builder, and any change in it rebuilds what follows.

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
    .env
    .git
    node_modules
    ```

    ## Exceptions
    - A context of a handful of files with nothing in or near it that should stay out: no `.git`, no
      dependencies, no manifest that announces them, no secrets, no data. What builds write (`target`, `bin`,
      `obj`) counts there only if it exists.
    - An ignore file in the Dockerfile's folder where that is not the context: Docker does not read it there,
      which is another matter than its absence.
    - Where a COPY takes secrets for want of the file, which is VL304's; its help and its fix name the rest, too.
    - A context that is only guessed, where the Dockerfile's folder or the repository's root has an ignore file.

    ## Fix
    Writes an ignore file from what is there and what will be there; unsafe, as a RUN may need some of it.

    ## References
    - docs.docker.com: "Build context", ".dockerignore files"
    """

    code = "VL403"
    name = "missing-dockerignore"
    level = Level.WARNING
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: one missing file may concern several projects."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield each ignore file that is missing, at the first COPY that needs it."""
        groups: dict[str, list[Copy]] = {}
        for project in projects:
            for copy in copies(project):
                if copy.is_broad and copy.files and lacks_ignore_file(copy.build):
                    groups.setdefault(copy.build.ignore_path or "", []).append(copy)
        for path, group in groups.items():
            finding = self._missing(path, group)
            if finding is not None:
                yield finding

    def _missing(self, path: str, group: list[Copy]) -> Finding | None:
        first = group[0]
        entries = unwanted(first, near=True)
        harm = [entry for entry in entries if not (entry.why and entry.kind == "output")]
        secrets = {entry.path for entry in entries if entry.kind == "secret"}
        if secrets:
            return None
        if not harm and len(first.files) <= _HANDFUL:
            return None
        others = {copy.word.span: copy for copy in group[1:] if copy.word.span != first.word.span}
        there = [entry.path for entry in entries if not entry.why]
        coming = [entry for entry in entries if entry.why]
        message = f"'{first.word}' copies the whole build context, and there is no '{path}'"
        if there:
            message += f" to keep out {listed(there)}"
        advice = f"write '{path}'"
        if entries:
            advice += f" with {listed(entry.pattern for entry in entries)}"
        if coming and not there:
            advice += f" ({coming[0].why})"
        return self.finding(
            first.word.span,
            message,
            *(Label(span, "this one needs it, too") for span in others),
            help=advice,
            confidence=None if first.build.root_certain else Confidence.MEDIUM,
            fix=new_ignore_file(first.build, (entry.pattern for entry in entries)),
            target=path.rpartition("/")[2],
        )
