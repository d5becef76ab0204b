"""VL204 missing-read-only."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    MountKind,
    Project,
    Rule,
    Syntax,
    edits,
    knowledge,
)


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
    - What the image is known to write: Traefik's `acme.json`, `/config` of home-server images, Pi-hole's settings.
    - Folders of images nobody knows.
    - Files below an application's own folder, which development mounts for editing.
    - Private keys are VL301's, sockets VL202's.

    ## Level
    Warning in production, and for certificates and init scripts everywhere; a note otherwise. One finding for each
    service.

    ## Fix
    Adds `:ro`, `read_only: true` or `readonly`. It is safe where the knowledge says that the image only reads there,
    unsafe otherwise.
    """

    code = "VL204"
    name = "missing-read-only"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its first mount that lacks it."""
        for container in project.containers:
            found: list[tuple[Mount, str]] = []
            for mount in container.mounts:
                if mount.kind is MountKind.BIND and not mount.read_only:
                    what = _read_only_by_nature(container, mount)
                    if what:
                        found.append((mount, what))
            if found:
                yield self._report(project, container, found)

    def _report(
        self, project: Project, container: Container, found: list[tuple[Mount, str]]
    ) -> Finding:
        strict = [item for item in found if item[1] in ("a certificate", "an init script")]
        mount, what = (strict or found)[0]
        others = [other for other, _ in found if other is not mount]
        serious = bool(strict) or project.environment_of(container).is_production
        changes = [edits.read_only(other) for other, _ in found]
        plain = [change for change in changes if change is not None]
        image = knowledge.image_of(container)
        sure = image is not None and all(
            image.writes(other.target.value) is False for other, _ in found
        )
        return self.finding(
            (mount.spec or mount.target).span,
            f"'{mount.source}' is {what} and mounted writable into '{container.name}'",
            *(Label((other.spec or other.target).span, "writable, too") for other in others),
            help=f"add {_wanted(mount)}",
            fix=Fix("mount it read-only", tuple(plain), safe=sure)
            if len(plain) == len(changes)
            else None,
            level=Level.WARNING if serious else Level.NOTE,
            container=container,
            mount=mount,
        )


def _wanted(mount: Mount) -> str:
    if mount.syntax is Syntax.LONG:
        return "'read_only: true'"
    return "',readonly'" if mount.syntax is Syntax.MOUNT else "':ro'"


def _read_only_by_nature(container: Container, mount: Mount) -> str:
    """Return what a writable bind mount is that should not be one, as a noun; empty if nothing."""
    if mount.source is None or mount.shadowed or mount.donor is not None:
        return ""
    path, target = mount.source.value, mount.target.value
    if knowledge.control_socket(path) or path.endswith(".sock"):
        return ""
    image = knowledge.image_of(container)
    if image is not None and image.writes(target):
        return ""
    if knowledge.is_certificate(path) or knowledge.is_certificate(target):
        return "a certificate"
    secret = knowledge.secret_file(path)
    if secret is not None and secret.confidence != "low":
        return ""
    if knowledge.is_init_directory(target):
        return "an init script"
    if path.startswith("/") and knowledge.is_harmless_path(path):
        return "a fact about the host"
    if image is not None and image.role_of(target) and image.writes(target) is False:
        return "configuration"
    if knowledge.is_config_directory(target) and (image is not None or "." in target):
        return "configuration"
    if _is_config_file(path, target):
        return "configuration"
    return ""


def _is_config_file(path: str, target: str) -> bool:
    if not (knowledge.is_config_file(target) and knowledge.is_config_file(path)):
        return False
    # What lies beside an application's code is edited there, and by its tools.
    return target.startswith(("/etc/", "/usr/local/etc/", "/opt/", "/conf", "/usr/share/"))
