"""Load a Compose project: read, merge and check its files in the order Compose does.

Source of the behaviour: compose-go 2.14, loader/loader.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, mapping
from volint.assemble.compose.active import is_on, select
from volint.assemble.compose.canonical import canonical, defaults
from volint.assemble.compose.check import Checker
from volint.assemble.compose.checks import validate
from volint.assemble.compose.consistency import Consistency
from volint.assemble.compose.fileset import Context
from volint.assemble.compose.interpolate import Interpolator
from volint.assemble.compose.locate import locate, normal_name
from volint.assemble.compose.merge import merge_trees
from volint.assemble.compose.paths import Places, resolve_paths
from volint.assemble.compose.report import Report, container_of, joined
from volint.assemble.compose.schema import project_type
from volint.assemble.compose.tags import needs_scan
from volint.assemble.compose.tree import Builder, prune
from volint.assemble.compose.unique import enforce
from volint.assemble.compose.values import Map, Scalar, Seq
from volint.parse.yaml import Mapping, deref, effective, parse
from volint.parse.yaml import Scalar as ScalarNode
from volint.source import Kind, Label, Source, Span

if TYPE_CHECKING:
    from volint.assemble.compose.report import Path
    from volint.assemble.compose.request import Loaded, Reader, Request
    from volint.parse.yaml import Document, Node
    from volint.source import Problem

__all__ = ["Loader", "load"]


def load(
    request: Request,
    reader: Reader,
    parsed: dict[Source, tuple[list[Document], list[Problem]]] | None = None,
) -> Loaded:
    """Return a project as Compose would load it, with everything that is wrong with it.

    `parsed` keeps files that several projects share from being parsed again. Nothing is raised.
    """
    return Loader(request, reader, {} if parsed is None else parsed).load()


class Loader:
    """One run of loading."""

    def __init__(
        self,
        request: Request,
        reader: Reader,
        parsed: dict[Source, tuple[list[Document], list[Problem]]],
    ) -> None:
        self.request = request
        self.reader = reader
        self.parsed = parsed
        self.report = Report()
        self.sources: dict[str, Source] = {}
        self.broken: set[str] = set()
        """Services that are not known whole."""
        self.incomplete = False
        """True if a part of the project could not be read."""
        self.checked = True
        """True while the last check also decoded."""

    def load(self) -> Loaded:
        """Load the project."""
        request, report = self.request, self.report
        loaded, found = locate(request, self.reader, report)
        loaded.problems = report.problems
        if found:
            self._load(loaded)
        loaded.refused = report.refused
        loaded.sources = list(self.sources.values())
        return loaded

    def _load(self, loaded: Loaded) -> None:
        request, report = self.request, self.report
        env = loaded.env
        loaded.name = self._name(loaded)
        if not request.symbolic or loaded.name:
            env["COMPOSE_PROJECT_NAME"] = loaded.name
        interpolator = Interpolator(env, report, request.symbolic) if request.interpolate else None
        context = Context(loaded.directory, loaded.directory, env, interpolator, (), nested=False)
        tree = self.model(loaded.files, context, single=True)
        if tree is None:
            return
        loaded.tree = tree
        if not tree.entries and not request.partial:
            first = self.sources.get(loaded.files[0])
            if first is not None and not report.refused:
                report.refuse(
                    "VL615",
                    "The Compose file is empty",
                    Span(first, 0, 0),
                    "declare a service under 'services'",
                )
            return
        self._finish(loaded, tree)

    def _finish(self, loaded: Loaded, tree: Map) -> None:
        request, report = self.request, self.report
        if not self.checked and not request.model:
            Checker(report, decode=True, partial=request.partial).check(tree)
        services = mapping(tree.entries.get("services"))
        active = [name for name, service in services.items() if is_on(service, loaded.profiles)]
        loaded.active = tuple(active)
        if request.model:
            return
        if any("x-" in source.text for source in self.sources.values()):
            from volint.assemble.compose.extensions import move_extensions

            move_extensions(tree, report)
        if request.consistency and not request.partial and not self.incomplete:
            Consistency(tree, active, report, self.broken).check()
        elif request.partial or (self.incomplete and request.consistency):
            Consistency(tree, active, report, self.broken).check_own()
        if request.services:
            select(loaded, services, report)
        if not request.partial and any(
            "env_file" in entries or "label_file" in entries
            for entries in map(mapping, services.values())
        ):
            from volint.assemble.compose.envfiles import read_service_files

            read_service_files(loaded, self.reader, report)

    def _given(self, loaded: Loaded) -> Span:
        """Return the place of a project name that is not written in a Compose file."""
        if loaded.request.project_name:
            if loaded.request.named_at is not None:
                return loaded.request.named_at
        else:
            from volint.parse.dotenv import parse as parse_env

            for source in reversed(loaded.env_files):
                for entry in reversed(parse_env(source, loaded.env.get, True)[0]):
                    if entry.name.value == "COMPOSE_PROJECT_NAME" and entry.value is not None:
                        return entry.value.span
        return Span(self.sources.get(loaded.files[0]) or Source("", ""), 0, 0)

    # -- names ----------------------------------------------------------------------------------

    def _name(self, loaded: Loaded) -> str:
        """Return the project's name, as far as it is known."""
        request, report = self.request, self.report
        given = request.project_name or loaded.env.get("COMPOSE_PROJECT_NAME") or ""
        written: ScalarNode | None = None
        for file in loaded.files:
            for document in self.documents(file)[0]:
                node = _name_node(document.root)
                if node is not None and node.value:
                    written = node
        if given:
            if "$" not in given and normal_name(given) != given:
                advice = f"write '{normal_name(given)}'" if normal_name(given) else "use letters"
                report.refuse("VL615", f"'{given}' is no project name", self._given(loaded), advice)
            return given
        if written is not None:
            text = written.value
            if request.interpolate and "$" in text:
                word = Interpolator(loaded.env, report, request.symbolic).word(written, ("name",))
                if word.unresolved():
                    return ""
                text = word.value
            name = normal_name(text)
            if not name:
                report.refuse(
                    "VL615",
                    f"'{text}' leaves no name for the project",
                    written.inner(),
                    "use letters and digits",
                )
            return name
        name = normal_name(loaded.directory.rpartition("/")[2])
        if not name and not request.symbolic:
            place = self.sources.get(loaded.files[0])
            report.refuse(
                "VL615",
                "The directory's name leaves no name for the project",
                Span(place or Source("", ""), 0, 0),
                "add a top-level 'name'",
            )
        return name

    # -- files ----------------------------------------------------------------------------------

    def documents(self, file: str) -> tuple[list[Document], bool]:
        """Return the documents of a file; False if it is not there."""
        source = self.sources.get(file)
        if source is None:
            source = self.reader.read(file, Kind.COMPOSE)
            if source is None:
                return [], False
            self.sources[file] = source
            if source not in self.parsed:
                self.parsed[source] = parse(source)
            self.report.extend(self.parsed[source][1])
        return self.parsed[source][0], True

    def missing(self, file: str, span: Span | None = None) -> None:
        """Report a file that cannot be read."""
        reason = self.reader.problem(file)
        shown = self.reader.display(file)
        if span is None:
            span = Span(Source(shown, "", Kind.COMPOSE, file), 0, 0)
        message = f"'{shown}' could not be read: " + (reason or "there is no such file")
        advice = self.reader.advice(file) if reason else "correct the path, or add the file"
        self.incomplete = True
        if reason is None or not self.request.symbolic:
            self.report.refuse("VL004", message, span, advice)
        else:
            self.report.add("VL004", message, span, advice)

    def model(
        self, files: tuple[str, ...], context: Context, *, single: bool = False
    ) -> Map | None:
        """Return the merged tree of a set of files."""
        request, report = self.request, self.report
        tree: Map | None = None
        count = sum(len(self.documents(file)[0]) for file in files)
        single = single and count == 1
        for at, file in enumerate(files):
            documents, there = self.documents(file)
            if not there:
                self.missing(file)
                continue
            for document in documents:
                tree = self.document(
                    document.root, file, context, tree, single=single, overlay=at > 0
                )
        if tree is None:
            first = self.sources.get(files[0]) if files else None
            return None if first is None else Map({}, {}, _empty(first))
        defaults(tree)
        validate(tree, report, partial=request.partial)
        if request.resolve_paths or context.nested:
            resolve_paths(tree, Places(context.base, request.home), report)
        _resolve_environment(tree, context.env)
        return tree

    def document(
        self,
        root: Node,
        file: str,
        context: Context,
        tree: Map | None,
        *,
        single: bool,
        overlay: bool,
    ) -> Map | None:
        """Return the tree so far with one document merged over it."""
        request, report = self.request, self.report
        own, tags = self.values(root, context)
        if own is None:
            return tree
        if "include" in own.entries:
            from volint.assemble.compose.include import apply_includes

            own = apply_includes(self, own, tags, file, context)
            single = False
        if tree is not None and tags:
            tree = prune(tree, tags)
        own = self.extend(own, tags, file, context)
        if tree is None:
            tree = own
        else:
            tree = merge_trees(tree, own, report, overlay=overlay)
        enforce(tree, report)
        decode = single and not request.model
        Checker(report, decode=decode, partial=request.partial).check(tree)
        self.checked = decode
        if "version" in tree.entries:
            entries = dict(tree.entries)
            del entries["version"]
            tree = Map(entries, tree.keys, tree.node, tree.via)
        canonical(tree, report, lenient=not request.interpolate)
        enforce(tree, report)
        return tree

    def values(self, root: Node, context: Context) -> tuple[Map | None, list[Path]]:
        """Return the values of one document and the paths its tags mark."""
        report = self.report
        root = deref(root)
        if not isinstance(root, Mapping):
            if isinstance(root, ScalarNode) and not root.value and self.request.partial:
                return None, []
            report.refuse(
                "VL615",
                "A Compose file is a mapping, and this document is none",
                Span(root.source, root.start, root.end),
                "remove an empty document after '---'",
            )
            return None, []
        tags: list[Path] = []
        if needs_scan(root.source.text):
            tags = self.scan(root)
        builder = Builder(report, context.interpolator, tags=bool(tags))
        value = builder.build(root, project_type())
        assert isinstance(value, Map)
        return value, tags

    def scan(self, root: Node) -> list[Path]:
        """Return the paths that tags of a document mark; what keeps Compose from reading it is reported."""
        from volint.assemble.compose.tags import MAX_VISITS, is_bomb, scan

        found = scan(root)
        if found.cycle is not None:
            alias, path, other, place = found.cycle
            self.report.refuse(
                "VL615",
                f"'*{alias.name}' stands at '{joined(path)}' and at '{joined(place)}', one within the other,"
                " which Compose takes for a cycle",
                alias.span(),
                "write one of the two out, or give the part that both need an anchor of its own",
                (Label(other.span(), "the other one"),),
                container=container_of(path),
            )
        elif found.too_large:
            self.report.refuse(
                "VL615",
                f"This document has more than {MAX_VISITS:,} values, and Compose reads no more",
                Span(root.source, root.start, root.start),
                "split it, and put the parts together with 'include'",
            )
        elif is_bomb(root):
            self.report.refuse(
                "VL001",
                "Aliases make this file too large to read",
                Span(root.source, root.start, root.start),
                "write fewer levels of aliases in aliases",
            )
        return found.tags

    # -- extends --------------------------------------------------------------------------------

    def extend(self, own: Map, tags: list[Path], file: str, context: Context) -> Map:
        """Return a document with the `extends` of its services applied."""
        services = own.entries.get("services")
        if services is None:
            return own
        if not isinstance(services, Map):
            if not (
                isinstance(services, Scalar) and services.data is None and self.request.partial
            ):
                self.report.refuse(
                    "VL615",
                    "'services' is no mapping",
                    services.span if services.span.text() else own.key_span("services"),
                )
            entries = dict(own.entries)
            del entries["services"]
            return Map(entries, own.keys, own.node, own.via, own.overlays)
        if all(child(service, "extends") is None for service in services.entries.values()):
            return own
        from volint.assemble.compose.bases import Bases
        from volint.assemble.compose.extends import Extender

        bases = Bases(self, context)
        extender = Extender(
            services, file, tags, bases.read, self.report, partial=self.request.partial
        )
        entries = {**own.entries, "services": extender.apply()}
        self.broken |= extender.broken
        return Map(entries, own.keys, own.node, own.via, own.overlays)


