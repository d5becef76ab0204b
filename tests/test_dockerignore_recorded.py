"""Every recorded answer about ignore files: what a build excludes and what it sends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recorded import recordings
from volint.parse.dockerignore import Dockerignore, parse
from volint.source import Kind, Source

SETS = ("handwritten", "ignorefile-tests", "patternmatcher-cross", "patternmatcher-tests", "random")


def read(request: dict[str, Any]) -> Dockerignore:
    text = request["ignore"] if "ignore" in request else "\n".join(request["patterns"])
    return parse(Source(".dockerignore", text.removeprefix("\ufeff"), Kind.DOCKERIGNORE))[0]


def sent(ignore: Dockerignore, paths: list[str]) -> list[str]:
    """Walk the paths as a tree, pruning where nothing can come back; return the files that stay."""
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for part in path.rstrip("/").split("/")[: None if path.endswith("/") else -1]:
            if node.get(part) is None:
                node[part] = {}
            node = node[part]
        if not path.endswith("/"):
            node.setdefault(path.rpartition("/")[2], None)
    found: list[str] = []

    def walk(node: dict[str, Any], prefix: str, state: int) -> None:
        for name, child in node.items():
            path = prefix + name
            excluded, below = ignore.step(path, state)
            if child is None:
                if not excluded:
                    found.append(path)
            elif not (excluded and ignore.prunes(path)):
                walk(child, path + "/", below)

    walk(tree, "", 0)
    return sorted(found)


@pytest.mark.parametrize("name", SETS)
def test_matcher(name: str) -> None:
    wrong = []
    for row in recordings(f"ignore/{name}.jsonl"):
        answer = row["answer"]
        ignore = read(row["request"])
        if not answer["ok"] or "walk_error" in answer:
            if not ignore.refused:
                wrong.append((row["id"], "accepted"))
            continue
        if ignore.refused:
            wrong.append((row["id"], "refused"))
            continue
        for path, excluded in answer["excluded_walk"].items():
            if ignore.excluded(path.rstrip("/") or path) != excluded:
                wrong.append((row["id"], path))
        if "sent" in answer:
            files = [path for path in answer["sent"] if not path.endswith("/")]
            if sent(ignore, row["request"]["paths"]) != sorted(files):
                wrong.append((row["id"], "sent"))
    assert not wrong, wrong


def test_builds() -> None:
    wrong = []
    for row in recordings("dockerignore.jsonl"):
        answer = row["buildkit"]
        own = f"{row.get('dockerfile')}.dockerignore"
        text = row.get("contents", {}).get(own, row["text"])
        ignore = read({"ignore": text or ""})
        if ignore.refused is answer["ok"]:
            wrong.append((row["id"], "refused" if ignore.refused else "accepted"))
            continue
        if not answer["ok"]:
            continue
        patterns = [("!" if p.negated else "") + p.cleaned for p in ignore.patterns]
        if patterns != answer["patterns"]:
            wrong.append((row["id"], f"patterns {patterns}"))
        files = [path.partition(" -> ")[0] for path in row["tree"]]
        if row["text"] is not None and ".dockerignore" not in files:
            files.append(".dockerignore")
        if sent(ignore, files) != sorted(answer["sent_files"]):
            wrong.append((row["id"], "sent"))
    assert not wrong, wrong
