"""VL601 invalid-mount."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Level, Part, Project, Rule


class InvalidMount(Rule):
    """Docker or Compose refuses the mount.

    ## What it does
    Reports every form of a mount that the Docker CLI, Compose or the Engine turns down: a relative target,
    `-v /path:ro`, too many fields, an unknown key of `--mount`, a mode that does not exist, an option
    of another mount type. The message is volint's, the verdict Docker's (CLI and Engine 29.7, Compose 5.5).

    ## Why is this bad?
    The container is not created. In a script that goes on after errors, whatever comes next runs without it.

    ## Example
    ```shell bad
    docker run -v /srv/data:ro alpine
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
    In documents a placeholder (`<name>`, `/path/to`, `[OPTIONS]`, `...`) is no mistake.

    ## References
    - docker CLI, `opts/mount.go`; Engine, `volume/mounts/linux_parser.go`; compose-spec, "volumes"
    """

    code = "VL601"
    name = "invalid-mount"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the mounts that are refused."""
        for finding in self.problems(project):
            if not (project.gentle and _is_placeholder(finding)):
                yield finding


def _is_placeholder(finding: Finding) -> bool:
    text = finding.span.text()
    return any(sign in text for sign in ("<", ">", "[", "...", "…", "/path/to", "{"))
