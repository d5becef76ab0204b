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
    **dict.fromkeys(
        ("staging", "stage", "uat", "preprod", "preproduction"), EnvironmentKind.STAGING
    ),
    **dict.fromkeys(
        ("dev", "devel", "development", "local", "override", "devcontainer", "devenv"),
        EnvironmentKind.DEVELOPMENT,
    ),
    **dict.fromkeys(
        (
            "test",
            "testing",
            "ci",
            "e2e",
            "integration",
            "integrationtest",
            "functionaltest",
            "systemtest",
            "smoke",
            "testdata",
            "playwright",
            "cypress",
        ),
        EnvironmentKind.TEST,
    ),
    **dict.fromkeys(
        (
            "example",
            "demo",
            "sample",
            "tutorial",
            "quickstart",
            "playground",
            "workshop",
            "walkthrough",
            "cve",
        ),
        EnvironmentKind.EXAMPLE,
    ),
}
_CLASS = regex(r"(?i)workshop|tutorial|course|lesson")
_FORGES = frozenset((".github", ".gitlab", ".gitea", ".forgejo", ".circleci", ".buildkite"))
"""Folders of what CI services run."""
_OVERRIDES = ("override", "overrides")
_PRODUCTION = (EnvironmentKind.PRODUCTION, EnvironmentKind.STAGING)
_TOKEN = regex(r"[A-Za-z0-9]+")
# CIS is a benchmark, and integrations with other products are no tests.
_NO_PLURAL = frozenset(("ci", "integration", "live"))
# "multi-stage" and "live-reload" say nothing about where something runs.
_NOT_AFTER = {
    "stage": {"multi", "single", "two"},
    "prod": {"non", "no", "not"},
    "production": {"non", "no", "not"},
}
_NOT_BEFORE = {
    "live": {"reload", "kit", "view", "stream", "streaming", "update", "updates"},
    "local": {"ai", "llm", "llms", "gpt"},
}

_VARIABLES = frozenset(
    (
        "NODE_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "FLASK_ENV", "DJANGO_ENV", "MIX_ENV", "GO_ENV",
        "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ENVIRONMENT", "ENV", "DEPLOY_ENV", "APPLICATION_ENV",
        "SYMFONY_ENV", "KEMAL_ENV", "SPRING_PROFILES_ACTIVE", "DJANGO_SETTINGS_MODULE", "SENTRY_ENVIRONMENT",
    )
)  # fmt: skip


def of_word(text: str) -> EnvironmentKind | None:
    """Return the environment a name tells, None if it tells none. Plural forms count.

    What is called production and something else is the other: `compose.prod.local.yaml` runs here.
    An example of something is that, and an override of something, too.
    """
    tokens = [token.lower() for token in _TOKEN.findall(text)]
    others = [token for token in tokens if token not in _OVERRIDES]
    if any(_kind(others, at) for at in range(len(others))):
        tokens = others
    found = dict.fromkeys(kind for at in range(len(tokens)) if (kind := _kind(tokens, at)))
    if len(found) > 1:
        found.pop(EnvironmentKind.EXAMPLE, None)
    return next((kind for kind in found if kind not in _PRODUCTION), next(iter(found), None))


def _kind(tokens: list[str], at: int) -> EnvironmentKind | None:
    token = tokens[at]
    kind = _WORDS.get(token)
    if kind is None and token.endswith("s") and token[:-1] not in _NO_PLURAL:
        token = token[:-1]
        kind = _WORDS.get(token)
    if kind is None:
        return None
    if at and tokens[at - 1] in _NOT_AFTER.get(token, ()):
        return None
    if at and tokens[at - 1] == "pre" and kind is EnvironmentKind.PRODUCTION:
        return EnvironmentKind.STAGING
    if at + 1 < len(tokens) and tokens[at + 1] in _NOT_BEFORE.get(token, ()):
        return None
    return kind


def of_names(paths: Sequence[str]) -> Environment | None:
    """Return what file and folder names tell.

    `paths` are relative to the repository's root, with '/'; of a file set the last overlay comes
    first, since what it adds decides. File names are asked before folders, of each file the nearest
    folder first.
    """
    parts = [path.split("/") for path in paths]
    for *_, name in parts:
        kind = of_word(name)
        if kind:
            return Environment(kind, f"file name {name}")
    for *folders, _ in parts:
        for folder in reversed(folders):
            kind = EnvironmentKind.TEST if folder in _FORGES else of_word(folder)
            # What is made before the eyes of a class is live, and no production.
            if folder == "live" and any(map(_CLASS.search, folders)):
                continue
            if kind:
                return Environment(kind, f"folder name {folder}")
    return None


def of_variables(containers: Iterable[Container]) -> Environment | None:
    """Return what the variables of containers that are on tell, if all that set one agree."""
    found: dict[EnvironmentKind, str] = {}
    for container in containers:
        for variable in container.env if container.enabled else ():
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
    found: dict[EnvironmentKind, str] = {}
    for profile in container.profiles:
        kind = of_word(profile.value)
        if kind:
            found.setdefault(kind, f"profile {profile.value}")
    if len(found) != 1:
        return None
    [(kind, reason)] = found.items()
    return Environment(kind, reason)
