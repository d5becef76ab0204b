"""Edits that several rules' fixes are made of."""

from __future__ import annotations

from volint.model import Mount, Syntax
from volint.rule import Edit
from volint.source import Span

__all__ = ["read_only"]

_ONE_STRING = (Syntax.SHORT, Syntax.V, Syntax.QUADLET_VOLUME)


def read_only(mount: Mount) -> Edit | None:
    """Return the edit that makes a mount read-only in the syntax it is written in; None where it is not plain."""
    if mount.read_only or mount.donor is not None or mount.unresolved:
        return None
    if mount.syntax in _ONE_STRING:
        return _one_string(mount)
    if mount.syntax in (Syntax.MOUNT, Syntax.QUADLET_MOUNT):
        spec = mount.spec
        if spec is None or "readonly" in spec.value or ",ro" in spec.value:
            return None
        return Edit(Span(spec.span.source, spec.span.end, spec.span.end), ",readonly")
    if mount.syntax is Syntax.LONG:
        return _mapping(mount)
    return None


def _one_string(mount: Mount) -> Edit | None:
    spec = mount.spec
    if spec is None or spec.span.text() != spec.value:
        return None
    if mount.mode is None:
        return Edit(Span(spec.span.source, spec.span.end, spec.span.end), ":ro")
    words = mount.mode.value.split(",")
    if "rw" in words:
        at = mount.mode.span.start + mount.mode.value.index("rw")
        if not ("," + mount.mode.value + ",").count(",rw,"):
            return None
        return Edit(Span(spec.span.source, at, at + 2), "ro")
    return Edit(Span(spec.span.source, mount.mode.span.end, mount.mode.span.end), ",ro")


def _mapping(mount: Mount) -> Edit | None:
    source, start, end = mount.span
    text = source.text[start:end]
    if "read_only" in text or "readonly" in text or "&" in text or "<<" in text:
        return None
    if text.startswith("{"):
        if not text.endswith("}"):
            return None
        return Edit(Span(source, end - 1, end - 1), ", read_only: true")
    column = source.position(start)[1]
    target = mount.target.span
    if target.source is not source or not start <= target.start <= end:
        return None
    after = source.line_span(source.position(target.end)[0])
    newline = "\r\n" if source.text[after.end : after.end + 2] == "\r\n" else "\n"
    indent = " " * (column - 1)
    return Edit(Span(source, after.end, after.end), f"{newline}{indent}read_only: true")
