"""VL408 unwritable-volume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Build,
    Confidence,
    Container,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Part,
    Project,
    Rule,
    Span,
    Stage,
    Step,
    StepKind,
    Syntax,
    Text,
    final_stages,
    is_root,
    made_by_root,
)

_MAKERS = (StepKind.RUN, StepKind.WORKDIR)


class UnwritableVolume(Rule):
    """A volume's directory belongs to root, and the image's user cannot write to it.

    ## What it does
    Reports a VOLUME of a Dockerfile, and a path at which a container of the image mounts a named volume, in an image
    whose USER is not root, if the directory belongs to root: a RUN makes it with `mkdir` or WORKDIR does while the user
    is root, here or in a stage below, or a COPY behind USER does, which gives it to root all the same; and nothing gives
    it to that user.

    ## Why is this bad?
    A new volume takes its owner and permissions from the directory of the image. So the first write of the program
    fails with "permission denied", and once the volume exists, a corrected image does not change it any more.

    ## Example
    ```dockerfile bad
    FROM debian:12
    RUN useradd app && mkdir -p /data
    USER app
    VOLUME /data
    ```

    ```dockerfile bad
    FROM debian:12
    RUN useradd app
    USER app
    COPY seed /data
    VOLUME /data
    ```
    ```dockerfile bad and Dockerfile
    FROM debian:12
    RUN useradd app && mkdir -p /srv/uploads
    USER app
    ```
    ```compose bad and
    services:
      app:
        build: .
        volumes:
          - uploads:/srv/uploads
    volumes:
      uploads:
    ```

    Use instead:
    ```dockerfile good
    FROM debian:12
    RUN useradd app && mkdir -p /data && chown app /data
    USER app
    VOLUME /data
    ```

    ## Exceptions
    - Directories that a `chown`, `chmod`, `install` or the like names, or one above them, in whatever way; a variable
      whose value is not known may be about any; so with a COPY or ADD with `--chown` or `--chmod` to it, above or below.
    - Directories that nothing in the Dockerfile makes, and those below `/home` and `/var/www`: the base image may have
      them, with another owner. VL213 has something to say of those where a container mounts a volume.
    - Bind mounts, whose owner the host decides; read-only mounts, external volumes, volumes of other drivers, and
      containers with a user of their own.
    - Images whose user is root, and base images of which volint does not know that theirs is.

    ## References
    - docs.docker.com: "Volumes", "Populate a volume using a container"
    """

    code = "VL408"
    name = "unwritable-volume"
    level = Level.WARNING
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield each volume once."""
        seen: set[Span] = set()
        for build in project.builds:
            final = final_stages(build)
            bases = {build.stages[index].base_index for index in final}
            for index in sorted(final - bases):
                stages = _chain(build, index)
                for word in _own_volumes(stages):
                    yield from self._volume(stages, word, word.value, seen)
        for container in project.containers:
            own = container.build
            if own is None or not own.stages or container.user is not None:
                continue
            target = len(own.stages) - 1 if own.target is None else own.target_index
            if target is None:
                continue
            stages = _chain(own, target)
            declared = {_path(word.value) for word in _own_volumes(stages)}
            for mount in container.mounts:
                if _path(mount.target.value) not in declared and _is_new_volume(project, mount):
                    path = mount.target.value
                    yield from self._volume(stages, mount.target, path, seen, container)

    def _volume(
        self,
        stages: Sequence[Stage],
        word: Text,
        path: str,
        seen: set[Span],
        container: Container | None = None,
    ) -> Iterator[Finding]:
        user = stages[-1].user
        if user is None or user.unresolved or is_root(user.value) or word.span in seen:
            return
        made = made_by_root(stages, _path(path))
        if made is None:
            return
        seen.add(word.span)
        step, place = made
        where = " in the image" if container is not None else ""
        yield self.finding(
            word.span,
            f"'{path}' belongs to root{where}, and '{user}', the image's user, cannot write to it",
            Label(place.span, "made by root here" if step.kind in _MAKERS else "root's here, too"),
            Label(user.span, "the user is set here"),
            help=_help(step, user.value, path),
            confidence=Confidence.MEDIUM if container is not None else None,
            target=path,
        )


def _help(step: Step, user: str, path: str) -> str:
    if step.kind is StepKind.RUN:
        return f"add 'chown {user} {path}' to that RUN"
    if step.kind is StepKind.WORKDIR:
        return f"add 'RUN chown {user} {path}' behind that WORKDIR"
    return f"write '{step.kind.value} --chown={user}' there"


def _path(value: str) -> str:
    return value.rstrip("/") or "/"


def _chain(build: Build, index: int) -> list[Stage]:
    """Return a stage and those it is built on, the lowest first."""
    found: list[Stage] = []
    at: int | None = index
    while at is not None and len(found) < len(build.stages):
        found.append(build.stages[at])
        at = build.stages[at].base_index
    return found[::-1]


def _own_volumes(stages: Sequence[Stage]) -> Iterator[Text]:
    for stage in stages:
        for step in stage.steps:
            if step.kind is StepKind.VOLUME:
                for word in step.words:
                    if not word.unresolved and word.value.startswith("/"):
                        yield word


def _is_new_volume(project: Project, mount: Mount) -> bool:
    """Return whether Docker fills a mount's volume, and so its owner, from the image."""
    if (
        mount.kind is not MountKind.VOLUME
        or mount.syntax is Syntax.INSTRUCTION
        or mount.read_only
        or mount.shadowed
        or mount.donor is not None
        or mount.unresolved
        or "nocopy" in mount.options
        or "subpath" in mount.options
    ):
        return False
    declared = project.volume(mount.source.value) if mount.source is not None else None
    return declared is None or not (declared.external or declared.driver_opts)
