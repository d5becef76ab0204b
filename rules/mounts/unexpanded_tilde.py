"""VL612 unexpanded-tilde."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    ContainerKind,
    Edit,
    Finding,
    Fix,
    Kind,
    Level,
    Part,
    Project,
    Rule,
    Span,
)

_HELP = {
    Kind.QUADLET: "write '%h', which systemd replaces by the home directory",
    Kind.UNIT: "write '%h', which systemd replaces by the home directory",
    Kind.DEVCONTAINER: "write '${localEnv:HOME}'",
}
_SCRIPTS = frozenset((Kind.SHELL, Kind.MAKEFILE, Kind.JUSTFILE, Kind.MARKDOWN, Kind.CI))


class UnexpandedTilde(Rule):
    """A '~' stands where nothing makes the home directory of it.

    ## What it does
    Reports sources that begin with `~` within quotes (`"~/x:/y"`), behind an equals sign (`--volume=~/x:/y`,
    `--mount src=~/x`), in a dev container's `mounts` and in quadlets: no shell expands it there.

    ## Why is this bad?
    Docker knows no `~`. It refuses the source, because it is neither a path nor a name; Podman takes it for the name of a
    volume or for a directory called `~`.

    ## Example
    ```shell bad
    docker run -v "~/data:/data" alpine
    ```
    ```shell bad
    docker run --mount type=bind,source=~/data,target=/data alpine
    ```
    ```quadlet bad
    [Container]
    Image=docker.io/library/alpine:3.20
    Volume=~/data:/data
    ```

    Use instead:
    ```shell good
    docker run -v "$HOME/data:/data" alpine
    ```
    ```shell good
    docker run --mount "type=bind,source=$HOME/data,target=/data" alpine
    ```
    ```quadlet good
    [Container]
    Image=docker.io/library/alpine:3.20
    Volume=%h/data:/data
    ```

    ## Exceptions
    - `-v ~/data:/data` without quotes, which the shell expands, and Compose files, where Compose does.

    ## Level
    Error where Docker refuses it, warning where it is taken for something else.

    ## Fix
    Writes `$HOME` where the shell then expands it, with double quotes where there are none or single ones, `%h` in quadlets, `${localEnv:HOME}` in dev containers.

    ## References
    - bash, "Tilde Expansion"; systemd.unit(5), "Specifiers"
    """

    code = "VL612"
    name = "unexpanded-tilde"
    needs = (Part.CONTAINERS, Part.PROBLEMS)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what is refused for its '~', then what is taken for something else."""
        for problem in project.problems:
            if problem.code == "VL601" and problem.span.text().startswith("~"):
                yield self._report(problem.span, Level.ERROR, problem.container, problem.target)
        for container, mount in project.mounts():
            if container.kind is ContainerKind.SERVICE or mount.tilde or mount.donor is not None:
                continue
            place = mount.source or (mount.target if mount.is_anonymous else None)
            if place is not None and place.value.startswith("~") and place.span.text()[:1] == "~":
                yield self._report(
                    place.span, Level.WARNING, container.name.value, mount.target.value
                )

    def _report(self, span: Span, level: Level, container: str, target: str) -> Finding:
        return self.finding(
            span,
            f"'{span.text()}' stays as it is written: nothing makes the home directory of '~' here",
            help=_HELP.get(span.source.kind, "write '$HOME', within double quotes"),
            fix=_fix(span),
            level=level,
            container=container,
            target=target,
            source=span.text(),
        )


def _fix(span: Span) -> Fix | None:
    """Return the edit of the '~', None where quotes would keep its replacement from being expanded."""
    source, start, end = span
    if source.text[start + 1 : end][:1] not in ("", "/"):
        return None
    kind = source.kind
    if kind in (Kind.QUADLET, Kind.UNIT):
        new = "%h"
    elif kind is Kind.DEVCONTAINER:
        new = "${localEnv:HOME}"
    elif kind in _SCRIPTS and not _is_within("'", span):
        new = "$$HOME" if kind is Kind.MAKEFILE else "$HOME"
        # In a CI file the word may stand in a YAML string that quotes would end.
        if kind is not Kind.CI and not _is_within('"', span):
            new = f'"{new}"'
    elif kind in _SCRIPTS and kind is not Kind.CI and source.text[start - 1 : start] == "'":
        return _requoted(span)
    else:
        return None
    return Fix(f"write '{new}'", (Edit(Span(source, start, start + 1), new),))


def _requoted(span: Span) -> Fix | None:
    """Return the edits that put a word in double quotes, in which a variable is expanded; None where they would
    make more of it than that."""
    source, start, _ = span
    end = source.text.find("'", start)
    if end < 0 or any(sign in source.text[start:end] for sign in '"$`\\!\n'):
        return None
    new = '"$$HOME' if source.kind is Kind.MAKEFILE else '"$HOME'
    first = Edit(Span(source, start - 1, start + 1), new)
    return Fix(f"write '{new[1:]}'", (first, Edit(Span(source, end, end + 1), '"')))


def _is_within(quote: str, span: Span) -> bool:
    line = span.source.line_span(span.source.position(span.start)[0])
    before = span.source.text[line.start : span.start]
    return before.count(quote) % 2 == 1
