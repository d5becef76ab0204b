"""PowerShell and cmd text as far as container commands go: rewritten to what a POSIX shell would read.

Only what differs on a command line is: continuation by a backtick or caret, literal backslashes,
`$env:NAME` and `%NAME%`. Statements of these languages are not followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit
from volint.parse.derived import Derived

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["as_shell"]

_POWERSHELL = regex(
    r"(?P<more>`\r?\n)|(?P<escape>`.)|(?P<name>\$(?:env:[A-Za-z_]\w*|\{[^}\n]*\}|[A-Za-z_]\w*|\([^()\n]*\)))|(?P<slash>\\)",
    re.DOTALL,
)
_CMD = regex(
    r"(?P<more>\^\r?\n)|(?P<escape>\^.)|(?P<name>%[A-Za-z_~*0-9][\w~]*%?)|(?P<slash>\\)|(?P<quote>')",
    re.DOTALL,
)


def as_shell(text: Derived, dialect: str) -> Derived:
    """Return a text of 'powershell' or 'cmd' so that a shell reader makes the same words of it."""
    pattern = _POWERSHELL if dialect == "powershell" else _CMD
    named: Callable[[str], str] = _powershell_name if dialect == "powershell" else _cmd_name
    bits: list[Bit] = []
    at = 0
    for match in pattern.finditer(text.value):
        bits.extend(text.cut(at, match.start()))
        place = text.place(*match.span())
        kind = match.lastgroup
        if kind == "more":
            bits.append(Bit("\\\n", *place, True))
        elif kind == "name":
            bits.append(Bit(match[0], *place, False, named(match[0])))
        else:
            bits.append(Bit("\\" + match[0][-1], *place, True))
        at = match.end()
    bits.extend(text.cut(at, len(text.value)))
    return Derived(text.source, bits)


def _powershell_name(text: str) -> str:
    name = text[1:].strip("{}")
    if name.lower() in ("pwd", "(pwd)", "(get-location)", "pwd.path"):
        return "PWD"
    return name.removeprefix("env:")


def _cmd_name(text: str) -> str:
    name = text.strip("%")
    return "PWD" if name.lower() in ("cd", "~dp0") else name
