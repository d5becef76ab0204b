"""Every message about a mistake says what to do now.

The messages are found in the code: what is raised to be told to the user, what is printed to stderr, what a reader
or Docker objects to. `tests/fixtures/messages.txt` lists them all, to be read as a user would; a new or changed one
comes into it with `VOLINT_UPDATE=1 python -m pytest tests/test_messages.py`. One that does not tell what to do
fails, unless `ANSWERED` says where its answer comes from.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
LIST = ROOT / "tests" / "fixtures" / "messages.txt"

RAISED = {
    "CannotWatch",
    "ConfigError",
    "MissingExtraError",
    "PathError",
    "PluginError",
    "UsageError",
}
"""Exceptions whose text is printed. volint/app.py, volint/catalogue.py and volint/cli.py catch them."""
TOLD = {
    "volint/addignore.py": {"append": 0},
    "volint/config/file.py": {"fail": 1},
    "volint/config/load.py": {"_at": 1},
    "volint/changed.py": {"LookupError": 0},
    "volint/config/nodes.py": {"fail": 1},
    "volint/localrules.py": {"append": 0},
    "volint/options.py": {"_at": 2},
    "volint/lsp/server.py": {"tell": 0},
    "volint/lsp/settings.py": {"append": 0},
    "volint/parse/dockerfile_check.py": {"_problem": 1},
    "volint/selection.py": {"_error": 1},
}
"""Functions of a module that make a message, with the position of its text among their arguments."""
RETURNED = {
    "volint/localrules.py": {"_words"},
    "volint/options.py": {"wrong"},
    "volint/paths.py": {"explain_missing"},
    "volint/rewrite.py": {"_create", "_replace", "rewrite"},
    "volint/selection.py": {"explain"},
}
"""Functions of a module that return a message."""
PRINTED = re.compile(r"(error|note): ")
"""What a line on stderr about a mistake begins with."""

ADVICE = re.compile(
    r"\b(use|write|name|rename|give|take|takes|say|leave|make|mend|remove|reinstall|install|upgrade|ask|go|convert|fetch|begin"
    r"|run|put|quote|needs|lacks|goes with|did you mean|there are|lists|copy|sets|move|apply)\b"
)
"""What tells the reader what to do."""

ANSWERED = {
    "volint/addignore.py: '{plan.source.path}' is left as it is: {why}": "volint/rewrite.py, listed",
    "volint/app.py: error: {escape(line)}": "what was raised, listed",
    "volint/app.py: error: {escape(text)}": "volint/addignore.py, listed",
    "volint/app.py: note: '{session.files.display(skip.path)}' is not looked into: {skip.reason}": "a line of help follows",
    "volint/app.py: note: nothing to check in {where}: volint looks for Compose files, Dockerfiles, .dockerignore files, shell scripts and other files that hold docker commands": "a line of help follows",
    "volint/app.py: note: {len(said)} of the paths given are left out: excluded, or nothing volint reads": "a tool gave them: nothing is to be done",
    "volint/cli.py: error: {escape(_mistake(error))}": "a line of help follows",
    "volint/config/nodes.py: {where} has no setting '{key.value}'{hint}": "the hint names one, or all",
    "volint/discovery.py: note: '{files.display(path)}' is skipped: {reason}": "the reason says what volint reads, or what excludes it",
    "volint/fixrun.py: error: '{change.source.path}' is left as it is: {why}": "volint/rewrite.py, listed",
    "volint/fixrun.py: note: {text}": "which fix is left out and why: the finding stays, to be mended by hand",
    "volint/localrules.py: {shown}:{lines.get(cls.__qualname__, 1)}: {cls.__name__} is no rule: {'; '.join(mistakes)}": "volint/rulecheck.py says what the class lacks",
    "volint/lsp/server.py: the editor's settings: {error}": "the error's own text, listed",
    "volint/pictures.py: note: the page has tables only: {error}": "the error's own text: what to install",
    "volint/options.py: '{name}' of {entry.code} {mistake}": "wrong(), listed",
    "volint/options.py: {entry.code} has no option '{name}'{hint}": "the hint names one, or all",
}
"""Messages whose answer is not among their own words, with where it comes from."""


class Message(NamedTuple):
    """A text that the code makes."""

    place: str
    text: str
    help: str = ""
    """What is printed as help with it."""

    @property
    def key(self) -> str:
        return f"{self.place}: {self.text}"


def template(node: ast.expr, names: Mapping[str, ast.expr]) -> str:
    """Return the text of an expression, with what is filled in between braces.

    `names` are the names that the module gives a text to, which stands there instead.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part, names) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return template(node.value, names)
    if isinstance(node, ast.Name) and node.id in names:
        return template(names[node.id], {})
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return template(node.left, names) + template(node.right, names)
    if isinstance(node, ast.BoolOp):
        return "|".join(template(part, names) for part in node.values)
    return "{" + ast.unparse(node) + "}"


