"""Dockerfiles as a user writes them: trees, places, and what is said about mistakes."""

from __future__ import annotations

import pytest

from volint.parse.dockerfile import parse
from volint.parse.dockerfile_tree import Dockerfile, Instruction
from volint.source import Kind, Problem, Source


def read(text: str) -> tuple[Dockerfile, list[Problem]]:
    return parse(Source("Dockerfile", text, Kind.DOCKERFILE))


def one(line: str) -> Instruction:
    tree, problems = read(f"FROM a\n{line}")
    assert not problems
    assert len(tree.instructions) == 2
    return tree.instructions[1]


def values(line: str) -> list[str]:
    return [word.value for word in one(line).args]


def complaint(text: str) -> Problem:
    _tree, problems = read(text)
    assert len(problems) == 1, problems
    return problems[0]


def test_directives_end_at_the_first_line_that_is_none() -> None:
    tree, _ = read("# syntax=docker/dockerfile:1\n# Escape = `\n# note\n# check=skip=all\nFROM a")
    assert [(found.name, found.value.value) for found in tree.directives] == [
        ("syntax", "docker/dockerfile:1"),
        ("escape", "`"),
    ]
    assert tree.escape == "`"
    assert [str(comment) for comment in tree.instructions[0].comments] == ["note", "check=skip=all"]


def test_escape_character_continues_lines() -> None:
    tree, problems = read("# escape=`\nFROM a\nRUN echo `\n  C:\\\nRUN b\n")
    assert not problems
    assert [instruction.original for instruction in tree.instructions] == [
        "FROM a",
        "RUN echo   C:\\",
        "RUN b",
    ]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("RUN a \\\n  b", "RUN a   b"),
        ("RUN a \\  \n b", "RUN a  b"),
        ("RUN a \\\n# comment\n\n  b", "RUN a   b"),
        ("RUN a \\\r\n b\r\n", "RUN a  b"),
        ("RUN a \\", "RUN a "),
        ("\\\nRUN a", "RUN a"),
        ("RUN a \\\nCOPY b c", "RUN a COPY b c"),
    ],
)
def test_continuation(text: str, joined: str) -> None:
    assert one(text).original == joined


def test_two_escape_characters_continue_nothing() -> None:
    tree, _ = read("FROM a\nRUN x \\\\\nUSER b\n")
    assert [instruction.name for instruction in tree.instructions] == ["FROM", "RUN", "USER"]


def test_places_survive_continuation_lines() -> None:
    instruction = one("COPY one \\\n  # not this\n  two\\\n.txt /x")
    spans = [word.span.text() for word in instruction.args]
    assert [word.value for word in instruction.args] == ["one", "two.txt", "/x"]
    assert spans == ["one", "two\\\n.txt", "/x"]
    split = instruction.args[1]
    assert split.slice(0, 3).span.text() == "two"
    assert split.slice(3).span.text() == ".txt"


def test_lines_are_counted_to_the_end_of_a_heredoc() -> None:
    instruction = one("RUN <<A cat \\\n  <<-B\na\nA\n\tb\n\tB\n")
    assert (instruction.start_line, instruction.end_line) == (2, 7)
    assert [doc.text() for doc in instruction.heredocs] == ["a\n", "b\n"]
    assert instruction.span.text().endswith("\tB")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("RUN cat <<EOF\nx\nEOF", ["EOF"]),
        ("RUN cat <<'EOF' >/x\nx\nEOF", ["EOF"]),
        ("RUN cat << EOF\nx\nEOF", ["EOF"]),
        ("RUN cat 3<<EOF\nx\nEOF", ["EOF"]),
        ("ONBUILD COPY <<EOF /x\nx\nEOF", ["EOF"]),
        ('RUN echo "<<EOF"', []),
        ("RUN echo \\<<EOF", []),
        ("RUN cat <<<EOF", []),
        ('RUN ["cat", "<<EOF"]', []),
        ("CMD cat <<EOF", []),
    ],
)
def test_heredocs(line: str, names: list[str]) -> None:
    assert [doc.name for doc in one(line).heredocs] == names


@pytest.mark.parametrize(
    ("line", "flags", "args"),
    [
        ("COPY --from=b --link c d", ["--from=b", "--link"], ["c", "d"]),
        ("COPY a --from=b c", [], ["a", "--from=b", "c"]),
        ("RUN -- --x", [], ["--x"]),
        (
            'RUN --mount="type=cache,target=/a b" x',
            ["--mount=type=cache,target=/a b"],
            ["x"],
        ),
        ("RUN --mount=target=/a\\ b x", ["--mount=target=/a b"], ["x"]),
    ],
)
def test_flags(line: str, flags: list[str], args: list[str]) -> None:
    instruction = one(line)
    assert [
        f"--{flag.name}" + (f"={flag.value}" if flag.value else "") for flag in instruction.flags
    ] == flags
    assert [word.value for word in instruction.args] == args


def test_places_in_quoted_flags() -> None:
    value = one('RUN --mount="type=cache,target=/a b" x').flag("mount")
    assert value is not None
    assert value.slice(18).value == "/a b"
    assert value.slice(18).span.text() == "/a b"


