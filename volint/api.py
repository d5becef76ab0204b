"""Everything a rule may import of volint.

This is the stable interface for rules, built-in and third-party alike; a test holds that the built-in
rules import nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint import edits, knowledge
from volint.model import (
    Build,
    Command,
    CommandKind,
    Container,
    ContainerKind,
    ContextFile,
    Device,
    EnvFile,
    Environment,
    EnvironmentKind,
    EnvVar,
    FileSet,
    Mount,
    MountKind,
    Project,
    ProjectKind,
    Secret,
    Stage,
    Step,
    StepKind,
    Syntax,
    Volume,
    VolumesFrom,
)
from volint.model import Option as MountOption
from volint.rule import (
    Confidence,
    Edit,
    Finding,
    Fix,
    Level,
    Option,
    Pack,
    Part,
    Persona,
    Rule,
    RuleEntry,
)
from volint.source import Kind, Label, Problem, Source, Span, Text

if TYPE_CHECKING:
    from volint.knowledge.credentials import Credential
    from volint.knowledge.hostpaths import HostPath
    from volint.knowledge.images import HostAccess, Image, Place, WrongTarget
    from volint.knowledge.moves import DataPath
    from volint.knowledge.patterns import Download, ModelFile, SecretFile
    from volint.knowledge.references import ImageRef
    from volint.knowledge.state import State
    from volint.model import ContextFiles

__all__ = [
    "Build",
    "Command",
    "CommandKind",
    "Confidence",
    "Container",
    "ContainerKind",
    "ContextFile",
    "ContextFiles",
    "Credential",
    "DataPath",
    "Device",
    "Download",
    "Edit",
    "EnvFile",
    "EnvVar",
    "Environment",
    "EnvironmentKind",
    "FileSet",
    "Finding",
    "Fix",
    "HostAccess",
    "HostPath",
    "Image",
    "ImageRef",
    "Kind",
    "Label",
    "Level",
    "ModelFile",
    "Mount",
    "MountKind",
    "MountOption",
    "Option",
    "Pack",
    "Part",
    "Persona",
    "Place",
    "Problem",
    "Project",
    "ProjectKind",
    "Rule",
    "RuleEntry",
    "Secret",
    "SecretFile",
    "Source",
    "Span",
    "Stage",
    "State",
    "Step",
    "StepKind",
    "Syntax",
    "Text",
    "Volume",
    "VolumesFrom",
    "WrongTarget",
    "edits",
    "knowledge",
]

_LAZY = {
    "ContextFiles": "volint.model",
    "Credential": "volint.knowledge.credentials",
    "DataPath": "volint.knowledge.moves",
    "Download": "volint.knowledge.patterns",
    "HostAccess": "volint.knowledge.images",
    "HostPath": "volint.knowledge.hostpaths",
    "Image": "volint.knowledge.images",
    "ImageRef": "volint.knowledge.references",
    "ModelFile": "volint.knowledge.patterns",
    "Place": "volint.knowledge.images",
    "SecretFile": "volint.knowledge.patterns",
    "State": "volint.knowledge.state",
    "WrongTarget": "volint.knowledge.images",
}
"""Types that rules mostly need in annotations alone: their modules are imported when asked for."""


def __getattr__(name: str) -> object:
    """Import what `_LAZY` names. Raises AttributeError."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
