"""The commands that a shell reader gives, and what stands in front of them: sudo, env, time ..."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.source import Span, Word

__all__ = [
    "MAX_UNROLLED",
    "PROGRAMS",
    "SCRIPT_DIRECTORY",
    "CommandSet",
    "ShellCommand",
    "is_list",
    "program_name",
    "unwrap",
]

PROGRAMS = frozenset(
    ("docker", "podman", "podman-remote", "nerdctl", "docker-compose", "podman-compose")
)
"""The programs whose commands are looked for."""

SCRIPT_DIRECTORY = '$(dirname "$0")'
"""Name under which every spelling of the script's own directory is unresolved."""

MAX_UNROLLED = 16
"""Loops over longer lists are looked at once."""

MAX_COMMANDS = 40
"""Number of commands that one place may give: the turns of loops, the calls of a function."""

SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))
"""The programs whose `-c` takes a script."""


class ShellCommand(NamedTuple):
    """A simple command as the shell would run it."""

    words: tuple[Word, ...]
    """The program and its arguments, after expansion and quote removal."""
    span: Span
    """The whole command: assignments and what stands in front of the program included."""
    program: str
    """The program's name without folder and '.exe'; what a variable that is not known stands for."""
    assignments: tuple[Word, ...] = ()
    """`NAME=value` in front of the command."""
    prefix: tuple[Word, ...] = ()
    """Words in front of the program: `sudo -u x`, `time`, `env A=b`, `xargs -n 1`."""
    function: str = ""
    """Name of the function it stands in; empty if none."""
    cwd: str | None = ""
    """Directory it runs in after the script's `cd`s, relative to where the script was started
    unless it begins with '/' or '~'; may hold unresolved text; None if not known."""
    nested: bool = False
    """True if it stands in a string that another command takes as a script."""
    variables: tuple[tuple[str, str], ...] = ()
    """Names and values of the COMPOSE_* variables in its environment, as far as they are known."""


_OPTIONS_WITH_VALUE = {
    "sudo": ("ugphCrtTURD", ("user", "group", "host", "prompt", "role", "type", "chdir", "chroot")),
    "doas": ("uC", ()),
    "env": ("uCS", ("unset", "chdir", "split-string")),
    "nice": ("n", ("adjustment",)),
    "ionice": ("cnpPu", ("class", "classdata")),
    "timeout": ("ks", ("kill-after", "signal")),
    "stdbuf": ("ioe", ("input", "output", "error")),
    "time": ("fo", ("format", "output")),
    "exec": ("a", ()),
    "xargs": (
        "IEdaLnPsi",
        ("replace", "max-args", "max-procs", "max-lines", "delimiter", "arg-file"),
    ),
    "flock": ("wE", ("timeout", "wait")),
    "watch": ("n", ("interval",)),
    "nohup": ("", ()),
    "setsid": ("", ()),
    "command": ("", ()),
    "winpty": ("", ()),
    "caffeinate": ("tw", ()),
    "run": ("", ()),
    "cross-env": ("", ()),
    "cross-env-shell": ("", ()),
    "dotenv": ("cevp", ()),
}
"""Commands that run the rest of their words: the short and long options that take a value."""

_SETTING = frozenset(("env", "sudo", "doas", "cross-env", "cross-env-shell"))
"""Commands that take `NAME=value` in front of the command they run."""

_OPERANDS = {"timeout": 1, "flock": 1}
"""Number of operands in front of the command they run."""

_ENGINE_VARIABLE = regex(
    r"(?i)(?:.*_)?(docker|podman|nerdctl)(?:_(?:cmd|bin|exe|exec|command|path|cli|binary|engine))?$"
    r"|(container|oci)_?(?:engine|runtime|cli|tool|cmd|command|bin|exe)$"
)
_VERBS = frozenset(
    [
        "run",
        "create",
        "volume",
        "system",
        "compose",
        "build",
        "buildx",
        "rm",
        "container",
        "exec",
        "start",
        "stop",
        "pull",
        "push",
        "image",
        "ps",
        "network",
        "service",
        "stack",
        "inspect",
        "logs",
        "cp",
        "kill",
        "login",
        "tag",
        "rmi",
        "save",
        "load",
    ]
)
_DEFAULT = regex(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?[-=]['\"]?([^}'\"]*)['\"]?\}$")
_VARIABLE = regex(r"\$(?:\{([A-Za-z_]\w*)\}|\(([A-Za-z_]\w*)\)|([A-Za-z_]\w*))$")


def _base(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name[:-4] if name.endswith(".exe") else name


def program_name(words: Sequence[Word], candidates: Sequence[str] = ()) -> str:
    """Return the container program that the first word stands for, '' if it is none.

    A variable that is not known counts by its default, by all that it may be (`candidates`), or
    by its own name if a docker verb follows.
    """
    first = words[0]
    name = _base(first.value)
    if name in PROGRAMS:
        return name
    if not first.pieces or not first.unresolved():
        return ""
    match = _DEFAULT.match(first.value)
    if match:
        return _base(match[1]) if _base(match[1]) in PROGRAMS else ""
    known = [_base(candidate) for candidate in candidates]
    if known and all(name in PROGRAMS for name in known):
        return known[0]
    variable = _VARIABLE.match(first.value)
    if variable and len(words) > 1 and words[1].value in _VERBS:
        engine = _ENGINE_VARIABLE.match(variable[1] or variable[2] or variable[3])
        if engine:
            return (engine[1] or "docker").lower()
    return ""


def unwrap(words: Sequence[Word]) -> int:
    """Return the index of the word that is run, behind `sudo -u x`, `env A=b` and the like."""
    at = 0
    while at < len(words):
        name = _base(words[at].value)
        options = _OPTIONS_WITH_VALUE.get(name)
        if options is None or len(words) == at + 1:
            return at
        at += 1
        short, long = options
        operands = _OPERANDS.get(name, 0)
        while at < len(words):
            text = words[at].value
            if text == "--":
                at += 1
                break
            if text.startswith("--"):
                at += 2 if "=" not in text and text[2:] in long else 1
            elif text.startswith("-") and len(text) > 1:
                if name == "command" and text in ("-v", "-V"):
                    return len(words)
                place = next((i for i, c in enumerate(text[1:], 1) if c in short), 0)
                at += 2 if place and place == len(text) - 1 and text[place] != "i" else 1
            elif name in _SETTING and re.match(r"[A-Za-z_]\w*=", text):
                at += 1
            elif operands:
                operands -= 1
                at += 1
            else:
                break
    return at


def is_list(word: Word) -> bool:
    """Return True if the word may be any number of words: `"$@"`, `${ARGS[@]}`, unquoted `$OPTS`."""
    if len(word.pieces) != 1 or not word.pieces[0].unresolved:
        return False
    if word.pieces[0].unquoted:
        return True
    return word.value in ("$@", "${@}", "$*") or "[@]" in word.value or word.value.startswith("${@")


class CommandSet:
    """Commands by the place they were found at: what says no more than another is left out."""

    def __init__(self) -> None:
        self._found: dict[int, list[ShellCommand]] = {}

    def add(self, command: ShellCommand, key: int) -> None:
        """Keep a command unless one of the same place says as much or more."""
        kept = self._found.setdefault(key, [])
        if any(_covers(other, command) for other in kept):
            return
        kept[:] = [other for other in kept if not _covers(command, other)]
        if len(kept) < MAX_COMMANDS:
            kept.append(command)

    def sorted(self) -> list[ShellCommand]:
        """Return the commands in the order of their places."""
        commands = [command for kept in self._found.values() for command in kept]
        commands.sort(key=lambda command: command.span.start)
        return commands


def _covers(one: ShellCommand, other: ShellCommand) -> bool:
    """Return True if two commands have the same words but for what is not known of the other."""
    if len(one.words) != len(other.words):
        return False
    return all(
        mine.value == its.value or (its.pieces and its.unresolved())
        for mine, its in zip(one.words, other.words, strict=True)
    )
