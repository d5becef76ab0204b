"""What BuildKit refuses about single instructions and their order, before anything is built.

The checks and their order are those of BuildKit v0.32, frontend/dockerfile/instructions/parse.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.dockerfile_expand import SubstitutionError
from volint.parse.dockerfile_lines import SPACE
from volint.parse.dockerfile_words import heredoc_word
from volint.source import Label, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volint.parse.dockerfile_tree import Flag, Instruction
    from volint.source import Source

__all__ = ["FLAGS", "INSTRUCTIONS", "check", "check_order", "template_note"]

_VALUE, _SWITCH, _MANY = "value", "switch", "many"
FLAGS: Mapping[str, Mapping[str, str]] = {
    "FROM": {"platform": _VALUE},
    "COPY": {
        "from": _VALUE,
        "chown": _VALUE,
        "chmod": _VALUE,
        "link": _SWITCH,
        "parents": _SWITCH,
        "exclude": _MANY,
    },
    "ADD": {
        "chown": _VALUE,
        "chmod": _VALUE,
        "link": _SWITCH,
        "keep-git-dir": _SWITCH,
        "checksum": _VALUE,
        "unpack": _SWITCH,
        "exclude": _MANY,
    },
    "RUN": {"mount": _MANY, "network": _VALUE, "security": _VALUE, "device": _MANY},
    "HEALTHCHECK": {
        "interval": _VALUE,
        "timeout": _VALUE,
        "start-period": _VALUE,
        "start-interval": _VALUE,
        "retries": _VALUE,
    },
}
"""The flags of each instruction; those of STOPSIGNAL and ARG are not looked at at all."""

INSTRUCTIONS = (
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
)
_KNOWN = frozenset(INSTRUCTIONS)
# Patterns are compiled when they are first needed: most files need none.
_STAGE_NAME = r"[a-z][a-z0-9-_.]*\Z"
_DURATION_PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION = rf"[-+]?(?:{_DURATION_PART})+\Z|[-+]?0\Z"
_LONGEST_NAME = 30
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 6 * 10**10,
    "h": 36 * 10**11,
}
_RETRIES = r"\+?[0-9]{1,10}\Z|-0+\Z"
_TEMPLATE_MARKS = ("{{", "{%", "{#", "<%", "%%", "@", "${templateOption:")
_TEMPLATE = r"\{\{|\{%|\{#|<%|%%[A-Za-z_]+%%|@@?[A-Za-z_]+@@?|\$\{\{|\$\{templateOption:"
_NAMELESS = r"[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)+\Z"
"""A base image in capitals, which is put in later: Docker takes none."""
_PROPERTY = r"\$\{[A-Za-z][\w-]*(?:\.[\w-]+)+\}"
"""A property of Maven or Gradle, whose filters fill it in: no variable has a dot in its name."""
_EXPANDED = frozenset(
    ("ADD", "COPY", "ENV", "EXPOSE", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)
_OPTION = "${templateOption:"
_OPTIONS = r"\$\{templateOption:\w+\}?"
"""An option of a dev container's template, which is filled in wherever it stands."""


def check(instruction: Instruction) -> tuple[Problem, ...]:
    """Return the first thing BuildKit refuses about one instruction, if anything."""
    if instruction.name not in _KNOWN:
        return ()
    found = _arguments(instruction)
    return (found,) if found else ()


def _problem(
    instruction: Instruction, message: str, help: str = "", span: Span | None = None
) -> Problem:
    return Problem("VL001", message, span or instruction.keyword.span, help)


