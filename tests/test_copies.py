"""Where the files of a COPY end up, and which stages are the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from volint.analysis.copies import Copy, copies, final_stages
from volint.assemble.build import make_build
from volint.files import Files
from volint.model import Build, Environment, EnvironmentKind, Project, ProjectKind
from volint.source import Kind, Source, Span, Text

if TYPE_CHECKING:
    from pathlib import Path


def build(root: Path, text: str, target: str | None = None) -> Build:
    for name in ("src/a/x.txt", "src/y.txt", "z.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (root / "Dockerfile").write_text(text)
    files = Files([str(root)], str(root))
    word = None
    if target is not None:
        word = Text(target, Span(Source("x", target), 0, len(target)))
    return make_build(
        files,
        dockerfile=files.read(str(root / "Dockerfile"), Kind.DOCKERFILE),
        root=str(root),
        target=word,
    )[0]


def found(root: Path, text: str, target: str | None = None) -> list[Copy]:
    made = build(root, text, target)
    assert made.source is not None
    environment = Environment(EnvironmentKind.UNKNOWN, "")
    sources = (made.source,)
    return copies(Project("x", ProjectKind.BUILD, sources, environment, builds=(made, made)))


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("COPY z.txt /app/", ["/app/z.txt"]),
        ("COPY z.txt /app", ["/app"]),
        ("COPY z.txt .", ["/w/z.txt"]),
        ("COPY z.txt ./here", ["/w/here"]),
        ("COPY src /app", ["/app/a/x.txt", "/app/y.txt"]),
        ("COPY src/ src/", ["/w/src/a/x.txt", "/w/src/y.txt"]),
        ("COPY src/* /app/", ["/app/x.txt", "/app/y.txt"]),
        ("COPY --parents src/./a/x.txt /app/", ["/app/a/x.txt"]),
        ("COPY --parents src/y.txt /app/", ["/app/src/y.txt"]),
        ("COPY . /", ["/Dockerfile", "/src/a/x.txt", "/src/y.txt", "/z.txt"]),
    ],
)
def test_destination(tmp_path: Path, line: str, places: list[str]) -> None:
    (copy,) = found(tmp_path, f"FROM scratch\nWORKDIR /w\n{line}\n")
    assert sorted(copy.destination(file.path) for file in copy.files) == places


def test_sources(tmp_path: Path) -> None:
    text = 'FROM scratch\nARG X\nCOPY . src/*.txt $X/z.txt none /app/\nADD ["z.txt", "http://e.org/z", "/"]\n'
    every = found(tmp_path, text)
    assert [copy.word.value for copy in every] == [".", "src/*.txt", "$X/z.txt", "none", "z.txt"]
    assert [copy.is_broad for copy in every] == [True, False, False, False, False]
    assert [copy.is_pattern for copy in every] == [False, True, False, False, False]
    assert [copy.certain for copy in every] == [True, True, False, True, True]
    assert [copy.is_missing for copy in every] == [False, False, False, True, False]
    assert [len(copy.files) for copy in every] == [4, 1, 0, 0, 1]


STAGES = """FROM a AS base
FROM base AS build
COPY src /src
FROM base AS test
COPY src /t
FROM scratch AS out
COPY --from=build {what} {where}
FROM base
COPY --from=out /keep /app
"""


@pytest.mark.parametrize(
    ("what", "where", "kept"),
    [
        ("/src", "/keep", True),
        ("/src/", "/keep/x/", True),
        ("/", "/keep", True),
        ("/src/a", "/keep/", True),
        ("/src/*.txt", "/keep/", False),
        ("/src", "/other", False),
        ("/other", "/keep", False),
        ("/s*/a/x.txt", "/keep/", True),
    ],
)
def test_kept(tmp_path: Path, what: str, where: str, kept: bool) -> None:
    first = found(tmp_path, STAGES.format(what=what, where=where))[0]
    assert first.kept("src/a/x.txt") is kept


def test_final_stages(tmp_path: Path) -> None:
    text = STAGES.format(what="/src", where="/keep")
    # 'test' is used by none, so it must be there to be built itself.
    assert final_stages(build(tmp_path, text)) == {0, 2, 4}
    assert final_stages(build(tmp_path, text, "build")) == {0, 1}
    assert final_stages(build(tmp_path, text, "none")) == set()
    mounted = "FROM a AS b\nFROM a\nRUN --mount=type=bind,from=b,target=/b true\n"
    assert final_stages(build(tmp_path, mounted)) == {1}
