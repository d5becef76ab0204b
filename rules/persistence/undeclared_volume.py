"""VL105 undeclared-volume."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Edit, Finding, Fix, Level, Part, Project, Rule, Span


class UndeclaredVolume(Rule):
    """A service uses a named volume that no file of the project declares.

    ## What it does
    Reports a volume name in `volumes:` of a service that is missing under the top-level `volumes:`.

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

    ## Exceptions
    - A file that is only ever an overlay or a fragment is judged with its base, not alone.
    - Services that a profile turns off: Compose does not look at them.
    - Names that depend on a variable nobody sets.

    ## Fix
    Declares the volume.

    ## References
    - compose-spec, "Volumes top-level element"
    """

    code = "VL105"
    name = "undeclared-volume"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the volumes Compose would refuse, with the edit that declares them."""
        for finding in self.problems(project):
            name = finding.span.text()
            yield finding._replace(fix=self._declare(project, name), source=name)

    def _declare(self, project: Project, name: str) -> Fix | None:
        """Return the edit that declares a volume, None where its place is not plain."""
        source = project.sources[0]
        newline = "\r\n" if "\r\n" in source.text else "\n"
        for volume in project.volumes:
            if volume.span.source is source and volume.name.span.start:
                line, column = source.position(volume.name.span.start)
                start = source.line_span(line).start
                if not source.text[start : volume.name.span.start].strip(" "):
                    text = f"{' ' * (column - 1)}{name}:{newline}"
                    return Fix(f"declare '{name}'", (Edit(Span(source, start, start), text),))
        if "\nvolumes:" in source.text or source.text.startswith(("volumes:", "{")):
            return None
        end = len(source.text)
        lead = "" if source.text.endswith("\n") or not source.text else newline
        text = f"{lead}volumes:{newline}  {name}:{newline}"
        return Fix(f"declare '{name}'", (Edit(Span(source, end, end), text),))
