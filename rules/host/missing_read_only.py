"""VL204 missing-read-only."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Environment,
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
    Span,
    edits,
    knowledge,
    regex,
)

_FACTS = ("/etc/", "/usr/share/", "/usr/local/share/", "/usr/lib/os-release")
_CONTENT = "what the image only reads"
_STRICT = frozenset(("a certificate", "an init script"))
_RELAXED = frozenset((EnvironmentKind.DEVELOPMENT, EnvironmentKind.TEST, EnvironmentKind.EXAMPLE))
_WRITES = regex(r"(?:^|[\s;&|(])(?:tee|envsubst|sed|cp|mv|chown|chmod|install|rsync|openssl)\s|>")


class MissingReadOnly(Rule):
    """A file or folder that the container only reads is mounted writable.

    ## What it does
    Reports configuration files, configuration folders of known images, certificates, init scripts and facts about the
    host (`/etc/localtime`) that are bind-mounted without `:ro`.

    ## Why is this bad?
    Whoever breaks into the container can change the host's copy: the configuration that it is started with next time,
    the certificate, the script that other containers run as well.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./nginx.conf:/etc/nginx/nginx.conf
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./nginx.conf
            target: /etc/nginx/nginx.conf
    ```
    ```shell bad
    docker run -d -v "$PWD/nginx.conf:/etc/nginx/nginx.conf" nginx:1.27
    ```
    ```shell bad
    docker run -d --mount "type=bind,src=$PWD/nginx.conf,dst=/etc/nginx/nginx.conf" nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./nginx.conf:/etc/nginx/nginx.conf:ro
    ```
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./nginx.conf
            target: /etc/nginx/nginx.conf
            read_only: true
    ```
    ```shell good
    docker run -d -v "$PWD/nginx.conf:/etc/nginx/nginx.conf:ro" nginx:1.27
    ```
    ```shell good
    docker run -d --mount "type=bind,src=$PWD/nginx.conf,dst=/etc/nginx/nginx.conf,readonly" nginx:1.27
    ```

    ## Exceptions
    - What the image is known to write: Traefik's `acme.json`, `/config` of home-server images, Pi-hole's settings;
      a folder beside mounted templates, into which they are rendered.
    - What the container's own command writes (`envsubst < a > /etc/nginx/nginx.conf`, `chown`, `sed -i`).
    - Folders of images nobody knows, or of which only the name is known.
    - Files below an application's own folder, which development mounts for editing.
    - Private keys are VL301's, sockets VL202's.

    ## Level
    Warning in production, and for certificates and init scripts everywhere; a note otherwise, shown to the pedantic
    persona where the project is known to be for development, tests or examples, and for content that is served. One
    finding for each service.

    ## Fix
    Adds `:ro`, `read_only: true` or `readonly`. It is safe where the knowledge says that the image only reads there,
    unsafe otherwise.
    """

    code = "VL204"
    name = "missing-read-only"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its first mount that lacks it."""
        places: dict[Span, tuple[Container, list[tuple[Mount, str]], list[Container]]] = {}
        for container in project.containers:
            found: list[tuple[Mount, str]] = []
            for mount in container.mounts:
                if mount.kind is MountKind.BIND and not mount.read_only:
                    what = _read_only_by_nature(container, mount)
                    if what:
                        found.append((mount, what))
            if found:
                # Services that take one line, by an anchor or `extends`, have one finding.
                place = _span(_worst(found)[0])
                places.setdefault(place, (container, found, []))[2].append(container)
        for container, found, holders in places.values():
            yield self._report(project, container, found, holders[1:])

    def _report(
        self,
        project: Project,
        container: Container,
        found: list[tuple[Mount, str]],
        holders: list[Container],
    ) -> Finding:
        mount, what = _worst(found)
        others = [other for other, _ in found if other is not mount]
        level, persona = _weight(project.environment_of(container), what)
        changes = [edits.read_only(other) for other, _ in found]
        plain = [change for change in changes if change is not None]
        image = knowledge.image_of(container)
        sure = image is not None and all(
            image.writes(other.target.value) is False for other, _ in found
        )
        return self.finding(
            _span(mount),
            f"'{mount.source}' is {what} and mounted writable into '{container.name}'",
            *(Label(_span(other), "writable, too") for other in others),
            *(Label(holder.name.span, f"'{holder.name}' takes it, too") for holder in holders),
            help=f"add {edits.read_only_words(mount)}",
            fix=Fix("mount it read-only", tuple(plain), safe=sure)
            if len(plain) == len(changes)
            else None,
            level=level,
            persona=persona,
            container=container,
            mount=mount,
        )


def _worst(found: list[tuple[Mount, str]]) -> tuple[Mount, str]:
    return min(found, key=lambda item: (item[1] not in _STRICT, item[1] == _CONTENT))


def _span(mount: Mount) -> Span:
    return (mount.spec or mount.target).span


def _weight(environment: Environment, what: str) -> tuple[Level, Persona]:
    if what in _STRICT or environment.is_production:
        return Level.WARNING, Persona.REGULAR
    relaxed = environment.value in _RELAXED or what == _CONTENT
    return Level.NOTE, Persona.PEDANTIC if relaxed else Persona.REGULAR


def _read_only_by_nature(container: Container, mount: Mount) -> str:
    """Return what a writable bind mount is that should not be one, as a noun; empty if nothing."""
    if mount.source is None or mount.shadowed or mount.donor is not None:
        return ""
    path, target = mount.source.value, mount.target.value
    if knowledge.control_socket(path) or path.endswith(".sock"):
        return ""
    image = knowledge.image_of(container)
    if (image is not None and image.writes(target)) or _is_written(container, mount):
        return ""
    if knowledge.is_certificate(path) or knowledge.is_certificate(target):
        return "a certificate"
    secret = knowledge.secret_file(path)
    if secret is not None and secret.confidence != "low":
        return ""
    if knowledge.is_init_directory(target):
        return "an init script"
    if path.startswith(_FACTS) and knowledge.is_harmless_path(path):
        return "a fact about the host"
    single = "." in target.rpartition("/")[2].lstrip(".")
    place = image.role_of(target) if image is not None and (single or not image.guessed) else None
    if image is not None and place is not None and image.writes(target) is False:
        return _CONTENT if place.role in ("content", "html") else "configuration"
    if knowledge.is_config_directory(target) and image is not None and not image.guessed:
        return "configuration"
    if _is_config_file(path, target):
        return "configuration"
    return ""


def _is_written(container: Container, mount: Mount) -> bool:
    """Return whether the container's own command, or an entrypoint that renders templates, writes the target."""
    target = mount.target.value.rstrip("/")
    folder = target.rpartition("/")[0]
    if any(
        other is not mount and other.target.value.rstrip("/") == f"{folder}/templates"
        for other in container.mounts
    ):
        return True
    script = " ".join(
        word.value for word in (*(container.entrypoint or ()), *(container.command or ()))
    )
    return target in script and bool(_WRITES.search(script))


def _is_config_file(path: str, target: str) -> bool:
    if not (knowledge.is_config_file(target) and knowledge.is_config_file(path)):
        return False
    # What lies beside an application's code is edited there, and by its tools.
    return target.startswith(("/etc/", "/usr/local/etc/", "/opt/", "/conf", "/usr/share/"))
