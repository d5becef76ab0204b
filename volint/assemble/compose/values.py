"""Loaded values: what a Compose file says after interpolation, with the places it comes from.

Values are never changed once a file is read, but for `Scalar.resolved`, `Map` and `Seq` that a later
step makes anew; so nodes that aliases share are shared here too, and an alias bomb stays small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from volint.source import Span, Text, Word

if TYPE_CHECKING:
    from volint.parse import yaml
    from volint.parse.mountspec import ShortSpec

__all__ = [
    "MAX_DEPTH",
    "Data",
    "Map",
    "Pair",
    "Scalar",
    "Seq",
    "ShortMount",
    "Value",
    "copy_value",
    "first_line",
    "plain",
    "text_of",
]

MAX_DEPTH = 80
"""Levels below which nothing of the specification lies: what is deeper is neither copied nor merged."""

Data = Union[str, int, float, bool, "yaml.Timestamp", None]
"""What a scalar can hold."""


class Scalar:
    """A scalar: its value after interpolation and casts, and where it is written."""

    __slots__ = ("_word", "data", "node", "resolved", "unresolved", "via")

    data: Data
    """The value; what depends on an unknown variable keeps its `${VAR}` text."""
    node: yaml.Node
    """Where it is written."""
    resolved: str | None
    """The path it stands for, once it is known to be one and its directory is known."""
    unresolved: tuple[str, ...]
    """Names of unknown variables in it."""
    via: tuple[Span, ...]
    """Places it passed through, nearest first."""

    def __init__(
        self,
        data: Data,
        node: yaml.Node,
        word: Word | None = None,
        unresolved: tuple[str, ...] = (),
        via: tuple[Span, ...] = (),
    ) -> None:
        self.data = data
        self.node = node
        self._word = word
        self.unresolved = unresolved
        self.via = via
        self.resolved: str | None = None

    @property
    def word(self) -> Word:
        """The value as text with a map back to the source."""
        word = self._word
        if word is None:
            node = self.node
            word = node.word() if hasattr(node, "word") else Word("", node_span(node))
            self._word = word
        return word

    @property
    def span(self) -> Span:
        """Where it is written, without quotes."""
        return self.word.span


class Pair(Scalar):
    """A `KEY=VALUE` item made of an entry of a mapping; key and value keep their own places."""

    __slots__ = ("key", "value")

    key: Scalar
    """The entry's key."""
    value: Scalar | None
    """The entry's value; None for null."""

    def __init__(self, data: str, key: Scalar, value: Scalar | None) -> None:
        super().__init__(data, key.node, key.word, value.unresolved if value else (), key.via)
        self.key = key
        self.value = value


class Map:
    """A mapping, merge keys applied, keys in the order Compose's user wrote them."""

    __slots__ = ("entries", "keys", "node", "overlays", "via")

    entries: dict[str, Value]
    """Values by key."""
    keys: dict[str, yaml.Node]
    """Where each key is written."""
    node: yaml.Node
    """The whole mapping."""
    via: tuple[Span, ...]
    """Places it passed through, nearest first."""
    overlays: tuple[Span, ...]
    """Keys of later files whose mappings were merged over it."""

    def __init__(
        self,
        entries: dict[str, Value],
        keys: dict[str, yaml.Node],
        node: yaml.Node,
        via: tuple[Span, ...] = (),
        overlays: tuple[Span, ...] = (),
    ) -> None:
        self.entries = entries
        self.keys = keys
        self.node = node
        self.via = via
        self.overlays = overlays

    @property
    def span(self) -> Span:
        """Where it is written."""
        return node_span(self.node)

    def key_span(self, key: str) -> Span:
        """Return the place of a key, of the whole mapping if the key is made up."""
        node = self.keys.get(key)
        return node_span(self.node) if node is None else key_span(node)


class Seq:
    """A sequence."""

    __slots__ = ("items", "node", "via")

    items: list[Value]
    """Its items."""
    node: yaml.Node
    """The whole sequence."""
    via: tuple[Span, ...]
    """Places it passed through, nearest first."""

    def __init__(self, items: list[Value], node: yaml.Node, via: tuple[Span, ...] = ()) -> None:
        self.items = items
        self.node = node
        self.via = via

    @property
    def span(self) -> Span:
        """Where it is written."""
        return node_span(self.node)


