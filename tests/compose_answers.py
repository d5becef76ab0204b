"""A loaded Compose project in the words of the recordings, and what differs from them."""

from __future__ import annotations

import posixpath
from typing import Any

from volint.assemble.compose.request import Loaded, Request
from volint.assemble.compose.units import parse_bytes, parse_octal
from volint.assemble.compose.values import Map, Pair, Scalar, Seq, ShortMount, plain
from volint.model import Mount, Project, Syntax
from volint.parse.mountspec import clean
from volint.source import Kind, Source

PROJECT = "/tmp/recorded/proj"
HOME = "/home/volint"


class Memory:
    """Files of one recording, as if they stood in PROJECT."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {posixpath.join(PROJECT, name): text for name, text in files.items()}
        self.folders = {"/"}
        for path in [*self.files, posixpath.join(PROJECT, "x")]:
            folder = posixpath.dirname(path)
            while folder not in self.folders:
                self.folders.add(folder)
                folder = posixpath.dirname(folder)
        self.sources: dict[str, Source] = {}

    def read(self, path: str, kind: Kind = Kind.OTHER) -> Source | None:
        if path not in self.files:
            return None
        if path not in self.sources:
            text = self.files[path].removeprefix("\ufeff")
            self.sources[path] = Source(path.removeprefix(f"{PROJECT}/"), text, kind, path)
        return self.sources[path]

    def display(self, path: str) -> str:
        return path.removeprefix(f"{PROJECT}/")

    def problem(self, path: str) -> str | None:
        return None

    def advice(self, path: str) -> str:
        return ""

    def exists(self, path: str) -> bool:
        return path in self.files or path in self.folders

    def isdir(self, path: str) -> bool:
        return path in self.folders


def request_of(recorded: dict[str, Any]) -> Request:
    """Return the request that a recording describes."""
    cwd = posixpath.normpath(posixpath.join(PROJECT, recorded.get("cwd") or "."))
    names = {key: tuple(recorded[key]) for key in ("profiles", "env_files") if recorded.get(key)}
    return Request(
        cwd,
        tuple(recorded.get("config") or ()),
        recorded.get("project_dir"),
        recorded.get("project_name"),
        names.get("profiles"),
        names.get("env_files"),
        tuple(recorded.get("services") or ()),
        {**(recorded.get("env") or {}), "HOME": HOME, "PWD": cwd},
        HOME,
        interpolate=not recorded.get("no_interpolate"),
        consistency=not recorded.get("no_consistency"),
        resolve_paths=not recorded.get("no_path_resolution"),
        resolve_environment=not recorded.get("no_env_resolution"),
        model=bool(recorded.get("model")),
    )


def differences(loaded: Loaded, answer: dict[str, Any]) -> list[str]:
    """Return what differs between a loaded project and a recorded answer, one line each."""
    if loaded.refused == bool(answer["ok"]):
        return [
            "refused here, accepted there"
            if loaded.refused
            else f"accepted here: {answer['error']}"
        ]
    if loaded.refused:
        return []
    ours = _shape(loaded)
    theirs = answer.get("model") or answer
    if "model" in answer:
        names = [(loaded.name, theirs["name"])]
    else:
        names = [(loaded.name, theirs["name"]), (_short(loaded.directory), theirs["working_dir"])]
    found = [f"{ours_} instead of {theirs_}" for ours_, theirs_ in names if ours_ != theirs_]
    for section in ("services", "disabled_services"):
        if section == "disabled_services" and "model" in answer:
            continue
        recorded = theirs.get(section) or {}
        here = ours[section]
        if "model" in answer:
            here = {**here, **ours["disabled_services"]}
        if set(here) != set(recorded):
            found.append(f"{section}: {sorted(here)} instead of {sorted(recorded)}")
            continue
        for name, service in recorded.items():
            for key in _KEYS if "model" not in answer else _MODEL_KEYS:
                if key == "environment" and (
                    section == "disabled_services" or not loaded.request.resolve_environment
                ):
                    continue
                expected = _expected(key, service.get(key))
                if here[name].get(key) != expected:
                    found.append(f"{name}.{key}: {here[name].get(key)} instead of {expected}")
    for section in ("volumes", "secrets", "configs"):
        recorded = {name: _object(item) for name, item in (theirs.get(section) or {}).items()}
        here = {name: _object(item) for name, item in ours[section].items()}
        if here != recorded:
            found.append(f"{section}: {here} instead of {recorded}")
    return found


_MODEL_KEYS = ("volumes", "tmpfs", "secrets", "configs", "volumes_from", "image")
_KEYS = (
    *_MODEL_KEYS,
    "environment",
    "env_file",
    "read_only",
    "user",
    "profiles",
    "devices",
    "build",
    "working_dir",
)
_KEYS_NOT_EMPTY = ("read_only", "privileged")


def _expected(key: str, value: Any) -> Any:
    if not value:
        return None
    if key == "volumes":
        return [_mount(item) for item in value]
    if key == "environment":
        return {name: text for name, text in value.items() if text} or None
    if key == "build":
        return {"context": value.get("context"), "target": value.get("target")}
    return value


def _mount(item: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a mount what is empty."""
    kept = {
        key: value
        for key, value in item.items()
        if value not in ("", False, None) and not key.startswith("x")
    }
    for key in ("bind", "volume", "tmpfs", "image"):
        if key in kept:
            inner = {
                name: value
                for name, value in kept[key].items()
                if value not in ("", False, None, 0, {}) and not name.startswith("x-")
            }
            if not inner:
                del kept[key]
            else:
                kept[key] = inner
    return kept


