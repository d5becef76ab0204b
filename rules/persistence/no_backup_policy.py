"""VL110 no-backup-policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Held,
    Label,
    Level,
    MountKind,
    Option,
    Persona,
    Project,
    Rule,
    Storage,
    Volume,
    declared_volume,
    knowledge,
    regex,
    storages,
)

_BACKUP = regex(
    r"backup|restic|borg|duplicati|duplicacy|kopia|velero|rclone|rsnapshot|wal-g|pgbackrest|barman|autorestic",
    re.IGNORECASE,
)


class NoBackupPolicy(Rule):
    """A volume that holds state in production says nothing about its backup.

    ## What it does
    Reports, in production, a named volume that a stateful image keeps its data in, if its declaration has no backup
    label and no backup container of the project mounts it.

    ## Why is this bad?
    A volume is a directory of one host. Without a backup the first broken disk, or the first
    `docker volume prune`, takes what is in it. The label makes the decision visible, and lets a script find what
    it has to save (`docker volume ls --filter label=backup`).

    ## Example
    ```compose bad compose.prod.yaml
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```shell bad production/start.sh
    docker volume create db-data
    docker run -d -v db-data:/var/lib/postgresql/data postgres:17
    ```

    Use instead:
    ```compose good compose.prod.yaml
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
        labels:
          backup: daily
    ```
    ```shell good production/start.sh
    docker volume create --label backup=daily db-data
    docker run -d -v db-data:/var/lib/postgresql/data postgres:17
    ```

    ## Exceptions
    - Projects that are not in production.
    - External volumes and those that another file declares: their labels are not known.
    - A volume that a backup container mounts, known by its image or its name (restic, borg, duplicati, `db-backup` ...).
    - Volumes whose content can be had again: caches, models, certificates.

    ## Level
    Note, for the pedantic persona.

    ## Options
    - `label`: the label, or the beginning of its name before a '.', that tells the policy (default `backup`).

    ## References
    - Docker, "Volumes": "Back up, restore, or migrate data volumes"
    """

    code = "VL110"
    name = "no-backup-policy"
    level = Level.NOTE
    persona = Persona.PEDANTIC
    options = (Option("label", str, "backup", "The label that tells how a volume is backed up."),)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each volume, at its declaration."""
        done: set[str] = set()
        for storage in storages(project):
            environment = project.environment_of(storage.container)
            if (
                not environment.is_production
                or storage.image.state == "optional"
                or storage.image.category in ("cache", "models", "proxy")
            ):
                continue
            for held in storage.held:
                volume = declared_volume(project, held.mount)
                if (
                    volume is None
                    or volume.external
                    or volume.name.value in done
                    or self._has_policy(volume)
                    or _is_backed_up(project, storage.container, volume)
                ):
                    continue
                done.add(volume.name.value)
                yield self._report(storage, held, volume, environment.reason)

    def _has_policy(self, volume: Volume) -> bool:
        label = str(self.settings["label"])
        return any(name == label or name.startswith(f"{label}.") for name in volume.labels)

    def _report(self, storage: Storage, held: Held, volume: Volume, reason: str) -> Finding:
        label = self.settings["label"]
        container = storage.container
        return self.finding(
            volume.name.span,
            f"'{volume.name}' holds the data of '{container.name}' in production and has no '{label}' label",
            Label(held.mount.target.span, storage.fact(held.data)),
            Label(container.name.span, f"runs in production ({reason})"),
            help=f"say how it is backed up, e.g. with the label '{label}: daily', or mount it in a backup container",
            container=container,
            mount=held.mount,
        )


def _is_backed_up(project: Project, owner: Container, volume: Volume) -> bool:
    """Return whether another container that mounts a volume is there to back it up."""
    for container, mount in project.mounts(MountKind.VOLUME):
        if container is owner or mount.source is None or mount.source.value != volume.name.value:
            continue
        image = knowledge.image_of(container)
        text = f"{container.name} {container.image or ''} {mount.target}"
        if _BACKUP.search(text) or (image is not None and image.category == "backup"):
            return True
    return False
