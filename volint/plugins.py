"""Rule packs of installed distributions: entry points -> packs -> rules.

Packs are found under the entry-point group `volint.rules` (PyPA: entry points specification), the
built-in one like any other. `importlib.metadata` costs 25 to 30 ms to import, a third of a whole run
over one file, so `entry_points.txt` of each distribution is read directly; where that finds nothing
(a zipped import path), importlib.metadata is asked.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from volint.packs import LoadedPack, PluginError
from volint.rule import Pack, RuleEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["API_VERSION", "GROUP", "LoadedPack", "PluginError", "load_all", "load_packs", "table"]

GROUP = "volint.rules"
API_VERSION = 1
"""Version of `volint.api`: goes up when something is taken out of it or changes its meaning."""
_BUILT_IN = "volint"


def _section(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the group's section of an entry_points.txt."""
    inside = False
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.strip()


def _scan(paths: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (distribution, name, value) of every entry point of the group; the first path wins."""
    found: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for path in dict.fromkeys(paths):
        try:
            names = sorted(os.listdir(path or "."))
        except OSError:
            continue
        for directory in names:
            stem, dot, suffix = directory.rpartition(".")
            if not dot or suffix not in ("dist-info", "egg-info"):
                continue
            distribution = stem.partition("-")[0].replace("_", "-").lower()
            if distribution in seen:
                continue
            try:
                with open(
                    os.path.join(path, directory, "entry_points.txt"), encoding="utf-8"
                ) as stream:
                    text = stream.read()
            except (OSError, UnicodeDecodeError):
                continue
            seen.add(distribution)
            if GROUP in text:
                found.extend((distribution, name, value) for name, value in _section(text))
    return found


def _ask_metadata() -> list[tuple[str, str, str]]:
    from importlib.metadata import entry_points

    return [
        (point.dist.name if point.dist else point.name, point.name, point.value)
        for point in entry_points(group=GROUP)
    ]


def _load(distribution: str, name: str, value: str) -> LoadedPack:
    module, _, attribute = value.partition(":")
    where = f"entry point '{name} = {value}' of '{distribution}'"
    try:
        made = getattr(import_module(module.strip()), attribute.strip())()
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{where} cannot be loaded: {type(error).__name__}: {error}; "
            f"reinstall or uninstall '{distribution}'"
        ) from error
    if not isinstance(made, Pack):
        raise PluginError(
            f"{where} gives a {type(made).__name__}, not a volint.api.Pack; "
            f"ask the authors of '{distribution}', or uninstall it"
        )
    if made.api > API_VERSION:
        raise PluginError(
            f"{where} is written for version {made.api} of volint's interface, and this volint has "
            f"{API_VERSION}; upgrade volint, or install an older '{distribution}'"
        )
    if distribution != _BUILT_IN:
        _check_foreign(made, where)
    return LoadedPack(made, distribution)


def _check_foreign(pack: Pack, where: str) -> None:
    """Raise PluginError for a third party's pack that takes what is volint's own."""
    from volint.rulecheck import code_mistake, name_mistake

    if pack.name == _BUILT_IN:
        raise PluginError(f"{where}: the name '{pack.name}' is volint's own; rename the pack")
    for entry in pack.rules:
        mistake = code_mistake(entry.code) or name_mistake(entry.name)
        if mistake:
            raise PluginError(f"{where}: {mistake}; rename the rule")


def load_packs(
    paths: Sequence[str] | None = None, failures: list[str] | None = None
) -> tuple[LoadedPack, ...]:
    """Return the packs of all installed distributions, sorted by name, the built-in one first.

    `paths` are the directories to look into, `sys.path` by default. What is wrong with a pack that
    cannot be used goes to `failures`, so that the others can work; without such a list it is raised.
    Raises PluginError also if there is no pack at all.
    """
    points = _scan(sys.path if paths is None else paths)
    if not points and paths is None:
        points = _ask_metadata()
    packs = []
    for point in points:
        try:
            packs.append(_load(*point))
        except PluginError as error:
            if failures is None:
                raise
            failures.append(str(error))
    if not packs:
        words = (
            "no rules are installed: no distribution has an entry point in the group "
            f"'{GROUP}'; install volint with pip (`pip install .` in its checkout)"
        )
        raise PluginError("\n".join((*(failures or ()), words)))
    packs.sort(key=lambda loaded: (loaded.distribution != _BUILT_IN, loaded.pack.name))
    return tuple(packs)


def load_all(
    local: Sequence[str], cwd: str
) -> tuple[dict[str, tuple[RuleEntry, LoadedPack]], tuple[str, ...]]:
    """Return the rules of all installed packs and of the paths of --rules by code, and what failed.

    Raises PluginError for a path that holds nothing to load, for a code or name that two packs have,
    and if there is no pack at all.
    """
    failures: list[str] = []
    packs = list(load_packs(failures=failures))
    if local:
        from volint.localrules import load_local

        packs += (load_local(path, cwd, failures) for path in dict.fromkeys(local))
    return table(packs), tuple(failures)


def table(packs: Iterable[LoadedPack]) -> dict[str, tuple[RuleEntry, LoadedPack]]:
    """Return all rules by code, in code order.

    Raises PluginError if the same code or name comes from two packs.
    """
    rules: dict[str, tuple[RuleEntry, LoadedPack]] = {}
    names: dict[str, str] = {}
    for loaded in packs:
        for entry in loaded.pack.rules:
            other = rules.get(entry.code) or rules.get(names.get(entry.name, ""))
            if other is not None:
                raise PluginError(
                    f"rule {entry.code} ({entry.name}) of '{loaded.distribution}' is also defined by "
                    f"'{other[1].distribution}'; rename the rule, or leave one of them out"
                )
            rules[entry.code] = (entry, loaded)
            names[entry.name] = entry.code
    return dict(sorted(rules.items()))
