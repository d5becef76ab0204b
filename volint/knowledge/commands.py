"""Command lines of containers: what they run, their flags, and whether they keep state at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.knowledge.images import Image
    from volint.model import Container, Stage
    from volint.source import Text

__all__ = ["built_stage", "command_words", "elsewhere", "flag_values", "variables"]

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "busybox"))
_IDLE = frozenset(
    [
        "true",
        "false",
        "sleep",
        "tail",
        "cat",
        "echo",
        "ls",
        "env",
        "printenv",
        "id",
        "whoami",
        "date",
        "test",
        "[",
        "chown",
        "chmod",
        "chgrp",
        "mkdir",
        "cp",
        "mv",
        "rm",
        "tar",
        "gzip",
        "rsync",
        "wget",
        "curl",
        "nc",
        "ping",
        "dig",
        "nslookup",
        "timeout",
        "wait-for-it",
        "wait-for-it.sh",
        "dockerize",
        "tini-version",
        "hostname",
    ]
)
"""Commands of any image that hold no state of its own."""
_ANSWERS = frozenset(("--version", "-V", "--help", "version", "help"))
"""First words upon which a server only says something and ends."""
_NO_COMMANDS = frozenset(
    [
        "exec",
        "time",
        "nohup",
        "set",
        "export",
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "do",
        "done",
        "while",
        "until",
        "for",
        "in",
        "case",
        "esac",
        "{",
        "}",
        "!",
        "sudo",
        "gosu",
        "su-exec",
        "local",
        "return",
        "source",
        ".",
        "cd",
        "trap",
        "wait",
    ]
)
_UNKNOWN = regex(r"\$\{?[A-Za-z_]|\{\{|<")


def built_stage(container: Container) -> Stage | None:
    """Return the stage a container's image is built from; None where it is pulled or not known."""
    build = container.build
    if build is None or build.target_index is None or build.target_index >= len(build.stages):
        return None
    return build.stages[build.target_index]


def variables(container: Container) -> dict[str, Text | None]:
    """Return the variables a container is given, under them those of the image it builds."""
    stage = built_stage(container)
    found: dict[str, Text | None] = dict(stage.env) if stage is not None else {}
    for variable in container.env:
        found[variable.name.value] = variable.value
    return found


def command_words(container: Container) -> list[Text]:
    """Return the words of entrypoint and command, a shell's script among them split at blanks.

    Those of the image it builds hold where the container has none; an entrypoint of its own drops the
    image's command, as in Docker.
    """
    entrypoint, command = container.entrypoint, container.command
    stage = built_stage(container)
    if stage is not None and entrypoint is None:
        entrypoint = stage.entrypoint
        command = stage.command if command is None else command
    words: list[Text] = []
    for word in (*(entrypoint or ()), *(command or ())):
        if " " in word.value.strip() or "\n" in word.value:
            words += (word._replace(value=part.strip("\"'")) for part in word.value.split())
        else:
            words.append(word)
    return words


def flag_values(words: list[Text], name: str) -> Iterator[Text]:
    """Yield the values of a flag, written `--name value` or `--name=value`."""
    for index, word in enumerate(words):
        if word.value == name:
            if index + 1 < len(words):
                yield words[index + 1]
        elif word.value.startswith(name + "="):
            yield word._replace(value=word.value[len(name) + 1 :].strip("\"'"))


def elsewhere(image: Image, container: Container, words: list[Text]) -> str:
    """Return why a container keeps no state of its own ("in memory", "a client" ...); '' if it may."""
    if not image.is_stateful:
        return "stateless"
    if _is_client(words, image.clients):
        return "a client"
    for reason, condition, arguments in image.elsewhere:
        if _meets(condition, arguments, container, words):
            return reason
    return ""


