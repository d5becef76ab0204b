"""The regular expressions that Docker's ignore patterns become, in Go's syntax, run by Python.

Docker translates a pattern to a Go expression without escaping all that is special there, so that
`{2}`, `|`, `^` and `\\d` mean in a pattern what they mean to Go (and not what they mean to Python).
"""

from __future__ import annotations

import re
import sys
from math import comb

from volint.lazy import regex
from volint.record import NamedTuple

__all__ = ["BadExpressionError", "Expression"]

_Ranges = list[tuple[int, int]]

_LAST = sys.maxunicode
_DIGIT: _Ranges = [(48, 57)]
_WORD: _Ranges = [(48, 57), (65, 90), (95, 95), (97, 122)]
_SPACE: _Ranges = [(9, 10), (12, 13), (32, 32)]
_PERL = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_POSIX: dict[str, _Ranges] = {
    "alnum": [(48, 57), (65, 90), (97, 122)],
    "alpha": [(65, 90), (97, 122)],
    "ascii": [(0, 127)],
    "blank": [(9, 9), (32, 32)],
    "cntrl": [(0, 31), (127, 127)],
    "digit": _DIGIT,
    "graph": [(33, 126)],
    "lower": [(97, 122)],
    "print": [(32, 126)],
    "punct": [(33, 47), (58, 64), (91, 96), (123, 126)],
    "space": [(9, 13), (32, 32)],
    "upper": [(65, 90)],
    "word": _WORD,
    "xdigit": [(48, 57), (65, 70), (97, 102)],
}
_CONTROL = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_ASSERTIONS = {"A": r"\A", "b": r"\b", "B": r"\B", "z": r"\Z"}
_REPEAT = regex(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_GAP = "(.*/)?"
_MANY = 1_000_000
"""Steps a backtracking match may take before the one that does not backtrack is used."""


class BadExpressionError(ValueError):
    """An expression that Go's regexp.Compile refuses."""


class _Item(NamedTuple):
    """One element of an alternative: a set of characters repeated, a gap, or an assertion."""

    regex: str
    """For Python's `re`: the set, the assertion; '' for a gap (any folders, or none)."""
    low: int = 1
    high: int | None = 1
    assertion: bool = False


class Expression:
    """A compiled expression. Raises BadExpressionError for what Go refuses."""

    def __init__(self, expression: str) -> None:
        self._alternatives = _parse(expression)
        self._unbounded = max(
            sum(not item.regex or item.high is None for item in items)
            for items in self._alternatives
        )
        self.regex = _to_python(self._alternatives)
        """The same for `re.match`."""
        self._match = re.compile(self.regex, re.ASCII).match

    def search(self, text: str) -> bool:
        """Return whether the text holds a match, in time that no pattern makes explode."""
        variable = self._unbounded
        if variable < 3 or comb(len(text) + variable, variable) < _MANY:
            return self._match(text) is not None
        return any(_simulate(items, text) for items in self._alternatives)

    @property
    def is_simple(self) -> bool:
        """True if Python's matching of it needs no watching, whatever the text."""
        return self._unbounded < 3


def _to_python(alternatives: list[list[_Item]]) -> str:
    branches = []
    for items in alternatives:
        anchored = bool(items) and items[0].regex == r"\A"
        out = [] if anchored else [r"[\s\S]*?"]
        for item in items[1:] if anchored else items:
            if not item.regex:
                out.append("(?:.*/)?")
            elif item.assertion:
                out.append(item.regex)
            else:
                out.append(item.regex + _quantifier(item.low, item.high))
        branches.append("".join(out))
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _quantifier(low: int, high: int | None) -> str:
    if high is None:
        return "*" if low == 0 else f"{{{low},}}"
    return "" if low == high == 1 else f"{{{low},{high}}}"


def _simulate(items: list[_Item], text: str) -> bool:
    """Follow all ways through the items at once."""
    places = {0} if items and items[0].regex == r"\A" else set(range(len(text) + 1))
    for item in items:
        if not item.regex:
            folders = _repeat(places, ".", 0, None, text)
            places = places | {at + 1 for at in folders if text.startswith("/", at)}
        elif item.assertion:
            test = re.compile(item.regex, re.ASCII).match
            places = {at for at in places if test(text, at)}
        else:
            places = _repeat(places, item.regex, item.low, item.high, text)
        if not places:
            return False
    return True


def _repeat(places: set[int], regex: str, low: int, high: int | None, text: str) -> set[int]:
    test = re.compile(regex, re.ASCII).match
    for _ in range(low):
        places = {at + 1 for at in places if test(text, at)}
        if not places:
            return places
    reached = set(places)
    count = low
    while places and (high is None or count < high):
        places = {at + 1 for at in places if test(text, at)} - reached
        reached |= places
        count += 1
    return reached


# -- reading Go's syntax -------------------------------------------------------------------------


def _parse(text: str) -> list[list[_Item]]:
    """Read what a pattern becomes: sets, gaps, assertions and alternatives, no other groups."""
    items: list[_Item] = []
    alternatives = [items]
    at = 0
    repeated = False
    while at < len(text):
        char = text[at]
        was_repeated, repeated = repeated, False
        if char == "\\":
            if text.startswith("\\Q", at):
                end = text.find("\\E", at + 2)
                quoted = text[at + 2 : end if end >= 0 else len(text)]
                items.extend(_Item(_set([(ord(c), ord(c))])) for c in quoted)
                at = end + 2 if end >= 0 else len(text)
            elif text[at + 1 : at + 2] in _ASSERTIONS:
                items.append(_Item(_ASSERTIONS[text[at + 1]], assertion=True))
                at += 2
            else:
                ranges = _perl_or_unicode(text, at)
                if ranges is None:
                    code, at = _escape(text, at)
                    items.append(_Item(_set([(code, code)])))
                else:
                    items.append(_Item(_set(ranges[0])))
                    at = ranges[1]
        elif char == "[":
            class_, at = _class(text, at)
            items.append(_Item(_set(class_)))
        elif text.startswith(_GAP, at):
            items.append(_Item("", 0))
            at += len(_GAP)
            repeated = True
        elif char == "|":
            items = []
            alternatives.append(items)
            at += 1
        elif char in "*{":
            low, high, after = _bounds(text, at)
            if after == at:
                items.append(_Item(_set([(ord(char), ord(char))])))
                at += 1
                continue
            at = after
            if was_repeated or not items:
                raise BadExpressionError(text)
            last = items[-1]
            if last.assertion:
                # Repeating what has no width changes nothing, unless it is zero times.
                if low == 0:
                    items.pop()
            else:
                items[-1] = last._replace(low=low, high=high)
            repeated = True
        else:
            items.append(_special(char))
            at += 1
    return alternatives


def _special(char: str) -> _Item:
    if char == "^":
        return _Item(r"\A", assertion=True)
    if char == "$":
        return _Item(r"\Z", assertion=True)
    if char == ".":
        return _Item(".")
    return _Item(_set([(ord(char), ord(char))]))


def _bounds(text: str, at: int) -> tuple[int, int | None, int]:
    """Read '*' or '{n,m}'; the offset returned is `at` where a '{' is only a character."""
    if text[at] == "*":
        return 0, None, at + 1
    found = _REPEAT.match(text, at)
    if found is None:
        return 0, None, at
    low = int(found[1])
    if found[2] is None:
        high: int | None = low
    else:
        high = int(found[3]) if found[3] else None
    if low > 1000 or (high is not None and (high > 1000 or low > high)):
        raise BadExpressionError(text)
    return low, high, found.end()


def _class(text: str, at: int) -> tuple[_Ranges, int]:
    """Read a class from its '['."""
    at += 1
    negated = text.startswith("^", at)
    if negated:
        at += 1
    ranges: _Ranges = []
    first = True
    while first or not text.startswith("]", at):
        first = False
        if text.startswith("[:", at):
            end = text.find(":]", at + 2)
            if end >= 0:
                name = text[at + 2 : end]
                members = _POSIX.get(name.removeprefix("^"))
                if members is None:
                    raise BadExpressionError(text)
                ranges += _complement(members) if name.startswith("^") else members
                at = end + 2
                continue
        special = _perl_or_unicode(text, at)
        if special is not None:
            ranges += special[0]
            at = special[1]
            continue
        low, at = _class_char(text, at)
        high = low
        if text.startswith("-", at) and text[at + 1 : at + 2] not in ("", "]"):
            high, at = _class_char(text, at + 1)
            if high < low:
                raise BadExpressionError(text)
        ranges.append((low, high))
    return (_complement(ranges) if negated else ranges), at + 1


def _class_char(text: str, at: int) -> tuple[int, int]:
    if at >= len(text):
        raise BadExpressionError(text)
    if text[at] == "\\":
        return _escape(text, at)
    return ord(text[at]), at + 1


def _perl_or_unicode(text: str, at: int) -> tuple[_Ranges, int] | None:
    r"""Read `\d`, `\S`, `\pL`, `\p{Lu}`, `\P{^Lu}` ...; None where none stands there."""
    if text[at] != "\\" or at + 1 >= len(text):
        return None
    letter = text[at + 1]
    if letter.lower() in _PERL:
        members = _PERL[letter.lower()]
        return (members if letter.islower() else _complement(members)), at + 2
    if letter not in "pP":
        return None
    negated = letter == "P"
    if text.startswith("{", at + 2):
        end = text.find("}", at + 2)
        if end < 0:
            raise BadExpressionError(text)
        name, after = text[at + 3 : end], end + 1
    else:
        name, after = text[at + 2 : at + 3], at + 3
    if name.startswith("^"):
        negated = not negated
        name = name[1:]
    members = _category(name)
    if not members:
        raise BadExpressionError(text)
    return (_complement(members) if negated else members), after


def _category(name: str) -> _Ranges:
    """Return the characters of a general category ('L', 'Lu', 'Any'); none if there is no such."""
    from unicodedata import category

    if name == "Any":
        return [(0, _LAST)]
    if not re.fullmatch("[A-Z][a-z]?", name):
        return []
    ranges: _Ranges = []
    for code in range(_LAST + 1):
        if category(chr(code)).startswith(name):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1] = (ranges[-1][0], code)
            else:
                ranges.append((code, code))
    return ranges


