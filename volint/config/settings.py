"""Every key of the configuration file in one table: the reader, the mistakes' words and the docs follow it."""

from __future__ import annotations

from enum import Enum

from volint.record import NamedTuple

__all__ = [
    "CONTAINER_EXCLUDE_KEYS",
    "IMAGE_KEYS",
    "PATTERN_KEYS",
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
    PATHS = "a path, or a list of paths"
    IMAGES = "a list of mappings with name, data and more"
    IMAGE_PATHS = "a list of absolute paths in the container"
    WORDS = "a list of words without blanks"
    PATTERNS = "a mapping of kinds to lists of globs"


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
    keys: tuple[Setting, ...] = ()
    """The keys of the mapping that it takes, or that each of its entries is."""


LEVELS = ("note", "warning", "error")
CONFIDENCES = ("low", "medium", "high")
PERSONAS = ("regular", "pedantic", "auditor")
ENVIRONMENTS = ("production", "staging", "development", "test", "example", "unknown")

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
    Setting("stack", Type.BOOLEAN, False, "Whether `docker stack deploy` deploys it, to a swarm."),
)

IMAGE_KEYS: tuple[Setting, ...] = (
    Setting(
        "name",
        Type.STRING,
        None,
        "The image as it is pulled; without a tag it is meant with all of them, '*' allowed.",
    ),
    Setting("names", Type.WORDS, (), "Several images that this is true of."),
    Setting("data", Type.IMAGE_PATHS, (), "Where it keeps state that must not be lost."),
    Setting("volumes", Type.IMAGE_PATHS, (), "Paths that the image declares as VOLUME."),
    Setting(
        "moved-by",
        Type.WORDS,
        (),
        "Variables, or flags with their dashes, that name another data path.",
    ),
    Setting(
        "state",
        Type.CHOICE,
        None,
        "Whether it holds state; by default yes where it has data paths.",
        ("yes", "optional", "no"),
    ),
    Setting(
        "writers",
        Type.CHOICE,
        None,
        "What a second writer to its data does: corrupt it, be refused by a lock, share it by design, "
        "or no harm.",
        ("corrupt", "refuse", "share", "safe"),
    ),
    Setting(
        "socket",
        Type.CHOICE,
        None,
        "It is meant to be given the engine's socket: to manage containers, or only to look.",
        ("manages", "views"),
    ),
    Setting("category", Type.STRING, "app", "One word: database, cache, metrics, app ..."),
    Setting("clients", Type.WORDS, (), "Commands in it that hold no state of their own."),
    Setting("scratch", Type.IMAGE_PATHS, (), "Where it writes besides its data."),
)

PATTERN_KEYS: tuple[Setting, ...] = (
    Setting("secret-files", Type.WORDS, (), "Names of files that hold secrets."),
    Setting("public-files", Type.WORDS, (), "Names of files that look like secrets and are none."),
    Setting("model-files", Type.WORDS, (), "Names of files that hold model weights or data sets."),
    Setting(
        "sensitive-paths",
        Type.WORDS,
        (),
        "Host paths that no container should be given; '/**' at the end: and all below.",
    ),
    Setting("harmless-paths", Type.WORDS, (), "Host paths that every container may be given."),
)

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "extends",
        Type.PATHS,
        (),
        "Configuration files that this one adds to, relative to its folder; what it says itself wins.",
    ),
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
        keys=RULE_KEYS,
    ),
    Setting(
        "per-file-ignores", Type.RULES_BY_GLOB, (), "Rules that do not apply to matching files."
    ),
    Setting(
        "exclude-containers",
        Type.CONTAINER_EXCLUDES,
        (),
        "Containers that rules do not apply to, each with the reason.",
        keys=CONTAINER_EXCLUDE_KEYS,
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
        keys=PROJECT_KEYS,
    ),
    Setting(
        "platform-volumes",
        Type.GLOBS,
        (),
        "Compose files whose named volumes the platform that runs them declares.",
    ),
    Setting(
        "images",
        Type.IMAGES,
        (),
        "What is known of images of your own; it wins over what volint knows.",
        keys=IMAGE_KEYS,
    ),
    Setting(
        "patterns",
        Type.PATTERNS,
        {},
        "Names of files and host paths of your own; they win over what volint knows.",
        keys=PATTERN_KEYS,
    ),
    Setting("max-file-size", Type.SIZE, 10_000_000, "Do not read files larger than this."),
)
