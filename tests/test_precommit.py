"""The pre-commit hook: what it is given, and what it says of files beside those it is given.

`pre-commit try-repo . volint --all-files` in another repository is the whole of it; here is what needs neither
pre-commit nor a network.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from realcommand import Run, environment, tree, volint
from ruamel.yaml import YAML

from volint import kinds
from volint.kinds import guess

ROOT = Path(__file__).parent.parent
RUN = "docker run -v /etc:/etc nginx\n"

SHOP = {
    "shop/compose.yaml": "services:\n  web:\n    build: web\n    volumes:\n      - ./src:/app\n  db:\n    image: postgres:17\n",
    "shop/compose.prod.yaml": "services:\n  web:\n    restart: always\n",
    "shop/web/Dockerfile": "FROM node:22\nVOLUME /data\n",
    "shop/web/.dockerignore": "node_modules\n",
    "up.sh": "docker compose -f shop/compose.yaml -f shop/live.yaml up -d\n",
    "shop/live.yaml": "services:\n  web:\n    environment:\n      NODE_ENV: production\n",
    "tool": "#!/usr/bin/env bash\n" + RUN,
    "Makefile": "run:\n\t" + RUN,
    "k8s/pod.yaml": "apiVersion: v1\nkind: Pod\n",
    "LICENSE": "free\n",
    "api/main.py": "print(1)\n",
}


@pytest.fixture(scope="module")
def hooks() -> dict[str, dict[str, Any]]:
    listed: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    return {hook["id"]: hook for hook in listed}


@pytest.fixture(scope="module")
def hook(hooks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return hooks["volint"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    tree(tmp_path, SHOP)
    (tmp_path / "tool").chmod(0o755)
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, env=environment(), check=True)
    return tmp_path


def run(hook: dict[str, Any], cwd: Path, *paths: str, args: tuple[str, ...] = ()) -> Run:
    """Run the hook as pre-commit does: on those of the paths that its pattern takes.

    What a project says of `args` takes the place of the hook's own.
    """
    verb, *options = shlex.split(hook["entry"])
    assert verb == "volint"
    taken = [path for path in paths if re.search(hook["files"], path)]
    return volint(cwd, *options, *(args or hook["args"]), *taken)


def test_the_hooks(hooks: dict[str, dict[str, Any]]) -> None:
    assert list(hooks) == ["volint", "volint-fix"]
    for hook in hooks.values():
        assert hook["language"] == "python"
        assert hook["require_serial"] is True
        assert hook["name"]
        assert hook["description"]
    assert hooks["volint"]["files"] == hooks["volint-fix"]["files"]


NAMES = [
    *(name for name, kind in kinds._EXACT.items() if kind.kind is not None),
    *(name.title() for name, kind in kinds._EXACT.items() if kind.kind is not None),
    *(f"some.{suffix}" for suffix, found in kinds._SUFFIX.items() if found.kind is not None),
    *("compose.prod.yml", "x.compose.yaml", "azure-pipelines.yml", ".gitlab-ci.yml", "action.yaml"),
    *("Dockerfile.alpine", "Dockerfile-dev", "Containerfile_x", "Makefile.docker", "a.b.dockerfile"),
    *(".devcontainer/devcontainer.json", ".devcontainer/py/devcontainer.json"),
]  # fmt: skip


@pytest.mark.parametrize("path", [path for name in NAMES for path in (name, f"a b/{name}")])
def test_every_discovered_kind_is_passed(hook: dict[str, Any], path: str) -> None:
    assert guess(path).kind is not None
    assert re.search(hook["files"], path)


@pytest.mark.parametrize(
    "path",
    [
        "values.yaml",
        "x/anything.yml",
        "bin/deploy",
        "x/Dockerfile-dev",
        "api.Dockerfile.dockerignore",
        "a/.devcontainer.json",
        "units/app.build",
    ],
)
def test_what_only_its_content_tells_is_passed(hook: dict[str, Any], path: str) -> None:
    assert re.search(hook["files"], path)


@pytest.mark.parametrize(
    "path",
    [
        "main.py",
        "src/app.ts",
        "image.png",
        "Dockerfile.py/x.txt",
        "notes.txt",
        "go.mod",
        "a.json",
        ".gitignore",
    ],
)
def test_what_is_never_ours_is_not_passed(hook: dict[str, Any], path: str) -> None:
    assert guess(path).kind is None
    assert not re.search(hook["files"], path)


def test_nothing_of_ours_is_fine(hook: dict[str, Any], repository: Path) -> None:
    done = run(hook, repository, "k8s/pod.yaml", "LICENSE", "api/main.py")
    assert (done.status, done.out) == (0, "")
    assert "note: 2 of the paths given are left out" in done.err


def test_findings_are_those_of_the_whole_repository_in_the_files_passed(
    hook: dict[str, Any], repository: Path
) -> None:
    select = ("--select", "VL1,VL2,VL6", "--format", "json", "--persona", "auditor")
    whole = volint(repository, *select).json()["findings"]
    assert {found["file"] for found in whole} == {"shop/compose.yaml", "tool", "Makefile"}
    for path in SHOP:
        if not re.search(hook["files"], path):
            continue
        mine = run(hook, repository, path, args=select)
        kept = ("code", "file", "line", "column", "message", "level", "fingerprint")
        expected = [{key: found[key] for key in kept} for found in whole if found["file"] == path]
        assert [
            {key: found[key] for key in kept} for found in mine.json()["findings"]
        ] == expected, path
        assert mine.status == (1 if expected else 0)


def test_neighbours_are_context(hook: dict[str, Any], repository: Path) -> None:
    select = ("--select", "VL201,VL102", "--format", "json")
    done = run(hook, repository, "shop/compose.yaml", args=select)
    # The Dockerfile's VOLUME, and the production overlay: neither was passed.
    assert done.codes() == ["VL102", "VL201"]
    labels = {label["file"] for found in done.json()["findings"] for label in found["labels"]}
    assert "shop/web/Dockerfile" in labels
    assert labels <= {
        "shop/web/Dockerfile",
        "shop/compose.prod.yaml",
        "shop/live.yaml",
        "shop/compose.yaml",
    }


def test_a_file_with_a_leading_dash(hook: dict[str, Any], repository: Path) -> None:
    tree(
        repository,
        {"-x.compose.yaml": "services:\n  a:\n    image: nginx\n    volumes: [/etc:/etc]\n"},
    )
    done = run(hook, repository, "-x.compose.yaml")
    assert done.status == 1
    assert "-x.compose.yaml:4:" in done.out


def test_batches_tell_nothing_twice(hook: dict[str, Any], repository: Path) -> None:
    # More files than fit on a command line are passed in several.
    select = (
        "--select",
        "VL1,VL2,VL6",
        "--format",
        "concise",
        "--persona",
        "auditor",
        "--color=never",
    )
    paths = [path for path in SHOP if re.search(hook["files"], path)]
    whole = run(hook, repository, *paths, args=select).out.splitlines()
    parts = [run(hook, repository, *paths[at::3], args=select).out.splitlines() for at in range(3)]
    assert len(whole) > 3
    assert sorted(line for part in parts for line in part) == sorted(whole)


FIXED = "services:\n  a:\n    image: nginx\n    volumes:\n      - ./data/uploads:/app/uploads\n"


def test_the_fixing_hook_mends_what_it_is_passed(
    hooks: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    broken = FIXED.replace("./data", "data")
    tree(tmp_path, {"a/compose.yaml": broken, "b/compose.yaml": broken})
    done = run(hooks["volint-fix"], tmp_path, "a/compose.yaml")
    assert (tmp_path / "a" / "compose.yaml").read_text() == FIXED
    assert (tmp_path / "b" / "compose.yaml").read_text() == broken
    assert done.status == 0, done.out
    again = run(hooks["volint-fix"], tmp_path, "a/compose.yaml")
    assert (again.status, again.out) == (0, "")
