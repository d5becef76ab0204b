"""A loaded Compose project into the mount model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, mapping, text
from volint.assemble.compose.consistency import dependencies
from volint.assemble.compose.engine import container_problems, volume_problems
from volint.assemble.compose.locate import normal_name
from volint.assemble.compose.mounts import donors, inherited, own_mounts, watched
from volint.assemble.compose.paths import is_remote_context, join
from volint.assemble.compose.units import parse_bytes, parse_int, split_words
from volint.assemble.compose.values import Map, Pair, Scalar, Seq, key_span, plain, text_of
from volint.assemble.inline import InlineSource
from volint.assemble.platforms import platform_of
from volint.model import (
    Build,
    Container,
    ContainerKind,
    Device,
    EnvFile,
    Environment,
    EnvironmentKind,
    EnvVar,
    NamedContext,
    Project,
    ProjectKind,
    Secret,
    Volume,
)
from volint.source import Kind, Source, Span, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.assemble.compose.request import Loaded
    from volint.assemble.compose.values import Value
    from volint.model import Mount

__all__ = ["to_project"]

_UNKNOWN = Environment(EnvironmentKind.UNKNOWN, "")


def to_project(loaded: Loaded) -> Project:
    """Return a loaded project as the model: containers, volumes, secrets, configs and problems.

    A service's `build` names its context, Dockerfile and arguments only: `dockerfile` is absolute
    (as written for a remote context), `source` holds an inline Dockerfile, there are no stages.
    """
    sources = loaded.sources or [_absent(loaded)]
    lowered = _Lowered(loaded)
    containers = lowered.containers()
    volumes = lowered.volumes()
    problems = list(loaded.problems)
    for container in containers:
        problems.extend(container_problems(container))
    problems.extend(volume_problems(volumes))
    return Project(
        loaded.name or loaded.directory.rpartition("/")[2] or sources[0].path,
        ProjectKind.COMPOSE,
        tuple(sources),
        _UNKNOWN,
        containers,
        volumes,
        lowered.objects("secrets"),
        lowered.objects("configs"),
        problems=tuple(problems),
        partial=loaded.request.partial,
        root=loaded.directory or None,
        named=_is_named(loaded),
        platform=platform_of(loaded, containers),
    )


def _is_named(loaded: Loaded) -> bool:
    """Return whether the project's name is given or written, and does not come from its folder."""
    if loaded.request.project_name or (loaded.tree and loaded.tree.entries.get("name")):
        return True
    folder = normal_name(loaded.directory.rpartition("/")[2])
    return bool(loaded.name) and loaded.name != folder


def _absent(loaded: Loaded) -> Source:
    file = loaded.files[0] if loaded.files else None
    return Source(file.rpartition("/")[2] if file else "compose.yaml", "", Kind.COMPOSE, file)


