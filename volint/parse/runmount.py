"""The grammar of `RUN --mount`: fields of a CSV record, read from left to right.

From BuildKit v0.32: instructions/commands_runmount.go and dockerfile2llb/convert_runmount.go. The
syntax of most values shows only when a stage is built, since variables are filled in first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.dockerfile_expand import Chunk, SubstitutionError, build
from volint.parse.dockerfile_lines import cut
from volint.record import NamedTuple
from volint.source import Problem, Span, Word

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RunMount", "check_device", "check_fields", "read"]

CODE = "VL601"
TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
SHARING = ("shared", "private", "locked")

_KEYS = {
    "src": "source",
    "dst": "target",
    "destination": "target",
    "ro": "readonly",
    "rw": "readwrite",
}
_KNOWN = (
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "readwrite",
    "required",
    "size",
    "id",
    "sharing",
    "mode",
    "uid",
    "gid",
    "env",
)
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_LONGEST_NAME = 30
_OCTAL = r"[0-7]+\Z"
_DECIMAL = r"[0-9]+\Z"


class RunMount(NamedTuple):
    """One `--mount` of a RUN."""

    type: str
    """'bind', 'cache', 'tmpfs', 'secret' or 'ssh'."""
    values: dict[str, Word]
    """The values by full key ('source', 'target', 'from', 'id', 'env' ...), the last of each; of
    `readonly` and `required` without '=' the field itself."""
    read_only: bool
    """True unless it can be written to; what is written to a bind is discarded."""
    required: bool
    """True if the build fails without the secret or the agent."""
    numbers: dict[str, int]
    """'size' in bytes, 'mode' as permission bits, 'uid' and 'gid'."""
    unresolved: tuple[str, ...]
    """Unknown variables in its values."""
    span: Span
    """The value of the flag."""


class _Refused(Exception):
    def __init__(self, message: str, place: Word | Span, help: str = "") -> None:
        self.problem = Problem(
            CODE, message, place if isinstance(place, Span) else place.span, help
        )


def _fields(value: Word) -> list[Word]:
    """Split a CSV record. Raises _Refused."""
    text = value.value
    if text in ("", "\n", "\r\n"):
        raise _Refused("the flag's value is empty", value, "write --mount=type=TYPE,target=PATH")
    fields: list[Word] = []
    at = 0
    while True:
        if text.startswith('"', at):
            chunks, end = _quoted(value, at)
            fields.append(build(cut(value, at, end), chunks))
        else:
            end = text.find(",", at)
            end = len(text) if end < 0 else end
            quote = text.find('"', at, end)
            if quote >= 0:
                raise _Refused(
                    "a field holds a double quote but does not begin with one",
                    cut(value, quote, quote + 1),
                    "quote the whole field",
                )
            fields.append(cut(value, at, end))
        if end >= len(text):
            return fields
        at = end + 1


def _quoted(value: Word, start: int) -> tuple[list[Chunk], int]:
    """Read a quoted field; `""` in it is one quote. Return its chunks and its end."""
    text = value.value
    chunks: list[Chunk] = []
    at = start + 1
    while True:
        quote = text.find('"', at)
        if quote < 0:
            raise _Refused("a double quote is not closed", cut(value, start, start + 1))
        if quote > at:
            chunks.append(Chunk(text[at:quote], at - start, quote - start, False))
        following = text[quote + 1 : quote + 2]
        if following == '"':
            chunks.append(Chunk('"', quote - start, quote + 2 - start, True))
            at = quote + 2
            continue
        if following not in ("", ","):
            raise _Refused(
                "a field goes on behind its closing double quote", cut(value, quote, quote + 1)
            )
        return chunks, quote + 1


def _key(field: Word) -> tuple[str, str, Word | None]:
    """Return the key as written in lower case, its full name, and the value."""
    written, sign, _value = field.value.partition("=")
    key = written.lower()
    return (
        key,
        _KEYS.get(key, key),
        cut(field, len(written) + 1, len(field.value)) if sign else None,
    )


def check_fields(value: Word) -> Problem | None:
    """Return what BuildKit refuses about a mount in any stage, built or not."""
    try:
        for field in _fields(value):
            _written, key, content = _key(field)
            if key == "from" and content and "$" in content.value[:-1]:
                return Problem(
                    CODE,
                    f"'{content}' cannot be filled in: 'from' of a mount takes no variables",
                    content.span,
                    "name a stage FROM that image and mount from the stage",
                )
    except _Refused as refused:
        return refused.problem
    return None


def check_device(value: Word) -> Problem | None:
    """Return what is wrong with the value of `RUN --device`."""
    try:
        fields = _fields(value)
    except _Refused as refused:
        return refused.problem._replace(code="VL001")
    named = False
    for field in fields:
        _written, key, content = _key(field)
        if key == "required" and (content is None or content.value in _BOOLEANS):
            continue
        if named or key == "required":
            return Problem(
                "VL001", f"'{field}' is no option of a device", field.span, "leave it out"
            )
        named = True
    return None


def read(value: Word, expand: Callable[[Word], Word]) -> RunMount | Problem | None:
    """Read a mount; None if its type is not known. `expand` fills in the variables of a value.

    A problem is what BuildKit refuses when it builds the stage.
    """
    try:
        return _Reader(value, expand).mount()
    except _Refused as refused:
        return refused.problem
    except SubstitutionError as error:
        return Problem(
            CODE,
            f"'{value}' cannot be filled in: {error}",
            value.span,
            "write '${NAME}' or '${NAME:-default}'",
        )


class _Reader:
    def __init__(self, value: Word, expand: Callable[[Word], Word]) -> None:
        self.value = value
        self.expand = expand
        self.type: str | None = "bind"
        self.values: dict[str, Word] = {}
        self.numbers: dict[str, int] = {}
        self.read_only: bool | None = None
        self.required = False
        self.unresolved: list[str] = []

    def mount(self) -> RunMount | None:
        for field in _fields(self.value):
            written, key, content = _key(field)
            if content is None:
                self.bare(key, field)
            else:
                self.field(key, written, field, self.expand(content))
        if self.type is None:
            return None
        self.check(self.type)
        read_only = self.read_only
        if read_only is None:
            read_only = self.type not in ("cache", "tmpfs")
        return RunMount(
            self.type,
            self.values,
            read_only,
            self.required,
            self.numbers,
            tuple(dict.fromkeys(self.unresolved)),
            self.value.span,
        )

    def bare(self, key: str, field: Word) -> None:
        if key in ("readonly", "readwrite"):
            self.read_only = key == "readonly"
        elif key == "required":
            self.only_for(key, field, ("secret", "ssh"))
            self.required = True
        elif not field.value:
            raise _Refused("the mount has an empty field", self.value, "remove the comma too many")
        else:
            raise _Refused(
                f"'{field}' needs a value"
                if key in _KNOWN
                else f"'{field}' is no option of a mount",
                field,
                f"write {key}=VALUE" if key in _KNOWN else "",
            )
        self.values[key] = field

    def field(self, key: str, written: str, field: Word, value: Word) -> None:
        unresolved = value.unresolved()
        self.unresolved += unresolved
        text = value.value
        if key not in _KNOWN:
            raise _Refused(f"'{written}' is no option of a mount", field, _suggestion(written))
        if key in ("required", "size"):
            self.only_for(key, field, ("secret", "ssh") if key == "required" else ("tmpfs",))
        if unresolved:
            if key == "type":
                self.type = None
        elif key == "type":
            if text.lower() not in TYPES:
                raise _Refused(
                    f"'{text}' is no type of mount in a build",
                    value if text else field,
                    "use " + ", ".join(TYPES[:-1]) + " or " + TYPES[-1],
                )
            self.type = text.lower()
        elif key in ("readonly", "readwrite", "required"):
            if text not in _BOOLEANS:
                raise _Refused(
                    f"'{text}' is neither true nor false", value if text else field, f"write {key}"
                )
            if key == "required":
                self.required = _BOOLEANS[text]
            else:
                self.read_only = _BOOLEANS[text] == (key == "readonly")
        elif key == "sharing":
            if text.lower() not in SHARING:
                raise _Refused(
                    f"'{text}' is no way to share a cache",
                    value if text else field,
                    "use shared, private or locked",
                )
        elif key in ("size", "mode", "uid", "gid"):
            self.number(key, field, value)
        self.values[key] = value

    def number(self, key: str, field: Word, value: Word) -> None:
        text = value.value
        if key == "size":
            from volint.parse.quantities import memory_bytes

            number = memory_bytes(text)
        else:
            grammar, base = (_OCTAL, 8) if key == "mode" else (_DECIMAL, 10)
            number = int(text, base) if len(text) <= 64 and re.match(grammar, text) else None
            if number is not None and number >= 1 << 32:
                number = None
        if number is not None:
            self.numbers[key] = number
            return
        advice = {"size": "e.g. 128m", "mode": "use octal digits, e.g. 0400"}
        raise _Refused(
            f"'{text}' is no {key}", value if text else field, advice.get(key, "use a number")
        )

    def only_for(self, key: str, field: Word, types: tuple[str, ...]) -> None:
        if self.type is None or self.type in types:
            return
        named = " or ".join(f"type={name}" for name in types)
        raise _Refused(
            f"'{key}' is no option of a mount of type {self.type}",
            field,
            f"it needs {named}, which must stand before it",
        )

    def check(self, kind: str) -> None:
        """Check what the type does not allow."""
        values = self.values
        if kind in ("bind", "tmpfs"):
            for key in ("mode", "uid", "gid"):
                if key in values:
                    raise _Refused(f"'{key}' is no option of a mount of type {kind}", values[key])
        if kind == "secret":
            if _given(values, "from"):
                raise _Refused("a secret has no 'from'", values["from"])
            if not any(_given(values, key) for key in ("source", "target", "id")):
                raise _Refused("the secret is not named", self.value, "write type=secret,id=NAME")
            if _given(values, "source") and _given(values, "id"):
                raise _Refused(
                    "a secret takes 'id' or 'source', not both", values["source"], "keep id"
                )
        if kind != "cache" and "sharing" in values:
            raise _Refused(f"'sharing' is no option of a mount of type {kind}", values["sharing"])
        if kind == "ssh" and _given(values, "source"):
            raise _Refused("an ssh mount has no source", values["source"])


def _given(values: dict[str, Word], key: str) -> bool:
    return key in values and bool(values[key].value)


def _suggestion(key: str) -> str:
    from difflib import get_close_matches

    if len(key) > _LONGEST_NAME:
        return ""
    close = get_close_matches(key, [*_KNOWN, *_KEYS], 1, 0.6)
    return f"did you mean '{close[0]}'?" if close else ""
