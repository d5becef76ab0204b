"""VL609 empty-variable-in-mount."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from volint.api import (
    Container,
    Edit,
    EnvironmentKind,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    ProjectKind,
    Rule,
    Span,
    Text,
    regex,
)

_SOURCE = regex(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))(/.*)?")
_BEFORE = regex(r"\$(?:\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)$")
_GIVEN = frozenset(
    (
        "PWD", "OLDPWD", "HOME", "USER", "LOGNAME", "UID", "GID", "EUID", "HOSTNAME", "SHELL", "PATH", "TMPDIR", "TEMP", "TMP",
        "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "SSH_AUTH_SOCK", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY",
        "WORKSPACE", "SYSTEMROOT", "HOMEDRIVE", "HOMEPATH", "SUDO_USER", "BASH_SOURCE", "JENKINS_HOME", "DOCKER_SOCK",
    )
)  # fmt: skip
_GIVEN_PREFIXES = ("GITHUB_", "CI_", "RUNNER_", "XDG_", "BUILDKITE_", "CIRCLE_", "BUILD_", "AGENT_", "SYSTEM_", "COMPOSE_", "TRAVIS_")  # fmt: skip


class _Use(NamedTuple):
    container: Container
    mount: Mount
    place: Span
    rest: str
    empty: bool


class EmptyVariableInMount(Rule):
    """The source of a mount begins with a variable that nothing sets.

    ## What it does
    Reports bind mounts whose source begins with a variable that has no default and no `:?`, and that no env file, example
    of one, script, CI file or document of the repository names.

    ## Why is this bad?
    Where the variable is not set it is empty: `${DATA}/postgres:/data` becomes `/postgres:/data`. Docker makes that directory
    at the root of the host, or mounts what is there, and the container starts as if nothing were wrong.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - ${DATA_DIR}/uploads:/app/uploads
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: $DATA_DIR/uploads
            target: /app/uploads
    ```
    ```shell bad
    docker run -d -v "$DATA_DIR/uploads:/app/uploads" registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - ${DATA_DIR:?set it in .env}/uploads:/app/uploads
    ```
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: ${DATA_DIR:-./data}/uploads
            target: /app/uploads
    ```
    ```shell good
    docker run -d -v "${DATA_DIR:?}/uploads:/app/uploads" registry.example.com/app:1
    ```

    ## Exceptions
    - Variables that every session or CI job has (`$PWD`, `$HOME`, `$GITHUB_WORKSPACE` ...).
    - A variable that anything in the repository besides Compose files names: whoever sets the project up is told of it.
      In a script its own assignments count, too.
    - A variable that the project requires (`:?`) at another place.
    - Projects of which an included file or an env file could not be read: it may set the variable.
    - Platforms that set variables of their own (Coolify, CasaOS).

    ## Level
    Warning; error where the variable is known to be empty (with `--resolve-env`, or `DATA_DIR=` in `.env`); a note where
    nothing follows the variable, because the empty source is then refused, and in tests, whose harness may set it.

    ## Fix
    Writes `:?` into the expansion. It is unsafe: what went by unseen is refused then.

    ## References
    - compose-spec, "Interpolation"; POSIX, "Parameter Expansion"
    """

    code = "VL609"
    name = "empty-variable-in-mount"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each variable, at the first mount that begins with it."""
        causes: dict[str, list[_Use]] = {}
        if project.platform or _has_gaps(project):
            return
        for container, mount in project.mounts(MountKind.BIND, MountKind.VOLUME):
            source = mount.source
            if source is None or mount.donor is not None or mount.shadowed:
                continue
            place = _with_expansion(source)
            match = _SOURCE.fullmatch(place.text())
            if match is None:
                continue
            name, rest = match[1] or match[2], match[3] or ""
            empty = not source.unresolved and source.value == rest and bool(rest)
            if empty or (source.unresolved == (name,) and _is_nobodys(project, mount, name)):
                causes.setdefault(name, []).append(_Use(container, mount, place, rest, empty))
        for name, places in causes.items():
            finding = self._report(name, places)
            tested = project.environment_of(places[0].container).value is EnvironmentKind.TEST
            if tested and finding.level is Level.WARNING:
                finding = finding._replace(level=Level.NOTE, persona=Persona.PEDANTIC)
            yield finding

    def _report(self, name: str, uses: list[_Use]) -> Finding:
        uses.sort(key=lambda use: not use.rest)
        first, *others = uses
        written, rest = first.place.text(), first.rest
        if not rest:
            message = (
                f"'{written}' is empty where nobody sets '{name}', and an empty source is refused"
            )
            level = Level.NOTE
        elif first.empty:
            message = f"'{written}' is '{rest}' of the host, because '{name}' is empty"
            level = Level.ERROR
        else:
            message = f"'{written}' becomes '{rest}' of the host where nobody sets '{name}', and nothing here tells to set it"
            level = Level.WARNING
        return self.finding(
            first.place,
            message,
            *(Label(use.place, f"'{use.container.name}' uses it, too") for use in others),
            help=f"write '${{{name}:?}}{rest}', which stops where it is not set, or give it a default with ':-'",
            fix=Fix(f"require '{name}'", tuple(_required(use, name) for use in uses), safe=False),
            level=level,
            container=first.container,
            mount=first.mount,
        )


def _has_gaps(project: Project) -> bool:
    """Return whether something that may set variables for all services could not be read."""
    return any(problem.code == "VL004" and not problem.container for problem in project.problems)


def _with_expansion(source: Text) -> Span:
    """Return where a source is written, an expansion before it that came to nothing included."""
    span = source.span
    before = span.source.text[max(0, span.start - 80) : span.start]
    found = (
        None if source.unresolved or not source.value.startswith("/") else _BEFORE.search(before)
    )
    return span if found is None else Span(span.source, span.start - len(found[0]), span.end)


def _required(use: _Use, name: str) -> Edit:
    length = len(name) + (3 if use.place.text().startswith("${") else 1)
    place = Span(use.place.source, use.place.start, use.place.start + length)
    return Edit(place, f"${{{name}:?}}")


def _is_nobodys(project: Project, mount: Mount, name: str) -> bool:
    """Return whether nothing says that the variable is to be set."""
    if name.upper() in _GIVEN or name.startswith(_GIVEN_PREFIXES):
        return False
    if any(re.search(rf"\$\{{{name}:?\?", source.text) for source in project.sources):
        return False
    source = mount.span.source
    if project.kind is not ProjectKind.COMPOSE and re.search(
        rf"\b{name}(?:=|:\s)|\bfor\s+{name}\s|\bread\b[^\n]*\b{name}\b|\b(?:export|local|declare)\b[^\n]*\b{name}\b",
        source.text,
    ):
        return False
    if project.surroundings is None or source.file is None:
        return False
    folder = project.root or os.path.dirname(source.file)
    return not project.surroundings.sets(name, folder, source.file)
