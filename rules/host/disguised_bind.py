"""VL209 disguised-bind."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Finding,
    Label,
    Level,
    MountKind,
    Part,
    Project,
    Rule,
    Volume,
    knowledge,
)


class DisguisedBind(Rule):
    """A named volume is a directory of the host.

    ## What it does
    Reports volumes of the `local` driver with `o: bind`, which mount the path in `device`.

    ## Why is this bad?
    It looks like a volume and has what bind mounts have: it needs that path on every host, it is not removed with
    `docker volume rm`, and its files belong to whoever made them. Where the path is not there, the container does not
    start. In production it ties the container to one host, as any bind mount does.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - data:/data
    volumes:
      data:
        driver_opts:
          type: none
          device: /srv/app/data
          o: bind
    ```
    ```shell bad
    docker volume create --driver local --opt type=none --opt device=/mnt/external --opt o=bind external_volume
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - data:/data
    volumes:
      data:
    ```
    ```shell good
    docker volume create data
    ```

    ## Exceptions
    - External volumes, and other drivers.
    - Network file systems (`type: nfs`), which are mounted, not bound.

    ## Level
    Note; error in production, as for VL201, and warning where only variables of the containers say that it is production.
    """

    code = "VL209"
    name = "disguised-bind"
    level = Level.NOTE
    needs = (Part.VOLUMES,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each volume."""
        for volume in project.volumes:
            if not _is_bind(volume):
                continue
            device = volume.driver_opts.get("device")
            place = device or volume.driver_opts["o"]
            if device is not None and knowledge.is_harmless_path(device.value):
                continue
            users = [
                (container, mount)
                for container, mount in project.mounts(MountKind.VOLUME)
                if mount.source is not None and mount.source.value == volume.name.value
            ]
            level, confidence, why = Level.NOTE, Confidence.HIGH, ""
            for container, _ in users:
                environment = project.environment_of(container)
                if environment.is_production:
                    level = Level.ERROR if environment.certain else Level.WARNING
                    confidence = Confidence.HIGH if environment.certain else Confidence.MEDIUM
                    why = f" in {environment.value.value} ({environment.reason})"
            yield self.finding(
                place.span,
                f"'{volume.name}' is the directory '{place}' of the host{why}, not a volume of the Engine's",
                *(
                    Label((mount.source or mount.target).span, f"mounted into '{container.name}'")
                    for container, mount in users
                ),
                help="drop 'driver_opts' for a volume that Docker keeps, or write the bind mount where it is used",
                level=level,
                confidence=confidence,
                source=volume.name.value,
            )


def _is_bind(volume: Volume) -> bool:
    options = volume.driver_opts
    given = options.get("o")
    return (
        not volume.external
        and (volume.driver is None or volume.driver.value == "local")
        and given is not None
        and not {"bind", "rbind"}.isdisjoint(given.value.split(","))
    )
