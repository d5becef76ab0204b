"""VL615 refused-project."""

from __future__ import annotations

import re
from collections.abc import Iterator

from volint.api import (
    Confidence,
    EnvironmentKind,
    Finding,
    Label,
    Level,
    Part,
    Persona,
    Project,
    Rule,
    in_devcontainer,
    regex,
)

_ELSEWHERE = regex(
    r"no file of the project declares|is no service of the project|has neither an image nor a build"
)
_TOP_KEY = regex(r"'[^']+' is no key of a Compose file")
_OLD_SERVICE = regex(r"^\s+(?:image|build):", re.MULTILINE)
_PLACEHOLDER = regex(
    r"<[^<>\n]*>|\.\.\.|\. \. \.|…|\[[A-Za-z ._-]+\]|\b(?:[A-Z][A-Z_-]+:)?(?:IMAGE|CONTAINER|TAG|NAME)\b"
    r"|(?<![\w$@%{}])\{[A-Za-z][\w -]*\}(?!\})|\bYOUR[A-Z0-9_-]*\b"
)
_OTHER_SHELL = regex(r"```+\s*(?:powershell|pwsh|ps1|ps|cmd|bat|batch|dos)\b", re.IGNORECASE)
_FILLED_IN = regex(
    r"\{\$?[A-Za-z_]\w*\}\Z|\$\{[A-Za-z][\w-]*(?:\.[\w-]+)+\}\Z|\A<[^<>\n]+>\Z|\AYOUR[A-Z0-9_-]*\b"
)
_DIALECT = regex(r"podman-compose|podman_compose")


class RefusedProject(Rule):
    """Docker or Compose refuses the project or the command.

    ## What it does
    Reports what keeps Compose from loading a project and Docker from running a command, for reasons other than mounts:
    an unknown key, a value of the wrong type, a network, service or model that nothing declares, services that wait for
    each other, a service without an image, flags that exclude each other. The message is volint's, the verdict
    Docker's (CLI 29.7, Compose 5.5).

    ## Why is this bad?
    Nothing starts.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        networks: [frontend]
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        depends_on: [api]
      api:
        image: registry.example.com/api:1
        depends_on: [web]
    ```
    ```compose bad
    web:
      image: nginx:1.27
      volumes:
        - ./site:/usr/share/nginx/html:ro
    ```
    ```shell bad
    docker run --rm --restart always nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        networks: [frontend]
    networks:
      frontend:
    ```
    ```shell good
    docker run -d --restart always nginx:1.27
    ```

    ## Exceptions
    - A file that is only ever an overlay or a fragment is judged with its base. One that stands for itself but needs
      networks or services that only another file can declare is one, too, and so is one in `.devcontainer`: it is a
      note for the pedantic persona.
    - A text with `steps`, `pipeline` or `stages` beside its `services` is a pipeline's, no Compose file.
    - An empty file under a name of its own, which others may fill, is a fragment (partial-view).
    - In documents a command with placeholders (`<name>`, `[OPTIONS]`, `{port}`, `...`, `IMAGE`, `-p YOUR_PORT:80`), and one for
      PowerShell or cmd.
    - Compose's first file format in tests, which are of what still reads it: a note for the pedantic persona.
    - A value that a program puts in before Compose reads the file (`image: {$IMAGE}`, which YAML takes for a mapping;
      `${project.version}`, which Maven filters), and one that is left open (`memory: <how-much>`, `PublishPort=YOURPORT:80`).

    ## Level
    Error; a note for the pedantic persona where a platform with a dialect of its own, or podman-compose, runs the file, and
    where it depends on the host's kernel.

    ## References
    - compose-spec; compose-go, `loader` and `validation`
    """

    code = "VL615"
    name = "refused-project"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each cause."""
        found = [
            finding
            for finding in self.causes(project)
            if not _is_open(project, finding) and not _FILLED_IN.match(finding.span.text())
        ]
        if _is_first_form(project, found):
            first = _first_form(found)
            if project.environment.value is EnvironmentKind.TEST:
                first = first._replace(level=Level.NOTE, persona=Persona.PEDANTIC)
            yield first
            return
        fragment = _is_fragment(project, found)
        for finding in found:
            if fragment:
                finding = finding._replace(
                    level=Level.NOTE,
                    persona=Persona.PEDANTIC,
                    confidence=Confidence.LOW,
                    help="if it only runs together with other files, name the set under `projects:` in volint.yaml",
                )
            elif project.platform or _is_dialect(finding) or "needs a kernel" in finding.message:
                finding = finding._replace(level=Level.NOTE, persona=Persona.PEDANTIC)
            yield finding


def _is_open(project: Project, finding: Finding) -> bool:
    """Return whether a document leaves something open in the line."""
    if not project.gentle:
        return False
    source, start, _ = finding.span
    fence = source.text.rfind("```", 0, start)
    return bool(
        _PLACEHOLDER.search(source.line_span(source.position(start)[0]).text())
        or (fence >= 0 and _OTHER_SHELL.match(source.text, fence))
    )


def _is_dialect(finding: Finding) -> bool:
    """Return whether podman-compose, which takes what Compose refuses, is what runs a file or a line."""
    source, start, _ = finding.span
    line = source.line_span(source.position(start)[0]).text()
    return bool(_DIALECT.search(source.path.rpartition("/")[2]) or _DIALECT.search(line))


def _is_fragment(project: Project, found: list[Finding]) -> bool:
    """Return whether a file that may be one of several lacks nothing but what others would declare.

    Most are known as fragments before they are loaded; this is of those with `extends`, `include` and `models`,
    which say what they lack only when they are.
    """
    named = project.file_set is not None and project.file_set.reason == "file of its own"
    return (
        bool(found)
        and (named or in_devcontainer(project.sources[0]))
        and all(_ELSEWHERE.search(finding.message) for finding in found)
    )


def _is_first_form(project: Project, found: list[Finding]) -> bool:
    """Return whether a file has its services at the top, as Compose had them before 2016."""
    return (
        bool(found)
        and not project.containers
        and not project.volumes
        and all(_TOP_KEY.fullmatch(finding.message) for finding in found)
        and bool(_OLD_SERVICE.search(found[0].span.source.text))
    )


def _first_form(found: list[Finding]) -> Finding:
    first, *others = found
    return first._replace(
        message=f"'{first.span.text()}' stands at the top, as services did in Compose's first file format,"
        " which is refused today",
        help="write 'services:' at the top and indent the services below it",
        labels=tuple(Label(other.span, "a service, too") for other in others),
    )
