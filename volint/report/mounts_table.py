"""`volint mounts --format table`: what every container mounts, for a person to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.redact import redact, redact_value
from volint.report.mounts_json import OPTION_ORDER, context_path
from volint.report.summary import counted
from volint.report.terminal import Style, escape, pad, width, wrap
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model import Build, Container, Mount, Project, Secret, Text, Volume
    from volint.report import Options

__all__ = ["render"]

_WIDEST = 48
_GAP = "  "
_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))

_Row = list[str]


def _place(span: Span) -> str:
    return f"{escape(span.source.path)}:{span.source.position(span.start)[0]}"


def _shown(text: Text | None) -> str:
    return "" if text is None else escape(redact(text.value))


def _size(value: int) -> str:
    for unit, name in _UNITS:
        if value and not value % unit:
            return f"{value // unit} {name}"
    return f"{value} B"


def _option(name: str, value: str | int | bool) -> str:
    if value is True:
        return name
    if value is False:
        return f"{name}=false"
    if name == "size" and isinstance(value, int):
        return f"size={_size(value)}"
    if name == "mode" and isinstance(value, int):
        return f"mode={value:04o}"
    return f"{name}={escape(str(value))}"


def _options(mount: Mount) -> str:
    names = [name for name in OPTION_ORDER if name in mount.options]
    names += sorted(name for name in mount.options if name not in OPTION_ORDER)
    words = [_option(name, mount.options[name].value) for name in names]
    if mount.shadowed:
        words.append("(hidden by another mount)")
    if mount.donor is not None:
        words.append(f"(from {escape(mount.donor)})")
    if mount.unresolved:
        words.append(f"(unknown: {', '.join(mount.unresolved)})")
    return " ".join(words)


def _source(mount: Mount) -> str:
    if mount.source is not None:
        return _shown(mount.source)
    return "(unnamed)" if mount.is_anonymous else "-"


def _mount(mount: Mount) -> _Row:
    return [
        mount.kind.value,
        _source(mount),
        "->",
        escape(redact(mount.target.value)),
        "ro" if mount.read_only else "rw",
        _options(mount),
        _place(mount.span),
    ]


def _aligned(groups: Sequence[Sequence[_Row]]) -> list[list[str]]:
    """Return the rows of each group as lines, columns aligned over all of them.

    A cell wider than 48 columns sticks out rather than widening its column for all.
    """
    rows = [row for group in groups for row in group]
    widths = [
        max((width(text) for text in column if width(text) <= _WIDEST), default=0)
        for column in zip(*rows, strict=True)
    ]
    used = [any(column) for column in zip(*rows, strict=True)]
    return [
        [
            _GAP.join(
                pad(text, columns)
                for text, columns, some in zip(row, widths, used, strict=True)
                if some
            ).rstrip()
            for row in group
        ]
        for group in groups
    ]


def _fitted(rows: list[str], home: Span, room: int | None) -> list[str]:
    """Return rows that end with a place, shorter where they are wider than `room`.

    Of a place in the file of `home` the line is left, which stands below the file's name; the last columns of one
    that is still too long come to stand below it.
    """
    if room is None:
        return rows
    name = f"{escape(home.source.path)}:"
    fitted = []
    for row in rows:
        if width(row) > room:
            rest, gap, place = row.rpartition(_GAP)
            if place.startswith(name):
                row = f"{rest}{gap}{place[len(name) - 1 :]}"
            if width(row) > room:
                rest, gap, place = row.rpartition(_GAP)
                row = f"{rest.rstrip()}{gap}{place}"
            below: list[str] = []
            while width(row) > room and _GAP in row:
                row, _, word = row.rpartition(_GAP)
                row = row.rstrip()
                below.insert(0, word)
            if below:
                row = f"{row}\n        {_GAP.join(below)}"
        fitted.append(row)
    return fitted


def _wrapped(line: str, indent: int, columns: int | None) -> list[str]:
    """Return a line in as many as a terminal of some columns needs."""
    if columns is None:
        return [line]
    start = len(line) - len(line.lstrip(" "))
    first, *rest = wrap(line[start:], max(columns - indent, 30), max(start - indent, 0))
    return [" " * start + first, *(" " * indent + part.lstrip() for part in rest)]


def _origin(container: Container, cwd: str) -> str:
    build = container.build
    words = [_shown(container.image)] if container.image else []
    if build:
        words.append(f"built from {_recipe(build, cwd)}")
    return ", ".join(words) or "no image"


def _recipe(build: Build, cwd: str) -> str:
    recipe = escape(build.dockerfile or context_path(build, cwd) or "an inline Dockerfile")
    return f"{recipe}, stage {_shown(build.target)}" if build.target else recipe


def _traits(container: Container, project: Project) -> str:
    words = []
    if container.read_only:
        words.append("read-only root")
    if container.user:
        words.append(f"user {_shown(container.user)}")
    placement = container.placement
    if placement:
        words.append(
            "on every node"
            if placement.mode == "global"
            else counted(container.replicas, "replica")
        )
        words += [f"on {_shown(constraint)}" for constraint in placement.constraints]
    if not container.enabled:
        profiles = ", ".join(_shown(profile) for profile in container.profiles)
        words.append(f"off: profile {profiles}" if profiles else "off")
    own = container.environment
    if own and own.value is not project.environment.value:
        words.append(f"environment {own.value.value}")
    words += [
        f"volumes from {_shown(donor.name)}{' (read-only)' if donor.read_only else ''}"
        for donor in container.volumes_from
    ]
    return f"  [{'; '.join(words)}]" if words else ""


def _volume(volume: Volume) -> _Row:
    options = [
        f"{escape(name)}={escape(redact_value(name, text.value))}"
        for name, text in volume.driver_opts.items()
    ]
    return [
        escape(volume.name.value),
        "external" if volume.external else volume.driver.value if volume.driver else "local",
        _shown(volume.real_name),
        " ".join(options),
        _place(volume.name.span),
    ]


def _secret(secret: Secret) -> _Row:
    return [
        escape(secret.name.value),
        secret.origin,
        _shown(secret.source),
        "",
        _place(secret.name.span),
    ]


def _header(project: Project, style: Style) -> list[str]:
    environment = project.environment
    reason = f" ({escape(environment.reason)})" if environment.reason else ""
    where = f"{project.kind.value}, environment {environment.value.value}{reason}"
    files = ", ".join(escape(source.path) for source in project.sources)
    chosen = project.file_set
    why = f" ({escape(chosen.reason)})" if chosen and chosen.reason else ""
    lines = [f"{style('bold', escape(project.name))}: {where}", f"  files: {files}{why}"]
    if chosen and chosen.profiles:
        lines.append(f"  profiles: {', '.join(map(escape, chosen.profiles))}")
    if chosen and chosen.env_files:
        lines.append(f"  env files: {', '.join(map(escape, chosen.env_files))}")
    return lines


def _project(project: Project, cwd: str, style: Style, columns: int | None) -> list[str]:
    room = None if columns is None else columns - 4
    lines = [part for line in _header(project, style) for part in _wrapped(line, 4, columns)]
    mounts = [[_mount(mount) for mount in each.shown] for each in project.containers]
    for container, own, rows in zip(project.containers, mounts, _aligned(mounts), strict=True):
        name = style("place", escape(container.name.value))
        origin = _origin(container, cwd)
        traits = _traits(container, project)
        title = f"  {name}: {origin}{traits}  {_place(container.name.span)}"
        lines += ["", *_wrapped(title, 4, columns)]
        fitted = _fitted(rows, container.name.span, room)
        if any("\n" in row for row in fitted):
            # Columns as narrow as this container's own cells leave more room.
            fitted = _fitted(_aligned([own])[0], container.name.span, room)
        lines += [f"    {row}" for row in fitted] or ["    no mounts"]
    declared: tuple[tuple[str, list[_Row]], ...] = (
        ("volumes", [_volume(volume) for volume in project.volumes]),
        ("secrets", [_secret(secret) for secret in project.secrets]),
        ("configs", [_secret(config) for config in project.configs]),
        (
            "builds",
            [
                [_recipe(build, cwd), "context", context_path(build, cwd) or "-"]
                for build in project.builds
            ],
        ),
        (
            "commands",
            [
                [command.kind.value, _place(command.span)]
                for command in project.commands
                if command.kind.value != "other"
            ],
        ),
    )
    for title, entries in declared:
        if entries:
            lines += ["", f"  {title}"]
            rows = _fitted(_aligned([entries])[0], Span(project.sources[0], 0, 0), room)
            lines += [f"    {row}" for row in rows]
    if project.problems:
        lines += ["", "  problems"]
        for problem in project.problems:
            line, column = problem.span.source.position(problem.span.start)
            where = f"{escape(problem.span.source.path)}:{line}:{column}"
            code = style(problem.level or "error", problem.code)
            message = problem.message[:1].upper() + problem.message[1:]
            said = f"    {code} {where}: {escape(redact(message))}"
            lines += _wrapped(said, 6, columns)
    return lines


def render(projects: Sequence[Project], options: Options) -> str:
    """Return each project: what it is, its containers with their mounts, what it declares."""
    style = Style(options.color)
    texts = [
        "\n".join(_project(project, options.cwd, style, options.width)) + "\n"
        for project in projects
    ]
    return "\n".join(texts)
