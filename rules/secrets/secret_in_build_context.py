"""VL304 secret-in-build-context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import (
    Confidence,
    Copy,
    EnvironmentKind,
    Finding,
    Fix,
    Label,
    Level,
    Part,
    Project,
    Rule,
    TakenSecret,
    Verdict,
    copies,
    edits,
    lacks_ignore_file,
    listed,
    meant_to_stay_out,
    names_secret,
    new_ignore_file,
    taken_secrets,
    unwanted,
)

_SANDBOX = (EnvironmentKind.TEST, EnvironmentKind.EXAMPLE)


class SecretInBuildContext(Rule):
    """A COPY of a directory takes a secret file of the build context along.

    ## What it does
    Reports the COPY or ADD of a directory or a pattern that takes private keys, credential files or env files with
    credentials, because no ignore file keeps them out of the build context. Where the file's content can tell, it is
    looked at.

    ## Why is this bad?
    The file is in a layer of the image: whoever can pull it can read the file, also when a later instruction deletes it.
    Nobody sees it in the Dockerfile, since no line names it.

    ## Example
    ```dockerfile bad
    FROM python:3.12
    COPY . /app
    ```
    ```env bad and .env
    DB_PASSWORD=tr0ub4dor
    ```
    ```dockerignore bad and .dockerignore
    .git
    ```

    Use instead:
    ```dockerfile good
    FROM python:3.12
    COPY . /app
    ```
    ```env good and .env
    DB_PASSWORD=tr0ub4dor
    ```
    ```dockerignore good and .dockerignore
    .git
    .env
    ```

    ## Exceptions
    - What the ignore file in force keeps out, and what `--exclude` does.
    - A COPY that names the secret itself is VL303's; what a line of the ignore file was meant to exclude, which excludes
      nothing (`.env  # ours`, or overridden below), is VL406's.
    - Public certificates and keys, examples and templates, files whose content is harmless or only placeholders.
    - Keys and credentials in directories of tests and of dependencies.

    ## Level
    Warning; note in projects that are tests or examples.

    ## Fix
    Appends the file to the ignore file that Docker reads, or writes one; unsafe, as a RUN may need it.

    ## References
    - docs.docker.com: "Build context", ".dockerignore files", "Build secrets"
    """

    code = "VL304"
    name = "secret-in-build-context"
    level = Level.WARNING
    needs = (Part.BUILDS,)
    security_severity = "7.0"
    tags = ("external/cwe/cwe-538",)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each COPY that is the first to take some secret of a context."""
        said: dict[tuple[str, str], int] = {}
        found: list[tuple[Copy, list[TakenSecret], list[Label]]] = []
        for copy in copies(project):
            if names_secret(copy):
                continue
            fresh: list[TakenSecret] = []
            taken = [
                secret
                for secret in taken_secrets(copy)
                if secret.verdict is not Verdict.PLACEHOLDER
            ]
            meant = (
                meant_to_stay_out(copy.build, [secret.path for secret in taken]) if taken else ()
            )
            for secret in taken:
                if secret.path in meant:
                    continue
                owner = said.setdefault((copy.build.root or "", secret.path), len(found))
                if owner == len(found):
                    fresh.append(secret)
                elif found[owner][0].word.span != copy.word.span:
                    label = Label(copy.word.span, "takes it as well")
                    if label not in found[owner][2]:
                        found[owner][2].append(label)
            if fresh:
                found.append((copy, fresh, []))
        for copy, secrets, labels in found:
            yield self._report(project, copy, secrets, labels)

    def _report(
        self, project: Project, copy: Copy, secrets: Sequence[TakenSecret], labels: list[Label]
    ) -> Finding:
        paths = [secret.path for secret in secrets]
        build = copy.build
        kept = any(copy.kept(path) for path in paths)
        where = "the image" if kept else "a build stage and its cache"
        sandbox = project.environment.value in _SANDBOX
        sure = build.root_certain and any(secret.is_sure for secret in secrets)
        return self.finding(
            copy.word.span,
            f"'{copy.word}' takes {listed(paths, 4)} of the build context into {where}",
            *labels,
            help=_help(copy, paths),
            fix=_fix(copy, paths),
            level=Level.NOTE if sandbox else Level.WARNING,
            confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
            target=copy.word.value,
            source=paths[0],
        )


def _help(copy: Copy, paths: Sequence[str]) -> str:
    path = copy.build.ignore_path
    if path is None:
        return "keep it out of the context"
    if not lacks_ignore_file(copy.build):
        return f"add {listed(paths, 4)} to '{path}'"
    others = (entry.pattern for entry in unwanted(copy, near=True) if entry.kind != "secret")
    return f"there is none: write '{path}' with {listed((*paths, *others), 6)}"


def _fix(copy: Copy, paths: Sequence[str]) -> Fix | None:
    build = copy.build
    source = build.ignore_file
    if source is None:
        if not lacks_ignore_file(build):
            return None
        # What else should stay out goes into the same file.
        return new_ignore_file(
            build, (*paths, *(entry.pattern for entry in unwanted(copy, near=True)))
        )
    return Fix(f"append to '{build.ignore_path}'", (edits.add_lines(source, paths),), safe=False)
