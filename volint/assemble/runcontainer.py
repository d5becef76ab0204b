"""The container that the flags of a run line or of `service create` describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.model import Container, ContainerKind, Device
from volint.parse.flagvalues import device_parts
from volint.parse.quantities import memory_bytes

if TYPE_CHECKING:
    from volint.assemble.mountlist import MountList
    from volint.assemble.runenv import Environment
    from volint.model import VolumesFrom
    from volint.parse.runflags import Parsed
    from volint.source import Span, Text, Word

__all__ = ["assemble", "image_name"]


def assemble(
    parsed: Parsed,
    span: Span,
    *,
    name: Text,
    program: str,
    image: Text | None,
    command: tuple[Text, ...] | None,
    mounts: MountList,
    environment: Environment,
    replicas: int = 1,
) -> Container:
    """Return the container that the flags describe."""
    entrypoint = parsed.last("entrypoint")
    memory = parsed.last("memory") or parsed.last("limit-memory")
    user, workdir = parsed.last("user"), parsed.last("workdir")
    health = parsed.last("health-cmd")
    keys = {given.name: given.flag for given in parsed.given}
    if image:
        keys["image"] = image.span
    donors: tuple[VolumesFrom, ...] = tuple(mounts.volumes_from)
    return Container(
        name,
        ContainerKind.RUN,
        span,
        image,
        mounts=tuple(mounts.mounts),
        env=environment.variables,
        env_files=environment.files,
        volumes_from=donors,
        user=user.text() if user and user.value else None,
        read_only=parsed.is_set("read-only"),
        command=command,
        entrypoint=(
            None if entrypoint is None else (entrypoint.text(),) if entrypoint.value else ()
        ),
        healthcheck=(health.text(),) if health and health.value else (),
        working_dir=workdir.text() if workdir and workdir.value else None,
        labels=environment.labels,
        memory_limit=(memory_bytes(memory.value) or None) if memory else None,
        replicas=replicas,
        devices=_devices(parsed),
        remove=parsed.is_set("rm"),
        detached=parsed.is_set("detach"),
        program=program,
        privileged=parsed.is_set("privileged"),
        unresolved=tuple(dict.fromkeys((*parsed.unresolved, *mounts.unresolved))),
        keys=keys,
    )


def image_name(image: Word) -> Text:
    """Return the short name of an image: 'app' of 'ghcr.io/o/app:v1@sha256:...'."""
    value = image.value
    if image.pieces and image.unresolved():
        return image.text()
    start = value.rfind("/") + 1
    end = len(value)
    for separator in ("@", ":"):
        at = value.find(separator, start)
        end = at if start < at < end else end
    return image.slice(start, end)


def _devices(parsed: Parsed) -> tuple[Device, ...]:
    devices: list[Device] = []
    for word in parsed.values("device"):
        parts = device_parts(word.value)
        if isinstance(parts, tuple):
            host, target, permissions = parts
            devices.append(Device(word.slice(0, len(host)), target, permissions, word.span))
    return tuple(devices)
