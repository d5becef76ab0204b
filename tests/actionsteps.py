"""A runner for the composite action, as far as action.yml needs one: inputs, expressions, steps and their outputs.

Source: docs.github.com, "Metadata syntax" and "Evaluate expressions in workflows and actions". Steps that use another
action are not run; what they would be given is kept.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|(==|!=|&&|\|\|)|([\w.-]+))")


class Job(NamedTuple):
    """What became of a run of the action."""

    status: int
    """Of the step that failed, or 0."""
    log: str
    outputs: dict[str, str]
    summary: str
    uses: dict[str, dict[str, str]]
    """What other actions were given, by their names without version."""
    path: str
    """What was added to PATH for later steps."""


def evaluate(expression: str, names: Mapping[str, str]) -> str:
    """Return the value of an expression without brackets; a name that is not there is empty."""
    tokens = [match.groups() for match in _TOKEN.finditer(expression)]
    assert "".join("".join(filter(None, token)) for token in tokens) == re.sub(
        r"[\s']", "", expression
    ), expression

    def value(token: tuple[str | None, ...]) -> str:
        text, _, name = token
        return text if text is not None else names.get(name or "", "")

    result = ""
    for alternative in _split(tokens, "||"):
        for part in _split(alternative, "&&"):
            if len(part) == 3:
                same = value(part[0]) == value(part[2])
                result = "true" if same == (part[1][1] == "==") else ""
            else:
                [only] = part
                result = value(only)
            if not result:
                break
        if result:
            break
    return result


def _split(tokens: list[Any], operator: str) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token[1] == operator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def expand(text: object, names: Mapping[str, str]) -> str:
    """Return a text with its `${{ ... }}` replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: evaluate(match[1], names), str(text))


def run_action(
    action: Mapping[str, Any],
    root: Path,
    workspace: Path,
    scratch: Path,
    env: Mapping[str, str],
    inputs: Mapping[str, str] = {},
    github: Mapping[str, str] = {},
) -> Job:
    """Run the action that stands in `root` on a workspace, step after step until one fails."""
    assert set(inputs) <= set(action["inputs"])
    names = {f"github.{name}": value for name, value in github.items()}
    for name, described in action["inputs"].items():
        names[f"inputs.{name}"] = inputs.get(name, described["default"])
    files = {name: scratch / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    for path in files.values():
        path.touch()
    status, log = 0, ""
    uses: dict[str, dict[str, str]] = {}
    for number, step in enumerate(action["runs"]["steps"]):
        if status or not expand(step.get("if", "true"), names):
            continue
        if "uses" in step:
            given = {key: expand(value, names) for key, value in step["with"].items()}
            uses[step["uses"].partition("@")[0]] = given
            continue
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "an expression in a script is an injection"
        script = scratch / f"step-{number}.sh"
        script.write_text(step["run"])
        output = scratch / f"output-{number}"
        output.touch()
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=workspace / expand(step.get("working-directory", "."), names),
            env={
                **env,
                **{key: str(path) for key, path in files.items()},
                "GITHUB_OUTPUT": str(output),
                "GITHUB_ACTION_PATH": str(root),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(scratch),
                **{key: expand(value, names) for key, value in step.get("env", {}).items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        status = done.returncode
        log += done.stdout
        for line in output.read_text().splitlines():
            key, equals, value = line.partition("=")
            assert equals, line
            names[f"steps.{step['id']}.outputs.{key}"] = value
    outputs = {
        name: expand(described["value"], names) for name, described in action["outputs"].items()
    }
    return Job(
        status,
        log,
        outputs,
        files["GITHUB_STEP_SUMMARY"].read_text(),
        uses,
        files["GITHUB_PATH"].read_text(),
    )
