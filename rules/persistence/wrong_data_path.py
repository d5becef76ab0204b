"""VL103 wrong-data-path."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    DataPath,
    Edit,
    Finding,
    Fix,
    Label,
    Level,
    Misplaced,
    Persona,
    Project,
    Rule,
    Storage,
    is_throwaway,
    known_name,
    storages,
)


class WrongDataPath(Rule):
    """A volume is mounted where the image keeps nothing, while its data path has no mount.

    ## What it does
    Compares the mounts of a stateful image with the paths it keeps its data at, as its version, its variables
    and its command have them (`PGDATA`, `--datadir`, `server /data` ...). Reported is a mount that is evidently
    meant for the data and misses it: a path of another distribution of the same program, a typing error, a parent
    of a volume that the image declares, the path of another version, the path of a flag that the command lacks
    (`-l /data`).

    ## Why is this bad?
    Everything looks right, and the volume stays empty: the data goes to an anonymous volume or to the
    container's writable layer, and is gone with the next `docker compose down` or update. PostgreSQL 18 does not
    even start with a mount at the path of version 17.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:18
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - type: volume
            source: db-data
            target: /var/lib/postgresql
    volumes:
      db-data:
    ```
    ```compose bad
    services:
      storage:
        image: mcr.microsoft.com/azure-storage/azurite:3.35.0
        command: azurite-blob --blobHost 0.0.0.0
        volumes:
          - blobs:/data
    volumes:
      blobs:
    ```
    ```shell bad
    docker run -d -v search:/var/lib/elasticsearch elasticsearch:8.15.0
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:18
        volumes:
          - db-data:/var/lib/postgresql
    volumes:
      db-data:
    ```
    ```compose good
    services:
      db:
        image: postgres:17
        volumes:
          - type: volume
            source: db-data
            target: /var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```shell good
    docker run -d -v search:/usr/share/elasticsearch/data elasticsearch:8.15.0
    ```

    ## Exceptions
    - A path that the command, the entrypoint or a variable names is right.
    - A bind mount of files that git keeps, or of a folder that holds the source of another mount: they are there to be read.
    - A read-only mount, a single file, a directory whose name says backups, logs, certificates or the like.
    - A tag that a variable hides, and a version that the tag does not tell where either path may be right.
    - Containers that keep no state of their own (clients, caches that keep nothing, external databases).

    ## Level
    Error; warning in tests, in CI and after `--rm`, for a tag without a version (`latest`) whose newest version keeps its data elsewhere,
    where only the name of the volume tells that it is meant for the data, for data that can be had again (models,
    caches), and where the facts about the image are not from its own files. A mount that holds only a part of the data is a warning for the pedantic persona.

    ## Fix
    Mounts it at the right path. It is unsafe: what is in the volume and what is at the data path now do not
    move along. None where a version named would do as well.

    ## References
    - docker-library/docs, `postgres/content.md`, "PGDATA"; each image's own documentation (`volint/knowledge/images.txt`)
    """

    code = "VL103"
    name = "wrong-data-path"
    level = Level.ERROR

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container with such a mount, at its target."""
        for storage in storages(project):
            if storage.misplaced is not None:
                mild = is_throwaway(project, storage.container)
                yield self._report(storage, storage.misplaced, mild)

    def _report(self, storage: Storage, found: Misplaced, mild: bool) -> Finding:
        container, target = storage.container, found.mount.target
        confidence = storage.confidence
        if found.kind == "unlike":
            confidence = min(confidence, Confidence.MEDIUM, key=lambda item: item.rank)
        sure = (
            confidence is Confidence.HIGH
            and found.kind not in ("outdated", "too-narrow")
            and storage.image.state != "optional"
            and storage.image.category != "models"
        )
        labels = []
        if found.data.moved_by is not None:
            labels.append(Label(found.data.moved_by.span, _cause(found.data)))
        if container.image is not None and found.kind != "unset":
            labels.append(Label(container.image.span, _fact(storage, found)))
        return self.finding(
            target.span,
            _message(storage, found),
            *labels,
            help=_help(storage, found),
            fix=_fix(found),
            level=Level.ERROR if sure and not mild else Level.WARNING,
            confidence=confidence,
            persona=Persona.PEDANTIC if found.kind == "too-narrow" else None,
            container=container,
            mount=found.mount,
        )


def _cause(data: DataPath) -> str:
    if data.missing:
        return f"has no '{data.missing} {data.place.path}'"
    return "the data path is set here"


def _message(storage: Storage, found: Misplaced) -> str:
    target, fact = found.mount.target.value, storage.fact(found.data)
    if found.kind == "too-narrow":
        return f"'{target}' holds only a part of the data: {fact}"
    if found.kind == "outdated":
        name = storage.image.ref.text
        return f"'{target}' does not keep the data of the newest version, and '{name}' names none: {fact}"
    why = f" ({found.why})" if found.why and found.kind == "parent-of-volume" else ""
    return f"'{target}' does not keep the data{why}: {fact}"


def _help(storage: Storage, found: Misplaced) -> str:
    if found.kind == "unset":
        return f"add '{found.data.missing} {found.data.place.path}' to the command"
    wanted = f"mount it at '{found.data.path}'"
    if found.kind == "outdated":
        return f"{wanted} and move the data, or name the version of {known_name(storage.image)} that it is from"
    return wanted


def _fact(storage: Storage, found: Misplaced) -> str:
    if found.kind == "outdated":
        return "the next pull may bring a version that keeps its data elsewhere"
    return storage.fact(found.data)


def _fix(found: Misplaced) -> Fix | None:
    """Return the edit of the target, None where it is not written out as it is."""
    span = found.mount.target.span
    if span.text().rstrip("/") != found.mount.target.value or found.kind in (
        "too-narrow",
        "outdated",
        "unset",
    ):
        return None
    path = found.data.path
    return Fix(f"mount it at '{path}'", (Edit(span, path),), safe=False)
