"""What runs together."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.model.builds import Build
    from volint.model.containers import Container, Environment, EnvVar
    from volint.model.mounts import Mount, MountKind
    from volint.model.objects import Command, Secret, Volume
    from volint.model.protocols import Surroundings
    from volint.source import Problem, Source, Span

__all__ = [
    "FileSet",
    "Project",
    "ProjectKind",
]


class ProjectKind(str, Enum):
    """What kind of files describe a project."""

    COMPOSE = "compose"
    SCRIPT = "script"
    DOCUMENT = "document"
    QUADLET = "quadlet"
    DEVCONTAINER = "devcontainer"
    UNIT = "unit"
    BUILD = "build"


class FileSet(NamedTuple):
    """Which files make a Compose project, and why."""

    reason: str
    """"default files", "named in deploy.sh:12", "given on the command line" ..."""
    profiles: tuple[str, ...] = ()
    """Active profiles."""
    env_files: tuple[str, ...] = ()
    """Shown paths of the env files used for interpolation."""
    span: Span | None = None
    """The command that names the set."""
    shared_variables: tuple[EnvVar, ...] = ()
    """What the env files used for interpolation set, as far as git tracks them or would take them."""


class Project(NamedTuple):
    """What runs together: a Compose file set, the run lines of one file, one build."""

    name: str
    """The Compose project's name, or the file's."""
    kind: ProjectKind
    """What describes it."""
    sources: tuple[Source, ...]
    """The files it is made of, first the one a finding without a place is reported in."""
    environment: Environment
    """Where it runs, and why that is known."""
    containers: tuple[Container, ...] = ()
    """What it starts; also services that a profile turns off (`enabled`)."""
    volumes: tuple[Volume, ...] = ()
    """Declared volumes."""
    secrets: tuple[Secret, ...] = ()
    """Declared secrets."""
    configs: tuple[Secret, ...] = ()
    """Declared configs."""
    builds: tuple[Build, ...] = ()
    """All builds, those of its containers included."""
    commands: tuple[Command, ...] = ()
    """Other storage commands."""
    problems: tuple[Problem, ...] = ()
    """What Docker would refuse and what could not be read."""
    file_set: FileSet | None = None
    """Of a Compose project: its files and their reason."""
    partial: bool = False
    """True for an overlay or a fragment that does not stand alone: only its own lines are known."""
    gentle: bool = False
    """True for documentation examples: judged by the pedantic persona but for what cannot work at all."""
    compose_runs: tuple[Command, ...] = ()
    """The `docker compose run` lines that start some of its containers."""
    swarm: bool = False
    """True where the repository deploys it with `docker stack deploy`, its files are called a stack, or it has
    external secrets or configs, which Compose cannot start."""
    root: str | None = None
    """Absolute path relative sources resolve against; None where unknown."""
    named: bool = False
    """True if a Compose project's name is written down (`name:`, -p, COMPOSE_PROJECT_NAME), not its folder's."""
    platform: str = ""
    """The platform whose dialect of Compose it is written in ('Coolify', 'CasaOS', 'a platform' where the
    configuration says so), which creates volumes that no file declares; else ''."""
    surroundings: Surroundings | None = None
    """What lies around it on the disk; None for what was assembled without one."""

    def mounts(self, *kinds: MountKind) -> Iterator[tuple[Container, Mount]]:
        """Yield every mount in force of every container, of the kinds given or of all."""
        for container in self.containers:
            for mount in container.mounts:
                if not kinds or mount.kind in kinds:
                    yield container, mount

    def environment_of(self, container: Container) -> Environment:
        """Return where a container runs: its own environment, or the project's."""
        return container.environment or self.environment

    def volume(self, name: str) -> Volume | None:
        """Return the declared volume of that key."""
        return _by_name(self.volumes).get(name)


_last: tuple[tuple[Volume, ...], dict[str, Volume]] = ((), {})


def _by_name(volumes: tuple[Volume, ...]) -> dict[str, Volume]:
    """Return volumes by their keys; rules ask for each mount of one project after the other."""
    global _last
    last = _last
    if last[0] is not volumes:
        last = _last = (volumes, {volume.name.value: volume for volume in reversed(volumes)})
    return last[1]
