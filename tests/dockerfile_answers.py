"""BuildKit's recorded answers about Dockerfiles, beside what volint makes of the same texts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from recorded import recordings

from volint.assemble.stages import StagesResult, stages
from volint.parse.dockerfile import Dockerfile, Instruction, parse
from volint.parse.dockerfile_check import INSTRUCTIONS
from volint.source import Kind, Problem, Source

SETS = (
    "handwritten",
    "random",
    "buildkit-docs",
    "buildkit-test-literals",
    "buildkit-testfiles",
    "awesome-compose-and-e2e",
    "corpus-dockerfile",
)


class Case(NamedTuple):
    """One recorded Dockerfile."""

    id: str
    """Its name in the recordings."""
    request: dict[str, Any]
    """What BuildKit was asked."""
    answer: dict[str, Any]
    """What BuildKit said."""
    tree: Dockerfile
    """What volint read."""
    problems: list[Problem]
    """What volint's parser objects to."""

    def stages(self) -> StagesResult:
        return stages(
            self.tree,
            self.request.get("build_args"),
            self.request.get("target"),
            symbolic=False,
        )


def _content(row: dict[str, Any]) -> str:
    if "content" in row["request"]:
        content: str = row["request"]["content"]
        return content
    corpus = Path(os.environ["VOLINT_ORACLES"]).parent / "corpus"
    path = corpus / row["repo"] / row["path"]
    return path.read_bytes().decode("utf-8")


def cases(name: str) -> Iterator[Case]:
    for row in recordings(f"dockerfile/{name}.jsonl"):
        text = _content(row).removeprefix("\ufeff")
        tree, problems = parse(Source("Dockerfile", text, Kind.DOCKERFILE))
        label = row.get("id") or f"{row['repo']}/{row['path']}"
        yield Case(label, row["request"], row["answer"], tree, problems)


def node(instruction: Instruction) -> dict[str, Any]:
    """Return an instruction in the shape of the recordings."""
    args = [word.value for word in instruction.args]
    if instruction.name in ("ENV", "LABEL"):
        sign = "" if instruction.legacy else "="
        args = [
            text
            for name, value in zip(args[::2], args[1::2], strict=True)
            for text in (name, value, sign)
        ]
    if instruction.name not in INSTRUCTIONS:
        args = [""]
    shape: dict[str, Any] = {
        "value": instruction.keyword.value,
        "original": instruction.original,
        "args": args,
        "flags": [
            f"--{flag.name}" + ("" if flag.value is None else f"={flag.value}")
            for flag in instruction.flags
        ],
        "json": instruction.json,
        "start": instruction.start_line,
        "end": instruction.end_line,
    }
    if instruction.trigger:
        shape["children"] = [node(instruction.trigger)]
    if instruction.heredocs:
        shape["heredocs"] = [
            {
                "name": doc.name,
                "content": doc.body.text(),
                "expand": doc.expand,
                "chomp": doc.chomp,
                "fd": doc.descriptor,
            }
            for doc in instruction.heredocs
        ]
    return shape


def recorded_node(recorded: dict[str, Any]) -> dict[str, Any]:
    """Return a recorded node without what volint does not keep."""
    shape = {key: value for key, value in recorded.items() if key != "comments"}
    shape["flags"] = shape["flags"] or []
    if "children" in shape:
        shape["children"] = [recorded_node(child) for child in shape["children"]]
    return shape
