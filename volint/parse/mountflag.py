"""The value of --mount: one CSV record of keys, as docker 28 and 29 read it.

The grammar has a version: 29 trims the value, refuses empty and padded values, `bind-nonrecursive`
and booleans other than 1, true, 0 and false, and knows `bind-create-src`.
Source: docker CLI 28.2 and 29.7, opts/mount.go, and Go's encoding/csv.
"""

from __future__ import annotations

import re

from volint.parse.enginemount import MountRequest
from volint.parse.mountspec import UNKNOWN, Complaint, Field
from volint.parse.quantities import memory_bytes

__all__ = ["SPACES", "csv_records", "read", "versions_differ"]

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_BARE = frozenset({"readonly", "ro", "volume-nocopy"})
_RECURSIVE = frozenset({"enabled", "disabled", "writable", "readonly"})
SPACES = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go's strings.TrimSpace trims."""

_DIFFERENT = (
    rf"=(?:[,\"]|$)|[{SPACES}]|(?i:bind-nonrecursive|bind-create-src)"
    r"|=(?:[tTfF]|TRUE|True|FALSE|False)(?:[,\"]|$)"
)
_READ_ONLY = r"(?i)(?:^|[,\"])(?:ro|readonly)(?:[=,\"]|$)"
_SOURCE = r"(?i)(?:^|[,\"])(?:src|source)="

_MEANT = {
    "dest": "destination",
    "from": "source",
    "host": "source",
    "name": "source",
    "path": "target",
    "mountpoint": "target",
    "read-only": "readonly",
    "read_only": "readonly",
    "nocopy": "volume-nocopy",
    "subpath": "volume-subpath",
    "size": "tmpfs-size",
    "mode": "tmpfs-mode",
    "propagation": "bind-propagation",
    "driver": "volume-driver",
    "label": "volume-label",
}


def csv_records(text: str, *, first: bool = True) -> list[list[Field]] | Complaint:
    """Read CSV as Go's encoding/csv does: all records, or the first one alone.

    A field in quotes keeps the offsets of its content; where it holds doubled quotes its text is
    shorter than its place.
    """
    records: list[list[Field]] = []
    at, length = 0, len(text)
    while at < length:
        record: list[Field] = []
        if text[at] == "\n" or text.startswith("\r\n", at):
            at = text.index("\n", at) + 1
            continue
        while True:
            if text[at : at + 1] == '"':
                field = _quoted(text, at)
            else:
                field = _bare(text, at)
            if isinstance(field, Complaint):
                return field
            place, at = field
            record.append(place)
            if text[at : at + 1] != ",":
                break
            at += 1
        records.append(record)
        if first:
            return records
        at += 1
    return records


def _line_end(text: str, at: int) -> tuple[int, int]:
    """Return where a line's content ends, and where its line break does."""
    newline = text.find("\n", at)
    end = len(text) if newline < 0 else newline
    content = end - 1 if text[end - 1 : end] == "\r" and end > at else end
    return content, end


def _bare(text: str, at: int) -> tuple[Field, int] | Complaint:
    content, end = _line_end(text, at)
    comma = text.find(",", at, content)
    stop = content if comma < 0 else comma
    quote = text.find('"', at, stop)
    if quote >= 0:
        return Complaint(
            "a quote stands within an unquoted field of --mount",
            quote,
            quote + 1,
            "quote the whole field: '\"src=/a,b\"'",
        )
    return Field(text[at:stop], at, stop), end if comma < 0 else comma


def _quoted(text: str, at: int) -> tuple[Field, int] | Complaint:
    start = at = at + 1
    parts: list[str] = []
    while True:
        quote = text.find('"', at)
        if quote < 0:
            return Complaint(
                "a quoted field of --mount has no closing quote", start - 1, len(text), "close it"
            )
        parts.append(text[at:quote])
        following = text[quote + 1 : quote + 2]
        if following == '"':
            parts.append('"')
            at = quote + 2
            continue
        content, end = _line_end(text, quote + 1)
        field = Field("".join(parts).replace("\r\n", "\n"), start, quote)
        if following == ",":
            return field, quote + 1
        if content == quote + 1:
            return field, end
        return Complaint(
            "text follows the closing quote of a field of --mount",
            quote + 1,
            quote + 2,
            "quote the whole field: '\"src=/a,b\"'",
        )


def versions_differ(value: str) -> bool:
    """Return whether docker 28 and 29 may read a value differently, so that both must be asked."""
    if re.search(_DIFFERENT, value):
        return True
    # A read-only volume without a name.
    return bool(re.search(_READ_ONLY, value)) and not re.search(_SOURCE, value)