def _is_client(words: list[Text], clients: frozenset[str]) -> bool:
    """Return whether a command runs only clients, or something idle, instead of the image's server."""
    if not words:
        return False
    names = [word.value for word in words]
    if names[0].rpartition("/")[2] in ("env", "tini", "dumb-init") and len(names) > 1:
        names = [name for name in names[1:] if not name.startswith("-")] or names
    while len(names) > 1 and names[0].startswith("-"):
        names = names[1:]
    if names[0] in _ANSWERS:
        return True
    if names[0].startswith("-"):
        others = (name for name in names if not name.startswith("-") and not name.isdigit())
        return next(others, "") in clients
    first = names[0].rpartition("/")[2]
    if first not in _SHELLS:
        return first in clients or names[0] in clients or first in _IDLE
    script = names[1:]
    while script and script[0].startswith("-"):
        script = script[1:]
    if not script:
        return True
    commands = list(_commands(script))
    return bool(commands) and all(command in clients or command in _IDLE for command in commands)


def _commands(script: list[str]) -> Iterator[str]:
    """Yield the words of a script that stand where a command is expected."""
    expected = True
    depth = 0
    for word in script:
        for part in re.split(r"(&&|\|\||[;&|()\n])", word):
            if not part:
                continue
            if part == ")" and depth:
                # What follows a substitution belongs to the command around it.
                depth -= 1
                expected = False
            elif part in ("&&", "||", ";", "&", "|", "(", ")", "\n"):
                depth += part == "("
                expected = True
            elif part in _NO_COMMANDS:
                expected = part not in (
                    "for",
                    "in",
                    "case",
                    "cd",
                    "export",
                    "set",
                    "source",
                    ".",
                    "trap",
                    "local",
                )
            elif expected and not re.match(r"[A-Za-z_][A-Za-z0-9_]*=", part):
                expected = False
                if not part.startswith("-"):
                    yield part.rpartition("/")[2]


def _meets(
    condition: str, arguments: tuple[str, ...], container: Container, words: list[Text]
) -> bool:
    if condition in ("env", "not-env", "set", "unset", "env-prefix"):
        return _meets_env(condition, arguments, container)
    if condition == "flag":
        return any(_meetsflag_values(argument, words) for argument in arguments)
    if condition == "no-flag":
        return not any(
            word.value == name or word.value.startswith(name + "=")
            for word in words
            for name in arguments
        )
    if condition == "word":
        return any(word.value in arguments for word in words)
    if condition == "no-command":
        return not words
    if condition == "redis-cache":
        return _is_redis_cache(container, words)
    if condition == "no-storage-url":
        return not any(
            re.match(r"(rocksdb|file|surrealkv|tikv|speedb):", word.value) for word in words
        ) and "SURREAL_PATH" not in variables(container)
    raise ValueError(f"image knowledge: unknown condition {condition!r}")


def _meets_env(condition: str, arguments: tuple[str, ...], container: Container) -> bool:
    given = {name: value.value if value else "" for name, value in variables(container).items()}
    if condition == "set":
        return any(name in given for name in arguments)
    if condition == "unset":
        return not any(name in given for name in arguments)
    for argument in arguments:
        name, values, unequal = _comparison(argument)
        value = given.get(name, "").lower()
        if condition == "not-env":
            if value not in values and not _UNKNOWN.search(value):
                return True
        elif condition == "env-prefix":
            if value.startswith(values):
                return True
        elif value and ((value not in values) if unequal else (value in values)):
            return True
    return False


def _meetsflag_values(argument: str, words: list[Text]) -> bool:
    if "=" not in argument:
        return any(
            word.value == argument or word.value.startswith(argument + "=") for word in words
        )
    name, values, unequal = _comparison(argument)
    given = (value.value.strip("\"'") for value in flag_values(words, name))
    return any((value in values) != unequal for value in given)


def _comparison(argument: str) -> tuple[str, tuple[str, ...], bool]:
    """Read 'NAME=a,b' and 'NAME!=a,b'."""
    name, _, values = argument.partition("=")
    return name.rstrip("!"), tuple(values.split(",")), name.endswith("!")


def _is_redis_cache(container: Container, words: list[Text]) -> bool:
    """Return whether a Redis keeps nothing: no snapshots, no log, or an eviction policy over all keys."""
    values = {
        name: [value.value.strip("\"'") for value in flag_values(words, name)]
        for name in ("--save", "--appendonly", "--maxmemory-policy")
    }
    if "yes" in values["--appendonly"]:
        return False
    return (
        "" in values["--save"]
        or "no" in values["--appendonly"]
        or any(value.startswith("allkeys-") for value in values["--maxmemory-policy"])
        or "cache" in container.name.value.lower()
    )
