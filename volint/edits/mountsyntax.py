"""Edits that write a mount of the short syntax in the long one: `-v` as `--mount`, a string as a mapping."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import MountKind, Syntax
from volint.rule import Edit
from volint.source import Kind, Span

if TYPE_CHECKING:
    from volint.model import Mount

__all__ = ["has_long_form", "long_form"]

_FLAG = regex(r"(?:-v|--volume)(?P<gap>[ \t]+|=)(?P<quote>[\"']?)$")
_FLOW_PLAIN = regex(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*")
_PLAIN = regex(r"(?:[\w./~$]|\$\{[\w:.?/+-]*\})[\w./~$@+-]*(?:\$\{[^{}\"'#]*\}[\w./~$@+-]*)*")
_FOLDER = regex(r"\$\{?(?:PWD|HOME)\b|\$\(pwd\)|\$[^/]*/")
_MODE = frozenset(
    (
        *("ro", "rw", "z", "Z", "nocopy", "consistent", "cached", "delegated"),
        *("private", "rprivate", "slave", "rslave", "shared", "rshared"),
    )
)
_SHORT_ONLY = frozenset(("selinux", "driver"))
_SCRIPTS = frozenset((Kind.SHELL, Kind.MAKEFILE, Kind.JUSTFILE, Kind.MARKDOWN))


def has_long_form(mount: Mount) -> bool:
    """Return whether a mount is written in short syntax and the long one can say the same."""
    if mount.donor is not None or mount.kind not in (MountKind.BIND, MountKind.VOLUME):
        return False
    mode = mount.mode
    if mode is not None and (mode.unresolved or not _MODE.issuperset(mode.value.split(","))):
        return False
    if mount.syntax is Syntax.SHORT:
        return True
    # --mount has no word for SELinux labels, and --volume-driver does not concern it.
    return mount.syntax is Syntax.V and not _SHORT_ONLY & mount.options.keys()


def long_form(mount: Mount) -> Edit | None:
    """Return the edit that writes a mount in long syntax; None where its text is not plain enough."""
    spec = mount.spec
    if spec is None or not has_long_form(mount) or "consistency" in mount.options:
        return None
    if spec.span.text() != spec.value:
        return None  # escapes, or a default in force whose expansion would be lost
    source = mount.source
    if source is not None and source.value[:1] == "$" and not _FOLDER.match(source.value):
        return None  # a path or a name: only the variable knows
    if mount.syntax is Syntax.V:
        return _flag(mount, spec.span)
    return _mapping(mount, spec.span)


def _flag(mount: Mount, span: Span) -> Edit | None:
    source, start, end = span
    text = source.text
    line = source.line_span(source.position(start)[0])
    before = _FLAG.search(text, line.start, start) if source.kind in _SCRIPTS else None
    if before is None or "," in span.text() or "\n" in span.text():
        return None
    quote = before["quote"]
    if quote and text[end : end + 1] != quote:
        return None
    fields = [f"type={mount.kind.value}"]
    if mount.source is not None:
        if mount.tilde:
            return None
        fields.append(f"source={mount.source.span.text()}")
    target = mount.target.span.text()
    if posixpath.normpath(target) != target or target.startswith("//"):
        return None  # -v and --mount do not clean it alike
    if line.text().count(f":{target}") > 1:
        return None  # of several on one target it may be another that counts
    fields.append(f"target={target}")
    if mount.read_only:
        fields.append("readonly")
    if "propagation" in mount.options:
        if mount.options["propagation"].span.text() != mount.options["propagation"].value:
            return None  # set by the Engine, not written
        fields.append(f"bind-propagation={mount.options['propagation'].value}")
    if "nocopy" in mount.options:
        fields.append("volume-nocopy")
    value = ",".join(fields)
    if any(character in value for character in " \t\"'`\\"):
        return None
    quote = quote or ('"' if mount.unquoted or "$" in value else "")
    return Edit(
        Span(source, before.start(), end + len(before["quote"])), f"--mount {quote}{value}{quote}"
    )


def _mapping(mount: Mount, span: Span) -> Edit | None:
    source, start, end = span
    text = source.text
    quoted = text[start - 1 : start] in ("'", '"') and text[end : end + 1] == text[start - 1]
    if quoted:
        start, end = start - 1, end + 1
    line = source.line_span(source.position(start)[0])
    indent = text[line.start : start]
    in_flow = text[:start].rstrip()[-1:] in ("[", ",") and text[end:].lstrip()[:1] in ("]", ",")
    if (indent.strip() != "-" and not in_flow) or "\t" in indent or "\n" in span.text():
        return None
    entries = [("type", mount.kind.value)]
    for name, value in (("source", mount.source), ("target", mount.target)):
        if value is not None:
            written = value.span.text()
            if not written or '"' in written or "'" in written or "\\" in written:
                return None
            plain = _FLOW_PLAIN if in_flow else _PLAIN
            entries.append((name, written if plain.fullmatch(written) else f'"{written}"'))
    if mount.read_only:
        entries.append(("read_only", "true"))
    pad = " " * len(indent)
    newline = source.line_break(line.end)
    lines = [f"{name}: {value}" for name, value in entries]
    bind = [
        f"{name}: {mount.options[name].value}"
        for name in ("propagation", "selinux")
        if name in mount.options
    ]
    if in_flow:
        if mount.kind is MountKind.BIND:
            lines.append(f"bind: {{{', '.join(('create_host_path: true', *bind))}}}")
        elif bind:
            return None
        if "nocopy" in mount.options:
            lines.append("volume: {nocopy: true}")
        return Edit(Span(source, start, end), f"{{{', '.join(lines)}}}")
    if mount.kind is MountKind.BIND:
        lines += ["bind:", *(f"  {entry}" for entry in ("create_host_path: true", *bind))]
    elif bind:
        return None
    if "nocopy" in mount.options:
        lines += ["volume:", "  nocopy: true"]
    return Edit(Span(source, start, end), f"{newline}{pad}".join(lines))
