"""docs/configuration.md says what the reader of the configuration reads.

`VOLINT_UPDATE=1 python -m pytest tests/test_docs.py` writes it anew.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from volint import settings
from volint.settings import Setting

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
HEAD = """\
# Configuration

volint reads the nearest `volint.yaml` or `.volint.yaml` from the checked files up to the repository's root; `--config FILE`
names another, `--no-config` reads none. What the command line says wins. Unknown keys, wrong types and unknown rules are errors
with the place and what was probably meant. A configuration never makes volint run anything.

Globs have the meaning of `.gitignore` patterns, relative to the configuration's folder.

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
```
"""


def default(setting: Setting) -> str:
    if setting.required:
        return "required"
    if setting.default is None or setting.default == ():
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


def page() -> str:
    return (
        HEAD
        + rows(settings.SETTINGS)
        + "\n## Keys of a rule under `rules`\n\n"
        + rows(settings.RULE_KEYS)
        + "\nand the options on the rule's page (`volint rule CODE`).\n"
        + "\n## Keys of an entry of `exclude-containers`\n\n"
        + rows(settings.CONTAINER_EXCLUDE_KEYS)
        + "\n## Keys of an entry of `projects`\n\n"
        + rows(settings.PROJECT_KEYS)
        + "\n"
        + EXAMPLE
    )


def test_configuration_page_is_fresh() -> None:
    if os.environ.get("VOLINT_UPDATE"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_example_is_accepted(tmp_path: Path) -> None:
    from volint.config import load

    text = EXAMPLE.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "volint.yaml").write_text(text, encoding="utf-8")
    config = load(str(tmp_path / "volint.yaml"), str(tmp_path))
    assert config.persona.value == "regular"
