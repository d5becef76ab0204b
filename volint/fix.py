"""Applies the fixes of findings to texts: which edits get along, and whether what comes of them is better.

Everything happens in memory; a `check` says what there is to find in changed texts, and `volint.rewrite`
writes files. A round takes fixes in the order of their findings, as many as do not touch one another, and
looks at the outcome. A fix is taken back if its finding is still there, or if there is an error that was not
there before: a file that does not parse any more is one. What had to wait is found again in the next round,
with its edits where they belong by then.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.record import NamedTuple
from volint.rule import Level
from volint.source import apply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from volint.rule import Finding
    from volint.source import Source

__all__ = ["Change", "Fixed", "View", "fix"]

_MOST_CHECKS = 100
"""How often a run looks again at most: a hundred fixes that all touch one another."""

_Key = tuple[str, str, str, str, str]
_Kind = tuple[str, str]


class Change(NamedTuple):
    """A file that comes out different."""

    source: Source
    """The file as it was read; empty for one that is not there yet."""
    text: str
    """The new text, without byte order mark."""
    created: bool = False
    """True for a file that is not there yet."""


class View(NamedTuple):
    """What a check says of some texts."""

    findings: Sequence[Finding]
    """What is shown of the findings, sorted."""
    errors: Mapping[tuple[str, str], int]
    """How many errors there are of a code in the file of a shown path, whether rules for them run or not."""
    described: Mapping[str, int] = {}
    """How many containers and commands the file of a shown path describes."""


class Fixed(NamedTuple):
    """What fixing came to."""

    changes: tuple[Change, ...]
    """The files that come out different, sorted by shown path."""
    fixed: tuple[Finding, ...]
    """The findings that are gone."""
    left_out: tuple[str, ...]
    """Sentences about fixes that were taken back, and why."""


class _Edit(NamedTuple):
    """An edit of one file's text as it is in this round."""

    file: str
    """The file's real path."""
    start: int
    end: int
    replacement: str


class _Candidate(NamedTuple):
    """A finding with the edits that would fix it."""

    finding: Finding
    edits: tuple[_Edit, ...]
    paths: frozenset[str]
    """Shown paths of the files that are edited."""
    number: int
    """How many findings of the same key are before it."""

    @property
    def key(self) -> _Key:
        """What the finding is about, which tells it from others when lines have moved."""
        return _key(self.finding)


def _key(finding: Finding) -> _Key:
    path = finding.span.source.path
    return finding.code, path, finding.container, finding.target, finding.source


def _graded(finding: Finding) -> Iterator[tuple[_Key | _Kind, str, str]]:
    """Yield what tells a finding from others, and its kind, with how much it weighs."""
    for key in (_key(finding), _key(finding)[:2]):
        yield key, finding.level.value, finding.persona.value


def fix(
    view: View,
    check: Callable[[Mapping[str, str]], View],
    original: Callable[[Source], Source | None],
    *,
    unsafe: bool = False,
) -> Fixed:
    """Fix what can be fixed and say what comes of it.

    `view` is what a check says of the texts as they are. `check` says it of texts changed, given by the real
    paths of their files, and does not fail. `original` returns the whole file that a source stands for as it was
    read, an empty source for one that may be created, and None where nothing may be edited. `unsafe` includes
    the fixes that can change what containers do.
    """
    return _Fixer(check, original, unsafe=unsafe).run(view)


