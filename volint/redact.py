"""Hides what looks like the value of a secret, so that nobody prints it.

Made for single lines of YAML, shell, Dockerfiles, env files and JSON, and for values taken from them. It knows
secrets by the name they are given to (`DB_PASSWORD=`), by their place in a URL, and by the shape that well-known
services give their tokens. It would rather hide too much than too little; references to variables, which say
where a value comes from, stay readable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.secretnames import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.source import Source

__all__ = [
    "MASK",
    "has_secret",
    "in_secret_block",
    "redact",
    "redact_value",
    "redact_words",
    "secret_ranges",
]

MASK = "***"
"""What is shown in place of a secret."""

_HINTS = (
    *("pass", "pw", "psw", "secret", "token", "key", "cred", "auth", "salt", "pepper", "jwt"),
    *("-cli", "mysql", "mariadb", "sqlcmd", "mongo", "identified", "users", "accounts", "logins"),
    *("://", "login", "curl", "xox", "sg.", "eyj", "akia", "asia", "aiza"),
)
_SIGN_HINTS = (
    *("ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "dckr_pat_", "npm_", "hf_"),
    *("sk-", "sk_", "rk_", "$apr1$", "$2a$", "$2b$", "$2x$", "$2y$", "$1$", "$5$", "$6$"),
)
"""Each has one of '_', '-' and '$' in it."""
_BLOCK_SEARCH = 200
_ENCODED_LINE = range(60, 79)
_ENCODED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def secret_ranges(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of everything in one line or value that must not be shown, in order, disjoint."""
    if not _may_hold_secret(text.lower()):
        return []
    from volint.secretscan import scan

    return scan(text)


def _may_hold_secret(lower: str) -> bool:
    """Return False where nothing hints at a secret: every line and name that is shown is asked about."""
    for hint in _HINTS:
        if hint in lower:
            return True
    if "_" in lower or "-" in lower or "$" in lower:
        for hint in _SIGN_HINTS:
            if hint in lower:
                return True
    return False


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
    from volint.secretscan import literal_ranges

    return _mask(value, literal_ranges(name, value))


def redact_words(words: Sequence[str]) -> list[str]:
    """Return the words of a command with the secrets among them masked, also behind their flags."""
    shown = []
    flag = ""
    at = 0
    # What stands before a word may say that it is a secret: a program, a flag of one letter.
    ranges = secret_ranges(" ".join(words))
    for word in words:
        if flag and not word.startswith("-"):
            text = redact_value(flag, word)
        else:
            text = redact(word)
        end = at + len(word)
        here = [
            (max(first, at) - at, min(last, end) - at)
            for first, last in ranges
            if first < end and last > at
        ]
        shown.append(_mask(word, here) if here and text == word else text)
        at = end + 1
        flag = word.lstrip("-") if word.startswith("-") and "=" not in word else ""
        if not is_secret_name(flag) or flag == "secret":
            flag = ""
    return shown


def _is_encoded(text: str) -> bool:
    """Return whether a line is nothing but base64, as in a PEM file; hexadecimal digits are not."""
    return (
        len(text) in _ENCODED_LINE
        and _ENCODED.issuperset(text)
        and not text.islower()
        and not text.isupper()
    )


def in_secret_block(source: Source, offset: int) -> bool:
    """Return whether the line of an offset holds nothing but a part of a secret's value.

    That is a line of a YAML block (`|` or `>`) below a secret's name, and of a key in PEM form.
    """
    number, _ = source.position(offset)
    text = source.line(number)
    if _is_encoded(text.strip()):
        return True
    indent = len(text) - len(text.lstrip())
    if not indent or ("|" not in source.text and ">" not in source.text):
        return False
    for above in range(number - 1, max(number - _BLOCK_SEARCH, 0), -1):
        text = source.line(above)
        if text.strip() and len(text) - len(text.lstrip()) < indent:
            key, colon, value = text.strip().removeprefix("- ").partition(":")
            opens = bool(colon) and value.lstrip().startswith(("|", ">"))
            return opens and is_secret_name(key.strip(" \"'"))
    return False
