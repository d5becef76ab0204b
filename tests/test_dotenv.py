"""Env files against recordings of compose-go, and where their values stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import recordings

from volint.parse.dotenv import EnvEntry, parse, parse_raw
from volint.source import Problem, Source

NOTHING: dict[str, str] = {}


def values(entries: list[EnvEntry]) -> dict[str, str]:
    return {entry.name.value: entry.value.value for entry in entries if entry.value is not None}


def read(text: str, env: dict[str, str] = NOTHING) -> tuple[list[EnvEntry], list[Problem]]:
    return parse(Source(".env", text), env.get)


def test_agrees_with_compose() -> None:
    disagreements = []
    for record in recordings("compose/dotenv.jsonl"):
        request, answer = record["request"], record["answer"]
        entries, problems = read(request["content"].removeprefix("\ufeff"), request["env"])
        if bool(problems) == answer["ok"] or (
            answer["ok"] and values(entries) != (answer["vars"] or {})
        ):
            disagreements.append((request["content"], entries, problems, answer))
    for disagreement in disagreements:
        print(*disagreement, sep="\n  ")
    assert not disagreements


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nB: 2\nexport C=3\n", {"A": "1", "B": "2", "C": "3"}),
        ("A= b # comment\nB=c#d\n", {"A": "b", "B": "c#d"}),
        ("A='$S'\nB=\"$S\"\nC=$S\n", {"A": "$S", "B": "set", "C": "set"}),
        ('A="a\\nb\\$S"\n', {"A": "a\nb$S"}),
        ('A="one\ntwo"\nB=3\n', {"A": "one\ntwo", "B": "3"}),
        ("A=1\nB=${A}${U:-d}\n", {"A": "1", "B": "1d"}),
        ("S=own\nB=$S\n", {"S": "own", "B": "set"}),
        ("S\nU\n", {"S": "set"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ],
)
def test_values(text: str, expected: dict[str, str]) -> None:
    entries, problems = read(text, {"S": "set"})
    assert values(entries) == expected
    assert not problems


def test_spans_are_those_of_what_is_written_without_quotes() -> None:
    entries, _ = read("A = \"x${S}\" # c\nexport B='y'\nC= z w # c\nD\n", {"S": "set"})
    assert [entry.value and entry.value.span.text() for entry in entries] == [
        "x${S}",
        "y",
        "z w",
        None,
    ]
    assert [entry.name.span.text() for entry in entries] == ["A", "B", "C", "D"]
    assert entries[3].inherited


def test_unknown_variables_stay_in_symbolic_mode() -> None:
    entries, _ = parse(Source(".env", "A=${U}/x\n"), NOTHING.get, symbolic=True)
    assert entries[0].value is not None
    assert entries[0].value.value == "${U}/x"
    assert entries[0].value.unresolved == ("U",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("A=1\nTWO WORDS=hunter2\n", "TWO WORDS"),
        ("A=1\nhunter2%x\n", "%"),
        ('A="hunter2\n', '"'),
        ("A=${hunter2!}\n", "${hunter2!}"),
    ],
)
def test_what_is_refused_has_a_place_and_no_value_in_its_message(text: str, place: str) -> None:
    _, problems = read(text)
    assert len(problems) == 1
    assert problems[0].span.text() == place
    assert "hunter2" not in problems[0].message + problems[0].help


def test_raw_files_know_neither_quotes_nor_comments_nor_variables() -> None:
    text = '# c\n\nA="x" # y\n B=$S \r\nS\nU\n'
    entries, problems = parse_raw(Source("env", text), {"S": "set"}.get)
    assert values(entries) == {"A": '"x" # y', "B": "$S ", "S": "set"}
    assert [entry.name.value for entry in entries] == ["A", "B", "S", "U"]
    assert not problems


@pytest.mark.parametrize("text", ["=x\n", "A B=x\n", f"A={'x' * 70_000}\n"])
def test_raw_files_refuse(text: str) -> None:
    entries, problems = parse_raw(Source("env", f"OK=1\n{text}"), NOTHING.get)
    assert values(entries) == {"OK": "1"}
    assert len(problems) == 1


@given(st.text("AB=:\n\r\"'\\$#{} \té", max_size=30))
def test_never_raises(text: str) -> None:
    for entries, problems in (read(text), parse_raw(Source("env", text), NOTHING.get)):
        for entry in entries:
            assert entry.name.span.end <= len(text)
            assert entry.value is None or entry.value.span.end <= len(text)
        for problem in problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(text)
