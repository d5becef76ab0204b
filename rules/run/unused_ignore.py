"""VL002 unused-ignore."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Project, Rule


class UnusedIgnore(Rule):
    """An ignore comment hides nothing.

    ## What it does
    Reports a `# volint: ignore[...]` comment, or one of the rules it names, that no finding matches.

    ## Why is this bad?
    What it was written for is gone, or it stands in the wrong place and hides nothing at all. It will hide
    the next finding that nobody has looked at.

    ## Example
    ```compose bad
    services:
      web:
        # volint: ignore[VL102] cache, can be rebuilt
        image: nginx:1.27
    ```

    Use instead:
    ```compose good
    services:
      web:
        image: nginx:1.27
    ```

    ## Exceptions
    A comment for a rule that is not selected in this run is left alone: nothing is known about it.
    """

    code = "VL002"
    name = "unused-ignore"
    needs = ()

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: it shows only after all rules have run."""
        return iter(())
