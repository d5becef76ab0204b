"""Regular expressions are compiled when they are used, not when a module is imported."""

from __future__ import annotations

import re

import pytest

from volint.lazy import regex


def test_it_does_what_a_compiled_expression_does() -> None:
    word = regex(r"(?P<first>\w)\w*", re.ASCII)
    found = word.match("über alles".replace("ü", "u"))
    assert found is not None
    assert found.group("first") == "u"
    assert word.findall("ab cd") == ["a", "c"]
    assert word.sub("x", "ab cd") == "x x"
    assert [match.start() for match in word.finditer("ab cd", 1)] == [1, 3]
    assert word.fullmatch("ab cd") is None
    assert word.split("ab") == ["", "a", ""]
    assert (word.pattern, word.groups) == (r"(?P<first>\w)\w*", 1)
    assert word.flags & re.ASCII
    assert regex(rb"\d").search(b"a1") is not None


def test_it_is_compiled_at_first_use() -> None:
    wrong = regex("(")
    with pytest.raises(re.error):
        wrong.match("")


def test_it_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        regex("a").nothing  # type: ignore[attr-defined]  # noqa: B018
