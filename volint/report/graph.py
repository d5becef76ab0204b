"""The storage of projects as graphs: containers on one side, what they mount on the other.

Every text in a graph may be shown: secrets are masked and control characters escaped; what is left to a format
is its own syntax.
"""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

from volint.model import MountKind, ProjectKind, Volume
from volint.record import NamedTuple
from volint.redact import redact
from volint.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.model import Container, Mount, Project, Secret, Text
    from volint.rule import Finding, Level
    from volint.source import Span

__all__ = ["Access", "Edge", "Graph", "Node", "NodeKind", "StorageMap", "size", "storage_map"]

_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


class NodeKind(str, Enum):
    """What stands at an end of an edge; the value is what a person calls it."""

    CONTAINER = "container"
    VOLUME = "volume"
    UNNAMED = "unnamed volume"
    HOST = "host path"
    TMPFS = "tmpfs"
    SECRET = "secret"
    CONFIG = "config"
    IMAGE = "image"
    DEVICE = "device file system"
    DONOR = "other container"


class Access(str, Enum):
    """What a container can do with what it mounts; the value is Docker's word, or '?' where that is not known."""

    READ_ONLY = "ro"
    READ_WRITE = "rw"
    UNKNOWN = "?"


class Node(NamedTuple):
    """A container, or something it can mount."""

    id: str
    """Letters and digits, unique within its graph."""
    kind: NodeKind
    label: str
    """Its name or path."""
    detail: str = ""
    """More about it in a few words; may be empty."""
    place: str = ""
    """`file:line` where it is described or declared; empty where nothing declares it."""
    off: bool = False
    """True for a container that a profile turns off."""
    marks: tuple[int, ...] = ()
    """Positions of the findings about it in `StorageMap.findings`."""

    @property
    def about(self) -> str:
        """What it is, and more about it: empty only for a container of which nothing is known."""
        if self.kind is NodeKind.CONTAINER or self.label.startswith(self.kind.value):
            return self.detail
        return ", ".join(filter(None, (self.kind.value, self.detail)))


class Edge(NamedTuple):
    """A mount: from a container to what it mounts."""

    id: str
    """Letters and digits, unique within its graph."""
    container: str
    """Id of the container's node."""
    storage: str
    """Id of the other node."""
    target: str
    """Where it appears in the container; empty where all mounts of another container are taken over."""
    access: Access
    detail: str = ""
    """More about it in a few words; may be empty."""
    place: str = ""
    """`file:line`."""
    marks: tuple[int, ...] = ()
    """Positions of the findings about it in `StorageMap.findings`."""


_MOST_FILES = 4


class Graph(NamedTuple):
    """One project."""

    id: str
    """Letters and digits, unique within the map."""
    name: str
    kind: str
    environment: str
    """'production' ... 'unknown'."""
    reason: str
    """Why that is known; may be empty."""
    files: tuple[str, ...]
    family: int
    """Projects of one number share files: they are environments of one thing, to be seen side by side."""
    nodes: tuple[Node, ...]
    """Containers first, then what is mounted, both in the order of the files."""
    edges: tuple[Edge, ...]
    marks: tuple[int, ...] = ()
    """Positions of its findings that are about none of its nodes and edges."""
    caption: str = ""
    """Its title, with its files and a number where others have the same title; unique within the map."""

    @property
    def title(self) -> str:
        """Name and environment on one line."""
        known = self.environment != "unknown"
        return f"{self.name} ({self.environment})" if known else self.name

    def described(self) -> str:
        """Return its files; empty where its name says them already."""
        return "" if self.name.startswith(self.files) else self.listed()

    def listed(self) -> str:
        """Return its files on one line, the first ones where there are many."""
        shown, more = self.first_files()
        return " + ".join((*shown, f"{more} more") if more else shown)

    def first_files(self) -> tuple[tuple[str, ...], int]:
        """Return the files that a line has room for, and the number of the others."""
        if len(self.files) <= _MOST_FILES:
            return self.files, 0
        return self.files[: _MOST_FILES - 1], len(self.files) - _MOST_FILES + 1

    def all_marks(self) -> tuple[int, ...]:
        """Return the positions of all its findings, in their order."""
        found = set(self.marks)
        found.update(mark for node in self.nodes for mark in node.marks)
        found.update(mark for edge in self.edges for mark in edge.marks)
        return tuple(sorted(found))


