"""What a COPY takes along that no image needs: what git knows, and what is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_files import git

from volint.analysis.contextgaps import unwanted
from volint.analysis.copies import copies
from volint.assemble.build import make_build
from volint.assemble.context import Tree
from volint.assemble.contextroot import guessed_root
from volint.files import Files
from volint.model import Environment, EnvironmentKind, Project, ProjectKind
from volint.source import Kind
from volint.testing import check_files

if TYPE_CHECKING:
    from pathlib import Path


def gaps(root: Path, *lines: str, near: bool = False) -> list[tuple[str, str, str]]:
    """Return path, pattern and kind of what the COPYs of a Dockerfile take along."""
    (root / "Dockerfile").write_text("\n".join(["FROM scratch", "WORKDIR /app", *lines, ""]))
    files = Files([str(root)], str(root))
    source = files.read(str(root / "Dockerfile"), Kind.DOCKERFILE)
    assert source is not None
    build, problems = make_build(files, dockerfile=source, root=str(root))
    assert not problems
    environment = Environment(EnvironmentKind.UNKNOWN, "")
    project = Project("x", ProjectKind.BUILD, (source,), environment, builds=(build,))
    return [
        (entry.path, entry.pattern, entry.kind)
        for copy in copies(project)
        for entry in unwanted(copy, near=near)
    ]


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def test_the_repository_itself(repository: Path) -> None:
    put(repository, "app.py", "sub/lib.py")
    assert gaps(repository, "COPY . .") == [(".git", ".git", "repository")]
    assert gaps(repository, "COPY sub .") == []
    assert gaps(repository, "COPY .git /git") == []
    (repository / ".dockerignore").write_text(".git\n")
    assert gaps(repository, "COPY . .") == []


@pytest.mark.parametrize(
    "line",
    [
        "RUN make VERSION=$(git describe --tags)",
        "RUN git -c safe.directory=/app rev-parse HEAD > version",
        "RUN pip install setuptools-scm && pip install .",
    ],
)
def test_a_run_may_ask_git(repository: Path, line: str) -> None:
    put(repository, "app.py")
    assert gaps(repository, "COPY . .", line) == []


@pytest.mark.parametrize(
    ("recipes", "asked"),
    [("VERSION := $(shell git describe --tags)\n", True), ("all: app\n", False)],
)
def test_a_run_may_ask_git_through_make(repository: Path, recipes: str, asked: bool) -> None:
    put(repository, "app.py")
    (repository / "Makefile").write_text(recipes)
    found = gaps(repository, "COPY . .", "RUN make -j2 app")
    assert (found == []) is asked
    assert gaps(repository, "COPY . .", "RUN echo remake") != []


def test_what_git_tracks_is_source(repository: Path) -> None:
    put(
        repository,
        "vendor/lib/a.go",
        "node_modules/x/a.js",
        "target/notes.md",
        "web/node_modules/b.js",
    )
    git(repository, "add", "vendor", "node_modules")
    assert gaps(repository, "COPY . .")[1:] == [
        ("target", "target", "dependencies"),
        ("web/node_modules", "**/node_modules", "dependencies"),
    ]


def test_without_git_common_names_need_a_manifest(tmp_path: Path) -> None:
    put(tmp_path, "vendor/a", "target/b", "__pycache__/c", "data/d", "checkpoints/e")
    assert gaps(tmp_path, "COPY . .") == [("__pycache__", "__pycache__", "cache")]
    put(tmp_path, "composer.json")
    assert gaps(tmp_path, "COPY . .")[0] == ("vendor", "vendor", "dependencies")


def test_data_that_is_declared_or_made(repository: Path) -> None:
    put(repository, "data/seed.sql", "uploads/x.png")
    (repository / ".dockerignore").write_text(".git\n")
    git(repository, "add", "data")
    lines = (
        "COPY . .",
        "VOLUME /app/data /app/uploads /elsewhere/data",
        "RUN mkdir -p logs $X/tmp",
    )
    assert gaps(repository, *lines) == [
        ("logs", "logs", "data"),
        ("uploads", "uploads", "data"),
    ]


def test_what_manifests_announce(tmp_path: Path) -> None:
    put(
        tmp_path, "package.json", "packages/a/package.json", "tests/package.json", "rust/Cargo.toml"
    )
    expected = [
        ("node_modules", "node_modules", "dependencies"),
        ("rust/target", "**/target", "output"),
    ]
    assert gaps(tmp_path, "COPY . .", near=True) == expected
    assert gaps(tmp_path, "COPY . .") == []
    assert gaps(tmp_path, "COPY . .", "RUN yarn && cargo build") == expected
    assert gaps(tmp_path, "COPY package.json .", "RUN yarn") == []
    assert gaps(tmp_path, "COPY *.json .", "RUN yarn") == []
    assert gaps(tmp_path, "COPY --exclude=node_modules . .", "RUN yarn") == []
    (tmp_path / ".dockerignore").write_text("**/node_modules\n**/target/*\n")
    assert gaps(tmp_path, "COPY . .", near=True) == []


def test_a_package_of_a_workspace_above_has_no_folder_of_its_own(tmp_path: Path) -> None:
    put(tmp_path, "web/package.json", "crates/a/Cargo.toml", "Cargo.toml")
    assert gaps(tmp_path, "COPY web web", "COPY crates crates", near=True) == [
        ("web/node_modules", "**/node_modules", "dependencies")
    ]


def test_a_line_without_effect_says_of_its_own_secrets_alone_where_they_go() -> None:
    files = {
        "Dockerfile": "FROM scratch\nCOPY . /app\n",
        ".dockerignore": "node_modules  # installed\n.env  # ours\n",
        ".env": "API_TOKEN=f8a3b1c2d4e5f60718293a4b\n",
    }
    labels = {
        finding.source: [label.message for label in finding.labels]
        for finding in check_files(files, select=["VL406"])
    }
    assert labels == {
        "node_modules  # installed": [],
        ".env  # ours": ["so '.env' goes into the image"],
    }


def test_a_wrapper_that_lies_above_tells_the_build_context(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path, "gradlew", "docker/upgrade/run.sh")
    path = tmp_path / "docker" / "upgrade" / "Dockerfile"
    for run, root in (("./gradlew build", tmp_path), ("sh run.sh", path.parent)):
        path.write_text(f"FROM eclipse-temurin:21\nCOPY . src\nRUN cd src && {run}\n")
        files = Files([str(tmp_path)], str(tmp_path))
        source = files.read(str(path), Kind.DOCKERFILE)
        assert source is not None
        build, _ = make_build(files, dockerfile=source, root=str(path.parent))
        assert guessed_root(files, Tree(files), build) == (str(root), False)
