"""Shell text into the docker and podman commands it runs, wherever in it they stand.

A command is found inside functions, branches, loops, pipelines, substitutions, in `sh -c '...'`, `ssh HOST ...`,
`trap '...'`, behind `sudo`, `env`, `xargs` and assignments; not in comments, heredocs and the strings of
other commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.shellcommand import ShellCommand, is_list
from volint.source import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.parse.derived import Derived
    from volint.parse.shellstate import State, Value
    from volint.source import Problem, Source, Text, Word

__all__ = [
    "ShellCommand",
    "created_paths",
    "is_list",
    "mentions",
    "parse",
    "parse_derived",
    "words_of",
]

_NAMES = ("docker", "podman", "nerdctl")
_ENGINE = regex(r"(?:container|oci)_?(?:engine|runtime|cli|tool|cmd)")


def mentions(text: str, start: int = 0, end: int | None = None) -> bool:
    """Return True if the text may hold a container command at all."""
    if start or end is not None:
        text = text[start:end]
    if any(name in text for name in _NAMES):
        return True
    # `$DOCKER run`, `dock'er' run`
    folded = text.lower().replace("'", "").replace('"', "").replace("\\", "")
    return any(name in folded for name in _NAMES) or _ENGINE.search(folded) is not None


def parse(
    source: Source,
    start: int = 0,
    end: int | None = None,
    *,
    dialect: str = "bash",
    variables: Mapping[str, str] | None = None,
    cwd: str | None = None,
    home: str | None = None,
) -> tuple[list[ShellCommand], list[Problem]]:
    """Return the container commands of source[start:end] in the order they are written in.

    `variables` is the whole environment the script runs in (what it does not hold is unset); without
    it, variables that the script itself does not set are unknown. `cwd` is the directory it is
    started in, `home` what '~' stands for. The dialect 'sh' knows no braces.
    """
    stop = len(source.text) if end is None else end
    if not mentions(source.text, start, stop):
        return [], []
    from volint.parse.shellrun import Script

    state = _state(variables, None, cwd, home, dialect)
    script = Script(source, source.text, state, {}, (start, stop))
    return script.run(), _problems(source, script.scanner.unclosed)


def _problems(source: Source, unclosed: set[int]) -> list[Problem]:
    """Return the complaint about the first quote or bracket that is never closed."""
    if not unclosed:
        return []
    from volint.source import Problem, Span

    at = min(unclosed)
    opening = source.text[at : at + 1]
    if opening == "$":
        opening = source.text[at : at + 2]
    return [
        Problem(
            "VL001",
            f"This {opening} is never closed, and a shell would not run the script",
            Span(source, at, at + len(opening)),
            "close it; the rest was read as if it were not there",
            level="note",
        )
    ]


def parse_derived(
    text: Derived,
    *,
    dialect: str = "bash",
    known: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    cwd: str | None = None,
    home: str | None = None,
) -> list[ShellCommand]:
    """Return the container commands of a text that another file holds, with their places there.

    `known` are variables that the host sets beside an environment that is not known; the rest as `parse`.
    """
    if not mentions(text.value):
        return []
    from volint.parse.shellrun import Script, in_host

    state = _state(variables, known, cwd, home, dialect)
    script = Script(text.source, text.value, state, text.holes(), (0, len(text.value)))
    return [in_host(command, text) for command in script.run()]


def words_of(text: Derived, known: Mapping[str, str] | None = None) -> list[Word]:
    """Return the words that a shell makes of a text that is the arguments of one command."""
    from volint.parse.shellrun import Script

    script = Script(
        text.source,
        text.value,
        _state(None, known, None, None, "bash"),
        text.holes(),
        (0, len(text.value)),
    )
    return [text.word(word) for word in script.words()]


def created_paths(source: Source) -> list[Text]:
    """Return the paths that a text makes: by mkdir, touch, cp, git clone and the like.

    A script is run through as a whole; of other texts (recipes, CI jobs, documents, units) each line
    that holds such a command is. Relative paths are relative to where it is started; what is not
    known is left out.
    """
    from volint.parse.shellmakers import MAKERS, lines_that_make

    if not any(name in source.text for name in MAKERS):
        return []
    if source.kind is Kind.SHELL:
        return _made(source, 0, len(source.text))
    return [text for place in lines_that_make(source.text) for text in _made(source, *place)]


def _made(source: Source, start: int, end: int) -> list[Text]:
    from volint.parse.shellmakers import MAKERS, made
    from volint.parse.shellrun import Script

    script = Script(source, source.text, _state(None, None, None, None, "bash"), {}, (start, end))
    script.watched = MAKERS
    script.run()
    return [text for words, cwd in script.seen for text in made(words, cwd)]


def _state(
    variables: Mapping[str, str] | None,
    known: Mapping[str, str] | None,
    cwd: str | None,
    home: str | None,
    dialect: str,
) -> State:
    from volint.parse.bits import Bit
    from volint.parse.shellstate import Scalar, State

    values: dict[str, Value] = {}
    for name, value in (*(known or {}).items(), ("PWD", cwd), ("HOME", home)):
        if value is not None:
            values[name] = Scalar((Bit(value, -1, -1, True),) if value else ())
    state = State(variables, values)
    state.exported.update(known or ())
    state.posix = dialect == "sh"
    return state
