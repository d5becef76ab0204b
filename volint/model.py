"""The mount model: what runs together, what it mounts, what it is built from.

Every reader lowers its files into these types and every rule looks at nothing else. They are frozen,
inert and free of I/O; a value a rule may want to point at is a `Text` or has a `span`.
Paths in `Text`s are as Docker would see them before the host's file system is asked; `resolved_source`
and `root` are absolute.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from volint.record import NamedTuple
from volint.source import Label, Problem, Source, Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "Build",
    "Command",
    "CommandKind",
    "ConfigObject",
    "Container",
    "ContainerKind",
    "ContextFile",
    "ContextFiles",
    "Device",
    "EnvFile",
    "EnvVar",
    "Environment",
    "EnvironmentKind",
    "FileSet",
    "Label",
    "Mount",
    "MountKind",
    "Option",
    "Problem",
    "Project",
    "ProjectKind",
    "Secret",
    "Source",
    "Span",
    "Stage",
    "Step",
    "StepKind",
    "Surroundings",
    "Syntax",
    "Text",
    "Volume",
    "VolumesFrom",
]

_NOTHING: Mapping[str, str] = {}


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


class ContainerKind(str, Enum):
    """Where a container is described."""

    SERVICE = "service"
    RUN = "run"
    QUADLET = "quadlet"
    DEVCONTAINER = "devcontainer"
    UNIT = "unit"


class ProjectKind(str, Enum):
    """What kind of files describe a project."""

    COMPOSE = "compose"
    SCRIPT = "script"
    DOCUMENT = "document"
    QUADLET = "quadlet"
    DEVCONTAINER = "devcontainer"
    UNIT = "unit"
    BUILD = "build"


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

    @property
    def is_anonymous(self) -> bool:
        """True for a volume without a name."""
        return self.kind is MountKind.VOLUME and self.source is None


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


class StepKind(str, Enum):
    """The instructions of a Dockerfile."""

    RUN = "RUN"
    COPY = "COPY"
    ADD = "ADD"
    VOLUME = "VOLUME"
    ENV = "ENV"
    ARG = "ARG"
    USER = "USER"
    WORKDIR = "WORKDIR"
    CMD = "CMD"
    ENTRYPOINT = "ENTRYPOINT"
    HEALTHCHECK = "HEALTHCHECK"
    LABEL = "LABEL"
    SHELL = "SHELL"
    EXPOSE = "EXPOSE"
    ONBUILD = "ONBUILD"
    STOPSIGNAL = "STOPSIGNAL"
    MAINTAINER = "MAINTAINER"


class Step(NamedTuple):
    """One instruction of a stage, with the state it runs in."""

    kind: StepKind
    """The instruction."""
    keyword: Span
    """The instruction's word."""
    span: Span
    """The whole instruction, here-documents included."""
    words: tuple[Text, ...] = ()
    """Arguments after expansion: COPY's sources and target, VOLUME's paths, the words of a JSON form; a shell form is one word."""
    flags: Mapping[str, tuple[Text, ...]] = {}
    """Values of --from, --chown, --chmod, --exclude ... by name; '' for a flag without a value."""
    mounts: tuple[Mount, ...] = ()
    """RUN --mount. `options['type']` is bind, cache, tmpfs, secret or ssh; the kind of a cache is VOLUME, that
    of ssh SECRET. Sources are paths below the context or below `options['from']`, or the secret's id. A secret
    that is only a variable (`options['env']`) has an empty target."""
    heredocs: tuple[Text, ...] = ()
    """Bodies of its here-documents."""
    pairs: tuple[tuple[Text, Text | None], ...] = ()
    """Names and values of ENV, ARG and LABEL."""
    json_form: bool = False
    """True for the JSON (exec) form."""
    user: str = ""
    """USER in force; empty: the base image's."""
    workdir: str = "/"
    """WORKDIR in force."""
    environment: Mapping[str, str] = _NOTHING
    """ENV and ARG in force before it (own and inherited from stages, not from unknown base images); names
    whose value is not known are left out."""
    onbuild: bool = False
    """True if it stands behind ONBUILD: of kind ONBUILD where it is declared, its words as written, and of its
    own kind in a stage that is built on that one and runs it."""
    from_index: int | None = None
    """Index of the stage that --from names; None for an image, a named context or the build context."""


class Stage(NamedTuple):
    """One build stage, its state at the end, stages it is based on included."""

    name: Text | None
    """Its name; None without AS."""
    base: Text
    """What it is built FROM, after expansion."""
    base_index: int | None
    """Index of the stage it is built on; None for an image."""
    span: Span
    """The FROM line."""
    steps: tuple[Step, ...] = ()
    """Its own instructions in order (ONBUILD steps of a base stage first)."""
    user: Text | None = None
    """USER at its end; None: the base image's."""
    workdir: str = "/"
    """WORKDIR at its end."""
    workdir_span: Span | None = None
    """Where it is set; None: the base image's."""
    env: Mapping[str, Text] = {}
    """ENV at its end."""
    volumes: tuple[Text, ...] = ()
    """VOLUMEs at its end, those of stages below included."""
    command: tuple[Text, ...] | None = None
    """CMD at its end."""
    entrypoint: tuple[Text, ...] | None = None
    """ENTRYPOINT at its end."""


