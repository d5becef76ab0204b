"""VL407 volume-in-dockerfile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Build,
    Finding,
    Label,
    Level,
    Part,
    Persona,
    Project,
    Rule,
    Span,
    Stage,
    Step,
    StepKind,
    Text,
    final_stages,
    knowledge,
    listed,
    regex,
)

_NAMES = regex(r"[a-z]+")
_SYSTEM = ("/proc", "/sys", "/dev")


class VolumeInDockerfile(Rule):
    """An application's image declares a VOLUME, which nobody who uses the image can take back.

    ## What it does
    Reports VOLUME instructions of stages that are in the image, each once.

    ## Why is this bad?
    Every run without a mount there makes an anonymous volume that keeps its data after the container is gone, and
    nobody knows whose it was. An image that is built on this one cannot undo it. Where the data goes is better said by
    those who run the image: `volumes:` in Compose, `-v` on the command line.

    ## Example
    ```dockerfile bad
    FROM python:3.12-slim
    WORKDIR /app
    COPY app.py .
    VOLUME /app/uploads
    ```

    Use instead:
    ```dockerfile good
    FROM python:3.12-slim
    WORKDIR /app
    COPY app.py .
    RUN mkdir -p /app/uploads
    ```
    ```compose good and compose.yaml
    services:
      app:
        build: .
        volumes:
          - uploads:/app/uploads
    volumes:
      uploads:
    ```

    ## Exceptions
    - Images of databases and other stores: those built on one that keeps state, called like one, whose command starts one, or
      whose paths are named after one (`/var/lib/mysql`).
    - A VOLUME of a service that mounts nothing there: VL102 reports the anonymous volume.
    - Paths that cannot be volumes, which are VL409's, and stages that are not in the image.

    ## Level
    Note for the pedantic: for an image that does nothing but keep data a VOLUME is a safety net.

    ## References
    - Dockerfile reference, "Notes about specifying volumes"
    """

    code = "VL407"
    name = "volume-in-dockerfile"
    level = Level.NOTE
    persona = Persona.PEDANTIC
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: several projects may build one Dockerfile."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield each VOLUME instruction once."""
        unmounted: set[Span] = set()
        stores: set[str | None] = set()
        for project in projects:
            for container in project.containers:
                unmounted.update(
                    mount.target.span for mount in container.mounts if mount.is_anonymous
                )
                build, image = container.build, container.image
                if build is not None and image is not None and _is_store(image.value):
                    stores.add(build.dockerfile)
        seen: set[Span] = set()
        for project in projects:
            for build in project.builds:
                if build.dockerfile in stores and build.dockerfile is not None:
                    continue
                for step in _volumes(build):
                    if step.span not in seen:
                        seen.add(step.span)
                        words = [word for word in step.words if _counts(word, unmounted)]
                        if words:
                            yield self._declared(words)

    def _declared(self, words: Sequence[Text]) -> Finding:
        first, *others = words
        names = listed(word.value for word in words)
        are = "is a VOLUME" if not others else "are VOLUMEs"
        return self.finding(
            first.span,
            f"{names} {are} of the image: every run that mounts nothing there makes an anonymous volume",
            *(Label(other.span, "and this one") for other in others),
            help="remove it, and mount a named volume where the image is run",
            target=first.value,
        )


def _volumes(build: Build) -> Iterator[Step]:
    for index in sorted(final_stages(build)):
        stage = build.stages[index]
        if (stage.base_index is None and _is_store(stage.base.value)) or _starts_store(stage):
            return
        for step in stage.steps:
            if step.kind is StepKind.VOLUME:
                names = _NAMES.findall(" ".join(word.value for word in step.words))
                if not any(map(_is_store, names)):
                    yield step


def _starts_store(stage: Stage) -> bool:
    """Return whether an image starts the server of a store: 'mysqld', 'redis-server', '/opt/couchdb/bin/couchdb'."""
    for words in (stage.entrypoint, stage.command):
        for word in words or ():
            name = word.value.rpartition("/")[2].removesuffix("-server")
            if _is_store(name) or (name.endswith("d") and _is_store(name[:-1])):
                return True
    return False


def _is_store(name: str) -> bool:
    image = knowledge.lookup(name) if name else None
    return image is not None and image.is_stateful and not image.guessed


def _counts(path: Text, unmounted: set[Span]) -> bool:
    return (
        path.value.startswith("/")
        and path.value.strip("/") != ""
        and path.span not in unmounted
        and not any(knowledge.within(path.value, system) for system in _SYSTEM)
    )