def _object(item: Any) -> dict[str, Any]:
    item = item or {}
    kept = {
        key: value
        for key, value in item.items()
        if value not in ("", False, None, {}) and not key.startswith("x-") and key != "content"
    }
    if "file" in kept or "environment" in kept or "content" in kept:
        kept.pop("labels", None)
    if "driver_opts" in kept:
        kept["driver_opts"] = {name: str(value) for name, value in kept["driver_opts"].items()}
    if isinstance(kept.get("labels"), list):
        kept["labels"] = dict(item.partition("=")[::2] for item in kept["labels"])
    if isinstance(kept.get("labels"), dict):
        kept["labels"] = {
            name: "" if value is None else _go(value) for name, value in kept["labels"].items()
        }
    return kept


def _go(value: Any) -> str:
    return value if isinstance(value, str) else plain(value)


def _short(path: str | None) -> str | None:
    if path is None:
        return None
    if path == PROJECT or path.startswith(PROJECT + "/"):
        return "$PROJ" + path[len(PROJECT) :]
    parent = posixpath.dirname(PROJECT)
    if path == parent or path.startswith(parent + "/"):
        return "$PROJ/.." + path[len(parent) :]
    return path


def _data(value: Any) -> Any:
    """Return a value as plain data."""
    if isinstance(value, Scalar):
        if value.resolved is not None:
            return _short(value.resolved)
        data = value.data
        if isinstance(data, str):
            return data.replace(PROJECT, "$PROJ")
        return data if data is None or isinstance(data, (str, int, float, bool)) else str(data)
    if isinstance(value, Map):
        return {key: _data(item) for key, item in value.entries.items()}
    if isinstance(value, Seq):
        return [_data(item) for item in value.items]
    assert isinstance(value, ShortMount)
    return _short_mount(value)


def _short_mount(value: ShortMount) -> dict[str, Any]:
    spec = value.spec
    made: dict[str, Any] = {"type": spec.kind, "target": value.target}
    if spec.source is not None:
        made["source"] = (
            spec.source.replace(PROJECT, "$PROJ")
            if value.resolved is None
            else _short(value.resolved)
        )
    if spec.read_only:
        made["read_only"] = True
    bind = {"selinux": spec.selinux, "propagation": spec.propagation}
    bind = {key: text for key, text in bind.items() if text}
    if spec.kind == "bind" or bind:
        made["bind"] = {"create_host_path": True, **bind}
    if spec.nocopy:
        made["volume"] = {"nocopy": True}
    return made