def _name_node(root: Node) -> ScalarNode | None:
    root = deref(root)
    if isinstance(root, Mapping):
        for key, value, _ in effective(root):
            if key.value == "name":
                value = deref(value)
                return value if isinstance(value, ScalarNode) else None
    return None


def _empty(source: Source) -> Node:
    return ScalarNode(source, 0, 0, None, "", "")


def _resolve_environment(tree: Map, env: dict[str, str]) -> None:
    """Give bare names among a service's `environment` list the value they have in the project.

    A config from a variable gets its content, which an including project then takes for a second
    source.
    """
    from volint.assemble.compose.values import Pair

    for service in mapping(tree.entries.get("services")).values():
        environment = mapping(service).get("environment")
        if not isinstance(environment, Seq) or not isinstance(service, Map):
            continue
        made = [
            Pair(
                f"{item.data}={env[item.data]}",
                item,
                Scalar(env[item.data], item.node),
            )
            if isinstance(item, Scalar) and isinstance(item.data, str) and item.data in env
            else item
            for item in environment.items
        ]
        service.entries["environment"] = Seq(made, environment.node, environment.via)
    for config in mapping(tree.entries.get("configs")).values():
        name = mapping(config).get("environment")
        if isinstance(config, Map) and isinstance(name, Scalar) and name.data in env:
            config.entries["content"] = Scalar(env[str(name.data)], name.node)
