"""VL302 secret-in-environment."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Label,
    Level,
    Literal,
    Project,
    Rule,
    Span,
    env_literals,
    exposure,
    knowledge,
    listed,
    regex,
)

_DEFAULT = regex(r"\$\{(\w+):?-[^${}]*\}")


class SecretInEnvironment(Rule):
    """A credential is written out in the environment of a container.

    ## What it does
    Reports variables that hold a literal credential: by their name (`DB_PASSWORD`, `API_KEY`, `SMTP_PASS`), by a
    password in a URL or a connection string, by accounts (`X_AUTH=user/password`, `user:password` lists), or by the
    shape of a well-known service's token. It reads `environment`, env files, `-e` and `--env-file`. The default in
    `${NAME:-text}` is a literal. The value is never shown.

    ## Why is this bad?
    Whoever reads the file has the credential, and it stays in the history of the repository. What is in the
    environment of a container is also shown by `docker inspect`, inherited by every child process, and often written
    to logs and error reports. A file in `/run/secrets` is none of that.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        environment:
          POSTGRES_PASSWORD: tr0ub4dor&3
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        environment:
          - DATABASE_URL=postgres://app:${DB_PASSWORD:-tr0ub4dor}@db/app
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        env_file: app.env
    ```
    ```env bad and app.env
    API_KEY=9f86d081884c7d659a2f
    ```
    ```shell bad
    docker run -d -e POSTGRES_PASSWORD=tr0ub4dor postgres:17
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        environment:
          POSTGRES_PASSWORD_FILE: /run/secrets/postgres_password
        secrets: [postgres_password]
    secrets:
      postgres_password:
        file: ./postgres_password.txt
    ```
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        environment:
          API_KEY: ${API_KEY:?}
    ```
    ```shell good
    docker run -d -e POSTGRES_PASSWORD postgres:17
    ```

    ## Exceptions
    - `${NAME}` without a default, also where a `.env` file gives it a value.
    - Names that say where a credential is or what it is like: `*_FILE`, `*_PATH`, `*_URL`, `*_HEADER`, `*_NAME`,
      `*_TTL`, `*_LENGTH`, ids of keys, public keys and parameters (`GPG_KEY`, `*dhparam*`).
    - Values that are none: booleans, absolute paths, references into a vault (`vault:`, `op://`, `arn:aws:`).
    - An env file that git tracks or does not ignore is VL305's, and one that git ignores is left alone. What a
      Dockerfile sets is VL303's.

    ## Level
    Warning where it runs in production or nobody knows; note in development, test and example environments and in CI.
    Placeholders (`<password>`) and demo values (`changeme`, a password equal to the user's name) are notes; where they are in place,
    in development, tests and examples, they are shown to the pedantic only.

    ## References
    - OWASP Secrets Management Cheat Sheet; Docker, "Manage sensitive data with Docker secrets"
    """

    code = "VL302"
    name = "secret-in-environment"
    level = Level.WARNING
    security_severity = "6.5"
    tags = ("external/cwe/cwe-312", "external/cwe/cwe-798")

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container that is the first to have some credential written out."""
        causes: list[tuple[Container, list[Literal], list[Container]]] = []
        owners: dict[Span, int] = {}
        for container in project.containers:
            private = {file.resolved for file in container.env_files if file.shared is not None}
            fresh: list[Literal] = []
            also: dict[int, None] = {}
            for literal in env_literals(container):
                if literal.place.source.file in private:
                    continue
                if literal.place in owners:
                    also[owners[literal.place]] = None
                else:
                    fresh.append(literal)
            for index in also:
                causes[index][2].append(container)
            if fresh:
                owners.update((literal.place, len(causes)) for literal in fresh)
                causes.append((container, fresh, []))
        for container, found, sharers in causes:
            yield self._report(project, container, found, sharers)

    def _report(
        self,
        project: Project,
        container: Container,
        found: list[Literal],
        sharers: list[Container],
    ) -> Finding:
        # What stands in the file itself comes before what an env file of it holds.
        found = sorted(found, key=lambda literal: _file_span(container, literal) is not None)
        judged = exposure(project, container, found)
        named = [literal for literal in found if literal.placeholder is judged.demo]
        first = named[0]
        span = _file_span(container, first) or first.name.span
        labels = [
            Label(literal.name.span, literal.why)
            for literal in found
            if literal is not first or span is not first.name.span or literal.is_default
        ]
        labels += [Label(other.name.span, "has it, too") for other in sharers]
        return self.finding(
            span,
            _message(container, named, judged.demo),
            *labels,
            help=_help(container, first),
            level=judged.level,
            confidence=judged.confidence,
            persona=judged.persona,
            container=container,
            target=first.name.value,
            redact=tuple(literal.place for literal in found),
        )


def _file_span(container: Container, literal: Literal) -> Span | None:
    """Return the place that names the env file a variable is from; None if it is not from one."""
    for file in container.env_files:
        if file.resolved is not None and file.resolved == literal.name.span.source.file:
            return file.path.span
    return None


def _message(container: Container, named: list[Literal], demo: bool) -> str:
    names = list(dict.fromkeys(literal.name.value for literal in named))
    holds = "holds" if len(names) == 1 else "hold"
    where = f"in the environment of '{container.name}'"
    if demo:
        blank = all(literal.is_blank for literal in named)
        several = "placeholders" if blank else "demo values"
        one = "a placeholder" if blank else "a demo value"
        return f"{listed(names, 4)} {holds} {one if holds == 'holds' else several} {where}"
    what = named[0].what if len(names) == 1 else "credentials"
    return f"{listed(names, 4)} {holds} {what} in plain text {where}"


def _help(container: Container, literal: Literal) -> str:
    name = literal.name.value
    image = knowledge.image_of(container)
    by_file = image.file_variable(name) if image is not None else None
    run = literal.origin in ("-e", "--env-file")
    default = _DEFAULT.fullmatch(literal.place.text())
    if by_file is None and default is not None:
        return f"drop the default: '${{{default[1]}:?}}' stops the start while nobody sets it"
    if by_file is not None:
        what = "in a file that only it can read" if run else "as a secret"
        how = f"-e {by_file}=" if run else f"{by_file}: "
        return (
            f"give it {what}, and write '{how}/run/secrets/{name.lower()}', which the image reads"
        )
    if run:
        return f"write '-e {name}' without a value, so that it comes from the environment of whoever runs it"
    if literal.kind == "url":
        return "take the password out of it, or the whole value from outside: '${" + name + ":?}'"
    return f"take it from outside with '${{{name}:?}}', or as a file from 'secrets:'"
