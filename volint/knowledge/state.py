"""Where a container keeps its state: the image's data paths, as version, variables and command move them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.knowledge.commands import command_words, elsewhere
from volint.knowledge.images import within
from volint.knowledge.moves import DataPath, moved
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.knowledge.entries import Images
    from volint.knowledge.images import Image
    from volint.model import Container, Mount
    from volint.source import Text

__all__ = ["DataPath", "State", "covering_mount", "image_of", "state_of"]


class State(NamedTuple):
    """What is known of a container's state."""

    image: Image
    """The image's facts."""
    paths: tuple[DataPath, ...]
    """Where it keeps state; all alternatives if `version_dependent`."""
    version_dependent: bool
    """True if the tag does not tell which of `paths` it is: one of them covered is enough."""
    elsewhere: str
    """Why it keeps none of its own: 'in memory', 'external', 'a cache', 'a client' ...; else ''."""
    unknown: bool
    """True if something unknown decides about the path (a variable, a relative path, a mounted configuration)."""
    volumes: tuple[str, ...]
    """Paths at which the image declares volumes that apply: unmounted, they become anonymous volumes."""

    def keeps_at(self, target: str) -> DataPath | None:
        """Return the data path that a mount on `target` would keep, wholly or in part."""
        for data in self.paths:
            if within(data.path, target) or within(target, data.path):
                return data
        return None


def image_of(container: Container, images: Images) -> Image | None:
    """Return what is known of the image a container runs; of what it builds, the image it is built FROM."""
    build = container.build
    if build is not None and build.stages and build.target_index is not None:
        stage = build.stages[build.target_index]
        for _ in build.stages:
            if stage.base_index is None:
                break
            stage = build.stages[stage.base_index]
        return images.lookup(stage.base.value)
    if build is None and container.image is not None:
        return images.lookup(container.image.value)
    return None


def covering_mount(container: Container, path: str, volumes: Sequence[str] = ()) -> Mount | None:
    """Return the mount that keeps what is written at a path; None if none does.

    That is the deepest one at or above it, unless a volume that the image declares lies between:
    Docker then puts an anonymous volume there.
    """
    best: Mount | None = None
    for mount in container.mounts:
        if (
            not mount.shadowed
            and within(path, mount.target.value)
            and (best is None or len(mount.target.value) >= len(best.target.value))
        ):
            best = mount
    if best is None:
        return None
    depth = len(best.target.value.rstrip("/"))
    for volume in volumes:
        if within(path, volume) and len(volume.rstrip("/")) > depth:
            return None
    return best


def state_of(container: Container, images: Images) -> State | None:
    """Return where a container keeps state; None if nothing is known of its image."""
    image = image_of(container, images)
    if image is None:
        return None
    words = command_words(container)
    places = [(place, image.applies(place.when)) for place in image.places]
    data = [(p, known) for p, known in places if p.role == "data" and known is not False]
    alternatives = any(known is None for _, known in data)
    paths: list[DataPath] = []
    unknown = False
    for place, _ in data:
        others, hidden = moved(image, place, container, words)
        unknown = unknown or hidden
        paths += others or [DataPath(place.path, place)]
    if any(move.kind == "config" for move in image.moves):
        unknown = unknown or _has_own_config(container, image)
    volumes = tuple(p.path for p, known in places if p.volume and known is not False)
    if container.build is not None:
        volumes += tuple(volume.value for volume in _built_volumes(container))
    return State(
        image,
        tuple(dict.fromkeys(paths)),
        alternatives,
        elsewhere(image, container, words),
        unknown,
        volumes,
    )


def _built_volumes(container: Container) -> tuple[Text, ...]:
    build = container.build
    if build is None or build.target_index is None:
        return ()
    return build.stages[build.target_index].volumes


def _has_own_config(container: Container, image: Image) -> bool:
    """Return whether a configuration file is mounted or named that may set the path."""
    for mount in container.mounts:
        place = image.role_of(mount.target.value)
        if (place is not None and place.role == "config") or re.search(
            r"\.(ya?ml|toml|conf|hcl|json|ini|cfg)$", mount.target.value
        ):
            return True
    return any("config" in word.value for word in command_words(container))
