"""VL306 loose-secret-tmpfs."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Edit,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    MountKind,
    MountOption,
    Project,
    Rule,
    Span,
    Syntax,
    edits,
    honours_secret_options,
    knowledge,
)

_MEMORY = ("/run/secrets", "/var/run/secrets")
_READ_BY_OTHERS = 0o004
_MODE = "0700"
_SIZE = "1m"
_SECRET_MODE = "0400"


class LooseSecretTmpfs(Rule):
    """A place for secrets in memory is open to every user of the container, or has no bounds.

    ## What it does
    Reports a tmpfs for secrets (`/run/secrets`, `/root/.ssh` ...) without `mode`, with a mode that lets all users read
    it, or without `size`; and a secret that is given with a mode that lets all users read it.

    ## Why is this bad?
    A tmpfs is made with mode 1777: every process in the container can list and read what is written there, whatever user
    it runs as, and one that was broken into can leave files of its own. Without a size it may grow until the memory is
    used up.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        tmpfs:
          - /run/secrets:size=1m
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: tmpfs
            target: /run/secrets
            tmpfs: {size: 1m, mode: 0755}
    ```
    ```shell bad
    docker run -d --tmpfs /run/secrets:size=1m registry.example.com/app:1
    ```
    ```shell bad
    podman run -d --secret db_password,mode=0444 registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        tmpfs:
          - /run/secrets:size=1m,mode=0700
    ```
    ```shell good
    docker run -d --tmpfs /run/secrets:size=1m,mode=0700 registry.example.com/app:1
    ```
    ```shell good
    podman run -d --secret db_password,mode=0400 registry.example.com/app:1
    ```

    ## Exceptions
    - A tmpfs for anything else.
    - A missing size in a container without a memory limit is unbounded-tmpfs's.
    - The mode of a secret that Compose ignores is ignored-secret-options's.
    - Options that depend on a variable nobody sets.

    ## Level
    Note.

    ## Fix
    Adds `mode=0700` to a tmpfs, or its size, and writes `0400` for the open mode of a secret. It is unsafe: a program that
    does not run as root then needs `uid=` as well.

    ## References
    - Linux, tmpfs(5); Docker, "tmpfs mounts"; podman-run(1), `--secret`
    """

    code = "VL306"
    name = "loose-secret-tmpfs"
    level = Level.NOTE
    security_severity = "3.3"
    tags = ("external/cwe/cwe-732",)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its first place for secrets that is open."""
        for container in project.containers:
            found: list[tuple[Mount, Span, str]] = []
            for mount in container.mounts:
                if mount.unresolved or mount.shadowed or mount.donor is not None:
                    continue
                if mount.kind is MountKind.TMPFS:
                    what = _loose_tmpfs(container, mount)
                elif mount.kind is MountKind.SECRET and honours_secret_options(project, mount):
                    what = _open_secret(mount)
                else:
                    continue
                if what is not None:
                    found.append((mount, *what))
            if found:
                yield self._report(container, found)

    def _report(self, container: Container, found: list[tuple[Mount, Span, str]]) -> Finding:
        mount, span, why = found[0]
        is_tmpfs = mount.kind is MountKind.TMPFS
        return self.finding(
            span,
            f"'{mount.target}' of '{container.name}' {why}",
            *(Label(place, f"this one {reason}") for _, place, reason in found[1:]),
            help=_help(mount)
            if is_tmpfs
            else "write 'mode: 0400', with 'uid' where it does not run as root",
            fix=_fix([one for one, _, _ in found]),
            container=container,
            mount=mount,
        )


def _loose_tmpfs(container: Container, mount: Mount) -> tuple[Span, str] | None:
    target = mount.target.value
    entry = knowledge.secret_file(target)
    if not any(knowledge.within(target, place) for place in _MEMORY) and (
        entry is None or not entry.glob.endswith("/")
    ):
        return None
    mode = mount.options.get("mode")
    if mode is None:
        return (
            mount.target.span,
            "holds secrets in a tmpfs that every user of the container can read",
        )
    if _is_open(mode):
        return (
            mode.span,
            f"holds secrets in a tmpfs with mode '{_written(mode)}', which lets every user read it",
        )
    if "size" not in mount.options and container.memory_limit is not None:
        return mount.target.span, "holds secrets in a tmpfs without a size"
    return None


def _open_secret(mount: Mount) -> tuple[Span, str] | None:
    mode = mount.options.get("mode")
    if mode is None or not _is_open(mode):
        return None
    return mode.span, f"is a secret with mode '{_written(mode)}', which lets every user read it"


def _written(mode: MountOption) -> str:
    return mode.span.text().rpartition("=")[2]


def _is_open(mode: MountOption) -> bool:
    return isinstance(mode.value, int) and bool(mode.value & _READ_BY_OTHERS)


def _help(mount: Mount) -> str:
    if mount.syntax is Syntax.LONG:
        return f"write 'tmpfs: {{size: {_SIZE}, mode: {_MODE}}}' beside its target"
    if mount.syntax is Syntax.MOUNT:
        return f"add 'tmpfs-mode={_MODE}' and 'tmpfs-size={_SIZE}'"
    return f"write '{mount.target}:size={_SIZE},mode={_MODE}', with 'uid=' where it does not run as root"


def _fix(mounts: list[Mount]) -> Fix | None:
    """Return the edits that close every place; None where one of them is not plain."""
    title = "bound it" if "mode" in mounts[0].options else f"give it mode {_MODE}"
    if any("mode" in mount.options and _is_open(mount.options["mode"]) for mount in mounts):
        title = "close it to others"
    return Fix.of(title, map(_closing, mounts), safe=False)


def _closing(mount: Mount) -> Edit | None:
    """Return the edit that writes a mode for the owner alone, or the size where only that is missing."""
    mode = mount.options.get("mode")
    if mode is not None and _is_open(mode):
        text = mode.span.text()
        digits = text.rpartition("=")[2].strip("\"'")
        if not digits.isalnum():
            return None
        at = mode.span.start + text.rindex(digits)
        wanted = _MODE if mount.kind is MountKind.TMPFS else _SECRET_MODE
        return Edit(Span(mode.span.source, at, at + len(digits)), wanted)
    key, value = ("mode", _MODE) if mode is None else ("size", _SIZE)
    return edits.add_tmpfs_option(mount, key, value)
