"""RUN --mount as entries of the mount model.

From BuildKit v0.32, dockerfile2llb/convert_runmount.go, convert_secrets.go and convert_ssh.go.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from volint.assemble.copysources import below
from volint.model import Mount, MountKind, Option, Syntax
from volint.parse.runmount import CODE, check_device, check_fields, read
from volint.record import NamedTuple
from volint.source import Problem, Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from volint.parse.dockerfile_tree import Flag
    from volint.parse.runmount import RunMount
    from volint.source import Span

__all__ = ["RunMounts", "run_mounts"]

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


class RunMounts(NamedTuple):
    """What the flags of a RUN say."""

    mounts: tuple[Mount, ...]
    """The mounts in order; refused ones and those of unknown type are left out."""
    uses: list[tuple[int, Span, str]]
    """Stages that are mounted: index, place, 'mount'."""
    images: list[Text]
    """What 'from' names and is no stage."""
    problems: list[Problem]
    """What BuildKit refuses."""


def run_mounts(
    flags: Sequence[Flag],
    expand: Callable[[Word], Word],
    workdir: str,
    names: Mapping[str, int],
    *,
    workdir_known: bool,
) -> RunMounts:
    """Read the mounts and devices of a RUN.

    expand: fills in variables, raises SubstitutionError. names: index of the last stage of a name.
    workdir_known: False where the base image, which is not read, may have set the working directory.
    """
    found = RunMounts((), [], [], [])
    mounts: list[Mount] = []
    sockets = 0
    for flag in flags:
        if flag.value is None:
            continue
        if flag.name.value == "device":
            problem = check_device(flag.value)
            found.problems.extend(filter(None, (problem,)))
        if flag.name.value != "mount":
            continue
        mount = check_fields(flag.value) or read(flag.value, expand)
        if isinstance(mount, Problem):
            found.problems.append(mount)
        elif mount is not None:
            mounts.append(_lower(mount, flag, workdir, sockets))
            sockets += mount.type == "ssh"
            mounts[-1] = _origin(mount, mounts[-1], names, found)
            if mounts[-1].target.value == "/":
                covering = mounts.pop()
                written = mount.values.get("target")
                if workdir_known or (written is not None and written.value.startswith("/")):
                    found.problems.append(_covers_root(covering))
    return found._replace(mounts=tuple(mounts))


def _covers_root(mount: Mount) -> Problem:
    return Problem(
        CODE,
        "a mount cannot cover '/'",
        mount.target.span,
        "mount at a directory below it",
        target="/",
    )


def _origin(read: RunMount, mount: Mount, names: Mapping[str, int], found: RunMounts) -> Mount:
    """Note what a mount's 'from' names; one that names a stage gets the option 'stage'."""
    origin = read.values.get("from")
    if origin is None or not origin.value or origin.unresolved():
        return mount
    index = names.get(origin.value.lower())
    if index is None:
        found.images.append(origin.text())
        return mount
    found.uses.append((index, origin.span, "mount"))
    return mount._replace(options={**mount.options, "stage": Option(index, origin.span)})


def _lower(read: RunMount, flag: Flag, workdir: str, sockets: int) -> Mount:
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
