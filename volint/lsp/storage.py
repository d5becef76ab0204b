"""What the mount model says of a place in a file, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lsp.diagnostics import plain
from volint.model import MountKind, ProjectKind
from volint.redact import redact_value
from volint.report.mounts_json import OPTION_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from volint.lsp.run import Snapshot
    from volint.model import Container, Mount, Project, Secret, Volume
    from volint.source import Source, Span

__all__ = ["blocks_at"]

_MOST = 12
"""Entries of a list that are shown."""
_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def blocks_at(snapshot: Snapshot, real: str, offset: int) -> tuple[list[str], list[Span]]:
    """Return the paragraphs about what stands at an offset of a file, and the places they are about."""
    return _Place(snapshot, real, offset).blocks()


class _Place:
    """One place, and everything that the projects of a snapshot hold there."""

    def __init__(self, snapshot: Snapshot, real: str, offset: int) -> None:
        self._projects = snapshot.workspace.projects
        self._snapshot = snapshot
        self._real = real
        self._offset = offset
        self._spans: list[Span] = []
        self._sources: dict[Source, bool] = {}

    def _is_here(self, span: Span) -> bool:
        """Return whether a span holds the place."""
        if not span.start <= self._offset <= span.end:
            return False
        if span.source not in self._sources:
            self._sources[span.source] = self._snapshot.real(span.source) == self._real
        return self._sources[span.source]

    def blocks(self) -> tuple[list[str], list[Span]]:
        """Return the paragraphs, each once, and the places they are about."""
        found = [*self._mounts(), *self._declared(), *self._containers()]
        return list(dict.fromkeys(found)), self._spans

    # -- mounts

    def _mounts(self) -> Iterator[str]:
        """Yield what the mounts come to that are written here; those of one meaning together."""
        groups: dict[str, list[tuple[Project, Container, Mount]]] = {}
        for project in self._projects:
            for container in project.containers:
                for mount in container.shown:
                    if self._is_here(mount.span):
                        self._spans.append(mount.span)
                        text = _mount(mount, project)
                        groups.setdefault(text, []).append((project, container, mount))
        for text, entries in groups.items():
            lines = [text, *_shortened([_where(*entry) for entry in entries])]
            project, container, mount = entries[0]
            users = self._others(project, container, mount)
            if users:
                lines += ["", "Used as well by:", *_shortened(users)]
            yield "\n".join(lines)

    def _others(self, project: Project, container: Container, mount: Mount) -> list[str]:
        """Return who else mounts the named volume, secret or config of a mount."""
        if mount.source is None or mount.kind is MountKind.BIND:
            return []
        return [
            line
            for other, line in self._users(project, mount.kind, mount.source.value)
            if other != container.name.value
        ]

    def _users(self, project: Project, kind: MountKind, name: str) -> Iterator[tuple[str, str]]:
        """Yield the containers that mount what a project calls by a name, in other projects what is really the same."""
        known = _real_name(project, kind, name)
        for each in self._projects:
            for container, mount in each.mounts(kind):
                if mount.source is None:
                    continue
                if each.name == project.name:
                    same = mount.source.value == name
                else:
                    same = known is not None and known == _real_name(each, kind, mount.source.value)
                if same:
                    yield container.name.value, _use(each, container, mount)

    # -- what is declared

    def _declared(self) -> Iterator[str]:
        """Yield what volumes, secrets and configs are, and who uses them, where their names are declared."""
        for project in self._projects:
            for volume in project.volumes:
                if self._is_here(volume.name.span):
                    self._spans.append(volume.name.span)
                    yield self._with_users(
                        _volume(volume), project, MountKind.VOLUME, volume.name.value
                    )
            for kind, declared in (
                (MountKind.SECRET, project.secrets),
                (MountKind.CONFIG, project.configs),
            ):
                for secret in declared:
                    if self._is_here(secret.name.span):
                        self._spans.append(secret.name.span)
                        yield self._with_users(
                            _secret(secret, kind), project, kind, secret.name.value
                        )

    def _with_users(self, text: str, project: Project, kind: MountKind, name: str) -> str:
        users = [line for _, line in self._users(project, kind, name)]
        if not users:
            return f"{text}\n\nNo container mounts it."
        return "\n".join([text, "", "Mounted by:", *_shortened(users)])

    # -- containers

    def _containers(self) -> Iterator[str]:
        """Yield all mounts of the containers whose names stand here."""
        for project in self._projects:
            for container in project.containers:
                if not self._is_here(container.name.span) or not container.shown:
                    continue
                self._spans.append(container.name.span)
                rows = [
                    f"- {_arrow(mount)}, {_access(mount)}{' (hidden)' if mount.shadowed else ''}"
                    for mount in container.shown
                ]
                title = f"**{_code(container.name.value)}** mounts{_in(project, container)}:"
                yield "\n".join([title, "", *_shortened(rows)])


def _code(text: str) -> str:
    """Return a text as Markdown code, as it may be shown."""
    shown = plain(text).replace("\n", " ")
    if "`" not in shown:
        return f"`{shown}`"
    return f"`` {shown} ``"


def _shortened(lines: Iterable[str]) -> list[str]:
    """Return items of a list, each once and not too many."""
    items = list(dict.fromkeys(lines))
    if len(items) > _MOST:
        items[_MOST:] = [f"- and {len(items) - _MOST} more"]
    return items


def _place(span: Span) -> str:
    return f"{plain(span.source.path)}:{span.source.position(span.start)[0]}"


def _access(mount: Mount) -> str:
    return "read-only" if mount.read_only else "read-write"


def _arrow(mount: Mount) -> str:
    """Return a mount's kind, source and target."""
    words = [mount.kind.value]
    if mount.source is not None:
        words += [_code(mount.source.value), "→"]
    elif mount.is_anonymous:
        words.insert(0, "anonymous")
        words.append("at")
    else:
        words.append("at")
    return " ".join([*words, _code(mount.target.value)])


