"""The configuration: found, read, its mistakes explained, its rules selected."""

from __future__ import annotations

import os
import sys
import types
from typing import TYPE_CHECKING

import pytest

from volint.config import Config
from volint.config.load import find, load, load_config, with_cli
from volint.config.settings import (
    CONTAINER_EXCLUDE_KEYS,
    PROJECT_KEYS,
    RULE_KEYS,
    SETTINGS,
    Type,
)
from volint.engine import Enabled
from volint.files import Files
from volint.globs import Glob
from volint.mistakes import ConfigError, closest
from volint.model import EnvironmentKind
from volint.plugins import LoadedPack
from volint.rule import (
    Confidence,
    Finding,
    Level,
    Option,
    Pack,
    Persona,
    Regex,
    Rule,
    RuleEntry,
    Size,
)
from volint.selection import enabled, exclude_findings
from volint.size import parse_size, show_size
from volint.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Big(Rule):
    """A rule with an option of each type."""

    options = (
        Option("size", Size, 5, "bytes"),
        Option("pattern", str, "a", "expression"),
        Option("strict", bool, False, "more"),
        Option("words", list, [], "names"),
        Option("regex", Regex, "a", "expression"),
        Option("mode", str, "off", "mode", ("off", "strict", "lenient")),
        Option("modes", list, [], "modes", ("fast", "slow")),
        Option("count", int, 5, "number", minimum=1, maximum=10),
        Option("limit", Size, 5_000_000, "size", minimum=1_000_000, unit="MB"),
        Option("labels", dict, {}, "labels"),
        Option("even", int, 2, "number", check=lambda n: "takes an even number" if n % 2 else None),
    )


@pytest.fixture(autouse=True)
def _module() -> Iterator[None]:
    module = types.ModuleType("volint_test_rules")
    module.Big = _Big  # type: ignore[attr-defined]
    sys.modules["volint_test_rules"] = module
    yield
    del sys.modules["volint_test_rules"]


def entry(code: str, name: str, *, enabled: bool = True) -> RuleEntry:
    return RuleEntry(code, name, Level.WARNING, (), "volint_test_rules", "Big", enabled)


ENTRIES = (
    entry("VL001", "unreadable-input"),
    entry("VL102", "anonymous-volume"),
    entry("VL105", "undeclared-volume"),
    entry("VL111", "volume-naming", enabled=False),
    entry("VL204", "missing-read-only"),
    entry("VL401", "model-in-image"),
)
PACK = LoadedPack(Pack("test", "1", ENTRIES), "test-pack")
TABLE = {item.code: (item, PACK) for item in ENTRIES}
ALL_ON = ["VL001", "VL102", "VL105", "VL204", "VL401"]


def config(tmp_path: Path, text: str) -> Config:
    (tmp_path / ".volint.yaml").write_text(text, encoding="utf-8")
    return load(".volint.yaml", str(tmp_path))


