"""What must never erode: the layers, what modules may touch, places inside of files, nothing secret printed.

With VOLINT_CORPUS, a directory of real projects, the checks over whole projects run over them as well; with
VOLINT_SARIF_MULTITOOL, the Sarif.Multitool binary, its SARIF is validated.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from realcommand import environment, tree, volint

from volint.report import MOUNT_FORMATS
from volint.rule import Edit, Finding
from volint.session import Session
from volint.source import Span

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
CORPUS = os.environ.get("VOLINT_CORPUS", "")
MULTITOOL = os.environ.get("VOLINT_SARIF_MULTITOOL", "")

# Layers


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted((ROOT / "volint").rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        found[name.removesuffix(".__init__")] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(node: ast.AST, *, top: bool = False) -> Iterator[str]:
    """Yield what a module imports when it runs; with `top` only what importing it imports."""
    for child in ast.iter_child_nodes(node):
        if _is_typing(child) or (
            top and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
        ):
            continue
        if isinstance(child, ast.ImportFrom):
            module = child.module or ""
            yield module
            yield from (
                f"{module}.{alias.name}"
                for alias in child.names
                if f"{module}.{alias.name}" in MODULES
            )
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        yield from imports(child, top=top)


def own_imports(name: str) -> set[str]:
    return {other for other in imports(MODULES[name]) if other.partition(".")[0] == "volint"}


def below(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


BASICS = ("volint.lazy", "volint.record", "volint.source")
INERT = (*BASICS, "volint.model", "volint.rule")


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("volint.source", BASICS),
        ("volint.model", INERT),
        ("volint.rule", INERT),
        ("volint.parse", (*BASICS, "volint.parse", "volint.kinds")),
        ("volint.knowledge", (*INERT, "volint.knowledge", "volint.parse")),
        (
            "volint.assemble",
            (*INERT, "volint.assemble", "volint.parse", "volint.kinds", "volint.gitignore", "volint.failure"),
        ),
        (
            "volint.analysis",
            (*INERT, "volint", "volint.analysis", "volint.knowledge", "volint.parse", "volint.assemble.copysources"),
        ),
        ("volint.edits", (*INERT, "volint.edits")),
        ("volint.files", (*BASICS, "volint.git")),
        ("volint.engine", (*INERT, "volint.failure")),
        (
            "volint.report",
            (*INERT, "volint", "volint.report", "volint.result", "volint.redact", "volint.fingerprint", "volint.failure", "volint.options", "volint.page", "volint.config.settings"),
        ),
        ("volint.result", (*INERT, "volint.failure")),
        ("volint.page", INERT),
        ("volint.cli", ("volint", "volint.app", "volint.catalogue", "volint.clioptions", "volint.lsp", "volint.mistakes", "volint.report.terminal", "volint.report", "volint.streams")),
        ("volint.streams", ("volint.report.terminal",)),
        ("volint.clioptions", ("volint.catalogue",)),
    ],
)  # fmt: skip
def test_layer(package: str, allowed: Sequence[str]) -> None:
    for name in MODULES:
        if below(name, package):
            exact = {other for other in allowed if other == "volint"}
            others = {other for other in own_imports(name) if other not in exact}
            strange = {other for other in others if not below(other, *(set(allowed) - exact))}
            assert not strange, f"{name} imports {sorted(strange)}"


@pytest.mark.parametrize(
    ("module", "users"),
    [
        (
            "volint.report",
            (
                "volint.app",
                "volint.catalogue",
                "volint.cli",
                "volint.fixrun",
                "volint.lsp",
                "volint.pictures",
                "volint.report",
                "volint.streams",
            ),
        ),
        ("volint.cli", ("volint.__main__",)),
        ("volint.clioptions", ("volint.cli",)),
        ("volint.streams", ("volint.cli",)),
        ("volint.app", ("volint.catalogue", "volint.cli")),
        (
            "volint.session",
            ("volint.app", "volint.fixrun", "volint.folders", "volint.lsp", "volint.pictures"),
        ),
        ("volint.lsp", ("volint.cli", "volint.lsp")),
        ("pygls", ("volint.lsp",)),
        ("lsprotocol", ("volint.lsp",)),
        ("click", ("volint.cli", "volint.clioptions")),
        ("subprocess", ("volint.git",)),
        ("sarif_om", ("volint.report.sarif",)),
        ("igraph", ("volint.report.layout",)),
        ("bashlex", ("volint.parse.shellsplit",)),
    ],
)
def test_only_these_import(module: str, users: Sequence[str]) -> None:
    found = {
        name
        for name, body in MODULES.items()
        if any(below(other, module) for other in imports(body))
    }
    assert {name for name in found if not below(name, *users)} == set()


@pytest.mark.parametrize(
    "heavy",
    [
        "bashlex",
        "sarif_om",
        "subprocess",
        "dataclasses",
        "importlib.metadata",
        "inspect",
        "pathspec",
        "pathlib",
    ],
)
def test_heavy_modules_are_imported_where_they_are_used(heavy: str) -> None:
    at_import = {name for name, body in MODULES.items() if heavy in imports(body, top=True)}
    assert at_import == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports within functions count."""
    left = {}
    for name in MODULES:
        found = own_imports(name) & MODULES.keys() - {name}
        # A package of which only modules are imported is not needed itself.
        left[name] = {one for one in found if not any(below(other, one) for other in found - {one})}
    while left:
        free = {name for name, needs in left.items() if not needs & left.keys()}
        if not free:
            break
        left = {name: needs for name, needs in left.items() if name not in free}
    assert sorted(left) == []


