"""Which files make one Compose project, and why volint thinks that it exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple

if TYPE_CHECKING:
    from volint.source import Span

__all__ = ["SetSpec"]

# An 'elk-stack.yml' is a stack of programs.
_STACK = regex(r"(?i)(?:(?:^|[/._]|docker-|compose-)stack|(?:^|[/._-])swarm)(?![a-z])[^/]*$")


class SetSpec(NamedTuple):
    """One Compose project to load."""

    files: tuple[str, ...]
    """Absolute paths, the base first."""
    reason: str
    """Why these files, in words for the user."""
    profiles: tuple[str, ...] = ()
    """Profiles that are on."""
    env_files: tuple[str, ...] | None = None
    """Absolute paths of the env files that are there; None: `.env` of the project directory."""
    project_directory: str | None = None
    """Absolute; None: the folder of the first file."""
    project_name: str | None = None
    """Given name; None: as Compose would find it."""
    span: Span | None = None
    """What names the set: a command, an entry of the configuration."""
    partial: bool = False
    """True for an overlay or fragment no base was found for."""
    stack: bool = False
    """True if it is deployed with `docker stack deploy`."""
    composed: bool = False
    """True if `docker compose config` reads the files, and the stack is what it writes."""
    env_names: tuple[str, ...] = ()
    """Absolute paths of the env files a command names, there or not; none: those that are there."""

    @property
    def is_for_swarm(self) -> bool:
        """True if it is deployed as a stack, or one of its files is called one."""
        return self.stack or any(_STACK.search(path) is not None for path in self.files)

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it from other sets; profiles and name come last."""
        return (
            self.files,
            self.project_directory,
            self.env_names,
            self.stack,
            self.profiles,
            self.project_name,
        )
