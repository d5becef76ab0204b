"""`--rules FILE_OR_DIR`: Python rules that nobody installed, named on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from realcommand import Run, tree, volint

COMPOSE = "services:\n  web:\n    image: nginx\n"
RULE = '''\
from volint.api import Option, Rule
{imports}

class {cls}(Rule):
    """Names an image."""
    code = "{code}"
    name = "image-{name}"
    options = (Option("word", str, "an image", "What to call it."),)

    def check(self, project):
        for container in project.containers:
            yield self.finding(container.image.span, f"'{{container.image}}' is {{self.settings['word']}}")
'''


def rule(code: str = "QA1", imports: str = "", cls: str = "Found") -> str:
    return RULE.format(code=code, name=code.lower(), imports=imports, cls=cls)


def run(folder: Path, *arguments: str, **files: str) -> Run:
    tree(folder, {"compose.yaml": COMPOSE, "volint.yaml": "select: [QA]\n"})
    tree(folder, {name.replace("__", "/") + ".py": text for name, text in files.items()})
    return volint(folder, *arguments)


def test_a_file(tmp_path: Path) -> None:
    done = run(tmp_path, "--rules", "mine.py", "--format", "json", mine=rule())
    assert done.places() == ["compose.yaml:3:12 QA1"]
    assert not (tmp_path / "__pycache__").exists()
    assert "\nQA1  " not in volint(tmp_path, "rules").out
    assert "QA1    image-qa1 " in volint(tmp_path, "rules", "--rules", "mine.py").out
    page = volint(tmp_path, "rule", "--rules", "mine.py", "image-qa1")
    assert "pack: mine.py" in page.out
    assert "'word' (string, default \"an image\"): What to call it." in page.out


def test_several_and_their_options(tmp_path: Path) -> None:
    tree(tmp_path, {"volint.yaml": "select: [QA]\nrules: {QA2: {word: mine}}\n"})
    tree(tmp_path, {"compose.yaml": COMPOSE, "a.py": rule(), "rules/b.py": rule("QA2")})
    done = volint(tmp_path, "--rules", "a.py", "--rules", "rules", "--format", "concise")
    assert "'nginx' is an image" in done.out
    assert "'nginx' is mine" in done.out
    tree(tmp_path, {"volint.yaml": "select: [QA]\nrules: {QA1: {wort: mine}}\n"})
    done = volint(tmp_path, "--rules", "a.py")
    assert done.err == ("error: volint.yaml:2:15: QA1 has no option 'wort'; did you mean 'word'?\n")


@pytest.mark.parametrize("init", [None, "from ._base import BASE\n"])
def test_the_modules_of_a_folder_import_each_other(tmp_path: Path, init: str | None) -> None:
    files = {
        "mine___base": "BASE = 1\nfrom volint.api import Rule\nclass Unfinished(Rule): pass\n",
        "mine__one": rule("QA1", "from ._base import BASE"),
        "mine__two": rule("QA2", "from . import one\nfrom .one import Found as Other"),
        "mine__test_one": "raise RuntimeError\n",
        "mine__conftest": "raise RuntimeError\n",
        "mine__sub__three": "raise RuntimeError\n",
    }
    if init is not None:
        files["mine____init__"] = init
    done = run(tmp_path, "--rules", "mine", "--format", "json", **files)
    assert done.places() == ["compose.yaml:3:12 QA1", "compose.yaml:3:12 QA2"]
    assert not list(tmp_path.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class X(\n", "bad.py:1:8: it is no Python: "),
        ("x = 1\nimport nothing_of_that_name\n", "bad.py:2: it cannot be imported: ModuleNotFoundError"),
        ("def f():\n    raise ValueError('why')\nf()\n", "bad.py:2: it cannot be imported: ValueError: why"),
        ("raise SystemExit(3)\n", "bad.py:1: it cannot be imported: SystemExit: 3"),
        ("from ._base import x\n", "name the folder with --rules to import what lies beside it"),
        ("x = 1\n", "bad.py: there is no rule in it"),
        ("from volint.api import Rule\n\nclass X(Rule):\n    pass\n", "bad.py:3: X is no rule: it has no 'code'; it has no 'name'; it has no docstring, which is its page; it has no method 'check'"),
        (rule("VL102"), "the code 'VL102' is volint's own"),
        (rule("acme"), "the code 'acme' is not capital letters and then digits"),
        (rule().replace('str, "an image"', "int, 'x'"), "the option 'word' has the default 'x', which is not of its type int"),
        (rule().replace('"word"', '"two words"'), "the option 'two words' has a name that is not small letters"),
        (rule().replace("def check(self, project)", "def check(self)"), "'check' takes something else than (self, project)"),
        (rule().replace("def check(", "async def check("), "'check' takes something else than (self, project), or is async"),
        (rule() + "\n    def __init__(self, x):\n        self.x = x\n", "it has an '__init__'; what it is told is in self.settings"),
        (rule().replace("str,", "set,"), "the option 'word' has the type <class 'set'>; there are bool, int"),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_has_a_place_and_costs_only_itself(
    tmp_path: Path, text: str, said: str
) -> None:
    done = run(
        tmp_path,
        "--rules",
        "bad.py",
        "--rules",
        "good.py",
        "--format",
        "json",
        bad=text,
        good=rule("QA2"),
    )
    assert done.status == 2
    assert done.codes() == ["QA2"]
    [line] = [line for line in done.err.splitlines() if "bad.py" in line]
    assert line.startswith("error: bad.py")
    assert said in line
    assert [note["message"] for note in done.json()["notifications"]] == [line[len("error: ") :]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.py"], "--rules: 'nothing.py' does not exist; name a Python file, or a folder"),
        (["compose.yaml"], "--rules: 'compose.yaml' is no Python file (.py)"),
        (["empty"], "--rules: there is no Python module in 'empty'"),
        (["a.py", "--rules", "b.py"], "rule QA1 (image-qa1) of 'b.py' is also defined by 'a.py'; rename"),
    ],
)  # fmt: skip
def test_a_mistake_of_the_command_line(tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "empty").mkdir()
    done = run(tmp_path, "--rules", *words, a=rule(), b=rule())
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_a_tree_cannot_bring_rules(tmp_path: Path) -> None:
    poison = "open('run', 'w').close()\n" + rule()
    for name in ("mine", "volint_rules", "rules__mine", "conftest", "sitecustomize"):
        run(tmp_path, **{name: poison})
    (tmp_path / "volint.yaml").write_text("rules: [mine.py]\n")
    done = volint(tmp_path)
    assert done.status == 2
    assert done.err == (
        "error: volint.yaml:1:8: rules takes a mapping of rules to their settings; a configuration "
        "loads no Python rules: install their pack, or name them with --rules on the command line\n"
    )
    assert not (tmp_path / "run").exists()
