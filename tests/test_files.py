"""What `Files` reads, what it refuses, and what it asks git."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from volint.files import Files, allowed_roots, git_root
from volint.source import Kind

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *arguments: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(
        ("git", *identity, *arguments), cwd=root, env=environment, check=True, capture_output=True
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "compose.yaml").write_bytes(b"\xef\xbb\xbfservices: {}\r\n")
    (tmp_path / "outside.txt").write_text("no")
    return root


def files(root: Path, **settings: int) -> Files:
    return Files([str(root)], str(root), **settings)


def test_text_is_decoded_without_bom_and_with_its_line_endings(tree: Path) -> None:
    path = str(tree / "compose.yaml")
    source = files(tree).read(path, Kind.COMPOSE)
    assert source is not None
    assert (source.text, source.path, source.kind, source.file) == (
        "services: {}\r\n",
        "compose.yaml",
        Kind.COMPOSE,
        path,
    )


def test_each_file_is_read_once(tree: Path) -> None:
    reader = files(tree)
    path = str(tree / "compose.yaml")
    first = reader.read(path, Kind.COMPOSE)
    (tree / "compose.yaml").unlink()
    assert reader.read(path) is first
    assert reader.read(path, Kind.COMPOSE) is first
    other = reader.read(path, Kind.ENV_FILE)
    assert other is not None
    assert first is not None
    assert other.text is first.text


def test_absence_is_no_problem(tree: Path) -> None:
    reader = files(tree)
    for name in ("none", "compose.yaml/none"):
        assert reader.read(str(tree / name)) is None
        assert reader.problem(str(tree / name)) is None


def test_reasons(tree: Path) -> None:
    (tree / "binary").write_bytes(b"ab\xff")
    (tree / "dir").mkdir()
    (tree / "big").write_bytes(b"x" * 101)
    (tree / "loop").symlink_to("loop")
    os.mkfifo(tree / "fifo")
    reader = files(tree, max_size=100)
    reasons = {
        "binary": "it is not UTF-8 text (byte 0xff at offset 2)",
        "dir": "it is a directory",
        "big": "it is 101 bytes long, and volint reads at most 100",
        "fifo": "it is no regular file",
        "../outside.txt": "it lies outside of the directories that volint was asked to look at",
        "a\0b": "its path holds a null character",
    }
    for name, reason in reasons.items():
        path = f"{tree}/{name}"
        assert reader.read(path) is None, name
        assert reader.problem(path) == reason
    assert reader.read(f"{tree}/loop") is None
    assert reader.problem(f"{tree}/loop")


def test_links_stay_within_the_roots(tree: Path) -> None:
    (tree / "in").symlink_to("compose.yaml")
    (tree / "out").symlink_to("../outside.txt")
    (tree / "up").symlink_to("..")
    reader = files(tree)
    assert reader.read(str(tree / "in")) is not None
    for name in ("out", "up/outside.txt", "up/project/../outside.txt"):
        path = f"{tree}/{name}"
        assert reader.read(path) is None
        assert reader.problem(path) is not None
        assert reader.exists(path) is None
        assert reader.isfile(path) is None
        assert reader.size(path) is None
        assert reader.head(path, 4) is None
    assert reader.isdir(str(tree / "up")) is None
    assert reader.listdir(str(tree / "up")) is None
    assert reader.read(f"{tree}/up/project/compose.yaml") is not None


def test_a_root_that_is_a_link_is_a_root(tree: Path) -> None:
    link = tree.parent / "link"
    link.symlink_to(tree)
    reader = Files([str(link)], str(link))
    assert reader.isdir(str(link)) is True
    assert reader.read(str(link / "compose.yaml")) is not None
    assert reader.read(str(tree / "compose.yaml")) is not None


def test_existence(tree: Path) -> None:
    reader = files(tree)
    assert reader.exists(str(tree)) is True
    assert reader.exists(str(tree / "none")) is False
    assert reader.isfile(str(tree / "compose.yaml")) is True
    assert reader.isdir(str(tree / "compose.yaml")) is False
    assert reader.size(str(tree / "compose.yaml")) == 17
    assert reader.listdir(str(tree)) == ("compose.yaml",)
    assert reader.listdir(str(tree / "none")) is None
    assert reader.head(str(tree / "compose.yaml"), 3) == b"\xef\xbb\xbf"


def test_display() -> None:
    reader = Files(["/r"], "/r/sub")
    assert reader.display("/r/sub/a/b") == "a/b"
    assert reader.display("/r/sub") == "."
    assert reader.display("/r/subway") == "../subway"
    assert Files(["/"], "/").display("/a") == "a"


def test_roots(tree: Path) -> None:
    (tree / "sub").mkdir()
    assert git_root(str(tree)) is None
    assert allowed_roots([str(tree / "compose.yaml")]) == (str(tree),)
    git(tree, "init", "-q")
    assert git_root(str(tree / "sub")) == str(tree)
    assert allowed_roots([str(tree / "sub"), str(tree)]) == (str(tree),)


def test_git_knowledge(tree: Path) -> None:
    reader = files(tree)
    assert reader.is_tracked(str(tree / "compose.yaml")) is None
    assert reader.is_ignored(str(tree / "compose.yaml")) is None
    git(tree, "init", "-q")
    (tree / ".gitignore").write_text("*.env\n/data/\n!keep.env\n")
    (tree / "sub").mkdir()
    for name in ("a.env", "keep.env", "sub/tracked.env", "sub/[x]", "été"):
        (tree / name).write_text("x")
    (tree / "link").symlink_to("sub")
    git(tree, "add", "-f", "sub", "été")
    reader = files(tree)

    def path(name: str) -> str:
        return f"{tree}/{name}"

    tracked = ("sub/tracked.env", "sub", "sub/[x]", "été")
    assert all(reader.is_tracked(path(name)) for name in tracked)
    assert not any(reader.is_tracked(path(name)) for name in ("a.env", "none", "data"))
    names = ["a.env", "keep.env", "sub/tracked.env", "none.env", "data", "data/x", "none", "."]
    answers = reader.are_ignored([*map(path, names), path("link/a.env"), "/elsewhere"])
    ignored = ["a.env", "none.env", "data", "data/x"]
    assert [name for name in names if answers[path(name)]] == ignored
    assert answers[path("link/a.env")] is None
    assert answers["/elsewhere"] is None
    assert reader.is_ignored(path("a.env")) is True

    # Single questions, in any order, are answered by one process; what it refuses costs only itself.
    reader = files(tree)
    for name in ("link/a.env", *names, "link/b.env", "keep.env", "été", "sub/a\nb.env"):
        expected = None if name.startswith("link/") else name in (*ignored, "sub/a\nb.env")
        assert reader.is_ignored(path(name)) is expected, name


def test_git_runs_nothing_that_the_repository_names(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tree, "init", "-q")
    git(tree, "add", "compose.yaml")
    trap = tree.parent / "trap.sh"
    sprung = tree.parent / "sprung"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {sprung}\n')
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.editor"):
        git(tree, "config", key, str(trap))
    git(tree, "config", "filter.x.clean", str(trap))
    (tree / ".gitattributes").write_text("* filter=x\n")
    hooks = tree / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-auto-gc", "query-watchman"):
        (hooks / hook).write_bytes(trap.read_bytes())
        (hooks / hook).chmod(0o755)
    # The trap works: git left to itself springs it.
    subprocess.run(("git", "status"), cwd=tree, capture_output=True, check=False)
    assert sprung.exists()
    sprung.unlink()

    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trap))
    reader = files(tree)
    assert reader.is_tracked(str(tree / "compose.yaml")) is True
    assert reader.is_ignored(str(tree / "x")) is False
    assert not sprung.exists()


def test_without_a_git_program(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tree, "init", "-q")
    monkeypatch.setattr("volint.git._program", [None])
    reader = files(tree)
    assert reader.is_tracked(str(tree / "compose.yaml")) is None
    assert reader.is_ignored(str(tree / "x")) is None
