"""References to images."""

from __future__ import annotations

import re

__all__ = ["image_problem"]

_DOMAIN_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_PATH_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = (
    rf"(?a)(?:(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?"
    rf"(?P<path>{_PATH_PART}(?:/{_PATH_PART})*)"
    r"(?::[\w][\w.-]{0,127})?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)
_IDENTIFIER = r"(?:sha256:)?[a-f0-9]{64}"


def image_problem(image: str, *, identifier: bool = True) -> str | None:
    """Return why a text is no image reference; `identifier` says whether a bare ID may stand for one.

    Source: distribution/reference 0.6.
    """
    if re.fullmatch(_IDENTIFIER, image):
        return None if identifier else f"'{image}' is an image's ID and no name"
    shown = image.partition("=")[0] + "=..." if "=" in image else image
    first, slash, rest = image.partition("/")
    is_domain = slash and (
        first == "localhost" or "." in first or ":" in first or first.lower() != first
    )
    remote = (rest if is_domain else image).partition(":")[0]
    if remote.lower() != remote:
        return f"'{shown}' is no image name: its repository must be lower case"
    found = re.fullmatch(_REFERENCE, image if is_domain or not slash else f"docker.io/{image}")
    if not found or len(found["path"]) > 255:
        return f"'{shown}' is no image name"
    return None
