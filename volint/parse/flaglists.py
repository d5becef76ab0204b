"""What docker refuses of --network and --gpus, whose values are lists of KEY=VALUE.

Source: docker CLI 28.2 and 29.7, opts/network.go and opts/gpus.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.mountflag import csv_records
from volint.parse.mountspec import Complaint

if TYPE_CHECKING:
    from volint.parse.flagtypes import Reason

__all__ = ["gpus_problem", "network_problem"]

_NETWORK_KEYS = (
    "name",
    "alias",
    "ip",
    "ip6",
    "mac-address",
    "link-local-ip",
    "driver-opt",
    "gw-priority",
)
_GPU_KEYS = ("driver", "count", "device", "capabilities", "options")
_NUMBER = r"[+-]?[0-9]+"


def _fields(value: str) -> list[str] | None:
    """Return the fields of the first record; None if it is no CSV."""
    records = csv_records(value)
    if isinstance(records, Complaint) or not records:
        return None
    return [field.text for field in records[0]]


def network_problem(value: str) -> Reason | None:
    """Return why docker refuses a value of --network."""
    if not value:
        return "'--network' names no network", "write the network's name"
    if not re.search(r"(?a)\w=\w", value):
        return None
    advice = "write NETWORK, or name=NETWORK,alias=NAME"
    fields = _fields(value)
    if fields is None:
        return f"'{value}' is no network", advice
    name = ""
    for field in fields:
        key, equals, given = (part.strip() for part in field.partition("="))
        key = key.lower()
        if not equals or key not in _NETWORK_KEYS:
            return f"'{field}' is no option of '--network'", advice
        if key == "name":
            name = given
        elif key == "gw-priority" and not re.fullmatch(_NUMBER, given):
            return f"'{given}' is no priority", "write a number"
        elif key == "driver-opt" and not given.partition("=")[1]:
            return f"'{given}' is no option of a driver", "write driver-opt=NAME=VALUE"
        elif key == "mac-address" and given and not _is_mac(given):
            return f"'{given}' is no MAC address", "write for example 02:42:ac:11:00:02"
    return None if name else (f"'{value}' names no network", "add 'name='")


def _is_mac(text: str) -> bool:
    """Return whether Go's net.ParseMAC takes a text: 6, 8 or 20 bytes."""
    pairs = re.fullmatch(r"(?i)[0-9a-f]{2}(?:([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2})*)", text)
    fours = re.fullmatch(r"(?i)[0-9a-f]{4}(?:\.[0-9a-f]{4})+", text)
    size = (len(text) + 1) // 3 if pairs else (len(text) + 1) // 5 * 2 if fours else 0
    return size in (6, 8, 20)


def gpus_problem(value: str) -> Reason | None:
    """Return why docker refuses a value of --gpus."""
    advice = "write 'all', a number, or '\"device=0,1\"' with the quotes"
    fields = _fields(value)
    if fields is None:
        return f"'{value}' is no request for GPUs", advice
    seen: set[str] = set()
    for field in fields:
        key, equals, given = field.partition("=")
        if key in seen:
            return f"'{key}' is given a second time in '--gpus'", advice
        seen.add(key)
        if not equals:
            seen.add("count")
        elif key not in _GPU_KEYS:
            return f"'{key}' is no option of '--gpus'", advice
        count = given if key == "count" else "all" if equals else key
        if count != "all" and not re.fullmatch(_NUMBER, count):
            return f"'{count}' is no number of GPUs", advice
        if key == "options" and _fields(given) is None:
            return f"'{given}' is no list of options", advice
    return None
