"""Hold the shell reader to what bash ran."""

from __future__ import annotations

import re
from typing import Any

import pytest
from recorded import document, recordings

from volint.parse.shell import ShellCommand, is_list, parse
from volint.source import Source, Word

NOT_RUN = re.compile(r"\|\||while false|\$\{UNSET:\?")
"""What bash had no reason to run, and a reader of the text has."""


def pattern(word: Word) -> str:
    """Return a pattern of what a word may be: commands and file names are not run or looked up."""
    parts = []
    for index, piece in enumerate(word.pieces):
        following = word.pieces[index + 1 : index + 2]
        stop = following[0].at if following else len(word.value)
        parts.append(".*" if piece.unresolved else re.escape(word.value[piece.at : stop]))
    text = "".join(parts) if word.pieces else re.escape(word.value)
    return text.replace(r"\*", r"(?:\*|sub)") + "\0"


def agrees(command: ShellCommand, argv: list[str]) -> bool:
    words = "".join(f"(?:{pattern(w)})?" if is_list(w) else pattern(w) for w in command.words)
    return re.fullmatch(words, "".join(word + "\0" for word in argv), re.DOTALL) is not None


@pytest.mark.parametrize("record", recordings("shell-lines.jsonl"), ids=lambda record: record["id"])
def test_commands_are_those_bash_ran(record: dict[str, Any]) -> None:
    environment = record["env"]
    found, problems = parse(
        Source("x.sh", record["text"]),
        variables=environment,
        cwd=record["cwd"],
        home=environment["HOME"],
    )
    assert not problems
    rest = list(found)
    for argv in record["argvs"]:
        equal = [command for command in rest if agrees(command, argv)]
        assert equal, (argv, rest)
        rest.remove(equal[0])
    assert not rest or NOT_RUN.search(record["text"])


@pytest.mark.parametrize(
    "record",
    [record for record in recordings("seed-commands.jsonl") if not record["fragment"]],
    ids=lambda record: record["id"],
)
def test_commands_of_documents_are_those_bash_makes_of_them(record: dict[str, Any]) -> None:
    fixture = document("fixture.json")
    found, _ = parse(
        Source("x.sh", record["shell"]),
        variables=fixture["env"],
        cwd=fixture["cwd"],
        home=fixture["home"],
    )
    # The recorder stood in for docker alone, and bash refuses a placeholder such as <name>.
    found = [command for command in found if command.program == "docker"]
    if record["exit"] == 2:
        assert [command.words[0].value for command in found] == ["docker"]
        return
    assert len(found) == len(record["argvs"])
    for command, argv in zip(found, record["argvs"], strict=True):
        assert agrees(command, argv)
