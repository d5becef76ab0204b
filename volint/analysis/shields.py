"""Anonymous volumes that keep a folder of the image visible under a bind mount of the source code.

`./:/app` hides what the image installed in /app; a volume at /app/node_modules brings that folder back, because
Docker fills a new volume with what the image has at its path.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from volint.knowledge import (
    is_build_output,
    is_cache_directory,
    is_dependency_directory,
    within,
)
from volint.knowledge.commands import built_stage
from volint.lazy import regex
from volint.model import MountKind

if TYPE_CHECKING:
    from volint.model import Container, Mount

__all__ = ["Shield", "shield", "source_binds", "working_directory"]

_FILE = regex(r"[^/.][^/]*\.[A-Za-z][A-Za-z0-9]*$|\.sock$")


class Shield(Enum):
    """What a volume at a folder of dependencies, caches or build output does."""

    MASKS = "masks"
    """It lies below a bind mount."""
    BESIDE = "beside"
    """It lies beside what is bind-mounted, or in the working directory: it does no harm."""
    DEAD = "dead"
    """The source code is bind-mounted elsewhere: it masks nothing."""
    ALONE = "alone"
    """No source code is bind-mounted, as far as that is known."""


def shield(container: Container, mount: Mount) -> Shield | None:
    """Return what an anonymous volume shields; None if it is not at a folder of the kind that is shielded."""
    if not mount.is_anonymous:
        return None
    folder = _project_folder(mount.target.value)
    if folder is None:
        return None
    binds = [bind for bind in source_binds(container) if not bind.target.unresolved]
    if any(within(folder, bind.target.value) for bind in binds):
        return Shield.MASKS
    workdir = working_directory(container)
    if not binds:
        return Shield.ALONE
    if folder != "/" and any(within(bind.target.value, folder) for bind in binds):
        return Shield.BESIDE
    if workdir and workdir != "/":
        return Shield.BESIDE if within(folder, workdir) else Shield.DEAD
    roots = (".", "./", "${PWD}", "$PWD", "$(pwd)")
    whole = any(bind.source is not None and bind.source.value in roots for bind in binds)
    return Shield.DEAD if whole else Shield.ALONE


def source_binds(container: Container) -> list[Mount]:
    """Return the bind mounts of directories that may hold source code, and what is watched as if it were mounted."""
    return [
        mount
        for mount in container.shown
        if mount.kind is MountKind.BIND
        and mount.source is not None
        and not mount.shadowed
        and not _FILE.search(mount.source.value)
        and mount.target.value.startswith("/")
    ]


def working_directory(container: Container) -> str:
    """Return a container's working directory; '' where it is not known."""
    if container.working_dir is not None:
        return "" if container.working_dir.unresolved else container.working_dir.value
    stage = built_stage(container)
    return stage.workdir if stage is not None and stage.workdir_span is not None else ""


def _project_folder(target: str) -> str | None:
    """Return the folder that holds the first dependency, cache or output folder of a path; None without one."""
    parts = target.split("/")
    for index, part in enumerate(parts):
        if part and (
            is_dependency_directory(part) or is_cache_directory(part) or is_build_output(part)
        ):
            return "/".join(parts[:index]) or "/"
    return None
