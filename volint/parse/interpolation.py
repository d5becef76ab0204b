"""Compose's template language: `$NAME`, `${NAME:-default}` and its kin, keeping every place.

The grammar is compose-go's (template/template.go): an expression reaches to the last '}' of its
line, is cut at the first one that balances, where every '{' swallows the character after it, and
what follows is read again. Values of variables are never read again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple
from volint.source import Piece, Span, Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Interpolated", "InterpolationError", "VariableUse", "interpolate", "variables"]

# Go folds case by Unicode: the long s and the Kelvin sign are letters of a name, too.
_WIDE = "\u017f\u212a"
_LETTER = f"_a-zA-Z{_WIDE}"
_NAME = f"[{_LETTER}][{_LETTER}0-9]*"
_REFERENCE = (
    rf"\$(?:(?P<escaped>\$)|(?P<named>{_NAME})"
    rf"|\{{(?:(?P<braced>{_NAME})(?:(?P<operator>:?[-+?])(?P<argument>.*))?\}})?)"
)
# For any text, and for ASCII, which is compiled in a third of the time.
_REFERENCES = regex(_REFERENCE), regex(_REFERENCE.replace(_WIDE, ""))
# The older grammar of `docker stack`: without braces, too, an operator and all up to a '}' belong to it.
_OLDER = regex(
    r"\$(?:(?P<escaped>\$)|(?P<named>NAME(?::?[-?][^}]*)?)|\{(?P<braced>NAME(?::?[-?][^}]*)?)\})?".replace(
        "NAME", _NAME
    )
)
_OLDER_OPERATORS = (":-", "-", ":?", "?")
"""In the order they are looked for anywhere in an expression: `${A:?no-go}` has the default 'go'."""
_BRACE = regex(r"\}|\{.?", re.DOTALL)
_MAX_DEPTH = 100
"""Expressions nested deeper in their arguments are refused; Compose would go on."""


class InterpolationError(NamedTuple):
    """What makes Compose refuse a value."""

    span: Span
    """The expression."""
    message: str
    """One sentence that says what is wrong with it."""
    help: str
    """What to write or to set."""
    name: str = ""
    """The required variable that has no value; empty if the expression is malformed."""


class Interpolated(NamedTuple):
    """A value after interpolation."""

    word: Word
    """The value; what an expression gave is opaque and maps to it, a default's text to itself."""
    errors: tuple[InterpolationError, ...] = ()
    """The first error, if there is any; Compose reports no further ones in the same value."""
    missing: tuple[str, ...] = ()
    """Names that are not set and have neither default nor demand, in order, each once."""


class VariableUse(NamedTuple):
    """One reference to a variable."""

    name: str
    """The variable."""
    span: Span
    """The expression."""
    default: Text | None = None
    """The text after '-' or ':-', not interpolated; None without that operator."""
    required: bool = False
    """True for '?' and ':?'."""


class _Expression(NamedTuple):
    """One `$...` of a text; offsets count in the whole template."""

    start: int
    end: int
    name: str = ""
    operator: str = ""
    argument: tuple[int, int] = (0, 0)

    @property
    def escaped(self) -> bool:
        return self.operator == "$"


def _expressions(text: str, start: int, end: int) -> Iterator[_Expression]:
    """Find the expressions in text[start:end]; a malformed one has no name."""
    at = text.find("$", start, end)
    while at >= 0:
        match = _REFERENCES[text.isascii()].match(text, at, end)
        if match is None:
            at = text.find("$", at + 1, end)
            continue
        stop = match.end()
        if match["escaped"]:
            yield _Expression(at, stop, operator="$")
        elif match["named"]:
            yield _Expression(at, stop, match["named"])
        elif match["operator"]:
            stop = _closing(text, at, stop)
            argument = (match.start("argument"), stop - 1)
            yield _Expression(at, stop, match["braced"], match["operator"], argument)
        else:
            yield _Expression(at, stop, match["braced"] or "")
        at = text.find("$", stop, end)


def _older_expressions(text: str, start: int, end: int) -> Iterator[_Expression]:
    """Find the expressions of `docker stack` (docker/cli, cli/compose/template/template.go)."""
    for match in _OLDER.finditer(text, start, end):
        at, stop = match.span()
        if match["escaped"]:
            yield _Expression(at, stop, operator="$")
            continue
        group = "named" if match["named"] else "braced"
        whole = match[group] or ""
        operator = next((sign for sign in _OLDER_OPERATORS if sign in whole), "")
        name, _, _ = whole.partition(operator) if operator else (whole, "", "")
        first = match.start(group) + len(name) + len(operator)
        yield _Expression(at, stop, name, operator, (first, match.end(group)))


def _closing(text: str, start: int, end: int) -> int:
    """Return the offset after the '}' that closes an expression; `end` if none balances."""
    depth = 0
    for brace in _BRACE.finditer(text, start, end):
        if brace.group() != "}":
            depth += 1
        else:
            depth -= 1
            if not depth:
                return brace.end()
    return end


class _Segment(NamedTuple):
    """A stretch of the result: template[start:end] itself, or what an expression there gave."""

    start: int
    end: int
    value: str | None = None
    unresolved: str = ""


