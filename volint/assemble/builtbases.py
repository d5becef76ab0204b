"""Images that one service of a project builds and another one's Dockerfile starts from.

Named as `service:NAME` by a named context, or by the tag that the other service's `image` gives its build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.build import image_volumes
from volint.model import Syntax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.model import Build, Container, Stage
    from volint.source import Text

__all__ = ["on_built_bases"]

_SERVICE = "service:"


def on_built_bases(containers: Sequence[Container]) -> list[Container]:
    """Return containers with what their images take over from those that other ones build.

    That is USER, WORKDIR, ENV, VOLUME, CMD and ENTRYPOINT at the end of the stage that the other one
    builds, and the image at its bottom.
    """
    bases = _Bases(containers)
    return [bases.container(container) for container in containers]


class _Bases:
    def __init__(self, containers: Sequence[Container]) -> None:
        built = [container for container in containers if container.build is not None]
        self._services = {container.name.value: container for container in built}
        self._tags = {
            _tagged(container.image.value): container
            for container in built
            if container.image is not None and not container.image.unresolved
        }
        self._made: dict[str, Container] = {}
        self._active: set[str] = set()

    def container(self, container: Container) -> Container:
        """Return a container as it is on what others build; one of a circle as it is."""
        name, build = container.name.value, container.build
        if build is None or name in self._active:
            return container
        if name not in self._made:
            self._active.add(name)
            self._made[name] = self._on_bases(container, build)
            self._active.discard(name)
        return self._made[name]

    def _on_bases(self, container: Container, build: Build) -> Container:
        stages: list[Stage] = []
        parents: dict[int, tuple[Stage, Text]] = {}
        for index, stage in enumerate(build.stages):
            if stage.base_index is None:
                parent = self._parent(container, build, stage.base)
            else:
                parent = parents.get(stage.base_index)
            if parent is not None:
                parents[index] = parent
                stage = _taken_over(stage, *parent)
            stages.append(stage)
        if not parents:
            return container
        own = (mount for mount in container.mounts if mount.syntax is not Syntax.INSTRUCTION)
        container = container._replace(
            build=build._replace(stages=tuple(stages)), mounts=tuple(own)
        )
        return container._replace(mounts=(*container.mounts, *image_volumes(container)))

    def _parent(self, container: Container, build: Build, base: Text) -> tuple[Stage, Text] | None:
        """Return the stage that another service builds under a name, and the image at its bottom."""
        named = build.additional_contexts.get(base.value)
        if named is None:
            other = self._tags.get(_tagged(base.value))
        elif named.value.startswith(_SERVICE):
            other = self._services.get(named.value[len(_SERVICE) :])
        else:
            other = None
        if other is None or other is container:
            return None
        made = self.container(other).build
        if made is None or made.target_index is None:
            return None
        stage = bottom = made.stages[made.target_index]
        while bottom.base_index is not None:
            bottom = made.stages[bottom.base_index]
        return stage, bottom.base


def _tagged(image: str) -> str:
    return image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"


def _taken_over(stage: Stage, parent: Stage, bottom: Text) -> Stage:
    moved = stage.workdir_span is not None
    return stage._replace(
        base=bottom if stage.base_index is None else stage.base,
        user=stage.user or parent.user,
        workdir=stage.workdir if moved else parent.workdir,
        workdir_span=stage.workdir_span if moved else parent.workdir_span,
        env={**parent.env, **stage.env},
        volumes=(*parent.volumes, *stage.volumes),
        command=parent.command if stage.command is None else stage.command,
        entrypoint=parent.entrypoint if stage.entrypoint is None else stage.entrypoint,
    )
