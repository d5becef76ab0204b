"""YAML tokens as go-yaml v4 scans them, for texts that libyaml 0.1 refuses.

The grammar is libyaml's, with what go-yaml changed: a plain scalar in flow context may hold ':' and
'?', an anchor any ASCII sign but ':' and brackets, a key may be longer than 1,024 characters, DEL and
the C1 controls are text (go-yaml v4: internal/libyaml/scanner.go). ruamel.yaml's own pure reader
follows YAML 1.2 instead, and takes five to ten times as long.
"""

from __future__ import annotations

import re
from collections import deque

from volint.lazy import regex
from volint.parse.yaml_error import YamlSyntaxError
from volint.parse.yaml_scan import (
    BLANK,
    BLANKS,
    BREAK,
    MARKER,
    QUOTE_IT,
    REST,
    Scan,
    after,
    block,
    plain,
    quoted,
)

__all__ = ["Scanner", "Token", "TokenKind"]


class TokenKind:
    """What a token is: plain numbers, as an Enum would cost a small file's time to define."""

    STREAM_END = 0
    VERSION = 1
    TAG_DIRECTIVE = 2
    DOCUMENT_START = 3
    DOCUMENT_END = 4
    BLOCK_SEQUENCE_START = 5
    BLOCK_MAPPING_START = 6
    BLOCK_END = 7
    SEQUENCE_START = 8
    SEQUENCE_END = 9
    MAPPING_START = 10
    MAPPING_END = 11
    BLOCK_ENTRY = 12
    FLOW_ENTRY = 13
    KEY = 14
    VALUE = 15
    ALIAS = 16
    ANCHOR = 17
    TAG = 18
    SCALAR = 19


class Token:
    """One token of the text."""

    __slots__ = ("end", "extra", "kind", "start", "value")

    def __init__(self, kind: int, start: int, end: int, value: str = "", extra: str = "") -> None:
        self.kind = kind
        """One of TokenKind."""
        self.start = start
        """Offset of its first character."""
        self.end = end
        """Offset after its last character."""
        self.value = value
        """A scalar's value, a name, a tag's or directive's handle."""
        self.extra = extra
        """A scalar's style, a tag's suffix, a directive's prefix."""


class _Key:
    """Where a key without '?' may have begun."""

    __slots__ = ("column", "line", "number", "required", "start")

    def __init__(self, number: int, start: int, line: int, column: int, required: bool) -> None:
        self.number = number
        self.start = start
        self.line = line
        self.column = column
        self.required = required


_CONTROLS = (
    regex("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"),
    regex("[\x00-\x08\x0b\x0c\x0e-\x1f]"),
)
"""For any text, and for ASCII."""
_SPACES = regex(" *")
# Each is compiled where it is needed, which is seldom.
_NAME = r"[!-+\-./0-9;-Z\\^-z|~]+"
_URI = r"[-\w;/?:@&=+$.!~*'()%]*"
_VERBATIM = r"[-\w;/?:@&=+$.!~*'()%,\[\]{}]*"
_HANDLE = r"![-\w]*!?"
_OCTETS = r"(?:%[0-9a-fA-F]{2})+"
_DIRECTIVE = r"%([-\w]*)[ \t]*"
_VERSION = r"([0-9]{1,2})\.([0-9]{1,2})"


def _match(pattern: str, text: str, at: int) -> re.Match[str] | None:
    return re.compile(pattern, re.ASCII).match(text, at)


