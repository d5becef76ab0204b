"""VL201 bind-mount-in-production."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    Environment,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Source,
    knowledge,
)

_CODE_TARGETS = (
    "/app",
    "/src",
    "/code",
    "/usr/src",
    "/workspace",
    "/var/www",
    "/srv/app",
    "/opt/app",
)
_CODE_SOURCES = (".", "src", "app", "code", "lib", "web", "server", "backend", "frontend", "api")


class BindMountInProduction(Rule):
    """A production container mounts a folder of the host.

    ## What it does
    Reports bind mounts of projects that run in production. What a base file brings into a production project is
    judged as production, at its own line.

    ## Why is this bad?
    The container now depends on what happens to lie on that one host: a new machine starts with an empty folder, the
    code that runs is not the code that was built and tested, and whatever the container writes changes the host.

    ## Example
    ```compose bad compose.prod.yaml
    services:
      web:
        image: registry.example.com/shop:1.4
        volumes:
          - ./src:/app/src
    ```
    ```compose bad compose.prod.yaml
    services:
      web:
        image: registry.example.com/shop:1.4
        volumes:
          - type: bind
            source: /srv/uploads
            target: /app/uploads
    ```
    ```shell bad deploy-prod.sh
    docker run -d -v "$PWD/src:/app/src" registry.example.com/shop:1.4
    ```

    Use instead:
    ```compose good compose.prod.yaml
    services:
      web:
        image: registry.example.com/shop:1.4
        volumes:
          - uploads:/app/uploads
    volumes:
      uploads:
    ```
    ```shell good deploy-prod.sh
    docker run -d -v uploads:/app/uploads registry.example.com/shop:1.4
    ```

    ## Exceptions
    - Projects that do not run in production, or of which that is not known.
    - A folder called `live` in a workshop, a course or a tutorial: what is shown there runs nowhere.
    - Configuration files and folders, certificates and init scripts mounted read-only: a note for the pedantic.
      Mounted writable they are VL204's.
    - Sockets and devices, which have rules of their own, and paths that VL203 reports.
    - Facts about the host (`/etc/localtime` ...) and what monitoring agents look at, read-only.
    - Relative paths where the platform that runs the file (Coolify, CasaOS) writes and keeps what is there: a note for
      the pedantic.
    - An overlay that takes the mount away (`!reset`, `!override`, another mount on the same target).

    ## Level
    Error; one warning a project, with medium confidence, where only a variable of the containers (`NODE_ENV=production`)
    says that it is production.
    """

    code = "VL201"
    name = "bind-mount-in-production"
    level = Level.ERROR

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each folder of the host, at the first container that mounts it."""
        causes: dict[str, list[tuple[Container, Mount, Persona]]] = {}
        for container, mount in project.mounts(MountKind.BIND):
            environment = project.environment_of(container)
            if not environment.is_production or mount.shadowed or mount.donor is not None:
                continue
            persona = _judge(container, mount)
            if persona is Persona.REGULAR and project.platform and _is_relative(mount):
                persona = Persona.PEDANTIC
            if persona is not None and mount.source is not None:
                causes.setdefault(mount.source.value, []).append((container, mount, persona))
        supposed: list[tuple[Container, Mount, Persona]] = []
        for places in causes.values():
            places.sort(key=lambda place: place[2].rank)
            container, _, persona = places[0]
            if persona is Persona.REGULAR and not project.environment_of(container).certain:
                # What only a variable says, which many images set for themselves, is said once.
                supposed += places
            else:
                yield self._report(project, places)
        if supposed:
            yield self._report(project, supposed)

    def _report(self, project: Project, places: list[tuple[Container, Mount, Persona]]) -> Finding:
        container, mount, persona = places[0]
        source = mount.source or mount.target
        environment = project.environment_of(container)
        level, confidence = Level.ERROR, Confidence.HIGH
        if not environment.certain:
            level, confidence = Level.WARNING, Confidence.MEDIUM
        if persona is not Persona.REGULAR:
            level = Level.NOTE
        labels = [
            Label(
                (other.source or other.target).span,
                f"'{holder.name}' mounts {'it' if _is_same(mount, other) else 'this'}, too",
            )
            for holder, other, _ in places[1:]
        ]
        because = _overlay(project, environment, mount)
        if because is not None:
            labels.append(because)
        return self.finding(
            source.span,
            f"'{source}' of the host is mounted into '{container.name}' in {environment.value.value}"
            f" ({environment.reason})",
            *labels,
            help=_help(container, mount),
            level=level,
            confidence=confidence,
            persona=persona,
            container=container,
            mount=mount,
        )


