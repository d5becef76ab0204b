"""Which projects a repository holds, why, where they run and what they mount: one small repository a case.

`VOLINT_UPDATE=1 python -m pytest tests/test_projects.py` writes `projects.txt` of every case anew; read the
difference in review.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from volint.model import Container, Mount, Project
from volint.session import Session

CASES = Path(__file__).parent / "fixtures" / "projects"
EXPECTED = "projects.txt"


def found(root: Path) -> list[Project]:
    """Return the projects of a folder as if it were a repository of its own."""
    session = Session({"paths": (".",)}, cwd=str(root))
    discovery = session.discovery()
    with session.knowledge():
        return list(session.workspace(discovery).projects)


def line_of_mount(mount: Mount) -> str:
    source = mount.source.value if mount.source else "-"
    at = f"{mount.span.source.path}:{mount.span.source.position(mount.span.start)[0]}"
    read_only = " ro" if mount.read_only else ""
    return f"    {mount.kind.value} {source} -> {mount.target}{read_only}  {at}"


def lines_of_container(container: Container) -> list[str]:
    line = f"  {container.name}"
    if not container.enabled:
        line += ", off"
    if container.environment is not None:
        line += f", {container.environment.value.value} ({container.environment.reason})"
    return [line, *map(line_of_mount, container.mounts)]


def lines(project: Project) -> list[str]:
    """Return a project as a person would jot it down."""
    files = " + ".join(source.path for source in project.sources)
    made = [f"{project.name}: {project.kind.value} {files}"]
    chosen = project.file_set
    if chosen is not None:
        made.append(f"  because: {chosen.reason}")
        if chosen.profiles:
            made.append(f"  profiles: {', '.join(chosen.profiles)}")
        if chosen.env_files:
            made.append(f"  env files: {', '.join(chosen.env_files)}")
    flags = [name for name in ("partial", "swarm", "gentle") if getattr(project, name)]
    if flags:
        made.append(f"  flags: {', '.join(flags)}")
    environment = project.environment
    if environment.reason:
        sure = "" if environment.certain else ", not certain"
        made.append(f"  runs in: {environment.value.value} ({environment.reason}{sure})")
    for container in project.containers:
        made.extend(lines_of_container(container))
    made.extend(
        f"  {problem.code} {problem.level or 'refused'}: {problem.message}"
        for problem in project.problems
    )
    return made


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if path.is_dir()))
def test_projects(case: str, tmp_path: Path) -> None:
    expected = CASES / case / EXPECTED
    root = tmp_path / case
    shutil.copytree(CASES / case, root, ignore=shutil.ignore_patterns(EXPECTED))
    text = "\n\n".join("\n".join(lines(project)) for project in found(root)) + "\n"
    if os.environ.get("VOLINT_UPDATE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
