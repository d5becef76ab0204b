""".dockerignore: its patterns with their places, and the matcher.

The behaviour is BuildKit's (moby/patternmatcher 0.6 as the file transfer uses it), which walks the
tree and hands each directory's results per pattern down to what lies in it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from volint.parse.gopath import BadPatternError, match, path_clean
from volint.parse.goregexp import BadExpressionError, Expression
from volint.record import NamedTuple
from volint.source import Problem, Source, Span, Text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Dockerignore", "Pattern", "parse", "parse_patterns"]

# What Go trims: Unicode white space, but not the separators \x1c to \x1f that `str.strip` trims too.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_LONGEST_LINE = 65536
_WILDCARDS = "*?["


class Pattern(NamedTuple):
    """One line that counts."""

    text: Text
    """As written, trimmed, with the '!' if it has one."""
    cleaned: str
    """The path it is compared with, without '!', '.' components, doubled or outer '/'."""
    negated: bool
    """True for an exception ('!')."""

    @property
    def span(self) -> Span:
        """Where it is written."""
        return self.text.span


class _Test(NamedTuple):
    """How one pattern is compared."""

    matches: Callable[[str], bool]
    kind: str
    """'exact', 'prefix', 'suffix', 'regex' or 'broken'."""
    value: str = ""
    expression: Expression | None = None


class Dockerignore:
    """The patterns of one ignore file, in order, and which paths they exclude."""

    def __init__(
        self, patterns: tuple[Pattern, ...], source: Source | None = None, *, refused: bool = False
    ) -> None:
        self.patterns = patterns
        self.source = source
        self.refused = refused
        """True if Docker refuses the file, and with it every build that reads it."""
        self._tests: list[tuple[bool, _Test]] = [(p.negated, _test(p.cleaned)) for p in patterns]
        self._has_exceptions = any(p.negated for p in patterns)
        self._states: dict[str, tuple[bool, int]] = {"": (False, 0)}
        self._prepare()

    def _prepare(self) -> None:
        """Make the test that most paths of a context fail at once: does any normal pattern match?"""
        normal = [test for negated, test in self._tests if not negated]
        self._exact = frozenset(test.value for test in normal if test.kind == "exact")
        self._prefixes = tuple(test.value for test in normal if test.kind == "prefix")
        self._suffixes = tuple(test.value for test in normal if test.kind == "suffix")
        self._suffix_roots = frozenset(
            test.value[1:] for test in normal if test.kind == "suffix" and test.value[:1] == "/"
        )
        simple = []
        self._searches: list[Callable[[str], bool]] = []
        for test in normal:
            if test.expression is not None:
                if test.expression.is_simple:
                    simple.append(test.expression.regex)
                else:
                    self._searches.append(test.matches)
        self._regex = re.compile("|".join(simple), re.ASCII).match if simple else None

    def _any_normal(self, path: str) -> bool:
        return (
            path in self._exact
            or path.endswith(self._suffixes)
            or path in self._suffix_roots
            or path.startswith(self._prefixes)
            or (self._regex is not None and self._regex(path) is not None)
            or any(search(path) for search in self._searches)
        )

    def step(self, path: str, parent: int = 0) -> tuple[bool, int]:
        """Return whether a path is excluded, and what to hand down to what lies in it.

        The path is relative to the context's root, with '/'. `parent` is what this returned for the
        directory it is in: bit i set means that pattern i matched there; 0 for the root.
        """
        if not parent and not self._any_normal(path):
            return False, 0
        excluded = False
        state = 0
        bit = 1
        for negated, test in self._tests:
            # An exception is not even compared while nothing has excluded the path, and is then
            # not handed down either.
            if parent & bit or (negated == excluded and test.matches(path)):
                state |= bit
                excluded = not negated
            bit <<= 1
        return excluded, state

    def excluded(self, path: str) -> bool:
        """Return whether a build excludes a path relative to the context's root, there or not."""
        return self._walk(path)[0]

    def _walk(self, path: str) -> tuple[bool, int]:
        found = self._states.get(path)
        if found is None:
            directory = path.rpartition("/")[0]
            found = self._states[path] = self.step(path, self._walk(directory)[1])
        return found

    def prunes(self, directory: str) -> bool:
        """Return whether nothing below an excluded directory can be brought back by an exception."""
        if not self._has_exceptions:
            return True
        inside = directory + "/"
        for negated, test in self._tests:
            if negated and not (
                test.kind == "broken"
                or (test.kind == "exact" and not (test.value + "/").startswith(inside))
            ):
                return False
        return True

    def last_match(self, path: str) -> Pattern | None:
        """Return the pattern that decides about a path; None if none matches."""
        state = self._walk(path)[1]
        return self.patterns[state.bit_length() - 1] if state else None


