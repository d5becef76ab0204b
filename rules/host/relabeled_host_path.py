"""VL210 relabeled-host-path."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Edit,
    Finding,
    Fix,
    Level,
    Mount,
    MountKind,
    Project,
    Rule,
    Span,
    Syntax,
    knowledge,
    regex,
)

_SYSTEM = regex(
    r"/(?:etc|usr|bin|sbin|lib|lib64|boot|dev|proc|sys|root|home|opt|var|var/(?:lib|log|run|spool|cache)|run|srv|mnt|media|tmp)/?"
    r"|/|/home/[^/]+/?|/(?:etc|usr|boot|lib|lib64|bin|sbin|proc|sys)/.+"
)
_OWN = frozenset(("socket", "credentials"))


class RelabeledHostPath(Rule):
    """A system or home path of the host is relabelled for containers.

    ## What it does
    Reports `:z` and `:Z` (`selinux: z`) on bind mounts of the host's system directories and of whole homes.

    ## Why is this bad?
    Docker changes the SELinux label of everything below the path, for good. With `/etc`, `/usr` or `/home` relabelled, the
    host's own services may no longer read their files: people could not log in, and had to boot from another medium.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - /home:/homes:ro,z
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: /usr/share/zoneinfo
            target: /usr/share/zoneinfo
            read_only: true
            bind:
              selinux: z
    ```
    ```shell bad
    docker run -v /etc/localtime:/etc/localtime:ro,Z registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - ./data:/data:z
    ```
    ```shell good
    docker run --security-opt label=disable -v /etc/localtime:/etc/localtime:ro registry.example.com/app:1
    ```

    ## Exceptions
    - Folders of an application's own, wherever they are, also one of `/etc` that is called like the container or its
      image: that is what the labels are for.
    - Sockets, and keys in a home, which VL202 and VL203 report.

    ## Level
    Error. Where there is no SELinux nothing happens, but the file does not know where it will run.

    ## Fix
    Takes the label out. It is unsafe: under SELinux the container may then not read the path.

    ## References
    - docker run reference, "Volume labels"; podman-run(1): "Do not relabel system files and directories"
    """

    code = "VL210"
    name = "relabeled-host-path"
    level = Level.ERROR

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each mount that relabels what it should not."""
        for container, mount in project.mounts(MountKind.BIND):
            option = mount.options.get("selinux")
            if option is None or mount.source is None or mount.donor is not None:
                continue
            path = mount.source.value
            if not _is_the_hosts(path) or _is_its_own(container, path):
                continue
            yield self.finding(
                option.span,
                f"'{option.value}' gives everything in '{path}' of the host another SELinux label, for good",
                help="leave it out; '--security-opt label=disable' lets this one container read the path",
                fix=_fix(mount, option.span),
                container=container,
                mount=mount,
            )


def _is_the_hosts(path: str) -> bool:
    if _SYSTEM.fullmatch(path):
        return True
    entry = knowledge.sensitive_path(path)
    if entry is not None:
        return entry.kind not in _OWN and entry.severity != "info"
    return path in ("~", "~/", "$HOME", "${HOME}") or (
        path.startswith("/") and knowledge.is_harmless_path(path)
    )


def _is_its_own(container: Container, path: str) -> bool:
    """Return whether a folder below /etc is called like the container or its image: `/etc/valheim`."""
    name = path.rstrip("/").removeprefix("/etc/")
    if "/" in name or len(name) < 3 or knowledge.sensitive_path(path) is not None:
        return False
    image = container.image.value.rpartition("/")[2] if container.image is not None else ""
    return name.lower() in f"{container.name.value} {image}".lower()


def _fix(mount: Mount, place: Span) -> Fix | None:
    source, start, end = place
    mode = mount.mode
    if (
        mount.syntax not in (Syntax.SHORT, Syntax.V, Syntax.QUADLET_VOLUME)
        or mode is None
        or mode.span.text() != mode.value
    ):
        return None
    if mode.span == place or source.text[start - 1] == ",":
        return Fix("take the label out", (Edit(Span(source, start - 1, end), ""),), safe=False)
    return Fix("take the label out", (Edit(Span(source, start, end + 1), ""),), safe=False)
