"""VL309 unused-secret."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from volint.api import (
    Finding,
    Fix,
    Kind,
    Level,
    MountKind,
    Part,
    Project,
    ProjectKind,
    Rule,
    Secret,
    Span,
    remove_secret,
)

_FOLDER = "/run/secrets/"


class UnusedSecret(Rule):
    """A secret or config is declared, and no container is given it.

    ## What it does
    Reports entries of the top-level `secrets` and `configs` of a Compose file that no service takes, neither to run nor
    to build.

    ## Why is this bad?
    Declaring a secret gives it to nobody. Either it is left over, and somebody still keeps the file and rotates its
    content, or the service that should have it lacks it.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
    secrets:
      db_password:
        file: ./db_password.txt
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
      db_password:
        file: ./db_password.txt
    ```

    ## Exceptions
    - Another file of the folder uses it: an overlay, an alternative, a service that a profile turns off.
    - Files that declare secrets and no services, fragments, and projects of which a part could not be read.
    - Configs in a project with `credential_spec`.
    - A secret that a variable of a service expects in `/run/secrets`: that it is not given is VL307's.

    ## Level
    Note.

    ## Fix
    Removes the declaration.

    ## References
    - compose-spec, "Secrets top-level element", "Configs top-level element"
    """

    code = "VL309"
    name = "unused-secret"
    level = Level.NOTE
    needs = (Part.SECRETS, Part.CONFIGS)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: one project does not tell."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield the secrets and configs that nothing takes, once for each declaration."""
        declared: dict[Span, tuple[Project, Secret, str]] = {}
        spoiled: set[Span] = set()
        used: set[tuple[str, str, str]] = set()
        wanted: set[tuple[str, str]] = set()
        for project in projects:
            if project.kind is not ProjectKind.COMPOSE:
                continue
            whole = bool(project.containers) and not project.partial and not _is_incomplete(project)
            for what, found in (("secret", project.secrets), ("config", project.configs)):
                for one in found:
                    declared.setdefault(one.name.span, (project, one, what))
                    if not whole:
                        spoiled.add(one.name.span)
            used |= _uses(project)
            wanted |= _undeclared(project)
        for place, (project, one, what) in declared.items():
            folder = os.path.dirname(place.source.file or place.source.path)
            if (
                place in spoiled
                or (folder, what, one.name.value) in used
                or (what, one.name.value) in wanted
            ):
                continue
            edit = remove_secret(project, one)
            yield self.finding(
                place,
                f"No service is given the {what} '{one.name}'",
                help=f"remove it, or list it under '{what}s' of the service that needs it",
                fix=Fix(f"remove '{one.name}'", (edit,)) if edit is not None else None,
                source=one.name.value,
                redact=(one.content.span,) if one.content is not None else (),
            )


def _uses(project: Project) -> set[tuple[str, str, str]]:
    """Return what a project uses: (folder of one of its files, 'secret' or 'config', name)."""
    names: set[tuple[str, str]] = set()
    for _, mount in project.mounts(MountKind.SECRET, MountKind.CONFIG):
        if mount.source is not None:
            names.add((mount.kind.value, mount.source.value))
    for container in project.containers:
        if container.build is not None:
            names.update(("secret", name.value) for name in container.build.secrets)
        names.update(
            ("secret", variable.value.value.removeprefix(_FOLDER))
            for variable in container.env
            if variable.value is not None and variable.value.value.startswith(_FOLDER)
        )
        if "credential_spec" in container.keys:
            names.update(("config", config.name.value) for config in project.configs)
    folders = {os.path.dirname(source.file or source.path) for source in project.sources}
    return {(folder, what, name) for folder in folders for what, name in names}


def _undeclared(project: Project) -> set[tuple[str, str]]:
    """Return what a project takes and does not declare: another file of the repository does it for it."""
    declared = {("secret", secret.name.value) for secret in project.secrets}
    declared.update(("config", config.name.value) for config in project.configs)
    taken = {
        (mount.kind.value, mount.source.value)
        for _, mount in project.mounts(MountKind.SECRET, MountKind.CONFIG)
        if mount.source is not None
    }
    return taken - declared


def _is_incomplete(project: Project) -> bool:
    """Return whether services may be missing: a Compose file of the project could not be read."""
    return any(
        (problem.code in ("VL000", "VL001") and problem.span.source.kind is not Kind.DOCKERFILE)
        or (problem.code == "VL004" and not problem.container and problem.level != "note")
        for problem in project.problems
    ) or any("extends" in container.keys for container in project.containers)
