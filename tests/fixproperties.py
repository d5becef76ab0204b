"""What must hold of any tree of files once it is fixed: `faults` names every property that does not.

Nothing is written: fixes are worked out in memory, as `--diff` does.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from volint import fix as fixing
from volint.fix import Change
from volint.fixrun import Repaired, repair
from volint.report import Options, render_mounts
from volint.session import Session

# What a rule's fix may change in the mount model; '+' and '-' are things that come and go.
ABOUT: dict[str, frozenset[str]] = {
    "VL002": frozenset(),
    "VL003": frozenset(),
    "VL102": frozenset({"containers.mounts.source", "containers.mounts.syntax", "+volumes"}),
    "VL103": frozenset(
        {"containers.mounts.target", "containers.mounts.shadowed", "-containers.mounts"}
    ),
    "VL105": frozenset({"+volumes"}),
    "VL106": frozenset({"-volumes"}),
    "VL114": frozenset({"containers.mounts.target", "containers.mounts.shadowed"}),
    "VL107": frozenset({"containers.mounts.source"}),
    "VL202": frozenset({"containers.mounts.read_only"}),
    "VL204": frozenset({"containers.mounts.read_only"}),
    "VL210": frozenset({"containers.mounts.options.selinux"}),
    "VL205": frozenset({"containers.mounts.read_only"}),
    "VL304": frozenset({"builds.ignore_file"}),
    "VL306": frozenset({"containers.mounts.options.mode", "containers.mounts.options.size"}),
    "VL307": frozenset({"containers.env"}),
    "VL309": frozenset({"-secrets", "-configs"}),
    "VL403": frozenset({"builds.ignore_file"}),
    "VL404": frozenset(),
    "VL501": frozenset({"containers.mounts.options.size"}),
    "VL604": frozenset(
        {"containers.mounts.kind", "containers.mounts.source", "containers.mounts.resolved_source"}
        | {"containers.mounts.options.create_host_path"}
    ),
    "VL607": frozenset(
        {"containers.mounts.options.consistency", "containers.mounts.options.selinux"}
        | {"containers.mounts.read_only"}
    ),
    "VL406": frozenset(),
    "VL608": frozenset({"containers.mounts.syntax"}),
    "VL609": frozenset({"containers.mounts.source"}),
    "VL611": frozenset(),
    "VL702": frozenset({"containers.mounts.read_only", "containers.volumes_from.read_only"}),
}
FREE = frozenset({"VL612", "VL614"})
"""Rules whose fix makes Docker understand what it did not: the model may differ in anything."""
_TAKEN_OVER = ("volumes_from", "--volumes-from", "VOLUME")
_PLACES = frozenset(("line", "column", "end_line", "end_column", "file", "reason"))


class _Run:
    """A tree as it is, with every rule of every persona or with some rules alone."""

    def __init__(self, root: str, select: Iterable[str] = ()) -> None:
        settings: dict[str, Any] = {
            "paths": (".",),
            "select": tuple(select),
            "persona": "auditor",
            "min_level": "note",
            "min_confidence": "low",
        }
        self.settings = settings
        self.session = Session(settings, cwd=root)
        self.discovery = self.session.discovery()
        with self.session.knowledge():
            self.workspace = self.session.workspace(self.discovery)
            self.result = self.session.result(self.workspace, self.discovery)

    def repaired(self, *, unsafe: bool = True) -> Repaired:
        with self.session.knowledge():
            return repair(
                self.session,
                self.workspace,
                self.discovery,
                self.result,
                {"diff": True, "unsafe_fixes": unsafe},
            )

    def after(self, changes: Iterable[Change]) -> _Run:
        """Return the run over the changed texts."""
        texts = {os.path.realpath(change.source.file or ""): change.text for change in changes}
        after = _Run.__new__(_Run)
        after.settings = self.settings
        after.session = self.session.edited(texts)
        after.discovery = self.discovery
        with self.session.knowledge():
            after.workspace = after.session.workspace(self.discovery)
            after.result = after.session.result(after.workspace, self.discovery)
        return after

    def mounts(self) -> Any:
        shown = render_mounts("json", self.workspace.projects, Options(cwd=self.session.cwd))
        return sorted(json.loads(shown)["projects"], key=_place)

    def errors(self) -> Counter[tuple[str, str]]:
        return Counter(
            (finding.code, finding.span.source.path)
            for finding in self.result.findings
            if finding.level.value == "error"
        )


def faults(root: str, codes: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the fixes for a tree: of all rules together, then of each that has fixes."""
    everything = _Run(root, codes)
    found: list[str] = []
    with _Watched(found):
        repaired = everything.repaired()
        found += _common("all rules", everything, repaired)
        if any(finding.fix and finding.fix.safe for finding in everything.result.findings):
            found += _safe(everything)
        fixable = {finding.code for finding in everything.result.findings if finding.fix}
        for code in sorted(fixable):
            alone = _Run(root, (code,))
            repaired = alone.repaired()
            found += _common(code, alone, repaired)
            found += _about(code, alone, repaired)
    return found


