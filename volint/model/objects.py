"""What projects declare beside containers, and the commands that handle it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.source import Span, Text

__all__ = [
    "Command",
    "CommandKind",
    "ConfigObject",
    "Secret",
    "Volume",
]

_NOTHING: Mapping[str, str] = {}


class Volume(NamedTuple):
    """A declared volume."""

    name: Text
    """The key it is declared under."""
    span: Span
    """The whole declaration."""
    real_name: Text | None = None
    """The name Docker knows it by; None where it depends on something unknown."""
    external: bool = False
    """True if it is made outside of the project."""
    driver: Text | None = None
    """The volume driver; None: local."""
    driver_opts: Mapping[str, Text] = {}
    """The driver's options."""
    labels: Mapping[str, str] = _NOTHING
    """Its labels."""
    via: tuple[Span, ...] = ()
    """Places it passed through."""


class Secret(NamedTuple):
    """A declared secret or config."""

    name: Text
    """The key it is declared under."""
    span: Span
    """The whole declaration."""
    origin: str
    """'file', 'environment', 'content' (configs), 'external' or 'driver'."""
    source: Text | None = None
    """The file, or the variable; never the content."""
    real_name: Text | None = None
    """The name Docker knows it by."""
    external: bool = False
    """True if it is made outside of the project."""
    resolved_source: str | None = None
    """Absolute path of the file; None where there is none or it is not known."""
    content: Text | None = None
    """A config's inline content: never shown."""
    via: tuple[Span, ...] = ()
    """Places it passed through."""


ConfigObject = Secret
"""A declared config has the shape of a declared secret."""


class CommandKind(str, Enum):
    """Storage commands other than starting a container."""

    VOLUME_CREATE = "volume-create"
    VOLUME_RM = "volume-rm"
    VOLUME_PRUNE = "volume-prune"
    SYSTEM_PRUNE = "system-prune"
    CONTAINER_RM = "container-rm"
    COMPOSE_UP = "compose-up"
    COMPOSE_DOWN = "compose-down"
    COMPOSE_RM = "compose-rm"
    COMPOSE_OTHER = "compose"
    BUILD = "build"
    STACK_DEPLOY = "stack-deploy"
    CONTAINER_EXEC = "container-exec"
    CONTAINER_STOP = "container-stop"
    OTHER = "other"


class Command(NamedTuple):
    """A docker, podman or compose command that starts no container of its own."""

    kind: CommandKind
    """What it does."""
    span: Span
    """The whole command."""
    arguments: tuple[Text, ...]
    """All words after the program, as bash would pass them."""
    operands: tuple[Text, ...] = ()
    """Words that are no flags: names of volumes, containers, services, the build context."""
    options: Mapping[str, tuple[Text, ...]] = {}
    """Flags by their long names without dashes ('force', 'volumes', 'file'), with their values; a set boolean has one Text 'true'."""
    program: str = "docker"
    """docker, podman, nerdctl, docker-compose ..."""
    volume: Volume | None = None
    """What `volume create` declares."""
    cwd: str | None = ""
    """Directory it runs in, relative to where its script is started unless it begins with '/', '~' or a
    variable; None where it is not known."""
    variables: Mapping[str, str] = _NOTHING
    """The COMPOSE_* variables it is given by what stands in front of it or what its script exports."""
    unresolved: tuple[str, ...] = ()
    """Unknown variables that may hold further options."""