def mistake(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        enabled(config(tmp_path, text), TABLE)
    return str(error.value)


def codes(config: Config) -> list[str]:
    return [row.entry.code for row in enabled(config, TABLE)]


def one(config: Config, code: str) -> Enabled:
    return next(row for row in enabled(config, TABLE) if row.entry.code == code)


# -- reading


def test_everything_can_be_set(tmp_path: Path) -> None:
    made = config(
        tmp_path,
        """\
select: [VL1, missing-read-only]
extend-select: volume-naming
ignore: [VL105]
persona: auditor
min-level: warning
min-confidence: medium
fail-on: error
exclude: [tests/, "*.bak.yml"]
environments:
  deploy/**: production
  "*.dev.yaml": development
rules:
  VL102: note
  missing-read-only: off
  VL401: {level: error, persona: pedantic, size: 500MB}
per-file-ignores:
  examples/: [VL102, VL204]
exclude-containers:
  - container: backup-*
    file: prod/
    rules: [VL204]
    reason: it writes there
require-ignore-reason: true
projects:
  prod:
    files: [compose.yaml, compose.prod.yaml]
    profiles: [web]
    env-files: prod.env
    project-directory: deploy
    project-name: shop
    stack: true
platform-volumes: [coolify/]
images:
  - {name: registry.example.com/db, data: [/data]}
max-file-size: 2MiB
""",
    )
    assert made.path == ".volint.yaml"
    assert made.persona is Persona.AUDITOR
    assert made.min_level is Level.WARNING
    assert made.min_confidence is Confidence.MEDIUM
    assert made.fail_on is Level.ERROR
    assert [glob.pattern for glob in made.exclude] == ["tests/", "*.bak.yml"]
    assert made.exclude[0].base == str(tmp_path)
    assert made.require_ignore_reason is True
    assert made.max_file_size == 2 * 1024 * 1024
    assert made.images == ({"name": "registry.example.com/db", "data": ["/data"]},)
    assert codes(made) == ["VL001", "VL102", "VL111"]
    assert one(made, "VL102").level is Level.NOTE
    assert one(made._replace(layers=()), "VL401") == Enabled(
        ENTRIES[-1], "test-pack", {"size": 500_000_000}, Level.ERROR, Persona.PEDANTIC
    )
    [project] = made.projects
    assert str(project.name) == "prod"
    assert project.stack is True
    assert project.directory == str(tmp_path / "deploy")
    assert project.env_files == (str(tmp_path / "prod.env"),)
    [exclude] = made.exclude_containers
    assert (exclude.container, exclude.reason) == ("backup-*", "it writes there")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "ignore:\n", "{}\n"])
def test_an_empty_configuration_is_the_default(tmp_path: Path, text: str) -> None:
    made = config(tmp_path, text)
    assert made._replace(path=None, root="", layers=()) == Config()
    assert codes(made) == ALL_ON


def test_anchors_and_merge_keys_work(tmp_path: Path) -> None:
    made = config(
        tmp_path, "rules:\n  VL102: &quiet {level: note}\n  VL105: {<<: *quiet, persona: auditor}\n"
    )
    assert one(made, "VL105").level is Level.NOTE
    assert one(made, "VL105").persona is Persona.AUDITOR


def test_the_defaults_of_the_table_are_those_of_a_run() -> None:
    empty = Config()
    for setting in SETTINGS:
        if setting.type is Type.RULES or setting.name == "extends":
            continue
        assert getattr(empty, setting.name.replace("-", "_")) == setting.default, setting.name


def test_every_key_is_documented_in_one_sentence() -> None:
    for setting in (*SETTINGS, *RULE_KEYS, *PROJECT_KEYS, *CONTAINER_EXCLUDE_KEYS):
        assert setting.doc.endswith(".")
        assert setting.name == setting.name.lower()
        assert (setting.type is Type.CHOICE) <= bool(setting.choices)


