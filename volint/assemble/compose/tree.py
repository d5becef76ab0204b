"""Nodes of one file into loaded values: aliases, merge keys, variables, casts, `!reset`.

Source of the behaviour: compose-go 2.14, loader/reset.go, interpolation/ and loader/interpolate.go.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from volint.assemble.compose.report import container_of
from volint.assemble.compose.schema import ANY, EARLY, Type
from volint.assemble.compose.tags import MAX_VISITS
from volint.assemble.compose.units import parse_bool, parse_float, parse_int
from volint.assemble.compose.values import Map, Scalar, Seq, Value, key_span, node_span
from volint.parse.yaml import Alias, Mapping, Sequence, deref, effective, is_merge, resolve
from volint.parse.yaml import Scalar as ScalarNode

if TYPE_CHECKING:
    from volint.assemble.compose.interpolate import Interpolator
    from volint.assemble.compose.report import Path, Report
    from volint.assemble.compose.values import Data
    from volint.parse.yaml import Node
    from volint.source import Word

__all__ = ["Builder", "code_of", "prune"]

_MAX_DEPTH = 60
_MERGED_PER_CHARACTER = 4
"""Entries that merge keys may make of a document, for each of its characters."""
_RESERVED = frozenset(
    ("true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL", "")
)
_WORDS = {"bool": "true or false", "float": "a number"}
_MOUNT_SECTIONS = frozenset(("volumes", "tmpfs", "secrets", "configs", "volumes_from", "develop"))


def code_of(path: Path) -> str:
    """Return the rule for something invalid at a path: VL601 among a service's mounts, else VL615."""
    mounts = len(path) > 2 and path[0] == "services" and path[2] in _MOUNT_SECTIONS
    return "VL601" if mounts and path[2] != "develop" else "VL615"


