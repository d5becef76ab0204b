"""What a client sets: options of the command line by names as editors write them, and a few of the server's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.mistakes import did_you_mean
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SECTION", "ClientSettings", "read_settings"]

SECTION = "volint"
"""What the settings are called in an editor's configuration."""

_WORDS = {
    "config": "--config",
    "persona": "--persona",
    "minLevel": "--min-level",
    "minConfidence": "--min-confidence",
    "environment": "--environment",
    "baseline": "--baseline",
}
_LISTS = {
    "select": "--select",
    "extendSelect": "--extend-select",
    "ignore": "--ignore",
    "exclude": "--exclude",
}
_OWN = ("args", "openFilesOnly", "ignoreReason")


class ClientSettings(NamedTuple):
    """The settings of one client."""

    args: tuple[str, ...] = ()
    """Options of `volint check`."""
    open_files_only: bool = False
    """True to show nothing of files that are not open."""
    ignore_reason: str = "<reason>"
    """What an ignore comment says until somebody writes a reason."""


def read_settings(*given: object) -> tuple[ClientSettings, list[str]]:
    """Return the settings that several objects of a client give, later ones over earlier, and what is wrong.

    Each is the section itself or holds it under 'volint'; null and what is no object count as empty.
    """
    merged: dict[str, Any] = {}
    for each in given:
        merged.update(_section(each))
    args: list[str] = []
    wrong: list[str] = []
    for name, value in merged.items():
        if value is None:
            continue
        if name in _WORDS:
            if isinstance(value, str):
                args += (_WORDS[name], value) if value else ()
            else:
                wrong.append(f"the setting 'volint.{name}' is no string; write it between quotes")
        elif name in _LISTS or name == "args":
            if isinstance(value, str) or not _all_strings(value):
                wrong.append(
                    f"the setting 'volint.{name}' is no list of strings; write it between brackets"
                )
            elif name == "args":
                args += value
            else:
                for word in value:
                    args += (_LISTS[name], word)
        elif name == "openFilesOnly":
            if not isinstance(value, bool):
                wrong.append(
                    f"the setting 'volint.{name}' is neither true nor false; write one of them"
                )
        elif name == "ignoreReason":
            if not isinstance(value, str) or not value.isprintable() or "--" in value:
                wrong.append(
                    f"the setting 'volint.{name}' is no reason; write one line without '--'"
                )
        else:
            known = (*_WORDS, *_LISTS, *_OWN)
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            wrong.append(f"there is no setting 'volint.{name}'{hint}")
    if wrong:
        return ClientSettings(), wrong
    reason = (merged.get("ignoreReason") or "").strip()
    defaults = ClientSettings()
    return (
        ClientSettings(
            tuple(args), bool(merged.get("openFilesOnly")), reason or defaults.ignore_reason
        ),
        [],
    )


def _section(given: object) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        return {}
    inner = given.get(SECTION)
    return inner if isinstance(inner, dict) else given


def _all_strings(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value)
