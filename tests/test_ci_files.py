"""What docs/ci.md offers, and the action: each file is read, and what it runs is run, through the real command.

`VOLINT_UPDATE=1 python -m pytest tests/test_ci_files.py` writes the parts of docs/ci.md that are made of files.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from actionsteps import Job, run_action
from realcommand import environment, tree, volint
from ruamel.yaml import YAML

from volint import __version__

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGE = DOCS / "ci.md"
ACTION = ROOT / "action.yml"
CI = ROOT / ".github" / "workflows" / "ci.yaml"
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40}")

BAD = "services:\n  db:\n    image: postgres:17\n    volumes:\n      - data/x:/var/lib/postgresql/data\n"
GOOD = (
    "services:\n  db:\n    image: postgres:17\n    volumes:\n      - data:/var/lib/postgresql/data\n"
    "volumes:\n  data:\n"
)


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def action() -> Any:
    return load(ACTION)


def git(cwd: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout.strip()


def repository(root: Path, files: dict[str, str]) -> Path:
    tree(root, files)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


def programs(folder: Path) -> Path:
    """Write programs that stand for Python and what pip would install; `pip install` is only noted."""
    real = shlex.quote(sys.executable)
    python = f"""#!/bin/sh
case "$*" in
  "-I -m venv "*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; cp "${{0%/*}}/volint" "$4/bin/volint" ;;
  *"pip install "*) printf '%s\\n' "$@" >>{shlex.quote(str(folder / "installed"))} ;;
  *) exec {real} "$@" ;;
