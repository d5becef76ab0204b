"""VL001 unreadable-input."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Level, Part, Project, Rule


class UnreadableInput(Rule):
    """A file cannot be read, or does not parse.

    ## What it does
    Reports a Compose file, a Dockerfile, an ignore file or a configuration whose text is not what its
    name says: bad YAML, an unknown instruction, bytes that are no UTF-8, a file that is far too large.

    ## Why is this bad?
    Docker refuses it as well; and whatever else is wrong in the file cannot be seen before it parses.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
       volumes: [data:/var/lib/postgresql/data]
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes: [data:/var/lib/postgresql/data]
    volumes:
      data:
    ```

    ## Exceptions
    A file that is a template (Jinja, Go, `@PLACEHOLDER@`, Maven's `${project.version}`, keys `${NAME}` for envsubst) is a
    note: it becomes a Compose file or a Dockerfile
    only when something fills it in; the base image may be the placeholder (`FROM REPLACE-ME`). Notes do not change the
    exit status; otherwise it is 2. A base image that an ARG gives no name by default (`ARG DIGEST=say-which`) is a note for the
    pedantic persona: the build is given one. What `<<` merges in a file of a CI service is for that service to say.
    """

    code = "VL001"
    name = "unreadable-input"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what the readers could not read."""
        return self.problems(project)
