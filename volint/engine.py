"""Rules over projects: run, survive, merge what several projects share, sort.

The engine imports only the rules that have something to look at, reports a rule that raises as a
finding that names its pack, and merges one cause seen by several projects into one finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.model import ProjectKind
from volint.record import NamedTuple
from volint.rule import Confidence, Finding, Fix, Level, Part, Persona
from volint.source import Label, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from volint.model import Project
    from volint.rule import Rule, RuleEntry
    from volint.steps import Step

__all__ = [
    "Checked",
    "Enabled",
    "adjust",
    "check",
    "found_by",
    "internal_error",
    "is_shown",
    "parts_of",
    "sort_key",
]


class Enabled(NamedTuple):
    """A selected rule with what the configuration says of it."""

    entry: RuleEntry
    """The row of its pack's table."""
    pack: str
    """The distribution it comes from."""
    settings: Mapping[str, object] = {}
    """Values of its options."""
    level: Level | None = None
    """The level its findings get instead of their own."""
    persona: Persona | None = None
    """The persona its findings get instead of their own."""


class Checked(NamedTuple):
    """What some rules have found in one project already."""

    codes: frozenset[str]
    """The codes of the rules that were run or have nothing to look at there."""
    found: Mapping[str, Sequence[Finding]]
    """What those that found something yielded, by code."""


def parts_of(project: Project) -> frozenset[Part]:
    """Return the parts that are there in a project."""
    here = []
    if project.containers:
        here.append(Part.CONTAINERS)
    if project.volumes:
        here.append(Part.VOLUMES)
    if project.secrets:
        here.append(Part.SECRETS)
    if project.configs:
        here.append(Part.CONFIGS)
    if project.builds:
        here.append(Part.BUILDS)
    if project.commands:
        here.append(Part.COMMANDS)
    if project.problems:
        here.append(Part.PROBLEMS)
    return frozenset(here)


def internal_error(pack: str, code: str, span: Span, error: BaseException) -> Finding:
    """Return the VL000 finding for a rule or reader that raised."""
    from volint.failure import what_failed

    return Finding(
        "VL000",
        "internal-error",
        span,
        f"{code} of '{pack}' failed: {what_failed(error)}; the rest was checked",
        help=f"report it to the authors of '{pack}' with this file, or leave it out with --ignore {code}",
        level=Level.ERROR,
        source=code,
    )


def _place(project: Project) -> Span:
    source = project.sources[0] if project.sources else Source(project.name, "")
    return Span(source, 0, 0)


def _is_document(project: Project) -> bool:
    return project.gentle or project.kind is ProjectKind.DOCUMENT


