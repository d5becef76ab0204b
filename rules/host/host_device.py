"""VL214 host-device."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Device,
    Finding,
    HostPath,
    Level,
    Persona,
    Project,
    Rule,
    knowledge,
    regex,
)

_DISK = regex(
    r"/dev/(?:(?:sd|hd|vd|xvd)[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|mmcblk\d+(?:p\d+)?|md\d+|dm-\d+|loop\d+|mapper/.+|disk/.+)"
)
_EVERYTHING = frozenset(("/dev", "/dev/mem", "/dev/kmem", "/dev/port"))


class HostDevice(Rule):
    """A container is given a device that reaches past everything else.

    ## What it does
    Reports `devices:` and `--device` that give a disk, the host's memory, its kernel log, or all of `/dev`.

    ## Why is this bad?
    Who can write to a disk can write to every file on it, whatever its owner; who can read one can read them all. `/dev/mem`
    is the memory of the whole host. `/dev/kmsg` shows what the kernel says of all other containers.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        devices:
          - /dev/sda:/dev/sda
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        devices:
          - source: /dev/kmsg
            target: /dev/kmsg
    ```
    ```shell bad
    docker run --device /dev/mem registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        devices:
          - /dev/ttyUSB0:/dev/ttyUSB0
    ```
    ```shell good
    docker run -v /srv/app:/data registry.example.com/app:1
    ```

    ## Exceptions
    - Single devices that programs are meant to use (`/dev/dri`, `/dev/ttyUSB0`, `/dev/net/tun`, `/dev/fuse` ...).
    - Images whose purpose it is (cAdvisor's `/dev/kmsg`, monitors of disks): a note for auditors.
    - The same paths as bind mounts are VL203's.

    ## Level
    Error for disks, memory and all of `/dev`, warning for the others. A disk that is given read-only (`:r`) is a warning.

    ## References
    - OWASP Docker Security Cheat Sheet; Linux, mem(4)
    """

    code = "VL214"
    name = "host-device"
    security_severity = "8.2"
    tags = ("external/cwe/cwe-668",)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each device that reaches too far."""
        for container in project.containers:
            for device in container.devices:
                path = device.host.value.rstrip("/") or "/"
                entry = knowledge.sensitive_path(path)
                if entry is not None and path.startswith("/dev"):
                    yield self._report(container, device, path, entry)

    def _report(self, container: Container, device: Device, path: str, entry: HostPath) -> Finding:
        read_only = "w" not in device.permissions and "m" not in device.permissions
        raw = bool(_DISK.fullmatch(path)) or path in _EVERYTHING
        level = Level.ERROR if raw and not read_only else Level.WARNING
        persona = Persona.REGULAR
        if _is_meant_for(container, path):
            level, persona = Level.NOTE, Persona.AUDITOR
        return self.finding(
            device.host.span,
            f"'{device.host}' is given to '{container.name}': {entry.why}",
            help="give it the one device or directory that it needs"
            + ("" if read_only or not raw else ", read-only with ':r' if it only reads"),
            level=level,
            persona=persona,
            container=container,
            target=device.target,
            source=device.host.value,
        )


def _is_meant_for(container: Container, path: str) -> bool:
    """Return whether the image's purpose is to be given a device; `/dev/disk` in the knowledge stands for disks."""
    image = knowledge.image_of(container)
    return image is not None and any(
        knowledge.within(path, access.path)
        or (access.path == "/dev/disk" and not access.read_only and bool(_DISK.fullmatch(path)))
        for access in image.host
        if access.path.startswith("/dev/")
    )
