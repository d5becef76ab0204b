"""-v and --mount as docker 29.7's CLI and Engine read them, held to recordings."""

from __future__ import annotations

from typing import Any

import pytest
from recorded import recordings

from volint.parse import enginemount, enginespec, mountflag
from volint.parse.enginemount import MountRequest
from volint.parse.mountspec import UNKNOWN, Complaint, Field, clean, cli_short, is_path

CWD = "/tmp/cwd"


def field(text: str) -> Field | None:
    return Field(text, 0, len(text)) if text else None


@pytest.mark.parametrize("name", ["cli-volume-grid", "cli-volume-literals"])
def test_the_cli_splits_a_volume(name: str) -> None:
    wrong = []
    for record in recordings(f"mounts/{name}.jsonl"):
        spec, answer = record["request"]["spec"], record["answer"]
        read = cli_short(spec)
        if isinstance(read, Complaint):
            good = not answer["ok"]
        else:
            fields = [spec[start:end] for start, end in read]
            source = fields[0] if len(fields) > 1 else ""
            target = fields[1] if len(fields) > 1 else fields[0]
            kind = "bind" if is_path(source) else "volume"
            volume = answer.get("volume", {})
            good = answer["ok"] and (source, target, kind) == (
                volume.get("source", ""),
                volume["target"],
                volume["type"],
            )
        if not good:
            wrong.append((spec, read, answer))
    assert not wrong


@pytest.mark.parametrize("name", ["engine-bind-grid", "engine-bind-literals"])
def test_the_engine_reads_a_bind(name: str) -> None:
    wrong = []
    for record in recordings(f"mounts/{name}.jsonl"):
        spec, answer = record["request"]["spec"], record["answer"]
        # The recording asks the parser alone, which leaves names to the volume driver.
        read = enginespec.bind(spec, driver="any")
        if isinstance(read, Complaint):
            good = not answer["ok"]
        else:
            mount = answer.get("mount", {})
            source = read.resolved or (read.source.text if read.source else "")
            good = answer["ok"] and (
                read.kind,
                source,
                read.target.text,
                not read.read_only,
                read.mode.text if read.mode else "",
                "nocopy" in read.options,
            ) == (
                mount["type"],
                mount["source"] or mount["name"],
                mount["destination"],
                mount["rw"],
                mount["mode"],
                mount["type"] == "volume" and not mount["copy_data"],
            )
            if good and "propagation" in mount["mode"]:
                good = read.options["propagation"][0] == mount["propagation"]
        if not good:
            wrong.append((spec, read, answer))
    assert not wrong


def cli_mount(request: MountRequest) -> tuple[object, ...]:
    values = {name: option[0] for name, option in request.options.items()}
    source = request.source.text if request.source else ""
    if source.startswith("."):
        source = clean(f"{CWD}/{source}")
    recursive = values.get("recursive", "")
    return (
        request.kind,
        request.target.text if request.target else "",
        source,
        request.read_only is not None,
        values.get("size", 0),
        values.get("mode", 0),
        values.get("propagation", ""),
        values.get("nocopy", False),
        values.get("driver", ""),
        values.get("consistency", ""),
        sorted(request.driver_options),
        values.get("subpath", ""),
        values.get("create_host_path", False),
        "" if recursive == "enabled" else recursive,
    )


def recorded_mount(mount: dict[str, Any]) -> tuple[object, ...]:
    bind, tmpfs = mount.get("BindOptions", {}), mount.get("TmpfsOptions", {})
    volume = mount.get("VolumeOptions", {})
    driver = volume.get("DriverConfig", {})
    recursive = ""
    for key, value in (
        ("NonRecursive", "disabled"),
        ("ReadOnlyNonRecursive", "writable"),
        ("ReadOnlyForceRecursive", "readonly"),
    ):
        recursive = value if bind.get(key) else recursive
    return (
        mount["Type"],
        mount.get("Target", ""),
        mount.get("Source", "").replace("$CWD", CWD),
        mount.get("ReadOnly", False),
        tmpfs.get("SizeBytes", 0),
        tmpfs.get("Mode", 0),
        bind.get("Propagation", ""),
        volume.get("NoCopy", False),
        driver.get("Name", ""),
        mount.get("Consistency", ""),
        sorted(driver.get("Options", {})),
        volume.get("Subpath", "") or mount.get("ImageOptions", {}).get("Subpath", ""),
        bind.get("CreateMountpoint", False),
        recursive,
    )


