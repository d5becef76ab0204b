"""Brace expansion: `{a,b}` and `{1..3}`, which comes before everything else and knows no variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["alternatives"]

_MAX_WORDS = 256
_SEQUENCE = regex(r"(-?[0-9]+)\.\.(-?[0-9]+)(?:\.\.(-?[0-9]+))?$")
_LETTERS = regex(r"([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?[0-9]+))?$")

Part = tuple[int, int] | Bit


def alternatives(text: str, start: int, end: int, ends: Mapping[int, int]) -> list[list[Part]]:
    """Return the words that braces make of text[start:end], each as ranges and generated bits."""
    if text.find("{", start, end) < 0:
        return [[(start, end)]]
    pairs = _pairs(text, start, end, ends)
    if not pairs:
        return [[(start, end)]]
    found = _expand(text, start, end, pairs)
    return [[(start, end)]] if found is None else [_joined(parts) for parts in found]


def _pairs(
    text: str, start: int, end: int, ends: Mapping[int, int]
) -> dict[int, tuple[int, list[int]]]:
    """Return the closing brace and the commas of each opening one that has an effect."""
    stack: list[tuple[int, list[int]]] = []
    pairs: dict[int, tuple[int, list[int]]] = {}
    at = start
    while at < end:
        skip = ends.get(at)
        if skip is not None:
            at = skip
            continue
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "{":
            stack.append((at, []))
        elif char == "," and stack:
            stack[-1][1].append(at)
        elif char == "}" and stack:
            opening, commas = stack.pop()
            if commas or _generated(text[opening + 1 : at]):
                pairs[opening] = (at, commas)
        at += 1
    return pairs


def _expand(
    text: str, start: int, end: int, pairs: dict[int, tuple[int, list[int]]]
) -> list[list[Part]] | None:
    """Return the alternatives of a range; None if there are too many."""
    results: list[list[Part]] = [[]]
    at = place = start
    while place < end:
        if place not in pairs or pairs[place][0] >= end:
            place += 1
            continue
        closing, commas = pairs[place]
        inner: list[list[Part]] = []
        if commas:
            for begin, stop in zip([place, *commas], [*commas, closing], strict=True):
                found = _expand(text, begin + 1, stop, pairs)
                if found is None:
                    return None
                inner.extend(found)
        else:
            items = _generated(text[place + 1 : closing]) or []
            inner = [[Bit(item, place, closing + 1, True)] for item in items]
        if len(results) * len(inner) > _MAX_WORDS:
            return None
        head: list[Part] = [(at, place)] if place > at else []
        results = [[*before, *head, *after] for before in results for after in inner]
        at = place = closing + 1
    if at < end:
        results = [[*before, (at, end)] for before in results]
    return results


def _joined(parts: list[Part]) -> list[Part]:
    """Drop nothing but adjacent duplicates of empty ranges."""
    return [part for part in parts if isinstance(part, Bit) or part[1] > part[0]]


def _generated(text: str) -> list[str] | None:
    """Return the items of a sequence expression, None if it is none."""
    if ".." not in text or len(text) > 60:
        return None
    match = _SEQUENCE.match(text)
    if match:
        low, high = int(match[1]), int(match[2])
        step = abs(int(match[3] or 1)) or 1
        if abs(high - low) // step >= _MAX_WORDS:
            return None
        padded = any(re.match(r"-?0[0-9]", item) for item in (match[1], match[2]))
        width = max(len(match[1]), len(match[2])) if padded else 0
        numbers = range(low, high + 1, step) if low <= high else range(low, high - 1, -step)
        return [f"{number:0{width}d}" if width else str(number) for number in numbers]
    match = _LETTERS.match(text)
    if match:
        low, high = ord(match[1]), ord(match[2])
        step = abs(int(match[3] or 1)) or 1
        codes = range(low, high + 1, step) if low <= high else range(low, high - 1, -step)
        return [chr(code) for code in codes]
    return None
