"""What COPY and ADD take from where, and where they put it.

From BuildKit v0.32, dockerfile2llb/convert_copy.go and dfgitutil.ParseGitRef.
"""

from __future__ import annotations

import posixpath
import re
from enum import Enum
from typing import TYPE_CHECKING

from volint.parse.dockerfile_expand import SubstitutionError
from volint.parse.dockerfile_words import heredoc_word
from volint.record import NamedTuple

if TYPE_CHECKING:
    from volint.model import Step
    from volint.source import Text, Word

__all__ = [
    "CopySource",
    "SourceKind",
    "below",
    "copy_destination",
    "copy_sources",
    "is_git",
    "is_heredoc",
    "is_remote",
    "joined",
]

_SCP = r"[A-Za-z0-9-_]+@[A-Za-z0-9-.]+:"
_GIT_PATH = r"(?i)https?://[^?#]*\.git(?:[?#]|\Z)"


class SourceKind(str, Enum):
    """Where a source of COPY or ADD comes from."""

    CONTEXT = "context"
    STAGE = "stage"
    IMAGE = "image"
    URL = "url"
    GIT = "git"
    HEREDOC = "heredoc"


class CopySource(NamedTuple):
    """One source of a COPY or ADD."""

    kind: SourceKind
    """Where it comes from; IMAGE also for a named context."""
    text: Text
    """The source as written, variables filled in."""
    root: str = ""
    """Absolute path, below the root of the context, stage or image, that the pattern is matched in:
    '/', or what stands before '/./' under --parents."""
    pattern: str = ""
    """Cleaned path or wildcard pattern (Go's filepath.Match) relative to `root`; '' for all of it."""
    parents: bool = False
    """True if the directories of the path appear in the destination, too."""
    stage: int | None = None
    """Index of the stage, where the kind is STAGE."""
    image: Text | None = None
    """The value of --from, where the kind is IMAGE."""
    body: Text | None = None
    """The content, where the kind is HEREDOC."""


def copy_sources(step: Step) -> tuple[CopySource, ...]:
    """Return the sources of a COPY or ADD step; what --exclude takes away is not looked at."""
    names = [_heredoc_name(word.value) for word in step.words[:-1]]
    bodies = dict(zip(filter(None, names), step.heredocs, strict=False))
    origin = step.flags.get("from", (None,))[-1]
    if origin is not None and not origin.value:
        origin = None
    parents = "parents" in step.flags and step.flags["parents"][-1].value.lower() != "false"
    found: list[CopySource] = []
    for word, heredoc in zip(step.words[:-1], names, strict=True):
        if heredoc is not None:
            found.append(CopySource(SourceKind.HEREDOC, word, body=bodies.get(heredoc)))
        elif is_git(word.value):
            found.append(CopySource(SourceKind.GIT, word))
        elif is_remote(word.value):
            found.append(CopySource(SourceKind.URL, word))
        else:
            root, pattern = _split(word.value, parents)
            kind = SourceKind.CONTEXT
            if step.from_index is not None:
                kind = SourceKind.STAGE
            elif origin is not None:
                kind = SourceKind.IMAGE
            image = origin if kind is SourceKind.IMAGE else None
            found.append(CopySource(kind, word, root, pattern, parents, step.from_index, image))
    return tuple(found)


def _split(path: str, parents: bool) -> tuple[str, str]:
    root = "/"
    if parents and "/./" in path:
        root, _, path = path.partition("/./")
        root = _absolute(root)
    return root, _absolute(path)[1:]


def _absolute(path: str) -> str:
    return "/" + posixpath.normpath("/" + path).lstrip("/")


def copy_destination(step: Step) -> str:
    """Return where a COPY or ADD puts its files: an absolute, cleaned path; '/' or '/.' at its end is kept."""
    path = step.words[-1].value if step.words else ""
    if path in ("", "."):
        path = "./"
    below = _absolute(joined(step.workdir, path))
    if path.endswith("/"):
        return below if below.endswith("/") else below + "/"
    if path.endswith("/."):
        return below.rstrip("/") + "/."
    return below


def joined(parent: str, path: str) -> str:
    """Return a path below a directory: Go's path.Join("/", parent, path) for a relative one.

    An absolute path stays as it is, uncleaned, as BuildKit leaves it.
    """
    if path.startswith("/"):
        return path
    return _absolute(parent + "/" + path) if path else parent


def below(workdir: str, path: Word) -> str:
    """Return a path relative to the working directory as an absolute one.

    One that begins with an unknown variable is taken for absolute.
    """
    if path.pieces and path.pieces[0].unresolved:
        return path.value
    return joined(workdir, path.value)


def _heredoc_name(word: str) -> str | None:
    if "<<" not in word:
        return None
    try:
        heredoc = heredoc_word(word)
    except SubstitutionError:
        return None
    return heredoc.name if heredoc else None


def is_heredoc(word: str) -> bool:
    """Return whether a word of COPY or ADD stands for a here-document."""
    return _heredoc_name(word) is not None


def is_git(source: str) -> bool:
    """Return whether ADD takes a source for a Git repository (BuildKit dfgitutil.ParseGitRef)."""
    if "://" in source:
        scheme = source.partition("://")[0].lower()
        return scheme in ("git", "ssh") or re.match(_GIT_PATH, source) is not None
    return "@" in source and re.match(_SCP, source) is not None


def is_remote(source: str) -> bool:
    """Return whether ADD fetches a source from elsewhere."""
    return source.startswith(("http://", "https://")) or is_git(source)
