"""Findings and projects made by hand over the files of tests/fixtures/output/, for the reports' tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volint.fingerprint import number
from volint.model import (
    Build,
    Command,
    CommandKind,
    Container,
    ContainerKind,
    Environment,
    EnvironmentKind,
    EnvVar,
    FileSet,
    Mount,
    MountKind,
    Project,
    ProjectKind,
    Secret,
    Stage,
    Syntax,
    Volume,
    VolumesFrom,
)
from volint.model import Option as MountOption
from volint.result import Notification, Result, RuleMeta, Summary
from volint.rule import (
    Confidence,
    Edit,
    Finding,
    Fix,
    Level,
    Option,
    Part,
    Persona,
    Rule,
    RuleEntry,
)
from volint.source import Kind, Label, Problem, Source, Span, Text

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "fixtures" / "output"


class AnonymousVolume(Rule):
    """A volume is mounted without a name.

    ## What it does
    Reports `anonymous` volumes.

    ## Why is this bad?
    Docker invents a name for it: the data outlives the container,
    and nobody finds it again.

    ## Example
    ```compose bad
    services: {db: {image: "postgres:17", volumes: [/data]}}
    ```

    Use instead:
    ```compose good compose.yaml
    services: {db: {image: "postgres:17", volumes: ["db:/data"]}}
    volumes: {db: }
    ```
    """

    code = "VL102"
    name = "anonymous-volume"
    tags = ("external/cwe/cwe-404",)
    security_severity = "5.5"
    options = (Option("targets", list, [], "Targets that may stay without a name."),)


class HugeContext(Rule):
    """A build context sends more than it needs to."""

    code = "VL401"
    name = "huge-context"
    level = Level.NOTE
    confidence = Confidence.MEDIUM
    persona = Persona.PEDANTIC
    needs = (Part.BUILDS,)
    enabled = False


def meta(rule: type[Rule]) -> RuleMeta:
    """Return a rule of this module as the engine would hand it on."""
    entry = RuleEntry(
        rule.code, rule.name, rule.level, rule.needs, __name__, rule.__name__, rule.enabled
    )
    return RuleMeta(entry, rule.level, "volint", "0.1.0")


RULES = (meta(AnonymousVolume), meta(HugeContext))


def source(path: str, shown: str = "", kind: Kind = Kind.COMPOSE) -> Source:
    """Return a file of the fixtures' folder, shown under the name of that file."""
    file = FOLDER / path
    text = file.read_bytes().decode("utf-8")
    return Source(shown or file.name, text, kind, str(file.parent / (shown or file.name)))


def at(where: Source, needle: str, nth: int = 0) -> Span:
    """Return the span of the nth occurrence of a piece of text."""
    start = -1
    for _ in range(nth + 1):
        start = where.text.index(needle, start + 1)
    return Span(where, start, start + len(needle))


def found(span: Span, message: str, *labels: Label, **given: object) -> Finding:
    """Return a finding of VL102."""
    return Finding("VL102", "anonymous-volume", span, message, labels)._replace(**given)


def result(case: str, *findings: Finding, **given: object) -> Result:
    """Return a run over the folder of a case."""
    folder = str(FOLDER / case)
    summary = Summary(files=2, projects=1, findings=len(findings), warnings=len(findings))
    shown = tuple(number(findings))
    return Result(shown, (), summary, RULES, "0.1.0", folder, folder)._replace(**given)


