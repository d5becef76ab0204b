"""Helpers to test a rule: its class, the examples of its page, fixtures with carets, its fixes.

For this project's rules and for third-party packs alike; nothing here needs pytest. The functions whose
names end in `_mistakes` return lines for people, none where all is well:

    assert example_mistakes(MyRule) == []
    assert fixture_mistakes("tests/fixtures/compose.yaml", ["ACME001"]) == []

A fixture is a file, or a folder of files, that is checked as it stands. A comment line whose carets
stand below the characters of the line before it says what must be found there:

    volumes:
      - /var/lib/postgresql
      # ^^^^^^^^^^^^^^^^^^^ VL102

The comment lines are taken out before the files are checked. After the code may stand the level
(`VL102 warning`), the persona (`pedantic`) and a piece of the message in double quotes. Where a finding
begins at the left margin, columns take the place of carets: `# 1-7: VL409`.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.page import FILE_NAMES, Code, pieces
from volint.record import NamedTuple
from volint.rulecheck import rule_mistakes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from volint.rule import Finding, Pack, Rule

__all__ = [
    "Example",
    "Expectation",
    "check_files",
    "example_mistakes",
    "examples",
    "fix_files",
    "fixture_mistakes",
    "mismatches",
    "pack_mistakes",
    "read_fixture",
    "rule_mistakes",
    "strip_expectations",
]

_CARETS = regex(
    r"^(?P<lead>\s*(?:#|//|;|<!--|--)[ ]*)(?P<carets>\^+|\d+-\d+:)[ ]+(?P<code>[A-Z]+\d+)(?P<rest>.*?)(?:-->)?\s*$"
)


class Expectation(NamedTuple):
    """A finding that a fixture says must be there."""

    path: str
    """File, relative to the fixture."""
    line: int
    """1-based line of the file without its comment lines."""
    column: int
    """1-based first column."""
    end_column: int
    """1-based column after the last."""
    code: str
    """Code of the rule."""
    words: tuple[str, ...] = ()
    """Level and persona that it must have, if said."""
    message: str = ""
    """A piece its message must hold, if said."""


class Example(NamedTuple):
    """An example of a rule's page: one or several files and what is to be found."""

    bad: bool
    """True if the rule must find something in it."""
    files: dict[str, str]
    """Texts by path."""


def strip_expectations(path: str, text: str) -> tuple[str, list[Expectation]]:
    """Return a fixture's text without its caret lines, and what they expect."""
    kept: list[str] = []
    expected: list[Expectation] = []
    for line in text.splitlines(keepends=True):
        match = _CARETS.match(line.rstrip("\r\n"))
        if match is None:
            kept.append(line)
            continue
        carets = match["carets"]
        if carets.startswith("^"):
            column = len(match["lead"]) + 1
            end = column + len(carets)
        else:
            first, _, last = carets[:-1].partition("-")
            column, end = int(first), int(last) + 1
        rest = match["rest"]
        quoted = re.search(r'"([^"]*)"', rest)
        words = tuple(re.sub(r'"[^"]*"', "", rest).split())
        expected.append(
            Expectation(
                path, len(kept), column, end, match["code"], words, quoted[1] if quoted else ""
            )
        )
    return "".join(kept), expected


def read_fixture(path: str) -> tuple[dict[str, str], list[Expectation]]:
    """Return the files of a fixture (a file or a folder) without their caret lines, and what they expect."""
    files: dict[str, str] = {}
    expected: list[Expectation] = []
    names: Iterable[str]
    if os.path.isdir(path):
        names = sorted(
            os.path.relpath(os.path.join(folder, name), path)
            for folder, _, entries in os.walk(path)
            for name in entries
        )
    else:
        path, name = os.path.split(path)
        names = [name]
    for name in names:
        with open(os.path.join(path, name), encoding="utf-8", newline="") as stream:
            text, found = strip_expectations(name.replace(os.sep, "/"), stream.read())
        files[name.replace(os.sep, "/")] = text
        expected.extend(found)
    return files, expected


def check_files(
    files: Mapping[str, str],
    *,
    select: Sequence[str] = (),
    paths: Sequence[str] = (".",),
    environment: str | None = None,
    rules: Sequence[str] = (),
) -> list[Finding]:
    """Write files to a temporary folder, check them and return all findings of every persona.

    A `volint.yaml` among the files is read as configuration; a file whose path ends in '/' is a folder.
    `select` limits the rules; `environment` is what `--environment` would say, `rules`
    are paths as for `--rules`; rules of installed packs are there anyway.
    """
    from volint.folders import check_folder

    with _folder(files) as root:
        return check_folder(
            root, paths=paths, select=select, environment=environment, rules=_absolute(rules)
        )


def fix_files(
    files: Mapping[str, str],
    *,
    select: Sequence[str] = (),
    unsafe: bool = False,
    rules: Sequence[str] = (),
) -> dict[str, str]:
    """Return the files as `--fix` leaves them; `unsafe`: with `--unsafe-fixes`. Otherwise as `check_files`."""
    from volint.folders import fix_folder

    with _folder(files) as root:
        fixed = fix_folder(root, select=select, unsafe=unsafe, rules=_absolute(rules))
        return {**files, **fixed}


