"""Commands that run Compose resolved to the sets of files that they load."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from volint.assemble.compose.locate import normal_name
from volint.assemble.setspec import SetSpec
from volint.lazy import regex
from volint.parse.shellcommand import SCRIPT_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from volint.assemble.catalog import Catalog, Default
    from volint.assemble.overlays import Overlays
    from volint.assemble.uses import Use

__all__ = ["used_sets"]

_VARIABLE = regex(r"\$\{\{.*?\}\}|\$\{[^{}]*\}|\$\([^()]*\)|\$\w+|\{\{.*?\}\}|<[\w-]+>|%\w+%")
_DEFAULT = regex(r"\$\{\w+:?-([^${}]+)\}")
_MOST = 20
"""Sets that one command with a variable in a file's name can stand for."""


class _Values:
    """The words of a use with one value for its variable, if it has one in the midst of a word."""

    def __init__(self, variable: str = "", value: str = "") -> None:
        self._variable = variable
        self._value = value

    def __call__(self, word: str) -> str:
        return word.replace(self._variable, self._value) if self._variable else word


def used_sets(
    uses: Iterable[Use], catalog: Catalog, overlays: Overlays
) -> tuple[list[SetSpec], frozenset[str]]:
    """Return the sets that commands load, whose files are all there, each once, as the first names it.

    Also the files that are there of sets whose other files are not.
    """
    resolver = _Resolver(catalog, overlays)
    found: dict[tuple[object, ...], SetSpec] = {}
    # What a command names itself is known better than what a variable of another may stand for.
    for use in sorted(uses, key=lambda use: any(map(_inner, use.files))):
        specs = list(resolver.specs(use))
        if not specs and use.instead is not None:
            specs = list(resolver.specs(use.instead))
        for spec in specs:
            found.setdefault(spec.identity, spec)
    return _thinned(list(found.values())), frozenset(resolver.halves)


def _thinned(specs: list[SetSpec]) -> list[SetSpec]:
    """Return sets without those whose profiles are some of another one's."""
    groups: dict[tuple[object, ...], list[SetSpec]] = {}
    for spec in specs:
        groups.setdefault(spec.identity[:-2], []).append(spec)
    kept = []
    for spec in specs:
        others = groups[spec.identity[:-2]]
        if not any(
            other.project_name == spec.project_name
            and spec.profiles
            and set(spec.profiles) < set(other.profiles)
            for other in others
        ):
            kept.append(spec)
    return kept