def compose() -> Result:
    """Labels in one file and in another, help, fixes, several projects, equal findings."""
    file = source("compose/compose.yaml")
    recipe = source("compose/Dockerfile", kind=Kind.DOCKERFILE)
    data = at(file, "/var/lib/postgresql/data")
    end = at(file, "./conf:/etc/postgresql").end
    new = Source(".dockerignore", "", Kind.DOCKERIGNORE, str(FOLDER / "compose" / ".dockerignore"))
    return result(
        "compose",
        found(
            data,
            "'/var/lib/postgresql/data' is mounted from an unnamed volume",
            Label(at(file, "db"), "in this service"),
            Label(at(recipe, "/var/lib/postgresql/data"), "declared [VOLUME] here"),
            help="name it, e.g. 'db-data:/var/lib/postgresql/data'",
            fix=Fix("name it 'db-data'", (Edit(Span(file, data.start, data.start), "db-data:"),)),
            container="db",
            target="/var/lib/postgresql/data",
        ),
        found(
            at(file, "./conf:/etc/postgresql"),
            "'./conf' is writable",
            level=Level.ERROR,
            confidence=Confidence.LOW,
            fix=Fix("add ':ro'", (Edit(Span(file, end, end), ":ro"),), safe=False),
            projects=("shop", "shop-prod"),
        ),
        found(
            at(file, "data:/backup"),
            "'data' is mounted twice",
            Label(at(file, "data:/data"), "first here"),
            Label(at(file, "web"), ""),
            help="remove one\nor the other",
            level=Level.NOTE,
            fix=Fix("write '.dockerignore'", (Edit(Span(new, 0, 0), "*.log\n"),)),
        ),
        found(data, "'/var/lib/postgresql/data' is mounted again", container="db"),
        notifications=(
            Notification("VL001", Level.ERROR, "cannot read 'other file.yaml'", "other file.yaml"),
            Notification("VL004", Level.NOTE, "some variables are not known"),
        ),
        summary=Summary(3, 2, 4, 1, 2, 1, 2, 1, 3, 1, 1, 1, 3),
    )


def unicode() -> Result:
    """Wide signs, emoji and combining signs before, in and behind what is marked."""
    file = source("unicode/compose.yaml")
    return result(
        "unicode",
        found(at(file, "データ"), "'データ' is wide", Label(at(file, "名前"), "名前 is its name")),
        found(
            at(file, "e\u0301"), "'e\u0301' is one sign of two", Label(at(file, "🎉🎉"), "party")
        ),
        found(at(file, "/データ"), "'/データ' stands behind wide signs"),
        found(at(file, "ascii"), "'ascii' stands behind a joined emoji"),
        found(
            at(file, "/party"),
            "'/party' stands behind an emoji",
            fix=Fix("replace", (Edit(at(file, "🎉:/party"), "x:/party"),)),
        ),
    )


def crlf() -> Result:
    """Line endings of Windows: on one line and over several."""
    file = source("crlf/compose.yaml")
    return result(
        "crlf",
        found(at(file, "/c"), "'/c' has no name"),
        found(at(file, "- a:/b\r\n      - /c"), "two entries"),
        found(at(file, "/c\r\n"), "with its line break"),
    )


def tabs() -> Result:
    """Tabs before and behind what is marked."""
    file = source("tabs/Makefile", kind=Kind.MAKEFILE)
    return result(
        "tabs",
        found(at(file, "/data"), "'/data' has no name", Label(at(file, "image"), "this image")),
        found(at(file, "x"), "behind two tabs"),
    )


def edges() -> Result:
    """Spans of no length, at the end, on an empty line, over lines; empty and unknown files."""
    file = source("edges/compose.yaml")
    end = len(file.text)
    return result(
        "edges",
        found(Span(file, 1, 1), "nothing is missing here"),
        found(Span(file, 4, 4), "at the end of a line"),
        found(Span(file, 5, 5), "on an empty line"),
        found(at(file, "[\n  c,\n  d\n]"), "over four lines"),
        found(at(file, "c,\n  d"), "over two lines", Label(at(file, "b"), "here")),
        found(at(file, "1", 0), "with a label further down", Label(at(file, "]"), "closed here")),
        found(Span(file, end, end), "at the end of the file"),
        found(Span(source("edges/empty.yaml"), 0, 0), "an empty file"),
        found(Span(Source("gone dir/ü.yaml", "", Kind.OTHER), 0, 0), "a file that is not there"),
    )


