"""What a Compose file holds at a glance: enough to tell a base from an overlay or a fragment.

Nothing is merged or interpolated here; the loader does that once it is known which files belong together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.yaml import Alias, Mapping, Scalar, Sequence, effective, parse
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Mapping_

    from volint.parse.yaml import Node
    from volint.source import Source

__all__ = ["Shape", "shape"]


class Shape(NamedTuple):
    """One Compose file at a glance."""

    source: Source
    """The file."""
    services: Mapping_[str, frozenset[str]]
    """Its services: the keys of each by name."""
    incomplete: frozenset[str]
    """Services with neither image, build nor extends."""
    declared: frozenset[tuple[str, str]]
    """(section, name) of everything it declares."""
    missing: frozenset[tuple[str, str]]
    """(section, name) of what its services refer to and the file does not declare."""
    refined: frozenset[str]
    """Volumes that it says more of than their names, and that none of its services mounts."""
    extended: tuple[str, ...]
    """Files named by `extends.file`, as written."""
    included: tuple[str, ...]
    """Files named by `include`, as written."""
    profiles: frozenset[str]
    """Profiles of its services."""
    name: str
    """Its top-level `name`, '' if it has none."""
    paths: tuple[str, ...]
    """Relative paths that it mounts or builds, as written: './src', '../conf'."""
    readable: bool
    """False if it does not parse, or is neither a mapping nor empty."""

    @property
    def stands_alone(self) -> bool:
        """True if Compose could run it without another file, as far as this glance tells."""
        return (bool(self.services) or bool(self.included)) and not self.incomplete

    @property
    def needs(self) -> frozenset[tuple[str, str]]:
        """(section, name) of everything that another file has to give for Compose to accept it."""
        return self.missing | {("services", name) for name in self.incomplete}

    @property
    def gives(self) -> frozenset[tuple[str, str]]:
        """(section, name) of everything it declares whole."""
        return self.declared - {("services", name) for name in self.incomplete}


def _follow(node: Node) -> Node:
    return node.target if isinstance(node, Alias) else node


def _entries(node: Node | None) -> dict[str, Node]:
    if node is None:
        return {}
    node = _follow(node)
    if not isinstance(node, Mapping):
        return {}
    return {
        entry[0].value: _follow(entry[1])
        for entry in effective(node)
        if isinstance(entry[0], Scalar)
    }


def _items(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield _follow(item)


def _names(node: Node | None) -> Iterator[str]:
    """Yield names of a `depends_on`, `networks`, `secrets` ... in list or mapping form."""
    if isinstance(node, Mapping):
        for name, value in _entries(node).items():
            required = _entries(value).get("required")
            if not (isinstance(required, Scalar) and required.value == "false"):
                yield name
    for item in _items(node):
        if isinstance(item, Scalar):
            yield item.value
        else:
            source = _entries(item).get("source")
            if isinstance(source, Scalar):
                yield source.value


def _services(entries: dict[str, Node]) -> Iterator[str]:
    """Yield the names of the services that one refers to."""
    if "depends_on" in entries:
        yield from _names(entries["depends_on"])
    for key in ("links", "volumes_from"):
        for item in _items(entries.get(key)):
            name = item.value.partition(":")[0] if isinstance(item, Scalar) else ""
            if name and name != "container":
                yield name
    for key in ("network_mode", "pid", "ipc"):
        mode = entries.get(key)
        if isinstance(mode, Scalar) and mode.value.startswith("service:"):
            yield mode.value[len("service:") :]


def _volumes(node: Node | None) -> Iterator[str]:
    for item in _items(node):
        if isinstance(item, Scalar):
            source, colon, _ = item.value.partition(":")
            if colon and len(source) > 1 and source[0] not in "./~$\\":
                yield source
        elif isinstance(item, Mapping):
            entries = _entries(item)
            kind, source_node = entries.get("type"), entries.get("source")
            if (
                isinstance(kind, Scalar)
                and kind.value == "volume"
                and isinstance(source_node, Scalar)
                and source_node.value
            ):
                yield source_node.value


def _extended(services: dict[str, dict[str, Node]]) -> Iterator[str]:
    for entries in services.values():
        if "extends" in entries:
            file = _entries(entries["extends"]).get("file")
            if isinstance(file, Scalar):
                yield file.value


def _included(include: Node | None) -> Iterator[str]:
    for item in _items(include):
        path = item if isinstance(item, Scalar) else _entries(item).get("path")
        if isinstance(path, Scalar):
            yield path.value
        for part in _items(path):
            if isinstance(part, Scalar):
                yield part.value


def _profiles(services: dict[str, dict[str, Node]]) -> Iterator[str]:
    for entries in services.values():
        for item in _items(entries.get("profiles")):
            if isinstance(item, Scalar):
                yield item.value


def _paths(entries: dict[str, Node]) -> Iterator[str]:
    """Yield the relative paths that a service mounts or builds."""
    build = entries.get("build")
    found = [build if isinstance(build, Scalar) else _entries(build).get("context")]
    found.extend(
        item if isinstance(item, Scalar) else _entries(item).get("source")
        for item in _items(entries.get("volumes"))
    )
    for node in found:
        if isinstance(node, Scalar) and node.value.startswith(("./", "../")):
            path = node.value.partition(":")[0]
            if "$" not in path:
                yield path


def shape(source: Source) -> Shape:
    """Return what a Compose file holds at a glance; a file that does not parse is not `readable`."""
    documents, problems = parse(source)
    top: dict[str, Node] = {}
    readable = not any(problem.level is None or problem.code == "VL001" for problem in problems)
    for document in documents:
        root = document.root
        if isinstance(root, Mapping):
            top.update(_entries(root))
        elif root is not None and not (isinstance(root, Scalar) and not root.value):
            readable = False
    # The first file format had services at the top.
    named = _entries(top["services"]) if "services" in top else top
    services = {name: _entries(node) for name, node in named.items()}
    if named is top:
        services = {name: own for name, own in services.items() if own.keys() & {"image", "build"}}
    incomplete = frozenset(
        name
        for name, entries in services.items()
        if not entries.keys() & {"image", "build", "extends", "provider"}
    )
    declared = {("services", name) for name in services}
    for section in ("volumes", "networks", "secrets", "configs"):
        declared.update((section, name) for name in _entries(top.get(section)))
    used: set[tuple[str, str]] = set()
    if "include" not in top:
        for entries in services.values():
            if "extends" in entries:
                continue
            used.update(("services", name) for name in _services(entries))
            used.update(("volumes", name) for name in _volumes(entries.get("volumes")))
            for section in ("networks", "secrets", "configs"):
                used.update((section, name) for name in _names(entries.get(section)))
        used.discard(("networks", "default"))
    return Shape(
        source,
        {name: frozenset(entries) for name, entries in services.items()},
        incomplete,
        frozenset(declared),
        frozenset(name for name in used - declared if "$" not in name[1]),
        frozenset(
            name
            for name, node in _entries(top.get("volumes")).items()
            if ("volumes", name) not in used and _entries(node) and "include" not in top
        ),
        tuple(dict.fromkeys(_extended(services))),
        tuple(_included(top.get("include"))),
        frozenset(_profiles(services)),
        name.value if isinstance(name := top.get("name"), Scalar) else "",
        tuple(path for entries in services.values() for path in _paths(entries)),
        readable,
    )
