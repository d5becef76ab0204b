"""What becomes of a container's data; shields of dependency folders; paths that variables name and RUN lines write."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from volint.analysis.runwrites import written_paths
from volint.analysis.shields import shield
from volint.analysis.statepaths import state_paths
from volint.analysis.storage import storages
from volint.model import Project
from volint.session import Session


def project_of(folder: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    session = Session({"paths": (".",)}, cwd=os.path.realpath(folder))
    return session.workspace(session.discovery()).projects[0]


def compose(service: str) -> dict[str, str]:
    lines = "".join(f"    {line}\n" for line in service.strip().splitlines())
    return {"compose.yaml": f"services:\n  app:\n{lines}volumes: {{data: {{}}, more: {{}}}}\n"}


def test_what_is_watched_is_shown_and_not_mounted(tmp_path: Path) -> None:
    files = compose(
        "image: postgres:17\nuse_api_socket: true\nvolumes: ['data:/data']\ndevelop: {watch: [{action: sync, path: ./src, "
        "target: /var/lib/postgresql/data}, {action: rebuild, path: ./x}]}"
    )
    (container,) = project_of(tmp_path, files).containers
    socket = "/var/run/docker.sock"
    image = "/var/lib/postgresql/data"
    assert [mount.target.value for mount in container.mounts] == ["/data", socket]
    assert [mount.target.value for mount in container.shown] == ["/data", image, socket]


@pytest.mark.parametrize(
    ("service", "held", "bare", "misplaced"),
    [
        ("image: postgres:17", [], ["/var/lib/postgresql/data"], None),
        ("image: postgres:17\nvolumes: ['data:/var/lib/postgresql/data']", ["/var/lib/postgresql/data"], [], None),
        ("image: postgres:18\nvolumes: ['data:/var/lib']", [], ["/var/lib/postgresql"], "parent-of-volume"),
        ("image: qdrant/qdrant:v1.10.0\nvolumes: ['data:/qdrant']", ["/qdrant/storage"], [], None),
        ("image: postgres:17\nvolumes: ['data:/data']", [], ["/var/lib/postgresql/data"], "conditional"),
        ("image: postgres\nvolumes: ['data:/var/lib/postgresql/data']", ["/var/lib/postgresql/data"], [], "outdated"),
        ("image: postgres:${T}\nvolumes: ['data:/var/lib/postgresql/data']", ["/var/lib/postgresql/data"], [], None),
        ("image: postgres:18\nvolumes: ['data:/var/lib/postgresql/18/docker']", [], [], None),
        ("image: postgres:17\nenvironment: {PGDATA: '${X}'}", [], [], None),
        ("image: redis:7\ncommand: redis-server --save ''", None, None, None),
        ("image: nginx:1.27", None, None, None),
        ("image: postgres:17\nextends: {file: gone.yaml, service: db}", None, None, None),
    ],
)  # fmt: skip
def test_storage(
    tmp_path: Path,
    service: str,
    held: list[str] | None,
    bare: list[str] | None,
    misplaced: str | None,
) -> None:
    found = storages(project_of(tmp_path, compose(service)))
    if held is None:
        assert found == ()
        return
    (storage,) = found
    assert [item.data.path for item in storage.held] == held
    assert [data.path for data in storage.bare] == bare
    assert (storage.misplaced.kind if storage.misplaced else None) == misplaced


def test_what_an_image_sets_counts(tmp_path: Path) -> None:
    files = {
        **compose("build: ."),
        "Dockerfile": 'FROM postgres:17\nENV PGDATA=/srv/pg\nCMD ["postgres"]\n',
    }
    (storage,) = storages(project_of(tmp_path, files))
    assert [data.path for data in storage.bare] == ["/srv/pg"]
    files["Dockerfile"] = 'FROM postgres:17\nENV PGDATA=/srv/pg\nENTRYPOINT ["/start.sh"]\n'
    (storage,) = storages(project_of(tmp_path, files))
    assert [data.path for data in storage.bare] == []  # a script of one's own: not sure


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        ("image: node:22\nvolumes: ['.:/app', /app/node_modules]", "masks"),
        ("image: node:22\nvolumes: ['.:/app', /app/web/.next]", "masks"),
        ("image: node:22\nvolumes: ['./src:/app/src', /app/node_modules]", "beside"),
        ("image: node:22\nworking_dir: /app\nvolumes: ['./x:/x', /app/node_modules]", "beside"),
        ("image: node:22\nvolumes: ['.:/src', /app/node_modules]", "dead"),
        ("image: node:22\nworking_dir: /srv\nvolumes: ['./x:/x', /app/node_modules]", "dead"),
        ("image: node:22\nvolumes: ['./x:/x', /app/node_modules]", "alone"),
        ("image: node:22\nvolumes: [/app/node_modules]", "alone"),
        ("image: node:22\nvolumes: ['.:/app', /app/data]", None),
        ("image: node:22\nvolumes: ['.:/app', 'data:/app/node_modules']", None),
    ],
)
def test_shield(tmp_path: Path, service: str, kind: str | None) -> None:
    (container,) = project_of(tmp_path, compose(service)).containers
    found = shield(container, container.mounts[-1])
    assert (found.value if found else None) == kind


@pytest.mark.parametrize(
    ("setting", "kind", "path"),
    [
        ("DATABASE_URL: sqlite:////data/x.db", "database", "/data/x.db"),
        ("DATABASE_URL: sqlite+aiosqlite:////data/x.db?mode=rw", "database", "/data/x.db"),
        ("DATABASE_URL: sqlite:///x/y.db", "database", "/srv/x/y.db"),
        ("URL: jdbc:sqlite:/data/x.db", "database", "/data/x.db"),
        ("DATABASE_URL: file:./dev.db", "database", "/srv/dev.db"),
        ("SHOP_DB_PATH: /data/shop", "database", "/data/shop"),
        ("SHOP_DATA_DIR: /data", "data", "/data"),
        ("UPLOAD_ROOT: uploads/", "data", "/srv/uploads"),
        ("LOG_FILE: /logs/a.log", "log", "/logs/a.log"),
        ("DATABASE_URL: 'sqlite:///:memory:'", "", ""),
        ("DATABASE_URL: postgres://db/app", "", ""),
        ("DATA_DIR: /tmp/x", "", ""),
        ("DATA_DIR: '${WHERE}'", "", ""),
        ("DATA_PATH: s3://bucket/x", "", ""),
        ("MODEL_PATH: /models/x.bin", "", ""),
    ],
)
def test_state_paths(tmp_path: Path, setting: str, kind: str, path: str) -> None:
    service = f"image: example.org/app:1\nworking_dir: /srv\nenvironment:\n  {setting}"
    (container,) = project_of(tmp_path, compose(service)).containers
    expected = [(kind, path)] if kind else []
    assert [(state.kind, state.path) for state in state_paths(container)] == expected


@pytest.mark.parametrize(
    ("run", "paths"),
    [
        ("mkdir -p /a/b && chown -R app:app /a", ["/a/b", "/a"]),
        ("set -eux; if true; then touch /a; fi", ["/a"]),
        ("cp x y /a/", ["/a"]),
        ("echo hello > b/c 2>/dev/null", ["/srv/b/c"]),
        ("cd /elsewhere && touch a/b", []),
        ("curl -fsSL https://x.example/y -o /a/y", ["/a/y"]),
        ("tar -xzf x.tgz -C /a", ["/a"]),
        ("chown app $WHERE/x ${KNOWN}/y", ["/k/y"]),
        ("ls /a && cat /b", []),
        ('["chown", "app", "/a"]', ["/a"]),
        ("mkdir /a \\\n    /b", ["/a", "/b"]),
    ],
)
def test_written_paths(tmp_path: Path, run: str, paths: list[str]) -> None:
    text = f"FROM alpine:3.20\nENV KNOWN=/k\nWORKDIR /srv\nRUN {run}\n"
    (build,) = project_of(tmp_path, {"Dockerfile": text}).builds
    found = written_paths(build.stages[0].steps[-1])
    assert [path.value for path in found if path.value != "/dev/null"] == paths
    for path in found:
        assert path.span.text().strip("\"'").rstrip("/").endswith(path.value.rpartition("/")[2])


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("tracked", [True, False])
def test_what_git_keeps_is_no_database(tmp_path: Path, tracked: bool) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(("git", *arguments), cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "db" / "migrations").mkdir(parents=True)
    (tmp_path / "db" / "migrations" / "1.sql").write_text("create table a();\n", encoding="utf-8")
    git("init", "-q")
    if tracked:
        git("add", "db")
    project = project_of(
        tmp_path, compose("image: louislam/uptime-kuma:2\nvolumes: ['./db:/app/db']")
    )
    [storage] = storages(project)
    assert (storage.misplaced is None) is tracked
    assert [data.path for data in storage.bare] == ["/app/data"]
