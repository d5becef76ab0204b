"""How the Engine reads bind strings on Linux, after the docker CLI or Compose sent them.

It does not know Windows paths, so `C:\\x:/y` has three fields for it, and it checks what the clients
let through: modes, absolute targets, the names of local volumes.
Source: moby 28.2 and 29.7, daemon/volume/mounts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.mountspec import (
    PROPAGATIONS,
    SHORT_FORM,
    UNKNOWN,
    Complaint,
    Field,
    Reading,
    clean,
    list_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Resolve = Callable[[str], str | None]
    Options = dict[str, tuple[str | int | bool, int, int]]

__all__ = [
    "absolute_advice",
    "bind",
    "daemon_root_problem",
    "mode_problem",
    "name_advice",
    "resolved_source",
    "target_problem",
    "tmpfs_option_problem",
    "volume_name_problem",
    "volumes_from",
]

DAEMON_ROOT = "/var/lib/docker"
"""Where the Engine keeps its own data unless it is told otherwise."""

_MODE_GROUPS = {
    "ro": "access",
    "rw": "access",
    "z": "selinux",
    "Z": "selinux",
    "nocopy": "nocopy",
    "consistent": "consistency",
    "cached": "consistency",
    "delegated": "consistency",
    **dict.fromkeys(PROPAGATIONS, "propagation"),
}
_DRIVE = regex(r":([A-Za-z]:\\[^:]*)(?::|$)")
_LOCAL_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]+"
_TMPFS_FLAGS = frozenset(
    [
        "defaults",
        "ro",
        "rw",
        "suid",
        "nosuid",
        "dev",
        "nodev",
        "exec",
        "noexec",
        "sync",
        "async",
        "dirsync",
        "remount",
        "mand",
        "nomand",
        "atime",
        "noatime",
        "diratime",
        "nodiratime",
        "bind",
        "rbind",
        "unbindable",
        "runbindable",
        "private",
        "rprivate",
        "shared",
        "rshared",
        "slave",
        "rslave",
        "relatime",
        "norelatime",
        "strictatime",
        "nostrictatime",
    ]
)
_TMPFS_VALUES = frozenset(["mode", "mpol", "nr_blocks", "nr_inodes", "size", "uid", "gid"])


def target_problem(target: str) -> str | None:
    """Return why the Engine refuses a path as a mount's target, None if it does not."""
    slashed = target.replace("\\", "/")
    if not target:
        return "a mount needs a target"
    if target[0] == UNKNOWN:
        return None
    if clean(slashed) == "/":
        return f"'{target}' is the container's root, and nothing can be mounted there"
    if not slashed.startswith("/"):
        return f"the target '{target}' is not an absolute path"
    return None


def volume_name_problem(name: str) -> str | None:
    """Return why the local driver refuses a volume's name, None if it does not."""
    if UNKNOWN in name:
        return None
    if len(name) == 1 and name.isascii():
        return f"'{name}' is too short for a volume's name, which needs two characters"
    if not re.fullmatch(_LOCAL_NAME, name):
        return f"'{name}' is neither an absolute path nor a valid volume name"
    return None


def mode_problem(mode: Field) -> Complaint | None:
    """Return what is wrong with the mode of a bind string: an unknown word, or two of one group."""
    seen: dict[str, str] = {}
    for word in list_options(mode):
        group = _MODE_GROUPS.get(word.text)
        if UNKNOWN in word.text:
            continue
        if group is None:
            known = _MODE_GROUPS.get(word.text.strip().lower())
            text = word.text.strip().lower() if known else ""
            meant = text or {"readonly": "ro", "read-only": "ro", "readwrite": "rw"}.get(word.text)
            return Complaint(
                f"'{word.text}' is no mode of a bind mount or volume",
                word.start,
                word.end,
                f"write '{meant}'" if meant else "use 'ro', 'rw', 'z', 'Z' or a propagation mode",
            )
        if group in seen:
            return Complaint(
                f"'{word.text}' cannot stand beside '{seen[group]}' in '{mode.text}'",
                word.start,
                word.end,
                "keep one of them",
            )
        seen[group] = word.text
    return None


def bind(
    spec: str, *, driver: str = "", path: bool | None = None, resolve: Resolve | None = None
) -> Reading | Complaint:
    """Read a bind string `SOURCE:TARGET[:MODE]`, or a lone target, as the Engine does.

    `driver` is --volume-driver: names of volumes are then its business. `path` says whether a
    source that begins with an unknown variable is a host path. `resolve` stands for the client,
    which makes a source that begins with '.' absolute; it returns None where it does not know how.
    """
    parts: list[Field] = []
    start = 0
    for text in spec.split(":", 3):
        parts.append(Field(text, start, start + len(text)))
        start += len(text) + 1
    if not parts[0].text:
        return Complaint(f"'{spec}' has no source before its colon", 0, 1, SHORT_FORM)
    if len(parts) > 3:
        return _windows(spec) or Complaint(
            f"'{spec}' has more than three fields", parts[3].start - 1, len(spec), SHORT_FORM
        )
    second = parts[1].text if len(parts) == 2 else UNKNOWN
    if UNKNOWN not in second and (not second or not mode_problem(parts[1])):
        return Complaint(
            f"'{spec}' has a mode where its target should be",
            *parts[1][1:],
            f"write 'SOURCE:{parts[0].text}:{parts[1].text or 'ro'}'",
        )
    mode = parts[2] if len(parts) == 3 else None
    if mode and mode.text:
        problem = mode_problem(mode)
        if problem:
            return _windows(spec) or problem
    source = parts[0] if len(parts) > 1 else None
    target = parts[1] if source else parts[0]
    reason = target_problem(target.text)
    if reason:
        return _windows(spec) or Complaint(
            reason, target.start, target.end, absolute_advice(target.text)
        )
    options = _mode_options(mode) if mode else {}
    read_only = bool(options.pop("ro", False))
    resolved = resolved_source(source, resolve)
    first = source.text[0] if source else ""
    is_path = path if first == UNKNOWN else first == "/" or (first == "." and resolve is not None)
    conflict = "nocopy" if is_path else "propagation"
    if conflict in options:
        _, begin, end = options[conflict]
        what = "a volume, not to a host path" if is_path else "a host path, not to a volume"
        return Complaint(f"'{spec[begin:end]}' belongs to {what}", begin, end, "leave it out")
    cleaned = target._replace(text=clean(target.text))
    if is_path and source:
        problem = daemon_root_problem(source, resolved, options)
        return problem or Reading("bind", source, cleaned, read_only, options, mode, resolved)
    if source and driver in ("", "local"):
        reason = volume_name_problem(source.text)
        if reason:
            return Complaint(reason, source.start, source.end, name_advice(source.text))
    return Reading("volume", source, cleaned, read_only, options, mode, implicit=not source)


