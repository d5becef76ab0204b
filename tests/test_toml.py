"""The configuration in the `[tool.volint]` table of a `pyproject.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import text
from realcommand import tree, volint

from volint.config.load import load
from volint.parse import toml
from volint.source import Kind, Source

YAML = """\
persona: pedantic
ignore: [VL608, 'VL201']
max-file-size: 20MB
require-ignore-reason: true
exclude:
  - web/**
environments:
  compose.prod.yaml: production
rules:
  VL501: {level: error}
  docker-socket: off
exclude-containers:
  - container: ci
    rules: [VL202]
    reason: builds images
  - container: e2e
    rules: [VL202]
    reason: too
projects:
  shop:
    files: [compose.yaml, deploy/site.yaml]
"""
TOML = """\
[project]
name = "shop"

[tool.volint]
persona = "pedantic"
ignore = ["VL608", 'VL201']
max-file-size = "20MB"
require-ignore-reason = true
exclude = [
  "web/**",  # not ours
]
environments = { "compose.prod.yaml" = "production" }
projects.shop.files = ["compose.yaml", "deploy/site.yaml"]

[tool.volint.rules]
VL501 = { level = "error" }
docker-socket = "off"

[[tool.volint.exclude-containers]]
container = "ci"
rules = ["VL202"]
reason = "builds images"

[[tool.volint.exclude-containers]]
container = "e2e"
rules = ["VL202"]
reason = "too"

[tool.other]
persona = "nobody"
"""
COMPOSE = "services:\n  web:\n    image: nginx:1.27\n    volumes: [/data]\n"


def settings(folder: Path, name: str) -> list[str]:
    """Return what --show-settings says without the places."""
    done = volint(folder, "--show-settings", "--config", name)
    assert (done.status, done.err) == (0, "")
    return [
        line.replace(name, "FILE").rsplit("FILE", 1)[0].rstrip() for line in done.out.splitlines()
    ]


def test_a_table_says_what_the_yaml_says(tmp_path: Path) -> None:
    yaml = YAML.replace("  VL110: {kinds: [database]}\n", "")
    here = tree(
        tmp_path,
        {"volint.yaml": yaml, "pyproject.toml": TOML.replace('VL110.kinds = ["database"]\n', "")},
    )
    assert settings(here, "pyproject.toml") == settings(here, "volint.yaml")


def test_values_are_found_where_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TOML)
    out = volint(tmp_path, "--show-settings").out
    found = {
        tuple(line.split()[:2]): line.split()[-1] for line in out.splitlines() if ".toml:" in line
    }
    assert found["persona", '"pedantic"'] == "pyproject.toml:5:11"
    assert found["ignore", '"VL608"'] == "pyproject.toml:6:11"
    assert found["ignore", '"VL201"'] == "pyproject.toml:6:20"
    assert found["exclude", '"web/**"'] == "pyproject.toml:10:3"
    assert found["rules:", "VL501.level"] == "pyproject.toml:16:11"


@pytest.mark.parametrize(
    ("line", "wrong", "message"),
    [
        ('persona = "pedantic"', 'persona = "pedantc"', "5:12: persona takes one of"),
        ("'VL201'", "'VLxxx'", "6:21: there is no rule 'VLxxx'"),
        ('level = "error"', 'levl = "error"', "16:11: VL501 has no option 'levl'"),
        ("persona", "personna", "5:1: the configuration has no setting 'personna'; did you mean"),
        (
            "require-ignore-reason = true",
            "require-ignore-reason = 1",
            "8:25: require-ignore-reason",
        ),
        ('reason = "too"', "", "an excluded container lacks 'reason'"),
        ('["VL202"]', "[", "this is no TOML: "),
        ("[tool.volint]", "[tool.volint", "4:13: this is no TOML: "),
    ],
)
def test_mistakes_are_named_at_their_place(
    tmp_path: Path, line: str, wrong: str, message: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(TOML.replace(line, wrong))
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    done = volint(tmp_path)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: pyproject.toml:")
    assert message in done.err


def test_the_nearest_is_taken_and_others_are_left_alone(tmp_path: Path) -> None:
    here = tree(
        tmp_path,
        {
            "volint.yaml": "ignore: [VL102]\n",
            "pyproject.toml": "[project]\nname = 'tool.volint'\n",
            "sub/pyproject.toml": "[tool.volint]\nignore = ['VL204']\n",
            "sub/compose.yaml": COMPOSE,
            "compose.yaml": COMPOSE,
            ".git/HEAD": "",
        },
    )
    assert "VL102" not in volint(here).out
    assert "VL102" in volint(here, "sub").out


def test_two_configurations_in_one_folder(tmp_path: Path) -> None:
    here = tree(tmp_path, {"volint.yaml": "", "pyproject.toml": "[tool.volint]\n"})
    done = volint(here)
    assert done.status == 2
    assert "there are two configurations here, 'volint.yaml' and 'pyproject.toml'; remove one" in (
        done.err
    )


def test_a_file_that_is_named_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    done = volint(tmp_path, "--config", "pyproject.toml")
    assert done.status == 2
    assert "pyproject.toml:1:1: there is no [tool.volint] table in it; add one" in done.err


def test_a_yaml_file_may_be_extended(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text("persona: auditor\n")
    (tmp_path / "pyproject.toml").write_text("[tool.volint]\nextends = 'team.yaml'\n")
    assert load("pyproject.toml", str(tmp_path)).persona.value == "auditor"


@given(text(alphabet="[]{}=\"'.,#\n\\ toolvint-1", max_size=60))
def test_never_fails(body: str) -> None:
    source = Source("pyproject.toml", f"[tool.volint]\n{body}", Kind.OTHER)
    table, problems = toml.parse(source)
    assert (table is None) == bool(problems) or not problems
    for node in [table] if table else []:
        stack = [node, *(part for entry in node.entries for part in entry)]
        assert all(0 <= part.start <= part.end <= len(source.text) for part in stack)
