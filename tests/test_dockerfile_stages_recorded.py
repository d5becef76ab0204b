"""Every recorded Dockerfile once more: what BuildKit would build from it."""

from __future__ import annotations

import posixpath
from typing import Any

import pytest
from dockerfile_answers import SETS, Case, cases

from volint.assemble.copysources import SourceKind, copy_destination, copy_sources
from volint.assemble.stages import StagesResult, stages
from volint.model import Step, StepKind
from volint.source import Problem

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOT_MODELLED = ("SOURCE_DATE_EPOCH", "device feature", "lint violation")
"""Refusals that concern no mount and no file: reproducible timestamps, an experiment of the labs
frontend, lints that `# check=error=true` makes errors."""


def recorded(name: str) -> list[tuple[Case, StagesResult, dict[str, Any]]]:
    """Return what BuildKit converted, but for templates and where it was given base images."""
    return [
        (case, case.stages(), case.answer["llb"])
        for case in cases(name)
        if "llb" in case.answer and "images" not in case.request and not case.tree.template
    ]


@pytest.mark.parametrize("name", SETS)
def test_stages(name: str) -> None:
    wrong = []
    for case in cases(name):
        if not case.answer["ok"]:
            continue
        froms = [found for found in case.tree.instructions if found.name == "FROM"]
        read = [
            (
                start.args[0].value,
                stage.name.value if stage.name else "",
                str(start.flag("platform") or ""),
                start.start_line,
                start.end_line,
                sum(step.kind is StepKind.ONBUILD or not step.onbuild for step in stage.steps),
            )
            for stage, start in zip(case.stages().stages, froms, strict=True)
        ]
        said = [
            (
                stage["base"],
                stage["name"],
                stage["platform"],
                stage["lines"][0][0],
                stage["lines"][-1][1],
                len(stage["commands"]),
            )
            for stage in case.answer["stages"]
        ]
        if read != said:
            wrong.append(case.id)
    assert not wrong


def concerns(problem: Problem, result: StagesResult) -> bool:
    """Return whether BuildKit sees a problem: it does not build what the target does not need."""
    if "no image name" in problem.message or "from itself" in problem.message:
        return True
    starts = [stage.span.start for stage in result.stages]
    index = sum(start <= problem.span.start for start in starts) - 1
    return index < 0 or index in result.reachable


@pytest.mark.parametrize("name", SETS)
def test_verdict(name: str) -> None:
    wrong = []
    for case, result, answer in recorded(name):
        refused = (
            result.target_index is None
            or not result.stages
            or any(concerns(problem, result) for problem in result.problems)
        )
        error = answer.get("error", "")
        if refused != bool(error) and not any(word in error for word in NOT_MODELLED):
            wrong.append((case.id, error))
    assert not wrong


def image(result: StagesResult) -> dict[str, Any]:
    """Return the image a target makes, in the shape of the recordings."""
    assert result.target_index is not None
    stage = bottom = result.stages[result.target_index]
    while bottom.base_index is not None:
        bottom = result.stages[bottom.base_index]
    scratch = bottom.base.value == "scratch"
    command = ([] if scratch else ["/bin/sh"]) if stage.command is None else stage.command
    return {
        "user": stage.user.value if stage.user else "",
        "workdir": stage.workdir if stage.workdir_span or scratch else "",
        "volumes": sorted(volume.value for volume in stage.volumes),
        "env": {"PATH": PATH} | {name: value.value for name, value in stage.env.items()},
        "entrypoint": [str(word) for word in stage.entrypoint or ()],
        "cmd": [str(word) for word in command],
    }


@pytest.mark.parametrize("name", SETS)
def test_image(name: str) -> None:
    wrong = []
    for case, result, answer in recorded(name):
        if "image" not in answer:
            continue
        said = answer["image"]
        said = {
            "user": said["user"],
            "workdir": said["workdir"],
            "volumes": sorted(said["volumes"]),
            "env": dict(entry.split("=", 1) for entry in said["env"]),
            "entrypoint": said["entrypoint"] or [],
            "cmd": said["cmd"] or [],
        }
        if image(result) != said:
            wrong.append(case.id)
    assert not wrong


