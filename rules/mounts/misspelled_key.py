"""VL614 misspelled-key."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Edit, Finding, Fix, Level, Part, Persona, Project, Rule, regex

_MEANT = regex(r"did you mean '([^']+)'\?")


class MisspelledKey(Rule):
    """A key of a mount, volume, secret or config is one that Compose does not know.

    ## What it does
    Reports unknown keys in what says how storage is mounted and declared (`volumes`, `secrets`, `configs`, `tmpfs`,
    `develop`), and says which one was probably meant.

    ## Why is this bad?
    Compose refuses the whole project. Older versions took the file and left the key out: a mount with `readonly: true`
    was writable.

    ## Example
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - type: bind
            source: ./site
            target: /usr/share/nginx/html
            readonly: true
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volume:
          - ./site:/usr/share/nginx/html:ro
    ```
    ```compose bad
    services:
      web:
        image: nginx:1.27
        volumes:
          - cache:/var/cache/nginx
    volumes:
      cache:
        driver_options:
          type: tmpfs
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
    ```compose good
    services:
      web:
        image: nginx:1.27
        volumes:
          - cache:/var/cache/nginx
    volumes:
      cache:
        driver_opts:
          type: tmpfs
          device: tmpfs
    ```

    ## Exceptions
    - Keys that begin with `x-`, which Compose leaves to others.
    - Keys that have nothing to do with storage: they are VL615's.

    ## Level
    Error; a note for the pedantic persona where a platform with a dialect of its own runs the file (Coolify's `content`).

    ## Fix
    Writes the key that was meant. It is unsafe unless the two differ only in their separators or an `s` at the end.

    ## References
    - compose-spec, `schema/compose-spec.json`
    """

    code = "VL614"
    name = "misspelled-key"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the unknown keys, each key of one kind once."""
        for finding in self.causes(project):
            if project.platform:
                finding = finding._replace(level=Level.NOTE, persona=Persona.PEDANTIC)
            yield finding._replace(fix=_fix(finding))


def _fix(finding: Finding) -> Fix | None:
    meant = _MEANT.search(finding.help)
    if meant is None:
        return None
    spans = [finding.span, *(label.span for label in finding.labels)]
    key = finding.span.text()
    if any(span.text() != key for span in spans):
        return None
    return Fix(
        f"write '{meant[1]}'",
        tuple(Edit(span, meant[1]) for span in spans),
        safe=_plain(key) == _plain(meant[1]),
    )


def _plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "").rstrip("s")
