"""Finds what looks like the value of a secret in a stretch of text, so that nobody prints it.

Made for single lines of YAML, shell, Dockerfiles, env files and JSON, and for values taken from them. It knows
secrets by the name they are given to (`DB_PASSWORD=`), by their place in a URL, and by the shape that well-known
services give their tokens. It would rather hide too much than too little; references to variables, which say
where a value comes from, stay readable.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from volint.source import Source

__all__ = [
    "MASK",
    "has_secret",
    "in_secret_block",
    "is_secret_name",
    "redact",
    "redact_value",
    "redact_words",
    "secret_ranges",
]

MASK = "***"
"""What is shown in place of a secret."""

_HINT = re.compile(
    r"(?i)pass|pw|secret|token|key|cred|auth|salt|pepper|jwt|bearer|basic|://|login|curl"
    r"|gh[a-z]_|glpat|sk[-_]|rk_|hf_|npm_|a[ks]ia|aiza|sg\.|xox|eyj|\$(?:apr1|2[abxy]|[156])\$"
)

_SECRET_NAME = re.compile(
    r"""(?ix)
    (?<!com) (?<!by) (?<!sur) (?<!tres) pass (?![a-z]) | passw(?:or)?d | passphrase | passcode | masterauth
    | (?:^|[_.-]) (?:pwd|pw|psw) (?:$|[_.-]) | secret | token (?!i[sz]) | credential
    | (?:api|app|access|private|secret|encryption|encrypt|signing|master|auth|account|storage|license|ssh|
        session|hmac|cipher|aes|jwt|shared|crypto|service|deploy|vapid|root)[_.-]?key (?:s? (?![a-z]))
    | (?:^|[a-z0-9][_.-]) key (?:$|[_.-]base64$) | (?:^|[_.-]) (?:salt|pepper|jwt) $
    """
)
_KEY_ONLY = re.compile(r"(?i)key")
_NOT_SECRET_NAME = re.compile(
    r"""(?ix)
    ^ (?:key|secrets|x-secrets?) $ | public | (?:^|[_.-]) (?:max|min|num) [_.-]
    | [_.-]? (?:files?|paths?|dirs?|names?|ttl|length|size|expir(?:y|es|es_in|ation)|timeout|lifetime|age|algorithm|
        policy|enabled|required|type|url|uri|endpoint|header|field|prefix|issuer|audience|count|rotation|hash_rounds|provider|manager|
        min|max|reset|store|version|minutes|hours|days|seconds|limit|mode|mount|target|source) $
    """
)

_ASSIGNMENT = re.compile(
    r"""(?x)
    (?P<name> [A-Za-z_] [\w.-]* )
    (?: (?P<eq> \??=|\+= ) | ["']? [ \t]* : (?:[ \t]+|(?<=["']:)) (?P<colon>) )
    """
)
_FLAG = re.compile(
    r"""(?x) (?<! [\w-] ) --? (?P<name> [A-Za-z] [\w.-]* ) (?: [ \t]+ | ["'] [ \t]* , [ \t]* (?=["']) ) (?! - | ["']- )"""
)
_LEGACY_ENV = re.compile(r"(?i)^[ \t]*(?:ENV|LABEL)[ \t]+(?P<name>[A-Za-z_][\w.-]*)[ \t]+(?!=)")
_DEFAULT = re.compile(r"\$\{(?P<name>\w+)(?P<op>:?[-=+])")
_SHAPES = re.compile(
    r"""(?x)
      gh[opsur]_ [A-Za-z0-9]{20,} | github_pat_ \w{20,} | glpat- [\w-]{16,} | dckr_pat_ [\w-]{16,}
    | xox[abeprs]- [\w-]{10,} | sk- [A-Za-z0-9_-]{20,} | [rs]k_(?:live|test)_ \w{10,} | hf_ [A-Za-z0-9]{20,}
    | npm_ [A-Za-z0-9]{30,} | A[KS]IA [0-9A-Z]{16} | AIza [\w-]{30,} | SG\. [\w-]{16,} \. [\w-]{16,}
    | eyJ [\w-]{8,} \. [\w-]+ (?: \. [\w-]* )? | (?<= PRIVATE[ ]KEY----- ) [^\s"'-] [^"'-]*
    | \$\$? (?:apr1|2[abxy]|[156]) \$ [\w./$=]{8,}
    """
)
_PLACES = (
    re.compile(r"""[A-Za-z][\w+.-]*://[^\s/@:"'<>]*:(?P<value>[^\s/"']+)@"""),
    re.compile(r"""[A-Za-z][\w+.-]*://(?P<value>(?=[^\s/@:"']*\d)[^\s/@:"'$]{20,})@"""),
    re.compile(r"""\bcurl\b.*?[ \t](?:-u|--user)[ \t=]?["']?[^\s:"']+:(?P<value>[^\s"']+)"""),
    re.compile(r"""\blogin\b.*?[ \t]-p[ \t=]?["']?(?P<value>[^\s"']+)"""),
    re.compile(r"""\bsshpass\b[ \t]+-p[ \t]*["']?(?P<value>[^\s"']+)"""),
    re.compile(r"""(?i)\b(?:Bearer|Basic)[ \t]+(?P<value>[\w.~+/=-]{8,})"""),
)
_HARMLESS = re.compile(
    r"(?i)^(?:true|false|yes|no|on|off|null|none|nil|~|[01]|/run/secrets/\S*|/dev/\S*|\*+)$"
)
_PATH_LIKE = re.compile(r"^(?:~|\.{1,2})?/")
_ENCODED_LINE = re.compile(
    r"^[ \t]*(?=[^a-z\n]*[a-z])(?=[^A-Z\n]*[A-Z])[A-Za-z0-9+/]{60,76}={0,2}[ \t]*$"
)
_BLOCK_SEARCH = 200
_BLOCK_KEY = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?["']?(?P<name>[\w.-]+)["']?[ \t]*:[ \t]*[|>][-+0-9]*[ \t]*(?:\#.*)?$"""
)
_VARIABLE = re.compile(r"\$\w+")
_REFERENCE = re.compile(r"\$\{\{.*?\}\}|\$\(.*|`.*|\{\{.*?\}\}")


def is_secret_name(name: str) -> bool:
    """Return whether a variable, key or flag of that name is likely to hold a secret's value."""
    return bool(_SECRET_NAME.search(name)) and not _NOT_SECRET_NAME.search(name)


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


def _literal(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what of text[start:end] is written out: neither a variable nor a command's output."""
    if _VARIABLE.fullmatch(text, start, end):
        return
    at = begin = start
    while at < end:
        found = None
        if text[at] in "$`{" and not text.startswith("$$", at):
            if text.startswith("${", at) and not text.startswith("${{", at):
                stop = _braces_end(text, at, end)
                default = _DEFAULT.match(text, at, stop)
                if begin < at:
                    yield begin, at
                if default:
                    yield from _literal(text, default.end(), stop - 1)
                at = begin = stop
                continue
            found = _REFERENCE.match(text, at, end)
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
    found = re.compile(r"[ \t]+(?:#|$)").search(text, start, end)
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
    if re.match(r"[ \t]*-[ \t]+\"?$", text[:name]):
        return _comment_start(text, start, end)
    return _word_end(text, start, end, ";|)<>")


def _names_a_secret(text: str, start: int, name: str) -> bool:
    """Return whether what follows is a secret's name: `--secret id=x`, a quadlet's `Secret=x`."""
    return name == "Secret" or (name.lower() == "secret" and text[start - 1 : start] == "-")


def _assigned(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, name) of the values given to names that look like those of secrets."""
    for pattern in (_ASSIGNMENT, _FLAG, _LEGACY_ENV):
        for match in pattern.finditer(text):
            name = match["name"].strip("-.")
            if not is_secret_name(name) or _names_a_secret(text, match.start("name"), name):
                continue
            start, end = match.end(), len(text)
            colon = pattern is _LEGACY_ENV or (
                pattern is _ASSIGNMENT and match["colon"] is not None
            )
            if colon:
                skip = re.compile(r"(?:[!&][^\s,\]}]*[ \t]+)*").match(text, start)
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
    if not value or _HARMLESS.match(value):
        return True
    return bool(_KEY_ONLY.search(name) and _PATH_LIKE.match(value))


def secret_ranges(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of everything in one line or value that must not be shown, in order, disjoint."""
    if not _HINT.search(text):
        return []
    found: list[tuple[int, int]] = []
    for start, end, name in _assigned(text):
        if not _is_harmless(name, text[start:end].strip()):
            found.extend(_literal(text, start, end))
    for match in _DEFAULT.finditer(text):
        if is_secret_name(match["name"]) and match["op"] != ":+":
            stop = _braces_end(text, match.start(), len(text))
            if not _is_harmless(match["name"], text[match.end() : stop - 1]):
                found.extend(_literal(text, match.end(), stop - 1))
    for pattern in _PLACES:
        for match in pattern.finditer(text):
            found.extend(_literal(text, *match.span("value")))
    found.extend(match.span() for match in _SHAPES.finditer(text))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def redact(text: str) -> str:
    """Return a text with `***` for everything in it that looks like a secret's value."""
    return _mask(text, secret_ranges(text))


def has_secret(text: str) -> bool:
    """Return whether something in a text looks like a secret's value."""
    return any(secret_ranges(line) for line in text.split("\n"))


def _mask(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(ranges):
        text = text[:start] + MASK + text[end:]
    return text


def redact_value(name: str, value: str) -> str:
    """Return the value of a variable, option or label of that name as it may be shown."""
    if not is_secret_name(name):
        return redact(value)
    if _is_harmless(name, value):
        return value
    return _mask(value, list(_literal(value, 0, len(value))))


def redact_words(words: Sequence[str]) -> list[str]:
    """Return the words of a command with the secrets among them masked, also behind their flags."""
    shown = []
    flag = ""
    for word in words:
        if flag and not word.startswith("-"):
            shown.append(redact_value(flag, word))
        else:
            shown.append(redact(word))
        flag = word.lstrip("-") if word.startswith("-") and "=" not in word else ""
        if not is_secret_name(flag) or flag == "secret":
            flag = ""
    return shown


def in_secret_block(source: Source, offset: int) -> bool:
    """Return whether the line of an offset holds nothing but a part of a secret's value.

    That is a line of a YAML block (`|` or `>`) below a secret's name, and of a key in PEM form.
    """
    number, _ = source.position(offset)
    text = source.line_span(number).text()
    if _ENCODED_LINE.match(text):
        return True
    indent = len(text) - len(text.lstrip())
    for above in range(number - 1, max(number - _BLOCK_SEARCH, 0), -1):
        text = source.line_span(above).text()
        if text.strip() and len(text) - len(text.lstrip()) < indent:
            key = _BLOCK_KEY.match(text)
            return bool(key and is_secret_name(key["name"]))
    return False
