"""Compose's own loader, recorded: accepted or refused, and what comes of it."""

from __future__ import annotations

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
}


@pytest.mark.parametrize(("name", "least"), SETS.items())
def test_agrees_with_compose(name: str, least: float) -> None:
    asked = disagreements = 0
    for record in recordings(f"compose/{name}.jsonl"):
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
    assert asked
    assert disagreements <= asked * (1 - least)
