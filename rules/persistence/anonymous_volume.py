"""VL102 anonymous-volume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Confidence,
    Container,
    ContainerKind,
    Edit,
    EnvironmentKind,
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
    Storage,
    Syntax,
    Text,
    free_volume_name,
    is_throwaway,
    knowledge,
    mount_new_volumes,
    name_volume,
    shield,
    source_binds,
    storages,
)

_SCRATCH = ("/tmp", "/var/tmp", "/run", "/var/run", "/var/cache", "/dev/shm")
_SCRATCH_NAMES = frozenset(("cache", "log", "logs", "run", "temp", "tmp", "var"))
"""Names of folders that an image declares as VOLUME because it writes there, not to keep them."""
_ADVICE = {
    Syntax.SHORT: "'{name}:{target}' and declare '{name}' under the top-level 'volumes'",
    Syntax.LONG: "'source: {name}' beside its target and '{name}:' under the top-level 'volumes'",
    Syntax.V: "'-v {name}:{target}'",
    Syntax.MOUNT: "'source={name}'",
}


_WORKSHOPS = (EnvironmentKind.DEVELOPMENT, EnvironmentKind.EXAMPLE)


class AnonymousVolume(Rule):
    """A volume is mounted without a name.

    ## What it does
    Reports anonymous volumes: a lone path under `volumes` or after `-v`, a long form or `--mount` without a source, and
    the VOLUME of a Dockerfile that the service builds and mounts nothing at.

    ## Why is this bad?
    Docker invents a random name for it. The data outlives the container under a name nobody knows, and the
    next container starts from an empty volume. Unused ones pile up until the disk is full.

    ## Example
    ```compose bad
    services:
      app:
        image: example.org/app:1
        volumes:
          - /app/uploads
    ```
    ```compose bad
    services:
      app:
        image: example.org/app:1
        volumes:
          - type: volume
            target: /app/uploads
    ```
    ```shell bad
    docker run -d -v /app/uploads example.org/app:1
    ```
    ```shell bad
    docker run -d --mount type=volume,target=/app/uploads example.org/app:1
    ```
    ```compose bad
    services:
      app:
        build: .
    ```
    ```dockerfile bad and Dockerfile
    FROM alpine:3.20
    VOLUME /app/uploads
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: example.org/app:1
        volumes:
          - uploads:/app/uploads
    volumes:
      uploads:
    ```
    ```compose good
    services:
      app:
        image: example.org/app:1
        volumes:
          - type: volume
            source: uploads
            target: /app/uploads
    volumes:
      uploads:
    ```
    ```shell good
    docker run -d -v uploads:/app/uploads example.org/app:1
    ```
    ```shell good
    docker run -d --mount type=volume,source=uploads,target=/app/uploads example.org/app:1
    ```
    ```compose good
    services:
      app:
        build: .
        volumes:
          - uploads:/app/uploads
    volumes:
      uploads:
    ```
    ```dockerfile good and Dockerfile
    FROM alpine:3.20
    VOLUME /app/uploads
    ```

    ## Exceptions
    - The idiom that keeps a dependency folder, a cache or a build's output (`node_modules`, `.venv`, `vendor`, `target`,
      `.next` ...) out of a bind mount of the source code, outside of production; in development and examples any volume
      below such a bind mount, whatever the folder is called.
    - Scratch space: `/tmp`, `/run`, `/var/cache` and the paths that the knowledge calls temporary; a VOLUME of the
      Dockerfile called `tmp`, `cache`, `log`, `run` or `var`.
    - Test environments, CI files and `--rm`, which removes the volume with the container.
    - What Docker refuses anyway (VL601), a VOLUME at the data path of a stateful image, which is VL101's, and
      a volume that misses that path, which is VL103's.

    ## Level
    Warning; a note for the pedantic persona in a devcontainer, which is made anew with its data anyway.

    ## Fix
    Names the volume, and declares it in a Compose file; for a VOLUME of a Dockerfile it is added to the service. It is unsafe: what is
    in the anonymous volume stays there.

    ## References
    - Docker, "Volumes": "Named and anonymous volumes"; compose-spec, "volumes"
    """

    code = "VL102"
    name = "anonymous-volume"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each place that makes anonymous volumes, however many containers share it."""
        refused = {problem.span for problem in project.problems if problem.code == "VL601"}
        kept = {id(item.container): item for item in storages(project)}
        written: dict[Span, list[tuple[Container, Mount]]] = {}
        for container, mount in project.mounts(MountKind.VOLUME):
            storage = kept.get(id(container))
            if (
                mount.source is None
                and not (mount.shadowed or mount.donor or mount.unresolved)
                and mount.target.value.startswith("/")
                and not any(
                    span.source is mount.span.source
                    and mount.span.start <= span.start <= mount.span.end
                    for span in refused
                )
                and not (storage and any(d.path == mount.target.value for d in storage.bare))
                and not (storage and storage.misplaced and storage.misplaced.mount is mount)
                and not is_throwaway(project, container)
                and not _is_scratch(container, mount)
                and not _is_shield(project, container, mount)
            ):
                built = mount.syntax is Syntax.INSTRUCTION
                place = container.name.span if built else mount.target.span
                written.setdefault(place, []).append((container, mount))
        alike: dict[tuple[Span, ...], list[Container]] = {}
        for place, found in written.items():
            container, mount = found[0]
            if mount.syntax is Syntax.INSTRUCTION:
                spans = tuple(each.target.span for _, each in found)
                alike.setdefault(spans, []).append(container)
            else:
                yield self._written(project, place, found, kept.get(id(container)))
        for first, *others in alike.values():
            mounts = [each for _, each in written[first.name.span]]
            yield self._built(project, first, others, mounts)

    def _built(
        self, project: Project, container: Container, others: list[Container], mounts: list[Mount]
    ) -> Finding:
        volumes: dict[str, Text] = {}
        for mount in mounts:
            path = mount.target.value
            volumes[free_volume_name(project, container.name.value, path, volumes)] = mount.target
        paths = ", ".join(f"'{target}'" for target in volumes.values())
        name, first = next(iter(volumes.items()))
        declares = "a VOLUME" if len(mounts) == 1 else "VOLUMEs"
        return self.finding(
            container.name.span,
            f"'{container.name.value}' mounts nothing at {paths}, {declares} of the image it builds",
            *(
                Label(target.span, "declared here: Docker makes a volume without a name for it")
                for target in volumes.values()
            ),
            *(
                Label(other.name.span, f"'{other.name.value}' mounts none, either")
                for other in others
            ),
            help=f"name it: '{name}:{first}' under the service's 'volumes'",
            fix=None if others else _fix(mount_new_volumes(project, container, volumes), *volumes),
            confidence=Confidence.MEDIUM,
            container=container,
            target=first.value,
            others=tuple(other.name.value for other in others),
        )

    def _written(
        self,
        project: Project,
        place: Span,
        found: list[tuple[Container, Mount]],
        storage: Storage | None,
    ) -> Finding:
        container, mount = found[0]
        target = mount.target.value
        labels = [
            Label(
                other.name.span,
                f"'{other.name.value}' takes this line too, with a volume of its own",
            )
            for other, _ in found[1:]
        ]
        if storage is not None and container.image is not None:
            labels += [
                Label(container.image.span, storage.fact(held.data))
                for held in storage.held
                if held.mount is mount
            ]
        name = free_volume_name(project, container.name.value, target)
        advice = _ADVICE.get(mount.syntax, "'{name}:{target}'").format(name=name, target=target)
        development = container.kind is ContainerKind.DEVCONTAINER
        return self.finding(
            place,
            f"'{target}' is mounted from a volume without a name",
            *labels,
            help=f"name it: {advice}",
            fix=_fix(name_volume(project, mount, name), name),
            level=Level.NOTE if development else None,
            persona=Persona.PEDANTIC if development else None,
            container=container,
            mount=mount,
            others=tuple(other.name.value for other, _ in found[1:]),
        )


