"""Projects of documents, units, quadlets and devcontainers, from the smallest example of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from realcommand import tree, volint

from volint.assemble.commandlines import Scene
from volint.assemble.embedded import projects
from volint.files import Files
from volint.kinds import guess
from volint.model import Container, Project
from volint.source import Source


def made(tmp_path: Path, name: str, text: str) -> list[Project]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    kind = guess(path.as_posix()).kind
    assert kind is not None
    files = Files((str(tmp_path),), str(tmp_path))
    source = Source(name, text, kind, str(path))
    return projects(source, Scene(files))


def mounts(container: Container) -> list[tuple[Any, ...]]:
    return [
        (
            mount.kind.value,
            mount.syntax.value,
            mount.source.value if mount.source else None,
            mount.target.value,
            mount.span.text(),
        )
        for mount in container.mounts
    ]


def test_all_run_lines_of_a_script_are_one_project(tmp_path: Path) -> None:
    (project,) = made(
        tmp_path, "x.sh", 'cd "$(dirname "$0")"\ndocker run -v ./a:/x i\ndocker volume rm v\n'
    )
    assert project.kind.value == "script"
    assert len(project.containers) == len(project.commands) == 1
    assert project.containers[0].mounts[0].resolved_source == str(tmp_path / "a")


def test_a_variable_may_hold_the_program(tmp_path: Path) -> None:
    (project,) = made(tmp_path, "x.sh", "$CONTAINER_ENGINE run -v data:/x alpine\n")
    assert [mount.target.value for mount in project.containers[0].mounts] == ["/x"]


def test_each_block_of_a_document_is_a_project_judged_gently(tmp_path: Path) -> None:
    text = (
        "```sh\ndocker run -v a:/x i\ndocker run j\n```\n"
        "```yaml\nservices:\n  db:\n    image: postgres\n    volumes: [data:/d]\n```\n"
        "```dockerfile\nFROM alpine\nVOLUME /data\n```\n"
        "`docker run k`, `docker run`\n"
    )
    found = made(tmp_path, "README.md", text)
    assert [(project.kind.value, project.gentle) for project in found] == [("document", True)] * 4
    assert [len(project.containers) for project in found] == [2, 1, 0, 1]
    assert found[1].containers[0].mounts[0].source is not None
    position = found[1].containers[0].mounts[0].span.source.position
    assert position(found[1].containers[0].mounts[0].span.start) == (9, 15)
    assert [step.kind.value for step in found[2].builds[0].stages[0].steps] == ["VOLUME"]
    problems = [[problem.code for problem in project.problems] for project in found]
    assert problems == [[], ["VL105"], [], []]


def test_a_refused_mount_of_a_mention_is_reported(tmp_path: Path) -> None:
    (project,) = made(tmp_path, "README.md", "Write `-v /path:ro`.\n")
    assert [problem.code for problem in project.problems] == ["VL601"]


def test_containers_of_units_say_so(tmp_path: Path) -> None:
    text = "[Service]\nExecStart=/usr/bin/docker run -v data:/x alpine\n"
    (project,) = made(tmp_path, "app.service", text)
    assert (project.kind.value, project.containers[0].kind.value) == ("unit", "unit")


def test_a_quadlet_is_the_run_line_podman_makes_of_it(tmp_path: Path) -> None:
    text = (
        "[Container]\n"
        "Image=docker.io/library/postgres:16\n"
        "ContainerName=db\n"
        "Volume=data.volume:/var/lib/postgresql/data:Z\n"
        "Volume=%h/conf:/conf:ro\n"
        "Mount=type=tmpfs,dst=/run\n"
        "Tmpfs=/tmp\n"
        "Secret=pw\n"
        "ReadOnly=true\n"
        "User=70\n"
        'Environment=A=1 "B=two words"\n'
        "PodmanArgs=--volume extra:/e\n"
        "Exec=postgres -c x=y\n"
    )
    (project,) = made(tmp_path, "db.container", text)
    (container,) = project.containers
    assert (project.kind.value, container.kind.value) == ("quadlet", "quadlet")
    assert container.name.value == "db"
    assert container.image is not None
    assert container.image.span.text() == "docker.io/library/postgres:16"
    assert container.read_only
    assert container.user is not None
    assert [word.value for word in container.command or ()] == ["postgres", "-c", "x=y"]
    assert {(var.name.value, var.value and var.value.value) for var in container.env} == {
        ("A", "1"),
        ("B", "two words"),
    }
    assert set(mounts(container)) == {
        ("volume", "Volume=", "systemd-data", "/var/lib/postgresql/data",
         "data.volume:/var/lib/postgresql/data:Z"),
        ("bind", "Volume=", "%h/conf", "/conf", "%h/conf:/conf:ro"),
        ("tmpfs", "Mount=", None, "/run", "type=tmpfs,dst=/run"),
        ("tmpfs", "Tmpfs=", None, "/tmp", "/tmp"),
        ("secret", "Secret=", "pw", "/run/secrets/pw", "pw"),
        ("volume", "-v", "extra", "/e", "extra:/e"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "context"),
    [
        ("File=sub/Containerfile\nSetWorkingDirectory=file\n", "sub"),
        ("File=sub/Containerfile\nSetWorkingDirectory=unit\n", "."),
        ("File=sub/Containerfile\nSetWorkingDirectory=./src\n", "src"),
        ("File=sub/Containerfile\n", "sub"),
        ("SetWorkingDirectory=unit\n", "."),
    ],
)
def test_a_build_unit_builds(tmp_path: Path, keys: str, context: str) -> None:
    unit = f"[Unit]\nDescription=x\n\n[Build]\nImageTag=localhost/app\n{keys}Target=last\n"
    recipe = "FROM alpine:3.20 AS last\n"
    files = {"app.build": unit, "Containerfile": recipe, "sub/Containerfile": recipe, "src/a": ""}
    run = volint(tree(tmp_path, files), "mounts", "--format", "json", "app.build")
    [project] = run.json()["projects"]
    [build] = project["builds"]
    assert (project["kind"], build["context"], build["target"]) == ("quadlet", context, "last")
    assert len(build["stages"]) == 1


def test_podman_builds_a_containerfile(tmp_path: Path) -> None:
    recipe = "FROM alpine:3.20\n"
    files = {"Containerfile": recipe, "Dockerfile": recipe, "build.sh": "podman build -t app .\n"}
    run = volint(tree(tmp_path, files), "mounts", "--format", "json", "build.sh")
    [project] = run.json()["projects"]
    assert [build["dockerfile"] for build in project["builds"]] == ["Containerfile"]


def test_another_tools_build_file_is_not_read(tmp_path: Path) -> None:
    files = {
        "meson.build": "project('x')\n",
        "app.build": "; ours\n[Build]\nFile=/x/Containerfile\n",
    }
    run = volint(tree(tmp_path, files), "--show-files")
    assert run.out.split() == ["app.build"]


def test_a_volume_unit_declares_a_volume(tmp_path: Path) -> None:
    text = "[Volume]\nDriver=local\nType=nfs\nDevice=:/x\nOptions=addr=1.2.3.4\n"
    (project,) = made(tmp_path, "data.volume", text)
    (volume,) = project.volumes
    assert volume.name.value == "systemd-data"
    assert {key: text.value for key, text in volume.driver_opts.items()} == {
        "type": "nfs",
        "device": ":/x",
        "o": "addr=1.2.3.4",
    }


def test_a_devcontainer_is_the_run_line_its_tool_makes_of_it(tmp_path: Path) -> None:
    text = """\
{
  // comments and trailing commas are fine
  "name": "dev",
  "image": "debian",
  "workspaceMount": "source=${localWorkspaceFolder},target=/w,type=bind",
  "mounts": [
    "source=cache,target=/cache,type=volume",
    {"type": "bind", "source": "${localEnv:HOME}/.ssh", "target": "/ssh", "readonly": true},
  ],
  "runArgs": ["-v", "extra:/e"],
  "containerEnv": {"TOKEN": "abc"},
}
"""
    (project,) = made(tmp_path, ".devcontainer/devcontainer.json", text)
    (container,) = project.containers
    assert (project.kind.value, container.kind.value) == ("devcontainer", "devcontainer")
    assert container.name.value == "dev"
    got = {(m.syntax.value, m.target.value, m.read_only, m.unresolved) for m in container.mounts}
    assert got == {
        ("workspaceMount", "/w", False, ("PWD",)),
        ("mounts", "/cache", False, ()),
        # Of an object nothing but type, source and target is passed on.
        ("mounts", "/ssh", False, ("HOME",)),
        ("-v", "/e", False, ()),
    }
    assert [var.name.value for var in container.env] == ["TOKEN"]


def test_mounts_beside_compose_files_go_to_the_service(tmp_path: Path) -> None:
    (project,) = made(
        tmp_path,
        ".devcontainer/devcontainer.json",
        '{"dockerComposeFile": "a.yml", "service": "x", "runArgs": ["-v", "no:/no"],'
        ' "mounts": ["source=cache,target=/c,type=volume"]}',
    )
    (container,) = project.containers
    assert (container.name.value, container.image) == ("x", None)
    assert [mount[2:4] for mount in mounts(container)] == [("cache", "/c")]


def test_hooks_of_a_devcontainer_run_commands(tmp_path: Path) -> None:
    (project,) = made(
        tmp_path,
        ".devcontainer/devcontainer.json",
        '{"image": "i", "initializeCommand": "docker run -v ./a:/a \\"b\\"",'
        ' "postCreateCommand": ["sudo", "docker", "run", "-v", "./b:/b", "c"],'
        ' "postStartCommand": {"x": ["bash", "-c", "docker run -v ee:/e d"], "y": "docker volume rm z",'
        ' "z": ["make"], "w": ["env"]}}',
    )
    found = [mounts(container)[0][2:] for container in project.containers[1:]]
    assert found == [
        ("./a", "/a", "./a:/a"),
        ("./b", "/b", "./b:/b"),
        ("ee", "/e", "ee:/e"),
    ]
    assert project.containers[1].image is not None
    assert project.containers[1].image.value == "b"
    assert project.containers[2].mounts[0].resolved_source is None
    assert [command.operands[0].value for command in project.commands] == ["z"]


def test_a_devcontainer_names_its_compose_files_and_dockerfile(tmp_path: Path) -> None:
    (project,) = made(
        tmp_path,
        ".devcontainer/devcontainer.json",
        '{"dockerComposeFile": ["../a.yml", "b.yml"], "service": "x"}',
    )
    (command,) = project.commands
    assert command.kind.value == "compose-up"
    assert [text.value for text in command.options["file"]] == ["../a.yml", "b.yml"]
    (project,) = made(
        tmp_path,
        ".devcontainer/devcontainer.json",
        '{"build": {"dockerfile": "Dockerfile", "context": ".."}}',
    )
    (command,) = project.commands
    assert command.kind.value == "build"
    assert [text.value for text in command.operands] == [".."]
    assert project.containers[0].image is None


def test_broken_json_is_a_problem(tmp_path: Path) -> None:
    (project,) = made(tmp_path, ".devcontainer/devcontainer.json", '{"mounts": [}')
    assert [(problem.code, problem.span.start) for problem in project.problems] == [("VL001", 12)]