# -- mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "ingore: [VL102]\n",
            ":1:1: the configuration has no setting 'ingore'; did you mean 'ignore'?",
        ),
        ("min_level: note\n", ":1:1: the configuration has no setting 'min_level'; did you mean"),
        ("ignore: [VL1O2]\n", ":1:10: there is no rule 'VL1O2'; did you mean 'VL102'?"),
        ("ignore: [anonymous-volumes]\n", "did you mean 'anonymous-volume'?"),
        ("ignore: [XY9]\n", "there is no rule 'XY9'; `volint rules` lists them (is its pack"),
        (
            "ignore: {a: b}\n",
            ":1:9: ignore takes a list of rules (codes, prefixes or names), not a",
        ),
        (
            "persona: pedant\n",
            ":1:10: persona takes one of regular, pedantic, auditor, not 'pedant'",
        ),
        ("fail-on: [error]\n", "fail-on takes one of note, warning, error, not a list"),
        ("require-ignore-reason: maybe\n", "takes true or false, not 'maybe'"),
        (
            "max-file-size: big\n",
            "max-file-size takes a number of bytes, or one with a unit such as",
        ),
        ("environments: {a: prod}\n", "'a' takes one of production, staging, development, test"),
        ("rules: {VL1: off}\n", "'VL1' stands for several rules; name each by itself"),
        ("rules: {VL999: off}\n", "there is no rule 'VL999'"),
        ("rules: {VL401: {sise: 5}}\n", ":1:17: VL401 has no option 'sise'; did you mean 'size'?"),
        (
            "rules: {VL401: {size: many}}\n",
            ":1:23: 'size' of VL401 takes a size such as 500MB, not 'many'",
        ),
        (
            "rules: {VL401: {size: true}}\n",
            "'size' of VL401 takes a size such as 500MB, not 'true'",
        ),
        (
            "rules: {VL401: {regex: '['}}\n",
            ":1:24: 'regex' of VL401 takes a regular expression, and '[' is none: unterminated",
        ),
        (
            "rules: {VL401: {mode: strickt}}\n",
            "'mode' of VL401 takes one of off, strict, lenient, not 'strickt'; did you mean 'strict'?",
        ),
        (
            "rules: {VL401: {modes: [fast, slo]}}\n",
            "'modes' of VL401 takes a list of fast, slow, not 'slo'; did you mean 'slow'?",
        ),
        (
            "rules: {VL401: {count: 11}}\n",
            "'count' of VL401 takes a number from 1 up to 10, not 11",
        ),
        ("rules: {VL401: {count: 1.5}}\n", "'count' of VL401 takes a number, not '1.5'"),
        ("rules: {VL401: {count: yes}}\n", "'count' of VL401 takes a number, not "),
        (
            "rules: {VL401: {limit: 10kB}}\n",
            "'limit' of VL401 takes a size such as 500MB (a bare number is MB) from 1MB, not 10KB",
        ),
        (
            "rules: {VL401: {labels: [a]}}\n",
            "'labels' of VL401 takes a mapping of strings to strings, not a list",
        ),
        (
            "rules: {VL401: {labels: {a: [b]}}}\n",
            "takes a mapping of strings to strings, not a mapping",
        ),
        ("rules: {VL401: {even: 3}}\n", ":1:23: 'even' of VL401 takes an even number"),
        (
            "rules: [./rules.py]\n",
            "loads no Python rules: install their pack, or name them with --rules on the command line",
        ),
        ("rules: rules.py\n", "name them with --rules on the command line"),
        ("plugins: [rules.py]\n", ":1:1: a configuration loads no Python rules"),
        (
            "extends: missing.yaml\n",
            ":1:10: 'missing.yaml' of extends does not exist; write it relative to this file",
        ),
        (
            "extends: .volint.yaml\n",
            ":1:10: extends goes in a circle: .volint.yaml -> .volint.yaml; take one of them out",
        ),
        ("extends: {a: b}\n", "extends takes a path, or a list of paths, not a mapping"),
        ("images: [{data: [/a]}]\n", ":1:10: an image lacks 'name': what it is pulled as"),
        (
            "images: [{name: a, dat: [/a]}]\n",
            ":1:20: an image has no setting 'dat'; did you mean 'data'?",
        ),
        ("images: [{name: a, data: [a]}]\n", ":1:27: 'a' in data is no absolute path"),
        ("images: [{name: a b}]\n", ":1:17: 'a b' in name holds a blank"),
        (
            "images: [{name: a, state: maybe}]\n",
            "state takes one of yes, optional, no, not 'maybe'",
        ),
        (
            "patterns: {secret-file: [a]}\n",
            "patterns has no setting 'secret-file'; did you mean 'secret-files'?",
        ),
        ("patterns: {secret-files: ['a b']}\n", ":1:28: 'a b' in secret-files holds a blank"),
        ("patterns: [a]\n", "patterns takes a mapping of kinds to lists of globs, not a list"),
        ("rules: {VL401: {strict: 1}}\n", "'strict' of VL401 takes true or false, not '1'"),
        ("rules: {VL401: {words: {a: b}}}\n", "takes a list of strings, not a mapping"),
        ("rules: {VL401: {pattern: }}\n", "'pattern' of VL401 takes a string, not nothing"),
        (
            "rules: {VL401: loud}\n",
            "'VL401' takes one of note, warning, error, on, off, not 'loud'",
        ),
        ("per-file-ignores: {a: [VL77]}\n", "there is no rule 'VL77'"),
        (
            "exclude-containers: [{container: a, rules: [VL102]}]\n",
            "an excluded container lacks 'reason': why they do not",
        ),
        (
            "exclude-containers: [{container: a, rules: [VL102], reason: ''}]\n",
            "reason takes a string, not nothing",
        ),
        ("exclude-containers: [{container: a, rules: [VLX], reason: b}]\n", "no rule 'VLX'"),
        (
            "projects: {a: {file: [b]}}\n",
            "the project 'a' has no setting 'file'; did you mean 'files'",
        ),
        ("projects: {a: {}}\n", "the project 'a' lacks 'files'"),
        ("- a\n", ":1:1: a configuration is a mapping of settings to values, and this is none"),
        ("persona: auditor\npersona: regular\n", ":2:1: 'persona' is defined twice in one mapping"),
        ("a: [\n", ".volint.yaml:"),
        ("persona: auditor\n---\nb: c\n", "a configuration is one document"),
        ("images: [a]\n", "images takes a list of mappings with name, data and more, not 'a'"),
    ],
)
def test_a_mistake_is_placed_and_explained(tmp_path: Path, text: str, said: str) -> None:
    assert said in mistake(tmp_path, text)


