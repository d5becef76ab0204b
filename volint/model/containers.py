"""What runs: a compose service, one `docker run` line, a quadlet; where, and with what variables."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from volint.model.mounts import Syntax
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.model.builds import Build
    from volint.model.mounts import Mount
    from volint.source import Span, Text

__all__ = [
    "Container",
    "ContainerKind",
    "Device",
    "EnvFile",
    "EnvVar",
    "Environment",
    "EnvironmentKind",
    "Placement",
    "VolumesFrom",
]

_NOTHING: Mapping[str, str] = {}
_NAMED = frozenset(
    (Syntax.SHORT, Syntax.LONG, Syntax.TMPFS_KEY, Syntax.SECRETS_KEY, Syntax.CONFIGS_KEY)
)
"""How a service names its mounts."""


class ContainerKind(str, Enum):
    """Where a container is described."""

    SERVICE = "service"
    RUN = "run"
    QUADLET = "quadlet"
    DEVCONTAINER = "devcontainer"
    UNIT = "unit"


class EnvironmentKind(str, Enum):
    """Where a project runs."""

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"
    TEST = "test"
    EXAMPLE = "example"
    UNKNOWN = "unknown"


class Environment(NamedTuple):
    """Where a project or a container runs, and how that is known."""

    value: EnvironmentKind
    """The environment."""
    reason: str
    """Why, in words for the user: "file name compose.prod.yaml"; empty when unknown."""
    certain: bool = True
    """False where only variables of the containers say so: production findings are then warnings."""

    @property
    def is_production(self) -> bool:
        """True for production and staging, which rules treat alike."""
        return self.value in (EnvironmentKind.PRODUCTION, EnvironmentKind.STAGING)


class EnvVar(NamedTuple):
    """One environment variable a container is given."""

    name: Text
    """The name."""
    value: Text | None
    """The value; None if it is taken from the environment of whoever starts the container."""
    origin: str
    """'environment', 'env_file', '-e', '--env-file' or 'ENV'."""


class EnvFile(NamedTuple):
    """An env file a container reads."""

    path: Text
    """As written."""
    resolved: str | None
    """Absolute path, None where unknown."""
    required: bool
    """False if Compose does not mind its absence."""
    exists: bool | None
    """Whether it is there; None where unknown."""
    shared: bool | None = None
    """Whether git tracks it or would take it (it is not ignored); None without git, or where it is not there."""


class VolumesFrom(NamedTuple):
    """An entry of `volumes_from` or --volumes-from."""

    name: Text
    """The donor: a service, or a container."""
    read_only: bool
    """True if its mounts are inherited read-only."""
    span: Span
    """The whole entry."""


class Device(NamedTuple):
    """A device of the host given to a container."""

    host: Text
    """Path on the host."""
    target: str
    """Path in the container."""
    permissions: str
    """'rwm' or a part of it."""
    span: Span
    """The whole entry."""


class Placement(NamedTuple):
    """How a swarm spreads the tasks of a service over its nodes."""

    mode: str
    """'replicated', 'global' (one on each node that fits), 'replicated-job' or 'global-job'."""
    constraints: tuple[Text, ...] = ()
    """Constraints on nodes, as `node.hostname==db1`."""

    @property
    def is_pinned(self) -> bool:
        """True if constraints may leave one node alone: they name it, its id, its role or a label."""
        return any(
            "==" in constraint.value and "node.platform." not in constraint.value
            for constraint in self.constraints
        )


class Container(NamedTuple):
    """A compose service, one `docker run` line, a quadlet, a devcontainer."""

    name: Text
    """The service's name, --name, or the image's short name."""
    kind: ContainerKind
    """Where it is described."""
    span: Span
    """The whole description: the service's mapping, the command line."""
    image: Text | None = None
    """The image reference; None where it is only built."""
    build: Build | None = None
    """What its image is built from; None where it is only pulled."""
    mounts: tuple[Mount, ...] = ()
    """Its mounts, in the order Docker keeps them."""
    env: tuple[EnvVar, ...] = ()
    """Its variables, env files included, the winning entry of each name."""
    env_files: tuple[EnvFile, ...] = ()
    """Its env files."""
    volumes_from: tuple[VolumesFrom, ...] = ()
    """Whose mounts it inherits."""
    user: Text | None = None
    """`user:`, --user; None: the image's own."""
    read_only: bool = False
    """True if its root file system is read-only."""
    command: tuple[Text, ...] | None = None
    """The command's words; None: the image's own."""
    entrypoint: tuple[Text, ...] | None = None
    """The entrypoint's words; None: the image's own."""
    healthcheck: tuple[Text, ...] = ()
    """The words of the health check's test."""
    working_dir: Text | None = None
    """`working_dir:`, --workdir; None: the image's own."""
    labels: Mapping[str, str] = _NOTHING
    """Its labels."""
    profiles: tuple[Text, ...] = ()
    """Its Compose profiles."""
    enabled: bool = True
    """False if it is off by profile."""
    environment: Environment | None = None
    """Its own environment where that differs from the project's."""
    memory_limit: int | None = None
    """Bytes of memory it may use; None: no limit."""
    replicas: int = 1
    """How many of it run."""
    devices: tuple[Device, ...] = ()
    """Devices of the host it is given."""
    depends_on: tuple[str, ...] = ()
    """Names of the services it waits for."""
    remove: bool = False
    """True if it is removed when it ends (--rm, `docker compose run --rm`)."""
    detached: bool = False
    """True for a run line with --detach."""
    program: str = "docker"
    """Who runs it: docker, podman, nerdctl, compose."""
    privileged: bool = False
    """True if it is privileged."""
    unresolved: tuple[str, ...] = ()
    """Unknown variables that hide whole parts of it (`docker run $OPTS image`)."""
    keys: Mapping[str, Span] = {}
    """Places of the keys or flags a rule may point at: 'volumes', 'read_only', 'user', 'image' ..."""
    placement: Placement | None = None
    """Where a swarm runs it; None: it is no service of a swarm, or that is only guessed."""
    watched: tuple[Mount, ...] = ()
    """What `develop.watch` copies into it while it is developed, as if it were mounted: the Engine mounts none of it."""

    @property
    def shown(self) -> tuple[Mount, ...]:
        """Its mounts, with what is watched behind those it names itself: what a map of its storage shows."""
        if not self.watched:
            return self.mounts
        own = next(
            (at for at, mount in enumerate(self.mounts) if mount.syntax not in _NAMED),
            len(self.mounts),
        )
        return (*self.mounts[:own], *self.watched, *self.mounts[own:])
