"""Check a loaded tree against the specification's keys and types.

`schema_table` holds the specification in a notation of its own; here it becomes `Type`s the first
time it is needed, and trees are held against them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.assemble.compose.schema_table import CLOSED, OBJECTS, OPEN, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ANY", "KINDS", "Type", "project_type", "stack_type"]

_LETTERS = {"s": "string", "i": "integer", "n": "number", "b": "boolean", "0": "null"}
EARLY = frozenset({"int", "int64", "float", "bool", "int-uint"})
"""Conversions of strings made when a file is read."""


class Type:
    """What may stand at one place: alternatives that differ in their kind of value."""

    __slots__ = (
        "anything",
        "bounds",
        "closed",
        "convert",
        "enum",
        "extensions",
        "fast",
        "item",
        "keys",
        "name",
        "other",
        "pattern",
        "required",
        "scalars",
        "string_pattern",
        "unique",
    )

    def __init__(self) -> None:
        self.anything = False
        """Nothing is checked here or below."""
        self.scalars: frozenset[str] = frozenset()
        """Kinds of scalars allowed: string, integer, number, boolean, null."""
        self.fast: frozenset[type] = frozenset()
        """Python types of scalars that need no further look."""
        self.enum: tuple[str, ...] = ()
        """The strings allowed; empty: any."""
        self.string_pattern: str = ""
        """A regular expression found in every string allowed."""
        self.bounds: tuple[float | None, float | None] | None = None
        """Least and greatest number allowed."""
        self.convert = ""
        """What Compose makes of the scalar."""
        self.item: Type | None = None
        """Type of a list's items; None: no list."""
        self.unique = False
        """A list holds no equal items."""
        self.keys: dict[str, Type | str] | None = None
        """Types by key, in the table's notation until they are asked for; None: no mapping."""
        self.required: tuple[str, ...] = ()
        """Keys that must be there."""
        self.extensions = False
        """Keys that start with `x-` are taken."""
        self.pattern: re.Pattern[str] | None = None
        """What other keys look like."""
        self.other: Type | None = None
        """Type of the values of other keys; without a pattern, of all that are not empty."""
        self.closed = False
        """Keys that are not described are refused."""
        self.name = ""
        """Name of the object, for messages."""

    def wanted(self) -> str:
        """Return in words what is wanted: 'a string or a list'."""
        words: list[str] = [
            word for word in ("string", "integer", "number", "boolean") if word in self.scalars
        ]
        if self.keys is not None:
            words.append("mapping")
        if self.item is not None:
            words.append("list")
        if "null" in self.scalars:
            words.append("null")
        named = [
            ("an " if word[0] in "aio" else "a ") + word if word != "null" else word
            for word in words
        ]
        if len(named) < 2:
            return "".join(named)
        return ", ".join(named[:-1]) + " or " + named[-1]

    def key_type(self, key: str) -> Type | None:
        """Return the type of a key's value; None if the key is refused."""
        keys = self.keys
        if keys is not None:
            found = keys.get(key)
            if found.__class__ is Type:
                return found
            if found is not None:
                keys[key] = made = type_of(str(found))
                return made
        if self.extensions and key.startswith("x-"):
            return ANY
        if self.other is not None and (self.pattern.search(key) if self.pattern else key):
            return self.other
        return None if self.closed else ANY


def _any() -> Type:
    anything = Type()
    anything.anything = True
    return anything


ANY = _any()
"""Takes everything."""

KINDS = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
"""Kind of scalar by Python type."""

_PYTHON = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
_objects: dict[str, Type] = {}
_types: dict[str, Type] = {}
_token = re.compile(r"~[^~]*~|<[^>]*>|\([^)]*\)|[{}\[\]|!]|:[a-z0-9-]+|[@$][a-z-]+|\S")


