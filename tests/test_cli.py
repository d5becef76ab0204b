"""The command line as a person or a CI job meets it: the real command in a clean environment.

Most tests bring a small rule pack of their own, so that they say nothing of the rules that come with volint.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from realcommand import Run, command, distribution, environment, pack, rule, tree, volint

COMPOSE = """\
services:
  web:
    image: nginx:1.27
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
    tmpfs: /run
"""
SCRIPT = "#!/bin/sh\ndocker run --rm alpine:3.20 true\n"


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack whose rules find the same places and differ in level, persona and confidence."""
    folder = tmp_path_factory.mktemp("packs")
    distribution(
        folder,
        "qa",
        pack(
            "qa",
            rule("QA1", level="Level.ERROR"),
            rule("QA2", level="Level.WARNING", persona="Persona.PEDANTIC"),
            rule("QA3", level="Level.NOTE", persona="Persona.AUDITOR"),
            rule("QA4", level="Level.NOTE", confidence="Confidence.LOW"),
            rule("QA5", level="Level.WARNING", enabled="False"),
        ),
    )
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tree(tmp_path, {"compose.yaml": COMPOSE})


@pytest.fixture
def run(here: Path, packs: Path):  # type: ignore[no-untyped-def]
    """Run volint with the pack in a directory that holds one Compose file."""

    def start(*arguments: str, cwd: Path | None = None, **rest: Any) -> Run:
        env = {"PYTHONPATH": str(packs), **rest.pop("env", {})}
        return volint(cwd or here, *arguments, env=env, **rest)

    return start


# Exit statuses


def test_nothing_to_complain_about_is_0(run) -> None:  # type: ignore[no-untyped-def]
    done = run("--select", "VL102")
    assert (done.status, done.out) == (0, "")
    assert "no findings in 1 file, 1 project" in done.err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--select", "QA1"), 1),
        (("--select", "QA4"), 0),
        (("--select", "QA4", "--fail-on", "note"), 1),
        (("--select", "QA4", "--fail-on", "error"), 0),
        (("--select", "QA1", "--fail-on", "error"), 1),
        (("--select", "QA2", "--persona", "pedantic"), 1),
        (("--select", "QA2", "--persona", "pedantic", "--fail-on", "error"), 0),
        (("--select", "QA2"), 0),
        (("--select", "QA4", "--fail-on", "note", "--min-level", "warning"), 0),
        (("--select", "QA4", "--fail-on", "note", "--min-confidence", "medium"), 0),
    ],
)
def test_status(run, arguments: tuple[str, ...], status: int) -> None:  # type: ignore[no-untyped-def]
    assert run(*arguments).status == status


@pytest.mark.parametrize("format", ["full", "concise", "json", "sarif"])
@pytest.mark.parametrize(("select", "status"), [("QA1", 1), ("QA4", 0)])
def test_a_format_never_changes_the_status(run, format: str, select: str, status: int) -> None:  # type: ignore[no-untyped-def]
    assert run("--select", select, "--format", format).status == status


@pytest.mark.parametrize("format", ["full", "concise", "json", "sarif"])
def test_what_could_not_be_seen_is_2_in_every_format(run, here: Path, format: str) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"broken/compose.yaml": "services: [\n"})
    done = run("--select", "QA1", "--format", format)
    assert done.status == 2
    assert "1 file could not be read" in done.err
    assert run("--select", "QA1", "--format", format, "--fail-on", "error").status == 2


def test_a_note_about_the_view_does_not_change_the_status(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"compose.yaml": COMPOSE + "    env_file: .env.local\n"})
    done = run("--select", "VL102", "--format", "json")
    assert done.codes() == ["VL004"]
    assert done.json()["notifications"][0]["level"] == "note"
    assert done.status == 0


# Streams and outputs


def test_findings_go_to_stdout_and_the_rest_to_stderr(run) -> None:  # type: ignore[no-untyped-def]
    done = run("--select", "QA1", "--format", "concise")
    assert done.out == "compose.yaml:3:12: QA1 [error] 'nginx:1.27' is an image\n"
    assert done.err == "1 finding (1 error) in 1 file, 1 project\n"
    assert run("--select", "QA1", "--format", "concise", "-q").err == ""


def test_verbose_says_where_time_went(run) -> None:  # type: ignore[no-untyped-def]
    assert re.search(r"^ +\d+\.\d ms  rules$", run("-v", "--select", "QA1").err, re.MULTILINE)


