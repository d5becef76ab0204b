"""VL311 secret-on-command-line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Container,
    ContainerKind,
    Finding,
    Label,
    Literal,
    Part,
    Project,
    ProjectKind,
    Rule,
    Span,
    command_literals,
    exposure,
    knowledge,
    line_literals,
    listed,
    names_of_users,
)

_WHERE = {
    "command": "on the command line of",
    "entrypoint": "in the entrypoint of",
    "healthcheck": "in the health check of",
    "driver_opts": "in the options of the volume",
    "content": "in the content of the config",
}


class SecretOnCommandLine(Rule):
    """A credential is written out on a command line, in the options of a volume, or in an inline config.

    ## What it does
    Reports literal credentials behind flags (`--requirepass`, `mysql -p...`, `curl -u user:password`), in URLs and in
    assignments, in `command`, `entrypoint` and `healthcheck` of a service and in the command of a run line; in the
    driver options of a volume (`username=...,password=...` of a Windows share); and in `content` of a config.

    ## Why is this bad?
    Whoever reads the file has the credential. A command line is also shown by `ps` to every user of the host, and by
    `docker inspect`; options of a volume by `docker volume inspect`.

    ## Example
    ```compose bad
    services:
      cache:
        image: redis:7
        command: redis-server --requirepass tr0ub4dor
    ```
    ```compose bad
    services:
      db:
        image: mysql:8
        healthcheck:
          test: ["CMD", "mysqladmin", "ping", "-uroot", "-ptr0ub4dor"]
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes: ["share:/data"]
    volumes:
      share:
        driver_opts:
          type: cifs
          device: //files.example.com/share
          o: username=app,password=tr0ub4dor
    ```
    ```shell bad
    docker run -d redis:7 redis-server --requirepass tr0ub4dor
    ```

    Use instead:
    ```compose good
    services:
      cache:
        image: redis:7
        command: sh -c 'exec redis-server --requirepass "$$(cat /run/secrets/redis_password)"'
        secrets: [redis_password]
    secrets:
      redis_password: {file: ./redis_password.txt}
    ```
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes: ["share:/data"]
    volumes:
      share:
        driver_opts:
          type: cifs
          device: //files.example.com/share
          o: username=app,password=${SHARE_PASSWORD:?}
    ```
    ```shell good
    docker run -d redis:7 redis-server --requirepass "$REDIS_PASSWORD"
    ```

    ## Exceptions
    - Variables, of Compose, of a shell on the host and of one in the container (`$$NAME`).
    - Flags, names and values that secret-in-environment excepts: `--password-file`, `--token-ttl`, absolute paths.

    ## Level
    As secret-in-environment: warning in production and where nobody knows; note in development, tests and examples, and
    for placeholders and demo values.

    ## References
    - OWASP Secrets Management Cheat Sheet; CWE-214
    """

    code = "VL311"
    name = "secret-on-command-line"
    needs = (Part.CONTAINERS, Part.VOLUMES, Part.CONFIGS)
    security_severity = "6.0"
    tags = ("external/cwe/cwe-214", "external/cwe/cwe-798")

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, volume and config with a credential written out."""
        seen: set[Span] = set()
        for container in project.containers:
            users = [container.name.value, *names_of_users(container.env)]
            found = _of_container(container, users)
            fresh = [literal for literal in found if literal.place not in seen]
            seen.update(literal.place for literal in fresh)
            if fresh:
                yield self._report(project, container, container.name.value, fresh)
        shell = project.kind is not ProjectKind.COMPOSE
        for volume in project.volumes:
            found = []
            for key, value in volume.driver_opts.items():
                if key == "o" or knowledge.credential_name(key) is not None:
                    word = value._replace(value=f"{key}={value.value}")
                    found += command_literals([word], "driver_opts", shell=shell)
            if found:
                yield self._report(project, None, volume.name.value, found)
        for config in project.configs:
            if config.content is not None:
                found = line_literals(config.content, "content")
                if found:
                    yield self._report(project, None, config.name.value, found)

    def _report(
        self, project: Project, container: Container | None, owner: str, found: Sequence[Literal]
    ) -> Finding:
        judged = exposure(project, container, found)
        named = [literal for literal in found if literal.placeholder is judged.demo]
        first = named[0]
        names = list(dict.fromkeys(literal.name.value for literal in named))
        subject = (
            "A URL" if names == ["URL"] else "A word" if names == ["word"] else listed(names, 4)
        )
        one = len(names) == 1
        what = first.what if one else "demo values" if judged.demo else "credentials"
        plain = "" if judged.demo else " in plain text"
        return self.finding(
            first.name.span,
            f"{subject} {'holds' if one else 'hold'} {what}{plain} {_WHERE[first.origin]} '{owner}'",
            *(
                Label(literal.name.span, literal.why)
                for literal in found
                if literal is not first or literal.is_default
            ),
            help=_help(container, first),
            level=judged.level,
            confidence=judged.confidence,
            persona=judged.persona,
            container=container or "",
            target=first.name.value,
            source=owner,
            redact=tuple(literal.place for literal in found),
        )


def _of_container(container: Container, users: list[str]) -> list[Literal]:
    shell = container.kind is not ContainerKind.SERVICE
    found = []
    for origin, words in (
        ("entrypoint", container.entrypoint),
        ("command", container.command),
        ("healthcheck", container.healthcheck),
    ):
        if words:
            found += command_literals(words, origin, users, shell=shell)
    return found


def _help(container: Container | None, literal: Literal) -> str:
    if literal.origin == "driver_opts":
        return (
            "take it from outside with '${NAME:?}', or name a file of the host with 'credentials='"
        )
    if literal.origin == "content":
        return "take it from outside with '${NAME:?}', or make the whole a secret"
    if container is not None and container.kind is not ContainerKind.SERVICE:
        return "take it from a variable, or let the command read it from a file"
    return "let the command read it from a secret, e.g. '$$(cat /run/secrets/NAME)' in a shell, or take it from '${NAME:?}'"
