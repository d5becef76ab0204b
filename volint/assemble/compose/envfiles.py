"""Env files: those that set a project's variables, and those that set a service's.

Source of the behaviour: compose-go 2.14, dotenv/env.go and types/project.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, mapping, text
from volint.assemble.compose.report import Report
from volint.assemble.compose.values import Map, Scalar, Seq, plain
from volint.parse.dotenv import parse, parse_raw
from volint.source import Kind, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.assemble.compose.request import Loaded, Reader
    from volint.assemble.compose.values import Value
    from volint.parse.dotenv import EnvEntry

__all__ = ["EnvReader", "read_service_files", "variables_of"]

_EXAMPLES = (".example", ".sample", ".dist", ".template", "-example", "-sample", ".default")


def variables_of(source: Source) -> dict[str, str]:
    """Return the variables that an env file sets from nothing but itself."""
    entries, _ = parse(source, lambda name: None, True)
    return {
        entry.name.value: entry.value.value
        for entry in entries
        if entry.value is not None and not entry.value.unresolved
    }


class EnvReader:
    """Reads the env files of a project or an include, one after another."""

    def __init__(self, reader: Reader, report: Report, symbolic: bool) -> None:
        self.reader = reader
        self.report = report
        self.symbolic = symbolic
        self.variables: dict[str, str] = {}
        """What the files read so far set; a later file replaces an earlier one."""

    def project(self, file: str, env: dict[str, str], span: Span | None) -> Source | None:
        """Read a file; None if that fails, which is reported at `span` or in the file itself.

        The variables in `env` win over those of files where a value refers to one.
        """
        source = self.reader.read(file, Kind.ENV_FILE)
        if source is None:
            missing(self.reader, self.report, file, span, self.symbolic)
            return None
        earlier = self.variables
        own: set[str] = set()
        if earlier:
            own = {entry.name.value for entry in parse(source, env.get, True)[0]}

        def lookup(name: str) -> str | None:
            value = env.get(name)
            return earlier.get(name) if value is None and name not in own else value

        entries, problems = parse(source, lookup, self.symbolic)
        self.report.extend(problems)
        for entry in entries:
            if entry.value is None or entry.value.unresolved:
                self.variables.pop(entry.name.value, None)
            else:
                self.variables[entry.name.value] = entry.value.value
        return source


def missing(
    reader: Reader,
    report: Report,
    file: str,
    span: Span | None,
    symbolic: bool,
    container: str = "",
    what: str = "env file",
) -> None:
    """Report an env file that cannot be read: a note where it is one that people do not commit.

    container: the service that names it, '' where it sets the project's variables.
    """
    reason = reader.problem(file)
    name = reader.display(file)
    if span is None:
        span = Span(Source(name, "", Kind.ENV_FILE, file), 0, 0)
    level = None
    if reason is not None:
        message, advice = f"The {what} '{name}' cannot be read: {reason}", reader.advice(file)
    else:
        message = f"The {what} '{name}' is not there"
        example = _example(reader, file)
        if example is not None:
            advice = f"copy '{reader.display(example)}' to it"
        elif container and what == "env file":
            advice = "add it, or write '- path: FILE' and 'required: false' below that"
        else:
            advice = "correct the path, or add it"
        if example is not None or _is_private(reader, file):
            level = "note"
    if symbolic or reason is not None:
        report.add("VL004", message, span, advice, container=container, level=level)
    else:
        report.refuse("VL004", message, span, advice, container=container, level=level)


def _example(reader: Reader, file: str) -> str | None:
    """Return the example beside a missing env file, which people are to copy."""
    folder, _, name = file.rpartition("/")
    beside = [f"{file}{ending}" for ending in _EXAMPLES]
    beside += [f"{folder}/{word}.{name.lstrip('.')}" for word in ("example", "sample")]
    return next((path for path in beside if reader.exists(path)), None)


def _is_private(reader: Reader, file: str) -> bool:
    """Return whether an env file is missing on purpose: by its name, or as git ignores it.

    Portainer writes `stack.env` where it deploys a stack.
    """
    name = file.rpartition("/")[2]
    if (
        name.startswith(".env")
        or (name[:1] == "." and name.endswith(".env"))
        or name == "stack.env"
    ):
        return True
    is_ignored = getattr(reader, "is_ignored", None)
    return is_ignored is not None and is_ignored(file) is True


def read_service_files(loaded: Loaded, reader: Reader, report: Report) -> None:
    """Read the env files and label files of the services that are on.

    Where it is not known which profiles are on, what the others would be given is read as well, with nothing said of
    what Compose does not look at either.
    """
    tree = loaded.tree
    if tree is None:
        return
    for name, service in mapping(tree.entries.get("services")).items():
        is_on = name in loaded.active
        if not isinstance(service, Map) or not (is_on or loaded.request.symbolic):
            continue
        if loaded.request.resolve_environment:
            files = items(service.entries.get("env_file"))
            if files:
                loaded.environments[name] = _environment(
                    name, service, files, loaded, reader, report if is_on else Report()
                )
        if not is_on:
            continue
        for item in items(service.entries.get("label_file")):
            file = item.resolved if isinstance(item, Scalar) else None
            if file is not None and reader.read(file, Kind.ENV_FILE) is None:
                missing(
                    reader, report, file, item.span, loaded.request.symbolic, name, "label file"
                )


def _environment(
    name: str, service: Map, files: Iterable[Value], loaded: Loaded, reader: Reader, report: Report
) -> dict[str, EnvEntry]:
    symbolic = loaded.request.symbolic
    own = _own(service.entries.get("environment"))
    found: dict[str, EnvEntry] = {}
    for item in files:
        path = child(item, "path")
        if not isinstance(path, Scalar) or path.resolved is None:
            continue
        source = reader.read(path.resolved, Kind.ENV_FILE)
        loaded.existing[path.resolved] = source is not None or reader.exists(path.resolved)
        if source is None:
            required = child(item, "required")
            if text(required) != "false":
                missing(reader, report, path.resolved, path.span, symbolic, name)
            continue
        how = text(child(item, "format"))
        if how == "raw":
            entries, problems = parse_raw(source, loaded.env.get)
        elif how in ("", ".env"):
            entries, problems = parse(source, _Lookup(loaded.env, own, found), symbolic)
        else:
            place = child(item, "format")
            report.refuse(
                "VL615",
                f"'{how}' is no format of env files",
                place.span if place is not None else path.span,
                "remove it, or write 'raw'",
                container=name,
            )
            continue
        report.extend(problems)
        for entry in entries:
            if entry.value is not None:
                found[entry.name.value] = entry
    return found


class _Lookup:
    """Variables an env file of a service may refer to: the project's, then the service's."""

    def __init__(
        self, env: dict[str, str], own: dict[str, str], found: dict[str, EnvEntry]
    ) -> None:
        self.env = env
        self.own = own
        self.found = found

    def __call__(self, name: str) -> str | None:
        value = self.env.get(name)
        if value is None:
            value = self.own.get(name)
        if value is None and name in self.found:
            entry = self.found[name]
            value = entry.value.value if entry.value is not None else None
        return value


def _own(environment: Value | None) -> dict[str, str]:
    """Return what a service's `environment` sets itself."""
    found: dict[str, str] = {}
    for key, value in mapping(environment).items():
        if isinstance(value, Scalar) and value.data is not None and not value.unresolved:
            found[key] = plain(value.data)
    if isinstance(environment, Seq):
        for item in environment.items:
            if isinstance(item, Scalar) and isinstance(item.data, str) and not item.unresolved:
                key, equals, rest = item.data.partition("=")
                if equals:
                    found[key] = rest
    return found
