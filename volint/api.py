"""Everything a rule may import of volint.

This is the stable interface for rules, built-in and third-party alike; a test holds that the built-in
rules import nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint import edits, knowledge
from volint.lazy import regex
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
    Regex,
    Rule,
    RuleEntry,
    Size,
)
from volint.source import Kind, Label, Problem, Source, Span, Text

if TYPE_CHECKING:
    from volint.backups import Backup, backup_of
    from volint.commandsecrets import command_literals, line_literals
    from volint.completion import awaits_override
    from volint.contextgaps import Unwanted, lacks_ignore_file, new_ignore_file, unwanted
    from volint.copies import Copy, copies, final_stages
    from volint.deadpatterns import (
        DeadPattern,
        dead_patterns,
        excluding_pattern,
        meant_to_stay_out,
    )
    from volint.imagesecrets import (
        Declared,
        TakenSecret,
        declared_secrets,
        names_secret,
        taken_secrets,
    )
    from volint.installs import Install, installs, installs_at_start
    from volint.knowledge.contents import Verdict
    from volint.knowledge.credentials import Credential
    from volint.knowledge.hostpaths import HostPath
    from volint.knowledge.images import HostAccess, Image, Place, WrongTarget
    from volint.knowledge.moves import DataPath
    from volint.knowledge.patterns import Download, ModelFile, SecretFile
    from volint.knowledge.references import ImageRef
    from volint.knowledge.state import State
    from volint.layersecrets import kept_secrets, layer_literals, removed_secrets
    from volint.literals import (
        Exposure,
        Literal,
        env_literals,
        exposure,
        names_of_users,
        variable_literals,
    )
    from volint.model import ContextFiles, Surroundings
    from volint.modeldownloads import ModelDownload, downloaded_models
    from volint.mountedsecrets import MountedSecret, mounted_secrets
    from volint.mountsyntax import has_long_form, long_form
    from volint.ownership import base_is_roots, is_root, made_by_root, may_be_given, may_give
    from volint.runwrites import written_paths
    from volint.secretgrants import declared_secret, honours_secret_options
    from volint.service_edits import mount_volumes
    from volint.shields import Shield, shield, source_binds, working_directory
    from volint.statepaths import StatePath, state_paths
    from volint.storage import (
        Held,
        Misplaced,
        Storage,
        declared_volume,
        is_throwaway,
        known_name,
        storages,
    )
    from volint.volume_edits import declare_volume, free_volume_name, remove_secret, remove_volume
    from volint.volumepaths import meant_path
    from volint.wording import listed

__all__ = [
    "Backup",
    "Build",
    "Command",
    "CommandKind",
    "Confidence",
    "Container",
    "ContainerKind",
    "ContextFile",
    "ContextFiles",
    "Copy",
    "Credential",
    "DataPath",
    "DeadPattern",
    "Declared",
    "Device",
    "Download",
    "Edit",
    "EnvFile",
    "EnvVar",
    "Environment",
    "EnvironmentKind",
    "Exposure",
    "FileSet",
    "Finding",
    "Fix",
    "Held",
    "HostAccess",
    "HostPath",
    "Image",
    "ImageRef",
    "Install",
    "Kind",
    "Label",
    "Level",
    "Literal",
    "Misplaced",
    "ModelDownload",
    "ModelFile",
    "Mount",
    "MountKind",
    "MountOption",
    "MountedSecret",
    "Option",
    "Pack",
    "Part",
    "Persona",
    "Place",
    "Problem",
    "Project",
    "ProjectKind",
    "Regex",
    "Rule",
    "RuleEntry",
    "Secret",
    "SecretFile",
    "Shield",
    "Size",
    "Source",
    "Span",
    "Stage",
    "State",
    "StatePath",
    "Step",
    "StepKind",
    "Storage",
    "Surroundings",
    "Syntax",
    "TakenSecret",
    "Text",
    "Unwanted",
    "Verdict",
    "Volume",
    "VolumesFrom",
    "WrongTarget",
    "awaits_override",
    "backup_of",
    "base_is_roots",
    "command_literals",
    "copies",
    "dead_patterns",
    "declare_volume",
    "declared_secret",
    "declared_secrets",
    "declared_volume",
    "downloaded_models",
    "edits",
    "env_literals",
    "excluding_pattern",
    "exposure",
    "final_stages",
    "free_volume_name",
    "has_long_form",
    "honours_secret_options",
    "installs",
    "installs_at_start",
    "is_root",
    "is_throwaway",
    "kept_secrets",
    "knowledge",
    "known_name",
    "lacks_ignore_file",
    "layer_literals",
    "line_literals",
    "listed",
    "long_form",
    "made_by_root",
    "may_be_given",
    "may_give",
    "meant_path",
    "meant_to_stay_out",
    "mount_volumes",
    "mounted_secrets",
    "names_of_users",
    "names_secret",
    "new_ignore_file",
    "regex",
    "remove_secret",
    "remove_volume",
    "removed_secrets",
    "shield",
    "source_binds",
    "state_paths",
    "storages",
    "taken_secrets",
    "unwanted",
    "variable_literals",
    "working_directory",
    "written_paths",
]

_LAZY = {
    "awaits_override": "volint.completion",
    "base_is_roots": "volint.ownership",
    "is_root": "volint.ownership",
    "made_by_root": "volint.ownership",
    "may_be_given": "volint.ownership",
    "may_give": "volint.ownership",
    "Install": "volint.installs",
    "installs": "volint.installs",
    "installs_at_start": "volint.installs",
    "Backup": "volint.backups",
    "backup_of": "volint.backups",
    "ContextFiles": "volint.model",
    "Copy": "volint.copies",
    "Credential": "volint.knowledge.credentials",
    "DataPath": "volint.knowledge.moves",
    "DeadPattern": "volint.deadpatterns",
    "Declared": "volint.imagesecrets",
    "Download": "volint.knowledge.patterns",
    "Held": "volint.storage",
    "HostAccess": "volint.knowledge.images",
    "HostPath": "volint.knowledge.hostpaths",
    "Image": "volint.knowledge.images",
    "ImageRef": "volint.knowledge.references",
    "Literal": "volint.literals",
    "Misplaced": "volint.storage",
    "ModelDownload": "volint.modeldownloads",
    "ModelFile": "volint.knowledge.patterns",
    "MountedSecret": "volint.mountedsecrets",
    "Place": "volint.knowledge.images",
    "SecretFile": "volint.knowledge.patterns",
    "Shield": "volint.shields",
    "State": "volint.knowledge.state",
    "StatePath": "volint.statepaths",
    "Storage": "volint.storage",
    "Surroundings": "volint.model",
    "TakenSecret": "volint.imagesecrets",
    "Unwanted": "volint.contextgaps",
    "Verdict": "volint.knowledge.contents",
    "WrongTarget": "volint.knowledge.images",
    "command_literals": "volint.commandsecrets",
    "copies": "volint.copies",
    "line_literals": "volint.commandsecrets",
    "names_of_users": "volint.literals",
    "dead_patterns": "volint.deadpatterns",
    "declare_volume": "volint.volume_edits",
    "declared_secrets": "volint.imagesecrets",
    "declared_volume": "volint.storage",
    "downloaded_models": "volint.modeldownloads",
    "env_literals": "volint.literals",
    "excluding_pattern": "volint.deadpatterns",
    "exposure": "volint.literals",
    "Exposure": "volint.literals",
    "meant_to_stay_out": "volint.deadpatterns",
    "variable_literals": "volint.literals",
    "final_stages": "volint.copies",
    "free_volume_name": "volint.volume_edits",
    "honours_secret_options": "volint.secretgrants",
    "declared_secret": "volint.secretgrants",
    "is_throwaway": "volint.storage",
    "kept_secrets": "volint.layersecrets",
    "known_name": "volint.storage",
    "layer_literals": "volint.layersecrets",
    "removed_secrets": "volint.layersecrets",
    "has_long_form": "volint.mountsyntax",
    "listed": "volint.wording",
    "long_form": "volint.mountsyntax",
    "meant_path": "volint.volumepaths",
    "mount_volumes": "volint.service_edits",
    "mounted_secrets": "volint.mountedsecrets",
    "names_secret": "volint.imagesecrets",
    "remove_secret": "volint.volume_edits",
    "remove_volume": "volint.volume_edits",
    "shield": "volint.shields",
    "source_binds": "volint.shields",
    "state_paths": "volint.statepaths",
    "storages": "volint.storage",
    "taken_secrets": "volint.imagesecrets",
    "lacks_ignore_file": "volint.contextgaps",
    "new_ignore_file": "volint.contextgaps",
    "unwanted": "volint.contextgaps",
    "working_directory": "volint.shields",
    "written_paths": "volint.runwrites",
}
"""Types that rules mostly need in annotations alone, and analyses that some share: imported when asked for."""


def __getattr__(name: str) -> object:
    """Import what `_LAZY` names. Raises AttributeError."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
