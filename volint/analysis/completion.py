"""Whether a project is meant to be completed by a file that everybody makes for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from volint.model import Project

__all__ = ["awaits_override"]

_TEMPLATE = regex(
    r"(?:docker-)?compose[.-]override(?:\.ya?ml[.-](?:example|sample|dist|template|tmpl|default)"
    r"|[.-](?:example|sample|dist|template)\.ya?ml)\Z"
)


def awaits_override(project: Project) -> bool:
    """Return whether a template of an override lies beside a project's file, and no override.

    Such a project (`compose.yaml` with `compose.override.yaml.example`) runs only with a copy of it, so what it does
    not declare itself may be declared there.
    """
    if project.surroundings is None or project.root is None or len(project.sources) != 1:
        return False
    return any(_TEMPLATE.match(name) for name in project.surroundings.names(project.root))
