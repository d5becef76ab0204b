"""Platforms that read Compose files in a dialect of their own, recognised by what only they understand.

Coolify fills in variables such as SERVICE_FQDN_APP and writes files from `content` of a mount (its
documentation, "Docker Compose", "Magic environment variables"), and its templates begin with comments that
describe them; CasaOS describes its apps under `x-casaos`. Both create named volumes that no file declares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import items, mapping
from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.assemble.compose.request import Loaded
    from volint.model import Container

__all__ = ["platform_of"]

_MAGIC = regex(r"SERVICE_(FQDN|URL|NAME|USER|PASSWORD|BASE64|REALBASE64|HEX)_[A-Z0-9_]+")
_HEADER = regex(r"(?:#[^\n]*\n){0,4}# slogan: ")
_MOUNT_KEYS = frozenset(("content", "is_directory", "isDirectory"))


def platform_of(loaded: Loaded, containers: Iterable[Container]) -> str:
    """Return the platform a loaded project is written for, 'Coolify' or 'CasaOS'; '' if none is known."""
    tree = loaded.tree
    if tree is None:
        return ""
    services = [mapping(service) for service in mapping(tree.entries.get("services")).values()]
    if "x-casaos" in tree.entries or any("x-casaos" in service for service in services):
        return "CasaOS"
    if any(_HEADER.match(source.text) for source in loaded.sources):
        return "Coolify"
    for service in services:
        if any(_MOUNT_KEYS & mapping(mount).keys() for mount in items(service.get("volumes"))):
            return "Coolify"
    for container in containers:
        for variable in container.env:
            value = variable.value
            magic = (variable.name.value,) if value is None else value.unresolved
            if any(_MAGIC.fullmatch(name) for name in magic):
                return "Coolify"
    return ""