class _Resolver:
    def __init__(self, catalog: Catalog, overlays: Overlays) -> None:
        self._catalog = catalog
        self._overlays = overlays
        self._files = catalog.files
        self.halves: set[str] = set()
        """Files that are there of sets whose other files are not."""

    def specs(self, use: Use) -> Iterator[SetSpec]:
        """Yield the sets that a use loads: none, one, or one for each value of a variable."""
        places, certain = self._places(use)
        if not use.files:
            found = self._by_default(use, places, certain)
            if found is not None:
                yield found
            return
        for place in places:
            there = False
            for values in self._values(use, place):
                spec = self._named(use, place, values)
                if spec is not None:
                    there = True
                    yield spec
            if there:
                return

    # -- where it runs

    def _places(self, use: Use) -> tuple[Sequence[str], bool]:
        """Return the absolute folders a command may run in, and whether that is more than a guess."""
        cwd = use.cwd
        if cwd == "":
            return use.folders, True
        if cwd is None or cwd.startswith("~"):
            return use.folders, False
        if cwd.startswith(SCRIPT_DIRECTORY):
            return [_beside(use, cwd)], True
        certain = True
        variable = _VARIABLE.match(cwd)
        if variable:
            cwd, certain = cwd[variable.end() :].lstrip("/"), False
        found = [os.path.normpath(os.path.join(folder, cwd)) for folder in use.folders]
        found = [folder for folder in dict.fromkeys(found) if self._files.isdir(folder)]
        # `git clone ... && cd project` and `cd /opt/project` lead to a copy of what is here.
        return (found, certain) if found else (use.folders, False)

    def _paths(self, use: Use, place: str, word: str) -> Iterator[str]:
        """Yield the absolute paths that a word may mean."""
        default = _DEFAULT.fullmatch(word)
        word = default[1] if default else word
        if word.startswith(SCRIPT_DIRECTORY):
            yield _beside(use, word)
            return
        variable = _VARIABLE.match(word)
        if variable and word.startswith("/", variable.end()):
            rest = word[variable.end() :].lstrip("/")
            for folder in dict.fromkeys((place, *use.folders)):
                yield os.path.normpath(os.path.join(folder, rest))
        elif not word.startswith("~"):
            yield os.path.normpath(os.path.join(place, word))

    def _file(self, use: Use, place: str, word: str) -> str | None:
        for path in self._paths(use, place, word):
            if self._catalog.get(path) is not None:
                return path
        return None

    def _env_file(self, use: Use, place: str, word: str) -> str:
        """Return the absolute path of an env file, one that is there if the folder is in doubt."""
        paths = [path for start in (place, *use.folders) for path in self._paths(use, start, word)]
        return next((path for path in paths if self._files.isfile(path)), paths[0] if paths else "")

    def _values(self, use: Use, place: str) -> Iterator[_Values]:
        """Yield what the variable in `compose.$ENV.yaml` can be, from the files that are there."""
        inner = {variable: word for word in reversed(use.files) for variable in _inner(word)}
        if not inner:
            yield _Values()
        if len(inner) != 1:
            return
        [(variable, word)] = inner.items()
        before, _, after = os.path.basename(word).partition(variable)
        if not before and after.count(".") < 2:
            return
        pattern = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
        folder = os.path.dirname(next(self._paths(use, place, word), ""))
        if _VARIABLE.search(folder):
            return
        matches = [pattern.fullmatch(name) for name in self._catalog.folders.get(folder, ())]
        found = sorted(match[1] for match in matches if match)
        for value in found[:_MOST]:
            yield _Values(variable, value)

    # -- what it loads

    def _named(self, use: Use, place: str, values: _Values) -> SetSpec | None:
        found = [self._file(use, place, values(word)) for word in use.files]
        files = [path for path in found if path is not None]
        if len(files) < len(found):
            self.halves.update(files)
            return None
        paths = tuple(dict.fromkeys(files))
        if self._is_half(paths):
            return None
        directory = None
        if use.directory:
            directory = next(
                (
                    path
                    for path in self._paths(use, place, use.directory)
                    if self._files.isdir(path)
                ),
                None,
            )
            if directory == os.path.dirname(paths[0]):
                directory = None
        at = f"{use.span.source.path}:{use.span.source.position(use.span.start)[0]}"
        reason = f"deployed as a stack in {at}" if use.stack else f"named in {at}"
        default = self._catalog.default(os.path.dirname(paths[0]))
        if default is not None and default.files == paths and not use.stack:
            reason = f"{default.reason}, {reason}"
        return self._spec(use, place, values, paths, reason, directory)

    def _is_half(self, paths: tuple[str, ...]) -> bool:
        """Return whether files are an overlay whose base a sentence left out, as its content tells."""
        needs = set().union(*(shape.needs for path in paths if (shape := self._catalog.get(path))))
        if not needs - self._catalog.gives(paths):
            return False
        under = self._overlays.under(paths[-1])
        return under is not None and not set(under) <= set(paths)

    def _by_default(self, use: Use, places: Sequence[str], certain: bool) -> SetSpec | None:
        default: Default | None = None
        place = ""
        if use.directory:
            places = [path for start in places for path in self._paths(use, start, use.directory)]
        for place in places:
            default = self._upwards(place)
            if default is not None:
                break
        if default is None:
            return None
        spec = self._spec(use, place, _Values(), default.files, default.reason, None)
        if not (certain or spec.profiles or spec.env_files):
            return None
        options = [f"--profile {name}" for name in spec.profiles]
        if spec.env_names:
            options += [f"--env-file {name}" for name in use.env_files]
        else:
            spec = spec._replace(env_files=default.env_files)
        if spec.project_name:
            options.append(f"-p {spec.project_name}")
        if not options:
            return spec._replace(span=None)
        at = f"{use.span.source.path}:{use.span.source.position(use.span.start)[0]}"
        return spec._replace(reason=f"{default.reason}, with {' '.join(options)} in {at}")

    def _upwards(self, folder: str) -> Default | None:
        root = self._files.root_of(os.path.join(folder, ".")) or folder
        while True:
            found = self._catalog.default(folder)
            above = os.path.dirname(folder)
            if found is not None or folder in (root, above):
                return found
            folder = above

    def _profiles(self, use: Use, files: tuple[str, ...]) -> tuple[str, ...]:
        """Return the profiles that a use turns on and that its files, or what they include, have."""
        if not use.profiles:
            return ()
        known: set[str] = {"*"}
        for path in self._catalog.reachable(files):
            shape = self._catalog.get(path)
            known |= shape.profiles if shape else set()
        return tuple(sorted({name for name in use.profiles if name in known}))

    def _own_name(self, files: tuple[str, ...], directory: str | None) -> str:
        """Return the project name that the files or their folder give."""
        shapes = (self._catalog.get(path) for path in reversed(files))
        named = next((shape.name for shape in shapes if shape and shape.name), "")
        folder = directory or os.path.dirname(files[0])
        return named or normal_name(os.path.basename(folder))

    def _spec(
        self,
        use: Use,
        place: str,
        values: _Values,
        files: tuple[str, ...],
        reason: str,
        directory: str | None,
    ) -> SetSpec:
        named = [self._env_file(use, place, values(word)) for word in use.env_files]
        own = os.path.join(directory or os.path.dirname(files[0]), ".env")
        if named == [own]:
            named = []
        env_files = tuple(path for path in named if self._files.isfile(path))
        return SetSpec(
            files,
            reason,
            self._profiles(use, files),
            # A stack's variables come from nothing but the environment of who deploys it.
            env_files if named or (use.stack and not use.composed) else None,
            directory,
            None if use.name == self._own_name(files, directory) and not use.stack else use.name,
            use.span,
            stack=use.stack,
            composed=use.composed,
            env_names=tuple(named),
        )


def _inner(word: str) -> list[str]:
    """Return the variables in a word that do not stand for the folder it starts with."""
    if _DEFAULT.fullmatch(word):
        return []
    head = _VARIABLE.match(word)
    start = head.end() if head and word.startswith("/", head.end()) else 0
    return [match[0] for match in _VARIABLE.finditer(word, start)]


def _beside(use: Use, word: str) -> str:
    """Return the absolute path of a word that starts at the directory of its script."""
    folder = os.path.dirname(use.span.source.file or "")
    return os.path.normpath(folder + word[len(SCRIPT_DIRECTORY) :])
