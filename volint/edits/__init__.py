"""Edits that several rules' fixes are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.model import Mount, Syntax
from volint.rule import Edit
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from volint.source import Source, Text

__all__ = [
    "add_field",
    "add_key",
    "add_lines",
    "add_source",
    "add_tmpfs_option",
    "is_keyed",
    "is_object",
    "read_only",
]

_WRITABLE_FIELD = regex(r"(?:^|,)(?:readonly|ro)=(false|0)(?=,|$)")
_WRITABLE_KEY = regex(
    r"(?m)(?:^|[\s{,\"'])read_only[\"']?:[ \t]*[\"']?"
    r"(false|False|FALSE|no|No|NO|off|Off|OFF)(?=[\"']?[ \t]*(?:[,}#]|\r?$))"
)
_KEY = regex(r"([\w-]+)[\"']?\s*:")
_LAST_KEY = regex(r"(?P<around>[\"']?)(?P<name>[\w-]+)(?P=around)[ \t]*:[ \t]*(?P<quote>[\"']?)$")
_LINE_END = regex(r"[ \t]*(?P<comment>#[^\r\n]*)?(?:\r?\n|$)")
_COMMA = regex(r",\s*\Z")
_COMMA_BEHIND = regex(r"[ \t]*,[ \t]*")
_TARGET_KEY = regex(r"(?P<quote>[\"']?)target(?P=quote)[ \t]*:[ \t]*[\"']?$")
_JSON_PAIR = regex(r'\s*"(?P<key>\w+)"\s*:\s*(?:"(?P<value>[^"\\]*)"|true|false)\s*(?:,|(?=\s*\}))')
_FIRST_BELOW = regex(r"(?:\r?\n[ \t]*(?:#[^\n]*)?)*\n(?P<indent> +)[^\s#]")
_PASSED_ON = frozenset(("type", "source", "src", "target", "dst", "destination"))
_ONE_STRING = (Syntax.SHORT, Syntax.V, Syntax.QUADLET_VOLUME)
_KEYED = (
    Syntax.MOUNT,
    Syntax.QUADLET_MOUNT,
    Syntax.DEVCONTAINER_MOUNTS,
    Syntax.WORKSPACE_MOUNT,
)


def read_only_words(mount: Mount) -> str:
    """Return what to type to make a mount read-only, quoted, in the syntax it is written in."""
    if mount.syntax is Syntax.LONG:
        return "'read_only: true'"
    if mount.syntax in _KEYED:
        return "',readonly'" + (" to it as one string" if is_object(mount) else "")
    return "',ro'" if mount.mode is not None and mount.mode.value != "rw" else "':ro'"


def read_only(mount: Mount) -> Edit | None:
    """Return the edit that makes a mount read-only in the syntax it is written in; None where it is not plain."""
    if mount.read_only or mount.donor is not None or mount.target.unresolved:
        return None
    if mount.mode is not None and mount.mode.unresolved:
        return None
    if mount.syntax in _ONE_STRING:
        return _one_string(mount)
    if mount.syntax in _KEYED:
        spec = mount.spec
        if spec is not None and ("readonly" in spec.value or ",ro" in spec.value):
            return _turned_on(spec.span, _WRITABLE_FIELD)
        return add_field(mount, "readonly")
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
    if mount.mode is None or mount.mode.span.text() != mount.mode.value:
        return None
    if spec.span.source.text[mount.mode.span.start - 1] != ":":
        return None  # the default of a variable
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


def is_keyed(mount: Mount) -> bool:
    """Return whether a mount is written as `--mount` takes it, in fields with commas between."""
    return mount.syntax in _KEYED


def add_field(mount: Mount, field: str) -> Edit | None:
    """Return the edit that adds a field (`readonly`, `tmpfs-size=64m`) to a mount written as `--mount` takes it.

    A dev container's mount may be an object, of which Dev Containers pass on type, source and target alone
    (devcontainers/cli, generateMountCommand): it becomes a string. None where its form is not plain.
    """
    spec = mount.spec
    if spec is None or mount.syntax not in _KEYED:
        return None
    if not is_object(mount):
        return Edit(Span(spec.span.source, spec.span.end, spec.span.end), f",{field}")
    source = spec.span.source
    text = source.text
    start, end = text.rfind("{", 0, spec.span.start), text.find("}", spec.span.end)
    fields = []
    at = start + 1
    while (pair := _JSON_PAIR.match(text, at)) is not None:
        if pair["key"] in _PASSED_ON:
            fields.append(f"{pair['key']}={pair['value']}")
        at = pair.end()
    if start < 0 or text[at:end].strip() or any("," in each for each in fields):
        return None
    return Edit(Span(source, start, end + 1), f'"{",".join((*fields, field))}"')


def is_object(mount: Mount) -> bool:
    """Return whether a dev container's mount is a JSON object rather than a string."""
    return mount.syntax is Syntax.DEVCONTAINER_MOUNTS and '"' in mount.span.text()


def add_tmpfs_option(mount: Mount, key: str, value: str) -> Edit | None:
    """Return the edit that gives a tmpfs an option (`size`, `mode`) in the syntax it is written in."""
    if mount.syntax is Syntax.LONG:
        return add_key(mount, key, value, within="tmpfs")
    if mount.syntax in _KEYED:
        return add_field(mount, f"tmpfs-{key}={value}")
    spec = mount.spec
    if spec is None or spec.span.text() != spec.value or spec.value.count(":") > 1:
        return None
    separator = "," if ":" in spec.value else ":"
    return Edit(Span(spec.span.source, spec.span.end, spec.span.end), f"{separator}{key}={value}")


