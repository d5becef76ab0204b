"""VL503 read-only-root-without-scratch."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    Finding,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Span,
    knowledge,
)

_HELD = frozenset((MountKind.VOLUME, MountKind.BIND, MountKind.TMPFS, MountKind.CLUSTER))


class ReadOnlyRootWithoutScratch(Rule):
    """The root file system is read-only and nothing writable is mounted where programs write.

    ## What it does
    Reports containers with `read_only: true` or `--read-only` that have no writable mount at the places where their image is
    known to write; otherwise those that have none at `/tmp`.

    ## Why is this bad?
    The program fails when it first writes a PID file, a socket, or a temporary file, perhaps only with the first upload.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        read_only: true
    ```
    ```shell bad
    docker run -d --read-only nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        read_only: true
        tmpfs:
          - /var/cache/nginx:size=64m
          - /var/run:size=1m
          - /tmp:size=16m
    ```
    ```shell good
    docker run -d --read-only --tmpfs /var/cache/nginx:size=64m --tmpfs /run:size=1m --tmpfs /tmp:size=16m nginx:1.27
    ```

    ## Exceptions
    - `/run` for `/var/run`, which is a link to it in most images, and what is below them; a mount above the place.
    - Podman, which mounts tmpfs at `/run`, `/tmp` and `/var/tmp` of read-only containers itself.

    ## Level
    Warning for images that are known to write there; a note for the pedantic persona otherwise, since a static program may
    need nothing at all.

    ## References
    - docker run reference, `--read-only`; each image's own documentation (`volint/knowledge/images.txt`)
    """

    code = "VL503"
    name = "read-only-root-without-scratch"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container."""
        for container in project.containers:
            if not container.read_only or container.program == "podman" or container.unresolved:
                continue
            image = knowledge.image_of(container) if container.build is None else None
            known = image.scratch if image is not None else ()
            missing = [path for path in known if path != "/tmp" and not _writable(container, path)]
            if missing and image is not None:
                yield self.finding(
                    _place(container),
                    f"'{container.name}' has a read-only root, and {image.id} writes to {' and '.join(_once(missing))},"
                    " where nothing is mounted",
                    help=f"mount a tmpfs there, e.g. {_wanted(container, missing[0])}",
                    confidence=Confidence.HIGH if image.is_verified else Confidence.MEDIUM,
                    container=container,
                    target=missing[0],
                )
            elif not _writable(container, "/tmp"):
                yield self.finding(
                    _place(container),
                    f"'{container.name}' has a read-only root and nothing writable at /tmp",
                    help=f"if it needs temporary files, mount a tmpfs, e.g. {_wanted(container, '/tmp')}",
                    level=Level.NOTE,
                    persona=Persona.PEDANTIC,
                    container=container,
                    target="/tmp",
                )


def _place(container: Container) -> Span:
    return container.keys.get("read_only") or container.keys.get("read-only") or container.name.span


def _once(paths: list[str]) -> list[str]:
    """Return paths without the second name of one that has two."""
    return [path for path in paths if not (path == "/run" and "/var/run" in paths)]


def _writable(container: Container, path: str) -> bool:
    return any(_covers(mount, name) for mount in container.mounts for name in _names(path))


def _names(path: str) -> tuple[str, ...]:
    """Return a path under both of its names where /var/run is a link to /run."""
    if knowledge.within(path, "/var/run"):
        return path, path.removeprefix("/var")
    return (path, "/var" + path) if knowledge.within(path, "/run") else (path,)


def _covers(mount: Mount, path: str) -> bool:
    return (
        mount.kind in _HELD
        and not mount.read_only
        and not mount.shadowed
        and knowledge.within(path, mount.target.value)
    )


def _wanted(container: Container, path: str) -> str:
    if container.program == "compose":
        return f"'tmpfs: [\"{path}:size=64m\"]'"
    return f"'--tmpfs {path}:size=64m'"
