"""Edits of the top-level `volumes`: what the file looks like afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from volint.edits.volumes import declare_volume, free_volume_name, remove_volume
from volint.model import Project

SERVICE = "services:\n  app:\n    image: example.org/app:1\n    volumes: [data:/data]\n"


def load(folder: Path, text: str) -> Project:
    from volint.assemble.compose import Request, load_project, to_project
    from volint.files import Files

    path = folder / "compose.yaml"
    path.write_bytes(text.encode())
    files = Files((str(folder),), str(folder))
    return to_project(load_project(Request(str(folder), (str(path),)), files))


def apply(text: str, edit) -> str:  # type: ignore[no-untyped-def]
    assert edit is not None
    return text[: edit.span.start] + edit.replacement + text[edit.span.end :]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SERVICE, SERVICE + "volumes:\n  new:\n"),
        (SERVICE.rstrip("\n"), SERVICE + "volumes:\n  new:\n"),
        ("\n" + SERVICE + "\n# the end\n", "\n" + SERVICE + "\n# the end\n\nvolumes:\n  new:\n"),
        (
            SERVICE + "volumes:\n  data:\n",
            SERVICE + "volumes:\n  data:\n  new:\n",
        ),
        (
            SERVICE + "volumes:\n    data:  # kept\n\nnetworks: {}\n",
            SERVICE + "volumes:\n    data:  # kept\n    new:\n\nnetworks: {}\n",
        ),
        (
            SERVICE
            + "volumes:\n  data:\n    driver: local\n    labels:\n      a: b\nnetworks: {}\n",
            SERVICE
            + "volumes:\n  data:\n    driver: local\n    labels:\n      a: b\n  new:\nnetworks: {}\n",
        ),
        (SERVICE + "volumes: {data: {}}\n", SERVICE + "volumes: {new: {}, data: {}}\n"),
        (SERVICE + 'volumes: {"data": {}}\n', SERVICE + 'volumes: {new: {}, "data": {}}\n'),
        (SERVICE + "volumes: {}\n", SERVICE + "volumes: {new: {}}\n"),
        (SERVICE + "volumes:\n", SERVICE + "volumes:\n  new:\n"),
        (SERVICE + "volumes: # none yet\n", SERVICE + "volumes: # none yet\n  new:\n"),
        (
            SERVICE.replace("\n", "\r\n") + "volumes:\r\n  data:\r\n",
            SERVICE.replace("\n", "\r\n") + "volumes:\r\n  data:\r\n  new:\r\n",
        ),
        (SERVICE + "volumes: { }  # none yet\n", SERVICE + "volumes: {new: {}}  # none yet\n"),
        (SERVICE + "volumes: ~\n", SERVICE + "volumes: {new: {}}\n"),
        (SERVICE + '"volumes":\n', SERVICE + '"volumes":\n  new:\n'),
        (SERVICE + "volumes: &all # none yet\n", SERVICE + "volumes: &all # none yet\n  new:\n"),
        (SERVICE + "volumes: &all\n  data:\n", SERVICE + "volumes: &all\n  data:\n  new:\n"),
        (
            "x-more: &more\n  old:\n" + SERVICE + "volumes:\n  <<: *more\n",
            "x-more: &more\n  old:\n" + SERVICE + "volumes:\n  new:\n  <<: *more\n",
        ),
        (
            SERVICE + "volumes: {\n  # here\n  data: {},\n}\n",
            SERVICE + "volumes: {\n  # here\n  new: {},\n  data: {},\n}\n",
        ),
        (
            SERVICE.replace("\n", "\r\n") + "volumes:\r\n",
            SERVICE.replace("\n", "\r\n") + "volumes:\r\n  new:\r\n",
        ),
        ("# one\r\n" + SERVICE, "# one\r\n" + SERVICE + "volumes:\n  new:\n"),
        (
            '{\n  "services": {"app": {"image": "example.org/app:1"}}\n}\n',
            '{\n  "volumes": {"new": {}},\n  "services": {"app": {"image": "example.org/app:1"}}\n}\n',
        ),
        (
            '{"volumes": {"data": {}}, "services": {"app": {"image": "example.org/app:1"}}}\n',
            '{"volumes": {"new": {}, "data": {}}, "services": {"app": {"image": "example.org/app:1"}}}\n',
        ),
        (
            "{services: {app: {image: example.org/app}}}\n",
            "{volumes: {new: {}}, services: {app: {image: example.org/app}}}\n",
        ),
        (
            "services:\n    app:\n        image: example.org/app:1\n\n\n",
            "services:\n    app:\n        image: example.org/app:1\nvolumes:\n    new:\n\n\n",
        ),
    ],
)
def test_declare(tmp_path: Path, before: str, after: str) -> None:
    project = load(tmp_path, before)
    assert apply(before, declare_volume(project, project.sources[0], "new")) == after
    again = load(tmp_path, after)
    assert again.volume("new") is not None
    assert [problem for problem in again.problems if problem.code != "VL105"] == []


@pytest.mark.parametrize(
    "text",
    [
        SERVICE + "volumes: *shared\n",
        SERVICE + "...\n",
    ],
)
def test_declare_not_plain(tmp_path: Path, text: str) -> None:
    project = load(tmp_path, text)
    assert declare_volume(project, project.sources[0], "new") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("volumes:\n  data:\n  old:\n", "volumes:\n  data:\n"),
        ("volumes:\n  old:\n  data:\n", "volumes:\n  data:\n"),
        ("volumes:\n  old: {driver: local}  # gone\n  data:\n", "volumes:\n  data:\n"),
        (
            "volumes:\n  old:\n    driver: local\n    labels:\n      a: b\n  data:\n",
            "volumes:\n  data:\n",
        ),
        ('volumes:\n  "old":\n  data:\n', "volumes:\n  data:\n"),
        ("volumes:\n  old:\n", ""),
        ('"volumes":\n  old:\n', ""),
        ("volumes:\n  old:\nnetworks: {}\n", "networks: {}\n"),
        ("volumes:\n  data:\n  old:", "volumes:\n  data:\n"),
        ("volumes: {data: {}, old: {}}\n", "volumes: {data: {}}\n"),
        ("\nvolumes:\n  old:\n", ""),
        ("\n\nvolumes:\n  old:\n\nnetworks: {}\n", "\nnetworks: {}\n"),
        ("\nvolumes:\n  old:\nnetworks: {}\n", "\nnetworks: {}\n"),
    ],
)
def test_remove(tmp_path: Path, before: str, after: str) -> None:
    project = load(tmp_path, SERVICE + before)
    volume = project.volume("old")
    assert volume is not None
    assert apply(SERVICE + before, remove_volume(project, volume)) == SERVICE + after


def test_free_name(tmp_path: Path) -> None:
    project = load(tmp_path, SERVICE + "volumes:\n  app-data:\n")
    assert free_volume_name(project, "app", "/srv/data") == "app-data-2"
    assert free_volume_name(project, "app", "/srv/my files") == "app-my-files"
    assert free_volume_name(project, "db", "/") == "db-data"
    assert free_volume_name(project, "mysql", "/var/lib/mysql") == "mysql-data"
