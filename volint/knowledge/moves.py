"""What puts a container's data at another path than the image's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.knowledge.commands import flag_values, variables
from volint.lazy import regex
from volint.parse.gopath import path_clean
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.knowledge.images import Image, Move, Place
    from volint.model import Container
    from volint.source import Text

__all__ = ["DataPath", "moved"]

_BRACES = regex(r"\{(\d+)\.\.\.(\d+)\}")
_URL = regex(r"[a-z][a-z0-9+.-]*:(?://[^/]*)?(/.*)?", re.I)
_UNKNOWN = regex(r"\$\{?[A-Za-z_]|\{\{|<")


class DataPath(NamedTuple):
    """A path at which a container keeps state."""

    path: str
    """Absolute path in the container."""
    place: Place
    """What the knowledge says of the path (of the default path, where it was moved)."""
    moved_by: Text | None = None
    """The value of the variable or flag that puts it there; None at its default."""
    missing: str = ""
    """The flag that would put it at the place's path, and which the command lacks that begins with `moved_by`."""


def moved(
    image: Image, place: Place, container: Container, words: list[Text]
) -> tuple[list[DataPath], bool]:
    """Return the paths a data path is moved to, and whether something unknown moves it."""
    for move in image.moves:
        if move.path and move.path != place.path:
            continue
        if move.kind == "command":
            return _own_command(image, move, place, words)
        values = list(_values(move, container, words))
        if not values:
            continue
        found: list[DataPath] = []
        for value in values:
            for path in _paths(value.value, move):
                if _UNKNOWN.search(path) or not path.startswith("/"):
                    return [], True
                found.append(DataPath(path_clean(path), place, value))
        if found:
            return found, False
    return [], False


def _own_command(
    image: Image, move: Move, place: Place, words: list[Text]
) -> tuple[list[DataPath], bool]:
    """Return where the data goes under a command without the flag that names the data path."""
    path, *programs = move.names
    names = [word.value.rpartition("/")[2] for word in words]
    if not words or (programs and not any(name in programs for name in names)):
        return [], False
    if any(word.value.partition("=")[0] in move.unless for word in words):
        return [], False
    if any(word.unresolved or _UNKNOWN.search(word.value) for word in words):
        return [], True
    flag = next(other.names[0] for other in image.moves if other.kind == "flag")
    return [DataPath(path, place, words[0], flag)], False


def _values(move: Move, container: Container, words: list[Text]) -> Iterator[Text]:
    if move.kind == "env":
        for name, value in variables(container).items():
            if name in move.names and value is not None and value.value:
                yield value
    elif move.kind == "flag":
        for name in move.names:
            yield from flag_values(words, name)
    elif move.kind == "arg":
        for index, word in enumerate(words):
            if word.value in move.names:
                for argument in words[index + 1 :]:
                    if argument.value.startswith(("/", "./", "http://", "https://", "$")):
                        yield argument
                return
    elif move.kind == "url":
        for word in words:
            if word.value.partition(":")[0] in move.names and ":" in word.value:
                yield word


def _paths(value: str, move: Move) -> list[str]:
    """Return the directories a value names: '/a,/b', 'path=/a', 'rocksdb:/a', '/data{1...4}'."""
    if move.kind == "url" or move.form == "url":
        found = _URL.fullmatch(value)
        return [found[1]] if found is not None and found[1] else []
    paths: list[str] = []
    for part in re.split(r"[,\s]+", value.strip()):
        part = part.removeprefix("path=")
        if part.startswith(("http://", "https://")):
            part = "/" + part.partition("://")[2].partition("/")[2]
        if not part or ("=" in part and not part.startswith("/")):
            continue
        braces = _BRACES.search(part)
        if braces and int(braces[2]) - int(braces[1]) < 64:
            paths += (
                part[: braces.start()] + str(number) + part[braces.end() :]
                for number in range(int(braces[1]), int(braces[2]) + 1)
            )
        else:
            paths.append(part)
    if move.form == "file":
        paths = [path.rpartition("/")[0] or "/" for path in paths]
    if move.below:
        paths = [f"{path.rstrip('/')}/{move.below}" for path in paths]
    return paths
