"""Paths that a container's variables and command name as places of its state: databases in files, data directories, logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.analysis.shields import working_directory
from volint.knowledge import variables_of, within
from volint.knowledge.commands import command_words
from volint.lazy import regex
from volint.parse.gopath import path_clean
from volint.record import NamedTuple
from volint.source import Span, Text

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from volint.model import Container

__all__ = ["StatePath", "state_paths"]

_SQLITE = regex(
    r"(?:sqlite3?(?:\+\w+)?:(?:///?)?|jdbc:sqlite:|file:(?=[^?]*\.(?:db|sqlite3?)\b))(?P<path>[^?]*)(?:\?.*)?"
)
_DATABASE = regex(
    r"(?:^|_)(?:SQLITE|DB|DATABASE)_(?:PATH|FILE|FILENAME|FILEPATH|LOCATION|DIR|DIRECTORY)$|^SQLITE_DB$"
)
_DIRECTORY = regex(
    r"(?:^|_)(?:DATA|STATE|STORAGE|UPLOADS?|MEDIA)_(?:DIR|DIRECTORY|PATH|ROOT|FOLDER|LOCATION)$"
)
_LOG = regex(r"(?:^|_)LOG_?(?:FILE|PATH|DIR|FILENAME|DIRECTORY)$")
_FLAG = regex(
    r"--?(?:(?P<db>(?:sqlite|db|database)(?:-?(?:path|file|dir))?)|(?P<data>(?:data|state|storage|upload)s?-?(?:dir|directory|path|root))|"
    r"(?P<log>log-?(?:file|path|dir)))"
)
_FILE = regex(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")
_SCRATCH = ("/tmp", "/var/tmp", "/run", "/var/run", "/dev", "/proc", "/var/cache")


class StatePath(NamedTuple):
    """A place of state that a container is told to use."""

    path: str
    """Absolute path in the container."""
    kind: str
    """'database', 'data' or 'log'."""
    text: Text
    """The value that names it."""
    name: str
    """The variable or flag."""
    other: str = ""
    """The path as another reading has it: `sqlite:///data/x.db` is relative to some programs, absolute to others."""

    @property
    def directory(self) -> str:
        """The directory that has to be kept: of a file the one it lies in."""
        last = self.path.rpartition("/")[2]
        return self.path.rpartition("/")[0] or "/" if _FILE.search(last) else self.path

    def place(self) -> Span:
        """Return where the path is written, or the whole value where it is not written as it is."""
        span = self.text.span
        written = span.text()
        at = written.find(self.path)
        return (
            Span(span.source, span.start + at, span.start + at + len(self.path))
            if at >= 0
            else span
        )


def state_paths(container: Container) -> Iterator[StatePath]:
    """Yield the places that variables and flags name; relative ones where the working directory is known."""
    workdir = working_directory(container)
    for name, value in variables_of(container).items():
        if value is not None and value.value and not value.unresolved:
            kind, path = _of_variable(name, value.value)
            yield from _made(kind, path, value, name, workdir)
    words = command_words(container)
    for index, word in enumerate(words):
        flag, sign, given = word.value.partition("=")
        match = _FLAG.fullmatch(flag)
        if match is None or word.unresolved:
            continue
        kind = "database" if match["db"] else "data" if match["data"] else "log"
        if sign:
            value = word
        elif index + 1 < len(words):
            value = words[index + 1]
            given = value.value
        else:
            continue
        found = _SQLITE.fullmatch(given)
        yield from _made(kind, _sqlite_path(found) if found else given, value, flag, workdir)


def _of_variable(name: str, value: str) -> tuple[str, str]:
    """Return what kind of state a variable names and its path; ('', '') if it names none."""
    found = _SQLITE.fullmatch(value)
    if found is not None:
        return "database", _sqlite_path(found)
    if " " in value or ":" in value or "," in value:
        return "", ""
    for kind, pattern in (("database", _DATABASE), ("data", _DIRECTORY), ("log", _LOG)):
        if pattern.search(name):
            return kind, value
    return "", ""


def _sqlite_path(found: re.Match[str]) -> str:
    """Return the path of a URL: `sqlite:///app.db` is relative, `sqlite:////app.db` absolute (SQLAlchemy)."""
    path = found["path"]
    return "" if ":memory:" in path or not path.strip("/") else path


def _made(kind: str, given: str, text: Text, name: str, workdir: str) -> Iterator[StatePath]:
    path = given
    if not kind or not path or "$" in path or "{" in path or path.startswith("~"):
        return
    if not path.startswith("/"):
        if not workdir or ("/" not in path and not _FILE.search(path)):
            return
        path = f"{workdir}/{path}"
    path = path_clean(path)
    if path != "/" and not any(within(path, scratch) for scratch in _SCRATCH):
        rooted = (
            path_clean(f"/{given}") if text.value.partition("?")[0].endswith(f":///{given}") else ""
        )
        yield StatePath(path, kind, text, name, rooted)
