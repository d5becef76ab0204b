"""VL611 unquoted-expansion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from volint.api import (
    Container,
    Edit,
    Finding,
    Fix,
    Kind,
    Label,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    Span,
    Syntax,
    declared_volume,
    regex,
)

_FOLDER = regex(
    r"\$\{?PWD\b|\$\(\s*pwd|`\s*pwd|\$\(\s*(?:dirname|realpath|readlink|cd|git rev-parse)\b|\$\$\(pwd|\$\$\{?PWD\b"
)
_MAKE_FOLDER = regex(r"\$[({](?:PWD|CURDIR)[)}]")
_EMPTY_IN_MAKE = regex(r"(?<!\$)\$\(pwd\)")
_BARE = regex(r"\$(?:\w+|\{\w+\}|\(\w+\))")
_OTHER_SHELL = regex(
    r"```+\s*(?:powershell|pwsh|ps1|ps|fish|zsh|cmd|bat|batch|dos)\b", re.IGNORECASE
)
_SCRIPTS = frozenset((Kind.SHELL, Kind.MAKEFILE, Kind.JUSTFILE, Kind.PACKAGE_JSON, Kind.TASKFILE))
_SPECIAL = regex(r"[\"'\\\s]")
_ESCAPED = regex(r"\\|^`.*[\"'].*`$")
_QUOTABLE = frozenset((Kind.SHELL, Kind.MAKEFILE, Kind.JUSTFILE, Kind.MARKDOWN))


class UnquotedExpansion(Rule):
    """A path in a mount flag is expanded outside of quotes.

    ## What it does
    Reports `-v $PWD/x:/y` and `-v $(pwd):/y`, and other expansions in mounts, that stand outside of double quotes; and
    `$(pwd)` in a make recipe, which is a make variable that is empty.

    ## Why is this bad?
    The shell splits what it expands at blanks. Where the folder is called `My Project`, Docker is given `-v /home/me/My`
    and then `Project:/y` as the image: the command fails, or mounts something else than it says.

    ## Example
    ```shell bad
    docker run --rm -v $PWD/site:/usr/share/nginx/html nginx:1.27
    ```
    ```shell bad
    docker run --rm --mount type=bind,src=$(pwd),dst=/src alpine
    ```
    ```make bad
    serve: ; docker run --rm -v $(pwd):/src alpine
    ```

    Use instead:
    ```shell good
    docker run --rm -v "$PWD/site:/usr/share/nginx/html" nginx:1.27
    ```
    ```shell good
    docker run --rm --mount "type=bind,src=$(pwd),dst=/src" alpine
    ```
    ```make good
    serve: ; docker run --rm -v "$(CURDIR):/src" alpine
    ```

    ## Exceptions
    - PowerShell, fish and zsh, which do not split what they expand.
    - Compose files and quadlets, where no shell expands anything.
    - Variables whose value the script itself sets to something without blanks, and those in the name of a volume.

    ## Level
    Warning for `$PWD`, `$(pwd)` and paths made of them in scripts and recipes; a note for the pedantic persona for other
    variables, and in CI files and documents, whose folders rarely have blanks. Warning for `$(pwd)` in a make recipe,
    which never works.

    ## Fix
    Puts the whole word in double quotes; of a word that is quoted in part the expansion.

    ## References
    - POSIX, "Field Splitting"; ShellCheck SC2086, SC2046
    """

    code = "VL611"
    name = "unquoted-expansion"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each command line, at its first unquoted expansion."""
        for container in project.containers:
            found = [
                (mount, span)
                for mount in container.mounts
                if mount.donor is None and mount.unresolved
                for span in _joined(mount.unquoted)
                if not _splits_nothing(span)
                and not _names_a_volume(project, mount, span)
                # What the reader of a document is to fill in is no expansion.
                and not (project.gentle and span.text().startswith(("<", "[", "{")))
            ]
            if found:
                yield self._report(container, found)

    def _report(self, container: Container, found: list[tuple[Mount, Span]]) -> Finding:
        found.sort(key=lambda item: (not _is_folder(*item), item[1].start))
        mount, span = found[0]
        kind = span.source.kind
        level, persona = Level.NOTE, Persona.PEDANTIC
        if _is_folder(mount, span) and kind in _SCRIPTS:
            level, persona = Level.WARNING, Persona.REGULAR
        written = span.text()
        if kind is Kind.MAKEFILE and _EMPTY_IN_MAKE.fullmatch(written):
            return self.finding(
                span,
                f"'{written}' is a variable of make here, and an empty one",
                help="write '\"$(CURDIR)\"', or '$$(pwd)' for the shell's command",
                level=Level.WARNING,
                persona=Persona.REGULAR,
                container=container,
                mount=mount,
            )
        return self.finding(
            span,
            f"'{written}' is not quoted: a folder with a blank in its name breaks the mount",
            *(Label(other, "not quoted, either") for _, other in found[1:] if other != span),
            help="put the whole word in double quotes",
            fix=_fix(found),
            level=level,
            persona=persona,
            container=container,
            mount=mount,
        )


