"""Changes of files as a unified diff, as `git apply` and `patch -p1` read it.

What looks like the value of a secret is masked here as in every other output, if it cannot be left out: a diff
in which something is masked is for reading, and `render` tells. On a terminal, signs that control it are escaped.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from volint.redact import MASK, in_secret_block, redact
from volint.report.terminal import Style, escape
from volint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from volint.fix import Change
    from volint.report import Options
    from volint.source import Span

__all__ = ["render"]

_CONTEXTS = (3, 2, 1)
_STYLES = {"+": "help", "-": "removed", "@": "note"}


def render(
    changes: Iterable[Change], options: Options, secrets: Iterable[Span] = ()
) -> tuple[str, bool]:
    """Return the diff, and whether something in it is masked.

    `secrets` are places in the files as they were whose characters must not be shown.
    """
    style = Style(options.color)
    hidden: dict[str | None, list[Span]] = {}
    for span in secrets:
        hidden.setdefault(span.source.file, []).append(span)
    shown: list[str] = []
    masked = False
    for change in changes:
        path = change.source.path
        shown.append(style("bold", "--- " + _name("/dev/null" if change.created else f"a/{path}")))
        shown.append(style("bold", "+++ " + _name(f"b/{path}")))
        lines, hides = _Diff(change, hidden.get(change.source.file, ())).lines()
        masked = masked or hides
        for line in lines:
            if options.width is not None:
                line = "\n".join(map(escape, line.split("\n")))
            name = _STYLES.get(line[0])
            shown.append(style(name, line) if name else line)
    return "".join(line + "\n" for line in shown), masked


def _name(path: str) -> str:
    """Return a file name as a header holds it: one with blanks ends with a tab, one with signs that control a
    terminal is quoted as git does it, which `patch` reads as well."""
    if escape(path) == path:
        return f"{path}\t" if " " in path else path
    quoted = "".join(
        f"\\{char}"
        if char in '"\\'
        else char
        if escape(char) == char
        else "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))
        for char in path
    )
    return f'"{quoted}"'


def _lines(text: str) -> list[str]:
    """Return the lines without their line feeds, each with what a diff says of a missing one."""
    lines = text.split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _range(start: int, end: int) -> str:
    """Return a range of lines as a hunk's header has it."""
    length = end - start
    first = start + 1 if length else start
    return str(first) if length == 1 else f"{first},{length}"


class _Diff:
    """The hunks of one file."""

    __slots__ = ("_hidden", "_new", "_old")

    def __init__(self, change: Change, hidden: Sequence[Span]) -> None:
        source = change.source
        mark = source.byte_order_mark
        self._old = _Side(source)
        self._new = _Side(Source(source.path, change.text, source.kind, byte_order_mark=mark))
        self._hidden = hidden

    def lines(self) -> tuple[list[str], bool]:
        """Return the lines of all hunks, and whether something in them is masked.

        There is less context than usual where that leaves secrets out. The last line of a file may hold a
        line feed.
        """
        matcher = SequenceMatcher(None, self._old.lines, self._new.lines)
        shown: list[list[str]] = []
        for context in _CONTEXTS:
            pairs = list(self._hunks(matcher, context))
            shown.append([line for line, _ in pairs])
            if all(line == plain for line, plain in pairs):
                return shown[-1], False
        return shown[0], True

    def _hunks(self, matcher: SequenceMatcher[str], context: int) -> Iterator[tuple[str, str]]:
        """Yield the lines of all hunks: masked, and as they are."""
        old, new = self._old, self._new
        for group in matcher.get_grouped_opcodes(context):
            first, last = group[0], group[-1]
            header = f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
            yield header, header
            for tag, old_start, old_end, new_start, new_end in group:
                kept = tag == "equal"
                values: list[str] = []
                for at in range(old_start, old_end):
                    here = self._values(at)
                    values += here
                    yield _both(" " if kept else "-", old, at, here)
                if not kept:
                    for at in range(new_start, new_end):
                        yield _both("+", new, at, values)

    def _values(self, at: int) -> list[str]:
        """Return what must not be shown of an old line."""
        start = self._old.starts[at]
        end = start + len(self._old.lines[at])
        text = self._old.source.text
        return [
            text[max(span.start, start) : min(span.end, end)]
            for span in self._hidden
            if max(span.start, start) < min(span.end, end)
        ]


class _Side:
    """One of the two texts in lines."""

    __slots__ = ("lines", "source", "starts")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = _lines(source.text)
        self.starts: list[int] = []
        at = 0
        for line in self.lines:
            self.starts.append(at)
            at += len(line) + 1


def _both(sign: str, side: _Side, at: int, values: Sequence[str]) -> tuple[str, str]:
    line = side.lines[at]
    if not at and side.source.byte_order_mark:
        sign += "\ufeff"
    return sign + _masked(side.source, side.starts[at], line, values), sign + line


def _masked(source: Source, offset: int, line: str, values: Sequence[str]) -> str:
    text, feed, note = line.partition("\n")
    if in_secret_block(source, offset):
        indent = len(text) - len(text.lstrip())
        return f"{text[:indent]}{MASK}{feed}{note}" if text.strip() else line
    for value in values:
        text = text.replace(value, MASK)
    return redact(text) + feed + note
