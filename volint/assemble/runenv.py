"""Variables and labels of a command line: -e, --env-file, --label and --label-file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.model import EnvFile, EnvVar
from volint.parse.dotenv import parse_raw
from volint.record import NamedTuple
from volint.source import Kind, Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from volint.assemble.runscene import Scene
    from volint.parse.dotenv import EnvEntry
    from volint.parse.runflags import Parsed
    from volint.source import Word

__all__ = ["Environment", "env_entries", "environment"]

_LONGEST = 1 << 20
"""Bytes read of an env file that is no text."""


class Environment(NamedTuple):
    """What the flags put into a container's environment and its labels."""

    variables: tuple[EnvVar, ...]
    """The variables in force."""
    files: tuple[EnvFile, ...]
    """The env files, in order."""
    labels: dict[str, str]
    """Labels by name."""
    problems: tuple[Problem, ...]
    """Why docker or podman refuses a file."""


def environment(parsed: Parsed, scene: Scene) -> Environment:
    """Return what the flags of a command line set; env files come before -e whatever the order."""
    variables: dict[str, EnvVar] = {}
    files: list[EnvFile] = []
    problems: list[Problem] = []
    for word in parsed.values("env-file"):
        source, exists = _read(word, scene, problems, "env")
        files.append(EnvFile(word.text(), scene.path(word), True, exists))
        if source is None:
            continue
        entries, wrong = env_entries(source, scene.program, scene.env)
        for entry in entries:
            variables[entry.name.value] = EnvVar(
                entry.name, None if entry.inherited else entry.value, "--env-file"
            )
        problems += _refusals(word, scene, wrong, "env")
    for word in parsed.values("env"):
        for variable in _given(word, scene):
            variables[variable.name.value] = variable
    labels = _labels(parsed, scene, problems)
    return Environment(tuple(variables.values()), tuple(files), labels, tuple(problems))


def _read(
    word: Word, scene: Scene, problems: list[Problem], what: str
) -> tuple[Source | None, bool | None]:
    """Return the file that a flag names, and whether it is there; what is wrong is added."""
    path, reader = scene.path(word), scene.reader
    if not word.value:
        advice = "name one, or leave it out"
        problems.append(Problem("VL615", f"'--{what}-file' names no file", word.span, advice))
    if reader is None or path is None:
        return None, None
    source = reader.read(path)
    exists = True if source else reader.exists(path)
    if source is None and exists and scene.program == "podman":
        # podman takes bytes that are no text as they are.
        data = reader.head(path, _LONGEST)
        if data is not None:
            source = Source(path, data.decode("utf-8", "replace"), Kind.ENV_FILE, path)
    if exists is False:
        message, advice = (
            f"the {what} file '{word.value}' is not there",
            "correct the path, or add it",
        )
        problems.append(Problem("VL004", message, word.span, advice))
    elif exists and source is None:
        message, advice = f"the {what} file '{word.value}' cannot be read", "make it readable text"
        problems.append(Problem("VL004", message, word.span, advice))
    return source, exists


def _refusals(word: Word, scene: Scene, wrong: list[Problem], what: str) -> Iterator[Problem]:
    for problem in wrong:
        line = problem.span.source.position(problem.span.start)[0]
        reason = problem.message[:1].lower() + problem.message[1:]
        message = f"{scene.program} refuses line {line} of the {what} file '{word.value}': {reason}"
        yield Problem("VL615", message, word.span, problem.help)


def env_entries(
    source: Source, program: str, env: Mapping[str, str] | None
) -> tuple[list[EnvEntry], list[Problem]]:
    """Read an env file as a program does whose environment is `env` (None: not known).

    A bare name that the environment is known not to set is left out; podman's `NAME*` stands for all
    that begin so.
    """
    read, wrong = parse_raw(source, (env or {}).get, podman=program == "podman")
    entries: list[EnvEntry] = []
    for entry in read:
        name = entry.name.value
        if not entry.inherited:
            entries.append(entry)
        elif program == "podman" and name.endswith("*"):
            entries += (
                entry._replace(name=entry.name._replace(value=known))
                for known in env or ()
                if known.startswith(name[:-1])
            )
        elif env is None or name in env:
            entries.append(entry)
    return entries, wrong


def _given(word: Word, scene: Scene) -> Iterator[EnvVar]:
    """Yield what one -e sets."""
    client = scene.env
    name, equals, _ = word.value.partition("=")
    place = word.slice(0, len(name))
    if equals:
        yield EnvVar(place, word.slice(len(name) + 1), "-e")
    elif scene.program == "podman" and name.endswith("*"):
        for known in client or ():
            if known.startswith(name[:-1]):
                yield EnvVar(place._replace(value=known), None, "-e")
    elif scene.program != "podman" or client is None or name in client:
        yield EnvVar(place, None, "-e")


def _labels(parsed: Parsed, scene: Scene, problems: list[Problem]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for word in parsed.values("label-file"):
        source, _ = _read(word, scene, problems, "label")
        if source is None:
            continue
        entries, wrong = parse_raw(source, lambda _: None, podman=scene.program == "podman")
        labels.update((entry.name.value, entry.value.value) for entry in entries if entry.value)
        problems += _refusals(word, scene, wrong, "label")
    for word in parsed.values("label"):
        key, _, value = word.value.partition("=")
        labels[key] = value
    return labels
