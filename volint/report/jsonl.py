"""`--format jsonl`: the objects of `--format json`, one a line, for tools that read a stream.

Each has a `type`: the findings first, then the notifications, then one summary. ASCII, as the JSON is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from volint.report.check_json import document

if TYPE_CHECKING:
    from volint.report import Options
    from volint.result import Result

__all__ = ["render"]


def render(result: Result, options: Options) -> str:
    """Return one JSON object on each line."""
    whole = document(result)
    lines = [
        *({"type": "finding", **item} for item in whole["findings"]),
        *({"type": "notification", **item} for item in whole["notifications"]),
        {"type": "summary", "version": whole["version"], **whole["summary"]},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)
