"""docker's and podman's command lines, held to what the real programs did with them."""

from __future__ import annotations

import posixpath
from typing import Any

from recorded import COMPLETE, recordings
from runlines import PROJECT, Folder, donor, words_of

from volint.assemble.run import Interpreted, interpret
from volint.model import Container, Mount, MountKind

UNKNOWABLE = {
    "--context": "contexts are files of the recording machine's docker configuration",
    "--tlsverify": "certificates are files of the recording machine's docker configuration",
    "--subuidname": "the ranges are in the recording machine's /etc/subuid",
    "--env-host": "the recorded podman was the remote client, which alone lacks the flag",
    "prune": "the recording endpoint has no answer to this request, and an Engine has",
    "update": "the recording endpoint has no answer to this request, and an Engine has",
}
"""Words of lines whose outcome no text tells, and why; such a line counts as a disagreement, too."""

KINDS = {"ramfs": "tmpfs", "devpts": "device-fs"}


def agreement(found: list[tuple[dict[str, Any], str]], count: int) -> None:
    """Hold what differs to what cannot be known, and all of it to 99.5 % of the recordings."""
    unexplained = []
    for record, text in found:
        names = [word.partition("=")[0] for word in record["argv"]]
        reason = next((UNKNOWABLE[name] for name in names if name in UNKNOWABLE), "")
        print(text, f"[{reason}]")
        if not reason:
            unexplained.append(text)
    assert not unexplained
    assert len(found) <= count * 0.005 + (0 if COMPLETE else 1)


def propagation(mount: Mount) -> object:
    option = mount.options.get("propagation")
    return option.value if option else "rprivate"


def lowered(mount: Mount) -> tuple[str, ...]:
    source = mount.resolved_source or (mount.source.value if mount.source else "")
    bind = mount.kind is MountKind.BIND
    hidden = mount.shadowed
    tmpfs = mount.kind is MountKind.TMPFS
    return (
        mount.kind.value,
        "" if hidden else source,
        mount.target.value,
        # The recording says of every tmpfs that it is writable.
        str(tmpfs or not mount.read_only),
        str(propagation(mount)) if bind and not hidden else "",
        str(hidden),
    )


def recorded(mount: dict[str, Any], hidden: bool) -> tuple[str, ...]:
    kind = mount["type"]
    return (
        kind,
        "" if hidden else mount.get("source", mount.get("name", "")),
        mount["target"],
        str(kind == "tmpfs" or mount["rw"]),
        mount["propagation"] if kind == "bind" and not hidden else "",
        str(hidden),
    )


def docker_differences(record: dict[str, Any], found: Interpreted) -> list[str]:
    verdict = record.get("daemon_verdict") or {}
    accepted = record["ok"] and verdict.get("ok", True)
    if accepted == found.refused:
        return [f"refused={found.refused}"]
    container = found.thing
    if not record["sent"] or not accepted:
        created = isinstance(container, Container) and not found.refused
        return ["a container, where none is created"] if created else []
    if not isinstance(container, Container):
        return ["no container"]
    request = record["request"]
    hidden = verdict.get("shadowed_by_tmpfs", [])
    entrypoint = request.get("Entrypoint")
    expected = {
        "mounts": sorted(
            [recorded(mount, False) for mount in verdict["mounts"]]
            + [recorded(mount, True) for mount in hidden]
        ),
        "env": sorted(request["EnvMap"]),
        "user": request["User"],
        "read_only": request["ReadonlyRootfs"],
        "volumes_from": [spec.partition(":")[0] for spec in request["VolumesFrom"]],
        "image": request["Image"],
        "command": request["Cmd"],
        "remove": request.get("AutoRemove", False),
        "memory": request.get("Memory", 0),
        "entrypoint": None if entrypoint is None else [e for e in entrypoint if e],
        "labels": request.get("Labels", {}),
        "working_dir": request.get("WorkingDir", ""),
        "name": request.get("name", container.name.value),
        "devices": [
            (d["PathOnHost"], d["PathInContainer"], d["CgroupPermissions"])
            for d in request.get("Devices", [])
        ],
        "a start error is a problem": True,
    }
    words = container.entrypoint
    got = {
        "mounts": sorted(lowered(mount) for mount in container.mounts),
        "env": sorted(variable.name.value for variable in container.env),
        "user": container.user.value if container.user else "",
        "read_only": container.read_only,
        "volumes_from": [entry.name.value for entry in container.volumes_from],
        "image": container.image.value if container.image else "",
        "command": [word.value for word in container.command or ()],
        "remove": container.remove,
        "memory": container.memory_limit or 0,
        "entrypoint": None if words is None else [word.value for word in words],
        "labels": dict(container.labels),
        "working_dir": container.working_dir.value if container.working_dir else "",
        "name": container.name.value,
        "devices": [(d.host.value, d.target, d.permissions) for d in container.devices],
        "a start error is a problem": bool(found.problems) or not verdict.get("start_error"),
    }
    return [f"{key}: {got[key]} for {expected[key]}" for key in got if got[key] != expected[key]]


def test_docker_28() -> None:
    folder = Folder()
    different = []
    records = [record for record in recordings("docker-run.jsonl") if not record.get("crash")]
    for record in records:
        cwd = record["cwd"]
        if "PWD" not in record["env"]:
            cwd = folder.real(cwd)
        found = interpret(
            words_of(record["argv"]),
            cwd=cwd,
            home=folder.home,
            env={**folder.environment, **record["env"]},
            reader=folder,
            donors={"donor": donor()},
            version="28",
        )
        wrong = docker_differences(record, found)
        if wrong:
            text = f"{record['id']} {record['command']}: {wrong} {record.get('error')}"
            different.append((record, text))
    agreement(different, len(records))


def podman_mounts(request: dict[str, Any]) -> list[tuple[str, ...]]:
    mounts = []
    for mount in request.get("mounts", []):
        kind = KINDS.get(mount["type"], mount["type"])
        source = mount["source"] if kind == "bind" else ""
        if source[:1] in (".", "/"):
            source = posixpath.normpath(posixpath.join(PROJECT, source)).replace("//", "/")
        mounts.append((kind, source, mount["destination"], mount.get("options")))
    mounts.extend(
        ("volume", volume["Name"], volume["Dest"], volume["Options"])
        for volume in request.get("volumes", [])
    )
    for overlay in request.get("overlay_volumes", []):
        place = (overlay["source"], overlay["destination"], overlay["options"])
        mounts.append(("overlay", *place))
    for image in request.get("image_volumes", []):
        options = [] if image["ReadWrite"] else ["ro"]
        mounts.append(("image", image["Source"], image["Destination"], options))
    return sorted(
        (kind, source, target, access(options or [])) for kind, source, target, options in mounts
    )


def access(options: list[str]) -> str:
    words = [word for word in options if word in ("ro", "rw")]
    return words[-1] if words else "rw"


def podman_differences(record: dict[str, Any], found: Interpreted) -> list[str]:
    if record["ok"] == found.refused:
        return [f"refused={found.refused}"]
    container = found.thing
    if not record["sent"]:
        created = isinstance(container, Container) and not found.refused
        return ["a container, where none is created"] if created else []
    if not isinstance(container, Container):
        return ["no container"]
    request = record["request"]
    expected = {
        "mounts": podman_mounts(request),
        "env": sorted(request.get("env", {})),
        "user": request.get("user", ""),
        "read_only": request.get("read_only_filesystem", False),
        "volumes_from": [spec.partition(":")[0] for spec in request.get("volumes_from", [])],
        "command": request.get("command", []),
        "remove": request.get("remove", False),
    }
    got = {
        "mounts": sorted(
            (
                mount.kind.value,
                mount.resolved_source or (mount.source.value if mount.source else ""),
                mount.target.value,
                "ro" if mount.read_only else "rw",
            )
            for mount in container.mounts
            if mount.kind is not MountKind.SECRET
        ),
        "env": sorted(variable.name.value for variable in container.env),
        "user": container.user.value if container.user else "",
        "read_only": container.read_only,
        "volumes_from": [entry.name.value for entry in container.volumes_from],
        "command": [word.value for word in container.command or ()],
        "remove": container.remove,
    }
    return [f"{key}: {got[key]} for {expected[key]}" for key in got if got[key] != expected[key]]


def test_podman() -> None:
    folder = Folder()
    different = []
    records = recordings("podman-run.jsonl")
    client = {**folder.environment, "PREFIX_ONE": "1", "PREFIX_TWO": "2"}
    for record in records:
        found = interpret(
            words_of(record["argv"]), cwd=PROJECT, home=folder.home, env=client, reader=folder
        )
        wrong = podman_differences(record, found)
        if wrong:
            text = f"{record['id']} {record['command']}: {wrong} {record.get('error')}"
            different.append((record, text))
    agreement(different, len(records))


def test_no_line_of_either_is_too_much() -> None:
    """Every prefix of a recorded line is read without an exception, in both versions."""
    for name in ("docker-run.jsonl", "podman-run.jsonl"):
        for record in recordings(name)[::7]:
            words = words_of(record["argv"])
            for count in range(len(words) + 1):
                interpret(words[:count], version="29")
