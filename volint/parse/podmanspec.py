"""podman's -v and --tmpfs, as its client reads them.

One letter before a colon is a name and no drive. What only podman's server checks (names of volumes, images) is not checked.
Source: podman 5.8.2, pkg/specgenutil and pkg/specgen.
"""

from __future__ import annotations

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
from volint.parse.quantities import tmpfs_bytes
from volint.record import NamedTuple

__all__ = ["PodmanMount", "check_options", "named_options", "target_problem", "tmpfs", "volume"]

Options = dict[str, "tuple[str | int | bool, int, int]"]

ALL_PROPAGATIONS = PROPAGATIONS | {"unbindable", "runbindable"}
_GROUPS = {
    "noexec": "exec",
    "exec": "exec",
    "nodev": "dev",
    "dev": "dev",
    "nosuid": "suid",
    "suid": "suid",
    "rw": "access",
    "ro": "access",
    "z": "label",
    "Z": "label",
    "O": "label",
    "U": "chown",
    "bind": "bind",
    "rbind": "bind",
    "copy": "copy",
    "nocopy": "copy",
    "no-dereference": "link",
    **dict.fromkeys(ALL_PROPAGATIONS, "propagation"),
}


class PodmanMount(NamedTuple):
    """A mount podman's client would send, with what it compares where two have one target."""

    reading: Reading
    """The mount."""
    destination: str
    """The target as podman compares it, cleaned or not."""
    words: tuple[str, ...] = ()
    """The options as podman sends them."""
    glob: bool = False
    """True if the source is a pattern, and each path that matches is mounted, below the target if there is one."""


def volume(spec: str, *, path: bool | None = None) -> PodmanMount | Complaint:
    """Read a -v value. `path` says whether a source that begins with an unknown variable is one."""
    fields: list[Field] = []
    start = 0
    for text in spec.split(":"):
        fields.append(Field(text, start, start + len(text)))
        start += len(text) + 1
    if len(fields) > 3:
        return Complaint(
            f"'{spec}' has more than three fields", fields[3].start - 1, len(spec), SHORT_FORM
        )
    if len(fields) == 1:
        return PodmanMount(Reading("volume", None, fields[0], implicit=True), spec)
    source, target = fields[0], fields[1]
    words: list[Field] = []
    if len(fields) == 3:
        checked = check_options(list(list_options(fields[2])))
        if isinstance(checked, Complaint):
            return checked
        words = checked
    if not source.text:
        return Complaint(f"'{spec}' has no source before its colon", 0, 1, SHORT_FORM)
    options, read_only = named_options(words)
    sent = tuple(word.text for word in words)
    mode = fields[2] if len(fields) == 3 else None
    kind = "volume"
    first = source.text[0]
    if path if first == UNKNOWN else first in "/.":
        overlay = next((word for word in words if word.text == "O"), None)
        problem = overlay and _overlay_problem(overlay, words)
        if problem:
            return problem
        kind = "overlay" if overlay else "bind"
    return PodmanMount(Reading(kind, source, target, read_only, options, mode), target.text, sent)


def _overlay_problem(overlay: Field, words: list[Field]) -> Complaint | None:
    joined = "".join(word.text for word in words)
    upper, work = "upperdir" in joined, "workdir" in joined
    if upper != work:
        return Complaint(
            "an overlay needs both 'upperdir' and 'workdir', or neither",
            overlay.start,
            words[-1].end,
            "give both",
        )
    pair = upper and work
    if (len(words) > 2 and not (len(words) == 3 and pair)) or (
        len(words) == 2 and "U" not in joined
    ):
        return Complaint(
            "'O' cannot be combined with these options",
            overlay.start,
            overlay.end,
            "'O' goes with 'U', or with 'upperdir=' and 'workdir=' together",
        )
    return None


def check_options(words: list[Field]) -> list[Field] | Complaint:
    """Return the words that take effect, or the first that is unknown or a second of its group."""
    kept: list[Field] = []
    seen: dict[str, str] = {}
    for word in words:
        text = word.text
        if "upperdir" in text or "workdir" in text:
            group = "upperdir" if "upperdir" in text else "workdir"
        elif text.startswith("idmap") or UNKNOWN in text:
            kept.append(word)
            continue
        elif text in ("cached", "delegated"):
            continue
        else:
            group = _GROUPS.get(text, "")
        if not group:
            return Complaint(
                f"'{text}' is no option of podman's -v",
                word.start,
                word.end,
                "use 'ro', 'z', 'Z', 'U', 'O' or a propagation mode",
            )
        if group in seen:
            return Complaint(
                f"'{text}' cannot stand beside '{seen[group]}'", word.start, word.end, "keep one"
            )
        seen[group] = text
        kept.append(word)
    return kept


def named_options(words: list[Field]) -> tuple[Options, bool]:
    """Return options by the mount model's names, and whether they make the mount read-only."""
    options: Options = {}
    read_only = False
    for word in words:
        name, _, value = word.text.partition("=")
        place = word.start, word.end
        group = _GROUPS.get(name)
        if group == "access":
            read_only = name == "ro"
        elif group == "label" and name != "O":
            options["selinux"] = (name, *place)
        elif group == "propagation":
            options["propagation"] = (name, *place)
        elif name == "nocopy":
            options["nocopy"] = (True, *place)
        elif name in ("bind", "rbind"):
            options["recursive"] = ("disabled" if name == "bind" else "enabled", *place)
        elif name == "U":
            options["chown"] = (True, *place)
        elif group in ("exec", "dev", "suid"):
            options[name] = (True, *place)
        elif name in ("uid", "gid") and value:
            options[name] = (value, *place)
        elif name == "size":
            size = tmpfs_bytes(value)
            options["size"] = (value if size is None else size, *place)
        elif name == "mode" and value and not value.strip("01234567"):
            options["mode"] = (int(value, 8), *place)
    return options, read_only


def tmpfs(value: str) -> PodmanMount | Complaint:
    """Read a --tmpfs value: a path, and options that are not checked here."""
    parts = value.split(":")
    target = Field(parts[0], 0, len(parts[0]))
    problem = target_problem(target)
    if problem:
        return problem
    mode = None
    words: list[Field] = []
    if len(parts) > 1:
        mode = Field(parts[1], target.end + 1, target.end + 1 + len(parts[1]))
        words = list(list_options(mode))
    options, read_only = named_options(words)
    cleaned = target._replace(text=clean(target.text))
    reading = Reading("tmpfs", None, cleaned, read_only, options, mode)
    # Two values are compared by the path as it was typed.
    return PodmanMount(reading, target.text, tuple(word.text for word in words))


def target_problem(target: Field) -> Complaint | None:
    """Return why podman's client refuses a target."""
    if not target.text:
        return Complaint(
            "a mount needs a target", target.start, target.end, "name a path in the container"
        )
    if target.text[0] not in ("/", UNKNOWN):
        return Complaint(
            f"the target '{target.text}' is not an absolute path",
            target.start,
            target.end,
            f"write '/{target.text.removeprefix('./')}'",
        )
    return None
