"""VL606 abandoned-driver."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Confidence, Finding, Label, Part, Project, Rule, Text, knowledge


class AbandonedDriver(Rule):
    """A volume driver is used that nobody maintains any more.

    ## What it does
    Looks up the driver of declared volumes, of `docker volume create --driver`, of `--volume-driver` and of
    `--mount volume-driver=` among those that are known to be abandoned, and among words that are taken for drivers
    (`smb`, `azure`) and that no plug-in is known by.

    ## Why is this bad?
    Holes in it stay open, and the next version of Docker or of the cloud's interface may break it while it holds the data.
    With a driver that is not there the container does not start.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
        driver: rexray/ebs
    ```
    ```shell bad
    docker volume create --driver vieux/sshfs --opt sshcmd=me@example.com:/data shared
    ```
    ```shell bad
    docker run -d --volume-driver local-persist -v data:/data alpine
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
        driver_opts:
          type: nfs
          device: ":/export/db"
          o: addr=nfs.example.com,rw
    ```
    ```shell good
    docker volume create --driver rclone/docker-volume-rclone --opt remote=sftp:/data shared
    ```

    ## Exceptions
    - External volumes, which are made elsewhere.
    - Drivers that nothing is known of.

    ## Level
    Warning; with medium confidence for a word that no plug-in is known by: one may be installed under that alias.

    ## References
    - The drivers' own repositories (`volint/knowledge/patterns.txt`)
    """

    code = "VL606"
    name = "abandoned-driver"
    needs = (Part.VOLUMES, Part.CONTAINERS)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each driver, at its first use."""
        uses: dict[str, list[tuple[Text, str]]] = {}
        for volume in project.volumes:
            if volume.driver is not None and not volume.external:
                uses.setdefault(volume.driver.value, []).append((volume.driver, volume.name.value))
        for _, mount in project.mounts():
            option = mount.options.get("driver")
            if option is not None and mount.donor is None:
                name = mount.source.value if mount.source else ""
                driver = Text(str(option.value), option.span)
                uses.setdefault(driver.value, []).append((driver, name))
        for name, places in uses.items():
            why = knowledge.abandoned_driver(name)
            instead = knowledge.mistaken_driver(name)
            if why is not None:
                message = f"The volume driver '{name}' is abandoned: {why}"
                advice = (
                    "use a driver that is maintained, or mount the storage on the host and bind it"
                )
            elif instead is not None:
                message = f"No volume driver is known by the name '{name}'"
                advice = instead
            else:
                continue
            (first, volume_name), *others = places
            yield self.finding(
                first.span,
                message,
                *(
                    Label(place.span, "used here, too")
                    for place, _ in others
                    if place.span != first.span
                ),
                help=advice,
                confidence=None if why is not None else Confidence.MEDIUM,
                source=volume_name,
            )
