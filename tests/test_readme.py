"""The README says what is true: its excerpt, its table of rules and its settings.

`VOLINT_UPDATE=1 python -m pytest tests/test_readme.py` writes the generated parts anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from realcommand import tree

from volint.plugins import load_packs, table

ROOT = Path(__file__).parent.parent
PRINTED = ROOT / "tests" / "fixtures" / "output" / "readme.txt"
"""What the README's commands print in a little project, its first lines."""
MOST_LINES = 12
LITTLE = {
    "compose.yaml": "services:\n  web:\n    image: nginx:1.27\n    volumes: [./nginx.conf:/etc/nginx/nginx.conf]\n",
    "nginx.conf": "events {}\n",
    "compose.prod.yaml": "services:\n  web:\n    volumes: [site:/site:ro]\nvolumes:\n  site:\n",
    "deploy.sh": "docker run --rm alpine\n",
}
README = ROOT / "README.md"


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.environ.get("HOME", ""),
        "LANG": "C.UTF-8",
    }
    return subprocess.run(
        [sys.executable, "-m", "volint", *words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def excerpt() -> str:
    done = run("tests/fixtures/projects/shop", "--color", "never")
    assert done.returncode == 1, done.stderr
    blocks = done.stdout.strip().split("\n\n")
    wanted = [
        block for code in ("VL103", "VL201", "VL601") for block in blocks if f"[{code}]" in block
    ]
    return "```text\n" + "\n\n".join(wanted) + "\n```"


def rules_table() -> str:
    lines = ["| code | name | level | what |", "|---|---|---|---|"]
    for code, (entry, _) in table(load_packs()).items():
        rule = entry.load()
        summary = (rule.__doc__ or "").strip().splitlines()[0]
        level = entry.level.value
        if rule.persona.value != "regular":
            level += f", {rule.persona.value}"
        if not rule.enabled:
            level += ", off by default"
        lines.append(f"| [{code}](docs/rules/{code}.md) | {entry.name} | {level} | {summary} |")
    return "\n".join(lines)


def generated() -> dict[str, str]:
    return {"excerpt: volint tests/fixtures/projects/shop": excerpt(), "rules": rules_table()}


def test_generated_parts_are_fresh() -> None:
    text = README.read_text(encoding="utf-8")
    fresh = text
    for marker, body in generated().items():
        pattern = re.compile(rf"(<!-- {re.escape(marker)} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert pattern.search(fresh), marker
        fresh = pattern.sub(lambda match, body=body: match[1] + body + "\n" + match[2], fresh)
    if os.environ.get("VOLINT_UPDATE"):
        README.write_text(fresh, encoding="utf-8")
    else:
        assert text == fresh, "run VOLINT_UPDATE=1 python -m pytest tests/test_readme.py"


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S
    )


def test_configuration_is_accepted(tmp_path: Path) -> None:
    [text] = [block for block in blocks("yaml") if block.startswith("persona:")]
    (tmp_path / "volint.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {a: {image: nginx}}\n", encoding="utf-8")
    done = run(".", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_ignore_comment_hides(tmp_path: Path) -> None:
    [text] = [block for block in blocks("yaml") if "volint: ignore" in block]
    (tmp_path / "compose.yaml").write_text(text, encoding="utf-8")
    assert "VL102" not in run(".", "--select", "VL1,VL0", cwd=tmp_path).stdout
    assert "VL102" in run(".", "--select", "VL1,VL0", "--no-ignores", cwd=tmp_path).stdout


def test_commands_print_what_they_did() -> None:
    """Each block in a folder of its own, where its lines come one after the other."""
    printed = []
    for block in blocks("sh"):
        lines = [line for line in block.splitlines() if line.startswith("volint")]
        with TemporaryDirectory() as name:
            folder = Path(name) / "shop"
            folder.mkdir()
            tree(folder, LITTLE)
            for line in lines:
                line = line.partition("#")[0].rstrip()
                done = run(*line.split()[1:], cwd=folder)
                assert done.returncode in (0, 1), done.stderr
                shown = (done.stdout + done.stderr).splitlines(keepends=True)
                printed.append(
                    "".join([f"$ {line}\n", *shown[:MOST_LINES], f"status {done.returncode}\n"])
                )
    fresh = "\n".join(printed)
    if os.environ.get("VOLINT_UPDATE"):
        PRINTED.write_text(fresh, encoding="utf-8")
    assert PRINTED.read_text(encoding="utf-8") == fresh