def test_several_formats_in_one_run(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    done = run(
        "--select",
        "QA1",
        "--format",
        "sarif=v.sarif",
        "--format",
        "json=v.json",
        "--format",
        "concise",
    )
    assert done.out.startswith("compose.yaml:3:12: QA1")
    [sarif] = json.loads((here / "v.sarif").read_bytes())["runs"]
    assert [result["ruleId"] for result in sarif["results"]] == ["QA1"]
    assert json.loads((here / "v.json").read_bytes())["findings"][0]["code"] == "QA1"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "json", "--format", "full"),
        ("--format", "json=x", "--format", "full=./x"),
        ("--format", "json=x", "--format", "full", "-o", "x"),
    ],
)
def test_two_formats_on_one_output_are_refused(run, here: Path, arguments: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert "same output" in done.err
    assert not (here / "x").exists()


def test_output_to_a_file(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("--select", "QA1", "--format", "concise", "-o", "out.txt")
    assert (done.status, done.out) == (1, "")
    assert (
        here / "out.txt"
    ).read_text() == "compose.yaml:3:12: QA1 [error] 'nginx:1.27' is an image\n"


def test_a_dash_is_stdout(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    assert run("--select", "QA1", "--format", "concise=-").out.startswith("compose.yaml")
    assert run("--select", "QA1", "--format", "concise", "-o", "-").out.startswith("compose.yaml")
    assert run("rule", "QA1", "-o", "-").out.startswith("QA1")
    assert not (here / "-").exists()


def test_an_output_that_cannot_be_written_is_said(run) -> None:  # type: ignore[no-untyped-def]
    done = run("--select", "QA4", "-o", "no/such/folder")
    assert done.status == 2
    assert "error: cannot write 'no/such/folder'" in done.err


@pytest.mark.parametrize(
    ("format", "said"),
    [
        ("sarf", "did you mean 'sarif'?"),
        ("xml", "use one of full, concise"),
        ("json=", "names no file"),
    ],
)
def test_an_unknown_format_is_explained(run, format: str, said: str) -> None:  # type: ignore[no-untyped-def]
    done = run("--format", format)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "env", "coloured"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(run, arguments: tuple[str, ...], env: dict[str, str], coloured: bool) -> None:  # type: ignore[no-untyped-def]
    done = run("--select", "QA1", *arguments, env=env)
    assert ("\x1b[" in done.out, "\x1b[" in done.err) == (coloured, coloured)
    assert "\x1b[" not in run("--select", "QA1", "--format", "json", *arguments, env=env).out


def test_a_file_gets_no_colour(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    run("--select", "QA1", "--color", "always", "-o", "out.txt")
    assert b"\x1b" not in (here / "out.txt").read_bytes()


def test_the_same_input_gives_the_same_bytes(run) -> None:  # type: ignore[no-untyped-def]
    for kind in ("full", "json", "sarif"):
        first = run("--persona", "auditor", "--format", kind, env={"PYTHONHASHSEED": "1"})
        assert first == run("--persona", "auditor", "--format", kind, env={"PYTHONHASHSEED": "2"})


# What is looked at


def test_standard_input(run) -> None:  # type: ignore[no-untyped-def]
    done = run("--select", "QA1", "--format", "json", "-", stdin=COMPOSE)
    assert done.places() == ["<stdin>:3:12 QA1"]
    done = run(
        "--select", "QA1", "--format", "json", "-", "--stdin-filename", "a/run.sh", stdin=SCRIPT
    )
    assert done.places() == ["a/run.sh:2:17 QA1"]


def test_an_editors_text_takes_the_place_of_the_file(run) -> None:  # type: ignore[no-untyped-def]
    done = run(
        "--select",
        "QA1",
        "--format",
        "json",
        "-",
        "--stdin-filename",
        "compose.yaml",
        stdin="\n" + COMPOSE,
    )
    assert done.places() == ["compose.yaml:4:12 QA1"]


def test_standard_input_that_is_nothing_of_ours_is_said(run) -> None:  # type: ignore[no-untyped-def]
    done = run("-", stdin="just words\n")
    assert done.status == 0
    assert "--stdin-filename tells what it is" in done.err
    assert run("-", stdin=b"\xff\xfe\x00").status == 2


def test_a_name_for_standard_input_needs_it(run) -> None:  # type: ignore[no-untyped-def]
    done = run("--stdin-filename", "x.yaml")
    assert done.status == 2
    assert "--stdin-filename goes with the path '-'" in done.err


def test_show_files(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(
        here,
        {
            "web/Dockerfile": "FROM a\n",
            "web/.dockerignore": "x\n",
            "go.sh": SCRIPT,
            "values.yaml": "replicas: 1\n",
            "node_modules/a/compose.yaml": COMPOSE,
        },
    )
    done = run("--show-files")
    assert done.status == 0
    assert done.out.split() == ["compose.yaml", "go.sh", "web/.dockerignore", "web/Dockerfile"]
    assert run("--show-files", "web", "go.sh").out.split() == [
        "go.sh",
        "web/.dockerignore",
        "web/Dockerfile",
    ]
    assert run("--show-files", "--exclude", "web", "--exclude", "*.sh").out.split() == [
        "compose.yaml"
    ]


def test_excludes_hold_for_named_files_when_forced(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    assert run("--select", "QA1", "--exclude", "compose.yaml", "compose.yaml").status == 1
    forced = ("--select", "QA1", "--exclude", "compose.yaml", "--force-exclude")
    done = run(*forced, "compose.yaml")
    assert done.status == 0
    assert "note: 'compose.yaml' is skipped: 'compose.yaml' excludes it" in done.err
    tree(here, {"LICENSE": "free\n", "pod.yaml": "kind: Pod\n"})
    done = run(*forced, "compose.yaml", "LICENSE", "pod.yaml")
    assert done.status == 0
    assert done.err.startswith("note: 3 of the paths given are left out")
    assert done.err.count("\n") == 2


def test_nothing_to_check_is_said(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    empty = tmp_path / "empty"
    empty.mkdir()
    tree(empty, {"vendor/compose.yaml": COMPOSE})
    for verb in ("check", "mounts"):
        done = run(verb, cwd=empty)
        assert done.status == 0
        assert "note: nothing to check in '.': volint looks for Compose files" in done.err
        assert "'vendor' is not looked into: it is a folder of dependencies" in done.err


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("compse.yaml", "'compse.yaml' does not exist; did you mean 'compose.yaml'?"),
        ("*.yml", "'*.yml' matches no file"),
        ("", "an empty path stands for nothing"),
        ("no\x1b\x07", r"'no\x1b\x07' does not exist"),
    ],
)
def test_a_missing_path_is_explained(run, path: str, said: str) -> None:  # type: ignore[no-untyped-def]
    done = run(path)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert said in done.err


def test_the_first_word_is_a_verb_if_it_can_be(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"rules/compose.yaml": COMPOSE})
    listed = run("rules")
    assert "QA1" in listed.out
    assert run("--select", "QA1", "./rules", "--format", "json").places() == [
        "rules/compose.yaml:3:12 QA1"
    ]
    assert run("check", "rules", "--select", "QA1", "--format", "json").places() == [
        "rules/compose.yaml:3:12 QA1"
    ]
    assert run("rules/", "--select", "QA1").status == 1


# A project given by hand


@pytest.fixture
def shop(here: Path) -> Path:
    return tree(
        here,
        {
            "base.yaml": "services:\n  web:\n    image: ${IMAGE:?}\n  job:\n    image: busybox\n    profiles: [jobs]\n",
            "over.yaml": "services:\n  web:\n    volumes: [./data:/data]\n",
            "my.env": "IMAGE=nginx:1.25\n",
        },
    )


def mounts(done: Run) -> tuple[Any, dict[str, Any]]:
    [project] = done.json()["projects"]
    return project, {container["name"]: container for container in project["containers"]}


def test_a_project_by_hand(run, shop: Path) -> None:  # type: ignore[no-untyped-def]
    (shop / "elsewhere").mkdir()
    done = run(
        "mounts", "--format", "json", "-f", "base.yaml", "-f", "over.yaml", "--profile", "jobs",
        "--env-file", "my.env", "--project-directory", "elsewhere", "--project-name", "store",
    )  # fmt: skip
    project, containers = mounts(done)
    assert project["name"] == "store"
    assert project["files"] == ["base.yaml", "over.yaml"]
    assert project["set"]["profiles"] == ["jobs"]
    assert project["set"]["env_files"] == ["my.env"]
    assert containers["web"]["image"] == "nginx:1.25"
    assert containers["job"]["enabled"] is True
    assert containers["web"]["mounts"][0]["resolved_source"] == str(shop / "elsewhere" / "data")


def test_a_profile_that_is_off(run, shop: Path) -> None:  # type: ignore[no-untyped-def]
    project, containers = mounts(run("mounts", "--format", "json", "-f", "base.yaml"))
    assert containers["job"]["enabled"] is False
    assert project["set"]["profiles"] == []


def test_the_environment_counts_only_when_asked_for(run, shop: Path) -> None:  # type: ignore[no-untyped-def]
    env = {"IMAGE": "nginx:env"}
    arguments = ("mounts", "--format", "json", "-f", "base.yaml")
    assert mounts(run(*arguments, env=env))[1]["web"]["image"] == "${IMAGE:?}"
    assert mounts(run(*arguments, "--resolve-env", env=env))[1]["web"]["image"] == "nginx:env"


def test_a_project_from_standard_input(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    done = run(
        "mounts",
        "--format",
        "json",
        "-f",
        "-",
        stdin="services:\n  a:\n    image: b\n    volumes: [./x:/x]\n",
    )
    _, containers = mounts(done)
    assert containers["a"]["mounts"][0]["resolved_source"] == str(here / "x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-f", "compose.yaml", "web"), "give either PATHS or -f/--file, not both"),
        (("-f", "missing.yaml"), "'missing.yaml' does not exist"),
        (("-f", "."), "'.' is a directory; give a file"),
        (("--profile", "a"), "--profile needs -f/--file"),
        (("--project-name", "a"), "--project-name needs -f/--file"),
        (("-f", "compose.yaml", "--env-file", "no.env"), "'no.env' does not exist"),
        (("-f", "compose.yaml", "--project-directory", "no"), "'no' does not exist"),
        (
            ("-f", "compose.yaml", "--project-directory", "compose.yaml"),
            "is no directory; give one",
        ),
        (
            ("-f", "compose.yaml", "--project-name", "My Shop"),
            "'My Shop' is no project name; write 'myshop'",
        ),
        (("--cwd", "nowhere"), "'nowhere' does not exist"),
    ],
)
def test_what_docker_compose_would_not_start_with(
    run, arguments: tuple[str, ...], said: str
) -> None:  # type: ignore[no-untyped-def]
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


# Hiding and selecting


def test_personas_nest_and_what_is_hidden_is_counted(run) -> None:  # type: ignore[no-untyped-def]
    def codes(*arguments: str) -> list[str]:
        done = run("--select", "QA", "--format", "json", *arguments)
        summary = done.json()["summary"]
        assert summary["findings"] + summary["hidden"] == 4
        return done.codes()

    assert codes() == ["QA1", "QA4"]
    assert codes("--persona", "pedantic") == ["QA1", "QA2", "QA4"]
    assert codes("--persona", "auditor") == ["QA1", "QA2", "QA3", "QA4"]
    assert codes("--persona", "auditor", "--min-level", "warning") == ["QA1", "QA2"]
    assert codes("--min-confidence", "medium") == ["QA1"]


def test_what_is_hidden_is_said(run) -> None:  # type: ignore[no-untyped-def]
    err = run("--select", "QA", "--min-level", "error").err
    assert "not shown: 2 for another persona (--persona), 1 below --min-level" in err


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (("--select", "QA1"), ["QA1"]),
        (("--select", "qa1,image-qa4"), ["QA1", "QA4"]),
        (("--select", "QA1", "--select", "QA4"), ["QA1", "QA4"]),
        (("--select", "QA"), ["QA1", "QA4"]),
        (("--select", "QA,QA5"), ["QA1", "QA4", "QA5"]),
        (("--select", "QA", "--ignore", "QA1"), ["QA4"]),
        (("--select", "QA", "--ignore", "image-qa1,QA4"), []),
        (("--select", "QA1", "--extend-select", "QA5"), ["QA1", "QA5"]),
        (("--ignore", "VL", "--extend-select", "QA5"), ["QA1", "QA4", "QA5"]),
    ],
)
def test_selecting(run, arguments: tuple[str, ...], codes: list[str]) -> None:  # type: ignore[no-untyped-def]
    assert run("--format", "json", *arguments).codes() == codes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--select", "VL2O2"), "--select: there is no rule 'VL2O2'; did you mean 'VL202'?"),
        (("--ignore", "docker-sock"), "did you mean 'docker-socket'?"),
        (("--extend-select", "ZZ9"), "`volint rules` lists them"),
    ],
)
def test_an_unknown_rule_is_explained(run, arguments: tuple[str, ...], said: str) -> None:  # type: ignore[no-untyped-def]
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