class _Expansion:
    """One run over a template."""

    def __init__(
        self, word: Word, lookup: Callable[[str], str | None], symbolic: bool, older: bool
    ) -> None:
        self.word = word
        self.older = older
        self.text = word.value
        self.lookup = lookup
        self.symbolic = symbolic
        self.errors: list[InterpolationError] = []
        self.missing: list[str] = []

    def segments(self, start: int, end: int, depth: int) -> list[_Segment]:
        found: list[_Segment] = []
        at = start
        find = _older_expressions if self.older else _expressions
        if depth and self.older:
            return [_Segment(start, end)] if end > start else []
        for expression in find(self.text, start, end):
            if expression.start > at:
                found.append(_Segment(at, expression.start))
            at = expression.end
            if expression.escaped:
                found.append(_Segment(expression.start, at, "$"))
            elif not expression.name or depth > _MAX_DEPTH:
                self.fail(expression)
            else:
                found.extend(self.evaluate(expression, depth))
        if end > at:
            found.append(_Segment(at, end))
        return found

    def evaluate(self, expression: _Expression, depth: int) -> list[_Segment]:
        start, end, name, operator, argument = expression
        value = self.lookup(name)
        kind = operator[-1:]
        present = value is not None and (value != "" or not operator.startswith(":"))
        if kind == "-" and not present:
            return self.segments(*argument, depth + 1)
        if self.symbolic and value is None:
            self.missing.append(name)
            return [_Segment(start, end, self.text[start:end], name)]
        if kind == "+" and present:
            return self.segments(*argument, depth + 1)
        if kind == "?" and not present:
            self.demand(expression, depth)
            return []
        if value is None and not operator:
            self.missing.append(name)
        return [_Segment(start, end, value or "")]

    def demand(self, expression: _Expression, depth: int) -> None:
        """Report a required variable without a value, with its message."""
        reason = "".join(
            self.text[segment.start : segment.end] if segment.value is None else segment.value
            for segment in self.segments(*expression.argument, depth + 1)
        )
        self.errors.append(
            InterpolationError(
                self.span(expression.start, expression.end),
                f"The required variable '{expression.name}' has no value"
                + (f": {reason}" if reason else ""),
                f"set it in the environment or in the .env file: '{expression.name}=...'",
                expression.name,
            )
        )

    def fail(self, expression: _Expression) -> None:
        """Report an expression that is none."""
        start = expression.start
        line = self.text[start:].partition("\n")[0]
        shown = line[: line.find("}") + 1] or line
        self.errors.append(
            InterpolationError(
                self.span(start, start + len(shown)),
                f"'{shown}' is no valid variable reference",
                "write '${NAME}', '${NAME:-default}'"
                + (
                    " or '${NAME:?message}'"
                    if self.older
                    else ", '${NAME:?message}' or '${NAME:+value}'"
                )
                + "; for a literal '$' write '$$'",
            )
        )

    def span(self, start: int, end: int) -> Span:
        return self.word.slice(start, end).span


def interpolate(
    word: Word,
    lookup: Callable[[str], str | None],
    symbolic: bool = False,
    *,
    older: bool = False,
) -> Interpolated:
    """Interpolate a value as Compose does (compose-go: template.Substitute).

    `lookup` returns a variable's value, None if it is not set. With `symbolic`, None says instead
    that nobody knows: a default is used, every other expression of such a variable stays as it is
    written, and its piece carries the variable's name as `unresolved`; a '?' is no error then.
    With `older` the grammar is that of `docker stack`, which knows no '+' and reads no default again.
    """
    if "$" not in word.value:
        return Interpolated(word)
    expansion = _Expansion(word, lookup, symbolic, older)
    segments = expansion.segments(0, len(word.value), 0)
    return Interpolated(
        _join(word, segments), tuple(expansion.errors[:1]), tuple(dict.fromkeys(expansion.missing))
    )


def _join(word: Word, segments: list[_Segment]) -> Word:
    """Put the stretches of a result together, each with its place in the source."""
    values: list[str] = []
    pieces: list[Piece] = []
    at = 0
    for start, end, value, unresolved in segments:
        if value is None:
            value = word.value[start:end]
            pieces.extend(_literal(word, start, end, at))
        elif value:
            _, first, last = word.slice(start, end).span
            pieces.append(Piece(at, first, last, opaque=True, unresolved=unresolved))
        values.append(value)
        at += len(value)
    if not at:
        pieces = [Piece(0, word.span.start, word.span.end, opaque=True)]
    return Word("".join(values), word.span, tuple(pieces), word.tilde)


def _literal(word: Word, start: int, end: int, at: int) -> Iterator[Piece]:
    """Yield the pieces of word.value[start:end], moved to begin at `at`."""
    if not word.pieces:
        yield Piece(at, word.span.start + start, word.span.start + end)
        return
    for index, piece in enumerate(word.pieces):
        following = word.pieces[index + 1 : index + 2]
        stop = following[0].at if following else len(word.value)
        first, last = max(start, piece.at), min(end, stop)
        if first >= last:
            continue
        if piece.opaque:
            yield piece._replace(at=at + first - start)
        else:
            begin = piece.start + first - piece.at
            yield piece._replace(at=at + first - start, start=begin, end=begin + last - first)


def variables(word: Word) -> tuple[VariableUse, ...]:
    """Return every reference in a value, those in arguments included, in order of appearance."""
    if "$" not in word.value:
        return ()
    found: list[VariableUse] = []
    pending = [(0, len(word.value))]
    while pending:
        for expression in _expressions(word.value, *pending.pop()):
            if not expression.name:
                continue
            kind = expression.operator[-1:]
            found.append(
                VariableUse(
                    expression.name,
                    word.slice(expression.start, expression.end).span,
                    word.slice(*expression.argument) if kind == "-" else None,
                    kind == "?",
                )
            )
            if expression.operator:
                pending.append(expression.argument)
    return tuple(sorted(found, key=lambda use: use.span.start))
