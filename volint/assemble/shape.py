"""What a Compose file holds at a glance: enough to tell a base from an overlay or a fragment.

Nothing is merged or interpolated here; the loader does that once it is known which files belong together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.yaml import Alias, Mapping, Scalar, Sequence, effective, parse
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.parse.yaml import Node
    from volint.source import Source, Text

__all__ = ["Shape", "shape"]


class Shape(NamedTuple):
    """One Compose file at a glance."""

    source: Source
    """The file."""
    services: frozenset[str]
    """Names of its services."""
    incomplete: frozenset[str]
    """Services with neither image, build nor extends."""
    declared: frozenset[tuple[str, str]]
    """(section, name) of everything it declares."""
    missing: frozenset[tuple[str, str]]
    """(section, name) of what its services refer to and the file does not declare."""
    referenced: tuple[Text, ...]
    """Files named by `extends.file` and `include`."""
    has_name: bool
    """True if it has a top-level `name`."""
    readable: bool
    """False if it does not parse or is no mapping."""

    @property
    def stands_alone(self) -> bool:
        """True if Compose could run it without another file, as far as this glance tells."""
        return (bool(self.services) or bool(self.referenced)) and not self.incomplete


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
        yield from _entries(node)
    for item in _items(node):
        if isinstance(item, Scalar):
            yield item.value
        else:
            source = _entries(item).get("source")
            if isinstance(source, Scalar):
                yield source.value


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


def _referenced(top: dict[str, Node], services: dict[str, dict[str, Node]]) -> Iterator[Text]:
    for entries in services.values():
        file = _entries(entries.get("extends")).get("file")
        if isinstance(file, Scalar):
            yield file.text()
    for item in _items(top.get("include")):
        path = item if isinstance(item, Scalar) else _entries(item).get("path")
        if isinstance(path, Scalar):
            yield path.text()
        for part in _items(path):
            if isinstance(part, Scalar):
                yield part.text()


def shape(source: Source) -> Shape:
    """Return what a Compose file holds at a glance; a file that does not parse is not `readable`."""
    documents, problems = parse(source)
    top: dict[str, Node] = {}
    for document in documents:
        if document.root is not None:
            top.update(_entries(document.root))
    services = {name: _entries(node) for name, node in _entries(top.get("services")).items()}
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
            used.update(("services", name) for name in _names(entries.get("depends_on")))
            used.update(("volumes", name) for name in _volumes(entries.get("volumes")))
            for section in ("networks", "secrets", "configs"):
                used.update((section, name) for name in _names(entries.get(section)))
        used.discard(("networks", "default"))
    return Shape(
        source,
        frozenset(services),
        incomplete,
        frozenset(declared),
        frozenset(used - declared),
        tuple(_referenced(top, services)),
        "name" in top,
        bool(top) and not any(problem.level is None for problem in problems),
    )