def test_a_mistake_of_the_command_line_names_the_option() -> None:
    made = with_cli(Config(), "/", select=["VL102,VL1O5"])
    with pytest.raises(ConfigError) as error:
        enabled(made, TABLE)
    assert str(error.value) == "--select: there is no rule 'VL1O5'; did you mean 'VL105'?"


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'no\.yaml' does not exist"):
        load("no.yaml", str(tmp_path))
    (tmp_path / "d").mkdir()
    with pytest.raises(ConfigError, match="cannot be read: it is a directory"):
        load("d", str(tmp_path))
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load("b.yaml", str(tmp_path))


# -- finding


def touch(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    return str(path)


def test_the_nearest_configuration_above_what_the_paths_share(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    top = touch(tmp_path / "volint.yaml")
    sub = touch(tmp_path / "a" / "b" / ".volint.yaml")
    touch(tmp_path / "a" / "b" / "c" / "x.yml")
    cwd = str(tmp_path)
    assert find((), cwd) == top
    assert find(("a",), cwd) == top
    assert find(("a/b",), cwd) == sub
    assert find(("a/b/c/x.yml",), cwd) == sub
    assert find(("a/b/c", "a"), cwd) == top
    assert find((".",), os.path.join(cwd, "a", "b", "c")) == sub


def test_nothing_above_the_repository_is_read(tmp_path: Path) -> None:
    touch(tmp_path / ".volint.yaml")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "a").mkdir()
    assert find(("a",), str(tmp_path / "repository")) is None


def test_without_a_repository_the_working_directory_is_the_top(tmp_path: Path) -> None:
    above = touch(tmp_path / ".volint.yaml")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find(("a/b",), str(tmp_path)) == above
    assert find(("b",), str(tmp_path / "a")) is None
    assert find(("a",), str(tmp_path / "a" / "b")) is None


def test_two_configurations_in_one_folder_are_a_mistake(tmp_path: Path) -> None:
    touch(tmp_path / ".volint.yaml")
    touch(tmp_path / "volint.yaml")
    with pytest.raises(ConfigError, match="two configurations here"):
        find((), str(tmp_path))


def test_load_config_puts_the_options_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".volint.yaml").write_text(
        "persona: pedantic\nmin-level: error\nmax-file-size: 100\nexclude: [a]\n", encoding="utf-8"
    )
    files = Files((str(tmp_path),), str(tmp_path))
    made = load_config(files, str(tmp_path), {"min_level": "note", "exclude": ("b",)})
    assert (made.persona, made.min_level) == (Persona.PEDANTIC, Level.NOTE)
    assert made.exclude == (Glob("a", str(tmp_path)), Glob("b", str(tmp_path)))
    assert files.max_size == 100
    bare = load_config(files, str(tmp_path), {"no_config": True})
    assert bare == Config(root=str(tmp_path))
    (tmp_path / "other.yaml").write_text("fail-on: note\n", encoding="utf-8")
    assert load_config(files, str(tmp_path), {"config": "other.yaml"}).fail_on is Level.NOTE


