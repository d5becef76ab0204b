"""Sources that Docker reads as names of volumes and that somebody meant as paths.

Shared by the rules that report a volume nobody declares and a path that lacks its './'.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.knowledge import state_of, within
from volint.lazy import regex
from volint.model import MountKind, ProjectKind, Syntax

if TYPE_CHECKING:
    from volint.model import Container, Mount, Project

__all__ = ["meant_path"]

_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_RELATIVE = regex(r"[\w.~ -]*(?:[/\\][\w.~ -]*)+")
_SYNTAXES = frozenset(
    (
        Syntax.SHORT,
        Syntax.LONG,
        Syntax.V,
        Syntax.MOUNT,
        Syntax.QUADLET_VOLUME,
        Syntax.QUADLET_MOUNT,
    )
)
_FILE = regex(r"[^/]*[^/.][^/]*\.[A-Za-z][A-Za-z0-9]{0,5}")


def meant_path(project: Project, container: Container, mount: Mount) -> str:
    """Return why the source of a volume mount is meant as a path, as a clause; '' where it is a name.

    A name that no volume can have says so itself; another one that no file declares does where a file or
    directory of that name stands beside, or where the target is a file of that name.
    """
    source = mount.source
    if (
        mount.kind is not MountKind.VOLUME
        or source is None
        or source.unresolved
        or mount.donor is not None
        or mount.syntax not in _SYNTAXES
    ):
        return ""
    name = source.value
    if not _NAME.fullmatch(name):
        return "the name of a volume has no '/'" if _RELATIVE.fullmatch(name) else ""
    if _is_declared(project, name) or project.platform:
        return ""
    if _FILE.fullmatch(name) and mount.target.value.rpartition("/")[2] == name:
        return f"the target '{mount.target}' is a file"
    if _holds_data(container, mount):
        return ""
    return _beside(project, mount, name)


def _is_declared(project: Project, name: str) -> bool:
    return project.volume(name) is not None or any(
        command.volume is not None and command.volume.name.value == name
        for command in project.commands
    )


def _holds_data(container: Container, mount: Mount) -> bool:
    """Return whether the mount is where the image keeps its data, which is what volumes are for."""
    state = state_of(container)
    return state is not None and any(
        within(data.path, mount.target.value) or within(mount.target.value, data.path)
        for data in state.paths
    )


def _beside(project: Project, mount: Mount, name: str) -> str:
    folder = project.root
    if project.kind is not ProjectKind.COMPOSE or folder is None:
        file = mount.span.source.file
        folder = folder or (os.path.dirname(file) if file else None)
    if project.surroundings is None or folder is None:
        return ""
    kind = project.surroundings.kind(os.path.join(folder, name))
    return f"a {kind} '{name}' stands beside it" if kind in ("file", "directory") else ""
