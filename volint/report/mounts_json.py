"""`volint mounts --format json`: version 1 of a shape that scripts rely on.

Lines and columns count code points from 1; ends are exclusive. Paths are relative to the directory volint
runs in. Of the environment only names are shown, and no value that looks like a secret. The output is ASCII.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from volint.redact import redact, redact_value, redact_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.model import (
        Build,
        Command,
        Container,
        Mount,
        Problem,
        Project,
        Secret,
        Stage,
        Text,
        Volume,
    )
    from volint.report import Options
    from volint.source import Span

__all__ = ["OPTION_ORDER", "VERSION", "context_path", "render"]

VERSION = 1

OPTION_ORDER = (
    "propagation",
    "selinux",
    "nocopy",
    "subpath",
    "size",
    "mode",
    "uid",
    "gid",
    "recursive",
    "create_host_path",
    "driver",
    "consistency",
)
"""The order in which a mount's options are shown; others follow by name."""

_Object = dict[str, Any]


def _start(span: Span) -> _Object:
    line, column = span.source.position(span.start)
    return {"file": span.source.path, "line": line, "column": column}


def _range(span: Span) -> _Object:
    end_line, end_column = span.source.position(span.end)
    return {**_start(span), "end_line": end_line, "end_column": end_column}


def _text(text: Text | None) -> str | None:
    return None if text is None else redact(text.value)


def _values(values: Mapping[str, Text]) -> _Object:
    return {name: redact_value(name, text.value) for name, text in values.items()}


def _labels(labels: Mapping[str, str]) -> _Object:
    return {name: redact_value(name, value) for name, value in labels.items()}


def context_path(build: Build, cwd: str) -> str | None:
    """Return a build's context as shown: relative to `cwd` where it is a directory that is known."""
    if build.root is None:
        return _text(build.context)
    if not cwd:
        return build.root
    return os.path.relpath(build.root, cwd).replace(os.sep, "/")


def _mount(mount: Mount, swarm: bool) -> _Object:
    names = [name for name in OPTION_ORDER if name in mount.options]
    names += sorted(name for name in mount.options if name not in OPTION_ORDER)
    return {
        "kind": mount.kind.value,
        "source": _text(mount.source),
        "resolved_source": mount.resolved_source,
        "target": redact(mount.target.value),
        "read_only": mount.read_only,
        "options": {name: mount.options[name].value for name in names},
        "syntax": mount.syntax.value,
        "unresolved": list(mount.unresolved),
        "shadowed": mount.shadowed,
        **({"in_memory": mount.in_memory} if swarm else {}),
        **_range(mount.span),
    }


def _placement(container: Container) -> _Object:
    placement = container.placement
    return {
        "replicas": container.replicas,
        "placement": placement
        and {
            "mode": placement.mode,
            "constraints": [redact(constraint.value) for constraint in placement.constraints],
        },
    }


def _container(container: Container, cwd: str, swarm: bool) -> _Object:
    build = container.build
    command = container.command
    return {
        "name": container.name.value,
        "kind": container.kind.value,
        **_range(container.name.span),
        "image": _text(container.image),
        "build": build
        and {
            "context": context_path(build, cwd),
            "dockerfile": build.dockerfile,
            "target": _text(build.target),
        },
        "user": _text(container.user),
        "read_only": container.read_only,
        "command": command and redact_words([word.value for word in command]),
        "profiles": [profile.value for profile in container.profiles],
        "enabled": container.enabled,
        "env": [variable.name.value for variable in container.env],
        "volumes_from": [
            {"name": donor.name.value, "read_only": donor.read_only}
            for donor in container.volumes_from
        ],
        **(_placement(container) if swarm else {}),
        "mounts": [_mount(mount, swarm) for mount in container.shown],
    }


def _volume(volume: Volume) -> _Object:
    return {
        "name": volume.name.value,
        "real_name": _text(volume.real_name),
        "external": volume.external,
        "driver": "local" if volume.driver is None else volume.driver.value,
        "driver_opts": _values(volume.driver_opts),
        "labels": _labels(volume.labels),
        **_start(volume.name.span),
    }


def _secret(secret: Secret) -> _Object:
    return {
        "name": secret.name.value,
        "real_name": _text(secret.real_name),
        "external": secret.external,
        "origin": secret.origin,
        "source": _text(secret.source),
        **_start(secret.name.span),
    }


def _stage(stage: Stage) -> _Object:
    return {
        "name": _text(stage.name),
        "base": redact(stage.base.value),
        "user": _text(stage.user),
        "workdir": stage.workdir,
        "volumes": [volume.value for volume in stage.volumes],
    }


def _build(build: Build, cwd: str) -> _Object:
    return {
        "context": context_path(build, cwd),
        "dockerfile": build.dockerfile,
        "ignore_file": build.ignore_file and build.ignore_file.path,
        "stages": [_stage(stage) for stage in build.stages],
        "target": _text(build.target),
    }


def _command(command: Command) -> _Object:
    return {
        "kind": command.kind.value,
        "arguments": redact_words([word.value for word in command.arguments]),
        **_start(command.span),
    }


def _problem(problem: Problem) -> _Object:
    return {
        "code": problem.code,
        "message": redact(problem.message),
        **_start(problem.span),
    }


def _project(project: Project, cwd: str) -> _Object:
    files = project.file_set
    return {
        "name": project.name,
        "kind": project.kind.value,
        "environment": {
            "value": project.environment.value.value,
            "reason": project.environment.reason,
        },
        "files": [source.path for source in project.sources],
        "set": files
        and {
            "reason": files.reason,
            "profiles": list(files.profiles),
            "env_files": list(files.env_files),
        },
        **({"swarm": True} if project.swarm else {}),
        "containers": [_container(one, cwd, project.swarm) for one in project.containers],
        "volumes": [_volume(volume) for volume in project.volumes],
        "secrets": [_secret(secret) for secret in project.secrets],
        "configs": [_secret(config) for config in project.configs],
        "builds": [_build(build, cwd) for build in project.builds],
        "commands": [_command(command) for command in project.commands],
        "problems": [_problem(problem) for problem in project.problems],
    }


def render(projects: Sequence[Project], options: Options) -> str:
    """Return the projects as JSON."""
    import json

    shown = [_project(project, options.cwd) for project in projects]
    return json.dumps({"version": VERSION, "projects": shown}, indent=2) + "\n"
