"""What assignments and builtins do to a script's variables, its arguments and its directory."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit
from volint.parse.shellassign import ASSIGNMENT, assigned
from volint.parse.shellcommand import SCRIPT_DIRECTORY
from volint.parse.shellstate import UNSET, Array, Scalar, Unknown, append, merge

if TYPE_CHECKING:
    from volint.parse.shellstate import State, Value
    from volint.parse.shelltree import Function, Sequence
    from volint.parse.shellwords import Reader

__all__ = ["BUILTINS", "GONE", "LEFT", "ON", "Builtins"]

ON, LEFT, GONE = 0, 1, 2
"""How a command ends: the next one runs, the function or loop is left, the script is."""

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*$")

BUILTINS = {
    "read": "read",
    "mapfile": "read",
    "readarray": "read",
    "getopts": "read",
    "unset": "unset",
    "printf": "printf",
    "source": "source",
    ".": "source",
    "eval": "eval",
    "trap": "trap",
    "shift": "shift",
    "set": "set",
    "cd": "cd",
    "pushd": "cd",
    "popd": "cd",
    "exit": "exit",
    "return": "return",
    "break": "return",
    "continue": "return",
}


class Builtins:
    """Runs the commands that change what later words become."""

    functions: dict[str, Function]
    reader: Reader
    state: State
    text: str

    def assign(self, start: int, end: int) -> str:
        """Run `NAME=value`, `NAME+=value` or `NAME=(...)`; return the name."""
        match = ASSIGNMENT.match(self.text, start, end)
        if not match:
            return ""
        name, index, plus = match["name"], match["index"], match["plus"]
        place = match.end()
        value: Value
        if place in self.reader.scanner.arrays and index is None:
            value = self._array(self.reader.scanner.arrays[place])
        elif index is not None:
            value = Unknown()
        else:
            value = self._followed(self.reader.value(place, end))
        if plus and index is None:
            old = self.state.get(name)
            value = append(old, value) if old is not None else Unknown()
        self.state.set(name, value)
        return name

    def _array(self, ranges: list[tuple[int, int]]) -> Value:
        """Return the list of an array literal; keys in it are not followed."""
        if any(self.text.startswith("[", start) for start, _ in ranges):
            return Unknown()
        fields = self._plain(ranges)
        return Array(tuple(tuple(bit for bit in field if bit.value) for field in fields))

    def _followed(self, bits: tuple[Bit, ...]) -> Value:
        """Return the value if it says more than the variable's name does."""
        kept: list[Bit] = []
        for bit in bits:
            name = bit.unresolved
            if name == SCRIPT_DIRECTORY:
                kept.append(bit._replace(value=name, opaque=True))
                continue
            if (name.startswith("$(") and name != "$(pwd)") or (name and " " in bit.value):
                return Unknown()
            if name in ("PWD", "$(pwd)") and self.reader.moved():
                return Unknown()
            kept.append(bit)
        return Scalar(tuple(kept))

    def _declare(self, command: str, start: int, end: int) -> None:
        match = ASSIGNMENT.match(self.text, start, end)
        name = match["name"] if match else self.text[start:end]
        if command in ("local", "declare", "typeset") and _NAME.match(name):
            self.state.declare(name)
        if match:
            self.assign(start, end)
        elif command == "local" and _NAME.match(name):
            self.state.set(name, UNSET)
        if command == "export":
            self.state.exported.add(name)

    def _forget(self, *bodies: Sequence) -> None:
        """Make unknown what a loop assigns: it may have run before."""
        for body in bodies:
            for name, appends in assigned(body, self.text, self.functions).items():
                if name == "*":
                    self.state.forget()
                elif not appends:
                    self.state.set(name, Unknown())
                else:
                    old = self.state.get(name)
                    if isinstance(old, Array):
                        longer = append(old, Array(((Bit("", -1, -1),),)))
                    elif isinstance(old, Scalar):
                        longer = append(old, Scalar((Bit(" ", -1, -1),)))
                    else:
                        longer = Unknown()
                    self.state.set(name, merge(name, [old, longer]))

    def _forget_names(self, names: dict[str, bool]) -> None:
        """Make variables unknown that a command assigns which is not followed."""
        if "*" in names:
            self.state.forget()
        for name in names:
            self.state.set(name, Unknown())

    def _plain(self, ranges: list[tuple[int, int]]) -> list[list[Bit]]:
        return [field for start, end in ranges for field in self.reader.fields(start, end)]

    def _do_read(self, ranges: list[tuple[int, int]]) -> None:
        for start, end in ranges:
            if _NAME.match(self.text[start:end]):
                self.state.set(self.text[start:end], Unknown())

    def _do_unset(self, ranges: list[tuple[int, int]]) -> None:
        for start, end in ranges:
            if _NAME.match(self.text[start:end]):
                self.state.set(self.text[start:end], UNSET)

    def _do_printf(self, ranges: list[tuple[int, int]]) -> None:
        if len(ranges) > 1 and self.text[slice(*ranges[0])] == "-v":
            self.state.set(self.text[slice(*ranges[1])], Unknown())

    def _do_source(self, _: list[tuple[int, int]]) -> None:
        self.state.forget()

    def _do_shift(self, ranges: list[tuple[int, int]]) -> None:
        found = self.reader.lookup("@", None)
        text = self.text[slice(*ranges[0])] if ranges else "1"
        if isinstance(found, Array) and text.isdigit() and len(text) < 4:
            count = int(text)
            if not any(
                bit.unresolved and bit.unquoted for item in found.items[:count] for bit in item
            ):
                self.state.set("@", Array(found.items[count:]))
                return
        self.state.set("@", Unknown())

    def _do_set(self, ranges: list[tuple[int, int]]) -> None:
        for index, (start, end) in enumerate(ranges):
            text = self.text[start:end]
            if text == "--":
                items = [
                    tuple(b for b in field if b.value) for field in self._plain(ranges[index + 1 :])
                ]
                self.state.set("@", Array(tuple(items)))
                return
            if not text.startswith(("-", "+")) and not (
                index and self.text[slice(*ranges[index - 1])].endswith("o")
            ):
                self.state.set("@", Unknown())
                return

    def _do_cd(self, ranges: list[tuple[int, int]]) -> None:
        fields = [
            field
            for field in self._plain(ranges)
            if "".join(b.value for b in field) not in ("-P", "-L", "--", "-e")
        ]
        if not fields:
            fields = [[Bit("~", -1, -1, True, "~")]]
        bits = [bit._replace(use=None, start=-1, end=-1, opaque=True) for bit in fields[0]]
        text = "".join(bit.value for bit in bits)
        if text == "-" or len(fields) > 1:
            self.state.set("PWD", Unknown())
            self.state.set(".", Unknown())
            return
        old, here = self.state.get("PWD"), self.state.get(".")
        known = not any(bit.unresolved for bit in bits)
        if known and text.startswith("/"):
            self.state.set("PWD", Scalar(tuple(bits)))
            self.state.set(".", Scalar(tuple(bits)))
            return
        if known and isinstance(old, Scalar):
            self.state.set("PWD", Scalar(_below(old.bits, bits)))
        elif old is not None:
            self.state.set("PWD", Unknown())
        if bits[0].unresolved:
            name = bits[0].unresolved
            text = name if name == SCRIPT_DIRECTORY else bits[0].value
            self.state.set(".", Scalar((bits[0]._replace(value=text), *bits[1:])))
        elif here is None or here is UNSET or isinstance(here, Scalar):
            base = here.bits if isinstance(here, Scalar) else ()
            self.state.set(".", Scalar(_below(base, bits)))

    def _do_exit(self, _: object) -> int:
        return GONE

    def _do_return(self, _: object) -> int:
        return LEFT

    def _cwd(self) -> str | None:
        here = self.state.get(".")
        if here is None or here is UNSET:
            return ""
        if isinstance(here, Scalar):
            return "".join(bit.value for bit in here.bits)
        return None


def _below(base: tuple[Bit, ...], bits: list[Bit]) -> tuple[Bit, ...]:
    """Return the directory that a relative path leads to."""
    if any(bit.unresolved for bit in (*base, *bits)):
        return (*base, Bit("/", -1, -1, True), *bits) if base else tuple(bits)
    start = "".join(bit.value for bit in base)
    path = posixpath.normpath(posixpath.join(start, "".join(bit.value for bit in bits)))
    return (Bit(path, -1, -1, True),) if path != "." else ()
