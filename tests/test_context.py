"""Build contexts: what is sent, what a COPY takes, which ignore file counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_files import git
from volint.assemble.build import make_build
from volint.files import Files
from volint.model import Build, StepKind
from volint.source import Kind, Problem, Source, Span, Text

if TYPE_CHECKING:
    from pathlib import Path

TREE = (
    ".env",
    ".git/HEAD",
    ".git/config",
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
    return [file.path for file in made.files.sent()]


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


def test_git_is_one_entry(tree: Path) -> None:
    made, problems = build(tree)
    assert not problems
    assert sent(made) == [
        ".env",
        ".git",
        "Dockerfile",
        "README.md",
        "src/app.py",
        "src/lib/a.txt",
        "src/lib/b.md",
        "src/lib/deep/c.txt",
        "web/index.html",
        "x1.txt",
        "x[1].txt",
    ]
    assert made.files is not None
    entry = made.files.sent()[1]
    assert entry.is_directory
    assert made.files.sent()[0].size == 4


def test_the_ignore_file_of_the_dockerfile_stands_in_for_the_contexts(tree: Path) -> None:
    (tree / ".dockerignore").write_text("*\n!web\n")
    made, _ = build(tree)
    assert made.ignore_path == ".dockerignore"
    assert made.ignore_file is not None
    assert sent(made) == ["web/index.html"]
    assert made.files is not None
    assert len(made.files.all()) == 12
    assert made.files.is_ignored("node_modules/x")
    assert not made.files.is_ignored("web/new")
    made, _ = build(tree, name="docker/Dockerfile")
    assert made.ignore_path == ".dockerignore"
    (tree / "docker/Dockerfile.dockerignore").write_text("**/*.txt\n")
    made, _ = build(tree, name="docker/Dockerfile")
    assert made.ignore_path == "docker/Dockerfile.dockerignore"
    assert "x1.txt" not in sent(made)
    assert "src/app.py" in sent(made)


def test_where_docker_would_look(tree: Path) -> None:
    made, _ = build(tree, name="docker/Dockerfile")
    assert made.ignore_file is None
    assert made.ignore_path == ".dockerignore"


def test_a_refused_ignore_file_is_a_problem(tree: Path) -> None:
    (tree / ".dockerignore").write_text("ok\n[\n")
    _, problems = build(tree)
    assert [(p.code, p.span.source.path, p.span.text()) for p in problems] == [
        ("VL001", ".dockerignore", "[")
    ]


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("COPY src/lib /x/", ["src/lib/a.txt", "src/lib/b.md", "src/lib/deep/c.txt"]),
        ("COPY src/app.py web/ /x/", ["src/app.py", "web/index.html"]),
        ("COPY ./src/../README.md /x/", ["README.md"]),
        ("COPY ../../README.md /x/", ["README.md"]),
        ("COPY /README.md /x/", ["README.md"]),
        ("COPY *.md /x/", ["README.md"]),
        ("COPY src/*/*.txt /x/", ["src/lib/a.txt"]),
        ("COPY s* /x/", ["src/app.py", "src/lib/a.txt", "src/lib/b.md", "src/lib/deep/c.txt"]),
        ("COPY x[1].txt /x/", ["x1.txt"]),
        ("COPY x[[]1].txt /x/", ["x[1].txt"]),
        ("COPY --exclude=*.md src/lib /x/", ["src/lib/a.txt", "src/lib/deep/c.txt"]),
        ("COPY --exclude=**/*.txt src/lib /x/", ["src/lib/b.md"]),
        ("COPY --exclude=*.md README.md x1.txt /x/", ["x1.txt"]),
        ("COPY --parents src/./lib/*.txt /x/", ["src/lib/a.txt"]),
        ("COPY --parents src/**/*.txt /x/", ["src/lib/a.txt", "src/lib/deep/c.txt"]),
        ("COPY --from=base /src /x/", []),
        ("COPY --from=nginx /src /x/", []),
        ("ADD https://example.org/README.md /x/", []),
        ("COPY nothing /x/", []),
        ("COPY sr /x/", []),
        ("COPY .git /x/", [".git"]),
        ("ARG WHAT\nCOPY $WHAT /x/", []),
    ],
)
def test_what_copy_takes(tree: Path, line: str, taken: list[str]) -> None:
    lines = ["FROM scratch", line] if "--from=base" in line else [line]
    assert copied(tree, *lines) == [taken]


def test_copy_of_everything_follows_the_ignore_file(tree: Path) -> None:
    (tree / ".dockerignore").write_text("src\n.git\n.env\n.dockerignore\nDockerfile\n")
    assert copied(tree, "COPY . /x/") == [["README.md", "web/index.html", "x1.txt", "x[1].txt"]]


def test_links(tree: Path) -> None:
    (tree / "in").symlink_to("src")
    (tree / "out").symlink_to("/etc")
    made, _ = build(tree)
    assert made.files is not None
    links = {file.path: file.leaves for file in made.files.sent() if file.is_link}
    assert links == {"in": False, "out": True}
    assert made.files.kind("in") == "link"
    assert made.files.kind("src") == "directory"
    assert made.files.kind("README.md") == "file"
    assert made.files.kind("none") is None


def test_sizes_that_git_lfs_pointers_name(tree: Path) -> None:
    pointer = (
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 123456\n"
    )
    (tree / "model.bin").write_text(pointer)
    made, _ = build(tree)
    assert made.files is not None
    assert {file.path: file.size for file in made.files.sent()}["model.bin"] == len(pointer)
    (tree / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    made, _ = build(tree)
    assert made.files is not None
    assert {file.path: file.size for file in made.files.sent()}["model.bin"] == 123456


def test_what_git_tracks(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    git(tmp_path, "add", "a")
    made, _ = build(tmp_path)
    assert made.files is not None
    assert made.files.is_tracked("a") is True
    assert made.files.is_tracked("b") is False


def test_the_walk_ends(tree: Path) -> None:
    from volint.assemble.context import Context

    files = Files([str(tree)], str(tree))
    context = Context(files, str(tree), most_entries=5)
    assert len(context.sent()) < 12
    assert context.unseen() == "it holds more than 5 files"


def test_a_context_outside_of_the_roots(tree: Path) -> None:
    files = Files([str(tree / "web")], str(tree / "web"))
    source = Source("compose.yaml", "build: ..", Kind.COMPOSE)
    context = Text("..", Span(source, 7, 9))
    made, problems = make_build(files, dockerfile=None, root=str(tree), context=context)
    assert made.root is None
    assert made.files is None
    assert [problem.code for problem in problems] == ["VL004"]


def test_arguments_reach_the_stages(tree: Path) -> None:
    path = tree / "Dockerfile"
    path.write_text("ARG V=1\nFROM img:$V AS a\nFROM a\nVOLUME /data\n")
    files = Files([str(tree)], str(tree))
    line = Source("build.sh", "V=2 b", Kind.SHELL)
    made, problems = make_build(
        files,
        dockerfile=files.read(str(path), Kind.DOCKERFILE),
        root=str(tree),
        args=(Text("V=2", Span(line, 0, 3)),),
    )
    assert not problems
    assert made.stages[0].base.value == "img:2"
    assert made.target_index == 1
    assert [volume.value for volume in made.stages[1].volumes] == ["/data"]
    assert [(arg.name.span.text(), arg.origin) for arg in made.args] == [("V", "--build-arg")]
