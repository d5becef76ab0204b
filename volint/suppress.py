"""Ignore comments: what they say, what they hide, and which of them hide nothing.

    # volint: ignore[VL102] rebuilt on every start
    # volint: ignore[anonymous-volume, VL204]
    # volint: file-ignore[VL501] generated
    # volint: ignore-start[VL201] test hosts
    # volint: ignore-end

Rules are named by code or name, always; what follows the bracket is the reason. Where a comment may
stand and what it covers depends on its host (`volint.parse.comments`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.mistakes import closest
from volint.record import NamedTuple
from volint.rule import Edit, Finding, Fix
from volint.source import Span, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from volint.parse.comments import Comment
    from volint.source import Source

__all__ = ["Ignore", "ignores", "suppress"]

UNUSED = "VL002"
UNKNOWN = "VL003"

# Compiled by `re` when the first comment is read: most runs see none.
_DIRECTIVE = (
    r"volint:[ \t]*(?P<verb>[A-Za-z][\w-]*)?[ \t]*(?:\[(?P<codes>[^\]\n]*)(?P<closed>\])?)?"
)
_REASON = r"[ \t]*(?:--+|[-:\u2013\u2014])?[ \t]*"
_ALMOST = r"(?i)ignor|disable|noqa|skip|suppress|allow"
_START, _END = "ignore-start", "ignore-end"
_VERBS = ("ignore", "file-ignore", _START, _END)


class Ignore(NamedTuple):
    """One ignore comment that can be understood."""

    codes: tuple[Text, ...]
    """The codes and names in its brackets."""
    reason: Text | None
    """Why, if it says so."""
    span: Span
    """The whole comment."""
    covers: tuple[int, int] | None
    """Range of the text it covers; None for the whole file."""
    brackets: Span
    """What stands between its brackets."""
    remove: tuple[Span, ...]
    """What goes with it."""


class _Block(NamedTuple):
    """A comment that begins or ends a block."""

    ignore: Ignore | None
    """What begins; None for an end."""
    span: Span
    remove: Span


class _Complaint(NamedTuple):
    """A comment that was surely meant to hide something and does not."""

    code: str
    span: Span
    message: str
    help: str
    fix: Fix | None = None


def ignores(source: Source) -> tuple[list[Ignore], list[Finding]]:
    """Return the ignore comments of a text, and findings for those that cannot be understood.

    Never fails.
    """
    from volint.parse.comments import comments

    found: list[Ignore] = []
    complaints: list[Finding] = []
    started: list[tuple[Ignore, int]] = []
    for comment in comments(source):
        read = _read(source, comment)
        if isinstance(read, Ignore):
            found.append(read)
        elif isinstance(read, _Complaint):
            complaints.append(_finding(read))
        elif read is not None and read.ignore is not None:
            started.append((read.ignore, comment.end))
        elif read is not None and started:
            ignore, start = started.pop()
            remove = (*ignore.remove, read.remove)
            found.append(ignore._replace(covers=(start, comment.start), remove=remove))
        elif read is not None:
            complaints.append(_finding(_unpaired(read.span, read.remove, "begins", _START)))
    for ignore, _ in started:
        complaints.append(_finding(_unpaired(ignore.span, ignore.remove[0], "ends", _END)))
    return found, complaints


def _unpaired(span: Span, remove: Span, verb: str, missing: str) -> _Complaint:
    return _Complaint(
        UNUSED,
        span,
        f"This ignore comment hides nothing: no '{missing}' {verb} its block",
        "write one, or remove this comment",
        Fix("remove the comment", (Edit(remove, ""),)),
    )


def _finding(complaint: _Complaint, target: str = "") -> Finding:
    name = "unused-ignore" if complaint.code == UNUSED else "unknown-rule"
    return Finding(
        complaint.code,
        name,
        complaint.span,
        complaint.message,
        help=complaint.help,
        fix=complaint.fix,
        target=target,
    )


def _read(source: Source, comment: Comment) -> Ignore | _Block | _Complaint | None:
    """Read one comment; None if it is only talk about volint."""
    start, end = comment.body
    match = re.compile(_DIRECTIVE).match(source.text, start, end)
    if match is None:
        return None
    verb = match["verb"] or ""
    span = Span(source, comment.start, comment.end)
    remove = Span(source, *comment.remove)
    if verb not in _VERBS:
        # Anything else may be talk about volint.
        if not re.search(_ALMOST, verb) and (match["codes"] is None or not closest(verb, _VERBS)):
            return None
        meant = "file-ignore" if "file" in verb.lower() else "ignore"
        return _Complaint(
            UNKNOWN,
            Span(source, *match.span("verb")),
            f"'{verb}' is nothing a comment can ask for",
            f"did you mean '{meant}[...]'?",
        )
    if comment.dead:
        return _Complaint(
            UNUSED,
            span,
            f"This ignore comment hides nothing: {comment.dead}",
            "put it on a line of its own above",
        )
    if verb == _END:
        return _Block(None, span, remove)
    codes = _codes(source, match) if match["closed"] else ()
    if not codes:
        return _Complaint(
            UNKNOWN,
            span,
            f"'{verb}' does not say which rules",
            f"name them, e.g. '{verb}[VL102]'",
        )
    reason = re.compile(_REASON).match(source.text, match.end(), end)
    at = reason.end() if reason else match.end()
    why = source.text[at:end].rstrip()
    ignore = Ignore(
        codes,
        Text(why, Span(source, at, at + len(why))) if why else None,
        span,
        comment.covers if verb == "ignore" else None,
        Span(source, *match.span("codes")),
        (remove,),
    )
    return _Block(ignore, span, remove) if verb == _START else ignore


def _codes(source: Source, match: re.Match[str]) -> tuple[Text, ...]:
    found = []
    at = match.start("codes")
    for part in match["codes"].split(","):
        word = part.strip()
        if word:
            start = at + part.index(word)
            found.append(Text(word, Span(source, start, start + len(word))))
        at += len(part) + 1
    return tuple(found)


class _Active:
    """An ignore comment in a run: which rules it stands for, which of them hid something."""

    __slots__ = ("codes", "ignore", "reasonless", "used")

    def __init__(self, ignore: Ignore, names: Mapping[str, str], *, reasonless: bool) -> None:
        self.ignore = ignore
        self.reasonless = reasonless
        self.codes = tuple((text, _code(text.value, names)) for text in ignore.codes)
        self.used: set[str] = set()

    def hides(self, code: str, start: int) -> bool:
        """Return whether it hides what a rule finds at an offset of its file, and remember it."""
        covers = self.ignore.covers
        if covers is not None and not covers[0] <= start < covers[1]:
            return False
        if self.reasonless or not any(own == code for _, own in self.codes):
            return False
        self.used.add(code)
        return True


def _code(reference: str, names: Mapping[str, str]) -> str | None:
    """Return the code that a code or name stands for, None if there is no such rule."""
    upper = reference.upper()
    return upper if upper in names.values() else names.get(reference.lower())


def suppress(
    found: Sequence[Finding],
    sources: Iterable[Source],
    known: Mapping[str, str],
    selected: Collection[str],
    require_reason: bool = False,
) -> tuple[list[Finding], int]:
    """Take out what the ignore comments of some sources hide.

    `known` maps the codes of all rules to their names, `selected` holds the codes of those that ran: what
    did not run cannot show that a comment is of no use. Returns what is left, VL002 and VL003 for
    comments that are unused or wrong included if those rules ran, and how many findings were hidden.
    """
    names = {name: code for code, name in known.items()}
    by_path: dict[str, list[_Active]] = {}
    complaints: list[Finding] = []
    for source in sources:
        if source.path in by_path or "volint:" not in source.text:
            continue
        read, wrong = ignores(source)
        complaints += wrong
        by_path[source.path] = [
            _Active(ignore, names, reasonless=require_reason and ignore.reason is None)
            for ignore in read
        ]
    if not by_path:
        return list(found), 0
    left = [_left(finding, by_path) for finding in found]
    kept = [finding for finding in left if finding is not None]
    everything = [active for actives in by_path.values() for active in actives]
    for active in everything:
        complaints += _unknown(active, known)
        complaints += _unused(active, selected)
    complaints = [complaint for complaint in complaints if complaint.code in selected]
    shown = [
        complaint
        for complaint in complaints
        if not _is_hidden(complaint.code, complaint.span, by_path)
    ]
    hidden = len(found) - len(kept) + len(complaints) - len(shown)
    return kept + shown, hidden


def _is_hidden(code: str, span: Span, by_path: Mapping[str, list[_Active]]) -> bool:
    """Return whether a comment hides what a rule finds at a place; all that do count as used."""
    actives = by_path.get(span.source.path, ())
    hiding = [active for active in actives if active.hides(code, span.start)]
    return bool(hiding)


def _left(finding: Finding, by_path: Mapping[str, list[_Active]]) -> Finding | None:
    """Return what is left of a finding: nothing, or the first of its places that no comment hides, with the others.

    What mends it mends all of them, and is left out where that is not wanted.
    """
    if not finding.also:
        return None if _is_hidden(finding.code, finding.span, by_path) else finding
    places = (finding.span, *finding.also)
    hidden = {place for place in places if _is_hidden(finding.code, place, by_path)}
    if not hidden:
        return finding
    open_ = [place for place in places if place not in hidden]
    if not open_:
        return None
    first, *others = open_
    gone = hidden.union((first,))
    labels = tuple(label for label in finding.labels if label.span not in gone)
    return finding._replace(span=first, labels=labels, also=tuple(others), fix=None)


def _unknown(active: _Active, known: Mapping[str, str]) -> list[Finding]:
    found = []
    for text, code in active.codes:
        if code is None:
            meant = closest(text.value, (*known, *known.values()))
            several = [code for code in known if code.startswith(text.value.upper())]
            if several:
                advice = "name each rule, or set 'per-file-ignores' in the configuration"
            elif meant:
                advice = f"did you mean '{meant}'?"
            else:
                advice = "`volint rules` lists them (is its pack installed?)"
            message = f"There is no rule '{text.value}'"
            found.append(_finding(_Complaint(UNKNOWN, text.span, message, advice), text.value))
    return found


def _unused(active: _Active, selected: Collection[str]) -> list[Finding]:
    ignore = active.ignore
    if active.reasonless:
        complaint = _Complaint(
            UNUSED,
            ignore.span,
            "This ignore comment hides nothing, because it does not say why",
            "write the reason behind the bracket: 'require-ignore-reason' is on",
        )
        return [_finding(complaint)]
    # What hides this very complaint is used by it.
    unused = [
        text
        for text, code in active.codes
        if code is not None and code in selected and code not in active.used and code != UNUSED
    ]
    if not unused:
        return []
    words = " and ".join(f"'{text.value}'" for text in unused)
    if len(unused) == len(active.codes):
        where = "in this file" if ignore.covers is None else "here"
        verb = "finds" if len(unused) == 1 else "find"
        span = ignore.span
        message = f"This ignore comment hides nothing: {words} {verb} nothing {where}"
        title = "remove the comment" if len(ignore.remove) == 1 else "remove both comments"
        edits = tuple(Edit(part, "") for part in ignore.remove)
    else:
        span = unused[0].span
        verb = "hides" if len(unused) == 1 else "hide"
        message = f"{words} in this ignore comment {verb} nothing"
        left = ", ".join(text.value for text, _ in active.codes if text not in unused)
        title, edits = f"remove {words} from it", (Edit(ignore.brackets, left),)
    complaint = _Complaint(UNUSED, span, message, title, Fix(title, edits))
    return [_finding(complaint, ",".join(text.value for text in unused))]