def _flags(instruction: Instruction) -> Problem | None:
    if not instruction.flags:
        return None
    name = instruction.name
    known = FLAGS.get(name, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        written = flag.name.value
        kind = known.get(written)
        if kind is None:
            advice = _suggestion(written, known, "--") or (
                f"{name} takes " + ", ".join(f"--{flag}" for flag in known)
                if known
                else f"{name} takes no flags"
            )
            return _problem(
                instruction, f"{name} has no flag '--{written}'", advice, flag.name.span
            )
        if written in seen and kind != _MANY:
            return _problem(
                instruction, f"'--{written}' is given twice", "remove one of them", flag.span
            )
        seen.add(written)
        if kind == _SWITCH:
            if flag.value is not None and flag.value.value.lower() not in ("true", "false"):
                return _problem(
                    instruction,
                    f"'--{written}' is true or false, not '{flag.value}'",
                    f"write --{written} alone",
                    flag.value.span if flag.value.value else flag.span,
                )
        elif flag.value is None:
            return _problem(
                instruction,
                f"'--{written}' has no value",
                f"write --{written}=VALUE; a blank does not separate them",
                flag.span,
            )
    return None


def _suggestion(word: str, known: Iterable[str], prefix: str = "") -> str:
    from difflib import get_close_matches

    if len(word) > _LONGEST_NAME:
        return ""
    close = get_close_matches(word, list(known), 1, 0.6)
    return f"did you mean '{prefix}{close[0]}'?" if close else ""


def _arguments(instruction: Instruction) -> Problem | None:
    name, args = instruction.name, instruction.args
    if name == "RUN" or name in ("CMD", "ENTRYPOINT"):
        return _flags(instruction) or (_run(instruction) if instruction.flags else None)
    if name in ("COPY", "ADD"):
        return _copy(instruction)
    if name == "FROM":
        return _from(instruction)
    if name in ("ENV", "LABEL"):
        return _flags(instruction) or _pairs(instruction)
    if name in ("WORKDIR", "USER", "MAINTAINER", "STOPSIGNAL"):
        if not args:
            return _problem(instruction, f"{name} needs an argument")
        return None if name == "STOPSIGNAL" else _flags(instruction)
    if name == "ARG":
        if not args:
            return _problem(instruction, "ARG needs a name")
        for word in args:
            if word.value.startswith("="):
                return _problem(instruction, f"'{word}' has no name", span=word.span)
        return None
    if name == "VOLUME":
        return _volume(instruction)
    if name == "EXPOSE":
        return _flags(instruction) if args else _problem(instruction, "EXPOSE needs a port")
    if name == "SHELL":
        return _flags(instruction) or _shell(instruction)
    if name == "HEALTHCHECK":
        return _healthcheck(instruction)
    return _onbuild(instruction)


def _run(instruction: Instruction) -> Problem | None:
    for flag in instruction.flags:
        value = flag.value
        if value is None:
            continue
        if flag.name.value == "network" and value.value not in ("default", "none", "host"):
            return _problem(
                instruction,
                f"'{value}' is no network of RUN",
                "use default, none or host",
                value.span,
            )
        if flag.name.value == "security" and value.value not in ("sandbox", "insecure"):
            return _problem(
                instruction, f"'{value}' is no security mode", "use sandbox or insecure", value.span
            )
    return None


def _copy(instruction: Instruction) -> Problem | None:
    name, args = instruction.name, instruction.args
    if len(args) < 2:
        return _problem(
            instruction,
            f"{name} needs a source and a destination",
            f"write {name} SOURCE DESTINATION",
        )
    found = _flags(instruction)
    if found:
        return found
    try:
        heredoc = heredoc_word(args[-1].value)
    except SubstitutionError:
        heredoc = None
    if heredoc:
        return _problem(
            instruction,
            f"a here-document cannot be the destination of {name}",
            "name the target file as the last word",
            args[-1].span,
        )
    return None


def _from(instruction: Instruction) -> Problem | None:
    args = instruction.args
    if len(args) == 3 and args[1].value.lower() == "as":
        if not re.match(_STAGE_NAME, args[2].value.lower()):
            return _problem(
                instruction,
                f"'{args[2]}' cannot name a stage",
                "begin with a letter; go on with letters, digits, '-', '_' and '.'",
                args[2].span,
            )
    elif len(args) != 1:
        span = args[1].span if len(args) > 1 else None
        return _problem(instruction, "FROM takes IMAGE or IMAGE AS NAME", span=span)
    return _flags(instruction)


def _pairs(instruction: Instruction) -> Problem | None:
    for key in instruction.args[::2]:
        if not key.value:
            return _problem(
                instruction, f"{instruction.name} has a value without a name", span=key.span
            )
    if not instruction.args:
        return _problem(instruction, f"{instruction.name} needs name=value")
    return None


def _volume(instruction: Instruction) -> Problem | None:
    if not instruction.args:
        return _problem(instruction, "VOLUME needs a path")
    found = _flags(instruction)
    if found:
        return found
    for word in instruction.args:
        if not word.value.strip(SPACE):
            return _problem(instruction, "VOLUME has an empty path", "remove it", word.span)
    return None


def _shell(instruction: Instruction) -> Problem | None:
    if instruction.json and instruction.args:
        return None
    return _problem(instruction, "SHELL takes a JSON array", 'write SHELL ["program", "argument"]')


def _healthcheck(instruction: Instruction) -> Problem | None:
    args = instruction.args
    if not args:
        return _problem(instruction, "HEALTHCHECK needs CMD or NONE")
    kind = args[0].value.upper()
    if kind == "NONE":
        return (
            _problem(instruction, "HEALTHCHECK NONE takes nothing more", span=args[1].span)
            if len(args) > 1
            else None
        )
    found = _flags(instruction)
    if found:
        return found
    if kind != "CMD":
        return _problem(
            instruction, f"'{args[0]}' is no kind of HEALTHCHECK", "use CMD or NONE", args[0].span
        )
    if len(args) < 2:
        return _problem(instruction, "HEALTHCHECK CMD needs a command")
    for flag in instruction.flags:
        found = _healthcheck_flag(instruction, flag)
        if found:
            return found
    return None


def _healthcheck_flag(instruction: Instruction, flag: Flag) -> Problem | None:
    if flag.value is None or not flag.value.value:
        return None
    value = flag.value.value
    if flag.name.value == "retries":
        if re.match(_RETRIES, value) and int(value) < 1 << 31:
            return None
        return _problem(
            instruction, f"'{value}' is no number of retries", "use 1 or more", flag.value.span
        )
    if not re.match(_DURATION, value):
        return _problem(
            instruction,
            f"'{value}' is no duration",
            "give number and unit, e.g. 30s or 1m30s",
            flag.value.span,
        )
    nanoseconds = sum(
        float(number) * _NANOSECONDS[unit] for number, unit in re.findall(_DURATION_PART, value)
    )
    if nanoseconds >= 1 and (value.startswith("-") or nanoseconds < 10**6):
        return _problem(
            instruction,
            f"'{value}' is shorter than one millisecond",
            "use 1ms or more, or 0 for the default",
            flag.value.span,
        )
    return None


def _onbuild(instruction: Instruction) -> Problem | None:
    trigger = instruction.trigger
    if trigger is None:
        return _problem(instruction, "ONBUILD needs an instruction")
    found = _flags(instruction)
    if found:
        return found
    if trigger.name in ("ONBUILD", "FROM", "MAINTAINER"):
        return _problem(
            instruction,
            f"{trigger.name} cannot stand behind ONBUILD",
            "take ONBUILD out",
            trigger.keyword.span,
        )
    return None


def check_order(source: Source, instructions: tuple[Instruction, ...]) -> list[Problem]:
    """Return what is wrong with the instructions of a file together: unknown ones, a late FROM."""
    if not instructions:
        return [
            Problem(
                "VL001", "the Dockerfile has no instructions", Span(source, 0, 0), "begin with FROM"
            )
        ]
    problems = _unknown(instructions)
    staged = False
    for instruction in instructions:
        if instruction.name == "FROM":
            staged = True
        elif not staged and instruction.name != "ARG" and instruction.name in _KNOWN:
            problems.append(
                _problem(
                    instruction,
                    f"'{instruction.keyword}' stands before the first FROM",
                    "only ARG may",
                )
            )
            staged = True
    if not staged and not problems:
        problems.append(_problem(instructions[-1], "the Dockerfile has no FROM", "begin with FROM"))
    return problems


def _unknown(instructions: tuple[Instruction, ...]) -> list[Problem]:
    """Report each run of unknown instructions once: one missing escape character makes many."""
    problems: list[Problem] = []
    index = 0
    while index < len(instructions):
        first = instructions[index]
        last = index
        while last < len(instructions) and instructions[last].name not in _KNOWN:
            last += 1
        if last > index:
            labels = (
                (Label(instructions[last - 1].keyword.span, "and on to here"),)
                if last > index + 1
                else ()
            )
            before = instructions[index - 1] if index else None
            advice = _suggestion(first.name, INSTRUCTIONS)
            if not advice and before is not None and before.end_line + 1 == first.start_line:
                advice = "if it goes on from the line above, end that with the escape character"
            advice = advice or "begin the line with an instruction, or with '#' if it is a comment"
            problems.append(
                Problem(
                    "VL001",
                    f"'{first.keyword}' is no Dockerfile instruction",
                    first.keyword.span,
                    advice,
                    labels,
                )
            )
        index = last + 1
    return problems


def template_note(source: Source, instructions: tuple[Instruction, ...]) -> Problem | None:
    """Return a note if the file is the input of a template engine and no Dockerfile yet."""
    marked = any(mark in source.text for mark in _TEMPLATE_MARKS)
    filtered = re.search(_PROPERTY, source.text) is not None
    for instruction in instructions:
        found = None
        place = instruction.keyword.span
        if instruction.name not in _KNOWN:
            found = re.match(_TEMPLATE, instruction.original.lstrip(SPACE)) if marked else None
        elif instruction.name == "FROM" and instruction.args:
            place = instruction.args[0].span
            found = re.match(_NAMELESS, instruction.args[0].value) or (
                _first(_TEMPLATE, instruction) if marked else None
            )
        elif marked and _OPTION in source.text and instruction.args:
            place = instruction.args[0].span
            found = _first(_OPTIONS, instruction)
        if filtered and not found and instruction.name in _EXPANDED and instruction.args:
            place = instruction.args[0].span
            found = _first(_PROPERTY, instruction)
        if found:
            return Problem(
                "VL001",
                f"'{found[0]}' makes this a template, which is not checked",
                place,
                "check the Dockerfile that is generated from it",
                level="note",
            )
    return None


def _first(pattern: str, instruction: Instruction) -> re.Match[str] | None:
    """Return what is found in the first word of an instruction that has it."""
    return next(filter(None, (re.search(pattern, word.value) for word in instruction.args)), None)