class _Lowered:
    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.tree = loaded.tree
        self.order = {source: at for at, source in enumerate(loaded.sources)}
        self.active = frozenset(loaded.active)

    def section(self, name: str) -> Map | None:
        found = self.tree.entries.get(name) if self.tree is not None else None
        return found if isinstance(found, Map) else None

    # -- services -------------------------------------------------------------------------------

    def containers(self) -> tuple[Container, ...]:
        section = self.section("services")
        if section is None or self.tree is None:
            return ()
        services = {
            name: service for name, service in section.entries.items() if isinstance(service, Map)
        }
        own: dict[str, list[Mount]] = {
            name: own_mounts(service, partial(self.via, service))
            for name, service in services.items()
        }
        made = []
        for name, service in services.items():
            mounts = own[name]
            if "volumes_from" in service.entries:
                mounts = [*mounts, *inherited(name, services, own)]
            made.append(self.container(name, service, section, mounts))
        return tuple(made)

    def via(self, owner: Map, value: Value) -> tuple[Span, ...]:
        """Return where a value passed through: extends, includes, later files of the set."""
        if not owner.overlays:
            return value.via
        at = self.order.get(value.node.source, -1)
        return (
            *value.via,
            *[place for place in owner.overlays if self.order.get(place.source, 0) > at],
        )

    def container(self, name: str, service: Map, section: Map, mounts: list[Mount]) -> Container:
        entries = service.entries
        key = section.keys.get(name)
        image = text_of(entries.get("image"))
        place = key_span(key) if key is not None else service.span
        return Container(
            Text(name, place),
            ContainerKind.SERVICE,
            Span(place.source, place.start, max(place.end, service.node.end))
            if place.source is service.node.source
            else service.span,
            image if image is not None and image.value else None,
            _build(entries.get("build"), self.loaded),
            tuple(mounts),
            self.env(name, service),
            tuple(self.env_files(service)),
            tuple(donors(service)) if "volumes_from" in entries else (),
            text_of(entries.get("user")),
            _flag(entries.get("read_only")),
            _command(entries.get("command")),
            _command(entries.get("entrypoint")),
            _health(child(service, "healthcheck", "test")),
            text_of(entries.get("working_dir")),
            _pairs(entries.get("labels")) if "labels" in entries else {},
            tuple(found for item in items(entries.get("profiles")) if (found := text_of(item))),
            name in self.active,
            None,
            _memory(service),
            _replicas(service),
            tuple(_devices(entries.get("devices"))) if "devices" in entries else (),
            tuple(dict.fromkeys(name for name, _, _ in dependencies(service))),
            program="compose",
            privileged=_flag(entries.get("privileged")),
            keys={key: key_span(node) for key, node in service.keys.items() if key in entries},
            watched=watched(service, partial(self.via, service)) if "develop" in entries else (),
        )

    def env(self, name: str, service: Map) -> tuple[EnvVar, ...]:
        found: dict[str, EnvVar] = {}
        for key, entry in self.loaded.environments.get(name, {}).items():
            found[key] = EnvVar(entry.name, entry.value, "env_file")
        environment = service.entries.get("environment")
        known = self.loaded.env
        for key, key_text, value in _entries(environment):
            if value is None and key in known and key_text.unresolved == ():
                value = Text(known[key], key_text.span)
            found.pop(key, None)
            found[key] = EnvVar(key_text, value, "environment")
        return tuple(found.values())

    def env_files(self, service: Map) -> list[EnvFile]:
        made = []
        for item in items(service.entries.get("env_file")):
            path = child(item, "path")
            written = text_of(path)
            if written is None or not isinstance(path, Scalar):
                continue
            required = child(item, "required")
            made.append(
                EnvFile(
                    written,
                    path.resolved,
                    not (isinstance(required, Scalar) and text(required) == "false"),
                    None if path.resolved is None else self.loaded.existing.get(path.resolved),
                )
            )
        return made

    # -- top level ------------------------------------------------------------------------------

    def real_name(self, name: str, item: Value, external: bool, place: Span) -> Text | None:
        given = child(item, "name")
        if isinstance(given, Scalar) and given.data is not None:
            return None if given.unresolved else text_of(given)
        if external:
            return Text(name, place)
        if not self.loaded.name or (
            not self.loaded.request.interpolate and "$" in self.loaded.name
        ):
            return None
        return Text(f"{self.loaded.name}_{name}", place)

    def volumes(self) -> tuple[Volume, ...]:
        section = self.section("volumes")
        if section is None:
            return ()
        made = []
        for name, item in section.entries.items():
            place = section.key_span(name)
            external = _flag(child(item, "external"))
            options = {}
            for key, value in mapping(child(item, "driver_opts")).items():
                option = text_of(value)
                if option is not None:
                    options[key] = option
            made.append(
                Volume(
                    Text(name, place),
                    _whole(place, item),
                    self.real_name(name, item, external, place),
                    external,
                    text_of(child(item, "driver")),
                    options,
                    _pairs(child(item, "labels")),
                    self.via(item, item) if isinstance(item, Map) else item.via,
                )
            )
        return tuple(made)

    def objects(self, key: str) -> tuple[Secret, ...]:
        section = self.section(key)
        if section is None:
            return ()
        made = []
        for name, item in section.entries.items():
            if not isinstance(item, Map):
                continue
            place = section.key_span(name)
            external = _flag(item.entries.get("external"))
            origin, source, content = "external", None, None
            resolved = None
            if not external:
                for kind in ("file", "environment", "content", "driver"):
                    value = item.entries.get(kind)
                    if isinstance(value, Scalar) and value.data is not None:
                        origin = kind
                        if kind == "content":
                            content = text_of(value)
                        else:
                            source = text_of(value)
                        if kind == "file":
                            resolved = value.resolved
                        break
            made.append(
                Secret(
                    Text(name, place),
                    _whole(place, item),
                    origin,
                    source,
                    self.real_name(name, item, external, place),
                    external,
                    resolved,
                    content,
                    self.via(item, item),
                )
            )
        return tuple(made)


def _whole(place: Span, item: Value) -> Span:
    if place.source is item.node.source and item.node.end > place.start:
        return Span(place.source, place.start, max(place.end, item.node.end))
    return place


def _flag(value: Value | None) -> bool:
    return isinstance(value, Scalar) and (
        value.data is True or (isinstance(value.data, str) and value.data.lower() == "true")
    )


