"""Podman quadlets: `.container`, `.volume` and `.build` units into what they ask podman for.

After podman-systemd.unit(5). A container is given as the words of the `podman run` that the generator
makes of it, each at the place of the value it comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit, build
from volint.parse.unitfile import assignments, sections, split, value_word
from volint.record import NamedTuple
from volint.source import Piece, Span, Text, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.parse.unitfile import Section
    from volint.source import Source

__all__ = ["Quadlet", "read"]

_FLAGS = {
    "Volume": "-v",
    "Mount": "--mount",
    "Tmpfs": "--tmpfs",
    "Secret": "--secret",
    "EnvironmentFile": "--env-file",
    "AddDevice": "--device",
    "Network": "--network",
    "PublishPort": "-p",
}
"""Keys that may be repeated, and the flag each value goes to."""

_SINGLE = {
    "ContainerName": "--name",
    "User": "--user",
    "WorkingDir": "--workdir",
    "Entrypoint": "--entrypoint",
    "Memory": "--memory",
    "HealthCmd": "--health-cmd",
    "Pull": "--pull",
}
"""Keys whose last value counts, and the flag it goes to."""

_SOURCE = regex(r"(?:^|,)(?:source|src)=([^,]*)")
_BOOLEANS = {"ReadOnly": "--read-only", "RunInit": "--init", "NoNewPrivileges": ""}
_TRUE = frozenset(("1", "yes", "true", "on", "y", "t"))


class Quadlet(NamedTuple):
    """One quadlet."""

    kind: str
    """'container', 'volume' or 'build'."""
    name: str
    """The unit's name without its suffix."""
    span: Span
    """The heading of its section."""
    words: tuple[Word, ...]
    """The words of `podman run`, `podman volume create` or `podman build`."""
    values: tuple[tuple[str, Span], ...]
    """Keys and the places of their values, for those that became mounts."""
    real_name: Text
    """`ContainerName=` or `VolumeName=`; else 'systemd-' and the unit's name, as podman calls it."""


def read(source: Source, dropins: Iterable[Source] = ()) -> Quadlet | None:
    """Read a quadlet and the drop-ins that extend it; None if it has no section that volint reads."""
    name = source.path.rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    own = sections(source)
    parts = [*own, *(part for dropin in dropins for part in sections(dropin))]
    for section in own:
        if section.name == "Container" and suffix != "volume":
            return _container(section, stem, _merged(parts, "Container"))
        if section.name == "Volume" and suffix != "container":
            return _volume(section, stem, _merged(parts, "Volume"))
        if section.name == "Build" and suffix == "build":
            return _build(section, stem, _merged(parts, "Build"))
    return None


def _merged(parts: Iterable[Section], name: str) -> Section:
    """Return all sections of one name as one."""
    found = [part for part in parts if part.name == name]
    entries = tuple(entry for part in found for entry in part.entries)
    return found[0]._replace(entries=entries)


def _flag(text: str, at: Span) -> Word:
    return Word(text, at, (Piece(0, at.start, at.end, True),))


def _container(heading: Section, stem: str, section: Section) -> Quadlet:
    words = [_flag("podman", heading.span), _flag("run", heading.span)]
    values: list[tuple[str, Span]] = []
    for entry in section.entries:
        key = entry.key.value
        if key in _FLAGS and entry.value in section.values(key):
            word = value_word(entry.value)
            if key == "Volume":
                word = _named_volume(word, 0, word.value.find(":"))
            elif key == "Mount":
                source = _SOURCE.search(word.value)
                word = _named_volume(word, *source.span(1)) if source else word
            words += (_flag(_FLAGS[key], entry.key.span), word)
            values.append((key, word.span))
    for _, _, whole in assignments(section.values("Environment")):
        words += (_flag("-e", whole.span), whole)
    for key, flag in _SINGLE.items():
        value = section.last(key)
        if value is not None:
            words += (_flag(flag, value.span()), value_word(value))
    for key, flag in _BOOLEANS.items():
        value = section.last(key)
        if value is not None and flag and value.value.strip().lower() in _TRUE:
            words.append(_flag(flag, value.span()))
    for value in section.values("PodmanArgs"):
        words += split(value)
    image = section.last("Image") or section.last("Rootfs")
    if image is not None:
        words.append(value_word(image))
        command = section.last("Exec")
        if command is not None:
            words += split(command, variables=True)
    name = section.last("ContainerName")
    real = value_word(name).text() if name else Text(f"systemd-{stem}", heading.span)
    return Quadlet("container", stem, heading.span, tuple(words), tuple(values), real)


def _named_volume(word: Word, start: int, end: int) -> Word:
    """Return a mount whose source, word[start:end], is a `.volume` unit with the name podman gives that volume."""
    source = word.value[start : max(start, end)]
    if not source.endswith(".volume") or "/" in source or word.pieces:
        return word
    at = word.span.start
    stem = source[: -len(".volume")]
    bits = [
        Bit(word.value[:start], at, at + start),
        Bit(f"systemd-{stem}", at + start, at + end, True),
        Bit(word.value[end:], at + end, word.span.end),
    ]
    return build(word.span.source, bits)


def _volume(heading: Section, stem: str, section: Section) -> Quadlet:
    at = heading.span
    words = [_flag("podman", at), _flag("volume", at), _flag("create", at)]
    driver = section.last("Driver")
    if driver is not None:
        words += (_flag("--driver", driver.span()), value_word(driver))
    for key, option in (("Type", "type"), ("Device", "device"), ("Options", "o")):
        value = section.last(key)
        if value is not None:
            start = value.span().start
            bits = [Bit(f"{option}=", start, start, True), *value.bits]
            words += (_flag("--opt", value.span()), build(value.source, bits))
    for _, _, whole in assignments(section.values("Label")):
        words += (_flag("--label", whole.span), whole)
    named = section.last("VolumeName")
    name = value_word(named) if named else _flag(f"systemd-{stem}", at)
    return Quadlet("volume", stem, at, (*words, name), (), name.text())


def _build(heading: Section, stem: str, section: Section) -> Quadlet:
    at = heading.span
    words = [_flag("podman", at), _flag("build", at)]
    for key, flag in (("ImageTag", "-t"), ("Volume", "-v"), ("Secret", "--secret")):
        for value in section.values(key):
            words += (_flag(flag, value.span()), value_word(value))
    for key, flag in (("Target", "--target"), ("File", "-f")):
        last = section.last(key)
        if last is not None:
            words += (_flag(flag, last.span()), value_word(last))
    for value in section.values("PodmanArgs"):
        words += split(value)
    file, folder = section.last("File"), section.last("SetWorkingDirectory")
    context = _flag(".", at)
    if folder is not None and folder.value not in ("file", "unit"):
        context = value_word(folder)
    elif file is not None and (folder is None or folder.value == "file"):
        context = _flag(file.value.rpartition("/")[0] or ".", file.span())
    return Quadlet("build", stem, at, (*words, context), (), Text(f"systemd-{stem}", at))
