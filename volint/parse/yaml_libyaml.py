"""libyaml's events, for every text that libyaml and go-yaml read alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from _ruamel_yaml import CParser
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

if TYPE_CHECKING:
    from volint.parse.yaml_events import Sink

__all__ = ["read"]

_PROPERTIES = re.compile(
    r"(?:(?:&[^\s,\[\]{}]+|!<[^>\s]*>|![^\s,\[\]{}]*)(?:\s|(?<=\s)#[^\r\n]*)*)+"
)
_BRACKET = re.compile(r"[,\[\]{}]")
_FLOW_KEY = re.compile(r"""(?:^|[\s\[{,]|["']:)\?\S""")


def read(text: str, sink: Sink) -> bool:
    """Send libyaml's events to `sink`; return False where go-yaml may read the text otherwise.

    What was sent before is of no use then. The sink's exceptions pass through.
    """
    # libyaml drops a byte order mark at the beginning of any line, knows '\\/', and takes every '?'
    # in flow context for that of a key.
    if "\ufeff" in text or "\\/" in text or ("?" in text and _FLOW_KEY.search(text)):
        return False
    try:
        get_event = CParser(text).get_event
        scalar, begin = sink.scalar, sink.begin
        kind: type[object] | None = None
        while True:
            event = get_event()
            before, kind = kind, event.__class__
            if kind is ScalarEvent:
                start = event.start_mark.index
                end = event.end_mark.index
                tag, anchor = event.tag, event.anchor
                if tag is not None or anchor is not None:
                    start = _after_properties(text, start, end, tag)
                style = event.style or ""
                if before is DocumentStartEvent and (style == "|" or style == ">"):
                    # As a whole document it need not be indented for go-yaml.
                    return False
                scalar(start, end, tag, anchor, event.value, style)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                start = event.start_mark.index
                tag, anchor = event.tag, event.anchor
                if tag is not None or anchor is not None:
                    start = _after_properties(text, start, len(text), tag)
                begin(kind is MappingStartEvent, start, tag, anchor)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                # A block collection ends at the next token, with an empty range.
                start, end = event.start_mark.index, event.end_mark.index
                sink.end(end if end > start else None)
            elif kind is AliasEvent:
                sink.alias(event.start_mark.index, event.end_mark.index, event.anchor)
            elif kind is DocumentStartEvent:
                if event.version not in (None, (1, 1)):
                    return False
                sink.begin_document(event.start_mark.index)
            elif kind is DocumentEndEvent:
                sink.end_document()
            elif kind is StreamEndEvent:
                return True
    except (YAMLError, UnicodeEncodeError):
        return False


def _after_properties(text: str, start: int, end: int, tag: str | None) -> int:
    """Return where the content of a node begins, after its anchor and tag."""
    match = _PROPERTIES.match(text, start, end)
    if match is None or (tag is not None and _BRACKET.search(tag)):
        raise YAMLError("a tag or an anchor that go-yaml may read otherwise")
    return match.end()
