"""VL702 writable-backup-source."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Backup,
    Container,
    Edit,
    Finding,
    Fix,
    Label,
    Mount,
    MountKind,
    Project,
    Rule,
    Span,
    Syntax,
    VolumesFrom,
    backup_of,
    edits,
)

_HELD = frozenset((MountKind.VOLUME, MountKind.BIND))


class WritableBackupSource(Rule):
    """A backup can write to what it saves.

    ## What it does
    Reports containers whose command copies data out (`tar c`, `rsync`, `cp -r`, `restic backup`, `borg create` ...) and which
    mount what they copy writable, or take it over with `--volumes-from` without `:ro`.

    ## Why is this bad?
    A slip in the command, `tar x` for `tar c`, the two paths of `rsync` swapped, overwrites the data that was to be saved.

    ## Example
    ```shell bad
    docker run --rm -v db-data:/source -v /srv/backup:/backup alpine tar czf /backup/db.tar.gz -C /source .
    ```
    ```shell bad
    docker run --rm --volumes-from db -v /srv/backup:/backup alpine tar czf /backup/db.tar.gz /var/lib/mysql
    ```
    ```compose bad
    services:
      backup:
        image: restic/restic:0.17.3
        command: backup /data
        volumes:
          - data:/data
    volumes:
      data:
    ```

    Use instead:
    ```shell good
    docker run --rm -v db-data:/source:ro -v /srv/backup:/backup alpine tar czf /backup/db.tar.gz -C /source .
    ```
    ```shell good
    docker run --rm --volumes-from db:ro -v /srv/backup:/backup alpine tar czf /backup/db.tar.gz /var/lib/mysql
    ```
    ```compose good
    services:
      backup:
        image: restic/restic:0.17.3
        command: backup /data
        volumes:
          - data:/data:ro
    volumes:
      data:
    ```

    ## Exceptions
    - Restores (`tar x`), and mounts that the backup is written to as well.
    - `cp` to where nothing is mounted: what is copied goes with the container.
    - What cannot be told from the command.

    ## Level
    Warning.

    ## Fix
    Adds `:ro`. It is unsafe: saving an SQLite database in WAL mode needs to write beside it.

    ## References
    - Docker, "Volumes": back up, restore, or migrate data volumes
    """

    code = "VL702"
    name = "writable-backup-source"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each backup."""
        for container in project.containers:
            backup = backup_of(container)
            if backup is None:
                continue
            found = [
                mount
                for mount in container.mounts
                if mount.kind in _HELD
                and not mount.read_only
                and not mount.shadowed
                and mount.donor is None
                and mount.syntax is not Syntax.INSTRUCTION
                and backup.reads(mount)
            ]
            if found:
                yield self._report(container, backup, found)
            elif not any(backup.reads(m) for m in container.mounts if m.donor is None):
                yield from self._taken_over(container, backup)

    def _report(self, container: Container, backup: Backup, found: list[Mount]) -> Finding:
        first, *others = found
        return self.finding(
            (first.spec or first.target).span,
            f"'{first.source or first.target}' is what '{backup.tool}' saves, and it is mounted writable",
            *(Label((mount.spec or mount.target).span, "and so is this one") for mount in others),
            help=f"add {edits.read_only_words(first)}",
            fix=Fix.of("mount it read-only", map(edits.read_only, found), safe=False),
            container=container,
            mount=first,
        )

    def _taken_over(self, container: Container, backup: Backup) -> Iterator[Finding]:
        for donor in container.volumes_from:
            if donor.read_only:
                continue
            end = donor.name.span.end
            plain = donor.span.text() == donor.name.value
            yield self.finding(
                donor.span,
                f"'{backup.tool}' saves the mounts of '{donor.name}', and they are taken over writable",
                help=f"write '{donor.name}:ro'",
                fix=_read_only(donor, end) if plain else None,
                container=container,
                source=donor.name.value,
            )


def _read_only(donor: VolumesFrom, end: int) -> Fix:
    return Fix(
        "take them over read-only",
        (Edit(Span(donor.span.source, end, end), ":ro"),),
        safe=False,
    )
