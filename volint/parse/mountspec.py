"""The one-string forms of a mount: Compose's short syntax and the docker CLI's -v.

Both programs split at colons alike; what they make of the fields differs. Offsets count in the
spec's own characters, so that a caller can point at a field, an option or a colon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "UNKNOWN",
    "Complaint",
    "Field",
    "Reading",
    "ShortSpec",
    "clean",
    "cli_short",
    "compose_short",
    "is_drive",
    "list_options",
]

UNKNOWN = "\ue000"
"""Stands for each character of an unknown variable's text, so that nothing is read into it."""

PROPAGATIONS = frozenset({"private", "rprivate", "shared", "rshared", "slave", "rslave"})


class Field(NamedTuple):
    """A part of a spec and where it stands."""

    text: str
    """The text, after unquoting where there are quotes."""
    start: int
    """Offset of its first character in the spec."""
    end: int
    """Offset after its last character."""


class Complaint(NamedTuple):
    """Why a program refuses a spec, and at which of its characters."""

    message: str
    """One sentence that quotes the offending text."""
    start: int
    """Offset of the offending text in the spec."""
    end: int
    """Offset after it."""
    help: str = ""
    """What to type instead."""
    starting: bool = False
    """True if the container is created and only fails to start."""


class Reading(NamedTuple):
    """One mount as a program reads it."""

    kind: str
    """A value of MountKind."""
    source: Field | None
    """Host path, volume name or image as written; None if there is none."""
    target: Field
    """Path in the container, cleaned as the program cleans it."""
    read_only: bool = False
    """True if the container cannot write through it."""
    options: dict[str, tuple[str | int | bool, int, int]] = {}
    """Options by the names of the mount model, each with its offsets."""
    mode: Field | None = None
    """The mode field of a one-string form."""
    resolved: str | None = None
    """Absolute host path of a bind mount, cleaned; None where it is not known."""
    implicit: bool = False
    """True for -v with a target alone: it gives way to any other mount on that target."""


class ShortSpec(NamedTuple):
    """A short-syntax mount after splitting."""

    source: str | None
    """Host path or volume name as written; None for an anonymous volume."""
    target: str
    """Path in the container, cleaned; what was written is the slice of its field."""
    kind: Literal["bind", "volume"]
    """What the source makes of it."""
    read_only: bool
    """True after `ro`; the last of `ro` and `rw` wins."""
    nocopy: bool
    """True after `nocopy`."""
    selinux: str
    """'z', 'Z' or ''."""
    propagation: str
    """The last propagation word, or ''."""
    options: tuple[str, ...]
    """All words of the third field, the ignored ones too."""
    fields: tuple[tuple[int, int], ...]
    """Start and end of each field in the spec: (target), (source, target) or (source, target, options)."""


def clean(path: str) -> str:
    """Return the path without `.`, `..`, doubled and trailing slashes, as Go's path.Clean does.

    An empty path gives '.'; unlike posixpath.normpath a leading '//' becomes '/'.
    """
    if path and "//" not in path and "/." not in path and path[0] != ".":
        return path.rstrip("/") or "/"
    rooted = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part != "..":
            kept.append(part)
        elif kept and kept[-1] != "..":
            kept.pop()
        elif not rooted:
            kept.append(part)
    joined = "/".join(kept)
    return "/" + joined if rooted else joined or "."


def is_drive(spec: str, start: int, colon: int) -> bool:
    """Return whether spec[start:colon] is one letter, which a following ':' makes a Windows drive."""
    return colon == start + 1 and spec[start].isalpha()


def is_path(source: str) -> bool:
    """Return whether Compose and the CLI take a source for a host path and not for a volume's name."""
    return (
        source[:1] in (".", "/", "~")
        or source[:2] == "\\\\"
        or (source[1:2] == ":" and source[0].isalpha())
    )


def byte_length(text: str) -> int:
    """Return the number of bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def split_fields(spec: str, *, substitutions: bool) -> tuple[tuple[int, int], ...] | str:
    """Split a spec of at least three bytes at its colons; a str is the reason why that fails.

    A colon after a field of one letter belongs to a drive, in every field. With `substitutions`
    a colon inside `${...}` does not split, and a field whose `${` is never closed is empty.
    """
    fields: list[tuple[int, int]] = []
    start = depth = 0
    for at, char in enumerate(spec):
        if substitutions and char == "$" and spec[at + 1 : at + 2] == "{":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif char == ":" and not depth and not is_drive(spec, start, at):
            if at == start:
                return _EMPTY_FIELD
            if len(fields) == 2:
                return _TOO_MANY
            fields.append((start, at))
            start = at + 1
    if start == len(spec):
        return _EMPTY_FIELD
    fields.append((len(spec) if depth else start, len(spec)))
    return tuple(fields)


_EMPTY_FIELD = "there is nothing between two colons, or before the first or after the last one"
_TOO_MANY = "it has more than three fields"


def list_options(field: Field) -> Iterator[Field]:
    """Yield the words of a field that are separated by commas, empty ones too."""
    start = field.start
    for word in field.text.split(","):
        yield Field(word, start, start + len(word))
        start += len(word) + 1


def cli_short(spec: str) -> tuple[tuple[int, int], ...] | Complaint:
    """Split a -v value as the docker CLI does, which asks the Engine only after that.

    Returns the offsets of (target), (source, target) or (source, target, mode).
    Source: docker CLI 28 and 29, internal/volumespec.
    """
    if not spec:
        return Complaint("the value of -v is empty", 0, 0, "name a volume and a path in it")
    if byte_length(spec) <= 2:
        return ((0, len(spec)),)
    fields = split_fields(spec, substitutions=False)
    if isinstance(fields, str):
        return Complaint(f"'{spec}' is no valid volume: {fields}", 0, len(spec), SHORT_FORM)
    return fields


SHORT_FORM = "write 'SOURCE:TARGET' or 'SOURCE:TARGET:MODE'"


def first_option(words: Iterable[Field], names: Iterable[str]) -> Field | None:
    """Return the first word that is one of the names."""
    for word in words:
        if word.text in names:
            return word
    return None


def compose_short(spec: str) -> ShortSpec | str:
    """Read one string of a service's `volumes` as Compose does; a str is the reason of its refusal.

    A spec of one or two bytes is a target whatever it looks like, so `v:` is an anonymous volume.
    Unknown words among the options are ignored, as Compose ignores them.
    Source: compose-go 2.14, format.ParseVolume and the cleaning of targets.
    """
    if not spec:
        return "it is empty"
    if byte_length(spec) <= 2:
        fields: tuple[tuple[int, int], ...] | str = ((0, len(spec)),)
    else:
        fields = split_fields(spec, substitutions="${" in spec)
    if isinstance(fields, str):
        return fields
    place = fields[min(1, len(fields) - 1)]
    target = clean(spec[slice(*place)]) if place[0] < place[1] else ""
    if len(fields) == 1:
        return ShortSpec(None, target, "volume", False, False, "", "", (), fields)
    source = spec[slice(*fields[0])]
    options = tuple(spec[slice(*fields[2])].split(",")) if len(fields) == 3 else ()
    read_only = nocopy = False
    selinux = propagation = ""
    for word in options:
        if word in ("ro", "rw"):
            read_only = word == "ro"
        elif word == "nocopy":
            nocopy = True
        elif word in ("z", "Z"):
            selinux = word
        elif word in PROPAGATIONS:
            propagation = word
    kind: Literal["bind", "volume"] = "bind" if is_path(source) else "volume"
    return ShortSpec(source, target, kind, read_only, nocopy, selinux, propagation, options, fields)
