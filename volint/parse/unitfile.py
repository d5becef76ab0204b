"""systemd unit files and Podman quadlets: sections, keys and values, and how systemd splits words.

After systemd.syntax(7) and systemd.service(5): a backslash at the end of a line continues it, comments
may stand in between, quotes enclose whole words, `%` begins a specifier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit, build
from volint.parse.derived import Derived
from volint.record import NamedTuple
from volint.source import Span, Text, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from volint.source import Source

__all__ = ["Entry", "Section", "assignments", "sections", "split", "value_word"]

_SECTION = regex(r"[ \t]*\[([^\]\n]*)\]")
_KEY = regex(r"[ \t]*([^=\s][^=\n]*?)[ \t]*=[ \t]*")
_SPECIFIER = regex(r"%(?:%|[^\W\d_])")
_VARIABLE = regex(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)|\$\$")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_CODE = regex(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{3})")


class Entry(NamedTuple):
    """One `Key=value`."""

    key: Text
    """The key."""
    value: Derived
    """The value: continued lines joined by a blank, comments between them left out."""


class Section(NamedTuple):
    """One `[Section]` and its entries in order."""

    name: str
    """Its name."""
    entries: tuple[Entry, ...]
    """Its entries."""
    span: Span
    """Its heading."""

    def values(self, name: str) -> list[Derived]:
        """Return the values of a list-valued key: an empty one forgets those before it."""
        found: list[Derived] = []
        for entry in self.entries:
            if entry.key.value == name:
                if not entry.value.value.strip():
                    found.clear()
                else:
                    found.append(entry.value)
        return found

    def last(self, name: str) -> Derived | None:
        """Return the value of a key whose last use counts."""
        found = self.values(name)
        return found[-1] if found else None


def sections(source: Source) -> list[Section]:
    """Return the sections of a unit file; what is no section or entry is passed over."""
    text = source.text
    found: list[Section] = []
    entries: list[Entry] = []
    at = 0
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        line = text[at:stop]
        heading = _SECTION.match(line)
        if line.lstrip().startswith(("#", ";")) or not line.strip():
            at = stop + 1
            continue
        if heading:
            entries = []
            span = Span(source, at + heading.start(1), at + heading.end(1))
            found.append(Section(heading[1].strip(), entries, span))  # type: ignore[arg-type]
            at = stop + 1
            continue
        key = _KEY.match(text, at, stop)
        start = key.end() if key else at
        bits, at = _value(text, start, stop)
        if key:
            name = Text(key[1], Span(source, key.start(1), key.end(1)))
            entries.append(Entry(name, Derived(source, bits)))
    return [section._replace(entries=tuple(section.entries)) for section in found]


def _value(text: str, start: int, stop: int) -> tuple[list[Bit], int]:
    """Read a value that may go on over several lines; return it and the place after it."""
    bits: list[Bit] = []
    while True:
        end = stop - 1 if text.startswith("\r", stop - 1) and stop > start else stop
        more = text.startswith("\\", end - 1) and end > start
        last = end - 1 if more else end
        if not more:
            last = start + len(text[start:last].rstrip())
        if last > start:
            bits.append(Bit(text[start:last], start, last))
        if not more or stop >= len(text):
            return bits, stop + 1
        bits.append(Bit(" ", last, min(stop + 1, len(text)), True))
        start = stop + 1
        while True:
            stop = text.find("\n", start)
            stop = len(text) if stop < 0 else stop
            if not text[start:stop].lstrip().startswith(("#", ";")) or stop >= len(text):
                break
            start = stop + 1


def value_word(value: Derived) -> Word:
    """Return a value that is one word, its specifiers unresolved."""
    marked = _specified(value)
    return build(value.source, marked.bits) if marked.bits else Word("", value.span())


def _specified(value: Derived) -> Derived:
    """Return a value with each specifier as a hole called by its whole text, '%h'; `%%` is a '%'."""
    bits: list[Bit] = []
    at = 0
    for match in _SPECIFIER.finditer(value.value):
        bits.extend(value.cut(at, match.start()))
        place = value.place(*match.span())
        escaped = match[0] == "%%"
        bits.append(Bit("%" if escaped else match[0], *place, escaped, "" if escaped else match[0]))
        at = match.end()
    if not at:
        return value
    return Derived(value.source, [*bits, *value.cut(at, len(value.value))])


def split(
    value: Derived, known: Mapping[str, str] | None = None, *, variables: bool = False
) -> list[Word]:
    """Return the words of a value; with `variables`, `$NAME` and `${NAME}` are expanded as in ExecStart,
    where `$$` is a '$'."""
    return [
        word
        for bits in _words(_specified(value))
        for word in _expanded(value.source, bits, known or {}, variables=variables)
    ]


def _words(value: Derived) -> Iterator[list[Bit]]:
    """Split at blanks outside of quotes and resolve escapes."""
    text = value.value
    holes = value.holes()
    at = 0
    word: list[Bit] | None = None
    quote = ""
    start = 0

    def flush(end: int) -> None:
        nonlocal word
        if word is not None and end > start:
            word.extend(value.cut(start, end))

    while at < len(text):
        char = text[at]
        if at in holes:
            word = [] if word is None else word
            at = holes[at][0]
            continue
        if not quote and char in " \t\n\r":
            flush(at)
            if word is not None:
                yield word
            word = None
            at += 1
            start = at
            continue
        if word is None:
            word = []
            start = at
        if char in "'\"" and (char == quote or not quote):
            flush(at)
            at += 1
            start = at
            quote = "" if quote else char
            if quote:
                word.extend(Bit("", *value.place(at, at), True) for _ in range(1))
        elif char == "\\" and at + 1 < len(text):
            flush(at)
            kept, stop = _escape(text, at + 1)
            word.append(Bit(kept, *value.place(at, stop), True))
            at = start = stop
        else:
            at += 1
    flush(len(text))
    if word is not None:
        yield word


def _escape(text: str, at: int) -> tuple[str, int]:
    match = _CODE.match(text, at)
    if match:
        digits = match[1] or match[2] or match[3]
        code = int(digits, 16) if digits else int(match[4], 8)
        return (
            chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        ), match.end()
    char = text[at]
    return _ESCAPES.get(char, char if char in "\\'\"" else "\\" + char), at + 1


def _expanded(
    source: Source, bits: list[Bit], known: Mapping[str, str], *, variables: bool
) -> Iterator[Word]:
    """Give the words that one becomes: `$NAME` alone is split, `${NAME}` is not."""
    if not bits:
        return
    if not variables:
        yield build(source, bits)
        return
    whole = "".join(bit.value for bit in bits)
    alone = _VARIABLE.fullmatch(whole)
    if alone and alone[2]:
        name = alone[2]
        if name in known:
            place = bits[0].start, bits[-1].end
            for text in known[name].split():
                yield build(source, [Bit(text, *place, True)])
        else:
            yield build(source, [bit._replace(unresolved=name, unquoted=True) for bit in bits[:1]])
        return
    found: list[Bit] = []
    for bit in bits:
        if bit.unresolved or bit.opaque:
            found.append(bit)
            continue
        at = 0
        for match in _VARIABLE.finditer(bit.value):
            name = match[1] or match[2]
            if match.start() > at:
                found.append(_part(bit, at, match.start()))
            piece = _part(bit, match.start(), match.end())
            if not name:
                found.append(piece._replace(value="$", opaque=True))
            elif name in known:
                found.append(piece._replace(value=known[name], opaque=True))
            else:
                found.append(piece._replace(unresolved=name))
            at = match.end()
        if at < len(bit.value):
            found.append(_part(bit, at, len(bit.value)))
    yield build(source, found or bits)


def _part(bit: Bit, start: int, end: int) -> Bit:
    return bit._replace(value=bit.value[start:end], start=bit.start + start, end=bit.start + end)


def assignments(values: list[Derived]) -> list[tuple[Text, Text, Word]]:
    """Return name, value and whole word of each assignment in the values of `Environment=`."""
    found = []
    for value in values:
        for word in split(value):
            name, equals, _ = word.value.partition("=")
            if equals:
                found.append((word.slice(0, len(name)), word.slice(len(name) + 1), word))
    return found
