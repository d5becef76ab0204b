"""What `docker stack deploy` makes of a repository's files, from the command that says so to the findings."""

from __future__ import annotations

from pathlib import Path

from compose_answers import HOME, PROJECT, Memory
from realcommand import volint

from volint.assemble.compose import Request, to_project
from volint.assemble.stack import load_stack, to_swarm
from volint.model import MountKind, Project
from volint.testing import check_files

STACK = """
services:
  app:
    image: example.org/app:1
    read_only: true
    tmpfs: /scratch
    privileged: true
    volumes: [./data:/data, "files:/files:ro,Z"]
    secrets: [{source: key, uid: "5", mode: 0400}, token]
    configs: [{source: conf, target: /etc/app.conf}]
    deploy: {replicas: 3, placement: {constraints: [node.labels.app == true]}}
volumes: {files: {}}
secrets: {key: {file: ./key.txt}, token: {external: true}}
configs: {conf: {file: ./app.conf, template_driver: golang}}
"""


def stack(*texts: str, deployed: bool = True) -> Project:
    """Return the stack of some files, each over those before it."""
    files = {f"{number}.yml": text for number, text in enumerate(texts)}
    loaded = load_stack(
        Request(PROJECT, tuple(files), project_name="shop", home=HOME), Memory(files)
    )
    return to_swarm(to_project(loaded), loaded, deployed=deployed)


def messages(project: Project) -> list[str]:
    return [f"{problem.code} {problem.message}" for problem in project.problems]


def test_what_a_swarm_makes_of_a_service() -> None:
    made = stack(STACK)
    assert messages(made) == []
    assert (made.swarm, made.named, made.name) == (True, True, "shop")
    app = made.containers[0]
    assert app.placement is not None
    assert (app.replicas, app.placement.mode, app.placement.is_pinned) == (3, "replicated", True)
    assert not app.privileged
    bind, volume, key, token, conf = app.mounts  # and no tmpfs
    assert (bind.resolved_source, bind.options["create_host_path"].value) == (
        f"{PROJECT}/data",
        False,
    )
    assert (volume.kind, volume.read_only) == (MountKind.VOLUME, True)
    assert "selinux" not in volume.options
    targets = [mount.target.value for mount in (key, token, conf)]
    assert targets == ["/run/secrets/key", "/run/secrets/token", "/etc/app.conf"]
    assert all(mount.in_memory for mount in (key, token, conf))
    assert [str(one.real_name) for one in (*made.volumes, *made.secrets, *made.configs)] == [
        "shop_files", "shop_key", "token", "shop_conf",
    ]  # fmt: skip


def test_files_that_are_only_called_a_stack_keep_what_compose_makes() -> None:
    app = stack(STACK, deployed=False).containers[0]
    assert app.placement is None
    assert all(mount.in_memory for mount in app.mounts if mount.kind is MountKind.SECRET)


def test_a_later_file_never_empties_anything() -> None:
    made = stack(
        "services: {a: {image: x, read_only: true, user: me, command: [a], volumes: ['/a:/a', '/b:/b']}}",
        "services: {a: {read_only: false, user: '', command: [], volumes: ['/c:/b:ro']}}",
    )
    app = made.containers[0]
    assert (app.read_only, str(app.user), [str(word) for word in app.command or ()]) == (
        True,
        "me",
        ["a"],
    )
    assert [str(mount.spec) for mount in app.mounts] == ["/a:/a", "/c:/b:ro"]
    assert app.mounts[1].span.source.path == "1.yml"


def test_what_compose_takes_and_a_stack_does_not() -> None:
    made = stack(
        "name: shop\n"
        "services:\n"
        "  a: {build: ., depends_on: {b: {condition: service_started}}, volumes_from: [b]}\n"
        "  b: {image: x, profiles: [p], volumes: ['gone:/v', {type: volume, target: /w, bind: {}}]}\n"
        "secrets: {s: {environment: S}}\n"
    )
    found = messages(made)
    for part in (
        "'name' is no key of a file for 'docker stack deploy'",
        "'docker stack deploy' refuses 'volumes_from'",
        "'depends_on' is a mapping, but it takes a list",
        "'profiles' is no key of a service",
        "service 'a' has no image, and 'docker stack deploy' builds none",
        "service 'b' uses volume 'gone', which no file of the project declares",
        "'bind' options on a mount of type volume",
        "'environment' is no key of a secret",
    ):
        assert any(part in message for message in found), (part, found)


def test_versions() -> None:
    old = "version: '3.3'\nservices: {a: {image: x, init: true}}\nvolumes: {v: {name: n}}"
    assert any("came with version 3.7" in message for message in messages(stack(old)))
    assert any("came with version 3.4" in message for message in messages(stack(old)))
    two = stack("version: '3.8'\nservices: {a: {image: x}}", "services: {a: {image: y}}")
    assert any("takes one alone" in message for message in messages(two))
    assert any("is no version" in message for message in messages(stack("version: '2.4'")))


def test_unknown_variables_stay_as_they_are() -> None:
    made = stack("services: {a: {image: 'x:$TAG', volumes: ['${DIR}/a:/a', '${U:-./d}:/d']}}")
    app = made.containers[0]
    assert messages(made) == []
    assert str(app.image) == "x:$TAG"
    assert [mount.resolved_source for mount in app.mounts] == [None, f"{PROJECT}/d"]


def test_a_stack_that_compose_writes_is_read_by_compose_first() -> None:
    files = {
        "compose.yaml": "name: shop\nservices: {a: {image: 'x:1', extends: b}, b: {image: 'x:1'}}\n",
        "up.sh": "docker stack deploy -c <(docker compose config) shop\n",
    }
    assert [found for found in check_files(files) if found.code == "VL615"] == []
    files["up.sh"] = "docker stack deploy -c compose.yaml shop\n"
    assert [found for found in check_files(files) if found.code == "VL615"]


SHOP = """
services:
  db:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
    secrets: [password]
    deploy: {replicas: 2, placement: {constraints: [node.hostname == db1]}}
volumes: {data: {}}
secrets: {password: {external: true}}
"""


def test_a_set_that_the_configuration_calls_a_stack(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SHOP)
    (tmp_path / "volint.yaml").write_text("projects: {shop: {files: [site.yaml], stack: true}}\n")
    [project] = volint(tmp_path, "mounts", "--format", "json").json()["projects"]
    assert project["swarm"] is True
    [db] = project["containers"]
    assert db["replicas"] == 2
    assert db["placement"] == {"mode": "replicated", "constraints": ["node.hostname == db1"]}
    assert [mount["in_memory"] for mount in db["mounts"]] == [False, True]
    assert "[2 replicas; on node.hostname == db1]" in volint(tmp_path, "mounts").out


def test_advice_for_a_secret_of_a_stack() -> None:
    files = {
        "site.yaml": "services: {a: {image: 'nginx:1.27', volumes: ['/srv/server.key:/etc/server.key:ro']}}\n",
        "volint.yaml": "projects: {shop: {files: [site.yaml], stack: true}}\n",
    }
    [found] = check_files(files, select=["VL301"])
    assert found.help.endswith("the swarm hands it over in memory")
