"""VL601 invalid-mount."""

from __future__ import annotations

import re
from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Level,
    Mount,
    Part,
    Project,
    Rule,
    Syntax,
    regex,
)

_PLACEHOLDER = regex(
    r"<|>|\[|\{|\.\.\.|…|\bpath/to\b|\b(?:host|container|your)[-_/]path\b|'[A-Z][A-Z_]{3,}[/:']"
)
_FILLED_IN = regex(r"(?i)place_?holder")
_WINDOWS = ("windows", "nanoserver", "servercore")
_MODE = regex(r",(?:ro|rw|z|Z)$")


class InvalidMount(Rule):
    """Docker or Compose refuses the mount, or makes something else of it than it says.

    ## What it does
    Reports every form of a mount that the Docker CLI, Compose, the Engine or Podman turns down: a relative target,
    `-v /path:ro`, too many fields, an unknown key of `--mount`, a mode that does not exist, an option of another
    mount type. The message is volint's, the verdict Docker's (CLI and Engine 29.7, Compose 5.5).

    Reports as well what Docker takes without a word and nobody means: `-v data` and `-v a:/x`, which mount unnamed
    volumes at `/data` and `/a:/x`, `-v type=bind,...`, and `data:/x,ro`, whose target is `/x,ro`.

    ## Why is this bad?
    The container is not created, and in a script that goes on after errors, whatever comes next runs without it. Where
    Docker takes it for something else, the data goes to a place that nobody looks at.

    ## Example
    ```shell bad
    docker run -v /srv/data:ro alpine
    ```
    ```shell bad
    docker run -v data alpine
    ```
    ```shell bad
    docker run --mount type=bind,src=/srv/data,dest=/data alpine
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./html:usr/share/nginx/html
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./html
            target: usr/share/nginx/html
    ```

    Use instead:
    ```shell good
    docker run -v /srv/data:/data:ro alpine
    ```
    ```shell good
    docker run -v data:/data alpine
    ```
    ```shell good
    docker run --mount type=bind,src=/srv/data,dst=/data alpine
    ```
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./html:/usr/share/nginx/html
    ```
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./html
            target: /usr/share/nginx/html
    ```

    ## Exceptions
    - In documents a placeholder (`<name>`, `/path/to`, `[OPTIONS]`, `...`, a word in capitals) is no mistake,
      nor is a path of Windows.
    - Images of Windows containers (`windows`, `servercore` or `nanoserver` in their name): their Engine reads mounts
      in another way.
    - A word that calls itself a placeholder (`CONFIG_PLACEHOLDER`), which a script fills in.
    - What depends on a variable that nobody sets; a `~` that nothing expands, which is VL612's.

    ## Level
    Error where it is refused; warning where something else is mounted than what it says.

    ## References
    - docker CLI, `opts/mount.go`; Engine, `volume/mounts/linux_parser.go`; compose-spec, "volumes"
    """

    code = "VL601"
    name = "invalid-mount"
    level = Level.ERROR
    needs = (Part.PROBLEMS, Part.CONTAINERS)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the mounts that are refused, then those that Docker takes for something else."""
        windows = {
            container.name.value for container in project.containers if _runs_on_windows(container)
        }
        for finding in self.problems(project):
            if finding.container in windows or finding.span.text().startswith("~"):
                continue
            if project.gentle and _is_placeholder(finding):
                continue
            if _FILLED_IN.search(finding.span.text()):
                continue
            yield finding
        for container in project.containers:
            if container.name.value in windows:
                continue
            for mount in container.mounts:
                taken = _taken_for_something_else(mount)
                if taken is None:
                    continue
                finding = self.finding(
                    mount.span,
                    taken[0],
                    help=taken[1],
                    level=Level.WARNING,
                    container=container,
                    mount=mount,
                )
                if not (project.gentle and _is_placeholder(finding)):
                    yield finding


def _is_placeholder(finding: Finding) -> bool:
    """Return whether a document leaves something open in the word that a finding is about."""
    source, start, end = finding.span
    before = re.split(r"\s", source.text[max(0, start - 200) : start])[-1]
    after = re.split(r"\s", source.text[end : end + 200])[0]
    word = f"{before}{finding.span.text()}{after}"
    # A document for Windows is right there: only Docker on Linux splits the path at its drive's colon.
    windows = re.search(r"(?:^|[:=])['\"]?[A-Za-z]:[\\/]", word) is not None
    return windows or bool(_PLACEHOLDER.search(f"{word} {finding.message}"))


def _runs_on_windows(container: Container) -> bool:
    image = container.image.value.lower() if container.image is not None else ""
    return any(word in image for word in _WINDOWS)


def _taken_for_something_else(mount: Mount) -> tuple[str, str] | None:
    """Return what Docker makes of a mount that it takes and that nobody means, and what to type."""
    if mount.spec is None or mount.unresolved or mount.donor is not None:
        return None
    spec, target = mount.spec.value, mount.target.value
    if mount.syntax in (Syntax.V, Syntax.SHORT):
        mode = _MODE.search(target)
        if mode is not None and mount.mode is None:
            return (
                f"'{target}' is the whole target of '{spec}', which is mounted writable there",
                f"write ':{mode[0][1:]}'",
            )
    if mount.syntax is not Syntax.V or not mount.is_anonymous or spec.startswith(("/", "~")):
        return None
    if "=" in spec and "," in spec:
        return (
            f"-v does not know '{spec}', which is what --mount takes: an unnamed volume is mounted at '/{spec}'",
            f"write --mount '{spec}'",
        )
    if ":" in spec:
        return (
            f"'{spec}' is read as a path on a Windows drive: an unnamed volume is mounted at '/{spec}'",
            "names of volumes have at least two characters",
        )
    path = spec.removeprefix("./").strip("/")
    if path in ("", ".", ".."):
        return None
    return (
        f"'{spec}' names no volume where it stands alone: an unnamed one is mounted at '/{path}'",
        f"write '-v {spec}:/PATH', or '-v /{path}' if an unnamed volume is meant",
    )
