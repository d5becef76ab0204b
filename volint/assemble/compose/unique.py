"""Which items of a list replace each other: the keys by which Compose de-duplicates lists.

A later item takes the place of an earlier one with the same key, without a word.
Source of the behaviour: compose-go 2.14, override/uncity.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.report import container_of
from volint.assemble.compose.tree import code_of
from volint.assemble.compose.values import Map, Scalar, Seq, ShortMount, plain
from volint.parse.mountspec import compose_short
from volint.source import Label

if TYPE_CHECKING:
    from collections.abc import Callable

    from volint.assemble.compose.report import Path, Report
    from volint.assemble.compose.values import Value

__all__ = ["enforce", "read_mount"]


def enforce(tree: Map, report: Report) -> None:
    """De-duplicate all lists of a project, and read its mounts in short syntax.

    The mappings are changed in place; lists that lose items are made anew.
    """
    services = tree.entries.get("services")
    if isinstance(services, Map):
        for name, service in services.entries.items():
            if isinstance(service, Map):
                _service(service, ("services", name), report)
    networks = tree.entries.get("networks")
    if isinstance(networks, Map):
        for name, network in networks.entries.items():
            if isinstance(network, Map):
                _apply(network, "labels", _pair, ("networks", name), report)
                ipam = network.entries.get("ipam")
                if isinstance(ipam, Map):
                    _apply(ipam, "options", _pair, ("networks", name, "ipam"), report)


def _service(service: Map, path: Path, report: Report) -> None:
    for key in service.entries:
        indexer = _INDEXERS.get(key)
        if indexer is not None:
            _apply(service, key, indexer, path, report)
    build = service.entries.get("build")
    if isinstance(build, Map):
        for key in ("args", "additional_contexts", "platform", "tags", "labels"):
            _apply(build, key, _pair, (*path, "build"), report)
    deploy = service.entries.get("deploy")
    if isinstance(deploy, Map):
        _apply(deploy, "labels", _pair, (*path, "deploy"), report)
    networks = service.entries.get("networks")
    if isinstance(networks, Map):
        for name, network in networks.entries.items():
            if isinstance(network, Map):
                for key in ("aliases", "link_local_ips"):
                    _apply(network, key, _pair, (*path, "networks", name), report)


def _apply(
    owner: Map, key: str, indexer: Callable[[Value], object], path: Path, report: Report
) -> None:
    value = owner.entries.get(key)
    if value.__class__ is not Seq:
        return
    assert isinstance(value, Seq)
    items: list[Value] = []
    places: dict[object, int] = {}
    changed = False
    for item in value.items:
        if indexer is _mount and item.__class__ is Scalar:
            item = read_mount(item, (*path, key), report)
            changed = True
            if item.__class__ is Scalar:
                items.append(item)
                continue
        index = indexer(item)
        if isinstance(index, _Invalid):
            report.refuse(
                code_of((*path, key)), index.reason, item.span, container=container_of(path)
            )
            items.append(item)
            continue
        place = places.get(index)
        if place is None:
            places[index] = len(items)
            items.append(item)
            continue
        if indexer is _mount:
            _replaced(items[place], item, path, report)
        items[place] = item
        changed = True
    if changed:
        owner.entries[key] = Seq(items, value.node, value.via)


def read_mount(item: Scalar, path: Path, report: Report) -> Value:
    """Return a mount in short syntax; what is none is returned as it is."""
    spec = item.data
    if not isinstance(spec, str):
        return item
    found = compose_short(spec)
    if not isinstance(found, str):
        return ShortMount(item, found)
    if not item.unresolved:
        report.refuse(
            "VL601",
            f"'{spec}' is no mount: {found}",
            item.span,
            "write 'SOURCE:TARGET[:OPTIONS]', or quote the entry if a variable may be empty",
            container=container_of(path),
        )
    return item


def _replaced(earlier: Value, later: Value, path: Path, report: Report) -> None:
    """Warn of a mount that silently replaces one of the same file."""
    if earlier.node.source is not later.node.source or earlier.via != later.via:
        return
    if earlier.node is later.node:
        return
    target = later.target if isinstance(later, ShortMount) else _target(later)
    report.add(
        "VL602",
        f"A second mount at '{target}' silently replaces the first",
        later.span,
        "remove one of the two, or mount it elsewhere",
        (Label(earlier.span, "this mount is never made"),),
        container=container_of(path),
        target=target,
        level="warning",
    )


def _target(value: Value) -> str:
    if isinstance(value, Map):
        target = value.entries.get("target")
        if isinstance(target, Scalar):
            return plain(target.data)
    return ""


class _Invalid:
    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _string(value: Value) -> str | None:
    return value.data if isinstance(value, Scalar) and isinstance(value.data, str) else None


def _pair(value: Value) -> object:
    text = _string(value)
    if text is None:
        return _Invalid("An item of this list is no string, and Compose takes only strings here")
    return text.partition("=")[0]


def _mount(value: Value) -> object:
    if isinstance(value, ShortMount):
        start, end = value.spec.fields[min(1, len(value.spec.fields) - 1)]
        if value.canonical:
            return value.target
        return str(value.scalar.data)[start:end]
    if isinstance(value, Map):
        target = value.entries.get("target")
        text = None if target is None else _string(target)
        if text is None:
            return _Invalid("A mount without a 'target' cannot be made")
        return text
    return ""


def _device(value: Value) -> object:
    text = _string(value)
    if text is not None:
        parts = text.split(":")
        return parts[min(1, len(parts) - 1)]
    if isinstance(value, Map):
        target = value.entries.get("target")
        inside = None if target is None else _string(target)
        return _Invalid("A device without a 'target' is refused") if inside is None else inside
    return ""


def _exposed(value: Value) -> object:
    if (
        isinstance(value, Scalar)
        and isinstance(value.data, (str, int))
        and value.data.__class__ is not bool
    ):
        return str(value.data)
    return _Invalid("An exposed port is a string or an integer")


def _granted(folder: str) -> Callable[[Value], object]:
    def index(value: Value) -> object:
        text = _string(value)
        if text is not None:
            return f"{folder}/{text}"
        if isinstance(value, Map):
            target = value.entries.get("target")
            if target is not None:
                return _string(target) or ""
            source = value.entries.get("source")
            return f"{folder}/{_string(source) if source else None}"
        return _Invalid("An item of this list is neither a name nor a mapping")

    return index


def _port(value: Value) -> object:
    if isinstance(value, Map):
        entries = value.entries
        if "target" not in entries:
            return _Invalid("A port without a 'target' cannot be published")
        return tuple(
            _typed(entries.get(name), default)
            for name, default in (
                ("host_ip", "0.0.0.0"),
                ("published", None),
                ("target", None),
                ("protocol", "tcp"),
            )
        )
    if isinstance(value, Scalar) and isinstance(value.data, (str, int)):
        return str(value.data)
    return ""


def _typed(value: Value | None, default: str | None) -> object:
    if value is None:
        return (str, default)
    return (value.data.__class__, value.data) if isinstance(value, Scalar) else (None, id(value))


def _env_file(value: Value) -> object:
    if isinstance(value, Map):
        path = value.entries.get("path")
        return (
            _Invalid("An env file without a 'path' cannot be read")
            if path is None
            else _string(path)
        )
    return _string(value) or ""


_INDEXERS: dict[str, Callable[[Value], object]] = {
    **dict.fromkeys(
        ("annotations", "cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "environment", "labels",
         "links", "profiles", "sysctls", "tmpfs"),
        _pair,
    ),
    "configs": _granted(""),
    "devices": _device,
    "env_file": _env_file,
    "expose": _exposed,
    "ports": _port,
    "secrets": _granted("/run/secrets"),
    "volumes": _mount,
}  # fmt: skip
