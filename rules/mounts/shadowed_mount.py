"""VL603 shadowed-mount."""

from __future__ import annotations

import os
from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Label,
    Mount,
    MountKind,
    Project,
    Rule,
    Syntax,
    knowledge,
)


class ShadowedMount(Rule):
    """A mount is hidden by another one, or cannot be made below it.

    ## What it does
    Reports a mount that another one covers at the same path where Docker does not object (a secret or config at the target
    of a volume, a `--mount` at the path of a `--tmpfs`), and a mount below a directory that is bind-mounted read-only and
    does not hold the place for it.

    ## Why is this bad?
    What is hidden is never seen in the container. Below a read-only mount the place cannot be made, and the container does
    not start: `error mounting ...: read-only file system`.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./site:/usr/share/nginx/html:ro
          - uploads:/usr/share/nginx/html/uploads
    volumes:
      uploads:
    ```
    ```compose bad and site/index.html
    <p>there is no folder "uploads" beside this file</p>
    ```
    ```shell bad
    docker run --tmpfs /data --mount type=volume,src=data,dst=/data alpine
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./site:/usr/share/nginx/html:ro
          - uploads:/usr/share/nginx/uploads
    volumes:
      uploads:
    ```
    ```compose good and site/index.html
    <p>uploads are served from a folder beside this one</p>
    ```
    ```shell good
    docker run --mount type=volume,src=data,dst=/data alpine
    ```

    ## Exceptions
    - Mounts below a writable mount, a tmpfs or a volume: Docker makes the place, and they work.
    - Places that git ignores (`node_modules`): they may be there when it runs.
    - What Docker refuses, or Compose silently replaces, is VL602's.

    ## Level
    Warning.

    ## References
    - runc, `libcontainer/rootfs_linux.go`: mount points are made in what is mounted so far
    """

    code = "VL603"
    name = "shadowed-mount"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what is hidden, then what cannot be made."""
        for container in project.containers:
            for mount in container.mounts:
                if mount.donor is not None or mount.syntax is Syntax.INSTRUCTION:
                    continue
                if mount.shadowed:
                    yield self._hidden(container, mount)
                    continue
                above = _nearest_above(container, mount)
                if above is not None and _lacks(project, above, mount):
                    yield self._impossible(container, mount, above)

    def _hidden(self, container: Container, mount: Mount) -> Finding:
        cover = next(
            (
                other
                for other in container.mounts
                if other is not mount
                and not other.shadowed
                and other.target.value == mount.target.value
            ),
            None,
        )
        by = f"the {cover.kind.value} that is mounted there" if cover else "what is mounted there"
        return self.finding(
            mount.target.span,
            f"'{mount.source or mount.target}' is never seen at '{mount.target}': {by} hides it",
            *((Label(cover.target.span, "this one is seen"),) if cover else ()),
            help="leave one of the two out, or give it another target",
            container=container,
            mount=mount,
        )

    def _impossible(self, container: Container, mount: Mount, above: Mount) -> Finding:
        rest = mount.target.value[len(above.target.value) :].lstrip("/")
        missing = f"{(above.source.value if above.source else '').rstrip('/')}/{rest}"
        return self.finding(
            mount.target.span,
            f"'{mount.target}' cannot be made: it lies below '{above.target}', which is read-only, and there is no '{missing}'"
            if above.source is not None
            else f"'{mount.target}' cannot be made: it lies below '{above.target}', an empty tmpfs that is read-only",
            Label((above.mode or above.target).span, "read-only"),
            help=f"make '{missing}', or mount it elsewhere"
            if above.source
            else "mount it elsewhere",
            container=container,
            mount=mount,
        )


def _nearest_above(container: Container, mount: Mount) -> Mount | None:
    """Return the deepest mount whose target holds that of another."""
    target = mount.target.value
    best: Mount | None = None
    for other in container.mounts:
        path = other.target.value
        if (
            other is not mount
            and not other.shadowed
            and other.syntax is not Syntax.INSTRUCTION
            and path != target
            and knowledge.within(target, path)
            and (best is None or len(path) > len(best.target.value))
        ):
            best = other
    return best


def _lacks(project: Project, above: Mount, mount: Mount) -> bool:
    """Return whether a read-only mount surely does not hold the place of another below it."""
    if not above.read_only or above.target.unresolved or mount.target.unresolved:
        return False
    if above.kind is MountKind.TMPFS:
        return True
    host, around = above.resolved_source, project.surroundings
    if above.kind is not MountKind.BIND or host is None or around is None:
        return False
    path = os.path.join(host, mount.target.value[len(above.target.value) :].lstrip("/"))
    return (
        around.kind(host) == "directory"
        and around.kind(path) == "absent"
        and not around.is_ignored(path)
    )
