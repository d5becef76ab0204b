"""VL115 unstable-volume-identity."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    Finding,
    Label,
    Level,
    Mount,
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
    """Which volume holds the state depends on the folder of the checkout, or on the node of a swarm.

    ## What it does
    Reports named volumes that stateful images keep their data in, in a Compose project without a name of its own;
    and services of a stack that keep their data in a volume of the `local` driver while nothing pins them to a node.

    ## Why is this bad?
    Compose puts the project's name in front of each volume's, and without `name:` that is the folder's. In
    a folder of another name, in a second checkout, in a CI workspace the same file starts with empty volumes, and
    two projects in folders of one name share theirs.

    A swarm starts a task on any node that its constraints allow. A volume of the `local` driver is one on each node: when
    the node is drained or lost, or when the service is updated, the next task may start elsewhere, with an empty volume.

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

    ```yaml
    services: # deployed with `docker stack deploy`
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
        deploy:
          placement:
            constraints: [node.labels.shop-db == true]
    volumes:
      db-data:
    ```

    ## Exceptions
    - A volume with a `name:` of its own, and external ones.
    - A project name from `COMPOSE_PROJECT_NAME` in `.env`, or given with `--project-name`.
    - In a stack: constraints with `==` on more than the platform; services in `global` mode, which have data on each node; volumes
      of other drivers, of NFS or CIFS, and cluster volumes.
    - Fragments, and files that a platform runs, which names the project itself; what is called a stack
      (`docker-stack.yml`): whoever deploys it names it.

    ## Level
    Note, for the pedantic persona; one finding for each project. Warning for each service of a stack.

    ## References
    - Docker, "Deploy services to a swarm": placement constraints; "Give a service access to volumes or bind mounts"
    - Docker Compose, "Specify a project name"
    """

    code = "VL115"
    name = "unstable-volume-identity"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding at the first such volume, with the others as labels, and each service that may move."""
        yield from self._moving(project)
        if (
            project.kind is not ProjectKind.COMPOSE
            or project.named
            or project.platform
            or project.swarm
        ):
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

    def _moving(self, project: Project) -> Iterator[Finding]:
        for storage in storages(project):
            container = storage.container
            mount = next(
                (held.mount for held in storage.held if _is_local(project, held.mount)), None
            )
            if mount is None or not _moves(container):
                continue
            what = "an unnamed volume" if mount.source is None else f"volume '{mount.source}'"
            yield self.finding(
                container.name.span,
                f"A swarm may start '{container.name}' on any node, and {what} with its data is local to one",
                Label(mount.span, "empty on a node that it was not on before"),
                help="pin it under 'deploy.placement.constraints', to a label of the node that has the data for example, "
                "or keep the data in a volume that all nodes reach",
                level=Level.WARNING,
                persona=Persona.REGULAR,
                confidence=Confidence.MEDIUM,
                container=container,
                mount=mount,
            )


def _moves(container: Container) -> bool:
    placement = container.placement
    return (
        placement is not None
        and placement.mode == "replicated"
        and not placement.is_pinned
        and container.replicas > 0
    )


def _is_local(project: Project, mount: Mount) -> bool:
    """Return whether a mount is a volume of which each node has one of its own."""
    if mount.kind is not MountKind.VOLUME or mount.read_only:
        return False
    volume = project.volume(mount.source.value) if mount.source is not None else None
    if volume is None:
        return mount.source is None
    if volume.external or (volume.driver is not None and volume.driver.value != "local"):
        return False
    return not volume.driver_opts