class _Merged:
    """Findings of all projects, those with one cause merged."""

    def __init__(self, projects: Sequence[Project]) -> None:
        self.findings: list[Finding] = []
        self._projects = projects
        self._places: dict[tuple[object, ...], int] = {}
        self._serial = -1
        self._counts: dict[tuple[str, str, int, int], int] = {}
        self._said: dict[tuple[object, ...], tuple[object, ...]] = {}

    def add(self, finding: Finding, serial: int, *indexes: int) -> None:
        """Take a finding of some projects; the n-th of one serial at a place is the n-th of others there.

        Containers that share a line, by `extends` or an anchor, are one finding where it says the same of each.
        """
        if serial != self._serial:
            self._serial = serial
            self._counts = {}
            self._said = {}
        # The failures of several rules stand at one place.
        code = finding.code if finding.code != "VL000" else finding.source
        at = (code, finding.span.source.path, finding.span.start, finding.span.end)
        said = (*at, finding.message, finding.help, finding.level, finding.persona)
        same = self._said.get(said)
        if same is not None:
            before = self._places[same]
            self.findings[before] = _standing_for(self.findings[before], finding)
            return
        count = self._counts[at] = self._counts.get(at, 0) + 1
        key = self._said[said] = (*at, count)
        place = self._places.get(key)
        if place is None:
            self._places[key] = len(self.findings)
            self.findings.append(self._seen(finding, indexes))
            return
        other = self.findings[place]
        indexes = (*other.project_indexes, *indexes)
        stronger = (
            finding
            if (-finding.persona.rank, finding.level.rank, finding.confidence.rank)
            > (-other.persona.rank, other.level.rank, other.confidence.rank)
            else other
        )
        both = _standing_for(stronger, finding if stronger is other else other)
        self.findings[place] = self._seen(both, indexes)

    def _seen(self, finding: Finding, indexes: tuple[int, ...]) -> Finding:
        unique = tuple(dict.fromkeys(indexes))
        names = tuple(dict.fromkeys(self._projects[index].name for index in unique))
        return finding._replace(projects=names, project_indexes=unique)

    def join(self, codes: frozenset[str]) -> None:
        """Make one of the findings of some codes that say the same of several places."""
        kept: list[Finding] = []
        first: dict[tuple[str, str, str], int] = {}
        for finding in sorted(self.findings, key=sort_key):
            key = (finding.code, finding.message, finding.help)
            if finding.code not in codes or key not in first:
                first.setdefault(key, len(kept))
                kept.append(finding)
                continue
            other = kept[first[key]]
            places = {label.span: label for label in (*other.labels, *finding.labels)}
            places.setdefault(finding.span, Label(finding.span, "needed here as well"))
            places.pop(other.span, None)
            stronger = max(other, finding, key=lambda finding: finding.level.rank)
            also = tuple(dict.fromkeys((*other.also, finding.span, *finding.also)))
            joined = _standing_for(other, finding)._replace(
                labels=tuple(places.values()),
                level=stronger.level,
                also=tuple(span for span in also if span != other.span),
            )
            indexes = (*other.project_indexes, *finding.project_indexes)
            kept[first[key]] = self._seen(joined, indexes)
        self.findings = kept


def _standing_for(finding: Finding, other: Finding) -> Finding:
    """Return a finding that stands for the containers of another as well."""
    if other.container == finding.container and other.others == finding.others:
        return finding
    names = dict.fromkeys((*finding.others, other.container, *other.others))
    names.pop(finding.container, None)
    return finding._replace(others=tuple(names))


def check(
    projects: Sequence[Project],
    enabled: Iterable[Enabled],
    *,
    step: Step | None = None,
    checked: Mapping[int, Checked] | None = None,
) -> list[Finding]:
    """Run rules over projects and return their findings, merged and sorted, not yet filtered.

    A rule that raises gives a VL000 finding for each project it raised on; nothing is raised. `step` is told
    of each rule on each project. `checked` has what is known already of a project, by its `id`.
    """
    merged = _Merged(projects)
    parts = [parts_of(project) for project in projects]
    everything = frozenset().union(*parts) if parts else frozenset()
    rules: list[tuple[Enabled, Rule, frozenset[Part], bool]] = []
    for row in enabled:
        if not everything.intersection(row.entry.needs):
            continue
        try:
            cls = row.entry.load()
            rule = cls(row.settings)
        except (Exception, SystemExit) as error:  # a pack must not stop the run
            if projects:
                merged.add(
                    internal_error(row.pack, row.entry.code, _place(projects[0]), error),
                    -1,
                    0,
                )
            continue
        rules.append((row, rule, frozenset(row.entry.needs), cls.breaks))
    # Projects have few combinations of parts, and each is asked about by every rule.
    chosen: dict[frozenset[Part], list[tuple[Enabled, Rule, frozenset[Part], bool]]] = {}
    for serial, (project, here) in enumerate(zip(projects, parts, strict=True)):
        gentle = _is_document(project)
        if here not in chosen:
            chosen[here] = [entry for entry in rules if entry[2] & here]
        known = checked.get(id(project)) if checked else None
        for row, rule, _, breaks in chosen[here]:
            code = row.entry.code
            found: Sequence[Finding]
            if known is not None and code in known.codes:
                found = known.found.get(code, ())
            else:
                if step is not None:
                    step("rules", code, serial + 1, len(projects))
                try:
                    found = found_by(rule.check(project))
                except (Exception, SystemExit) as error:  # a rule must not stop the run
                    found = [internal_error(row.pack, code, _place(project), error)]
            for finding in found:
                merged.add(adjust(finding, row, gentle and not breaks), serial, serial)
    owners: dict[str, list[int]] = {}
    for index, project in enumerate(projects):
        for source in project.sources:
            owners.setdefault(source.path, []).append(index)
    for row, rule, _, breaks in rules:
        if step is not None:
            step("rules", row.entry.code, len(projects), len(projects))
        try:
            found = found_by(rule.check_all(projects))
        except (Exception, SystemExit) as error:  # a rule must not stop the run
            found = [internal_error(row.pack, row.entry.code, _place(projects[0]), error)]
        for finding in found:
            theirs = owners.get(finding.span.source.path) or [0][: len(projects)]
            gentle = all(_is_document(projects[index]) for index in theirs)
            merged.add(adjust(finding, row, gentle and not breaks), len(projects), *theirs)
    merged.join(frozenset(row.entry.code for row, rule, _, _ in rules if rule.joins))
    merged.findings.sort(key=sort_key)
    return merged.findings


