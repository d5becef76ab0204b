"""VL703 live-database-copy."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Command,
    CommandKind,
    Container,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    backup_of,
    regex,
    storages,
)

_DATABASES = regex(
    r"(?i)postgres|(?<![a-z])pg(?:[-_]?data)?(?![a-z])|mysql|maria|mongo|(?<![a-z])db(?![a-z])|database|influx|clickhouse|redis|"
    r"elastic|opensearch|neo4j|couch|cassandra|(?<![a-z])sqlite|mssql|oracle|cockroach|qdrant|weaviate|milvus"
)
_HALTS = frozenset(("stop", "pause", "down", "kill"))
_DUMPS = regex(
    r"(?i)\b(?:pg_dump\w*|pg_basebackup|pg_start_backup|pg_backup_start|mysqldump|mariadb-dump|mariabackup|xtrabackup|mongodump|"
    r"redis-cli|sqlite3|influx(?:d)?|cypher-shell|fsyncLock|FLUSH TABLES|cockroach|cqlsh|nodetool|snapshot)\b"
)
_STOPPING = regex(r"(?i)stop|pause|exec-pre|archive-pre|pre-?backup|pre-?script")
_KEPT = frozenset(("database", "vector-db", "search", "broker"))


class LiveDatabaseCopy(Rule):
    """The files of a database are copied while it may be running.

    ## What it does
    Reports backups that copy a database's volume file by file (`tar`, `rsync`, `cp` ...) in a script or project in which
    nothing stops the database, pauses it, or makes it dump.

    ## Why is this bad?
    A running database has half-written pages and a log that belongs to them. A copy of its files, each at another moment, may
    not start, or start with data missing, and that is noticed on the day it is needed.

    ## Example
    ```shell bad
    docker run --rm -v postgres_data:/source:ro -v /srv/backup:/backup alpine tar czf /backup/db.tar.gz -C /source .
    ```

    Use instead:
    ```shell good
    docker exec db pg_dump -U shop shop > /srv/backup/shop.sql
    docker run --rm -v uploads:/source:ro -v /srv/backup:/backup alpine tar czf /backup/uploads.tar.gz -C /source .
    ```
    ```shell good
    docker stop db
    docker run --rm -v postgres_data:/source:ro -v /srv/backup:/backup alpine tar czf /backup/db.tar.gz -C /source .
    docker start db
    ```

    ## Exceptions
    - Scripts that stop, pause or kill a container, take the project down, or call a program that dumps; backup containers
      that are told to stop others meanwhile.
    - Restores, and volumes of which nothing says that a database keeps them.

    ## Level
    Note, for the pedantic persona: a snapshot of the file system below, which cannot be seen here, makes it right.

    ## References
    - PostgreSQL, "File System Level Backup"; MySQL, "Making a Cold Backup"
    """

    code = "VL703"
    name = "live-database-copy"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each backup of a database's files."""
        if any(_halts(command) for command in project.commands):
            return
        databases = {
            held.mount.source.value: storage.container
            for storage in storages(project)
            if storage.image.category in _KEPT
            for held in storage.held
            if held.mount.source is not None
        }
        for container in project.containers:
            backup = backup_of(container)
            if backup is None or _stops_others(container):
                continue
            for mount in container.mounts:
                if mount.kind in (MountKind.VOLUME, MountKind.BIND) and backup.reads(mount):
                    name = mount.source.value if mount.source is not None else ""
                    owner = databases.get(name)
                    if owner is not None or (
                        mount.kind is MountKind.VOLUME and _DATABASES.search(name)
                    ):
                        yield self._report(container, mount, backup.tool, owner)
                        break

    def _report(
        self, container: Container, mount: Mount, tool: str, owner: Container | None
    ) -> Finding:
        source = mount.source or mount.target
        return self.finding(
            source.span,
            f"'{tool}' copies the files of '{source}' while the database may be writing them",
            *(
                (Label(owner.name.span, "the database that keeps them"),)
                if owner is not None
                else ()
            ),
            help="dump it with the database's own program, or stop it before and start it after",
            container=container,
            mount=mount,
        )


def _halts(command: Command) -> bool:
    """Return whether a command stops something, or makes a database write a copy of its own."""
    if command.kind in (CommandKind.CONTAINER_STOP, CommandKind.COMPOSE_DOWN):
        return True
    words = [word.value for word in command.arguments]
    if command.kind is CommandKind.CONTAINER_EXEC or "exec" in words:
        return bool(_DUMPS.search(" ".join(words)))
    return not _HALTS.isdisjoint(words)


def _stops_others(container: Container) -> bool:
    texts = [*container.labels, *(variable.name.value for variable in container.env)]
    texts += (word.value for word in (*(container.entrypoint or ()), *(container.command or ())))
    return any(_STOPPING.search(text) or _DUMPS.search(text) for text in texts)
