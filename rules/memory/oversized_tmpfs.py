"""VL504 oversized-tmpfs."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Container, Finding, Label, Mount, MountKind, Project, Rule

_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


class OversizedTmpfs(Rule):
    """The tmpfs mounts of a container may hold more than its memory limit.

    ## What it does
    Adds up the sizes of a container's tmpfs mounts and compares them with its memory limit.

    ## Why is this bad?
    What is in a tmpfs counts as the container's memory. Before the tmpfs is full the limit is reached, and the kernel kills
    the program instead of letting it see that the disk is full.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        mem_limit: 256m
        tmpfs:
          - /scratch:size=512m
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        deploy:
          resources:
            limits:
              memory: 256M
        volumes:
          - type: tmpfs
            target: /scratch
            tmpfs:
              size: 512m
    ```
    ```shell bad
    docker run --memory 256m --tmpfs /scratch:size=200m --mount type=tmpfs,dst=/tmp,tmpfs-size=200m alpine
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        mem_limit: 1g
        tmpfs:
          - /scratch:size=512m
    ```
    ```shell good
    docker run --memory 256m --tmpfs /scratch:size=64m alpine
    ```

    ## Exceptions
    - Sizes and limits that depend on a variable nobody sets, and sizes in percent.
    - Containers without a limit: VL501 asks for sizes there.

    ## Level
    Warning.

    ## References
    - Linux, "Memory Resource Controller": tmpfs pages are charged to the group that first touches them
    """

    code = "VL504"
    name = "oversized-tmpfs"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its largest tmpfs."""
        for container in project.containers:
            limit = container.memory_limit
            if limit is None:
                continue
            sized = [
                (mount, option.value)
                for mount in container.mounts
                if mount.kind is MountKind.TMPFS
                and not mount.shadowed
                and (option := mount.options.get("size")) is not None
                and isinstance(option.value, int)
            ]
            if sized and sum(size for _, size in sized) > limit:
                sized.sort(key=lambda item: -item[1])
                yield self._report(container, sized, limit)

    def _report(self, container: Container, sized: list[tuple[Mount, int]], limit: int) -> Finding:
        (mount, size), *others = sized
        total = sum(value for _, value in sized)
        what = (
            f"'{mount.target}' may hold {_shown(size)}"
            if size > limit or not others
            else f"'{mount.target}' and the other tmpfs may hold {_shown(total)}"
        )
        labels = [
            Label(other.options["size"].span, f"{_shown(value)} more") for other, value in others
        ]
        for key in ("mem_limit", "memory", "deploy"):
            if key in container.keys:
                labels.append(Label(container.keys[key], "the limit"))
                break
        return self.finding(
            mount.options["size"].span,
            f"{what}, and '{container.name}' only {_shown(limit)} of memory in all",
            *labels,
            help="make it smaller, or raise the limit",
            container=container,
            mount=mount,
        )


def _shown(size: int) -> str:
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"