class _Fixer:
    """One run's state: the texts so far, what was fixed, what must not be tried again."""

    def __init__(
        self,
        check: Callable[[Mapping[str, str]], View],
        original: Callable[[Source], Source | None],
        *,
        unsafe: bool,
    ) -> None:
        self._check = check
        self._original = original
        self._unsafe = unsafe
        self._originals: dict[str, Source] = {}
        self._texts: dict[str, str] = {}
        self._blocked: dict[tuple[_Key, int], str] = {}
        """What must not be tried again before anything else is fixed, and what to say of it."""
        self._fixed: list[Finding] = []
        self._retried = 0
        """How much was fixed when what is blocked was tried the last time."""
        self._checks = 0

    def run(self, view: View) -> Fixed:
        """Do rounds until nothing is left to fix."""
        while self._checks < _MOST_CHECKS:
            chosen = self._choose(view.findings)
            if not chosen and self._blocked and len(self._fixed) > self._retried:
                # What was fixed since may have been in the way.
                self._retried = len(self._fixed)
                self._blocked.clear()
                chosen = self._choose(view.findings)
            if not chosen:
                break
            view = self._round(view, chosen)
        changes = [
            Change(source, self._texts[file], not source.text and not os.path.lexists(file))
            for file, source in self._originals.items()
            if file in self._texts and self._texts[file] != source.text
        ]
        changes.sort(key=lambda change: change.source.path)
        return Fixed(tuple(changes), tuple(self._fixed), tuple(self._blocked.values()))

    def _choose(self, findings: Sequence[Finding]) -> list[_Candidate]:
        """Return the fixes of one round.

        Errors of a file come before anything else in it: what there is to find depends on what Docker takes.
        """
        numbers: dict[_Key, int] = {}
        found = []
        for finding in findings:
            number = numbers[_key(finding)] = numbers.get(_key(finding), -1) + 1
            found.append(self._candidate(finding, number))
        candidates = [candidate for candidate in found if candidate is not None]
        wrong = {
            edit.file
            for candidate in candidates
            if candidate.finding.level is Level.ERROR
            for edit in candidate.edits
        }
        taken: dict[str, list[_Edit]] = {}
        chosen: list[_Candidate] = []
        for candidate in candidates:
            if candidate.finding.level is not Level.ERROR and any(
                edit.file in wrong for edit in candidate.edits
            ):
                continue
            if all(edit in taken.get(edit.file, ()) for edit in candidate.edits):
                chosen.append(candidate)
            elif not any(
                _touch(edit, other)
                for edit in candidate.edits
                for other in taken.get(edit.file, ())
            ):
                chosen.append(candidate)
                for edit in candidate.edits:
                    taken.setdefault(edit.file, []).append(edit)
        return chosen

    def _candidate(self, finding: Finding, number: int) -> _Candidate | None:
        """Return a finding's fix if it may and can be applied to the texts as they are."""
        found = finding.fix
        if found is None or not (found.safe or self._unsafe):
            return None
        if (_key(finding), number) in self._blocked:
            return None
        edits: list[_Edit] = []
        paths = set()
        # What several services share is edited once.
        for (source, start, end), replacement in dict.fromkeys(found.edits):
            whole = self._original(source)
            if whole is None or whole.file is None:
                self._block(
                    finding, number, f"'{source.path}' is not what volint was asked to look at"
                )
                return None
            file = os.path.realpath(whole.file)
            self._originals.setdefault(file, whole)
            text = self._texts.get(file, whole.text)
            # A source may be a part of its file, what is before it blanked: its offsets are the file's.
            if len(source.text) > len(text) or source.text[start:end] != text[start:end]:
                return None
            edit = _Edit(file, start, end, replacement)
            if any(_touch(edit, other) for other in edits):
                return None
            edits.append(edit)
            paths.add(whole.path)
        return _Candidate(finding, tuple(edits), frozenset(paths), number) if edits else None

    def _round(self, view: View, chosen: list[_Candidate]) -> View:
        """Apply fixes, without those that make something worse, and return what there is to find then."""
        while chosen and self._checks < _MOST_CHECKS:
            texts = self._edited(chosen)
            self._checks += 1
            after = self._check(texts)
            blamed, why = _blame(view, after, chosen)
            if not blamed:
                self._texts = texts
                self._fixed.extend(candidate.finding for candidate in chosen)
                return after
            if len(chosen) == 1:
                self._block(chosen[0].finding, chosen[0].number, why)
                break
            if len(blamed) == 1:
                # Another fix may have brought to light what this one is blamed for.
                chosen = blamed
                continue
            dropped = blamed[len(blamed) // 2 :]
            chosen = [each for each in chosen if each not in dropped]
        return view

    def _edited(self, chosen: Iterable[_Candidate]) -> dict[str, str]:
        """Return all texts that differ from the files, with the edits of a round."""
        edits: dict[str, dict[tuple[int, int, str], None]] = {}
        for candidate in chosen:
            for edit in candidate.edits:
                edits.setdefault(edit.file, {})[edit[1:]] = None
        texts = dict(self._texts)
        for file, found in edits.items():
            texts[file] = apply(texts.get(file, self._originals[file].text), found)
        return texts

    def _block(self, finding: Finding, number: int, why: str) -> None:
        line, column = finding.span.source.position(finding.span.start)
        place = f"{finding.span.source.path}:{line}:{column}"
        self._blocked[_key(finding), number] = (
            f"{place}: the fix of {finding.code} is left out: {why}"
        )


def _touch(one: _Edit, other: _Edit) -> bool:
    """Return whether what comes of two edits could depend on their order."""
    if one.file != other.file or one.start > other.end or other.start > one.end:
        return False
    return not (one[:3] == other[:3] and _is_line(one) and _is_line(other) and one != other)


def _is_line(edit: _Edit) -> bool:
    """Return whether an edit adds a line behind another: any number of them get along."""
    return edit.start == edit.end and edit.replacement.rfind("\n") == (
        1 if edit.replacement.startswith("\r") else 0
    )


def _blame(before: View, after: View, chosen: Sequence[_Candidate]) -> tuple[list[_Candidate], str]:
    """Return the fixes of which one or more must be taken back, and why; none if all is well."""
    worse = {
        (code, path)
        for (code, path), number in after.errors.items()
        if number > before.errors.get((code, path), 0)
    }
    if worse:
        paths = {path for _, path in worse}
        guilty = [candidate for candidate in chosen if candidate.paths & paths]
        code, path = min(worse)
        what = "could not be read any more" if code == "VL001" else f"would have an error of {code}"
        return guilty or list(chosen), f"'{path}' {what} with it"
    lost = sorted(
        path
        for path, number in before.described.items()
        if number > after.described.get(path, 0) and any(path in each.paths for each in chosen)
    )
    if lost:
        guilty = [candidate for candidate in chosen if lost[0] in candidate.paths]
        return guilty, f"'{lost[0]}' would not be understood as before"
    # A fix may change what another finding is about, or bring one of its own kind to light: never both. What
    # is left of its own one, milder than it was, is not the same.
    left: dict[tuple[_Key | _Kind, str, str], int] = {}
    for findings, step in (
        (before.findings, 1),
        ([candidate.finding for candidate in chosen], -1),
        (after.findings, -1),
    ):
        for finding in findings:
            for key in _graded(finding):
                left[key] = left.get(key, 0) + step
    guilty = [
        candidate
        for candidate in chosen
        if all(left[key] < 0 for key in _graded(candidate.finding))
    ]
    return guilty, "it does not make the finding go away"
