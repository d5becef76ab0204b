"""VL307 miswired-secret."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    ContainerKind,
    Edit,
    EnvVar,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    MountKind,
    Part,
    Persona,
    Project,
    ProjectKind,
    Rule,
    awaits_override,
    knowledge,
)

_FOLDER = "/run/secrets/"


class MiswiredSecret(Rule):
    """A container looks for a secret that it is not given, or in a way that it does not understand.

    ## What it does
    Reports a variable that names a file in `/run/secrets` that nothing puts there, a credential's variable that holds
    such a path on an image that reads files from another variable only (`POSTGRES_PASSWORD` for
    `POSTGRES_PASSWORD_FILE`), a credential in a variable that the image does not read at all (`QDRANT_API_KEY`), and secrets and configs that a service takes and no file of the project declares.

    ## Why is this bad?
    The program does not find its password and stops; or it takes the path itself for the password, and everybody who
    reads the file knows it.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        environment:
          POSTGRES_PASSWORD_FILE: /run/secrets/db_password
    secrets:
      db_password: {file: ./db_password.txt}
    ```
    ```compose bad
    services:
      db:
        image: postgres:17
        environment:
          POSTGRES_PASSWORD: /run/secrets/db_password
        secrets: [db_password]
    secrets:
      db_password: {file: ./db_password.txt}
    ```
    ```compose bad
    services:
      db:
        image: postgres:17
        secrets: [db_pasword]
    secrets:
      db_password: {file: ./db_password.txt}
    ```
    ```shell bad
    podman run -d --secret db_pw -e POSTGRES_PASSWORD_FILE=/run/secrets/db_password postgres:17
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        environment:
          POSTGRES_PASSWORD_FILE: /run/secrets/db_password
        secrets: [db_password]
    secrets:
      db_password: {file: ./db_password.txt}
    ```
    ```shell good
    podman run -d --secret db_password -e POSTGRES_PASSWORD_FILE=/run/secrets/db_password postgres:17
    ```

    ## Exceptions
    - A mount at the path or above it may hold the file: a bind mount, a volume, a tmpfs that is filled at the start.
    - `docker service create --secret`, and containers of which a part depends on unknown variables.
    - Overlays and fragments: the file they belong to may give what they lack.
    - Documents show parts of a set-up: there, a path that nothing is put at is for the pedantic.
    - A path in a credential's variable where nothing is known of the image: it may read it.
    - A variable that the image does not read, where the one that it reads is set, too, or a configuration is mounted.

    ## Level
    Error; warning for a variable that the image does not read.

    ## Fix
    Writes the variable that the image reads a file from. Unsafe: the container then runs with another password.

    ## References
    - Docker, "Use secrets in Compose"; the images' own documentation of their `*_FILE` variables
    """

    code = "VL307"
    name = "miswired-secret"
    level = Level.ERROR
    needs = (Part.CONTAINERS, Part.PROBLEMS)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what the loader found undeclared, then variables that name what is not there."""
        found = list(self.problems(project))
        if not found or not awaits_override(project):
            yield from found
        if project.partial:
            return
        for container in project.containers:
            if container.unresolved or container.volumes_from:
                continue
            for variable in container.env:
                value = variable.value
                if (unread := self._unread(container, variable)) is not None:
                    yield unread
                    continue
                if value is None or value.unresolved or not value.value.startswith(_FOLDER):
                    continue
                finding = self._not_read(container, variable) or self._not_given(
                    project, container, variable
                )
                if finding is not None:
                    yield finding

    def _unread(self, container: Container, variable: EnvVar) -> Finding | None:
        """Report a credential in a variable that the image passes over."""
        name, image = variable.name.value, knowledge.image_of(container)
        reads = image.unread.get(name) if image is not None else None
        if (
            reads is None
            or image is None
            or (variable.value is not None and not variable.value.value)
        ):
            return None
        places = (image.role_of(mount.target.value) for mount in container.mounts)
        if any(place is not None and place.role == "config" for place in places) or any(
            other.name.value == reads for other in container.env
        ):
            return None
        return self.finding(
            variable.name.span,
            f"'{image.ref.name}' does not read '{name}', and without '{reads}' it answers everybody who reaches it",
            help=f"write '{reads}'",
            fix=Fix(f"write '{reads}'", (Edit(variable.name.span, reads),), safe=False)
            if variable.name.span.text() == name
            else None,
            level=Level.WARNING,
            container=container,
            target=name,
        )

    def _not_read(self, container: Container, variable: EnvVar) -> Finding | None:
        """Report a path in a variable from which the image takes the credential itself."""
        name = variable.name.value
        image = knowledge.image_of(container)
        reads = image.file_variable(name) if image is not None else None
        if reads is None or image is None or knowledge.credential_name(name) is None:
            return None
        fix = None
        if variable.name.span.text() == name and all(
            other.name.value != reads for other in container.env
        ):
            fix = Fix(f"write '{reads}'", (Edit(variable.name.span, reads),), safe=False)
        return self.finding(
            variable.name.span,
            f"'{name}' of '{container.name}' is the path of a secret, which '{image.ref.name}' takes for the value "
            f"itself: it reads files from '{reads}'",
            help=f"write '{reads}'",
            fix=fix,
            container=container,
            target=name,
        )

    def _not_given(
        self, project: Project, container: Container, variable: EnvVar
    ) -> Finding | None:
        """Report a path where nothing is put."""
        value = variable.value
        if value is None or value.value.rstrip("/") == _FOLDER.rstrip("/"):
            return None
        path = value.value
        if any(_may_hold(mount, path) for mount in container.mounts):
            return None
        if container.kind is ContainerKind.RUN and "secret" in container.keys:
            given = [mount for mount in container.mounts if mount.kind is MountKind.SECRET]
            if not given:
                return None
        wanted = path[len(_FOLDER) :]
        labels = [
            Label(mount.span, f"this one is put at '{mount.target}'")
            for mount in container.mounts
            if mount.kind is MountKind.SECRET
        ]
        declared = any(secret.name.value == wanted for secret in project.secrets)
        return self.finding(
            value.span,
            f"'{variable.name}' names '{path}', and '{container.name}' is not given a secret there",
            *labels,
            help=_help(container, wanted, declared),
            persona=Persona.PEDANTIC if project.kind is ProjectKind.DOCUMENT else None,
            container=container,
            target=variable.name.value,
        )


def _may_hold(mount: Mount, path: str) -> bool:
    """Return whether a file at a path may come from a mount."""
    return (
        bool(mount.target.unresolved)
        or (mount.kind is MountKind.SECRET and bool(mount.unresolved))
        or knowledge.within(path, mount.target.value)
    )


def _help(container: Container, name: str, declared: bool) -> str:
    if container.kind is ContainerKind.SERVICE:
        listed = f"list '{name}' under its 'secrets:'"
        return listed if declared else f"{listed}, and declare it under the top-level 'secrets:'"
    if container.program == "podman":
        return f"add '--secret {name}'"
    return f"mount it: '--mount type=bind,src=./{name},dst={_FOLDER}{name},readonly'"
