"""What discovery finds, what it leaves out, and what it says about it."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from volint.config import Config
from volint.discover import PathError, discover
from volint.discovery import Discovery
from volint.files import Files, allowed_roots
from volint.globs import Glob
from volint.kinds import guess, kind_of_text, kind_of_yaml, may_be_compose, shebang_kind
from volint.source import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COMPOSE = "services:\n  web:\n    image: nginx:1.27\n"
WORKFLOW = "on: push\njobs:\n  a:\n    services:\n      db:\n        image: postgres\n"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
needs_links = pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege")


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        put(root, name, text)


def put(root: Path, name: str, text: str = COMPOSE) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def run(
    root: Path,
    *paths: str,
    exclude: Sequence[str] = (),
    force_exclude: bool = False,
    stdin: tuple[str, str | bytes] | None = None,
) -> Discovery:
    cwd = str(root)
    given = paths or (".",)
    files = Files(allowed_roots([os.path.join(cwd, path) for path in given]), cwd)
    config = Config(root=cwd, exclude=tuple(Glob(pattern, cwd) for pattern in exclude))
    return discover(given, files, config, force_exclude=force_exclude, stdin=stdin)


def found(root: Path, *paths: str, **options: object) -> list[str]:
    discovery = run(root, *paths, **options)  # type: ignore[arg-type]
    return [os.path.relpath(item.path, root).replace(os.sep, "/") for item in discovery.items]


def kinds(root: Path, *paths: str) -> dict[str, Kind]:
    discovery = run(root, *paths)
    return {
        os.path.relpath(item.path, root).replace(os.sep, "/"): item.kind for item in discovery.items
    }


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments),
        cwd=root,
        check=True,
        capture_output=True,
    )


# -- names


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Dockerfile", Kind.DOCKERFILE),
        ("Dockerfile.alpine", Kind.DOCKERFILE),
        ("Dockerfile-ubi10", Kind.DOCKERFILE),
        ("Dockerfile.3.12", Kind.DOCKERFILE),
        ("web.Dockerfile", Kind.DOCKERFILE),
        ("a.b.dockerfile", Kind.DOCKERFILE),
        ("Containerfile", Kind.DOCKERFILE),
        ("Containerfile.dev", Kind.DOCKERFILE),
        ("Dockerfile.dockerignore", Kind.DOCKERIGNORE),
        (".dockerignore", Kind.DOCKERIGNORE),
        ("Dockerfile.md", Kind.MARKDOWN),
        ("Dockerfile.sh", Kind.SHELL),
        ("Dockerfile.j2", None),
        ("Dockerfile.py", None),
        ("dockerfiles.txt", None),
        ("run.sh", Kind.SHELL),
        ("lib.bash", Kind.SHELL),
        ("Makefile", Kind.MAKEFILE),
        ("GNUmakefile", Kind.MAKEFILE),
        ("Makefile.docker", Kind.MAKEFILE),
        ("Makefile.in", None),
        ("rules.mk", Kind.MAKEFILE),
        ("virtualbox.makefile", Kind.MAKEFILE),
        ("mail.bats", Kind.SHELL),
        ("justfile", Kind.JUSTFILE),
        (".justfile", Kind.JUSTFILE),
        ("README.md", Kind.MARKDOWN),
        ("package.json", Kind.PACKAGE_JSON),
        ("tsconfig.json", None),
        ("db.container", Kind.QUADLET),
        ("db.volume", Kind.QUADLET),
        ("app@.service", Kind.UNIT),
        (".devcontainer/devcontainer.json", Kind.DEVCONTAINER),
        (".devcontainer/python/devcontainer.json", Kind.DEVCONTAINER),
        (".devcontainer.json", Kind.DEVCONTAINER),
        ("docs/devcontainer.json", None),
        ("Taskfile.yml", Kind.TASKFILE),
        ("Taskfile.dist.yaml", Kind.TASKFILE),
        (".github/workflows/docker-compose.yml", Kind.CI),
        ("sub/.github/workflows/ci.yaml", Kind.CI),
        (".gitlab-ci.yml", Kind.CI),
        ("ci/build.gitlab-ci.yml", Kind.CI),
        (".gitlab/ci/test.yml", Kind.CI),
        (".circleci/config.yml", Kind.CI),
        ("azure-pipelines.yml", Kind.CI),
        ("build/action.yml", Kind.CI),
        (".woodpecker.yml", Kind.CI),
        (".woodpecker/build.yaml", Kind.CI),
        (".drone.yml", Kind.CI),
        ("rancher-compose.yml", None),
        ("compose.yaml", Kind.COMPOSE),
        ("compose.prod.yml", Kind.COMPOSE),
        ("docker-compose-ci.yml", Kind.COMPOSE),
        ("prod.compose.yaml", Kind.COMPOSE),
        ("prod-docker-compose.yml", Kind.COMPOSE),
        ("shop.compose.prod.yaml", Kind.COMPOSE),
        ("decompose.yml", None),
        ("stack.yml", None),
        ("logo.png", None),
    ],
)
def test_kind_by_name(path: str, kind: Kind | None) -> None:
    assert guess(path).kind is kind


@pytest.mark.parametrize(
    "line",
    [
        "#!/bin/sh\n",
        "#!/usr/bin/env bash\n",
        "#!/usr/bin/env bats\n",
        "#! /bin/bash -eu\n",
        "#!/usr/bin/env -S bash -x\n",
        "#!/bin/busybox sh\n",
        "#!/bin/zsh",
    ],
)
def test_shell_by_shebang(line: str) -> None:
    assert shebang_kind(line) is Kind.SHELL


@pytest.mark.parametrize(
    "line", ["#!/usr/bin/env python3\n", "#!/usr/bin/fish\n", "#!/bin/shfmt", ""]
)
def test_no_shell_by_shebang(line: str) -> None:
    assert shebang_kind(line) is None


# -- Compose by content


@pytest.mark.parametrize(
    "text",
    [
        COMPOSE,
        "x-a: &a\n  image: b\nservices:   # all of them\n\n  # first\n  web:\n    <<: *a\n",
        "services: {web: {image: nginx}}\n",
        "services:\n  web: {build: .}\n",
        '{"services": {"web": {"image": "nginx"}}}',
        '"services":\n  web:\n    restart: always\n    build: .\n',
        "services:\r\n  web:\r\n    image: nginx\r\n",
        "---\nservices: &all\n    web:\n        extends: {file: a.yml, service: b}\n",
        "services:\n  web:\n    container_name: a\n",
    ],
)
def test_compose_by_content(text: str) -> None:
    assert may_be_compose(text)


@pytest.mark.parametrize(
    "text",
    [
        WORKFLOW,
        "services:\n  - docker\n",
        "services:\n- type: web\n  image: nginx\n",
        "services:\n  _defaults:\n    autowire: true\n  App\\:\n    resource: ../src/\n",
        "services:\n  a.b:\n    class: X\n    arguments: ['@c']\n",
        "services:\n  api:\n    path: api\n    params:\n      image: x\n",
        "services:\n  nginx: nginx\nsteps: []\n",
        "steps:\n  - image: alpine\nservices:\n  db:\n    image: postgres\n",
        "services:\n  db:\n    image: postgres\n    backend_options:\n      kubernetes: {}\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  services:\n    a:\n      image: b\n",
        "services:\n",
        "services: null\n",
        "image: x\nbuild: y\n",
        "",
    ],
)
def test_not_compose_by_content(text: str) -> None:
    assert not may_be_compose(text)


def test_a_compose_name_is_believed_unless_the_content_is_plainly_something_else() -> None:
    assert kind_of_yaml("volumes:\n  a:\n", named_compose=True) is Kind.COMPOSE
    assert kind_of_yaml("", named_compose=True) is Kind.COMPOSE
    assert kind_of_yaml("web:\n  image: nginx\n", named_compose=True) is Kind.COMPOSE
    assert kind_of_yaml("{% if a %}\nservices:\n", named_compose=True) is Kind.COMPOSE
    assert kind_of_yaml("# tasks\n- name: a\n  shell: b\n", named_compose=True) is None
    assert kind_of_yaml("apiVersion: v1\nkind: Pod\n", named_compose=True) is None
    assert kind_of_yaml(WORKFLOW, named_compose=True) is Kind.CI


# -- directories


def test_every_kind_below_a_directory_sorted_by_path(tmp_path: Path) -> None:
    for name, text in {
        "compose.yaml": COMPOSE,
        "stack.yml": COMPOSE,
        "values.yml": "image: nginx\n",
        "web/Dockerfile": "FROM alpine\n",
        "web/.dockerignore": "*\n",
        "bin/tool": "#!/bin/bash\necho\n",
        "bin/other": "#!/usr/bin/python3\n",
        "bin/data": "\x00\x01",
        ".github/workflows/ci.yml": WORKFLOW,
        "LICENSE": "text",
    }.items():
        put(tmp_path, name, text)
    assert kinds(tmp_path) == {
        ".github/workflows/ci.yml": Kind.CI,
        "bin/tool": Kind.SHELL,
        "compose.yaml": Kind.COMPOSE,
        "stack.yml": Kind.COMPOSE,
        "web/.dockerignore": Kind.DOCKERIGNORE,
        "web/Dockerfile": Kind.DOCKERFILE,
    }
    assert found(tmp_path) == sorted(found(tmp_path))


def test_a_shebang_counts_behind_an_unknown_suffix_only_where_executable(tmp_path: Path) -> None:
    put(tmp_path, "run.command", "#!/bin/sh\n").chmod(0o755)
    put(tmp_path, "note.command", "#!/bin/sh\n").chmod(0o644)
    assert found(tmp_path) == ["run.command"]


@pytest.mark.parametrize("folder", ["node_modules", "vendor", ".venv", ".hidden", "third_party"])
def test_foreign_folders_are_left_out_unless_named(tmp_path: Path, folder: str) -> None:
    put(tmp_path, f"{folder}/a/compose.yaml")
    discovery = run(tmp_path)
    assert discovery.items == ()
    assert [os.path.basename(skipped.path) for skipped in discovery.skipped] == [folder]
    assert found(tmp_path, folder) == [f"{folder}/a/compose.yaml"]
    assert found(tmp_path, f"{folder}/a/compose.yaml") == [f"{folder}/a/compose.yaml"]


def test_exclude(tmp_path: Path) -> None:
    for name in ("a/compose.yaml", "a/b/compose.yaml", "tests/compose.yaml", "c.compose.yaml"):
        put(tmp_path, name)
    assert found(tmp_path, exclude=["tests"]) == [
        "a/b/compose.yaml",
        "a/compose.yaml",
        "c.compose.yaml",
    ]
    assert found(tmp_path, exclude=["a/**", "*.compose.yaml"]) == ["tests/compose.yaml"]
    assert found(tmp_path, "tests", exclude=["tests"]) == ["tests/compose.yaml"]
    assert found(tmp_path, "tests/compose.yaml", exclude=["tests"]) == ["tests/compose.yaml"]
    forced = run(tmp_path, "tests/compose.yaml", exclude=["tests"], force_exclude=True)
    assert forced.items == ()
    assert forced.skipped[0].named


def test_force_exclude_leaves_out_what_discovery_would(tmp_path: Path) -> None:
    put(tmp_path, "vendor/compose.yaml")
    put(tmp_path, "app/compose.yaml")
    paths = ("vendor/compose.yaml", "app/compose.yaml")
    assert found(tmp_path, *paths, force_exclude=True) == ["app/compose.yaml"]


def test_no_directory_in_the_way_counts_above_the_start(tmp_path: Path) -> None:
    root = tmp_path / "vendor" / "mine"
    put(root, "compose.yaml")
    assert found(root) == ["compose.yaml"]


# -- .gitignore


IGNORES = {
    ".gitignore": "*.tmp.yaml\n/build/\n!keep.tmp.yaml\n",
    "sub/.gitignore": "local.compose.yaml\n!sub.tmp.yaml\n",
    "compose.yaml": COMPOSE,
    "a.tmp.yaml": COMPOSE,
    "keep.tmp.yaml": COMPOSE,
    "build/compose.yaml": COMPOSE,
    "sub/build/compose.yaml": COMPOSE,
    "sub/local.compose.yaml": COMPOSE,
    "sub/sub.tmp.yaml": COMPOSE,
    "sub/other.tmp.yaml": COMPOSE,
    "other/local.compose.yaml": COMPOSE,
}
KEPT = [
    "compose.yaml",
    "keep.tmp.yaml",
    "other/local.compose.yaml",
    "sub/build/compose.yaml",
    "sub/sub.tmp.yaml",
]


@pytest.mark.parametrize("with_git", [False, pytest.param(True, marks=needs_git)])
def test_gitignore(tmp_path: Path, with_git: bool) -> None:
    for name, text in IGNORES.items():
        put(tmp_path, name, text)
    if with_git:
        git(tmp_path, "init", "-q")
    assert found(tmp_path) == KEPT
    if with_git:  # elsewhere nothing says that the folder above belongs to it
        assert found(tmp_path, "sub") == [name for name in KEPT if name.startswith("sub/")]


@pytest.mark.parametrize("with_git", [False, pytest.param(True, marks=needs_git)])
def test_an_ignored_folder_is_looked_into_where_it_is_named(tmp_path: Path, with_git: bool) -> None:
    for name, text in IGNORES.items():
        put(tmp_path, name, text)
    if with_git:
        git(tmp_path, "init", "-q")
    assert found(tmp_path, "build") == ["build/compose.yaml"]
    assert found(tmp_path, "a.tmp.yaml") == ["a.tmp.yaml"]


def test_a_work_tree_that_git_refuses_is_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in IGNORES.items():
        put(tmp_path, name, text)
    (tmp_path / ".git" / "info").mkdir(parents=True)
    put(tmp_path, ".git/info/exclude", "other\n")
    monkeypatch.setattr(Files, "listing", lambda self, directory: None)
    kept = [name for name in KEPT if not name.startswith("other/")]
    assert found(tmp_path) == kept
    assert found(tmp_path, "sub") == [name for name in kept if name.startswith("sub/")]


@needs_git
def test_git_lists_what_is_tracked_though_ignored_and_not_what_is_gone(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    put(tmp_path, "tracked.compose.yaml")
    put(tmp_path, "gone/compose.yaml")
    git(tmp_path, "add", ".")
    put(tmp_path, ".gitignore", "tracked.compose.yaml\n")
    shutil.rmtree(tmp_path / "gone")
    assert found(tmp_path) == ["tracked.compose.yaml"]


@needs_git
def test_a_clone_inside_is_looked_into_and_a_submodule_is_not(tmp_path: Path) -> None:
    for name in ("clone", "library"):
        put(tmp_path, f"{name}/compose.yaml")
        put(tmp_path, f"{name}/old.compose.yaml")
        put(tmp_path, f"{name}/.gitignore", "old*\n")
        git(tmp_path / name, "init", "-q")
        git(tmp_path / name, "add", ".")
        git(tmp_path / name, "commit", "-qm", "a")
    assert found(tmp_path) == ["clone/compose.yaml", "library/compose.yaml"]
    git(tmp_path, "init", "-q")
    commit = subprocess.run(
        ("git", "rev-parse", "HEAD"), cwd=tmp_path / "library", capture_output=True, check=True
    ).stdout.decode()
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{commit.strip()},library")
    discovery = run(tmp_path)
    assert [os.path.relpath(item.path, tmp_path) for item in discovery.items] == [
        "clone/compose.yaml"
    ]
    assert found(tmp_path, "library") == ["library/compose.yaml"]


@needs_git
def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    put(tmp_path, "compose.yaml")
    put(tmp_path, ".gitignore", "*.log\n")
    hostile = put(tmp_path, "hostile", "#!/bin/sh\ntouch '%s'\n" % (tmp_path / "ran"))
    hostile.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(hostile))
    git(tmp_path, "config", "core.pager", str(hostile))
    git(tmp_path, "config", "core.hooksPath", str(tmp_path))
    assert "compose.yaml" in found(tmp_path)
    assert not (tmp_path / "ran").exists()


# -- links, what cannot be read


@needs_links
@pytest.mark.parametrize("with_git", [False, pytest.param(True, marks=needs_git)])
def test_symbolic_links(tmp_path: Path, with_git: bool) -> None:
    root = tmp_path / "root"
    put(root, "a/compose.yaml")
    put(tmp_path, "outside/compose.yaml")
    put(root, "base.txt", COMPOSE)
    if with_git:
        git(root, "init", "-q")
    (root / "loop").symlink_to(root)
    (root / "again").symlink_to(root / "a")
    (root / "away").symlink_to(tmp_path / "outside")
    (root / "docker-compose.yml").symlink_to("a/compose.yaml")
    (root / "prod.compose.yaml").symlink_to("base.txt")
    (root / "out.compose.yaml").symlink_to(tmp_path / "outside" / "compose.yaml")
    (root / "dangling.compose.yaml").symlink_to("nowhere")
    discovery = run(root)
    assert [os.path.relpath(item.path, root) for item in discovery.items] == [
        "a/compose.yaml",
        "prod.compose.yaml",
    ]
    assert [os.path.basename(skipped.path) for skipped in discovery.skipped] == ["out.compose.yaml"]


@needs_links
def test_one_file_through_several_paths_is_one(tmp_path: Path) -> None:
    put(tmp_path, "a/compose.yaml")
    (tmp_path / "b").symlink_to("a")
    paths = ("a/compose.yaml", "./a/../a/compose.yaml", "b/compose.yaml", "a", ".", "b")
    assert found(tmp_path, *paths) == ["a/compose.yaml"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_said_and_the_rest_is_found(tmp_path: Path) -> None:
    put(tmp_path, "closed/compose.yaml")
    put(tmp_path, "secret.yml")
    put(tmp_path, "compose.yaml")
    (tmp_path / "closed").chmod(0)
    (tmp_path / "secret.yml").chmod(0)
    try:
        discovery = run(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert [item.kind for item in discovery.items] == [Kind.COMPOSE]
    assert [problem.code for problem in discovery.problems] == ["VL004", "VL004"]


def test_a_directory_that_cannot_be_listed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "closed/compose.yaml")
    put(tmp_path, "compose.yaml")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    discovery = run(tmp_path)
    assert [os.path.basename(item.path) for item in discovery.items] == ["compose.yaml"]
    [problem] = discovery.problems
    assert problem.code == "VL004"
    assert problem.message == "'closed' cannot be looked into: Permission denied"


def test_yaml_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"services:\n  a:\n    image: caf\xe9\n")
    (tmp_path / "data.yml").write_bytes(b"a: caf\xe9\n")
    # The reader says why the first cannot be read; the second is nobody's.
    assert kinds(tmp_path) == {"latin.yml": Kind.COMPOSE}
    assert run(tmp_path).problems == ()


# -- by name


def test_a_named_file_is_checked_whatever_it_is_called(tmp_path: Path) -> None:
    put(tmp_path, "app.txt")
    put(tmp_path, "image.def", "# a\nARG V=1\nFROM alpine:$V\n")
    put(tmp_path, "tool.py", "#!/bin/sh\n")
    put(tmp_path, "compose.yaml.j2", "services:\n  {% if a %}\n")
    put(tmp_path, "flow.yml", WORKFLOW)
    put(tmp_path, "prod.env", "A=b\n")
    assert kinds(tmp_path, "app.txt", "image.def", "tool.py", "compose.yaml.j2", "flow.yml") == {
        "app.txt": Kind.COMPOSE,
        "compose.yaml.j2": Kind.COMPOSE,
        "flow.yml": Kind.CI,
        "image.def": Kind.DOCKERFILE,
        "tool.py": Kind.SHELL,
    }
    assert kinds(tmp_path, "prod.env") == {"prod.env": Kind.ENV_FILE}


def test_yaml_that_is_no_compose_is_said_only_where_it_is_named(tmp_path: Path) -> None:
    put(tmp_path, "values.yml", "a: b\n")
    files = Files((str(tmp_path),), str(tmp_path))
    assert run(tmp_path).said(files) == []
    assert run(tmp_path, "values.yml").said(files) == [
        "note: 'values.yml' is skipped: it is no Compose file: "
        "no top-level 'services' has containers in it"
    ]


def test_of_many_named_files_that_are_skipped_some_are_said(tmp_path: Path) -> None:
    names = [f"{number}.yml" for number in range(9)]
    for name in names:
        put(tmp_path, name, "a: b\n")
    said = run(tmp_path, *names).said(Files((str(tmp_path),), str(tmp_path)))
    assert len(said) == 6
    assert said[-1] == "note: 4 more paths skipped; --show-files lists what is read"


def test_a_named_binary_is_skipped_and_said(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\x00\xff")
    discovery = run(tmp_path, "logo.png")
    assert discovery.items == ()
    assert discovery.problems == ()
    assert [skipped.named for skipped in discovery.skipped] == [True]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("compos.yaml", "'compos.yaml' does not exist; did you mean 'compose.yaml'?"),
        ("zzz/q", "'zzz/q' does not exist; give a file or a directory that does, or '.'"),
        (
            "*.yml",
            "'*.yml' matches no file; name a directory to have everything below it checked",
        ),
    ],
)
def test_a_missing_path_is_an_error_that_helps(tmp_path: Path, given: str, said: str) -> None:
    put(tmp_path, "compose.yaml")
    with pytest.raises(PathError) as error:
        run(tmp_path, given)
    assert str(error.value) == said


@needs_links
def test_a_dangling_link_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.yml").symlink_to("b.yml")
    with pytest.raises(PathError, match=r"symbolic link to 'b\.yml', which cannot be reached"):
        run(tmp_path, "a.yml")


def test_all_missing_paths_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(PathError) as error:
        run(tmp_path, "a", "b")
    assert str(error.value).count("does not exist") == 2


# -- standard input


def test_standard_input_stands_where_it_is_said_to(tmp_path: Path) -> None:
    put(tmp_path, "a/compose.yaml", "on disk")
    cwd = str(tmp_path)
    files = Files((cwd,), cwd)
    discovery = discover(["-"], files, Config(root=cwd), stdin=("a/compose.yaml", COMPOSE))
    [item] = discovery.items
    assert item.kind is Kind.COMPOSE
    source = files.read(item.path, item.kind)
    assert source is not None
    assert source.text == COMPOSE
    assert source.path == "a/compose.yaml"
    assert discovery.covers(source)
    assert not discovery.covers(Source("b", ""))


def test_standard_input_without_a_name_goes_by_content(tmp_path: Path) -> None:
    [item] = run(tmp_path, "-", stdin=("", COMPOSE.encode())).items
    assert item.kind is Kind.COMPOSE
    [skipped] = run(tmp_path, "-", stdin=("", "hello")).skipped
    assert "--stdin-filename" in skipped.reason
    assert run(tmp_path, "-", stdin=("compose.yaml", b"\xff")).problems[0].code == "VL001"
    with pytest.raises(PathError, match="standard input"):
        run(tmp_path, "-")


def test_kind_of_text_never_raises() -> None:
    for text in ("", "\x00", "{", "services:\n\t- a", "#!", "FROM", "services: {"):
        for path in ("a", "a.yml", "compose.yaml", "Dockerfile", ".j2", "x.j2.j2", ""):
            kind_of_text(path, text)


# -- globs


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.yml", "a/b.yml", True),
        ("test/", "a/test/x", True),
        ("a/*.yml", "a/x.yml", True),
        ("a/*.yml", "a/b/x.yml", False),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("**/x/y", "q/x/y/z", True),
        ("/a", "a", True),
        ("/a", "b/a", False),
        ("./a", "b/a", False),
        ("[!a]b", "cb", True),
        ("[!a]b", "ab", False),
        ("[z-a]x", "[z-a]x", True),
        ("a[", "a[", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("a?c", "a/c", False),
    ],
)
def test_glob(pattern: str, path: str, expected: bool) -> None:
    assert Glob(pattern, "/r").matches("/r/" + path) is expected
