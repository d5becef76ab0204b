"""VL109 shared-writers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    ConcurrentServers,
    Confidence,
    Container,
    Finding,
    Label,
    Level,
    Mount,
    Persona,
    Project,
    ProjectKind,
    Rule,
    Span,
    known_name,
    shared_mounts,
)


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
        others: dict[tuple[str, ...], list[Sequence[tuple[Container, Mount]]]] = {}
        for shared in shared_mounts(project):
            if shared.servers is not None:
                yield self._servers(shared.servers, project.kind)
            elif project.kind is ProjectKind.COMPOSE:
                names = tuple(dict.fromkeys(writer.name.value for writer, _ in shared.writers))
                if len(names) > 1:
                    others.setdefault(names, []).append(shared.writers)
        for names, alike in others.items():
            yield self._others(names, alike)

    def _servers(self, servers: ConcurrentServers, kind: ProjectKind) -> Finding:
        storage, mount, other = servers
        container, name = storage.container, known_name(storage.image)
        if other is None:
            place = container.keys.get("deploy") or container.keys.get("scale")
            labels = [Label(place, f"{container.replicas} of it run")] if place else []
            who = f"{container.replicas} replicas of '{container.name}'"
        else:
            labels = [Label(_place(other[1]), f"'{other[0].name}' has it here")]
            who = f"'{other[0].name}' and '{container.name}' both"
        if storage.image.writers == "corrupt":
            level, why = Level.ERROR, f"a second writer corrupts the data of {name}"
        else:
            level, why = Level.WARNING, f"a second {name} does not start on the same data"
        confidence = storage.confidence
        if other is not None and kind is not ProjectKind.COMPOSE:
            confidence = min(confidence, Confidence.MEDIUM, key=lambda item: item.rank)
        if confidence is Confidence.LOW:
            level = Level.WARNING
        return self.finding(
            _place(mount),
            f"{who} keep their data in '{_name(mount)}': {why}",
            *labels,
            help="give each a volume of its own",
            level=level,
            confidence=confidence,
            container=container,
            mount=mount,
        )

    def _others(
        self, names: tuple[str, ...], shared: Sequence[Sequence[tuple[Container, Mount]]]
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


def _name(mount: Mount) -> str:
    return mount.source.value if mount.source is not None else mount.target.value


def _place(mount: Mount) -> Span:
    return mount.source.span if mount.source is not None else mount.target.span
