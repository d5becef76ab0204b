"""Compose's short volume syntax, held to Compose's own reader."""

from __future__ import annotations

import pytest
from recorded import recordings

from volint.parse.mountspec import clean, compose_short

FILES = ("volume-grid", "volume-test-literals", "volume-cli-literals")


def reading(spec: str) -> object:
    short = compose_short(spec)
    if isinstance(short, str):
        return None
    place = short.fields[min(1, len(short.fields) - 1)]
    written = spec[slice(*place)]
    assert short.target == (clean(written) if written else "")
    return (
        short.source or "",
        written,
        short.kind,
        short.read_only,
        short.nocopy,
        short.selinux,
        short.propagation,
    )


def recorded(answer: dict[str, object]) -> object:
    if not answer["ok"]:
        return None
    volume = answer["volume"]
    assert isinstance(volume, dict)
    bind = volume.get("bind") or {}
    return (
        volume["source"],
        volume["target"],
        volume["type"],
        volume["read_only"],
        (volume.get("volume") or {}).get("nocopy", False),
        bind.get("selinux", ""),
        bind.get("propagation", ""),
    )


@pytest.mark.parametrize("name", FILES)
def test_reads_as_compose_does(name: str) -> None:
    wrong = [
        (record["request"]["spec"], reading(record["request"]["spec"]), record["answer"])
        for record in recordings(f"compose/{name}.jsonl")
        if reading(record["request"]["spec"]) != recorded(record["answer"])
    ]
    assert not wrong


def test_fields_are_in_order_of_source_target_options() -> None:
    short = compose_short("data:/b/:ro,z")
    assert not isinstance(short, str)
    assert short.fields == ((0, 4), (5, 8), (9, 13))
    assert (short.target, short.options) == ("/b", ("ro", "z"))


def test_a_letter_before_a_colon_is_a_drive_in_every_field() -> None:
    short = compose_short(r"C:\a:D:\b:ro")
    assert not isinstance(short, str)
    assert short.fields == ((0, 4), (5, 9), (10, 12))
    anonymous = compose_short("v:/data")
    assert not isinstance(anonymous, str)
    assert (anonymous.source, anonymous.target) == (None, "v:/data")


@pytest.mark.parametrize("spec", [".", "v:", "::", "é", "/a"])
def test_one_or_two_bytes_are_a_target(spec: str) -> None:
    short = compose_short(spec)
    assert not isinstance(short, str)
    assert (short.source, short.fields) == (None, ((0, len(spec)),))


@pytest.mark.parametrize("spec", ["", "a/b:", ":/bb", "aa::bb", "aa:bb:cc:dd"])
def test_refuses(spec: str) -> None:
    assert isinstance(compose_short(spec), str)


def test_colons_inside_a_substitution_do_not_split() -> None:
    short = compose_short("${X:-/a:b}/c:/t:ro")
    assert not isinstance(short, str)
    assert (short.source, short.target, short.read_only) == ("${X:-/a:b}/c", "/t", True)


@pytest.mark.parametrize("spec", ["/a:${X:-b", "${X:-b", "/a:/b:${X"])
def test_an_unclosed_substitution_leaves_an_empty_field(spec: str) -> None:
    short = compose_short(spec)
    assert not isinstance(short, str)
    assert short.fields[-1] == (len(spec), len(spec))


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        ("", "."),
        ("//a", "/a"),
        ("/", "/"),
        ("//", "/"),
        ("/a/../../b/", "/b"),
        ("a/..", "."),
        ("../a/./b//c/", "../a/b/c"),
        ("/a/.b", "/a/.b"),
        ("..a", "..a"),
        ("./x", "x"),
    ],
)
def test_clean(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned
