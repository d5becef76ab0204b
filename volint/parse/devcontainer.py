"""devcontainer.json into a typed tree (containers.dev/implementors/json_reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit, build
from volint.parse.derived import Derived
from volint.parse.jsonc import Array, Object, String, Value, parse
from volint.parse.shell import parse_derived
from volint.parse.shellcommand import SHELLS, ShellCommand, program_name, unwrap
from volint.parse.shellinner import option_script
from volint.record import NamedTuple
from volint.source import Span, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.source import Problem, Source

__all__ = ["Devcontainer", "read"]

_VARIABLE = regex(r"\$\{(?:localEnv:|containerEnv:|env:)?([A-Za-z]\w*)[^}]*\}")
_HOOKS = (
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
)
_MOUNT_KEYS = (
    "type",
    "source",
    "target",
    "src",
    "dst",
    "destination",
)
"""Dev Containers pass nothing else of an object on to Docker (devcontainers/cli, generateMountCommand)."""


_OUTSIDE = regex(r"(?:.*/)?docker-(?:outside-of|from)-docker(?:[:@].*)?")
_SOCKET = "type=bind,source=/var/run/docker.sock,target=/var/run/docker-host.sock"
"""What these features mount by themselves (github.com/devcontainers/features, devcontainer-feature.json)."""


class Devcontainer(NamedTuple):
    """What a devcontainer.json says of its container; words keep variables as unresolved text."""

    name: Word | None
    """`name`, a title for people."""
    image: Word | None
    """`image`."""
    dockerfile: Word | None
    """`build.dockerfile` or `dockerFile`."""
    context: Word | None
    """`build.context` or `context`."""
    target: Word | None
    """`build.target`."""
    compose_files: tuple[Word, ...]
    """`dockerComposeFile`."""
    service: Word | None
    """`service`."""
    mounts: tuple[Word, ...]
    """`mounts` as values of --mount; an object is put together from its keys. At its name, what a known feature mounts."""
    workspace_mount: Word | None
    """`workspaceMount`, the value of a --mount."""
    run_args: tuple[Word, ...]
    """`runArgs`."""
    env: tuple[Word, ...]
    """`containerEnv` as NAME=value."""
    user: Word | None
    """`containerUser`."""
    remote_user: Word | None
    """`remoteUser`."""
    lifecycle: tuple[ShellCommand, ...]
    """Container commands that its hooks run, `initializeCommand` on the host, the others in the container."""
    span: Span
    """The whole object."""
    keys: Mapping[str, Span]
    """Places of the top-level keys."""


def read(source: Source) -> tuple[Devcontainer | None, list[Problem]]:
    """Read a devcontainer.json; None where it is no JSON object."""
    value, problems = parse(source)
    if not isinstance(value, Object):
        return None, problems
    build_ = value.get("build")
    building = build_ if isinstance(build_, Object) else None
    environment = value.get("containerEnv")
    return (
        Devcontainer(
            _word(value.get("name")),
            _word(value.get("image")),
            _word(building.get("dockerfile") if building else value.get("dockerFile")),
            _word(building.get("context") if building else value.get("context")),
            _word(building.get("target")) if building else None,
            tuple(_words(value.get("dockerComposeFile"))),
            _word(value.get("service")),
            (*_mounts(value.get("mounts")), *_of_features(value.get("features"))),
            _word(value.get("workspaceMount")),
            tuple(_words(value.get("runArgs"))),
            tuple(_pairs(environment)) if isinstance(environment, Object) else (),
            _word(value.get("containerUser")),
            _word(value.get("remoteUser")),
            tuple(_lifecycle(value)),
            value.span,
            {key.value: key.span for key, _ in value.entries},
        ),
        problems,
    )


def _lifecycle(value: Object) -> list[ShellCommand]:
    """Return the container commands of the hooks: a string for a shell, words, or either by name."""
    found: list[ShellCommand] = []
    for key in _HOOKS:
        hook = value.get(key)
        parts = [part for _, part in hook.entries] if isinstance(hook, Object) else [hook]
        for part in parts:
            if isinstance(part, String):
                commands = parse_derived(Derived.of_word(part.word), dialect="sh")
            elif isinstance(part, Array):
                commands = _exec(part)
            else:
                continue
            # A container's directories are not the host's.
            here = key == "initializeCommand"
            found += commands if here else [one._replace(cwd=None) for one in commands]
    return found


def _exec(array: Array) -> list[ShellCommand]:
    """Return the container command that words are, or that the shell they start is given."""
    words = [item.word for item in array.items if isinstance(item, String)]
    at = unwrap(words)
    if at >= len(words):
        return []
    program = program_name(words[at:])
    if program:
        return [ShellCommand(tuple(words[at:]), array.span, program)]
    script = option_script(words[at + 1 :]) if words[at].value in SHELLS else None
    return parse_derived(Derived.of_word(script)) if script is not None else []


def _word(value: Value | None) -> Word | None:
    """Return a string with its variables marked; None for anything else or an empty one."""
    if not isinstance(value, String) or not value.word.value:
        return None
    if "${" not in value.word.value:
        return value.word
    text = Derived.of_word(value.word).marked(_VARIABLE)
    return build(text.source, [_plain(bit) for bit in text.bits])


def _plain(bit: Bit) -> Bit:
    return bit._replace(unresolved="PWD") if bit.unresolved == "localWorkspaceFolder" else bit


def _words(value: Value | None) -> list[Word]:
    """Return the strings of a string or a list."""
    items = value.items if isinstance(value, Array) else [value]
    return [word for item in items if (word := _word(item)) is not None]


def _pairs(environment: Object) -> list[Word]:
    found = []
    for name, value in environment.entries:
        if isinstance(value, String):
            found.append(_joined([(f"{name.value}=", name.span), value.word]))
    return found


def _mounts(value: Value | None) -> list[Word]:
    found: list[Word] = []
    for item in value.items if isinstance(value, Array) else ():
        if isinstance(item, Object):
            found.append(_mount(item))
        elif (word := _word(item)) is not None:
            found.append(word)
    return found


def _of_features(value: Value | None) -> list[Word]:
    """Return the --mount values that features bring along which use the host's engine."""
    keys = [key for key, _ in value.entries] if isinstance(value, Object) else []
    return [_joined([(_SOCKET, key.span)]) for key in keys if _OUTSIDE.fullmatch(key.value)]


def _mount(entry: Object) -> Word:
    """Return the --mount value that an object stands for: `type=...,source=...,target=...`."""
    parts: list[Word | tuple[str, Span]] = []
    for key, value in entry.entries:
        if key.value not in _MOUNT_KEYS or not isinstance(value, String):
            continue
        parts.append((("," if parts else "") + key.value, key.span))
        parts += (("=", Span(key.span.source, key.span.end, key.span.end)), value.word)
    return _joined(parts) if parts else Word("", entry.span)


def _joined(parts: list[Word | tuple[str, Span]]) -> Word:
    """Put a word together from words and text that stands at a place."""
    bits: list[Bit] = []
    for part in parts:
        if isinstance(part, Word):
            bits += [_plain(bit) for bit in Derived.of_word(part).marked(_VARIABLE).bits]
            source = part.span.source
        else:
            text, span = part
            source = span.source
            bits.append(Bit(text, span.start, span.end, span.text() != text))
    return build(source, bits)
