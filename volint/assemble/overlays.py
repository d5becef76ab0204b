"""The base that a Compose file which does not stand alone is laid over, told from names and contents.

Names say where to look first (`compose.prod.yaml` over `compose.yaml`), contents decide: a base gives the
services, volumes, networks that the overlay uses and does not declare. A file that could stand alone is an
overlay only where it merely tweaks services that the base describes, configures a volume that only the base
mounts, or gives services of the base the image that they lack there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.assemble.compose.locate import BASES, OVERRIDES
from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.assemble.catalog import Catalog
    from volint.assemble.shape import Shape

__all__ = ["Overlays"]

_YAML = regex(r"(?i)\.ya?ml$")
_COMMON = ("base", "common", "default", "shared")
"""What files and folders that others are laid over are called."""
_LEVELS = 3
"""How many folders up a base is looked for."""
_MOST = 8
"""How many files are laid over each other."""
_WIRING = frozenset(
    (
        "configs", "depends_on", "env_file", "expose", "links", "network_mode", "networks", "ports", "secrets",
        "volumes", "volumes_from",
    )
)  # fmt: skip
"""Keys that tie a service to the rest: one without any of them is seldom described whole."""


class Overlays:
    """Finds bases among the files of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._found: dict[str, tuple[str, ...] | None] = {}
        self._active: set[str] = set()

    def under(self, path: str) -> tuple[str, ...] | None:
        """Return the absolute paths, the base first, that a file is laid over; None if none are known."""
        if path in self._found:
            return self._found[path]
        # Files that are laid over each other have no base.
        if path in self._active or len(self._active) == _MOST:
            return None
        shape = self._catalog.get(path)
        if shape is None or not shape.readable:
            return None
        self._active.add(path)
        found = self._under(path, shape)
        self._active.discard(path)
        if not self._active:
            self._found[path] = found
        return found

    def directory_of(self, path: str) -> str | None:
        """Return the folder above a file from which its paths lead to what is there, if they do so from nowhere nearer.

        That is where a file with services of its own is run from. None: its own folder, or unknown.
        """
        shape = self._catalog.get(path)
        if shape is None or not shape.paths:
            return None
        own = folder = os.path.dirname(path)
        root = self._catalog.files.root_of(path)
        for _ in range(_LEVELS + 1):
            if any(self._leads(folder, way) for way in shape.paths):
                return folder if folder != own and self._catalog.default(folder) else None
            if folder == root:
                break
            folder = os.path.dirname(folder)
        return None

    def _leads(self, folder: str, way: str) -> bool:
        return self._catalog.files.exists(os.path.normpath(os.path.join(folder, way))) is True

    def is_given_elsewhere(self, path: str) -> bool:
        """Return whether other files of the folder give all that a file lacks, whichever they are."""
        shape = self._catalog.get(path)
        givers = self._catalog.givers(os.path.dirname(path))
        return shape is not None and all(
            any(other != path for other in givers.get(entry, ())) for entry in shape.needs
        )

    def halves(self, path: str) -> frozenset[str]:
        """Return the files that are called overlays of this one and each give all images that it lacks."""
        shape = self._catalog.get(path)
        if shape is None or not shape.incomplete or shape.missing:
            return frozenset()
        folder, name = os.path.split(path)
        givers = self._catalog.givers(folder)
        return frozenset(
            other
            for other in set.intersection(
                *(set(givers.get(("services", lacking), ())) for lacking in shape.incomplete)
            )
            if os.path.basename(other) not in OVERRIDES
            and other != path
            and name == next(iter(_base_names(os.path.basename(other))), None)
        )

    def _under(self, path: str, shape: Shape) -> tuple[str, ...] | None:
        if shape.needs:
            return None if self.halves(path) else self._giving(path, shape)
        for candidate in self._there(os.path.dirname(path), _base_names(os.path.basename(path))):
            base = self._catalog.get(candidate)
            if base is None or not base.readable:
                continue
            if path in self.halves(candidate):
                return (candidate,)
            if (
                _merely_tweaks(shape, base)
                or (not shape.services and shape.declared & self._catalog.gives((candidate,)))
                or _configures(shape, base)
            ):
                return self._whole(candidate)
        above = self.directory_of(path)
        default = self._catalog.default(above) if above else None
        if default is not None:
            base = self._catalog.get(default.files[0])
            if base is not None and not shape.services.keys() & base.services.keys():
                return default.files[:1]
        return None

    def _giving(self, path: str, shape: Shape) -> tuple[str, ...] | None:
        """Return what gives all that a file needs: one base, with its override, or with other overlays."""
        gives, needs = self._catalog.gives, shape.needs
        started: list[tuple[str, ...]] = []
        for candidate in self._named(path, far=bool(shape.incomplete)):
            files = self._whole(candidate)
            if files is None or path in files:
                continue
            given = gives(files)
            if needs <= given:
                return files
            if needs & given:
                started.append(files)
                default = self._catalog.default(os.path.dirname(candidate))
                both = default.files if default and default.files[0] == candidate else ()
                if path not in both and needs <= gives(both):
                    return both
        givers = self._catalog.givers(os.path.dirname(path))
        alone = set.intersection(*(set(givers.get(entry, ())) for entry in needs)) - {path}
        if len(alone) == 1:
            return self._whole(*alone)
        for files in started:
            whole = self._completed(path, files, needs)
            if whole is not None:
                return whole
        return None

    def _completed(
        self, path: str, files: tuple[str, ...], needs: frozenset[tuple[str, str]]
    ) -> tuple[str, ...] | None:
        """Return the files with those that alone give what is still lacking; None if that is open."""
        by_entry = self._catalog.givers(os.path.dirname(path))
        given = self._catalog.gives(files)
        lacking = set(needs - given)
        while lacking:
            entry = min(lacking)
            givers = [other for other in by_entry.get(entry, ()) if other != path]
            shape = self._catalog.get(givers[0]) if len(givers) == 1 else None
            if shape is None or givers[0] in files or len(files) == _MOST:
                return None
            files = (*files, givers[0])
            given |= self._catalog.gives(givers)
            lacking = (lacking | shape.needs) - given
        return files

    def _whole(self, path: str) -> tuple[str, ...] | None:
        """Return a base with what it is itself laid over; None if it is no base."""
        shape = self._catalog.get(path)
        if shape is None or not shape.readable:
            return None
        below = self.under(path)
        if below is not None:
            return (*below, path)
        return None if shape.needs else (path,)

    def _named(self, path: str, *, far: bool = True) -> Iterator[str]:
        """Yield the files that an overlay's name and folder point to and that are there, likeliest first."""
        folder, name = os.path.split(path)
        names = _base_names(name)
        yield from self._there(folder, names)
        above = os.path.dirname(folder)
        yield from self._there(above, (name, *names))
        if far:
            for sibling in _COMMON:
                yield from self._there(os.path.join(above, sibling), (name, *names))
            for _ in range(_LEVELS):
                above = os.path.dirname(above)
                yield from self._there(above, (name, *names))

    def _there(self, folder: str, names: Sequence[str]) -> Iterator[str]:
        known = self._catalog.folders.get(folder)
        if known:
            for name in names:
                if name in known:
                    yield os.path.join(folder, name)