def _absolute(rules: Sequence[str]) -> list[str]:
    """Return what is beside the tests by its whole path: the check runs elsewhere."""
    return [os.path.abspath(path) for path in rules]


@contextmanager
def _folder(files: Mapping[str, str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="volint") as root:
        root = os.path.realpath(root)
        for path, text in files.items():
            target = os.path.join(root, path)
            os.makedirs(
                os.path.dirname(target) if not path.endswith("/") else target, exist_ok=True
            )
            if not path.endswith("/"):
                with open(target, "w", encoding="utf-8", newline="") as stream:
                    stream.write(text)
        yield root


def fixture_mistakes(path: str, codes: Sequence[str], *, rules: Sequence[str] = ()) -> list[str]:
    """Check a fixture, a file or a folder, and return what differs from its carets for some codes."""
    files, expected = read_fixture(path)
    found = check_files(files, select=codes, rules=rules)
    return [*_failures(found, codes), *mismatches(expected, found, codes)]


def _failures(findings: Iterable[Finding], codes: Iterable[str]) -> list[str]:
    """Return what is said of rules of some codes that raised."""
    wanted = set(codes)
    return [
        finding.message
        for finding in findings
        if finding.code == "VL000" and finding.source in wanted
    ]


def example_mistakes(rule: type[Rule], *, rules: Sequence[str] = ()) -> list[str]:
    """Run the examples of a rule's page and return which are not as they say, or lack.

    The rule has to be in an installed pack, or in a file of `rules`.
    """
    found = examples(rule)
    mistakes = [
        f"{rule.code}: the page has no example marked '{word}'"
        for word, bad in (("bad", True), ("good", False))
        if not any(example.bad is bad for example in found)
    ]
    for number, example in enumerate(found, 1):
        all_found = check_files(example.files, select=[rule.code], rules=rules)
        mistakes += _failures(all_found, [rule.code])
        own = [finding for finding in all_found if finding.code == rule.code]
        if example.bad and not own:
            mistakes.append(f"{rule.code}: nothing is found in example {number}, which is bad")
        if not example.bad:
            mistakes += (
                f"{rule.code}: found in example {number}, which is good: {finding.message}"
                for finding in own
            )
    return mistakes


def pack_mistakes(pack: Pack) -> list[str]:
    """Return where the table of a pack differs from the classes, and what is wrong with those."""
    mistakes: list[str] = []
    for entry in pack.rules:
        rule = entry.load()
        mistakes += (f"{entry.code}: {mistake}" for mistake in rule_mistakes(rule))
        for name in ("code", "name", "level", "needs", "enabled"):
            said, is_ = getattr(entry, name), getattr(rule, name, None)
            if said != is_:
                mistakes.append(
                    f"{entry.code}: '{name}' is {said!r} in the table, {is_!r} in the class"
                )
    return mistakes


def mismatches(
    expected: Sequence[Expectation], findings: Sequence[Finding], codes: Iterable[str]
) -> list[str]:
    """Return what differs between expected and actual findings of some codes, one line each; empty: nothing."""
    wanted = set(codes)
    differences: list[str] = []
    left = [finding for finding in findings if finding.code in wanted]
    for want in expected:
        if want.code not in wanted:
            continue
        for finding in left:
            source = finding.span.source
            line, column = source.position(finding.span.start)
            end_line, end_column = source.position(finding.span.end)
            if (source.path, line, column) == (want.path, want.line, want.column) and (
                finding.code == want.code
            ):
                break
        else:
            differences.append(f"missing: {want.path}:{want.line}:{want.column}: {want.code}")
            continue
        left.remove(finding)
        if (end_line, end_column) != (want.line, want.end_column):
            differences.append(
                f"wrong end: {want.path}:{want.line}:{want.column}: {want.code} ends at "
                f"{end_line}:{end_column}, not {want.line}:{want.end_column}"
            )
        has = {finding.level.value, finding.persona.value, finding.confidence.value}
        differences.extend(
            f"wrong kind: {want.path}:{want.line}:{want.column}: {want.code} is not '{word}' but {sorted(has)}"
            for word in want.words
            if word not in has
        )
        if want.message not in finding.message:
            differences.append(
                f"wrong message: {want.path}:{want.line}: {want.code}: {finding.message}"
            )
    for finding in left:
        line, column = finding.span.source.position(finding.span.start)
        end = finding.span.source.position(finding.span.end)[1]
        differences.append(
            f"unexpected: {finding.span.source.path}:{line}:{column}-{end}: {finding.code} "
            f"{finding.level.value} {finding.persona.value}: {finding.message}"
        )
    return differences


def examples(rule: type[Rule]) -> list[Example]:
    """Return the examples of a rule's page.

    A fence's info string is a language, `bad` or `good`, then optionally a file name; `and` after the
    verdict adds the file to the example before it.
    """
    import inspect

    found: list[Example] = []
    for piece in pieces(inspect.cleandoc(rule.__doc__ or "")):
        if not isinstance(piece, Code) or not piece.verdict:
            continue
        body = "".join(f"{line}\n" for line in piece.lines)
        if piece.joined:
            found[-1].files[piece.name] = body
        else:
            name = piece.name or FILE_NAMES[piece.language]
            found.append(Example(piece.verdict == "bad", {name: body}))
    return found