def _escape(text: str, at: int) -> tuple[int, int]:
    """Read an escaped character from its backslash."""
    char = text[at + 1 : at + 2]
    at += 2
    if char in "1234567" and text[at : at + 1] not in tuple("01234567"):
        raise BadExpressionError(text)
    if char and char in "01234567":
        end = at
        while end < at + 2 and text[end : end + 1] in tuple("01234567"):
            end += 1
        return int(text[at - 1 : end], 8), end
    if char == "x":
        found = re.compile(r"[0-9A-Fa-f]{2}|\{([0-9A-Fa-f]+)\}").match(text, at)
        if found is None:
            raise BadExpressionError(text)
        code = int(found[1] or found[0], 16)
        if code > _LAST:
            raise BadExpressionError(text)
        return code, found.end()
    if char in _CONTROL:
        return _CONTROL[char], at
    if char and char.isascii() and not char.isalnum():
        return ord(char), at
    raise BadExpressionError(text)


def _complement(ranges: _Ranges) -> _Ranges:
    out: _Ranges = []
    begin = 0
    for low, high in sorted(ranges):
        if low > begin:
            out.append((begin, low - 1))
        begin = max(begin, high + 1)
    if begin <= _LAST:
        out.append((begin, _LAST))
    return out


def _set(ranges: _Ranges) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return re.escape(chr(ranges[0][0]))
    if not ranges:
        return "(?!)"
    return "[" + "".join(f"{_code(low)}-{_code(high)}" for low, high in ranges) + "]"


def _code(code: int) -> str:
    return chr(code) if chr(code).isalnum() else f"\\U{code:08x}"
