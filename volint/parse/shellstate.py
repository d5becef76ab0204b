"""What a script's variables are known to hold at each of its commands.

Values carry the places they were written at. What an untaken branch, a loop, a sourced file or
the caller's environment could have changed counts as unknown, except for what it only appends to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from volint.parse.bits import Bit
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNSET", "Array", "Scalar", "State", "Unknown", "Value", "append", "placeless"]

_Item = TypeVar("_Item")
_STEADY = ("PWD", "@", "HOME")
MAX_VALUE = 20_000
"""Values of more characters than this are not followed."""
MAX_BITS = 1_000
"""Values put together of more stretches than this are not followed."""


class Scalar(NamedTuple):
    """A known string."""

    bits: tuple[Bit, ...]


class Array(NamedTuple):
    """A known list of strings."""

    items: tuple[tuple[Bit, ...], ...]


class Unknown(NamedTuple):
    """A value that depends on what is not known; the strings it may be, if all of them are known."""

    candidates: tuple[str, ...] = ()


class Unset(NamedTuple):
    """No value."""


UNSET = Unset()
Value = Scalar | Array | Unknown | Unset


def length(value: Value) -> int:
    """Return the number of characters a value holds."""
    if isinstance(value, Scalar):
        return sum(len(bit.value) for bit in value.bits)
    if isinstance(value, Array):
        return sum(len(bit.value) + 1 for item in value.items for bit in item)
    return 0


def parts(value: Value) -> int:
    """Return the number of stretches a value is made of."""
    if isinstance(value, Scalar):
        return len(value.bits)
    return sum(len(item) for item in value.items) if isinstance(value, Array) else 0


def _rest(name: str, array: bool) -> Bit:
    """Return the mark for what a branch may have appended to a variable."""
    return Bit(f"${{{name}[@]}}" if array else f"${name}", -1, -1, True, name, True)


def append(old: Value, new: Value) -> Value:
    """Return what `NAME+=value` makes of `old`."""
    if isinstance(old, Unset):
        return new
    if isinstance(old, Scalar) and isinstance(new, Scalar):
        return Scalar(old.bits + new.bits)
    if isinstance(old, Array) and isinstance(new, Array):
        return Array(old.items + new.items)
    if isinstance(old, Scalar) and isinstance(new, Array):
        return Array((old.bits, *new.items))
    return Unknown()


def _texts(value: Value | None) -> tuple[str, ...]:
    if isinstance(value, Scalar) and not any(bit.unresolved for bit in value.bits):
        return ("".join(bit.value for bit in value.bits),)
    if isinstance(value, Unknown):
        return value.candidates
    return ()


def merge(name: str, values: list[Value | None]) -> Value:
    """Return what is known of a variable that holds one of `values` (None: as the caller has it)."""
    first = values[0]
    if first is not None and all(value == first for value in values[1:]):
        return first
    texts = dict.fromkeys(text for value in values for text in _texts(value) or (None,))
    if len(texts) == 1 and first is not None and None not in texts and not isinstance(first, Unset):
        return first
    if all(isinstance(value, Array) for value in values):
        lists = [value.items for value in values if isinstance(value, Array)]
        common = _common(lists)
        mark = (_rest(name, array=True),)
        if common and common[-1] != mark:
            common = (*common, mark)
        if common:
            return Array(common)
    elif all(isinstance(value, Scalar) for value in values):
        strings = [value.bits for value in values if isinstance(value, Scalar)]
        start = _common(strings)
        rests = [bits[len(start)] for bits in strings if len(bits) > len(start)]
        rest = _rest(name, array=False)
        if start and start[-1] == rest:
            return Scalar(start)
        if start and all(bit.value[:1].isspace() or bit == rest for bit in rests):
            return Scalar((*start, Bit(" ", -1, -1), rest))
    known = tuple(text for text in texts if text is not None)
    return Unknown(known[:16]) if len(known) == len(texts) else Unknown()


def _common(lists: list[tuple[_Item, ...]]) -> tuple[_Item, ...]:
    """Return the items that all lists begin with."""
    shortest = min(lists, key=len)
    for index, item in enumerate(shortest):
        if any(other[index] != item for other in lists):
            return shortest[:index]
    return shortest


class _Frame:
    """Assignments of one branch, subshell or function call."""

    __slots__ = ("locals", "values")

    def __init__(self, function: bool) -> None:
        self.values: dict[str, Value] = {}
        self.locals: set[str] | None = set() if function else None


class State:
    """Variables by name, in frames that branches, subshells and functions open and close."""

    def __init__(
        self, variables: Mapping[str, str] | None, known: Mapping[str, Value] | None = None
    ) -> None:
        self.closed = variables is not None
        """True if the whole environment is known: what is not set is empty."""
        base = _Frame(function=False)
        for name, text in (variables or {}).items():
            base.values[name] = Scalar((Bit(text, -1, -1),) if text else ())
        base.values.update(known or {})
        self.frames = [base]
        self.posix = False
        """True for a plain `sh`, which knows no braces."""
        self.exported: set[str] = set(variables or ())

    def get(self, name: str) -> Value | None:
        """Return what is known of a variable; None if nothing is."""
        for frame in reversed(self.frames):
            if name in frame.values:
                return frame.values[name]
            if "*" in frame.values and name not in _STEADY:
                return Unknown()
        return UNSET if self.closed else None

    def text(self, name: str) -> str | None:
        """Return the string that a variable is known to hold; None if it is none."""
        value = self.get(name)
        texts = _texts(value) if isinstance(value, Scalar) else ()
        return texts[0] if texts else None

    def set(self, name: str, value: Value) -> None:
        """Assign to a variable."""
        if length(value) > MAX_VALUE or parts(value) > MAX_BITS:
            value = Unknown()
        self.frames[-1].values[name] = value

    def forget(self) -> None:
        """Take every variable for unknown: a file was sourced."""
        values = self.frames[-1].values
        keep = {name: values[name] for name in _STEADY if name in values}
        values.clear()
        values.update(keep)
        values["*"] = Unknown()

    def declare(self, name: str) -> None:
        """Make a variable local to the function that runs."""
        for frame in reversed(self.frames):
            if frame.locals is not None:
                frame.locals.add(name)
                break

    def push(self, *, function: bool = False) -> None:
        """Open a frame."""
        self.frames.append(_Frame(function))

    def pop(self) -> dict[str, Value]:
        """Close the last frame and return its assignments, without those to local variables."""
        frame = self.frames.pop()
        if frame.locals:
            return {k: v for k, v in frame.values.items() if k not in frame.locals}
        return frame.values

    def join(self, branches: list[dict[str, Value]], *, complete: bool) -> None:
        """Take over what branches assigned, one of which ran (or none, unless `complete`)."""
        names: dict[str, None] = {}
        for branch in branches:
            names.update(dict.fromkeys(branch))
        if "*" in names:
            self.forget()
            return
        for name in names:
            values: list[Value | None] = [
                branch[name] if name in branch else self.get(name) for branch in branches
            ]
            if not complete:
                values.append(self.get(name))
            self.set(name, merge(name, values))


def placeless(value: Value) -> Value:
    """Return a value whose bits say nothing about where they come from."""
    if isinstance(value, Scalar):
        return Scalar(
            tuple(bit._replace(start=-1, end=-1, opaque=True, use=None) for bit in value.bits)
        )
    if isinstance(value, Array):
        return Array(
            tuple(
                tuple(bit._replace(start=-1, end=-1, opaque=True, use=None) for bit in item)
                for item in value.items
            )
        )
    return value
