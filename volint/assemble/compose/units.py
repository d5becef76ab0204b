"""Go's and Docker's readings of numbers, durations, sizes, ports and command lines.

Each returns None, or a reason as a clause, where the program would refuse the text.
Sources: Go strconv; docker/go-units; xhit/go-str2duration; docker/go-connections nat;
mattn/go-shellwords.
"""

from __future__ import annotations

import re

__all__ = [
    "is_duration",
    "parse_bool",
    "parse_bytes",
    "parse_float",
    "parse_int",
    "parse_octal",
    "parse_port",
    "split_words",
]

_FLOAT = (
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)\Z"
)
_DURATION = r"[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+)\Z"
_TRUE = frozenset({"true", "y", "yes", "on"})
_FALSE = frozenset({"false", "n", "no", "off"})
_POWERS = {"k": 10, "m": 20, "g": 30, "t": 40, "p": 50}
_LIMIT = 1 << 63


def parse_int(text: str) -> int | None:
    """Return a 64-bit decimal integer."""
    if not (text.isascii() and text[text[:1] in ("+", "-") :].isdigit()):
        return None
    number = int(text)
    return number if -_LIMIT <= number < _LIMIT else None


def parse_float(text: str) -> float | None:
    """Return a floating-point number."""
    if not re.match(_FLOAT, text, re.ASCII | re.IGNORECASE):
        return None
    return float.fromhex(text) if "x" in text.lower() else float(text)


def parse_bool(text: str) -> bool | None:
    """Return what Compose casts to a boolean: true, y, yes, on and their opposites in any case."""
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def parse_octal(text: str) -> int | None:
    """Return a file mode written in octal digits."""
    return int(text, 8) if re.match(r"[+-]?[0-7]+\Z", text) else None


def is_duration(text: str) -> bool:
    """Return whether a text is a duration such as '1m30s' or '2d'."""
    return bool(re.match(_DURATION, text, re.ASCII))


def parse_bytes(text: str) -> int | None:
    """Return bytes of a size such as '512m' or '1.5 GiB'; units are powers of 1024."""
    number = parse_int(text)
    if number is not None:
        return number
    digits, blank, unit = text.partition(" ")
    if not blank:
        found = re.match(r"(.*[0-9.])([^0-9.]*)\Z", text, re.DOTALL)
        if not found:
            return None
        digits, unit = found.groups()
    size = parse_float(digits)
    if size is None or size != size or size < 0:
        return None
    unit = unit.lower()
    if unit and unit != "b":
        power = _POWERS.get(unit[0])
        if power is None or unit[1:] not in ("", "b", "ib"):
            return None
        size *= 1 << power
    return int(size) if size < _LIMIT else _LIMIT - 1


def _port_range(text: str) -> tuple[int, int] | None:
    first, dash, last = text.partition("-")
    start = parse_int(first)
    if start is None or not 0 <= start <= 65535:
        return None
    if not dash or first == last:
        return start, start
    end = parse_int(last)
    if end is None or not 0 <= end <= 65535 or end < start:
        return None
    return start, end


def is_ip(text: str) -> bool:
    """Return whether a text is an IPv4 or IPv6 address, without a zone."""
    from ipaddress import ip_address

    try:
        return "%" not in text and bool(ip_address(text))
    except ValueError:
        return False


def parse_port(text: str) -> str:
    """Return why a port in short syntax is refused, '' if it is fine."""
    parts = text.split(":")
    container = parts[-1]
    host = parts[-2] if len(parts) > 1 else ""
    address = ":".join(parts[:-2])
    port, _, protocol = container.partition("/")
    if not port:
        return "it names no container port"
    if (protocol or "tcp").lower() not in ("tcp", "udp", "sctp"):
        return f"'{protocol}' is no protocol that Docker forwards"
    if address.startswith("["):
        address = address[1:-1] if address.endswith("]") else "["
    if address and not is_ip(address):
        return f"'{address}' is no IP address"
    inside = _port_range(port)
    if inside is None:
        return f"'{port}' is no port from 0 to 65535 and no range of them"
    if host:
        outside = _port_range(host)
        if outside is None:
            return f"'{host}' is no port from 0 to 65535 and no range of them"
        if inside[0] != inside[1] and inside[1] - inside[0] != outside[1] - outside[0]:
            return f"'{host}' and '{port}' are ranges of different length"
    return ""


def split_words(line: str) -> list[tuple[str, int, int]] | None:
    """Split a command line as Compose does: (word, start, end); None if a quote or group is open.

    A ';', '&', '|', '<' or '>' outside of quotes ends the line; all behind it is lost.
    """
    words: list[tuple[str, int, int]] = []
    word = ""
    started: int | None = None
    escaped = double = single = back = dollar = False
    at = 0
    for at, char in enumerate(line):
        if escaped:
            word += char
            escaped = False
            continue
        if char == "\\" and not single:
            escaped = True
            if started is None:
                started = at
            continue
        if char in " \t\r\n":
            if single or double or back or dollar:
                word += char
            elif started is not None:
                words.append((word, started, at))
                word, started = "", None
            continue
        if char == "`" and not (single or double or dollar):
            back = not back
        elif char == ")" and not (single or double or back):
            dollar = not dollar
        elif char == "(" and not (single or double or back):
            if dollar or not word.endswith("$"):
                return None
            dollar = True
        elif char == '"' and not (single or dollar):
            double = not double
            if started is None:
                started = at
            continue
        elif char == "'" and not (double or dollar):
            single = not single
            if started is None:
                started = at
            continue
        elif char in ";&|<>" and not (single or double or back or dollar):
            if char == ">" and word[:1].isdigit():
                word, started = "", None
            break
        word += char
        if started is None:
            started = at
    else:
        at = len(line)
    if started is not None:
        words.append((word, started, at))
    if escaped or single or double or back or dollar:
        return None
    return words
