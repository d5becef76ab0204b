"""Build contexts: what is sent, and what a COPY takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from test_files import git

from volint.assemble.build import make_build
from volint.assemble.context import Context, Tree
from volint.files import Files
from volint.model import Build, StepKind
from volint.source import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from volint.source import Problem

TREE = (
    ".env",
    ".git/HEAD",
    ".git/objects/pack",
    "Dockerfile",
    "README.md",
    "src/app.py",
    "src/lib/a.txt",
    "src/lib/b.md",
    "src/lib/deep/c.txt",
    "web/index.html",
    "x[1].txt",
    "x1.txt",
)
SRC = ["src/app.py", "src/lib/a.txt", "src/lib/b.md", "src/lib/deep/c.txt"]
LIB = SRC[1:]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in TREE:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def build(
    root: Path, dockerfile: str = "FROM scratch\nCOPY . .\n", name: str = "Dockerfile"
) -> tuple[Build, list[Problem]]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dockerfile)
    files = Files([str(root)], str(root))
    return make_build(files, dockerfile=files.read(str(path), Kind.DOCKERFILE), root=str(root))


def sent(made: Build) -> list[str]:
    assert made.files is not None
    return sorted(file.path for file in made.files.sent())


def copied(root: Path, *lines: str) -> list[list[str]]:
    """Return what each COPY and ADD of a Dockerfile takes."""
    made, _ = build(root, "\n".join(["FROM scratch AS base", *lines, ""]))
    assert made.files is not None
    return [
        [file.path for file in made.files.copied(stage, step)]
        for stage in made.stages
        for step in stage.steps
        if step.kind in (StepKind.COPY, StepKind.ADD)
    ]


# -- what is sent


def test_git_is_one_entry(tree: Path) -> None:
    made, problems = build(tree)
    assert not problems
    assert sent(made) == sorted({*TREE, ".git"} - {".git/HEAD", ".git/objects/pack"})
    assert made.files is not None
    entries = {file.path: file for file in made.files.sent()}
    assert entries[".git"].is_directory
    assert not entries["src/app.py"].is_directory
    assert entries[".env"].size == 4


@pytest.mark.parametrize(
    ("patterns", "is_sent"),
    [
        (".git\n", False),
        (".git/\n", False),
        ("**/.git\n", False),
        (".git/*\n", False),
        (".git/**\n", False),
        (".git\n!.git/HEAD\n", False),
        (".git/hooks\n", True),
        (".git*\n!.gitignore\n", False),
    ],
)
def test_git_is_sent_if_its_objects_are(tree: Path, patterns: str, is_sent: bool) -> None:
    (tree / ".dockerignore").write_text(patterns)
    made, _ = build(tree)
    assert (".git" in sent(made)) is is_sent
    assert (".git" in copied(tree, "COPY .git /x/")[0]) is is_sent


def test_exceptions_bring_back_what_is_below_an_excluded_directory(tree: Path) -> None:
    (tree / ".dockerignore").write_text("*\n!src/lib\nsrc/**/*.md\n")
    made, _ = build(tree)
    assert sent(made) == ["src/lib/a.txt", "src/lib/deep/c.txt"]
    assert made.files is not None
    assert made.files.is_ignored("web/index.html")
    assert made.files.is_ignored("not/there")
    assert not made.files.is_ignored("src/lib/not-there")


def test_all_knows_no_ignore_file(tree: Path) -> None:
    (tree / ".dockerignore").write_text("*\n")
    made, _ = build(tree)
    assert made.files is not None
    assert sent(made) == []
    assert len(made.files.all()) == len(TREE) - 2 + 2


def test_links_are_sent_as_links(tree: Path) -> None:
    (tree / "in").symlink_to("src")
    (tree / "src/up").symlink_to("../web")
    (tree / "src/out").symlink_to("../../elsewhere")
    (tree / "out").symlink_to("/etc")
    made, _ = build(tree)
    assert made.files is not None
    links = {file.path: file.leaves for file in made.files.sent() if file.is_link}
    assert links == {"in": False, "out": True, "src/out": True, "src/up": False}
    assert made.files.kind("in") == "link"
    assert made.files.kind("src") == made.files.kind("/") == "directory"
    assert made.files.kind("./README.md") == "file"
    assert made.files.kind("none/at/all") is None


def test_git_lfs_pointers_have_the_size_they_name(tree: Path) -> None:
    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5368709120\n"
    )
    (tree / "model.gguf").write_text(pointer)
    (tree / "text.txt").write_text("x" * len(pointer))
    made, _ = build(tree)
    assert made.files is not None
    sizes = {file.path: file.size for file in made.files.sent()}
    assert sizes["model.gguf"] == 5368709120
    assert sizes["text.txt"] == len(pointer)


def test_what_git_tracks(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    git(tmp_path, "add", "a")
    made, _ = build(tmp_path)
    assert made.files is not None
    assert made.files.is_tracked("a") is True
    assert made.files.is_tracked("b") is False


def test_the_walk_ends_and_says_so(tree: Path) -> None:
    reader = Tree(Files([str(tree)], str(tree)))
    context = Context(reader, str(tree), most_entries=9)
    assert context.unseen() == ""
    assert len(context.sent()) < len(TREE)
    assert context.unseen().startswith("it holds more than 9 entries")
    assert Context(reader, str(tree)).unseen() == ""


def test_what_comes_in_no_file_is_left_out(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    made, _ = build(tree)
    assert "pipe" not in sent(made)


# -- what a COPY takes


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("COPY src/lib /x/", LIB),
        ("COPY src/app.py web/ /x/", ["src/app.py", "web/index.html"]),
        ("COPY ./src/../README.md /x/", ["README.md"]),
        ("COPY ../../README.md /x/", ["README.md"]),
        ("COPY /README.md /x/", ["README.md"]),
        ("COPY README.md/ /x/", ["README.md"]),
        ("COPY README.md/no /x/", []),
        ('COPY ["README.md", "x1.txt", "/x/"]', ["README.md", "x1.txt"]),
        ("COPY *.md /x/", ["README.md"]),
        ("COPY src/*/*.txt /x/", ["src/lib/a.txt"]),
        ("COPY s* /x/", SRC),
        ("COPY * /x/", sorted({*TREE, ".git"} - {".git/HEAD", ".git/objects/pack"})),
        ("COPY x[1].txt /x/", ["x1.txt"]),
        ("COPY x[[]1].txt /x/", ["x[1].txt"]),
        ("COPY x[ /x/", []),
        ("COPY --exclude=*.md src/lib /x/", ["src/lib/a.txt", "src/lib/deep/c.txt"]),
        ("COPY --exclude=**/*.txt src/lib /x/", ["src/lib/b.md"]),
        ("COPY --exclude=deep --exclude=*.md src/lib /x/", ["src/lib/a.txt"]),
        ("COPY --exclude=lib/* src /x/", ["src/app.py"]),
        # A file that a source names is not compared (moby/buildkit#5489).
        ("COPY --exclude=*.md README.md x1.txt /x/", ["README.md", "x1.txt"]),
        ("COPY --parents src/./lib/*.txt /x/", ["src/lib/a.txt"]),
        ("COPY --parents src/**/*.txt /x/", ["src/lib/a.txt", "src/lib/deep/c.txt"]),
        ("COPY --parents src/lib /x/", LIB),
        ("COPY --parents=false src/lib/*.txt /x/", ["src/lib/a.txt"]),
        ("COPY --from=base /src /x/", []),
        ("COPY --from=nginx /src /x/", []),
        ("COPY --from= src/app.py /x/", ["src/app.py"]),
        ("COPY --link --chown=1:1 src/app.py /x/", ["src/app.py"]),
        ("ADD https://example.org/README.md /x/", []),
        ("ADD git@github.com:a/b.git /x/", []),
        ("ADD src/app.py /x/", ["src/app.py"]),
        ("COPY <<EOF README.md /x/\ntext\nEOF", ["README.md"]),
        ("COPY nothing /x/", []),
        ("COPY sr /x/", []),
        ("COPY .git/HEAD /x/", [".git/HEAD"]),
        ("ARG WHAT\nCOPY $WHAT README.md /x/", ["README.md"]),
        ("ARG WHAT=src\nCOPY $WHAT/app.py /x/", ["src/app.py"]),
    ],
)
def test_what_copy_takes(tree: Path, line: str, taken: list[str]) -> None:
    lines = ["FROM scratch", line] if "--from=base" in line else [line]
    assert copied(tree, *lines) == [taken]


def test_copy_of_everything_follows_the_ignore_file(tree: Path) -> None:
    (tree / ".dockerignore").write_text("src\n.git\n.env\n.dockerignore\nDockerfile\n")
    everything = ["README.md", "web/index.html", "x1.txt", "x[1].txt"]
    assert copied(tree, "COPY . /x/", "ADD ./ /y/", "COPY / /z/", "COPY .env Dockerfile /e/") == [
        everything,
        everything,
        everything,
        [],
    ]


def test_a_source_follows_links_inside_of_the_context(tree: Path) -> None:
    (tree / "lib").symlink_to("src/lib")
    (tree / "readme").symlink_to("/README.md")
    (tree / "out").symlink_to("../elsewhere")
    (tree / "circle").symlink_to("circle")
    (tree / "src/lib/link").symlink_to("a.txt")
    (tree / "hidden").symlink_to("src")
    (tree / ".dockerignore").write_text("hidden\n")
    assert copied(
        tree,
        "COPY lib /x/",
        "COPY lib/a.txt /x/",
        "COPY l*b/*.md /x/",
        "COPY li? /x/",
        "COPY readme /x/",
        "COPY out /x/",
        "COPY circle /x/",
        "COPY hidden/app.py /x/",
    ) == [
        [*LIB, "src/lib/link"],
        ["src/lib/a.txt"],
        [],
        [*LIB, "src/lib/link"],
        ["README.md"],
        [],
        [],
        [],
    ]


def test_onbuild_takes_nothing_from_this_context(tree: Path) -> None:
    made, _ = build(tree, "FROM scratch\nONBUILD COPY . /x/\n")
    assert made.files is not None
    (stage,) = made.stages
    assert [made.files.copied(stage, step) for step in stage.steps] == [()]
