"""The mount model: what runs together, what it mounts, what it is built from.

Every reader lowers its files into these types and every rule looks at nothing else. They are frozen,
inert and free of I/O; a value a rule may want to point at is a `Text` or has a `span`.
Paths in `Text`s are as Docker would see them before the host's file system is asked; `resolved_source`
and `root` are absolute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.model.builds import (
    Build,
    ContextFile,
    NamedContext,
    Stage,
    Step,
    StepKind,
)
from volint.model.containers import (
    Container,
    ContainerKind,
    Device,
    EnvFile,
    Environment,
    EnvironmentKind,
    EnvVar,
    Placement,
    VolumesFrom,
)
from volint.model.mounts import (
    Mount,
    MountKind,
    Option,
    Syntax,
)
from volint.model.objects import (
    Command,
    CommandKind,
    ConfigObject,
    Secret,
    Volume,
)
from volint.model.projects import (
    FileSet,
    Project,
    ProjectKind,
)
from volint.source import Label, Problem, Source, Span, Text

if TYPE_CHECKING:
    from volint.model.protocols import ContextFiles, Surroundings

__all__ = [
    "Build",
    "Command",
    "CommandKind",
    "ConfigObject",
    "Container",
    "ContainerKind",
    "ContextFile",
    "ContextFiles",
    "Device",
    "EnvFile",
    "EnvVar",
    "Environment",
    "EnvironmentKind",
    "FileSet",
    "Label",
    "Mount",
    "MountKind",
    "NamedContext",
    "Option",
    "Placement",
    "Problem",
    "Project",
    "ProjectKind",
    "Secret",
    "Source",
    "Span",
    "Stage",
    "Step",
    "StepKind",
    "Surroundings",
    "Syntax",
    "Text",
    "Volume",
    "VolumesFrom",
]


def __getattr__(name: str) -> Any:
    """Return one of the protocols: only type checkers need them, and they take time to define."""
    if name not in ("ContextFiles", "Surroundings"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from volint.model import protocols

    return getattr(protocols, name)