def texts(tree: ast.AST) -> dict[str, ast.expr]:
    """Return the names that a module gives one text."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return {
        name: values[0]
        for name, values in found.items()
        if len(values) == 1
        and isinstance(values[0], (ast.Constant, ast.JoinedStr, ast.BoolOp))
        and "'" in ast.unparse(values[0])
    }


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return named[0] if named else call.args[position] if len(call.args) > position else None


def messages() -> Iterator[Message]:
    for path in sorted((ROOT / "volint").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = texts(tree)
        within = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in node.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in RETURNED.get(place, ()):
                for part in ast.walk(node):
                    if isinstance(part, ast.Return) and part.value is not None:
                        words = template(part.value, names)
                        if re.search("[a-z]", spoken(words)):
                            yield Message(place, words)
            elif isinstance(node, ast.Call):
                function = node.func
                name = (
                    function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
                )
                if name == "Problem":
                    text = argument(node, 1, "message")
                    helped = argument(node, 3, "help")
                elif name in TOLD.get(place, ()):
                    text = argument(node, TOLD[place][name], "message")
                    helped = argument(node, 2, "help") if name == "_problem" else None
                elif name in RAISED:
                    text, helped = argument(node, 0, "message"), None
                else:
                    continue
                words = template(text, names).strip() if text is not None else ""
                # One that only hands on a text of somebody else is not one of its own.
                if re.search("[a-z]", spoken(words)):
                    yield Message(
                        place, words, template(helped, names) if helped is not None else ""
                    )
            elif isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in within:
                words = template(node, names).strip()
                if PRINTED.match(words):
                    yield Message(place, words)


def spoken(text: str) -> str:
    """Return the words of a template, without what is filled in."""
    while (shorter := re.sub(r"\{[^{}]*\}", "", text)) != text:
        text = shorter
    return text


ALL = sorted(set(messages()))


def test_every_message_says_what_to_do() -> None:
    silent = [
        message.key
        for message in ALL
        if not message.help
        and not ADVICE.search(spoken(message.text))
        and message.key not in ANSWERED
    ]
    assert silent == []


def test_no_answer_is_given_for_nothing() -> None:
    silent = {
        message.key
        for message in ALL
        if not message.help and not ADVICE.search(spoken(message.text))
    }
    assert set(ANSWERED) - silent == set()


def test_the_list_is_fresh() -> None:
    fresh = "".join(
        f"{message.key}\n" + (f"    help: {message.help}\n" if message.help else "")
        for message in ALL
    )
    if os.environ.get("VOLINT_UPDATE"):
        LIST.write_text(fresh, encoding="utf-8")
    # Versions of Python write the quotes of an expression differently.
    assert LIST.read_text(encoding="utf-8").replace('"', "'") == fresh.replace('"', "'"), (
        "read the new message as one who has made the mistake, then run "
        "VOLINT_UPDATE=1 python -m pytest tests/test_messages.py"
    )
