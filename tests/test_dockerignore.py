"""Ignore files: spans, refusals, Go's wildcards, and the time matching takes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volint.parse.dockerignore import Dockerignore, parse, parse_patterns
from volint.parse.gopath import BadPatternError, match, path_clean
from volint.parse.goregexp import BadExpressionError, Expression
from volint.source import Kind, Source


def read(text: str) -> Dockerignore:
    return parse(Source(".dockerignore", text, Kind.DOCKERIGNORE))[0]


def test_spans_are_those_of_the_trimmed_line() -> None:
    ignore = read("# no\r\n  /a//b/ \r\n\n! \t./c\n # x\n")
    assert [(p.text.value, p.span.text(), p.cleaned, p.negated) for p in ignore.patterns] == [
        ("/a//b/", "/a//b/", "a/b", False),
        ("! \t./c", "! \t./c", "c", True),
        ("# x", "# x", "# x", False),
    ]


@pytest.mark.parametrize("line", ["[", "[]", "a[-]", "x\\", "!", "!/", "! ", "\\x.txt", "[b-a]"])
def test_what_docker_refuses_is_a_problem_at_its_line(line: str) -> None:
    ignore, problems = parse(Source(".dockerignore", f"ok\n{line}\n*.log\n", Kind.DOCKERIGNORE))
    assert ignore.refused
    assert [(p.code, p.span.text()) for p in problems] == [("VL001", line.strip())]
    assert ignore.excluded("ok")
    assert ignore.excluded("a.log")


def test_a_line_too_long_for_docker() -> None:
    ignore, problems = parse(
        Source(".dockerignore", "a\n" + "b" * 65536 + "\nc", Kind.DOCKERIGNORE)
    )
    assert ignore.refused
    assert len(problems) == 1
    assert not read("b" * 65535).refused


def test_an_exception_does_not_reach_below_what_it_did_not_bring_back() -> None:
    ignore = read("a/b\n!a\n")
    assert ignore.excluded("a/b/c")
    assert not ignore.excluded("a/x")
    assert not read("*\n!src/lib\n").excluded("src/lib/x")


def test_the_deciding_pattern() -> None:
    ignore = read("*.log\n!keep.log\n")
    for path, expected in (("a.log", "*.log"), ("keep.log", "!keep.log"), ("b", None)):
        decided = ignore.last_match(path)
        assert (decided.text.value if decided else None) == expected


def test_pruning() -> None:
    assert read("*\n").prunes("node_modules")
    ignore = read("*\n!src/lib\n")
    assert ignore.prunes("node_modules")
    assert not ignore.prunes("src")
    assert not read("*\n!**/x.txt\n").prunes("node_modules")


def test_patterns_from_elsewhere() -> None:
    ignore = parse_patterns(("*.md", "!README.md", "[", ""))
    assert ignore.excluded("a.md")
    assert not ignore.excluded("README.md")


@given(
    st.text(alphabet="ab*?[]^!\\/.-{}2,|#() \n\td", max_size=24),
    st.text(alphabet="ab/.2d|", max_size=8),
)
def test_any_text_is_read(text: str, path: str) -> None:
    ignore, problems = parse(Source(".dockerignore", text, Kind.DOCKERIGNORE))
    ignore.excluded(path)
    assert ignore.refused == bool(problems)
    for problem in problems:
        assert problem.span.end <= len(text)


@given(st.text(alphabet="ab*?{}2|/", max_size=10), st.text(alphabet="ab/2", max_size=8))
def test_both_ways_of_matching_agree(pattern: str, path: str) -> None:
    from volint.parse import goregexp
    from volint.parse.dockerignore import _translate

    kind, text = _translate(pattern)
    if kind != "regex":
        return
    try:
        expression = Expression(text)
    except BadExpressionError:
        return
    slow = any(goregexp._simulate(items, path) for items in expression._alternatives)
    assert slow == expression.search(path)


def test_a_walk_is_fast() -> None:
    lines = [f"dir{i}" for i in range(20)] + [f"**/name{i}" for i in range(10)]
    lines += (
        [f"*.ext{i}" for i in range(10)] + [f"**/*.e{i}[cod]" for i in range(8)] + ["!dir1/keep"]
    )
    ignore = read("\n".join(lines))
    paths = [f"src/module{i % 100}/part{i % 7}/file{i}.py" for i in range(10_000)]
    begin = time.process_time()
    assert not any(ignore.excluded(path) for path in paths)
    assert time.process_time() - begin < 1


def test_no_pattern_makes_matching_explode() -> None:
    ignore = read("**/" + "*a" * 40 + "b\n" + "**/*x" * 30)
    begin = time.process_time()
    assert not ignore.excluded("a" * 250)
    assert not ignore.excluded("a" * 39)
    assert not ignore.excluded("xa/" * 60 + "a")
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        ("", "."),
        ("/", "/"),
        ("//a/./b/", "/a/b"),
        ("../../a", "../../a"),
        ("/../a", "/a"),
        ("a/../..", ".."),
        ("a/..", "."),
        ("./x", "x"),
    ],
)
def test_path_clean(path: str, cleaned: str) -> None:
    assert path_clean(path) == cleaned


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("abc", "abc", True),
        ("*", "a/b", False),
        ("*c", "abc", True),
        ("a*/b", "abc/b", True),
        ("a*/b", "a/c/b", False),
        ("a[^b-d]e", "aee", True),
        ("[!a]*", "!x", True),
        ("[!a]*", "bx", False),
        ("a\\*b", "a*b", True),
        ("a??", "a☺☻", True),
        ("**", "ab", True),
        ("**", "a/b", False),
        ("x{2}", "x{2}", True),
        ("a[\\-x]", "a-", True),
        ("[z-a]", "b", False),
        ("[^z-a]", "b", True),
    ],
)
def test_go_match(pattern: str, name: str, matches: bool) -> None:
    assert match(pattern, name) is matches


@pytest.mark.parametrize(
    "pattern", ["[]a]", "[-]", "[x-]", "[a-b-c]", "[", "[^", "a[", "a\\", "[a"]
)
def test_go_match_refuses(pattern: str) -> None:
    with pytest.raises(BadPatternError):
        match(pattern, "a")
