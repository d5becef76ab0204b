"""Which command of docker, podman, nerdctl or Compose a line runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.dockercommands import SUBCOMMANDS
from volint.parse.runflags import Parsed, parse_flags
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.source import Word

__all__ = ["Invocation", "locate"]


class Invocation(NamedTuple):
    """Which command of which program a line runs."""

    program: str
    """docker, podman, nerdctl or compose."""
    command: str
    """'run', 'volume create', 'compose up' ...; '' where none is named or it is unknown."""
    word: Word | None
    """The last word of the command's name."""
    options: Parsed
    """The program's own options, before the command."""
    words: Sequence[Word]
    """What follows the command's name."""
    compose: Parsed | None = None
    """The options of `docker compose` before its command."""
    dialect: str = ""
    """Whose Compose it is where it is not Docker's: podman-compose, podman (either of them) or nerdctl."""


_GROUPS = {
    "docker": (*SUBCOMMANDS, "buildx", "builder"),
    "podman": ("container", "volume", "system", "image", "buildx", "builder"),
    "nerdctl": ("container", "volume", "system", "image", "builder"),
}
_SAME = {
    "container run": "run",
    "container create": "create",
    "container rm": "rm",
    "container remove": "rm",
    "container stop": "stop",
    "container exec": "exec",
    "volume remove": "volume rm",
    "image build": "build",
    "buildx build": "build",
    "buildx b": "build",
    "buildx bake": "bake",
    "builder build": "build",
    "container update": "update",
    "container rename": "rename",
    "volume list": "volume ls",
    "stack up": "stack deploy",
    "remove": "rm",
}


_NAMES = {"docker.io": "docker", "nerdctl.lima": "nerdctl", "podman-remote": "podman"}
"""Further names of the programs."""


def locate(words: Sequence[Word], program: str = "") -> Invocation | None:
    """Find the command in a line whose first word is the program; None if it is none of ours.

    `program` names it where the word itself does not: `$DOCKER run`.
    """
    if not words:
        return None
    program = program or words[0].value.rpartition("/")[2].removesuffix(".exe")
    if program in ("docker-compose", "podman-compose"):
        dialect = program.removeprefix("docker-compose")
        return _compose(Parsed((), ()), words[1:], dialect)
    program = _NAMES.get(program, program)
    if program not in _GROUPS:
        return None
    options = parse_flags(
        words[1:],
        program,
        interspersed=False,
        lenient=program == "nerdctl",
        helps=program != "docker",
    )
    rest = options.operands
    if not rest:
        return Invocation(program, "", None, options, ())
    name, word, rest = rest[0].value, rest[0], rest[1:]
    if name == "compose":
        return _compose(options, rest, program.removeprefix("docker"))
    if name in _GROUPS[program]:
        if not rest or rest[0].value.startswith("-"):
            flags = parse_flags(rest, "group", lenient=program == "nerdctl")
            wrong = options._replace(problem=flags.problem)
            return Invocation(program, name, word, wrong, rest)
        name, word, rest = f"{name} {rest[0].value}", rest[0], rest[1:]
    return Invocation(program, _SAME.get(name, name), word, options, rest)


def _compose(options: Parsed, words: Sequence[Word], dialect: str) -> Invocation:
    table = f"{dialect} compose" if dialect else "compose"
    own = parse_flags(words, table, interspersed=False, lenient=bool(dialect))
    rest = own.operands
    if not rest:
        return Invocation("compose", "compose", None, options, (), own, dialect)
    name = f"compose {rest[0].value}"
    return Invocation("compose", name, rest[0], options, rest[1:], own, dialect)