def _judge(container: Container, mount: Mount) -> Persona | None:
    """Return who wants to hear of a bind mount, None for nobody."""
    source, target = mount.source, mount.target.value
    if source is None or (source.unresolved and "/" not in source.value):
        return None
    path = source.value
    if knowledge.control_socket(path) or knowledge.control_socket(target):
        return None
    if path.endswith((".sock", ".socket")) or path.startswith(("/dev/", "/run/", "/var/run/")):
        return None
    if knowledge.sensitive_path(path) or knowledge.is_harmless_path(path):
        return None
    image = knowledge.image_of(container)
    access = image.expects(path.rstrip("/") or "/") if image is not None else None
    if access is not None and (mount.read_only or not access.read_only):
        return None
    # A single file that is only read is configuration, whatever its name.
    single = mount.read_only and "." in path.rpartition("/")[2].lstrip(".")
    if single or _is_configuration(container, path, target):
        return Persona.PEDANTIC if mount.read_only else None
    return Persona.REGULAR


def _is_same(mount: Mount, other: Mount) -> bool:
    return (
        mount.source is not None
        and other.source is not None
        and mount.source.value == other.source.value
    )


def _is_relative(mount: Mount) -> bool:
    return mount.source is not None and mount.source.value.startswith(".")


def _is_configuration(container: Container, path: str, target: str) -> bool:
    if any(
        knowledge.is_config_file(name) or knowledge.is_certificate(name) for name in (path, target)
    ):
        return True
    if knowledge.secret_file(path) or knowledge.is_init_directory(target):
        return True
    image = knowledge.image_of(container)
    return knowledge.is_config_directory(target) or (
        image is not None and image.role_of(target) is not None and image.writes(target) is False
    )


def _help(container: Container, mount: Mount) -> str:
    path = mount.source.value.rstrip("/") if mount.source else ""
    name = path.rpartition("/")[2]
    is_code = name in _CODE_SOURCES or mount.target.value.rstrip("/") in _CODE_TARGETS
    if is_code:
        return "COPY it into the image, and keep the mount for a development override"
    if knowledge.secret_file(path):
        return "declare it under 'secrets:', and list it there in the service"
    if "." in name.lstrip("."):
        return "COPY it into the image, or give it under 'configs:', and let a named volume hold what changes"
    return f"use a named volume, e.g. '{container.name}-{name or 'data'}:{mount.target}'"


def _overlay(project: Project, environment: Environment, mount: Mount) -> Label | None:
    """Return the place of what makes it production: another file than the mount's, or a command with its env file."""
    if not environment.certain or _tells(mount.span.source, environment):
        return None
    for source in reversed(project.sources):
        if _tells(source, environment):
            return Label(source.line_span(1), "this file brings it into production")
    command = project.file_set.span if project.file_set else None
    if command is not None and environment.reason.startswith("file name "):
        line = command.source.line_span(command.source.position(command.start)[0])
        start = command._replace(end=min(command.end, line.end))
        return Label(start, "this command brings it into production")
    return None


def _tells(source: Source, environment: Environment) -> bool:
    *folders, name = source.path.split("/")
    return environment.reason in (
        f"file name {name}",
        *(f"folder name {folder}" for folder in folders),
    )
