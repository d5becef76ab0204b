"""Which lines of a text are not as they were at a revision of git: `--diff-base`.

Old texts come from git's object store and are compared here, so that no program that a repository's configuration
names for showing differences is run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volint.mistakes import ConfigError
from volint.renames import renamed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from volint.files import Files
    from volint.rule import Finding
    from volint.source import Source, Span

__all__ = ["changed_lines", "on_changed_lines"]


def on_changed_lines(
    findings: Sequence[Finding], files: Files, revision: str, root: str
) -> list[Finding]:
    """Return the findings that stand on a changed line, or point at one.

    Changed is what is not as it was where the work tree of git and the revision have gone apart; of a file that
    was not there, all of it. Raises ConfigError if there is no such revision.
    """
    sources = {
        span.source: os.path.realpath(span.source.file)
        for finding in findings
        for span in _spans(finding)
        if span.source.file is not None
    }
    now = {path: source.text for source, path in sources.items()}
    try:
        # Asked for the root as well: a wrong revision is a mistake even if nothing is found.
        old = _texts_at(files, revision, root, now)
    except LookupError as error:
        raise ConfigError(str(error)) from None
    changed: dict[Source, frozenset[int] | None] = {}
    for source, path in sources.items():
        text = old.get(path)
        changed[source] = None if text is None else changed_lines(text, source.text)
    return [
        finding
        for finding in findings
        if any(_is_in(span, changed.get(span.source)) for span in _spans(finding))
    ]


def _texts_at(
    files: Files, revision: str, top: str, now: Mapping[str, str]
) -> dict[str, str | None]:
    """Return what files held where the work tree has gone apart from a revision; None where they were not.

    `now` has what they hold. The revision is one of the repository that the directory `top` is in, and of those
    outside of it; a submodule is compared with the commit that it had there. Raises LookupError if `top` or a path
    is in no git work tree, or in one that has no such revision; its text says so.
    """
    groups: dict[str | None, list[str]] = {files.git_root(os.path.join(top, ".")): []}
    for path in now:
        groups.setdefault(files.git_root(path), []).append(path)
    outer = next(iter(groups))
    commits: dict[str, str] = {}
    texts: dict[str, str | None] = {}
    for root, members in groups.items():
        repository = files.repository(os.path.join(root, ".")) if root else None
        if repository is None or root is None:
            shown = files.display(members[0] if members else top)
            raise LookupError(
                f"'{shown}' is in no git repository; leave out --diff-base, which needs one"
            )
        nested = outer is not None and root != outer and root.startswith(outer + os.sep)
        commit = None
        if outer is not None and nested:
            around = files.repository(os.path.join(outer, "."))
            commit = around.submodule(commits[outer], root) if around else None
        commit = commit or repository.base(revision)
        if commit is None and nested:
            # A repository that stands in the other without being a part of it, like a new file.
            texts.update(dict.fromkeys(members))
            continue
        if commit is None:
            raise LookupError(
                f"git knows no revision '{revision}' in '{files.display(root)}'; fetch it first "
                "(a CI checkout may need its full history)"
            )
        commits[root] = commit
        then = repository.contents(commit, members)
        new = {path: now[path] for path, data in then.items() if data is None}
        then.update(renamed(repository, commit, new))
        for path, data in then.items():
            texts[path] = None if data is None else data.decode("utf-8-sig", "replace")
    return texts


def _spans(finding: Finding) -> Iterator[Span]:
    yield finding.span
    for label in finding.labels:
        yield label.span


def _is_in(span: Span, lines: frozenset[int] | None) -> bool:
    if lines is None:
        return True
    source, start, end = span
    first = source.position(start)[0]
    last = source.position(max(start, end - 1))[0]
    return not lines.isdisjoint(range(first, last + 1))


def changed_lines(old: str, new: str) -> frozenset[int]:
    """Return the 1-based lines of `new` that are not in `old`; line endings do not count."""
    before, after = _lines(old), _lines(new)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(
        None, before[start : len(before) - end], after[start : len(after) - end], autojunk=False
    )
    return frozenset(
        start + at + 1
        for tag, _, _, first, last in matcher.get_opcodes()
        if tag != "equal"
        for at in range(first, last)
    )


def _lines(text: str) -> Sequence[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