def _common(what: str, before: _Run, repaired: Repaired) -> list[str]:
    fixed = repaired.fixed
    after = before.after(fixed.changes)
    # A fix may rightly be left out because of what it would bring to light or where it would be, never for its own sake.
    found = [
        f"{what}: {text}"
        for text in fixed.left_out
        if "would have an error" not in text and "was asked" not in text
    ]
    for key, number in after.errors().items():
        if number > before.errors()[key]:
            found.append(f"{what}: {key[1]} has a new error of {key[0]}")
    left = [finding for finding in after.result.findings if finding.fix]
    if left and not fixed.left_out and not after.repaired().fixed.changes:
        files = {change.source.path for change in fixed.changes}
        found += [
            f"{what}: {finding.span} of {finding.code} can never be fixed"
            for finding in left
            if not {edit.span.source.path for edit in finding.fix.edits} <= files  # type: ignore[union-attr]
            and _is_ours(before, finding)
        ]
    elif left and not fixed.left_out:
        found.append(f"{what}: a second run fixes more")
    numbers = [Counter(map(_kind, run.result.findings)) for run in (before, after)]
    found += [
        f"{what}: {kind[0]} in {kind[1]} is still there"
        for kind in set(map(_kind, fixed.fixed))
        if what != "all rules" and numbers[1][kind] >= max(numbers[0][kind], 1)
    ]
    return found


def _kind(finding: Any) -> tuple[str, str, str]:
    return finding.code, finding.span.source.path, finding.level.value


def _safe(before: _Run) -> list[str]:
    """Return what is wrong with the safe fixes, where no unsafe one helps: a new error, a change of what containers do."""
    fixed = before.repaired(unsafe=False).fixed
    after = before.after(fixed.changes)
    found = [f"safe fixes: {each.code} is not safe" for each in fixed.fixed if not each.fix.safe]  # type: ignore[union-attr]
    found += [
        f"safe fixes: {path} has a new error of {code}"
        for (code, path), number in after.errors().items()
        if number > before.errors()[code, path]
    ]
    codes = {each.code for each in fixed.fixed}
    if codes <= ABOUT.keys():
        allowed = frozenset().union(*(ABOUT[code] for code in codes))
        differing = _differences(before.mounts(), after.mounts(), _touched_lines(fixed.changes))
        found += [f"safe fixes: {text}" for text in sorted(differing - allowed)]
    return found


def _is_ours(run: _Run, finding: Any) -> bool:
    return all(run.discovery.covers(edit.span.source) for edit in finding.fix.edits)


def _about(code: str, before: _Run, repaired: Repaired) -> list[str]:
    """Return how the mount model differs in more than what the fix is about."""
    if code in FREE:
        return []
    if code not in ABOUT:
        return [f"{code}: ABOUT does not say what its fix may change"]
    changes = repaired.fixed.changes
    after = before.after(changes)
    differing = _differences(before.mounts(), after.mounts(), _touched_lines(changes))
    return [f"{code}: {text}" for text in sorted(differing - ABOUT[code])]


def _touched_lines(changes: Iterable[Change]) -> dict[str, list[tuple[int, int]]]:
    """Return the ranges of 1-based lines of each file that are edited or stand beside an insertion."""
    touched = {}
    for change in changes:
        old, new = change.source.text.split("\n"), change.text.split("\n")
        touched[change.source.path] = [
            (start, end + 1)
            for tag, start, end, _, _ in SequenceMatcher(None, old, new, False).get_opcodes()
            if tag != "equal"
        ]
    return touched


