"""The fields that a word becomes while it is read: what is added, split and kept as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.bits import Bit
from volint.parse.shellstate import UNSET, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.parse.shelllex import Scanner
    from volint.parse.shellstate import State
    from volint.source import Source

__all__ = ["Fields", "Hole"]

Hole = tuple[int, str]
"""Text that is no shell at all, such as a template's expression: its end and its name.

In the text that is scanned, NUL characters stand in its place.
"""

_HERE = ("PWD", "$(pwd)")


class Fields:
    """Collects the stretches of one word after the other."""

    def __init__(
        self, scanner: Scanner, raw: str, source: Source, state: State, holes: Mapping[int, Hole]
    ) -> None:
        self.scanner = scanner
        self.text = scanner.text
        self.raw = raw
        """The text before holes were masked."""
        self.source = source
        self.state = state
        self.holes = holes
        self.budget = 20 * len(raw) + 100_000
        """Characters that expansions may still add."""
        self._fields: list[list[Bit]] = []
        self._open = False
        self._split = True

    def moved(self) -> bool:
        """Return True if the script is not in the directory it was started in."""
        here = self.state.get(".")
        return not (here is None or here is UNSET or (isinstance(here, Scalar) and not here.bits))

    def _add(self, bit: Bit) -> None:
        if not self._open:
            self._fields.append([])
            self._open = True
        self._fields[-1].append(bit)

    def _insert(self, bits: tuple[Bit, ...], use: tuple[int, int], quoted: bool) -> None:
        """Add a known value where it is used, split at blanks outside of quotes."""
        if self.budget < 0 or (self.moved() and any(bit.unresolved in _HERE for bit in bits)):
            # The directory of the moment the variable was set is not the one of now.
            raw = self.raw[slice(*use)]
            self._keep(*use, raw.strip("`${}()"), quoted)
            return
        for bit in bits:
            self.budget -= len(bit.value) + 1
            if bit.unresolved or quoted or not self._split:
                self._add(bit._replace(use=use, unquoted=not quoted))
                continue
            for match in re.finditer(r"[ \t\n]+|[^ \t\n]+", bit.value):
                if match[0][0] in " \t\n":
                    self._open = False
                    continue
                at, stop = bit.start, bit.end
                if not bit.opaque and at >= 0:
                    at, stop = bit.start + match.start(), bit.start + match.end()
                self._add(Bit(match[0], at, stop, bit.opaque, "", True, use))

    def _keep(self, at: int, stop: int, name: str, quoted: bool) -> None:
        """Add what is not known as the text it was written with."""
        self._add(Bit(self.raw[at:stop], at, stop, False, name, not quoted))
