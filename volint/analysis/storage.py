"""What becomes of the data of stateful containers: which mount holds it, or that none does.

Joins what a project mounts with what `volint.knowledge` says of its images, for all rules that ask.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.knowledge import covering_mount, current, state_of, within
from volint.knowledge.commands import built_stage
from volint.lazy import regex
from volint.model import CommandKind, ContainerKind, EnvironmentKind, MountKind, Syntax
from volint.record import NamedTuple
from volint.rule import Confidence
from volint.source import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.knowledge.images import Image
    from volint.knowledge.moves import DataPath
    from volint.knowledge.state import State
    from volint.model import Container, Mount, Project, Volume

__all__ = [
    "Held",
    "Misplaced",
    "Storage",
    "declared_volume",
    "is_throwaway",
    "known_name",
    "storages",
]

_STORES = frozenset(
    ("database", "cache", "broker", "vector-db", "search", "object-store", "metrics", "logs")
)
"""Categories of images whose purpose it is to keep data: each container has its own."""
_SCRATCH = ("/tmp", "/var/tmp", "/dev/shm", "/run")
_KEEPS = frozenset((MountKind.BIND, MountKind.VOLUME, MountKind.CLUSTER))
_MISTAKES = frozenset(("wrong", "conditional", "version-dependent", "parent-of-volume"))
_FILE = regex(r"/[^/]*[^/.][^/]*\.[A-Za-z][A-Za-z0-9]{0,9}$")
_DATA_WORDS = frozenset(("data", "db", "database", "storage", "store", "vol", "volume", "state"))
_OTHER_WORDS = frozenset(
    (
        "backup", "backups", "dump", "dumps", "log", "logs", "conf", "config", "cfg", "cert", "certs", "ssl", "tls",
        "tmp", "temp", "run", "sock", "socket", "cache", "init", "script", "scripts", "share", "shared", "upload",
        "uploads", "media", "plugin", "plugins", "secret", "secrets", "key", "keys", "import", "export", "seed",
    )
)  # fmt: skip
_HELPER = regex(r"(?:^|[\s/\"'])[\w.-]*(?:setup|topics?|migrat\w*|seed|wait-for\S*)\.sh\b")
"""A script that prepares a server elsewhere with the tools of its image."""
_PLAIN_NAMES = frozenset(
    ("server", "app", "web", "backend", "db", "database", "api", "core", "image", "docker", "all-in-one", "aio")
)  # fmt: skip


class Held(NamedTuple):
    """A data path of a container and the mount that what is written there goes to."""

    data: DataPath
    """Where state is kept."""
    mount: Mount
    """The mount at or above it; of any kind, tmpfs and anonymous volumes too."""


class Misplaced(NamedTuple):
    """A mount that is meant for a container's data and lies where the container keeps none."""

    mount: Mount
    """The mount."""
    data: DataPath
    """Where the data is kept instead."""
    kind: str
    """'wrong', 'conditional', 'version-dependent' or 'parent-of-volume' as in the knowledge; 'unset': right for the
    image's own command, which the container's replaces; 'too-narrow': it holds a part only; 'outdated': right for
    older versions than a floating tag may bring; 'unlike': the name says data, and the knowledge has no such path."""
    why: str
    """A clause that explains it; may be empty."""


class Storage(NamedTuple):
    """What becomes of the data of one container."""

    container: Container
    """The container."""
    state: State
    """Where its image keeps state."""
    held: tuple[Held, ...]
    """Data paths with a mount."""
    bare: tuple[DataPath, ...]
    """Data paths without; empty where that is not sure."""
    misplaced: Misplaced | None
    """The mount that misses the data, where there is one."""

    @property
    def image(self) -> Image:
        """What is known of the image."""
        return self.state.image

    @property
    def confidence(self) -> Confidence:
        """How sure the facts about the image are."""
        if self.image.is_verified:
            return Confidence.HIGH
        if self.image.evidence in ("official", "corpus"):
            return Confidence.MEDIUM
        return Confidence.LOW

    def fact(self, data: DataPath) -> str:
        """Return the fact a finding rests on: "postgres 18 keeps its data in /var/lib/postgresql"."""
        if data.missing:
            name = known_name(self.image)
            return f"without '{data.missing}' {name} keeps its data in {data.path}"
        if data.moved_by is not None:
            return f"its settings put the data in {data.path}"
        name = known_name(self.image, data)
        several = name.endswith(" and later") or " before " in name
        return f"{name} {'keep their' if several else 'keeps its'} data in {data.path}"


