"""YAML tokens as go-yaml v4 scans them, for texts that libyaml 0.1 refuses.

The grammar is libyaml's, with what go-yaml changed: a plain scalar in flow context may hold ':' and
'?', an anchor any ASCII sign but ':' and brackets, a key may be longer than 1,024 characters, DEL and
the C1 controls are text (go-yaml v4: internal/libyaml/scanner.go). ruamel.yaml's own pure reader
follows YAML 1.2 instead, and takes five to ten times as long.
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum, auto
from typing import NamedTuple

from volint.parse.yaml_error import YamlSyntaxError

__all__ = ["Scanner", "Token", "TokenKind"]


class TokenKind(Enum):
    """What a token is."""

    STREAM_END = auto()
    VERSION = auto()
    TAG_DIRECTIVE = auto()
    DOCUMENT_START = auto()
    DOCUMENT_END = auto()
    BLOCK_SEQUENCE_START = auto()
    BLOCK_MAPPING_START = auto()
    BLOCK_END = auto()
    SEQUENCE_START = auto()
    SEQUENCE_END = auto()
    MAPPING_START = auto()
    MAPPING_END = auto()
    BLOCK_ENTRY = auto()
    FLOW_ENTRY = auto()
    KEY = auto()
    VALUE = auto()
    ALIAS = auto()
    ANCHOR = auto()
    TAG = auto()
    SCALAR = auto()


class Token(NamedTuple):
    """One token of the text."""

    kind: TokenKind
    """What it is."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset after its last character."""
    value: str = ""
    """A scalar's value, a name, a tag's or directive's handle."""
    extra: str = ""
    """A scalar's style, a tag's suffix, a directive's prefix."""


class _Key(NamedTuple):
    """Where a key without '?' may have begun."""

    number: int
    start: int
    line: int
    column: int
    required: bool


_BREAKS = "\r\n\x85\u2028\u2029"
_BLANKS = f" \t{_BREAKS}"
_BREAK = re.compile(f"\r\n|[{_BREAKS}]")
_REST = re.compile(f"[^{_BREAKS}]*")
_SPACES = re.compile(" *")
_BLANK = re.compile("[ \t]*")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKER = re.compile(rf"(?:---|\.\.\.)(?=[{_BLANKS}]|\Z)")
_BLOCK_WORD = rf"(?:[^{_BLANKS}:]|:(?![{_BLANKS}]|\Z))+"
_FLOW_WORD = rf"(?:[^{_BLANKS}:?,\[\]{{}}]|:(?![{_BLANKS},\]}}]|\Z)|\?(?![{_BLANKS}]|\Z))+"
_BLOCK_PLAIN = re.compile(rf"{_BLOCK_WORD}(?:[ \t]+(?!#){_BLOCK_WORD})*")
_FLOW_PLAIN = re.compile(rf"{_FLOW_WORD}(?:[ \t]+(?!#){_FLOW_WORD})*")
_SINGLE = re.compile(rf"(?:[^'{_BREAKS}]|'')*")
_DOUBLE = re.compile(rf'(?:[^"\\{_BREAKS}]|\\[^{_BREAKS}])*')
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_HEADER = re.compile(r"[|>](?:([-+])([0-9])?|([0-9])([-+])?)?[ \t]*")
_NAME = re.compile("[^\x00-\x20:,\\[\\]{}\x7f-\U0010ffff]+")
_URI = re.compile(r"[-\w;/?:@&=+$.!~*'()%]*", re.ASCII)
_VERBATIM = re.compile(r"[-\w;/?:@&=+$.!~*'()%,\[\]{}]*", re.ASCII)
_HANDLE = re.compile(r"![-\w]*!?", re.ASCII)
_OCTETS = re.compile("(?:%[0-9a-fA-F]{2})+")
_DIRECTIVE = re.compile(r"%([-\w]*)[ \t]*", re.ASCII)
_VERSION = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})", re.ASCII)

