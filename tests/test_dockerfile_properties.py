"""What holds for every text: nothing is raised, every place is inside of it, time is linear."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volint.assemble.copysources import copy_destination, copy_sources
from volint.assemble.stages import stages
from volint.model import StepKind
from volint.parse.dockerfile import Instruction, parse
from volint.source import Kind, Source, Span, Text, Word

BITS = st.sampled_from(
    [
        *("FROM ", "a", " AS b", "b", "RUN ", "COPY ", "ADD ", "ENV ", "ARG ", "VOLUME ", "LABEL "),
        *("WORKDIR ", "USER ", "ONBUILD ", "HEALTHCHECK ", "CMD ", "SHELL ", "EXPOSE ", "EXPOS "),
        *("--mount=", "type=cache,", "type=secret,", "target=/x", "from=b", "--from=", "--chmod="),
        *("$A", "${A}", "${A:-", "${A%", "${A/", "}", "A=", "=", '"', "'", "`", "\\", "\\\n", "\n"),
        *("\r\n", " ", "\t", "# escape=`\n", "# c\n", "<<E", "<<-'E'", "\nE\n", "[", "]", '["x"]'),
        *(",", "/", ".", "..", "\u00a0", "\u2028", "\ud800", "é", "\x00", "0", "7777", "{{", "%%"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(BITS, max_size=40).map("".join))


def places(found: object) -> Iterator[Span]:
    """Yield every span of a tree of tuples."""
    if isinstance(found, Span):
        yield found
    elif isinstance(found, (tuple, list)):
        for part in found:
            yield from places(part)
    elif isinstance(found, dict):
        yield from places(tuple(found.values()))


def words(instruction: Instruction) -> Iterator[Word]:
    yield from instruction.args
    for flag in instruction.flags:
        if flag.value is not None:
            yield flag.value
    if instruction.trigger is not None:
        yield from words(instruction.trigger)


def check_word(word: Word, size: int) -> None:
    whole = word.slice()
    assert isinstance(whole, Text)
    assert whole.value == word.value
    for index in range(len(word.value)):
        place = word.slice(index, index + 1).span
        assert 0 <= place.start <= place.end <= size
        written = word.span.source.text[place.start : place.end]
        if len(written) == 1 and not any(piece.opaque for piece in word.pieces):
            assert written == word.value[index]


@given(TEXTS, st.booleans())
def test_every_text_is_read(text: str, symbolic: bool) -> None:
    source = Source("Dockerfile", text, Kind.DOCKERFILE)
    tree, problems = parse(source)
    result = stages(tree, {"A": "x$A"} if symbolic else None, symbolic=symbolic)
    for span in places((tree.directives, tree.instructions, problems, result)):
        assert span.source is source
        assert 0 <= span.start <= span.end <= len(text)
    for instruction in tree.instructions:
        assert 1 <= instruction.start_line <= instruction.end_line <= text.count("\n") + 1
        for word in words(instruction):
            check_word(word, len(text))
    for stage in result.stages:
        assert stage.base_index is None or stage.base_index < len(result.stages)
        for step in stage.steps:
            dict(step.environment)
            if step.kind in (StepKind.COPY, StepKind.ADD):
                copy_sources(step)
                assert copy_destination(step)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("RUN x" + " \\\n y" * 100_000, id="continuation lines"),
        pytest.param("ENV " + "a=$b \\\n" * 50_000, id="assignments"),
        pytest.param("RUN <<E\n" + "x\n" * 200_000 + "E", id="long here-document"),
        pytest.param("RUN <<E\n E \n" * 30_000, id="here-documents without end"),
        pytest.param("RUN " + "x" * 60_000, id="long line"),
        pytest.param("RUN " + "[" * 60_000, id="open brackets"),
        pytest.param("ENV a=" + "${b:-" * 12_000, id="nested substitutions"),
        pytest.param("ENV a=" + "a" * 60_000 + "\nENV b=${a#" + "*a" * 20_000 + "b}", id="stars"),
        pytest.param("ONBUILD " * 8_000 + "RUN x", id="triggers"),
        pytest.param("RUN --mount=" + ",x" * 30_000 + " y", id="fields"),
    ],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    tree, _problems = parse(Source("Dockerfile", "FROM scratch\n" + text, Kind.DOCKERFILE))
    stages(tree)
    assert time.process_time() - started < 20
