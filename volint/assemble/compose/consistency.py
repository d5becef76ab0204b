"""What Compose refuses once a project is whole: references, doubled targets, limits, cycles.

Source of the behaviour: compose-go 2.14, loader/validate.go and graph/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, listed, mapping, text
from volint.assemble.compose.report import closest
from volint.assemble.compose.units import parse_bytes, parse_float, parse_int
from volint.assemble.compose.values import Map, Scalar, ShortMount, plain
from volint.parse.mountspec import clean
from volint.source import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from volint.assemble.compose.report import Report
    from volint.assemble.compose.values import Value
    from volint.source import Span

__all__ = ["Consistency", "dependencies"]


def dependencies(service: Value) -> Iterator[tuple[str, Value, bool]]:
    """Yield whom a service waits for: the name, the place, whether it must be there."""
    seen: set[str] = set()
    for key, value, required in _all_dependencies(service):
        if key not in seen:
            seen.add(key)
            yield key, value, required


def _all_dependencies(service: Value) -> Iterator[tuple[str, Value, bool]]:
    entries = mapping(service)
    owner = entries.get("depends_on")
    for key, value in mapping(owner).items():
        required = child(value, "required")
        place = owner.keys.get(key) if isinstance(owner, Map) else None
        must = not (
            isinstance(required, Scalar) and (required.data is False or required.unresolved)
        )
        yield key, Scalar(key, place or value.node), must
    for link in items(entries.get("links")):
        parts = text(link).split(":")
        yield (parts[0] if len(parts) == 2 else text(link)), link, True
    for key in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        shared = entries.get(key)
        if shared is not None and text(shared).startswith("service:"):
            yield text(shared)[8:], shared, True
    for donor in items(entries.get("volumes_from")):
        value_text = text(donor)
        if not value_text.startswith("container:"):
            yield value_text.split(":")[0], donor, True


class Consistency:
    """Checks of the services that are on, and of what they refer to."""

    def __init__(self, tree: Map, active: Iterable[str], report: Report, broken: set[str]) -> None:
        self.tree = tree
        self.report = report
        self.services = mapping(tree.entries.get("services"))
        self.active = set(active)
        self.broken = broken

    def check(self) -> None:
        """Report everything that does not fit together."""
        for name, service in self.services.items():
            if name in self.active and isinstance(service, Map):
                self._service(name, service)
        for name, secret in mapping(self.tree.entries.get("secrets")).items():
            if not isinstance(secret, Map):
                continue
            external = secret.entries.get("external")
            if isinstance(external, Scalar) and (external.data is True or external.unresolved):
                continue
            sources = (secret.entries.get("file"), secret.entries.get("environment"))
            if not any(
                isinstance(item, Scalar) and (item.resolved or item.data) for item in sources
            ) and ("driver" in secret.entries or "external" in secret.entries or any(sources)):
                self.report.refuse(
                    "VL615",
                    f"secret '{name}' declares neither a 'file' nor an 'environment'",
                    secret.span,
                    "add 'file: PATH'",
                )
        self._cycles()

    def check_own(self) -> None:
        """Report only what is wrong whatever other files say."""
        for name, service in self.services.items():
            if isinstance(service, Map):
                self._health(name, service)
                self._targets(name, service)

    def check_references(self) -> None:
        """Report what services refer to and nothing declares."""
        for name, service in self.services.items():
            if isinstance(service, Map):
                self._references(name, service)
                self._networks(name, service)

    def _refuse(
        self, message: str, span: Span, name: str, help: str = "", code: str = "VL615"
    ) -> None:
        self.report.refuse(code, message, span, help, container=name)

    def _service(self, name: str, service: Map) -> None:
        entries = service.entries
        build = entries.get("build")
        if (
            build is None
            and "provider" not in entries
            and name not in self.broken
            and _is_empty(entries.get("image"))
        ):
            self._refuse(
                f"service '{name}' has neither an image nor a build",
                self._name_span(name, service),
                name,
                "add 'image' or 'build'",
            )
        if isinstance(build, Map):
            self._build(name, service, build)
        self._networks(name, service)
        self._health(name, service)
        self._dependencies(name, service)
        self._references(name, service)
        self._limits(name, service)
        for watch in items(child(service, "develop", "watch")):
            action, target = child(watch, "action"), child(watch, "target")
            if action is None or text(action) in ("", "rebuild", "restart"):
                continue
            if _is_empty(target):
                self._refuse(
                    f"'{text(action)}' of a watched path needs a target",
                    action.span,
                    name,
                    "add 'target: PATH'",
                )
        self._targets(name, service)

    def _name_span(self, name: str, service: Map) -> Span:
        services = self.tree.entries["services"]
        return services.key_span(name) if isinstance(services, Map) else service.span

    def _build(self, name: str, service: Map, build: Map) -> None:
        inline, dockerfile = build.entries.get("dockerfile_inline"), build.entries.get("dockerfile")
        if (
            isinstance(inline, Scalar)
            and inline.data
            and isinstance(dockerfile, Scalar)
            and dockerfile.data
        ):
            self._refuse(
                f"service '{name}' has both 'dockerfile' and 'dockerfile_inline'",
                build.key_span("dockerfile_inline"), name, "keep one of the two",
            )  # fmt: skip
        for key, context in mapping(build.entries.get("additional_contexts")).items():
            value = text(context)
            if not value.startswith("service:"):
                continue
            target = self.services.get(value[8:]) if value[8:] in self.active else None
            if target is None:
                self._refuse(
                    f"context '{key}' is service '{value[8:]}', which is not there",
                    context.span,
                    name,
                    f"declare service '{value[8:]}', or name another context",
                )
            elif "build" not in mapping(target):
                self._refuse(
                    f"context '{key}' is service '{value[8:]}', which is not built",
                    context.span,
                    name,
                    f"give '{value[8:]}' a 'build', or write 'docker-image://IMAGE'",
                )
        platforms = [text(item) for item in items(build.entries.get("platforms"))]
        platform = text(service.entries.get("platform"))
        if platforms and platform and platform not in platforms and all(platforms):
            self._refuse(
                f"'{platform}' is not among the platforms that '{name}' is built for",
                service.entries["platform"].span, name, "add it to 'build.platforms'",
            )  # fmt: skip

    def _networks(self, name: str, service: Map) -> None:
        networks = service.entries.get("networks")
        mode = service.entries.get("network_mode")
        if text(mode) and mapping(networks) and mode is not None:
            self._refuse(
                f"service '{name}' has both 'network_mode' and 'networks'",
                mode.span,
                name,
                "keep one of the two",
            )
        declared = mapping(self.tree.entries.get("networks"))
        for key in mapping(networks):
            there = key == "default" or (key in declared and not key.startswith("x-"))
            if isinstance(networks, Map) and not there and not _interpolated(key):
                self._undefined("VL615", "network", key, networks.key_span(key), declared, name)
        value = text(mode)
        if value.startswith("service:") and value[8:] not in self.active and mode is not None:
            self._refuse(
                f"'{value}' names a service that is not there", mode.span, name,
                "declare that service, or name another",
            )  # fmt: skip

    def _undefined(
        self, code: str, what: str, key: str, span: Span, declared: Iterable[str], name: str
    ) -> None:
        meant = closest(key, declared)
        where = {"service": "services"}.get(what, what.rpartition(" ")[2] + "s")
        self._refuse(
            f"service '{name}' uses {what} '{key}', which no file of the project declares",
            span,
            name,
            f"did you mean '{meant}'?" if meant else f"declare it under the top-level '{where}'",
            code,
        )

    def _health(self, name: str, service: Map) -> None:
        test = child(service, "healthcheck", "test")
        words = items(test)
        first = words[0] if words else None
        if isinstance(first, Scalar) and not first.unresolved:
            if first.data in ("CMD", "CMD-SHELL", "NONE"):
                return
            self._refuse(
                f"'{text(first)}' cannot begin a health check's test",
                first.span,
                name,
                "begin with CMD, CMD-SHELL or NONE, or write the test as a string",
            )

    def _dependencies(self, name: str, service: Map) -> None:
        for key, value, required in dependencies(service):
            if (
                key in self.active
                or _interpolated(key)
                or (isinstance(value, Scalar) and value.unresolved)
            ):
                continue
            if key in self.services and not required:
                continue
            if key in self.services:
                self._refuse(
                    f"service '{name}' needs '{key}', which its profiles turn off",
                    value.span, name, "activate one of its profiles, or write 'required: false'",
                )  # fmt: skip
            else:
                meant = closest(key, self.services)
                self._refuse(
                    f"service '{name}' needs '{key}', which is no service of the project",
                    value.span, name,
                    f"did you mean '{meant}'?" if meant else "declare that service, or remove its name here",
                )  # fmt: skip

    def _references(self, name: str, service: Map) -> None:
        volumes = mapping(self.tree.entries.get("volumes"))
        for mount in items(service.entries.get("volumes")):
            if isinstance(mount, ShortMount):
                if mount.spec.kind != "volume" or mount.spec.source is None:
                    continue
                start, end = mount.spec.fields[0]
                part = mount.scalar.word.slice(start, end)
                if mount.spec.source not in volumes and not part.unresolved:
                    self._undefined("VL105", "volume", mount.spec.source, part.span, volumes, name)
            elif text(child(mount, "type")) == "volume":
                source = child(mount, "source")
                key = text(source)
                if source is not None and key and key not in volumes:
                    self._undefined("VL105", "volume", key, source.span, volumes, name)
        for section, what in (("secrets", "secret"), ("configs", "config")):
            declared = mapping(self.tree.entries.get(section))
            for grant in items(service.entries.get(section)):
                self._granted(grant, what, declared, name)
        declared = mapping(self.tree.entries.get("secrets"))
        for grant in items(child(service, "build", "secrets")):
            self._granted(grant, "build secret", declared, name)
        models = {
            key for key in mapping(self.tree.entries.get("models")) if not key.startswith("x-")
        }
        used = service.entries.get("models")
        for key in mapping(used):
            if key not in models and not _interpolated(key):
                assert isinstance(used, Map)
                self._undefined("VL615", "model", key, used.key_span(key), models, name)

    def _granted(self, grant: Value, what: str, declared: Iterable[str], name: str) -> None:
        source = child(grant, "source")
        key = plain(source.data) if isinstance(source, Scalar) else ""
        if key in declared or (isinstance(source, Scalar) and source.unresolved):
            return
        if isinstance(grant, Map):
            self._undefined(
                "VL307", what, key, source.span if source else grant.span, declared, name
            )

    def _limits(self, name: str, service: Map) -> None:
        scale, replicas = service.entries.get("scale"), child(service, "deploy", "replicas")
        count = _int(scale)
        deployed = _int(replicas)
        if count is not None and deployed is not None and count != deployed and scale is not None:
            self._refuse(
                f"'scale' and 'deploy.replicas' of '{name}' differ", scale.span, name,
                "keep one of the two",
            )  # fmt: skip
        for value, number in ((scale, count), (replicas, deployed)):
            if value is not None and number is not None and number < 0:
                self._refuse(
                    f"'{number}' is less than 0 containers", value.span, name, "write 0 or more"
                )
        wanted = count if count is not None else deployed
        fixed = service.entries.get("container_name")
        if wanted is not None and wanted > 1 and text(fixed) and fixed is not None:
            self._refuse(
                f"'{text(fixed)}' can name one container only, and {wanted} are wanted",
                fixed.span, name, "remove 'container_name'",
            )  # fmt: skip
        resources = child(service, "deploy", "resources")
        for key, section, inner in (
            ("cpus", "limits", "cpus"),
            ("mem_limit", "limits", "memory"),
            ("mem_reservation", "reservations", "memory"),
            ("pids_limit", "limits", "pids"),
        ):
            own, group = service.entries.get(key), child(resources, section)
            if own is None or not isinstance(group, Map):
                continue
            there = group.entries.get(inner)
            first, second = _amount(own, key), _amount(there, key) if there is not None else 0.0
            if first and second is not None and first != second:
                self._refuse(
                    f"'{key}' and 'deploy.resources.{section}.{inner}' of '{name}' differ", own.span, name,
                    "keep one of the two",
                )  # fmt: skip

    def _targets(self, name: str, service: Map) -> None:
        """Report targets that two mounts share."""
        taken: dict[str, Value] = {}
        for item in listed(service.entries.get("tmpfs")):
            if isinstance(item, Scalar) and isinstance(item.data, str) and not item.unresolved:
                self._take(item.data.partition(":")[0], item, taken, name)
        for item in items(service.entries.get("volumes")):
            if isinstance(item, ShortMount):
                if not item.scalar.unresolved or not item.scalar.word.unresolved(
                    *_target_field(item)
                ):
                    self._take(item.target, item, taken, name)
            else:
                target = child(item, "target")
                if (
                    isinstance(target, Scalar)
                    and isinstance(target.data, str)
                    and not target.unresolved
                ):
                    self._take(clean(target.data), item, taken, name)

    def _take(self, target: str, item: Value, taken: dict[str, Value], name: str) -> None:
        first = taken.setdefault(target, item)
        if first is not item:
            self.report.refuse(
                "VL602",
                f"Two mounts of service '{name}' have the target '{target}'",
                item.span,
                "remove one of the two, or mount it elsewhere",
                (Label(first.span, "the first mount there"),),
                container=name,
                target=target,
                level="error",
            )

    def _cycles(self) -> None:
        edges = {
            name: {
                key: value
                for key, value, _ in dependencies(service)
                if key in self.active and not (isinstance(value, Scalar) and value.unresolved)
            }
            for name, service in self.services.items()
            if name in self.active
        }
        done: set[str] = set()
        for start in edges:
            found = _cycle(start, edges, done)
            if found is not None:
                self._refuse(
                    "services wait for each other: " + " -> ".join((*found, found[0])),
                    edges[found[-1]][found[0]].span,
                    found[-1],
                    "remove one of these dependencies",
                )
                return


def _cycle(start: str, edges: dict[str, dict[str, Value]], done: set[str]) -> list[str] | None:
    """Return the names of one cycle that can be reached, None if there is none."""
    path: list[str] = []
    stack: list[tuple[str, Iterator[str]]] = []
    on_path: set[str] = set()

    def enter(name: str) -> None:
        path.append(name)
        on_path.add(name)
        stack.append((name, iter(edges[name])))

    if start in done:
        return None
    enter(start)
    while stack:
        name, following = stack[-1]
        for key in following:
            if key in on_path:
                return path[path.index(key) :]
            if key not in done:
                enter(key)
                break
        else:
            stack.pop()
            path.pop()
            on_path.discard(name)
            done.add(name)
    return None


def _is_empty(value: Value | None) -> bool:
    """Return whether a scalar is missing or known to be empty."""
    return value is None or (
        isinstance(value, Scalar) and value.data == "" and not value.unresolved
    )


def _target_field(item: ShortMount) -> tuple[int, int]:
    fields = item.spec.fields
    return fields[min(1, len(fields) - 1)]


def _interpolated(key: str) -> bool:
    return "${" in key


def _int(value: Value | None) -> int | None:
    if isinstance(value, Scalar) and not value.unresolved:
        if isinstance(value.data, int) and not isinstance(value.data, bool):
            return value.data
        if isinstance(value.data, str):
            return parse_int(value.data)
    return None


def _amount(value: Value, key: str) -> float | None:
    """Return an amount of memory, CPUs or processes; None where it is not known."""
    if not isinstance(value, Scalar) or value.unresolved:
        return None
    if isinstance(value.data, str):
        if key.startswith("mem"):
            size = parse_bytes(value.data)
            return None if size is None else float(size)
        return parse_float(value.data)
    if isinstance(value.data, float) and key.startswith("mem"):
        return 0.0
    return float(value.data) if isinstance(value.data, (int, float)) else None
