"""What Compose passes on and the Engine refuses when it creates the containers.

Source: docker compose, pkg/compose/create.go (which mounts become bind strings); moby,
daemon/volume/mounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.model import MountKind, Syntax
from volint.parse.mountspec import Complaint
from volint.source import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.model import Container, Mount, Volume, VolumesFrom

__all__ = ["container_problems", "volume_problems"]

_OWN = frozenset((Syntax.SHORT, Syntax.LONG, Syntax.TMPFS_KEY))


def container_problems(container: Container) -> Iterator[Problem]:
    """Yield what the Engine refuses of a service's own mounts."""
    for mount in container.mounts:
        if mount.syntax not in _OWN:
            continue
        target = mount.target
        if not (target.value.startswith("/") and len(target.value) > 1):
            yield from _target(container, mount)
        elif "nocopy" in mount.options and mount.kind is MountKind.BIND:
            yield from _nocopy(container, mount)
        elif "propagation" in mount.options and mount.kind is MountKind.VOLUME:
            yield from _propagation(container, mount)
    for donor in container.volumes_from:
        yield from _donor(container, donor)


def _target(container: Container, mount: Mount) -> Iterator[Problem]:
    from volint.parse.enginespec import absolute_advice, target_problem

    target = mount.target
    if target.unresolved and target.value.startswith("$"):
        return
    windows = target.value[1:2] == ":" and target.value[:1].isalpha()
    if mount.kind is MountKind.NPIPE or target.value.startswith("\\\\"):
        return
    if windows and (mount.source is not None or target.value[2:3] != "/"):
        return  # a container of Windows
    if windows:
        if target.value[0] in "cC":
            return
        yield Problem(
            "VL601",
            f"'{target.value[0]}' is read as a Windows drive, so '{target.value}' is a target that"
            " is not absolute",
            target.span,
            "names of volumes have at least two characters",
            container=container.name.value,
            target=target.value,
        )
        return
    reason = target_problem(target.value)
    if reason is not None:
        yield Problem(
            "VL601",
            reason[:1].upper() + reason[1:],
            target.span,
            absolute_advice(target.value),
            container=container.name.value,
            target=target.value,
        )


def _donor(container: Container, donor: VolumesFrom) -> Iterator[Problem]:
    spec = donor.span.text()
    mode = (
        spec[len(donor.name.value) :].partition(":")[2] if spec.startswith(donor.name.value) else ""
    )
    if mode in ("", "ro", "rw", "z", "Z") or "$" in mode:
        return
    from volint.parse.enginespec import volumes_from

    found = volumes_from(spec)
    if isinstance(found, Complaint):
        source, start, _ = donor.span
        yield Problem(
            "VL601",
            found.message,
            Span(source, start + found.start, start + found.end),
            found.help,
            container=container.name.value,
        )


def _nocopy(container: Container, mount: Mount) -> Iterator[Problem]:
    """A bind that goes to the Engine as a string takes its unfit options with it."""
    created = mount.options.get("create_host_path")
    by_mount = created is not None and created.value is False
    if by_mount or "propagation" in mount.options or "recursive" in mount.options:
        return
    yield Problem(
        "VL601",
        "'nocopy' belongs to a volume, not to a host path",
        mount.options["nocopy"].span,
        "leave it out",
        container=container.name.value,
        target=mount.target.value,
    )


def _propagation(container: Container, mount: Mount) -> Iterator[Problem]:
    if mount.source is None or {"nocopy", "subpath"} & mount.options.keys():
        return
    option = mount.options["propagation"]
    yield Problem(
        "VL601",
        f"'{option.value}' belongs to a host path, not to a volume",
        option.span,
        "leave it out",
        container=container.name.value,
        target=mount.target.value,
    )


def volume_problems(volumes: tuple[Volume, ...]) -> Iterator[Problem]:
    """Yield names under which the local driver makes no volume."""
    for volume in volumes:
        name = volume.real_name
        if (
            name is None
            or name.unresolved
            or (volume.driver is not None and volume.driver.value != "local")
        ):
            continue
        if name.span.text() != name.value:
            continue  # made of the project's name and a key
        from volint.parse.enginespec import volume_name_problem

        reason = volume_name_problem(name.value)
        if reason is not None:
            yield Problem(
                "VL601", reason, name.span, "names hold letters, digits, '_', '.' and '-'"
            )
