"""Every key of the configuration file in one table: the reader, the mistakes' words and the docs follow it."""

from __future__ import annotations

from enum import Enum

from volint.record import NamedTuple

__all__ = [
    "CONTAINER_EXCLUDE_KEYS",
    "PROJECT_KEYS",
    "RULE_KEYS",
    "SETTINGS",
    "Setting",
    "Type",
]


class Type(str, Enum):
    """What a key takes; the value is how a person would say it."""

    RULES = "a list of rules (codes, prefixes or names)"
    GLOBS = "a list of globs"
    STRINGS = "a list of strings"
    STRING = "a string"
    GLOB = "a glob"
    BOOLEAN = "true or false"
    SIZE = "a number of bytes, or one with a unit such as 20MB"
    CHOICE = "one of its words"
    ENVIRONMENTS = "a mapping of globs to environments"
    RULE_SETTINGS = "a mapping of rules to their settings"
    RULES_BY_GLOB = "a mapping of globs to lists of rules"
    CONTAINER_EXCLUDES = "a list of mappings with container, rules and reason"
    PROJECTS = "a mapping of names to file sets"
    DATA = "a list of mappings"


class Setting(NamedTuple):
    """One key of the configuration."""

    name: str
    """The key."""
    type: Type
    """What it takes."""
    default: object
    """What holds where it is not set; None: nothing."""
    doc: str
    """One sentence for the reference."""
    choices: tuple[str, ...] = ()
    """The words a CHOICE takes."""
    required: bool = False
    """True if its mapping makes no sense without it."""


LEVELS = ("note", "warning", "error")
CONFIDENCES = ("low", "medium", "high")
PERSONAS = ("regular", "pedantic", "auditor")
ENVIRONMENTS = ("production", "staging", "development", "test", "example", "unknown")

SETTINGS: tuple[Setting, ...] = (
    Setting("select", Type.RULES, None, "Run only these rules; by default all that are not off."),
    Setting("extend-select", Type.RULES, (), "Run these as well, those that are off included."),
    Setting(
        "ignore", Type.RULES, (), "Do not run these; the more specific of two entries decides."
    ),
    Setting(
        "persona",
        Type.CHOICE,
        "regular",
        "Whose findings to show; each includes those of the ones before.",
        PERSONAS,
    ),
    Setting("min-level", Type.CHOICE, "note", "Hide findings below this level.", LEVELS),
    Setting(
        "min-confidence", Type.CHOICE, "low", "Hide findings less sure than this.", CONFIDENCES
    ),
    Setting("fail-on", Type.CHOICE, "warning", "Exit with status 1 from this level on.", LEVELS),
    Setting("exclude", Type.GLOBS, (), "Do not look at files and folders that match."),
    Setting(
        "environments",
        Type.ENVIRONMENTS,
        (),
        "Where the projects of matching files run, the first match wins: production, staging, "
        "development, test, example or unknown.",
        ENVIRONMENTS,
    ),
    Setting(
        "rules",
        Type.RULE_SETTINGS,
        (),
        "Settings of single rules, by code or name: level, persona, enabled and the options on the "
        "rule's page; or just a level, on or off.",
    ),
    Setting(
        "per-file-ignores", Type.RULES_BY_GLOB, (), "Rules that do not apply to matching files."
    ),
    Setting(
        "exclude-containers",
        Type.CONTAINER_EXCLUDES,
        (),
        "Containers that rules do not apply to, each with the reason.",
    ),
    Setting(
        "require-ignore-reason",
        Type.BOOLEAN,
        False,
        "Let an ignore comment hide nothing unless it says why.",
    ),
    Setting(
        "projects",
        Type.PROJECTS,
        (),
        "Compose file sets that run together, besides those found in the repository; the name is yours.",
    ),
    Setting(
        "platform-volumes",
        Type.GLOBS,
        (),
        "Compose files whose named volumes the platform that runs them declares.",
    ),
    Setting("images", Type.DATA, (), "What is known of images of your own."),
    Setting("max-file-size", Type.SIZE, 10_000_000, "Do not read files larger than this."),
)

RULE_KEYS: tuple[Setting, ...] = (
    Setting("enabled", Type.BOOLEAN, None, "Turn the rule on or off."),
    Setting("level", Type.CHOICE, None, "The level of its findings.", LEVELS),
    Setting("persona", Type.CHOICE, None, "Who sees its findings.", PERSONAS),
)

CONTAINER_EXCLUDE_KEYS: tuple[Setting, ...] = (
    Setting(
        "container", Type.STRING, None, "Name of the container, '*' and '?' allowed.", (), True
    ),
    Setting("file", Type.GLOB, None, "Only in files that match."),
    Setting("rules", Type.RULES, None, "Rules that do not apply to it.", (), True),
    Setting("reason", Type.STRING, None, "Why they do not.", (), True),
)

PROJECT_KEYS: tuple[Setting, ...] = (
    Setting("files", Type.STRINGS, None, "The Compose files, in the order of -f.", (), True),
    Setting("profiles", Type.STRINGS, (), "Profiles that are on."),
    Setting("env-files", Type.STRINGS, (), "Env files instead of .env."),
    Setting("project-directory", Type.STRING, None, "What relative paths are relative to."),
    Setting("project-name", Type.STRING, None, "Its name, as with -p; by default its folder's."),
)