class StorageMap(NamedTuple):
    """All that a picture shows."""

    graphs: tuple[Graph, ...]
    findings: tuple[Finding, ...]
    """What is marked."""
    subject: str = ""
    """What the run looked at, for a title; may be empty."""
    others: tuple[Graph, ...] = ()
    """Projects left out of the picture: they have no container, and declare no storage."""

    def families(self) -> list[list[Graph]]:
        """Return the graphs, those to be seen side by side together."""
        families: dict[int, list[Graph]] = {}
        for graph in self.graphs:
            families.setdefault(graph.family, []).append(graph)
        return list(families.values())

    def worst(self, marks: Sequence[int]) -> Level | None:
        """Return the highest level of some findings; None if there are none."""
        levels = [self.findings[mark].level for mark in marks]
        worst: Level | None = max(levels, key=_rank, default=None)
        return worst

    def codes(self, marks: Sequence[int]) -> list[str]:
        """Return the codes of some findings, those of the worst first, each once."""
        found = [self.findings[mark] for mark in marks]
        found.sort(key=lambda finding: (-finding.level.rank, finding.code))
        return list(dict.fromkeys(finding.code for finding in found))


def _rank(level: Level) -> int:
    return level.rank


def size(value: int) -> str:
    """Return a number of bytes as a person would write it."""
    for unit, name in _UNITS:
        if value and not value % unit:
            return f"{value // unit} {name}"
    return f"{value} B"


def _shown(text: Text | None) -> str:
    return "" if text is None else _safe(text.value)


def _safe(text: str) -> str:
    shown: str = escape(redact(text))
    return shown


def _place(span: Span) -> str:
    return f"{escape(span.source.path)}:{span.source.position(span.start)[0]}"


_KINDS = {
    MountKind.BIND: NodeKind.HOST,
    MountKind.NPIPE: NodeKind.HOST,
    MountKind.OVERLAY: NodeKind.HOST,
    MountKind.VOLUME: NodeKind.VOLUME,
    MountKind.CLUSTER: NodeKind.VOLUME,
    MountKind.TMPFS: NodeKind.TMPFS,
    MountKind.SECRET: NodeKind.SECRET,
    MountKind.CONFIG: NodeKind.CONFIG,
    MountKind.IMAGE: NodeKind.IMAGE,
    MountKind.DEVICE_FS: NodeKind.DEVICE,
}


class _Builder:
    """The graph of one project under construction."""

    def __init__(self, project: Project, marks: Mapping[object, tuple[int, ...]]) -> None:
        self._project = project
        self._marks = marks
        self._containers: list[Node] = []
        self._storage: dict[tuple[NodeKind, str], Node] = {}
        self._edges: list[Edge] = []
        self._declared: dict[tuple[NodeKind, str], Volume | Secret] = {
            (kind, each.name.value): each
            for kind, objects in (
                (NodeKind.VOLUME, project.volumes),
                (NodeKind.SECRET, project.secrets),
                (NodeKind.CONFIG, project.configs),
            )
            for each in objects
        }

    def build(self) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
        """Return its nodes and edges."""
        for index, container in enumerate(self._project.containers):
            self._container(index, container)
        for kind, name in self._declared:
            self._node(kind, name)
        return (*self._containers, *self._storage.values()), tuple(self._edges)

    def _container(self, index: int, container: Container) -> None:
        own = f"c{index}"
        self._containers.append(
            Node(
                own,
                NodeKind.CONTAINER,
                _shown(container.name),
                _about(container, self._project),
                _place(container.name.span),
                not container.enabled,
                self._marks.get(("container", index), ()),
            )
        )
        for at, mount in enumerate(container.shown):
            self._edges.append(
                Edge(
                    f"m{len(self._edges)}",
                    own,
                    self._mounted(mount, (index, at)),
                    _safe(mount.target.value),
                    _access(mount),
                    _remarks(mount),
                    _place(mount.span),
                    self._marks.get(("mount", index, at), ()),
                )
            )
        inherited = {mount.donor for mount in container.mounts}
        for donor in container.volumes_from:
            if donor.name.value in inherited:
                continue
            access = Access.READ_ONLY if donor.read_only else Access.READ_WRITE
            storage = self._node(NodeKind.DONOR, donor.name.value)
            self._edges.append(
                Edge(
                    f"m{len(self._edges)}",
                    own,
                    storage,
                    "",
                    access,
                    "all its mounts",
                    _place(donor.span),
                )
            )

    def _mounted(self, mount: Mount, at: tuple[int, int]) -> str:
        """Return the id of what a mount mounts."""
        kind = _KINDS[mount.kind]
        if mount.source is not None:
            return self._node(kind, mount.source.value, mount.resolved_source, mount)
        if kind is NodeKind.VOLUME:
            kind = NodeKind.UNNAMED
        # Every container, and every mount of it, has its own.
        return self._node(kind, "", f"{at[0]} {at[1]}", mount)

    def _node(
        self, kind: NodeKind, name: str, identity: str | None = None, mount: Mount | None = None
    ) -> str:
        key = (kind, identity or name)
        if key not in self._storage:
            declared = self._declared.get((kind, name))
            self._storage[key] = Node(
                f"s{len(self._storage)}",
                kind,
                _safe(name) or _unnamed(kind, mount),
                _about_storage(kind, declared, mount, self._project.name),
                _place(declared.name.span) if declared else "",
                marks=self._marks.get((kind.value, name), ()) if name else (),
            )
        return self._storage[key].id


