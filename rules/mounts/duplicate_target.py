"""VL602 duplicate-target."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Level, Part, Project, Rule


class DuplicateTarget(Rule):
    """Two mounts of one container have the same target.

    ## What it does
    Reports a second mount on a path of the container that is already mounted.

    ## Why is this bad?
    Docker refuses the container (`Duplicate mount point`). Only between two `volumes` entries of one Compose
    file it is silent: the later entry replaces the earlier one, which looks mounted and is not.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./site:/usr/share/nginx/html
          - ./build:/usr/share/nginx/html
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: volume
            source: cache
            target: /var/cache/nginx
        tmpfs:
          - /var/cache/nginx
    volumes:
      cache:
    ```
    ```shell bad
    docker run -v data:/data -v other:/data alpine
    ```
    ```shell bad
    docker run -v data:/data --mount type=bind,src=/srv,dst=/data alpine
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./build:/usr/share/nginx/html
    ```
    ```shell good
    docker run -v data:/data -v other:/other alpine
    ```

    ## Exceptions
    - An entry that replaces one of another file is what overlays and `extends` are for.
    - An anonymous volume and a named one on the same path of a `docker run` line: Docker drops the anonymous one.
    - The same `-v` written twice, which Docker reads once, and `--tmpfs`, of which the last counts.
    - Targets that depend on a variable nobody sets.

    ## Level
    Error where Docker refuses the container (run lines, a tmpfs and a volume, one target written in two ways), warning
    where Compose silently takes the later entry.

    ## References
    - compose-spec, "Merge": unique resources; Engine, `daemon/container_operations.go`
    """

    code = "VL602"
    name = "duplicate-target"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the second mounts, each at its target."""
        places = {mount.span: mount.target.span for _, mount in project.mounts()}
        for finding in self.problems(project):
            yield finding._replace(span=places.get(finding.span, finding.span))
