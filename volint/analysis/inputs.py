"""Files and folders of the host that a container reads and has no reason to write."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from volint import knowledge
from volint.lazy import regex

if TYPE_CHECKING:
    from volint.model import Container, Mount

__all__ = ["HostInput", "container_input"]

_FACTS = ("/etc/", "/usr/share/", "/usr/local/share/", "/usr/lib/os-release")
_WRITES = regex(r"(?:^|[\s;&|(])(?:tee|envsubst|sed|cp|mv|chown|chmod|install|rsync|openssl)\s|>")


class HostInput(str, Enum):
    """What is only read, in the words of a message."""

    CERTIFICATE = "a certificate"
    INIT_SCRIPT = "an init script"
    HOST_FACT = "a fact about the host"
    CONFIGURATION = "configuration"
    CONTENT = "what the image only reads"


def container_input(container: Container, mount: Mount) -> HostInput | None:
    """Return what a writable bind mount is that the container only reads; None where it may write, or nobody knows."""
    if mount.source is None or mount.shadowed or mount.donor is not None:
        return None
    path, target = mount.source.value, mount.target.value
    if knowledge.control_socket(path) or path.endswith(".sock"):
        return None
    image = knowledge.image_of(container)
    if (image is not None and image.writes(target)) or _is_written(container, mount):
        return None
    if knowledge.is_certificate(path) or knowledge.is_certificate(target):
        return HostInput.CERTIFICATE
    secret = knowledge.secret_file(path)
    if secret is not None and secret.confidence != "low":
        return None
    if knowledge.is_init_directory(target):
        return HostInput.INIT_SCRIPT
    if path.startswith(_FACTS) and knowledge.is_harmless_path(path):
        return HostInput.HOST_FACT
    single = "." in target.rpartition("/")[2].lstrip(".")
    place = image.role_of(target) if image is not None and (single or not image.guessed) else None
    if image is not None and place is not None and image.writes(target) is False:
        return HostInput.CONTENT if place.role in ("content", "html") else HostInput.CONFIGURATION
    if knowledge.is_config_directory(target) and image is not None and not image.guessed:
        return HostInput.CONFIGURATION
    if _is_config_file(path, target):
        return HostInput.CONFIGURATION
    return None


def _is_written(container: Container, mount: Mount) -> bool:
    """Return whether the container's own command, or an entrypoint that renders templates, writes the target."""
    target = mount.target.value.rstrip("/")
    folder = target.rpartition("/")[0]
    if any(
        other is not mount and other.target.value.rstrip("/") == f"{folder}/templates"
        for other in container.mounts
    ):
        return True
    script = " ".join(
        word.value for word in (*(container.entrypoint or ()), *(container.command or ()))
    )
    return target in script and bool(_WRITES.search(script))


def _is_config_file(path: str, target: str) -> bool:
    if not (knowledge.is_config_file(target) and knowledge.is_config_file(path)):
        return False
    # What lies beside an application's code is edited there, and by its tools.
    return target.startswith(("/etc/", "/usr/local/etc/", "/opt/", "/conf", "/usr/share/"))
