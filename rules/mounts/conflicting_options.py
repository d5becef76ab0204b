"""VL613 conflicting-options."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Label, Mount, MountKind, MountOption, Project, Rule, Syntax

_OWNERS: dict[str, tuple[MountKind, ...]] = {
    "propagation": (MountKind.BIND,),
    "selinux": (MountKind.BIND,),
    "recursive": (MountKind.BIND,),
    "create_host_path": (MountKind.BIND,),
    "nocopy": (MountKind.VOLUME,),
    "subpath": (MountKind.VOLUME, MountKind.IMAGE),
    "size": (MountKind.TMPFS,),
    "mode": (MountKind.TMPFS,),
}
_KINDS = (MountKind.BIND, MountKind.VOLUME, MountKind.TMPFS, MountKind.IMAGE)


class ConflictingOptions(Rule):
    """A mount has options that belong to another type of mount.

    ## What it does
    Reports `bind:` under a mount of type `volume` or `tmpfs`, `tmpfs:` under anything but a tmpfs, and the like in Compose's
    long syntax. Compose says so in a line that is easily missed and leaves the options out.

    ## Why is this bad?
    What the options say does not happen: the volume is copied into although it says `nocopy`, the tmpfs that was meant is a
    volume without a limit.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: volume
            source: cache
            target: /var/cache/nginx
            tmpfs:
              size: 64m
    volumes:
      cache:
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: volume
            source: cache
            target: /var/cache/nginx
            bind:
              create_host_path: false
    volumes:
      cache:
    ```

    Use instead:
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

    ## Exceptions
    - What the Engine refuses is VL601's: run lines and quadlets with such options, `nocopy` on a host path, a
      propagation mode on a volume.

    ## Level
    Warning.

    ## References
    - docker compose, `pkg/compose/create.go`: `buildMountOptions`
    """

    code = "VL613"
    name = "conflicting-options"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each mount, at its first option of another type."""
        refused = {problem.span for problem in project.problems if problem.code == "VL601"}
        for container, mount in project.mounts(*_KINDS):
            if mount.syntax is not Syntax.LONG or mount.donor is not None:
                continue
            wrong = [
                (name, option)
                for name, option in mount.options.items()
                if mount.kind not in _OWNERS.get(name, _KINDS)
            ]
            if wrong and not any(option.span in refused for _, option in wrong):
                yield self._report(container.name.value, mount, wrong)

    def _report(
        self, container: str, mount: Mount, wrong: list[tuple[str, MountOption]]
    ) -> Finding:
        name, option = wrong[0]
        owner = _OWNERS[name][0].value
        written = owner if option.span.text() == owner else name
        return self.finding(
            option.span,
            f"'{written}' belongs to a mount of type '{owner}', and this one is a '{mount.kind.value}':"
            " Compose leaves it out",
            *(
                Label(other.span, f"'{key}' does not belong here, either")
                for key, other in wrong[1:]
            ),
            help=f"leave it out, or write 'type: {owner}'",
            container=container,
            mount=mount,
        )
