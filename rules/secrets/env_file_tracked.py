"""VL305 env-file-tracked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from volint.api import (
    Container,
    Exposure,
    Finding,
    Label,
    Literal,
    Project,
    Rule,
    Span,
    env_literals,
    exposure,
    listed,
    regex,
    variable_literals,
)

_EXAMPLE = regex(r"(?i)(?:^|[._-])(?:example|sample|template|dist)(?:[._-]|\Z)")


class _EnvFile:
    """An env file that comes with the repository: what it holds, and who reads it."""

    def __init__(self) -> None:
        self.literals: dict[Span, Literal] = {}
        self.uses: dict[Span, tuple[Container, Exposure]] = {}

    def add(self, span: Span, literals: list[Literal], project: Project, by: Container) -> None:
        """Add a place that names the file or takes a value from it."""
        self.literals.update((literal.place, literal) for literal in literals)
        self.uses.setdefault(span, (by, exposure(project, by, literals)))


class EnvFileTracked(Rule):
    """An env file with credentials is part of the repository.

    ## What it does
    Reports env files (`env_file`, `--env-file`, the `.env` that Compose takes variables from) that hold literal
    credentials and that git tracks, or would take with the next `git add` because nothing ignores them. What counts as
    a credential is what secret-in-environment says.

    ## Why is this bad?
    The credentials are in every clone, every fork and every backup, and stay in the history when the file is deleted.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        env_file: app.env
    ```
    ```env bad and app.env
    API_KEY=9f86d081884c7d659a2f
    ```
    ```env bad and .gitignore
    /node_modules
    ```
    ```shell bad
    docker run -d --env-file app.env registry.example.com/app:1
    ```
    ```env bad and app.env
    API_KEY=9f86d081884c7d659a2f
    ```
    ```env bad and .gitignore
    /node_modules
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        env_file: app.env
    ```
    ```env good and app.env
    API_KEY=9f86d081884c7d659a2f
    ```
    ```env good and .gitignore
    app.env
    ```

    ## Exceptions
    - The names and values that secret-in-environment excepts.
    - Where neither git nor a `.gitignore` is in use, what an env file holds is that rule's.
    - A variable of `.env` that no service is given.
    - An example that is used as it is (`--env-file .env.example`): what is in it is meant to be seen.

    ## Level
    As secret-in-environment: warning in production and where nobody knows; note in development, tests and examples, and
    for placeholders.

    ## References
    - Docker, "Best practices for working with environment variables in Docker Compose"; gitignore(5)
    """

    code = "VL305"
    name = "env-file-tracked"
    security_severity = "6.5"
    tags = ("external/cwe/cwe-538", "external/cwe/cwe-540")

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: one file may serve several projects."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield one finding for each env file, at the first of the uses that weigh most."""
        files: dict[str, _EnvFile] = {}
        for project in projects:
            for container in project.containers:
                for env_file in container.env_files:
                    path = env_file.resolved
                    if env_file.shared and path is not None:
                        found = [
                            literal
                            for literal in env_literals(container)
                            if literal.place.source.file == path
                        ]
                        if found:
                            entry = files.setdefault(path, _EnvFile())
                            entry.add(env_file.path.span, found, project, container)
            _interpolated(project, files)
        for path, entry in files.items():
            if not _EXAMPLE.search(path.rpartition("/")[2]):
                yield self._report(entry)

    def _report(self, file: _EnvFile) -> Finding:
        # `max` keeps the first of equals.
        span = max(file.uses, key=lambda place: _weight(file.uses[place][1]))
        container, judged = file.uses[span]
        literals = list(file.literals.values())
        named = [literal for literal in literals if literal.placeholder is judged.demo]
        path = named[0].place.source.path
        one = len({literal.name.value for literal in named}) == 1
        what = named[0].what if one else "demo values" if judged.demo else "credentials"
        names = listed(dict.fromkeys(literal.name.value for literal in named), 4)
        return self.finding(
            span,
            f"'{path}' holds {what} in {names}, and git does not keep it out of the repository",
            *(Label(literal.name.span, literal.why) for literal in literals),
            *(
                Label(place, f"'{other.name}' uses it, too")
                for place, (other, _) in file.uses.items()
                if place != span
            ),
            help=f"run 'git rm --cached {path}', add it to '.gitignore', and commit an example without values",
            level=judged.level,
            confidence=judged.confidence,
            persona=judged.persona,
            container=container,
            target=path.rpartition("/")[2],
            redact=tuple(literal.place for literal in literals),
            also=tuple(place for place in file.uses if place != span),
            others=tuple(
                other.name.value for place, (other, _) in file.uses.items() if place != span
            ),
        )


def _weight(use: Exposure) -> tuple[int, int, int]:
    """Return what orders uses: who is shown them, then how bad and how sure they are."""
    return -use.persona.rank, use.level.rank, use.confidence.rank


def _interpolated(project: Project, files: dict[str, _EnvFile]) -> None:
    """Add the env files that a Compose project takes variables from, where a container is given one."""
    if project.file_set is None or not project.file_set.shared_variables:
        return
    for literal in variable_literals(project.file_set.shared_variables):
        path = literal.place.source.file
        expression = re.compile(
            rf"\$(?:\{{{re.escape(literal.name.value)}\b|{literal.name.value}\b)"
        )
        for container in project.containers:
            for variable in container.env:
                value = variable.value
                if (
                    path is not None
                    and value is not None
                    and value.span.source.file != path
                    and expression.search(value.span.text())
                ):
                    entry = files.setdefault(path, _EnvFile())
                    entry.add(value.span, [literal], project, container)