def _shape(loaded: Loaded) -> dict[str, Any]:
    tree = loaded.tree
    shape: dict[str, Any] = {"services": {}, "disabled_services": {}}
    assert tree is not None
    services = tree.entries.get("services")
    for name, service in services.entries.items() if isinstance(services, Map) else ():
        section = "services" if name in loaded.active else "disabled_services"
        shape[section][name] = _service(name, service, loaded)
    for section in ("volumes", "secrets", "configs"):
        objects = tree.entries.get(section)
        shape[section] = {
            name: _named(name, _data(item) or {}, loaded)
            for name, item in (objects.entries.items() if isinstance(objects, Map) else ())
        }
    return shape


def _named(name: str, item: dict[str, Any], loaded: Loaded) -> dict[str, Any]:
    if item.get("name") is None:
        item["name"] = name if item.get("external") in (True, "true") else f"{loaded.name}_{name}"
    if "driver_opts" in item:
        item["driver_opts"] = {
            key: "" if value is None else _go(value)
            for key, value in (item["driver_opts"] or {}).items()
        }
    return item


def _service(name: str, service: Any, loaded: Loaded) -> dict[str, Any]:
    made = _data(service)
    model = loaded.request.model
    if "volumes" in made:
        for mount in made["volumes"]:
            mount["target"] = clean(mount["target"])
            _decoded_mount(mount, model)
        made["volumes"] = [_mount(mount) for mount in made["volumes"]]
    for key in ("secrets", "configs"):
        for grant in made.get(key) or ():
            if not model and isinstance(grant.get("mode"), str):
                grant["mode"] = parse_octal(grant["mode"])
    tmpfs = made.get("tmpfs")
    if isinstance(tmpfs, str):
        made["tmpfs"] = tmpfs if model else [tmpfs]
    build = made.get("build")
    if build is not None:
        made["build"] = {"context": build.get("context"), "target": build.get("target")}
    if not model:
        made["environment"] = _environment(name, service, loaded)
    env_files = made.get("env_file")
    for item in env_files or ():
        item["required"] = item["required"] in (True, "true")
    return {key: value or None for key, value in made.items()}


def _decoded_mount(mount: dict[str, Any], model: bool) -> None:
    if isinstance(mount.get("bind"), dict):
        mount["bind"].setdefault("create_host_path", True)
        created = mount["bind"]["create_host_path"]
        mount["bind"]["create_host_path"] = created in (True, "true") if not model else created
    size = mount.get("tmpfs") or {}
    if isinstance(size.get("size"), str) and not model:
        size["size"] = parse_bytes(size["size"])
    if isinstance(size.get("mode"), float):
        size["mode"] = int(size["mode"])
    labels = (mount.get("volume") or {}).get("labels")
    if isinstance(labels, list) and not model:
        mount["volume"]["labels"] = dict(label.partition("=")[::2] for label in labels)


def _environment(name: str, service: Any, loaded: Loaded) -> dict[str, str]:
    found: dict[str, str] = {
        key: entry.value.value
        for key, entry in loaded.environments.get(name, {}).items()
        if entry.value is not None
    }
    environment = service.entries.get("environment")
    if isinstance(environment, Map):
        for key, value in environment.entries.items():
            if isinstance(value, Scalar) and value.data is None:
                if key in loaded.env:
                    found[key] = loaded.env[key]
                else:
                    found.pop(key, None)
            elif isinstance(value, Scalar):
                found[key] = plain(value.data)
    elif isinstance(environment, Seq):
        for item in environment.items:
            assert isinstance(item, (Scalar, Pair))
            key, equals, value = plain(item.data).partition("=")
            if equals:
                found[key] = value
            elif key in loaded.env:
                found[key] = loaded.env[key]
            else:
                found.pop(key, None)
    return {key: value for key, value in found.items() if value}


