"""Where a command line runs, and what it comes to: what all readers of command lines share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from volint.parse.mountspec import clean
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.model import Command, Container
    from volint.source import Problem, Source, Word

__all__ = ["Interpreted", "Reader", "Scene"]


class Reader(Protocol):
    """What reads files for a command line; `volint.files.Files` does."""

    def read(self, path: str) -> Source | None:
        """Return the file at an absolute path, None where it is absent or cannot be read."""

    def exists(self, path: str) -> bool | None:
        """Return whether an absolute path is there; None where that may not be asked."""

    def listdir(self, path: str) -> tuple[str, ...] | None:
        """Return the names in a directory; None where they are not known."""

    def head(self, path: str, length: int) -> bytes | None:
        """Return the first bytes of a file; None where it cannot be read."""


class Scene(NamedTuple):
    """Where a command line runs."""

    program: str
    """docker, podman, nerdctl or compose."""
    cwd: str | None
    """Absolute working directory; None where unknown."""
    home: str | None
    """Absolute home directory; None where unknown."""
    env: Mapping[str, str] | None
    """The client's environment; None where unknown."""
    reader: Reader | None
    """What reads files; None: nothing is read."""
    donors: Mapping[str, Container]
    """Containers that --volumes-from can inherit from."""
    version: str
    """Docker's version, '28' or '29'."""

    def absolute(self, path: str) -> str | None:
        """Return a relative path of the client as an absolute one; None where that is unknown."""
        return clean(f"{self.cwd}/{path}") if self.cwd else None

    def path(self, word: Word) -> str | None:
        """Return the absolute path that a word names as the shell passes it; None where unknown."""
        value = word.value
        if not value or word.unresolved():
            return None
        if word.tilde:
            at_home = self.home is not None and (value == "~" or value.startswith("~/"))
            return clean(f"{self.home}{value[1:]}") if at_home else None
        return clean(value) if value.startswith("/") else self.absolute(value)


class Interpreted(NamedTuple):
    """What one command line does."""

    thing: Container | Command | None
    """The container it creates or the storage command it is; None if it is neither."""
    problems: tuple[Problem, ...] = ()
    """What the program refuses, what only fails at start, and notes on other versions."""
    refused: bool = False
    """True if the program or the Engine refuses the line, so that nothing is created."""
    compose: Command | None = None
    """Of `docker compose run`: the command, beside the container it creates."""