class Scanner:
    """Scans a text token by token; `peek` and `take` raise YamlSyntaxError."""

    def __init__(self, text: str) -> None:
        control = _CONTROLS[text.isascii()].search(text)
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
        self._last: int | None = None
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

    def _put(self, kind: int, start: int, end: int, value: str = "", extra: str = "") -> None:
        self._queue.append(Token(kind, start, end, value, extra))
        self._last = kind

    def _blank_at(self, at: int) -> bool:
        return at >= self._size or self._text[at] in BLANKS

    def _skip_break(self, at: int) -> int | None:
        """Go past a line break at `at` to the beginning of a new line; None if there is none."""
        match = BREAK.match(self._text, at)
        if match is None:
            return None
        self._at = self._line = match.end()
        return self._at

    def _to_next_token(self) -> None:
        text = self._text
        while True:
            tabs = len(self._keys) > 1 or not self._key_allowed
            self._at = after(BLANK if tabs else _SPACES, text, self._at)
            if text.startswith("#", self._at):
                self._at = after(REST, text, self._at)
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
            if sign in "-." and MARKER.match(text, at):
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
            self._scalar(block(text, at, self._indent), sign)
            self._key_allowed = True
        elif sign in "'\"":
            self._save_key()
            self._key_allowed = False
            self._scalar(quoted(text, at, self._line), sign)
        elif sign in "-?:" or sign not in "#|>%@`" + BLANKS:
            self._save_key()
            scan = plain(text, at, self._line, self._indent + 1, flow)
            self._key_allowed = scan.broken
            self._scalar(scan, "")
        elif sign == "\t":
            raise YamlSyntaxError(
                "A tab is used for indentation", at, at + 1, "YAML is indented with spaces only"
            )
        else:
            raise YamlSyntaxError(f"A plain value cannot begin with '{sign}'", at, at + 1, QUOTE_IT)

    def _scalar(self, scan: Scan, style: str) -> None:
        self._put(TokenKind.SCALAR, self._at, scan.end, scan.value, style)
        self._at, self._line = scan.at, scan.line

    def _single(self, kind: int) -> None:
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
            raise YamlSyntaxError(
                "A key is expected here, and no ':' follows it",
                key.start,
                after(REST, self._text, key.start),
                "write 'key: value', or indent it if it continues the line above",
            )
        self._keys[-1] = None

    def _roll(self, column: int, kind: int, start: int, number: int | None) -> None:
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

    def _begin_block(self, kind: int, what: str) -> None:
        if not self._key_allowed:
            raise YamlSyntaxError(
                f"{what[0].upper()}{what[1:]} cannot begin here, after other content of the line",
                self._at,
                self._at + 1,
                f"begin a new line for it, or {QUOTE_IT}",
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
                        QUOTE_IT,
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
        match = _match(_DIRECTIVE, text, at)
        assert match is not None
        name, position = match.group(1), match.end()
        if name == "YAML" and position > at + 5:
            version = _match(_VERSION, text, position)
            if version is None:
                raise YamlSyntaxError(
                    "'%YAML' needs a version", at, position, "write '%YAML 1.1', or remove the line"
                )
            position = version.end()
            token = Token(TokenKind.VERSION, at, position, f"{int(version[1])}.{int(version[2])}")
        elif name == "TAG" and position > at + 4:
            handle = _match(_HANDLE, text, position)
            prefix = None
            if handle is not None and (handle.group() == "!" or handle.group().endswith("!")):
                blank = BLANK.match(text, handle.end())
                if blank is not None and blank.group():
                    prefix = _match(_VERBATIM, text, blank.end())
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
                f"remove the line, or {QUOTE_IT}",
            )
        end = after(BLANK, text, position)
        if text.startswith("#", end):
            end = after(REST, text, end)
        if end < self._size and self._skip_break(end) is None:
            raise YamlSyntaxError(
                f"Something follows the directive '%{name}'", end, end + 1, "remove it"
            )
        self._at = max(self._at, end)
        self._queue.append(token)
        self._last = token.kind

    def _anchor(self, kind: int) -> None:
        at = self._at
        match = _match(_NAME, self._text, at + 1)
        end = match.end() if match is not None else at + 1
        if match is None or not (self._blank_at(end) or self._text[end] in ":,]}"):
            what = "alias" if kind is TokenKind.ALIAS else "anchor"
            raise YamlSyntaxError(
                f"'{self._text[at : end + 1].strip()}' is no {what} name",
                at,
                end,
                f"use letters, digits, '-' and '_', or {QUOTE_IT}",
            )
        self._put(kind, at, end, match.group())
        self._at = end

    def _tag(self) -> None:
        text, at = self._text, self._at
        if text.startswith("<", at + 1):
            match = _match(_VERBATIM, text, at + 2)
            assert match is not None
            handle, suffix, end = "", self._decode(match.group(), at + 2), match.end()
            if not match.group() or not text.startswith(">", end):
                raise YamlSyntaxError("A verbatim tag has no '>'", at, end, "write '!<tag>'")
            end += 1
        else:
            found = _match(_HANDLE, text, at)
            assert found is not None
            handle = found.group()
            named = len(handle) > 1 and handle.endswith("!")
            match = _match(_URI, text, found.end())
            assert match is not None
            suffix, end = self._decode(match.group(), match.start()), match.end()
            if named and not suffix:
                raise YamlSyntaxError(f"The tag '{handle}' has no name", at, end, QUOTE_IT)
            if not named:
                handle, suffix = "!", handle[1:] + suffix
                if not suffix:
                    handle, suffix = "", "!"
        if not self._blank_at(end):
            raise YamlSyntaxError(
                f"'{text[end]}' cannot stand in a tag",
                end,
                end + 1,
                f"put a blank before it, or {QUOTE_IT}",
            )
        self._put(TokenKind.TAG, at, end, handle, suffix)
        self._at = end

    def _decode(self, uri: str, at: int) -> str:
        """Decode the percent signs of a tag."""
        if "%" not in uri:
            return uri
        try:
            decoded = re.sub(
                _OCTETS, lambda match: bytes.fromhex(match.group().replace("%", "")).decode(), uri
            )
        except UnicodeDecodeError:
            decoded = "%"
        if "%" in decoded and "%25" not in uri:
            raise YamlSyntaxError(
                "A '%' in a tag must be followed by two hexadecimal digits",
                at + uri.index("%"),
                at + uri.index("%") + 1,
                QUOTE_IT,
            )
        return decoded
