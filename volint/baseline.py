"""What was found before and is not to be said again: `--baseline` and `--write-baseline`.

A baseline is a JSON file with one entry a finding. Entries are known by their fingerprints, which hold no line: a
finding that moved is not new. File, code and message are there for people who read the difference.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from volint.fingerprint import Repository, fingerprint
from volint.mistakes import ConfigError
from volint.record import NamedTuple
from volint.redact import redact

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from volint.rule import Finding

__all__ = ["Baseline", "Entry", "read", "written"]

VERSION = 1
_NEVER = "VL000"
"""Errors of volint itself are never taken for known."""


class Entry(NamedTuple):
    """One finding that is known."""

    fingerprint: str
    code: str
    file: str
    """As the repository names it."""
    message: str


class Baseline:
    """The entries of a baseline file."""

    __slots__ = ("_entries", "_seen")

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {entry.fingerprint: entry for entry in entries}
        self._seen: set[str] = set()

    def new(self, findings: Sequence[Finding], repository: Repository) -> list[Finding]:
        """Return the findings that are not in it, and remember which of its entries there are."""
        fresh = []
        for finding in findings:
            mark = fingerprint(finding, repository)
            if mark in self._entries and finding.code != _NEVER:
                self._seen.add(mark)
            else:
                fresh.append(finding)
        return fresh

    def stale(self, files: Container[str], codes: Container[str], root: str) -> list[Entry]:
        """Return the entries of some rules that were not found, where their files were looked at or are gone."""
        return [
            entry
            for mark, entry in self._entries.items()
            if mark not in self._seen
            and entry.code in codes
            and (entry.file in files or not os.path.lexists(os.path.join(root, entry.file)))
        ]


def read(folder: str, name: str) -> Baseline:
    """Return the baseline of a file, whose name is relative to a folder. Raises ConfigError."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8-sig") as stream:
            text = stream.read()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ConfigError(
            f"the baseline '{name}' cannot be read: {why}; make one with --write-baseline {name}"
        ) from None
    return _parsed(text, name)


def _parsed(text: str, name: str) -> Baseline:
    import json

    advice = f"write it anew with --write-baseline {name}"
    try:
        document = json.loads(text)
    except RecursionError:
        raise ConfigError(f"this is no baseline of volint; {advice}", name, 1, 1) from None
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"this baseline is no JSON; {advice}", name, error.lineno, error.colno
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise ConfigError(f"this is no baseline of volint; {advice}", name, 1, 1)
    version = document.get("version")
    if version != VERSION:
        raise ConfigError(
            f"this baseline has version {version!r}, and this volint reads {VERSION}; {advice}",
            name,
        )
    return Baseline(_entry(item, name, advice) for item in document["findings"])


def _entry(item: Any, name: str, advice: str) -> Entry:
    values = [item.get(key) for key in Entry._fields] if isinstance(item, dict) else []
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) < len(Entry._fields):
        raise ConfigError(f"an entry lacks its fingerprint, code, file or message; {advice}", name)
    return Entry(*texts)


def written(findings: Iterable[Finding], repository: Repository) -> str:
    """Return the text of a baseline of some findings, sorted so that its difference is small."""
    import json

    entries = {
        Entry(
            fingerprint(finding, repository),
            finding.code,
            repository.of(finding.span.source) or finding.span.source.path,
            redact(finding.message),
        )
        for finding in findings
        if finding.code != _NEVER
    }
    ordered = sorted(entries, key=lambda entry: (entry.file, entry.code, entry.message, *entry))
    document = {"version": VERSION, "findings": [entry._asdict() for entry in ordered]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