class _Notation:
    """A reader of one type in the table's notation."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        found = _token.match(self.text, self.at)
        return found.group() if found else ""

    def take(self) -> str:
        token = self.peek()
        self.at += len(token)
        return token

    def type(self) -> Type:
        result = Type()
        while True:
            self.alternative(result)
            if self.peek() != "|":
                break
            self.take()
        result.fast = _fast(result)
        return result

    def alternative(self, result: Type) -> None:
        token = self.take()
        if token == "*":
            result.anything = True
        elif token == "[":
            result.item = self.type()
            self.take()
            result.unique = self.flag() or result.unique
        elif token == "{":
            self.mapping(result)
        elif token[0] == "@":
            _copy_object(object_type(token[1:]), result)
        elif token[0] == "$":
            _merge(type_of(TYPES[token[1:]]), result)
        else:
            self.scalar(token, result)
        while self.peek().startswith(":"):
            result.convert = self.take()[1:]

    def mapping(self, result: Type) -> None:
        end = self.text.find(" ", self.at)
        brace = self.text.find("}", self.at)
        if 0 <= end < brace:
            pattern = self.text[self.at : end]
            if pattern.strip("^$") != ".+":
                result.pattern = re.compile(pattern.replace("$", r"\Z"))
            self.at = end + 1
        result.keys = {}
        result.other = self.type()
        self.take()
        result.closed = self.flag()

    def flag(self) -> bool:
        if self.peek() == "!":
            self.take()
            return True
        return False

    def scalar(self, token: str, result: Type) -> None:
        kinds = set(result.scalars)
        while token in _LETTERS:
            kinds.add(_LETTERS[token])
            if self.peek() not in _LETTERS:
                break
            token = self.take()
        result.scalars = frozenset(kinds)
        following = self.peek()
        if following.startswith("("):
            result.enum = tuple(self.take()[1:-1].split(","))
        elif following.startswith("~"):
            result.string_pattern = self.take()[1:-1]
        elif following.startswith("<"):
            low, _, high = self.take()[1:-1].partition(",")
            result.bounds = (float(low) if low else None, float(high) if high else None)


def _fast(result: Type) -> frozenset[type]:
    if result.enum or result.string_pattern or result.bounds or result.convert not in ("", "text"):
        return frozenset()
    return frozenset(_PYTHON[kind] for kind in result.scalars if kind in _PYTHON) | (
        {int, float} if "number" in result.scalars else frozenset()
    )


def _merge(source: Type, result: Type) -> None:
    """Add the alternatives of a type to another."""
    result.scalars |= source.scalars
    for name in ("enum", "string_pattern", "bounds", "convert", "item", "unique"):
        if getattr(source, name):
            setattr(result, name, getattr(source, name))
    if source.keys is not None:
        _copy_object(source, result)


def _copy_object(source: Type, result: Type) -> None:
    for name in ("keys", "required", "extensions", "pattern", "other", "closed", "name"):
        setattr(result, name, getattr(source, name))


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield keys and types of an object; a type may hold one blank, inside of braces."""
    for found in re.finditer(r"(!?[a-z_0-9]+)=((?:\{[^ }]* [^}]*\}|\S)+)", text):
        yield found.group(1), found.group(2)


def type_of(text: str) -> Type:
    """Return the type that a text of the table's notation describes."""
    found = _types.get(text)
    if found is None:
        found = _types[text] = _Notation(text).type()
    return found


def object_type(name: str) -> Type:
    """Return the type of a named object of the table."""
    found = _objects.get(name)
    if found is None:
        found = _objects[name] = Type()
        found.name = name
        described = OBJECTS.get(name)
        found.extensions = name not in CLOSED and name not in OPEN
        found.closed = name not in OPEN
        if described is None:
            from volint.assemble.stack import table

            described = table.OBJECTS[name]
            found.extensions = name in table.EXTENSIBLE
            found.closed = name not in table.OPEN
        required = []
        keys: dict[str, Type | str] = {}
        for key, text in _fields(described):
            if key[0] == "!":
                key = key[1:]
                required.append(key)
            keys[key] = text
        found.keys = keys
        found.required = tuple(required)
    return found


def stack_type() -> Type:
    """Return the type of a whole file that `docker stack deploy` takes."""
    return object_type("stack")


def project_type() -> Type:
    """Return the type of a whole Compose file."""
    return object_type("project")
