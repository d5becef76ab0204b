"""Which services of a project are on: profiles, and names on the command line.

Source of the behaviour: compose-go 2.14, types/project.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import items, mapping
from volint.assemble.compose.consistency import dependencies
from volint.assemble.compose.values import Scalar
from volint.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volint.assemble.compose.report import Report
    from volint.assemble.compose.request import Loaded
    from volint.assemble.compose.values import Value

__all__ = ["is_on", "select"]


def select(loaded: Loaded, services: Mapping[str, Value], report: Report) -> None:
    """Keep the services named on the command line and what they need."""
    missing = [name for name in loaded.request.services if not _matching(name, services)]
    if missing:
        place = loaded.sources[0] if loaded.sources else None
        report.refuse(
            "VL615",
            f"There is no service '{missing[0]}'",
            Span(place or Source("", ""), 0, 0),
            f"the services are {', '.join(map(repr, services))}" if services else "declare it",
        )
        return
    tree = loaded.tree
    assert tree is not None
    profiles = list(loaded.profiles)
    for name in loaded.request.services:
        if name in services and name not in loaded.active:
            service = tree.entries["services"].entries[name]  # type: ignore[union-attr]
            profiles.extend(_profiles(service))
    loaded.profiles = tuple(profiles)
    on = {
        name
        for name, service in mapping(tree.entries.get("services")).items()
        if is_on(service, loaded.profiles)
    }
    wanted = dict.fromkeys(n for pattern in loaded.request.services for n in _matching(pattern, on))
    waiting = list(wanted)
    while waiting:
        for key, _, _ in dependencies(mapping(tree.entries.get("services"))[waiting.pop()]):
            if key in on and key not in wanted:
                wanted[key] = None
                waiting.append(key)
    loaded.active = tuple(name for name in services if name in wanted)


def _matching(pattern: str, names: Iterable[str]) -> list[str]:
    """Return the names that a name on the command line means; it may hold wildcards."""
    from volint.parse.gopath import BadPatternError, match

    try:
        return [name for name in names if match(pattern, name)]
    except BadPatternError:
        return []


def _profiles(service: Value) -> list[str]:
    profiles = mapping(service).get("profiles")
    return [str(item.data) for item in items(profiles) if isinstance(item, Scalar)]


def is_on(service: Value, active: tuple[str, ...]) -> bool:
    """Return whether a service has no profile, or an active one."""
    own = _profiles(service)
    return not own or "*" in active or any(profile in active for profile in own)