_QUOTE = "quote the value if it is meant as text"


class Scanner:
    """Scans a text token by token; `peek` and `take` raise YamlSyntaxError."""

    def __init__(self, text: str) -> None:
        control = _CONTROL.search(text)
        if control is not None:
            raise YamlSyntaxError(
                f"The control character U+{ord(control.group()):04X} is not allowed in YAML",
                control.start(),
                control.end(),
                f'write it as "\\u{ord(control.group()):04x}" in double quotes, or remove it',
            )
        self._text = text
        self._size = len(text)
        self._at = 0
        self._line = 0
        self._queue: deque[Token] = deque()
        self._taken = 0
        self._last: TokenKind | None = None
        self._indent = -1
        self._indents: list[int] = []
        # A key may have begun, by flow level; the block context is level 0.
        self._keys: list[_Key | None] = [None]
        self._key_allowed = True
        self._done = False

    def peek(self) -> Token:
        """Return the next token and leave it there."""
        while self._needs_more():
            self._fetch()
        return self._queue[0]

    def take(self) -> Token:
        """Return the next token and go past it."""
        token = self.peek()
        if token.kind is not TokenKind.STREAM_END:
            self._queue.popleft()
            self._taken += 1
        return token

    def _needs_more(self) -> bool:
        if not self._queue:
            return True
        if self._done:
            return False
        # The next token may turn out to be a key, which is known only at its ':'.
        for key in self._keys:
            if key is not None and key.line == self._line:
                return key.number == self._taken
        return False

    def _put(self, kind: TokenKind, start: int, end: int, value: str = "", extra: str = "") -> None:
        self._queue.append(Token(kind, start, end, value, extra))
        self._last = kind

    def _blank_at(self, at: int) -> bool:
        return at >= self._size or self._text[at] in _BLANKS

    def _skip_break(self, at: int) -> int | None:
        """Go past a line break at `at` to the beginning of a new line; None if there is none."""
        match = _BREAK.match(self._text, at)
        if match is None:
            return None
        self._at = self._line = match.end()
        return self._at

    def _to_next_token(self) -> None:
        text = self._text
        while True:
            tabs = len(self._keys) > 1 or not self._key_allowed
            self._at = _after(_BLANK if tabs else _SPACES, text, self._at)
            if text.startswith("#", self._at):
                self._at = _after(_REST, text, self._at)
            if self._skip_break(self._at) is None:
                return
            if len(self._keys) == 1:
                self._key_allowed = True

    def _fetch(self) -> None:
        """Scan one more token."""
        self._to_next_token()
        text, at = self._text, self._at
        column = at - self._line
        self._unroll(column)
        if at >= self._size:
            self._unroll(-1)
            self._drop_key()
            self._done = True
            self._put(TokenKind.STREAM_END, at, at)
            return
        sign = text[at]
        if column == 0:
            if sign == "%":
                self._directive()
                return
            if sign in "-." and _MARKER.match(text, at):
                self._unroll(-1)
                self._drop_key()
                self._key_allowed = False
                self._at = at + 3
                start = sign == "-"
                self._put(TokenKind.DOCUMENT_START if start else TokenKind.DOCUMENT_END, at, at + 3)
                return
        flow = len(self._keys) > 1
        blank_follows = self._blank_at(at + 1)
        if sign in "[{":
            self._save_key()
            self._keys.append(None)
            self._key_allowed = True
            self._single(TokenKind.SEQUENCE_START if sign == "[" else TokenKind.MAPPING_START)
        elif sign in "]}":
            self._drop_key()
            if flow:
                self._keys.pop()
            self._key_allowed = False
            self._single(TokenKind.SEQUENCE_END if sign == "]" else TokenKind.MAPPING_END)
        elif sign == ",":
            self._drop_key()
            self._key_allowed = True
            self._single(TokenKind.FLOW_ENTRY)
        elif sign == "-" and blank_follows:
            self._block_entry(flow)
        elif sign == "?" and blank_follows:
            if not flow:
                self._begin_block(TokenKind.BLOCK_MAPPING_START, "a key")
            self._drop_key()
            self._key_allowed = not flow
            self._single(TokenKind.KEY)
        elif sign == ":" and (
            blank_follows
            or (flow and self._last not in (TokenKind.FLOW_ENTRY, TokenKind.SEQUENCE_START))
        ):
            self._value(flow)
        elif sign in "*&":
            self._save_key()
            self._key_allowed = False
            self._anchor(TokenKind.ALIAS if sign == "*" else TokenKind.ANCHOR)
        elif sign == "!":
            self._save_key()
            self._key_allowed = False
            self._tag()
        elif sign in "|>" and not flow:
            self._drop_key()
            self._key_allowed = True
            self._block_scalar()
        elif sign in "'\"":
            self._save_key()
            self._key_allowed = False
            self._quoted(sign)
        elif sign in "-?:" or sign not in "#|>%@`" + _BLANKS:
            self._save_key()
            self._key_allowed = False
            self._plain(flow)
        elif sign == "\t":
            raise YamlSyntaxError(
                "A tab is used for indentation", at, at + 1, "YAML is indented with spaces only"
            )
        else:
            raise YamlSyntaxError(f"A plain value cannot begin with '{sign}'", at, at + 1, _QUOTE)

    def _single(self, kind: TokenKind) -> None:
        self._put(kind, self._at, self._at + 1)
        self._at += 1

    # Keys and indentation

    def _save_key(self) -> None:
        """Remember that a key may begin here."""
        if not self._key_allowed:
            return
        column = self._at - self._line
        self._drop_key()
        self._keys[-1] = _Key(
            self._taken + len(self._queue),
            self._at,
            self._line,
            column,
            len(self._keys) == 1 and self._indent == column,
        )

    def _drop_key(self) -> None:
        """Forget a possible key; at the indentation of a mapping it had to be one."""
        key = self._keys[-1]
        if key is not None and key.required:
            end = self._text.find("\n", key.start)
            end = self._size if end < 0 else end
            shown = self._text[key.start : end].split("#")[0].rstrip()
            raise YamlSyntaxError(
                f"'{shown[:60]}' stands where a key is expected, and no ':' follows it",
                key.start,
                key.start + len(shown),
                "write 'key: value', or indent it if it continues the line above",
            )
        self._keys[-1] = None

    def _roll(self, column: int, kind: TokenKind, start: int, number: int | None) -> None:
        """Begin a block collection where its first entry is indented deeper than before."""
        if len(self._keys) > 1 or self._indent >= column:
            return
        self._indents.append(self._indent)
        self._indent = column
        if number is None:
            self._put(kind, start, start)
        else:
            self._queue.insert(number - self._taken, Token(kind, start, start))

    def _unroll(self, column: int) -> None:
        """End the block collections that are indented deeper than `column`."""
        if len(self._keys) > 1:
            return
        while self._indent > column:
            self._put(TokenKind.BLOCK_END, self._at, self._at)
            self._indent = self._indents.pop()

    def _begin_block(self, kind: TokenKind, what: str) -> None:
        if not self._key_allowed:
            raise YamlSyntaxError(
                f"{what[0].upper()}{what[1:]} cannot begin here, after other content of the line",
                self._at,
                self._at + 1,
                f"begin a new line for it, or {_QUOTE}",
            )
        self._roll(self._at - self._line, kind, self._at, None)

    def _block_entry(self, flow: bool) -> None:
        if not flow:
            self._begin_block(TokenKind.BLOCK_SEQUENCE_START, "a list item")
        self._drop_key()
        self._key_allowed = True
        self._single(TokenKind.BLOCK_ENTRY)

    def _value(self, flow: bool) -> None:
        key = self._keys[-1]
        if key is not None and key.line == self._line:
            self._queue.insert(key.number - self._taken, Token(TokenKind.KEY, key.start, key.start))
            self._roll(key.column, TokenKind.BLOCK_MAPPING_START, key.start, key.number)
            self._keys[-1] = None
            self._key_allowed = False
        else:
            if not flow:
                if not self._key_allowed:
                    raise YamlSyntaxError(
                        "A ':' followed by a blank begins a nested mapping, which cannot stand here",
                        self._at,
                        self._at + 1,
                        _QUOTE,
                    )
                self._roll(self._at - self._line, TokenKind.BLOCK_MAPPING_START, self._at, None)
            self._key_allowed = not flow
        self._single(TokenKind.VALUE)

    # Directives, anchors, tags

    def _directive(self) -> None:
        self._unroll(-1)
        self._drop_key()
        self._key_allowed = False
        text, at = self._text, self._at
        match = _DIRECTIVE.match(text, at)
        assert match is not None
        name, position = match.group(1), match.end()
        if name == "YAML" and position > at + 5:
            version = _VERSION.match(text, position)
            if version is None:
                raise YamlSyntaxError(
                    "'%YAML' needs a version", at, position, "write '%YAML 1.1', or remove the line"
                )
            position = version.end()
            token = Token(TokenKind.VERSION, at, position, f"{int(version[1])}.{int(version[2])}")
        elif name == "TAG" and position > at + 4:
            handle = _HANDLE.match(text, position)
            prefix = None
            if handle is not None and (handle.group() == "!" or handle.group().endswith("!")):
                blank = _BLANK.match(text, handle.end())
                if blank is not None and blank.group():
                    prefix = _VERBATIM.match(text, blank.end())
            if handle is None or prefix is None or not prefix.group():
                raise YamlSyntaxError(
                    "'%TAG' needs a handle and a prefix", at, position, "remove the line"
                )
            position = prefix.end()
            uri = self._decode(prefix.group(), prefix.start())
            token = Token(TokenKind.TAG_DIRECTIVE, at, position, handle.group(), uri)
        else:
            raise YamlSyntaxError(
                f"'%{name}' is no directive of YAML 1.1",
                at,
                max(at + 1, at + 1 + len(name)),
                f"remove the line, or {_QUOTE}",
            )
        after = _after(_BLANK, text, position)
        if text.startswith("#", after):
            after = _after(_REST, text, after)
        if after < self._size and self._skip_break(after) is None:
            raise YamlSyntaxError(
                f"Something follows the directive '%{name}'", after, after + 1, "remove it"
            )
        self._at = max(self._at, after)
        self._queue.append(token)
        self._last = token.kind

    def _anchor(self, kind: TokenKind) -> None:
        at = self._at
        match = _NAME.match(self._text, at + 1)
        end = match.end() if match is not None else at + 1
        if match is None or not (self._blank_at(end) or self._text[end] in ":,]}"):
            what = "alias" if kind is TokenKind.ALIAS else "anchor"
            raise YamlSyntaxError(
                f"'{self._text[at : end + 1].strip()}' is no {what} name",
                at,
                end,
                f"use letters, digits, '-' and '_', or {_QUOTE}",
            )
        self._put(kind, at, end, match.group())
        self._at = end

    def _tag(self) -> None:
        text, at = self._text, self._at
        if text.startswith("<", at + 1):
            match = _VERBATIM.match(text, at + 2)
            assert match is not None
            handle, suffix, end = "", self._decode(match.group(), at + 2), match.end()
            if not match.group() or not text.startswith(">", end):
                raise YamlSyntaxError("A verbatim tag has no '>'", at, end, "write '!<tag>'")
            end += 1
        else:
            found = _HANDLE.match(text, at)
            assert found is not None
            handle = found.group()
            named = len(handle) > 1 and handle.endswith("!")
            match = _URI.match(text, found.end())
            assert match is not None
            suffix, end = self._decode(match.group(), match.start()), match.end()
            if named and not suffix:
                raise YamlSyntaxError(f"The tag '{handle}' has no name", at, end, _QUOTE)
            if not named:
                handle, suffix = "!", handle[1:] + suffix
                if not suffix:
                    handle, suffix = "", "!"
        if not self._blank_at(end):
            raise YamlSyntaxError(
                f"'{text[end]}' cannot stand in a tag",
                end,
                end + 1,
                f"put a blank before it, or {_QUOTE}",
            )
        self._put(TokenKind.TAG, at, end, handle, suffix)
        self._at = end

    def _decode(self, uri: str, at: int) -> str:
        """Decode the percent signs of a tag."""
        if "%" not in uri:
            return uri
        try:
            decoded = _OCTETS.sub(
                lambda match: bytes.fromhex(match.group().replace("%", "")).decode(), uri
            )
        except UnicodeDecodeError:
            decoded = "%"
        if "%" in decoded and "%25" not in uri:
            raise YamlSyntaxError(
                "A '%' in a tag must be followed by two hexadecimal digits",
                at + uri.index("%"),
                at + uri.index("%") + 1,
                _QUOTE,
            )
        return decoded

    # Scalars

    def _lines(self, at: int, tabs_from: int) -> tuple[list[str], int]:
        """Go past blanks and line breaks; return the breaks and where content goes on."""
        breaks: list[str] = []
        text = self._text
        while True:
            end = _after(_BLANK, text, at)
            if breaks and tabs_from > 0:
                tab = text.find("\t", at, min(end, self._line + tabs_from))
                if tab >= 0:
                    raise YamlSyntaxError(
                        "A tab is used for indentation",
                        tab,
                        tab + 1,
                        "YAML is indented with spaces only",
                    )
            match = _BREAK.match(text, end)
            if match is None:
                return breaks, end
            breaks.append(match.group() if match.group() in "\u2028\u2029" else "\n")
            at = self._line = match.end()

    def _plain(self, flow: bool) -> None:
        text, start = self._text, self._at
        pattern = _FLOW_PLAIN if flow else _BLOCK_PLAIN
        indent = self._indent + 1
        match = pattern.match(text, start)
        if match is None:
            # In '[:]' the key is an empty plain scalar.
            self._put(TokenKind.SCALAR, start, start)
            return
        parts = [match.group()]
        end = match.end()
        while True:
            breaks, at = self._lines(end, indent)
            self._at = at
            if not breaks:
                break
            if (
                (not flow and at - self._line < indent)
                or (at == self._line and _MARKER.match(text, at))
                or text.startswith("#", at)
            ):
                self._key_allowed = True
                break
            match = pattern.match(text, at)
            if match is None:
                self._key_allowed = True
                break
            parts.append(_fold(breaks))
            parts.append(match.group())
            end = match.end()
        self._put(TokenKind.SCALAR, start, end, "".join(parts), "")

    def _quoted(self, quote: str) -> None:
        text, start = self._text, self._at
        pattern = _SINGLE if quote == "'" else _DOUBLE
        parts: list[str] = []
        at = start + 1
        while True:
            if at == self._line and _MARKER.match(text, at):
                raise YamlSyntaxError(
                    f"The document ends inside of a text in {quote}",
                    start,
                    start + 1,
                    f"close it with {quote}",
                )
            match = pattern.match(text, at)
            assert match is not None
            run, end = match.group(), match.end()
            if text.startswith(quote, end):
                parts.append(self._unescape(run, at, quote))
                break
            joined = text.startswith("\\", end) and _BREAK.match(text, end + 1) is not None
            if end >= self._size or not (joined or _BREAK.match(text, end)):
                raise YamlSyntaxError(
                    f"A text that begins with {quote} never ends",
                    start,
                    start + 1,
                    f"close it with {quote}",
                )
            if not joined:
                kept = run.rstrip(" \t")
                if len(kept) < len(run) and (len(kept) - len(kept.rstrip("\\"))) % 2:
                    kept = run[: len(kept) + 1]
                run = kept
            parts.append(self._unescape(run, at, quote))
            breaks, at = self._lines(end + 1 if joined else end, 0)
            parts.append("".join(breaks[1:]) if joined else _fold(breaks))
        self._at = end + 1
        self._put(TokenKind.SCALAR, start, end + 1, "".join(parts), quote)

    def _unescape(self, run: str, at: int, quote: str) -> str:
        if quote == "'":
            return run.replace("''", "'")
        if "\\" not in run:
            return run

        def replace(match: re.Match[str]) -> str:
            sign = match.group(4)
            if sign is None:
                code = int(match.group(match.lastindex or 0), 16)
                if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                    return chr(code)
                why = "names no character"
            elif sign in _ESCAPES:
                return _ESCAPES[sign]
            else:
                why = "is no escape of YAML"
            raise YamlSyntaxError(
                f"'{match.group()}' {why}",
                at + match.start(),
                at + match.end(),
                "write '\\\\' for a backslash, or use single quotes",
            )

        return _ESCAPE.sub(replace, run)

    def _block_scalar(self) -> None:
        text, start = self._text, self._at
        match = _HEADER.match(text, start)
        assert match is not None
        chomp = match[1] or match[4] or ""
        digit = match[2] or match[3]
        at = match.end()
        if text.startswith("#", at):
            at = _after(_REST, text, at)
        if digit == "0" or (at < self._size and _BREAK.match(text, at) is None):
            raise YamlSyntaxError(
                f"A text after '{text[start]}' begins on the next line",
                at,
                at + 1,
                f"begin a new line, or {_QUOTE}",
            )
        self._at = at
        self._skip_break(at)
        indent = max(self._indent, 0) + int(digit) if digit else None
        parts: list[str] = []
        indent, breaks = self._block_breaks(start, indent)
        leading, leading_blank = "", False
        end = self._at
        while self._at - self._line == indent and self._at < self._size:
            blank = text[self._at] in " \t"
            if text[start] == ">" and leading == "\n" and not leading_blank and not blank:
                if not breaks:
                    parts.append(" ")
            else:
                parts.append(leading)
            parts.append(breaks)
            leading_blank = blank
            rest = _REST.match(text, self._at)
            assert rest is not None
            parts.append(rest.group())
            end = self._at = rest.end()
            after = self._skip_break(end)
            leading = "" if after is None else _normal(text[after - 1])
            _, breaks = self._block_breaks(start, indent)
        if chomp != "-":
            parts.append(leading)
        if chomp == "+":
            parts.append(breaks)
        self._put(TokenKind.SCALAR, start, end, "".join(parts), text[start])

    def _block_breaks(self, start: int, indent: int | None) -> tuple[int, str]:
        """Go past indentation and empty lines; find the indentation out if it is not known."""
        text = self._text
        breaks: list[str] = []
        deepest = 0
        while True:
            end = _after(_SPACES, text, self._at)
            if indent is not None:
                end = min(end, max(self._at, self._line + indent))
            self._at = end
            column = end - self._line
            deepest = max(deepest, column)
            if text.startswith("\t", end) and (indent is None or column < indent):
                raise YamlSyntaxError(
                    "A tab is used for indentation",
                    end,
                    end + 1,
                    "YAML is indented with spaces only",
                )
            after = self._skip_break(end)
            if after is None:
                break
            breaks.append(_normal(text[after - 1]))
        if indent is None:
            indent = max(deepest, self._indent + 1)
        return indent, "".join(breaks)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return the offset after what a pattern matches at `at`."""
    match = pattern.match(text, at)
    return at if match is None else match.end()


def _normal(sign: str) -> str:
    """Return what a line break becomes in a value."""
    return sign if sign in "\u2028\u2029" else "\n"


def _fold(breaks: list[str]) -> str:
    """Return what line breaks inside of a scalar become: one is a blank, n are n - 1."""
    if breaks[0] != "\n":
        return "".join(breaks)
    return "".join(breaks[1:]) or " "
