"""What a container mounts, and how that was written."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.source import Span, Text

__all__ = [
    "Mount",
    "MountKind",
    "Option",
    "Syntax",
]


class MountKind(str, Enum):
    """What is mounted. An anonymous volume is a VOLUME without a source."""

    BIND = "bind"
    VOLUME = "volume"
    TMPFS = "tmpfs"
    SECRET = "secret"
    CONFIG = "config"
    IMAGE = "image"
    NPIPE = "npipe"
    CLUSTER = "cluster"
    OVERLAY = "overlay"
    DEVICE_FS = "device-fs"


class Syntax(str, Enum):
    """How a mount was written."""

    SHORT = "short"
    LONG = "long"
    TMPFS_KEY = "tmpfs-key"
    SECRETS_KEY = "secrets-key"
    CONFIGS_KEY = "configs-key"
    VOLUMES_FROM_KEY = "volumes_from"
    DEVELOP_WATCH = "develop.watch"
    V = "-v"
    MOUNT = "--mount"
    TMPFS = "--tmpfs"
    VOLUMES_FROM = "--volumes-from"
    DEVICE = "--device"
    SECRET = "--secret"
    API_SOCKET = "--use-api-socket"
    INSTRUCTION = "VOLUME"
    RUN_MOUNT = "RUN --mount"
    QUADLET_VOLUME = "Volume="
    QUADLET_MOUNT = "Mount="
    QUADLET_TMPFS = "Tmpfs="
    QUADLET_SECRET = "Secret="
    DEVCONTAINER_MOUNTS = "mounts"
    WORKSPACE_MOUNT = "workspaceMount"


class Option(NamedTuple):
    """One option of a mount and its place."""

    value: str | int | bool
    """The value: bytes for `size`, the permission bits for `mode`."""
    span: Span
    """Where it is written."""


class Mount(NamedTuple):
    """One entry of a container's mounts."""

    kind: MountKind
    """What is mounted."""
    source: Text | None
    """Host path, volume name, secret or config name, image; None for anonymous volumes and tmpfs."""
    target: Text
    """Where it appears in the container, cleaned as Docker cleans it."""
    read_only: bool
    """True if the container cannot write through it."""
    syntax: Syntax
    """How it was written."""
    span: Span
    """The whole entry."""
    options: Mapping[str, Option] = {}
    """The options of the JSON shape in docs/mounts.md by their names there (propagation, selinux, nocopy, subpath, size ...)."""
    resolved_source: str | None = None
    """Absolute host path of a bind mount; None where it cannot be known."""
    unresolved: tuple[str, ...] = ()
    """Names of unknown variables in source, target or options."""
    shadowed: bool = False
    """True if another mount of the container hides it."""
    spec: Text | None = None
    """The whole one-string form (`data:/x:ro`, the value of --mount or --tmpfs), None for mappings."""
    mode: Text | None = None
    """The mode field of a one-string form (`ro,z`); None if there is none."""
    donor: str | None = None
    """Name of the container it was inherited from by volumes_from."""
    unquoted: tuple[Span, ...] = ()
    """Expansions outside of quotes in the shell word it is written in."""
    tilde: bool = False
    """True if a leading '~' of the source is expanded (by the shell, by Compose)."""
    via: tuple[Span, ...] = ()
    """Places it passed through (an `extends`, an `include`, an overlay), nearest first."""

    in_memory: bool = False
    """True for a secret or config that a swarm hands its tasks in a tmpfs, with owner and mode as given."""

    @property
    def is_anonymous(self) -> bool:
        """True for a volume without a name."""
        return self.kind is MountKind.VOLUME and self.source is None