def _is_scratch(container: Container, mount: Mount) -> bool:
    """Return whether what is written at a path is of no use to the next container."""
    target = mount.target.value
    if any(knowledge.within(target, path) for path in _SCRATCH):
        return True
    if knowledge.is_cache_directory(target):
        return True
    if mount.syntax is Syntax.INSTRUCTION and target.rpartition("/")[2] in _SCRATCH_NAMES:
        return True
    image = knowledge.image_of(container)
    if image is None:
        return False
    place = image.role_of(target)
    return place is not None and place.role in ("cache", "temp")


def _is_shield(project: Project, container: Container, mount: Mount) -> bool:
    environment = project.environment_of(container)
    if (
        environment.value in _WORKSHOPS
        and mount.syntax is not Syntax.INSTRUCTION
        and any(_is_below(mount, bind) for bind in source_binds(container))
    ):
        return True
    kind = shield(container, mount)
    if kind in (Shield.MASKS, Shield.BESIDE):
        return not environment.is_production
    return kind is Shield.DEAD


def _is_below(mount: Mount, bind: Mount) -> bool:
    above = bind.target.value.rstrip("/")
    return bool(above) and mount.target.value.startswith(f"{above}/")


def _fix(changes: Sequence[Edit] | None, *names: str) -> Fix | None:
    title = f"name it '{names[0]}'" if len(names) == 1 else "name them"
    return Fix.of(title, changes or (), safe=False)
