"""RUN --mount as entries of the mount model.

From BuildKit v0.32, dockerfile2llb/convert_runmount.go, convert_secrets.go and convert_ssh.go.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint.assemble.copysources import joined
from volint.model import Mount, MountKind, Option, Syntax
from volint.source import Text, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.parse.dockerfile import Flag
    from volint.parse.runmount import RunMount

__all__ = ["below", "lower"]

_KINDS = {
    "bind": MountKind.BIND,
    "cache": MountKind.VOLUME,
    "tmpfs": MountKind.TMPFS,
    "secret": MountKind.SECRET,
    "ssh": MountKind.SECRET,
}
_OPTIONS = (
    "type",
    "from",
    "id",
    "env",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
)


def below(workdir: str, path: Word) -> str:
    """Return a path relative to the working directory as an absolute one.

    One that begins with an unknown variable is taken for absolute.
    """
    if path.pieces and path.pieces[0].unresolved:
        return path.value
    return joined(workdir, path.value)


def lower(read: RunMount, flag: Flag, workdir: str, sockets: int) -> Mount:
    """Return a mount of a RUN as an entry of the model.

    sockets: how many ssh mounts stand before it in the same RUN.
    """
    values = read.values
    options = _options(read, flag)
    source = _text(values.get("source"))
    target = _text(values.get("target"))
    if read.type == "secret":
        source, target = _secret(values, source, target)
    elif read.type == "ssh":
        source = _text(values.get("id")) or Text("default", flag.span)
        target = target or Text(f"/run/buildkit/ssh_agent.{sockets}", flag.span)
    else:
        path = values.get("target") or Word("", flag.span)
        target = Text(below(workdir, path), path.span, path.unresolved())
        if read.type == "cache" and _text(values.get("id")) is None:
            cleaned = posixpath.normpath(path.value or ".").replace("//", "/")
            options["id"] = Option(cleaned, path.span)
    return Mount(
        _KINDS[read.type],
        source,
        target or Text("", flag.span),
        read.read_only,
        Syntax.RUN_MOUNT,
        flag.span,
        options,
        unresolved=read.unresolved,
        spec=flag.value.text() if flag.value else None,
    )


def _options(read: RunMount, flag: Flag) -> dict[str, Option]:
    options: dict[str, Option] = {}
    for key in _OPTIONS:
        if key in read.values:
            word = read.values[key]
            options[key] = Option(read.numbers.get(key, word.value), word.span)
    kind = options.get("type")
    options["type"] = Option(read.type, kind.span if kind else flag.span)
    if "required" in options:
        options["required"] = Option(read.required, options["required"].span)
    return options


def _text(word: Word | None) -> Text | None:
    return word.text() if word is not None and word.value else None


def _secret(
    values: Mapping[str, Word], source: Text | None, target: Text | None
) -> tuple[Text | None, Text | None]:
    """Return a secret's id and the file it appears as, if any."""
    named = source or _text(values.get("id"))
    if named is None and target is not None:
        named = target._replace(value=_base(target.value))
    if target is None and "env" not in values and named is not None:
        target = named._replace(value=f"/run/secrets/{_base(named.value)}")
    return named, target


def _base(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or "/"