# Configuration


def test_the_nearest_configuration_holds(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"volint.yaml": "select: [QA1]\nrules: {QA1: note}\n", "sub/compose.yaml": COMPOSE})
    assert run("--format", "json").codes() == ["QA1", "QA1"]
    assert run().status == 0
    assert run("--format", "json", "sub", cwd=here).codes() == ["QA1"]
    assert run("--format", "json", cwd=here / "sub").json()["findings"][0]["level"] == "error"
    (here / ".git").mkdir()
    assert run("--format", "json", cwd=here / "sub").json()["findings"][0]["level"] == "note"
    tree(here, {"sub/.volint.yaml": "select: [QA4]\n"})
    assert run("--format", "json", cwd=here / "sub").codes() == ["QA4"]


def test_a_configuration_by_name_or_none(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"volint.yaml": "select: [QA1]\n", "other.yml": "select: [QA4]\n"})
    assert run("--format", "json", "--config", "other.yml").codes() == ["QA4"]
    assert "QA4" in run("--format", "json", "--no-config").codes()
    assert "QA1" in run("--format", "json", "--no-config").codes()
    assert run("--format", "json", "--select", "QA4").codes() == ["QA4"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "selct: [QA1]\n",
            "volint.yaml:1:1: the configuration has no setting 'selct'; did you mean 'select'?",
        ),
        (
            "select: [QA1]\nignore: [QA]\nrules:\n  imge-qa1: error\n",
            "volint.yaml:4:3: there is no rule 'imge-qa1'; did you mean 'image-qa1'?",
        ),
        (
            "fail-on: eror\n",
            "volint.yaml:1:10: fail-on takes one of note, warning, error, not 'eror'",
        ),
        ("a: [\n", "volint.yaml:1:4: "),
        (
            "images: [{nme: x}]\n",
            "volint.yaml:1:11: an image has no setting 'nme'; did you mean 'name'?",
        ),
        ("just-a-secret\n", "volint.yaml:1:1: a configuration is a mapping"),
    ],
)
def test_a_mistake_in_the_configuration(run, here: Path, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"volint.yaml": text})
    done = run()
    assert (done.status, done.out) == (2, "")
    assert f"error: {said}" in done.err
    assert "just-a-secret" not in done.err


