"""Merge one tree over another, for overrides, `extends` and `include` alike.

Nothing that is merged is changed: what differs is made anew.
Source of the behaviour: compose-go 2.14, override/merge.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.report import container_of, joined
from volint.assemble.compose.tree import code_of
from volint.assemble.compose.values import MAX_DEPTH, Map, Pair, Scalar, Seq, key_span, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from volint.assemble.compose.report import Path, Report
    from volint.assemble.compose.values import Value
    from volint.parse.yaml import Node

__all__ = ["as_sequence", "merge_services", "merge_trees", "merge_values", "started"]

_SECTIONS = frozenset(("services", "volumes", "secrets", "configs", "networks", "models"))


def merge_trees(base: Map, over: Map, report: Report, *, overlay: bool) -> Map:
    """Return a project with another merged over it.

    With `overlay` the later file's keys are noted on what they are merged over.
    """
    return _Merger(report, overlay).mapping(base, over, ())


def merge_services(base: Map, over: Map, name: str, report: Report) -> Map:
    """Return a service with the one that extends it merged over it."""
    return _Merger(report, False).mapping(base, over, ("services", name))


def merge_values(base: Value, over: Value, path: Path, report: Report) -> Value:
    """Return what stands at a path after an override."""
    return _Merger(report, False).value(base, over, path)


def as_sequence(value: Value) -> list[Value]:
    """Return the items of a list, of a mapping as sorted `KEY=VALUE` items, of a string itself."""
    if isinstance(value, Seq):
        return value.items
    if isinstance(value, Map):
        return [*sorted(_pairs(value), key=lambda pair: str(pair.data))]
    if isinstance(value, Scalar) and isinstance(value.data, str):
        return [value]
    return []


def _pairs(value: Map) -> list[Pair]:
    pairs: list[Pair] = []
    for name, child in value.entries.items():
        key = Scalar(name, value.keys[name], via=value.via)
        if isinstance(child, Seq):
            pairs.extend(
                Pair(f"{name}={plain(item.data)}", key, item)
                for item in child.items
                if isinstance(item, Scalar)
            )
        elif isinstance(child, Scalar) and child.data is not None:
            pairs.append(Pair(f"{name}={plain(child.data)}", key, child))
        else:
            pairs.append(Pair(name, key, None))
    return pairs


def _as_mapping(value: Value, item: Callable[[Node], Value]) -> Map:
    """Return a mapping; of a list, the one with its items as keys."""
    if isinstance(value, Map):
        return value
    entries: dict[str, Value] = {}
    keys: dict[str, Node] = {}
    if isinstance(value, Seq):
        for child in value.items:
            if isinstance(child, Scalar) and isinstance(child.data, str):
                entries[child.data] = item(child.node)
                keys[child.data] = child.node
    return Map(entries, keys, value.node, value.via)


def _null(node: Node) -> Value:
    return Scalar(None, node)


def started(node: Node) -> Map:
    """Return what the short form of a dependency stands for."""
    return Map(
        {"condition": Scalar("service_started", node), "required": Scalar(True, node)}, {}, node
    )


class _Merger:
    def __init__(self, report: Report, overlay: bool) -> None:
        self.report = report
        self.overlay = overlay

    def value(self, base: Value, over: Value, path: Path) -> Value:
        special = _SPECIAL.get(_pattern(path))
        if special is not None:
            return special(self, base, over, path)
        if isinstance(over, Scalar) and over.data is None and not over.unresolved:
            return base
        if len(path) > MAX_DEPTH:
            return over
        if isinstance(base, Map):
            if isinstance(over, Map):
                return self.mapping(base, over, path)
            return self.conflict(base, over, path)
        if isinstance(base, Seq):
            if isinstance(over, Seq):
                return Seq([*base.items, *over.items], over.node, base.via)
            return self.conflict(base, over, path)
        return over

    def mapping(self, base: Map, over: Map, path: Path) -> Map:
        entries = dict(base.entries)
        keys = {**over.keys, **base.keys}
        note = self.overlay and len(path) == 1 and path[0] in _SECTIONS
        for key, child in over.entries.items():
            below = entries.get(key)
            if below is None:
                entries[key] = child
                continue
            merged = self.value(below, child, (*path, key))
            if note and isinstance(merged, Map) and isinstance(below, Map):
                place = key_span(over.keys[key])
                merged = Map(
                    merged.entries, merged.keys, merged.node, merged.via, (*below.overlays, place)
                )
            elif merged is child and key in over.keys:
                keys[key] = over.keys[key]
            entries[key] = merged
        return Map(entries, keys, base.node, base.via, base.overlays)

    def conflict(self, base: Value, over: Value, path: Path) -> Value:
        from volint.source import Label

        self.report.refuse(
            code_of(path),
            f"'{joined(path)}' is {_kind(over)} here and {_kind(base)} in what it is merged over",
            over.span,
            "write it in the same form as there",
            (Label(base.span, "merged over this"),),
            container=container_of(path),
        )
        return base

    def sequence(self, base: Value, over: Value, path: Path) -> Value:
        del path
        return Seq([*as_sequence(base), *as_sequence(over)], over.node)

    def hosts(self, base: Value, over: Value, path: Path) -> Value:
        del path
        items = list(as_sequence(base))
        known = {item.data for item in items if isinstance(item, Scalar)}
        items.extend(
            item
            for item in as_sequence(over)
            if not isinstance(item, Scalar) or item.data not in known
        )
        return Seq(items, over.node)

    def build(self, base: Value, over: Value, path: Path) -> Value:
        return self.mapping(_as_build(base), _as_build(over), path)

    def dependencies(self, base: Value, over: Value, path: Path) -> Value:
        return self.mapping(_as_mapping(base, started), _as_mapping(over, started), path)

    def names(self, base: Value, over: Value, path: Path) -> Value:
        return self.mapping(_as_mapping(base, _null), _as_mapping(over, _null), path)

    def replace(self, base: Value, over: Value, path: Path) -> Value:
        del base, path
        return over

    def logging(self, base: Value, over: Value, path: Path) -> Value:
        if not isinstance(base, Map) or not isinstance(over, Map):
            return self.conflict(base, over, path)
        before, after = base.entries.get("driver"), over.entries.get("driver")
        if before is None or after is None or _data(before) == _data(after):
            return self.mapping(base, over, path)
        return over

    def pools(self, base: Value, over: Value, path: Path) -> Value:
        """Merge address pools of a network by their subnet."""
        if not isinstance(base, Seq) or not isinstance(over, Seq):
            return self.conflict(base, over, path)
        merged: list[Map] = []
        for first in base.items:
            for second in over.items:
                right, left = _as_mapping(first, _null), _as_mapping(second, _null)
                if _subnet(left) != _subnet(right) and all(
                    _subnet(pool) != _subnet(left) for pool in merged
                ):
                    merged.append(left)
                    continue
                both = self.mapping(right, left, path)
                places = [at for at, pool in enumerate(merged) if _subnet(pool) == _subnet(both)]
                if places:
                    merged[places[0]] = both
                else:
                    merged.append(both)
        return Seq(list(merged), over.node)


def _subnet(pool: Map) -> object:
    subnet = pool.entries.get("subnet")
    return None if subnet is None else _data(subnet)


def _data(value: Value) -> object:
    return value.data if isinstance(value, Scalar) else None


def _as_build(value: Value) -> Map:
    if isinstance(value, Map):
        return value
    if isinstance(value, Scalar) and isinstance(value.data, str):
        return Map({"context": value}, {}, value.node, value.via)
    return Map({}, {}, value.node, value.via)


def _kind(value: Value) -> str:
    if isinstance(value, Map):
        return "a mapping"
    if isinstance(value, Seq):
        return "a list"
    return "a single value"


def _pattern(path: Path) -> Path:
    """Return a path with the names that users choose as '*'."""
    if len(path) < 3:
        return path
    if path[2] == "ulimits" and len(path) == 4:
        return ("services", "*", "ulimits", "*")
    return (path[0], "*", *path[2:])


_SPECIAL: dict[Path, Callable[[_Merger, Value, Value, Path], Value]] = {
    ("networks", "*", "ipam", "config"): _Merger.pools,
    ("networks", "*", "labels"): _Merger.sequence,
    ("volumes", "*", "labels"): _Merger.sequence,
    ("services", "*", "build"): _Merger.build,
    ("services", "*", "build", "args"): _Merger.sequence,
    ("services", "*", "build", "additional_contexts"): _Merger.sequence,
    ("services", "*", "build", "extra_hosts"): _Merger.hosts,
    ("services", "*", "build", "labels"): _Merger.sequence,
    ("services", "*", "command"): _Merger.replace,
    ("services", "*", "depends_on"): _Merger.dependencies,
    ("services", "*", "deploy", "labels"): _Merger.sequence,
    ("services", "*", "entrypoint"): _Merger.replace,
    ("services", "*", "extra_hosts"): _Merger.hosts,
    ("services", "*", "healthcheck", "test"): _Merger.replace,
    ("services", "*", "logging"): _Merger.logging,
    ("services", "*", "models"): _Merger.names,
    ("services", "*", "networks"): _Merger.names,
    ("services", "*", "ulimits", "*"): _Merger.replace,
}
for _name in (
    "annotations", "dns", "dns_opt", "dns_search", "env_file", "label_file", "environment", "labels",
    "sysctls", "tmpfs",
):  # fmt: skip
    _SPECIAL["services", "*", _name] = _Merger.sequence