@pytest.mark.parametrize("name", ["cli-mount-grid", "cli-mount-literals"])
def test_the_cli_reads_a_mount(name: str) -> None:
    wrong = []
    for record in recordings(f"mounts/{name}.jsonl"):
        spec, answer = record["request"]["spec"], record["answer"]
        read = mountflag.read(spec)
        if isinstance(read, Complaint) or set(read.families) - {read.kind}:
            good = not answer["ok"]
        else:
            good = answer["ok"] and cli_mount(read) == recorded_mount(answer["mount"])
        if not good:
            wrong.append((spec, read, answer))
    assert not wrong


FAMILIES = {
    "BindOptions": "bind",
    "VolumeOptions": "volume",
    "TmpfsOptions": "tmpfs",
    "ImageOptions": "image",
}


def test_the_engine_judges_a_mount() -> None:
    wrong = []
    for record in recordings("mounts/engine-mount-grid.jsonl"):
        mount, answer = record["request"]["mount"], record["answer"]
        if "does not exist" in answer.get("error", ""):
            continue  # depends on the disk of the machine that recorded it
        nowhere = Field("", 0, 0)
        # The driver's own checks come after those that were recorded.
        options: enginespec.Options = {"driver": ("any", 0, 0)}
        propagation = mount.get("BindOptions", {}).get("Propagation")
        if propagation:
            options["propagation"] = (propagation, 0, 0)
        for key in ("VolumeOptions", "ImageOptions"):
            if mount.get(key, {}).get("Subpath"):
                options["subpath"] = (mount[key]["Subpath"], 0, 0)
        read = enginemount.mount(
            MountRequest(
                mount.get("Type", ""),
                nowhere,
                field(mount.get("Source", "")),
                field(mount.get("Target", "")),
                nowhere if mount.get("ReadOnly") else None,
                options,
                {family: nowhere for key, family in FAMILIES.items() if key in mount},
            )
        )
        if isinstance(read, Complaint):
            good = not answer["ok"]
        else:
            found = answer.get("mount", {})
            source = read.resolved or (read.source.text if read.source else "")
            good = answer["ok"] and (
                read.kind,
                source,
                read.target.text,
                not read.read_only,
            ) == (
                found["type"],
                found["source"] or found["name"],
                found["destination"],
                found["rw"],
            )
        if not good:
            wrong.append((mount, read, answer))
    assert not wrong


def test_names_targets_and_donors() -> None:
    wrong = []
    for record in recordings("mounts/engine-misc.jsonl"):
        operation, spec = record["request"]["op"], record["request"]["spec"]
        if operation == "name":
            accepted = enginespec.volume_name_problem(spec) is None
        elif operation == "tmpfs":
            accepted = enginespec.target_problem(spec) is None
        else:
            accepted = not isinstance(enginespec.volumes_from(spec), Complaint)
        if accepted != record["answer"]["ok"]:
            wrong.append(record)
    assert not wrong


