"""What keeps a finding recognisable from run to run.

`volint/v1` is volint's own, for baselines and for readers of JSON and SARIF; `line_hashes` gives the
one GitHub code scanning computes from the text (github/codeql-action: src/fingerprints.ts).
"""

from __future__ import annotations

import os
from itertools import accumulate
from typing import TYPE_CHECKING

from volint.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volint.rule import Finding
    from volint.source import Source

__all__ = ["Repository", "fingerprint", "line_hashes", "number"]

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END_OF_FILE = 0xFFFF
_BASE_TO_WINDOW = pow(_BASE, _WINDOW, 1 << 64)


class Repository:
    """Names files as the repository does, whatever directory volint runs in.

    Symbolic links are resolved, since git and GitHub know a file by the path it is stored under.
    """

    __slots__ = ("_cwd", "_known", "_root")

    def __init__(self, root: str, cwd: str) -> None:
        self._cwd = cwd
        self._root = os.path.realpath(root or cwd or os.curdir)
        self._known: dict[str, str | None] = {}

    def path(self, path: str, file: str | None = None) -> str | None:
        """Return a file's path below the root with '/'; None for a file outside of it.

        `path` is the shown path; `file` the absolute one, where there is one.
        """
        absolute = file or os.path.join(self._cwd, path)
        if absolute not in self._known:
            real = os.path.realpath(absolute)
            prefix = self._root.rstrip(os.sep) + os.sep
            inside = real.startswith(prefix)
            self._known[absolute] = real[len(prefix) :].replace(os.sep, "/") if inside else None
        return self._known[absolute]

    def of(self, source: Source) -> str | None:
        """Return the path of a source below the root; None outside of it."""
        return self.path(source.path, source.file)


def _identity(finding: Finding) -> tuple[str, str, str, str]:
    return finding.code, redact(finding.container), redact(finding.target), redact(finding.source)


def number(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with `occurrence` counted among those that are otherwise alike.

    Takes all findings of a run, sorted, before any is hidden: what an ignore comment or a baseline
    takes out must not change the number of the next.
    """
    seen: dict[tuple[str, ...], int] = {}
    numbered = []
    for finding in findings:
        key = (finding.span.source.path, *_identity(finding))
        count = seen.get(key, 0)
        seen[key] = count + 1
        numbered.append(
            finding if finding.occurrence == count else finding._replace(occurrence=count)
        )
    return numbered


def fingerprint(finding: Finding, repository: Repository) -> str:
    """Return 'volint/v1:' and 16 hexadecimal digits.

    They are made of the code, the path in the repository, the container, target and source the
    finding is about, without what looks like a secret in them, and the occurrence: of no line, no
    message, and no project that sees the cause.
    """
    from hashlib import sha256

    source = finding.span.source
    path = repository.of(source) or source.path
    parts = (finding.code, path, *_identity(finding)[1:], str(finding.occurrence))
    digest = sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"volint/v1:{digest[:16]}"


def line_hashes(text: str, byte_order_mark: bool = False) -> Mapping[int, str]:
    """Return GitHub's `primaryLocationLineHash` of every 1-based line of a text.

    A line's hash covers the hundred UTF-16 units from its start on that are neither blanks nor tabs,
    line breaks as one line feed each; behind the end stand a 0xFFFF and zeros. Equal hashes are
    numbered. A byte order mark counts as a character of the first line.
    """
    folded = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    if byte_order_mark:
        folded = "\ufeff" + folded
    if folded.isascii():
        units = list(folded.encode("ascii"))
    else:
        raw = folded.encode("utf-16-le", "surrogatepass")
        units = list(memoryview(raw).cast("H"))
    starts = [0]
    starts.extend(at + 1 for at, unit in enumerate(units) if unit == 10)
    units.append(_END_OF_FILE)
    units.extend([0] * _WINDOW)
    sums = list(accumulate(units, lambda total, unit: (total * _BASE + unit) & _MASK, initial=0))
    counts: dict[int, int] = {}
    hashes: dict[int, str] = {}
    for line, start in enumerate(starts, 1):
        value = (sums[start + _WINDOW] - sums[start] * _BASE_TO_WINDOW) & _MASK
        counts[value] = counts.get(value, 0) + 1
        hashes[line] = f"{value:x}:{counts[value]}"
    return hashes