class ShortMount:
    """An item of `volumes` in short syntax, read."""

    __slots__ = ("canonical", "resolved", "scalar", "spec", "target")

    scalar: Scalar
    """The item as it is written."""
    spec: ShortSpec
    """What it says."""
    target: str
    """The cleaned target."""
    canonical: bool
    """True once the target is cleaned for the loader too."""
    resolved: str | None
    """Host path of a bind once its directory is known."""

    def __init__(self, scalar: Scalar, spec: ShortSpec) -> None:
        self.scalar = scalar
        self.spec = spec
        self.target = spec.target
        self.canonical = False
        self.resolved: str | None = None

    @property
    def via(self) -> tuple[Span, ...]:
        """Places it passed through, nearest first."""
        return self.scalar.via

    @property
    def node(self) -> yaml.Node:
        """Where it is written."""
        return self.scalar.node

    @property
    def span(self) -> Span:
        """Where it is written, without quotes."""
        return self.scalar.span


Value = Scalar | Map | Seq | ShortMount
"""Anything a file can hold."""


def node_span(node: yaml.Node) -> Span:
    """Return the place of a node."""
    return Span(node.source, node.start, node.end)


def first_line(span: Span) -> Span:
    """Return a place cut at the end of its first line."""
    text = span.source.text
    for at in range(span.start, span.end):
        if text[at] in "\r\n":
            return Span(span.source, span.start, at)
    return span


def key_span(node: yaml.Node) -> Span:
    """Return the place of a key, without quotes."""
    return node.word().span if hasattr(node, "word") else node_span(node)


def text_of(value: Value | None) -> Text | None:
    """Return a scalar as a `Text`, None for null, collections and nothing."""
    if value.__class__ is not Scalar and not isinstance(value, Scalar):
        return None
    data = value.data
    if data is None:
        return None
    return Text(
        data if isinstance(data, str) else plain(data), value.word.span, value.unresolved, value.via
    )


def plain(data: Data) -> str:
    """Return a scalar's value as Compose prints it where it wants a string."""
    if isinstance(data, str):
        return data
    if data is True:
        return "true"
    if data is False:
        return "false"
    if data is None:
        return ""
    if isinstance(data, float):
        return go_float(data)
    return str(data)


def go_float(number: float) -> str:
    """Return a float as Go's %v prints it: 1e+06 from a million up, no trailing '.0'."""
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    digits = repr(number)
    mantissa, _, exponent = f"{number:e}".partition("e")
    power = int(exponent)
    if power < -4 or power >= 21:
        short = repr(number)
        if "e" in short:
            mantissa, _, exponent = short.partition("e")
            power = int(exponent)
        else:
            mantissa = mantissa.rstrip("0").rstrip(".")
        sign = "-" if power < 0 else "+"
        return f"{mantissa}e{sign}{abs(power):02d}"
    if "e" in digits:
        digits = f"{number:.20f}".rstrip("0")
    return digits[:-2] if digits.endswith(".0") else digits.rstrip(".")


def copy_value(value: Value, via: Span) -> Value:
    """Return a value and all it holds, marked as passed through one more place.

    What is shared stays shared, so that the copy is no larger than the original.
    """
    return _copy(value, via, {}, 0)


def _copy(value: Value, via: Span, done: dict[int, Value], depth: int) -> Value:
    copied = done.get(id(value))
    if copied is not None or depth > MAX_DEPTH:
        return copied or value
    if isinstance(value, Pair):
        pair = Pair(
            str(value.data),
            _copy_scalar(value.key, via),
            _copy_scalar(value.value, via) if value.value else None,
        )
        pair.via = (via, *value.via)
        copied = pair
    elif isinstance(value, Scalar):
        copied = _copy_scalar(value, via)
    elif isinstance(value, Map):
        copied = Map(
            {key: _copy(item, via, done, depth + 1) for key, item in value.entries.items()},
            dict(value.keys),
            value.node,
            (via, *value.via),
            value.overlays,
        )
    elif isinstance(value, Seq):
        items = [_copy(item, via, done, depth + 1) for item in value.items]
        copied = Seq(items, value.node, (via, *value.via))
    else:
        mount = ShortMount(_copy_scalar(value.scalar, via), value.spec)
        mount.resolved = value.resolved
        mount.canonical = value.canonical
        copied = mount
    done[id(value)] = copied
    return copied


def _copy_scalar(value: Scalar, via: Span) -> Scalar:
    copied = Scalar(value.data, value.node, value._word, value.unresolved, (via, *value.via))
    copied.resolved = value.resolved
    return copied