class Builder:
    """Makes the values of one document."""

    def __init__(
        self,
        report: Report,
        interpolator: Interpolator | None,
        tags: bool,
        *,
        cast_written: bool = True,
    ) -> None:
        self.report = report
        self.cast_written = cast_written
        """False casts what a variable gave and leaves a quoted 'true' a string."""
        self.interpolator = interpolator
        self._drop = "!reset" if tags else None
        self._tags = tags
        self._memo: dict[tuple[int, int], Value] = {}
        self._words: dict[int, tuple[Word, tuple[str, ...]]] = {}
        self._visits = 0
        self._taken = 0

    def build(self, node: Node, kind: Type, path: Path = ()) -> Value:
        """Return the value of a node that stands where a type is wanted."""
        if isinstance(node, ScalarNode):
            return self._scalar(node, kind, path)
        if isinstance(node, Alias):
            target = node.target
            if self._tags:
                self._visits += 1
                if self._visits > MAX_VISITS:
                    if self._visits == MAX_VISITS + 1:
                        self.report.refuse(
                            "VL001",
                            "Aliases make this file too large to read",
                            node_span(node),
                            "write fewer levels of aliases in aliases",
                        )
                    return Scalar(None, target)
                return self.build(target, kind, path)
            mark = (id(target), id(kind))
            found = self._memo.get(mark)
            if found is None:
                found = self._memo[mark] = self.build(target, kind, path)
            return found
        if len(path) > _MAX_DEPTH:
            return self._opaque(node)
        before = self._drop
        if before and node.tag == "!override":
            self._drop = None  # Compose looks for no tags below one that overrides.
        built: Value
        if isinstance(node, Mapping):
            built = self._mapping(node, kind, path)
        else:
            assert isinstance(node, Sequence)
            built = self._sequence(node, kind, path)
        self._drop = before
        return built

    def _opaque(self, node: Node) -> Value:
        """Return an empty collection for what nothing but an `x-` key can hold; check its strings."""
        waiting = [node]
        seen: set[int] = set()
        while waiting:
            item = deref(waiting.pop())
            if id(item) in seen:
                continue
            seen.add(id(item))
            if isinstance(item, Mapping):
                waiting.extend(value for _, value in item.entries)
            elif isinstance(item, Sequence):
                waiting.extend(item.items)
            elif isinstance(item, ScalarNode):
                self._scalar(item, ANY, ("",))
        return Map({}, {}, node) if isinstance(node, Mapping) else Seq([], node)

    def _mapping(self, node: Mapping, kind: Type, path: Path) -> Map:
        entries: dict[str, Value] = {}
        keys: dict[str, Node] = {}
        pairs: list[tuple[Node, Node]] = node.entries
        drop = self._drop
        for key, value in pairs:
            if (
                key.__class__ is not ScalarNode
                or key.value == "<<"
                or (drop and (value.tag == drop or deref(value).tag == drop))
            ):
                pairs = self._merged(node)
                break
        types = kind.keys
        every = kind.other if not types and kind.pattern is None else None
        for key, value in pairs:
            name = key.value  # type: ignore[attr-defined]
            if not key.style and (not name[:1].isalpha() or name in _RESERVED or key.tag):  # type: ignore[attr-defined]
                plain = resolve(key)
                if not isinstance(plain, str):
                    self.report.refuse(
                        "VL615",
                        f"'{name}' is not a string, and Compose takes only strings as keys",
                        key_span(key),
                        f'quote it: "{name}"',
                        container=container_of(path),
                    )
            child = every if every is not None else types.get(name) if types else None
            if child.__class__ is not Type:
                child = kind.key_type(name) or ANY
            entries[name] = self.build(value, child, (*path, name))
            keys[name] = key
        return Map(entries, keys, node)

    def _merged(self, node: Mapping) -> list[tuple[Node, Node]]:
        """Return the entries of a mapping after its merge keys; without them where merges have no end.

        Merges within merges make the square of a document's length of it.
        """
        limit = max(MAX_VISITS, _MERGED_PER_CHARACTER * len(node.source.text))
        if self._taken > limit:
            return [
                (key, value)
                for key, value in node.entries
                if isinstance(key, ScalarNode) and not is_merge(key)
            ]
        pairs: list[tuple[Node, Node]] = [
            (entry[0], entry[1]) for entry in effective(node, self._drop)
        ]
        self._taken += len(pairs)
        if self._taken > limit and not self.report.refused:
            self.report.refuse(
                "VL001",
                "Merge keys make this file too large to read",
                node_span(node),
                "write fewer levels of '<<' in what '<<' takes over",
            )
        return pairs

    def _sequence(self, node: Sequence, kind: Type, path: Path) -> Seq:
        item_type = kind.item or ANY
        items: list[Value] = []
        drop = self._drop
        for index, item in enumerate(node.items):
            if drop and (item.tag == drop or deref(item).tag == drop):
                continue
            items.append(self.build(item, item_type, (*path, str(index))))
        return Seq(items, node)

    def _scalar(self, node: ScalarNode, kind: Type, path: Path) -> Scalar:
        text = node.value
        data: Data
        if node.tag is None and (node.style or (text[:1].isalpha() and text not in _RESERVED)):
            data = text
        else:
            data = resolve(node)
        if data.__class__ is not str:
            if isinstance(data, float) and not isfinite(data):
                self.report.refuse(
                    "VL615",
                    f"'{text}' is no finite number, which Compose cannot keep",
                    node_span(node),
                    container=container_of(path),
                )
            return Scalar(data, node)
        interpolator = self.interpolator
        if interpolator is None:
            return Scalar(data, node)
        if "$" in text:
            known = self._words.get(id(node))
            if known is None:
                word = interpolator.word(node, path)
                known = self._words[id(node)] = (word, word.unresolved() if word.pieces else ())
            scalar = Scalar(known[0].value, node, *known)
        else:
            scalar = Scalar(data, node)
        if (
            kind.convert in EARLY
            and not scalar.unresolved
            and (self.cast_written or scalar.data != text)
        ):
            self._cast(scalar, kind, path)
        return scalar

    def _cast(self, scalar: Scalar, kind: Type, path: Path) -> None:
        text = str(scalar.data)
        cast: bool | int | float | None
        if kind.convert == "bool":
            cast = parse_bool(text)
        elif kind.convert == "float":
            cast = parse_float(text)
        else:
            cast = parse_int(text)
        if cast is None:
            self.report.refuse(
                code_of(path),
                f"'{text}' cannot be read as {_WORDS.get(kind.convert, 'an integer')},"
                f" which '{path[-1]}' takes",
                scalar.span,
                container=container_of(path),
            )
        else:
            scalar.data = cast


def prune(value: Map, paths: list[Path]) -> Map:
    """Return a mapping without what stands at the paths."""
    for path in paths:
        value = _without(value, path)
    return value


def _without(value: Map, path: Path) -> Map:
    child = value.entries.get(path[0]) if path else None
    if child is None:
        return value
    entries = dict(value.entries)
    if len(path) == 1:
        del entries[path[0]]
    elif isinstance(child, Map):
        entries[path[0]] = _without(child, path[1:])
    return Map(entries, value.keys, value.node, value.via, value.overlays)