_last: list[tuple[Project, object, tuple[Storage, ...]]] = []


def storages(project: Project) -> tuple[Storage, ...]:
    """Return what becomes of the data of each container that is known to keep some.

    Left out are containers of which too little is known: those of fragments, with a base or a donor that
    cannot be read, or with unknown flags; and those that keep no state of their own.
    """
    facts = current()
    if not _last or _last[0][0] is not project or _last[0][1] is not facts:
        found: tuple[Storage, ...] = ()
        if not project.partial:
            names = {container.name.value for container in project.containers}
            found = _without_workers(
                [
                    made
                    for container in project.containers
                    if _is_known(container, names)
                    and (made := _storage(project, container)) is not None
                ]
            )
        _last[:] = [(project, facts, found)]
    return _last[0][2]


def _is_known(container: Container, names: set[str]) -> bool:
    return not (
        container.unresolved
        or container.replicas == 0
        or "extends" in container.keys
        or any(donor.name.value not in names for donor in container.volumes_from)
        or any(mount.target.unresolved for mount in container.mounts)
    )


def _without_workers(found: list[Storage]) -> tuple[Storage, ...]:
    """Take the bare paths from workers: an application's image with a command of its own beside its main service."""
    keepers = {item.image.id for item in found if item.held and not item.bare}
    return tuple(
        item._replace(bare=(), misplaced=None)
        if item.bare
        and item.image.id in keepers
        and item.image.category not in _STORES
        and (item.container.command or item.container.entrypoint)
        else item
        for item in found
    )


def _storage(project: Project, container: Container) -> Storage | None:
    state = state_of(container)
    if state is None or state.elsewhere or not state.paths:
        return None
    image = state.image
    held: list[Held] = []
    bare: list[DataPath] = []
    alternatives: list[DataPath] = []
    found: list[DataPath] = []
    for data in state.paths:
        mount = covering_mount(container, data.path, state.volumes)
        certain = image.applies(data.place.when) is not None
        if mount is not None and mount.syntax is not Syntax.INSTRUCTION:
            held.append(Held(data, mount))
            if not certain:
                found.append(data)
        elif not certain:
            alternatives.append(data)
        elif data.moved_by is None and data.place.optional:
            continue
        elif (
            data.moved_by is None
            or data.missing
            or not any(within(data.path, path) for path in _SCRATCH)
        ):
            bare.append(data)
    if not found:
        bare += _newest(image, alternatives)
    elif _follows_newest(image) and all(map(_is_newest, found)):
        bare += filter(_is_newest, alternatives)
    if state.unknown or _runs_something_else(container, image):
        return Storage(container, state, tuple(held), (), None)
    misplaced = None
    if bare:
        misplaced = _misplaced(container, state, bare)
        if misplaced is not None and _is_given(project, container, misplaced.mount):
            misplaced = None
        bare = [data for data in bare if not _is_partly_held(container, data)]
    elif alternatives:
        misplaced = _outdated(state, held, alternatives)
    return Storage(container, state, tuple(held), tuple(bare), misplaced)


def _newest(image: Image, alternatives: Sequence[DataPath]) -> Sequence[DataPath]:
    """Return which of the paths of several versions matter: of a tag that floats, those of the newest."""
    if _follows_newest(image):
        return list(filter(_is_newest, alternatives)) or alternatives
    return alternatives


def _follows_newest(image: Image) -> bool:
    """Return whether a tag is the newest version's, whatever else it names (`latest-cuda-12`)."""
    return image.ref.is_floating or (image.ref.tag or "").startswith("latest-")


def _is_newest(data: DataPath) -> bool:
    """Return whether a version's path is that of the newest, too."""
    return all(condition.startswith(">=") for condition in data.place.when)


