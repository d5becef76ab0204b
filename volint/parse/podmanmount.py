"""podman's --mount, as its client reads it: one CSV record whose type is found first.

Nothing is lower-cased, `type=bind` without a source binds the target to itself, and a readonly
that is neither true nor false is silently dropped. Source: podman 5.8.2, pkg/specgenutil.
"""

from __future__ import annotations

from volint.parse.mountflag import csv_records
from volint.parse.mountspec import Complaint, Field, Reading, clean
from volint.parse.podmanspec import (
    ALL_PROPAGATIONS,
    Options,
    PodmanMount,
    check_options,
    named_options,
    target_problem,
)
from volint.record import NamedTuple

__all__ = ["mount"]

_TARGETS = ("target", "dst", "dest", "destination")
_SOURCES = ("src", "source")
_MEANT = {"readwrite": "rw", "size": "tmpfs-size", "mode": "tmpfs-mode", "nocopy": ""}


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
            problem = target_problem(value)
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
_PLAIN = ALL_PROPAGATIONS | {"Z", "z", "no-dereference", "noswap", "idmap", "bind-nonrecursive"}


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
            checked = check_options(self.words)
            if isinstance(checked, Complaint):
                return checked
            self.words = checked
        source = self.source
        if kind.text == "bind" and source is None:
            source = target
        glob = kind.text == "glob"
        if target is None:
            target = kind._replace(text="")
        options, read_only = named_options(self.words)
        if self.subpath and self.subpath.text:
            options["subpath"] = self.subpath[:]
        shown = {"glob": "bind", "ramfs": "tmpfs"}.get(kind.text, kind.text)
        if shown == "tmpfs":
            source = None
        reading = Reading(shown, source, target, read_only, options)
        return PodmanMount(reading, target.text, tuple(word.text for word in self.words), glob)

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
            if value.text not in ALL_PROPAGATIONS:
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
        problem = target_problem(pair.value)
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
