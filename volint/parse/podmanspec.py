"""podman's -v, --mount and --tmpfs, as its client reads them.

Nothing is lower-cased, one letter is a name and no drive, and `type=bind` without a source binds
the target to itself. What only podman's server checks (names of volumes, images) is not checked.
Source: podman 5.8.2, pkg/specgenutil and pkg/specgen.
"""

from __future__ import annotations

from typing import NamedTuple

from volint.parse.mountflag import csv_records
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

__all__ = ["PodmanMount", "mount", "tmpfs", "volume"]

Options = dict[str, "tuple[str | int | bool, int, int]"]

_PROPAGATIONS = PROPAGATIONS | {"unbindable", "runbindable"}
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
    **dict.fromkeys(_PROPAGATIONS, "propagation"),
}
_TARGETS = ("target", "dst", "dest", "destination")
_SOURCES = ("src", "source")
_MEANT = {"readwrite": "rw", "size": "tmpfs-size", "mode": "tmpfs-mode", "nocopy": ""}


class PodmanMount(NamedTuple):
    """A mount podman's client would send, with what it compares where two have one target."""

    reading: Reading
    """The mount."""
    destination: str
    """The target as podman compares it, cleaned or not."""
    words: tuple[str, ...] = ()
    """The options as podman sends them."""


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
        checked = _check_options(list(list_options(fields[2])))
        if isinstance(checked, Complaint):
            return checked
        words = checked
    if not source.text:
        return Complaint(f"'{spec}' has no source before its colon", 0, 1, SHORT_FORM)
    options, read_only = _options(words)
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


def _check_options(words: list[Field]) -> list[Field] | Complaint:
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


def _options(words: list[Field]) -> tuple[Options, bool]:
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
    problem = _target_problem(target)
    if problem:
        return problem
    mode = None
    words: list[Field] = []
    if len(parts) > 1:
        mode = Field(parts[1], target.end + 1, target.end + 1 + len(parts[1]))
        words = list(list_options(mode))
    options, read_only = _options(words)
    cleaned = target._replace(text=clean(target.text))
    reading = Reading("tmpfs", None, cleaned, read_only, options, mode)
    # Two values are compared by the path as it was typed.
    return PodmanMount(reading, target.text, tuple(word.text for word in words))


def _target_problem(target: Field) -> Complaint | None:
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


class _Pair(NamedTuple):
    """A field of --mount: its key and its value."""

    name: Field
    value: Field
    has_value: bool


def _pair(field: Field) -> _Pair:
    name, equals, value = field.text.partition("=")
    exact = field.end - field.start == len(field.text)
    key = Field(name, field.start, field.start + len(name) if exact else field.end)
    start = key.end + 1 if exact and equals else field.start if equals else field.end
    return _Pair(key, Field(value, start, field.end), bool(equals))


def mount(value: str) -> PodmanMount | Complaint:
    """Read a --mount value: one CSV record, its type found first, wherever it stands."""
    records = csv_records(value, first=False)
    if isinstance(records, Complaint):
        return records
    if len(records) != 1:
        return Complaint(
            "the value of --mount is not one line of KEY=VALUE fields",
            0,
            len(value),
            "write type=...,target=...",
        )
    kind: Field | None = None
    pairs: list[_Pair] = []
    for field in records[0]:
        pair = _pair(field)
        if (
            kind is None
            and pair.has_value
            and pair.name.text == "type"
            and "=" not in pair.value.text
        ):
            kind = pair.value
        else:
            pairs.append(pair)
    whole = Field(kind.text if kind else "volume", *(kind[1:] if kind else (0, len(value))))
    if whole.text in ("bind", "volume", "tmpfs", "ramfs", "glob"):
        return _File(whole).read(pairs)
    if whole.text == "devpts":
        return _simple(
            pairs, whole, ("uid", "gid", "mode", "ptmxmode", "newinstance", "max"), False
        )
    if whole.text == "image":
        names = ("rw", "readwrite", "subpath", "consistency")
        return _simple(pairs, whole, names, True)
    if whole.text == "artifact":
        return _simple(pairs, whole, ("title", "digest", "name"), True)
    return Complaint(
        f"'{whole.text}' is no type of mount that podman knows",
        whole.start,
        whole.end,
        "use bind, volume, tmpfs, image or glob",
    )


def _no_value(pair: _Pair) -> Complaint:
    name = pair.name
    return Complaint(
        f"'{name.text}' needs a value", name.start, name.end, f"write '{name.text}=...'"
    )