class ContextFile(NamedTuple):
    """A file of a build context."""

    path: str
    """Relative to the context's root, with '/'."""
    size: int
    """Bytes; for a Git LFS pointer the size it names."""
    is_link: bool = False
    """True for a symbolic link."""
    leaves: bool = False
    """True for a symbolic link that points out of the context."""
    is_directory: bool = False
    """True for `.git`, which stands for all that is in it; its size is not known."""


class ContextFiles(Protocol):
    """The files of a build context, read when first asked for."""

    def sent(self) -> Sequence[ContextFile]:
        """Return the files that Docker sends: all that the ignore file does not exclude."""

    def all(self) -> Sequence[ContextFile]:
        """Return all files below the root, excluded ones too, `.git` as one directory entry."""

    def is_ignored(self, path: str) -> bool:
        """Return whether the ignore file excludes a path relative to the root, there or not."""

    def copied(self, stage: Stage, step: Step) -> Sequence[ContextFile]:
        """Return the files that a COPY or ADD step of a stage takes from the context."""

    def kind(self, path: str) -> str | None:
        """Return what a path relative to the root is: 'file', 'directory', 'link'; None if it is not there."""

    def is_tracked(self, path: str) -> bool | None:
        """Return whether git tracks a path relative to the root; None without git."""

    def head(self, path: str, length: int) -> bytes | None:
        """Return the first bytes of a file of the context; None where it cannot be read."""

    def unseen(self) -> str:
        """Return why what was asked so far is not all that is there, as a clause; '' if it is."""


class Surroundings(Protocol):
    """What lies around a project on the disk, looked at when a rule first asks."""

    def kind(self, path: str) -> str | None:
        """Return what an absolute path is: 'file', 'directory', 'other' or 'absent'; None outside of the repository."""

    def names(self, folder: str) -> Sequence[str]:
        """Return the sorted names in an absolute directory; none where it cannot be read."""

    def head(self, path: str, length: int) -> bytes | None:
        """Return the first bytes of a file by its absolute path; None where it cannot be read."""

    def in_repository(self, path: str) -> bool:
        """Return whether an absolute path lies in a git work tree."""

    def is_ignored(self, path: str) -> bool:
        """Return whether git ignores an absolute path, there or not."""

    def is_made(self, path: str, folder: str) -> bool:
        """Return whether a script, a document or the like near the project's folder names that very path."""

    def sets(self, variable: str, folder: str, besides: str | None = None) -> bool:
        """Return whether a file of the repository that is no Compose file, nor `besides`, names a variable."""


class Build(NamedTuple):
    """A Dockerfile with its context, as one service or one build line uses it."""

    context: Text | None
    """The context as written; None where nothing names it."""
    root: str | None
    """Absolute path of the context; None for remote and unknown ones."""
    root_certain: bool
    """False where the context is only guessed (the Dockerfile's folder)."""
    dockerfile: str | None
    """Shown path of the Dockerfile; None for inline ones, or where it is not known."""
    source: Source | None
    """The Dockerfile's text; None if it could not be read."""
    ignore_file: Source | None
    """The ignore file Docker reads for this build; None if there is none."""
    ignore_path: str | None
    """Shown path of the ignore file, or of the place Docker would look for one."""
    stages: tuple[Stage, ...] = ()
    """Its stages in order."""
    target: Text | None = None
    """The stage that is built; None: the last."""
    target_index: int | None = None
    """Index of the stage that is built; None if it is not there."""
    args: tuple[EnvVar, ...] = ()
    """Build arguments given from outside (origin 'build.args' or '--build-arg')."""
    additional_contexts: Mapping[str, Text] = {}
    """Named contexts."""
    files: ContextFiles | None = None
    """The context's files; None where the context is not on this disk."""
    reachable: frozenset[int] = frozenset()
    """Indexes of the stages that building the target needs."""
    global_args: tuple[Step, ...] = ()
    """ARG instructions before the first FROM."""
    secrets: tuple[Text, ...] = ()
    """Names of the declared secrets that the build is given."""
    other_ignore_files: tuple[str, ...] = ()
    """Shown paths of ignore files that one might expect to be read and that are not: beside the Dockerfile, at
    the repository's root."""


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
    """True where the repository deploys it with `docker stack deploy`."""
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
        for volume in self.volumes:
            if volume.name.value == name:
                return volume
        return None
