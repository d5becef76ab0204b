"""VL205 writable-consumer."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    MountKind,
    Project,
    Rule,
    edits,
    knowledge,
)

_CONTENT = ("content", "html")


class WritableConsumer(Rule):
    """A container that only serves a shared volume can write to it.

    ## What it does
    Looks at volumes and directories that several containers share, where one of them serves what the others make (a web
    server's document root), and reports the server's mount if it is writable.

    ## Why is this bad?
    The web server is what strangers talk to. Whoever breaks into it can change what the application made, and what the
    application will read.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - static:/app/static
      web:
        image: nginx:1.27
        volumes:
          - static:/usr/share/nginx/html
    volumes:
      static:
    ```
    ```shell bad
    docker run -d --name app -v static:/app/static registry.example.com/app:1
    docker run -d --name web -v static:/usr/share/nginx/html nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - static:/app/static
      web:
        image: nginx:1.27
        volumes:
          - static:/usr/share/nginx/html:ro
    volumes:
      static:
    ```
    ```shell good
    docker run -d --name app -v static:/app/static registry.example.com/app:1
    docker run -d --name web -v static:/usr/share/nginx/html:ro nginx:1.27
    ```

    ## Exceptions
    - A volume that only the server mounts, or that nobody mounts writable but servers: one of them may fill it, or Docker
      does, with what the image has there.
    - Servers of a build of one's own, which may write.
    - Backups are VL702's, a bind mount that only the server has VL204's.

    ## Level
    Note.

    ## Fix
    Adds `:ro`, `read_only: true` or `readonly`. It is unsafe: a volume that is mounted read-only is not filled with what
    the image has at its path.
    """

    code = "VL205"
    name = "writable-consumer"
    level = Level.NOTE

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each server, at its first mount."""
        uses: dict[str, list[tuple[Container, Mount]]] = {}
        for container, mount in project.mounts(MountKind.VOLUME, MountKind.BIND):
            if mount.source is not None and not mount.shadowed:
                uses.setdefault(mount.resolved_source or mount.source.value, []).append(
                    (container, mount)
                )
        served: dict[str, tuple[Container, Mount, Container, Mount]] = {}
        for places in uses.values():
            makers = [
                (holder, other)
                for holder, other in places
                if not other.read_only and not _serves(holder, other)
            ]
            for container, mount in places:
                if (
                    makers
                    and not mount.read_only
                    and mount.donor is None
                    and _serves(container, mount)
                ):
                    served.setdefault(container.name.value, (container, mount, *makers[0]))
        for container, mount, maker, made in served.values():
            change = edits.read_only(mount)
            yield self.finding(
                (mount.spec or mount.target).span,
                f"'{container.name}' only serves '{mount.source}', which '{maker.name}' fills, and mounts it writable",
                Label((made.source or made.target).span, f"'{maker.name}' writes to it here"),
                help=f"add {edits.read_only_words(mount)}",
                fix=Fix("mount it read-only", (change,), safe=False) if change else None,
                container=container,
                mount=mount,
            )


def _serves(container: Container, mount: Mount) -> bool:
    """Return whether a mount is at a place from which the image only serves."""
    if container.build is not None:
        return False
    image = knowledge.image_of(container)
    if image is None:
        return False
    target = mount.target.value
    place = image.role_of(target)
    if place is not None:
        return place.role in _CONTENT and image.writes(target) is False
    # A web server keeps nothing but its cache; whatever is mounted elsewhere is there to be served.
    serves = bool(image.places_of(*_CONTENT)) and image.category == "proxy"
    return serves and image.writes(target) is None and "/cache" not in target