def _no_option(pair: _Pair) -> Complaint:
    name = pair.name
    meant = _MEANT.get(name.text) or (name.text.lower() if name.text.lower() != name.text else "")
    if not name.text:
        return Complaint(
            "--mount has an empty field", max(name.start - 1, 0), name.end, "remove the stray comma"
        )
    return Complaint(
        f"'{name.text}' is no option of podman's --mount",
        name.start,
        name.end,
        f"write '{meant.strip()}'" if meant else "",
    )


def _simple(
    pairs: list[_Pair], kind: Field, names: tuple[str, ...], needs_source: bool
) -> PodmanMount | Complaint:
    """Read the mounts whose keys are few: image, artifact, devpts."""
    source: Field | None = None
    target: Field | None = None
    writable = not needs_source
    options: Options = {}
    for pair in pairs:
        name, value = pair.name.text, pair.value
        if name in _TARGETS or (needs_source and name in _SOURCES):
            if not pair.has_value:
                return _no_value(pair)
            if name in _SOURCES:
                source = value
                continue
            problem = _target_problem(value)
            if problem:
                return problem
            target = value._replace(text=clean(value.text))
        elif name not in names:
            return _no_option(pair)
        elif name in ("rw", "readwrite"):
            if value.text not in ("true", "false"):
                return Complaint(
                    f"'{value.text}' is no value for '{name}'",
                    pair.name.start,
                    value.end,
                    "write true or false",
                )
            writable = writable or value.text == "true"
        elif name in ("subpath", "title", "digest", "name"):
            if not pair.has_value:
                return _no_value(pair)
            if name == "subpath" and not value.text.startswith("/"):
                return Complaint(
                    f"the subpath '{value.text}' is not an absolute path",
                    *value[1:],
                    "begin with '/'",
                )
            if name == "subpath":
                options["subpath"] = (value.text, value.start, value.end)
    if target is None or (needs_source and not (source and source.text)):
        return Complaint(
            f"a mount of type '{kind.text}' needs {'a source and ' * needs_source}a target",
            kind.start,
            kind.end,
            "add " + "'source=NAME' and " * needs_source + "'target=/PATH'",
        )
    shown = "image" if needs_source else "device-fs"
    reading = Reading(shown, source, target, not writable, options)
    return PodmanMount(reading, target.text)


_ONCE = {
    "readonly": "access",
    "ro": "access",
    "rw": "access",
    "nodev": "dev",
    "dev": "dev",
    "noexec": "exec",
    "exec": "exec",
    "nosuid": "suid",
    "suid": "suid",
    "noswap": "swap",
    "relabel": "relabel",
    "tmpcopyup": "copyup",
    "notmpcopyup": "copyup",
    "U": "chown",
    "chown": "chown",
}
_ONLY = {
    "bind-nonrecursive": "bind",
    "bind-propagation": "bind",
    "tmpcopyup": "tmpfs",
    "notmpcopyup": "tmpfs",
    "tmpfs-mode": "tmpfs",
    "tmpfs-size": "tmpfs",
    "volume-label": "volume",
    "volume-opt": "volume",
    "subpath": "volume",
    "volume-subpath": "volume",
}
_VALUED = frozenset(
    (
        "bind-propagation",
        "subpath",
        "volume-subpath",
        "tmpfs-mode",
        "tmpfs-size",
        *_TARGETS,
        *_SOURCES,
    )
)
_PLAIN = _PROPAGATIONS | {"Z", "z", "no-dereference", "noswap", "idmap", "bind-nonrecursive"}


