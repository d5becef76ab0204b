"""Compose's own loader, recorded: accepted or refused, and what comes of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from compose_answers import Memory, differences, lowered_differences, request_of
from recorded import recordings

from volint.assemble.compose import load_project, to_project

SETS = {
    "handwritten": 0.99,
    "fuzz": 0.99,
    "compose-go-test-literals": 0.99,
    "compose-go-test-merges": 0.99,
    "compose-spec-snippets": 0.99,
    "yaml-through-loader": 1.0,
    "corpus-compose": 0.99,
    "corpus-compose-interpolated": 0.99,
}


# The recordings named corpus-* describe files that stand beside them.
CORPUS = Path(os.environ.get("VOLINT_ORACLES", "")).parent / "corpus"


def _records(name: str) -> list[dict[str, Any]]:
    records = recordings(f"compose/{name}.jsonl")
    for record in records:
        if "files" not in record["request"] and "op" not in record["request"]:
            path = CORPUS / record["repo"] / record["path"]
            text = path.read_bytes().decode()
            record["request"]["files"] = {"compose.yaml": text}
            record["id"] = f"{record['repo']}/{record['path']}"
    return records


@pytest.mark.parametrize(("name", "least"), SETS.items())
def test_agrees_with_compose(name: str, least: float) -> None:
    asked = disagreements = 0
    for record in _records(name):
        request = record["request"]
        if "files" not in request or "crash" in record["answer"]:
            continue
        asked += 1
        loaded = load_project(request_of(request), Memory(request["files"]))
        project = to_project(loaded)
        answers = [record["answer"], *record.get("variants", [])]
        found = min((differences(loaded, answer) for answer in answers), key=len)
        if not found and "services" in record["answer"] and loaded.request.resolve_paths:
            found = min((lowered_differences(project, answer) for answer in answers), key=len)
        if found:
            disagreements += 1
            print(f"{name} {record['id']}: {'; '.join(found)}")
            for problem in loaded.problems:
                print(f"    {problem.code} {problem.message}")
    print(f"{name}: {asked - disagreements} of {asked} agree")
    assert asked or name.startswith("corpus-")
    assert disagreements <= asked * (1 - least)