@pytest.mark.parametrize(
    ("spec", "wrong", "message"),
    [
        ("/path:ro", "ro", "'/path:ro' has a mode where its target should be"),
        ("/a:/b:ro,bogus", "bogus", "'bogus' is no mode of a bind mount or volume"),
        ("/a:/b:ro,rw", "rw", "'rw' cannot stand beside 'ro' in 'ro,rw'"),
        ("data:x", "x", "the target 'x' is not an absolute path"),
        ("data:/", "/", "'/' is the container's root, and nothing can be mounted there"),
        ("a/b:/x", "a/b", "'a/b' is neither an absolute path nor a valid volume name"),
        ("data:/x:ro,shared", "shared", "'shared' belongs to a host path, not to a volume"),
        ("/a:/x:nocopy", "nocopy", "'nocopy' belongs to a volume, not to a host path"),
        (r"C:\a:/x", r"C:\a", "'C:\\a' is a Windows path, and Docker on Linux splits it"),
        ("aa:bb:cc:dd", ":dd", "'aa:bb:cc:dd' has more than three fields"),
    ],
)
def test_a_complaint_points_at_the_wrong_token(spec: str, wrong: str, message: str) -> None:
    read = enginespec.bind(spec)
    assert isinstance(read, Complaint)
    assert spec[read.start : read.end] == wrong
    assert read.message.startswith(message)
    assert read.help


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("type=bind,src=/a,dst=/b,read-only", "read-only"),
        ("type=bind,src=/a, dst=/b", " dst"),
        ("type=bind,src=/a,dst=/b,ro=yes", "yes"),
        ("type=tmpfs,dst=/b,tmpfs-size=10%", "10%"),
        ("dst=/b,", ","),
        ('type=bind,src="/a,b",dst=/c', '"'),
        ("type=bind,src=/a,dst=/b,bind-recursive=writable", "writable"),
    ],
)
def test_a_mount_complaint_points_at_the_wrong_token(value: str, wrong: str) -> None:
    read = mountflag.read(value)
    assert isinstance(read, Complaint)
    assert value[read.start : read.end] == wrong


def test_quoted_fields_keep_their_places() -> None:
    value = 'type=bind,"src=/a,b",dst=/c'
    read = mountflag.read(value)
    assert isinstance(read, MountRequest)
    assert read.source == Field("/a,b", 15, 19)
    assert value[15:19] == "/a,b"


def test_the_grammar_has_a_version() -> None:
    for value, accepted in (
        ("type=bind,src=/a,dst=/b,bind-create-src", "29"),
        ("type=bind,src=/a,dst=/b,bind-nonrecursive", "28"),
        ("type=bind,src=/a,dst=/b,ro=T", "28"),
        ("src=,dst=/b", "28"),
        (" type=bind,src=/a,dst=/b", "29"),
    ):
        assert mountflag.versions_differ(value)
        for version in ("28", "29"):
            read = mountflag.read(value, version=version)
            assert isinstance(read, Complaint) == (version != accepted), (value, version)


def test_versions_differ_wherever_they_do() -> None:
    for record in recordings("mounts/cli-mount-grid.jsonl"):
        value = record["request"]["spec"]
        old, new = (mountflag.read(value, version=version) for version in ("28", "29"))
        if isinstance(old, Complaint) != isinstance(new, Complaint):
            assert mountflag.versions_differ(value), value


def test_a_driver_option_is_never_quoted() -> None:
    read = mountflag.read("type=volume,src=d1,dst=/x,volume-opt=o=password=hunter2")
    assert isinstance(read, MountRequest)
    judged = enginemount.mount(read)
    assert isinstance(judged, Complaint)
    assert "hunter2" not in judged.message + judged.help


def test_nothing_is_read_into_the_unknown() -> None:
    unknown = UNKNOWN * 4
    for spec in (f"{unknown}:/x", f"/a:{unknown}", f"/a:/x:{unknown}", f"/a/{unknown}:/x:ro"):
        assert not isinstance(enginespec.bind(spec, path=True), Complaint), spec
    for value in (
        f"type=bind,src={unknown},dst=/x",
        f"type=bind,src=/a,dst={unknown},ro={unknown}",
        f"{unknown},dst=/x",
        f"type=tmpfs,dst=/x,tmpfs-size={unknown},tmpfs-mode={unknown}",
    ):
        read = mountflag.read(value)
        assert isinstance(read, MountRequest), value
        assert not isinstance(enginemount.mount(read), Complaint), value