def steps(result: StagesResult, *kinds: StepKind) -> list[Step]:
    return [
        step
        for index in sorted(result.reachable)
        for step in result.stages[index].steps
        if step.kind in kinds
    ]


def run(step: Step) -> tuple[Any, ...]:
    mounts = sorted(
        (
            mount.target.value,
            str(mount.options["type"].value).upper(),
            mount.read_only and mount.options["type"].value not in ("secret", "ssh"),
        )
        for mount in step.mounts
        if mount.target.value
    )
    variables = {name: value for name, value in step.environment.items() if name != "PATH"}
    return step.workdir, step.user, tuple(mounts), tuple(sorted(variables.items()))


def recorded_run(op: dict[str, Any]) -> tuple[Any, ...]:
    mounts = sorted(
        (mount["dest"], mount["type"], mount["readonly"])
        for mount in op["mounts"]
        if mount["dest"] != "/" and not mount["dest"].startswith("/dev/pipes")
    )
    variables = dict(entry.split("=", 1) for entry in op["env"])
    variables = {
        name: value for name, value in variables.items() if name not in ("PATH", "SSH_AUTH_SOCK")
    }
    return op["cwd"], op["user"], tuple(mounts), tuple(sorted(variables.items()))


@pytest.mark.parametrize("name", SETS)
def test_runs(name: str) -> None:
    """Directory, user, variables and mounts of every RUN. Equal ones are recorded once."""
    wrong = []
    for case, result, answer in recorded(name):
        if "image" not in answer:
            continue
        read = {run(step) for step in steps(result, StepKind.RUN)}
        if read != {recorded_run(op) for op in answer["ops"] if op["op"] == "exec"}:
            wrong.append(case.id)
    assert not wrong


def cleaned(path: str) -> str:
    return "/" + posixpath.normpath("/" + path).lstrip("/")


def copies(result: StagesResult) -> set[tuple[str, str, tuple[str, ...]]]:
    found = set()
    for step in steps(result, StepKind.COPY, StepKind.ADD):
        to = copy_destination(step)
        for source in copy_sources(step):
            if source.kind is SourceKind.HEREDOC:
                found.add(("<<", to, ()))
            elif source.kind is SourceKind.URL:
                found.add(("url", to, ()))
            elif source.kind is SourceKind.GIT:
                found.add(("/", to, ()))
            elif source.parents:
                found.add((cleaned(source.root), to, (source.pattern,)))
            else:
                found.add((cleaned(source.pattern), to, ()))
    return found


def recorded_copies(ops: list[dict[str, Any]]) -> set[tuple[str, str, tuple[str, ...]]]:
    found = set()
    for op in ops:
        for action in op.get("actions", ()):
            if "copy" not in action:
                continue
            copy, index = action["copy"], action["secondary"]
            origin = ops[op["inputs"][index][0]] if 0 <= index < len(op["inputs"]) else {}
            if origin.get("id", "").startswith("http"):
                found.add(("url", copy["dest"], ()))
            elif not copy["wildcard"] and copy["src"] != "/":
                found.add(("<<", copy["dest"], ()))
            else:
                found.add((cleaned(copy["src"]), copy["dest"], tuple(copy["include"] or ())))
    return found


@pytest.mark.parametrize("name", SETS)
def test_copies(name: str) -> None:
    assert not [
        case.id
        for case, result, answer in recorded(name)
        if "image" in answer and copies(result) != recorded_copies(answer["ops"])
    ]


@pytest.mark.parametrize("name", SETS)
def test_unknown_variables_change_nothing_else(name: str) -> None:
    wrong = []
    for case, result, answer in recorded(name):
        if "image" not in answer:
            continue
        unknown = stages(case.tree, case.request.get("build_args"), case.request.get("target"))
        for read, known in zip(unknown.stages, result.stages, strict=True):
            volumes = {volume.value for volume in read.volumes}
            open_ends = any(volume.unresolved for volume in read.volumes)
            if not open_ends and volumes != {volume.value for volume in known.volumes}:
                wrong.append(case.id)
            if read.user and not read.user.unresolved and str(read.user) != str(known.user):
                wrong.append(case.id)
            if "$" not in read.workdir + known.workdir and read.workdir != known.workdir:
                wrong.append(case.id)
    assert not wrong
