"""YAML tokens into the events that nodes are built from (libyaml's grammar)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from volint.parse.yaml_error import YamlSyntaxError
from volint.parse.yaml_tokens import Scanner, Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Sink", "read"]

_K = TokenKind
_CORE_TAGS = "tag:yaml.org,2002:"


class Sink(Protocol):
    """What receives the events; offsets are those of the content, after anchor and tag."""

    def scalar(
        self, start: int, end: int, tag: str | None, anchor: str | None, value: str, style: str
    ) -> None:
        """Receive a scalar."""

    def begin(self, is_mapping: bool, start: int, tag: str | None, anchor: str | None) -> None:
        """Receive the beginning of a collection."""

    def end(self, end: int | None) -> None:
        """Receive the end of a collection; None for a block one, which ends with its content."""

    def alias(self, start: int, end: int, name: str) -> None:
        """Receive an alias."""

    def begin_document(self, start: int) -> None:
        """Receive the beginning of a document."""

    def end_document(self) -> None:
        """Receive the end of a document."""


def read(text: str, sink: Sink) -> None:
    """Send the events of a text to `sink`. Raises YamlSyntaxError and what the sink raises."""
    _Parser(text, sink).run()


class _Parser:
    """A stack of states; each one reads some tokens, may push others, and pops itself."""

    def __init__(self, text: str, sink: Sink) -> None:
        scanner = Scanner(text)
        self._peek = scanner.peek
        self._take = scanner.take
        self._text = text
        self._sink = sink
        self._states: list[Callable[[], None]] = []
        self._starts: list[int] = []
        self._handles: dict[str, str] = {}

    def run(self) -> None:
        implicit = True
        while True:
            while self._peek().kind is _K.DOCUMENT_END:
                self._take()
            if self._peek().kind is _K.STREAM_END:
                return
            self._document(implicit)
            implicit = False

    def _document(self, implicit: bool) -> None:
        token = self._peek()
        explicit = token.kind in (_K.VERSION, _K.TAG_DIRECTIVE, _K.DOCUMENT_START)
        if explicit or not implicit:
            self._directives()
            mark = self._peek()
            if mark.kind is not _K.DOCUMENT_START:
                raise YamlSyntaxError(
                    "The document is over here, but more content follows",
                    mark.start,
                    mark.end,
                    "indent it as the content before it, or begin a new document with '---'",
                )
            self._take()
        self._sink.begin_document(token.start)
        following = self._peek()
        if following.kind in (
            _K.VERSION,
            _K.TAG_DIRECTIVE,
            _K.DOCUMENT_START,
            _K.DOCUMENT_END,
            _K.STREAM_END,
        ):
            self._empty(following.start)
        else:
            self._node(block=True)
            states = self._states
            while states:
                states.pop()()
        if self._peek().kind is _K.DOCUMENT_END:
            self._take()
        self._handles.clear()
        self._sink.end_document()

    def _directives(self) -> None:
        version = False
        while self._peek().kind in (_K.VERSION, _K.TAG_DIRECTIVE):
            token = self._take()
            if token.kind is _K.TAG_DIRECTIVE:
                repeated = token.value in self._handles
                self._handles[token.value] = token.extra
            else:
                repeated = version
                version = True
                if token.value != "1.1":
                    raise YamlSyntaxError(
                        f"YAML version {token.value} is refused: only 1.1 may be declared",
                        token.start,
                        token.end,
                        "remove the '%YAML' line",
                    )
            if repeated:
                raise YamlSyntaxError(
                    "The directive is repeated", token.start, token.end, "remove one of the two"
                )

    def _empty(self, at: int) -> None:
        self._sink.scalar(at, at, None, None, "", "")

    # Nodes

    def _node(self, block: bool, indentless: bool = False) -> None:
        """Read a node; a collection pushes the state that reads its entries."""
        token = self._peek()
        if token.kind is _K.ALIAS:
            self._take()
            self._sink.alias(token.start, token.end, token.value)
            return
        tag: str | None = None
        anchor: str | None = None
        end = token.start
        while True:
            if token.kind is _K.ANCHOR and anchor is None:
                anchor = token.value
            elif token.kind is _K.TAG and tag is None:
                tag = self._tag(token)
            else:
                break
            end = token.end
            self._take()
            token = self._peek()
        kind, start = token.kind, token.start
        sink = self._sink
        if indentless and kind is _K.BLOCK_ENTRY:
            sink.begin(False, start, tag, anchor)
            self._states.append(self._indentless_entry)
        elif kind is _K.SCALAR:
            self._take()
            sink.scalar(start, token.end, tag, anchor, token.value, token.extra)
        elif kind is _K.SEQUENCE_START or kind is _K.MAPPING_START:
            self._take()
            mapping = kind is _K.MAPPING_START
            sink.begin(mapping, start, tag, anchor)
            self._starts.append(start)
            self._states.append(self._first_key if mapping else self._first_item)
        elif block and (kind is _K.BLOCK_SEQUENCE_START or kind is _K.BLOCK_MAPPING_START):
            self._take()
            mapping = kind is _K.BLOCK_MAPPING_START
            sink.begin(mapping, start, tag, anchor)
            self._starts.append(start)
            self._states.append(self._block_key if mapping else self._block_entry)
        elif tag is not None or anchor is not None:
            sink.scalar(end, end, tag, anchor, "", "")
        else:
            raise self._unexpected(token, "a value")

    def _tag(self, token: Token) -> str:
        """Return a tag as a reader would write it."""
        handle, suffix = token.value, token.extra
        if handle == "":
            name = suffix
        elif handle in self._handles:
            name = self._handles[handle] + suffix
        elif handle == "!":
            name = f"!{suffix}"
        elif handle == "!!":
            name = _CORE_TAGS + suffix
        else:
            raise YamlSyntaxError(
                f"The tag handle '{handle}' is not declared",
                token.start,
                token.end,
                f"declare it with '%TAG {handle} ...' above '---'",
            )
        return name

    def _unexpected(
        self, token: Token, expected: str, opened: int | None = None
    ) -> YamlSyntaxError:
        """Say what stands where something else is expected; a value is not quoted."""
        text, start, end = self._text, token.start, token.end
        if token.kind in (_K.STREAM_END, _K.BLOCK_END, _K.DOCUMENT_START, _K.DOCUMENT_END):
            content = len(text[:start].rstrip())
            over = token.kind is not _K.BLOCK_END
            found = f"the {'document' if over else 'block'} ends"
            if over or not text[start:].strip():
                start, end = max(0, content - 1), content
        elif token.kind is _K.SCALAR:
            found = "there is a value"
        else:
            found = f"there is '{text[start : start + 1]}'"
        return YamlSyntaxError(
            f"Expected {expected}, but {found}",
            start,
            max(end, start + 1),
            "check indentation, brackets and quotes; a value with one of ',[]{}' in it needs quotes",
            opened,
        )

    def _misplaced(self, token: Token) -> YamlSyntaxError:
        """Say that something stands where only a key of a block mapping can."""
        text, start = self._text, token.start
        line = text[:start].rpartition("\n")[2]
        if token.kind not in (_K.SCALAR, _K.KEY, _K.BLOCK_MAPPING_START) or line.strip():
            if token.kind is _K.SCALAR:
                return YamlSyntaxError(
                    "A value is over here, but more follows on the line",
                    start,
                    token.end,
                    "quote the value as a whole",
                )
            return self._unexpected(token, "a key or the end of the mapping")
        return YamlSyntaxError(
            "The line is indented like no key above it",
            start,
            max(token.end, start + 1),
            "indent it like the keys of the mapping it belongs to",
        )

    # Block collections

    def _block_entry(self) -> None:
        token = self._peek()
        if token.kind is _K.BLOCK_ENTRY:
            self._take()
            self._states.append(self._block_entry)
            if self._peek().kind in (_K.BLOCK_ENTRY, _K.BLOCK_END):
                self._empty(token.end)
            else:
                self._node(block=True)
        elif token.kind is _K.BLOCK_END:
            self._close()
        else:
            raise self._unexpected(token, "'-' or the end of the list")

    def _indentless_entry(self) -> None:
        token = self._peek()
        if token.kind is _K.BLOCK_ENTRY:
            self._take()
            self._states.append(self._indentless_entry)
            if self._peek().kind in (_K.BLOCK_ENTRY, _K.KEY, _K.VALUE, _K.BLOCK_END):
                self._empty(token.end)
            else:
                self._node(block=True)
        else:
            self._sink.end(None)

    def _block_key(self) -> None:
        token = self._peek()
        if token.kind is _K.KEY:
            self._take()
            self._states.append(self._block_value)
            if self._peek().kind in (_K.KEY, _K.VALUE, _K.BLOCK_END):
                self._empty(token.end)
            else:
                self._node(block=True, indentless=True)
        elif token.kind is _K.BLOCK_END:
            self._close()
        else:
            raise self._misplaced(token)

    def _block_value(self) -> None:
        token = self._peek()
        self._states.append(self._block_key)
        if token.kind is not _K.VALUE:
            self._empty(token.start)
            return
        self._take()
        if self._peek().kind in (_K.KEY, _K.VALUE, _K.BLOCK_END):
            self._empty(token.end)
        else:
            self._node(block=True, indentless=True)

    def _close(self) -> None:
        self._take()
        self._starts.pop()
        self._sink.end(None)

    # Flow collections

    def _first_item(self) -> None:
        self._sequence_entry(first=True)

    def _first_key(self) -> None:
        self._mapping_entry(first=True)

    def _sequence_entry(self, first: bool = False) -> None:
        token = self._peek()
        if not first and token.kind is not _K.SEQUENCE_END:
            token = self._comma("',' or ']'")
        if token.kind is _K.KEY:
            self._sink.begin(True, token.start, None, None)
            self._take()
            self._states.append(self._sequence_entry)
            following = self._peek()
            self._states.append(self._pair_value)
            if following.kind in (_K.VALUE, _K.FLOW_ENTRY, _K.SEQUENCE_END):
                # The token after an empty key is lost in libyaml and go-yaml alike.
                self._take()
                self._empty(following.end)
            else:
                self._node(block=False)
        elif token.kind is _K.SEQUENCE_END:
            self._take()
            self._starts.pop()
            self._sink.end(token.end)
        else:
            self._states.append(self._sequence_entry)
            self._node(block=False)

    def _pair_value(self) -> None:
        """Read the value of 'key: value' directly in a sequence."""
        token = self._peek()
        self._states.append(self._pair_end)
        if token.kind is _K.VALUE:
            self._take()
            if self._peek().kind not in (_K.FLOW_ENTRY, _K.SEQUENCE_END):
                self._node(block=False)
                return
        self._empty(self._peek().start)

    def _pair_end(self) -> None:
        self._sink.end(None)

    def _mapping_entry(self, first: bool = False) -> None:
        token = self._peek()
        if not first and token.kind is not _K.MAPPING_END:
            token = self._comma("',' or '}'")
        if token.kind is _K.KEY:
            self._take()
            self._states.append(self._mapping_value)
            following = self._peek()
            if following.kind in (_K.VALUE, _K.FLOW_ENTRY, _K.MAPPING_END):
                self._empty(following.start)
            else:
                self._node(block=False)
        elif token.kind is _K.MAPPING_END:
            self._take()
            self._starts.pop()
            self._sink.end(token.end)
        else:
            self._states.append(self._missing_value)
            self._node(block=False)

    def _mapping_value(self) -> None:
        token = self._peek()
        self._states.append(self._mapping_entry)
        if token.kind is _K.VALUE:
            self._take()
            if self._peek().kind not in (_K.FLOW_ENTRY, _K.MAPPING_END):
                self._node(block=False)
                return
        self._empty(self._peek().start)

    def _missing_value(self) -> None:
        """Give a null to a key without ':'."""
        self._states.append(self._mapping_entry)
        self._empty(self._peek().start)

    def _comma(self, expected: str) -> Token:
        token = self._peek()
        if token.kind is not _K.FLOW_ENTRY:
            raise self._unexpected(token, expected, self._starts[-1])
        self._take()
        return self._peek()
