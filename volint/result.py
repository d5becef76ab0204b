"""What one run produced: made by the engine, read by the command line and by every report.

Inert types; a reporter needs nothing else to write its format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from volint.rule import Finding, Level, Rule, RuleEntry

__all__ = ["Notification", "Result", "RuleMeta", "Summary"]


class Notification(NamedTuple):
    """Something about the run itself: a file that could not be read, a project seen in part."""

    code: str
    """The VL0xx code it goes with."""
    level: Level
    """How much it matters; from warning on volint did not see all it was asked to see."""
    message: str
    """One sentence that stands alone."""
    file: str = ""
    """Shown path of the file it is about; empty if none."""
    absolute: str | None = None
    """Absolute path of that file; None where it is in no file."""


class Summary(NamedTuple):
    """What a run counted."""

    files: int = 0
    """Files looked at."""
    projects: int = 0
    """Projects they make."""
    findings: int = 0
    """Findings shown."""
    errors: int = 0
    """Those of level error."""
    warnings: int = 0
    """Those of level warning."""
    notes: int = 0
    """Those of level note."""
    ignored: int = 0
    """Findings an ignore comment or the configuration turned off."""
    baselined: int = 0
    """Findings the baseline knows."""
    by_persona: int = 0
    """Findings of a persona that is not shown."""
    by_level: int = 0
    """Findings below the least level shown."""
    by_confidence: int = 0
    """Findings below the least confidence shown."""
    unread: int = 0
    """Files that could not be read."""
    fixable: int = 0
    """Findings shown that have a safe fix."""
    unsafely_fixable: int = 0
    """Findings shown whose fix can change what containers do."""
    unchanged: int = 0
    """Findings on lines that have not changed."""

    @property
    def hidden(self) -> int:
        """Findings not shown for their persona, level, confidence or line."""
        return self.by_persona + self.by_level + self.by_confidence + self.unchanged


class RuleMeta(NamedTuple):
    """A rule that was in force, as the configuration set it."""

    entry: RuleEntry
    """Its row in the pack's table."""
    level: Level
    """Its level after configuration."""
    pack: str = "volint"
    """The pack it comes from."""
    pack_version: str = ""
    """The pack's version."""

    def load(self) -> type[Rule]:
        """Import the rule and return its class; of one that fails, a class that says so in its page."""
        try:
            return self.entry.load()
        except Exception as error:  # a rule must not stop the run
            return _broken(self.entry, error)


def _broken(entry: RuleEntry, error: Exception) -> type[Rule]:
    from volint.failure import what_failed
    from volint.rule import Rule

    body = {
        "__doc__": f"This rule cannot be loaded: {what_failed(error)}.",
        "code": entry.code,
        "name": entry.name,
        "level": entry.level,
        "needs": entry.needs,
        "enabled": entry.enabled,
    }
    return type(entry.cls, (Rule,), body)


class Result(NamedTuple):
    """Everything a report may tell about a run."""

    findings: tuple[Finding, ...] = ()
    """What is shown, sorted; `projects` and `occurrence` are set."""
    notifications: tuple[Notification, ...] = ()
    """What could not be read or resolved."""
    summary: Summary = Summary()
    """The counts."""
    rules: tuple[RuleMeta, ...] = ()
    """All rules in force, in code order, whether they found something or not."""
    version: str = ""
    """volint's version."""
    cwd: str = ""
    """Absolute directory that shown paths are relative to."""
    root: str = ""
    """Absolute top of the repository, or the working directory where there is none."""
    complete: bool = True
    """False if the run was cut short by an error of volint itself."""
