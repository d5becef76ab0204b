"""Compose's template language against recordings of compose-go, and where its characters stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import recordings

from volint.parse.interpolation import interpolate, variables
from volint.source import Piece, Source, Span, Word

ENV = {"S": "set", "E": "", "D": "$S", "P": "/p"}


def word_of(text: str, before: str = "") -> Word:
    source = Source("compose.yaml", before + text)
    return Word(text, Span(source, len(before), len(before) + len(text)))


def places(word: Word) -> list[tuple[str, str]]:
    """Each stretch of a value beside the characters of the source it comes from."""
    ends = [piece.at for piece in word.pieces[1:]] + [len(word.value)]
    text = word.span.source.text
    return [
        (word.value[piece.at : end], text[piece.start : piece.end])
        for piece, end in zip(word.pieces, ends, strict=True)
    ]


@pytest.mark.parametrize("name", ["interp-grid", "interp-handwritten", "interp-test-literals"])
def test_agrees_with_compose(name: str) -> None:
    disagreements = []
    for record in recordings(f"compose/{name}.jsonl"):
        template, env = record["request"]["spec"], record["request"]["env"]
        answer = record["answer"]
        result = interpolate(word_of(template), env.get)
        if answer["ok"]:
            warned = tuple(line.split('"')[1] for line in answer.get("warnings", ()))
            same = (
                not result.errors
                and result.word.value == answer["value"]
                and result.missing == tuple(dict.fromkeys(warned))
            )
        else:
            required = "required variable" in answer["error"]
            same = bool(result.errors) and bool(result.errors[0].name) == required
        if not same:
            disagreements.append((template, result, answer))
    for disagreement in disagreements:
        print(*disagreement, sep="\n  ")
    assert not disagreements


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        ("$S/a", "set/a"),
        ("$$S", "$S"),
        ("$1 $( $", "$1 $( $"),
        ("${D}", "$S"),
        ("${U-a:-b}", "a:-b"),
        ("${U:-${E:-${P}}/x}", "/p/x"),
        ("${U:-a}b}", "ab}"),
        ("${U:-{a}}", "{a}"),
        ("${E:+x}${S:+y}${E+z}", "yz"),
        ("${E-x}", ""),
    ],
)
def test_values(template: str, value: str) -> None:
    result = interpolate(word_of(template), ENV.get)
    assert result.word.value == value
    assert not result.errors


def test_word_without_a_variable_is_returned_as_it_is() -> None:
    word = word_of("./data:/data")
    assert interpolate(word, ENV.get).word is word


def test_an_expansion_maps_to_its_expression_and_a_default_to_its_own_text() -> None:
    word = interpolate(word_of("${P}/a:${U:-./data}/b$$", before="- "), ENV.get).word
    assert places(word) == [
        ("/p", "${P}"),
        ("/a:", "/a:"),
        ("./data", "./data"),
        ("/b", "/b"),
        ("$", "$$"),
    ]
    assert word.slice(5, 11).span.text() == "./data"
    assert word.slice(1, 4).span.text() == "${P}/a"


def test_what_an_escape_of_the_host_language_gave_keeps_its_place() -> None:
    source = Source("compose.yaml", r'"\x41${S}b"')
    pieces = (Piece(0, 1, 5, opaque=True), Piece(1, 5, 10))
    word = interpolate(Word("A${S}b", Span(source, 1, 10), pieces), ENV.get).word
    assert places(word) == [("A", r"\x41"), ("set", "${S}"), ("b", "b")]


def test_an_empty_result_maps_to_the_whole_value() -> None:
    result = interpolate(word_of("${U}"), ENV.get)
    assert result.word.value == ""
    assert result.missing == ("U",)
    assert result.word.pieces == (Piece(0, 0, 4, opaque=True),)


@pytest.mark.parametrize(
    ("template", "value", "unresolved"),
    [
        ("${U}/a", "${U}/a", ("U",)),
        ("$U/a", "$U/a", ("U",)),
        ("${U:-./d}", "./d", ()),
        ("${U:-${V}/d}", "${V}/d", ("V",)),
        ("${U:?needed}:/d", "${U:?needed}:/d", ("U",)),
        ("${U:+x}", "${U:+x}", ("U",)),
        ("${S}/${U}", "set/${U}", ("U",)),
    ],
)
def test_unknown_variables_stay(template: str, value: str, unresolved: tuple[str, ...]) -> None:
    result = interpolate(word_of(template), ENV.get, symbolic=True)
    assert result.word.value == value
    assert result.word.unresolved() == unresolved
    assert not result.errors


def test_a_malformed_expression_is_the_place_of_the_error() -> None:
    error = interpolate(word_of("a ${S:x} b"), ENV.get).errors[0]
    assert error.span.text() == "${S:x}"
    assert error.message == "'${S:x}' is no valid variable reference"


def test_a_required_variable_is_named_with_its_message() -> None:
    error = interpolate(word_of("${U:?set ${S} it}"), ENV.get).errors[0]
    assert error.name == "U"
    assert error.message == "The required variable 'U' has no value: set set it"


def test_deep_nesting_is_an_error_and_many_expressions_are_none() -> None:
    assert interpolate(word_of("${U:-" * 5000 + "}" * 5000), ENV.get).errors
    assert interpolate(word_of("${U:-x} " * 5000), ENV.get).word.value == "x " * 5000


def test_variables_of_a_value() -> None:
    uses = variables(word_of("${A:-x${B}y} $C ${D:?no} ${E:+$F} $$G ${bad"))
    assert [(use.name, use.default and use.default.value, use.required) for use in uses] == [
        ("A", "x${B}y", False),
        ("B", None, False),
        ("C", None, False),
        ("D", None, True),
        ("E", None, False),
        ("F", None, False),
    ]
    assert uses[0].default is not None
    assert uses[0].default.span.text() == "x${B}y"
    assert uses[1].span.text() == "${B}"


TEMPLATES = st.lists(
    st.sampled_from(
        [
            "$",
            "$$",
            "{",
            "}",
            "${",
            "S",
            "E",
            "U",
            "D",
            ":-",
            "-",
            "+",
            ":?",
            "?",
            "/",
            ":",
            " ",
            "\n",
            "é",
        ]
    ),
    max_size=20,
).map("".join)


@given(TEMPLATES, st.booleans())
def test_pieces_lie_inside_and_follow_each_other(template: str, symbolic: bool) -> None:
    word = interpolate(word_of(template, before="#"), ENV.get, symbolic).word
    text = word.span.source.text
    for index, piece in enumerate(word.pieces):
        end = word.pieces[index + 1].at if index + 1 < len(word.pieces) else len(word.value)
        assert word.span.start <= piece.start <= piece.end <= word.span.end
        assert piece.at < end or len(word.pieces) == 1
        if not piece.opaque:
            assert text[piece.start : piece.end] == word.value[piece.at : end]
    if not word.pieces:
        assert word.value == template


@given(TEMPLATES)
def test_symbolic_mode_with_all_known_is_real_mode(template: str) -> None:
    def lookup(name: str) -> str:
        return ENV.get(name, "")

    word = word_of(template)
    assert interpolate(word, lookup, symbolic=True) == interpolate(word, lookup)