def _in(project: Project, container: Container) -> str:
    environment = project.environment_of(container)
    words = f" in project {_code(project.name)}"
    if environment.value.value != "unknown":
        reason = f": {plain(environment.reason)}" if environment.reason else ""
        words += f" ({environment.value.value}{reason})"
    if not container.enabled:
        words += ", off by profile"
    return words


def _where(project: Project, container: Container, mount: Mount) -> str:
    """Return the item that says which container has a mount, and how it came there."""
    through = ", ".join(dict.fromkeys(map(_place, mount.via)))
    words = (
        f"- in {_code(container.name.value)}{_in(project, container)}, from {_place(mount.span)}"
    )
    if through:
        words += f", through {through}"
    if mount.donor is not None:
        words += f", taken over from {_code(mount.donor)}"
    return words


def _use(project: Project, container: Container, mount: Mount) -> str:
    """Return the item that says where a container mounts something."""
    return (
        f"- {_code(container.name.value)} at {_code(mount.target.value)}, {_access(mount)}"
        f"{_in(project, container)}, {_place(mount.span)}"
    )


def _mount(mount: Mount, project: Project) -> str:
    """Return what a mount comes to, whoever has it."""
    lines = [f"**{_arrow(mount)}**, {_access(mount)}", ""]
    if mount.kind is MountKind.BIND:
        if mount.resolved_source is not None:
            lines.append(f"- on the host: {_code(mount.resolved_source)}")
    elif mount.kind is MountKind.VOLUME and mount.source is not None:
        volume = project.volume(mount.source.value)
        lines += ["- no file declares the volume"] if volume is None else _volume_facts(volume)
    elif mount.kind in (MountKind.SECRET, MountKind.CONFIG) and mount.source is not None:
        declared = project.secrets if mount.kind is MountKind.SECRET else project.configs
        for secret in declared:
            if secret.name.value == mount.source.value:
                lines += _secret_facts(secret)
    values = {name: option.value for name, option in mount.options.items()}
    if values.get("create_host_path") is True:
        del values["create_host_path"]  # what the short syntax always means
    if values:
        names = [name for name in OPTION_ORDER if name in values]
        names += sorted(name for name in values if name not in OPTION_ORDER)
        shown = (_option(name, values[name]) for name in names)
        lines.append(f"- options: {', '.join(shown)}")
    if mount.shadowed:
        lines.append("- another mount hides it")
    if mount.unresolved:
        lines.append(f"- not known: {', '.join(map(_code, mount.unresolved))}")
    return "\n".join(lines)


def _option(name: str, value: str | int | bool) -> str:
    if name == "size" and isinstance(value, int) and not isinstance(value, bool):
        for unit, word in _UNITS:
            if value and not value % unit:
                return f"size {value // unit} {word}"
        return f"size {value} bytes"
    if name == "mode" and isinstance(value, int):
        return f"mode {value:04o}"
    if value is True:
        return name
    return f"{name} {_code(str(value).lower() if value is False else str(value))}"


def _volume_facts(volume: Volume) -> list[str]:
    lines = []
    if volume.real_name is not None:
        lines.append(f"- Docker knows it as {_code(volume.real_name.value)}")
    made = "made outside of the project" if volume.external else ""
    driver = f"driver {_code(volume.driver.value)}" if volume.driver else ""
    facts = ", ".join(filter(None, (made, driver, f"declared at {_place(volume.name.span)}")))
    lines.append(f"- {facts}")
    if volume.driver_opts:
        options = (
            f"{name}={redact_value(name, text.value)}" for name, text in volume.driver_opts.items()
        )
        lines.append(f"- driver options: {', '.join(map(_code, options))}")
    return lines


def _secret_facts(secret: Secret) -> list[str]:
    origin = {
        "file": "from the file",
        "environment": "from the environment variable",
        "content": "from its content in the file",
        "external": "made outside of the project",
        "driver": "from a driver",
    }.get(secret.origin, secret.origin)
    source = secret.resolved_source or (secret.source and secret.source.value)
    named = f" {_code(source)}" if source and secret.origin in ("file", "environment") else ""
    lines = [f"- {origin}{named}, declared at {_place(secret.name.span)}"]
    if secret.external and secret.real_name is not None:
        lines.append(f"- Docker knows it as {_code(secret.real_name.value)}")
    return lines


def _volume(volume: Volume) -> str:
    return "\n".join([f"**volume {_code(volume.name.value)}**", "", *_volume_facts(volume)])


def _secret(secret: Secret, kind: MountKind) -> str:
    return "\n".join([f"**{kind.value} {_code(secret.name.value)}**", "", *_secret_facts(secret)])


def _real_name(project: Project, kind: MountKind, name: str) -> str | None:
    """Return the name Docker knows something by that a project calls by a name; None where it is not known."""
    declared: Sequence[Volume | Secret] = ()
    if kind is MountKind.VOLUME:
        declared = project.volumes
    elif kind in (MountKind.SECRET, MountKind.CONFIG):
        declared = project.secrets if kind is MountKind.SECRET else project.configs
    for each in declared:
        if each.name.value == name:
            return None if each.real_name is None else each.real_name.value
    # A run line's names are Docker's own.
    return name if kind is MountKind.VOLUME and project.kind is not ProjectKind.COMPOSE else None
