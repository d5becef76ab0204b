"""YAML as Compose reads it: recordings of go-yaml, places, and both readers against each other."""

from __future__ import annotations

import json
import math
import sys
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import recordings

from volint.parse import yaml_events, yaml_libyaml
from volint.parse.yaml import (
    MAX_DEPTH,
    Alias,
    Document,
    Mapping,
    Node,
    Scalar,
    Sequence,
    Timestamp,
    deref,
    effective,
    parse,
    resolve,
)
from volint.parse.yaml_error import YamlSyntaxError
from volint.source import Problem, Source, Word


def read(text: str) -> tuple[list[Document], list[Problem]]:
    return parse(Source("compose.yaml", text))


def root(text: str) -> Node:
    documents, problems = read(text)
    assert not problems
    return documents[0].root


def child(node: Node, *path: str | int) -> Node:
    for step in path:
        node = deref(node)
        if isinstance(step, int):
            assert isinstance(node, Sequence)
            node = node.items[step]
        else:
            assert isinstance(node, Mapping)
            node = next(value for key, value, _ in effective(node) if key.value == step)
    return node


def scalar(text: str, *path: str | int) -> Scalar:
    node = deref(child(root(text), *path))
    assert isinstance(node, Scalar)
    return node


# Recorded behaviour


def go_float(number: float) -> str:
    """Write a number as Go's %v does."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    value = Decimal(repr(number)).normalize()
    exponent = value.adjusted()
    if -4 <= exponent < 17:
        return format(value, "f")
    digits = "".join(map(str, value.as_tuple().digits))
    point = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{'-' if number < 0 else ''}{digits[0]}{point}e{exponent:+03d}"


def go_value(node: Node) -> Any:
    """Write a node as the recordings do: {type: value}."""
    node = deref(node)
    if isinstance(node, Sequence):
        return {"seq": [go_value(item) for item in node.items]}
    if isinstance(node, Mapping):
        entries = effective(node)
        plain = (None, "!", "!!str")
        if all(isinstance(resolve(key), str) and key.tag in plain for key, _, _ in entries):
            return {"map": {key.value: go_value(value) for key, value, _ in entries}}
        pairs = [[go_value(key), go_value(value)] for key, value, _ in entries]
        return {"anymap": sorted(pairs, key=json.dumps)}
    value = resolve(node)
    if value is None:
        return {"null": True}
    if isinstance(value, bool):
        return {"bool": str(value).lower()}
    if isinstance(value, int):
        return {"int" if value < 2**63 else "uint64": str(value)}
    if isinstance(value, float):
        return {"float64": go_float(value)}
    if isinstance(value, Timestamp):
        return {"time.Time": str(value)}
    return {"string": value}


def test_agrees_with_go_yaml() -> None:
    disagreements = []
    for record in recordings("compose/yaml.jsonl"):
        text, answer = record["request"]["content"], record["answer"]
        documents, problems = read(text.removeprefix("\ufeff"))
        if answer["ok"]:
            same = not problems and answer["docs"] == [go_value(each.root) for each in documents]
        else:
            same = bool(problems)
        if not same:
            disagreements.append((text, problems, answer))
    for disagreement in disagreements:
        print(*disagreement, sep="\n  ")
    assert not disagreements


YAML_ERRORS = ("go-yaml load error", "already defined at line", "cycle detected: node")


@pytest.mark.parametrize(
    "name",
    ["yaml-through-loader", "handwritten", "compose-go-test-literals", "compose-spec-snippets"],
)
def test_reads_what_compose_reads(name: str) -> None:
    """What the loader accepts is no problem here; what it refuses as YAML is one."""
    disagreements = []
    for record in recordings(f"compose/{name}.jsonl"):
        answer = record["answer"]
        files = record["request"].get("files") or {}
        if record.get("flaky") or not all(isinstance(text, str) for text in files.values()):
            continue
        sources = [text for path, text in files.items() if path.endswith((".yaml", ".yml"))]
        problems = [problem for text in sources for problem in read(text.removeprefix("\ufeff"))[1]]
        refused = not answer["ok"] and any(sign in answer.get("error", "") for sign in YAML_ERRORS)
        if (answer["ok"] and problems and len(sources) == 1) or (refused and not problems):
            disagreements.append((record["id"], files, problems, answer))
    for disagreement in disagreements:
        print(*disagreement, sep="\n  ")
    assert not disagreements


# Values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("yes", "yes"),
        ("~", None),
        ("017", 15),
        ("0o17", 15),
        ("0x1f", 31),
        ("0b11", 3),
        ("08", 8.0),
        ("1_000", 1000),
        ("12:30", "12:30"),
        ("1e400", "1e400"),
        ("'1'", "1"),
        ("!!str 5", "5"),
        ('!!int "5"', 5),
        ("!mine 5", "5"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("2001-01-01", Timestamp("2001-01-01 00:00:00 +0000 UTC")),
        ("2001-12-14t21:59:43.10-05:00", Timestamp("2001-12-14 21:59:43.1 -0500 -0500")),
        ("2001-02-30", "2001-02-30"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_resolve(written: str, value: object) -> None:
    found = resolve(scalar(f"a: {written}\n", "a"))
    assert (type(found), found) == (type(value), value)


# Merge keys


def names(node: Node) -> dict[str, str]:
    assert isinstance(node, Mapping)
    return {key.value: value.span().text() for key, value, _ in effective(node)}


@pytest.mark.parametrize(
    "written",
    ["{<<: *a, c: 9}", "{c: 9, <<: *a}", "{<<: [*a, *b], c: 9}", "{<<: *list, c: 9}"],
)
def test_explicit_keys_win_and_earlier_maps_win(written: str) -> None:
    text = "a: &a {c: 1, d: 2}\nb: &b {d: 3}\nlist: &list [*a, *b]\nx: " + written + "\n"
    assert names(child(root(text), "x")) == {"c": "9", "d": "2"}


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert names(child(root('a: &a {c: 1}\nx: {"<<": *a}\n'), "x")) == {"<<": "*a"}


def test_merged_entries_stand_where_they_are_written_and_name_the_merge() -> None:
    mapping = child(root("a: &a\n  c: 1\nx:\n  <<: *a\n  d: 2\n"), "x")
    assert isinstance(mapping, Mapping)
    (key, value, via), (other, _, direct) = sorted(effective(mapping), key=lambda e: e[0].value)
    assert (key.start, value.start) == (8, 11)
    assert [span.text() for span in via] == ["*a"]
    assert (other.value, direct) == ("d", ())


def test_a_dropped_entry_lets_the_merged_one_through() -> None:
    mapping = child(root("a: &a {c: 1}\nx: {<<: *a, c: !reset null}\n"), "x")
    assert isinstance(mapping, Mapping)
    assert [value.span().text() for _, value, _ in effective(mapping, drop="!reset")] == ["1"]
    assert [value.span().text() for _, value, _ in effective(mapping)] == ["null"]


# Places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x !t  b c # d\n", "b c"),
        ("a: 'b c'\n", "'b c'"),
        ("a: |\n  b\n  c\n\n# d\n", "|\n  b\n  c"),
        ("a:\n  b: 1\n  c:\n    - 2\n\n# d\ne: 3\n", "b: 1\n  c:\n    - 2"),
        ("a: &x # c\n  b: 1\n", "b: 1"),
        ("a: [b, c] # d\n", "[b, c]"),
        ("a:\n- b\n- c\nd: 1\n", "- b\n- c"),
        ("x: &x 1\na: *x\n", "*x"),
    ],
)
def test_spans(text: str, expected: str) -> None:
    assert child(root(text), "a").span().text() == expected


def test_an_empty_value_stands_behind_its_colon() -> None:
    assert child(root("v: {a: , b: }\n"), "v", "a").start == 6
    assert child(root("a:\n\n\nb: 1\n"), "a").start == 2


def test_offsets_are_code_points() -> None:
    assert child(root("é😀: x\n"), "é😀").start == 4


def stretches(word: Word) -> list[tuple[str, str]]:
    """Each stretch of a value beside the characters it is written with."""
    text = word.span.source.text
    ends = [*[piece.at for piece in word.pieces], len(word.value)][1:]
    return [
        (word.value[piece.at : end], text[piece.start : piece.end])
        for piece, end in zip(word.pieces, ends, strict=True)
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"a\\tb\\x41"', [("a", "a"), ("\t", "\\t"), ("b", "b"), ("A", "\\x41")]),
        ("'it''s'", [("it", "it"), ("'", "''"), ("s", "s")]),
        ('"a \n\n  b"', [("a", "a"), ("\n", " \n\n  "), ("b", "b")]),
        ('"a\\\n  b"', [("a", "a"), ("b", "b")]),
        ("a\n  b", []),
        ("a\n\n   b", [("a", "a"), ("\n", "\n\n   "), ("b", "b")]),
        ("|\n  a\n   b\n", [("a", "a"), ("\n", "\n"), (" b", " b"), ("\n", "\n")]),
        (">-\n  a\n  b\n\n  c\n", [("a", "a"), (" ", "\n"), ("b", "b"), ("\n", "\n"), ("c", "c")]),
    ],
)
def test_words_map_back_to_the_text(written: str, expected: list[tuple[str, str]]) -> None:
    word = scalar(f"k: {written}\n", "k").word()
    if expected:
        assert stretches(word) == expected
    else:
        assert word.value == "a b"


def test_a_scalar_without_escapes_has_no_pieces() -> None:
    for written in ("./a:/b", "'./a:/b'", '"./a:/b"'):
        word = scalar(f"k: {written}\n", "k").word()
        assert word.pieces == ()
        assert word.span.text() == word.value == "./a:/b"
        assert word.slice(4, 6).span.text() == "/b"


# Refusals


@pytest.mark.parametrize(
    ("text", "place", "label"),
    [
        ("a: 1\nb: 2\n'a': 3\n", "'a'", "a"),
        ("x: {<<: {a: 1}, <<: {b: 1}}\n", "<<", "<<"),
        ("a: *b\n", "*b", None),
        ("a: &a [*a]\n", "*a", "["),
        ("a: !!int x\n", "x", None),
        ("? [a]\n: 1\n", "[a]", None),
        ("l: &l [a]\nx: {<<: *l}\n", "*l", "a"),
        ("%YAML 1.2\n---\na: 1\n", "%YAML 1.2", None),
        ("a: 1\n...\nb: 2\n", "", None),
        ("a: \x01\n", "\x01", None),
        ("a: [b\nc: d\n", ":", "["),
        ("a: {b: ${X}}\n", "{", "{"),
        ("a: b: c\n", ":", None),
        ("a:\n\tb: 1\n", "\t", None),
        ("a:\n  b: 1\n c: 2\n", "c", None),
        ('a: "b\n', '"', None),
        ('a: "\\d"\n', "\\d", None),
        ("a: @b\n", "@", None),
        ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> b\n", "<<<<<<<", None),
    ],
)
def test_refused_with_a_place(text: str, place: str, label: str | None) -> None:
    _, problems = read(text)
    assert [problem.code for problem in problems] == ["VL001"]
    assert problems[0].span.text() == place
    assert [each.span.text() for each in problems[0].labels] == ([label] if label else [])
    assert problems[0].help


def test_what_reset_removes_is_not_refused() -> None:
    assert read("a: !reset {b: 1, b: 2}\n")[1] == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a: 1\n{% if b %}\nc: 2\n{% endif %}\n", "{%"),
        ("{{- if .Values.a }}\na: 1\n{{- end }}\n", "{{"),
        ("image: {{ image }}\n", "{{"),
    ],
)
def test_a_template_is_a_note(text: str, mark: str) -> None:
    _, problems = read(text)
    assert [(each.level, each.span.text()) for each in problems] == [("note", mark)]


def test_a_template_in_quotes_does_not_excuse_a_mistake() -> None:
    _, problems = read('a: "{{ b }}"\na: 2\n')
    assert [each.level for each in problems] == [None]


def test_complete_documents_before_a_mistake_are_returned() -> None:
    documents, problems = read("a: 1\n---\nb: [\n")
    assert len(documents) == len(problems) == 1


# Hostile texts


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "".join(" " * depth + "a:\n" for depth in range(2 * MAX_DEPTH)),
    ],
    ids=["brackets", "closed", "mappings", "lists", "indented"],
)
def test_an_oversized_text_is_refused_soon(text: str) -> None:
    begin = time.process_time()
    _, problems = read(text)
    assert len(problems) == 1
    assert time.process_time() - begin < 5


def test_an_alias_bomb_costs_nothing() -> None:
    lines = ["a0: &a0 {k: v}"]
    for level in range(1, 40):
        again = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} {{<<: [{again}]}}")
    begin = time.process_time()
    assert names(child(root("\n".join(lines)), "a39")) == {"k": "v"}
    assert time.process_time() - begin < 1


def test_many_problems_are_not_all_reported() -> None:
    assert len(read("a: 1\n" * 5_000)[1]) == 100


# Both readers


class Recorder:
    """A sink that writes down what it receives, as far as the composer does not even it out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events: list[tuple[object, ...]] = []

    def scalar(
        self, start: int, end: int, tag: str | None, anchor: str | None, value: str, style: str
    ) -> None:
        if start == end:
            start = end = len(self.text[:start].rstrip())
        elif style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        self.events.append(("scalar", start, end, tag, anchor, value, style))

    def begin(self, is_mapping: bool, start: int, tag: str | None, anchor: str | None) -> None:
        self.events.append(("begin", is_mapping, start, tag, anchor))

    def end(self, end: int | None) -> None:
        self.events.append(("end", end))

    def alias(self, start: int, end: int, name: str) -> None:
        self.events.append(("alias", start, end, name))

    def begin_document(self, start: int) -> None:
        self.events.append(("document", start))

    def end_document(self) -> None:
        self.events.append(("document end",))


