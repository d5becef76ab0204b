"""VL202 docker-socket."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    EnvironmentKind,
    Finding,
    Fix,
    Kind,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    ProjectKind,
    Rule,
    edits,
    in_devcontainer,
    knowledge,
    known_name,
)

_VIEWS = frozenset(
    (
        *(
            "/",
            "/proc",
            "/sys",
            "/sys/fs/cgroup",
            "/var/log",
            "/var/log/journal",
            "/run/log/journal",
        ),
        *("/var/lib/docker", "/var/lib/docker/containers", "/var/lib/containers"),
    )
)
"""What agents look at."""


class DockerSocket(Rule):
    """A container is given the control socket of the container engine.

    ## What it does
    Reports mounts of `docker.sock`, `podman.sock`, containerd's, CRI-O's and BuildKit's sockets, Docker's named pipe
    on Windows, and of `/var/run` or `/run` as a whole, which hold them.

    ## Why is this bad?
    Whoever can talk to the socket can start a container that mounts the host's `/` and is root on the host. One
    hole in the program inside is a hole in the host. Mounting it read-only does not help: `:ro` keeps the socket
    file from being replaced, the API behind it takes every request as before.

    ## Example
    ```compose bad
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - /var/run/docker.sock:/var/run/docker.sock:ro
    ```
    ```compose bad
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: ${DOCKER_SOCK}
            target: /var/run/docker.sock
    ```
    ```compose bad
    services:
      cadvisor:
        image: gcr.io/cadvisor/cadvisor:v0.49.1
        volumes:
          - /var/run:/var/run:rw
    ```
    ```shell bad
    docker run -d -v /var/run/docker.sock:/var/run/docker.sock registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: registry.example.com/app:1
        environment:
          DOCKER_HOST: tcp://proxy:2375
      proxy:
        image: tecnativa/docker-socket-proxy:0.3
        environment:
          CONTAINERS: 1
    ```

    ## Exceptions
    - Images whose business it is (portainer, traefik, watchtower, socket proxies ...): a note for auditors.
    - Monitoring agents that mount `/var/run` read-only, as their documentation says, and what looks like one: it mounts
      the socket and other places of the host (`/var/lib/docker/containers`, `/proc`, `/var/log` ...), all read-only; what
      follows docker-gen's convention, the socket read-only at `/tmp/docker.sock`: a note for auditors.
    - CI jobs, `docker run --rm` in tests, and dev containers, which build images or start others: a note for the
      pedantic. A dev container's Compose file lies in `.devcontainer`, or mounts the socket at
      `/var/run/docker-host.sock`, from where its set-up forwards it, as the feature `docker-outside-of-docker` does.

    ## Level
    Error; warning where such an agent mounts `/var/run` writable: it only looks there, and could replace every socket.

    ## Fix
    Of that warning: adds `:ro`. It is safe.

    ## References
    - Docker, "Protect the Docker daemon socket"; OWASP Docker Security Cheat Sheet, rule 1
    """

    code = "VL202"
    name = "docker-socket"
    level = Level.ERROR
    security_severity = "8.8"
    tags = ("external/cwe/cwe-250",)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each socket and judgement, at the first container that is given it."""
        causes: dict[tuple[str, Level, Persona], list[tuple[Container, Mount]]] = {}
        for container, mount in project.mounts(MountKind.BIND, MountKind.NPIPE):
            if mount.source is None or mount.shadowed or mount.donor is not None:
                continue
            if _is_socket(mount) or _holds_sockets(mount):
                cause = (mount.source.value, *_judge(project, container, mount))
                causes.setdefault(cause, []).append((container, mount))
        for (_, level, persona), places in causes.items():
            if level is Level.WARNING:
                yield self._writable(places)
            else:
                yield self._report(level, persona, places)

    def _writable(self, places: list[tuple[Container, Mount]]) -> Finding:
        """Return the finding about agents that are to look at the folder and may change it."""
        container, mount = places[0]
        source = mount.source or mount.target
        image = knowledge.image_of(container)
        changes = (edits.read_only(other) for _, other in places)
        return self.finding(
            source.span,
            f"'{source}' (it holds the engine's socket) is mounted writable into '{container.name}': "
            f"{known_name(image) if image else 'it'} only reads there",
            *(
                Label((other.source or other.target).span, f"writable in '{holder.name}', too")
                for holder, other in places[1:]
            ),
            help=f"add {edits.read_only_words(mount)}",
            fix=Fix.of("mount it read-only", changes),
            level=Level.WARNING,
            container=container,
            mount=mount,
        )

    def _report(
        self, level: Level, persona: Persona, places: list[tuple[Container, Mount]]
    ) -> Finding:
        container, mount = places[0]
        source = mount.source or mount.target
        shown = (
            f"'{source}' (it holds the engine's socket)" if _holds_sockets(mount) else f"'{source}'"
        )
        labels = []
        if mount.read_only and mount.mode is not None:
            labels.append(Label(mount.mode.span, "does not help: the API takes every request"))
        labels.extend(
            Label((other.source or other.target).span, f"'{holder.name}' is given it, too")
            for holder, other in places[1:]
        )
        return self.finding(
            source.span,
            f"{shown} gives '{container.name}' control of the container engine, and so of the host",
            *labels,
            help="let it talk to a socket proxy that allows only the requests it needs, or take the mount out",
            level=level,
            persona=persona,
            container=container,
            mount=mount,
        )


def _is_socket(mount: Mount) -> bool:
    if mount.source is not None and knowledge.control_socket(mount.source.value):
        return True
    # A source nobody knows is told by where it goes: ${DOCKER_SOCK}:/var/run/docker.sock.
    return bool(mount.unresolved) and knowledge.control_socket(mount.target.value) is not None


def _holds_sockets(mount: Mount) -> bool:
    entry = knowledge.sensitive_path(mount.source.value) if mount.source else None
    return entry is not None and entry.kind == "socket-parent"


def _judge(project: Project, container: Container, mount: Mount) -> tuple[Level, Persona]:
    """Return level and persona: who mounts it decides."""
    image = knowledge.image_of(container)
    if image is not None:
        expected = image.expects(mount.source.value if mount.source else "")
        if expected is not None and expected.read_only and not mount.read_only:
            return Level.WARNING, Persona.REGULAR
        if image.socket or expected is not None:
            return Level.NOTE, Persona.AUDITOR
    if mount.read_only and (_watches(container) or mount.target.value == "/tmp/docker.sock"):
        return Level.NOTE, Persona.AUDITOR
    file = mount.span.source
    development = (
        project.kind is ProjectKind.DEVCONTAINER
        or in_devcontainer(file)
        or mount.target.value == "/var/run/docker-host.sock"
    )
    tried = container.remove and project.environment_of(container).value is EnvironmentKind.TEST
    if development or tried or file.kind is Kind.CI:
        return Level.NOTE, Persona.PEDANTIC
    return Level.ERROR, Persona.REGULAR


def _watches(container: Container) -> bool:
    """Return whether a container is an agent that collects logs or figures, by what else it mounts read-only."""
    return any(
        mount.read_only
        and mount.source is not None
        and (mount.source.value.rstrip("/") or "/") in _VIEWS
        for mount in container.mounts
    )
