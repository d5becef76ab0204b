"""The configuration of a run as inert types; the defaults are those of no configuration at all.

`volint.config.load` finds and reads it, `volint.selection` applies it to rules and findings. It selects
and sets rules; nothing in it names code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.files import MAX_SIZE
from volint.globs import first_match
from volint.mistakes import ConfigError
from volint.model import Environment, EnvironmentKind
from volint.record import NamedTuple
from volint.rule import Confidence, Level, Persona

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.assemble.setspec import SetSpec
    from volint.files import Files
    from volint.globs import Glob
    from volint.source import Span, Text

__all__ = [
    "Config",
    "ContainerExclude",
    "Layer",
    "OptionValue",
    "ProjectSet",
    "RuleSetting",
    "Written",
]


class Layer(NamedTuple):
    """What one place says about which rules run; later layers win."""

    select: tuple[Text, ...] | None = None
    """Only these; None: as the layers before say."""
    extend: tuple[Text, ...] = ()
    """These as well."""
    ignore: tuple[Text, ...] = ()
    """Not these."""
    by_hand: bool = False
    """True for the command line's, which wins over settings of single rules as well."""


class Written(NamedTuple):
    """One entry of a configuration file, or an option of the command line, and where it stands."""

    name: str
    """The setting."""
    key: str
    """The key within it, where it is a mapping of names to values; else empty."""
    value: object
    """The value in Python's own types."""
    span: Span
    """Its place; of a source that is no file on the command line."""


class OptionValue(NamedTuple):
    """A rule's option as it was written; its type is known only when the rule is."""

    value: object
    """str, int, float, bool, None, or a list of them."""
    name: Span
    """Where its name stands."""
    span: Span
    """Where its value stands."""


class RuleSetting(NamedTuple):
    """What the configuration says of one rule."""

    rule: Text
    """Code or name."""
    enabled: bool | None = None
    """Whether it is on; None: not said."""
    level: Level | None = None
    """The level of its findings."""
    persona: Persona | None = None
    """Who sees them."""
    options: Mapping[str, OptionValue] = {}
    """Its options."""


class ContainerExclude(NamedTuple):
    """A container that some rules do not apply to."""

    container: str
    """Glob for its name."""
    file: Glob | None
    """Only in files that match; None: in all."""
    rules: tuple[Text, ...]
    """The rules."""
    reason: str
    """Why."""


class ProjectSet(NamedTuple):
    """A Compose file set that the configuration names."""

    name: Text
    """Its name."""
    files: tuple[Text, ...]
    """Paths relative to `root`, in the order of -f."""
    root: str
    """Absolute folder of the configuration file that names it."""
    profiles: tuple[str, ...] = ()
    """Profiles that are on."""
    env_files: tuple[str, ...] | None = None
    """Absolute paths of env files; None: `.env` of the project directory."""
    directory: str | None = None
    """Absolute project directory; None: that of the first file."""
    project_name: str | None = None
    """What the project is called; None: as Compose would name it."""
    stack: bool = False
    """True if it is deployed with `docker stack deploy`."""


class Config(NamedTuple):
    """Everything that can be set, checked; the defaults are those of no configuration at all."""

    path: str | None = None
    """The file it was read from, as shown to a person; None without one."""
    root: str = ""
    """Absolute directory its globs and paths are relative to."""
    layers: tuple[Layer, ...] = ()
    """Which rules run."""
    persona: Persona = Persona.REGULAR
    """Whose findings to show."""
    min_level: Level = Level.NOTE
    """Findings below are hidden."""
    min_confidence: Confidence = Confidence.LOW
    """Findings less sure are hidden."""
    fail_on: Level = Level.WARNING
    """From this level on the exit status is 1."""
    exclude: tuple[Glob, ...] = ()
    """Files and folders to leave out."""
    environments: tuple[tuple[Glob, EnvironmentKind, str], ...] = ()
    """Where the projects of some files run, and the file that says so; the first match wins."""
    rules: tuple[RuleSetting, ...] = ()
    """Settings of single rules."""
    per_file_ignores: tuple[tuple[Glob, tuple[Text, ...]], ...] = ()
    """Rules that do not apply to some files."""
    exclude_containers: tuple[ContainerExclude, ...] = ()
    """Containers that some rules do not apply to."""
    require_ignore_reason: bool = False
    """True if an ignore comment must say why."""
    projects: tuple[ProjectSet, ...] = ()
    """File sets that run together."""
    platform_volumes: tuple[Glob, ...] = ()
    """Compose files whose volumes the platform declares."""
    images: tuple[Mapping[str, object], ...] = ()
    """What is known of the user's own images."""
    patterns: Mapping[str, tuple[str, ...]] = {}
    """Names of the user's own files and host paths, by what they are."""
    max_file_size: int = MAX_SIZE
    """Bytes; larger files are not read."""
    written: tuple[Written, ...] = ()
    """Everything that was set, what wins last."""

    def environment_of(self, path: str) -> Environment | None:
        """Return what the configuration says of where the project of a file runs, or None.

        The path is absolute, or relative to the configuration's folder.
        """
        path = os.path.join(self.root, path)
        for glob, kind, file in self.environments:
            if glob.matches(path):
                return Environment(kind, f"'{glob.pattern}' in {file}")
        return None

    def declares_volumes(self, path: str) -> bool:
        """Return whether the platform declares the volumes of the Compose file at an absolute path."""
        return first_match(self.platform_volumes, path) is not None

    def file_sets(self, files: Files) -> tuple[SetSpec, ...]:
        """Return the Compose file sets it names. Raises ConfigError if one of their files is missing."""
        from volint.assemble.setspec import SetSpec

        sets = []
        for project in self.projects:
            paths = []
            for text in project.files:
                path = os.path.abspath(os.path.join(project.root, text.value))
                if files.exists(path) is False:
                    raise ConfigError(
                        f"'{text.value}' of the project '{project.name}' does not exist; "
                        "write it relative to the configuration's folder",
                        text.span.source.path,
                        *text.span.source.position(text.span.start),
                    )
                paths.append(path)
            sets.append(
                SetSpec(
                    tuple(paths),
                    f"project '{project.name}' in {project.name.span.source.path}",
                    project.profiles,
                    project.env_files,
                    project.directory,
                    project.project_name,
                    project.name.span,
                    stack=project.stack,
                )
            )
        return tuple(sets)