def found_by(findings: Iterable[Finding]) -> list[Finding]:
    """Return what a rule yields. Raises what it raises, and `Misuse` for what no report could show."""
    if not hasattr(findings, "__iter__"):
        kind = type(findings).__name__
        raise _misuse(f"'check' returns {kind}; make it a generator: `yield self.finding(...)`")
    found = []
    for finding in findings:
        if mistake := _mistake(finding):
            raise _misuse(mistake)
        found.append(finding)
    return found


def _mistake(finding: Any) -> str:
    """Return why no report could show what a rule has yielded, and what to do; '' for a sound finding."""
    if not isinstance(finding, Finding):
        return f"'check' yields {type(finding).__name__}; yield what `self.finding(...)` returns"
    words: tuple[Any, ...] = (finding.message, finding.help)
    if not all(isinstance(text, str) for text in words):
        return "the message or help of a finding is no string; write it as one"
    fix: Any = finding.fix
    if fix is not None and not isinstance(fix, Fix):
        return f"the fix of a finding is {type(fix).__name__}; make it a `Fix`"
    places: list[Any] = [finding.span]
    places += [label.span for label in finding.labels]
    if fix is not None:
        places += [edit.span for edit in fix.edits]
    for span in places:
        if not isinstance(span, Span):
            return f"the place of a finding is {type(span).__name__}; give a span: `mount.span`"
        if not 0 <= span.start <= span.end <= len(span.source.text):
            return "a finding or its fix lies outside of its file; take spans as they are"
    return ""


def _misuse(words: str) -> Exception:
    from volint.failure import Misuse

    return Misuse(words)


def adjust(finding: Finding, row: Enabled, gentle: bool = False) -> Finding:
    """Apply the configured level and persona, and the gentleness documents are judged with."""
    if row.level is not None and finding.code == row.entry.code:
        finding = finding._replace(level=row.level)
    if row.persona is not None and finding.code == row.entry.code:
        finding = finding._replace(persona=row.persona)
    elif gentle and finding.persona is Persona.REGULAR and finding.code != "VL000":
        finding = finding._replace(persona=Persona.PEDANTIC)
    return finding


def sort_key(finding: Finding) -> tuple[str, int, int, str, str]:
    """Order findings by path, place, code and message."""
    return (
        finding.span.source.path,
        finding.span.start,
        finding.span.end,
        finding.code,
        finding.message,
    )


def is_shown(
    finding: Finding, persona: Persona, min_level: Level, min_confidence: Confidence
) -> bool:
    """Return whether a finding passes the filters of persona, level and confidence."""
    return (
        finding.persona.rank <= persona.rank
        and finding.level.rank >= min_level.rank
        and finding.confidence.rank >= min_confidence.rank
    )
