"""Compare the container commands volint finds in shell scripts with those of a tree-sitter parse.

    python benchmarks/shell_coverage.py FOLDER...

Every `docker|podman run|create` command that tree-sitter-bash sees in the scripts of the folders must be
found, and nothing that it does not see, except where it cannot look: into `sh -c '...'`, behind a
variable that holds the program, through a function that runs its arguments. tree-sitter is installed into a
virtual environment of its own (`--venv DIR`, by default below the temporary folder) and used nowhere else.
Prints one line per miss and per extra, then a table; the exit status is 1 if anything is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from typing import Any

SUFFIXES = (".sh", ".bash", ".bats", ".ksh", ".zsh")
SHEBANG = re.compile(r"#!.*\b(?:ba|da|z|k|a)?sh\b")
WRAPPERS = {
    "sudo",
    "exec",
    "command",
    "time",
    "nohup",
    "env",
    "nice",
    "timeout",
    "xargs",
    "run",
    "stdbuf",
}
VALUED = {"-H", "--host", "--context", "-c", "--config", "--log-level", "-l"}
Found = tuple[int, str]
"""Line of the program's word, and its verb."""


def scripts(folders: list[str]) -> list[str]:
    """Return the paths of the shell scripts below the folders."""
    found = []
    for folder in folders:
        for directory, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if name not in (".git", "node_modules"))
            for name in sorted(files):
                path = os.path.join(directory, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                with open(path, "rb") as stream:
                    head = stream.read(100)
                first = head.split(b"\n", 1)[0].decode("utf-8", "replace")
                if name.endswith(SUFFIXES) or SHEBANG.match(first):
                    found.append(path)
    return found


def verb(words: list[str]) -> str:
    """Return 'run' or 'create' if that is what the command does, else ''."""
    at = 1
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in VALUED else 1
    if at < len(words) and words[at] == "container":
        at += 1
    return words[at] if at < len(words) and words[at] in ("run", "create") else ""


def seen_by_tree_sitter(paths: list[str]) -> dict[str, list[Found]]:
    """Return the commands in each script; runs in the environment that has tree-sitter."""
    import tree_sitter_bash  # type: ignore[import-not-found]
    from tree_sitter import Language, Parser  # type: ignore[import-not-found]

    parser = Parser(Language(tree_sitter_bash.language()))
    result: dict[str, list[Found]] = {}
    for path in paths:
        with open(path, "rb") as stream:
            data = stream.read()
        found: list[Found] = []
        pending: list[Any] = [parser.parse(data).root_node]
        while pending:
            node = pending.pop()
            pending.extend(node.children)
            if node.type != "command":
                continue
            parts = [child for child in node.children if child.type not in ("variable_assignment",)]
            texts = [
                child.text.decode("utf-8", "replace").strip("'\"").removeprefix("\\")
                for child in parts
            ]
            while len(texts) > 1 and texts[0] in WRAPPERS:
                following = next(
                    (
                        i
                        for i, text in enumerate(texts)
                        if re.match(r"(\S*/)?(docker|podman)$", text)
                    ),
                    0,
                )
                if not following:
                    break
                parts, texts = parts[following:], texts[following:]
            if texts and re.match(r"(\S*/)?(docker|podman)$", texts[0]):
                action = verb(texts)
                if action:
                    found.append((parts[0].start_point[0] + 1, action))
        result[path] = found
    return result


def seen_by_volint(paths: list[str]) -> tuple[dict[str, list[Found]], dict[str, list[Found]]]:
    """Return the commands in each script: those that stand there literally, and the others."""
    from volint.parse.shell import parse
    from volint.source import Source

    plain: dict[str, list[Found]] = {}
    derived: dict[str, list[Found]] = {}
    for path in paths:
        with open(path, encoding="utf-8", errors="replace", newline="") as stream:
            source = Source(path, stream.read())
        places: dict[int, tuple[Found, bool]] = {}
        for command in parse(source)[0]:
            words = [word.value for word in command.words]
            action = verb(words) if command.program in ("docker", "podman") else ""
            if not action:
                continue
            span = command.words[0].span
            literal = "$" not in span.text() and command.span.start <= span.start < command.span.end
            line = source.position(span.start)[0]
            places[span.start] = (line, action), literal and not command.nested
        plain[path] = [found for found, literal in places.values() if literal]
        derived[path] = [found for found, literal in places.values() if not literal]
    return plain, derived


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("folders", nargs="+")
    arguments.add_argument(
        "--venv", default=os.path.join(tempfile.gettempdir(), "volint-tree-sitter")
    )
    arguments.add_argument("--tree-sitter", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    paths = scripts(options.folders)
    if options.tree_sitter:
        json.dump(seen_by_tree_sitter(paths), sys.stdout)
        return 0
    python = os.path.join(options.venv, "bin", "python")
    if not os.path.exists(python):
        venv.create(options.venv, with_pip=True)
        install = [python, "-m", "pip", "install", "-q", "tree-sitter", "tree-sitter-bash"]
        subprocess.run(install, check=True)
    command = [python, os.path.abspath(__file__), "--tree-sitter", *options.folders]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    expected: dict[str, list[Found]] = {
        path: [(line, action) for line, action in found]
        for path, found in json.loads(answer).items()
    }
    plain, derived = seen_by_volint(paths)
    totals: Counter[str] = Counter(scripts=len(paths))
    for path in paths:
        want, got = Counter(expected[path]), Counter(plain[path])
        both = Counter(derived[path])
        missed = want - got - both
        extra = got - want
        totals["tree-sitter"] += sum(want.values())
        totals["found"] += sum((want & (got + both)).values())
        totals["only by a variable, a function or a nested shell"] += sum((both - want).values())
        for label, rest in (("missed", missed), ("extra", extra)):
            totals[label] += sum(rest.values())
            for (line, action), number in sorted(rest.items()):
                print(f"{label}: {path}:{line}: {action}" + (f" x{number}" if number > 1 else ""))
    for name, number in totals.items():
        print(f"{number:8} {name}")
    return 1 if totals["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
