"""VL000 internal-error."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Finding, Level, Part, Project, Rule


class InternalError(Rule):
    """A rule or a reader failed.

    ## What it does
    Reports that a rule, or volint itself, raised an error on this file. Everything else was checked.

    ## Why is this bad?
    What the failed rule would have found is not in the report. The exit status is 2, because a report
    that misses a part must not look clean.

    ## What to do
    Report it to the authors of the pack that the message names. Until it is mended, leave the rule out
    with `--ignore CODE`.
    """

    code = "VL000"
    name = "internal-error"
    level = Level.ERROR
    needs = (Part.PROBLEMS,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what readers failed on; the engine itself reports rules that fail."""
        return self.problems(project)
