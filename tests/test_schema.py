"""docs/volint.schema.json and `--show-settings` say what the reader of the configuration reads.

`VOLINT_UPDATE=1 python -m pytest tests/test_schema.py` writes the schema anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from realcommand import tree, volint
from ruamel.yaml import YAML

from volint.config.schema import schema
from volint.config.settings import SETTINGS
from volint.plugins import load_packs, table

PAGE = Path(__file__).parent.parent / "docs" / "volint.schema.json"
GOOD = """\
extends: base.yaml
select: [VL1, missing-read-only]
ignore: VL105
persona: auditor
exclude: ["*.bak.yml"]
environments: [{deploy/: production}, {"*.dev.yaml": development}]
rules:
  VL102: note
  missing-read-only: off
  VL401: {level: error, error-size: 500MB}
  VL405: {size: 20}
  ACME001: {anything: [1]}
per-file-ignores: {examples/: [VL102]}
exclude-containers: [{container: backup-*, file: prod/, rules: VL204, reason: it writes}]
require-ignore-reason: true
projects: {prod: {files: [compose.yaml], profiles: web}}
images: [{name: x, data: [/data], state: no}, {names: [y]}]
patterns: {secret-files: ["*.corpkey"]}
platform-volumes:
max-file-size: 2MiB
"""


def made() -> dict[str, Any]:
    return schema([entry.load() for entry, _ in table(load_packs()).values()])


def errors(text: str) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    data = YAML(typ="safe").load(text)
    return [error.message for error in jsonschema.Draft7Validator(made()).iter_errors(data)]


def test_the_schema_is_fresh() -> None:
    text = json.dumps(made(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("VOLINT_UPDATE"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text


def test_the_command_prints_the_schema(tmp_path: Path) -> None:
    done = volint(tmp_path, "schema")
    assert (done.status, done.err) == (0, "")
    assert done.out == PAGE.read_text(encoding="utf-8")


def test_the_command_knows_the_rules_of_a_file(tmp_path: Path) -> None:
    own = """\
from volint.api import Option, Rule


class Targets(Rule):
    \"\"\"Too many targets.\"\"\"

    code = "QA1"
    name = "targets"
    options = (Option("most", int, 3, "How many."),)

    def check(self, project):
        return ()
"""
    tree(tmp_path, {"own.py": own})
    done = volint(tmp_path, "schema", "--rules", "own.py", "-o", "volint.schema.json")
    assert (done.status, done.out, done.err) == (0, "", "")
    written = json.loads((tmp_path / "volint.schema.json").read_text(encoding="utf-8"))
    assert "most" in json.dumps(written["definitions"])


def test_the_schema_has_every_key() -> None:
    assert list(made()["properties"]) == [setting.name for setting in SETTINGS]


def test_the_schema_is_one() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft7Validator.check_schema(made())


@pytest.mark.parametrize("text", [GOOD, "{}\n", "ignore:\n"])
def test_what_the_reader_takes(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "ingore: [VL102]\n",
        "ignore: {a: b}\n",
        "persona: pedant\n",
        "require-ignore-reason: maybe\n",
        "max-file-size: big\n",
        "environments: {a: prod}\n",
        "rules: [x.py]\n",
        "rules: {VL102: loud}\n",
        "rules: {VL401: {sise: 5}}\n",
        "rules: {model-in-image: {error-size: many}}\n",
        "exclude-containers: [{container: a, rules: [VL102]}]\n",
        "projects: {a: {file: [b]}}\n",
        "projects: {a: {}}\n",
        "images: [{data: [/a]}]\n",
        "images: [{name: a, data: [a]}]\n",
        "patterns: {secret-file: [a]}\n",
        "- a\n",
    ],
)
def test_what_the_reader_refuses(text: str) -> None:
    assert errors(text)


def test_show_settings(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "base.yaml": "persona: auditor\nfail-on: error\nexclude: [old/]\nrules: {VL401: {error-size: 1MB}}\n",
            "volint.yaml": "extends: base.yaml\npersona: pedantic\nselect: [VL1]\nrules: {VL401: {error-size: 2MB}}\n",
        },
    )
    done = volint(
        tmp_path,
        "--show-settings",
        "--min-level",
        "warning",
        "--select",
        "VL2,VL3",
        "--exclude",
        "new/",
    )
    assert (done.status, done.err) == (0, "")
    rows = [line.split(maxsplit=1) for line in done.out.splitlines()]
    shown = {
        name: " ".join(rest.split()) for name, rest in rows if name not in ("exclude", "rules:")
    }
    assert shown["persona"] == '"pedantic" volint.yaml:2:10'
    assert shown["fail-on"] == '"error" base.yaml:2:10'
    assert shown["min-level"] == '"warning" command line (--min-level)'
    assert shown["select"] == '"VL2,VL3" command line (--select)'
    assert shown["min-confidence"] == '"low" default'
    assert [rest.split() for name, rest in rows if name == "exclude"] == [
        ['"old/"', "base.yaml:3:11"],
        ['"new/"', "command", "line", "(--exclude)"],
    ]
    assert [rest.split() for name, rest in rows if name == "rules:"] == [
        ["VL401.error-size", '"2MB"', "volint.yaml:4:17"]
    ]


def test_show_settings_knows_the_options_of_the_rules_in_force(tmp_path: Path) -> None:
    tree(tmp_path, {"volint.yaml": "rules: {model-in-image: {error-size: 2MB}}\n"})
    done = volint(tmp_path, "--show-settings", "--select", "VL401,VL405")
    rows = [line.split()[1:] for line in done.out.splitlines() if line.startswith("rules:")]
    assert rows == [
        ["model-in-image.error-size", '"2MB"', "volint.yaml:1:26"],
        ["VL405.size", '"100MB"', "default"],
    ]
