"""What is to be loaded, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.assemble.compose.values import Map
    from volint.parse.dotenv import EnvEntry
    from volint.source import Kind, Problem, Source, Span

__all__ = ["Loaded", "Reader", "Request"]


class Reader(Protocol):
    """What reads files; all paths are absolute. `volint.files.Files` is one."""

    def read(self, path: str, kind: Kind = ...) -> Source | None:
        """Return a file's source; None if it is absent or may not be read."""

    def problem(self, path: str) -> str | None:
        """Return why a path that is there could not be read, as a clause; None if it is absent."""

    def advice(self, path: str) -> str:
        """Return what to do about a path that could not be read, as an imperative; '' without a problem."""

    def display(self, path: str) -> str:
        """Return a path as shown to a person."""

    def exists(self, path: str) -> bool | None:
        """Return whether a path is there; None where that may not be looked at."""

    def isdir(self, path: str) -> bool | None:
        """Return whether a path is a directory; None where that may not be looked at."""


class Request(NamedTuple):
    """One Compose project to load."""

    cwd: str
    """Absolute directory that relative paths of this request start from."""
    files: tuple[str, ...] = ()
    """Compose files, the base first; none: as Compose finds them from the directory up."""
    project_directory: str | None = None
    """What --project-directory says; None: the first file's directory."""
    project_name: str | None = None
    """What --project-name says."""
    profiles: tuple[str, ...] | None = None
    """What --profile says; None: nothing."""
    env_files: tuple[str, ...] | None = None
    """What --env-file says; None: `.env` of the project directory; empty: no file at all."""
    services: tuple[str, ...] = ()
    """Services named on the command line; none: all."""
    env: Mapping[str, str] | None = None
    """The process's environment; None: none of it is known, and neither is a variable it may set."""
    home: str | None = None
    """The home directory that `~` stands for; None where it is not known."""
    partial: bool = False
    """True for an overlay or fragment alone: what it lacks may be in another file."""
    interpolate: bool = True
    """False keeps `${VAR}` as text and makes no casts (`config --no-interpolate`)."""
    consistency: bool = True
    """False leaves references between sections unchecked (`config --no-consistency`)."""
    resolve_paths: bool = True
    """False leaves relative paths as they are (`config --no-path-resolution`)."""
    resolve_environment: bool = True
    """False reads no env files of services (`config --no-env-resolution`)."""
    named_at: Span | None = None
    """The command or setting that `project_name` comes from."""
    model: bool = False
    """True stops before the merged tree is decoded (what `config --no-interpolate` prints)."""

    @property
    def symbolic(self) -> bool:
        """True if an unknown variable is kept as text, False if it is empty as in Compose."""
        return self.env is None


class Loaded:
    """A loaded project."""

    __slots__ = (
        "active",
        "directory",
        "env",
        "env_files",
        "environments",
        "existing",
        "files",
        "name",
        "problems",
        "profiles",
        "refused",
        "request",
        "sources",
        "tree",
    )

    def __init__(self, request: Request) -> None:
        self.request = request
        self.tree: Map | None = None
        """The merged, canonical tree; None if nothing could be read."""
        self.problems: list[Problem] = []
        """Everything found on the way."""
        self.refused = False
        """True if Compose refuses the project."""
        self.name = ""
        """The project's name."""
        self.directory = ""
        """Absolute project directory."""
        self.files: tuple[str, ...] = ()
        """Absolute paths of the files given or found."""
        self.sources: list[Source] = []
        """Every Compose file that was read, also by `extends` and `include`."""
        self.env_files: list[Source] = []
        """The env files read for interpolation."""
        self.env: dict[str, str] = {}
        """Variables known for interpolation."""
        self.profiles: tuple[str, ...] = ()
        """Active profiles."""
        self.active: tuple[str, ...] = ()
        """Names of the services that are on."""
        self.existing: dict[str, bool | None] = {}
        """Which env files of services are there, by absolute path."""
        self.environments: dict[str, dict[str, EnvEntry]] = {}
        """Variables from env files, by service."""