def _base_names(name: str) -> list[str]:
    """Return the base names an overlay's name points to, likeliest first."""
    stem = _YAML.sub("", name)
    stems: list[str] = []
    if name not in OVERRIDES:
        for separator in (".", "-", "_"):
            head, found, _ = stem.rpartition(separator)
            while found and head not in ("", "docker"):
                if not head.endswith("compose.override"):
                    stems.append(head)
                head, found, _ = head.rpartition(separator)
    for separator in (".", "-", "_"):
        tail = stem.rpartition(separator)[2]
        if tail in ("compose", "docker-compose"):
            stems.append(tail)
    common = [start + word for start in ("compose.", "docker-compose.", "") for word in _COMMON]
    names = [*_files(stems), *BASES, *_files(common)]
    return [other for other in dict.fromkeys(names) if other != name]


def _files(stems: Sequence[str]) -> list[str]:
    return [f"{stem}{ending}" for stem in stems for ending in (".yaml", ".yml")]


def _merely_tweaks(shape: Shape, base: Shape) -> bool:
    """Return whether a file only changes services that a base describes, though it names their images."""
    if not shape.services or not shape.services.keys() <= base.services.keys():
        return False
    for name, keys in shape.services.items():
        described = base.services[name] & _WIRING
        if keys & _WIRING or len(described) < (2 if "environment" in keys else 1):
            return False
    return True


def _configures(shape: Shape, base: Shape) -> bool:
    """Return whether a file sets options or labels of volumes that not it but the base mounts."""
    return bool(shape.services) and (
        shape.services.keys() <= base.services.keys()
        and any(("volumes", name) in base.declared for name in shape.refined - base.refined)
    )
