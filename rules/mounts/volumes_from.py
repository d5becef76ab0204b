"""VL610 volumes-from."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Container, Finding, Label, Level, Persona, Project, Rule, regex
from volint.api import VolumesFrom as Donor

_BACKUP = regex(
    r"(?i)backup|restore|dump|archive|snapshot|export|migrat|\b(?:tar|rsync|restic|borg|rclone|duplicity|duplicati|kopia|cp|zip|gzip)\b"
)


class VolumesFrom(Rule):
    """A container takes over all mounts of another one.

    ## What it does
    Reports `--volumes-from` and `volumes_from` outside of backups.

    ## Why is this bad?
    What the container can see and write is said in another place, and changes with it: a secret that the donor is given later
    is given to this one, too. The donor has to be there first, and names of volumes say the same more plainly.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - data:/data
      worker:
        image: registry.example.com/worker:1
        volumes_from:
          - app
    volumes:
      data:
    ```
    ```shell bad
    docker run -d --volumes-from app registry.example.com/worker:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - data:/data
      worker:
        image: registry.example.com/worker:1
        volumes:
          - data:/data:ro
    volumes:
      data:
    ```
    ```shell good
    docker run -d -v data:/data:ro registry.example.com/worker:1
    ```

    ## Exceptions
    - Backups and restores: a container that is removed when it ends (`--rm`), or whose name, image or command says so.
      There it is the point to see all that the other one has.

    ## Level
    Note, for the pedantic persona.

    ## References
    - Docker, "Volumes": backup, restore, or migrate data volumes
    """

    code = "VL610"
    name = "volumes-from"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container that takes over mounts."""
        for container in project.containers:
            if container.volumes_from and not _is_backup(container):
                yield self._report(container, container.volumes_from)

    def _report(self, container: Container, donors: tuple[Donor, ...]) -> Finding:
        first, *others = donors
        return self.finding(
            first.span,
            f"'{container.name}' takes over all mounts of '{first.name}'",
            *(Label(donor.span, f"and those of '{donor.name}'") for donor in others),
            help="name the volumes that it needs, with ':ro' where it only reads",
            container=container,
            source=first.name.value,
        )


def _is_backup(container: Container) -> bool:
    if container.remove:
        return True
    words = [container.name.value, container.image.value if container.image else ""]
    words += (word.value for word in (*(container.entrypoint or ()), *(container.command or ())))
    return bool(_BACKUP.search(" ".join(words)))
