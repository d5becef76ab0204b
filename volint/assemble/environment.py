"""Where a project runs, and why that is known.

Decided in this order: the command line, the configuration, names of files and folders (relative to the
repository's root, nearest first), variables the containers set, else unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import Environment, EnvironmentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volint.model import Container

__all__ = ["UNKNOWN", "of_names", "of_profiles", "of_variables", "of_word"]

UNKNOWN = Environment(EnvironmentKind.UNKNOWN, "")

_WORDS: dict[str, EnvironmentKind] = {
    **dict.fromkeys(("prod", "production", "live"), EnvironmentKind.PRODUCTION),
    **dict.fromkeys(("staging", "stage", "uat", "preprod"), EnvironmentKind.STAGING),
    **dict.fromkeys(
        ("dev", "devel", "development", "local", "override", "devcontainer"),
        EnvironmentKind.DEVELOPMENT,
    ),
    **dict.fromkeys(
        ("test", "testing", "ci", "e2e", "integration", "smoke", "testdata"), EnvironmentKind.TEST
    ),
    **dict.fromkeys(("example", "demo", "sample", "tutorial"), EnvironmentKind.EXAMPLE),
}
_TOKEN = regex(r"[A-Za-z0-9]+")
# "multi-stage" and "live-reload" say nothing about where something runs.
_NOT_AFTER = {"stage": {"multi", "single", "two"}}
_NOT_BEFORE = {
    "live": {"reload", "kit", "view", "stream", "streaming", "update", "updates"},
    "local": {"ai"},
}

_VARIABLES = frozenset(
    (
        "NODE_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "FLASK_ENV", "DJANGO_ENV", "MIX_ENV", "GO_ENV",
        "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ENVIRONMENT", "ENV", "DEPLOY_ENV", "APPLICATION_ENV",
        "SYMFONY_ENV", "KEMAL_ENV", "SPRING_PROFILES_ACTIVE", "DJANGO_SETTINGS_MODULE", "SENTRY_ENVIRONMENT",
    )
)  # fmt: skip


def of_word(text: str) -> EnvironmentKind | None:
    """Return the environment a name tells, None if it tells none. Plural forms count."""
    tokens = [token.lower() for token in _TOKEN.findall(text)]
    for index, token in enumerate(tokens):
        kind = _WORDS.get(token)
        if kind is None and token.endswith("s"):
            token = token[:-1]
            kind = _WORDS.get(token)
        if kind is None:
            continue
        if index and tokens[index - 1] in _NOT_AFTER.get(token, ()):
            continue
        if index + 1 < len(tokens) and tokens[index + 1] in _NOT_BEFORE.get(token, ()):
            continue
        return kind
    return None


def of_names(paths: Sequence[str]) -> Environment | None:
    """Return what file and folder names tell.

    `paths` are relative to the repository's root, with '/'; of a file set the last overlay comes
    first, since what it adds decides. File names are asked before folders, the nearest folder first.
    """
    for path in paths:
        name = path.rpartition("/")[2]
        kind = of_word(name.rpartition(".")[0] or name)
        if kind:
            return Environment(kind, f"file name {name}")
    for path in paths[-1:]:
        for folder in reversed(path.split("/")[:-1]):
            kind = of_word(folder)
            if kind:
                return Environment(kind, f"folder name {folder}")
    return None


def of_variables(containers: Iterable[Container]) -> Environment | None:
    """Return what the containers' own variables tell, if all that set one agree."""
    found: dict[EnvironmentKind, str] = {}
    for container in containers:
        for variable in container.env:
            if (
                variable.name.value in _VARIABLES
                and variable.value is not None
                and not variable.value.unresolved
            ):
                kind = of_word(variable.value.value)
                if kind:
                    found.setdefault(
                        kind, f"variable {variable.name.value} of '{container.name.value}'"
                    )
    if len(found) != 1:
        return None
    [(kind, reason)] = found.items()
    return Environment(kind, reason, certain=False)


def of_profiles(container: Container) -> Environment | None:
    """Return what a container's Compose profiles tell, if they agree."""
    found = {kind for profile in container.profiles if (kind := of_word(profile.value))}
    if len(found) != 1:
        return None
    return Environment(found.pop(), f"profile {container.profiles[0].value}")
