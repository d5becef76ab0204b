"""Edits that put a named volume, which they declare, in the place of one without a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.edits import add_field, add_source, is_object
from volint.edits.services import mount_volumes
from volint.edits.volumes import declare_volume
from volint.lazy import regex
from volint.model import Syntax
from volint.rule import Edit
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.model import Container, Mount, Project
    from volint.source import Text

__all__ = ["mount_new_volumes", "name_volume"]

_PLAIN_PATH = regex(r"[\w./-]+")


def name_volume(project: Project, mount: Mount, name: str) -> Sequence[Edit] | None:
    """Return the edits that name a mount's volume and declare it; None where one of them is not plain."""
    naming = _naming(mount, name)
    if naming is None:
        return None
    if mount.syntax not in (Syntax.SHORT, Syntax.LONG):
        return (naming,)
    declaration = declare_volume(project, mount.span.source, name)
    return None if declaration is None else (naming, declaration)


def _naming(mount: Mount, name: str) -> Edit | None:
    spec = mount.spec
    if mount.syntax in (Syntax.SHORT, Syntax.V, Syntax.QUADLET_VOLUME) and spec is not None:
        if not spec.span.text().startswith("/"):
            return None
        return Edit(Span(mount.span.source, spec.span.start, spec.span.start), f"{name}:")
    if mount.syntax is Syntax.LONG or is_object(mount):
        return add_source(mount, name)
    return add_field(mount, f"source={name}")


def mount_new_volumes(
    project: Project, container: Container, targets: Mapping[str, Text]
) -> Sequence[Edit] | None:
    """Return the edits that mount volumes, by their names, at paths and declare them; None where one is not plain."""
    if any(path.unresolved or not _PLAIN_PATH.fullmatch(path.value) for path in targets.values()):
        return None
    mounting = mount_volumes(container, [f"{name}:{path}" for name, path in targets.items()])
    declaration = declare_volume(project, container.name.span.source, *targets)
    if mounting is None or declaration is None:
        return None
    if mounting.span == declaration.span:
        return (Edit(mounting.span, mounting.replacement + declaration.replacement),)
    return mounting, declaration
