"""VL207 missing-bind-source."""

from __future__ import annotations

import os
from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    ContainerKind,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Surroundings,
    Syntax,
    knowledge,
    regex,
)

_FILE = regex(r"[^/]*[^/.][^/]*\.[A-Za-z][A-Za-z0-9]{0,5}")
_NO_FILE = regex(
    r"(?i).*\.(?:d|git|github|data|local|cache|config|ssh|aws|kube|docker|venv|org|com|net|io|dev)"
)
_FILLED = regex(
    r"(?i)(?:.*[_.-])?(?:data\w*|db|database|logs?|cache|tmp|temp|uploads?|media|backups?|storage|store|volumes?|state|dumps?|out|outputs?|"
    r"results?|reports?|artifacts?|models?|downloads?|repos?|workspace|certs?|ssl|letsencrypt|home|lib|var|run|redis|mysql|postgres\w*|"
    r"mongo\w*|\w*data|\w*logs?|plugins?|persist\w*|snapshots?|shared?|secrets?|node_modules|vendor|import|export|conf\w*|settings)"
)
_SYNTAXES = frozenset((Syntax.SHORT, Syntax.LONG, Syntax.V, Syntax.MOUNT))


class MissingBindSource(Rule):
    """A mount's source is not in the repository, and nothing in it makes it.

    ## What it does
    Looks for the relative sources of bind mounts on the disk. One that is not there, that `.gitignore` does not explain and
    that no script, document or the like of the repository names is reported.

    ## Why is this bad?
    Short syntax and `-v` make an empty **directory** in its place, owned by root, even where a file was meant: the program
    then fails to read its configuration, and the directory has to be deleted by hand. Long syntax and `--mount` refuse to
    start the container.

    ## Example
    ```compose bad
    services:
      web:
        build: .
        volumes:
          - ./nginx.conf:/etc/nginx/nginx.conf:ro
    ```
    ```dockerfile bad and
    FROM nginx:1.27
    ```
    ```compose bad
    services:
      web:
        build: .
        volumes:
          - type: bind
            source: ./site
            target: /usr/share/nginx/html
    ```
    ```dockerfile bad and
    FROM nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      web:
        build: .
        volumes:
          - ./nginx.conf:/etc/nginx/nginx.conf:ro
    ```
    ```dockerfile good and
    FROM nginx:1.27
    ```
    ```compose good and nginx.conf
    events {}
    ```

    ## Exceptions
    - Sources that git ignores, or that a script, a document or another text near the project names: whoever sets the project
      up makes them.
    - Directories that the image fills, below its data paths and the like.
    - Without git, unless most of what the project names is there: a Compose file alone may be a copy.
    - What is there if a folder above is taken for the project's (`--project-directory ..`): a note for the pedantic persona.
    - Absolute paths, `~`, and paths that depend on a variable: they are the host's business.
    - Platforms that make the files themselves (Coolify's `content`).
    - Fragments: where their relative paths start is not known.

    ## Level
    Warning where a file is meant, or where the syntax refuses to start; a note for the pedantic persona for directories, which
    Docker makes.

    ## References
    - Docker, "Bind mounts": differences between `-v` and `--mount`; compose-spec, `create_host_path`
    """

    code = "VL207"
    name = "missing-bind-source"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each source that is not there."""
        around, root = project.surroundings, project.root
        if around is None or root is None or project.platform or project.gentle or project.partial:
            return
        causes: dict[str, list[tuple[Container, Mount]]] = {}
        for container, mount in project.mounts(MountKind.BIND):
            path = _path(mount)
            if path is not None and around.kind(path) == "absent":
                causes.setdefault(path, []).append((container, mount))
        if not causes or not (
            around.in_repository(root) or _is_whole(project, around, len(causes))
        ):
            return
        for path, places in causes.items():
            if not _is_explained(around, path, root):
                aside = _is_there_for_another_folder(around, places[0][1], root)
                yield from self._report(path, places, aside=aside)

    def _report(
        self, path: str, places: list[tuple[Container, Mount]], *, aside: bool
    ) -> Iterator[Finding]:
        container, mount = places[0]
        source = mount.source or mount.target
        refuses = [other for _, other in places if _refuses(other)]
        is_file = any(_is_file(other, path) for _, other in places)
        if not is_file and not refuses:
            if any(_fills(holder, other) for holder, other in places):
                return
            level, persona = Level.NOTE, Persona.PEDANTIC
            then = "Docker makes an empty directory that belongs to root"
        elif refuses:
            level, persona = Level.WARNING, Persona.REGULAR
            then = "the container is not started"
        else:
            level, persona = Level.WARNING, Persona.REGULAR
            then = "Docker makes a directory in place of the file"
        if aside:
            level, persona = Level.NOTE, Persona.PEDANTIC
        yield self.finding(
            source.span,
            f"'{source}' is not there, and nothing here makes it: {then}",
            *(
                Label((other.source or other.target).span, f"'{holder.name}' mounts it, too")
                for holder, other in places[1:]
            ),
            help="add it to the repository, or say in the README how it is made",
            level=level,
            persona=persona,
            confidence=Confidence.MEDIUM,
            container=container,
            mount=mount,
        )


def _path(mount: Mount) -> str | None:
    """Return the absolute path of a relative source that is written out; None for others."""
    source = mount.source
    if (
        source is None
        or mount.resolved_source is None
        or mount.syntax not in _SYNTAXES
        or mount.unresolved
        or mount.tilde
        or mount.donor is not None
        or mount.shadowed
        or not source.value.startswith(".")
        or source.value.endswith(".sock")
    ):
        return None
    return os.path.normpath(mount.resolved_source)


def _is_whole(project: Project, around: Surroundings, missing: int) -> bool:
    """Return whether most of what the project names is on the disk beside its Compose files."""
    if any(problem.code == "VL004" and problem.level != "note" for problem in project.problems):
        return False
    paths = [_path(mount) for _, mount in project.mounts(MountKind.BIND)]
    paths += (secret.resolved_source for secret in (*project.secrets, *project.configs))
    for container in project.containers:
        paths += (file.resolved for file in container.env_files)
        if container.build is not None and container.build.source is not None:
            paths.append(container.build.source.file)
    there = {
        path
        for path in paths
        if path is not None and path != project.root and around.kind(path) in ("file", "directory")
    }
    return len(there) >= missing


def _is_explained(around: Surroundings, path: str, root: str) -> bool:
    """Return whether git ignores a path, or a text near the project names it or what it lies in."""
    if around.is_ignored(path):
        return True
    while True:
        if around.is_made(path, root):
            return True
        path = os.path.dirname(path)
        if around.kind(path) != "absent":
            return False


def _is_there_for_another_folder(around: Surroundings, mount: Mount, root: str) -> bool:
    """Return whether a source is there if a folder above is the project's: `--project-directory ..`."""
    source = mount.source.value if mount.source is not None else ""
    folder = os.path.dirname(root)
    while folder != root and around.kind(folder) is not None:
        if around.kind(os.path.normpath(os.path.join(folder, source))) in ("file", "directory"):
            return True
        root, folder = folder, os.path.dirname(folder)
    return False


def _refuses(mount: Mount) -> bool:
    """Return whether the syntax refuses a source that is not there."""
    created = mount.options.get("create_host_path")
    if created is not None:
        return created.value is False
    return mount.syntax in (Syntax.MOUNT, Syntax.LONG)


def _is_file(mount: Mount, path: str) -> bool:
    name = path.rpartition("/")[2]
    target = mount.target.value.rpartition("/")[2]
    if mount.source is not None and mount.source.value.endswith("/"):
        return False
    if knowledge.is_config_file(name) or knowledge.is_certificate(name):
        return True
    return any(_FILE.fullmatch(text) and not _NO_FILE.fullmatch(text) for text in (name, target))


def _fills(container: Container, mount: Mount) -> bool:
    """Return whether a directory is one that the container fills."""
    image = knowledge.image_of(container)
    if image is not None and image.writes(mount.target.value):
        return True
    names = [mount.target.value.rstrip("/").rpartition("/")[2]]
    if mount.source is not None:
        names.append(mount.source.value.rstrip("/").rpartition("/")[2])
    return container.kind is ContainerKind.SERVICE and any(
        _FILLED.fullmatch(name) for name in names
    )