class _File:
    """The state of a bind, volume, tmpfs, ramfs or glob mount while its keys are taken."""

    def __init__(self, kind: Field) -> None:
        self.kind = kind
        self.source: Field | None = None
        self.target: Field | None = None
        self.subpath: Field | None = None
        self.words: list[Field] = []
        self.once: dict[str, str] = {}

    def read(self, pairs: list[_Pair]) -> PodmanMount | Complaint:
        """Take all keys and return the mount."""
        for pair in pairs:
            problem = self._form(pair) or self._take(pair)
            if problem:
                return problem
        kind = self.kind
        target = self.target
        if target is None and kind.text != "glob":
            return Complaint("a mount needs a target", kind.start, kind.end, "add 'target=/PATH'")
        if kind.text in ("bind", "glob"):
            checked = _check_options(self.words)
            if isinstance(checked, Complaint):
                return checked
            self.words = checked
        source = self.source
        if kind.text == "bind" and source is None:
            source = target
        if target is None:
            target = source or kind._replace(text="")
        elif kind.text == "glob" and source and not set(source.text) & set("*?[\\"):
            base = source.text.rstrip("/").rpartition("/")[2]
            target = target._replace(text=clean(f"{target.text}/{base}"))
        options, read_only = _options(self.words)
        if self.subpath and self.subpath.text:
            options["subpath"] = self.subpath[:]
        shown = {"glob": "bind", "ramfs": "tmpfs"}.get(kind.text, kind.text)
        if shown == "tmpfs":
            source = None
        reading = Reading(shown, source, target, read_only, options)
        return PodmanMount(reading, target.text, tuple(word.text for word in self.words))

    def _form(self, pair: _Pair) -> Complaint | None:
        """Check what the tables say of a key: its type, its value, that it comes once."""
        name = pair.name.text
        group = _ONCE.get(name)
        if name in ("src", "source") and self.kind.text == "tmpfs":
            return Complaint(
                f"a tmpfs has no source, and '{name}' gives one",
                pair.name.start,
                pair.value.end,
                "leave it out",
            )
        if _ONLY.get(name, self.kind.text) != self.kind.text:
            return Complaint(
                f"'{name}' does not belong to a mount of type '{self.kind.text}'",
                pair.name.start,
                pair.name.end,
                f"leave it out, or use type={_ONLY[name]}",
            )
        if group and group in self.once:
            return Complaint(
                f"'{name}' cannot stand beside '{self.once[group]}'",
                pair.name.start,
                pair.name.end,
                "keep one",
            )
        if group:
            self.once[group] = name
        if name in _VALUED and not pair.has_value:
            return _no_value(pair)
        return None

    def _take(self, pair: _Pair) -> Complaint | None:
        name, value = pair.name.text, pair.value
        whole = Field(name, pair.name.start, value.end)
        if name in _TARGETS:
            return self._set_target(pair)
        if name in _SOURCES:
            return self._set_source(pair)
        if name in ("readonly", "ro", "rw"):
            self._set_access(whole, pair)
        elif name == "bind-propagation":
            if value.text not in _PROPAGATIONS:
                return Complaint(
                    f"'{value.text}' is no propagation mode", *value[1:], "use rprivate or rslave"
                )
            self.words.append(value)
        elif name == "bind-nonrecursive":
            self.words.append(whole._replace(text="bind"))
        elif name == "relabel":
            if value.text not in ("private", "shared"):
                return Complaint(
                    f"'{value.text}' is no value for 'relabel'",
                    whole.start,
                    whole.end,
                    "write relabel=shared or relabel=private",
                )
            self.words.append(whole._replace(text="Z" if value.text == "private" else "z"))
        elif name in ("U", "chown"):
            return self._set_chown(whole, pair)
        elif name in ("tmpfs-mode", "tmpfs-size"):
            self.words.append(whole._replace(text=f"{name[6:]}={value.text}"))
        elif name in ("subpath", "volume-subpath"):
            self.subpath = value
        elif name == "volume-label":
            return Complaint(
                "podman has no 'volume-label'", whole.start, whole.end, "create the volume with it"
            )
        elif name == "volume-opt":
            self.words.append(whole._replace(text=f"volume-opt={value.text}"))
        elif name in _PLAIN or name in _ONCE:
            text = f"idmap={value.text}" if name == "idmap" and pair.has_value else name
            self.words.append(whole._replace(text=text))
        elif name != "consistency":
            return _no_option(pair)
        return None

    def _set_target(self, pair: _Pair) -> Complaint | None:
        if self.target is not None:
            return _twice(pair)
        problem = _target_problem(pair.value)
        self.target = pair.value._replace(text=clean(pair.value.text))
        return problem

    def _set_source(self, pair: _Pair) -> Complaint | None:
        if self.source is not None:
            return _twice(pair)
        if not pair.value.text:
            name = pair.name
            return Complaint(f"'{name.text}' is empty", name.start, pair.value.end, "name a path")
        self.source = pair.value
        return None

    def _set_access(self, whole: Field, pair: _Pair) -> None:
        """Any value but true and false, in any case, silently leaves the mount writable."""
        value = pair.value.text.lower() if pair.has_value else "true"
        name = "rw" if whole.text == "rw" else "ro"
        if value == "true":
            self.words.append(whole._replace(text=name))
        elif value == "false" and name == "rw":
            self.words.append(whole._replace(text="ro"))

    def _set_chown(self, whole: Field, pair: _Pair) -> Complaint | None:
        value = pair.value.text.lower()
        if value not in ("", "true", "false"):
            return Complaint(
                f"'{pair.value.text}' is no value for '{whole.text}'",
                *pair.value[1:],
                "write true or false",
            )
        if value != "false":
            self.words.append(whole._replace(text="U"))
        return None


def _twice(pair: _Pair) -> Complaint:
    name = pair.name
    return Complaint(f"'{name.text}' is given a second time", name.start, name.end, "keep one")