@pytest.mark.parametrize(
    ("line", "json", "args"),
    [
        ('CMD ["a", "b c"]', True, ["a", "b c"]),
        ("CMD [ ]", True, []),
        ("CMD ['a']", False, ["['a']"]),
        ('CMD ["a",]', False, ['["a",]']),
        ('VOLUME ["/a", "/b"]', True, ["/a", "/b"]),
        ("VOLUME /a /b", False, ["/a", "/b"]),
        ("VOLUME [/a]", False, ["[/a]"]),
        ("WORKDIR a b", False, ["a b"]),
        ("HEALTHCHECK CMD curl x", False, ["CMD", "curl x"]),
        ("ENV a b c", False, ["a", "b c"]),
        ('ENV a="b c" d=\\ e', False, ["a", '"b c"', "d", "\\ e"]),
        ("ARG a=1 b", False, ["a=1", "b"]),
    ],
)
def test_arguments(line: str, json: bool, args: list[str]) -> None:
    instruction = one(line)
    assert instruction.json is json
    assert [word.value for word in instruction.args] == args


def test_places_in_json() -> None:
    word = one(r'COPY ["a\u0041\"b", "/x"]').args[0]
    assert word.value == 'aA"b'
    assert word.span.text() == r"a\u0041\"b"
    assert word.slice(1, 2).span.text() == r"\u0041"
    assert word.slice(3).span.text() == "b"


def test_no_break_space_separates_nothing() -> None:
    tree, problems = read("FROM a\nRUN\u00a0x\n")
    assert tree.instructions[1].keyword.value == "RUN\u00a0x"
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("RUN x", "RUN", "before the first FROM"),
        ("FROM a AS 1b", "1b", "cannot name a stage"),
        ("FROM a b", "b", "IMAGE AS NAME"),
        ("FROM a\nCOPI x y", "COPI", "no Dockerfile instruction"),
        ("FROM a\nCOPY x", "COPY", "source and a destination"),
        ("FROM a\nCOPY --form=b x y", "form", "no flag '--form'"),
        ("FROM a\nCOPY --chown root x y", "--chown", "has no value"),
        ("FROM a\nCOPY --link=x a b", "x", "true or false"),
        ("FROM a\nRUN --network=x y", "x", "no network"),
        ("FROM a\nENV a", "a", "has no value"),
        ("FROM a\nENV a=1 b", "b", "without '='"),
        ('FROM a\nCMD ["a", 1]', '["a", 1]', "strings only"),
        ("FROM a\nVOLUME []", "VOLUME", "needs a path"),
        ('FROM a\nVOLUME [""]', "", "empty path"),
        ("FROM a\nSHELL bash -c", "SHELL", "JSON array"),
        ("FROM a\nHEALTHCHECK NONE x", "x", "nothing more"),
        ("FROM a\nHEALTHCHECK --interval=5 CMD x", "5", "no duration"),
        ("FROM a\nHEALTHCHECK --interval=1us CMD x", "1us", "millisecond"),
        ("FROM a\nONBUILD FROM b", "FROM", "behind ONBUILD"),
        ("FROM a\nCOPY x <<EOF\nEOF", "<<EOF", "destination"),
        ("# escape=x\nFROM a", "x", "escape character"),
        ("# syntax=a\n# syntax=b\nFROM a", "b", "given twice"),
        ("ARG a", "ARG", "no FROM"),
        ("\n# nothing\n", "", "no instructions"),
    ],
)
def test_mistakes(text: str, place: str, words: str) -> None:
    problem = complaint(text)
    assert problem.code == "VL001"
    assert words in problem.message
    assert problem.span.text() == place


def test_a_suggestion_says_what_to_type() -> None:
    assert "'COPY'" in complaint("FROM a\nCOPI x y").help
    assert "'--from'" in complaint("FROM a\nCOPY --form=b x y").help


def test_a_missing_escape_character_is_one_problem() -> None:
    tree, problems = read("FROM a\nRUN a &&\n  b &&\n  c\nUSER d\n")
    assert len(problems) == 1
    assert "escape character" in problems[0].help
    assert tree.instructions[-1].name == "USER"


def test_an_indented_end_of_a_heredoc_is_pointed_at() -> None:
    tree, problems = read("FROM a\nRUN <<EOF\nx\n  EOF\nUSER b\n")
    assert len(problems) == 1
    assert problems[0].span.text() == "  EOF"
    assert [instruction.name for instruction in tree.instructions] == ["FROM", "RUN", "USER"]


def test_a_heredoc_without_end_takes_the_rest() -> None:
    tree, problems = read("FROM a\nRUN <<EOF\nx\nUSER b")
    assert [problem.span.text() for problem in problems] == ["<<"]
    assert tree.instructions[-1].heredocs[0].text() == "x\nUSER b"


@pytest.mark.parametrize(
    "text",
    [
        "{% if x %}\nFROM a\n{% endif %}\n",
        "FROM {{ env.image }}\nRUN x\n",
        "FROM %%BASE%%\nRUN x\n",
        "FROM python:3-${templateOption:imageVariant}\n",
        '{{ include "x" }}\nFROM a\n',
    ],
)
def test_a_template_is_a_note(text: str) -> None:
    tree, problems = read(text)
    assert tree.template
    assert [problem.level for problem in problems] == ["note"]


def test_templates_in_commands_are_text() -> None:
    tree, problems = read("FROM a@sha256:0\nRUN docker ps --format '{{ .ID }}'\nLABEL a={{b}}\n")
    assert not tree.template
    assert not problems
