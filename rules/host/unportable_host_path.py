"""VL206 unportable-host-path."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Label,
    Mount,
    MountKind,
    Project,
    Rule,
    knowledge,
    regex,
)

_WORD = regex(r"[a-z0-9]+")
_PERSONAL = regex(
    r"(?:/home/|/Users/|/{0,2}[A-Za-z]:?[\\/]+Users[\\/]+|/mnt/[a-z]/Users/|/host_mnt/[a-z]/Users/)(?P<name>[^/\\]+)(?:[/\\].*)?"
    r"|/mnt/[a-z](?:/.*)|/run/media/(?P<other>[^/]+)/.*"
)
_EVERYBODYS = frozenset(
    (
        "ubuntu", "debian", "ec2-user", "centos", "fedora", "core", "admin", "azureuser", "opc", "vagrant", "pi", "runner",
        "runneradmin", "circleci", "gitlab-runner", "jenkins", "vscode", "codespace", "coder", "gitpod", "node", "app",
        "deploy", "deployer", "docker", "www", "www-data", "git", "data", "public", "shared", "default", "jovyan", "container",
        "services", "srv", "web", "steam", "oracle", "postgres", "mysql", "tomcat", "nginx", "hadoop", "spark", "airflow", "kafka",
        "elastic", "elasticsearch", "minecraft", "odoo", "frappe", "gitea", "odroid", "nas", "user1", "root", "test", "tester", "linuxbrew", "appuser", "dev", "developer",
    )
)  # fmt: skip
_PLACEHOLDERS = frozenset(
    (
        "user", "username", "user_name", "user-name", "youruser", "yourusername", "your-user", "your-username", "your_username",
        "your_user", "yourname", "your_name", "your-name", "you", "me", "myuser", "someuser", "example", "xxx", "name",
    )
)  # fmt: skip


class UnportableHostPath(Rule):
    """A mount names a path that exists on one person's machine.

    ## What it does
    Reports sources below `/home/NAME`, `/Users/NAME`, `C:\\Users\\NAME`, `/mnt/c` and the like in files that are shared.

    ## Why is this bad?
    Everywhere else Docker makes an empty directory of that name, owned by root, and the container starts without its
    files; or it refuses to start, because there is no such path.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - /home/mallory/projects/app/data:/data
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: C:\\Users\\mallory\\app\\data
            target: /data
    ```
    ```shell bad
    docker run -d -v /Users/mallory/app/data:/data registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - ./data:/data
    ```
    ```shell good
    docker run -d -v "$PWD/data:/data" registry.example.com/app:1
    ```

    ## Exceptions
    - Accounts that are the same on many machines (`ubuntu`, `ec2-user`, `runner`, `vagrant`, `deploy` ...), and those that
      are called like the project or what it runs.
    - Production, whose hosts have accounts of their own: VL201 reports the mount.
    - Placeholders (`/home/user`, `/Users/<name>`).
    - Files that git ignores: they are one person's own.
    - Homes as a whole and the keys in them are VL203's.

    ## Level
    Warning.
    """

    code = "VL206"
    name = "unportable-host-path"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each person's folder, at the first mount that names it."""
        causes: dict[str, list[tuple[Container, Mount]]] = {}
        for container, mount in project.mounts(MountKind.BIND):
            source = mount.source
            if source is None or mount.donor is not None:
                continue
            root = _personal_root(source.value)
            if (
                root
                and not project.environment_of(container).is_production
                and not knowledge.sensitive_path(source.value)
                and not _is_service_account(project, container, root)
                and _is_shared(project, mount)
            ):
                causes.setdefault(root, []).append((container, mount))
        for places in causes.values():
            container, mount = places[0]
            source = mount.source or mount.target
            labels = {
                (other.source or other.target).span: Label(
                    (other.source or other.target).span, f"'{holder.name}' mounts this one"
                )
                for holder, other in places[1:]
                if (other.source or other.target).span != source.span
            }
            yield self.finding(
                source.span,
                f"'{source}' is a path of one person's machine",
                *labels.values(),
                help="write it relative to this file ('./...'), use a named volume, or a variable with a default",
                container=container,
                mount=mount,
            )


def _personal_root(path: str) -> str:
    """Return the part of a host path that names somebody's folder; '' if it is nobody's."""
    match = _PERSONAL.fullmatch(path)
    if match is None:
        return ""
    name = (match["name"] or match["other"] or "").lower()
    if not name:
        return path[:6]
    if name in _EVERYBODYS or name in _PLACEHOLDERS or not name[0].isalnum():
        return ""
    return path[: match.end("name") if match["name"] else match.end("other")]


def _is_service_account(project: Project, container: Container, root: str) -> bool:
    """Return whether an account is called like the project or what runs in it."""
    name = root.replace("\\", "/").rpartition("/")[2].lower()
    image = container.image.value if container.image is not None else ""
    if len(name) <= 2:
        return False
    # Of the path only words of the file and its folder: further up is that person's home, perhaps.
    path = "/".join(project.sources[0].path.lower().split("/")[-2:]) if project.sources else ""
    places = (project.name, container.name.value, image)
    return any(name in place.lower() for place in places) or name in _WORD.findall(path)


def _is_shared(project: Project, mount: Mount) -> bool:
    file = mount.span.source.file
    around = project.surroundings
    return file is None or around is None or not around.is_ignored(file)