def _joined(spans: tuple[Span, ...]) -> list[Span]:
    """Join what stands together: the '$$' of a recipe is one expansion with what follows it."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].source is span.source and found[-1].end == span.start:
            span = Span(span.source, found.pop().start, span.end)
        found.append(span)
    return found


def _splits_nothing(span: Span) -> bool:
    """Return whether a document shows it for a shell that does not split what it expands."""
    if span.source.kind is not Kind.MARKDOWN:
        return False
    text = span.source.text
    fence = text.rfind("```", 0, span.start)
    return fence >= 0 and bool(_OTHER_SHELL.match(text, fence))


def _names_a_volume(project: Project, mount: Mount, span: Span) -> bool:
    """Return whether an expansion is a part of a volume's name, which has no blank."""
    source = mount.source
    if mount.kind is not MountKind.VOLUME or source is None:
        return False
    bare = mount.syntax is Syntax.V and _BARE.fullmatch(source.value)
    if bare and declared_volume(project, mount) is None:
        return False  # taken for a volume for no more than the variable's name
    return source.span.start <= span.start < source.span.end


def _is_folder(mount: Mount, span: Span) -> bool:
    """Return whether an expansion gives the folder that somebody happens to be in."""
    written = span.text()
    if _FOLDER.match(written) or (
        span.source.kind is Kind.MAKEFILE and _MAKE_FOLDER.match(written)
    ):
        return True
    source = mount.source
    return (
        source is not None
        and source.span.start <= span.start < source.span.end
        and bool(_FOLDER.match(source.value))
    )


def _fix(found: list[tuple[Mount, Span]]) -> Fix | None:
    """Return the edits that quote the words, of words that are quoted in part the expansions; None where that
    is not plain."""
    edits = []
    for mount, expansion in found:
        source, start, end = mount.span
        text = source.text[start:end]
        quote = _quote(mount.span)
        around = source.text[max(0, start - 1) : start] + source.text[end : end + 1]
        if not quote or mount.tilde or _SPECIAL.search(around.strip()):
            return None
        if not _SPECIAL.search(text):
            edits.append(Edit(mount.span, f"{quote}{text}{quote}"))
        elif quote == '"' and not _ESCAPED.search(expansion.text()):
            edits.append(Edit(expansion, f'"{expansion.text()}"'))
        else:
            return None
    return Fix("quote it", tuple(dict.fromkeys(edits)))


def _quote(span: Span) -> str:
    """Return how a double quote is written where a span is; nothing where that is not plain."""
    kind = span.source.kind
    if kind is Kind.PACKAGE_JSON:
        return '\\"'
    if kind is Kind.CI:
        line = span.source.line_span(span.source.position(span.start)[0])
        before = span.source.text[line.start : span.start]
        return "" if '"' in before or "'" in before else '"'
    return '"' if kind in _QUOTABLE else ""
