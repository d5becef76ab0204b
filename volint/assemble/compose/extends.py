"""`extends`: a service on top of another one, of this file or of another.

Source of the behaviour: compose-go 2.14, loader/extends.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.merge import merge_services
from volint.assemble.compose.report import closest
from volint.assemble.compose.tree import prune
from volint.assemble.compose.values import Map, Scalar, copy_value
from volint.source import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from volint.assemble.compose.report import Path, Report
    from volint.assemble.compose.values import Value

__all__ = ["BaseFile", "Extender"]

MAX_CHAIN = 100
"""Services that may extend each other in a row; Compose has no limit."""

Link = tuple[str, str, "Scalar | None"]
"""A step of a chain: the file, the service, where it is named."""


class BaseFile:
    """A file that services extend from."""

    __slots__ = ("name", "services", "tags")

    name: str
    """The file as it is referred to."""
    services: dict[str, Value] | None
    """Its services; None if it has no such section."""
    tags: list[Path]
    """Paths that its `!reset` and `!override` mark."""

    def __init__(self, name: str, services: dict[str, Value] | None, tags: list[Path]) -> None:
        self.name = name
        self.services = services
        self.tags = tags


class _Broken(Exception):
    """Something on the way to a base is wrong and has been reported."""


class Extender:
    """Applies the `extends` of one document's services."""

    def __init__(
        self,
        services: Map,
        file: str,
        tags: list[Path],
        read: Callable[[Scalar, str], BaseFile | None],
        report: Report,
        *,
        partial: bool,
    ) -> None:
        self.services = dict(services.entries)
        self.node = services
        self.file = file
        self.tags = tags
        self.read = read
        """Loads the file that a scalar of a service names; None if it cannot be read."""
        self.report = report
        self.partial = partial
        self.broken: set[str] = set()
        """Services whose bases are not known."""
        self._active: list[Link] = []
        self._cyclic: set[str] = set()
        self._root = ""

    def apply(self) -> Map:
        """Return the services with their bases merged below them."""
        for name in self.services:
            self._root = name
            self._active = []
            try:
                self._own(name, None)
            except _Broken:
                self.broken.add(name)
        node = self.node
        return Map(self.services, node.keys, node.node, node.via, node.overlays)

    def _own(self, name: str, place: Scalar | None) -> Value | None:
        """Extend a service of this file, its bases of this file first."""
        link = (self.file, name, place)
        if name in self._cyclic:
            raise _Broken
        if any(name == active[1] for active in self._active):
            self._circular((*self._active, link))
        self._active.append(link)
        extended = self._extend(name, self.services, self.tags, ())
        self._active.pop()
        if extended is not None:
            self.services[name] = extended
        return extended

    def _extend(
        self, name: str, services: dict[str, Value], tags: list[Path], chain: tuple[Link, ...]
    ) -> Value | None:
        """Return a service with everything it extends. Raises _Broken."""
        service = services.get(name)
        if len(chain) + len(self._active) > MAX_CHAIN:
            place = service.span if service is not None else self.node.span
            self.report.add(
                "VL004",
                f"'{name}' is not extended: {MAX_CHAIN} services extend each other down to here",
                place,
                "extend a service further up",
                container=self._root,
            )
            raise _Broken
        if service is None or (isinstance(service, Scalar) and service.data is None):
            return service
        if not isinstance(service, Map):
            if services is not self.services:
                self._refuse(
                    f"service '{name}' is no mapping and cannot be extended",
                    service,
                    "write its keys below it",
                )
            return service  # the specification's types refuse it
        extends = service.entries.get("extends")
        if extends is None:
            return service
        reference, source = self._target(extends, name)
        if reference.unresolved or (source is not None and source.unresolved):
            self.broken.add(self._root)
            return _without_extends(service)
        base_name = str(reference.data)
        base: Value | None
        if source is not None:
            found = self.read(source, name)
            if found is None:
                raise _Broken
            if found.services is None or base_name not in found.services:
                self._refuse(
                    f"'{source.data}' has no service '{base_name}' to extend", reference,
                    _advice(base_name, found.services or ()),
                )  # fmt: skip
            assert found.services is not None
            link = (found.name, name, reference)
            if any(link[:2] == step[:2] for step in chain):
                self._circular((*chain, link))
            base = self._extend(base_name, dict(found.services), found.tags, (*chain, link))
        elif base_name not in services:
            if self.partial:
                raise _Broken
            self._refuse(
                f"There is no service '{base_name}' to extend",
                reference,
                _advice(base_name, services),
            )
            return None
        elif services is self.services:
            base = self._own(base_name, reference)
        else:
            link = (self.file, name, reference)
            if any(link[:2] == step[:2] for step in chain):
                self._circular((*chain, link))
            base = self._extend(base_name, services, tags, (*chain, link))
        if not isinstance(base, Map):
            return service
        copied = copy_value(base, reference.span)
        assert isinstance(copied, Map)
        marked = [path[2:] for path in tags if path[:2] == ("services", name) and len(path) > 2]
        merged = _without_extends(merge_services(prune(copied, marked), service, name, self.report))
        merged.node = service.node
        merged.via = service.via
        return merged

    def _target(self, extends: Value, name: str) -> tuple[Scalar, Scalar | None]:
        reference: Value | None = extends
        source: Value | None = None
        if isinstance(extends, Map):
            reference, source = extends.entries.get("service"), extends.entries.get("file")
        if not isinstance(reference, Scalar) or not isinstance(reference.data, str):
            self._refuse(
                f"'extends' of service '{name}' names no service", extends, "add 'service: NAME'"
            )
        assert isinstance(reference, Scalar)
        if isinstance(source, Scalar) and source.data is None:
            source = None
        if source is not None and not (isinstance(source, Scalar) and isinstance(source.data, str)):
            self._refuse(
                f"'file' of the 'extends' of service '{name}' is no path",
                source,
                "write the path of a file",
            )
        assert source is None or isinstance(source, Scalar)
        return reference, source

    def _refuse(self, message: str, value: Value, help: str) -> None:
        self.report.refuse("VL615", message, value.span, help, container=self._root)
        raise _Broken

    def _circular(self, chain: tuple[Link, ...]) -> None:
        self._cyclic.update(step[1] for step in chain)
        places = [step[2] for step in chain if step[2] is not None]
        last = places[-1] if places else None
        steps = " -> ".join(step[1] for step in chain)
        assert last is not None
        self.report.refuse(
            "VL615",
            f"service '{chain[-1][1]}' extends itself: {steps}",
            last.span,
            "remove one of these 'extends'",
            [Label(place.span, f"extends '{place.data}'") for place in places[:-1]],
            container=self._root,
        )
        raise _Broken


def _without_extends(service: Map) -> Map:
    entries = dict(service.entries)
    entries.pop("extends", None)
    return Map(entries, service.keys, service.node, service.via, service.overlays)


def _advice(name: str, services: Iterable[str]) -> str:
    meant = closest(name, services)
    return f"did you mean '{meant}'?" if meant else "name a service that is there"