def same_events(text: str) -> bool:
    fast, exact = Recorder(text), Recorder(text)
    if not yaml_libyaml.read(text, fast):
        return True
    try:
        yaml_events.read(text, exact)
    except YamlSyntaxError:
        return False
    return fast.events == exact.events


def test_both_readers_give_the_same_events() -> None:
    texts = [record["request"]["content"] for record in recordings("compose/yaml.jsonl")]
    for record in recordings("compose/handwritten.jsonl"):
        texts += [t for t in (record["request"].get("files") or {}).values() if isinstance(t, str)]
    assert [text for text in texts if not same_events(text)] == []


def test_reads_on_without_the_compiled_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("volint.parse.yaml._unhurried", 0)
    monkeypatch.delitem(sys.modules, "volint.parse.yaml_libyaml")
    monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    assert names(root("a: [x:y]\n")) == {"a": "[x:y]"}


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *("a", "b c", ": ", ":", "- ", "-", "? ", "?", "[", "]", "{", "}", ",", ", ", "'", '"'),
            *("#", " # c", "\n", "\n  ", "\n    ", "\n\n", " ", "\t", "|", ">", "|+\n  ", ">-\n  "),
            *("&a ", "*a", "!t ", "!!str ", "!", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "\r\n"),
            *(
                "\x85",
                "\u2028",
                "\\",
                "\\n",
                "\\/",
                "é",
                "😀",
                "@",
                "%",
                "\ufeff",
                "~",
                "''",
                "\nk: ",
            ),
        ]
    ),
    max_size=14,
).map("".join)


@given(FRAGMENTS)
def test_any_text_is_read_alike_and_without_an_exception(text: str) -> None:
    assert same_events(text)
    documents, problems = read(text)
    for problem in problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    pending: list[Node] = [document.root for document in documents]
    while pending:
        node = pending.pop()
        assert 0 <= node.start <= node.end <= len(text)
        if isinstance(node, Mapping):
            pending += [each for entry in node.entries for each in entry]
        elif isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Scalar):
            word = node.word()
            for piece, (value, written) in zip(word.pieces, stretches(word), strict=True):
                assert piece.opaque or value == written
            assert word.pieces or len(word.value) == word.span.end - word.span.start
        else:
            assert isinstance(node, Alias)
            assert not isinstance(node.target, Alias)


def test_an_undefined_anchor_is_told_once_and_its_uses_are_nothing() -> None:
    documents, problems = read("a: *gone\nb: [*gone, 1]\nc: {<<: *gone, d: *other}\n")
    assert [(problem.message.split()[0], len(problem.labels)) for problem in problems] == [
        ("'*gone'", 2),
        ("'*other'", 0),
    ]
    listed = child(documents[0].root, "b")
    assert isinstance(listed, Sequence)
    assert len(listed.items) == 1
