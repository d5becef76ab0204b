"""What the model asks the disk for when a rule first looks: answered by `assemble`, only named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model.builds import ContextFile, Stage, Step

__all__ = [
    "ContextFiles",
    "Surroundings",
]


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

    def is_tracked(self, path: str) -> bool:
        """Return whether git tracks an absolute path, or anything below it."""

    def is_made(self, path: str, folder: str) -> bool:
        """Return whether a script, a document or the like near the project's folder names that very path."""

    def sets(self, variable: str, folder: str, besides: str | None = None) -> bool:
        """Return whether a file of the repository that is no Compose file, nor `besides`, names a variable."""