esac
"""
    tree(
        folder,
        {
            "bin/python3": python,
            "bin/python": python,
            "bin/pip": f'#!/bin/sh\nexec {shlex.quote(str(folder))}/bin/python -m pip "$@"\n',
            "bin/volint": f'#!/bin/sh\nexec {real} -m volint "$@"\n',
        },
    )
    for program in (folder / "bin").iterdir():
        program.chmod(0o755)
    return folder / "bin"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """Return an environment whose only Python and volint are those of `programs`."""
    folder = programs(tmp_path / "programs")
    return environment({"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path)})


def installed(tmp_path: Path) -> list[str]:
    return (tmp_path / "programs" / "installed").read_text().splitlines()


# -- the action


class Runner:
    """Runs the action on a workspace, once a call."""

    def __init__(self, tmp_path: Path, env: dict[str, str]) -> None:
        self.scratch = tmp_path / "scratch"
        self.env = env
        self.runs = 0

    def __call__(
        self,
        workspace: Path,
        inputs: Mapping[str, str] = {},
        github: Mapping[str, str] = {},
        **env: str,
    ) -> Job:
        self.runs += 1
        scratch = self.scratch / str(self.runs)
        scratch.mkdir(parents=True)
        return run_action(action(), ROOT, workspace, scratch, {**self.env, **env}, inputs, github)


@pytest.fixture
def act(tmp_path: Path, bare: dict[str, str]) -> Runner:
    return Runner(tmp_path, bare)


def test_action_installs_itself_and_reports(act: Runner, tmp_path: Path) -> None:
    workspace = repository(tmp_path / "work", {"compose.yaml": BAD})
    before = sorted(workspace.rglob("*"))
    job = act(workspace)
    assert job.status == 1
    assert installed(tmp_path)[-1] == str(ROOT)
    outputs = dict(job.outputs)
    sarif = Path(outputs.pop("sarif-file"))
    assert outputs == {
        "exit-status": "1",
        "findings": "1",
        "errors": "1",
        "warnings": "0",
        "notes": "0",
    }
    [run] = json.loads(sarif.read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["VL604"]
    assert run["automationDetails"]["id"].startswith("volint")
    assert "::error file=compose.yaml,line=5,col=9," in job.log
    assert job.summary.startswith("### volint\n")
    assert list(job.uses) == ["actions/setup-python"]
    assert job.uses["actions/setup-python"]["python-version"] == "3.13"
    # Neither the checkout nor the job's other steps notice.
    assert sorted(workspace.rglob("*")) == before
    assert job.path == ""


def test_action_is_content(act: Runner, tmp_path: Path) -> None:
    job = act(repository(tmp_path / "work", {"compose.yaml": GOOD}))
    assert (job.status, job.outputs["exit-status"], job.outputs["findings"]) == (0, "0", "0")
    assert not re.search(r"^::(error|warning|notice)", job.log, re.MULTILINE)
    assert "No findings" in job.summary


def test_action_uploads_before_it_fails(act: Runner, tmp_path: Path) -> None:
    workspace = repository(tmp_path / "work", {"deploy/compose.yaml": BAD})
    inputs = {
        "upload-sarif": "true",
        "sarif-file": "volint.sarif",
        "category": "deploy",
        "working-directory": "deploy",
        "annotations": "false",
        "summary": "false",
        "python-version": "",
    }
    job = act(workspace, inputs)
    assert job.status == 1
    assert list(job.uses) == ["github/codeql-action/upload-sarif"]
    given = job.uses["github/codeql-action/upload-sarif"]
    report = workspace / "deploy" / "volint.sarif"
    assert given == {"sarif_file": str(report), "category": "deploy"}
    [run] = json.loads(report.read_text())["runs"]
    assert run["automationDetails"]["id"].startswith("deploy")
    [place] = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "deploy/compose.yaml"
    assert job.summary == ""
    assert "::error" not in job.log


def test_action_hands_its_inputs_on(act: Runner, tmp_path: Path) -> None:
    workspace = repository(
        tmp_path / "work",
        {
            "a b/compose.yaml": BAD,
            "old/compose.yaml": BAD,
            "other/compose.yaml": BAD,
            "-x/compose.yaml": GOOD,
            "$(touch hit)/compose.yaml": BAD,
            "ci/volint.yaml": "rules:\n  VL604: {level: warning}\n",
        },
    )
    volint(workspace, "old", "--write-baseline", "known.json")
    inputs = {
        "paths": "-x\na b\nold\n$(touch hit)\n",
        "config": "ci/volint.yaml",
        "baseline": "known.json",
        "fail-on": "error",
        "persona": "auditor",
        "version": "0.1.0",
        "args": "--exclude=*touch*/**\n--select=VL604\n\n--format=concise=out.txt",
    }
    job = act(workspace, inputs)
    assert installed(tmp_path)[-1] == "volint==0.1.0"
    assert job.status == 0, job.log
    assert (workspace / "out.txt").read_text().startswith("a b/compose.yaml:5:9: VL604 [warning]")
    assert (job.outputs["findings"], job.outputs["warnings"]) == ("1", "1")
    assert not list(workspace.rglob("hit"))


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"annotations": "yes"}, "the input 'annotations' takes true or false"),
        ({"upload-sarif": "True"}, "the input 'upload-sarif' takes true or false"),
        ({"persona": "nobody"}, "volint could not do its work; the lines above say why"),
        ({"config": "none.yaml"}, "volint could not do its work; the lines above say why"),
        (
            {"diff-base": "no-such-revision"},
            "volint could not do its work; the lines above say why",
        ),
    ],
)
def test_action_says_what_is_wrong(
    act: Runner, tmp_path: Path, inputs: dict[str, str], says: str
) -> None:
    job = act(repository(tmp_path / "work", {"compose.yaml": GOOD}), inputs)
    assert job.status == 2
    assert f"::error title=volint::{says}\n" in job.log
    assert job.outputs["exit-status"] == "2"
    assert job.outputs["sarif-file"] == ""
    assert "github/codeql-action/upload-sarif" not in job.uses


def test_action_reports_what_it_could_not_see(act: Runner, tmp_path: Path) -> None:
    work = repository(tmp_path / "work", {"compose.yaml": "services: [\n", "b/compose.yaml": BAD})
    job = act(work, {"upload-sarif": "true"})
    assert job.status == 2
    assert job.outputs["findings"] == "2"
    assert "github/codeql-action/upload-sarif" in job.uses


def test_no_line_of_the_checkout_is_a_command(act: Runner, tmp_path: Path) -> None:
    text = BAD.replace("data/x", "'data/x ::add-mask::x ##[add-path]y'")
    job = act(repository(tmp_path / "work", {"compose.yaml": text, "::error::x.sh": "a ["}))
    lines = job.log.splitlines()
    [first] = [at for at, line in enumerate(lines) if line.startswith("::stop-commands::")]
    token = lines[first].removeprefix("::stop-commands::")
    last = lines.index(f"::{token}::")
    shown = "\n".join(lines[first + 1 : last])
    assert "##[add-path]y" in shown
    assert token not in shown
    for line in (*lines[:first], *lines[last + 1 :]):
        assert re.match(r"::(error|warning|notice) (file=|title=)|volint ", line), line
    again = act(tmp_path / "work")
    assert f"::{token}::" not in again.log.splitlines()


@pytest.fixture
def pull_request(tmp_path: Path) -> dict[str, str]:
    """A branch that adds a service to a base that has gone on; returns the commits."""
    origin = repository(tmp_path / "origin", {"compose.yaml": BAD})
    start = git(origin, "rev-parse", "HEAD")
    git(origin, "checkout", "-q", "-b", "topic")
    tree(origin, {"new/compose.yaml": BAD})
    git(origin, "add", "-A")
    git(origin, "commit", "-q", "-m", "topic")
    topic = git(origin, "rev-parse", "HEAD")
    git(origin, "checkout", "-q", "main")
    tree(origin, {"later/compose.yaml": BAD})
    git(origin, "add", "-A")
    git(origin, "commit", "-q", "-m", "later")
    base = git(origin, "rev-parse", "HEAD")
    git(origin, "checkout", "-q", "-b", "merge")
    git(origin, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    git(origin, "tag", "merged")
    return {"start": start, "topic": topic, "base": base, "merge": git(origin, "rev-parse", "HEAD")}


def clone(tmp_path: Path, revision: str, *options: str) -> Path:
    git(tmp_path, "clone", "-q", "--no-local", *options, (tmp_path / "origin").as_uri(), "work")
    git(tmp_path / "work", "checkout", "-q", revision)
    return tmp_path / "work"


@pytest.mark.parametrize("recorded", ["start", "base"])
def test_action_takes_the_base_of_a_merge(
    act: Runner, tmp_path: Path, pull_request: dict[str, str], recorded: str
) -> None:
    work = clone(tmp_path, "merged", "--depth", "2", "--branch", "merged")
    job = act(
        work,
        {"diff-base": "auto"},
        {"event.pull_request.base.sha": pull_request[recorded]},
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_SHA=pull_request["merge"],
        # As in a job's container, where the checkout is the runner's.
        GIT_TEST_ASSUME_DIFFERENT_OWNER="1",
    )
    assert re.findall(r"::error file=([^,]*),", job.log) == ["new/compose.yaml"]


@pytest.mark.parametrize("event", ["pull_request.base.sha", "merge_group.base_sha"])
def test_action_takes_the_base_of_a_branch(
    act: Runner, tmp_path: Path, pull_request: dict[str, str], event: str
) -> None:
    work = clone(tmp_path, pull_request["topic"])
    job = act(
        work,
        {"diff-base": "auto"},
        {f"event.{event}": pull_request["base"]},
        GITHUB_EVENT_NAME=event.partition(".")[0],
        GITHUB_SHA=pull_request["merge"],
    )
    assert re.findall(r"::error file=([^,]*),", job.log) == ["new/compose.yaml"]


def test_action_asks_for_history(act: Runner, tmp_path: Path, pull_request: dict[str, str]) -> None:
    work = clone(tmp_path, "merged", "--depth", "1", "--branch", "merged")
    job = act(
        work,
        {"diff-base": "auto"},
        {"event.pull_request.base.sha": pull_request["base"]},
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_SHA=pull_request["merge"],
    )
    assert job.status == 2
    assert "'fetch-depth: 2'" in job.log


def test_action_shows_everything_of_a_push(act: Runner, tmp_path: Path) -> None:
    work = repository(tmp_path / "work", {"compose.yaml": BAD})
    job = act(work, {"diff-base": "auto"}, GITHUB_EVENT_NAME="push", GITHUB_SHA="x")
    assert job.outputs["findings"] == "1"


def test_action_is_described_and_pinned() -> None:
    read = action()
    assert next(iter(read["inputs"])) == "paths"
    for described in (*read["inputs"].values(), *read["outputs"].values()):
        assert described["description"].endswith(".")
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text()))
    assert used == set(read["inputs"])
    for step in read["runs"]["steps"]:
        assert PINNED.fullmatch(step["uses"]) if "uses" in step else step["shell"] == "bash"


def test_workflow_asks_for_little() -> None:
    read = load(CI)
    assert read["permissions"] == {}
    uses = []
    for job in read["jobs"].values():
        assert set(job["permissions"]) <= {"contents", "security-events"}
        assert job["permissions"]["contents"] == "read"
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            uses.append(step.get("uses"))
    assert "./" in uses
    assert all(PINNED.fullmatch(use) for use in uses if use not in (None, "./"))


# -- the other files


def bash(script: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script], cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False
    )


def gitlab(inputs: dict[str, str]) -> Any:
    """Return the job of the template, with its inputs filled in as GitLab does: as text."""
    head, job = (DOCS / "ci" / "gitlab.yml").read_text().split("\n---\n")
    described = YAML(typ="safe").load(head)["spec"]["inputs"]
    assert set(inputs) <= set(described)
    for name, value in described.items():
        default = value["default"]
        text = inputs.get(name, str(default).lower() if isinstance(default, bool) else default)
        job = job.replace(f"$[[ inputs.{name} ]]", text)
    assert "$[[" not in job
    [(_, read)] = YAML(typ="safe").load(job).items()
    return read


def run_gitlab(cwd: Path, env: dict[str, str], **inputs: str) -> subprocess.CompletedProcess[str]:
    job = gitlab({name.replace("_", "-"): value for name, value in inputs.items()})
    env = {**env, "CI_PROJECT_DIR": str(cwd), **job["variables"]}
    return bash("set -eo pipefail\n" + "\n".join(job["script"]), cwd, env)


def test_gitlab(tmp_path: Path, bare: dict[str, str]) -> None:
    work = repository(tmp_path / "work", {"deploy/compose.yaml": BAD, "b/compose.yaml": BAD})
    done = run_gitlab(work, bare, paths="deploy", args="--select 'VL604'")
    assert done.returncode == 1, done.stderr
    assert installed(tmp_path)[-1] == "volint"
    artifacts = gitlab({})["artifacts"]
    assert artifacts["when"] == "always"
    report = json.loads((work / artifacts["reports"]["codequality"]).read_text())
    assert [issue["location"]["path"] for issue in report] == ["deploy/compose.yaml"]
    assert ET.parse(work / artifacts["reports"]["junit"]).getroot().tag == "testsuites"


def test_gitlab_changed_only(
    tmp_path: Path, bare: dict[str, str], pull_request: dict[str, str]
) -> None:
    git(tmp_path / "origin", "config", "uploadpack.allowAnySHA1InWant", "true")
    work = clone(tmp_path, "topic", "--depth", "1", "--branch", "topic")
    bare["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = pull_request["start"]
    done = run_gitlab(work, bare, changed_only="true", version="0.1.0")
    assert done.returncode == 1, done.stderr
    assert installed(tmp_path)[-1] == "volint==0.1.0"
    report = json.loads((work / "gl-code-quality-report.json").read_text())
    assert [issue["location"]["path"] for issue in report] == ["new/compose.yaml"]


def test_azure(tmp_path: Path, bare: dict[str, str]) -> None:
    read = load(DOCS / "ci" / "azure-pipelines.yml")
    work = repository(tmp_path / "work", {"compose.yaml": BAD})
    folders = {"Common.TestResultsDirectory": "results", "Build.ArtifactStagingDirectory": "staged"}
    for variable, folder in folders.items():
        (tmp_path / folder).mkdir()
        bare[variable.replace(".", "_").upper()] = str(tmp_path / folder)
    install, check = (step["bash"] for step in read["steps"] if "bash" in step)
    assert bash(install, work, bare).returncode == 0
    assert installed(tmp_path)[-1] == "volint"
    assert bash(check, work, bare).returncode == 1
    text = (DOCS / "ci" / "azure-pipelines.yml").read_text()
    published = re.findall(r"\$\(([\w.]+)\)/(\S+)", text)
    assert [name for _, name in published] == ["volint.xml", "volint.sarif"]
    for variable, name in published:
        assert (tmp_path / folders[variable] / name).read_text()


def test_jenkins(tmp_path: Path, bare: dict[str, str]) -> None:
    text = (DOCS / "ci" / "Jenkinsfile").read_text()
    [script] = re.findall(r"sh '''(.*?)'''", text, re.DOTALL)
    work = repository(tmp_path / "work", {"compose.yaml": BAD})
    stub = (tmp_path / "programs" / "bin" / "python3").read_text()
    # Without -I; the environment's own pip.
    stub = stub.replace('"-I -m venv "*)', '"-m venv "*)').replace("$4", "$3")
    stub = stub.replace('cp "${0%/*}/volint"', 'cp "${0%/*}/pip" "$3/bin/pip"; cp "${0%/*}/volint"')
    (tmp_path / "programs" / "bin" / "python3").write_text(stub)
    done = bash("set -e\n" + script, work, {**bare, "WORKSPACE_TMP": str(tmp_path / "tmp")})
    assert done.returncode == 1, done.stderr
    assert installed(tmp_path)[-1] == "volint"
    [pattern] = re.findall(r"pattern: '([^']*)'", text)
    assert json.loads((work / pattern).read_text())["version"] == "2.1.0"
    assert text.count("{") == text.count("}")


def test_github_and_precommit_examples_name_what_there_is() -> None:
    [job] = load(DOCS / "ci" / "github.yml")["jobs"].values()
    given = job["steps"][-1]
    assert given["uses"] == f"volint/volint@v{__version__}"
    assert set(given["with"]) <= set(action()["inputs"])
    [hooks] = load(DOCS / "ci" / "pre-commit-config.yaml")["repos"]
    known = {hook["id"] for hook in load(ROOT / ".pre-commit-hooks.yaml")}
    assert {hook["id"] for hook in hooks["hooks"]} <= known


def test_versions_are_this_one() -> None:
    named = []
    for path in (PAGE, ROOT / "README.md", *(DOCS / "ci").iterdir()):
        named += re.findall(r"volint/volint[@/]v([\d.]+\d)|rev: v(\S+)", path.read_text())
    assert named
    assert {"".join(pair) for pair in named} == {__version__}


# -- the image


DOCKERFILE = DOCS / "docker" / "Dockerfile"


def test_image_holds_what_its_context_lets_in() -> None:
    done = volint(ROOT, "mounts", "docs/docker/Dockerfile", "--format", "json")
    assert done.status == 0, done.err
    found = volint(ROOT, "docs/docker", "--persona", "auditor", "--format", "json").json()
    assert found["findings"] == []
    assert found["notifications"] == []
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    names = {name.rstrip("/") for line in copied for name in line.split()}
    lines = (DOCS / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    assert {line[1:] for line in lines if line.startswith("!")} == names
    assert all((ROOT / name).exists() for name in names)


def test_image_runs_without_rights() -> None:
    last = DOCKERFILE.read_text().rpartition("\nFROM ")[2]
    [user] = re.findall(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert "0" not in user
    assert last.rstrip().endswith('ENTRYPOINT ["volint"]')


@pytest.mark.parametrize(
    "line", [line for line in PAGE.read_text().splitlines() if "docker run" in line]
)
def test_image_is_run_with_options_there_are(line: str, tmp_path: Path) -> None:
    words = shlex.split(line.strip())
    tree(tmp_path, {"compose.yaml": GOOD})
    done = volint(tmp_path, *words[words.index("volint") + 1 :])
    assert done.status == 0, done.err


# -- the page, and the repository itself


def table(described: dict[str, dict[str, str]], *, defaults: bool) -> str:
    lines = (
        ["| input | default | what |", "|---|---|---|"]
        if defaults
        else ["| output | what |", "|---|---|"]
    )
    for name, item in described.items():
        shown = f"`{item['default']}`" if defaults and item["default"] else ""
        middle = f" {shown} |" if defaults else ""
        lines.append(f"| `{name}` |{middle} {item['description']} |")
    return "\n".join(lines) + "\n"


def test_page_is_fresh() -> None:
    text = PAGE.read_text(encoding="utf-8")

    def block(match: re.Match[str]) -> str:
        content = (DOCS / match[2]).read_text(encoding="utf-8")
        return f"{match[1]}{match[3]}{content}```\n"

    fresh = re.sub(
        r"(<!-- file: (\S+) -->\n)(```\w+\n).*?```\n(?=<!-- end -->)", block, text, flags=re.DOTALL
    )
    read = action()
    for name in ("inputs", "outputs"):
        rows = table(read[name], defaults=name == "inputs")
        fresh = re.sub(
            rf"(<!-- {name} -->\n).*?(?=<!-- end -->)",
            lambda match, rows=rows: match[1] + rows,  # type: ignore[misc]
            fresh,
            flags=re.DOTALL,
        )
    if os.environ.get("VOLINT_UPDATE"):
        PAGE.write_text(fresh, encoding="utf-8")
    else:
        assert text == fresh, "run VOLINT_UPDATE=1 python -m pytest tests/test_ci_files.py"
    shown = set(re.findall(r"<!-- file: (\S+) -->", text))
    assert shown == {f"ci/{path.name}" for path in (DOCS / "ci").iterdir()}


def test_volint_has_nothing_to_say_of_its_own_repository() -> None:
    done = volint(ROOT, "--format", "json")
    assert [(at["file"], at["line"], at["code"]) for at in done.json()["findings"]] == []
    assert done.json()["summary"]["files"] > 5
    listed = volint(ROOT, "--show-files").out.splitlines()
    for name in ("action.yml", ".github/workflows/ci.yaml", "docs/docker/Dockerfile", "docs/ci.md"):
        assert name in listed
