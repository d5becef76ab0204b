"""Which variables a piece of a script assigns, told from its tree alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.shelltree import Case, Choice, For, Sequence, Simple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.parse.shelltree import Function, Node

__all__ = ["ASSIGNMENT", "DECLARERS", "assigned"]

ASSIGNMENT = regex(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\[(?P<index>[^\]\s]*)\])?(?P<plus>\+?)=")
"""The head of an assignment."""

DECLARERS = frozenset(("export", "local", "declare", "typeset", "readonly"))
"""Commands whose arguments are assignments."""

_SETTERS = frozenset(("read", "mapfile", "readarray", "getopts", "unset", "printf"))
_WORD = regex(r"[A-Za-z_][A-Za-z0-9_]*$")


def assigned(
    node: Sequence, text: str, functions: Mapping[str, Function], active: tuple[str, ...] = ()
) -> dict[str, bool]:
    """Return the names that `node` assigns, each with True if it only appends; '*' is any of them."""
    found: dict[str, bool] = {}
    _collect(node, text, functions, active, found)
    return found


def _note(found: dict[str, bool], name: str, appends: bool) -> None:
    found[name] = appends and found.get(name, True)


def _collect(
    node: Node,
    text: str,
    functions: Mapping[str, Function],
    active: tuple[str, ...],
    found: dict[str, bool],
) -> None:
    if isinstance(node, Simple):
        _simple(node, text, functions, active, found)
    elif isinstance(node, Sequence):
        for _, child in node.items:
            _collect(child, text, functions, active, found)
    elif isinstance(node, Choice):
        for test, body in node.branches:
            _collect(test, text, functions, active, found)
            _collect(body, text, functions, active, found)
    elif isinstance(node, For):
        if node.name:
            _note(found, node.name, False)
        _collect(node.body, text, functions, active, found)
    elif isinstance(node, Case):
        for body in node.bodies:
            _collect(body, text, functions, active, found)


def _simple(
    node: Simple,
    text: str,
    functions: Mapping[str, Function],
    active: tuple[str, ...],
    found: dict[str, bool],
) -> None:
    command = ""
    names: list[tuple[str, bool]] = []
    for start, end in node.words:
        match = ASSIGNMENT.match(text, start, end)
        if match and (not command or command in DECLARERS):
            names.append((match["name"], bool(match["plus"]) and match["index"] is None))
        elif not command:
            if match is None and names:
                names.clear()
            command = text[start:end]
        elif command in _SETTERS and _WORD.match(text[start:end]):
            names.append((text[start:end], False))
    for name, appends in names:
        _note(found, name, appends)
    if command in ("shift", "set"):
        _note(found, "@", False)
    elif command in ("cd", "pushd", "popd"):
        _note(found, "PWD", False)
        _note(found, ".", False)
    elif command in ("source", ".", "eval"):
        _note(found, "*", False)
    elif command in functions and command not in active and len(active) < 12:
        inner = functions[command]
        for name, appends in assigned(inner.body, text, functions, (*active, command)).items():
            if name != "@":
                _note(found, name, appends)
