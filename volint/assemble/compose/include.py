"""`include`: whole projects loaded on their own and put below the file that includes them.

Source of the behaviour: compose-go 2.14, loader/include.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.bases import relative_directory, remote
from volint.assemble.compose.envfiles import EnvReader
from volint.assemble.compose.fileset import Context
from volint.assemble.compose.interpolate import Interpolator
from volint.assemble.compose.locate import absolute
from volint.assemble.compose.merge import merge_values
from volint.assemble.compose.paths import is_remote, join
from volint.assemble.compose.tree import prune
from volint.assemble.compose.values import Map, Scalar, Seq, copy_value

if TYPE_CHECKING:
    from volint.assemble.compose.load import Loader
    from volint.assemble.compose.report import Path
    from volint.assemble.compose.values import Value
    from volint.source import Span

__all__ = ["apply_includes"]

MAX_CHAIN = 100
"""Files that may include each other in a row; Compose has no limit."""
_SECTIONS = ("services", "volumes", "networks", "secrets", "configs", "models")


class _Item:
    """One entry of `include`."""

    def __init__(
        self, paths: list[Scalar], directory: Scalar | None, env_files: list[Scalar], span: Span
    ) -> None:
        self.paths = paths
        self.directory = directory
        self.env_files = env_files
        self.span = span


def apply_includes(loader: Loader, own: Map, tags: list[Path], file: str, context: Context) -> Map:
    """Return a document with what it includes merged below it, and without `include`."""
    value = own.entries["include"]
    entries = dict(own.entries)
    del entries["include"]
    tree = Map(entries, own.keys, own.node, own.via, own.overlays)
    if isinstance(value, Scalar) and value.data is None:
        return tree
    if not isinstance(value, Seq):
        loader.report.refuse(
            "VL615", "'include' takes a list of files", own.key_span("include"), "write '- FILE'"
        )
        return tree
    chain = (*context.included, file)
    for entry in value.items:
        item = _read(entry, loader)
        if item is None:
            loader.incomplete = True
            continue
        tree = _include(loader, item, tree, tags, context, chain)
    return tree


def _strings(value: Value | None, what: str, loader: Loader) -> list[Scalar] | None:
    if value is None or (isinstance(value, Scalar) and value.data is None):
        return []
    found = value.items if isinstance(value, Seq) else [value]
    kept = [item for item in found if isinstance(item, Scalar) and isinstance(item.data, str)]
    if len(kept) < len(found):
        loader.report.refuse(
            "VL615",
            f"'{what}' takes a string or a list of strings",
            value.span,
            f"write '{what}: PATH'",
        )
        return None
    return kept


def _read(entry: Value, loader: Loader) -> _Item | None:
    if isinstance(entry, Scalar) and isinstance(entry.data, str):
        return _Item([entry], None, [], entry.span)
    if isinstance(entry, Scalar) and entry.data is None:
        return _Item([], None, [], entry.span)
    if not isinstance(entry, Map):
        loader.report.refuse(
            "VL615",
            "An entry of 'include' is a path or a mapping",
            entry.span,
            "write '- path: FILE'",
        )
        return None
    paths = _strings(entry.entries.get("path"), "path", loader)
    env_files = _strings(entry.entries.get("env_file"), "env_file", loader)
    directory = entry.entries.get("project_directory")
    if isinstance(directory, Scalar) and directory.data is None:
        directory = None
    if directory is not None and not (
        isinstance(directory, Scalar) and isinstance(directory.data, (str, int))
    ):
        loader.report.refuse(
            "VL615",
            "'project_directory' takes a string",
            directory.span,
            "write the path of a folder",
        )
        return None
    if paths is None or env_files is None:
        return None
    return _Item(paths, directory, env_files, paths[0].span if paths else entry.span)


def _include(
    loader: Loader,
    item: _Item,
    tree: Map,
    tags: list[Path],
    context: Context,
    chain: tuple[str, ...],
) -> Map:
    request, reader, report = loader.request, loader.reader, loader.report
    for scalar in (*item.paths, *([item.directory] if item.directory else ()), *item.env_files):
        if scalar.unresolved:
            loader.incomplete = True
            report.add(
                "VL004",
                f"'{scalar.data}' is not read: its name depends on a variable that is not known",
                scalar.span,
                f"set {', '.join(scalar.unresolved)} in an env file, or run volint with --resolve-env",
                level="note",
            )
            return tree
        if is_remote(str(scalar.data)) and scalar in item.paths:
            remote(loader, scalar)
            return tree
    files = [absolute(context.loader_directory, str(path.data)) for path in item.paths]
    base = directory = ""
    named = str(item.directory.data) if item.directory is not None else ""
    if files:
        if not named:
            base = relative_directory(reader, context.loader_directory, files[0])
            directory = files[0].rpartition("/")[0] or "/"
        elif named.startswith("/"):
            base = directory = named
        else:
            base = relative_directory(reader, context.loader_directory, named)
            directory = join(context.base, named)
        if files[0] in chain:
            report.refuse(
                "VL615",
                "'include' comes back to a file it started from: "
                + " -> ".join(path.rpartition("/")[2] for path in (*chain, files[0])),
                item.span,
                "remove one of these includes",
            )
            loader.incomplete = True
            return tree
        if len(chain) > MAX_CHAIN:
            loader.incomplete = True
            report.add(
                "VL004",
                f"'{item.span.text()}' is not read: {MAX_CHAIN} files include each other down to here",
                item.span,
                "include it further up",
            )
            return tree
    missing = False
    for file, path in zip(files, item.paths, strict=True):
        if not loader.documents(file)[1]:
            loader.missing(file, path.span)
            missing = True
    env = _environment(loader, item, absolute(request.cwd, directory), context)
    if env is None or missing:
        loader.incomplete = True
        return tree
    interpolator = Interpolator(env, report, request.symbolic) if request.interpolate else None
    inner = Context(base, absolute(request.cwd, directory), env, interpolator, chain, nested=True)
    imported = loader.model(tuple(files), inner)
    if imported is None:
        return tree
    return _import(loader, imported, tree, tags, item.span)


def _environment(
    loader: Loader, item: _Item, directory: str, context: Context
) -> dict[str, str] | None:
    """Return the variables an included project sees; None if one of its env files is missing."""
    reader = loader.reader
    files: list[tuple[str, Span]] = []
    if item.env_files:
        for path in item.env_files:
            name = str(path.data)
            if name == "/dev/null":
                continue
            file = absolute(
                loader.request.cwd, name if name.startswith("/") else join(context.base, name)
            )
            files.append((file, path.span))
    else:
        file = join(directory, ".env")
        if reader.exists(file) and not reader.isdir(file):
            files.append((file, item.span))
    reading = EnvReader(reader, loader.report, loader.request.symbolic)
    whole = True
    for file, span in files:
        whole = reading.project(file, context.env, span) is not None and whole
    if not whole and not loader.request.symbolic:
        return None
    return {**reading.variables, **context.env}


def _import(loader: Loader, imported: Map, tree: Map, tags: list[Path], span: Span) -> Map:
    """Return the including tree with an included one below it."""
    entries = dict(tree.entries)
    keys = dict(tree.keys)
    for section in _SECTIONS:
        source = imported.entries.get(section)
        if not isinstance(source, Map):
            continue
        there = entries.get(section)
        if there is not None and not isinstance(there, Map):
            loader.report.refuse(
                "VL615",
                f"'{section}' is no mapping, and an include adds to it",
                tree.key_span(section),
                "write its entries as 'NAME: ...'",
            )
            continue
        merged = dict(there.entries) if there else {}
        names = dict(there.keys) if there else {}
        for name, value in source.entries.items():
            value = copy_value(value, span)
            if name not in merged:
                merged[name] = value
                names[name] = source.keys.get(name, value.node)
                continue
            if isinstance(value, Map):
                marked = [
                    path[2:] for path in tags if path[:2] == (section, name) and len(path) > 2
                ]
                value = prune(value, marked)
            merged[name] = merge_values(value, merged[name], (section, name), loader.report)
        keys.setdefault(section, imported.keys.get(section, source.node))
        entries[section] = Map(merged, names, source.node if there is None else there.node)
    return Map(entries, keys, tree.node, tree.via, tree.overlays)
