"""VL604 volume-or-path."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
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
    Span,
    Syntax,
    meant_path,
    regex,
)

_VOLUME_TYPE = regex(r"(?:^|[\s{,\"'])type[\"']?[ \t]*:[ \t]*[\"']?(volume)(?=[\s\"',}#]|$)")


class VolumeOrPath(Rule):
    """A path of the host is written so that Docker reads the name of a volume.

    ## What it does
    Reports a source without a leading `./` or `/` that no volume's name can be (`data/sub`), or that is the name of a
    file or directory beside the file while nothing declares a volume of that name, or that names the very file it is
    mounted on (`nginx.conf:/etc/nginx/nginx.conf`).

    ## Why is this bad?
    Compose refuses the project because it knows no such volume. `docker run` is worse: it makes an empty volume of that
    name and mounts it, and the container sees nothing of the directory that was meant. What it writes is not there,
    either.

    ## Example
    ```compose bad
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - data/uploads:/app/uploads
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: volume
            source: conf.d/sites
            target: /etc/nginx/conf.d
    ```
    ```shell bad
    docker run -d -v nginx.conf:/etc/nginx/nginx.conf nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - ./data/uploads:/app/uploads
    ```
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./conf.d/sites
            target: /etc/nginx/conf.d
    ```
    ```shell good
    docker run -d -v "$PWD/nginx.conf:/etc/nginx/nginx.conf" nginx:1.27
    ```

    ## Exceptions
    - A volume that a file of the project declares, or that `docker volume create` makes, is a volume.
    - A run line whose target is where the image keeps its data: that is what volumes are for.
    - `docker run -v data/sub:/x` and what else Docker refuses on the spot is VL601's.
    - An undeclared name without such a sign is VL105's, a `~` that no shell expands VL612's.

    ## Level
    Error where Compose refuses the project; for run lines, which do run, a warning, of medium confidence where only
    something of that name stands beside the script, and shown to the pedantic persona in documents. A note for the
    pedantic where the platform that runs the file makes volumes of such names itself (Coolify).

    ## Fix
    Puts `./` before the source, and makes a mapping's type `bind`. It is unsafe where the name could be a volume's.

    ## References
    - compose-spec, "volumes": short syntax; Docker, "Bind mounts"
    """

    code = "VL604"
    name = "volume-or-path"
    level = Level.ERROR
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each source, at the first container that mounts it."""
        causes: dict[str, list[tuple[Container, Mount, str]]] = {}
        for container, mount in project.mounts(MountKind.VOLUME):
            why = meant_path(project, container, mount)
            if (
                why
                and mount.source is not None
                and not (
                    # A '~' that no shell expands is VL612's.
                    container.kind is not ContainerKind.SERVICE
                    and mount.source.value.startswith("~")
                )
            ):
                causes.setdefault(mount.source.value, []).append((container, mount, why))
        for places in causes.values():
            yield self._report(project, places)

    def _report(self, project: Project, places: list[tuple[Container, Mount, str]]) -> Finding:
        container, mount, why = places[0]
        source = mount.source or mount.target
        runs = container.kind is not ContainerKind.SERVICE
        guessed = "stands beside" in why
        return self.finding(
            source.span,
            f"'{source}' is read as the name of a volume, but {why}",
            *(
                Label((other.source or other.target).span, f"'{holder.name}' mounts it, too")
                for holder, other, _ in places[1:]
            ),
            help=f"if a path is meant, write {_wanted(mount, runs)}",
            fix=None if runs else _fix(places, safe="/" in source.value),
            level=Level.NOTE if project.platform else Level.WARNING if runs else Level.ERROR,
            confidence=Confidence.MEDIUM if runs and guessed else Confidence.HIGH,
            persona=Persona.PEDANTIC
            if project.platform or (runs and guessed and project.gentle)
            else Persona.REGULAR,
            container=container,
            mount=mount,
        )


def _wanted(mount: Mount, runs: bool) -> str:
    """Return what to type in the syntax the mount is written in."""
    if mount.syntax is Syntax.LONG:
        return f"'type: bind' and 'source: ./{mount.source}'"
    if mount.syntax is Syntax.MOUNT:
        return f"'\"type=bind,src=$PWD/{mount.source},dst={mount.target}\"'"
    from_shell = runs and mount.syntax not in (Syntax.QUADLET_VOLUME, Syntax.QUADLET_MOUNT)
    return f"'\"$PWD/{mount.source}:{mount.target}\"'" if from_shell else f"'./{mount.source}'"


def _volume_type(mount: Mount) -> Span | None:
    """Return the place of the word that says what a mapping mounts; None where there is not one such word, or
    what only a volume has is said, too."""
    found = list(_VOLUME_TYPE.finditer(mount.span.text()))
    if len(found) != 1 or "volume:" in mount.span.text():
        return None
    start = mount.span.start
    return Span(mount.span.source, start + found[0].start(1), start + found[0].end(1))


def _fix(places: list[tuple[Container, Mount, str]], *, safe: bool) -> Fix | None:
    edits = []
    for _, mount, _ in places:
        source = mount.source
        if source is None or source.span.text() != source.value:
            return None
        if mount.syntax is Syntax.LONG:
            kind = _volume_type(mount)
            if kind is None:
                return None
            edits.append(Edit(kind, "bind"))
        elif mount.spec is None:
            return None
        edits.append(Edit(Span(source.span.source, source.span.start, source.span.start), "./"))
    return Fix("write it as a path", tuple(dict.fromkeys(edits)), safe=safe)
