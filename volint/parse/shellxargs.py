"""What xargs makes of the words of the command it runs: its input is not known."""

from __future__ import annotations

import re

from volint.parse.bits import build
from volint.parse.derived import Derived
from volint.source import Piece, Span, Word

__all__ = ["with_input"]


def with_input(options: list[Word], words: list[Word]) -> list[Word]:
    """Return the words of a command that xargs runs: its input is not known."""
    for index, option in enumerate(options):
        match = re.match(r"(?:-I|-i|--replace=?)(.*)", option.value)
        if match:
            follows = options[index + 1].value if index + 1 < len(options) else ""
            mark = match[1] or (follows if option.value == "-I" else "{}")
            return [_marked(word, mark) if mark and mark in word.value else word for word in words]
    last = words[-1].span
    place = Span(last.source, last.end, last.end)
    piece = Piece(0, last.end, last.end, True, "xargs", True)
    return [*words, Word("{}", place, (piece,))]


def _marked(word: Word, mark: str) -> Word:
    """Return a word with the places where xargs puts its input as unknown."""
    text = Derived.of_word(word).marked(re.compile(f"{re.escape(mark)}()"))
    named = [bit._replace(unresolved="xargs") if bit.value == mark else bit for bit in text.bits]
    return build(word.span.source, named)
