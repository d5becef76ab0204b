"""The Docker client's own stack loader, recorded: accepted or refused, and what comes of it.

Recorded with `docker stack config`, which neither looks up references nor asks for images.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from compose_answers import HOME, PROJECT, Memory

from volint.assemble.compose import Request, to_project
from volint.assemble.stack import load_stack, to_swarm
from volint.model import Container, Mount, MountKind, Project, Secret, Syntax
from volint.parse.mountspec import clean

_GRANTS = (Syntax.SECRETS_KEY, Syntax.CONFIGS_KEY)


_RECORDED = Path(__file__).parent / "fixtures" / "recorded" / "stack" / "config.jsonl.gz"


def _records() -> list[dict[str, Any]]:
    with gzip.open(_RECORDED, "rt", encoding="utf-8", newline="\n") as stream:
        return [json.loads(line) for line in stream.read().split("\n") if line]


def test_agrees_with_docker_stack() -> None:
    asked = disagreements = 0
    for record in _records():
        request, answer = record["request"], record["answer"]
        asked += 1
        loaded = load_stack(
            Request(
                PROJECT,
                tuple(request["config"]),
                env={**request["env"], "HOME": HOME},
                home=HOME,
                consistency=False,
            ),
            Memory(request["files"]),
        )
        project = to_swarm(to_project(loaded), loaded, deployed=True)
        if loaded.refused == answer["ok"]:
            found = ["refused here" if answer["ok"] else f"accepted here: {answer['error']}"]
        else:
            found = [] if loaded.refused else _differences(project, answer["config"])
        if found:
            disagreements += 1
            print(f"{record['id']}: {'; '.join(found)}")
            for problem in loaded.problems:
                print(f"    {problem.code} {problem.message}")
    print(f"{asked - disagreements} of {asked} agree")
    assert asked > 300
    assert disagreements <= asked * 0.005


def _differences(project: Project, config: dict[str, Any]) -> list[str]:
    ours: dict[str, Any] = {
        f"service {container.name}": _service(container) for container in project.containers
    }
    theirs: dict[str, Any] = {
        f"service {name}": _recorded(service)
        for name, service in (config.get("services") or {}).items()
    }
    ours["volumes"] = {
        volume.name.value: (
            volume.external,
            volume.driver and volume.driver.value,
            {key: text.value for key, text in volume.driver_opts.items()},
            volume.labels,
        )
        for volume in project.volumes
    }
    theirs["volumes"] = {
        name: (
            item.get("external", False),
            item.get("driver"),
            item.get("driver_opts") or {},
            item.get("labels") or {},
        )
        for name, item in (config.get("volumes") or {}).items()
    }
    objects: tuple[tuple[str, tuple[Secret, ...]], ...] = (
        ("secrets", project.secrets),
        ("configs", project.configs),
    )
    for section, declared in objects:
        ours[section] = {one.name.value: (one.external, one.resolved_source) for one in declared}
        theirs[section] = {
            name: (
                item.get("external", False),
                None if item.get("external") else _path(item.get("file")),
            )
            for name, item in (config.get(section) or {}).items()
        }
    return [
        f"{key}: {ours.get(key)} instead of {theirs.get(key)}"
        for key in sorted({*ours, *theirs})
        if ours.get(key) != theirs.get(key)
    ]


def _path(path: str | None) -> str | None:
    # Without a file the client would read the project's directory.
    return None if path in (None, "$PROJ") else clean(path.replace("$PROJ", PROJECT))


def _option(mount: Mount, name: str) -> Any:
    option = mount.options.get(name)
    return None if option is None else option.value


def _service(container: Container) -> dict[str, Any]:
    mounts = [mount for mount in container.mounts if mount.syntax not in _GRANTS]
    placement = container.placement
    assert placement is not None
    return {
        "mounts": sorted(
            str(
                (
                    mount.kind.value,
                    clean(mount.resolved_source or "")
                    if mount.kind is MountKind.BIND
                    else str(mount.source or ""),
                    mount.target.value,
                    mount.read_only,
                    _option(mount, "propagation"),
                    bool(_option(mount, "nocopy")),
                    _option(mount, "size"),
                )
            )
            for mount in mounts
        ),
        **{
            syntax.value: sorted(
                (
                    str(mount.source),
                    mount.target.value,
                    _option(mount, "uid") or "0",
                    _option(mount, "gid") or "0",
                    _option(mount, "mode") or 0o444,
                )
                for mount in container.mounts
                if mount.syntax is syntax
            )
            for syntax in _GRANTS
        },
        "env": {
            variable.name.value: variable.value.value if variable.value else None
            for variable in container.env
        },
        "image": str(container.image or ""),
        "user": str(container.user or ""),
        "read_only": container.read_only,
        "replicas": container.replicas,
        "mode": placement.mode,
        "constraints": [text.value for text in placement.constraints],
        "memory": container.memory_limit,
        "command": [text.value for text in container.command or ()],
        "labels": dict(container.labels),
    }


def _recorded(service: dict[str, Any]) -> dict[str, Any]:
    deploy = service.get("deploy") or {}
    memory = ((deploy.get("resources") or {}).get("limits") or {}).get("memory")
    return {
        "mounts": sorted(
            str(
                (
                    mount["type"],
                    clean(
                        mount["source"].replace("$PROJ", PROJECT).replace("$BASE", "/tmp/recorded")
                    )
                    if mount["type"] == "bind"
                    else mount.get("source", "")
                    if mount["type"] != "tmpfs"
                    else "",
                    clean(mount["target"]),
                    mount.get("read_only", False),
                    (mount.get("bind") or {}).get("propagation"),
                    (mount.get("volume") or {}).get("nocopy", False),
                    (mount.get("tmpfs") or {}).get("size"),
                )
            )
            for mount in service.get("volumes") or ()
            if "target" in mount
            and mount["type"] in ("bind", "volume", "tmpfs", "cluster", "npipe", "image")
        ),
        **{
            syntax.value: sorted(
                (
                    grant["source"],
                    grant.get("target", grant["source"])
                    if grant.get("target", "").startswith("/")
                    else f"{folder}{grant.get('target', grant['source'])}",
                    grant.get("uid", "0"),
                    grant.get("gid", "0"),
                    grant.get("mode", 0o444),
                )
                for grant in service.get(syntax.value.split("-")[0]) or ()
                if "source" in grant
            )
            for syntax, folder in zip(_GRANTS, ("/run/secrets/", "/"), strict=True)
        },
        "env": service.get("environment") or {},
        "image": service.get("image", ""),
        "user": service.get("user", ""),
        "read_only": service.get("read_only", False),
        "replicas": deploy.get("replicas", 1),
        "mode": deploy.get("mode", "replicated"),
        "constraints": (deploy.get("placement") or {}).get("constraints") or [],
        "memory": int(memory) if memory else None,
        "command": service.get("command") or [],
        "labels": service.get("labels") or {},
    }