def test_a_missing_configuration(run) -> None:  # type: ignore[no-untyped-def]
    assert "'no.yaml' does not exist" in run("--config", "no.yaml").err


def test_knowledge_of_own_images_is_in_force(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(
        here,
        {
            "compose.yaml": "services:\n  db:\n    image: registry.example.com/store:3\n",
            "volint.yaml": "images:\n  - {name: registry.example.com/store, data: [/store]}\n",
        },
    )
    assert run("--select", "VL101", "--format", "json", "--no-config").codes() == []
    done = run("--select", "VL101", "--format", "json")
    assert done.places() == ["compose.yaml:3:12 VL101"]
    assert "/store" in done.json()["findings"][0]["message"]


def test_the_size_that_is_read_can_be_set(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    long = COMPOSE + "#" * 2000 + "\n"
    tree(here, {"compose.yaml": long, "volint.yaml": "max-file-size: 1KB\nselect: [QA1]\n"})
    done = run("--format", "json")
    assert done.codes() == ["VL001"]
    assert "volint reads at most 1,000" in done.json()["findings"][0]["message"]
    assert "'max-file-size'" in done.json()["findings"][0]["help"]
    assert run("--format", "json", "-", "--stdin-filename", "compose.yaml", stdin=long).codes() == [
        "VL001"
    ]
    tree(
        here,
        {
            "compose.yaml": COMPOSE + "#" * 10_500_000,
            "volint.yaml": "max-file-size: 20MB\nselect: [QA1]\n",
        },
    )
    assert run("--format", "json").codes() == ["QA1"]


# Ignore comments

HOSTS = {
    "compose-trailing": ("compose.yaml", "services:\n  a:\n    image: b # volint: ignore[QA1] why\n"),
    "compose-above": ("compose.yaml", "services:\n  # volint: ignore[image-qa1]\n  a:\n    image: b\n"),
    "compose-file": ("compose.yaml", "# volint: file-ignore[QA1] why\nservices:\n  a:\n    image: b\n"),
    "shell-above": ("a.sh", "# volint: ignore[QA1] why\ndocker run \\\n  b\n"),
    "shell-trailing": ("a.sh", "docker run b # volint: ignore[QA1] why\n"),
    "dockerfile-above": ("Dockerfile", "# volint: ignore[QA1] why\nFROM b\n"),
    "dockerfile-file": ("Dockerfile", "# syntax=docker/dockerfile:1\n# volint: file-ignore[QA1] why\nFROM b\n"),
    "makefile": ("Makefile", "# volint: ignore[QA1] why\nrun:\n\tdocker run b\n"),
    "makefile-recipe": ("Makefile", "run:\n\t# volint: ignore[QA1] why\n\tdocker run b\n"),
    "markdown": ("README.md", "<!-- volint: ignore[QA1] why -->\n```sh\ndocker run b\n```\n"),
}  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_an_ignore_comment_hides(run, tmp_path: Path, host: str) -> None:  # type: ignore[no-untyped-def]
    name, text = HOSTS[host]
    folder = tree(tmp_path / "host", {name: text})
    arguments = ("--select", "QA1,VL002,VL003", "--format", "json", "--persona", "auditor")
    shown = run(*arguments, "--no-ignores", cwd=folder)
    assert shown.codes() == ["QA1"]
    hidden = run(*arguments, cwd=folder)
    assert hidden.codes() == []
    assert hidden.json()["summary"]["ignored"] == 1


def test_an_ignore_comment_in_an_ignore_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text = "# volint: file-ignore[QA1] why\nnode_modules\n"
    folder = tree(tmp_path / "host", {"Dockerfile": "FROM b\n", ".dockerignore": text})
    done = run("--select", "QA1,VL002,VL003", "--format", "json", cwd=folder)
    assert done.places() == ["Dockerfile:1:6 QA1"]
    assert done.json()["summary"]["ignored"] == 1


def test_an_unused_comment_is_reported_with_its_fix(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    text = "services:\n  a:\n    image: b\n    # volint: ignore[QA1] old\n    tmpfs: /x\n"
    tree(here, {"compose.yaml": text})
    done = run("--select", "QA1,VL002", "--format", "json")
    assert done.places() == ["compose.yaml:3:12 QA1", "compose.yaml:4:5 VL002"]
    fix = done.json()["findings"][1]["fix"]
    [edit] = fix["edits"]
    assert fix["safe"] is True
    assert text[: edit["start"]] + edit["replacement"] + text[edit["end"] :] == (
        "services:\n  a:\n    image: b\n    tmpfs: /x\n"
    )


def test_a_comment_about_an_unknown_rule(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"compose.yaml": "services:\n  a:\n    image: b # volint: ignore[imag-qa1]\n"})
    done = run("--select", "QA1,VL003", "--format", "json")
    assert done.codes() == ["QA1", "VL003"]
    assert done.json()["findings"][1]["help"] == "did you mean 'image-qa1'?"


# Places in every format


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("crlf", b"services:\r\n  a:\r\n    image: nginx\r\n", 12),
        ("bom", b"\xef\xbb\xbfservices:\n  a:\n    image: nginx\n", 12),
        ("emoji", b"services:\n  a:\n    {image: nginx}\n", 13),
        ("wide", 'services:\n  a: # 試験\n    "image": "nginx"\n'.encode(), 15),
    ],
)
def test_a_place_is_the_same_in_every_format(
    run, here: Path, name: str, text: bytes, column: int
) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"compose.yaml": text})
    done = run(
        "--select",
        "QA1",
        "--format",
        "concise",
        "--format",
        "json=j",
        "--format",
        "sarif=s",
        "--format",
        "full=f",
    )
    place = f"compose.yaml:3:{column}"
    assert done.out.startswith(f"{place}: QA1")
    found = json.loads((here / "j").read_bytes())["findings"][0]
    assert (found["line"], found["column"], found["end_column"]) == (3, column, column + 5)
    result = json.loads((here / "s").read_bytes())["runs"][0]["results"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (
        3,
        column,
        column + 5,
    )
    full = (here / "f").read_text(encoding="utf-8")
    assert f"--> {place}\n" in full
    assert "\r" not in full


def test_columns_behind_an_emoji(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"a.sh": "docker run -e A=🐳試 nginx\n"})
    done = run(
        "a.sh",
        "--select",
        "QA1",
        "--format",
        "concise",
        "--format",
        "json=j",
        "--format",
        "sarif=s",
        "--format",
        "full=f",
    )
    # Code points: the whale is one; UTF-16 units: it is two; a terminal: it and the sign behind it are two each.
    assert done.out.startswith("a.sh:1:20: QA1")
    assert json.loads((here / "j").read_bytes())["findings"][0]["column"] == 20
    sarif = json.loads((here / "s").read_bytes())["runs"][0]
    assert sarif["columnKind"] == "utf16CodeUnits"
    region = sarif["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (21, 26)
    assert "\n  | " + " " * 21 + "^^^^^\n" in (here / "f").read_text(encoding="utf-8")


def test_a_tab_is_shown_as_spaces(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"Makefile": "run:\n\tdocker run nginx\n"})
    done = run("Makefile", "--select", "QA1")
    assert "--> Makefile:2:13\n" in done.out
    assert "2 |     docker run nginx\n  |                ^^^^^\n" in done.out


