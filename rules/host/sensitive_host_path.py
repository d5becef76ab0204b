"""VL203 sensitive-host-path."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    HostPath,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    knowledge,
)

_OTHER_RULES = ("socket", "socket-parent")
_VIEWS = ("", "/proc", "/sys", "/etc", "/var/lib/docker", "/var/log")
_TRACING = ("/sys/kernel/debug", "/sys/kernel/tracing", "/sys/fs/bpf")


class SensitiveHostPath(Rule):
    """A container is given a part of the host it should not have.

    ## What it does
    Reports bind mounts of the host's root, its configuration, homes, devices, kernel interfaces, boot files, the
    container engine's own data, and of the places where people keep their keys (`~/.ssh`, `~/.aws`, `~/.kube`,
    `~/.docker`, `~/.gnupg` ...).

    ## Why is this bad?
    Writable, most of these make whoever breaks into the container root on the host. Read-only, they still hand
    over passwords, keys and tokens that have nothing to do with the container.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - /etc:/host-etc
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: ~/.aws
            target: /root/.aws
            read_only: true
    ```
    ```shell bad
    docker run -d -v /:/host registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - /etc/localtime:/etc/localtime:ro
    ```
    ```shell good
    docker run -d -v /srv/app:/data registry.example.com/app:1
    ```

    ## Exceptions
    - Only the very paths of the list count, and the children it names: a folder below `/home` or `/var/lib` is not
      sensitive for where it stands.
    - Harmless facts about the host (`/etc/localtime`, `/etc/timezone`, `/etc/machine-id` ...).
    - Read-only mounts into images whose business it is to look at the host (node-exporter, cadvisor, netdata ...).
    - An agent that watches the host, known by two or more of `/`, `/proc`, `/sys` ... mounted read-only below `/host` or
      `/rootfs`, or by the kernel's tracing files (`/sys/kernel/debug`) at their own path: its read-only mounts are notes
      for auditors.
    - Sockets of the container engine are VL202's.

    ## Level
    Error where it is writable, warning where it is read-only; a note for the pedantic where little is at stake (`/tmp`).

    ## References
    - OWASP Docker Security Cheat Sheet; CIS Docker Benchmark 5.5
    """

    code = "VL203"
    name = "sensitive-host-path"
    level = Level.ERROR
    security_severity = "7.8"
    tags = ("external/cwe/cwe-668",)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each host path and mode, at the first container that is given it."""
        causes: dict[tuple[str, bool], list[tuple[Container, Mount, HostPath]]] = {}
        for container, mount in project.mounts(MountKind.BIND):
            if mount.source is None or mount.shadowed or mount.donor is not None:
                continue
            entry = knowledge.sensitive_path(mount.source.value)
            if entry is None or entry.kind in _OTHER_RULES:
                continue
            if _is_expected(container, mount, entry.path):
                continue
            cause = (mount.source.value, mount.read_only)
            causes.setdefault(cause, []).append((container, mount, entry))
        for places in causes.values():
            yield self._report(places)

    def _report(self, places: list[tuple[Container, Mount, HostPath]]) -> Finding:
        container, mount, entry = places[0]
        source = mount.source or mount.target
        how = "read-only" if mount.read_only else "writable"
        level = Level.WARNING if mount.read_only else Level.ERROR
        persona = Persona.REGULAR
        if mount.read_only and _looks_at_the_host(container):
            level, persona = Level.NOTE, Persona.AUDITOR
        elif entry.severity in ("low", "info"):
            level, persona = Level.NOTE, Persona.PEDANTIC
        return self.finding(
            source.span,
            f"'{source}' of the host is mounted {how} into '{container.name}': {entry.why}",
            *(
                Label((other.source or other.target).span, f"'{holder.name}' is given it, too")
                for holder, other, _ in places[1:]
            ),
            help="mount only the file or folder that it needs"
            if mount.read_only
            else "mount only the file or folder that it needs, with ':ro' if it only reads",
            level=level,
            persona=persona,
            container=container,
            mount=mount,
        )


def _is_expected(container: Container, mount: Mount, path: str) -> bool:
    """Return whether the image is meant to be given the path in this way."""
    image = knowledge.image_of(container)
    access = image.expects(path) if image is not None else None
    return access is not None and (mount.read_only or not access.read_only)


def _looks_at_the_host(container: Container) -> bool:
    """Return whether a container is an agent that watches the host, by what it mounts where."""
    views = [
        mount
        for mount in container.mounts
        if mount.read_only
        and mount.source is not None
        and mount.source.value.rstrip("/") in _VIEWS
        and mount.target.value.startswith(("/host", "/rootfs"))
    ]
    return len(views) > 1 or any(
        mount.source is not None
        and mount.source.value.rstrip("/") in _TRACING
        and mount.source.value == mount.target.value
        for mount in container.mounts
    )
