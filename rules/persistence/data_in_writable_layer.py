"""VL113 data-in-writable-layer."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    Finding,
    Label,
    Level,
    MountKind,
    Persona,
    Project,
    Rule,
    Span,
    StatePath,
    StepKind,
    is_throwaway,
    knowledge,
    state_paths,
)


class DataInWritableLayer(Rule):
    """A service is told to keep state at a path that no volume covers.

    ## What it does
    Looks at the variables and the command of a service that is built, those of its Dockerfile included, for places
    of state: the URL of an SQLite database, `*_DATA_DIR`, `*_DB_PATH`, `--data-dir`, log files. Reported is one
    that no mount and no VOLUME covers. Of images that are only pulled, SQLite databases are reported too.

    ## Why is this bad?
    What is written there goes to the container's writable layer and is gone when the container is made anew: with the
    next build, that is with the next deployment.

    ## Example
    ```compose bad
    services:
      app:
        build: .
        environment:
          DATABASE_URL: sqlite:////app/data/shop.db
    ```
    ```dockerfile bad and Dockerfile
    FROM python:3.13-slim
    WORKDIR /app
    COPY . .
    ```
    ```compose bad
    services:
      app:
        build: .
    ```
    ```dockerfile bad and Dockerfile
    FROM python:3.13-slim
    ENV SHOP_DATA_DIR=/var/lib/shop
    CMD ["shop"]
    ```
    ```shell bad
    docker run -d -e DATABASE_URL=sqlite:////data/shop.db example.org/shop:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        build: .
        environment:
          DATABASE_URL: sqlite:////app/data/shop.db
        volumes:
          - shop-data:/app/data
    volumes:
      shop-data:
    ```
    ```dockerfile good and Dockerfile
    FROM python:3.13-slim
    WORKDIR /app
    COPY . .
    ```
    ```shell good
    docker run -d -e DATABASE_URL=sqlite:////data/shop.db -v shop:/data example.org/shop:1
    ```

    ## Exceptions
    - Test environments, CI files and `--rm`; databases in memory; `/tmp`, `/run` and the like.
    - A directory that the Dockerfile itself fills with COPY or ADD: it may only be read.
    - Paths with variables nobody sets, and relative ones where the working directory is not known.
    - Stateful images that the knowledge has: VL101. A Dockerfile that no service builds.

    ## Level
    Warning, with medium confidence where the image is only pulled; a note for the pedantic persona for logs.

    ## References
    - Docker, "Storage drivers": "Container and layers"; SQLAlchemy, "SQLite": "Connect Strings"
    """

    code = "VL113"
    name = "data-in-writable-layer"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each place that is written, with the further containers that use it as labels."""
        if project.partial:
            return
        found: dict[Span, list[tuple[Container, StatePath]]] = {}
        for container in project.containers:
            states = list(state_paths(container))
            if not states or not _is_known(project, container):
                continue
            built = container.build is not None and bool(container.build.stages)
            directories: set[str] = set()
            for state in states:
                if (
                    (built or state.kind == "database")
                    and state.directory not in directories
                    and not _is_covered(container, state)
                    and not _is_filled(container, state.directory)
                ):
                    directories.add(state.directory)
                    found.setdefault(state.place(), []).append((container, state))
        for place, uses in found.items():
            yield self._report(place, uses)

    def _report(self, place: Span, uses: list[tuple[Container, StatePath]]) -> Finding:
        container, state = uses[0]
        built = container.build is not None and bool(container.build.stages)
        what = {"database": "its database", "data": "its data", "log": "its logs"}[state.kind]
        mount = f"{container.name}-data:{state.directory}"
        return self.finding(
            place,
            f"'{container.name}' keeps {what} at '{state.path}', which no volume covers",
            *(Label(other.name.span, f"'{other.name}' does so too") for other, _ in uses[1:]),
            help="log to standard output"
            if state.kind == "log"
            else f"mount a named volume there, e.g. '{mount}'",
            level=Level.NOTE if state.kind == "log" else None,
            persona=Persona.PEDANTIC if state.kind == "log" else None,
            confidence=None if built else Confidence.MEDIUM,
            container=container,
            target=state.path,
            others=tuple(other.name.value for other, _ in uses[1:]),
        )


def _is_known(project: Project, container: Container) -> bool:
    """Return whether enough is known of a container, and not more by VL101."""
    if container.unresolved or container.replicas == 0 or "extends" in container.keys:
        return False
    if container.volumes_from or is_throwaway(project, container):
        return False
    if any(mount.target.unresolved for mount in container.mounts):
        return False
    state = knowledge.state_of(container)
    return state is None or not state.paths


def _is_covered(container: Container, state: StatePath) -> bool:
    paths = [path for path in (state.path, state.other) if path]
    if any(knowledge.covering_mount(container, path) is not None for path in paths):
        return True
    return any(
        knowledge.within(mount.target.value, state.directory)
        for mount in container.mounts
        if mount.kind in (MountKind.VOLUME, MountKind.BIND, MountKind.TMPFS)
    )


def _is_filled(container: Container, directory: str) -> bool:
    """Return whether the image that a container builds brings a directory's content along."""
    build = container.build
    if build is None or build.target_index is None:
        return False
    index: int | None = build.target_index
    while index is not None:
        stage = build.stages[index]
        for step in stage.steps:
            if step.kind in (StepKind.COPY, StepKind.ADD) and step.words:
                target = step.words[-1].value
                if not target.startswith("/"):
                    target = f"{step.workdir}/{target}"
                target = target.rstrip("/.") or "/"
                if knowledge.within(target, directory):
                    return True
                inside = directory[len(target.rstrip("/")) + 1 :]
                if (
                    knowledge.within(directory, target)
                    and build.files is not None
                    and build.files.kind(inside) == "directory"
                ):
                    return True
        index = stage.base_index
    return False
