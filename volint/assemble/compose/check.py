"""Hold a loaded tree against the specification, and say what does not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.assemble.compose.report import closest, container_of
from volint.assemble.compose.schema import ANY, KINDS, Type, project_type
from volint.assemble.compose.tree import code_of
from volint.assemble.compose.units import (
    is_duration,
    parse_bool,
    parse_bytes,
    parse_float,
    parse_int,
    parse_octal,
    split_words,
)
from volint.assemble.compose.values import Map, Scalar, Seq, ShortMount, first_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from volint.assemble.compose.report import Path, Report
    from volint.assemble.compose.values import Data, Value

__all__ = ["Checker"]

_FEW = 10
"""As many keys as are worth naming in an advice."""
_STORAGE = frozenset(("volumes", "secrets", "configs", "tmpfs", "develop", "read_only"))
_SECRET = frozenset(("environment", "content", "args", "labels"))
_OWN_WORDS = {
    "project": "a Compose file",
    "stack": "a file for 'docker stack deploy'",
    "service": "a service",
    "mount": "a mount",
    "mount-bind": "a mount's 'bind'",
    "mount-volume": "a mount's 'volume'",
    "mount-tmpfs": "a mount's 'tmpfs'",
    "mount-image": "a mount's 'image'",
    "grant": "a secret or config of a service",
    "volume": "a volume",
    "secret": "a secret",
    "config": "a config",
    "network": "a network",
}


# Compose looks at the last byte alone, so that 'à', which ends in 0xA0, counts as a blank, too.
_BLANKS = tuple(bytes([byte]) for byte in b"\t\n\v\f\r \x85\xa0")


def _decimal(text: str) -> bool:
    return parse_int(text) is not None


def _text_of(convert: Callable[[str], object]) -> Callable[[Data], bool]:
    def takes(data: Data) -> bool:
        return not isinstance(data, str) or convert(data) is not None

    return takes


def _uint(data: Data) -> bool:
    return not isinstance(data, (str, bool)) and isinstance(data, (int, float)) and data >= 0


_DECODERS: dict[str, tuple[Callable[[Data], bool], str]] = {
    "int": (_text_of(parse_int), "an integer"),
    "int64": (_text_of(parse_int), "an integer"),
    "late-int": (_text_of(parse_int), "an integer"),
    "only-int": (lambda data: isinstance(data, int), "an integer that is not quoted"),
    "int-uint": (_uint, "an integer of at least 0"),
    "uint16": (
        lambda data: _uint(data) and float(str(data)) <= 65535,
        "an integer from 0 to 65535",
    ),
    "uint32": (_uint, "a number that is not quoted, of at least 0"),
    "float": (_text_of(parse_float), "a number"),
    "bool": (_text_of(parse_bool), "true or false"),
    "late-bool": (_text_of(parse_bool), "true or false"),
    "bytes": (_text_of(parse_bytes), "a size such as '512m'"),
    "cpus": (_text_of(parse_float), "a number of CPUs"),
    "duration": (
        lambda data: isinstance(data, str) and is_duration(data),
        "a duration such as '1m30s'",
    ),
    "octal": (
        lambda data: (
            isinstance(data, int) or (isinstance(data, str) and parse_octal(data) is not None)
        ),
        "an octal file mode such as '0440'",
    ),
    "count": (
        lambda data: (
            isinstance(data, int)
            or (isinstance(data, str) and (data.lower() == "all" or _decimal(data)))
        ),
        "'all' or an integer",
    ),
    "words": (_text_of(split_words), "a command line whose quotes and brackets are closed"),
    "string": (
        lambda data: data is None or (isinstance(data, (str, int)) and data.__class__ is not bool),
        "a string",
    ),
    "only-string": (lambda data: isinstance(data, str), "a string"),
    "env-item": (
        lambda data: (
            str(data).partition("=")[0].encode("utf-8", "surrogatepass")[-1:] not in _BLANKS
        ),
        "a name without a blank behind it",
    ),
    "host": (
        lambda data: bool(re.match(r"[^:=]+=|[^:=]+:[^=]*\Z", str(data), re.DOTALL)),
        "a host and its address, 'NAME=ADDRESS'",
    ),
}
"""What the project's decoder takes, and in words, by the table's conversions."""


class Checker:
    """Walks a tree along the specification's types."""

    def __init__(self, report: Report, *, decode: bool, partial: bool = False) -> None:
        self.report = report
        self.decode = decode
        """Also refuse what only fails when the merged project is decoded."""
        self._owner: Map | None = None
        self.partial = partial
        """What is missing may be in another file."""

    def check(self, tree: Map, kind: Type | None = None) -> None:
        """Report everything of a project that does not fit; `kind` is that of a whole file."""
        self._map(tree, kind or project_type(), ())

    def _value(self, value: Value, kind: Type, path: Path) -> None:
        if isinstance(value, Scalar):
            self._scalar(value, kind, path)
        elif isinstance(value, Map):
            if kind.keys is not None:
                self._map(value, kind, path)
            elif not kind.anything:
                self._wrong(value, kind, path, "a mapping")
        elif isinstance(value, Seq):
            if kind.item is not None:
                self._sequence(value, kind, path)
            elif not kind.anything:
                self._wrong(value, kind, path, "a list")

    def _map(self, value: Map, kind: Type, path: Path) -> None:
        types = kind.keys or {}
        every = kind.other if not types and kind.pattern is None else None
        for key, child in value.entries.items():
            found = types.get(key) if every is None or not key else every
            if found.__class__ is not Type:
                found = kind.key_type(key)
                if found is None:
                    self._unknown(value, key, kind, path)
                    continue
            if child.__class__ is Scalar and child.data.__class__ in found.fast:
                continue
            if found is not ANY:
                self._owner = value
                self._value(child, found, (*path, key))
        for key in kind.required:
            if key not in value.entries and not (self.partial and not _in_list(path)):
                self.report.refuse(
                    code_of(path),
                    f"'{key}' is missing in {_words(kind, path)}",
                    first_line(value.span),
                    f"add '{key}'",
                    container=container_of(path),
                )

    def _sequence(self, value: Seq, kind: Type, path: Path) -> None:
        item_type = kind.item
        assert item_type is not None
        fast = item_type.fast
        for index, item in enumerate(value.items):
            if not (item.__class__ is Scalar and item.data.__class__ in fast):
                self._value(item, item_type, (*path, str(index)))
        if kind.unique and len(value.items) > 1:
            self._unique(value, path)

    def _unique(self, value: Seq, path: Path) -> None:
        seen: dict[object, Value] = {}
        for item in value.items:
            key = _json(item)
            first = seen.setdefault(key, item)
            if first is not item and not (isinstance(item, Scalar) and item.unresolved):
                self.report.refuse(
                    code_of(path),
                    f"{_quoted(item, path)} stands twice in '{path[-1]}'",
                    first_line(item.span),
                    "remove one of the two",
                    container=container_of(path),
                )

    def _scalar(self, value: Scalar, kind: Type, path: Path) -> None:
        if kind.anything:
            if self.decode and kind.convert:
                self._decoded(value, kind, path)
            return
        if value.unresolved:
            return
        data = value.data
        name = KINDS.get(data.__class__)
        if name is None:  # a timestamp, which is a string to the schema alone
            if kind.convert != "text" and (self.decode or "string" not in kind.scalars):
                self._wrong(value, kind, path, "a date")
            return
        scalars = kind.scalars
        if name not in scalars:
            whole = isinstance(data, float) and data.is_integer() and "integer" in scalars
            if not whole and not (name == "integer" and "number" in scalars):
                if data is not None or not self.partial:
                    self._wrong(value, kind, path, name)
                return
        if kind.enum and isinstance(data, str) and data not in kind.enum:
            self._refuse_enum(value, kind, path)
        elif (
            kind.string_pattern
            and isinstance(data, str)
            and not re.search(kind.string_pattern, data)
        ):
            self.report.refuse(
                code_of(path),
                f"'{data}' is no valid '{path[-1]}'",
                value.span,
                container=container_of(path),
            )
        elif kind.bounds and isinstance(data, (int, float)) and not isinstance(data, bool):
            low, high = kind.bounds
            if (low is not None and data < low) or (high is not None and data > high):
                side = (
                    f"less than {low:g}"
                    if low is not None and data < low
                    else f"more than {high:g}"
                )
                self.report.refuse(
                    code_of(path),
                    f"'{data}' is {side}, which '{path[-1]}' does not take",
                    value.span,
                    container=container_of(path),
                )
        if self.decode and kind.convert:
            self._decoded(value, kind, path)

    def _decoded(self, value: Scalar, kind: Type, path: Path) -> None:
        decoder = _DECODERS.get(kind.convert)
        if decoder is None or (value.data is None and kind.convert != "only-string"):
            return
        if value.unresolved or decoder[0](value.data):
            return
        at = f"'{path[-1]}'" if not path[-1].isdigit() else f"an item of '{path[-2]}'"
        if kind.convert == "env-item":
            message = f"The name '{str(value.data).partition('=')[0]}' ends with a blank"
        elif kind.convert == "words":
            message = f"{at} leaves a quote or a bracket open, and cannot be split into words"
        else:
            message = f"{_quoted(value, path)} is not {decoder[1]}, which {at} takes"
        self.report.refuse(code_of(path), message, value.span, container=container_of(path))

    def _refuse_enum(self, value: Scalar, kind: Type, path: Path) -> None:
        meant = closest(str(value.data), kind.enum)
        self.report.refuse(
            code_of(path),
            f"'{value.data}' is no '{path[-1]}' that Compose knows",
            value.span,
            f"did you mean '{meant}'?" if meant else "use one of: " + ", ".join(kind.enum),
            container=container_of(path),
        )

    def _wrong(self, value: Value, kind: Type, path: Path, found: str) -> None:
        """Report a value of a kind that is not wanted."""
        item = bool(path) and path[-1].isdigit()
        where = f"an item of '{path[-2]}'" if item else f"'{path[-1]}'" if path else "the file"
        opening = "An" + where[2:] if item else where
        span, advice = first_line(value.span), ""
        if isinstance(value, Scalar) and value.data is None:
            message = f"{opening} has no value, but it takes {kind.wanted()}"
            if not item and self._owner is not None:
                span = self._owner.key_span(path[-1])
        elif isinstance(value, Scalar):
            article = "" if found.startswith("a ") else "an " if found[0] in "aio" else "a "
            message = (
                f"{_quoted(value, path)} is {article}{found}, but {where} takes {kind.wanted()}"
            )
            if "string" in kind.scalars:
                advice = f'quote it: "{span.text()}"'
            elif kind.item is not None and found == "string":
                advice = f"write a list: [{span.text()}]" if "\n" not in str(value.data) else ""
        else:
            message = f"{opening} is {found}, but it takes {kind.wanted()}"
            if kind.item is not None and path[-1:] == ("volumes",):
                advice = "write each mount as '- SOURCE:TARGET'"
        self.report.refuse(code_of(path), message, span, advice, container=container_of(path))

    def _unknown(self, value: Map, key: str, kind: Type, path: Path) -> None:
        known = list(kind.keys or ())
        meant = closest(key, known)
        storage = (
            bool(_STORAGE & set(path)) or meant in _STORAGE or (not path and meant in _STORAGE)
        )
        named = kind.pattern is not None and not known
        message = (
            f"'{key}' is no name that Compose takes in '{path[-1] if path else ''}'"
            if named
            else f"'{key}' is no key of {_words(kind, path)}"
        )
        self.report.refuse(
            "VL614" if storage and not named else "VL615",
            message,
            value.key_span(key),
            f"did you mean '{meant}'?" if meant else _instead(known),
            container=container_of(path),
        )


