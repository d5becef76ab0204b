"""Which Compose files belong together: the sets a repository really runs.

In each folder the default set that `docker compose` would find, or what `COMPOSE_FILE` of a `.env` names;
overlays over the base they belong to; every set that is run or deployed somewhere in the repository; and the
sets that the configuration names. A file that stands alone and is in no set is a project of its own.
Source of the default names and their order: compose-go, cli/options.go.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.assemble.compose.locate import BASES
from volint.assemble.overlays import Overlays
from volint.assemble.parts import Parts
from volint.assemble.setspec import SetSpec
from volint.assemble.usedsets import used_sets
from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.assemble.catalog import Catalog, Default
    from volint.assemble.shape import Shape
    from volint.assemble.uses import Use

__all__ = ["file_sets"]

_OVERRIDE = regex(r"(?i)(?:^|[._-])override\.ya?ml$")


def file_sets(
    catalog: Catalog, uses: Iterable[Use], configured: Sequence[SetSpec] = ()
) -> list[SetSpec]:
    """Return every project that the Compose files of a catalog make, sorted by files.

    `uses` are the commands that run Compose, `configured` the sets that the configuration names.
    """
    overlays = Overlays(catalog)
    used, halves = used_sets(uses, catalog, overlays)
    finder = _Finder(catalog, overlays, halves)
    finder.take([*configured, *used])
    finder.add_defaults()
    finder.add_the_rest()
    finder.sets.sort(key=lambda spec: (spec.files[-1], spec.files, spec.reason))
    return finder.sets


class _Finder:
    """The sets found so far, and the files that are in them."""

    def __init__(self, catalog: Catalog, overlays: Overlays, halves: frozenset[str]) -> None:
        self._catalog = catalog
        self._overlays = overlays
        self._parts = Parts(catalog)
        self._halves = halves
        self.sets: list[SetSpec] = []
        self._taken: set[str] = set()
        self._plain: set[tuple[str, ...]] = set()
        """Files that are a project with nothing but them, or a stack."""
        own = catalog.shapes
        self._included = {
            other
            for path in own
            for other in catalog.references(path, extended=False)
            if other != path
        }
        self._referenced = self._included | {
            other for path in own for other in catalog.references(path) if other != path
        }

    def take(self, specs: Iterable[SetSpec]) -> None:
        """Add sets that somebody names."""
        for spec in specs:
            self.sets.append(spec)
            self._taken.update(spec.files)
            if not spec.profiles and not spec.env_names and spec.project_directory is None:
                self._plain.add(spec.files)

    def _add(self, default: Default) -> None:
        if default.files not in self._plain:
            self.take([SetSpec(default.files, default.reason, env_files=default.env_files)])

    # -- what Compose finds by itself

    def add_defaults(self) -> None:
        """Add the default set of each folder, and what COMPOSE_FILE in and above them names."""
        named = frozenset(self._taken)
        for folder in self._folders():
            default = self._catalog.default(folder)
            if default is not None and not self._belongs_elsewhere(default, named):
                self._add(default)
            for copied in self._catalog.copied(folder):
                self._add(copied)

    def _folders(self) -> list[str]:
        """Return the folders of all files and those above them, up to the repository's root."""
        found: dict[str, None] = {}
        for folder in self._catalog.folders:
            root = self._catalog.files.root_of(os.path.join(folder, ".")) or folder
            while folder not in found:
                found[folder] = None
                if folder == root or not folder.startswith(root):
                    break
                folder = os.path.dirname(folder)
        return list(found)

    def _belongs_elsewhere(self, default: Default, named: frozenset[str]) -> bool:
        """Return whether a default set is part of another project and not meant to run by itself."""
        if len(default.files) > 1:
            return False
        path = default.files[0]
        shape = self._catalog.get(path)
        if shape is None or not shape.readable:
            return False
        if path in self._included or self._overlays.halves(path):
            return True
        # Some repositories split one project over files that are only ever named together.
        if not shape.stands_alone and path in named:
            return True
        if path in self._halves or os.path.basename(os.path.dirname(path)) == ".devcontainer":
            return bool(shape.needs)
        if shape.incomplete and self._overlays.under(path) is not None:
            return True
        return self._parts.is_part(path)

    # -- all other files

    def add_the_rest(self) -> None:
        """Add files that are in no set: with their base, alone, or as fragments."""
        later: list[str] = []
        bases: list[str] = []
        named = frozenset(self._taken)
        for path in self._catalog.shapes:
            if path not in named:
                if path in self._referenced:
                    later.append(path)
                elif self._overlays.halves(path):
                    bases.append(path)
                else:
                    self.take([self._rest(path)])
        self.take(self._rest(path) for path in bases if path not in self._taken)
        if not later:
            return
        reached = self._catalog.reachable(path for spec in self.sets for path in spec.files)
        for path in later:
            # What is only reached from itself is a project, too.
            if path not in reached:
                self.take([self._rest(path)])
                reached |= self._catalog.reachable([path])

    def _rest(self, path: str) -> SetSpec:
        shape = self._catalog.shapes[path]
        if not shape.readable:
            return SetSpec((path,), "file of its own")
        under = self._overlays.under(path)
        if under is not None:
            beside = all(os.path.dirname(base) == os.path.dirname(path) for base in under)
            shown = os.path.basename if beside else self._catalog.files.display
            bases = " and ".join(map(shown, under))
            return SetSpec((*under, path), f"{shown(path)} is an overlay of {bases}")
        if self._is_fragment(path, shape):
            return SetSpec((path,), "fragment", partial=True)
        directory = self._overlays.directory_of(path)
        if directory is None and self._is_kept_for_later(path):
            return SetSpec((path,), "fragment", partial=True)
        return SetSpec((path,), "file of its own", project_directory=directory)

    def _is_kept_for_later(self, path: str) -> bool:
        """Return whether a file is called an override in a folder with nothing to override: a copy of it is used."""
        folder, name = os.path.split(path)
        return _OVERRIDE.search(name) is not None and not any(
            base in self._catalog.folders[folder] for base in BASES
        )

    def _is_fragment(self, path: str, shape: Shape) -> bool:
        """Return whether a file without a known base needs one."""
        if not shape.stands_alone:
            return True
        if not shape.needs:
            return False
        # A volume may be forgotten, a service that another one waits for is described elsewhere.
        return (
            path in self._halves
            or any(section in ("services", "networks") for section, _ in shape.needs)
            or self._overlays.is_given_elsewhere(path)
        )
