"""VL106 unused-volume."""

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
    Span,
    Volume,
    remove_volume,
)


class UnusedVolume(Rule):
    """A declared volume is used by no service.

    ## What it does
    Looks at all projects together and reports a declaration under the top-level `volumes` that no service of any
    project of its folder mounts.

    ## Why is this bad?
    Compose makes a volume only for services that use it: the declaration does nothing, and often a service has lost
    the mount that belongs to it. Readers think that data is kept there.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
      db-backups:
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```

    ## Exceptions
    - Another file of the folder mounts a volume of that name: an overlay, an alternative, a service that a profile
      turns off.
    - A run line or a command of any script names the volume as Docker knows it (`shop_db-data`), or a
      project elsewhere takes it as external.
    - A mount has its name where the target belongs (`- db-data`): it is VL601's.
    - Files that declare volumes and no services, fragments, and projects of which a part could not be read.

    ## Fix
    Removes the declaration.

    ## References
    - compose-spec, "Volumes top-level element"
    """

    code = "VL106"
    name = "unused-volume"
    level = Level.NOTE
    needs = (Part.VOLUMES,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: one project does not tell."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield the volumes that nothing uses, once for each declaration."""
        declared: dict[Span, tuple[Project, Volume]] = {}
        spoiled: set[Span] = set()
        for project in projects:
            if project.kind is not ProjectKind.COMPOSE or not project.volumes:
                continue
            whole = bool(project.containers) and not project.partial and not _is_incomplete(project)
            for volume in project.volumes:
                declared.setdefault(volume.name.span, (project, volume))
                if not whole:
                    spoiled.add(volume.name.span)
        if not declared:
            return
        keys, names, outside = _uses(projects)
        for place, (project, volume) in declared.items():
            folder = os.path.dirname(place.source.file or place.source.path)
            real = volume.real_name.value if volume.real_name is not None else ""
            if (
                place in spoiled
                or volume.name.unresolved
                or (folder, volume.name.value) in keys
                or real in names
                or (real in outside and not volume.external)
                or any(name.endswith(f"_{volume.name.value}") for name in names)
            ):
                continue
            edit = remove_volume(project, volume)
            yield self.finding(
                place,
                f"No service uses the volume '{volume.name.value}'",
                help="remove it, or mount it where its data is kept",
                fix=Fix(f"remove '{volume.name.value}'", (edit,)) if edit is not None else None,
                source=volume.name.value,
            )


def _is_incomplete(project: Project) -> bool:
    """Return whether services may be missing: a Compose file of the project could not be read."""
    return any(
        (problem.code in ("VL000", "VL001") and problem.span.source.kind is not Kind.DOCKERFILE)
        or (problem.code == "VL004" and not problem.container and problem.level != "note")
        for problem in project.problems
    ) or any("extends" in container.keys for container in project.containers)


def _uses(projects: Sequence[Project]) -> tuple[set[tuple[str, str]], set[str], set[str]]:
    """Return what is used: (folder, key) of the files of Compose projects, names that run lines and commands
    have, and names that Compose files take as external."""
    keys: set[tuple[str, str]] = set()
    names: set[str] = set()
    outside: set[str] = set()
    for project in projects:
        if project.kind is ProjectKind.COMPOSE:
            folders = {os.path.dirname(source.file or source.path) for source in project.sources}
            for _, mount in project.mounts(MountKind.VOLUME):
                if mount.source is not None:
                    keys.update((folder, mount.source.value) for folder in folders)
                else:
                    keys.update((folder, mount.target.value) for folder in folders)
            outside.update(
                volume.real_name.value
                for volume in project.volumes
                if volume.external and volume.real_name is not None
            )
        else:
            for _, mount in project.mounts(MountKind.VOLUME):
                if mount.source is not None:
                    names.add(mount.source.value)
            for command in project.commands:
                names.update(operand.value for operand in command.operands)
    return keys, names, outside
