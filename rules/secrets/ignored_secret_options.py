"""VL308 ignored-secret-options."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    MountOption,
    Project,
    Rule,
    Syntax,
    honours_secret_options,
    listed,
)

_OPTIONS = ("uid", "gid", "mode")


class IgnoredSecretOptions(Rule):
    """A secret from a file is given owner or mode, and Compose ignores them.

    ## What it does
    Reports `uid`, `gid` and `mode` of a service's secret or config that is declared with `file:`, in a project that is
    not deployed to Swarm.

    ## Why is this bad?
    Outside of Swarm, Compose bind-mounts such a file: in the container it has the owner and the mode that it has on the
    host. A `mode: 0400` that looks like protection is none, and a program that does not run as root may find the file
    unreadable in spite of its `uid`.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        secrets:
          - source: db_password
            uid: "999"
            mode: 0400
    secrets:
      db_password:
        file: ./db_password.txt
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        secrets: [db_password]
    secrets:
      db_password:
        file: ./db_password.txt
    ```
    ```compose good
    services:
      db:
        image: postgres:17
        secrets:
          - source: db_password
            uid: "999"
            mode: 0400
    secrets:
      db_password:
        environment: DB_PASSWORD
    ```

    ## Exceptions
    - Swarm honours them: projects that a script deploys with `docker stack deploy`, files called a stack or swarm, and
      projects with external secrets, which Compose cannot start.
    - Secrets and configs that come from the environment or are written inline: Compose copies them, options and all.

    ## Level
    Warning.

    ## References
    - Compose specification, "Services: secrets"; docker/compose issue 9648
    """

    code = "VL308"
    name = "ignored-secret-options"
    level = Level.WARNING
    tags = ("external/cwe/cwe-732",)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each service, at its first option that is ignored."""
        for container in project.containers:
            found = [
                (mount, name, option)
                for mount in container.mounts
                if mount.syntax in (Syntax.SECRETS_KEY, Syntax.CONFIGS_KEY)
                and not mount.shadowed
                and honours_secret_options(project, mount) is False
                for name in _OPTIONS
                if (option := mount.options.get(name)) is not None
            ]
            if found:
                yield self._report(container, found)

    def _report(self, container: Container, found: list[tuple[Mount, str, MountOption]]) -> Finding:
        mount, _, option = found[0]
        names = dict.fromkeys(name for one, name, _ in found if one is mount)
        what = "secret" if mount.kind is MountKind.SECRET else "config"
        verb = "has" if len(names) == 1 else "have"
        return self.finding(
            option.span,
            f"{listed(names)} of the {what} '{mount.source}' {verb} no effect: Compose bind-mounts its file as it is",
            *(Label(other.span, f"'{name}' is ignored, too") for _, name, other in found[1:]),
            help="set owner and mode of the file on the host, or take the value with 'environment:' instead of 'file:'",
            container=container,
            mount=mount,
        )
