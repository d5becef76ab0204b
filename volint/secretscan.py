"""The search for secrets in text, for `volint.redact`: what a hint there makes worth looking at."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from volint.secretnames import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["literal_ranges", "scan"]

_compiled = functools.cache(re.compile)
"""Most runs need none of these patterns, few need all: each is compiled when it is first used."""

_ASSIGNMENT = r"""(?x)
    (?P<name> [A-Za-z_] [\w.-]* )
    (?: (?P<eq> \??=|\+= ) | ["']? [ \t]* : (?:[ \t]+|(?<=["']:)) (?P<colon>) )
"""
_FLAG = r"""(?x)
    (?<! [\w-] ) --? (?P<name> [A-Za-z] [\w.-]* )
    (?: [ \t]+ | ["'] [ \t]* , [ \t]* (?=["']) ) (?! - | ["']- )
"""
_LEGACY_ENV = r"^[ \t]*(?:ENV|LABEL|env|label)[ \t]+(?P<name>[A-Za-z_][\w.-]*)[ \t]+(?!=)"
_DEFAULT = r"\$\{(?P<name>\w+)(?P<op>:?[-=+])"
_TAG = r"(?:[!&][^\s,\]}]*[ \t]+)*"
_COMMENT = r"[ \t]+(?:#|$)"
_LIST_ITEM = r"[ \t]*-[ \t]+\"?$"
_REFERENCE = r"\$\{\{.*?\}\}|\$\(.*|`.*|\{\{.*?\}\}"

_LISTED = r"""(?i)(?:users|accounts|logins)["']?[ \t]*[:=][ \t]*["']?[\w.@-]+:(?P<value>[^\s"']+)"""
_NEXT = r"""["']?,?[ \t]+["']?(?!\d[\d.:-]*(?:[\s"',]|$))(?P<value>[^\s"',]+)"""
"""The word behind a flag, unless it is a port."""
_ATTACHED = (
    r"""\b(?:mysql|mariadb)[\w-]*.*?[ \t"',]-p(?!\d[\d.:-]*(?:[\s"',]|$))(?P<value>[^\s"',]+)"""
)
_NAMED = (
    (_ASSIGNMENT, ("=", ":")),
    (_FLAG, ("-",)),
    (_LEGACY_ENV, ("ENV", "LABEL", "env", "label")),
)
"""Where names and values are looked for: the pattern, and what it cannot match without."""

_PLACES = (
    ("@", r"""[A-Za-z][\w+.-]*://[^\s/@:"'<>]*:(?P<value>[^\s/"']+)@"""),
    ("@", r"""[A-Za-z][\w+.-]*://(?P<value>(?=[^\s/@:"']*\d)[^\s/@:"'$]{20,})@"""),
    ("curl", r"""\bcurl\b.*?[ \t](?:-u|--user)[ \t=]?["']?[^\s:"']+:(?P<value>[^\s"']+)"""),
    ("login", r"""\blogin\b.*?[ \t]-p[ \t=]?["']?(?P<value>[^\s"']+)"""),
    ("sshpass", r"""\bsshpass\b[ \t]+-p[ \t]*["']?(?P<value>[^\s"']+)"""),
    (
        "authorization",
        r"""(?i)authorization["']?[ \t]*[:=].*?\b(?:bearer|basic)[ \t]+(?P<value>[\w.~+/=-]{8,})""",
    ),
    ("_auth", r"""(?i)_auth["']?[ \t]*[:=][ \t]*["']?[\w.@-]+/(?P<value>[^\s"',]+)"""),
    ("users", _LISTED),
    ("accounts", _LISTED),
    ("logins", _LISTED),
    ("-cli", rf"""\b(?:redis|valkey|keydb)-cli\b.*?[ \t"',](?:-a|auth|AUTH){_NEXT}"""),
    ("sqlcmd", rf"""\bsqlcmd\b.*?[ \t"',]-P{_NEXT}"""),
    ("mongo", rf"""\bmongo\w*\b.*?[ \t"',]-p{_NEXT}"""),
    ("mysql", _ATTACHED),
    ("mariadb", _ATTACHED),
    ("chpasswd", r"""\b(?:echo|printf)[ \t]+["']?[\w.-]+:(?P<value>[^\s"']+).*chpasswd"""),
    ("chpasswd", r"""\bchpasswd\b.*?<<<[ \t]*["']?[\w.-]+:(?P<value>[^\s"']+)"""),
    (
        "passwd",
        r"""\b(?:echo|printf)[ \t]+(?:-\w+[ \t]+)*["']?(?P<value>[^|"']+?)["']?[ \t]*\|[^|]*\bpasswd\b""",
    ),
    ("passwd", r"""\bpasswd\b[^|;&]*?<<<[ \t]*["']?(?P<value>[^\s"']+)"""),
    (
        "openssl passwd",
        r"""\bopenssl[ \t]+passwd(?:[ \t]+-salt[ \t]+\S+|[ \t]+-(?!salt[ \t])\w+)*[ \t]+["']?(?P<value>[^\s"'|)-][^\s"'|)]*)""",
    ),
    ("identified by", r"""(?i)identified[ \t]+by[ \t]+["'](?P<value>[^"']+)"""),
    ("private key-----", r"""PRIVATE KEY-----(?P<value>[^"'-]+)"""),
)
"""Where a value is a secret: a word that must be there, in lower case, and the pattern."""

_SHAPES = (
    ("gh", r"gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}"),
    ("glpat-", r"glpat-[\w-]{16,}"),
    ("dckr_pat_", r"dckr_pat_[\w-]{16,}"),
    ("xox", r"xox[abeprs]-[\w-]{10,}"),
    ("sk-", r"\bsk-[\w-]{20,}"),
    ("k_", r"\b[rs]k_(?:live|test)_\w{10,}"),
    ("hf_", r"\bhf_[A-Za-z0-9]{20,}"),
    ("npm_", r"npm_[A-Za-z0-9]{30,}"),
    ("kia", r"AKIA[0-9A-Z]{16}"),
    ("asia", r"ASIA[0-9A-Z]{16}"),
    ("aiza", r"AIza[\w-]{30,}"),
    ("sg.", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    ("eyj", r"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),
    ("$", r"\$\$?(?:apr1|2[abxy]|[156])\$[\w./$=]{8,}"),
)
"""What a secret of a well-known service looks like, likewise."""

_SWITCHES = frozenset(
    {"true", "false", "yes", "no", "on", "off", "null", "none", "nil", "~", "0", "1"}
)
_SIGNS = "*<>|&;(){}[]\\\"', "
_WHERE_SECRETS_ARE = ("/run/secrets/", "/dev/")
_PATHS = ("/", "./", "../", "~/")


def _braces_end(text: str, start: int, end: int) -> int:
    """Return the offset after the '}' that closes the '${' at `start`, or `end`."""
    depth = 0
    for at in range(start, end):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at + 1
    return end


def _literal(text: str, start: int, end: int, name: str = "") -> Iterator[tuple[int, int]]:
    """Yield what of text[start:end] is written out: neither a variable nor a command's output.

    `name` is the name the value has, where it has one.
    """
    if text[start : start + 1] == "$" and text[start + 1 : end].isidentifier():
        return
    at = begin = start
    while at < end:
        found = None
        if text[at] in "$`{" and not text.startswith("$$", at):
            if text.startswith("${", at) and not text.startswith("${{", at):
                stop = _braces_end(text, at, end)
                default = _compiled(_DEFAULT).match(text, at, stop)
                if begin < at:
                    yield begin, at
                if default and not _is_harmless(name, text[default.end() : stop - 1]):
                    yield from _literal(text, default.end(), stop - 1, name)
                at = begin = stop
                continue
            found = _compiled(_REFERENCE).match(text, at, end)
        if found:
            if begin < at:
                yield begin, at
            at = begin = found.end()
        else:
            at += 2 if text.startswith("$$", at) else 1
    if begin < end:
        yield begin, end


def _quote_around(text: str, at: int) -> str:
    """Return the quote that is open at an offset of a line, or ''."""
    quote = ""
    previous = ""
    for char in text[:at]:
        if quote:
            if char == quote and previous != "\\":
                quote = ""
        elif char in "\"'" and not previous.isalnum():
            quote = char
        previous = char
    return quote


def _quoted_end(text: str, start: int, end: int) -> int:
    quote = text[start]
    at = start + 1
    while at < end:
        if text[at] == "\\" and quote == '"':
            at += 1
        elif text[at] == quote:
            return at
        at += 1
    return end


def _word_end(text: str, start: int, end: int, stops: str) -> int:
    """Return where a shell word ends: at a blank or one of `stops`, outside of quotes and `${}`."""
    at = start
    while at < end:
        char = text[at]
        if char in stops or char in " \t":
            return at
        if char in "\"'":
            at = _quoted_end(text, at, end)
        elif char == "\\":
            at += 1
        elif text.startswith("${", at):
            at = _braces_end(text, at, end) - 1
        at += 1
    return min(at, end)


def _comment_start(text: str, start: int, end: int) -> int:
    found = _compiled(_COMMENT).search(text, start, end)
    return found.start() if found else end


def _value_end(text: str, name: int, start: int, end: int, colon: bool) -> int:
    """Return where the value that starts at `start` ends; its name starts at `name`."""
    around = _quote_around(text, name)
    if around and not (colon and text[start - 1 : start] in " \t"):
        closing = text.find(around, start, end)
        if closing >= 0:
            end = closing
    before = text[name - 1 : name]
    if colon:
        opened = text.count("{", 0, name) > text.count("}", 0, name)
        if opened:
            return (
                _word_end(text, start, end, ",}")
                if text[start] in "\"'"
                else min(
                    (at for at in (text.find(stop, start, end) for stop in ",}") if at >= 0),
                    default=end,
                )
            )
        return _comment_start(text, start, end)
    if before and before in "?&":
        return _word_end(text, start, end, "&#\"'")
    if before and before in ",;":
        return _word_end(text, start, end, ",;\"'")
    if around:
        return end
    if _compiled(_LIST_ITEM).match(text[:name]):
        return _comment_start(text, start, end)
    return _word_end(text, start, end, "")


def _names_a_secret(text: str, start: int, name: str) -> bool:
    """Return whether what follows is a secret's name: `--secret id=x`, a quadlet's `Secret=x`."""
    return name == "Secret" or (name.lower() == "secret" and text[start - 1 : start] == "-")


def _assigned(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, name) of the values given to names that look like those of secrets."""
    for pattern, signs in _NAMED:
        if not any(sign in text for sign in signs):
            continue
        for match in _compiled(pattern).finditer(text):
            name = match["name"].strip("-.")
            if not is_secret_name(name) or _names_a_secret(text, match.start("name"), name):
                continue
            start, end = match.end(), len(text)
            colon = pattern is _LEGACY_ENV or (
                pattern is _ASSIGNMENT and match["colon"] is not None
            )
            if colon:
                skip = _compiled(_TAG).match(text, start)
                start = skip.end() if skip else start
                if text[start : start + 1] in tuple("|>[{*#") or (text.startswith("- ", start)):
                    continue
            if start >= end:
                continue
            if text[start] in "\"'":
                yield start + 1, _quoted_end(text, start, end), name
            else:
                yield start, _value_end(text, match.start("name"), start, end, colon), name


def _is_harmless(name: str, value: str) -> bool:
    """Return whether a value under a secret's name is none: empty, a switch, the path of a key."""
    if not value or value.lower() in _SWITCHES or value.startswith(_WHERE_SECRETS_ARE):
        return True
    if not value.strip(_SIGNS):
        return True
    path = value.startswith(_PATHS) or value in (".", "..")
    return path and ("key" in name.lower() or name.lower() == "pwd")


def literal_ranges(name: str, value: str) -> list[tuple[int, int]]:
    """Return what must not be shown of the value that a secret's name has."""
    return [] if _is_harmless(name, value) else list(_literal(value, 0, len(value), name))


def scan(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of everything in one line or value that must not be shown, in order, disjoint."""
    found: list[tuple[int, int]] = []
    for start, end, name in _assigned(text):
        if not _is_harmless(name, text[start:end].strip()):
            found.extend(_literal(text, start, end, name))
    if "${" in text:
        for match in _compiled(_DEFAULT).finditer(text):
            if is_secret_name(match["name"]) and not match["op"].endswith("+"):
                stop = _braces_end(text, match.start(), len(text))
                if not _is_harmless(match["name"], text[match.end() : stop - 1]):
                    found.extend(_literal(text, match.end(), stop - 1))
    lower = text.lower()
    for word, pattern in _PLACES:
        if word in lower:
            for match in _compiled(pattern).finditer(text):
                found.extend(_literal(text, *match.span("value")))
    for word, pattern in _SHAPES:
        if word in lower:
            found.extend(match.span() for match in _compiled(pattern).finditer(text))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged
