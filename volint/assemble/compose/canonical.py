"""Short forms into long ones, and the defaults of what is left out.

Source of the behaviour: compose-go 2.14, transform/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.merge import started
from volint.assemble.compose.report import container_of
from volint.assemble.compose.units import parse_port
from volint.assemble.compose.values import Map, Scalar, Seq, ShortMount, plain
from volint.source import Piece, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from volint.assemble.compose.report import Path, Report
    from volint.assemble.compose.values import Value
    from volint.parse.yaml import Node

__all__ = ["canonical", "defaults", "part"]

_OBJECTS = ("volumes", "networks", "secrets", "configs")


def canonical(tree: Map, report: Report, *, lenient: bool) -> None:
    """Bring everything a project says in a short form into its long form, in place.

    With `lenient` (variables are not replaced) what cannot be read stays as it is.
    """
    step = _Canonical(report, lenient)
    services = tree.entries.get("services")
    if isinstance(services, Map):
        for name, service in services.entries.items():
            if isinstance(service, Map):
                step.service(service, ("services", name))
    for section in _OBJECTS:
        objects = tree.entries.get(section)
        if isinstance(objects, Map):
            for name, item in objects.entries.items():
                if isinstance(item, Map):
                    objects.entries[name] = step.external(item, (section, name))


def _with(value: Map, key: str, child: Value) -> Map:
    return Map({**value.entries, key: child}, value.keys, value.node, value.via, value.overlays)


class _Canonical:
    def __init__(self, report: Report, lenient: bool) -> None:
        self.report = report
        self.lenient = lenient

    def refuse(
        self, message: str, value: Value, path: Path, help: str = "", code: str = "VL615"
    ) -> None:
        self.report.refuse(code, message, value.span, help, container=container_of(path))

    def service(self, service: Map, path: Path) -> None:
        entries = service.entries
        for key in entries:
            step = _STEPS.get(key)
            if step is not None:
                entries[key] = step(self, entries[key], (*path, key))

    def build(self, value: Value, path: Path) -> Value:
        if isinstance(value, Scalar) and isinstance(value.data, str):
            return Map({"context": value}, {}, value.node, value.via)
        if not isinstance(value, Map):
            return value
        entries = value.entries
        for key in entries:
            step = _BUILD_STEPS.get(key)
            if step is not None:
                entries[key] = step(self, entries[key], (*path, key))
        return value

    def grants(self, value: Value, path: Path) -> Value:
        """Secrets and configs of a service or a build."""
        del path
        if isinstance(value, Seq) and any(isinstance(item, Scalar) for item in value.items):
            return Seq(
                [
                    Map({"source": item}, {}, item.node, item.via)
                    if isinstance(item, Scalar)
                    else item
                    for item in value.items
                ],
                value.node,
                value.via,
            )
        return value

    def text(self, value: Value, path: Path) -> Value:
        del path
        if isinstance(value, Scalar) and isinstance(value.data, bool):
            return Scalar(plain(value.data), value.node, via=value.via)
        return value

    def contexts(self, value: Value, path: Path) -> Value:
        """KEY=VALUE items into a mapping."""
        if not isinstance(value, Seq):
            return value
        entries: dict[str, Value] = {}
        keys: dict[str, Node] = {}
        for item in value.items:
            if not isinstance(item, Scalar) or not isinstance(item.data, str):
                continue
            name, equals, _ = item.data.partition("=")
            if not equals and not item.unresolved:
                if self.lenient:
                    return value
                self.refuse(f"'{item.data}' has no '=' between a name and a context", item, path)
                continue
            entries[name] = part(item, len(name) + 1)
            keys[name] = item.node
        return Map(entries, keys, value.node, value.via)

    def dependencies(self, value: Value, path: Path) -> Value:
        if isinstance(value, Seq):
            entries: dict[str, Value] = {}
            keys: dict[str, Node] = {}
            for item in value.items:
                if isinstance(item, Scalar) and isinstance(item.data, str):
                    entries[item.data] = started(item.node)
                    keys[item.data] = item.node
            return Map(entries, keys, value.node, value.via)
        if isinstance(value, Map):
            for name, child in value.entries.items():
                if not isinstance(child, Map):
                    continue
                missing: dict[str, Value] = {}
                if "condition" not in child.entries:
                    missing["condition"] = Scalar("service_started", child.node)
                if "required" not in child.entries:
                    missing["required"] = Scalar(True, child.node)
                if missing:
                    value.entries[name] = Map(
                        {**child.entries, **missing}, child.keys, child.node, child.via
                    )
        return value

    def env_files(self, value: Value, path: Path) -> Value:
        del path
        items = value.items if isinstance(value, Seq) else [value]
        made: list[Value] = []
        for item in items:
            if isinstance(item, Scalar) and isinstance(item.data, str):
                made.append(
                    Map(
                        {"path": item, "required": Scalar(True, item.node)}, {}, item.node, item.via
                    )
                )
            elif isinstance(item, Map) and "required" not in item.entries:
                made.append(_with(item, "required", Scalar(True, item.node)))
            else:
                made.append(item)
        return Seq(made, value.node, value.via)

    def listed(self, value: Value, path: Path) -> Value:
        """A string into a list of one; no empty items in `dns`."""
        if isinstance(value, Scalar) and isinstance(value.data, str):
            value = Seq([value], value.node, value.via)
        if path[-1] == "dns" and isinstance(value, Seq):
            kept = [
                item
                for item in value.items
                if not isinstance(item, Scalar) or item.data not in (None, "")
            ]
            if len(kept) < len(value.items):
                return Seq(kept, value.node, value.via)
        return value

    def extends(self, value: Value, path: Path) -> Value:
        del path
        if isinstance(value, Scalar) and isinstance(value.data, str):
            return Map({"service": value}, {}, value.node, value.via)
        return value

    def gpus(self, value: Value, path: Path) -> Value:
        del path
        if isinstance(value, Scalar) and isinstance(value.data, str):
            every = Map({"count": Scalar("all", value.node)}, {}, value.node)
            return Seq([every], value.node, value.via)
        return value

    def names(self, value: Value, path: Path) -> Value:
        """A list of names into a mapping of nothing to each."""
        del path
        if not isinstance(value, Seq):
            return value
        entries: dict[str, Value] = {}
        keys: dict[str, Node] = {}
        for item in value.items:
            if isinstance(item, Scalar) and isinstance(item.data, str):
                entries[item.data] = Scalar(None, item.node)
                keys[item.data] = item.node
        return Map(entries, keys, value.node, value.via)

    def mounts(self, value: Value, path: Path) -> Value:
        del path
        if isinstance(value, Seq):
            for item in value.items:
                if isinstance(item, ShortMount):
                    item.canonical = True
        return value

    def devices(self, value: Value, path: Path) -> Value:
        if not isinstance(value, Seq):
            return value
        made: list[Value] = []
        for item in value.items:
            if not isinstance(item, Scalar) or not isinstance(item.data, str):
                made.append(item)
                continue
            made.append(self.device(item, path))
        return Seq(made, value.node, value.via)

    def device(self, item: Scalar, path: Path) -> Value:
        text = str(item.data)
        ends = [at for at, char in enumerate(text) if char == ":"]
        if len(ends) > 2:
            if not self.lenient and not item.unresolved:
                self.refuse(f"'{text}' has more than three fields", item, path, "use the long form")
            return Map({"source": item, "target": item}, {}, item.node, item.via)
        source = part(item, 0, ends[0] if ends else None)
        target = source
        if ends:
            target = part(item, ends[0] + 1, ends[1] if len(ends) > 1 else None)
            if target.data == "":
                target = source
        permissions = part(item, ends[1] + 1) if len(ends) > 1 else Scalar("rwm", item.node)
        return Map(
            {"source": source, "target": target, "permissions": permissions},
            {},
            item.node,
            item.via,
        )

    def ports(self, value: Value, path: Path) -> Value:
        if isinstance(value, Seq):
            for item in value.items:
                if not isinstance(item, Scalar) or item.unresolved:
                    continue
                data = item.data
                if isinstance(data, float):
                    self.refuse(f"'{plain(data)}' is no port", item, path)
                if isinstance(data, bool) or not isinstance(data, (str, int)):
                    continue  # the specification's types have refused it
                reason = parse_port(str(data))
                if reason and not (self.lenient and isinstance(data, str)):
                    self.refuse(f"'{data}' cannot be published: {reason}", item, path)
        return value

    def ssh(self, value: Value, path: Path) -> Value:
        if isinstance(value, Seq):
            for item in value.items:
                if (
                    isinstance(item, Scalar)
                    and isinstance(item.data, str)
                    and item.data != "default"
                    and "=" not in item.data
                    and not item.unresolved
                ):
                    self.refuse(f"'{item.data}' is no SSH key: it has no '='", item, path)
        return value

    def ulimits(self, value: Value, path: Path) -> Value:
        if isinstance(value, Map):
            for name, item in value.entries.items():
                if (
                    isinstance(item, Scalar)
                    and not item.unresolved
                    and (
                        isinstance(item.data, float)
                        or (self.lenient and isinstance(item.data, str))
                    )
                ):
                    self.refuse(
                        f"'{plain(item.data)}' is no integer, which the limit '{name}' takes",
                        item,
                        path,
                    )
        return value

    def watches(self, value: Value, path: Path) -> Value:
        watch = value.entries.get("watch") if isinstance(value, Map) else None
        if isinstance(watch, Seq):
            for item in watch.items:
                if isinstance(item, Map):
                    for key in ("ignore", "include"):
                        if key in item.entries:
                            item.entries[key] = self.listed(item.entries[key], (*path, key))
        return value

    def external(self, value: Map, path: Path) -> Map:
        """`external: {name: N}` into `external: true` and a name."""
        external = value.entries.get("external")
        if not isinstance(external, Map):
            return value
        made = _with(value, "external", Scalar(True, external.node))
        inner = external.entries.get("name")
        if inner is None:
            return made
        outer = value.entries.get("name")
        if outer is None:
            return _with(made, "name", inner)
        if (
            isinstance(outer, Scalar)
            and isinstance(inner, Scalar)
            and outer.data != inner.data
            and not (outer.unresolved or inner.unresolved)
        ):
            self.refuse(
                f"'{plain(inner.data)}' and '{plain(outer.data)}' both name '{path[-1]}'",
                inner,
                path,
                "keep 'name' and write 'external: true'",
            )
        return made


def part(item: Scalar, start: int, end: int | None = None) -> Scalar:
    """Return a part of a string with its own place."""
    cut = item.word.slice(start, end)
    exact = cut.span.end - cut.span.start == len(cut.value)
    pieces = () if exact else (Piece(0, cut.span.start, cut.span.end, opaque=True),)
    word = Word(cut.value, cut.span, pieces)
    return Scalar(cut.value, item.node, word, cut.unresolved, item.via)


_STEPS: dict[str, Callable[[_Canonical, Value, Path], Value]] = {
    "build": _Canonical.build,
    "configs": _Canonical.grants,
    "depends_on": _Canonical.dependencies,
    "develop": _Canonical.watches,
    "devices": _Canonical.devices,
    "dns": _Canonical.listed,
    "env_file": _Canonical.env_files,
    "extends": _Canonical.extends,
    "gpus": _Canonical.gpus,
    "label_file": _Canonical.listed,
    "models": _Canonical.names,
    "networks": _Canonical.names,
    "ports": _Canonical.ports,
    "secrets": _Canonical.grants,
    "ulimits": _Canonical.ulimits,
    "volumes": _Canonical.mounts,
}

_BUILD_STEPS: dict[str, Callable[[_Canonical, Value, Path], Value]] = {
    "additional_contexts": _Canonical.contexts,
    "provenance": _Canonical.text,
    "sbom": _Canonical.text,
    "secrets": _Canonical.grants,
    "ssh": _Canonical.ssh,
    "ulimits": _Canonical.ulimits,
}


def defaults(tree: Map) -> None:
    """Fill in what Compose adds where secrets are given no target and mounts a bare `bind`."""
    services = tree.entries.get("services")
    if not isinstance(services, Map):
        return
    for service in services.entries.values():
        if not isinstance(service, Map):
            continue
        secrets = service.entries.get("secrets")
        if isinstance(secrets, Seq):
            service.entries["secrets"] = Seq(
                [_secret(item) for item in secrets.items], secrets.node, secrets.via
            )
        build = service.entries.get("build")
        if isinstance(build, Map) and "context" not in build.entries:
            service.entries["build"] = _with(build, "context", Scalar(".", build.node))


def _secret(item: Value) -> Value:
    if not isinstance(item, Map) or "target" in item.entries:
        return item
    source = item.entries.get("source")
    name = plain(source.data) if isinstance(source, Scalar) else ""
    target = Scalar(
        f"/run/secrets/{name}",
        item.node,
        source._word if isinstance(source, Scalar) else None,
        source.unresolved if isinstance(source, Scalar) else (),
    )
    return _with(item, "target", target)
