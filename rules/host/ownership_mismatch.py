"""VL213 ownership-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Span,
    Stage,
    Syntax,
    Text,
    base_is_roots,
    final_stages,
    is_root,
    knowledge,
    listed,
    made_by_root,
    may_be_given,
    regex,
    storages,
)

_SYNTAXES = frozenset((Syntax.SHORT, Syntax.LONG, Syntax.V, Syntax.MOUNT))
_FILE = regex(r"[^/]*[^/.][^/]*\.[A-Za-z][A-Za-z0-9]{0,5}")


class OwnershipMismatch(Rule):
    """What is mounted belongs to root, and the container runs as somebody else.

    ## What it does
    Looks at containers whose user is not root (`user:`, `--user`, the Dockerfile's `USER`) and reports new named volumes at
    places that nothing in the Dockerfile gives to that user, volumes at the data path of an image that has a user of its
    own, and bind mounts of directories that are not there and that Docker will make as root.

    ## Why is this bad?
    The first write fails with "permission denied".

    ## Example
    ```compose bad
    services:
      app:
        build: .
        volumes:
          - data:/app/data
    volumes:
      data:
    ```
    ```dockerfile bad and
    FROM python:3.13-slim
    WORKDIR /app
    COPY . .
    USER 1000
    CMD ["python", "-m", "app"]
    ```
    ```compose bad
    services:
      db:
        image: postgres:17
        user: "1000:1000"
        volumes:
          - data:/var/lib/postgresql/data
    volumes:
      data:
    ```
    ```shell bad
    docker run -d --user 1000 -v data:/var/lib/postgresql/data postgres:17
    ```

    Use instead:
    ```compose good
    services:
      app:
        build: .
        volumes:
          - data:/app/data
    volumes:
      data:
    ```
    ```dockerfile good and
    FROM python:3.13-slim
    WORKDIR /app
    COPY . .
    RUN mkdir data && chown 1000 data
    USER 1000
    CMD ["python", "-m", "app"]
    ```

    ## Exceptions
    - Read-only mounts, external volumes, volumes of other drivers.
    - Users that depend on a variable nobody sets.
    - Directories that a `chown`, `chmod` or `--chown` may be about, and base images of which nothing is known.
    - Images whose own user is not known, where it is not built here; directories that a script or document makes.
    - VOLUMEs of the image are VL408's, and so are volumes at directories that the Dockerfile makes as root.

    ## Level
    Note, for the pedantic persona: what there is on the host, and in a volume that is there already, cannot be seen here.

    ## References
    - Docker, "Volumes": populate a volume using a container
    """

    code = "VL213"
    name = "ownership-mismatch"
    level = Level.NOTE
    persona = Persona.PEDANTIC
    confidence = Confidence.MEDIUM

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its first such mount; one for all that share the line."""
        found: dict[tuple[Span, str, str], list[tuple[Container, Mount, Text]]] = {}
        keeps = {
            id(held.mount): storage.image.users
            for storage in storages(project)
            if storage.container.build is None
            for held in storage.held
        }
        for container in project.containers:
            stages = _stages(container)
            user = container.user or (stages[-1].user if stages else None)
            if user is None or user.unresolved or is_root(user.value):
                continue
            image = knowledge.image_of(container)
            for mount in container.mounts:
                if image is not None and image.writes(mount.target.value) is False:
                    continue
                owners = keeps.get(id(mount), frozenset())
                if container.user is None or user.value.partition(":")[0] in owners:
                    owners = frozenset()
                why = _belongs_to_root(project, mount, stages, bool(owners))
                if why:
                    place = (mount.source or mount.target).span
                    found.setdefault((place, user.value, why), []).append((container, mount, user))
                    break
        for (place, _, why), sharing in found.items():
            names = [container.name.value for container, _, _ in sharing]
            run = "runs" if len(sharing) == 1 else "run"
            finding = self._report(place, f"{listed(names)} {run}", *sharing[0], why)
            yield finding._replace(others=tuple(names[1:]))

    def _report(
        self, place: Span, who: str, container: Container, mount: Mount, user: Text, why: str
    ) -> Finding:
        return self.finding(
            place,
            f"{who} as '{user}' and cannot write to '{mount.target}': {why}",
            Label(user.span, "the user is set here"),
            help=f"give '{mount.target}' to the user in the Dockerfile, 'RUN mkdir -p {mount.target} && chown {user} {mount.target}'"
            if container.build is not None
            else f"make it before, and give it to '{user}' with chown",
            container=container,
            mount=mount,
        )


def _stages(container: Container) -> list[Stage]:
    """Return the stages that the image of a service is made of, the last one last; none for a pulled one."""
    build = container.build
    if build is None or build.target_index is None or build.target_index >= len(build.stages):
        return []
    chain = [build.stages[index] for index in sorted(final_stages(build))]
    last = build.stages[build.target_index]
    return [*(stage for stage in chain if stage is not last), last]


def _belongs_to_root(project: Project, mount: Mount, stages: list[Stage], keeps: bool) -> str:
    """Return why a mount's directory belongs to somebody else, as a clause; '' where it may not."""
    if (
        mount.read_only
        or mount.shadowed
        or mount.donor is not None
        or mount.unresolved
        or mount.syntax not in _SYNTAXES
    ):
        return ""
    if mount.kind is MountKind.VOLUME:
        return _of_volume(project, mount, stages, keeps)
    around, host = project.surroundings, mount.resolved_source
    if mount.kind is not MountKind.BIND or around is None or host is None or project.gentle:
        return ""
    if "$" in mount.span.text() or project.root is None:
        return ""
    name = mount.target.value.rpartition("/")[2]
    made = mount.syntax in (Syntax.SHORT, Syntax.V) or "create_host_path" in mount.options
    if (
        made
        and not name.startswith(".")
        and not _FILE.fullmatch(name)
        and around.kind(host) == "absent"
        and not around.is_made(host, project.root)
    ):
        return f"Docker makes '{mount.source}' on the host as root"
    return ""


def _of_volume(project: Project, mount: Mount, stages: list[Stage], keeps: bool) -> str:
    declared = project.volume(mount.source.value) if mount.source is not None else None
    if declared is not None and (declared.external or declared.driver_opts):
        return ""
    if keeps:
        return "a new volume belongs to the user that the image is made for"
    if mount.target.value in ("/tmp", "/var/tmp", "/dev/shm"):
        return ""
    if not stages or not base_is_roots(stages[0]):
        return ""
    path = mount.target.value.rstrip("/")
    if made_by_root(stages, path) is not None:
        return ""
    if may_be_given(stages, path) or any(
        knowledge.within(path, volume.value) for volume in stages[-1].volumes
    ):
        return ""
    return "a new volume has the owner of that directory in the image, which is root"
