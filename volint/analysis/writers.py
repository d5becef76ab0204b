"""Who writes to one volume or host path, and which servers would keep their data in one place at the same time."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from volint import knowledge
from volint.analysis.storage import storages
from volint.model import CommandKind, ContainerKind, MountKind
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.analysis.storage import Storage
    from volint.model import Container, Mount, Project

__all__ = ["ConcurrentServers", "SharedMount", "shared_mounts"]

_ENGINES = frozenset(
    ("database", "cache", "broker", "vector-db", "search", "object-store", "metrics", "logs")
)
_EXCLUSIVE = ("corrupt", "refuse")
_STOPS = frozenset((CommandKind.CONTAINER_RM, CommandKind.CONTAINER_STOP, CommandKind.COMPOSE_DOWN))


class ConcurrentServers(NamedTuple):
    """Servers that run together on the same data, of an image whose store is for one."""

    storage: Storage
    """The server, or the later one of two."""
    mount: Mount
    """Where it has the data."""
    other: tuple[Container, Mount] | None = None
    """The earlier one, with its mount; None: they are replicas of one service."""


class SharedMount(NamedTuple):
    """A volume, a part of one, or a host path that is mounted writable."""

    writers: tuple[tuple[Container, Mount], ...]
    """Who mounts it, at least one."""
    servers: ConcurrentServers | None
    """Servers among them that harm or refuse each other."""


def shared_mounts(project: Project) -> Iterator[SharedMount]:
    """Yield what is mounted writable, with all who write to it."""
    servers = {
        id(held.mount): (storage, held.data.path)
        for storage in storages(project)
        if not storage.state.unknown and storage.image.writers in _EXCLUSIVE
        for held in storage.held
    }
    for writers in _writers(project).values():
        running = [(mount, *servers[id(mount)]) for _, mount in writers if id(mount) in servers]
        yield SharedMount(tuple(writers), _concurrent(project, running))


def _concurrent(
    project: Project, running: list[tuple[Mount, Storage, str]]
) -> ConcurrentServers | None:
    """Return the first servers that keep their data in one place, given with the paths that they keep it in."""
    for mount, storage, _ in running:
        name = mount.source.value if mount.source is not None else ""
        if storage.container.replicas > 1 and _is_engine(storage) and "{{" not in name:
            return ConcurrentServers(storage, mount)
    for (mount, storage, path), (mount2, storage2, path2) in combinations(running, 2):
        one, other = storage.container, storage2.container
        if (
            storage.image.id == storage2.image.id
            and _inside(mount, path) == _inside(mount2, path2)
            and _is_engine(storage)
            and _same_role(one, other)
            and _run_together(project, one, other)
        ):
            return ConcurrentServers(storage2, mount2, (one, mount))
    return None


def _writers(project: Project) -> dict[tuple[str, str, str], list[tuple[Container, Mount]]]:
    """Return who mounts what writable, by kind, source and subpath."""
    found: dict[tuple[str, str, str], list[tuple[Container, Mount]]] = {}
    for container, mount in project.mounts(MountKind.VOLUME, MountKind.BIND):
        if (
            mount.source is None
            or mount.read_only
            or mount.shadowed
            or mount.source.unresolved
            or container.replicas == 0
        ):
            continue
        source = mount.source.value
        if mount.kind is MountKind.BIND:
            source = mount.resolved_source or source
            if knowledge.control_socket(source) or knowledge.is_harmless_path(source):
                continue
        part = mount.options.get("subpath")
        key = (mount.kind.value, source, str(part.value) if part else "")
        found.setdefault(key, []).append((container, mount))
    return found


def _is_engine(storage: Storage) -> bool:
    """Return whether every container of the image is a server with data of its own, not a worker."""
    own = storage.container.command or storage.container.entrypoint
    return storage.image.category in _ENGINES or not own


def _same_role(one: Container, other: Container) -> bool:
    """Return whether two containers may run the same part of a program that has several."""
    starts = {
        tuple(word.value for word in container.entrypoint or ()) for container in (one, other)
    }
    roles = {
        next((word.value for word in container.command or () if word.value[:1] != "-"), "")
        for container in (one, other)
    }
    return len(starts) == 1 and (len(roles) == 1 or "" in roles)


def _run_together(project: Project, one: Container, other: Container) -> bool:
    if one.profiles and other.profiles:
        return bool({p.value for p in one.profiles} & {p.value for p in other.profiles})
    if one.kind is ContainerKind.RUN:
        return (
            one.detached
            and other.detached
            and one.name.value != other.name.value
            and not any(command.kind in _STOPS for command in project.commands)
        )
    return True


def _inside(mount: Mount, path: str) -> str:
    """Return the folder of the mount's source that a container path is."""
    return path[len(mount.target.value.rstrip("/")) :].strip("/")