def test_paths_are_relative_to_the_working_directory_and_in_sarif_to_the_repository(
    run, here: Path
) -> None:  # type: ignore[no-untyped-def]
    subprocess.run(["git", "init", "-q"], cwd=here, env=environment(), check=True)
    (here / "sub").mkdir()
    done = run("..", "--select", "QA1", "--format", "json", "--format", "sarif=s", cwd=here / "sub")
    assert done.places() == ["../compose.yaml:3:12 QA1"]
    result = json.loads((here / "sub" / "s").read_bytes())["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "compose.yaml"


# Hostile input


def test_a_base_image_that_is_given_to_the_build_fails_no_verb(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"Dockerfile": 'ARG BASE=""\nFROM ${BASE}\n'})
    assert run("Dockerfile", "--select", "VL001").status == 0
    assert run("mounts", "Dockerfile").status == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\x00\xff\xfe", "it is not UTF-8 text (byte 0xff at offset 1)"),
        (b"services: " + b"[" * 100_000, "nested more than 1,000 levels deep"),
        (b"services:\n" + b"#" * 10_000_001, "volint reads at most 10,000,000"),
        (b"services: [\n", "VL001"),
        (b"services:\n\ta: b\n", "A tab is used for indentation"),
    ],
    ids=["binary", "nested", "large", "syntax", "tab"],
)
def test_a_file_that_cannot_be_read(run, here: Path, text: bytes, said: str) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"compose.yaml": text})
    done = run("compose.yaml", "--select", "QA1", "--format", "concise")
    assert done.status == 2
    assert done.out.startswith("compose.yaml:")
    assert "VL001 [error]" in done.out
    assert said in done.out


