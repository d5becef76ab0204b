"""VL204 missing-read-only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from volint.api import (
    Container,
    Environment,
    EnvironmentKind,
    Finding,
    Fix,
    HostInput,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Span,
    Text,
    container_input,
    edits,
    knowledge,
)

_STRICT = (HostInput.CERTIFICATE, HostInput.INIT_SCRIPT)
_RELAXED = frozenset((EnvironmentKind.DEVELOPMENT, EnvironmentKind.TEST, EnvironmentKind.EXAMPLE))


class _Use(NamedTuple):
    """A service that mounts what it should not write."""

    container: Container
    found: list[tuple[Mount, HostInput]]
    level: Level
    persona: Persona
    others: list[Text]
    """The names of the services that take the same lines."""

    @property
    def weight(self) -> tuple[int, int]:
        """What orders uses: who is shown them, then how bad they are."""
        return -self.persona.rank, self.level.rank


class MissingReadOnly(Rule):
    """A file or folder that the container only reads is mounted writable.

    ## What it does
    Reports configuration files, configuration folders of known images, certificates, init scripts and facts about the
    host (`/etc/localtime`) that are bind-mounted without `:ro`.

    ## Why is this bad?
    Whoever breaks into the container can change the host's copy: the configuration that it is started with next time,
    the certificate, the script that other containers run as well.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./nginx.conf:/etc/nginx/nginx.conf
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./nginx.conf
            target: /etc/nginx/nginx.conf
    ```
    ```shell bad
    docker run -d -v "$PWD/nginx.conf:/etc/nginx/nginx.conf" nginx:1.27
    ```
    ```shell bad
    docker run -d --mount "type=bind,src=$PWD/nginx.conf,dst=/etc/nginx/nginx.conf" nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./nginx.conf:/etc/nginx/nginx.conf:ro
    ```
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./nginx.conf
            target: /etc/nginx/nginx.conf
            read_only: true
    ```
    ```shell good
    docker run -d -v "$PWD/nginx.conf:/etc/nginx/nginx.conf:ro" nginx:1.27
    ```
    ```shell good
    docker run -d --mount "type=bind,src=$PWD/nginx.conf,dst=/etc/nginx/nginx.conf,readonly" nginx:1.27
    ```

    ## Exceptions
    - What the image is known to write: Traefik's `acme.json`, `/config` of home-server images, Pi-hole's settings;
      a folder beside mounted templates, into which they are rendered.
    - What the container's own command writes (`envsubst < a > /etc/nginx/nginx.conf`, `chown`, `sed -i`).
    - Folders of images nobody knows, or of which only the name is known.
    - Files below an application's own folder, which development mounts for editing.
    - Private keys are VL301's, sockets VL202's.

    ## Level
    Warning in production, and for certificates and init scripts everywhere; a note otherwise, shown to the pedantic
    persona where the project is known to be for development, tests or examples, and for content that is served. One
    finding for each service, and one for all services that mount the same host file.

    ## Fix
    Adds `:ro`, `read_only: true` or `readonly`; a dev container's mount in braces, of which only type, source and target count,
    becomes a string. It is safe where the knowledge says that the image only reads there, unsafe otherwise.
    """

    code = "VL204"
    name = "missing-read-only"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: one host file may be mounted by several projects."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield one finding for each host file, or service with several, at the first of the uses that weigh most."""
        causes: dict[tuple[object, ...], dict[Span, _Use]] = {}
        for serial, project in enumerate(projects):
            for container in project.containers:
                found = []
                for mount in container.mounts:
                    if mount.kind is MountKind.BIND and not mount.read_only:
                        what = container_input(container, mount)
                        if what:
                            found.append((mount, what))
                if found:
                    mount, what = _worst(found)
                    weight = _weight(project.environment_of(container), what)
                    use = _Use(container, found, *weight, [])
                    uses = causes.setdefault(_cause(project, serial, mount), {})
                    # Services that take one line, by an anchor or `extends`, are one use.
                    held = uses.setdefault(_span(mount), use)
                    if use.weight > held.weight:
                        uses[_span(mount)] = held = use._replace(others=held.others)
                    held.others.append(container.name)
        for uses in causes.values():
            yield self._report(list(uses.values()))

    def _report(self, uses: list[_Use]) -> Finding:
        judged = max(uses, key=lambda use: use.weight)
        mount, what = _worst(judged.found)
        container = judged.container
        mounts = [(use, other) for use in uses for other, _ in use.found]
        changes = (edits.read_only(other) for _, other in mounts)
        sure = all(_only_reads(use.container, other) for use, other in mounts)
        labels = {
            _span(other): Label(
                _span(other),
                "writable, too" if use is judged else f"and into '{use.container.name}'",
            )
            for use, other in mounts
            if other is not mount
        }
        return self.finding(
            _span(mount),
            f"'{mount.source}' is {what.value} and mounted writable into '{container.name}'",
            *labels.values(),
            *(
                Label(name.span, f"'{name}' takes it, too")
                for name in dict.fromkeys(judged.others)
                if name != container.name
            ),
            help=f"add {edits.read_only_words(mount)}",
            fix=Fix.of("mount it read-only", changes, safe=sure),
            level=judged.level,
            persona=judged.persona,
            container=container,
            mount=mount,
            also=tuple(labels),
            others=tuple(
                dict.fromkeys(
                    name.value
                    for use in uses
                    for name in use.others
                    if name.value != container.name.value
                )
            ),
        )


def _cause(project: Project, serial: int, mount: Mount) -> tuple[object, ...]:
    """Return what is the same for mounts of one host file.

    Below a path written relative to the files it is one file for all of them; an absolute path may be of another
    host in each project, and a document's examples stand for themselves. Overlays whose base nobody knows start
    from its folder: what they write in the same way is taken for the same.
    """
    written = mount.source.value if mount.source is not None else ""
    if mount.resolved_source is None:
        return (_span(mount),)
    if project.gentle or not written.startswith("."):
        return (serial, mount.resolved_source)
    return (written if project.partial else mount.resolved_source,)


def _only_reads(container: Container, mount: Mount) -> bool:
    image = knowledge.image_of(container)
    return image is not None and image.writes(mount.target.value) is False


def _worst(found: list[tuple[Mount, HostInput]]) -> tuple[Mount, HostInput]:
    return min(found, key=lambda item: (item[1] not in _STRICT, item[1] == HostInput.CONTENT))


def _span(mount: Mount) -> Span:
    return (mount.spec or mount.target).span


def _weight(environment: Environment, what: HostInput) -> tuple[Level, Persona]:
    if what in _STRICT or environment.is_production:
        return Level.WARNING, Persona.REGULAR
    relaxed = environment.value in _RELAXED or what == HostInput.CONTENT
    return Level.NOTE, Persona.PEDANTIC if relaxed else Persona.REGULAR
