"""Comments and logical lines of shell text: enough to say what a comment stands at.

A light pass for the few texts whose comments are asked for; the commands themselves are read by
`volint.parse.shell`.
"""

from __future__ import annotations

import re

from volint.lazy import regex
from volint.record import NamedTuple

__all__ = ["ShellLines", "shell_lines"]

_TOKEN = regex(
    r"""
    (?P<continued>\\\r?\n)
  | (?P<escaped>\\.)
  | (?P<quoted>\$?'[^']*'|"(?:[^"\\]|\\.)*")
  | (?P<heredoc><<-?[ \t]*(?P<mark>['"\\]?)(?P<name>[A-Za-z_][\w.-]*)(?:(?P=mark))?)
  | (?P<herestring><<<)
  | (?P<array>(?<=[\w\]+])=\()
  | (?P<close>\))
  | (?P<joined>&&|\|\|?&?)
  | (?P<hash>\#)
  | (?P<newline>\r?\n)
  | (?P<blank>[ \t]+)
  | (?P<other>[^\\'"$<=)&|\#\r\n \t]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEFORE_COMMENT = " \t\n;&|()`"


class ShellLines(NamedTuple):
    """What a pass over a text found, as ranges of offsets."""

    comments: tuple[tuple[int, int], ...]
    """Comments from '#' to the end of their line."""
    lines: tuple[tuple[int, int], ...]
    """Logical lines: continued lines, open quotes, arrays and here-documents belong together."""


class _Pass:
    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.at = start
        self.start = start
        self.end = end
        self.comments: list[tuple[int, int]] = []
        self.lines: list[tuple[int, int]] = []
        self.begun: int | None = None
        self.last = start
        self.arrays = 0
        self.joined = False
        self.heredocs: list[tuple[str, bool]] = []

    def run(self) -> None:
        while self.at < self.end:
            match = _TOKEN.match(self.text, self.at, self.end)
            if match is None:
                break
            self.at = match.end()
            self.take(match, match.lastgroup or "")
        self.close()

    def take(self, match: re.Match[str], kind: str) -> None:
        at = match.start()
        if kind in ("blank", "continued"):
            return
        if kind == "newline":
            if self.heredocs:
                self.skip_bodies()
            if not self.arrays and not self.joined:
                self.close()
            return
        if kind == "hash" and (at == self.start or self.text[at - 1] in _BEFORE_COMMENT):
            stop = self.text.find("\n", at, self.end)
            self.at = self.end if stop < 0 else stop
            self.comments.append((at, at + len(self.text[at : self.at].rstrip())))
            return
        if kind == "array":
            self.arrays += 1
        elif kind == "close":
            self.arrays = max(0, self.arrays - 1)
        elif match["name"]:
            self.heredocs.append((match["name"], match.group().startswith("<<-")))
        self.joined = kind == "joined"
        if self.begun is None:
            self.begun = at
        self.last = self.at

    def skip_bodies(self) -> None:
        """Go to the end of the here-documents that begin on the next line."""
        for name, tabs in self.heredocs:
            while self.at < self.end:
                stop = self.text.find("\n", self.at, self.end)
                line = self.text[self.at : self.end if stop < 0 else stop].rstrip("\r")
                self.at = self.end if stop < 0 else stop + 1
                self.last = self.at
                if (line.lstrip("\t") if tabs else line) == name:
                    break
        self.heredocs = []

    def close(self) -> None:
        if self.begun is not None:
            self.lines.append((self.begun, self.last))
        self.begun = None
        self.arrays = 0
        self.joined = False


def shell_lines(text: str, start: int = 0, end: int | None = None) -> ShellLines:
    """Return the comments and logical lines of text[start:end] in order."""
    scan = _Pass(text, start, len(text) if end is None else end)
    scan.run()
    return ShellLines(tuple(scan.comments), tuple(scan.lines))
