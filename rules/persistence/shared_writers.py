"""VL109 shared-writers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from volint.api import (
    CommandKind,
    Confidence,
    Container,
    ContainerKind,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    ProjectKind,
    Rule,
    Span,
    Storage,
    knowledge,
    known_name,
    storages,
)

_ENGINES = frozenset(
    ("database", "cache", "broker", "vector-db", "search", "object-store", "metrics", "logs")
)
_STOPS = frozenset((CommandKind.CONTAINER_RM, CommandKind.CONTAINER_STOP, CommandKind.COMPOSE_DOWN))


class SharedWriters(Rule):
    """Two containers write to one volume.

    ## What it does
    Reports two servers that keep their data at the same place of one volume or host path, also the replicas of one
    service, where the knowledge says that the store is for one writer. Any other volume that several
    containers mount writable is a note for the pedantic persona.

    ## Why is this bad?
    Most databases lock nothing across containers, or lock by process id, which means nothing in another container: two
    of them on one directory destroy it. Others notice the lock, and the second one never starts.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
      reports:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```compose bad
    services:
      db:
        image: postgres:17
        deploy:
          replicas: 2
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```shell bad
    docker run -d --name one -v redis:/data redis:7 redis-server --appendonly yes
    docker run -d --name two -v redis:/data redis:7 redis-server --appendonly yes
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
      reports:
        image: postgres:17
        volumes:
          - reports-data:/var/lib/postgresql/data
    volumes:
      db-data:
      reports-data:
    ```
    ```shell good
    docker run -d --name one -v redis-one:/data redis:7 redis-server --appendonly yes
    docker run -d --name two -v redis-two:/data redis:7 redis-server --appendonly yes
    ```

    ## Exceptions
    - Read-only mounts, and servers whose data paths are different folders of the volume.
    - Clients and one-shot commands of the same image (`pg_dump`, `chown` ...), an application's workers, and programs
      of several parts (`weed volume`, `weed filer`).
    - Services of different profiles, which do not run together; a volume of which Swarm makes one for each task.
    - Run lines of one name, and of a file that stops or removes containers: they follow each other.

    ## Level
    Error where the knowledge says that a second writer corrupts the store, warning where it says that the second
    server is refused; a note for the pedantic persona for other volumes with several writers.

    ## References
    - PostgreSQL, "Creating a Database Cluster": one server for each data directory; `volint/knowledge/images.txt`, `writers`
    """

    code = "VL109"
    name = "shared-writers"
    level = Level.ERROR

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each volume or host path with several writers."""
        if project.partial:
            return
        servers = {
            id(held.mount): (storage, held.data.path)
            for storage in storages(project)
            if not storage.state.unknown
            for held in storage.held
        }
        others: dict[tuple[str, ...], list[list[tuple[Container, Mount]]]] = {}
        for writers in _writers(project).values():
            running = [
                (container, mount, *servers[id(mount)])
                for container, mount in writers
                if id(mount) in servers
            ]
            found = self._servers(project, running)
            if found is not None:
                yield found
            elif project.kind is ProjectKind.COMPOSE:
                names = tuple(dict.fromkeys(container.name.value for container, _ in writers))
                if len(names) > 1:
                    others.setdefault(names, []).append(writers)
        for names, shared in others.items():
            yield self._others(names, shared)

    def _servers(
        self, project: Project, running: list[tuple[Container, Mount, Storage, str]]
    ) -> Finding | None:
        """Return the finding about servers that keep their data in one place, None if there are none."""
        for container, mount, storage, _ in running:
            if container.replicas > 1 and _is_engine(storage) and "{{" not in _name(mount):
                place = container.keys.get("deploy") or container.keys.get("scale")
                labels = [Label(place, f"{container.replicas} of it run")] if place else []
                message = f"{container.replicas} replicas of '{container.name}' keep their data in '{_name(mount)}'"
                found = self._server(storage, container, mount, message, labels)
                if found is not None:
                    return found
        for first, second in combinations(running, 2):
            (one, other, storage, path), (container, mount, _, path2) = first, second
            if (
                storage.image.id == second[2].image.id
                and _inside(other, path) == _inside(mount, path2)
                and _is_engine(storage)
                and _same_role(one, container)
                and _run_together(project, one, container)
            ):
                message = (
                    f"'{one.name}' and '{container.name}' both keep their data in '{_name(mount)}'"
                )
                labels = [Label(_place(other), f"'{one.name}' has it here")]
                found = self._server(storage, container, mount, message, labels, project.kind)
                if found is not None:
                    return found
        return None

    def _server(
        self,
        storage: Storage,
        container: Container,
        mount: Mount,
        message: str,
        labels: list[Label],
        kind: ProjectKind = ProjectKind.COMPOSE,
    ) -> Finding | None:
        name = known_name(storage.image)
        if storage.image.writers == "corrupt":
            level, why = Level.ERROR, f"a second writer corrupts the data of {name}"
        elif storage.image.writers == "refuse":
            level, why = Level.WARNING, f"a second {name} does not start on the same data"
        else:
            return None
        confidence = storage.confidence
        if kind is not ProjectKind.COMPOSE:
            confidence = min(confidence, Confidence.MEDIUM, key=lambda item: item.rank)
        if confidence is Confidence.LOW:
            level = Level.WARNING
        return self.finding(
            _place(mount),
            f"{message}: {why}",
            *labels,
            help="give each a volume of its own",
            level=level,
            confidence=confidence,
            container=container,
            mount=mount,
        )

    def _others(
        self, names: tuple[str, ...], shared: list[list[tuple[Container, Mount]]]
    ) -> Finding:
        """Return the note about what the same services write to, however many volumes it is."""
        container, mount = shared[0][0]
        labels: dict[Span, str] = {}
        for writer, other in shared[0][1:]:
            labels.setdefault(_place(other), f"'{writer.name}' writes it too")
        for writers in shared[1:]:
            other = writers[0][1]
            labels.setdefault(_place(other), f"they share '{_name(other)}' as well")
        labels.pop(_place(mount), None)
        return self.finding(
            _place(mount),
            f"'{_name(mount)}' is mounted writable by several services: "
            + ", ".join(f"'{name}'" for name in names),
            *(Label(place, message) for place, message in labels.items()),
            help="add ':ro' where a service only reads it",
            level=Level.NOTE,
            persona=Persona.PEDANTIC,
            container=container,
            mount=mount,
        )


def _writers(project: Project) -> dict[tuple[str, str, str], list[tuple[Container, Mount]]]:
    """Return who mounts what writable, by kind, source and subpath."""
    found: dict[tuple[str, str, str], list[tuple[Container, Mount]]] = {}
    for container, mount in project.mounts(MountKind.VOLUME, MountKind.BIND):
        if (
            mount.source is None
            or mount.read_only
            or mount.shadowed
            or mount.source.unresolved
            or container.replicas == 0
        ):
            continue
        source = mount.source.value
        if mount.kind is MountKind.BIND:
            source = mount.resolved_source or source
            if knowledge.control_socket(source) or knowledge.is_harmless_path(source):
                continue
        part = mount.options.get("subpath")
        key = (mount.kind.value, source, str(part.value) if part else "")
        found.setdefault(key, []).append((container, mount))
    return found


def _is_engine(storage: Storage) -> bool:
    """Return whether every container of the image is a server with data of its own, not a worker."""
    own = storage.container.command or storage.container.entrypoint
    return storage.image.category in _ENGINES or not own


def _same_role(one: Container, other: Container) -> bool:
    """Return whether two containers may run the same part of a program that has several."""
    starts = {
        tuple(word.value for word in container.entrypoint or ()) for container in (one, other)
    }
    roles = {
        next((word.value for word in container.command or () if word.value[:1] != "-"), "")
        for container in (one, other)
    }
    return len(starts) == 1 and (len(roles) == 1 or "" in roles)


def _run_together(project: Project, one: Container, other: Container) -> bool:
    if one.profiles and other.profiles:
        return bool({p.value for p in one.profiles} & {p.value for p in other.profiles})
    if one.kind is ContainerKind.RUN:
        return (
            one.detached
            and other.detached
            and one.name.value != other.name.value
            and not any(command.kind in _STOPS for command in project.commands)
        )
    return True


def _inside(mount: Mount, path: str) -> str:
    """Return the folder of the mount's source that a container path is."""
    return path[len(mount.target.value.rstrip("/")) :].strip("/")


def _name(mount: Mount) -> str:
    return mount.source.value if mount.source is not None else mount.target.value


def _place(mount: Mount) -> Span:
    return mount.source.span if mount.source is not None else mount.target.span
