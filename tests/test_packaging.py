"""What pip installs is what the tree holds: wheel, sdist and a live editable install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA = (".txt", ".json", ".tsv", ".typed", ".css", ".js")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what goes into a distribution, so that building leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("tree") / "volint"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "MANIFEST.in"):
        shutil.copy(ROOT / name, copy / name)
    for name in ("volint", "rules"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def build(tree: Path, kind: str) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", "dist", "."],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [made] = (tree / "dist").glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


def expected(tree: Path) -> set[str]:
    """Every module and data file below volint/ and rules/, by its name when installed."""
    names = set()
    for folder, package in (("volint", "volint"), ("rules", "volint_rules")):
        for path in (tree / folder).rglob("*"):
            if path.suffix == ".py" or path.suffix in DATA or path.name == "py.typed":
                names.add(f"{package}/{path.relative_to(tree / folder).as_posix()}")
    return names


def test_wheel_holds_the_tree(tree: Path) -> None:
    with zipfile.ZipFile(build(tree, "wheel")) as wheel:
        names = set(wheel.namelist())
        [entry_points] = [name for name in names if name.endswith("entry_points.txt")]
        text = wheel.read(entry_points).decode()
    installed = {name for name in names if ".dist-info/" not in name}
    assert installed == expected(tree)
    assert "[volint.rules]" in text
    assert "volint = volint_rules:pack" in text
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_sdist_builds_the_same_wheel(tree: Path, tmp_path: Path) -> None:
    with tarfile.open(build(tree, "sdist")) as archive:
        if sys.version_info >= (3, 12):
            archive.extractall(tmp_path, filter="data")
        else:
            archive.extractall(tmp_path)
    [unpacked] = [path for path in tmp_path.iterdir() if path.is_dir()]
    with zipfile.ZipFile(build(unpacked, "wheel")) as wheel:
        installed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert installed == expected(tree)


def test_editable_install_is_live(tree: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--target", str(site), "--editable", str(tree)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    assert done.returncode == 0, done.stderr
    (tree / "rules" / "added_later.py").write_text("FOUND = 'live'\n", encoding="utf-8")
    program = (
        f"import site; site.addsitedir({str(site)!r})\n"
        "import volint_rules.added_later as added, volint\n"
        "print(added.FOUND, volint.__file__)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (tree / "rules" / "added_later.py").unlink()
    assert shown.startswith("live ")
    assert str(tree) in shown
