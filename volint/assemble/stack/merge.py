"""One file of a stack over the earlier ones. This is not Compose's merge.

Empty values never override: `read_only: false`, `user: ""` and `command: []` change nothing. Secrets and
configs replace each other by source, mounts by target, and come out sorted; other lists are appended, a
health check's test included; what is declared at the top level is replaced whole.
Source of the behaviour: docker/cli 29, cli/compose/loader/merge.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, text
from volint.assemble.compose.canonical import part
from volint.assemble.compose.values import Map, Scalar, Seq, ShortMount, key_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from volint.assemble.compose.values import Value
    from volint.parse.yaml import Node

__all__ = ["as_map", "merge_files"]

_DICTS = frozenset(("environment", "labels", "sysctls"))
_REPLACED = frozenset(("command", "entrypoint"))


def merge_files(base: Map, over: Map) -> Map:
    """Return a stack with a later file merged over it."""
    entries = dict(base.entries)
    keys = {**over.keys, **base.keys}
    for section, value in over.entries.items():
        below = entries.get(section)
        if not isinstance(below, Map) or not isinstance(value, Map):
            entries[section] = value
            continue
        merged = dict(below.entries)
        names = {**below.keys, **value.keys}
        for name, item in value.entries.items():
            earlier = merged.get(name)
            if section == "services" and isinstance(earlier, Map) and isinstance(item, Map):
                names[name] = below.keys[name]
                merged[name] = _service(earlier, item, value.keys[name])
            else:
                merged[name] = item
        entries[section] = Map(merged, names, below.node, below.via)
    return Map(entries, keys, base.node, base.via)


def _service(base: Map, over: Map, place: Node) -> Map:
    entries = dict(base.entries)
    keys = dict(base.keys)
    for key, value in over.entries.items():
        below = entries.get(key)
        if key in _DICTS:
            value = as_map(value)
            below = None if below is None else as_map(below)
        if below is not None and key in _KEYED:
            entries[key] = _keyed(below, value, _KEYED[key])
        elif key in _REPLACED:
            if below is None or not _is_empty(value):
                entries[key], keys[key] = value, over.keys[key]
        else:
            merged = value if below is None else _value(below, value)
            if merged is value:
                keys[key] = over.keys[key]
            entries[key] = merged
    return Map(entries, keys, base.node, base.via, (*base.overlays, key_span(place)))


def _value(base: Value, over: Value) -> Value:
    if isinstance(base, Map) and isinstance(over, Map):
        entries = dict(base.entries)
        for key, value in over.entries.items():
            below = entries.get(key)
            entries[key] = value if below is None else _value(below, value)
        return Map(entries, {**over.keys, **base.keys}, base.node, base.via, base.overlays)
    if isinstance(base, Seq) and isinstance(over, Seq):
        return Seq([*base.items, *over.items], base.node, base.via)
    return base if _is_empty(over) else over


def _is_empty(value: Value) -> bool:
    """Return whether a value is one that Go takes for not set; a 0 counts as set."""
    if isinstance(value, Scalar):
        return not value.unresolved and (value.data in (None, "") or value.data is False)
    if isinstance(value, (Map, Seq)):
        return not (value.entries if isinstance(value, Map) else value.items)
    return False


def as_map(value: Value) -> Value:
    """Return variables or labels as a mapping of their names; other values as they are."""
    if not isinstance(value, Seq):
        return value
    entries: dict[str, Value] = {}
    keys: dict[str, Node] = {}
    for item in value.items:
        if not isinstance(item, Scalar) or not isinstance(item.data, str):
            continue
        name, equals, _ = item.data.partition("=")
        entries[name] = part(item, len(name) + 1) if equals else Scalar(None, item.node)
        keys[name] = item.node
    return Map(entries, keys, value.node, value.via)


def _keyed(base: Value, over: Value, key: Callable[[Value], str]) -> Value:
    found = {key(item): item for item in items(base)}
    found.update((key(item), item) for item in items(over))
    return Seq([found[name] for name in sorted(found)], base.node)


def _target(item: Value) -> str:
    if isinstance(item, ShortMount):
        fields = item.spec.fields
        start, end = fields[min(1, len(fields) - 1)]
        return str(item.scalar.data)[start:end]
    return text(child(item, "target"))


def _source(item: Value) -> str:
    return text(child(item, "source"))


def _published(item: Value) -> str:
    return text(child(item, "published")) or text(item)


_KEYED: dict[str, Callable[[Value], str]] = {
    "configs": _source,
    "ports": _published,
    "secrets": _source,
    "volumes": _target,
}