def parse(source: Source) -> tuple[Dockerignore, tuple[Problem, ...]]:
    """Read an ignore file. Never raises; a pattern that Docker refuses is a problem and matches nothing."""
    patterns: list[Pattern] = []
    problems: list[Problem] = []
    refused = False
    text = source.text
    start = 0
    for line in text.split("\n"):
        begin = start
        start += len(line) + 1
        # The comment test comes before the trimming: ' # x' is a pattern.
        if line.startswith("#"):
            continue
        stripped = line.strip(_SPACE)
        if not stripped:
            continue
        begin += line.index(stripped)
        span = Span(source, begin, begin + len(stripped))
        if len(line) >= _LONGEST_LINE // 4 and len(line.encode()) >= _LONGEST_LINE:
            refused = True
            shown = Span(source, begin, begin + 40)
            problems.append(
                Problem(
                    "VL001",
                    "a line is longer than the 65,535 bytes that Docker reads",
                    shown,
                    "write shorter lines, one pattern on each",
                )
            )
            break
        normal = _normalized(stripped)
        if not normal:
            continue
        negated = normal.startswith("!")
        cleaned = normal[1:] if negated else normal
        complaint = ""
        if not cleaned:
            complaint, help_ = (
                f"'{stripped}' re-includes nothing, and Docker refuses it",
                "name a path after the '!'",
            )
        else:
            complaint, help_ = _complaint(stripped, cleaned)
        if complaint:
            refused = True
            problems.append(Problem("VL001", complaint, span, help_))
        else:
            patterns.append(Pattern(Text(stripped, span), cleaned, negated))
    return Dockerignore(tuple(patterns), source, refused=refused), tuple(problems)


def parse_patterns(patterns: tuple[str, ...]) -> Dockerignore:
    """Return the matcher of patterns from elsewhere (COPY --exclude); wrong ones match nothing."""
    kept = []
    for text in patterns:
        source = Source("", text)
        normal = _cleaned_again(text)
        cleaned = normal.removeprefix("!")
        if cleaned and not _complaint(text, cleaned)[0]:
            kept.append(Pattern(Text(text, Span(source, 0, len(text))), cleaned, normal[:1] == "!"))
    return Dockerignore(tuple(kept))


def _normalized(line: str) -> str:
    """Do to a trimmed line what Docker does: clean the path behind the '!', make it relative."""
    negated = line.startswith("!")
    pattern = line[1:].strip(_SPACE) if negated else line
    if pattern:
        pattern = path_clean(pattern)
        if len(pattern) > 1 and pattern[0] == "/":
            pattern = pattern[1:]
    return _cleaned_again("!" + pattern if negated else pattern)


def _cleaned_again(pattern: str) -> str:
    """Do what the matcher does to each pattern it is given: '!/' becomes the illegal '!'."""
    pattern = pattern.strip(_SPACE)
    return path_clean(pattern) if pattern else ""


def _complaint(written: str, cleaned: str) -> tuple[str, str]:
    """Return why Docker refuses a pattern and what to do; '' if it does not."""
    try:
        match(cleaned, ".")
    except BadPatternError:
        if cleaned.endswith("\\"):
            return (
                f"'{written}' ends with a backslash that escapes nothing, and Docker refuses the file",
                "remove it",
            )
        return (
            f"'{written}' holds a bracket that opens no valid set, and Docker refuses the file",
            "close it, or write '\\[' for the character itself; '-' needs a backslash, too",
        )
    if _test(cleaned).kind == "broken":
        return (
            f"'{written}' is no valid pattern, and the build fails when a file is compared with it",
            "a backslash goes before a punctuation character alone",
        )
    return "", ""


def _never(_path: str) -> bool:
    return False


@lru_cache(maxsize=512)
def _test(cleaned: str) -> _Test:
    kind, expression = _translate(cleaned)
    if kind == "exact":
        return _Test(cleaned.__eq__, kind, cleaned)
    if kind == "prefix":
        prefix = cleaned[:-2]
        return _Test(lambda path: path.startswith(prefix), kind, prefix)
    if kind == "suffix":
        suffix = cleaned[2:]
        if suffix[:1] == "/":
            return _Test(lambda path: path.endswith(suffix) or path == suffix[1:], kind, suffix)
        return _Test(lambda path: path.endswith(suffix), kind, suffix)
    try:
        compiled = Expression(expression)
    except (BadExpressionError, RecursionError, OverflowError):
        return _Test(_never, "broken")
    return _Test(compiled.search, kind, cleaned, compiled)


def _translate(pattern: str) -> tuple[str, str]:
    """Return how Docker compares a pattern, and the Go expression it makes of it.

    '.', '+', '(', ')' and '$' are escaped on the way; '{', '}', '|' and '^' are not.
    """
    if pattern.startswith("\ufeff"):
        text = pattern[1:]
    else:
        text = pattern
    kind = "exact"
    out = ["^"]
    at = 0
    first = True
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*" and text.startswith("*", at):
            at += 1
            if text.startswith("/", at):
                at += 1
            if at == len(text):
                if kind == "exact":
                    kind = "prefix"
                else:
                    out.append(".*")
                    kind = "regex"
            else:
                out.append("(.*/)?")
                kind = "regex"
            if first:
                kind = "suffix"
        elif char == "*":
            out.append("[^/]*")
            kind = "regex"
        elif char == "?":
            out.append("[^/]")
            kind = "regex"
        elif char in ".+()$":
            out.append("\\" + char)
        elif char == "\\":
            out.append("\\")
            if at < len(text):
                out.append(text[at])
                at += 1
                kind = "regex"
        else:
            out.append(char)
            if char in "[]":
                kind = "regex"
        first = False
    out.append("$")
    return kind, "".join(out)
