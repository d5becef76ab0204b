"""VL004 partial-view."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Part, Project, Rule


class PartialView(Rule):
    """Something that belongs to the project could not be looked at.

    ## What it does
    Reports an `extends` or `include` file that is missing, remote or outside of the repository, an env file
    that is not there, a fragment whose base is not known.

    ## Why is this bad?
    What that file adds, takes away or replaces is not in the report. From level warning on the exit
    status is 2, because a report over a part of a project must not look clean.

    ## Example
    ```compose bad
    services:
      web:
        extends:
          file: common/base.yaml
          service: web
    ```

    Use instead:
    ```compose good
    services:
      web:
        extends:
          file: base.yaml
          service: web
    ```
    ```compose good and base.yaml
    services:
      web:
        image: nginx:1.27
    ```

    ## Exceptions
    A missing env file is a note where git ignores it, where it is called `.env` something, or where an
    example of it stands beside it: such files are not committed on purpose. So is a fragment that is judged
    only by its own lines.
    """

    code = "VL004"
    name = "partial-view"
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what could not be looked at."""
        return self.problems(project)
