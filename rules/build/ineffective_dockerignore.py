"""VL406 ineffective-dockerignore."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from volint.api import (
    Build,
    Confidence,
    Copy,
    DeadPattern,
    Edit,
    Finding,
    Fix,
    Label,
    Level,
    Part,
    Project,
    Rule,
    Span,
    Verdict,
    copies,
    dead_patterns,
    excluding_pattern,
    listed,
    meant_to_stay_out,
    taken_secrets,
)

_WHY = {
    "diff": "Every line of the ignore file begins with '+', so none of them matches anything",
    "comment": "{} matches nothing: behind a pattern '#' begins no comment",
    "braces": "{} matches nothing: Docker does not expand braces",
    "quotes": "{} matches nothing: the quotes are taken for a part of the name",
    "outside": "{} matches nothing: it lies outside of the build context",
    "overridden": "{} has no effect: '{other}' decides later",
    "void": "{} brings back nothing: no line before it excludes that",
    "secret": "{} brings a secret back into the build context",
}
_HELP = {
    "diff": "remove the '+' at the beginning of each line",
    "outside": "patterns are relative to the context's root; remove it",
    "overridden": "the last line that matches decides: move it below '{other}', or remove it",
    "void": "remove it",
    "secret": "remove it, and hand the secret over with 'RUN --mount=type=secret'",
}


class IneffectiveDockerignore(Rule):
    """A line of an ignore file, or the whole file, does not do what it says.

    ## What it does
    Reports a pattern that a later one overrides, a `!` that brings back nothing or a secret, lines that cannot match
    anything (a comment behind a pattern, braces, quotes, a path outside of the context, the `+` of a pasted diff),
    a pattern that keeps out what a COPY names, and an ignore file beside a Dockerfile whose build has another
    context, where Docker never reads it.

    ## Why is this bad?
    The file looks as if secrets, `.git` and dependencies stayed out, and they do not; nothing says so. A COPY of
    something that is excluded fails the build with "not found", though the file is there.

    ## Example
    ```dockerfile bad
    FROM node:22
    COPY . .
    ```
    ```dockerignore bad and .dockerignore
    node_modules  # installed in the image
    .env
    ```

    ```dockerfile bad
    FROM node:22
    COPY dist /srv/dist
    ```
    ```dockerignore bad and .dockerignore
    dist
    ```

    ```dockerfile bad
    FROM node:22
    COPY . .
    ```
    ```dockerignore bad and .dockerignore
    !README.md
    *.md
    ```

    Use instead:
    ```dockerfile good
    FROM node:22
    COPY . .
    ```
    ```dockerignore good and .dockerignore
    # installed in the image
    node_modules
    .env
    *.md
    !README.md
    ```

    ## Exceptions
    - Patterns with wildcards are compared with none but the lines they are written in: whether they match
      something depends on what is there.
    - A name that some file of the context has, however odd.
    - An excluded directory of which a `!` brings something back.
    - A secret brought back that a COPY takes, which is VL303's or VL304's, or where no build is known that reads the
      file, and an example of one (`!.env.example`).
    - An ignore file beside a Dockerfile where a build has that folder as its context, or where the context is only
      guessed. It is sure where a COPY leads back into the Dockerfile's folder from above (`COPY services/web/app.py` in
      `services/web/Dockerfile`).

    ## Level
    Warning; note for a `!` that brings back what nothing excludes, and for an ignore file that is not read where the
    context has one of its own.

    ## Fix
    Lines that cannot match are written as they are meant; unsafe, as they then exclude something.

    ## References
    - docs.docker.com: ".dockerignore files"
    """

    code = "VL406"
    name = "ineffective-dockerignore"
    level = Level.WARNING
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: one ignore file may concern several projects."""
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield what is wrong with each ignore file, once."""
        read: dict[str, Build] = {}
        for project in projects:
            for build in project.builds:
                if build.ignore_file is not None and build.ignore_path is not None:
                    read.setdefault(build.ignore_path, build)
        taken = [copy for project in projects for copy in copies(project)]
        unread = dict(self._unread(taken, set(_expected(projects))))
        for path, build in read.items():
            patterns = [] if path in unread else dead_patterns(build)
            if not patterns:
                continue
            mine = [copy for copy in taken if copy.build.ignore_path == path]
            for dead in patterns:
                if dead.why != "secret" or (
                    build.source is not None and not _takes(mine, dead.text.value.lstrip("! /"))
                ):
                    yield self._dead(path, dead, mine)
        yield from self._excluded(taken)
        yield from unread.values()

    def _dead(self, path: str, dead: DeadPattern, taken: Sequence[Copy]) -> Finding:
        other = dead.other.value if dead.other else ""
        message = _WHY[dead.why].replace("{}", f"'{dead.text}'").replace("{other}", other)
        advice = _HELP.get(dead.why, "").replace("{other}", other)
        fix = None
        if dead.instead:
            advice = f"write {listed(dead.instead)}"
            text = "\n".join(dead.instead)
            fix = Fix(advice, (Edit(dead.text.span, text),), safe=False)
        labels = (Label(dead.other.span, "this line decides"),) if dead.other else ()
        return self.finding(
            dead.text.span,
            message,
            *labels,
            *_exposed(dead, taken),
            help=advice,
            level=Level.NOTE if dead.why == "void" else None,
            fix=fix,
            target=path.rpartition("/")[2],
            source=dead.text.value,
        )

    def _excluded(self, taken: Sequence[Copy]) -> Iterator[Finding]:
        groups: dict[tuple[str, int], list[Copy]] = {}
        for copy in taken:
            text = _excluding(copy)
            if text is not None:
                groups.setdefault((copy.build.ignore_path or "", text.start), []).append(copy)
        for (path, _), group in groups.items():
            span = _excluding(group[0])
            assert span is not None
            places = dict.fromkeys(copy.word.span for copy in group)
            yield self.finding(
                span,
                f"'{span.text()}' keeps out '{group[0].path}', which a COPY names, so the build fails",
                *(Label(place, "needed here") for place in places),
                help=f"remove it, or bring it back with '!{group[0].path}' below",
                confidence=None if group[0].build.root_certain else Confidence.MEDIUM,
                target=path.rpartition("/")[2],
                source=span.text(),
            )

    def _unread(self, taken: Sequence[Copy], read: set[str]) -> Iterator[tuple[str, Finding]]:
        """Yield the ignore files that Docker does not read, with what is said of them."""
        seen: set[str] = set()
        for copy in sorted(taken, key=lambda copy: not copy.is_broad):
            build = copy.build
            folder = (build.dockerfile or "").rpartition("/")[0]
            path = f"{folder}/.dockerignore".lstrip("/")
            if not folder or path in read or path in seen or path not in build.other_ignore_files:
                continue
            if not build.root_certain:
                continue
            advice = (
                f"move it to '{build.ignore_path}', or name it '{build.dockerfile}.dockerignore'"
            )
            if build.ignore_file is not None:
                advice = f"move its lines to '{build.ignore_path}', each with the folder before it"
            if _leads_back(copy) or (copy.files and build.ignore_file is None):
                seen.add(path)
                left = meant_to_stay_out(build, _secrets(copy)) if build.ignore_file is None else ()
                found = self.finding(
                    copy.word.span,
                    f"Docker does not read '{path}' here: '{copy.word}' takes from another folder, the build context",
                    *_taking([copy], left),
                    help=advice,
                    level=Level.NOTE if build.ignore_file is not None else None,
                    target=path.rpartition("/")[2],
                )
                yield path, found


def _expected(projects: Sequence[Project]) -> Iterator[str]:
    """Yield where Docker looks for the ignore files of builds that are known."""
    for project in projects:
        for build in project.builds:
            if build.ignore_path is not None and build.source is not None:
                yield build.ignore_path


def _exposed(dead: DeadPattern, taken: Sequence[Copy]) -> Iterator[Label]:
    """Yield where secrets are taken along that a line was to keep out."""
    meant = dead.meant()
    if meant is not None:
        secrets = {path for copy in taken for path in _secrets(copy) if meant.excluded(path)}
        yield from _taking(taken, secrets)


def _taking(taken: Sequence[Copy], secrets: Collection[str]) -> Iterator[Label]:
    """Yield the COPYs that take some of the secrets."""
    for copy in taken if secrets else ():
        paths = [path for path in _secrets(copy) if path in secrets]
        if paths:
            verb = "goes" if len(paths) == 1 else "go"
            yield Label(copy.word.span, f"so {listed(paths, 4)} {verb} into the image")


def _secrets(copy: Copy) -> list[str]:
    return [
        secret.path for secret in taken_secrets(copy) if secret.verdict is not Verdict.PLACEHOLDER
    ]


def _takes(taken: Sequence[Copy], path: str) -> bool:
    return any(file.path == path for copy in taken for file in copy.files)


def _excluding(copy: Copy) -> Span | None:
    """Return the line that keeps out what a COPY names; None if it takes something or may do so."""
    build = copy.build
    files = build.files
    if files is None or copy.files or copy.is_broad or copy.is_pattern or not copy.certain:
        return None
    if build.reachable and copy.stage_index not in build.reachable:
        return None
    if not build.root_certain and files.kind(copy.path) is None and not _beside(build):
        return None
    text = excluding_pattern(build, copy.path)
    return text.span if text else None


def _leads_back(copy: Copy) -> bool:
    """Return whether a COPY names the Dockerfile's own folder from above: there or not, it is not beside it."""
    root, source = copy.build.root, copy.build.source
    if root is None or source is None or source.file is None or not copy.certain:
        return False
    folder = source.file.removeprefix(root.rstrip("/") + "/").rpartition("/")[0]
    return bool(folder) and copy.path.startswith(folder + "/")


def _beside(build: Build) -> bool:
    """Return whether the ignore file is the one beside the Dockerfile, so that the folder is meant to be the context."""
    folder = (build.dockerfile or "").rpartition("/")[0]
    return (build.ignore_path or "").rpartition("/")[0] == folder
