"""VL607 no-op-option."""

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
    in_devcontainer,
)

_KNOWN = frozenset(
    (
        "ro", "rw", "z", "Z", "nocopy", "volume-nocopy", "cached", "delegated", "consistent", "private", "rprivate",
        "slave", "rslave", "shared", "rshared",
    )
)  # fmt: skip
_MEANS_READ_ONLY = frozenset(("readonly", "read-only", "read_only", "r", "ro"))


class NoOpOption(Rule):
    """An option of a mount does nothing.

    ## What it does
    Reports `cached`, `delegated` and `consistent`, `z` on a named volume, and words in the mode of Compose's short
    syntax that Compose does not know and passes over in silence (`readonly`, `RO`).

    ## Why is this bad?
    It looks as if it did something. `./conf:/conf:readonly` is mounted writable.

    ## Example
    ```compose bad
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - ./src:/app/src:cached
    ```
    ```compose bad
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - ./settings:/settings:readonly
    ```
    ```compose bad
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: ./src
            target: /app/src
            consistency: delegated
    ```
    ```shell bad
    docker run -v data:/data:z alpine
    ```
    ```shell bad
    docker run --mount type=bind,src=/srv,dst=/srv,consistency=cached alpine
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: registry.example.com/app:1
        volumes:
          - ./src:/app/src
          - ./settings:/settings:ro
    ```
    ```shell good
    docker run -v data:/data alpine
    ```

    ## Exceptions
    - `z` and `Z` on bind mounts, which relabel the host's files under SELinux, and `Z` on a volume, which keeps other
      containers out.
    - What can be no volume's name, having a `/`: a path was meant, and there the option does something.
    - Podman, which relabels volumes, too, and Dev Containers, whose templates carry `cached` everywhere.

    ## Level
    Note; warning where the word was meant to make the mount read-only.

    ## Fix
    Takes the option out. It is safe. Where read-only was meant, it writes `ro`, which is unsafe.

    ## References
    - Docker Desktop release notes: caching modes have no effect with VirtioFS and gRPC FUSE; Linux never knew them
    - compose-go, `format/volume.go`: unknown options are ignored
    """

    code = "VL607"
    name = "no-op-option"
    level = Level.NOTE

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each option, and one for each word that means something else."""
        places: dict[str, list[tuple[Container, Mount, Span]]] = {}
        for container in project.containers:
            for mount in container.mounts:
                if mount.donor is not None:
                    continue
                for option in _without_effect(container, mount):
                    places.setdefault(str(option.value), []).append((container, mount, option.span))
                yield from self._unknown(container, mount)
        for value, found in places.items():
            unique = {place[2]: place for place in found}
            yield self._report(value, list(unique.values()))

    def _report(self, value: str, found: list[tuple[Container, Mount, Span]]) -> Finding:
        container, mount, span = found[0]
        why = (
            "Docker has no use for it any more"
            if value != "z"
            else "Docker labels the files of volumes itself"
        )
        changes = (_removed(other, place) for _, other, place in found)
        return self.finding(
            span,
            f"'{value}' does nothing here: {why}",
            *(Label(place, f"nor in '{holder.name}'") for holder, _, place in found[1:]),
            help="leave it out",
            fix=Fix.of(f"take '{value}' out", changes),
            container=container,
            mount=mount,
            also=tuple(place for _, _, place in found[1:]),
            others=tuple(holder.name.value for holder, _, _ in found[1:]),
        )

    def _unknown(self, container: Container, mount: Mount) -> Iterator[Finding]:
        mode = mount.mode
        if mount.syntax is not Syntax.SHORT or mode is None or mode.unresolved:
            return
        at = mode.span.start
        exact = mode.span.text() == mode.value
        for word in mode.value.split(","):
            span = Span(mode.span.source, at, at + len(word)) if exact else mode.span
            at += len(word) + 1
            if word in _KNOWN or not word:
                continue
            meant = word.lower() in _MEANS_READ_ONLY or word.startswith("ro")
            yield self.finding(
                span,
                f"'{word}' is no mode that Compose knows: it passes over it"
                + (f", and '{mount.target}' is writable" if meant else ""),
                help="write 'ro'" if meant else "leave it out",
                fix=Fix("write 'ro'", (Edit(span, "ro"),), safe=False) if meant and exact else None,
                level=Level.WARNING if meant else Level.NOTE,
                container=container,
                mount=mount,
            )


def _without_effect(container: Container, mount: Mount) -> Iterator[MountOption]:
    """Yield the options of a mount that change nothing."""
    consistency = mount.options.get("consistency")
    if (
        consistency is not None
        and container.program != "podman"
        and not in_devcontainer(mount.span.source)
    ):
        yield consistency
    label = mount.options.get("selinux")
    if (
        label is not None
        and label.value == "z"
        and mount.kind is MountKind.VOLUME
        and mount.source is not None
        and not mount.source.unresolved
        and "/" not in mount.source.value
        and container.program in ("docker", "compose")
    ):
        yield label


def _removed(mount: Mount, place: Span) -> Edit | None:
    """Return the edit that takes an option out with the separator before or behind it."""
    source, start, end = place
    text = source.text
    if mount.syntax in (Syntax.SHORT, Syntax.V):
        mode = mount.mode
        if mode is None or mode.span.text() != mode.value:
            return None
        if mode.span == place:
            return Edit(Span(source, start - 1, end), "")
        if text[start - 1] == ",":
            return Edit(Span(source, start - 1, end), "")
        return Edit(Span(source, start, end + 1), "")
    if mount.syntax is Syntax.MOUNT and mount.spec is not None:
        first, last = mount.spec.span.start, mount.spec.span.end
        key = text.rfind(",", first, start)
        if key > 0:
            return Edit(Span(source, key, end), "")
        return Edit(Span(source, first, end + 1), "") if text[end:last][:1] == "," else None
    if mount.syntax is Syntax.LONG:
        return edits.remove_key(mount, "consistency", place)
    return None