def _about(container: Container, project: Project) -> str:
    words = []
    if container.image is not None:
        words.append(_shown(container.image))
    if container.build is not None:
        words.append("built here")
    if container.read_only:
        words.append("read-only root")
    own = container.environment
    if own and own.value is not project.environment.value:
        words.append(own.value.value)
    if not container.enabled:
        profiles = ", ".join(_shown(profile) for profile in container.profiles)
        words.append(f"off: profile {profiles}" if profiles else "off")
    return ", ".join(words)


def _unnamed(kind: NodeKind, mount: Mount | None) -> str:
    if kind is NodeKind.UNNAMED:
        return "(unnamed)"
    option = mount.options.get("size") if mount is not None else None
    name: str = kind.value
    if option is not None and isinstance(option.value, int) and option.value:
        return f"{name} {size(option.value)}"
    return name


def _about_storage(
    kind: NodeKind, declared: Volume | Secret | None, mount: Mount | None, project: str
) -> str:
    words: list[str] = []
    if declared is not None:
        if declared.external:
            words.append("external")
        elif not isinstance(declared, Volume):
            source = f" {_shown(declared.source)}" if declared.source else ""
            words.append(_ORIGINS.get(declared.origin, declared.origin) + source)
        elif declared.driver is not None and declared.driver.value != "local":
            words.append(f"driver {_shown(declared.driver)}")
        usual = (declared.name.value, f"{project}_{declared.name.value}")
        if declared.real_name and declared.real_name.value not in usual:
            words.append(f"named {_shown(declared.real_name)}")
    elif mount is not None and mount.kind in (
        MountKind.NPIPE,
        MountKind.CLUSTER,
        MountKind.OVERLAY,
    ):
        words.append(mount.kind.value)
    elif kind is NodeKind.TMPFS and mount is not None and not _has_size(mount):
        words.append("no size limit")
    return ", ".join(words)


_ORIGINS = {"file": "from file", "environment": "from variable", "content": "written out"}


def _has_size(mount: Mount) -> bool:
    option = mount.options.get("size")
    return option is not None and bool(option.value)


def _access(mount: Mount) -> Access:
    if mount.mode is not None and mount.mode.unresolved:
        return Access.UNKNOWN
    return Access.READ_ONLY if mount.read_only else Access.READ_WRITE


def _remarks(mount: Mount) -> str:
    words = []
    if "subpath" in mount.options:
        words.append(f"subpath {_safe(str(mount.options['subpath'].value))}")
    if mount.donor is not None:
        words.append(f"from {escape(mount.donor)}")
    if mount.shadowed:
        words.append("hidden by another mount")
    if mount.unresolved:
        words.append(f"unknown: {', '.join(map(escape, mount.unresolved))}")
    return ", ".join(words)


def _families(projects: Sequence[Project]) -> list[int]:
    """Return a number for each project, the same for Compose projects that share a file or a written name."""
    parents = list(range(len(projects)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    first: dict[str, int] = {}
    for index, project in enumerate(projects):
        if project.kind is not ProjectKind.COMPOSE:
            continue
        for source in project.sources:
            other = first.setdefault(source.path, index)
            low, high = sorted((root(other), root(index)))
            parents[high] = low
    return [root(index) for index in range(len(projects))]


def storage_map(
    projects: Sequence[Project],
    findings: Sequence[Finding] = (),
    indexes: Sequence[int] | None = None,
    subject: str = "",
) -> StorageMap:
    """Return the map of projects with findings marked on it.

    `indexes` are the positions that the projects had when the rules ran, where those were more; `subject` is what
    the run looked at.
    """
    from volint.report.marks import Marks

    numbers = range(len(projects)) if indexes is None else indexes
    marks = Marks(findings)
    graphs: list[Graph] = []
    for project, number, family in zip(projects, numbers, _families(projects), strict=True):
        found = marks.of(project, number)
        nodes, edges = _Builder(project, found).build()
        environment = project.environment
        graph = Graph(
            f"p{len(graphs)}",
            escape(project.name),
            project.kind.value,
            environment.value.value,
            escape(environment.reason),
            tuple(escape(source.path) for source in project.sources),
            family,
            nodes,
            edges,
            found.get("project", ()),
        )
        graphs.append(graph)
    graphs = _captioned(graphs)
    drawn = tuple(graph for graph in graphs if graph.nodes)
    others = tuple(graph for graph in graphs if not graph.nodes)
    return StorageMap(drawn, tuple(findings), escape(subject), others)


def _captioned(graphs: Sequence[Graph]) -> list[Graph]:
    titles = Counter(graph.title for graph in graphs)
    seen: Counter[str] = Counter()
    made = []
    for graph in graphs:
        caption = graph.title
        if titles[caption] > 1:
            caption += f": {graph.listed()}"
        seen[caption] += 1
        if seen[caption] > 1:
            caption += f" ({seen[caption]})"
        made.append(graph._replace(caption=caption))
    return made
