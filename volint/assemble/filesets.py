"""Which Compose files belong together: the sets a repository really runs.

In each folder the default set that `docker compose` would find; overlays over the base they belong to;
`COMPOSE_FILE` of a `.env` beside them; every `docker compose -f a -f b` written in the repository; and the
sets that the configuration names. A file that stands alone and is in no set is a project of its own.
Source of the default names and their order: compose-go, cli/options.go.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from volint.assemble.shape import Shape
    from volint.model import Command
    from volint.source import Span

__all__ = ["SetSpec", "Written", "file_sets", "written_sets"]

BASES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
_YAML = regex(r"\.ya?ml$", re.IGNORECASE)


class SetSpec(NamedTuple):
    """One Compose project to load, and why volint thinks it exists."""

    files: tuple[str, ...]
    """Absolute paths, the base first."""
    reason: str
    """Why these files, in words for the user."""
    profiles: tuple[str, ...] = ()
    """Profiles that a command activates."""
    env_files: tuple[str, ...] | None = None
    """Absolute paths of the env files named; None: `.env` of the project directory."""
    project_directory: str | None = None
    """Absolute; None: the folder of the first file."""
    project_name: str | None = None
    """Given name; None: as Compose would find it."""
    span: Span | None = None
    """The command that names the set."""
    partial: bool = False
    """True for an overlay or fragment no base was found for."""


class Written(NamedTuple):
    """A `docker compose` command and where relative paths may start from."""

    command: Command
    """The command."""
    folders: tuple[str, ...]
    """Absolute folders to try in order: the script's own, the repository's root."""


def _options(command: Command, name: str) -> tuple[str, ...] | None:
    """Return the values of an option, None if one of them is not known."""
    values = command.options.get(name, ())
    if any(value.unresolved for value in values):
        return None
    return tuple(value.value for value in values)


def written_sets(written: Iterable[Written], known: Mapping[str, Shape]) -> list[SetSpec]:
    """Return the sets that commands name with -f, whose files are all there."""
    sets: dict[tuple[tuple[str, ...], str | None], SetSpec] = {}
    for command, folders in written:
        names = _options(command, "file")
        if not names:
            continue
        directory = (_options(command, "project-directory") or ("",))[-1]
        for folder in folders:
            files = tuple(os.path.normpath(os.path.join(folder, name)) for name in names)
            if all(file in known for file in files):
                break
        else:
            continue
        line = command.span.source.position(command.span.start)[0]
        spec = SetSpec(
            files,
            f"named in {command.span.source.path}:{line}",
            tuple(_options(command, "profile") or ()),
            tuple(
                os.path.normpath(os.path.join(folder, name))
                for name in _options(command, "env-file") or ()
            )
            or None,
            os.path.normpath(os.path.join(folder, directory)) if directory else None,
            None,
            command.span,
        )
        key = (files, spec.project_directory)
        other = sets.get(key)
        if other is None:
            sets[key] = spec
        else:
            profiles = tuple(dict.fromkeys((*other.profiles, *spec.profiles)))
            sets[key] = other._replace(
                profiles=profiles, env_files=other.env_files or spec.env_files
            )
    return list(sets.values())


def _base_names(name: str) -> list[str]:
    """Return the base names an overlay's name points to, likeliest first."""
    stem = _YAML.sub("", name)
    names: list[str] = []
    for separator in (".", "-", "_"):
        head, found, _ = stem.rpartition(separator)
        while found and head not in ("", "docker"):
            names.extend((head + ".yaml", head + ".yml"))
            head, found, _ = head.rpartition(separator)
    tail = stem.rpartition(".")[2]
    if tail in ("compose", "docker-compose"):
        names.extend((tail + ".yaml", tail + ".yml"))
    names.extend(BASES)
    return list(dict.fromkeys(other for other in names if other != name))


def _base_of(shape: Shape, path: str, known: Mapping[str, Shape]) -> str | None:
    """Return the file a file that does not stand alone is laid over, None if there is none."""
    folder, name = os.path.split(path)
    for place in (folder, os.path.dirname(folder)):
        for other in _base_names(name):
            candidate = os.path.join(place, other)
            base = known.get(candidate)
            if base is None or candidate == path or not base.readable:
                continue
            if shape.incomplete & base.services or (
                shape.missing and shape.missing <= base.declared
            ):
                return candidate
    return None


def file_sets(
    known: Mapping[str, Shape],
    written: Sequence[SetSpec],
    configured: Sequence[SetSpec],
    compose_file: Mapping[str, tuple[str, ...]],
) -> list[SetSpec]:
    """Return every project that the Compose files `known` (by absolute path) make, sorted by files.

    `written` and `configured` are sets named elsewhere; `compose_file` maps a folder to the files that
    COMPOSE_FILE of its `.env` names.
    """
    sets: list[SetSpec] = [*configured, *written]
    in_set = {file for spec in sets for file in spec.files}
    taken = {spec.files for spec in sets}
    referenced = {
        os.path.normpath(os.path.join(os.path.dirname(path), name.value))
        for path, shape in known.items()
        for name in shape.referenced
    }
    done: set[str] = set()
    folders: dict[str, set[str]] = {}
    for path in known:
        folder, name = os.path.split(path)
        folders.setdefault(folder, set()).add(name)
    for folder, names in folders.items():
        files = compose_file.get(folder)
        reason = "COMPOSE_FILE in .env"
        if not files or not all(file in known for file in files):
            base = next((name for name in BASES if name in names), None)
            if base is None:
                continue
            override = next((name for name in OVERRIDES if name in names), None)
            files = (os.path.join(folder, base),)
            reason = "default file"
            if override is not None:
                files += (os.path.join(folder, override),)
                reason = "default files"
        if files in taken:
            done.update(files)
            continue
        base_shape = known[files[0]]
        # Some repositories split one project over files that are only ever named together.
        if files[0] in in_set and base_shape.readable and not base_shape.stands_alone:
            done.update(files)
            continue
        # What another file includes may use what that file declares.
        if files[0] in referenced and base_shape.readable and base_shape.missing:
            done.update(files)
            continue
        sets.append(SetSpec(files, reason))
        taken.add(files)
        done.update(files)
    done |= in_set
    for path, shape in known.items():
        if path in done:
            continue
        name = os.path.basename(path)
        base = None
        if shape.readable and (shape.missing or not shape.stands_alone):
            base = _base_of(shape, path, known)
        if base is not None:
            reason = f"{name} is an overlay of {os.path.basename(base)}"
            sets.append(SetSpec((base, path), reason))
        elif shape.stands_alone or not shape.readable:
            sets.append(SetSpec((path,), "file of its own"))
        elif path not in referenced:
            sets.append(SetSpec((path,), "fragment", partial=True))
    sets.sort(key=lambda spec: (spec.files[-1], spec.files, spec.reason))
    return sets
