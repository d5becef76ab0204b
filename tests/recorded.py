"""Recorded behaviour of the real programs, for tests that hold volint to it.

`VOLINT_ORACLES` names a folder with all recordings; without it the compressed sample beside the
tests is read (`tests/fixtures/recorded/make_sample.py` makes it), so that these tests always run.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

__all__ = ["COMPLETE", "document", "recordings"]

SAMPLE = Path(__file__).parent / "fixtures" / "recorded"
_FOLDER = os.environ.get("VOLINT_ORACLES", "")

COMPLETE = bool(_FOLDER)
"""True if all recordings are read, False if only the sample."""


def _read(relative_path: str) -> str:
    if _FOLDER:
        return (Path(_FOLDER) / relative_path).read_text(encoding="utf-8")
    with gzip.open(SAMPLE / f"{relative_path}.gz", "rt", encoding="utf-8", newline="\n") as stream:
        return stream.read()


def recordings(relative_path: str) -> list[dict[str, Any]]:
    """Return the records of one file, e.g. 'compose/yaml.jsonl'.

    Files named corpus-* describe texts that are not in this repository: without VOLINT_ORACLES
    they are an empty list. Any other missing file is an error.
    """
    if not COMPLETE and relative_path.rpartition("/")[2].startswith("corpus-"):
        return []
    # The texts hold U+2028 and U+0085, where str.splitlines would break a record.
    return [json.loads(line) for line in _read(relative_path).split("\n") if line]


def document(relative_path: str) -> Any:
    """Return the content of one recording that is a single JSON document, e.g. 'run-flags.json'."""
    return json.loads(_read(relative_path))
