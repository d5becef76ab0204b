"""Secrets that a container is given from a disk: files that are mounted, volumes that keep them.

What a name promises is looked up in the file where it is there; no content leaves this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint import knowledge
from volint.knowledge.contents import Verdict
from volint.model import MountKind
from volint.record import NamedTuple
from volint.rule import Confidence

if TYPE_CHECKING:
    from volint.knowledge.patterns import SecretFile
    from volint.model import Container, Mount, Project
    from volint.source import Span

__all__ = ["MountedSecret", "mounted_secrets"]

_HEAD = 64 * 1024
_MEMORY = ("/run/secrets", "/var/run/secrets")
_KINDS = {
    "private-key": "a private key",
    "keystore": "a keystore",
    "ssh": "ssh keys",
    "gnupg": "GnuPG keys",
    "credentials": "a file of credentials",
    "cloud-credentials": "cloud credentials",
    "registry-credentials": "registry credentials",
    "kubeconfig": "credentials of a cluster",
    "token": "a token",
    "vpn": "a VPN configuration with its keys",
    "acme": "certificates with their private keys",
    "env-file": "an env file",
    "app-config": "a file of secrets",
    "password-file": "a password file",
    "directory": "a directory of secrets",
    "state": "Terraform state with its secrets",
}
"""What counts. The rest (dumps, public keys, histories) is none of a container's secrets."""
_LESS = frozenset(("acme", "env-file", "app-config", "password-file", "directory", "state"))
_BY_NAME = frozenset(("*.key", "*.jks", "*.keystore", "*.bcfks", ".htpasswd", "htpasswd"))
"""Patterns of medium confidence that say enough where the file cannot be looked at."""


class MountedSecret(NamedTuple):
    """A mount that keeps a secret on disk."""

    mount: Mount
    """The mount."""
    span: Span
    """Where what is mounted is named."""
    kind: str
    """`SecretFile.kind`; '' where only the target `/run/secrets` says that it is one."""
    confidence: Confidence
    """High: the name is enough, or the content says so."""
    placeholder: bool = False
    """True for a file that holds nothing but placeholders."""

    @property
    def what(self) -> str:
        """What it is, with its article; '' where only the target tells."""
        return _KINDS.get(self.kind, "")

    @property
    def opens_doors(self) -> bool:
        """True for private keys and credential files."""
        return bool(self.kind) and self.kind not in _LESS


def mounted_secrets(project: Project, container: Container) -> list[MountedSecret]:
    """Return the mounts of a container that keep secrets on disk, in order."""
    return [
        secret
        for mount in container.mounts
        if not mount.shadowed
        and mount.donor is None
        and (secret := _secret(project, container, mount)) is not None
    ]


def _secret(project: Project, container: Container, mount: Mount) -> MountedSecret | None:
    source = mount.source
    if mount.kind is MountKind.BIND and source is not None:
        if knowledge.sensitive_path(source.value) is not None:
            return None
        found = _of_file(project, mount, source.value, mount.resolved_source)
        if found is None and source.unresolved:
            # A source nobody knows is told by where it goes.
            entry = knowledge.secret_file(mount.target.value)
            if entry is not None and entry.kind not in _LESS and entry.confidence == "high":
                found = _made(mount, entry, Confidence.MEDIUM)
        below = _below_memory(mount)
        sure = found is not None and found.confidence is Confidence.HIGH
        return found if sure or below is None else below
    if mount.kind is MountKind.CONFIG and source is not None:
        for config in project.configs:
            if config.name.value == source.value and config.origin == "file" and config.source:
                found = _of_file(project, mount, config.source.value, config.resolved_source)
                return found and found._replace(span=config.source.span)
        return None
    if mount.kind is MountKind.VOLUME and not _is_tmpfs(project, mount):
        entry = knowledge.secret_file(mount.target.value)
        if _below_memory(mount) is not None:
            return _below_memory(mount)
        if entry is not None and entry.glob.endswith("/") and not _declared(container, mount):
            sure = entry.confidence == "high"
            return _made(mount, entry, Confidence.HIGH if sure else Confidence.MEDIUM)
    return None


def _of_file(project: Project, mount: Mount, path: str, file: str | None) -> MountedSecret | None:
    entry = knowledge.secret_file(path)
    if entry is None or entry.confidence == "low":
        return None
    verdict = Verdict.UNKNOWN
    around = project.surroundings
    if around is not None and file is not None and around.kind(file) == "file":
        content = around.head(file, _HEAD)
        if content is not None:
            verdict = knowledge.secret_verdict(path, content)
    if verdict is Verdict.HARMLESS:
        return None
    if verdict is Verdict.PLACEHOLDER:
        found = _made(mount, entry, Confidence.HIGH)
        return found and found._replace(placeholder=True)
    if verdict is Verdict.SECRET or entry.confidence == "high" or entry.kind == "password-file":
        return _made(mount, entry, Confidence.HIGH)
    if entry.glob in _BY_NAME or entry.kind == "directory" or entry.glob.startswith("secret"):
        return _made(mount, entry, Confidence.MEDIUM)
    target = knowledge.secret_file(mount.target.value)
    if target is not None and target.confidence == "high":
        return _made(mount, target, Confidence.MEDIUM)
    return None


def _made(mount: Mount, entry: SecretFile, confidence: Confidence) -> MountedSecret | None:
    if entry.kind not in _KINDS:
        return None
    span = (mount.source or mount.target).span
    return MountedSecret(mount, span, entry.kind, confidence)


def _below_memory(mount: Mount) -> MountedSecret | None:
    """Return a mount on or below the place that is meant to be in memory."""
    if any(knowledge.within(mount.target.value, place) for place in _MEMORY):
        return MountedSecret(mount, (mount.source or mount.target).span, "", Confidence.HIGH)
    return None


def _declared(container: Container, mount: Mount) -> bool:
    """Return whether the image itself declares a volume there: a name is better than none."""
    image = knowledge.image_of(container)
    return image is not None and any(
        place.volume and place.path == mount.target.value for place in image.places
    )


def _is_tmpfs(project: Project, mount: Mount) -> bool:
    volume = project.volume(mount.source.value) if mount.source is not None else None
    kind = volume.driver_opts.get("type") if volume is not None else None
    return kind is not None and kind.value == "tmpfs"
