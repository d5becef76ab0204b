"""What `${NAME%pattern}` and its kin make of known values, `$'...'` escapes and `$((...))`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.bits import Bit
from volint.parse.shellstate import Array, Scalar

if TYPE_CHECKING:
    from volint.parse.shellstate import State

__all__ = ["ANSI", "arithmetic", "is_own_directory", "transform"]

_ESCAPE = regex(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c(.)|(.))",
    re.DOTALL,
)
_NAMED = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r"}
_NAMED.update({"t": "\t", "v": "\v"})
_NUMBER = regex(
    r"\s*(?:(0[xX][0-9A-Fa-f]+|[0-9]+)|\$?\{?([A-Za-z_][A-Za-z0-9_]*)\}?|(\*\*|[-+*/%()]))"
)


_SCRIPT_DIRECTORY = regex(
    r"\s*(?:cd\s+(?:-P\s+|--\s+)?[\"']?\$\(\s*)?dirname\s+(?:--\s+)?"
    r"(?:\"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\}|\{BASH_SOURCE(?:\[0\])?:-\$0\})\"?"
    r"|\"?\$\(\s*(?:readlink\s+-f|realpath)\s+(?:--\s+)?\"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})\"?\s*\)\"?)"
    r"(?:\s*\)[\"']?\s*(?:>\s*/dev/null(?:\s+2>&1)?\s*)?(?:&&|;)\s*pwd(?:\s+-[LP])?)?\s*$"
)


def is_own_directory(text: str) -> bool:
    """Return True if the text of a command substitution gives the script's own directory."""
    return _SCRIPT_DIRECTORY.match(text) is not None


def ANSI(text: str) -> str:  # noqa: N802
    """Return the characters that the inside of `$'...'` stands for."""

    def one(match: re.Match[str]) -> str:
        hexadecimal = match[1] or match[2] or match[3]
        if hexadecimal:
            code = int(hexadecimal, 16)
            return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else match[0]
        if match[4]:
            return chr(int(match[4], 8) & 0xFF)
        if match[5]:
            return chr(ord(match[5].upper()) & 0x1F)
        return _NAMED.get(match[6]) or (match[6] if match[6] in "\\'\"?" else match[0])

    return _ESCAPE.sub(one, text).split("\0", 1)[0]


def arithmetic(text: str, state: State) -> str | None:
    """Return the value of an expression of whole numbers, None if it is not known."""
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    if len(text) > 80:
        return None
    while at < len(text):
        match = _NUMBER.match(text, at)
        if not match:
            return None
        at = match.end()
        if match[2]:
            value = state.get(match[2])
            if not isinstance(value, Scalar) or any(bit.unresolved for bit in value.bits):
                return None
            digits = "".join(bit.value for bit in value.bits)
            if not re.fullmatch(r"[0-9]{1,15}", digits):
                return None
            tokens.append(digits)
        else:
            tokens.append((match[1] or match[3])[:20])
    try:
        number, rest = _sum(tokens, 0)
    except (ArithmeticError, ValueError, IndexError):
        return None
    return str(number) if rest == len(tokens) else None


def _sum(tokens: list[str], at: int) -> tuple[int, int]:
    left, at = _product(tokens, at)
    while at < len(tokens) and tokens[at] in "+-":
        right, stop = _product(tokens, at + 1)
        left = left + right if tokens[at] == "+" else left - right
        at = stop
    return left, at


def _product(tokens: list[str], at: int) -> tuple[int, int]:
    left, at = _atom(tokens, at)
    while at < len(tokens) and tokens[at] in ("*", "/", "%"):
        right, stop = _atom(tokens, at + 1)
        if tokens[at] == "*":
            left *= right
        else:
            # The shell truncates towards zero, Python rounds down.
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            left = quotient if tokens[at] == "/" else left - quotient * right
        at = stop
    return left, at


def _atom(tokens: list[str], at: int) -> tuple[int, int]:
    token = tokens[at]
    if token == "(":
        number, at = _sum(tokens, at + 1)
        if tokens[at] != ")":
            raise ValueError(token)
        return number, at + 1
    if token in ("-", "+"):
        number, at = _atom(tokens, at + 1)
        return (-number if token == "-" else number), at
    base = 16 if token[:2] in ("0x", "0X") else 8 if token[0] == "0" and len(token) > 1 else 10
    return int(token, base), at + 1


def transform(value: Scalar | Array, operator: str, operand: str | None) -> Scalar | Array | None:
    """Return what an operator makes of a value; None if that is not known."""
    if operand is None:
        return None
    if isinstance(value, Array):
        if operator == "length":
            if any(bit.unresolved for item in value.items for bit in item):
                return None
            return Scalar((Bit(str(len(value.items)), -1, -1),))
        if operator == ":":
            return _slice_list(value, operand)
        items: list[tuple[Bit, ...]] = []
        for item in value.items:
            changed = transform(Scalar(item), operator, operand)
            if not isinstance(changed, Scalar):
                return None
            items.append(changed.bits)
        return Array(tuple(items))
    if any(bit.unresolved for bit in value.bits):
        return None
    text = "".join(bit.value for bit in value.bits)
    result = _apply(text, operator, operand)
    if result is None:
        return None
    return Scalar((Bit(result, -1, -1, True),) if result else ())


def _slice_list(value: Array, operand: str) -> Array | None:
    match = re.fullmatch(r"\s*(\d{1,6})\s*(?::\s*(\d{1,6})\s*)?", operand)
    if not match or any(bit.unresolved and bit.unquoted for item in value.items for bit in item):
        return None
    start = int(match[1])
    return Array(value.items[start : start + int(match[2]) if match[2] else None])


def _apply(text: str, operator: str, operand: str) -> str | None:
    if operator == "length":
        return str(len(text))
    if operator == ":":
        match = re.fullmatch(r"\s*(\d{1,6}|\s-\d{1,6})\s*(?::\s*(-?\d{1,6})\s*)?", operand)
        if not match:
            return None
        start = int(match[1])
        start = start if start >= 0 else max(len(text) + start, 0)
        if match[2] is None:
            return text[start:]
        count = int(match[2])
        return text[start : start + count] if count >= 0 else text[start:count]
    if operator in ("^", "^^", ",", ",,"):
        if operand:
            return None
        change = str.upper if operator[0] == "^" else str.lower
        return change(text) if len(operator) == 2 else change(text[:1]) + text[1:]
    if operator in ("/", "//"):
        return _replace(text, operand, every=operator == "//")
    pattern = glob(operand)
    if pattern is None or len(text) > 2000:
        return None
    if operator in ("#", "##"):
        ends = range(len(text) + 1) if operator == "#" else range(len(text), -1, -1)
        for end in ends:
            if pattern.fullmatch(text, 0, end):
                return text[end:]
        return text
    if operator in ("%", "%%"):
        starts = range(len(text), -1, -1) if operator == "%" else range(len(text) + 1)
        for start in starts:
            if pattern.fullmatch(text, start):
                return text[:start]
        return text
    return None


def _replace(text: str, operand: str, *, every: bool) -> str | None:
    match = re.fullmatch(r"([#%]?)((?:\\.|[^/\\])*)(?:/(.*))?", operand, re.DOTALL)
    if not match:
        return None
    anchor, wanted, new = match[1], match[2], match[3] or ""
    pattern = glob(wanted)
    if pattern is None or (not wanted and not anchor) or len(text) > 2000:
        return None if wanted else text
    source = pattern.pattern
    source = (
        f"\\A(?:{source})" if anchor == "#" else f"(?:{source})\\Z" if anchor == "%" else source
    )
    return re.sub(source, lambda _: new, text, count=0 if every else 1, flags=re.DOTALL)


def glob(pattern: str) -> re.Pattern[str] | None:
    """Return a shell pattern as a regular expression, None if it is too intricate to follow."""
    if len(pattern) > 100 or pattern.count("*") > 3:
        return None
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(".")
        elif char == "[":
            match = re.compile(r"\[([!^]?)(\]?[^\]\[\\]*)\]").match(pattern, at - 1)
            if not match or not match[2] or ("-" in match[2].strip("-") and len(match[2]) < 3):
                return None
            parts.append(f"[{'^' if match[1] else ''}{_class(match[2])}]")
            at = match.end()
        elif char == "\\" and at < len(pattern):
            parts.append(re.escape(pattern[at]))
            at += 1
        else:
            parts.append(re.escape(char))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        return None


def _class(text: str) -> str:
    return "".join(char if char == "-" else re.escape(char) for char in text)
