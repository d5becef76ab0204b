"""VL003 unknown-rule."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Project, Rule


class UnknownRule(Rule):
    """An ignore comment names a rule that does not exist.

    ## What it does
    Reports codes and names in `# volint: ignore[...]` comments that no installed pack defines, and says
    which one was probably meant.

    ## Why is this bad?
    The comment hides nothing, and whoever wrote it believes that it does.

    ## Example
    ```compose bad
    services:
      cache:
        image: registry.example.com/app:1
        # volint: ignore[VL1O2] rebuilt on every start
        volumes: [/cache]
    ```

    Use instead:
    ```compose good
    services:
      cache:
        image: registry.example.com/app:1
        # volint: ignore[VL102] rebuilt on every start
        volumes: [/cache]
    ```
    """

    code = "VL003"
    name = "unknown-rule"
    needs = ()

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield nothing: the ignore comments are read by the engine."""
        return iter(())
