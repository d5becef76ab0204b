"""Rules, findings and fixes: what a rule author works with (through `volint.api`)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from volint.record import NamedTuple
from volint.source import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from volint.model import Container, Mount, Project
    from volint.source import Span

__all__ = [
    "Confidence",
    "Edit",
    "Finding",
    "Fix",
    "Level",
    "Option",
    "Pack",
    "Part",
    "Persona",
    "Regex",
    "Rule",
    "RuleEntry",
    "Size",
]


class _Ordered(str, Enum):
    """A string whose members are ordered as they are defined, the weakest first."""

    rank: int
    """Position in the definition: greater is stronger."""

    def __init__(self, value: str) -> None:
        self.rank = len(type(self).__members__)


class Level(_Ordered):
    """How bad a finding is: the levels of SARIF 2.1.0."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Confidence(_Ordered):
    """How sure a finding is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Persona(_Ordered):
    """Who wants to see a finding. Each shows its own and those before it."""

    REGULAR = "regular"
    PEDANTIC = "pedantic"
    AUDITOR = "auditor"


class Part(str, Enum):
    """Parts of a project a rule looks at; the engine runs it only where one of them is there."""

    CONTAINERS = "containers"
    VOLUMES = "volumes"
    SECRETS = "secrets"
    CONFIGS = "configs"
    BUILDS = "builds"
    COMMANDS = "commands"
    PROBLEMS = "problems"


class Edit(NamedTuple):
    """A replacement of one span. A file that does not exist yet is an empty `Source` of its path."""

    span: Span
    """What to replace; empty: an insertion."""
    replacement: str
    """The new text."""


class Fix(NamedTuple):
    """One change that makes a finding go away."""

    title: str
    """What it does, as an imperative: "add ':ro'"."""
    edits: tuple[Edit, ...]
    """Edits that belong together."""
    safe: bool = True
    """False if it can change what the containers do."""

    @classmethod
    def of(cls, title: str, edits: Iterable[Edit | None], *, safe: bool = True) -> Fix | None:
        """Return the fix that makes several edits, each once; None where one is None, for the finding would stay."""
        plain: dict[Edit, None] = {}
        for edit in edits:
            if edit is None:
                return None
            plain[edit] = None
        return cls(title, tuple(plain), safe) if plain else None


class Finding(NamedTuple):
    """One thing a rule found."""

    code: str
    """The rule's code."""
    name: str
    """The rule's name."""
    span: Span
    """The smallest token that is wrong, on one line where that is possible."""
    message: str
    """One sentence that stands alone and quotes the user's own value in single quotes; no final full stop."""
    labels: tuple[Label, ...] = ()
    """Further places, nearest cause first."""
    help: str = ""
    """What to type instead."""
    fix: Fix | None = None
    """The edit, where one is right."""
    level: Level = Level.WARNING
    """How bad it is."""
    confidence: Confidence = Confidence.HIGH
    """How sure it is."""
    persona: Persona = Persona.REGULAR
    """Who wants to see it."""
    container: str = ""
    """Name of the container it is about; part of the fingerprint."""
    target: str = ""
    """Target path or key it is about; part of the fingerprint."""
    source: str = ""
    """Mount source it is about; part of the fingerprint."""
    projects: tuple[str, ...] = ()
    """Names of the projects that have this cause; set by the engine."""
    redact: tuple[Span, ...] = ()
    """Places whose characters no report may show: the values of secrets near the finding."""
    occurrence: int = 0
    """Number among findings that are otherwise alike, from 0; set by the engine, part of the fingerprint."""
    project_indexes: tuple[int, ...] = ()
    """Positions of those projects among all of the run, whose names need not differ; set by the engine."""
    also: tuple[Span, ...] = ()
    """Further places of the same fault, each with a label: where the first is ignored, the next stands for it."""
    others: tuple[str, ...] = ()
    """Names of further containers that have the same fault; no part of the fingerprint."""


class Size(int):
    """A type of option: bytes, written as `500MB` (decimal), `1GiB` (binary) or a bare number."""

    __slots__ = ()


class Regex(str):
    """A type of option: a regular expression of Python's `re`, refused where it does not compile."""

    __slots__ = ()


class Option(NamedTuple):
    """A typed option of a rule, set in the configuration under `rules: {CODE: {NAME: value}}`.

    What is set is checked before anything runs; a rule gets values of the type it declares.
    """

    name: str
    """Its key, in kebab-case."""
    type: type
    """bool, int, Size, str, Regex, list (of strings) or dict (of strings to strings)."""
    default: object
    """The value where nothing is set; of a Size, bytes."""
    doc: str
    """One sentence for the rule's page."""
    choices: tuple[str, ...] = ()
    """The words that a str, or each item of a list, has to be one of; empty: any."""
    minimum: int | None = None
    """The least int or Size."""
    maximum: int | None = None
    """The greatest int or Size."""
    unit: str = ""
    """Unit of a Size written without one, e.g. 'MB'; empty: bytes."""
    check: Callable[[Any], str | None] | None = None
    """Says what is wrong with a value of the type, as words behind the option's name; None: nothing."""


