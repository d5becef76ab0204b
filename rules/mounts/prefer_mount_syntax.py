"""VL608 prefer-mount-syntax."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    ContainerKind,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    Persona,
    Project,
    Rule,
    Span,
    Text,
    has_long_form,
    long_form,
    regex,
)

_NAMED_PIPE = regex(r"[\\/]{2}\.[\\/]pipe[\\/]")
_QUOTED = regex(r"[\"'\\\n]")


class PreferMountSyntax(Rule):
    """A mount is written in the syntax that leaves Docker to guess what is meant.

    ## What it does
    Reports `-v` and Compose's short syntax, once for each container.

    ## Why is this bad?
    Whether `data:/x` is a volume or a directory, and whether a missing directory is made, hangs on a character. The long
    syntax names the type; `--mount` refuses a source that is not there where `-v` makes an empty directory for root.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - ./site:/usr/share/nginx/html:ro
    ```
    ```shell bad
    docker run -d -v data:/data alpine
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./site
            target: /usr/share/nginx/html
            read_only: true
    ```
    ```shell good
    docker run -d --mount type=volume,source=data,target=/data alpine
    ```

    ## Exceptions
    - What the other syntax cannot say: `:z` and `:Z` on a run line.
    - What Docker refuses or cannot read (VL601, VL602, VL105), and words that it passes over (VL607).
    - Projects of a platform that reads only the short one (Coolify, CasaOS).

    ## Level
    Note, for the pedantic persona.

    ## Fix
    Writes the mounts in long syntax. In Compose that changes nothing; with `docker run` it is unsafe, because `--mount`
    makes no directory that is missing.

    ## References
    - Docker, "Bind mounts": differences between `-v` and `--mount`
    """

    code = "VL608"
    name = "prefer-mount-syntax"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its first mount in short syntax."""
        if project.platform:
            return
        refused = [problem.span for problem in project.problems]
        for container in project.containers:
            # `docker compose run` has no --mount.
            if container.kind is ContainerKind.RUN and container.program == "compose":
                continue
            sound = [
                mount
                for mount in container.mounts
                if not any(_holds(mount.span, span) for span in refused)
            ]
            if container.kind is ContainerKind.RUN and any(
                _holds(container.span, span) for span in refused
            ):
                continue
            short = [mount for mount in sound if has_long_form(mount)]
            if short:
                yield self._report(container, short)

    def _report(self, container: Container, short: list[Mount]) -> Finding:
        first, *others = short
        runs = container.kind is not ContainerKind.SERVICE
        return self.finding(
            (first.spec or first.target).span,
            f"'{_written(first.spec or first.target)}' does not say which type of mount it is",
            *(Label((mount.spec or mount.target).span, "short, too") for mount in others),
            help=f"write {_wanted(first, runs)}",
            fix=Fix.of("write it in long syntax", map(long_form, short), safe=not runs),
            container=container,
            mount=first,
        )


def _holds(whole: Span, part: Span) -> bool:
    return whole.source is part.source and whole.start <= part.start < whole.end


def _wanted(mount: Mount, runs: bool) -> str:
    if not runs:
        return f"a mapping with 'type: {mount.kind.value}', 'source' and 'target'"
    source, target = mount.source, _written(mount.target)
    kind = "npipe" if _NAMED_PIPE.match(target) else mount.kind.value
    given = f"source={_written(source)}," if source is not None else ""
    end = ",readonly" if mount.read_only else ""
    return f"'--mount type={kind},{given}target={target}{end}'"


def _written(text: Text) -> str:
    """Return a text with the variables that stand in the file, not with what the script sets them to."""
    written = text.span.text()
    return text.value if not written or _QUOTED.search(written) else written