# -- selection


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select: [VL1]", ["VL001", "VL102", "VL105"]),
        ("select: [VL111]", ["VL001", "VL111"]),
        ("select: [all]", [*ALL_ON[:3], "VL111", *ALL_ON[3:]]),
        ("select: [vl102, MISSING-read-only]", ["VL001", "VL102", "VL204"]),
        ("select: [VL102]\nignore: [VL1]", ["VL001", "VL102"]),
        ("select: [VL1]\nignore: [VL102]", ["VL001", "VL105"]),
        ("select: [VL1]\nignore: [VL1]", ["VL001"]),
        ("ignore: [VL0, VL1, VL2]", ["VL001", "VL401"]),
        ("ignore: [VL001]", ALL_ON[1:]),
        ("extend-select: [VL111]", [*ALL_ON[:3], "VL111", *ALL_ON[3:]]),
        ("extend-select: [VL11]", ALL_ON),
        ("rules: {VL111: {pattern: x}}", [*ALL_ON[:3], "VL111", *ALL_ON[3:]]),
        ("rules: {VL111: on}", [*ALL_ON[:3], "VL111", *ALL_ON[3:]]),
        ("rules: {VL111: note}", ALL_ON),
        ("rules: {VL111: {pattern: x, enabled: false}}", ALL_ON),
        ("select: [VL1]\nrules: {VL102: off, VL204: on}", ["VL001", "VL105", "VL204"]),
    ],
)
def test_what_runs(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert codes(config(tmp_path, text)) == expected


def test_the_command_line_wins(tmp_path: Path) -> None:
    made = config(tmp_path, "ignore: [VL204]\nrules: {VL102: off}\n")
    assert codes(made) == ["VL001", "VL105", "VL401"]
    assert codes(with_cli(made, "/", select=["VL204,VL102"])) == ["VL001", "VL102", "VL204"]
    assert codes(with_cli(made, "/", extend_select=["VL204"])) == [
        "VL001",
        "VL105",
        "VL204",
        "VL401",
    ]
    assert codes(with_cli(made, "/", ignore=["VL4", "VL105"])) == ["VL001"]


# -- files and containers


def finding(path: str, code: str = "VL204", container: str = "") -> Finding:
    source = Source(path, "x", file=path)
    name = "missing-read-only" if code == "VL204" else "anonymous-volume"
    return Finding(code, name, Span(source, 0, 1), "a", container=container)


MISTAKEN = """\
selct: [VL1]
persona: strict
rules:
  VL102: loud
  VL204: note
exclude-containers:
  - {container: a, rules: [VL1]}
  - {container: b, rules: [VL1], reason: c, foo: 1}
images: [{name: x, data: rel}]
projects: {p: {fils: a, files: b}, q: {files: c, stack: perhaps}}
"""


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        config(tmp_path, MISTAKEN)
    lines = str(error.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "2", "4", "7", "8", "9", "10", "10"]
    assert "no setting 'selct'; did you mean 'select'?" in lines[0]
    assert "stack takes true or false, not 'perhaps'" in lines[-1]


def test_all_references_to_no_rule_are_told_at_once(tmp_path: Path) -> None:
    made = config(
        tmp_path,
        "rules: {VL9999: off, VL102: {levle: note}}\nper-file-ignores: {a: [nope]}\nselect: [FOO]\n",
    )
    with pytest.raises(ConfigError) as error:
        enabled(made, TABLE)
    lines = str(error.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "1", "2", "3"]


def test_per_file_ignores_and_excluded_containers(tmp_path: Path) -> None:
    made = config(
        tmp_path,
        "per-file-ignores: {examples/: [missing-read-only]}\n"
        "exclude-containers:\n"
        "  - {container: 'backup-*', file: prod/, rules: [VL2], reason: r}\n",
    )
    found = [
        finding(str(tmp_path / "examples" / "a.yml")),
        finding(str(tmp_path / "examples" / "a.yml"), "VL102"),
        finding(str(tmp_path / "b.yml")),
        finding(str(tmp_path / "prod" / "b.yml"), container="backup-db"),
        finding(str(tmp_path / "prod" / "b.yml"), "VL102", container="backup-db"),
        finding(str(tmp_path / "test" / "b.yml"), container="backup-db"),
        finding(str(tmp_path / "prod" / "b.yml"), container="web"),
    ]
    kept, count = exclude_findings(made, found)
    assert count == 2
    assert kept == [found[1], found[2], found[4], found[5], found[6]]
    assert exclude_findings(Config(), found) == (found, 0)


def test_environments_and_platforms(tmp_path: Path) -> None:
    made = config(
        tmp_path,
        "environments:\n  - {'*.dev.yaml': development}\n  - {deploy/**: production}\n"
        "platform-volumes: [coolify/]\n",
    )
    found = made.environment_of(str(tmp_path / "deploy" / "x" / "compose.yaml"))
    assert found is not None
    assert found.value is EnvironmentKind.PRODUCTION
    assert found.reason == "'deploy/**' in .volint.yaml"
    other = made.environment_of("deploy/a.dev.yaml")
    assert other is not None
    assert other.value is EnvironmentKind.DEVELOPMENT
    assert made.environment_of(str(tmp_path / "compose.yaml")) is None
    assert made.declares_volumes(str(tmp_path / "coolify" / "a.yaml"))


def test_file_sets(tmp_path: Path) -> None:
    text = "projects:\n  prod:\n    files: [compose.yaml, compose.prod.yaml]\n    profiles: [a]\n"
    made = config(tmp_path, text)
    files = Files((str(tmp_path),), str(tmp_path))
    touch(tmp_path / "compose.yaml")
    with pytest.raises(ConfigError) as error:
        made.file_sets(files)
    assert str(error.value).startswith(
        ".volint.yaml:3:27: 'compose.prod.yaml' of the project 'prod' does not exist"
    )
    touch(tmp_path / "compose.prod.yaml")
    [spec] = made.file_sets(files)
    assert spec.files == (str(tmp_path / "compose.yaml"), str(tmp_path / "compose.prod.yaml"))
    assert spec.reason == "project 'prod' in .volint.yaml"
    assert spec.profiles == ("a",)


# -- small things


@pytest.mark.parametrize(
    ("text", "size"),
    [("5", 5), ("10kB", 10_000), ("1.5MB", 1_500_000), ("2GiB", 2 << 30), ("x", None), ("", None)],
)
def test_parse_size(text: str, size: int | None) -> None:
    assert parse_size(text) == size


def test_closest() -> None:
    assert closest("vl102", ["VL102"]) == "VL102"
    assert closest("VLI02", ["VL102", "VL302"]) == "VL102"
    assert closest("read_only", ["read-only", "x"]) == "read-only"
    assert closest("zzz", ["read-only"]) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("limit: 20", 20_000_000),
        ("limit: 1GiB", 2**30),
        ("size: 20", 20),
        ("regex: 7", "7"),
        ("modes: fast", ["fast"]),
        ("labels: {a: 1}", {"a": "1"}),
        ("count: 10", 10),
    ],
)
def test_an_option_has_the_type_it_declares(tmp_path: Path, text: str, value: object) -> None:
    made = config(tmp_path, f"rules: {{VL401: {{{text}}}}}\n")
    assert list(one(made, "VL401").settings.values()) == [value]


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0"), (1, "1"), (1500, "1500"), (2000, "2KB"), (10**9, "1GB")]
)
def test_show_size(size: int, shown: str) -> None:
    assert show_size(size) == shown
    assert parse_size(shown) == size


