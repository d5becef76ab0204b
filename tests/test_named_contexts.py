"""Contexts with a name: what is copied from them, and images that one service builds for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_filesets import projects

from volint.analysis.copies import copies

if TYPE_CHECKING:
    from pathlib import Path

    from volint.model import Container, Project, Stage

BASE = """
FROM node:22 AS dev
USER nobody
FROM postgres:17 AS prod
WORKDIR /srv
ENV HOME=/srv
VOLUME /srv/data
USER app
CMD ["serve"]
"""


def container(made: list[Project], name: str) -> Container:
    return next(
        found for project in made for found in project.containers if found.name.value == name
    )


def stage(made: list[Project], name: str) -> Stage:
    build = container(made, name).build
    assert build is not None
    assert build.target_index is not None
    return build.stages[build.target_index]


def taken(made: list[Project]) -> dict[str, tuple[list[str], str]]:
    """Return what each source of a COPY takes, and the shown path of the ignore file in force."""
    return {
        copy.word.value: ([file.path for file in copy.files], copy.build.ignore_path or "")
        for project in made
        for copy in copies(project)
    }


FILES = {
    "app/Dockerfile": "FROM alpine\nCOPY --from=lib . /lib/\nCOPY --from=lib a* /a/\nCOPY --from=other x /x\n",
    "lib/a.txt": "a",
    "lib/b.txt": "b",
    "lib/.dockerignore": "b.txt\n",
    "app/.dockerignore": "a.txt\n",
}
EXPECTED = {
    ".": ([".dockerignore", "a.txt"], "lib/.dockerignore"),
    "a*": (["a.txt"], "lib/.dockerignore"),
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "compose.yaml",
            "services: {app: {build: {context: app, additional_contexts: {lib: ./lib}}}}\n",
        ),
        (
            "compose.yaml",
            "services: {app: {build: {context: app, additional_contexts: [lib=lib]}}}\n",
        ),
        ("build.sh", "docker buildx build --build-context lib=./lib app\n"),
        ("scripts/build.sh", "docker build --build-context=lib=lib -f app/Dockerfile app\n"),
    ],
)
def test_files_of_a_named_context_are_those_its_own_ignore_file_leaves(
    tmp_path: Path, name: str, text: str
) -> None:
    assert taken(projects(tmp_path, {**FILES, name: text})) == EXPECTED


@pytest.mark.parametrize("value", ["${LIB}", "https://example.com/lib.git", "docker-image://x", ""])
def test_a_named_context_elsewhere_gives_no_files(tmp_path: Path, value: str) -> None:
    text = (
        f"services: {{app: {{build: {{context: app, additional_contexts: {{lib: '{value}'}}}}}}}}\n"
    )
    assert all(
        not files
        for files, _ in taken(projects(tmp_path, {**FILES, "compose.yaml": text})).values()
    )


@pytest.mark.parametrize(
    ("how", "base"),
    [
        ("additional_contexts: {start: 'service:base'}", "FROM start\n"),
        ("args: {A: b}", "FROM shop/base\n"),
        ("args: {A: b}", "FROM shop/base:latest AS one\nFROM one\n"),
    ],
)
def test_a_service_is_built_on_what_another_one_builds(tmp_path: Path, how: str, base: str) -> None:
    compose = f"""
    services:
      child: {{build: {{context: child, {how}}}}}
      base: {{image: shop/base, build: {{context: base, target: prod}}}}
    """
    files = {
        "compose.yaml": compose,
        "base/Dockerfile": BASE,
        "child/Dockerfile": base + "VOLUME /own\n",
    }
    made = projects(tmp_path, files)
    found = stage(made, "child")
    assert (str(found.user), found.workdir, str(found.env["HOME"])) == ("app", "/srv", "/srv")
    assert [str(word) for word in found.command or ()] == ["serve"]
    mounts = [
        (str(mount.target), mount.span.source.path) for mount in container(made, "child").mounts
    ]
    assert mounts == [("/srv/data", "base/Dockerfile"), ("/own", "child/Dockerfile")]
    build = container(made, "child").build
    assert build is not None
    assert (str(build.stages[0].base), build.stages[0].base.span.source.path) == (
        "postgres:17",
        "base/Dockerfile",
    )


def test_services_built_on_each_other_are_read_as_they_are(tmp_path: Path) -> None:
    compose = """
    services:
      a: {image: a, build: {dockerfile_inline: "FROM b\\nVOLUME /a"}}
      b: {image: b, build: {dockerfile_inline: "FROM a\\nVOLUME /b"}}
      c: {image: "c:1", build: {dockerfile_inline: "FROM c:1\\nVOLUME /c"}}
    """
    made = projects(tmp_path, {"compose.yaml": compose})
    assert [str(mount.target) for mount in container(made, "c").mounts] == ["/c"]
    assert "/b" in [str(mount.target) for mount in container(made, "b").mounts]


def test_an_image_under_a_name_is_what_a_stage_is_built_on(tmp_path: Path) -> None:
    compose = """
    services:
      db: {build: {dockerfile_inline: FROM start, additional_contexts: {start: "docker-image://postgres:17"}}}
    """
    base = stage(projects(tmp_path, {"compose.yaml": compose}), "db").base
    assert (base.value, base.span.text()) == ("postgres:17", "postgres:17")
