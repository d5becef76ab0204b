"""How the Engine judges a mount of its Mounts list on Linux: --mount and Compose's long syntax.

Versions 28 and 29 differ only in read-only anonymous volumes, which 28 refuses.
Source: moby 28.2 and 29.7, daemon/volume/mounts and daemon/volume/local.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.enginespec import (
    absolute_advice,
    daemon_root_problem,
    name_advice,
    resolved_source,
    target_problem,
    volume_name_problem,
)
from volint.parse.mountspec import PROPAGATIONS, UNKNOWN, Complaint, Field, Reading, clean
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.parse.enginespec import Options, Resolve

__all__ = ["MountRequest", "local_driver_problem", "mount"]

_LOCAL_OPTIONS = {"type": ("device",), "device": ("type",), "o": ("device", "type"), "size": ()}
_TYPES = ("bind", "volume", "tmpfs", "image")


class MountRequest(NamedTuple):
    """A mount as --mount or Compose asks the Engine for it."""

    kind: str
    """The type, lower case, not checked."""
    kind_at: Field
    """Where the type stands, or the whole spec."""
    source: Field | None = None
    """`Source`; None if it is empty."""
    target: Field | None = None
    """`Target`; None if it is empty."""
    read_only: Field | None = None
    """Where it is made read-only; None if it is not."""
    options: Options = {}
    """Options by the names of the mount model."""
    families: Mapping[str, Field] = {}
    """First option of each type that options belong to: 'bind', 'volume', 'tmpfs', 'image'."""
    driver_options: Mapping[str, Field] = {}
    """Options for the volume driver by name, in force."""
    image_problem: str | None = None
    """Why the source is no image reference, where the type is image."""


def mount(
    request: MountRequest, *, version: str = "29", resolve: Resolve | None = None
) -> Reading | Complaint:
    """Judge a mount of the Engine's Mounts list; host paths are taken to exist.

    `resolve` stands for the client as in `bind`.
    """
    kind, whole = request.kind, request.kind_at
    for family, first in request.families.items():
        if family != kind:
            return Complaint(
                f"'{first.text}' does not belong to a mount of type '{kind}'",
                first.start,
                first.end,
                f"leave it out, or use type={family}",
            )
    target, source = request.target, request.source
    if target is None:
        return Complaint("a mount needs a target", whole.start, whole.end, "add 'target=/PATH'")
    reason = target_problem(target.text)
    if reason:
        return Complaint(reason, target.start, target.end, absolute_advice(target.text))
    if kind not in _TYPES:
        return Complaint(
            f"'{kind}' is no type of mount that Docker on Linux knows",
            whole.start,
            whole.end,
            "use bind, volume, tmpfs or image",
        )
    relative = kind == "bind" and resolve is not None and source and source.text[0] == "."
    problem = None if relative else _JUDGES[kind](request, source, version)
    resolved = resolved_source(source, resolve) if kind == "bind" else None
    if kind == "bind" and source and not problem:
        problem = _propagation_problem(request) or daemon_root_problem(
            source, resolved, request.options
        )
    if problem:
        return problem
    cleaned = target._replace(text=clean(target.text))
    read_only = request.read_only is not None
    return Reading(kind, source, cleaned, read_only, request.options, resolved=resolved)


def _bind_problem(request: MountRequest, source: Field | None, version: str) -> Complaint | None:
    whole = request.kind_at
    if source is None:
        return Complaint(
            "a bind mount needs a source", whole.start, whole.end, "add 'source=/PATH'"
        )
    if source.text[0] not in ("/", "\\", UNKNOWN):
        return Complaint(
            f"the source '{source.text}' of a bind mount is not an absolute path",
            source.start,
            source.end,
            "write \"$HOME\" for '~', which no shell expands here"
            if source.text.startswith("~")
            else f"write './{source.text}' or an absolute path",
        )
    return None


def _propagation_problem(request: MountRequest) -> Complaint | None:
    propagation, start, end = request.options.get("propagation", ("", 0, 0))
    if not propagation or propagation in PROPAGATIONS or UNKNOWN in str(propagation):
        return None
    return Complaint(
        f"'{propagation}' is no propagation mode", start, end, "use rprivate, rslave or rshared"
    )


def _volume_problem(request: MountRequest, source: Field | None, version: str) -> Complaint | None:
    if "subpath" in request.options:
        problem = _subpath_problem(request, source)
        if problem:
            return problem
    if source is None and request.read_only is not None and version == "28":
        return Complaint(
            "an unnamed volume cannot be read-only",
            request.read_only.start,
            request.read_only.end,
            "name a volume with 'source=NAME'",
        )
    if request.options.get("driver", ("", 0, 0))[0] not in ("", "local"):
        return None
    if source is not None:
        reason = volume_name_problem(source.text)
        if reason:
            absolute = source.text[0] == "/"
            advice = "use type=bind" if absolute else name_advice(source.text)
            return Complaint(reason, source.start, source.end, advice)
    return local_driver_problem(request.driver_options, request.kind_at)


def _subpath_problem(request: MountRequest, source: Field | None) -> Complaint | None:
    subpath, start, end = request.options["subpath"]
    text = str(subpath)
    if source is None:
        return Complaint("an unnamed volume has no subpath", start, end, "add 'source=NAME'")
    cleaned = clean(text)
    if text.startswith("/") or cleaned == ".." or cleaned.startswith("../"):
        return Complaint(
            f"the subpath '{text}' leads out of the volume", start, end, "write a relative path"
        )
    return None


def _tmpfs_problem(request: MountRequest, source: Field | None, version: str) -> Complaint | None:
    if source is None:
        return None
    return Complaint(
        f"a tmpfs has no source, and '{source.text}' is one",
        source.start,
        source.end,
        "leave the source out",
    )


def _image_problem(request: MountRequest, source: Field | None, version: str) -> Complaint | None:
    whole = request.kind_at
    if source is None:
        return Complaint(
            "an image mount needs a source", whole.start, whole.end, "add 'source=IMAGE'"
        )
    if "subpath" in request.options:
        problem = _subpath_problem(request, source)
        if problem:
            return problem
    if request.image_problem:
        return Complaint(request.image_problem, source.start, source.end)
    return None


_JUDGES = {
    "bind": _bind_problem,
    "volume": _volume_problem,
    "tmpfs": _tmpfs_problem,
    "image": _image_problem,
}


def local_driver_problem(options: Mapping[str, Field], whole: Field) -> Complaint | None:
    """Return what the local volume driver objects to in its options; values are never quoted."""
    for name, place in options.items():
        if name not in _LOCAL_OPTIONS and UNKNOWN not in name:
            return Complaint(
                f"'{name}' is no option of the local volume driver",
                place.start,
                place.end,
                "it knows type, o, device and size",
            )
    for name, needed in _LOCAL_OPTIONS.items():
        missing = [other for other in needed if name in options and other not in options]
        if missing:
            place = options.get(name, whole)
            return Complaint(
                f"the volume option '{name}' needs '{missing[0]}' beside it",
                place.start,
                place.end,
                f"add the option '{missing[0]}=...'",
            )
    return None
