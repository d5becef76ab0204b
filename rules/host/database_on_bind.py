"""VL208 database-on-bind."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Storage,
    regex,
    storages,
)

_STORES = frozenset(
    ("database", "vector-db", "search", "broker", "object-store", "metrics", "cache")
)
_WINDOWS = regex(r"[A-Za-z]:[\\/].*|/{0,2}[a-z]/Users/.*|/mnt/[a-z]/.*|/host_mnt/.*")
_NETWORK = regex(
    r"(?i)\\\\.*|//[^/]+/.*|(?:/mnt|/media|/net|/Volumes|/srv)?/(?:.*[/_-])?(?:nfs|smb|cifs|samba|nas|sshfs|gluster|ceph|s3fs|efs)(?:[/_-].*)?"
)


class DatabaseOnBind(Rule):
    """A database keeps its data in a directory of the host.

    ## What it does
    Reports bind mounts at the place where a stateful image keeps its data.

    ## Why is this bad?
    The directory belongs to whoever made it, and the database runs as another user. Copies and synchronizers find the files
    and take them while they are written. On Docker Desktop every access passes a file-sharing layer, which is slow, and on
    Windows and network paths lacks the locks that databases rely on: they get corrupted.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - ./data:/var/lib/postgresql/data
    ```
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - type: bind
            source: /mnt/c/data
            target: /var/lib/postgresql/data
    ```
    ```shell bad
    docker run -d -v "$PWD/data:/var/lib/mysql" mysql:8.4
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes:
          - data:/var/lib/postgresql/data
    volumes:
      data:
    ```
    ```shell good
    docker run -d -v data:/var/lib/mysql mysql:8.4
    ```

    ## Exceptions
    - Images that keep something else than a database (applications, home servers), whose users look at the files.
    - Configuration and init scripts beside the data.
    - Platforms that keep the data of what they install in directories of their own (CasaOS, Coolify).

    ## Level
    Note for the pedantic persona: on a Linux host it works, and some want their data where they see it. Warning where the
    path is one of Windows or of a network, which can corrupt it. In production a warning for the pedantic persona, for VL201
    reports the mount itself.

    ## References
    - Docker, "Volumes": when to use volumes; PostgreSQL, "Use of Network File Systems"
    """

    code = "VL208"
    name = "database-on-bind"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at the mount that holds its data."""
        if project.platform:
            return
        for storage in storages(project):
            if storage.image.category not in _STORES:
                continue
            for held in storage.held:
                if held.mount.kind is MountKind.BIND and held.mount.donor is None:
                    yield self._report(project, storage, held.mount, storage.fact(held.data))
                    break

    def _report(self, project: Project, storage: Storage, mount: Mount, fact: str) -> Finding:
        container = storage.container
        environment = project.environment_of(container)
        source = mount.source or mount.target
        where, level, persona = "a directory of the host", Level.NOTE, Persona.PEDANTIC
        if environment.is_production:
            level = Level.WARNING
        if _WINDOWS.fullmatch(source.value) or _NETWORK.fullmatch(source.value):
            windows = _WINDOWS.fullmatch(source.value) is not None
            where = "a path of Windows" if windows else "a network path"
            level, persona = Level.WARNING, Persona.REGULAR
        return self.finding(
            source.span,
            f"The data of '{container.name}' is in '{source}', {where}: {fact}",
            *(
                (Label(container.image.span, "the database"),)
                if container.image is not None
                else ()
            ),
            help=f"use a named volume, e.g. '{container.name}-data:{mount.target}'",
            level=level,
            persona=persona,
            confidence=storage.confidence,
            container=container,
            mount=mount,
        )
