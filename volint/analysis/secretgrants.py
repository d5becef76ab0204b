"""Secrets and configs as containers are given them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.model import MountKind, Syntax

if TYPE_CHECKING:
    from volint.model import Mount, Project, Secret

__all__ = ["declared_secret", "honours_secret_options"]


def declared_secret(project: Project, mount: Mount) -> Secret | None:
    """Return the declaration of the secret or config that a mount gives; None if there is none."""
    if mount.source is None:
        return None
    declared = project.configs if mount.kind is MountKind.CONFIG else project.secrets
    return next((one for one in declared if one.name.value == mount.source.value), None)


def honours_secret_options(project: Project, mount: Mount) -> bool | None:
    """Return whether owner and mode of a secret or config take effect; None if nobody knows.

    They do in Swarm and podman. Compose bind-mounts what comes from a file as it is, and copies what comes
    from the environment or is written inline (docker compose: pkg/compose/secrets.go).
    """
    if mount.in_memory or mount.syntax not in (Syntax.SECRETS_KEY, Syntax.CONFIGS_KEY):
        return True
    secret = declared_secret(project, mount)
    if secret is None or project.partial:
        return None
    return secret.origin != "file"