def secrets() -> Result:
    """Values of secrets: beside the finding, in URLs, in blocks, where the rule says so."""
    file = source("secrets/compose.yaml")
    return result(
        "secrets",
        found(
            at(file, "POSTGRES_PASSWORD"),
            "'POSTGRES_PASSWORD' is written out",
            Label(at(file, "hunter2"), "for all to read"),
        ),
        found(at(file, "db/app"), "'postgres://app:hunter3@db/app' is not encrypted"),
        found(at(file, "hunter4"), "the last line of a block"),
        found(at(file, "nothing to hide"), "nothing to hide here"),
        found(at(file, "PIN"), "'PIN' is written out", redact=(at(file, "hunter5"),)),
        found(
            at(file, "${API_TOKEN:-hunter6}"),
            "'${API_TOKEN:-hunter6}' has a default",
            help="write 'API_TOKEN=hunter6' into .env",
            fix=Fix("move it", (Edit(Span(file, 0, 0), "# API_TOKEN=hunter6\n"),)),
            source="API_TOKEN=hunter6",
        ),
    )


def long_lines() -> Result:
    """A line far wider than any terminal: near its start, in its middle, at its end, all of it."""
    file = source("long-lines/run.sh", kind=Kind.SHELL)
    return result(
        "long-lines",
        found(at(file, "/data1"), "near the start", Label(at(file, "image"), "far away")),
        found(at(file, "/data30"), "in the middle", Label(at(file, "docker"), "far away")),
        found(at(file, "image"), "at the end"),
        found(file.line_span(1), "the whole line"),
    )


def controls() -> Result:
    """Signs that would take over a terminal, in a name, a message and a path."""
    file = source("controls/compose.yaml")
    evil = Source("a\x1b[31m\nb.yaml", file.text, Kind.COMPOSE)
    return result(
        "controls",
        found(at(file, "/data"), "'\x1b[2J\r' is odd", Label(at(file, "\x1b[2Jdb"), "a\nb\x9b")),
        found(at(evil, "\u202e"), "'\u202e' turns the text around", help="remove '\u202e'"),
        found(Span(file, 0, 2), "'\udcff' is no character"),
    )


CASES: dict[str, Callable[[], Result]] = {
    "compose": compose,
    "unicode": unicode,
    "crlf": crlf,
    "tabs": tabs,
    "edges": edges,
    "secrets": secrets,
    "long-lines": long_lines,
    "controls": controls,
}


def _text(where: Source, needle: str, nth: int = 0) -> Text:
    return Text(needle, at(where, needle, nth))