def lowered_differences(project: Project, answer: dict[str, Any]) -> list[str]:
    """Return what differs between the model of a project and a recorded answer."""
    found: list[str] = []
    recorded = {**answer["services"], **(answer.get("disabled_services") or {})}
    containers = {container.name.value: container for container in project.containers}
    if set(containers) != set(recorded):
        return [f"{sorted(containers)} instead of {sorted(recorded)}"]
    for name, service in recorded.items():
        container = containers[name]
        if container.enabled is not (name in answer["services"]):
            found.append(f"{name}: enabled is {container.enabled}")
        ours = [_lowered(mount) for mount in container.mounts if mount.syntax in _VOLUMES]
        theirs = [_recorded(mount) for mount in service.get("volumes") or ()]
        if ours != theirs:
            found.append(f"{name}: {ours} instead of {theirs}")
        tmpfs = [
            mount.spec.value if mount.spec else ""
            for mount in container.mounts
            if mount.syntax is Syntax.TMPFS_KEY
        ]
        if tmpfs != [entry for entry in service.get("tmpfs") or () if entry]:
            found.append(f"{name}: tmpfs {tmpfs} instead of {service.get('tmpfs')}")
        for key, folder, syntax in (
            ("secrets", "/run/secrets", Syntax.SECRETS_KEY),
            ("configs", "/", Syntax.CONFIGS_KEY),
        ):
            granted = [
                (mount.source.value if mount.source else "", mount.target.value, _options(mount))
                for mount in container.mounts
                if mount.syntax is syntax
            ]
            wanted = [
                (
                    entry["source"],
                    posixpath.join(folder, entry.get("target") or entry["source"]),
                    {option: entry[option] for option in ("uid", "gid", "mode") if option in entry},
                )
                for entry in service.get(key) or ()
            ]
            if granted != wanted:
                found.append(f"{name}: {key} {granted} instead of {wanted}")
    for ours_, theirs_ in (
        (project.volumes, answer["volumes"]),
        (project.secrets, answer["secrets"]),
        (project.configs, answer["configs"]),
    ):
        names = {
            item.name.value: (item.real_name.value if item.real_name else None, item.external)
            for item in ours_
        }
        wanted_names = {
            name: (item["name"], bool(item["external"])) for name, item in (theirs_ or {}).items()
        }
        if names != wanted_names:
            found.append(f"{names} instead of {wanted_names}")
    return found


_VOLUMES = (Syntax.SHORT, Syntax.LONG)


def _options(mount: Mount) -> dict[str, Any]:
    return {name: option.value for name, option in mount.options.items()}


def _lowered(mount: Mount) -> dict[str, Any]:
    source = mount.resolved_source or (mount.source.value if mount.source else None)
    return {
        "type": mount.kind.value,
        "source": _short(source),
        "target": mount.target.value,
        "read_only": mount.read_only,
        **{
            name: value
            for name, value in _options(mount).items()
            if (name != "consistency" or mount.syntax is Syntax.LONG) and value != 0
        },
    }


def _recorded(mount: dict[str, Any]) -> dict[str, Any]:
    made = {
        "type": mount["type"],
        "source": mount.get("source") or None,
        "target": mount["target"],
        "read_only": mount["read_only"],
    }
    if mount["type"] == "tmpfs":
        made["source"] = None
    bind = mount.get("bind") or {}
    if mount["type"] == "bind" and bind.get("create_host_path"):
        made["create_host_path"] = True
    for key in ("propagation", "selinux", "recursive"):
        if bind.get(key):
            made[key] = bind[key]
    volume = mount.get("volume") or {}
    if volume.get("nocopy"):
        made["nocopy"] = True
    subpath = volume.get("subpath") or (mount.get("image") or {}).get("subpath")
    if subpath:
        made["subpath"] = subpath
    for key in ("size", "mode"):
        if (mount.get("tmpfs") or {}).get(key):
            made[key] = mount["tmpfs"][key]
    if mount.get("consistency"):
        made["consistency"] = mount["consistency"]
    return made
