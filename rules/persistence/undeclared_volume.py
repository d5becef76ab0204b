"""VL105 undeclared-volume."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Fix,
    Label,
    Level,
    Mount,
    Part,
    Persona,
    Project,
    Rule,
    Span,
    awaits_override,
    declare_volume,
    meant_path,
    regex,
)

_PLACEHOLDER = regex(r"%%|@@|\{\{|<\w+>|\AREPLACED?_[A-Z_]+\Z|(?i:place_?holder)")


class UndeclaredVolume(Rule):
    """A service uses a named volume that no file of the project declares.

    ## What it does
    Reports a volume name in `volumes:` of a service that is missing under the top-level `volumes:`: once, at
    its first use, with the other services that use it as labels.

    ## Why is this bad?
    Compose refuses the whole project: nothing starts. Often a path was meant, and `./` is missing.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    ```
    ```compose bad
    services:
      notes:
        image: neosmemo/memos:0.24
        volumes:
          - type: volume
            source: notes
            target: /var/opt/memos
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```compose good
    services:
      notes:
        image: neosmemo/memos:0.24
        volumes:
          - ./notes:/var/opt/memos
    ```

    ## Exceptions
    - A file that is only ever an overlay or a fragment is judged with its base, not alone.
    - Services that a profile turns off: Compose does not look at them.
    - Names that depend on a variable nobody sets, and names with a placeholder of a template (`%%DIR%%`, `REPLACE_ME`,
      `{{ name }}`): what fills it in may put a path there.
    - What is meant as a path: a name with a `/`, the name of a directory that stands beside the file. It is VL604's.

    ## Level
    Error; shown to the pedantic persona for an example of a document that declares no volume at all, which may be meant
    as a part. Note, for the pedantic persona, where the platform that runs the file declares volumes itself: Coolify (its `SERVICE_FQDN_`
    variables, `content` of a mount), CasaOS (`x-casaos`), and the files that `platform-volumes` of the
    configuration names.

    ## Fix
    Declares the volume, unless a declared one has nearly the same name: then either of the two may be misspelled.

    ## References
    - compose-spec, "Volumes top-level element"
    """

    code = "VL105"
    name = "undeclared-volume"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each volume that Compose would miss, with the edit that declares it."""
        mounts: dict[Span, tuple[Container, Mount]] = {}
        uses: dict[str, list[Finding]] = {}
        problems = list(self.problems(project))
        if problems and awaits_override(project):
            return
        for finding in problems:
            if not mounts:
                mounts = {m.source.span: (c, m) for c, m in project.mounts() if m.source}
            found = mounts.get(finding.span)
            if found is not None and meant_path(project, *found):
                continue
            source = found[1].source if found is not None else None
            name = source.value if source else finding.span.text()
            if not _PLACEHOLDER.search(name):
                uses.setdefault(name, []).append(finding)
        for name, (first, *others) in uses.items():
            yield self._report(project, name, first, others)

    def _report(
        self, project: Project, name: str, first: Finding, others: list[Finding]
    ) -> Finding:
        finding = first._replace(
            labels=(
                *first.labels,
                *(
                    Label(other.span, f"'{other.container}' uses it too")
                    for other in others
                    if other.span != first.span
                ),
            ),
            source=name,
            others=tuple(other.container for other in others),
        )
        if project.platform:
            return finding._replace(
                level=Level.NOTE,
                persona=Persona.PEDANTIC,
                help=f"{project.platform} declares it itself; for plain Compose write '{name}:' under the top-level 'volumes:'",
            )
        if project.gentle and not project.volumes:
            finding = finding._replace(persona=Persona.PEDANTIC)
        if first.help.startswith("did you mean"):
            return finding
        edit = declare_volume(project, first.span.source, name)
        fix = Fix(f"declare '{name}'", (edit,)) if edit is not None else None
        return finding._replace(fix=fix)
