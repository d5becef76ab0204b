"""Every recorded Dockerfile: the tree BuildKit's parser makes of it, and whether it takes it."""

from __future__ import annotations

import pytest
from dockerfile_answers import SETS, Case, cases, node, recorded_node
from recorded import recordings

from volint.parse.dockerfile_expand import Lexer, SubstitutionError
from volint.parse.dockerfile_words import heredoc_word

MOUNT_RECORDS = ("takes no variables", "double quote", "value is empty")
"""What BuildKit refuses about the record of a mount before it builds anything."""


@pytest.mark.parametrize("name", SETS)
def test_tree(name: str) -> None:
    wrong = []
    for case in cases(name):
        if "ast" in case.answer:
            read = [node(instruction) for instruction in case.tree.instructions]
            if read != [recorded_node(recorded) for recorded in case.answer["ast"]]:
                wrong.append(case.id)
    assert not wrong


def refused(case: Case) -> bool:
    found = [problem for problem in case.problems if "has no FROM" not in problem.message]
    found += [
        problem
        for problem in case.stages().problems
        if "option of a device" in problem.message
        or (problem.code == "VL601" and any(words in problem.message for words in MOUNT_RECORDS))
    ]
    return bool(found)


@pytest.mark.parametrize("name", SETS)
def test_verdict(name: str) -> None:
    # What BuildKit makes of the input of a template engine is of no use to anybody.
    wrong = [
        case.id
        for case in cases(name)
        if not case.tree.template and refused(case) == case.answer["ok"]
    ]
    assert not wrong


@pytest.mark.parametrize("name", SETS)
def test_problem_is_on_the_line_buildkit_names(name: str) -> None:
    wrong = []
    for case in cases(name):
        answer = case.answer
        if answer.get("stage") != "instructions" or case.tree.template or not case.problems:
            continue
        first = case.problems[0].span
        line = first.source.text.count("\n", 0, first.start) + 1
        if not any(start <= line <= end for start, end in answer["lines"]):
            wrong.append(case.id)
    assert not wrong


@pytest.mark.parametrize("name", ["shell-grid", "shell-lexer"])
def test_expansion(name: str) -> None:
    wrong = []
    for row in recordings(f"dockerfile/{name}.jsonl"):
        request, answer = row["request"], row["answer"]
        env = dict(entry.partition("=")[::2] for entry in request["env"])
        raw = request.get("raw", False)
        lexer = Lexer(
            request["word"],
            env.get,
            request.get("escape") or "\\",
            raw_quotes=raw,
            raw_escapes=raw,
            keep_unset=request.get("skip_unset", False),
        )
        try:
            chunks = lexer.run()
        except SubstitutionError:
            if answer["ok"]:
                wrong.append(row["id"])
            continue
        if (
            not answer["ok"]
            or answer["result"] != "".join(chunk.text for chunk in chunks)
            or sorted(answer["unmatched"]) != sorted(set(lexer.unset))
            or (answer["words"] or []) != lexer.words
        ):
            wrong.append(row["id"])
    assert not wrong


def test_heredoc_words() -> None:
    for row in recordings("dockerfile/heredoc-words.jsonl"):
        word, answer = row["request"]["word"], row["answer"]
        if not answer["ok"]:
            with pytest.raises(SubstitutionError):
                heredoc_word(word)
            continue
        recorded = answer["heredoc"]
        found = heredoc_word(word)
        assert (found and found._asdict()) == (
            recorded
            and {
                "name": recorded["name"],
                "expand": recorded["expand"],
                "chomp": recorded["chomp"],
                "descriptor": recorded["fd"],
            }
        ), word