class Rule:
    """A check over one project. The docstring of a subclass is its page.

    Subclasses set the class variables and implement `check`; they keep no state between calls. volint checks
    projects in several processes, but those of its own rules only: an instance of any other pack is asked about
    every project of a run, in their order, and then about all of them, in one process.
    """

    code: ClassVar[str]
    """Letters and digits, e.g. 'VL102'; unique over all packs."""
    name: ClassVar[str]
    """kebab-case name that reads well after "ignore"."""
    level: ClassVar[Level] = Level.WARNING
    """Default level."""
    confidence: ClassVar[Confidence] = Confidence.HIGH
    """Default confidence."""
    persona: ClassVar[Persona] = Persona.REGULAR
    """Default persona."""
    since: ClassVar[str] = "0.1"
    """Version of the pack that brought it."""
    needs: ClassVar[tuple[Part, ...]] = (Part.CONTAINERS,)
    """Parts of a project it looks at."""
    enabled: ClassVar[bool] = True
    """False for a rule that is off until the configuration turns it on."""
    breaks: ClassVar[bool] = False
    """True if what it reports cannot work at all: documentation examples are then judged like any other file."""
    joins: ClassVar[bool] = False
    """True if its findings with the same words have one cause: they are one, the other places its labels."""
    security_severity: ClassVar[str] = ""
    """CVSS-like '0.1' to '10.0' where it is a security matter, else empty (SARIF security-severity)."""
    tags: ClassVar[tuple[str, ...]] = ()
    """SARIF tags, e.g. 'external/cwe/cwe-732'."""
    options: ClassVar[tuple[Option, ...]] = ()
    """Its options."""

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self.settings: dict[str, object] = {option.name: option.default for option in self.options}
        if settings:
            self.settings.update(settings)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what is wrong with one project."""
        raise NotImplementedError

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield what only shows when all projects of a run are seen together; by default nothing."""
        return iter(())

    def finding(
        self,
        span: Span,
        message: str,
        *labels: Label,
        help: str = "",
        fix: Fix | None = None,
        level: Level | None = None,
        confidence: Confidence | None = None,
        persona: Persona | None = None,
        container: Container | str = "",
        mount: Mount | None = None,
        target: str = "",
        source: str = "",
        redact: tuple[Span, ...] = (),
        also: tuple[Span, ...] = (),
        others: tuple[str, ...] = (),
    ) -> Finding:
        """Return a finding of this rule; what is not given is the rule's default.

        `container`, `mount`, `target` and `source` make the fingerprint, which survives moved lines.
        `redact` names the places of secret values that a snippet would show, `also` those labels' that have the
        same fault themselves, `others` further containers that have it.
        """
        if mount is not None:
            target = target or mount.target.value
            source = source or (mount.source.value if mount.source else "")
        return Finding(
            self.code,
            self.name,
            span,
            message,
            labels,
            help,
            fix,
            level or self.level,
            confidence or self.confidence,
            persona or self.persona,
            container if isinstance(container, str) else container.name.value,
            target,
            source,
            redact=redact,
            also=also,
            others=others,
        )

    def problems(self, project: Project) -> Iterator[Finding]:
        """Yield the problems of a project that carry this rule's code, as findings.

        Readers say what is wrong in the middle of a line; a finding's message begins with a capital.
        """
        for problem in project.problems:
            if problem.code == self.code:
                yield self.finding(
                    problem.span,
                    problem.message[:1].upper() + problem.message[1:],
                    *problem.labels,
                    help=problem.help,
                    level=Level(problem.level) if problem.level else None,
                    persona=Persona(problem.persona) if problem.persona else None,
                    container=problem.container,
                    target=problem.target,
                )

    def causes(self, project: Project) -> Iterator[Finding]:
        """Yield what `problems` does, several places of one cause as one finding with labels.

        One cause is what differs in nothing but the container, as a network that no file declares.
        """
        found: dict[tuple[str, str, str], list[Finding]] = {}
        for finding in self.problems(project):
            message = finding.message
            if finding.container:
                message = message.replace(f"'{finding.container}'", "''")
            key = (message, finding.span.text(), finding.level.value)
            found.setdefault(key, []).append(finding)
        for first, *others in found.values():
            places = {
                other.span: Label(
                    other.span, f"'{other.container}', too" if other.container else "here, too"
                )
                for other in others
                if other.span != first.span
            }
            yield first._replace(
                labels=(*first.labels, *places.values()),
                others=tuple(other.container for other in others),
            )


class RuleEntry(NamedTuple):
    """A row of a pack's table: enough to select a rule without importing it."""

    code: str
    """The rule's code."""
    name: str
    """The rule's name."""
    level: Level
    """Its default level."""
    needs: tuple[Part, ...]
    """Parts of a project it looks at."""
    module: str
    """Where its class is, e.g. 'volint_rules.persistence.anonymous_volume'."""
    cls: str
    """The class's name."""
    enabled: bool = True
    """False if it is off until configured."""

    def load(self) -> type[Rule]:
        """Import the module and return the class. Raises what the import raises."""
        from importlib import import_module

        loaded: type[Rule] = getattr(import_module(self.module), self.cls)
        return loaded


class Pack(NamedTuple):
    """A set of rules that a distribution installs under the entry-point group `volint.rules`."""

    name: str
    """Name of the pack, shown where one of its rules fails."""
    version: str
    """Version of the pack."""
    rules: tuple[RuleEntry, ...]
    """Its rules in code order."""
    api: int = 1
    """Version of `volint.api` that it is written for; one that is newer than volint's is refused."""