def test_an_alias_bomb_is_read_in_no_time(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    letters = "abcdefghij"
    lines = [
        f"x-{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]"
        for before, letter in pairwise(letters)
    ]
    text = (
        "x-a: &a [/x]\n"
        + "\n".join(lines)
        + "\nservices:\n  web:\n    image: nginx\n    volumes: *j\n"
    )
    tree(here, {"compose.yaml": text})
    done = run("--select", "QA1", "--format", "json", timeout=20)
    assert "QA1" in done.codes()


def test_a_hundred_thousand_brackets_in_a_document_cost_only_it(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(
        here,
        {"a.compose.yaml": "services: " + "{a: " * 50_000, "b.sh": "((" * 20_000 + "\n" + SCRIPT},
    )
    done = run("--select", "QA1", "--format", "json", timeout=30)
    assert "compose.yaml:3:12 QA1" in done.places()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_said(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    (here / "compose.yaml").chmod(0)
    done = run("--select", "QA1", "--format", "concise")
    assert done.status == 2
    assert "permission to read it is denied" in done.out


def test_a_file_name_cannot_forge_output(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    name = "a\x1b[31m\nb.compose.yaml"
    tree(here, {name: COMPOSE})
    for kind in ("full", "concise"):
        done = run("--select", "QA1", "--format", kind)
        assert "\x1b" not in done.out + done.err
        assert r"a\x1b[31m\x0ab.compose.yaml" in done.out
    assert {
        finding["file"] for finding in run("--select", "QA1", "--format", "json").json()["findings"]
    } == {
        "compose.yaml",
        name,
    }


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_a_file_name_that_is_no_text(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    path = os.fsencode(here) + b"/\xff.compose.yaml"
    with open(path, "w") as stream:
        stream.write(COMPOSE)
    for kind in ("full", "concise", "json", "sarif"):
        assert run("--select", "QA1", "--format", kind).status == 1
        assert run("--select", "QA1", "--format", f"{kind}=out").status == 1
    assert run("mounts").status == 0


def test_an_encoding_that_cannot_say_it(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"compose.yaml": "services:\n  a:\n    image: näh\n"})
    done = run("--select", "QA1", "--format", "concise", env={"PYTHONIOENCODING": "ascii"})
    assert done.status == 1
    assert r"n\xe4h" in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="a directory in use cannot be removed there")
def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *command()],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: the working directory does not exist any more")


# Leaving quietly


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and pipes")
def test_a_broken_pipe_is_quiet(run, here: Path, packs: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {f"{number}.compose.yaml": COMPOSE for number in range(400)})
    with subprocess.Popen(
        command("--select", "QA", "--format", "full"),
        cwd=here,
        env=environment({"PYTHONPATH": str(packs)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(30) == 141
    assert err == b""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and pipes")
def test_ctrl_c_is_quiet(here: Path, tmp_path: Path) -> None:
    folder = tmp_path / "slow"
    body = "import time, pathlib; pathlib.Path('started').touch(); time.sleep(60)"
    distribution(folder, "slow", pack("slow", rule("SL1", body)))
    with subprocess.Popen(
        command("--select", "SL1"),
        cwd=here,
        env=environment({"PYTHONPATH": str(folder)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        until = time.monotonic() + 30
        while not (here / "started").exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize(
    "start", [("-m", "volint"), ("-c", "from volint.__main__ import main; main()")]
)
def test_ctrl_c_is_quiet_while_modules_are_imported(
    here: Path, tmp_path: Path, start: tuple[str, ...]
) -> None:
    tree(tmp_path, {"early/click.py": "raise KeyboardInterrupt\n"})
    done = subprocess.run(
        (sys.executable, *start, "."),
        cwd=here,
        env=environment({"PYTHONPATH": str(tmp_path / "early")}),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_ctrl_c_is_quiet_while_options_are_read(here: Path) -> None:
    code = """\
import volint.cli
def interrupt(*arguments):
    raise KeyboardInterrupt
volint.cli.cli.parse_args = interrupt
volint.cli.main(["."])
"""
    done = subprocess.run(
        (sys.executable, "-c", code),
        cwd=here,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux")
def test_a_full_disk_is_said(here: Path, packs: Path) -> None:
    for arguments in (("--select", "QA1"), ("--help",)):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                command(*arguments),
                cwd=here,
                env=environment({"PYTHONPATH": str(packs)}),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 2
        assert done.stderr.startswith("error: cannot write to standard output: ")
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_closed_streams(here: Path, packs: Path, closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command("--select", "QA1")],
        cwd=here,
        env=environment({"PYTHONPATH": str(packs)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(tmp_path: Path, shell: str) -> None:
    if shell == "bash" and not _has_bash():
        pytest.skip("bash 4.4 or later")
    done = volint(tmp_path, env={"_VOLINT_COMPLETE": f"{shell}_source"})
    assert done.status == 0
    assert "_VOLINT_COMPLETE" in done.out


def _has_bash() -> bool:
    try:
        subprocess.run(["bash", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["mo"], "plain,mounts"),
        (["comp"], "file,comp"),
        (["--form"], "plain,--format"),
        (["check", "--min-l"], "plain,--min-level"),
        ([".", "--min-l"], "plain,--min-level"),
        (["--persona", "ped"], "plain,pedantic"),
        (["check", "--color", "al"], "plain,always"),
        (["check", "--select", "QA1,image-qa"], "plain,QA1,image-qa5"),
        (["rule", "VL202"], "plain,VL202"),
        (["-f", "comp"], "file,comp"),
    ],
)
def test_completion(run, words: list[str], expected: str) -> None:  # type: ignore[no-untyped-def]
    env = {
        "_VOLINT_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["volint", *words]),
        "COMP_CWORD": str(len(words)),
    }
    assert expected in run(env=env).out.splitlines()


# The other verbs


def test_version_and_help(tmp_path: Path) -> None:
    assert re.fullmatch(r"volint \d+\.\d+\S*\n", volint(tmp_path, "--version").out)
    assert volint(tmp_path, "-V").out == volint(tmp_path, "--version").out
    for arguments in (
        ["--help"],
        ["-h"],
        ["check", "--help"],
        ["mounts", "-h"],
        ["rule", "-h"],
        ["rules", "-h"],
    ):
        done = volint(tmp_path, *arguments)
        assert (done.status, done.err) == (0, "")
        assert done.out.startswith("Usage: volint")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--nope",), "there is no option"),
        (("--persona", "x"), "'regular', 'pedantic', 'auditor'"),
        (("rule",), "CODE|NAME"),
        (("mount",), "did you mean 'volint mounts'?"),
        (("--color", "never", "mounts"), "write it first, as in 'volint mounts'"),
        (("nowhere",), "give a file or a directory that does"),
        (("rule", "VL2O2"), "did you mean 'VL202'?"),
        (("rule", "zzzzzz"), "`volint rules` lists them all"),
        (("mounts", "--select", "VL1"), "there is no option"),
    ],
)
def test_a_wrong_command_line(run, arguments: tuple[str, ...], said: str) -> None:  # type: ignore[no-untyped-def]
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert said in done.err


def test_the_mounts_table(run) -> None:  # type: ignore[no-untyped-def]
    done = run("mounts", "compose.yaml")
    assert (done.status, done.err) == (0, "")
    assert "web: nginx:1.27  compose.yaml:2" in done.out
    assert "/var/run/docker.sock" in done.out
    assert "tmpfs" in done.out


def test_the_mounts_as_json(run) -> None:  # type: ignore[no-untyped-def]
    done = run("mounts", "--format", "json", "--format", "table=-")
    assert done.status == 2
    done = run("mounts", "--format", "json")
    assert done.json()["version"] == 1
    _, containers = mounts(done)
    assert [mount["kind"] for mount in containers["web"]["mounts"]] == ["bind", "tmpfs"]


def test_mounts_of_what_cannot_be_read(run, here: Path) -> None:  # type: ignore[no-untyped-def]
    tree(here, {"compose.yaml": "services: [\n"})
    done = run("mounts")
    assert done.status == 2
    assert "VL001" in done.out


@pytest.mark.parametrize("reference", ["VL202", "vl202", "docker-socket"])
def test_a_rules_page(run, reference: str) -> None:  # type: ignore[no-untyped-def]
    text = run("rule", reference)
    assert text.status == 0
    assert text.out.startswith("VL202 docker-socket\n")
    assert run("rule", reference, "--format", "markdown").out.startswith("#")
    assert run("rule", reference, "--format", "json").json()["code"] == "VL202"


def test_all_rules(run) -> None:  # type: ignore[no-untyped-def]
    assert "QA1" in run("rules").out
    assert "| QA1 |" in run("rules", "--format", "markdown").out.replace("`", "")
    assert "QA5" in json.dumps(run("rules", "--format", "json").json())


@pytest.mark.skipif(os.name != "posix", reason="the program that stands in for git is a script")
def test_a_repository_that_git_does_not_trust_is_said(tmp_path: Path) -> None:
    words = "fatal: unsicheres Repository; git config --global --add safe.directory ..."
    git = tmp_path / "bin" / "git"
    tree(tmp_path, {"bin/git": f"#!/bin/sh\necho '{words}' >&2\nexit 128\n"})
    git.chmod(0o755)
    root = tmp_path / "with blank"
    files = {".git/HEAD": "", "compose.yaml": "services: {app: {image: nginx, env_file: .env}}\n"}
    tree(root, {**files, ".env": "DB_PASSWORD=some-secret-word\n"})
    run = volint(root, env={"PATH": f"{git.parent}:{os.environ['PATH']}"})
    notes = [line for line in run.err.splitlines() if line.startswith("note: ")]
    assert notes == [
        f"note: '{root}' belongs to somebody else, so git does not say what is committed or ignored there; "
        f"`git config --global --add safe.directory '{root}'` lets it"
    ]
