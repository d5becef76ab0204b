"""VL112 logs-on-local-disk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Image,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    knowledge,
    regex,
)

_LOGS = regex(r"(?:^|/)logs?(?:/|$)", re.IGNORECASE)
_SHIPPER = regex(
    r"fluent|filebeat|promtail|logstash|vector|alloy|loki|syslog|graylog|logspout|otel|collector|datadog|splunk|logrotate",
    re.IGNORECASE,
)


class LogsOnLocalDisk(Rule):
    """A production service writes its logs to a volume or a host directory.

    ## What it does
    Reports, in production, a writable bind mount or named volume at a log directory: one that the knowledge of the
    image calls so, or that is named `log` or `logs`.

    ## Why is this bad?
    The logs of each host have to be looked for on that host, nobody rotates them, and they are gone with it. What
    is written to standard output goes where the logging driver sends it.

    ## Example
    ```compose bad compose.prod.yaml
    services:
      app:
        image: example.org/app:1
        volumes:
          - ./logs:/app/logs
    ```
    ```shell bad production/start.sh
    docker run -d -v /srv/logs:/var/log/nginx nginx:1.27
    ```

    Use instead:
    ```compose good compose.prod.yaml
    services:
      app:
        image: example.org/app:1
        logging:
          driver: fluentd
          options: {fluentd-address: "logs.example.org:24224"}
    ```
    ```shell good production/start.sh
    docker run -d --log-driver fluentd nginx:1.27
    ```

    ## Exceptions
    - Projects that are not in production.
    - Read-only mounts, and containers that collect logs (promtail, fluentd, vector ...), which read them or keep their place.
    - Directories of that name that hold the data of a store, such as the log of a message broker.

    ## Level
    Note, for the pedantic persona.

    ## References
    - Docker, "View container logs", "Configure logging drivers"
    """

    code = "VL112"
    name = "logs-on-local-disk"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its first log directory."""
        for container in project.containers:
            environment = project.environment_of(container)
            if not environment.is_production or not any(map(_may_hold_logs, container.mounts)):
                continue
            image = knowledge.image_of(container)
            if _collects(container, image):
                continue
            found = [mount for mount in container.mounts if _holds_logs(mount, image)]
            if found:
                first, *others = found
                yield self.finding(
                    first.target.span,
                    f"'{container.name}' writes its logs to '{first.source}' in production",
                    Label(container.name.span, f"runs in production ({environment.reason})"),
                    *(Label(mount.target.span, "this is a log directory too") for mount in others),
                    help="log to standard output and let the logging driver send it to a central service",
                    container=container,
                    mount=first,
                )


def _collects(container: Container, image: Image | None) -> bool:
    if image is not None and image.category in ("logs", "metrics"):
        return True
    return bool(_SHIPPER.search(f"{container.name} {container.image or ''}"))


def _may_hold_logs(mount: Mount) -> bool:
    return (
        mount.kind in (MountKind.BIND, MountKind.VOLUME)
        and mount.source is not None
        and not (mount.read_only or mount.shadowed or mount.target.unresolved)
        and "log" in mount.target.value.lower()
    )


def _holds_logs(mount: Mount, image: Image | None) -> bool:
    if not _may_hold_logs(mount):
        return False
    place = image.role_of(mount.target.value) if image is not None else None
    if place is not None:
        return place.role == "logs"
    return bool(_LOGS.search(mount.target.value))