def projects() -> tuple[Project, ...]:
    """A Compose project and a script that use most of what the model holds."""
    file = source("mounts/compose.yaml")
    overlay = source("mounts/compose.prod.yaml")
    script = source("mounts/run.sh", kind=Kind.SHELL)
    recipe = source("mounts/Dockerfile", kind=Kind.DOCKERFILE)
    ignore = source("mounts/.dockerignore", kind=Kind.DOCKERIGNORE)
    folder = str(FOLDER / "mounts")
    build = Build(
        context=_text(file, "./app"),
        root=folder + "/app",
        root_certain=True,
        dockerfile="Dockerfile",
        source=recipe,
        ignore_file=ignore,
        ignore_path=".dockerignore",
        stages=(
            Stage(_text(recipe, "base"), _text(recipe, "alpine:3.20"), None, at(recipe, "FROM")),
            Stage(
                None,
                _text(recipe, "base", 1),
                0,
                at(recipe, "FROM", 1),
                user=_text(recipe, "app"),
                workdir="/srv",
                volumes=(_text(recipe, "/data"),),
            ),
        ),
        target=_text(file, "final"),
    )
    db = Container(
        name=_text(file, "db"),
        kind=ContainerKind.SERVICE,
        span=at(file, "db"),
        image=_text(file, "postgres:17"),
        user=Text("999", at(file, "999")),
        read_only=True,
        env=(
            EnvVar(
                _text(file, "POSTGRES_PASSWORD"),
                Text("hunter2", at(file, "hunter2")),
                "environment",
            ),
        ),
        command=tuple(_text(file, word) for word in ("postgres", "--password", "hunter3")),
        mounts=(
            Mount(
                MountKind.BIND,
                _text(file, "./conf"),
                Text("/etc/postgresql", at(file, "/etc/postgresql")),
                True,
                Syntax.SHORT,
                at(file, "./conf:/etc/postgresql:ro,z"),
                options={"selinux": MountOption("z", at(file, "z"))},
                resolved_source="/srv/shop/conf",
            ),
            Mount(
                MountKind.VOLUME,
                _text(file, "${VOLUME}"),
                Text("/データ", at(file, "/データ")),
                False,
                Syntax.SHORT,
                at(file, "${VOLUME}:/データ"),
                options={"nocopy": MountOption(True, at(file, "z"))},
                unresolved=("VOLUME",),
                shadowed=True,
            ),
            Mount(
                MountKind.VOLUME,
                None,
                _text(file, "/var/lib/postgresql/data"),
                False,
                Syntax.SHORT,
                at(file, "/var/lib/postgresql/data"),
            ),
            Mount(
                MountKind.TMPFS,
                None,
                Text("/tmp", at(file, "/tmp")),
                False,
                Syntax.TMPFS_KEY,
                at(file, "/tmp:size=1m,mode=1777"),
                options={
                    "mode": MountOption(0o1777, at(file, "1777")),
                    "size": MountOption(1048576, at(file, "1m")),
                },
            ),
            Mount(
                MountKind.SECRET,
                _text(file, "pw"),
                Text("/run/secrets/pw", at(file, "pw")),
                True,
                Syntax.SECRETS_KEY,
                at(file, "pw"),
            ),
        ),
    )
    web = Container(
        name=_text(file, "web"),
        kind=ContainerKind.SERVICE,
        span=at(file, "web"),
        build=build,
        profiles=(_text(file, "debug"),),
        enabled=False,
        volumes_from=(VolumesFrom(_text(file, "db", 1), True, at(file, "db:ro")),),
        environment=Environment(EnvironmentKind.DEVELOPMENT, "profile debug"),
    )
    shop = Project(
        name="shop",
        kind=ProjectKind.COMPOSE,
        sources=(file, overlay),
        environment=Environment(EnvironmentKind.PRODUCTION, "file name compose.prod.yaml"),
        containers=(db, web),
        volumes=(
            Volume(
                _text(file, "cifs"),
                at(file, "cifs"),
                Text("shop_cifs", at(file, "cifs")),
                driver=_text(file, "local"),
                driver_opts={"o": Text("username=u,password=hunter4", at(file, "username"))},
                labels={"backup": "daily", "token": "hunter5"},
            ),
            Volume(_text(file, "old"), at(file, "old"), _text(file, "old"), external=True),
        ),
        secrets=(Secret(_text(file, "pw", 1), at(file, "pw", 1), "file", _text(file, "./pw.txt")),),
        configs=(
            Secret(_text(file, "motd"), at(file, "motd"), "content", content=_text(file, "hello")),
        ),
        builds=(build,),
        problems=(
            Problem("VL601", "'/データ' is odd \x1b[2J", at(file, "/データ")),
            Problem("VL004", "'PASSWORD=hunter6' is not known", at(file, "db"), level="note"),
        ),
        file_set=FileSet("named in run.sh:1", ("web",), (".env",)),
    )
    line = Container(
        name=_text(script, "redis"),
        kind=ContainerKind.RUN,
        span=script.line_span(1),
        image=_text(script, "redis"),
        mounts=(
            Mount(
                MountKind.BIND,
                _text(script, "/srv/with/a/very/long/path/that/no/column/should/follow"),
                _text(script, "/data"),
                False,
                Syntax.V,
                at(script, "/srv/with/a/very/long/path/that/no/column/should/follow:/data"),
            ),
            Mount(
                MountKind.VOLUME,
                _text(script, "cache"),
                _text(script, "/cache"),
                False,
                Syntax.V,
                at(script, "cache:/cache"),
            ),
        ),
    )
    run = Project(
        name="run.sh",
        kind=ProjectKind.SCRIPT,
        sources=(script,),
        environment=Environment(EnvironmentKind.UNKNOWN, ""),
        containers=(line,),
        commands=(
            Command(
                CommandKind.VOLUME_RM,
                at(script, "docker volume rm cache"),
                (_text(script, "volume"), _text(script, "rm"), _text(script, "cache", 2)),
            ),
        ),
    )
    return shop, run
