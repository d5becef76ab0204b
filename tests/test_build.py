"""Builds: which Dockerfile, ignore file and context a service or a build line uses."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from test_context import TREE
from test_files import git

from volint.assemble.build import attach, joined, make_build
from volint.assemble.inline import InlineSource
from volint.files import Files
from volint.model import Build, Container, ContainerKind, Mount, MountKind, Syntax
from volint.session import Session
from volint.source import Kind, Source, Span, Text, Word

if TYPE_CHECKING:
    from pathlib import Path

    from volint.source import Problem

COMPOSE = Source("compose.yaml", "services: {app: {build: ., image: x}}", Kind.COMPOSE)


def text(value: str) -> Text:
    return Text(value, Span(COMPOSE, 24, 25))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in TREE:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("FROM scratch\nCOPY . .\n" if name == "Dockerfile" else name)
    return root


def made(
    root: Path, name: str = "Dockerfile", *, context: Path | None = None, certain: bool = True
) -> Build:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text("FROM scratch\nCOPY . .\n")
    files = Files([str(root)], str(root))
    build, problems = make_build(
        files,
        dockerfile=files.read(str(path), Kind.DOCKERFILE),
        root=str(context or root),
        root_certain=certain,
    )
    assert not problems
    return build


def service(tree: Path, /, **fields: object) -> Container:
    build = Build(text("."), str(tree), True, str(tree / "Dockerfile"), None, None, None)
    return Container(
        Text("app", Span(COMPOSE, 11, 14)),
        ContainerKind.SERVICE,
        Span(COMPOSE, 0, len(COMPOSE.text)),
        build=build._replace(**fields),
    )


def attached(tree: Path, /, **fields: object) -> tuple[Build, list[Problem]]:
    container, problems = attach(Files([str(tree)], str(tree)), service(tree, **fields))
    assert container.build is not None
    return container.build, problems


# -- which ignore file is read


def test_the_ignore_file_of_the_dockerfile_stands_in_for_the_contexts(tree: Path) -> None:
    (tree / ".dockerignore").write_text("web\n")
    build = made(tree)
    assert build.ignore_path == ".dockerignore"
    assert build.ignore_file is not None
    assert build.files is not None
    assert build.files.is_ignored("web/index.html")
    assert made(tree, "docker/Dockerfile").ignore_path == ".dockerignore"
    (tree / "docker/Dockerfile.dockerignore").write_text("**/*.txt\n")
    build = made(tree, "docker/Dockerfile")
    assert build.ignore_path == "docker/Dockerfile.dockerignore"
    assert build.files is not None
    assert not build.files.is_ignored("web/index.html")
    assert build.files.is_ignored("src/lib/a.txt")


def test_ignore_files_that_are_not_read_are_named(tree: Path) -> None:
    (tree / "docker").mkdir()
    (tree / "docker/.dockerignore").write_text("*\n")
    build = made(tree, "docker/Dockerfile")
    assert build.ignore_file is None
    assert build.ignore_path == ".dockerignore"
    assert build.other_ignore_files == ("docker/.dockerignore",)
    (tree / ".dockerignore").write_text("*\n")
    build = made(tree, "web/Dockerfile", context=tree / "web")
    assert build.ignore_path == "web/.dockerignore"
    assert build.other_ignore_files == (".dockerignore",)


def test_a_containerfile_has_its_own_kind_of_ignore_file(tree: Path) -> None:
    (tree / ".containerignore").write_text("*\n")
    assert made(tree, "Containerfile").ignore_path == ".containerignore"
    assert made(tree, "Dockerfile").ignore_file is None


def test_an_ignore_file_that_is_refused_is_a_problem(tree: Path) -> None:
    (tree / ".dockerignore").write_text("ok\n[\n")
    _, problems = attached(tree)
    assert [(p.code, p.span.source.path, p.span.text()) for p in problems if p.code == "VL001"][
        -1
    ] == ("VL001", ".dockerignore", "[")


# -- a context nobody names


@pytest.mark.parametrize(
    ("dockerfile", "line", "context"),
    [
        ("web/Dockerfile", "COPY index.html /x/", "web"),
        ("web/Dockerfile", "COPY src/app.py not-there /x/", ""),
        ("web/Dockerfile", "COPY not-there /x/", "web"),
        ("web/Dockerfile", "COPY . /x/", "web"),
        ("docker/Dockerfile", "COPY . /x/", ""),
        ("docker/Dockerfile", "COPY *.md /x/", ""),
        ("src/docker/Dockerfile", "COPY . /x/", "src"),
        ("src/docker/Dockerfile", "COPY lib /x/", "src"),
    ],
)
def test_the_context_is_where_the_sources_are(
    tree: Path, dockerfile: str, line: str, context: str
) -> None:
    path = tree / dockerfile
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"FROM scratch\n{line}\n")
    build = made(tree, dockerfile, context=path.parent, certain=False)
    assert build.root == str(tree / context).rstrip("/")
    assert build.root_certain is False


@pytest.mark.parametrize(
    ("dockerfile", "line", "context"),
    [
        ("web/Dockerfile", "COPY web/index.html /x/", ""),
        ("web/Dockerfile", "COPY ./web/index.html web/not-there /x/", ""),
        ("src/web/Dockerfile", "COPY src/web/not-there /x/", ""),
        ("src/web/Dockerfile", "COPY web/app.py /x/", "src"),
    ],
)
def test_a_copy_that_leads_back_tells_the_context(
    tree: Path, dockerfile: str, line: str, context: str
) -> None:
    path = tree / dockerfile
    path.parent.mkdir(parents=True, exist_ok=True)
    (tree / "src/web").mkdir(exist_ok=True)
    (tree / "src/web/app.py").write_text("")
    path.write_text(f"FROM scratch\n{line}\n")
    build = made(tree, dockerfile, context=path.parent, certain=False)
    assert (build.root, build.root_certain) == (str(tree / context).rstrip("/"), True)


@pytest.mark.parametrize("there", ["web/web/index.html", "web/web/not-there"])
def test_a_folder_of_the_same_name_inside_leaves_it_a_guess(tree: Path, there: str) -> None:
    (tree / there).parent.mkdir(parents=True)
    (tree / there).write_text("")
    path = tree / "web/Dockerfile"
    path.write_text(f"FROM scratch\nCOPY {there.removeprefix('web/')} /x/\n")
    assert made(tree, "web/Dockerfile", context=path.parent, certain=False).root_certain is False


def test_a_build_line_between_a_folder_and_the_root_only_guesses_its_context(tree: Path) -> None:
    (tree / ".git").mkdir(exist_ok=True)
    (tree / "app/server").mkdir(parents=True)
    (tree / "other").mkdir()
    (tree / "other/start").write_text("")
    (tree / "app/Dockerfile").write_text("FROM scratch\nCOPY other/start /x/\n")
    (tree / "app/server/README.md").write_text("```sh\ndocker build -t server .\n```\n")

    def contexts() -> list[tuple[str | None, bool]]:
        session = Session({"paths": (".",)}, cwd=str(tree / "app"))
        return [
            (build.root, build.root_certain)
            for project in session.workspace(session.discovery()).projects
            for build in project.builds
        ]

    assert contexts() == [(str(tree), False)]
    (tree / "app/README.md").write_text("```sh\ndocker build -t app .\n```\n")
    assert (str(tree / "app"), True) in contexts()


# -- build arguments and targets


def test_arguments_reach_the_stages(tree: Path) -> None:
    path = tree / "Dockerfile"
    path.write_text("ARG V=1\nFROM img:$V AS a\nFROM a\nVOLUME /data\n")
    files = Files([str(tree)], str(tree))
    line = Source("build.sh", "docker build --build-arg V=2 .", Kind.SHELL)
    build, problems = make_build(
        files,
        dockerfile=files.read(str(path), Kind.DOCKERFILE),
        root=str(tree),
        args=(Text("V=2", Span(line, 25, 28)), Text("W", Span(line, 0, 1))),
    )
    assert not problems
    assert build.stages[0].base.value == "img:2"
    assert build.target_index == 1
    assert [(arg.name.span.text(), arg.origin) for arg in build.args] == [
        ("V", "--build-arg"),
        ("d", "--build-arg"),
    ]
    value = build.args[0].value
    assert value is not None
    assert value.span.text() == "2"
    assert build.args[1].value is None


def test_a_service_is_tied_to_its_dockerfile_and_target(tree: Path) -> None:
    (tree / "Dockerfile").write_text("FROM a AS one\nUSER app\nFROM b AS two\n")
    build, problems = attached(tree, target=text("One"))
    assert not problems
    assert (build.dockerfile, build.target_index, build.reachable) == ("Dockerfile", 0, {0})
    build, problems = attached(tree, target=text("three"))
    assert build.target_index is None
    assert [(problem.code, problem.span) for problem in problems] == [
        ("VL615", Span(COMPOSE, 24, 25))
    ]
    assert "'one', 'two'" in problems[0].help


def test_one_dockerfile_is_read_once(tree: Path) -> None:
    (tree / "Dockerfile").write_text("FROM a\nBOGUS\n")
    files = Files([str(tree)], str(tree))
    first, one = attach(files, service(tree))
    second, two = attach(files, service(tree))
    assert first.build is not None
    assert second.build is not None
    assert first.build.stages is second.build.stages
    assert first.build.files is second.build.files
    assert len(dict.fromkeys([*one, *two])) == len(one) == 1


# -- what stands in for a Dockerfile, and what is missing


@pytest.mark.parametrize("name", ["dockerfile", "Containerfile"])
def test_other_names_stand_in_for_a_missing_dockerfile(tree: Path, name: str) -> None:
    (tree / "Dockerfile").unlink()
    (tree / name).write_text("FROM a\n")
    build, problems = attached(tree)
    assert not problems
    assert build.dockerfile == name


def test_what_is_found_in_an_inline_dockerfile_has_its_place_in_the_compose_file(
    tree: Path,
) -> None:
    compose = Source("compose.yaml", 'inline: "FROM a\\nVOLUME /data\\nBOGUS\\n"', Kind.COMPOSE)
    from volint.parse.yaml import parse

    documents, _ = parse(compose)
    node = documents[0].root.entries[0][1]
    inline = InlineSource(node.word())
    build, problems = attached(tree, source=inline, dockerfile=None)
    assert build.dockerfile is None
    assert build.source is inline
    assert [problem.span.text() for problem in problems] == ["BOGUS"]
    assert [path.span.text() for path in build.stages[0].volumes] == ["/data"]
    assert build.stages[0].span.source is compose


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"dockerfile": "docker/Dockerfile.web"}, "warning"),
        ({"dockerfile": "ignored/Dockerfile"}, "note"),
        ({"root": "nowhere"}, "warning"),
        ({"root": "ignored/nowhere"}, "note"),
        ({"root": "sub/module"}, "note"),
        ({"root": ".."}, "note"),
    ],
)
def test_what_is_missing_is_said(tree: Path, fields: dict[str, str], level: str) -> None:
    shutil.rmtree(tree / ".git")
    git(tree, "init", "-q")
    (tree / ".gitignore").write_text("ignored\n")
    (tree / ".gitmodules").write_text('[submodule "x"]\n\tpath = sub/module\n\turl = x\n')
    root = tree.parent if fields.get("root") == ".." else tree / fields.get("root", ".")
    build, problems = attached(
        tree, root=str(root), dockerfile=str(root / fields.get("dockerfile", "Dockerfile"))
    )
    if fields.get("root") != "..":
        assert build.source is None
    assert [(problem.code, problem.level) for problem in problems] == [("VL004", level)]
    assert build.dockerfile == f"{fields.get('root', '')}/Dockerfile".lstrip("/") or (
        build.dockerfile == fields["dockerfile"]
    )


def test_what_can_be_pulled_need_not_be_built(tree: Path) -> None:
    container = service(tree, dockerfile=str(tree / "none"))._replace(image=text("x"))
    _, problems = attach(Files([str(tree)], str(tree)), container)
    assert [problem.level for problem in problems] == ["note"]


def test_a_remote_context_is_no_problem(tree: Path) -> None:
    build, problems = attached(tree, root=None, dockerfile="Dockerfile")
    assert not problems
    assert (build.dockerfile, build.files, build.ignore_path) == ("Dockerfile", None, None)


# -- volumes of the image


def test_a_service_gets_the_volumes_of_the_stage_it_is_built_from(tree: Path) -> None:
    (tree / "Dockerfile").write_text(
        'FROM a AS base\nVOLUME ["/data", "/logs/"]\nFROM base\nVOLUME /cache /data $X\nFROM b\nVOLUME /no\n'
    )
    stub = service(tree)
    mount = Mount(
        MountKind.TMPFS, None, text("/cache/"), False, Syntax.TMPFS_KEY, Span(COMPOSE, 0, 1)
    )
    stub = stub._replace(mounts=(mount,), build=stub.build and stub.build._replace(target=None))
    files = Files([str(tree)], str(tree))
    container, _ = attach(files, stub)
    assert [m.target.value for m in container.mounts] == ["/cache/", "/no"]
    (tree / "Dockerfile").write_text(
        'FROM a AS base\nVOLUME ["/data", "/logs/"]\nFROM base\nVOLUME /cache /data $X\n'
    )
    container, _ = attach(Files([str(tree)], str(tree)), stub)
    assert [
        (m.kind.value, m.target.value, m.syntax.value, m.span.text(), m.is_anonymous)
        for m in container.mounts[1:]
    ] == [
        ("volume", "/data", "VOLUME", "/data", True),
        ("volume", "/logs", "VOLUME", "/logs/", True),
    ]
    assert container.mounts[1].span.source.path == "Dockerfile"


def test_a_target_that_depends_on_a_variable_may_be_any_of_them(tree: Path) -> None:
    (tree / "Dockerfile").write_text("FROM a\nVOLUME /data\n")
    target = Text("$DIR", Span(COMPOSE, 0, 1), ("DIR",))
    mount = Mount(MountKind.BIND, text("."), target, False, Syntax.SHORT, Span(COMPOSE, 0, 1))
    container, _ = attach(Files([str(tree)], str(tree)), service(tree)._replace(mounts=(mount,)))
    assert container.mounts == (mount,)


def test_an_inline_source_maps_its_characters() -> None:
    holder = Source("compose.yaml", "x: FROM a", Kind.COMPOSE)
    inline = InlineSource(Word("FROM a", Span(holder, 3, 9)))
    assert (inline.path, inline.text, inline.kind) == ("compose.yaml", "FROM a", Kind.DOCKERFILE)


def test_what_several_services_miss_is_one_problem(tree: Path) -> None:
    container = service(tree, dockerfile=str(tree / "none"))
    other = container._replace(name=Text("b", Span(COMPOSE, 0, 1)), image=text("x"))
    assert other.build is not None
    other = other._replace(build=other.build._replace(context=Text(".", Span(COMPOSE, 26, 27))))
    files = Files([str(tree)], str(tree))
    (problem,) = joined([*attach(files, other)[1], *attach(files, container)[1]])
    assert (problem.code, problem.level, problem.span) == (
        "VL004",
        "warning",
        Span(COMPOSE, 26, 27),
    )
    assert [label.span for label in problem.labels] == [Span(COMPOSE, 24, 25)]
