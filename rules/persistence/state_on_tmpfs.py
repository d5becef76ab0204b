"""VL104 state-on-tmpfs."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Finding,
    Held,
    Label,
    Level,
    MountKind,
    Project,
    Rule,
    Storage,
    Volume,
    declared_volume,
    is_throwaway,
    storages,
)


class StateOnTmpfs(Rule):
    """A stateful image keeps its data in memory.

    ## What it does
    Reports a data path of a stateful image that is on a tmpfs mount, or on a volume whose driver options make
    it one (`type: tmpfs`).

    ## Why is this bad?
    The data is gone when the container stops; not only when it is removed. A volume that says `tmpfs` in its driver
    options looks like any other where it is mounted, and is emptied when nothing mounts it.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        tmpfs:
          - /var/lib/postgresql/data:size=1g
    ```
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
        driver_opts: {type: tmpfs, device: tmpfs, o: size=1g}
    ```
    ```shell bad
    docker run -d --mount type=tmpfs,target=/var/lib/mysql,tmpfs-size=1g mysql:8.4
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```shell good
    docker run -d --mount type=volume,source=mysql,target=/var/lib/mysql mysql:8.4
    ```

    ## Exceptions
    - Containers that keep no state of their own: caches, clients, databases in memory.

    ## Level
    Warning; note in tests, in CI files and after `--rm`, where it is done for speed, and for images whose data can be
    had again.

    ## References
    - Docker, "tmpfs mounts"; docker volume create, "driver-specific options"
    """

    code = "VL104"
    name = "state-on-tmpfs"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each data path in memory, at the mount's target."""
        for storage in storages(project):
            for held in storage.held:
                volume = None
                if held.mount.kind is not MountKind.TMPFS:
                    volume = declared_volume(project, held.mount)
                    if volume is None or not _is_tmpfs(volume):
                        continue
                yield self._report(project, storage, held, volume)

    def _report(
        self, project: Project, storage: Storage, held: Held, volume: Volume | None
    ) -> Finding:
        container, mount = storage.container, held.mount
        labels = []
        if volume is not None:
            labels.append(Label(volume.driver_opts["type"].span, "makes the volume a tmpfs"))
        if held.data.moved_by is not None and not held.data.missing:
            labels.append(Label(held.data.moved_by.span, "the data path is set here"))
        elif container.image is not None:
            labels.append(Label(container.image.span, storage.fact(held.data)))
        mild = (
            is_throwaway(project, container)
            or storage.image.state == "optional"
            or storage.image.category == "cache"
        )
        where = f"'{volume.name.value}', which is a tmpfs" if volume is not None else "a tmpfs"
        return self.finding(
            mount.target.span,
            f"The data of '{container.name.value}' at '{held.data.path}' is on {where}: it is gone when the container stops",
            *labels,
            help=f"mount a named volume there, e.g. '{container.name.value}-data:{held.data.path}'"
            if volume is None
            else "remove the volume's driver options",
            level=Level.NOTE if mild else None,
            confidence=storage.confidence,
            container=container,
            mount=mount,
        )


def _is_tmpfs(volume: Volume) -> bool:
    kind = volume.driver_opts.get("type")
    return kind is not None and kind.value == "tmpfs" and not volume.external
