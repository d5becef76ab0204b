"""Which files, directory, variables, profiles and name a project has before it is read.

Source of the behaviour: compose-go 2.14, cli/options.go; docker compose, cmd/compose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.paths import join
from volint.source import Source, Span

if TYPE_CHECKING:
    from volint.assemble.compose.envfiles import EnvReader
    from volint.assemble.compose.report import Report
    from volint.assemble.compose.request import Loaded, Reader, Request

__all__ = ["BASES", "OVERRIDES", "locate", "normal_name"]

BASES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""Names of the base file, in the order Compose looks for them."""
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
"""Names of the file that Compose adds to a base file it found itself."""

_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


def normal_name(text: str) -> str:
    """Return a text as a project's name: lower case, only letters, digits, '_' and '-'."""
    return "".join(sign for sign in text.lower() if sign in _NAME_SIGNS).lstrip("_-")


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def locate(request: Request, reader: Reader, report: Report) -> tuple[Loaded, bool]:
    """Return a project with its files, directory, variables and profiles, not yet loaded.

    The second value is False if there is nothing to load.
    """
    from volint.assemble.compose.request import Loaded

    loaded = Loaded(request)
    start = Span(Source("", ""), 0, 0)
    env = dict(request.env or {})
    directory = request.project_directory and join(request.cwd, request.project_directory)
    if directory and request.project_directory and request.project_directory.startswith("/"):
        directory = join(request.project_directory)
    files = tuple(absolute(request.cwd, file) for file in request.files)
    reading: EnvReader | None = None

    def working() -> str:
        return directory or (_parent(files[0]) if files else request.cwd)

    env_files: list[str] = []
    if request.env_files:
        env_files = [absolute(request.cwd, file) for file in request.env_files]
    disabled = env.get("COMPOSE_DISABLE_ENV_FILE", "").lower() in ("1", "t", "true")

    def read_env() -> None:
        nonlocal env_files, reading
        if request.env_files is None and not disabled:
            own = join(working(), ".env")
            if reader.exists(own) and not reader.isdir(own):
                env_files = [own]
        if not env_files:
            return
        if reading is None:
            from volint.assemble.compose.envfiles import EnvReader

            reading = EnvReader(reader, report, request.symbolic)
        for file in env_files:
            if file not in read:
                read.add(file)
                found = reading.project(file, env, None)
                if found is not None:
                    loaded.env_files.append(found)
        for name, value in reading.variables.items():
            env.setdefault(name, value)

    read: set[str] = set()
    read_env()
    if not files and "COMPOSE_FILE" in env and not request.partial:
        separator = env.get("COMPOSE_PATH_SEPARATOR") or ":"
        files = tuple(absolute(request.cwd, name) for name in env["COMPOSE_FILE"].split(separator))
    if not files:
        files = _discover(working(), reader)
        read_env()
    loaded.env = env
    loaded.files = files
    loaded.directory = working()
    profiles = request.profiles
    if not profiles:
        profiles = tuple(name.strip() for name in env.get("COMPOSE_PROFILES", "").split(","))
    loaded.profiles = profiles
    if not files:
        report.refuse("VL615", "There is no Compose file here", start, "name one with -f")
        return loaded, False
    return loaded, True


def absolute(cwd: str, path: str) -> str:
    """Return a path made absolute and clean."""
    return join(path) if path.startswith("/") else join(cwd, path)


def _discover(directory: str, reader: Reader) -> tuple[str, ...]:
    """Return the files that Compose finds from a directory up."""
    while True:
        for base in BASES:
            path = join(directory, base)
            if reader.exists(path):
                found = [join(directory, name) for name in OVERRIDES]
                return (path, *[name for name in found if reader.exists(name)][:1])
        parent = _parent(directory)
        if parent == directory:
            return ()
        directory = parent
