"""Mounts of a service, from every key that makes one.

Targets and defaults are those that docker compose sends to the Engine (pkg/compose/create.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, listed, text
from volint.assemble.compose.paths import join
from volint.assemble.compose.units import parse_bytes, parse_octal
from volint.assemble.compose.values import Map, Scalar, ShortMount, plain, text_of
from volint.model import Mount, MountKind, Option, Syntax, VolumesFrom
from volint.parse.mountspec import clean
from volint.parse.quantities import tmpfs_bytes
from volint.source import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from volint.assemble.compose.values import Value
    from volint.source import Span, Word

__all__ = ["donors", "inherited", "own_mounts", "watched"]

_KINDS = {kind.value: kind for kind in MountKind}
_WATCHED = frozenset(("sync", "sync+restart", "sync+exec"))
_MAX_CHAIN = 50
"""Donors of donors that mounts are followed through."""
_SOCKET = "/var/run/docker.sock"


def own_mounts(service: Map, via: Callable[[Value], tuple[Span, ...]]) -> list[Mount]:
    """Return the mounts a service names itself, in the order Docker keeps them.

    `via` gives the places an entry passed through.
    """
    made: list[Mount] = []
    for entry in items(service.entries.get("volumes")):
        mount = _short(entry) if isinstance(entry, ShortMount) else _long(entry)
        if mount is not None:
            made.append(mount._replace(via=via(entry)))
    for entry in listed(service.entries.get("tmpfs")):
        mount = _tmpfs(entry)
        if mount is not None:
            made.append(mount._replace(via=via(entry)))
    for key, folder, kind, syntax in (
        ("secrets", "/run/secrets", MountKind.SECRET, Syntax.SECRETS_KEY),
        ("configs", "/", MountKind.CONFIG, Syntax.CONFIGS_KEY),
    ):
        for entry in items(service.entries.get(key)):
            mount = _grant(entry, folder, kind, syntax)
            if mount is not None:
                made.append(mount._replace(via=via(entry)))
    socket = service.entries.get("use_api_socket")
    if isinstance(socket, Scalar) and socket.data is True:
        place = Text(_SOCKET, service.key_span("use_api_socket"))
        made.append(
            Mount(MountKind.BIND, place, place, False, Syntax.API_SOCKET, place.span, {}, _SOCKET)
        )
    return _shadow(made)


def watched(service: Map, via: Callable[[Value], tuple[Span, ...]]) -> tuple[Mount, ...]:
    """Return what `develop.watch` copies to a service, as mounts that no Engine makes."""
    return tuple(
        mount._replace(via=via(entry))
        for entry in items(child(service, "develop", "watch"))
        if (mount := _watch(entry)) is not None
    )


def _shadow(mounts: list[Mount]) -> list[Mount]:
    """Mark secrets and configs at the target of a volume, which wins."""
    taken = {
        mount.target.value
        for mount in mounts
        if mount.kind not in (MountKind.SECRET, MountKind.CONFIG)
    }
    return [
        mount._replace(shadowed=True)
        if mount.kind in (MountKind.SECRET, MountKind.CONFIG) and mount.target.value in taken
        else mount
        for mount in mounts
    ]


def _short(entry: ShortMount) -> Mount:
    spec, scalar = entry.spec, entry.scalar
    word = scalar.word
    fields = spec.fields
    unresolved = scalar.unresolved
    source: Text | None = None
    if len(fields) > 1:
        source = word.slice(*fields[0])
    target = word.slice(*fields[min(1, len(fields) - 1)])
    mode = word.slice(*fields[2]) if len(fields) > 2 else None
    kind = MountKind.BIND if spec.kind == "bind" else MountKind.VOLUME
    if source is not None and source.unresolved and kind is MountKind.VOLUME:
        kind = _guess(source.value)
    options: dict[str, Option] = {}
    if mode is not None:
        for name, start, end in _options(word.value, *fields[2]):
            if name == spec.propagation and name:
                options["propagation"] = Option(name, word.slice(start, end).span)
            elif name == spec.selinux and name:
                options["selinux"] = Option(name, word.slice(start, end).span)
            elif name == "nocopy":
                options["nocopy"] = Option(True, word.slice(start, end).span)
            elif name in ("cached", "delegated", "consistent"):
                options["consistency"] = Option(name, word.slice(start, end).span)
    if spec.kind == "bind" and source is not None:
        options["create_host_path"] = Option(True, source.span)
    whole = Text(word.value, word.span, unresolved, scalar.via)
    return Mount(
        kind,
        source,
        Text(entry.target, target.span, target.unresolved),
        spec.read_only,
        Syntax.SHORT,
        word.span,
        options,
        entry.resolved if spec.kind == "bind" else None,
        unresolved,
        spec=whole,
        mode=mode,
        tilde=spec.kind == "bind" and (spec.source or "").startswith("~"),
    )


def _options(spec: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """Return the words between the commas of spec[start:end], with their offsets."""
    found: list[tuple[str, int, int]] = []
    for word in spec[start:end].split(","):
        found.append((word, start, start + len(word)))
        start += len(word) + 1
    return found


def _guess(source: str) -> MountKind:
    """Return what a source that begins with an unknown variable is: mostly a path.

    A name around the variable (`${STACK}_data`) is a volume's; a bare variable or one with a slash
    behind it is a path in nearly every project that has one.
    """
    if not source.startswith("$"):
        return MountKind.BIND if source[:1] in "./~" else MountKind.VOLUME
    end = source.find("}") + 1 if source.startswith("${") else len(source)
    rest = source[end:]
    return MountKind.BIND if not rest or rest[0] in "/$." else MountKind.VOLUME


def _long(entry: Value) -> Mount | None:
    if not isinstance(entry, Map):
        return None
    entries = entry.entries
    target = text_of(entries.get("target"))
    kind = _KINDS.get(text(entries.get("type")))
    unresolved = _names(entry)
    if target is None or kind is None:
        return None
    source_value = entries.get("source")
    source = text_of(source_value)
    resolved = source_value.resolved if isinstance(source_value, Scalar) else None
    if kind is MountKind.TMPFS or (
        kind is MountKind.VOLUME and source is not None and not source.value
    ):
        source = None
    options: dict[str, Option] = {}
    for name, value in (
        ("propagation", child(entry, "bind", "propagation")),
        ("selinux", child(entry, "bind", "selinux")),
        ("recursive", child(entry, "bind", "recursive")),
        ("subpath", child(entry, "volume", "subpath") or child(entry, "image", "subpath")),
        ("consistency", entries.get("consistency")),
    ):
        if isinstance(value, Scalar) and isinstance(value.data, str):
            options[name] = Option(value.data, value.span)
    nocopy = child(entry, "volume", "nocopy")
    if isinstance(nocopy, Scalar) and _true(nocopy):
        options["nocopy"] = Option(True, nocopy.span)
    if isinstance(entries.get("bind"), Map):
        created = child(entry, "bind", "create_host_path")
        place = created.span if created is not None else entry.key_span("bind")
        options["create_host_path"] = Option(created is None or _true(created), place)
    size = child(entry, "tmpfs", "size")
    if isinstance(size, Scalar) and not size.unresolved:
        number = parse_bytes(size.data) if isinstance(size.data, str) else size.data
        if isinstance(number, int):
            options["size"] = Option(number, size.span)
    mode = child(entry, "tmpfs", "mode")
    if isinstance(mode, Scalar) and isinstance(mode.data, (int, float)):
        options["mode"] = Option(int(mode.data), mode.span)
    return Mount(
        kind,
        source,
        Text(clean(target.value), target.span, target.unresolved, target.via),
        _true(entries.get("read_only")),
        Syntax.LONG,
        entry.span,
        options,
        resolved if kind is MountKind.BIND else None,
        unresolved,
        tilde=kind is MountKind.BIND and source is not None and source.value.startswith("~"),
    )


def _true(value: Value | None) -> bool:
    return isinstance(value, Scalar) and (
        value.data is True
        or (isinstance(value.data, str) and value.data.lower() in ("true", "yes", "y", "on"))
    )


def _names(entry: Map) -> tuple[str, ...]:
    """Return the unknown variables in a mapping and in the mappings it holds."""
    found: list[str] = []
    for value in entry.entries.values():
        inner = value.entries.values() if isinstance(value, Map) else (value,)
        for scalar in inner:
            if isinstance(scalar, Scalar):
                found.extend(scalar.unresolved)
    return tuple(dict.fromkeys(found))


def _tmpfs(entry: Value) -> Mount | None:
    if not isinstance(entry, Scalar) or not isinstance(entry.data, str) or not entry.data:
        return None
    word = entry.word
    at = _colon(word)
    target = word.slice(0, at)
    mode = None if at is None else word.slice(at + 1)
    options: dict[str, Option] = {}
    read_only = False
    if at is not None:
        for name, start, end in _options(word.value, at + 1, len(word.value)):
            place = word.slice(start, end).span
            key, _, value = name.partition("=")
            number = tmpfs_bytes(value) if key == "size" else None
            if key in ("ro", "rw"):
                read_only = key == "ro"
            elif number is not None:
                options["size"] = Option(number, place)
            elif key == "mode" and (bits := parse_octal(value)) is not None:
                options["mode"] = Option(bits, place)
            elif key in ("uid", "gid", "size"):
                options[key] = Option(value, place)
    return Mount(
        MountKind.TMPFS,
        None,
        Text(clean(target.value) if target.value else "", target.span, target.unresolved),
        read_only,
        Syntax.TMPFS_KEY,
        word.span,
        options,
        None,
        entry.unresolved,
        spec=Text(word.value, word.span, entry.unresolved, entry.via),
        mode=mode,
    )


def _colon(word: Word) -> int | None:
    """Return where the options of a tmpfs begin; a colon inside `${...}` does not count."""
    depth = 0
    for at, char in enumerate(word.value):
        if char == "{" and word.value[at - 1 : at] == "$":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif char == ":" and not depth:
            return at
    return None


def _grant(entry: Value, folder: str, kind: MountKind, syntax: Syntax) -> Mount | None:
    source = text_of(child(entry, "source"))
    if source is None or not isinstance(entry, Map):
        return None
    target = text_of(entry.entries.get("target"))
    if target is None or not target.value:
        target = Text(join(folder, source.value), source.span, source.unresolved)
    elif not target.value.startswith("/"):
        target = target._replace(value=join(folder, target.value))
    options: dict[str, Option] = {}
    for name in ("uid", "gid"):
        value = entry.entries.get(name)
        if isinstance(value, Scalar) and value.data is not None:
            options[name] = Option(plain(value.data), value.span)
    mode = entry.entries.get("mode")
    if isinstance(mode, Scalar):
        bits = parse_octal(mode.data) if isinstance(mode.data, str) else mode.data
        if isinstance(bits, int):
            options["mode"] = Option(bits, mode.span)
    short = entry.entries["source"].node is entry.node
    return Mount(
        kind,
        source,
        target,
        True,
        syntax,
        source.span if short else entry.span,
        options,
        None,
        _names(entry),
        spec=source if short else None,
    )


def _watch(entry: Value) -> Mount | None:
    """Return what a watched path is copied to while the service is developed; no mount of the Engine."""
    source, target = child(entry, "path"), text_of(child(entry, "target"))
    path = text_of(source)
    if text(child(entry, "action")) not in _WATCHED or path is None or target is None:
        return None
    if not isinstance(entry, Map) or not isinstance(source, Scalar):
        return None
    return Mount(
        MountKind.BIND,
        path,
        Text(clean(target.value), target.span, target.unresolved),
        False,
        Syntax.DEVELOP_WATCH,
        entry.span,
        {},
        source.resolved,
        _names(entry),
        tilde=path.value.startswith("~"),
    )


def donors(service: Map) -> list[VolumesFrom]:
    """Return the entries of a service's `volumes_from`."""
    found: list[VolumesFrom] = []
    for entry in items(service.entries.get("volumes_from")):
        if not isinstance(entry, Scalar) or not isinstance(entry.data, str):
            continue
        word = entry.word
        start = len("container:") if word.value.startswith("container:") else 0
        at = word.value.find(":", start)
        end = len(word.value) if at < 0 else at
        mode = word.value[end + 1 :]
        found.append(VolumesFrom(word.slice(start, end), mode.split(",")[0] == "ro", word.span))
    return found


def inherited(
    name: str,
    services: Mapping[str, Map],
    own: Mapping[str, list[Mount]],
    seen: tuple[str, ...] = (),
) -> list[Mount]:
    """Return the mounts a service takes over from others, those it mounts over left out."""
    found: dict[str, Mount] = {}
    for entry, donor in zip(
        items(services[name].entries.get("volumes_from")), donors(services[name]), strict=False
    ):
        key = donor.name.value
        if text(entry).startswith("container:") or key not in services or key in (*seen, name):
            continue
        if len(seen) > _MAX_CHAIN:
            continue
        theirs = [*inherited(key, services, own, (*seen, name)), *own.get(key, ())]
        for mount in theirs:
            if mount.kind not in (
                MountKind.BIND,
                MountKind.VOLUME,
                MountKind.NPIPE,
                MountKind.CLUSTER,
            ):
                continue
            found[mount.target.value] = mount._replace(
                read_only=mount.read_only or donor.read_only,
                syntax=Syntax.VOLUMES_FROM_KEY,
                span=donor.span,
                spec=None,
                mode=None,
                donor=key,
                via=(mount.span, *mount.via),
            )
    for mount in own.get(name, ()):
        found.pop(mount.target.value, None)
    return list(found.values())
