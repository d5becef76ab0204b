"""VL114 dead-volume-shield."""

from __future__ import annotations

import os
from collections.abc import Iterator

from volint.api import (
    Container,
    ContainerKind,
    Edit,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Shield,
    Span,
    is_throwaway,
    shield,
    source_binds,
    working_directory,
)

_MANIFESTS = {"node_modules": "package.json", "vendor": "composer.json", "target": "Cargo.toml"}
"""What says what a folder of dependencies is filled with."""


class DeadVolumeShield(Rule):
    """An anonymous volume that should mask a dependency folder lies where it masks nothing.

    ## What it does
    Reports an anonymous volume at a folder of dependencies, caches or build output (`node_modules`, `.venv`,
    `target` ...) that is neither below the bind mount of the source code nor in the container's working directory.

    ## Why is this bad?
    The idiom `./:/app` with `/app/node_modules` keeps what the image has installed visible under the bind mount. With
    another path the bind mount hides it: the program does not find its dependencies, or takes those of the
    host, built for another system.

    ## Example
    ```compose bad
    services:
      web:
        image: node:22
        working_dir: /usr/src/app
        volumes:
          - ./:/usr/src/app
          - /app/node_modules
    ```
    ```shell bad
    docker run -d -w /usr/src/app -v ./:/usr/src/app -v /app/node_modules node:22
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: node:22
        working_dir: /usr/src/app
        volumes:
          - ./:/usr/src/app
          - /usr/src/app/node_modules
    ```
    ```shell good
    docker run -d -w /usr/src/app -v ./:/usr/src/app -v /usr/src/app/node_modules node:22
    ```

    ## Exceptions
    - A folder beside or above what is bind-mounted (`./src:/app/src` with `/app/node_modules`) is a note for the
      pedantic persona: it is only superfluous until the image is built anew. Compose then keeps the volume, and the
      program finds the old dependencies in it.
    - Where the working directory is not known, anything but a bind mount of the whole project (`.`).
    - Without a bind mount it is VL102's; test environments, CI files and `--rm`.

    ## Fix
    Moves it below the bind mount, if there is one only. It is unsafe: another path of the image is kept. None where the
    manifest (`package.json` ...) lies above what is mounted: then the dependencies are not hidden, and no volume is needed.

    ## References
    - Docker, "Volumes": "Populate a volume using a container"
    """

    code = "VL114"
    name = "dead-volume-shield"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each place that is written."""
        seen: set[Span] = set()
        for container, mount in project.mounts(MountKind.VOLUME):
            if (
                mount.source is None
                and mount.donor is None
                and mount.target.span not in seen
                and (
                    (kind := shield(container, mount)) is Shield.DEAD
                    # Only Compose carries an anonymous volume over to the next container.
                    or (kind is Shield.BESIDE and container.kind is ContainerKind.SERVICE)
                )
                and not is_throwaway(project, container)
            ):
                seen.add(mount.target.span)
                yield self._report(project, container, mount)

    def _report(self, project: Project, container: Container, mount: Mount) -> Finding:
        target = mount.target.value
        binds = source_binds(container)
        labels = [Label(bind.target.span, "the bind mount is here") for bind in binds]
        if shield(container, mount) is Shield.BESIDE:
            return self.finding(
                mount.target.span,
                f"'{target}' is below no bind mount: the volume masks nothing, and keeps what an older image had there",
                *labels,
                help="leave it out: the image's own folder is there without it",
                level=Level.NOTE,
                persona=Persona.PEDANTIC,
                container=container,
                mount=mount,
            )
        workdir = working_directory(container)
        if workdir and container.working_dir is not None:
            labels.append(Label(container.working_dir.span, "the program runs here"))
        wanted = f"{binds[0].target.value.rstrip('/')}/{target.rpartition('/')[2]}"
        plain = len(binds) == 1 and mount.target.span.text() == target
        needless = all(_leaves_manifest_out(project, bind, target) for bind in binds)
        return self.finding(
            mount.target.span,
            f"'{target}' is below no bind mount, so the volume masks nothing",
            *labels,
            help="take it out: no bind mount hides what it should keep"
            if needless
            else f"mount it at '{wanted}'",
            fix=Fix(f"mount it at '{wanted}'", (Edit(mount.target.span, wanted),), safe=False)
            if plain and not needless
            else None,
            container=container,
            mount=mount,
        )


def _leaves_manifest_out(project: Project, bind: Mount, target: str) -> bool:
    """Return whether what fills a folder of dependencies is told above a bind mount's source, and not in it."""
    around, host = project.surroundings, bind.resolved_source
    manifest = _MANIFESTS.get(target.rstrip("/").rpartition("/")[2])
    if around is None or host is None or manifest is None:
        return False
    above = os.path.dirname(host)
    return (
        around.kind(f"{host}/{manifest}") == "absent"
        and around.kind(f"{above}/{manifest}") == "file"
    )
