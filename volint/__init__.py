"""volint: a static linter and auditor for what containers do to data.

The layers, each of which imports only those before it:

- `source`, `model`, `rule`: inert types. They import nothing above them and do no I/O.
- `parse`: one text into one typed tree and a list of problems. Total: no input makes it raise.
- `assemble`: trees into projects, the way Docker itself would. Docker's semantics live here.
- `engine`: rules over projects, ignores, merging, sorting.
- `report`: findings into text, JSON, SARIF. Nothing else knows a format.
- `cli`: click, streams, exit statuses. No logic.

Invariants, each held by a test:

- A rule imports `volint.api` and nothing else of volint.
- Only `files` (through which discovery and assembly read) and `fix` touch the disk.
- No module has side effects when imported; bashlex and sarif_om are imported where they are used.
- Same input, same bytes out.
- What could not be read is said: never a clean bill over a partial view.
- A secret's value is never printed.
- Nothing from the scanned tree is executed or imported.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__"]
