"""Load the files of a stack as `docker stack deploy -c FILE ...` does.

Only the first document of each file counts; variables come from the environment alone; the schema is that of
the file's `version`, and each file is held against it by itself before it is merged over the earlier ones.
All relative paths start from the first file's directory.
Source of the behaviour: docker/cli 29, cli/command/stack/loader.go and cli/compose/loader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, listed, mapping, text
from volint.assemble.compose.canonical import canonical
from volint.assemble.compose.check import Checker
from volint.assemble.compose.consistency import Consistency
from volint.assemble.compose.interpolate import Interpolator
from volint.assemble.compose.locate import absolute
from volint.assemble.compose.paths import is_remote_context, join
from volint.assemble.compose.report import Report
from volint.assemble.compose.request import Loaded
from volint.assemble.compose.schema import stack_type
from volint.assemble.compose.tree import Builder
from volint.assemble.compose.unique import read_mount
from volint.assemble.compose.values import Map, Scalar, Seq, ShortMount, plain
from volint.assemble.stack.merge import as_map, merge_files
from volint.assemble.stack.table import FORBIDDEN, IGNORED, LATEST, SINCE
from volint.parse.yaml import Mapping, deref, parse
from volint.source import Kind, Label, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.assemble.compose.report import Path
    from volint.assemble.compose.request import Reader, Request
    from volint.assemble.compose.values import Value

__all__ = ["load_stack"]


def load_stack(request: Request, reader: Reader) -> Loaded:
    """Return a stack as the Docker client would load it, with everything that is wrong with it.

    Of the request count its files, the stack's name as `project_name`, `env` and `home`. Nothing is raised.
    """
    return _Loader(request, reader).load()


class _Loader:
    def __init__(self, request: Request, reader: Reader) -> None:
        self.request = request
        self.reader = reader
        self.report = Report()
        self.loaded = Loaded(request)
        self._version: tuple[int, Span] | None = None

    def load(self) -> Loaded:
        request, loaded, report = self.request, self.loaded, self.report
        loaded.files = tuple(absolute(request.cwd, file) for file in request.files)
        loaded.directory = loaded.files[0].rpartition("/")[0] or "/"
        loaded.name = request.project_name or ""
        loaded.env = dict(request.env or {})
        loaded.problems = report.problems
        tree: Map | None = None
        for file in loaded.files:
            source = self.reader.read(file, Kind.COMPOSE)
            if source is None:
                self._missing(file)
                continue
            if source not in loaded.sources:
                loaded.sources.append(source)
            own = self._file(source)
            if own is not None:
                tree = own if tree is None else merge_files(tree, own)
        if tree is not None:
            loaded.tree = tree
            loaded.active = tuple(mapping(tree.entries.get("services")))
            self._finish(tree)
        loaded.refused = report.refused
        return loaded

    def _missing(self, file: str) -> None:
        reason = self.reader.problem(file)
        shown = self.reader.display(file)
        place = Span(Source(shown, "", Kind.COMPOSE, file), 0, 0)
        message = f"'{shown}' could not be read: " + (reason or "there is no such file")
        self.report.refuse("VL004", message, place)

    # -- one file -------------------------------------------------------------------------------

    def _file(self, source: Source) -> Map | None:
        report = self.report
        documents, problems = parse(source)
        report.extend(problems)
        root = deref(documents[0].root) if documents else None
        if not isinstance(root, Mapping):
            if not problems:
                report.refuse(
                    "VL615", "A stack's file is a mapping, and this one is none", Span(source, 0, 0)
                )
            return None
        interpolator = Interpolator(self.loaded.env, report, self.request.symbolic, older=True)
        builder = Builder(report, interpolator, tags=False, cast_written=False)
        tree = builder.build(root, stack_type())
        assert isinstance(tree, Map)
        self._forbidden(tree)
        minor = self._minor(tree, source)
        if minor is not None and minor < LATEST:
            self._too_new(tree, minor)
        Checker(report, decode=True).check(tree, stack_type())
        canonical(tree, report, lenient=False)
        entries: dict[str, Value] = {
            section: value
            for section, value in tree.entries.items()
            if section in ("services", "networks", "volumes", "secrets", "configs")
            and isinstance(value, Map)
        }
        tree = Map(entries, tree.keys, tree.node)
        services = entries.get("services")
        if isinstance(services, Map):
            made: dict[str, Value] = {
                name: self._service(name, service)
                for name, service in services.entries.items()
                if isinstance(service, Map)
            }
            entries["services"] = Map(made, services.keys, services.node)
        for section in ("secrets", "configs"):
            for item in mapping(entries.get(section)).values():
                self._object(section[:-1], item)
        for name, volume in mapping(entries.get("volumes")).items():
            self._volume(name, volume)
        return tree

    def _minor(self, tree: Map, source: Source) -> int | None:
        """Return the N of a file's `version: "3.N"`; None if it is refused, which is reported."""
        value = tree.entries.get("version")
        place = Span(source, 0, 0) if value is None else value.span
        written = plain(value.data) if isinstance(value, Scalar) else ""
        if isinstance(value, Scalar) and value.unresolved:
            return None
        major, dot, rest = written.partition(".")
        if written in ("", "3"):
            minor = LATEST
        elif (
            major == "3"
            and dot
            and rest.isdecimal()
            and str(int(rest)) == rest
            and int(rest) <= LATEST
        ):
            minor = int(rest)
        else:
            self.report.refuse(
                "VL615",
                f"'{written}' is no version of the file format that 'docker stack deploy' reads",
                place,
                "remove 'version', or write version: \"3.8\"",
            )
            return None
        if self._version is None:
            self._version = minor, place
        elif self._version[0] != minor:
            self.report.refuse(
                "VL615",
                f"This file has version 3.{minor} of the format, and the first one 3.{self._version[0]}:"
                " 'docker stack deploy' takes one alone",
                place,
                "write the same 'version' in all files of the stack, or remove it from all",
                (Label(self._version[1], "the other version"),),
            )
        return minor

    def _forbidden(self, tree: Map) -> None:
        for name, service in mapping(tree.entries.get("services")).items():
            if not isinstance(service, Map):
                continue
            for key in [key for key in service.entries if key in FORBIDDEN]:
                self.report.refuse(
                    "VL615",
                    f"'docker stack deploy' refuses '{key}'",
                    service.key_span(key),
                    FORBIDDEN[key],
                    container=name,
                )
                del service.entries[key]

    def _too_new(self, tree: Map, minor: int) -> None:
        for path, since in SINCE.items():
            if since <= minor:
                continue
            for owner, key, container in _found(tree, path):
                self.report.refuse(
                    "VL615",
                    f"'{key}' came with version 3.{since} of the format, and this file says 3.{minor}",
                    owner.key_span(key),
                    f'write version: "3.{max(since, 8)}"',
                    container=container,
                )

    def _service(self, name: str, service: Map) -> Map:
        """Return a service with its mounts read and its paths resolved, without what is not used."""
        entries = dict(service.entries)
        for key in IGNORED:
            entries.pop(key, None)
        if self.loaded.env and "environment" in entries:
            entries["environment"] = self._environment(as_map(entries["environment"]))
        volumes = entries.get("volumes")
        if isinstance(volumes, Seq):
            path: Path = ("services", name, "volumes")
            mounts = [
                read_mount(item, path, self.report) if item.__class__ is Scalar else item
                for item in volumes.items
            ]
            for mount in mounts:
                self._bind(name, mount)
            entries["volumes"] = Seq(mounts, volumes.node)
        context = child(entries.get("build"), "context")
        if isinstance(context, Scalar) and not context.unresolved:
            written = plain(context.data)
            context.resolved = written if is_remote_context(written) else self._absolute(written)
        for item in items(entries.get("env_file")):
            path_value = child(item, "path")
            if isinstance(item, Map) and isinstance(path_value, Scalar):
                item.entries["format"] = Scalar("raw", item.node)
                if not path_value.unresolved:
                    path_value.resolved = self._absolute(plain(path_value.data))
        return Map(entries, service.keys, service.node, service.via)

    def _environment(self, value: Value) -> Value:
        """Return variables of which those without a value, and with an empty one, have the environment's."""
        if not isinstance(value, Map):
            return value
        entries: dict[str, Value] = dict(value.entries)
        for name, item in value.entries.items():
            known = self.loaded.env.get(name)
            if known is not None and isinstance(item, Scalar) and item.data in (None, ""):
                entries[name] = Scalar(known, item.node)
        return Map(entries, value.keys, value.node, value.via)

    def _bind(self, name: str, mount: Value) -> None:
        if isinstance(mount, ShortMount):
            if mount.spec.kind == "bind" and mount.spec.source is not None:
                start, end = mount.spec.fields[0]
                if not mount.scalar.word.unresolved(start, end):
                    mount.resolved = self._source(mount.spec.source)
            return
        if not isinstance(mount, Map) or text(mount.entries.get("type")) != "bind":
            return
        source = mount.entries.get("source")
        if isinstance(source, Scalar) and source.data:
            if not source.unresolved:
                source.resolved = self._source(plain(source.data))
            return
        self.report.refuse(
            "VL601",
            "A bind mount has no 'source'",
            mount.span if source is None else source.span,
            "add 'source: PATH', or write 'type: volume' for an anonymous volume",
            container=name,
        )

    def _absolute(self, path: str) -> str:
        return path if path.startswith("/") else join(self.loaded.directory, path)

    def _source(self, path: str) -> str | None:
        """Return where a bind comes from: '~' is $HOME wherever it stands, '~x' a neighbour of it."""
        if path.startswith("~"):
            home = self.request.home
            if home is None:
                return None
            path = home + path[1:]
        windows = path[:1].isalpha() and path[1:2] == ":" and path[2:3] in ("/", "\\")
        return path if windows else self._absolute(path)

    def _object(self, what: str, item: Value) -> None:
        entries = mapping(item)
        file, driver = entries.get("file"), entries.get("driver")
        external = child(item, "external")
        if isinstance(external, Scalar) and external.data is True:
            entries.pop("file", None)
            return
        if text(driver) and text(file) and driver is not None:
            self.report.refuse(
                "VL615", f"'file' and 'driver' of a {what} exclude each other", driver.span
            )
        elif isinstance(file, Scalar) and file.data and not file.unresolved:
            file.resolved = self._absolute(plain(file.data))

    def _volume(self, name: str, volume: Value) -> None:
        external = child(volume, "external")
        if not (isinstance(external, Scalar) and external.data is True):
            return
        for key in ("driver", "driver_opts", "labels"):
            value = child(volume, key)
            if isinstance(volume, Map) and value is not None and (text(value) or _filled(value)):
                self.report.refuse(
                    "VL615",
                    f"'{key}' says how to create volume '{name}', which is external",
                    volume.key_span(key),
                    f"remove '{key}', or 'external'",
                )

    # -- the whole ------------------------------------------------------------------------------

    def _finish(self, tree: Map) -> None:
        """Check what fails when the stack is handed over, and read the env files."""
        report = self.report
        services = mapping(tree.entries.get("services"))
        if self.request.consistency:
            Consistency(tree, services, report, set()).check_references()
        for name, service in services.items():
            if not isinstance(service, Map) or not self.request.consistency:
                continue
            image = service.entries.get("image")
            if image is None or (isinstance(image, Scalar) and image.data in (None, "")):
                section = tree.entries["services"]
                assert isinstance(section, Map)
                report.refuse(
                    "VL615",
                    f"service '{name}' has no image, and 'docker stack deploy' builds none",
                    section.key_span(name),
                    "build and push it before, and name it with 'image'",
                    container=name,
                )
            for mount in items(service.entries.get("volumes")):
                self._options(name, mount)
        if any("env_file" in mapping(service) for service in services.values()):
            from volint.assemble.compose.envfiles import read_service_files

            read_service_files(self.loaded, self.reader, report)
            env = self.loaded.env
            for entries in self.loaded.environments.values():
                for key, entry in entries.items():
                    if key in env and entry.value is not None and not entry.value.value:
                        entries[key] = entry._replace(value=entry.value._replace(value=env[key]))

    def _options(self, name: str, mount: Value) -> None:
        """Refuse options of another type, which Compose leaves alone, and types there are not."""
        kind = text(child(mount, "type"))
        if not isinstance(mount, Map) or not kind:
            return
        if kind not in _OPTIONS:
            self.report.refuse(
                "VL601",
                f"'{kind}' is no type of mount",
                mount.entries["type"].span,
                "write one of: " + ", ".join(_OPTIONS),
                container=name,
            )
            return
        for option in ("bind", "volume", "tmpfs"):
            if option in mount.entries and option not in _OPTIONS[kind]:
                self.report.refuse(
                    "VL601",
                    f"'{option}' options on a mount of type {kind}, which 'docker stack deploy' refuses",
                    mount.key_span(option),
                    f"remove '{option}'",
                    container=name,
                )


_OPTIONS = {
    "volume": ("volume",), "bind": ("bind",), "tmpfs": ("tmpfs",), "cluster": (), "npipe": ("bind",),
    "image": (),
}  # fmt: skip


def _filled(value: Value) -> bool:
    return bool(mapping(value) or items(value))


def _found(tree: Map, path: tuple[str, ...]) -> Iterator[tuple[Map, str, str]]:
    """Yield who has a key at a path of `SINCE`, the key, and the service it is in."""
    waiting: list[tuple[Value, str]] = [(tree, "")]
    for step in path[:-1]:
        following: list[tuple[Value, str]] = []
        for value, container in waiting:
            if step != "*":
                inner = child(value, step)
                following.extend([(inner, container)] if inner is not None else [])
            elif isinstance(value, Map):
                named = path[0] == "services" and value is tree.entries.get("services")
                following.extend(
                    (inner, name if named else container) for name, inner in value.entries.items()
                )
            else:
                following.extend((inner, container) for inner in listed(value))
        waiting = following
    last = path[-1]
    for value, container in waiting:
        if isinstance(value, Map):
            for key in value.entries:
                if key == last or (last == "x-" and key.startswith("x-")):
                    yield value, key, container
