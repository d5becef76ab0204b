"""VL409 volume-on-system-path."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Build,
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Part,
    Persona,
    Project,
    Rule,
    Span,
    Stage,
    Step,
    StepKind,
    Text,
    knowledge,
)

_SYSTEM = {
    "/": "the root of the image's own files",
    "/proc": "the kernel's view of processes",
    "/sys": "the kernel's view of devices",
    "/dev": "the container's devices",
}
_ALLOWED = ("/sys/fs/cgroup", "/dev/shm", "/dev/hugepages", "/dev/mqueue")
"""Below those, and made to be mounted."""
_ALLOWED_IN_PROC = frozenset(
    f"/proc/{name}"
    for name in (
        *("cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo"),
        *("sys/kernel/ns_last_pid", "sys/crypto/fips_enabled"),
    )
)
"""What runc lets be mounted (checkProcMount), as LXCFS does."""


class VolumeOnSystemPath(Rule):
    """A volume, mount or working directory is on a path that belongs to the kernel, or a VOLUME's path is no path.

    ## What it does
    Reports VOLUME, WORKDIR and mounts on `/proc`, `/sys`, `/dev`, `/` and the control sockets of container engines,
    and a VOLUME in JSON form that is not valid JSON, or whose paths have commas between them.

    ## Why is this bad?
    The runtime mounts its own file systems there: it refuses the container ("cannot be mounted because it is inside
    /proc"), or the volume hides devices that programs need. Of broken JSON the Dockerfile parser says nothing: it
    takes `["/data"` for the path, and `/data` is no volume.

    ## Example
    ```dockerfile bad
    FROM alpine:3.20
    VOLUME ['/data']
    ```
    ```dockerfile bad
    FROM alpine:3.20
    VOLUME /proc
    ```
    ```dockerfile bad
    FROM alpine:3.20
    WORKDIR /sys/app
    ```
    ```compose bad
    services:
      app:
        image: alpine:3.20
        volumes:
          - data:/dev
    volumes:
      data:
    ```
    ```shell bad
    docker run -v data:/proc/app alpine
    ```

    Use instead:
    ```dockerfile good
    FROM alpine:3.20
    VOLUME ["/data"]
    ```
    ```compose good
    services:
      app:
        image: alpine:3.20
        volumes:
          - data:/data
    volumes:
      data:
    ```

    ## Exceptions
    - `/sys/fs/cgroup`, `/dev/shm`, `/dev/hugepages` and `/dev/mqueue`, and what is below them.
    - Binds of the host's own `/proc`, `/sys` and `/dev`, or of things in them, which are VL203's, and of sockets,
      which are VL202's; mounts below `/sys` and `/dev`.
    - The files of `/proc` that runc lets be mounted (`/proc/cpuinfo` and its like).
    - A mount on `/`, which Docker refuses and VL601 reports.
    - `WORKDIR /` is what every image starts with. Only where a COPY then puts the whole build context there, and
      with it whatever is called `bin` or `etc`, a note for the pedantic says so.

    ## References
    - Dockerfile reference, "VOLUME"
    - runc: checkProcMount
    """

    code = "VL409"
    name = "volume-on-system-path"
    level = Level.ERROR
    needs = (Part.BUILDS, Part.CONTAINERS)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the instructions and mounts, each once."""
        seen: set[Span] = set()
        for finding in self._all(project):
            if finding.span not in seen:
                seen.add(finding.span)
                yield finding

    def _all(self, project: Project) -> Iterator[Finding]:
        for build in project.builds:
            yield from self._build(build)
        for container, mount in project.mounts():
            reason = "" if mount.unresolved or mount.shadowed else _mounted_over(mount)
            if reason:
                yield self.finding(
                    mount.target.span,
                    f"'{mount.target}' is mounted over: {reason}",
                    help="mount it elsewhere, e.g. at '/data'",
                    container=container,
                    mount=mount,
                )

    def _build(self, build: Build) -> Iterator[Finding]:
        for stage in build.stages:
            for step in stage.steps:
                if step.kind is StepKind.VOLUME:
                    yield from self._volume(step)
                elif step.kind is StepKind.WORKDIR:
                    yield from self._workdir(stage, step)

    def _volume(self, step: Step) -> Iterator[Finding]:
        words = step.words
        if not words:
            return
        if not step.json_form and words[0].span.text().startswith("["):
            span = words[0].span
            if words[-1].span.end <= span.source.line_span(span.source.position(span.start)[0]).end:
                span = span._replace(end=words[-1].span.end)
            yield self.finding(
                span,
                f"'{span.text()}' is no valid JSON, so the volume is at '{words[0].value}'",
                help='write a list in brackets with double quotes and commas: VOLUME ["/data"]',
                target=words[0].value,
            )
            return
        for word in words:
            reason = _system(word)
            if word.value.endswith(",") and len(words) > 1 and not step.json_form:
                reason = "the comma is a part of the path; separate paths by spaces"
            if reason:
                yield self.finding(
                    word.span,
                    f"'{word}' cannot be a volume: {reason}",
                    help="declare the directory that holds the data",
                    target=word.value,
                )

    def _workdir(self, stage: Stage, step: Step) -> Iterator[Finding]:
        word = step.words[0] if step.words else None
        reason = _system(word) if word is not None else ""
        if word is None or not reason:
            return
        if word.value != "/":
            yield self.finding(
                word.span,
                f"'{word}' is no place to work in: {reason}",
                help="use a directory of its own, e.g. 'WORKDIR /app'",
                target=word.value,
            )
            return
        copy = next((one for one in stage.steps if _spills(one, step)), None)
        if copy is not None:
            yield self.finding(
                word.span,
                "'/' as working directory takes the whole build context into the root of the image",
                Label(copy.words[0].span, "copied there"),
                help="use a directory of its own, e.g. 'WORKDIR /app'",
                level=Level.NOTE,
                persona=Persona.PEDANTIC,
                target=word.value,
            )


def _spills(step: Step, workdir: Step) -> bool:
    return (
        step.kind is StepKind.COPY
        and step.span.start > workdir.span.end
        and step.workdir == "/"
        and "from" not in step.flags
        and [word.value.rstrip("/") for word in step.words] == [".", "."]
    )


def _system(path: Text) -> str:
    """Return why a path of an image is no place for data; '' if it is one."""
    if path.unresolved:
        return ""
    value = path.value.rstrip("/") or "/"
    if not path.value or any(knowledge.within(value, allowed) for allowed in _ALLOWED):
        return ""
    for root, what in _SYSTEM.items():
        if value == root or (root != "/" and knowledge.within(value, root)):
            return f"'{root}' is {what}"
    return "it is a control socket" if knowledge.control_socket(value) is not None else ""


def _mounted_over(mount: Mount) -> str:
    """Return why nothing should be mounted at the target of a mount; '' if it may be."""
    target = mount.target.value.rstrip("/")
    source = mount.source.value if mount.source is not None else ""
    if mount.kind is MountKind.VOLUME and knowledge.control_socket(target) is not None:
        return "a volume hides the control socket"
    if mount.kind not in (MountKind.VOLUME, MountKind.BIND, MountKind.TMPFS):
        return ""
    for root in ("/proc", "/sys", "/dev"):
        if not knowledge.within(target, root):
            continue
        if knowledge.within(source, root) or target in _ALLOWED_IN_PROC:
            return ""
        if target == root:
            return f"'{root}' is {_SYSTEM[root]}"
        return "runc mounts nothing inside of '/proc'" if root == "/proc" else ""
    return ""