def _runs_something_else(container: Container, image: Image) -> bool:
    """Return whether a script of the user's own decides what runs: then the image's facts are no longer sure."""
    stage = built_stage(container)
    if stage is not None:
        stem = re.split(r"[-/]", image.id)[0]
        for words in (stage.entrypoint, stage.command):
            text = " ".join(word.value for word in words or ())
            if (
                text
                and text[0] != "-"
                and "docker-entrypoint" not in text
                and (stem not in text or _HELPER.search(text))
            ):
                return True
    for words in (container.entrypoint, container.command):
        for word in (words or ())[:1]:
            if word.value.startswith("/") and any(
                mount.kind is MountKind.BIND and within(word.value, mount.target.value)
                for mount in container.mounts
            ):
                return True
    return False


def _is_file(mount: Mount) -> bool:
    return mount.kind is MountKind.BIND and bool(
        _FILE.search(mount.target.value)
        or (mount.source is not None and _FILE.search("/" + mount.source.value))
    )


def _is_partly_held(container: Container, data: DataPath) -> bool:
    """Return whether directories below a data path are mounted: what they keep may be all that matters."""
    return any(
        mount.kind in _KEEPS
        and mount.syntax is not Syntax.INSTRUCTION
        and within(mount.target.value, data.path)
        and not _is_file(mount)
        for mount in container.mounts
    )


# -- mounts that miss the data


def _misplaced(container: Container, state: State, bare: Sequence[DataPath]) -> Misplaced | None:
    """Return the mount that was meant for the data, the surest first."""
    candidates = [
        mount
        for mount in container.mounts
        if mount.kind in (MountKind.VOLUME, MountKind.BIND)
        and (mount.source is not None or mount.syntax is not Syntax.INSTRUCTION)
        and not (mount.read_only or mount.shadowed or mount.donor)
        and not (
            mount.kind is MountKind.BIND
            and mount.source is not None
            and _FILE.search("/" + mount.source.value)
        )
        and not _is_named(container, mount.target.value)
    ]
    for mount in candidates:
        target = mount.target.value
        for data in bare:
            if data.missing and within(data.place.path, target):
                return Misplaced(mount, data, "unset", "")
            if data.path != target and within(data.path, target):
                for volume in state.volumes:
                    if within(data.path, volume) and volume != target and within(volume, target):
                        why = f"the image declares a volume at {volume}, which hides it"
                        return Misplaced(mount, data, "parent-of-volume", why)
    image = state.image
    for mount in candidates:
        entry = image.wrong_target(mount.target.value)
        if entry is None:
            continue
        data = next((d for d in bare if within(entry.path, d.path)), bare[0])
        if image.applies(entry.when) is None:
            if image.ref.is_floating and entry.when[0].startswith(">="):
                return Misplaced(mount, data, "outdated", entry.why)
            continue
        if entry.kind in _MISTAKES:
            if mount.kind is MountKind.VOLUME or _is_meant_for_data(mount, image, data):
                return Misplaced(mount, data, entry.kind, entry.why)
        elif entry.kind == "too-narrow" and _is_alone_below(container, mount, data):
            return Misplaced(mount, data, "too-narrow", entry.why)
    for mount in candidates:
        data = bare[0]
        if (
            mount.kind is MountKind.VOLUME
            and image.role_of(mount.target.value) is None
            and not any(within(place.path, mount.target.value) for place in image.places)
            and not within(mount.target.value, data.path)
            and image.wrong_target(mount.target.value) is None
            and _is_meant_for_data(mount, image, data)
        ):
            return Misplaced(mount, data, "unlike", "")
    return None


def _is_named(container: Container, target: str) -> bool:
    """Return whether a flag of the command is given a path: it is for what the flag says (`--secure-file-priv=/data`)."""
    return any(
        word.value.startswith("-") and word.value.partition("=")[2].rstrip("/") == target
        for word in container.command or ()
    )


def _is_given(project: Project, container: Container, mount: Mount) -> bool:
    """Return whether a bind mount is of files that the repository keeps, or of a folder that holds those of another mount.

    They are there to be read, and no database writes into them.
    """
    path, around = mount.resolved_source, project.surroundings
    if mount.kind is not MountKind.BIND or mount.source is None:
        return False
    inner = mount.source.value.rstrip("/") + "/"
    if any(
        other.source is not None and other.source.value.startswith(inner)
        for other in container.mounts
    ):
        return True
    return (
        path is not None
        and around is not None
        and any(not name.startswith(".") for name in around.names(path))
        and around.is_tracked(path)
    )


