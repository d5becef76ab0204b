"""VL501 unbounded-tmpfs."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    ContainerKind,
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
    Rule,
    Span,
    Syntax,
    edits,
    in_devcontainer,
    listed,
)

_DEFAULT_SIZE = "64m"


class UnboundedTmpfs(Rule):
    """A tmpfs has no size limit.

    ## What it does
    Reports a tmpfs mount without `size` in a container without a memory limit.

    ## Why is this bad?
    Without a size a tmpfs may grow to half of the host's memory. What fills it (uploads, temporary files, a
    runaway log) takes that memory from everything else on the host, and the kernel starts to kill processes.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        tmpfs:
          - /var/cache/nginx
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: tmpfs
            target: /var/cache/nginx
    ```
    ```shell bad
    docker run --tmpfs /run/secrets alpine
    ```
    ```shell bad
    docker run --mount type=tmpfs,dst=/scratch alpine
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        tmpfs:
          - /var/cache/nginx:size=64m
    ```
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: tmpfs
            target: /var/cache/nginx
            tmpfs:
              size: 64m
    ```
    ```shell good
    docker run --tmpfs /run/secrets:size=1m alpine
    ```
    ```shell good
    docker run --mount type=tmpfs,dst=/scratch,tmpfs-size=64m alpine
    ```

    ## Exceptions
    - A container with a memory limit (`mem_limit`, `deploy.resources.limits.memory`, `--memory`): what is in the tmpfs
      is charged to it.
    - Options that depend on a variable nobody sets.

    ## Level
    Warning; note for a container that ends with its command and is removed (`docker run --rm` in the foreground). A note for
    the pedantic persona in a dev container, which shares the machine with the one person who works in it, and in tests
    and CI files, whose containers are gone after the job; a run line of a test's script is a note for everybody.

    ## Fix
    Adds `size=64m`. It is unsafe: a program may need more.

    ## References
    - Linux, tmpfs(5): `size`; Docker, "tmpfs mounts"
    """

    code = "VL501"
    name = "unbounded-tmpfs"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its first unbounded tmpfs; one for all that share the line."""
        found: dict[tuple[Span, ...], list[tuple[Container, list[Mount]]]] = {}
        for container in project.containers:
            if container.memory_limit is not None or container.unresolved:
                continue
            open_ended = [
                mount
                for mount in container.mounts
                if mount.kind is MountKind.TMPFS
                and "size" not in mount.options
                and not mount.unresolved
                and not mount.shadowed
                and mount.donor is None
            ]
            if open_ended:
                places = tuple(mount.target.span for mount in open_ended)
                found.setdefault(places, []).append((container, open_ended))
        for sharing in found.values():
            yield self._report(project, [container for container, _ in sharing], sharing[0][1])

    def _report(
        self, project: Project, containers: list[Container], mounts: list[Mount]
    ) -> Finding:
        container, first = containers[0], mounts[0]
        names = listed(container.name.value for container in containers)
        have = "has" if len(containers) == 1 else "have"
        target = first.target.value
        limits = (edits.add_tmpfs_option(mount, "size", _DEFAULT_SIZE) for mount in mounts)
        workshop = in_devcontainer(first.span.source)
        tested = (
            project.environment_of(container).value is EnvironmentKind.TEST
            or first.span.source.kind is Kind.CI
        )
        written = container.kind is ContainerKind.RUN and first.span.source.kind is not Kind.CI
        return self.finding(
            first.target.span,
            f"'{target}' is a tmpfs without a size, and {names} {have} no memory limit",
            *(Label(mount.target.span, "this one too") for mount in mounts[1:]),
            help=f"limit it, e.g. {_wanted(first)}",
            fix=Fix.of(f"limit it to {_DEFAULT_SIZE}", limits, safe=False),
            level=Level.NOTE
            if workshop or tested or (container.remove and not container.detached)
            else None,
            persona=Persona.PEDANTIC if workshop or (tested and not written) else None,
            container=container,
            mount=first,
            others=tuple(other.name.value for other in containers[1:]),
        )


def _wanted(mount: Mount) -> str:
    """Return what to type, in the syntax the mount is written in."""
    if mount.syntax is Syntax.LONG:
        return f"'tmpfs: {{size: {_DEFAULT_SIZE}}}' beside its target"
    if edits.is_keyed(mount):
        return f"'tmpfs-size={_DEFAULT_SIZE}'"
    separator = "," if mount.mode is not None else ":"
    return (
        f"'{mount.target.value}{separator if mount.mode is None else ':...,'}size={_DEFAULT_SIZE}'"
    )
