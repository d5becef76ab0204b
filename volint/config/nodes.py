"""Nodes of a configuration file made values, each with a message at its place where it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.config.settings import Setting, Type
from volint.mistakes import ConfigError, Mistakes, did_you_mean
from volint.parse.yaml import Mapping, Node, Scalar, Sequence, deref, effective, resolve
from volint.size import parse_size
from volint.source import Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import NoReturn

__all__ = [
    "boolean",
    "entries",
    "fail",
    "is_null",
    "items",
    "mapping",
    "plain",
    "rules",
    "size",
    "string",
    "strings",
    "word",
    "wrong",
]

_KIND = {Mapping: "a mapping", Sequence: "a list"}


def fail(span: Span, message: str) -> NoReturn:
    """Raise a ConfigError at a place."""
    line, column = span.source.position(span.start)
    raise ConfigError(message, span.source.path, line, column)


def wrong(node: Node, name: str, wanted: str) -> NoReturn:
    """Raise a ConfigError that says what a setting takes."""
    target = deref(node)
    if isinstance(target, Scalar):
        found = f"'{target.value}'" if target.value else "nothing"
    else:
        found = _KIND[type(target)]
    fail(node.span(), f"{name} takes {wanted}, not {found}")


def is_null(node: Node) -> bool:
    """Return whether nothing is written there."""
    return isinstance(deref(node), Scalar) and resolve(node) is None


def entries(
    node: Mapping, table: Iterable[Setting], where: str, mistakes: Mistakes
) -> Iterator[tuple[Setting, Scalar, Node]]:
    """Yield the settings of a mapping; unknown and missing ones are mistakes."""
    known = {setting.name: setting for setting in table}
    seen = set()
    for key, value, _ in effective(node):
        setting = known.get(key.value)
        if setting is None:
            hint = did_you_mean(key.value, known) or f"; there are {_listed(known)}"
            with mistakes:
                fail(key.span(), f"{where} has no setting '{key.value}'{hint}")
            continue
        seen.add(setting.name)
        if setting.required or not is_null(value):
            yield setting, key, value
    for setting in known.values():
        if setting.required and setting.name not in seen:
            with mistakes:
                fail(node.span(), f"{where} lacks '{setting.name}': {_lower(setting.doc)}")


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _lower(doc: str) -> str:
    return doc[0].lower() + doc[1:].rstrip(".")


def items(node: Node, name: str, wanted: str) -> list[Node]:
    """Return the items of a list; one scalar stands for a list of it."""
    target = deref(node)
    if isinstance(target, Scalar):
        return [target]
    if not isinstance(target, Sequence):
        wrong(node, name, wanted)
    return target.items


def string(node: Node, name: str, wanted: str = Type.STRING.value) -> Text:
    """Return a scalar that is not empty."""
    target = deref(node)
    if not isinstance(target, Scalar) or not target.value:
        wrong(node, name, wanted)
    return target.text()


def strings(node: Node, name: str, wanted: str = Type.STRINGS.value) -> tuple[Text, ...]:
    """Return the scalars of a list."""
    return tuple(string(item, name, wanted) for item in items(node, name, wanted))


def rules(node: Node, name: str) -> tuple[Text, ...]:
    """Return references to rules, also several with commas in one scalar."""
    found = []
    for text in strings(node, name, Type.RULES.value):
        at = text.span.start
        for part in text.value.split(","):
            if name_ := part.strip():
                start = at + part.index(name_)
                found.append(Text(name_, Span(text.span.source, start, start + len(name_))))
            at += len(part) + 1
    return tuple(found)


def boolean(node: Node, name: str) -> bool:
    """Return true or false."""
    value = resolve(node)
    if not isinstance(value, bool):
        wrong(node, name, Type.BOOLEAN.value)
    return value


def word(node: Node, name: str, choices: tuple[str, ...]) -> str:
    """Return one of some words."""
    text = string(node, name, f"one of {', '.join(choices)}")
    if text.value not in choices:
        hint = did_you_mean(text.value, choices)
        fail(text.span, f"{name} takes one of {', '.join(choices)}, not '{text.value}'{hint}")
    return text.value


def size(node: Node, name: str) -> int:
    """Return a number of bytes."""
    value = resolve(node)
    found = parse_size(str(value)) if isinstance(value, (int, str)) else None
    if found is None or found <= 0:
        wrong(node, name, Type.SIZE.value)
    return found


def mapping(node: Node, name: str, wanted: str) -> Mapping:
    """Return a mapping."""
    target = deref(node)
    if not isinstance(target, Mapping):
        wrong(node, name, wanted)
    return target


def plain(node: Node) -> object:
    """Return a node's value as Python's own types."""
    node = deref(node)
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value, _ in effective(node)}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return resolve(node)
