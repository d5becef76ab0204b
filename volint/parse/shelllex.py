"""Where shell words end: quotes, expansions, substitutions and heredocs, by bash's rules.

`Scanner` finds the ends of things in one pass and remembers them, so that nobody has to look
twice. Nothing here fails: a quote that is never closed is read as an ordinary character, and the
work that such a mistake costs is bounded, so that time stays linear in the length of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from volint.parse.shelltree import Sequence

__all__ = ["MAX_DEPTH", "Scanner"]

MAX_DEPTH = 60
"""Nesting beyond this is read as flat text."""

_PLAIN = regex(r"[^ \t\n\r\\'\"`$;&|<>()]+")
_DOUBLE_PLAIN = regex(r"[^\"\\$`]+")
_BRACED_PLAIN = regex(r"[^}\\$`'\"]+")
_ARITHMETIC_PLAIN = regex(r"[^()\\'\"]+")
_BACKTICK_PLAIN = regex(r"[^`\\]+")
_ANSI_PLAIN = regex(r"[^'\\]+")
_PARAMETER = regex(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_ARRAY_PREFIX = regex(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]\s]*\])?\+?=$")
_ACTIVE = regex(r"[\\$`]")
_BLANKS = regex(r"(?:[ \t]|\\\r?\n|\r(?=\n))+")


class Scanner:
    """The lexical half of the shell reader: moves over one text and notes where things end."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.at = start
        self.end = end
        self.depth = 0
        self.ends: dict[int, int] = {}
        """End of each quote, expansion and substitution, by its start."""
        self.nested: dict[int, Sequence] = {}
        """The commands inside of each command or process substitution, by its start."""
        self.escaped: dict[int, tuple[int, int]] = {}
        """Range of the text inside of backticks that holds backslashes, by the start."""
        self.arrays: dict[int, list[tuple[int, int]]] = {}
        """The words of each array literal, by the place of its parenthesis."""
        self.found: list[int] = []
        """Starts of substitutions that no node has claimed yet."""
        self.pending: list[tuple[str, bool, bool]] = []
        """Heredocs whose bodies begin after the next line break: delimiter, quoted, tabs stripped."""
        self.unclosed: set[int] = set()
        """Starts of what is never closed."""
        self._waste = 20 * (end - start) + 10_000

    def substitution(self, body: int) -> tuple[Sequence, int]:
        """Read commands from `body` to the closing parenthesis; return them and the place after."""
        raise NotImplementedError

    def inner(self, start: int, end: int) -> Sequence:
        """Read text[start:end] as commands of their own."""
        raise NotImplementedError

    def _unclosed(self, start: int) -> int:
        """Note that what opens at `start` is never closed; return -1."""
        self.unclosed.add(start)
        self._waste -= self.end - start
        return -1

    def _hopeless(self, start: int) -> bool:
        return start in self.unclosed or self._waste < 0 or self.depth > MAX_DEPTH

    def blanks(self, at: int) -> int:
        """Return the place after blanks and continued lines."""
        match = _BLANKS.match(self.text, at, self.end)
        return match.end() if match else at

    def word(self, at: int) -> int:
        """Return the end of the word that starts at `at` (`at` itself if none does)."""
        text, end = self.text, self.end
        start = at
        while at < end:
            match = _PLAIN.match(text, at, end)
            if match:
                at = match.end()
                if at >= end:
                    break
            char = text[at]
            if char in " \t\n;&|)":
                break
            if char == "\r":
                if text.startswith("\n", at + 1):
                    break
                at += 1
            elif char == "\\":
                at = min(at + (3 if text.startswith("\r\n", at + 1) else 2), end)
            elif char in "'\"":
                at = self.quote(at)
            elif char == "$":
                at = self.dollar(at, quoted=False)
            elif char == "`":
                at = self.backticks(at)
            elif char == "(":
                stop = self._parenthesis(start, at)
                if stop < 0:
                    break
                at = stop
            elif text.startswith("(", at + 1) and at + 1 < end:
                at = self._command(at, at + 2)
            else:
                break
        return at

    def _parenthesis(self, start: int, at: int) -> int:
        """Return the end of an array literal or extended pattern whose parenthesis is at `at`."""
        if at == start:
            return -1
        before = self.text[at - 1]
        if before == "=" and _ARRAY_PREFIX.match(self.text, max(start, at - 200), at):
            return self._array(at)
        if before in "@?*+!":
            stop = self._balanced(at)
            return stop if stop > 0 else -1
        return -1

    def _array(self, at: int) -> int:
        """Read an array literal over any number of lines; return its end, or -1."""
        if self._hopeless(at):
            return -1
        self.depth += 1
        words: list[tuple[int, int]] = []
        place = at + 1
        closed = -1
        while place < self.end:
            place = self.blanks(place)
            if place >= self.end:
                break
            char = self.text[place]
            if char == "\n":
                place += 1
            elif char == "#":
                place = self.line_end(place)
            elif char == ")":
                closed = place + 1
                break
            elif char in ";&|<>":
                if char not in "<>" or not self.text.startswith("(", place + 1):
                    break
                stop = self.word(place)
                words.append((place, stop))
                place = stop
            else:
                stop = self.word(place)
                if stop == place:
                    break
                words.append((place, stop))
                place = stop
        self.depth -= 1
        if closed < 0:
            return self._unclosed(at)
        self.arrays[at] = words
        self.ends[at] = closed
        return closed

    def line_end(self, at: int) -> int:
        """Return the place of the next line break, or the end."""
        stop = self.text.find("\n", at, self.end)
        return self.end if stop < 0 else stop

    def quote(self, at: int) -> int:
        """Return the end of the quote at `at`; an unclosed one is one character."""
        text = self.text
        if text[at] == "'":
            stop = text.find("'", at + 1, self.end)
            if stop < 0:
                self.unclosed.add(at)
                return at + 1
            self.ends[at] = stop + 1
            return stop + 1
        if at in self.ends:
            return self.ends[at]
        stop = self._double(at)
        if stop < 0:
            return at + 1
        self.ends[at] = stop
        return stop

    def _double(self, at: int) -> int:
        if self._hopeless(at):
            return -1
        text, end = self.text, self.end
        self.depth += 1
        mark = len(self.found)
        place = at + 1
        while place < end:
            match = _DOUBLE_PLAIN.match(text, place, end)
            if match:
                place = match.end()
                if place >= end:
                    break
            char = text[place]
            if char == '"':
                self.depth -= 1
                return place + 1
            if char == "\\":
                place += 2
            elif char == "$":
                place = self.dollar(place, quoted=True)
            else:
                place = self.backticks(place)
        self.depth -= 1
        del self.found[mark:]
        return self._unclosed(at)

    def dollar(self, at: int, *, quoted: bool) -> int:
        """Return the end of the expansion at `at`, or the place after a lone '$'."""
        if at in self.ends:
            return self.ends[at]
        text, end = self.text, self.end
        char = text[at + 1] if at + 1 < end else ""
        stop = at + 1
        if char == "(":
            if text.startswith("(", at + 2):
                stop = self._arithmetic(at)
            else:
                stop = self._command(at, at + 2)
        elif char == "{":
            stop = self._braced(at, quoted)
        elif char == "'" and not quoted:
            stop = self._ansi(at)
        elif char == '"' and not quoted:
            return at + 1
        elif char == "[":
            closing = text.find("]", at, min(end, at + 200))
            stop = closing + 1 if closing > 0 else at + 1
        else:
            match = _PARAMETER.match(text, at + 1, end)
            if match:
                stop = match.end()
        if stop > at + 1:
            self.ends[at] = stop
        return stop

    def _command(self, at: int, body: int) -> int:
        if self._hopeless(at):
            return at + 1
        mark = len(self.found)
        node, stop = self.substitution(body)
        del self.found[mark:]
        self.found.append(at)
        self.nested[at] = node
        self.ends[at] = stop
        return stop

    def _balanced(self, at: int) -> int:
        """Return the place after the parenthesis that closes the one at `at`, or -1."""
        if self._hopeless(at):
            return -1
        text, end = self.text, self.end
        level = 0
        place = at
        while place < end:
            match = _ARITHMETIC_PLAIN.match(text, place, end)
            if match:
                place = match.end()
                if place >= end:
                    break
            char = text[place]
            if char == "(":
                level += 1
            elif char == ")":
                level -= 1
                if not level:
                    return place + 1
            elif char == "\\":
                place += 1
            else:
                closing = text.find(char, place + 1, end)
                place = closing if closing > 0 else place
            place += 1
        return self._unclosed(at)

    def _arithmetic(self, at: int) -> int:
        stop = self._balanced(at + 1)
        if stop < 0:
            return self._command(at, at + 2)
        inside = self._balanced(at + 2)
        if inside == stop - 1:
            return stop
        return self._command(at, at + 2)

    def _braced(self, at: int, quoted: bool) -> int:
        if self._hopeless(at):
            return at + 1
        text, end = self.text, self.end
        self.depth += 1
        mark = len(self.found)
        place = at + 2
        while place < end:
            match = _BRACED_PLAIN.match(text, place, end)
            if match:
                place = match.end()
                if place >= end:
                    break
            char = text[place]
            if char == "}":
                self.depth -= 1
                return place + 1
            if char == "\\":
                place += 2
            elif char == "$":
                place = self.dollar(place, quoted=quoted)
            elif char == "`":
                place = self.backticks(place)
            elif char == "'" and quoted:
                place += 1
            else:
                place = self.quote(place)
        self.depth -= 1
        del self.found[mark:]
        self._unclosed(at)
        return at + 1

    def _ansi(self, at: int) -> int:
        text, end = self.text, self.end
        place = at + 2
        if self._hopeless(at):
            return at + 1
        while place < end:
            match = _ANSI_PLAIN.match(text, place, end)
            if match:
                place = match.end()
                if place >= end:
                    break
            if text[place] == "'":
                return place + 1
            place += 2
        self._unclosed(at)
        return at + 1

    def backticks(self, at: int) -> int:
        """Return the end of the old-style substitution at `at`; an unclosed one is one character."""
        if at in self.ends:
            return self.ends[at]
        if self._hopeless(at):
            return at + 1
        text, end = self.text, self.end
        place = at + 1
        escaped = False
        while place < end:
            match = _BACKTICK_PLAIN.match(text, place, end)
            if match:
                place = match.end()
                if place >= end:
                    break
            if text[place] == "`":
                if escaped:
                    self.escaped[at] = (at + 1, place)
                else:
                    mark = len(self.found)
                    self.nested[at] = self.inner(at + 1, place)
                    del self.found[mark:]
                self.found.append(at)
                self.ends[at] = place + 1
                return place + 1
            escaped = True
            place += 2
        self._unclosed(at)
        return at + 1

    def heredocs(self, at: int) -> int:
        """Skip the bodies of the pending heredocs, which begin at `at`; return the place after.

        Substitutions in bodies that the shell expands are read.
        """
        pending, self.pending = self.pending, []
        for delimiter, quoted, tabs in pending:
            start = at
            while at < self.end:
                stop = self.line_end(at)
                line = self.text[at:stop]
                if line.endswith("\r"):
                    line = line[:-1]
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break
                at = stop + 1
            body_end = min(at, self.end)
            if not quoted:
                self._expanded(start, body_end)
            at = min(self.line_end(at) + 1, self.end) if at < self.end else self.end
        return at

    def _expanded(self, start: int, end: int) -> None:
        """Read the substitutions of a heredoc's body."""
        keep, self.end = self.end, end
        place = start
        while place < end:
            match = _ACTIVE.search(self.text, place, end)
            if not match:
                break
            place = match.start()
            if match[0] == "\\":
                place += 2
            elif match[0] == "`":
                place = self.backticks(place)
            else:
                place = self.dollar(place, quoted=True)
        self.end = keep