def test_rules_import_nothing_heavy() -> None:
    for path in sorted((ROOT / "rules").rglob("*.py")):
        found = set(imports(ast.parse(path.read_text(encoding="utf-8")), top=True))
        assert not found & {
            "bashlex",
            "sarif_om",
            "subprocess",
            "dataclasses",
            "inspect",
            "pathlib",
        }, path


# Who touches the disk: reading files, asking for what is there, writing.
DISK = {
    "open", "os.open", "os.stat", "os.lstat", "os.listdir", "os.scandir", "os.walk", "os.readlink", "os.remove",
    "os.rename", "os.replace", "os.unlink", "os.makedirs", "os.mkdir", "os.path.exists", "os.path.isfile",
    "os.path.isdir", "os.path.islink", "os.path.lexists", "os.path.getsize", "os.path.realpath",
}  # fmt: skip
TOUCHING = {
    "volint.files": "the one reader",
    "volint.git": "asks git",
    "volint.baseline": "reads the baseline an option names",
    "volint.addignore": "resolves links of paths",
    "volint.changed": "resolves links of paths",
    "volint.discover": "finds files",
    "volint.paths": "looks whether paths that were given are there",
    "volint.config.load": "finds the configuration",
    "volint.plugins": "finds installed packs",
    "volint.watch": "watches folders",
    "volint.localrules": "finds the rules that the command line names",
    "volint.testing": "writes fixtures to a temporary folder",
    "volint.fix": "applies fixes",
    "volint.lsp": "asks which files an editor has open, and which are there",
    "volint.fixrun": "applies fixes",
    "volint.rewrite": "writes fixed files",
    "volint.cli": "tells a path from a verb with a typing error",
    "volint.streams": "writes what was asked for",
    "volint.session": "knows the working directory",
    "volint.ahead": "asks how many processors a container has",
    "volint.assemble.context": "lists build contexts",
    "volint.knowledge": "reads volint's own data",
    "volint.fingerprint": "resolves links of paths",
    "volint.report.sarif": "resolves links of paths",
    "volint.report.style": "reads volint's own style sheets",
}  # fmt: skip


def test_who_touches_the_disk() -> None:
    found = set()
    for name, body in MODULES.items():
        for node in ast.walk(body):
            if isinstance(node, (ast.Attribute, ast.Name)) and ast.unparse(node) in DISK:
                found.add(name)
    assert {name for name in found if not below(name, *TOUCHING)} == set()
    unneeded = {entry for entry in TOUCHING if not any(below(name, entry) for name in found)}
    assert unneeded <= {"volint.git"}


AUDIT = """
import os, sys
seen = []
def hook(event, args):
    if event == "open":
        path = str(args[0])
        if not path.endswith((".py", ".pyc", ".so", ".pyd", ".egg-link", ".pth")) and "zip" not in path:
            seen.append(f"{event} {path}")
    elif event.startswith(("subprocess", "socket", "os.system", "os.exec", "os.remove", "os.mkdir", "os.putenv", "tempfile")):
        seen.append(event)
import collections.abc, click, enum, fnmatch, functools, json, ruamel.yaml, textwrap, types, typing, unicodedata
import bashlex, sarif_om, pathspec, pygls.lsp.server
before = dict(os.environ), list(sys.path), os.getcwd()
sys.addaudithook(hook)
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
assert before == (dict(os.environ), list(sys.path), os.getcwd())
print("\\n".join(seen), end="")
"""