# -- extending


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_what_extends_wins_and_lists_add_up(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    written(
        tmp_path / "team",
        base="persona: auditor\nfail-on: error\nselect: [VL102, VL401]\nexclude: [old/]\n"
        "environments: {'*.yaml': production, 'b/': test}\n"
        "rules: {VL401: {size: 1kB, strict: true, level: note}, VL105: on}\n"
        "projects: {a: {files: [a.yaml]}, b: {files: [b.yaml]}}\n"
        "images: [{name: x, data: [/a]}]\npatterns: {secret-files: [a.key]}\n",
    )
    written(
        tmp_path,
        volint="extends: team/base.yaml\npersona: pedantic\nignore: [VL102]\nexclude: [new/]\n"
        "environments: {'dev.yaml': development}\n"
        "rules: {model-in-image: {size: 2kB}, VL105: off}\n"
        "projects: {b: {files: [c.yaml]}}\n"
        "images: [{name: y, data: [/b]}]\npatterns: {secret-files: [b.key]}\n",
    )
    made = load("volint.yaml", str(tmp_path))
    assert made.path == "volint.yaml"
    assert (made.persona, made.fail_on) == (Persona.PEDANTIC, Level.ERROR)
    assert codes(made) == ["VL001", "VL401"]
    assert one(made, "VL401").settings == {"size": 2000, "strict": True}
    assert one(made, "VL401").level is Level.NOTE
    assert [(glob.pattern, glob.base) for glob in made.exclude] == [
        ("new/", str(tmp_path)),
        ("old/", str(tmp_path / "team")),
    ]
    assert str(made.environment_of("dev.yaml")) != str(made.environment_of("other.yaml"))
    found = made.environment_of(str(tmp_path / "team" / "other.yaml"))
    assert found is not None
    assert found.reason == "'*.yaml' in team/base.yaml"
    assert [(p.name.value, p.files[0].value, p.root) for p in made.projects] == [
        ("a", "a.yaml", str(tmp_path / "team")),
        ("b", "c.yaml", str(tmp_path)),
    ]
    assert [image["name"] for image in made.images] == ["x", "y"]
    assert made.patterns == {"secret-files": ("a.key", "b.key")}


def test_a_mistake_in_an_extended_file_is_placed_there(tmp_path: Path) -> None:
    written(tmp_path, base="a: b\n", volint="extends: base.yaml\n")
    with pytest.raises(ConfigError, match=r"^base.yaml:1:1: the configuration has no setting 'a'"):
        load("volint.yaml", str(tmp_path))


def test_a_circle_is_shown(tmp_path: Path) -> None:
    written(
        tmp_path,
        a="extends: b.yaml\n",
        b="persona: regular\nextends: [c.yaml]\n",
        c="extends: a.yaml\n",
    )
    with pytest.raises(ConfigError) as error:
        load("a.yaml", str(tmp_path))
    assert str(error.value) == (
        "c.yaml:1:10: extends goes in a circle: a.yaml -> b.yaml -> c.yaml -> a.yaml; take one of them out"
    )


def test_two_paths_to_one_base_are_no_circle(tmp_path: Path) -> None:
    written(
        tmp_path,
        a="extends: [b.yaml, c.yaml]\n",
        b="extends: d.yaml\nmin-level: warning\n",
        c="extends: d.yaml\n",
        d="min-level: error\n",
    )
    assert load("a.yaml", str(tmp_path)).min_level is Level.ERROR


def test_what_nobody_named_extends_nothing_outside_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "work" / ".git").mkdir(parents=True)
    written(tmp_path, base="persona: auditor\n")
    written(tmp_path / "work", volint="extends: ../base.yaml\n")
    path = str(tmp_path / "work" / "volint.yaml")
    assert load(path, str(tmp_path)).persona is Persona.AUDITOR
    with pytest.raises(ConfigError, match=r"'../base.yaml' of extends lies outside of the repo"):
        load(path, str(tmp_path), trusted=False)