def _instead(known: list[str]) -> str:
    """Return the advice for a key that is like no other."""
    if 0 < len(known) <= _FEW:
        return f"remove it, or write one of {', '.join(known)}"
    return "remove it"


def _in_list(path: Path) -> bool:
    return any(part.isdigit() for part in path[2:])


def _words(kind: Type, path: Path) -> str:
    words = _OWN_WORDS.get(kind.name.removeprefix("stack-"))
    return words or (
        f"'{path[-1]}'" if path and not path[-1].isdigit() else f"an item of '{path[-2]}'"
    )


def _shown(value: Value) -> str:
    if isinstance(value, Scalar):
        text = plain(value.data)
    elif isinstance(value, ShortMount):
        text = str(value.scalar.data)
    else:
        text = " ".join(value.span.text().split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _quoted(value: Value, path: Path) -> str:
    """Return a value in quotes, or a word for it where it may be a secret."""
    return "The value" if _SECRET & set(path) else f"'{_shown(value)}'"


def _json(value: Value, depth: int = 0) -> object:
    """Return something that is equal for values that are equal as JSON.

    Deep values, which nothing valid holds, equal themselves alone: aliases may have made them huge.
    """
    if isinstance(value, Scalar):
        data = value.data
        plain_ = data if data is None or isinstance(data, (str, int, float)) else str(data)
        return (isinstance(data, bool), isinstance(data, str), plain_)
    if isinstance(value, ShortMount):
        return (False, True, str(value.scalar.data))
    if depth > 3:
        return id(value)
    if isinstance(value, Map):
        return frozenset((key, _json(item, depth + 1)) for key, item in value.entries.items())
    return tuple(_json(item, depth + 1) for item in value.items)
