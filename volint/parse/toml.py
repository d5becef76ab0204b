"""The `[tool.volint]` table of a `pyproject.toml`, as the nodes that a YAML configuration gives.

The text is read by Python's own TOML reader, which knows no places; those come from a search for the keys and
values in the order in which they are written. Where that finds nothing a node stands at its key.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.yaml import Mapping, Node, Scalar, Sequence
from volint.source import Problem, Span

if TYPE_CHECKING:
    from volint.source import Source

__all__ = ["TABLE", "may_hold_table", "parse"]

TABLE = ("tool", "volint")
"""Where the configuration stands."""

_HEADER = r"^[ \t]*(?P<open>\[\[?)(?P<header>[^\]\n]+)\]"
_WORD = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_LINE = regex(
    rf"{_HEADER}|^[ \t]*(?P<key>{_WORD}(?:[ \t]*\.[ \t]*{_WORD})*)[ \t]*=[ \t]*", re.MULTILINE
)
_PART = regex(_WORD)
_PLACE = regex(r"\(at (?:line (\d+), column (\d+)|end of document)\)")
_MENTION = regex(r"^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*[\"']?volint\b", re.MULTILINE)

_Path = tuple[str, ...]


def may_hold_table(text: str) -> bool:
    """Return whether a text has the header of the table, or of one below it."""
    return _MENTION.search(text) is not None


def parse(source: Source) -> tuple[Mapping | None, list[Problem]]:
    """Return the table, None where there is none, and what is wrong with the text. Never fails."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: object = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return None, [_problem(source, str(error))]
    for name in TABLE:
        table = table.get(name) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return None, []
    return _Lowering(source).table(table, TABLE), []


def _problem(source: Source, message: str) -> Problem:
    place = _PLACE.search(message)
    at = len(source.text)
    if place and place[1]:
        at = min(source.line_span(int(place[1])).start + int(place[2]) - 1, at)
    said = _PLACE.sub("", message).strip()
    return Problem(
        "VL001", f"this is no TOML: {said}", Span(source, at, at), "mend it at this place"
    )


class _Lowering:
    """Makes nodes of values; remembers how far nested ones were found."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._keys: dict[_Path, tuple[int, int, int]] = {}
        self._at = 0
        self._read_keys()

    def _read_keys(self) -> None:
        """Note for each path of keys the range of the last of them, and where its value begins."""
        text = self._source.text
        table: _Path = ()
        counts: dict[_Path, int] = {}
        for match in _LINE.finditer(text):
            if match["key"] is None:
                table = _names(match["header"])
                self._keys.setdefault(
                    table, (match.start("header"), match.end("header"), match.end())
                )
                if match["open"] == "[[":
                    number = counts[table] = counts.get(table, -1) + 1
                    table = (*table, str(number))
                    self._keys.setdefault(
                        table, (match.start("header"), match.end("header"), match.end())
                    )
                continue
            names = _names(match["key"])
            *_, last = _PART.finditer(match["key"])
            start = match.start("key")
            for end in range(1, len(names)):
                path = (*table, *names[:end])
                self._keys.setdefault(path, (start, match.end("key"), match.end()))
            place = (start + last.start(), start + last.end(), match.end())
            self._keys.setdefault((*table, *names), place)

    def table(self, values: dict[str, object], path: _Path) -> Mapping:
        start, end, after = self._keys.get(path, (0, 0, 0))
        node = Mapping(self._source, start, end, None)
        self._at = max(self._at, after)
        for name, value in values.items():
            own = (*path, name)
            if own in self._keys:
                first, last, self._at = self._keys[own]
            else:
                first, last = self._find(name, (start, end))
            key = Scalar(self._source, first, last, None, name, _quote(self._source.text, first))
            node.entries.append((key, self._value(value, own, (first, last))))
        return node

    def _value(self, value: object, path: _Path, key: tuple[int, int]) -> Node:
        if isinstance(value, dict):
            self._keys.setdefault(path, (*key, self._at))
            return self.table(value, path)
        if isinstance(value, list):
            node = Sequence(self._source, *key, None)
            node.items = [
                self._value(item, (*path, str(number)), key) for number, item in enumerate(value)
            ]
            return node
        if isinstance(value, str):
            start, end = self._find(value, key)
            return Scalar(self._source, start, end, None, value, '"')
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        start, end = self._find(shown, key)
        return Scalar(self._source, start, end, None, shown, "")

    def _find(self, written: str, key: tuple[int, int]) -> tuple[int, int]:
        """Return the next place of a value, its quotes included; the key's where it is not found."""
        text = self._source.text
        escaped = written.replace("\\", "\\\\").replace('"', '\\"')
        places = [
            (at, at + len(form))
            for form in (f'"{escaped}"', f"'{written}'", written)
            if written and (at := text.find(form, self._at)) >= 0
        ]
        if not places:
            return key
        start, end = min(places, key=lambda place: (place[0], -place[1]))
        self._at = end
        return start, end


def _names(keys: str) -> _Path:
    return tuple(part[0].strip("\"'") for part in _PART.finditer(keys))


def _quote(text: str, at: int) -> str:
    return text[at] if text[at : at + 1] in ('"', "'") else ""