def resolved_source(source: Field | None, resolve: Resolve | None) -> str | None:
    """Return the absolute path that a host path stands for, None where that is not known."""
    if source is None or UNKNOWN in source.text:
        return None
    if source.text[0] == "/":
        return clean(source.text)
    return resolve(source.text) if resolve and source.text[0] == "." else None


def _windows(spec: str) -> Complaint | None:
    """Return the one thing to say of a Windows path, whatever the Engine makes of its fields."""
    if spec[1:2] != ":" or not spec[0].isalpha() or spec[2:3] not in ("\\", "/"):
        inside = _DRIVE.search(spec)
        return inside and Complaint(
            f"'{inside[1]}' is a path of Windows containers, and Docker on Linux splits it at its colon",
            *inside.span(1),
            "write a path of Linux",
        )
    end = spec.find(":", 2)
    path = spec[: end if end > 0 else len(spec)]
    rest = path[3:].replace("\\", "/")
    return Complaint(
        f"'{path}' is a Windows path, and Docker on Linux splits it at its colon",
        0,
        len(path),
        f"write '/{spec[0].lower()}/{rest}', or use --mount type=bind",
    )


def absolute_advice(target: str) -> str:
    """Return what to type for a target that is not absolute."""
    stripped = target.removeprefix("./").lstrip("~/")
    return f"write '/{stripped}'" if stripped.strip("./\\") else "name a directory below '/'"


def name_advice(source: str) -> str:
    """Return what to type for a source that is neither a path nor a name."""
    if source.startswith("~"):
        return "write \"$HOME\" for '~', which no shell expanded here"
    if "/" in source:
        return f"write './{source}' for a directory; names of volumes hold no '/'"
    return "names of volumes hold letters, digits, '_', '.' and '-' and begin with the first two"


def _mode_options(mode: Field) -> Options:
    options: Options = {}
    for word in list_options(mode):
        group = _MODE_GROUPS.get(word.text)
        if group == "access":
            options["ro"] = (word.text == "ro", word.start, word.end)
        elif group:
            value = True if group == "nocopy" else word.text
            options[group] = (value, word.start, word.end)
    if "ro" in options and not options["ro"][0]:
        del options["ro"]
    return options


def daemon_root_problem(source: Field, resolved: str | None, options: Options) -> Complaint | None:
    """Set the propagation of a bind of the Engine's own directory, or of one that holds it."""
    # The Engine compares what it was sent: an absolute path uncleaned.
    sent = source.text if source.text[0] == "/" else resolved
    if not sent or not (sent.startswith(DAEMON_ROOT) or DAEMON_ROOT.startswith(sent)):
        return None
    word, start, end = options.get("propagation", ("", source.start, source.end))
    if not word:
        options["propagation"] = ("rslave", start, end)
    elif word not in ("rslave", "rshared"):
        return Complaint(
            f"'{word}' is not possible for '{source.text}', which holds the Engine's own data",
            start,
            end,
            "use 'rslave' or 'rshared'",
        )
    return None


def volumes_from(spec: str) -> tuple[Field, bool] | Complaint:
    """Read a --volumes-from value; returns the donor and whether its mounts become read-only."""
    name, _, mode = spec.partition(":")
    donor = Field(name, 0, len(name))
    if not spec:
        return Complaint("--volumes-from names no container", 0, 0, "name a container")
    place = Field(mode, len(name) + 1, len(spec))
    if not mode:
        return donor, False
    problem = mode_problem(place)
    if problem:
        return problem
    options = _mode_options(place)
    for group in ("propagation", "nocopy"):
        if group in options:
            _, start, end = options[group]
            return Complaint(
                f"'{spec[start:end]}' cannot be set with --volumes-from", start, end, "use 'ro'"
            )
    return donor, "ro" in options


def tmpfs_option_problem(options: Field) -> Complaint | None:
    """Return which option of --tmpfs keeps the container from starting."""
    if not options.text:
        return None
    for word in list_options(options):
        name, equals, _ = word.text.partition("=")
        if UNKNOWN in name or name in (_TMPFS_VALUES if equals else _TMPFS_FLAGS):
            continue
        return Complaint(
            f"'{name}' is no option of a tmpfs, so the container does not start",
            word.start,
            word.end,
            "options are size=, mode=, uid=, gid=, ro, noexec, nosuid, nodev and the like",
            starting=True,
        )
    return None
