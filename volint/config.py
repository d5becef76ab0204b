"""The configuration of a run: found, read, checked; command-line options override it.

One file holds for a run: the nearest `.volint.yaml` or `volint.yaml` at or above what all given paths
have in common, up to the top of the repository. A configuration selects and sets rules; nothing in it
names code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.files import MAX_SIZE, Files, git_root
from volint.globs import Glob, first_match
from volint.mistakes import ConfigError
from volint.model import Environment, EnvironmentKind
from volint.record import NamedTuple
from volint.rule import Confidence, Level, Persona
from volint.source import Source, Span, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from volint.assemble.setspec import SetSpec
    from volint.engine import Enabled
    from volint.plugins import LoadedPack
    from volint.rule import Finding, RuleEntry

__all__ = [
    "NAMES",
    "Config",
    "ConfigError",
    "ContainerExclude",
    "Layer",
    "OptionValue",
    "ProjectSet",
    "RuleSetting",
    "find",
    "load",
    "load_config",
    "with_cli",
]

NAMES = (".volint.yaml", "volint.yaml", ".volint.yml", "volint.yml")
"""What a configuration file may be called."""


class Layer(NamedTuple):
    """What one place says about which rules run; later layers win."""

    select: tuple[Text, ...] | None = None
    """Only these; None: as the layers before say."""
    extend: tuple[Text, ...] = ()
    """These as well."""
    ignore: tuple[Text, ...] = ()
    """Not these."""


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
    """Paths relative to the configuration's folder, in the order of -f."""
    profiles: tuple[str, ...] = ()
    """Profiles that are on."""
    env_files: tuple[str, ...] | None = None
    """Absolute paths of env files; None: `.env` of the project directory."""
    directory: str | None = None
    """Absolute project directory; None: that of the first file."""
    project_name: str | None = None
    """What the project is called; None: as Compose would name it."""


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
    environments: tuple[tuple[Glob, EnvironmentKind], ...] = ()
    """Where the projects of some files run; the first match wins."""
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
    max_file_size: int = MAX_SIZE
    """Bytes; larger files are not read."""

    def environment_of(self, path: str) -> Environment | None:
        """Return what the configuration says of where the project of a file runs, or None.

        The path is absolute, or relative to the configuration's folder.
        """
        path = os.path.join(self.root, path)
        for glob, kind in self.environments:
            if glob.matches(path):
                return Environment(kind, f"'{glob.pattern}' in {self.path}")
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
                path = os.path.abspath(os.path.join(self.root, text.value))
                if files.exists(path) is False:
                    raise ConfigError(
                        f"'{text.value}' of the project '{project.name}' does not exist; "
                        "paths are relative to the configuration's folder",
                        text.span.source.path,
                        *text.span.source.position(text.span.start),
                    )
                paths.append(path)
            sets.append(
                SetSpec(
                    tuple(paths),
                    f"project '{project.name}' in {self.path}",
                    project.profiles,
                    project.env_files,
                    project.directory,
                    project.project_name,
                    project.name.span,
                )
            )
        return tuple(sets)

    def enabled(self, table: Mapping[str, tuple[RuleEntry, LoadedPack]]) -> list[Enabled]:
        """Return the rules that run, in code order, from all rules by code.

        Raises ConfigError for a reference to a rule, or an option of one, that does not exist, and for
        an option's value of the wrong type.
        """
        from volint.engine import Enabled
        from volint.selection import resolve

        resolved = resolve(self, (entry for entry, _ in table.values()))
        return [
            Enabled(
                entry,
                loaded.distribution,
                resolved.options.get(code, {}),
                resolved.levels.get(code),
                resolved.personas.get(code),
            )
            for code, (entry, loaded) in sorted(table.items())
            if code in resolved.enabled
        ]

    def exclude_findings(self, found: Sequence[Finding]) -> tuple[list[Finding], int]:
        """Return the findings that count, and how many per-file ignores and containers take out."""
        if not self.per_file_ignores and not self.exclude_containers:
            return list(found), 0
        from volint.selection import is_excluded

        kept = [finding for finding in found if not is_excluded(self, finding)]
        return kept, len(found) - len(kept)


