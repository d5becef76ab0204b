"""The engine: which rules run, what becomes of findings that projects share, what a failing rule costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from volint.engine import Enabled, check, found_by, is_shown, parts_of, sort_key
from volint.failure import Misuse
from volint.model import (
    Build,
    Command,
    CommandKind,
    Container,
    ContainerKind,
    Environment,
    EnvironmentKind,
    Project,
    ProjectKind,
)
from volint.rule import Confidence, Finding, Level, Part, Persona, Rule, RuleEntry
from volint.source import Label, Problem, Source, Span, Text

UNKNOWN = Environment(EnvironmentKind.UNKNOWN, "")
FILE = Source("compose.yaml", "services:\n  web:\n    image: nginx\n  db:\n    image: postgres\n")


def text(value: str, source: Source = FILE) -> Text:
    start = source.text.index(value)
    return Text(value, Span(source, start, start + len(value)))


def project(
    name: str = "shop",
    *containers: str,
    kind: ProjectKind = ProjectKind.COMPOSE,
    source: Source = FILE,
    **more: object,
) -> Project:
    made = tuple(
        Container(text(value, source), ContainerKind.SERVICE, text(value, source).span)
        for value in containers
    )
    return Project(name, kind, (source,), UNKNOWN, made)._replace(**more)  # type: ignore[arg-type]


class Names(Rule):
    """Finds every container."""

    code = "QA1"
    name = "names"

    def check(self, project: Project) -> Iterator[Finding]:
        for container in project.containers:
            yield self.finding(container.name.span, f"'{container.name}' is there")


class Breaks(Names):
    code = "QA2"
    name = "breaks"
    breaks = True


class Weighs(Names):
    """Is the surer, the more projects there are to say so."""

    code = "QA3"
    name = "weighs"

    def check(self, project: Project) -> Iterator[Finding]:
        level = Level.ERROR if project.name == "prod" else Level.NOTE
        persona = Persona.PEDANTIC if project.name == "dev" else Persona.REGULAR
        for container in project.containers:
            yield self.finding(container.name.span, project.name, level=level, persona=persona)


class Twice(Names):
    code = "QA4"
    name = "twice"

    def check(self, project: Project) -> Iterator[Finding]:
        for container in project.containers:
            yield self.finding(container.name.span, "first")
            yield self.finding(container.name.span, "second")


class Shared(Names):
    """Says of every container what is wrong with a line they share, and of one that it is worse."""

    code = "QA8"
    name = "shared"

    def check(self, project: Project) -> Iterator[Finding]:
        for container in project.containers:
            level = Level.ERROR if container.name.value == "db" else Level.WARNING
            yield self.finding(project.containers[0].name.span, "wrong", level=level)


class Raises(Names):
    code = "QA5"
    name = "raises"

    def check(self, project: Project) -> Iterator[Finding]:
        yield from super().check(project)
        if project.name == "bad":
            raise KeyError("hunter2")


class Together(Names):
    """Looks at all projects at once."""

    code = "QA6"
    name = "together"

    def check(self, project: Project) -> Iterator[Finding]:
        return iter(())

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        yield self.finding(projects[-1].containers[0].name.span, f"{len(projects)} projects")


class Builds(Rule):
    code = "QA7"
    name = "builds"
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        yield self.finding(Span(project.sources[0], 0, 0), "a build")


def row(rule: type[Rule], **settings: object) -> Enabled:
    entry = RuleEntry(rule.code, rule.name, rule.level, rule.needs, __name__, rule.__name__)
    return Enabled(entry, "qa", **settings)  # type: ignore[arg-type]


def messages(found: Sequence[Finding]) -> list[str]:
    return [finding.message for finding in found]


def test_what_a_rule_says_of_several_containers_at_one_place_is_one_finding() -> None:
    found = check([project("shop", "web", "nginx", "db", "postgres")], [row(Shared)])
    assert [finding.level for finding in found] == [Level.WARNING, Level.ERROR]


def test_a_rule_runs_only_where_a_part_it_needs_is_there() -> None:
    build = Build(None, None, False, None, None, None, None)
    everything = [row(Names), row(Builds)]
    assert [found.code for found in check([project("a", "web")], everything)] == ["QA1"]
    assert [found.code for found in check([project("a", builds=(build,))], everything)] == ["QA7"]
    assert check([project("a")], everything) == []
    assert check([], everything) == []


def test_a_rule_that_has_nothing_to_look_at_is_not_imported() -> None:
    entry = RuleEntry("QA8", "gone", Level.NOTE, (Part.BUILDS,), "no.such.module", "Gone")
    assert messages(check([project("a", "web")], [Enabled(entry, "qa"), row(Names)])) == [
        "'web' is there"
    ]


def test_parts() -> None:
    assert parts_of(project("a")) == set()
    command = Command(CommandKind.VOLUME_PRUNE, Span(FILE, 0, 0), ())
    problem = Problem("VL001", "", Span(FILE, 0, 0))
    made = project("a", "web", commands=(command,), problems=(problem,))
    assert parts_of(made) == {Part.CONTAINERS, Part.COMMANDS, Part.PROBLEMS}


def test_one_cause_in_several_projects_is_one_finding() -> None:
    found = check([project("dev", "web"), project("prod", "web", "db")], [row(Names)])
    assert [(one.message, one.projects) for one in found] == [
        ("'web' is there", ("dev", "prod")),
        ("'db' is there", ("prod",)),
    ]


@pytest.mark.parametrize("names", [("dev", "test", "prod"), ("prod", "test", "dev")])
def test_what_is_seen_by_more_people_and_worse_stands_for_all(names: tuple[str, ...]) -> None:
    [found] = check([project(name, "web") for name in names], [row(Weighs)])
    assert (found.message, found.level, found.persona) == ("prod", Level.ERROR, Persona.REGULAR)
    assert found.projects == names


def test_projects_of_one_name_are_told_apart() -> None:
    found = check(
        [project("shop", "web", "db"), project("shop", "web"), project("x")], [row(Names)]
    )
    assert [(one.message, one.projects, one.project_indexes) for one in found] == [
        ("'web' is there", ("shop",), (0, 1)),
        ("'db' is there", ("shop",), (0,)),
    ]


def test_several_findings_at_one_place_stay_several() -> None:
    found = check([project("a", "web"), project("b", "web")], [row(Twice)])
    assert [(one.message, one.projects) for one in found] == [
        ("first", ("a", "b")),
        ("second", ("a", "b")),
    ]


def test_findings_are_sorted_by_path_place_and_code() -> None:
    other = Source("a.yaml", "services: {x: {}}")
    found = check(
        [project("b", "db", "web"), project("a", "x", source=other)], [row(Twice), row(Names)]
    )
    assert found == sorted(found, key=sort_key)
    assert [one.span.source.path for one in found] == ["a.yaml"] * 3 + ["compose.yaml"] * 6
    assert [one.code for one in found[:3]] == ["QA1", "QA4", "QA4"]


def test_a_rule_that_raises_is_reported_for_that_project() -> None:
    found = check([project("good", "web"), project("bad", "db")], [row(Raises), row(Names)])
    assert [one.code for one in found] == ["VL000", "QA1", "QA5", "QA1"]
    failure = found[0]
    assert (
        failure.message
        == f"QA5 of 'qa' failed: KeyError in test_engine.py, line {raising_line()}; the rest was checked"
    )
    assert failure.projects == ("bad",)
    assert (failure.level, failure.persona) == (Level.ERROR, Persona.REGULAR)


def test_failures_of_several_rules_are_several() -> None:
    entry = RuleEntry("QA8", "gone", Level.NOTE, (Part.CONTAINERS,), "no.such.module", "Gone")
    other = entry._replace(code="QA9")
    found = check(
        [project("bad", "web")], [Enabled(entry, "qa"), Enabled(other, "qa"), row(Raises)]
    )
    assert [one.message.split(" ", 1)[0] for one in found] == ["QA5", "QA8", "QA9"]


def raising_line() -> int:
    with open(__file__, encoding="utf-8") as stream:
        return next(number for number, line in enumerate(stream, 1) if "raise KeyError" in line)


def test_all_projects_at_once() -> None:
    found = check([project("a", "web"), project("b", "db")], [row(Together)])
    # Both are made of the file it is found in.
    assert [(one.message, one.span.text(), one.projects) for one in found] == [
        ("2 projects", "db", ("a", "b"))
    ]


def test_documents_are_judged_gently_but_for_what_cannot_work() -> None:
    rules = [row(Names), row(Breaks)]
    for made in (
        project("a", "web", kind=ProjectKind.DOCUMENT),
        project("a", "web", gentle=True),
    ):
        assert [(one.code, one.persona) for one in check([made], rules)] == [
            ("QA1", Persona.PEDANTIC),
            ("QA2", Persona.REGULAR),
        ]


def test_what_is_configured_wins() -> None:
    made = project("a", "web", gentle=True)
    [found] = check([made], [row(Names, level=Level.NOTE, persona=Persona.REGULAR)])
    assert (found.level, found.persona) == (Level.NOTE, Persona.REGULAR)


@pytest.mark.parametrize(
    ("min_level", "min_confidence", "shown"),
    [
        (Level.NOTE, Confidence.LOW, True),
        (Level.WARNING, Confidence.MEDIUM, True),
        (Level.ERROR, Confidence.LOW, False),
        (Level.NOTE, Confidence.HIGH, False),
    ],
)
def test_a_finding_is_shown_from_its_level_and_confidence_on(
    min_level: Level, min_confidence: Confidence, shown: bool
) -> None:
    finding = Finding(
        "QA1", "names", Span(FILE, 0, 0), "x", level=Level.WARNING, confidence=Confidence.MEDIUM
    )
    assert is_shown(finding, Persona.REGULAR, min_level, min_confidence) is shown


def test_a_persona_shows_its_own_and_those_below() -> None:
    seen = [[persona.value for persona in Persona if _sees(who, persona)] for who in Persona]
    assert seen == [["regular"], ["regular", "pedantic"], ["regular", "pedantic", "auditor"]]


def _sees(who: Persona, persona: Persona) -> bool:
    finding = Finding("QA1", "names", Span(FILE, 0, 0), "x", persona=persona)
    return is_shown(finding, who, Level.NOTE, Confidence.LOW)


@pytest.mark.parametrize(
    "finding",
    [
        "a string",
        Finding("QA9", "x", Span(FILE, 0, 10_000), "beyond the end"),
        Finding("QA9", "x", Span(FILE, 7, 3), "backwards"),
        Finding("QA9", "x", Span(FILE, 0, 1), "a label", (Label(Span(FILE, -1, 3), ""),)),
    ],
    ids=["type", "end", "order", "label"],
)
def test_what_no_report_could_show_is_a_failure_of_the_rule(
    finding: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Names, "check", lambda self, project: iter([finding]))
    found = check([project("a", "web")], [row(Names), row(Twice)])
    assert [one.code for one in found] == ["VL000", "QA4", "QA4"]
    assert "QA1 of 'qa' failed" in found[0].message


def test_a_rule_that_is_no_generator_is_told_to_be_one() -> None:
    with pytest.raises(Misuse, match="'check' returns int; make it a generator"):
        found_by(5)  # type: ignore[arg-type]
