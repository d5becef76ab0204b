"""VL115 unstable-volume-identity."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Finding,
    Label,
    Level,
    MountKind,
    Persona,
    Project,
    ProjectKind,
    Rule,
    Storage,
    Volume,
    storages,
)


class UnstableVolumeIdentity(Rule):
    """The real name of a volume that holds state depends on the folder of the checkout.

    ## What it does
    Reports named volumes that stateful images keep their data in, in a Compose project without a name of its own.

    ## Why is this bad?
    Compose puts the project's name in front of each volume's, and without `name:` that is the folder's. In
    a folder of another name, in a second checkout, in a CI workspace the same file starts with empty volumes, and
    two projects in folders of one name share theirs.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```

    Use instead:
    ```compose good
    name: shop
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```

    ## Exceptions
    - A volume with a `name:` of its own, and external ones.
    - A project name from `COMPOSE_PROJECT_NAME` in `.env`, or given with `--project-name`.
    - Fragments, and files that a platform runs, which names the project itself.

    ## Level
    Note, for the pedantic persona; one finding for each project.

    ## References
    - Docker Compose, "Specify a project name"
    """

    code = "VL115"
    name = "unstable-volume-identity"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding at the first such volume, with the others as labels."""
        if project.kind is not ProjectKind.COMPOSE or project.named or project.platform:
            return
        found: dict[str, tuple[Volume, Storage]] = {}
        for storage in storages(project):
            for held in storage.held:
                if held.mount.kind is not MountKind.VOLUME or held.mount.source is None:
                    continue
                volume = project.volume(held.mount.source.value)
                if (
                    volume is not None
                    and not volume.external
                    and (volume.real_name is None or volume.real_name.span == volume.name.span)
                ):
                    found.setdefault(volume.name.value, (volume, storage))
        if not found:
            return
        (first, storage), *others = found.values()
        yield self.finding(
            first.name.span,
            f"The real name of the volume '{first.name}' depends on the folder: the project has no 'name'",
            Label(storage.container.name.span, "keeps its data there"),
            *(Label(volume.name.span, "so does the name of this volume") for volume, _ in others),
            help=f"add 'name: {project.name}' at the top of the file",
            source=first.name.value,
        )
