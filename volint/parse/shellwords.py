"""Ranges of a script into the words bash makes of them: braces, tilde, expansion, splitting, quotes.

What is not known stays as the text it was written with, marked with the variable's name. Path names
are not matched against a disk: a pattern stays a pattern.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit, build
from volint.parse.shellbraces import alternatives
from volint.parse.shellcommand import SCRIPT_DIRECTORY
from volint.parse.shellfields import Fields
from volint.parse.shellparameter import ANSI, arithmetic, is_own_directory, transform
from volint.parse.shellstate import UNSET, Array, Scalar, Unknown
from volint.source import Span, Word

if TYPE_CHECKING:
    from volint.parse.shellbraces import Part

__all__ = ["Reader"]


_SPECIAL = regex(r"[\\'\"`$~{<>(\r\0]")
_TEXT = regex(r"[^\\'\"`$<>\0]+")
_QUOTED_TEXT = regex(r"[^\\\"`$\0]+")
_TILDE = regex(r"~(?:\+(?=/|$)|[A-Za-z0-9_.][A-Za-z0-9_.+-]*(?=[/:]|$)|(?=[/:]|$))")
_SHELL_SETS = frozenset(
    [
        "?",
        "$",
        "!",
        "-",
        "_",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "UID",
        "EUID",
        "GROUPS",
        "PPID",
        "BASHPID",
        "HOSTNAME",
        "HOSTTYPE",
        "OSTYPE",
        "MACHTYPE",
        "EPOCHSECONDS",
        "EPOCHREALTIME",
        "SRANDOM",
        "BASH",
        "BASH_SOURCE",
        "BASH_VERSION",
        "FUNCNAME",
        "SHLVL",
        "OPTIND",
        "OPTARG",
        "REPLY",
        "PIPESTATUS",
        "IFS",
        "OLDPWD",
        "BASH_REMATCH",
    ]
)
"""Variables that the shell itself gives a value."""
_ASSIGNMENT = regex(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]\s]*\])?\+?=")
_PWD = regex(r"\s*pwd(\s+-[LP])?\s*$")
_ACTIVE = regex(r"[\\*?\[\]/#%]")
_BRACED = regex(
    r"(?P<mark>[#!]?)(?P<name>[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(?:\[(?P<index>[^\]]*)\])?"
    r"(?P<operator>:?[-=+?]|##?|%%?|//?|\^\^?|,,?|:|@)?",
    re.DOTALL,
)


class Reader(Fields):
    """Expands the words of one text in the light of what its variables hold."""

    def words(self, start: int, end: int) -> list[Word]:
        """Return the words that text[start:end], one word as written, becomes."""
        if not _SPECIAL.search(self.text, start, end):
            return [Word(self.text[start:end], Span(self.source, start, end))]
        return [build(self.source, field) for field in self.fields(start, end)]

    def fields(self, start: int, end: int) -> list[list[Bit]]:
        """Return what text[start:end], one word as written, becomes, still in bits."""
        if not _SPECIAL.search(self.text, start, end):
            return [[Bit(self.text[start:end], start, end)]]
        fields: list[list[Bit]] = []
        plain: list[list[Part]] = [[(start, end)]]
        for parts in (
            plain if self.state.posix else alternatives(self.text, start, end, self.scanner.ends)
        ):
            self._fields, self._open, self._split = [], False, True
            first = True
            whole = len(parts) == 1
            for part in parts:
                if isinstance(part, Bit):
                    self._add(part)
                    first = False
                    continue
                at, stop = part
                if first:
                    if whole or not self.text.endswith("~", at, stop):
                        at = self._tilde(at, stop)
                    named = _ASSIGNMENT.match(self.text, at, stop)
                    first = False
                    if named:
                        self._add(Bit(self.text[at : named.end()], at, named.end()))
                        self._assigned(named.end(), stop)
                        continue
                self._read(at, stop)
            fields.extend(self._fields)
        return fields

    def value(self, start: int, end: int) -> tuple[Bit, ...]:
        """Return the string that text[start:end] assigns."""
        keep = self._fields, self._open, self._split
        self._fields, self._open, self._split = [], False, False
        self._assigned(start, end)
        bits = tuple(
            bit._replace(use=None, unquoted=False)
            for field in self._fields
            for bit in field
            if bit.value
        )
        self._fields, self._open, self._split = keep
        return bits

    # -- reading

    def _tilde(self, at: int, stop: int) -> int:
        """Add a tilde prefix if there is one at `at`; return the place after it."""
        match = _TILDE.match(self.text, at, stop) if self.text.startswith("~", at) else None
        if not match:
            return at
        prefix = match[0]
        home = self.state.get("HOME")
        use = (at, match.end())
        if prefix in ("~", "~+"):
            value = home if prefix == "~" else self.state.get("PWD")
            if isinstance(value, Scalar):
                for bit in value.bits:
                    self._add(bit._replace(use=use, start=-1, opaque=True))
            else:
                self._add(Bit(prefix, at, match.end(), False, "~"))
        elif self.state.closed:
            self._add(Bit(prefix, at, match.end()))
        else:
            self._add(Bit(prefix, at, match.end(), False, "~"))
        return match.end()

    def _assigned(self, at: int, stop: int) -> None:
        """Read what stands after 'NAME=': tildes count after every colon."""
        at = self._tilde(at, stop)
        text = self.text
        while at < stop:
            colon = text.find(":~", at, stop)
            if colon < 0:
                break
            # A colon inside of a quote or an expansion is none of the assignment's.
            place = at
            while place < colon:
                place = self.scanner.ends.get(place) or place + (2 if text[place] == "\\" else 1)
            if place > colon:
                self._read(at, min(place, stop))
                at = min(place, stop)
                continue
            self._read(at, colon + 1)
            at = self._tilde(colon + 1, stop)
            if at == colon + 1:
                self._read(at, at + 1)
                at += 1
        self._read(at, stop)

    def _read(self, at: int, stop: int, *, braced: bool = False) -> None:
        """Read unquoted text."""
        text, ends = self.text, self.scanner.ends
        while at < stop:
            if at in self.holes:
                end, name = self.holes[at]
                self._keep(at, end, name, quoted=False)
                at = end
                continue
            match = _TEXT.match(text, at, stop)
            if match:
                end = match.end()
                if braced and self._split:
                    self._insert((Bit(text[at:end], at, end),), (at, end), quoted=False)
                else:
                    self._add(Bit(text[at:end], at, end))
                at = end
                continue
            char = text[at]
            end = ends.get(at, -1)
            if char == "\\":
                end = at + 2
                if text.startswith("\r\n", at + 1):
                    end = at + 3
                elif text[at + 1 : end] != "\n":
                    kept = text[at + 1 : end] if end <= stop else "\\"
                    self._add(Bit(kept, at, min(end, stop), True))
                at = end
            elif end < 0 or end > stop:
                if char != "$" or not text.startswith('"', at + 1):
                    self._add(Bit(char, at, at + 1))
                at += 1
            elif char == "'":
                self._add(Bit(text[at + 1 : end - 1], at + 1, end - 1))
                at = end
            elif char == '"':
                self._quote(at, end)
                at = end
            elif char in "<>":
                name = self.raw[at:end]
                self._keep(at, end, name, quoted=False)
                at = end
            else:
                self._dollar(at, end, quoted=False)
                at = end

    def _quote(self, at: int, end: int) -> None:
        """Read a double quote, which is a word even if it is empty; no elements are none."""
        before = len(self._fields), len(self._fields[-1]) if self._fields else 0, self._open
        vanished = self._quoted(at + 1, end - 1)
        after = len(self._fields), len(self._fields[-1]) if self._fields else 0, self._open
        if before == after and not vanished:
            self._add(Bit("", at + 1, end - 1, True))

    def _quoted(self, at: int, stop: int, *, braced: bool = False) -> bool:
        """Read text inside of double quotes; return True if only an empty list stood there."""
        text, ends = self.text, self.scanner.ends
        vanished = False
        while at < stop:
            if at in self.holes:
                end, name = self.holes[at]
                self._keep(at, end, name, quoted=True)
                at = end
                continue
            match = _QUOTED_TEXT.match(text, at, stop)
            if match:
                end = match.end()
                self._add(Bit(text[at:end], at, end))
                at = end
                continue
            char = text[at]
            end = ends.get(at, -1)
            if char == "\\":
                following = text[at + 1 : min(at + 2, stop)]
                if following == "\n":
                    at += 2
                elif text.startswith("\r\n", at + 1):
                    at += 3
                elif following and (following in '$`"\\' or (braced and following == "}")):
                    self._add(Bit(following, at, at + 2, True))
                    at += 2
                else:
                    self._add(Bit("\\", at, at + 1))
                    at += 1
            elif end < 0 or end > stop:
                self._add(Bit(char, at, at + 1))
                at += 1
            elif char == '"':
                self._quoted(at + 1, end - 1)
                at = end
            else:
                vanished = self._dollar(at, end, quoted=True) or vanished
                at = end
        return vanished

    def _dollar(self, at: int, end: int, *, quoted: bool) -> bool:
        """Read an expansion; return True if it is a list without elements."""
        text = self.text
        char = text[at + 1]
        if text[at] == "`" or (char == "(" and at in self.scanner.nested):
            inside = self.raw[at + 1 : end - 1] if text[at] == "`" else self.raw[at + 2 : end - 1]
            value = self.state.get("PWD") if _PWD.match(inside) else None
            if isinstance(value, Scalar):
                self._insert(value.bits, (at, end), quoted)
            elif is_own_directory(inside):
                self._keep(at, end, SCRIPT_DIRECTORY, quoted)
            else:
                self._keep(at, end, f"$({inside.strip()})", quoted)
        elif char == "'" and not quoted:
            self._add(Bit(ANSI(text[at + 2 : end - 1]), at, end, True))
        elif char == "(":
            number = arithmetic(text[at + 3 : end - 2], self.state)
            if number is None:
                self._keep(at, end, self.raw[at:end], quoted)
            else:
                self._add(Bit(number, at, end, True))
        elif char == "{":
            return self._braced(at, end, quoted)
        elif char == "[":
            self._keep(at, end, self.raw[at:end], quoted)
        else:
            return self._parameter(at, end, text[at + 1 : end], None, quoted)
        return False

    def _parameter(self, at: int, end: int, name: str, index: str | None, quoted: bool) -> bool:
        """Add a variable's value, or its text if it is not known."""
        found = self.lookup(name, index)
        if found is None:
            self._keep(at, end, name, quoted)
            return False
        if isinstance(found, Scalar):
            self._insert(found.bits, (at, end), quoted)
            return False
        return self._list(found, (at, end), quoted, joined=name == "*" or index == "*")

    def lookup(self, name: str, index: str | None) -> Scalar | Array | None:
        """Return a variable's value, an element of it or all of them; None if it is not known."""
        if name in ("@", "*") or name.isdigit() or name == "#":
            arguments = self.state.get("@")
            if arguments is UNSET and self.state.closed:
                arguments = Array(())
            if not isinstance(arguments, Array):
                return None
            if name in ("@", "*"):
                return arguments
            if name == "0" or _uncertain(arguments, None if name == "#" else int(name)):
                return None
            if name == "#":
                return Scalar((Bit(str(len(arguments.items)), -1, -1),))
            place = int(name) - 1
            return Scalar(arguments.items[place] if place < len(arguments.items) else ())
        value = self.state.get(name)
        if value is UNSET:
            if name in _SHELL_SETS:
                return None
            return Array(()) if index in ("@", "*") else Scalar(())
        if value is None or isinstance(value, Unknown):
            return None
        if isinstance(value, Scalar):
            return Array((value.bits,)) if index in ("@", "*") else value
        if isinstance(value, Array):
            if index in ("@", "*"):
                return value
            if index is None or index.isdigit():
                place = int(index or 0)
                if not _uncertain(value, place + 1):
                    return Scalar(value.items[place] if place < len(value.items) else ())
        return None

    def _list(self, value: Array, use: tuple[int, int], quoted: bool, *, joined: bool) -> bool:
        """Add the elements of a list as words, or joined by blanks."""
        if (joined and quoted) or not self._split:
            for number, item in enumerate(value.items):
                if number:
                    self._add(Bit(" ", -1, -1, True, use=use))
                self._insert(item, use, quoted=True)
            return False
        for number, item in enumerate(value.items):
            if number:
                self._open = False
            if quoted and not item:
                self._add(Bit("", -1, -1, True, use=use))
            self._insert(item, use, quoted)
        return quoted and not value.items

    def _braced(self, at: int, end: int, quoted: bool) -> bool:
        """Read a `${...}` expansion."""
        match = _BRACED.match(self.text, at + 2, end - 1)
        if not match or self.budget < 0:
            self._keep(at, end, self.raw[at + 2 : end - 1], quoted)
            return False
        mark, name, index, operator = match.group("mark", "name", "index", "operator")
        begin, stop = match.end(), end - 1
        if mark == "!":
            pointer = self.lookup(name, None)
            name = "".join(bit.value for bit in pointer.bits) if isinstance(pointer, Scalar) else ""
            if not name or any(bit.unresolved for bit in pointer.bits):  # type: ignore[union-attr]
                self._keep(at, end, match["name"], quoted)
                return False
        if operator is None:
            if begin == stop and mark != "#":
                return self._parameter(at, end, name, index, quoted)
            operator = "length" if begin == stop else ""
        found = self.lookup(name, index)
        if operator.strip(":") in ("-", "=", "+", "?") and operator != "":
            return self._default(at, end, (begin, name, index, operator), found, quoted)
        if found is not None and operator:
            changed = transform(found, operator, self._pattern(begin, stop))
            if isinstance(changed, Scalar):
                self._insert(changed.bits, (at, end), quoted)
                return False
            if changed is not None:
                return self._list(changed, (at, end), quoted, joined=index == "*")
        self._keep(at, end, name, quoted)
        return False

    def _pattern(self, start: int, end: int) -> str | None:
        """Return the operand of an operator with quoted characters escaped; None if not known."""
        text, ends = self.text, self.scanner.ends
        parts: list[str] = []
        while start < end:
            char = text[start]
            stop = ends.get(start, start + (2 if char == "\\" else 1))
            if char == "\\":
                parts.append(text[start:stop])
            elif stop == start + 1:
                parts.append(char)
            else:
                bits = self.value(start, stop)
                if any(bit.unresolved for bit in bits):
                    return None
                value = "".join(bit.value for bit in bits)
                parts.append(_ACTIVE.sub(r"\\\g<0>", value) if char in "'\"" else value)
            start = stop
        return "".join(parts)

    def _default(
        self,
        at: int,
        end: int,
        parts: tuple[int, str, str | None, str],
        found: Scalar | Array | None,
        quoted: bool,
    ) -> bool:
        """Read `${NAME-word}`, `${NAME=word}`, `${NAME+word}` and `${NAME?word}`."""
        begin, name, index, operator = parts
        unset = self.state.get("@" if name == "*" else name) is UNSET and not name.isdigit()
        empty: bool | None
        if found is None:
            empty = None
        else:
            bits = found.bits if isinstance(found, Scalar) else sum(found.items, ())
            known = any(bit.value and not bit.unresolved for bit in bits)
            empty = None if bits and not known else not bits
            if isinstance(found, Array) and len(found.items) > 1:
                empty = False
        if empty and not operator.startswith(":") and not unset and isinstance(found, Scalar):
            empty = name.isdigit()
        if empty is None:
            self._keep(at, end, name, quoted)
            if operator.endswith("=") and found is None:
                kept = Bit(self.raw[at:end], at, end, False, name)
                self.state.set(name, Scalar((kept,)))
            return False
        if operator.endswith("+"):
            empty = not empty
        elif not empty:
            return self._parameter(at, end, name, index, quoted)
        if not empty:
            return quoted
        if operator.endswith("?"):
            self._keep(at, end, name, quoted)
            return False
        if operator.endswith("="):
            value = self.value(begin, end - 1)
            self.state.set(name, Scalar(value))
        start = begin
        if not quoted:
            start = self._tilde(begin, end - 1)
            self._read(start, end - 1, braced=True)
            return False
        return self._quoted(start, end - 1, braced=True)


def _uncertain(value: Array, count: int | None) -> bool:
    """Return True if an unknown number of elements may stand within the first `count`."""
    for item in value.items[:count]:
        for bit in item:
            if (bit.unresolved and bit.unquoted) or bit.value in ("$@", "$*"):
                return True
    return False
