"""VL301 secret-outside-tmpfs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    ContainerKind,
    EnvironmentKind,
    Finding,
    Kind,
    Label,
    Level,
    MountedSecret,
    MountKind,
    Persona,
    Project,
    ProjectKind,
    Rule,
    mounted_secrets,
)

_FOLDERS = ("secrets", ".secrets")
_HARMLESS = (EnvironmentKind.DEVELOPMENT, EnvironmentKind.TEST, EnvironmentKind.EXAMPLE)


class SecretOutsideTmpfs(Rule):
    """A secret is given to a container from a disk instead of from memory.

    ## What it does
    Reports secret files and directories (private keys, keystores, credential files, `.env`, `secrets/`) that are
    bind-mounted, given as a config or kept in a volume, and anything but a tmpfs or a secret on `/run/secrets`. What a
    file's name promises is looked up in the file where it is there.

    ## Why is this bad?
    What lies on a disk is in its backups, in the checkout, and stays when the container is gone. A bind mount also
    ties the container to the place where one host keeps the file, and whoever can write there changes the secret.
    A volume keeps it for every container that mounts it.

    What the alternatives really do: Swarm hands secrets over in memory. Plain Compose bind-mounts the file of a secret
    as well, but read-only, below `/run/secrets`, for the services that ask for it alone, and the same file works in
    Swarm. podman's `--secret` copies it into a tmpfs of the container.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./certs/server.key:/etc/nginx/server.key:ro
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: ./secrets
            target: /run/secrets
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes: ["secrets:/run/secrets"]
    volumes: {secrets: {}}
    ```
    ```shell bad
    docker run -d -v /srv/shop/id_ed25519:/root/.ssh/id_ed25519:ro registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        secrets: [server_key]
    secrets:
      server_key:
        file: ./certs/server.key
    ```
    ```shell good
    docker run -d --tmpfs /run/secrets:size=1m,mode=0700 registry.example.com/app:1
    ```

    ## Exceptions
    - Public certificates and keys (`*.crt`, `fullchain.pem`, `*.pub`, `known_hosts`), parameters (`dhparam.pem`), templates
      and examples (`.env.example`), encrypted files (`*.sops.yaml`, `*.age`).
    - A file whose content shows that it holds no secret, and names that say little (`*.pem`, `*.sql`) where it is not
      there to look at.
    - A volume whose driver options make it a tmpfs, and one where the image declares a volume anyway.
    - `~/.ssh`, `~/.aws` and other places of the host's users are VL203's.
    - A volume for a program's own keyring (`.gnupg`), which has to last: for the pedantic persona.
    - A key that the same script makes before it runs the container: a note for the pedantic persona.
    - What Traefik keeps its certificates in (`acme.json`) has to last: a note for auditors.

    ## Level
    Error for private keys and credential files, warning for the rest; one lower in development, tests and examples, and
    for what only a name suggests. Note where the file holds placeholders, and in dev containers.

    ## References
    - Docker, "Manage sensitive data with Docker secrets"; Compose specification, `secrets`; podman-secret(1)
    """

    code = "VL301"
    name = "secret-outside-tmpfs"
    level = Level.WARNING
    security_severity = "6.5"
    tags = ("external/cwe/cwe-522", "external/cwe/cwe-312")

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container that is the first to be given some secret.

        The folders below one directory of secrets, one for each container, are one cause.
        """
        causes: list[tuple[Container, list[MountedSecret], dict[str, Label]]] = []
        owners: dict[str, int] = {}
        for container in project.containers:
            fresh: list[MountedSecret] = []
            also: dict[int, MountedSecret] = {}
            for secret in mounted_secrets(project, container):
                source = secret.mount.source
                place = _place(secret) if source is not None else ""
                owner = owners.setdefault(place, len(causes)) if place else len(causes)
                if owner == len(causes):
                    fresh.append(secret)
                else:
                    also.setdefault(owner, secret)
            if fresh:
                causes.append((container, fresh, {}))
            for owner, secret in also.items():
                label = Label(secret.span, f"'{container.name}' is given it, too")
                causes[owner][2][container.name.value] = label
        for container, secrets, users in causes:
            yield self._report(project, container, secrets, users)

    def _report(
        self,
        project: Project,
        container: Container,
        secrets: list[MountedSecret],
        users: dict[str, Label],
    ) -> Finding:
        tried = all(_is_made_here(container, secret) for secret in secrets)
        levels = [_level(project, container, secret) for secret in secrets]
        strongest = max(range(len(levels)), key=lambda index: (levels[index].rank, -index))
        first = secrets[strongest]
        persona = None
        if first.kind == "acme":
            persona = Persona.AUDITOR
        elif project.kind is ProjectKind.DEVCONTAINER or tried or _is_keyring(first):
            persona = Persona.PEDANTIC
        return self.finding(
            first.span,
            _message(container, first),
            *(
                Label(other.span, f"{other.what or 'a secret'}, too")
                for other in secrets
                if other is not first
            ),
            *users.values(),
            help=_help(project, container),
            level=Level.NOTE if tried else levels[strongest],
            confidence=first.confidence,
            persona=persona,
            container=container,
            mount=first.mount,
            others=tuple(users),
        )


def _place(secret: MountedSecret) -> str:
    """Return what several mounts of one cause have in common: a directory of secrets with a part for each container."""
    path = secret.mount.source.value if secret.mount.source is not None else ""
    if secret.kind != "directory" or not path.startswith("/"):
        return path
    parts = path.split("/")
    at = next((index for index, part in enumerate(parts) if part in _FOLDERS), len(parts))
    return "/".join(parts[: at + 1])


def _is_made_here(container: Container, secret: MountedSecret) -> bool:
    """Return whether the script that mounts a key makes it, to try something out."""
    source = container.span.source
    if secret.mount.source is None or source.kind not in (Kind.SHELL, Kind.CI, Kind.MAKEFILE):
        return False
    name = re.escape(secret.mount.source.value.rstrip("/").rpartition("/")[2])
    made = rf"\b(?:openssl|ssh-keygen|mkcert|keytool|certtool)\b[^\n]*[\s/=]{name}(?![\w.-])"
    return re.search(made, source.text[: container.span.start]) is not None


def _is_keyring(secret: MountedSecret) -> bool:
    """Return whether a volume holds a keyring of the program's own, which has to last."""
    return secret.kind == "gnupg" and secret.mount.kind is MountKind.VOLUME


def _level(project: Project, container: Container, secret: MountedSecret) -> Level:
    if secret.placeholder or secret.kind == "acme" or project.kind is ProjectKind.DEVCONTAINER:
        return Level.NOTE
    quiet = project.environment_of(container).value in _HARMLESS
    sure = secret.confidence is Confidence.HIGH
    if secret.opens_doors and sure and secret.mount.kind is not MountKind.VOLUME:
        return Level.WARNING if quiet else Level.ERROR
    return Level.NOTE if quiet else Level.WARNING


def _message(container: Container, secret: MountedSecret) -> str:
    mount = secret.mount
    who = f"'{container.name}'"
    source = f"'{mount.source}'" if mount.source is not None else "an anonymous volume"
    if mount.kind is MountKind.CONFIG:
        return f"{source}, {secret.what}, is given to {who} as a config, which nothing protects"
    if mount.kind is MountKind.VOLUME:
        where = source if mount.source is None else f"the volume {source}"
        what = secret.what or "secrets"
        return f"'{mount.target}' of {who} keeps {what} in {where}, not in memory"
    if not secret.what:
        return f"'{mount.target}' of {who} is backed by a bind mount of {source}, not by memory"
    return f"{source}, {secret.what}, is bind-mounted into {who} from the host's disk"


def _help(project: Project, container: Container) -> str:
    if container.kind in (ContainerKind.RUN, ContainerKind.UNIT, ContainerKind.QUADLET):
        if container.program == "podman":
            how = "Secret=" if container.kind is ContainerKind.QUADLET else "--secret"
            return f"make it a secret with 'podman secret create', and give it with '{how}'"
        return "mount '--tmpfs /run/secrets:size=1m,mode=0700' and have it fetched into that at the start"
    if project.swarm:
        return "declare it under 'secrets:' and give it to the service: the swarm hands it over in memory"
    return (
        "declare it under 'secrets:' and give it to the service: Swarm keeps it in memory, plain Compose "
        "bind-mounts it as well, but read-only and for this service alone"
    )