def _is_alone_below(container: Container, mount: Mount, data: DataPath) -> bool:
    return not any(
        other is not mount and other.kind in _KEEPS and within(other.target.value, data.path)
        for other in container.mounts
        if not _is_file(other)
    )


def _is_meant_for_data(mount: Mount, image: Image, data: DataPath) -> bool:
    """Return whether a mount's name, or the likeness of its target, says that it is for the image's data."""
    target = mount.target.value
    if target.rpartition("/")[2] in _OTHER_WORDS:
        return False
    if target.count("/") > 1 and _is_like(target, data.path):
        return True
    name = mount.source.value.lower() if mount.source is not None else ""
    if mount.kind is MountKind.BIND:
        name = name.rstrip("/").rpartition("/")[2]
    words = set(re.findall(r"[a-z]+", name))
    if words & _OTHER_WORDS:
        return False
    stem = re.split(r"[-/]", image.id)[0]
    return bool(words & _DATA_WORDS) or name.endswith("data") or stem in name


def _is_like(target: str, path: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, target, path, autojunk=False).ratio() >= 0.8


def _outdated(
    state: State, held: Sequence[Held], alternatives: Sequence[DataPath]
) -> Misplaced | None:
    """Return the mount that is right for versions older than those a floating tag brings."""
    if not state.image.ref.is_floating:
        return None
    for data in alternatives:
        if data.moved_by is None and data.place.when[0].startswith(">="):
            for item in held:
                if item.data.place.when and item.data.place.when[-1].startswith("<"):
                    return Misplaced(item.mount, data, "outdated", "")
    return None


# -- words and circumstances


def known_name(image: Image, data: DataPath | None = None) -> str:
    """Return what to call an image in a sentence, with its version where a data path depends on it."""
    parts = (image.ref.name or image.id).split("/")
    name = parts[-1]
    if name in _PLAIN_NAMES and len(parts) > 1:
        name = "/".join(parts[-2:])
    bounds = [c for c in (data.place.when if data is not None else ()) if c[0] in "<>="]
    if not bounds:
        return name
    if image.version is None:
        bound = bounds[0].lstrip("<>=")
        return (
            f"{name} {bound} and later" if bounds[0].startswith(">=") else f"{name} before {bound}"
        )
    digits = max(bound.count(".") for bound in bounds) + 1
    return f"{name} {'.'.join(f'{part:g}' for part in image.version[:digits])}"


_SUBSTITUTED = regex(r"(?:\$\(|<\(|`)\s*(?:sudo\s+)?$")
_PIPED = regex(
    r"[ \t]*\|(?!\||[ \t]*tee\b)|[ \t]*>[ \t]*/dev/null"
    r"|[ \t]*>>?[ \t]*(?!&|\S*\.log\b)[^\s;|&]+[ \t]*(?:2>&1[ \t]*)?(?:(?!&(?!&))[;|&\r\n)`]|$)"
)


def is_throwaway(project: Project, container: Container) -> bool:
    """Return whether nobody expects to find a container's data again.

    So it is in tests, in CI files, after `--rm`, where only the output is wanted, and where the same script removes
    the container further down.
    """
    environment = project.environment_of(container)
    if environment.value is EnvironmentKind.TEST or container.span.source.kind is Kind.CI:
        return True
    if container.remove:
        return not (container.detached and environment.is_production)
    if container.kind is ContainerKind.RUN and not container.detached and _is_captured(container):
        return True
    return container.kind is ContainerKind.RUN and any(
        command.kind is CommandKind.CONTAINER_RM
        and command.span.start > container.span.start
        and any(operand.value == container.name.value for operand in command.operands)
        for command in project.commands
    )


def _is_captured(container: Container) -> bool:
    """Return whether what a run line prints is taken: `$(docker run ...)`, `| sed ...`, `> out.txt`, no log file."""
    text, start, end = container.span.source.text, container.span.start, container.span.end
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return _SUBSTITUTED.search(line) is not None or _PIPED.match(text, end) is not None


def declared_volume(project: Project, mount: Mount) -> Volume | None:
    """Return the declaration of the volume that is mounted, also one of `docker volume create`."""
    if mount.kind is not MountKind.VOLUME or mount.source is None:
        return None
    found = project.volume(mount.source.value)
    if found is None:
        for command in project.commands:
            if command.volume is not None and command.volume.name.value == mount.source.value:
                return command.volume
    return found
