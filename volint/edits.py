"""Edits that several rules' fixes are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import Mount, Syntax
from volint.rule import Edit
from volint.source import Span

if TYPE_CHECKING:
    from volint.source import Source, Text

__all__ = ["add_key", "read_only"]

_WRITABLE_FIELD = regex(r"(?:^|,)(?:readonly|ro)=(false|0)(?=,|$)")
_WRITABLE_KEY = regex(r"(?m)(?:^|[\s{,])read_only:[ \t]+(false)(?=[ \t]*(?:[,}#]|$))")
_ONE_STRING = (Syntax.SHORT, Syntax.V, Syntax.QUADLET_VOLUME)


def read_only_words(mount: Mount) -> str:
    """Return what to type to make a mount read-only, quoted, in the syntax it is written in."""
    if mount.syntax is Syntax.LONG:
        return "'read_only: true'"
    if mount.syntax in (Syntax.MOUNT, Syntax.QUADLET_MOUNT):
        return "',readonly'"
    return "',ro'" if mount.mode is not None and mount.mode.value != "rw" else "':ro'"


def read_only(mount: Mount) -> Edit | None:
    """Return the edit that makes a mount read-only in the syntax it is written in; None where it is not plain."""
    if mount.read_only or mount.donor is not None or mount.target.unresolved:
        return None
    if mount.mode is not None and mount.mode.unresolved:
        return None
    if mount.syntax in _ONE_STRING:
        return _one_string(mount)
    if mount.syntax in (Syntax.MOUNT, Syntax.QUADLET_MOUNT):
        spec = mount.spec
        if spec is None:
            return None
        if "readonly" in spec.value or ",ro" in spec.value:
            return _turned_on(spec.span, _WRITABLE_FIELD)
        return Edit(Span(spec.span.source, spec.span.end, spec.span.end), ",readonly")
    if not _is_anchored(mount) and "readonly" in _keys(mount.span.text()):
        return _turned_on(mount.span, _WRITABLE_KEY)
    return add_key(mount, "read_only", "true")


def _turned_on(span: Span, pattern: re.Pattern[str]) -> Edit | None:
    """Return the edit that makes 'true' of the one 'false' that a pattern finds; None where there is not one."""
    found = list(pattern.finditer(span.text()))
    if len(found) != 1:
        return None
    return Edit(
        Span(span.source, span.start + found[0].start(1), span.start + found[0].end(1)), "true"
    )


def _one_string(mount: Mount) -> Edit | None:
    spec = mount.spec
    if spec is None:
        return None
    if mount.mode is None and _ends_plainly(spec, mount.target):
        return Edit(Span(spec.span.source, spec.span.end, spec.span.end), ":ro")
    if spec.span.text() != spec.value or mount.mode is None:
        return None
    words = mount.mode.value.split(",")
    if "rw" in words:
        at = mount.mode.span.start + mount.mode.value.index("rw")
        if not ("," + mount.mode.value + ",").count(",rw,"):
            return None
        return Edit(Span(spec.span.source, at, at + 2), "ro")
    return Edit(Span(spec.span.source, mount.mode.span.end, mount.mode.span.end), ",ro")


def _ends_plainly(spec: Text, target: Text) -> bool:
    """Return whether a one-string form ends where its target does, whatever stands before."""
    return target.span.source is spec.span.source and target.span.end == spec.span.end


def add_key(mount: Mount, key: str, value: str, *, within: str = "") -> Edit | None:
    """Return the edit that adds a key to a mount in Compose's long syntax; None where its form is not plain.

    `within` is the mapping of the mount that the key belongs into ('tmpfs', 'bind', 'volume'); it may be missing.
    """
    source, start, end = mount.span
    text = source.text[start:end]
    bare = key.replace("_", "")
    if mount.syntax is not Syntax.LONG or bare in _keys(text) or _is_anchored(mount):
        return None
    if within and within in _keys(text):
        return _within(mount, f"{within}:", f"{key}: {value}")
    if text.startswith("{"):
        if not text.endswith("}") or ("\n" in text and "#" in text):
            return None
        at = start + len(text[:-1].rstrip())
        comma = "" if source.text[at - 1] == "," else ","
        entry = f"{within}: {{{key}: {value}}}" if within else f"{key}: {value}"
        return Edit(Span(source, at, at), f"{comma} {entry}")
    target = mount.target.span
    if target.source is not source or not start <= target.start <= end:
        return None
    after = source.line_span(source.position(target.end)[0])
    line = _line_break(source, after.end) + " " * (source.position(start)[1] - 1)
    entry = f"{line}{within}:{line}  {key}: {value}" if within else f"{line}{key}: {value}"
    return Edit(Span(source, after.end, after.end), entry)


def _is_anchored(mount: Mount) -> bool:
    """Return whether other services may take the same mapping by an alias."""
    source, start, end = mount.span
    line = source.line_span(source.position(start)[0])
    return "&" in source.text[line.start : start] or source.text.startswith("&", start, end)


def _keys(text: str) -> set[str]:
    """Return the words before colons, without underscores: a misspelled key counts as well."""
    return {word.replace("_", "").replace("-", "") for word in re.findall(r"([\w-]+)\s*:", text)}


def _within(mount: Mount, opening: str, entry: str) -> Edit | None:
    """Return the edit that adds a first entry to a mapping that is there."""
    source, start, end = mount.span
    at = source.text.index(opening, start) + len(opening)
    line = source.line_span(source.position(at)[0])
    rest = source.text[at : min(line.end, end)]
    if rest.lstrip().startswith("{"):
        at += rest.index("{") + 1
        is_empty = source.text[at:end].lstrip().startswith("}")
        return Edit(Span(source, at, at), entry if is_empty else f"{entry}, ")
    following = source.text[line.end : end].lstrip("\r\n")
    if rest.strip() or not following.startswith(" "):
        return None
    indent = following[: len(following) - len(following.lstrip(" "))]
    return Edit(Span(source, line.end, line.end), f"{_line_break(source, line.end)}{indent}{entry}")


def _line_break(source: Source, at: int) -> str:
    """Return the line break that ends a line, or those of the text where it is the last."""
    return "\r\n" if source.text.startswith("\r\n", at) or "\r\n" in source.text[:at] else "\n"