def _entries(value: Value | None) -> list[tuple[str, Text, Text | None]]:
    """Return variables in either form: name, the name's place, the value or None."""
    found: list[tuple[str, Text, Text | None]] = []
    if isinstance(value, Map):
        for key, item in value.entries.items():
            found.append((key, Text(key, value.key_span(key)), text_of(item)))
    elif isinstance(value, Seq):
        for item in value.items:
            if isinstance(item, Pair):
                key_text = text_of(item.key)
                if key_text is not None:
                    found.append((key_text.value, key_text, text_of(item.value)))
            elif isinstance(item, Scalar) and isinstance(item.data, str):
                word = item.word
                at = word.value.find("=")
                name = word.slice(0, at if at >= 0 else None)
                found.append((name.value, name, word.slice(at + 1) if at >= 0 else None))
    return found


def _pairs(value: Value | None) -> Mapping[str, str]:
    return {key: item.value if item else "" for key, _, item in _entries(value)}


def _command(value: Value | None) -> tuple[Text, ...] | None:
    if value is None or (isinstance(value, Scalar) and value.data is None):
        return None
    if isinstance(value, Seq):
        return tuple(found for item in value.items if (found := text_of(item)) is not None)
    if not isinstance(value, Scalar):
        return None
    word = value.word
    words = split_words(word.value)
    if words is None:
        return (word.text(),)
    return tuple(
        Text(part, (place := word.slice(start, end)).span, place.unresolved, value.via)
        for part, start, end in words
    )


def _health(value: Value | None) -> tuple[Text, ...]:
    if isinstance(value, Scalar) and isinstance(value.data, str):
        test = text_of(value)
        return (Text("CMD-SHELL", value.span), test) if test else ()
    return tuple(found for item in items(value) if (found := text_of(item)) is not None)


def _memory(service: Map) -> int | None:
    for value in (
        service.entries.get("mem_limit"),
        child(service, "deploy", "resources", "limits", "memory"),
    ):
        if isinstance(value, Scalar) and not value.unresolved:
            if isinstance(value.data, str):
                size = parse_bytes(value.data)
                if size:
                    return size
            elif isinstance(value.data, int) and value.data > 0:
                return value.data
    return None


def _replicas(service: Map) -> int:
    for value in (service.entries.get("scale"), child(service, "deploy", "replicas")):
        if isinstance(value, Scalar) and not value.unresolved:
            number = parse_int(value.data) if isinstance(value.data, str) else value.data
            if isinstance(number, int):
                return number
    return 1


def _devices(value: Value | None) -> list[Device]:
    made = []
    for item in items(value):
        source = text_of(child(item, "source"))
        if source is None:
            continue
        target, permissions = child(item, "target"), child(item, "permissions")
        made.append(
            Device(
                source,
                plain(target.data) if isinstance(target, Scalar) else source.value,
                plain(permissions.data) if isinstance(permissions, Scalar) else "rwm",
                item.span,
            )
        )
    return made


def _build(value: Value | None, loaded: Loaded) -> Build | None:
    if not isinstance(value, Map):
        return None
    entries = value.entries
    context = entries.get("context")
    root: str | None = None
    if isinstance(context, Scalar):
        if context.resolved is not None and not is_remote_context(str(context.data)):
            root = context.resolved
    elif context is None and loaded.directory:
        root = loaded.directory
    named = entries.get("dockerfile")
    inline = entries.get("dockerfile_inline")
    dockerfile: str | None = None
    source: Source | None = None
    if isinstance(inline, Scalar) and isinstance(inline.data, str):
        source = InlineSource(inline.word)
    elif not isinstance(named, Scalar) or not named.unresolved:
        name = plain(named.data) if isinstance(named, Scalar) and named.data else "Dockerfile"
        if name.startswith("/"):
            dockerfile = name
        else:
            dockerfile = join(root, name) if root is not None else name
    contexts = {}
    folders = {}
    for key, item in mapping(entries.get("additional_contexts")).items():
        found = text_of(item)
        if found is not None and isinstance(item, Scalar):
            contexts[key] = found
            if item.resolved is not None and item.resolved.startswith("/"):
                folders[key] = NamedContext(item.resolved)
    arguments = [
        EnvVar(name, item, "build.args") for _, name, item in _entries(entries.get("args"))
    ]
    return Build(
        text_of(context) if context is not None else None,
        root,
        True,
        dockerfile,
        source,
        None,
        None,
        target=text_of(entries.get("target")),
        args=tuple(arguments),
        additional_contexts=contexts,
        named_contexts=folders,
        secrets=tuple(
            found
            for item in items(entries.get("secrets"))
            if (found := text_of(child(item, "source"))) is not None
        ),
    )
