"""The documents whose advice the rules enforce, checked as Markdown: what is found in them, what is said of them.

They are read from the folder that VOLINT_SEEDS names, or from `seeds` beside that of VOLINT_ORACLES, which has the
recordings of their commands.
`VOLINT_UPDATE=1` writes tests/fixtures/seed-documents/ anew: places, codes and levels only, none of their text.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from recorded import recordings

from volint.cli import cli
from volint.parse.embedded import commands
from volint.source import Kind, Source

EXPECTED = Path(__file__).parent / "fixtures" / "seed-documents"
SEEDS = Path(
    os.environ.get("VOLINT_SEEDS")
    or Path(os.environ.get("VOLINT_ORACLES", "oracles")).parent / "seeds"
)
DOCUMENTS = sorted(SEEDS.glob("*.txt"))

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason="VOLINT_SEEDS names no folder with documents")


def argvs(document: str) -> dict[int, list[list[str]]]:
    """Return the words of every command of a document by its line."""
    text = (SEEDS / document).read_bytes().decode("utf-8")
    source = Source("README.md", text, Kind.MARKDOWN)
    found: dict[int, list[list[str]]] = {}
    for block in commands(source)[0]:
        for command in block.commands:
            line, _ = source.position(command.span.start)
            found.setdefault(line, []).append([word.value for word in command.words])
    return found


RECORDS = [
    record
    for record in recordings("seed-commands.jsonl")
    if re.search(r"\bdocker(?:-compose)?[ \t]+\S", record["shell"])
    or re.match(r"--?[a-z]+[ \t=]+\S*[:/=]", record["shell"])
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_every_command_is_found(record: dict[str, Any]) -> None:
    """Each is in its block, from where the recording says that it begins."""
    *_, line = record["where"].split(":")
    begin = int(line)
    inline = record["where"].startswith("inline")
    words = [
        [word.replace("$HOME", "~") for word in argv]
        for at, several in argvs(record["doc"]).items()
        for argv in several
        if at == begin or (not inline and begin <= at < begin + 40)
    ]
    for argv in record["argvs"]:
        wanted = [re.sub(r"^/home/dev/", "~/", word) for word in argv]
        assert any(
            len(found) >= len(wanted)
            and all(
                mine == its or "$" in mine or "<" in mine
                for mine, its in zip(found, wanted, strict=False)
            )
            for found in words
        ), (wanted, words)
    if not record["argvs"]:
        given = record["shell"].split("#")[0].split()
        start = ["docker", "run"] if record["fragment"] else []
        assert any(found[: len(start) + len(given)] == [*start, *given] for found in words), given


@pytest.mark.parametrize("persona", ["regular", "auditor"])
def test_what_is_said_of_them(
    persona: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for document in DOCUMENTS:
        shutil.copyfile(document, tmp_path / f"{document.stem}.md")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["--format", "json", "--persona", persona, "--no-config"])
    lines = [
        f"{found['file']}:{found['line']}:{found['column']}-{found['end_column']} "
        f"{found['code']} {found['level']} {found['persona']}"
        for found in json.loads(done.stdout)["findings"]
    ]
    text = "\n".join(lines) + "\n"
    file = EXPECTED / f"{persona}.txt"
    if os.environ.get("VOLINT_UPDATE"):
        EXPECTED.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