def add_source(mount: Mount, name: str) -> Edit | None:
    """Return the edit that adds a source before the target of a mapping; None where its form is not plain."""
    source, start, _ = mount.target.span
    line, _ = source.position(start)
    text = source.text[source.line_span(line).start : start]
    key = _TARGET_KEY.search(text)
    if key is None:
        return None
    quote = key["quote"]
    at = start - len(text) + key.start()
    lead = text[: key.start()]
    if lead.strip(" -") or mount.syntax is not Syntax.LONG or mount.span.text().startswith("{"):
        value = f'"{name}"' if quote == '"' else name
        return Edit(Span(source, at, at), f"{quote}source{quote}: {value}, ")
    newline = source.line_break(start)
    return Edit(Span(source, at, at), f"source: {name}{newline}{' ' * len(lead)}")


def add_lines(source: Source, lines: Iterable[str]) -> Edit:
    """Return the edit that adds lines at the end of a file."""
    text = source.text
    end = len(text)
    newline = source.line_break(end)
    lead = newline if text and not text.endswith("\n") else ""
    return Edit(Span(source, end, end), lead + "".join(f"{line}{newline}" for line in lines))


def add_key(mount: Mount, key: str, value: str, *, within: str = "") -> Edit | None:
    """Return the edit that adds a key to a mount in Compose's long syntax; None where its form is not plain.

    `within` is the mapping of the mount that the key belongs into ('tmpfs', 'bind', 'volume'); it may be missing.
    """
    source, start, end = mount.span
    text = source.text[start:end]
    bare = key.replace("_", "")
    if mount.syntax is not Syntax.LONG or bare in _keys(text) or _is_anchored(mount):
        return None
    in_braces = text.startswith("{")
    if in_braces and source.text.lstrip()[:1] == "{" and text[1:].lstrip()[:1] == '"':
        key, within = f'"{key}"', within and f'"{within}"'
        value = value if value in ("true", "false") else f'"{value}"'
    if within and within.strip('"') in _keys(text):
        return _within(mount, within.strip('"'), f"{key}: {value}")
    if in_braces:
        if not text.endswith("}"):
            return None
        entry = f"{within}: {{{key}: {value}}}" if within else f"{key}: {value}"
        if "\n" in text and "#" in text:
            # What looks like the end of an entry may be a comment's.
            gap = "" if text[1].isspace() else " "
            return Edit(Span(source, start + 1, start + 1), f"{entry},{gap}")
        at = start + len(text[:-1].rstrip())
        comma = "" if source.text[at - 1] == "," else ","
        return Edit(Span(source, at, at), f"{comma} {entry}")
    target = mount.target.span
    if target.source is not source or not start <= target.start <= end:
        return None
    after = source.line_span(source.position(target.end)[0])
    line = source.line_break(after.end) + " " * (source.position(start)[1] - 1)
    entry = f"{line}{within}:{line}  {key}: {value}" if within else f"{line}{key}: {value}"
    return Edit(Span(source, after.end, after.end), entry)


def remove_key(mount: Mount, name: str, value: Span) -> Edit | None:
    """Return the edit that takes a key with its value out of a mount in Compose's long syntax; a comment behind it stays.

    None where its form is not plain, and where nothing would be left.
    """
    source, start, end = value
    text = source.text
    line = source.line_span(source.position(start)[0])
    key = _LAST_KEY.search(text, line.start, start)
    if key is None or key["name"] != name:
        return None
    start = key.start()
    if key["quote"]:
        end += 1
    before = text[line.start : start]
    rest = _LINE_END.match(text, end)
    if mount.span.text().startswith("{"):
        comma = _COMMA.search(text, mount.span.start, start)
        if comma is not None:
            return Edit(Span(source, comma.start(), end), "")
        behind = _COMMA_BEHIND.match(text, end)
        return Edit(Span(source, start, behind.end()), "") if behind is not None else None
    if rest is None:
        return None
    if before.strip() == "-":
        following = text[rest.end() : mount.span.end]
        indent = len(following) - len(following.lstrip(" "))
        if rest["comment"] or not following or indent != len(before):
            return None
        return Edit(Span(source, start, rest.end() + indent), "")
    if before.strip():
        return None
    if rest["comment"]:
        return Edit(Span(source, start, rest.start("comment")), "")
    return Edit(Span(source, line.start, rest.end()), "")


def _is_anchored(mount: Mount) -> bool:
    """Return whether other services may take the same mapping by an alias."""
    source, start, end = mount.span
    line = source.line_span(source.position(start)[0])
    return "&" in source.text[line.start : start] or source.text.startswith("&", start, end)


def _keys(text: str) -> set[str]:
    """Return the words before colons, without underscores: a misspelled key counts as well."""
    return {word.replace("_", "").replace("-", "") for word in _KEY.findall(text)}


def _within(mount: Mount, opening: str, entry: str) -> Edit | None:
    """Return the edit that adds a first entry to a mapping that is there."""
    source, start, end = mount.span
    found = re.search(rf"(?:^|[\s{{,])([\"']?){opening}\1[ \t]*:", source.text[start:end])
    if found is None:
        return None
    at = start + found.end()
    line = source.line_span(source.position(at)[0])
    rest = source.text[at : min(line.end, end)]
    if rest.lstrip().startswith("{"):
        at += rest.index("{") + 1
        is_empty = source.text[at:end].lstrip().startswith("}")
        return Edit(Span(source, at, at), entry if is_empty else f"{entry}, ")
    first = _FIRST_BELOW.match(source.text, line.end, end)
    if rest.partition("#")[0].strip() or first is None:
        return None
    return Edit(
        Span(source, line.end, line.end),
        f"{source.line_break(line.end)}{first['indent']}{entry}",
    )
