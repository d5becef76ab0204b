"""Keys that start with `x-` where a user chooses the keys, and Compose takes them for extensions all the same.

Before a project is decoded every such key, but for names of services, dependencies and what is declared at the
top level, is moved below one key of its own, which then is a variable, a label or an option like the others.
Source of the behaviour: compose-go 2.14, loader/loader.go (processExtensions) and types/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, mapping
from volint.assemble.compose.values import Map, Scalar, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.assemble.compose.report import Report
    from volint.assemble.compose.values import Value

__all__ = ["move_extensions"]

_MOVED = "#extensions"
_SERVICE_KEYS = (
    ("environment",), ("labels",), ("annotations",), ("sysctls",), ("build", "args"), ("build", "labels"),
    ("deploy", "labels"), ("logging", "options"),
)  # fmt: skip


def move_extensions(tree: Map, report: Report) -> None:
    """Move the keys of a loaded project, in place, and report where Compose then refuses it."""
    for owner, key in list(_owners(tree)):
        value = owner.entries[key]
        if isinstance(value, Map) and any(name.startswith("x-") for name in value.entries):
            owner.entries[key] = _moved(value)
    for name, service in mapping(tree.entries.get("services")).items():
        _refuse(child(service, "storage_opt"), "storage_opt", name, report)
    for secret in mapping(tree.entries.get("secrets")).values():
        _refuse(child(secret, "driver_opts"), "driver_opts", "", report)


def _owners(tree: Map) -> Iterator[tuple[Map, str]]:
    """Yield the mappings that hold one whose keys a user chooses, and its key."""
    for service in mapping(tree.entries.get("services")).values():
        for *path, key in _SERVICE_KEYS:
            owner = child(service, *path)
            if isinstance(owner, Map) and key in owner.entries:
                yield owner, key
    for section in ("volumes", "networks", "secrets", "configs"):
        for item in mapping(tree.entries.get(section)).values():
            for key in ("driver_opts", "labels"):
                if isinstance(item, Map) and key in item.entries and section != "secrets":
                    yield item, key


def _moved(value: Map) -> Map:
    entries = {name: item for name, item in value.entries.items() if not name.startswith("x-")}
    moved = sorted(set(value.entries) - set(entries))
    shown = " ".join(f"{name}:{_shown(value.entries[name])}" for name in moved)
    keys = {**value.keys, _MOVED: value.keys.get(moved[0], value.node)}
    # The text is made up: its place is the whole mapping's.
    entries[_MOVED] = Scalar(f"map[{shown}]", value.node)
    return Map(entries, keys, value.node, value.via, value.overlays)


def _shown(value: Value) -> str:
    if isinstance(value, Scalar):
        return "<nil>" if value.data is None else plain(value.data)
    return "..."


def _refuse(value: Value | None, key: str, container: str, report: Report) -> None:
    if not isinstance(value, Map):
        return
    for name in value.entries:
        if name.startswith("x-"):
            report.refuse(
                "VL615",
                f"Compose takes '{name}' for an extension, and '{key}' takes options alone",
                value.key_span(name),
                f"remove '{name}'",
                container=container,
            )
