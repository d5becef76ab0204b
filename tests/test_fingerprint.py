"""Fingerprints: what changes them and what does not, and GitHub's line hash by its own vectors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_cases import found

from volint.fingerprint import Repository, fingerprint, line_hashes, number
from volint.rule import Finding, Level
from volint.source import Label, Source, Span

if TYPE_CHECKING:
    from pathlib import Path

HERE = Repository("/repo", "/repo")


def finding(
    text: str = "a\nb\n", start: int = 0, path: str = "compose.yaml", **more: object
) -> Finding:
    source = Source(path, text, file="/repo/" + path)
    return found(Span(source, start, start + 1), "message", container="db", target="/data", **more)


def test_form() -> None:
    prefix, _, digest = fingerprint(finding(), HERE).partition(":")
    assert prefix == "volint/v1"
    assert len(digest) == 16
    int(digest, 16)
    assert fingerprint(finding(), HERE) == "volint/v1:" + digest


def test_moved_lines_messages_levels_and_projects_do_not_matter() -> None:
    first = finding()
    moved = finding("# a comment\n\na\nb\n", 13)
    other = first._replace(
        message="another",
        level=Level.ERROR,
        projects=("a", "b"),
        help="help",
        labels=(Label(first.span, "x"),),
    )
    assert fingerprint(first, HERE) == fingerprint(moved, HERE) == fingerprint(other, HERE)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "VL103"},
        {"container": "web"},
        {"target": "/other"},
        {"source": "./x"},
        {"occurrence": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_it_is_about_matters(change: dict[str, object]) -> None:
    assert fingerprint(finding(), HERE) != fingerprint(finding()._replace(**change), HERE)
    assert fingerprint(finding(), HERE) != fingerprint(finding(path="other.yaml"), HERE)


def test_parts_cannot_run_into_each_other() -> None:
    one = finding()._replace(container="a", target="b/c")
    other = finding()._replace(container="a/b", target="c")
    assert fingerprint(one, HERE) != fingerprint(other, HERE)


def test_secrets_are_left_out() -> None:
    one = finding()._replace(source="https://user:one@example.org/x")
    other = finding()._replace(source="https://user:two@example.org/x")
    assert fingerprint(one, HERE) == fingerprint(other, HERE)


def test_equals_are_numbered_in_order() -> None:
    first, second, third = finding(), finding(start=2), finding()._replace(target="/other")
    numbered = number([first, third, second])
    assert [each.occurrence for each in numbered] == [0, 0, 1]
    assert len({fingerprint(each, HERE) for each in numbered}) == 3
    assert number(numbered) == numbered


def test_working_directory_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "compose.yaml").write_text("a\n")
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    top, sub = str(tmp_path), str(tmp_path / "sub")
    seen = {
        fingerprint(found(Span(Source(path, "a\n", file=file), 0, 1), "m"), Repository(top, cwd))
        for path, file, cwd in (
            ("sub/compose.yaml", None, top),
            ("compose.yaml", None, sub),
            ("compose.yaml", os.path.join(sub, "compose.yaml"), sub),
            ("link/compose.yaml", None, top),
        )
    }
    assert len(seen) == 1


def test_paths_in_the_repository(tmp_path: Path) -> None:
    repository = Repository(str(tmp_path / "repo"), str(tmp_path / "repo" / "sub"))
    assert repository.path("a.yaml") == "sub/a.yaml"
    assert repository.path("../a.yaml") == "a.yaml"
    assert repository.path("../../a.yaml") is None
    assert repository.path("x", str(tmp_path / "repo2" / "x")) is None


# The inputs and the hashes of github/codeql-action: src/fingerprints.test.ts.
GREETING = ["e9496ae3ebfced30", "fb7c023a8b9ccb3f", "ce8ba1a563dcdaca", "e20e36e16fcb0cc8"]
GREETING += ["b3edc88f2938467e", "c8e28b0b4002a3a0", "c129715d7a2bc9a3"]
LOREM = [*(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)), "a7f2ff1481e87703:1"]
LOREM += ["a9cf91f7bbf1862b:1", "55ec222b86bcae53:1", "cc97dc7b1d7d8f7b:1", "c129715d7a2bc9a3:1"]
VECTORS = [
    ("", ["c129715d7a2bc9a3:1"]),
    (
        " a\nb\n  \t\tc\n d",
        ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    ),
    (
        " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
        [
            *("8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1"),
            *("c6805c5e1288b612:1", "b86d3392aea1be30:1", "e6ceba753e1a442:1"),
        ],
    ),
    *(
        (text, [f"{digest}:1" for digest in GREETING])
        for text in (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r",
            " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
        )
    ),
    ("Lorem ipsum dolor sit amet.\n" * 10, LOREM),
]


@pytest.mark.parametrize(("text", "expected"), VECTORS, ids=range(len(VECTORS)))
def test_line_hashes_are_those_of_github(text: str, expected: list[str]) -> None:
    assert list(line_hashes(text).values()) == expected


@given(st.text(st.sampled_from("ab \t\r\n\ud800é🎉"), max_size=300), st.booleans())
def test_line_hashes_follow_the_definition(text: str, mark: bool) -> None:
    assert dict(line_hashes(text, mark)) == by_definition(("\ufeff" if mark else "") + text)
    assert len(line_hashes(text, mark)) == Source("x", text).line_count()


def by_definition(text: str) -> dict[int, str]:
    """Hash every line's window on its own, sign by sign."""
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]
    hashes: dict[int, str] = {}
    counts: dict[int, int] = {}
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == 10)]
    for line, start in enumerate(starts, 1):
        window = [unit for unit in units[start:] if unit not in (32, 9)] + [0xFFFF] + [0] * 100
        value = 0
        for unit in window[:100]:
            value = (value * 37 + unit) % 2**64
        counts[value] = counts.get(value, 0) + 1
        hashes[line] = f"{value:x}:{counts[value]}"
    return hashes
