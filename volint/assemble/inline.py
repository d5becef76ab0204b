"""Dockerfiles that stand in a value of another file (`dockerfile_inline`), and what is found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from volint.source import Kind, Source, Span

if TYPE_CHECKING:
    from volint.source import Word

__all__ = ["InlineSource", "placed"]

_T = TypeVar("_T")


class InlineSource(Source):
    """The text of a value, and where its characters stand in the file that holds it."""

    __slots__ = ("word",)

    word: Word
    """The value."""

    def __init__(self, word: Word) -> None:
        super().__init__(word.span.source.path, word.value, Kind.DOCKERFILE)
        self.word = word


def placed(value: _T, source: Source | None) -> _T:
    """Return stages, problems and the like with their spans in the file that holds an inline source.

    Whatever was read from another kind of source is returned as it is.
    """
    return cast("_T", _moved(value, source)) if isinstance(source, InlineSource) else value


def _moved(value: object, source: InlineSource) -> object:
    if isinstance(value, Span):
        if value.source is not source:
            return value
        return source.word.slice(value.start, value.end).span
    if isinstance(value, tuple):
        parts = tuple(_moved(part, source) for part in value)
        make = getattr(value, "_make", None)
        return parts if make is None else make(parts)
    if isinstance(value, list):
        return [_moved(part, source) for part in value]
    if isinstance(value, dict):
        return {key: _moved(part, source) for key, part in value.items()}
    return value
