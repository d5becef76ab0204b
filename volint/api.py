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
    from volint.analysis.backups import Backup, backup_of
    from volint.analysis.commandsecrets import command_literals, line_literals
    from volint.analysis.completion import awaits_override
    from volint.analysis.contextgaps import Unwanted, lacks_ignore_file, new_ignore_file, unwanted
    from volint.analysis.copies import Copy, copies, final_stages
    from volint.analysis.deadpatterns import (
        DeadPattern,
        dead_patterns,
        excluding_pattern,
        meant_to_stay_out,
    )
    from volint.analysis.imagesecrets import (
        Declared,
        TakenSecret,
        declared_secrets,
        names_secret,
        taken_secrets,
    )
    from volint.analysis.inputs import HostInput, container_input
    from volint.analysis.installs import Install, installs, installs_at_start
    from volint.analysis.layersecrets import kept_secrets, layer_literals, removed_secrets
    from volint.analysis.literals import (
        Exposure,
        Literal,
        env_literals,
        exposure,
        names_of_users,
        variable_literals,
    )
    from volint.analysis.modeldownloads import ModelDownload, downloaded_models
    from volint.analysis.mountedsecrets import MountedSecret, mounted_secrets
    from volint.analysis.ownership import (
        base_is_roots,
        is_root,
        made_by_root,
        may_be_given,
        may_give,
    )
    from volint.analysis.runwrites import written_paths
    from volint.analysis.secretgrants import declared_secret, honours_secret_options
    from volint.analysis.shields import Shield, shield, source_binds, working_directory
    from volint.analysis.statepaths import StatePath, state_paths
    from volint.analysis.storage import (
        Held,
        Misplaced,
        Storage,
        declared_volume,
        is_throwaway,
        known_name,
        storages,
    )
    from volint.analysis.volumepaths import meant_path
    from volint.analysis.wording import listed
    from volint.analysis.workshops import in_devcontainer
    from volint.analysis.writers import ConcurrentServers, SharedMount, shared_mounts
    from volint.edits.mountsyntax import has_long_form, long_form
    from volint.edits.naming import mount_new_volumes, name_volume
    from volint.edits.volumes import declare_volume, free_volume_name, remove_secret, remove_volume
    from volint.knowledge.contents import Verdict
    from volint.knowledge.credentials import Credential
    from volint.knowledge.hostpaths import HostPath
    from volint.knowledge.images import HostAccess, Image, Place, WrongTarget
    from volint.knowledge.moves import DataPath
    from volint.knowledge.patterns import Download, ModelFile, SecretFile
    from volint.knowledge.references import ImageRef
    from volint.knowledge.state import State
    from volint.model import ContextFiles, Surroundings

__all__ = [
    "Backup",
    "Build",
    "Command",
    "CommandKind",
    "ConcurrentServers",
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
    "HostInput",
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
    "SharedMount",
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
    "container_input",
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
    "in_devcontainer",
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
    "mount_new_volumes",
    "mounted_secrets",
    "name_volume",
    "names_of_users",
    "names_secret",
    "new_ignore_file",
    "regex",
    "remove_secret",
    "remove_volume",
    "removed_secrets",
    "shared_mounts",
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
    name: module
    for module, names in {
        "volint.analysis.backups": "Backup backup_of",
        "volint.analysis.commandsecrets": "command_literals line_literals",
        "volint.analysis.completion": "awaits_override",
        "volint.analysis.contextgaps": "lacks_ignore_file new_ignore_file Unwanted unwanted",
        "volint.analysis.copies": "copies Copy final_stages",
        "volint.analysis.deadpatterns": "dead_patterns DeadPattern excluding_pattern meant_to_stay_out",
        "volint.analysis.imagesecrets": "Declared declared_secrets names_secret taken_secrets TakenSecret",
        "volint.analysis.inputs": "container_input HostInput",
        "volint.analysis.installs": "Install installs installs_at_start",
        "volint.analysis.layersecrets": "kept_secrets layer_literals removed_secrets",
        "volint.analysis.literals": "env_literals exposure Exposure Literal names_of_users variable_literals",
        "volint.analysis.modeldownloads": "downloaded_models ModelDownload",
        "volint.analysis.mountedsecrets": "mounted_secrets MountedSecret",
        "volint.analysis.ownership": "base_is_roots is_root made_by_root may_be_given may_give",
        "volint.analysis.runwrites": "written_paths",
        "volint.analysis.secretgrants": "declared_secret honours_secret_options",
        "volint.analysis.shields": "Shield shield source_binds working_directory",
        "volint.analysis.statepaths": "state_paths StatePath",
        "volint.analysis.storage": "declared_volume Held is_throwaway known_name Misplaced Storage storages",
        "volint.analysis.volumepaths": "meant_path",
        "volint.analysis.wording": "listed",
        "volint.analysis.workshops": "in_devcontainer",
        "volint.analysis.writers": "ConcurrentServers shared_mounts SharedMount",
        "volint.edits.mountsyntax": "has_long_form long_form",
        "volint.edits.naming": "mount_new_volumes name_volume",
        "volint.edits.volumes": "declare_volume free_volume_name remove_secret remove_volume",
        "volint.knowledge.contents": "Verdict",
        "volint.knowledge.credentials": "Credential",
        "volint.knowledge.hostpaths": "HostPath",
        "volint.knowledge.images": "HostAccess Image Place WrongTarget",
        "volint.knowledge.moves": "DataPath",
        "volint.knowledge.patterns": "Download ModelFile SecretFile",
        "volint.knowledge.references": "ImageRef",
        "volint.knowledge.state": "State",
        "volint.model": "ContextFiles Surroundings",
    }.items()
    for name in names.split()
}
"""Types that rules mostly need in annotations alone, and analyses that some share: imported when asked for."""


def __getattr__(name: str) -> object:
    """Import what `_LAZY` names. Raises AttributeError."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
