"""Text for a terminal: how wide it is, what must be escaped, and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Style", "cell", "clip", "escape", "link", "pad", "shows_links", "width", "wrap"]

_JOINER = "\u200d"
_TAB = "    "
_COLOR = regex("\x1b\\[[0-9;]*m")
# Legible on light and on dark: yellow, cyan and bold green vanish on white.
_CODES = {
    "error": "1;31",
    "warning": "1;35",
    "note": "1",
    "help": "32",
    "place": "1;34",
    "bold": "1",
    "removed": "31",
}


class Style:
    """Puts ANSI colours around text, or leaves it alone."""

    __slots__ = ("on",)

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, name: str, text: str) -> str:
        """Return the text in the style of that name: a level, 'help', 'place', 'bold', 'removed'."""
        if not self.on or not text:
            return text
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m"


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cell(char: str, previous: str = "") -> tuple[str, int]:
    """Return what to print for one code point, and how many columns it takes.

    Tabs become four spaces; controls, direction marks, line separators and lone surrogates, with which a
    file could forge a terminal's content, their escapes. What follows a joiner belongs to the sign before it.
    """
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        return _TAB, 4
    from unicodedata import category, east_asian_width

    kind = category(char)
    if kind in ("Mn", "Me") or char == _JOINER:
        return char, 0
    if kind[0] == "C" or kind in ("Zl", "Zp"):
        shown = _escaped(char)
        return shown, len(shown)
    if previous == _JOINER:
        return char, 0
    return char, 2 if east_asian_width(char) in "WF" else 1


def escape(text: str) -> str:
    """Return a text with nothing left in it that controls a terminal; tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(cell(char)[0] for char in text)


def width(text: str) -> int:
    """Return the columns that an escaped text takes."""
    if text.isascii():
        return len(text)
    total = 0
    previous = ""
    for char in text:
        total += cell(char, previous)[1]
        previous = char
    return total


def pad(text: str, columns: int) -> str:
    """Return a text filled with spaces to a width."""
    return text + " " * (columns - width(text))


def clip(text: str, columns: int) -> str:
    """Return a text cut to a width, with '…' where something is missing."""
    if width(text) <= columns:
        return text
    kept: list[str] = []
    left = columns - 1
    previous = ""
    for char in text:
        taken = cell(char, previous)[1]
        if taken > left:
            break
        left -= taken
        previous = char
        kept.append(char)
    return "".join(kept) + "…"


def link(text: str, url: str | None) -> str:
    """Return a text as a hyperlink to an address (OSC 8), or as it is where there is none."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if url else text


_LINKING_TERMS = ("alacritty", "contour", "foot", "ghostty", "kitty", "wezterm")
_LINKING_VARIABLES = ("DOMTERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION")
_LINKING_PROGRAMS = frozenset(
    {"ghostty", "Hyper", "iTerm.app", "mintty", "rio", "Tabby", "vscode", "WezTerm", "zed"}
)


def shows_links(environment: Mapping[str, str]) -> bool:
    """Return whether a process's environment speaks of a terminal that shows OSC 8 hyperlinks.

    Others print their address, or nothing, in the middle of the text; so does what stands between, as on a CI server.
    """
    if "CI" in environment or environment.get("TERM", "dumb") == "dumb":
        return False
    if "TMUX" in environment or environment["TERM"].startswith("screen"):
        return False
    vte = environment.get("VTE_VERSION", "")
    return (
        environment.get("TERM_PROGRAM") in _LINKING_PROGRAMS
        or any(name in environment for name in _LINKING_VARIABLES)
        or any(name in environment["TERM"] for name in _LINKING_TERMS)
        or (vte.isdigit() and int(vte) >= 5000)
    )


def wrap(text: str, columns: int, first: int = 0) -> list[str]:
    """Break an escaped text, in colours or not, at blanks into lines of at most `columns`.

    The first line has `first` columns less. A word that is longer than a line keeps a line for itself, so that it
    can be copied.
    """
    lines = [""]
    left = columns - first
    for word in text.split(" "):
        taken = width(_COLOR.sub("", word) if "\x1b" in word else word)
        if lines[-1] and taken + 1 > left:
            lines.append(word)
            left = columns - taken
        elif lines[-1]:
            lines[-1] += f" {word}"
            left -= taken + 1
        else:
            lines[-1] = word
            left -= taken
    return lines