def _differences(before: Any, after: Any, touched: Mapping[str, list[tuple[int, int]]]) -> set[str]:
    """Return the generic paths at which two mount models differ."""
    found: set[str] = set()
    if len(before) != len(after):
        return {"the projects"}
    for one, other in zip(before, after, strict=True):
        for name in ("kind", "environment", "files", "set", "commands"):
            _compare(name, one[name], other[name], found)
        for name in ("volumes", "secrets", "configs"):
            _compare_named(name, one[name], other[name], found)
        _compare("builds", one["builds"], other["builds"], found)
        if len(one["containers"]) != len(other["containers"]):
            found.add("the containers")
            continue
        for here, there in zip(one["containers"], other["containers"], strict=True):
            mounts, new = _in_order(here.pop("mounts")), _in_order(there.pop("mounts"))
            _compare("containers", here, there, found)
            if len(mounts) != len(new):
                found.add(f"{'+' if len(mounts) < len(new) else '-'}containers.mounts")
                continue
            if {mount["target"] for mount in mounts} == {mount["target"] for mount in new}:
                # What is mounted where an image declares a volume is written elsewhere.
                mounts.sort(key=lambda mount: mount["target"])
                new.sort(key=lambda mount: mount["target"])
            for mount, other_mount in zip(mounts, new, strict=True):
                differing: set[str] = set()
                _compare("containers.mounts", mount, other_mount, differing)
                found |= differing
                first, last = mount["line"], mount["end_line"]
                # What is taken over from another container or an image changes with it.
                if (
                    mount["syntax"] not in _TAKEN_OVER
                    and differing - {"containers.mounts.shadowed"}
                    and not any(
                        start <= last and end >= first
                        for start, end in touched.get(mount["file"], ())
                    )
                ):
                    found.add(f"{mount['file']}:{first} changes and is not edited")
    return found


def _place(project: Any) -> tuple[list[str], str, int]:
    """Return a key for the order of projects, those of a document by their lines as numbers."""
    name, _, line = project["name"].rpartition(":")
    return project["files"], *((name, int(line)) if line.isdigit() else (project["name"], 0))


def _in_order(mounts: list[Any]) -> list[Any]:
    """Return mounts in the order they are written in, which a new target does not change."""
    for mount in mounts:
        if mount["kind"] == "bind" and mount["syntax"] == "short":
            # Where a variable hides what the source is, the model does not say that it is made.
            mount["options"].setdefault("create_host_path", True)
    return sorted(mounts, key=lambda mount: (mount["file"], mount["line"], mount["column"]))


def _compare(path: str, one: Any, other: Any, found: set[str]) -> None:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            if key not in _PLACES:
                _compare(f"{path}.{key}", one.get(key), other.get(key), found)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for here, there in zip(one, other, strict=True):
            _compare(path, here, there, found)
    elif one != other:
        found.add(path)


def _compare_named(path: str, one: Any, other: Any, found: set[str]) -> None:
    old, new = ({item["name"]: item for item in items} for items in (one, other))
    if new.keys() - old.keys():
        found.add(f"+{path}")
    if old.keys() - new.keys():
        found.add(f"-{path}")
    for name in old.keys() & new.keys():
        _compare(path, old[name], new[name], found)


class _Watched:
    """Holds every text that is put together to the edits it is made of: no other character differs."""

    def __init__(self, found: list[str]) -> None:
        self._found = found
        self._apply = fixing.apply

    def __enter__(self) -> None:
        fixing.apply = self._watch

    def __exit__(self, *_: object) -> None:
        fixing.apply = self._apply

    def _watch(self, text: str, edits: Iterable[tuple[int, int, str]]) -> str:
        edits = list(edits)
        made = self._apply(text, edits)
        expected = text
        for start, end, replacement in sorted(edits, key=lambda edit: edit[:2])[::-1]:
            expected = expected[:start] + replacement + expected[end:]
        if made != expected:
            self._found.append(f"more than {edits} changed")
        return made
