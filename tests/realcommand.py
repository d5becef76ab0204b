"""The real command in a clean environment, and rule packs made up for it.

Nothing of the tester's own settings reaches the command: no variables, an empty home, no global git
configuration.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Run(NamedTuple):
    """What one run of the command came to."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Return standard output as JSON."""
        return json.loads(self.out)

    def codes(self) -> list[str]:
        """Return the codes of all findings of `--format json`, in their order."""
        return [finding["code"] for finding in self.json()["findings"]]

    def places(self) -> list[str]:
        """Return 'file:line:column code' of all findings of `--format json`, in their order."""
        return [
            f"{found['file']}:{found['line']}:{found['column']} {found['code']}"
            for found in self.json()["findings"]
        ]


def environment(extra: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the command's environment variables."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        **extra,
    }


def command(*arguments: str) -> list[str]:
    """Return what starts volint with some arguments."""
    return [sys.executable, "-m", "volint", *arguments]


def volint(
    cwd: Path,
    *arguments: str,
    stdin: bytes | str = b"",
    env: Mapping[str, str] = {},
    timeout: float = 60,
) -> Run:
    """Run volint in a directory. A traceback on stderr fails the test at once."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(env),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    run = Run(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in run.err, run.err
    return run


def tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a directory and return it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def distribution(folder: Path, name: str, module: str, target: str = "pack") -> None:
    """Install a module of this text below a directory, with an entry point for its pack."""
    tree(
        folder,
        {
            f"{name}.py": module,
            f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            f"{name}-1.0.dist-info/entry_points.txt": f"[volint.rules]\n{name} = {name}:{target}\n",
        },
    )


def rule(code: str, body: str = "", **settings: str) -> str:
    """Return the class of a rule that finds the image of every container and the base of every stage."""
    lines = [f"    {name} = {value}" for name, value in settings.items()]
    return "\n".join(
        [
            f"class {code}(Rule):",
            '    """Finds images."""',
            f'    code = "{code}"',
            f'    name = "image-{code.lower()}"',
            "    needs = (Part.CONTAINERS, Part.BUILDS)",
            *lines,
            "    def check(self, project):",
            *(f"        {line}" for line in body.splitlines()),
            "        for container in project.containers:",
            "            if container.image is not None:",
            "                yield self.finding(container.image.span, f\"'{container.image}' is an image\", container=container)",
            "        for build in project.builds:",
            "            for stage in build.stages:",
            "                yield self.finding(stage.base.span, f\"'{stage.base}' is a base\")",
            "            if build.ignore_file is not None:",
            "                yield self.finding(Span(build.ignore_file, 0, 1), 'there is an ignore file')",
            "",
        ]
    )


def pack(name: str, *rules: str) -> str:
    """Return a module that holds a pack of rules."""
    codes = [text.split("(", 1)[0].removeprefix("class ") for text in rules]
    rows = "".join(
        f"RuleEntry({code}.code, {code}.name, {code}.level, {code}.needs, __name__, {code!r}, {code}.enabled), "
        for code in codes
    )
    return (
        "from volint.api import Confidence, Level, Pack, Part, Persona, Rule, RuleEntry, Span\n"
        + "\n".join(rules)
        + f"\ndef pack():\n    return Pack({name!r}, '1.0', ({rows}))\n"
    )
