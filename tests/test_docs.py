"""docs/configuration.md says what the reader of the configuration reads.

`VOLINT_UPDATE=1 python -m pytest tests/test_docs.py` writes it anew.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from volint import options
from volint.config import settings
from volint.config.load import load
from volint.config.settings import Setting
from volint.plugins import load_packs, table
from volint.testing import check_files

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
HEAD = """\
# Configuration

volint reads the nearest `volint.yaml` or `.volint.yaml`, or `pyproject.toml` with a `[tool.volint]` table, from the checked files
up to the repository's root; `--config FILE` names another, `--no-config` reads none. What the command line says wins. Unknown keys, wrong types and unknown rules are errors
with the place and what was probably meant. A configuration never makes volint run anything, nor load rules.

Globs have the meaning of `.gitignore` patterns, relative to the configuration's folder.

`volint --show-settings` lists every setting, the options of rules too, with its value and the file, line and column, or the option
of the command line, that it comes from. [volint.schema.json](volint.schema.json) is a JSON schema for editors, which `volint schema`
prints (with the options of your own rules: `--rules`); with the YAML language server, the first line
`# yaml-language-server: $schema=PATH/volint.schema.json` turns it on.

"""
EXTENDING = """\
## Extending another file

`extends: ../team/volint.yaml`, or a list of files, each over those before it; paths are relative to the file that names them,
globs and paths in a file to its own folder. What a file says itself wins over what it extends:

- of settings with one value, the file's own holds;
- `exclude`, `environments`, `per-file-ignores`, `exclude-containers`, `platform-volumes`, `images` and the lists of `patterns`
  add up, the file's own entries first where the first match counts;
- `rules` are merged by rule and key, `projects` replaced by name;
- `select`, `extend-select` and `ignore` act one file after the other, on what the one before has left.

A configuration that volint found itself extends only files of its own repository; one that `--config` names may extend any.

"""
EXAMPLE = """\
## Example

```yaml
persona: regular
exclude: [examples/**]
environments:
  deploy/**: production
rules:
  VL501: {level: error}
  docker-socket: off
per-file-ignores:
  compose.test.yaml: [VL1]
exclude-containers:
  - container: ci-runner
    rules: [VL202]
    reason: builds images
projects:
  shop:
    files: [compose.yaml, deploy/compose.site.yaml]
    profiles: [web]
images:
  - name: registry.example.com/ledger
    data: [/ledger]
    volumes: [/ledger]
    moved-by: [LEDGER_DIR]
    writers: corrupt
patterns:
  secret-files: ["*.corpkey"]
  sensitive-paths: [/srv/vault/**]
```

With it, a service of the image `registry.example.com/ledger` that mounts nothing at `/ledger` is found (VL101), as is a mount of
`/srv/vault/keys` (VL203), and a `COPY` of a directory that takes `signing.corpkey` along (VL304).
"""


def default(setting: Setting) -> str:
    if setting.required:
        return "required"
    if setting.default is None or setting.default in ((), {}):
        return ""
    if isinstance(setting.default, bool):
        return f"`{str(setting.default).lower()}`"
    return f"`{setting.default}`"


def rows(items: Sequence[Setting]) -> str:
    lines = ["| key | takes | default | what |", "|---|---|---|---|"]
    for item in items:
        takes = item.type.value
        if item.choices and item.type is settings.Type.CHOICE:
            takes = ", ".join(f"`{word}`" for word in item.choices)
        lines.append(f"| `{item.name}` | {takes} | {default(item)} | {item.doc} |")
    return "\n".join(lines) + "\n"


def keys() -> str:
    titles = {
        "rules": "Keys of a rule under `rules`",
        "patterns": "Keys of `patterns`",
    }
    parts = []
    for item in settings.SETTINGS:
        if item.keys:
            title = titles.get(item.name, f"Keys of an entry of `{item.name}`")
            parts.append(f"## {title}\n\n{rows(item.keys)}\n")
            if item.name == "rules":
                parts.append("and the options of the rule:\n\n" + rule_options() + "\n")
    return "".join(parts)


def rule_options() -> str:
    lines = ["| rule | option | takes | default | what |", "|---|---|---|---|---|"]
    for entry, _ in table(load_packs()).values():
        for option in entry.load().options:
            takes = ", ".join(filter(None, (options.kind(option), options.bounds(option))))
            if option.unit:
                takes += f" (a bare number is {option.unit})"
            shown = options.default(option).replace("|", "\\|")
            lines.append(
                f"| {entry.code} {entry.name} | `{option.name}` | {takes} | `{shown}` | {option.doc} |"
            )
    return "\n".join(lines) + "\n"


def page() -> str:
    return HEAD + rows(settings.SETTINGS) + "\n" + keys() + EXTENDING + EXAMPLE


def test_configuration_page_is_fresh() -> None:
    if os.environ.get("VOLINT_UPDATE"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_example_is_accepted(tmp_path: Path) -> None:
    text = EXAMPLE.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "volint.yaml").write_text(text, encoding="utf-8")
    config = load(str(tmp_path / "volint.yaml"), str(tmp_path))
    assert config.persona.value == "regular"


def test_the_examples_own_images_and_patterns_are_found() -> None:
    text = EXAMPLE.split("```yaml\n")[1].split("```")[0]
    found = check_files(
        {
            "volint.yaml": text,
            "compose.yaml": (
                "services:\n  ledger:\n    image: registry.example.com/ledger:2\n"
                "  keys:\n    image: nginx\n    volumes: [/srv/vault/keys:/keys:ro]\n"
                "  moved:\n    image: registry.example.com/ledger\n    environment: {LEDGER_DIR: /x}\n"
                "    volumes: [data:/x]\nvolumes: {data: {}}\n"
            ),
            "deploy/compose.site.yaml": "services: {ledger: {restart: always}}\n",
            "app/Dockerfile": "FROM scratch\nCOPY . /app\n",
            "app/signing.corpkey": "0\n",
            "app/.dockerignore": "*.md\n",
        }
    )
    places = {(f.code, f.span.source.path, f.span.text()) for f in found}
    assert ("VL101", "compose.yaml", "registry.example.com/ledger:2") in places
    assert ("VL101", "compose.yaml", "registry.example.com/ledger") not in places
    assert ("VL203", "compose.yaml", "/srv/vault/keys") in places
    assert ("VL304", "app/Dockerfile", ".") in places