def read(value: str, *, version: str = "29") -> MountRequest | Complaint:
    """Read a --mount value as the docker CLI of a version ('28' or '29') does.

    What the Engine checks (the target, the type, names) is not checked here.
    """
    shift = 0
    text = value
    if version != "28":
        shift = len(value) - len(value.lstrip(SPACES))
        text = value.strip(SPACES)
    records = csv_records(text)
    if isinstance(records, Complaint):
        return records._replace(start=records.start + shift, end=records.end + shift)
    if not records:
        return Complaint(
            "the value of --mount is empty", 0, len(value), "write type=...,target=..."
        )
    reader = _Reader(version, Field(text, shift, shift + len(text)))
    for text, start, end in records[0]:
        problem = reader.take(Field(text, start + shift, end + shift))
        if problem:
            return problem
    return reader.finish()


class _Reader:
    """The state of one --mount value while its fields are taken."""

    def __init__(self, version: str, whole: Field) -> None:
        self.old = version == "28"
        self.kind = Field("volume", whole.start, whole.end)
        self.typed = False
        self.whole = whole
        self.source: Field | None = None
        self.target: Field | None = None
        self.read_only: Field | None = None
        self.options: dict[str, tuple[str | int | bool, int, int]] = {}
        self.families: dict[str, Field] = {}
        self.driver_options: dict[str, Field] = {}

    def take(self, field: Field) -> Complaint | None:
        """Take one field; returns why it is refused."""
        raw, equals, text = field.text.partition("=")
        exact = field.end - field.start == len(field.text)
        name = Field(raw, field.start, field.start + len(raw) if exact else field.end)
        value = Field(text, name.end + 1 if exact else field.start, field.end)
        if UNKNOWN in raw:
            return None
        problem = self._form(field, name, bool(equals), value)
        if problem:
            return problem
        key = raw.lower()
        family = key.partition("-")[0]
        if (
            family in ("bind", "volume", "tmpfs", "image")
            and key != family
            and key != ("bind-recursive")
        ):
            self.families.setdefault(family, name)
        return self._set(key, name, value if equals else None)

    def _form(self, field: Field, name: Field, has_value: bool, value: Field) -> Complaint | None:
        """Check what concerns every field: blanks, empty values, keys that need one."""
        if name.text.strip(SPACES) != name.text and not (self.old and not has_value):
            return Complaint(
                f"'{name.text}' has a blank beside it, which --mount does not allow",
                name.start,
                name.end,
                f"write '{name.text.strip(SPACES)}'",
            )
        if has_value and not self.old:
            if not value.text.strip(SPACES):
                return Complaint(
                    f"'{name.text}' has no value", name.start, field.end, "leave it out"
                )
            if value.text.strip(SPACES) != value.text:
                return Complaint(
                    f"the value of '{name.text}' has a blank beside it",
                    value.start,
                    value.end,
                    "remove the blank",
                )
        key = name.text.lower()
        bare = {"bind-nonrecursive"} if self.old else {"bind-nonrecursive", "bind-create-src"}
        if not has_value and key not in _BARE and key not in bare:
            if key in _MEANT or not key:
                return _unknown(name) if key else _stray_comma(field)
            return Complaint(
                f"'{name.text}' is no option of --mount on its own",
                name.start,
                name.end,
                "every field is KEY=VALUE, but for readonly and volume-nocopy",
            )
        return None

    def _boolean(self, name: Field, value: Field | None) -> bool | Complaint:
        if value is None or UNKNOWN in value.text:
            return True
        if value.text in (TRUE if self.old else ("1", "true")):
            return True
        if value.text in (FALSE if self.old else ("0", "false")):
            return False
        return Complaint(
            f"'{value.text}' is no value for '{name.text}'",
            value.start,
            value.end,
            "write true or false",
        )

    def _set(self, key: str, name: Field, value: Field | None) -> Complaint | None:
        if key in ("readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src"):
            return self._set_boolean(key, name, value)
        if value is None:
            return None
        place = (value.text, value.start, value.end)
        if key == "type":
            self.kind = value._replace(text=value.text.lower())
            self.typed = True
        elif key in ("source", "src"):
            self.source = value if value.text else None
        elif key in ("target", "dst", "destination"):
            self.target = value if value.text else None
        elif key in ("consistency", "bind-propagation"):
            self._set_word(key.removeprefix("bind-"), value)
        elif key == "bind-recursive":
            return self._recursive(value)
        elif key in ("volume-subpath", "image-subpath"):
            self._set_word("subpath", value, lower=False)
        elif key == "volume-driver":
            self.options["driver"] = place
        elif key in ("volume-opt", "volume-label"):
            option, _, _ = value.text.partition("=")
            if option and key == "volume-opt":
                self.driver_options[option] = value
        elif key == "tmpfs-size":
            size = memory_bytes(value.text)
            if UNKNOWN in value.text:
                return None
            if size is None:
                return _bad_value(value, "tmpfs-size", "write a size such as 64m")
            self.options["size"] = (size, value.start, value.end)
        elif key == "tmpfs-mode":
            text = value.text
            if UNKNOWN in text:
                return None
            if not text or text.strip("01234567") or int(text, 8) >= 1 << 32:
                return _bad_value(value, "tmpfs-mode", "write an octal mode such as 1777")
            self.options["mode"] = (int(text, 8), value.start, value.end)
        else:
            return _unknown(name)
        return None

    def _set_word(self, name: str, value: Field, *, lower: bool = True) -> None:
        """Set an option that 28 lets be empty, which is as good as none."""
        self.options.pop(name, None)
        if value.text:
            text = value.text.lower() if lower else value.text
            self.options[name] = (text, value.start, value.end)

    def _set_boolean(self, key: str, name: Field, value: Field | None) -> Complaint | None:
        if key == "bind-nonrecursive" and not self.old:
            end = value.end if value else name.end
            return Complaint(
                "'bind-nonrecursive' is gone since Docker 29",
                name.start,
                end,
                "write bind-recursive=disabled",
            )
        if key == "bind-create-src" and self.old:
            return Complaint(
                "'bind-create-src' is unknown before Docker 29", name.start, name.end, "use -v"
            )
        on = self._boolean(name, value)
        if isinstance(on, Complaint):
            return on
        place = (name.start, value.end if value else name.end)
        if key in ("readonly", "ro"):
            self.read_only = Field(name.text, *place) if on else None
        elif key == "volume-nocopy":
            self.options["nocopy"] = (on, *place)
        elif key == "bind-create-src":
            self.options["create_host_path"] = (on, *place)
        elif on:
            self.options["recursive"] = ("disabled", *place)
        return None

    def _recursive(self, value: Field) -> Complaint | None:
        if UNKNOWN in value.text:
            return None
        if value.text not in _RECURSIVE:
            return _bad_value(
                value, "bind-recursive", "write enabled, disabled, writable or readonly"
            )
        self.options["recursive"] = (value.text, value.start, value.end)
        if value.text != "enabled":
            self.families.setdefault("bind", value._replace(text="bind-recursive"))
        return None

    def finish(self) -> MountRequest | Complaint:
        """Check the fields against each other."""
        if self.typed and not self.kind.text:
            return Complaint(
                "the mount has no type", self.kind.start, self.kind.end, "write type=volume"
            )
        recursive, start, end = self.options.get("recursive", ("", 0, 0))
        if recursive in ("writable", "readonly") and self.kind.text == "bind":
            if self.read_only is None:
                return Complaint(
                    f"'bind-recursive={recursive}' needs 'readonly' beside it",
                    start,
                    end,
                    "add 'readonly'",
                )
            if recursive == "readonly" and self.options.get("propagation", ("",))[0] != "rprivate":
                return Complaint(
                    "'bind-recursive=readonly' needs 'bind-propagation=rprivate' beside it",
                    start,
                    end,
                    "add 'bind-propagation=rprivate'",
                )
        return MountRequest(
            self.kind.text,
            self.kind,
            self.source,
            self.target,
            self.read_only,
            self.options,
            self.families,
            self.driver_options,
        )


def _bad_value(value: Field, key: str, help: str) -> Complaint:
    return Complaint(f"'{value.text}' is no value for '{key}'", value.start, value.end, help)


def _stray_comma(field: Field) -> Complaint:
    return Complaint(
        "--mount has an empty field", max(field.start - 1, 0), field.end, "remove the stray comma"
    )


def _unknown(name: Field) -> Complaint:
    meant = _MEANT.get(name.text.lower())
    return Complaint(
        f"'{name.text}' is no option of --mount",
        name.start,
        name.end,
        f"write '{meant}'"
        if meant
        else "leave out 'rw': a mount is writable unless it is readonly"
        if name.text.lower() in ("rw", "readwrite")
        else "",
    )