def test_importing_a_module_does_nothing_else(tmp_path: Path) -> None:
    rules = [
        "volint_rules"
        + "".join(
            f".{part}"
            for part in path.relative_to(ROOT / "rules").with_suffix("").parts
            if part != "__init__"
        )
        for path in sorted((ROOT / "rules").rglob("*.py"))
    ]
    names = [name for name in MODULES if name != "volint.__main__"]
    done = subprocess.run(
        [sys.executable, "-B", "-c", AUDIT, *names, *rules],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


IMPORTED = """
import click, sys
before = set(sys.modules)
from volint.cli import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write("\\n".join(sorted(set(sys.modules) - before)))
"""


def imported(cwd: Path, *arguments: str) -> set[str]:
    """Return the modules that a run imports, click and what that imports not counted."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return set(done.stderr.splitlines())


HEAVY = {
    "bashlex",
    "sarif_om",
    "attr",
    "importlib.metadata",
    "subprocess",
    "pathspec",
    "dataclasses",
    "ruamel.yaml.main",
}


def test_a_short_run_imports_little(tmp_path: Path) -> None:
    tree(tmp_path, {"compose.yaml": "services:\n  web:\n    image: nginx\n    volumes: [./a:/a]\n"})
    loaded = imported(tmp_path, "-q", "compose.yaml")
    assert loaded & HEAVY == set()
    assert "volint.parse.dockerfile" not in loaded
    assert "volint.report.sarif" not in loaded
    assert "volint_rules.build.missing_dockerignore" not in loaded


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"]])
def test_help_loads_no_rules(tmp_path: Path, arguments: list[str]) -> None:
    loaded = imported(tmp_path, *arguments)
    assert not {
        name for name in loaded if name.startswith(("volint_rules", "volint.parse", "volint.app"))
    }
    assert loaded & HEAVY == set()


def test_a_simple_script_needs_no_bashlex(tmp_path: Path) -> None:
    tree(tmp_path, {"run.sh": "docker run -v a:/b nginx\n"})
    assert "bashlex" not in imported(tmp_path, "-q", "run.sh")


# Nothing of the scanned tree runs


def test_nothing_of_the_scanned_tree_is_imported(tmp_path: Path) -> None:
    planted = "import pathlib, sys; pathlib.Path(sys.argv[0] + '/../planted').touch() if False else open('planted', 'w').close()\n"
    names = [
        "click",
        "ruamel",
        "bashlex",
        "json",
        "sitecustomize",
        "volint_rules",
        "evil",
        "pathspec",
        "sarif_om",
    ]
    tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  web:\n    image: nginx\n",
            "run.sh": "docker run nginx\n",
            "evil-1.0.dist-info/entry_points.txt": "[volint.rules]\nevil = evil:pack\n",
            **{f"{name}.py": planted for name in names},
        },
    )
    for arguments in (["--format", "sarif"], ["mounts"], ["rules"]):
        done = volint(tmp_path, *arguments)
        assert done.status in (0, 1), done.err
    assert not (tmp_path / "planted").exists()


# Places


def projects() -> list[Path]:
    """Every folder to run over: the fixtures, and the corpus where there is one."""
    found = [FIXTURES / "rules", FIXTURES / "projects", FIXTURES / "output"]
    if CORPUS:
        found += sorted(
            path for path in Path(CORPUS).iterdir() if path.is_dir() and path.name != "LICENSES"
        )
    return found


def spans(finding: Finding) -> Iterator[Span]:
    yield finding.span
    for label in finding.labels:
        yield label.span
    yield from finding.redact
    for edit in finding.fix.edits if finding.fix else ():
        yield edit.span


def overlapping(edits: Sequence[Edit]) -> bool:
    ordered = sorted((edit.span.source.path, edit.span.start, edit.span.end) for edit in edits)
    return any(
        first[0] == second[0] and second[1] < first[2] for first, second in pairwise(ordered)
    )


@pytest.mark.parametrize("folder", projects(), ids=lambda path: path.name)
def test_findings_lie_inside_their_files_and_nothing_fails(folder: Path) -> None:
    session = Session({"persona": "auditor", "no_config": True, "paths": (".",)}, cwd=str(folder))
    discovery = session.discovery()
    workspace = session.workspace(discovery)
    result = session.result(workspace, discovery)
    found = session.findings(workspace, session.enabled())
    assert [finding.message for finding in found if finding.code == "VL000"] == []
    for finding in found:
        for span in spans(finding):
            assert 0 <= span.start <= span.end <= len(span.source.text), finding
        if finding.fix is not None:
            assert not overlapping(finding.fix.edits), finding
        assert finding.message.strip() == finding.message != "", finding
        assert "\n" not in finding.message, finding
        assert not finding.message.endswith("."), finding
        assert finding.span.source.text[finding.span.start : finding.span.end].count("\n") < 400
    fingerprints = [finding for finding in result.findings if finding.occurrence < 0]
    assert fingerprints == []


@pytest.fixture(scope="module")
def sarif(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SARIF of a run over everything."""
    file = tmp_path_factory.mktemp("sarif") / "volint.sarif"
    cwd = Path(CORPUS) if CORPUS else FIXTURES
    done = volint(
        cwd, "--no-config", "--persona", "auditor", "--format", f"sarif={file}", "-q", timeout=300
    )
    assert done.status in (1, 2)
    return file


def test_sarif_is_what_github_takes(sarif: Path) -> None:
    log = json.loads(sarif.read_bytes())
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert ids == sorted(set(ids))
    assert len(run["results"]) > 10
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        assert result["message"]["text"]
        assert set(result["partialFingerprints"]) == {"primaryLocationLineHash", "volint/v1"}
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            _check_location(location["physicalLocation"])
    seen = [
        (result["ruleId"], result["partialFingerprints"]["volint/v1"]) for result in run["results"]
    ]
    assert len(seen) == len(set(seen))


def _check_location(location: dict[str, Any]) -> None:
    uri = location["artifactLocation"]["uri"]
    assert not uri.startswith(("/", "./", "../"))
    assert "\\" not in uri
    region = location["region"]
    assert 1 <= region["startLine"] == region.get("endLine", region["startLine"])
    assert 1 <= region["startColumn"] <= region["endColumn"]


@pytest.mark.skipif(not MULTITOOL, reason="VOLINT_SARIF_MULTITOOL is not set")
def test_sarif_is_clean_under_the_multitool(sarif: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.sarif"
    subprocess.run(
        [
            MULTITOOL,
            "validate",
            str(sarif),
            "--rule-kind",
            "Sarif;Ghas",
            "--level",
            "Error;Warning",
            "--output",
            str(report),
        ],
        capture_output=True,
        check=False,
    )
    found = json.loads(report.read_bytes())["runs"][0]["results"]
    assert [(result["ruleId"], result["message"]) for result in found] == []


# Secrets

VALUE = "zq7Hk2Wp9Lx4Tb6N"
SECRETS = {
    "compose.yaml": f"""\
services:
  web:
    image: nginx
    build:
      context: .
      args: {{API_TOKEN: {VALUE}a}}
    command: ["serve", "--password={VALUE}b", "--token", "{VALUE}c"]
    environment:
      DB_PASSWORD: {VALUE}d
      DATABASE_URL: postgres://app:{VALUE}e@db/app
      API_KEY: ${{API_KEY:-{VALUE}f}}
    env_file: app.env
    volumes:
      - /etc:/etc # password={VALUE}g
      - data:/data
    healthcheck: {{test: "curl -u admin:{VALUE}h http://localhost"}}
volumes:
  data:
    driver_opts: {{type: cifs, device: //h/s, o: "username=a,password={VALUE}i"}}
configs:
  app:
    content: |
      secret_key={VALUE}j
""",
    "app.env": f"DB_PASSWORD={VALUE}k\n",
    ".env": f"API_KEY={VALUE}l\n",
    "Dockerfile": f"FROM alpine\nARG API_TOKEN={VALUE}m\nENV DB_PASSWORD={VALUE}n\nRUN curl -u a:{VALUE}o x\nVOLUME /etc\n",
    "run.sh": f"export PGPASSWORD={VALUE}p\ndocker run -e DB_PASSWORD={VALUE}q -v /etc:/etc nginx --password {VALUE}r\n",
}


@pytest.mark.parametrize("format", ["full", "concise", "json", "sarif"])
def test_no_finding_prints_a_secret(tmp_path: Path, format: str) -> None:
    tree(tmp_path, SECRETS)
    done = volint(tmp_path, "--persona", "auditor", "--format", format)
    assert done.out
    assert [at[:1] for at in (done.out + done.err).split(VALUE)[1:]] == []


def test_no_report_prints_a_secret(tmp_path: Path) -> None:
    tree(tmp_path, SECRETS)
    done = volint(tmp_path, "report", "--persona", "auditor")
    assert "<h2" in done.out
    assert [at[:1] for at in (done.out + done.err).split(VALUE)[1:]] == []


@pytest.mark.parametrize("format", MOUNT_FORMATS)
@pytest.mark.parametrize("more", [(), ("--resolve-env",)])
def test_no_mount_prints_a_secret(tmp_path: Path, format: str, more: tuple[str, ...]) -> None:
    tree(tmp_path, SECRETS)
    done = volint(tmp_path, "mounts", "--format", format, *more)
    assert done.out
    assert [at[:1] for at in (done.out + done.err).split(VALUE)[1:]] == []