def find(paths: Sequence[str], cwd: str) -> str | None:
    """Return the absolute path of the configuration file that holds for some paths, or None.

    `paths` are relative to `cwd`, an absolute directory; none stand for `cwd` itself. It is searched
    for from the directory they have in common up to the top of its git work tree; outside of one, up to
    `cwd` if that is above. Raises ConfigError if a directory has two.
    """
    absolute = [os.path.abspath(os.path.join(cwd, path)) for path in paths if path != "-"] or [cwd]
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in absolute]
    try:
        folder = os.path.commonpath(folders)
    except ValueError:  # several drives on Windows
        return None
    top = git_root(folder)
    if top is None:
        top = cwd if (folder + os.sep).startswith(cwd.rstrip(os.sep) + os.sep) else folder
    while True:
        found = [name for name in NAMES if os.path.isfile(os.path.join(folder, name))]
        if len(found) > 1:
            raise ConfigError(
                f"there are two configurations here, '{found[0]}' and '{found[1]}'; remove one",
                os.path.relpath(os.path.join(folder, found[0]), cwd),
            )
        if found:
            return os.path.join(folder, found[0])
        parent = os.path.dirname(folder)
        if folder in (top, parent):
            return None
        folder = parent


def load(path: str, cwd: str) -> Config:
    """Read a configuration file; `path` is relative to `cwd`, an absolute directory.

    Raises ConfigError for the first mistake in it. That its rules exist is checked when the packs
    are known (`Config.enabled`).
    """
    from volint.configfile import read

    path = os.path.abspath(os.path.join(cwd, path))
    folder = os.path.dirname(path)
    files = Files((git_root(folder) or folder,), cwd)
    source = files.read(path)
    if source is None:
        shown = files.display(path)
        why = files.problem(path)
        if why is None:
            raise ConfigError(f"the configuration file '{shown}' does not exist")
        raise ConfigError(f"it cannot be read: {why}", shown)
    return read(source, folder)


def load_config(files: Files, start: str, settings: Mapping[str, Any]) -> Config:
    """Return the configuration of a run: the file's, under the options of the command line.

    `settings` holds those options by their Python names; `start` is an absolute path to search from
    where it names no paths. Sets the size up to which `files` reads. Raises ConfigError.
    """
    cwd = files.cwd
    given = settings.get("config")
    if given is None and not settings.get("no_config"):
        given = find(settings.get("compose_files") or settings.get("paths") or (start,), cwd)
    config = load(given, cwd) if given else Config(root=cwd)
    files.max_size = config.max_file_size
    return with_cli(
        config,
        cwd,
        select=settings.get("select") or (),
        extend_select=settings.get("extend_select") or (),
        ignore=settings.get("ignore") or (),
        persona=settings.get("persona"),
        min_level=settings.get("min_level"),
        min_confidence=settings.get("min_confidence"),
        fail_on=settings.get("fail_on"),
        exclude=settings.get("exclude") or (),
    )


def with_cli(
    config: Config,
    cwd: str,
    *,
    select: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    persona: str | None = None,
    min_level: str | None = None,
    min_confidence: str | None = None,
    fail_on: str | None = None,
    exclude: Sequence[str] = (),
) -> Config:
    """Return the configuration with the options of the command line over it.

    `--select` takes the place of the file's select and ignore; the other two add to them. Lists may be
    given several times and with commas. Excludes add up; those given here are relative to `cwd`.
    """
    layers = config.layers
    if select or extend_select or ignore:
        layers = (
            *layers,
            Layer(
                _references("--select", select) if select else None,
                _references("--extend-select", extend_select),
                _references("--ignore", ignore),
            ),
        )
    return config._replace(
        layers=layers,
        persona=config.persona if persona is None else Persona(persona),
        min_level=config.min_level if min_level is None else Level(min_level),
        min_confidence=(
            config.min_confidence if min_confidence is None else Confidence(min_confidence)
        ),
        fail_on=config.fail_on if fail_on is None else Level(fail_on),
        exclude=(*config.exclude, *(Glob(pattern, cwd) for pattern in exclude)),
    )


def _references(option: str, values: Sequence[str]) -> tuple[Text, ...]:
    found = []
    for value in values:
        source = Source(option, value)
        at = 0
        for part in value.split(","):
            name = part.strip()
            if name:
                start = at + part.index(name)
                found.append(Text(name, Span(source, start, start + len(name))))
            at += len(part) + 1
    return tuple(found)
