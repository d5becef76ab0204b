"""What a swarm makes of a project: its mounts, its secrets and configs, where its tasks run.

Source of the behaviour: docker/cli 29, cli/compose/convert; moby, daemon/cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, mapping, text
from volint.assemble.compose.values import text_of
from volint.model import MountKind, Option, Placement, Syntax

if TYPE_CHECKING:
    from volint.assemble.compose.request import Loaded
    from volint.model import Mount, Project

__all__ = ["to_swarm"]


_UNKNOWN = (Syntax.TMPFS_KEY, Syntax.API_SOCKET)
"""What `docker stack deploy` makes no mount of."""


def to_swarm(project: Project, loaded: Loaded, *, deployed: bool) -> Project:
    """Return a project as a swarm runs it.

    Secrets and configs lie in a tmpfs of each task, owner and mode as given. With `deployed` (a command does
    so; it is not only called a stack) the hosts of bind mounts are the nodes, where nothing creates a missing
    path, and services have their `placement`.
    """
    services = mapping(loaded.tree.entries.get("services")) if loaded.tree is not None else {}
    containers = []
    for container in project.containers:
        mounts = tuple(
            _mount(mount, deployed)
            for mount in container.mounts
            if not (deployed and mount.syntax in _UNKNOWN)
        )
        container = container._replace(mounts=mounts)
        if deployed:
            deploy = child(services.get(container.name.value), "deploy")
            constraints = items(child(deploy, "placement", "constraints"))
            container = container._replace(
                watched=(),
                placement=Placement(
                    text(child(deploy, "mode")) or "replicated",
                    tuple(found for item in constraints if (found := text_of(item)) is not None),
                ),
                devices=(),
                privileged=False,
                depends_on=(),
                profiles=(),
            )
        containers.append(container)
    return project._replace(
        containers=tuple(containers), swarm=True, named=project.named or deployed
    )


def _mount(mount: Mount, deployed: bool) -> Mount:
    if mount.syntax in (Syntax.SECRETS_KEY, Syntax.CONFIGS_KEY):
        return mount._replace(in_memory=True)
    if not deployed:
        return mount
    options = {
        name: option
        for name, option in mount.options.items()
        if name not in ("selinux", "recursive")
    }
    if mount.kind is MountKind.BIND:
        place = mount.source.span if mount.source is not None else mount.span
        options["create_host_path"] = Option(False, place)
    return mount._replace(options=options)
