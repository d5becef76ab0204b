"""VL502 executable-tmpfs."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Finding,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Span,
)

_GIVEN_BACK = ("exec", "suid", "dev")
_WHY = {
    "exec": "programs can be run from it",
    "suid": "programs in it can run as another user",
    "dev": "device files in it work",
}


class ExecutableTmpfs(Rule):
    """A tmpfs is given back what Docker takes from it.

    ## What it does
    Reports `exec`, `suid` and `dev` among the options of a tmpfs. Docker mounts it `noexec,nosuid,nodev` otherwise.

    ## Why is this bad?
    A tmpfs is the place that is left to write to in a hardened container. With `exec` whoever breaks in can bring programs
    and run them.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        tmpfs:
          - /tmp:size=64m,exec
    ```
    ```shell bad
    docker run --tmpfs /tmp:size=64m,exec alpine
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        tmpfs:
          - /tmp:size=64m
    ```
    ```shell good
    docker run --tmpfs /tmp:size=64m,noexec alpine
    ```

    ## Exceptions
    - An option that a later one takes back (`exec,noexec`).

    ## Level
    Note, for auditors: some programs unpack libraries there and need it.

    ## References
    - Docker, "tmpfs mounts": options
    """

    code = "VL502"
    name = "executable-tmpfs"
    level = Level.NOTE
    persona = Persona.AUDITOR

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each tmpfs, at its first such option."""
        for container, mount in project.mounts(MountKind.TMPFS):
            if mount.donor is not None or mount.mode is None:
                continue
            given = _given_back(mount)
            if given:
                (word, span), *others = given
                yield self.finding(
                    span,
                    f"'{word}' is given back to '{mount.target}': {_WHY[word]}",
                    *(Label(place, f"'{other}', too") for other, place in others),
                    help="leave it out, unless a program in the container needs it",
                    container=container,
                    mount=mount,
                )


def _given_back(mount: Mount) -> list[tuple[str, Span]]:
    """Return the options in force that Docker would have denied, with their places."""
    mode = mount.mode
    if mode is None:
        return []
    exact = mode.span.text() == mode.value
    at = mode.span.start
    found: dict[str, Span] = {}
    for word in mode.value.split(","):
        span = Span(mode.span.source, at, at + len(word)) if exact else mode.span
        at += len(word) + 1
        if word in _GIVEN_BACK:
            found[word] = span
        elif word.startswith("no"):
            found.pop(word[2:], None)
    return list(found.items())
